#include "vault/ceremony/content.h"

#include <algorithm>
#include <map>

#include "pki/status/revocation_list_writer.h"
#include "vault/server/memory_key.h"

namespace kyso::vault::ceremony {
namespace {

using pki::issue::CertificateProfile;
using pki::issue::Linted;
using pki::issue::ToBeSigned;

constexpr int kPreviewBits = 3072;

// For looking on, a shorter RSA key is as good and made in a moment.
std::string preview_kind(token::NewKey kind) {
  return std::string(token::name_of(kind == token::NewKey::rsa_4096 ? token::NewKey::rsa_3072 : kind));
}

Result<> check_length(const CertificateProfile& profile, token::NewKey kind) {
  const int bits = kind == token::NewKey::rsa_2048 ? 2048 : kind == token::NewKey::rsa_3072 ? 3072 : 4096;
  if (type_of(kind) == crypto::KeyType::rsa && bits < profile.min_rsa_bits)
    return fail("issue.key.weak").with("reason", fmt::format("RSA < {}", profile.min_rsa_bits));
  return {};
}

}  // namespace

pki::issue::IssuerSettings issuer_settings(const Plan& plan, const PlannedCertificate& planned,
                                           const crypto::Certificate& certificate) {
  const Publication& publication = plan.publication_of(planned.issuer);
  return {.name = planned.issuer,
          .certificate = pki::ParsedCertificate(certificate),
          .scheme = plan.scheme_of(planned.issuer),
          .ocsp_urls = publication.ocsp_urls,
          .ca_issuer_urls = publication.ca_issuer_urls,
          .crl_urls = publication.crl_urls,
          .crl_shards = publication.crl_shards};
}

Result<Linted> prepare(const PlannedCertificate& planned, const pki::issue::IssuerSettings* issuer, const Bytes& pkcs10,
                       ByteView serial, Instant now) {
  const pki::issue::CertificateRequest request{.reference = planned.key,
                                               .profile = planned.profile.name,
                                               .subject = planned.subject,
                                               .alternative_names = planned.alternative_names,
                                               .pkcs10 = pkcs10,
                                               .not_before = planned.not_before,
                                               .not_after = planned.not_after,
                                               .replaces_serial = std::nullopt};
  if (issuer == nullptr) {
    ToBeSigned content = KYSO_TRY(ToBeSigned::build_self_signed(planned.profile, request, planned.scheme, serial, now));
    return Linted::lint(std::move(content), planned.profile, nullptr);
  }
  ToBeSigned content = KYSO_TRY(ToBeSigned::build(planned.profile, *issuer, request, serial, now));
  return Linted::lint(std::move(content), planned.profile, &issuer->certificate);
}

Result<Bytes> list_content(const Plan& plan, const PlannedList& planned, const crypto::Certificate& issuer,
                           Instant now) {
  if (issuer.not_after() <= now) return fail("issue.validity").with("reason", "notAfter: CA");
  pki::status::ListDescription list;
  list.issuer_name.assign(issuer.subject_der().begin(), issuer.subject_der().end());
  list.issuer_key_id.assign(issuer.subject_key_id().begin(), issuer.subject_key_id().end());
  list.scheme = plan.scheme_of(planned.issuer);
  list.this_update = now;
  list.next_update = std::min(now + planned.valid_for, issuer.not_after());
  list.number = planned.number;
  pki::status::EntryStore entries;
  for (const pki::status::RevokedEntry& entry : planned.kept) entries.put(entry);
  for (const PlannedRevocation& each : planned.revoked) {
    const ByteView serial = each.certificate.serial();
    entries.put({Bytes(serial.begin(), serial.end()), each.date.value_or(now), each.reason, each.invalid_since});
  }
  Bytes out;
  KYSO_TRY(pki::status::write_list(list, entries, [&](ByteView piece) -> Result<> {
    append(out, piece);
    return {};
  }));
  return out;
}

Result<std::vector<Preview>> preview(const Plan& plan, Instant now) {
  std::map<std::string, std::unique_ptr<crypto::KeyHolder>> keys;
  std::map<std::string, crypto::Certificate> made;
  // In place of a root that isn't here: only its signature will be another one.
  for (const EarlierRoot& root : plan.roots) {
    const bool is_rsa = root.scheme.key == crypto::KeyType::rsa;
    keys.emplace(root.key.name, KYSO_TRY(make_memory_key(is_rsa                                        ? "rsa:3072"
                                                         : root.scheme.key == crypto::KeyType::ec_p384 ? "ec:p384"
                                                                                                       : "ec:p256")));
    made.emplace(root.key.name, root.certificate);
  }
  std::vector<Preview> out;
  for (const PlannedCertificate& planned : plan.certificates) {
    const PlannedKey& key = plan.key_named(planned.key);
    KYSO_TRY(check_length(planned.profile, key.kind));
    auto holder = KYSO_TRY(make_memory_key(preview_kind(key.kind)));
    const crypto::PublicKey public_key = holder->certificate().public_key();
    const Bytes request = KYSO_TRY(pki::issue::make_certification_request(public_key, planned.scheme, *holder));
    keys.emplace(planned.key, std::move(holder));
    PlannedCertificate shown = planned;
    shown.profile.min_rsa_bits = std::min(shown.profile.min_rsa_bits, kPreviewBits);
    const bool is_root = planned.issuer == planned.key;
    std::optional<pki::issue::IssuerSettings> issuer;
    if (!is_root) issuer = issuer_settings(plan, planned, made.at(planned.issuer));
    Linted linted =
        KYSO_TRY(prepare(shown, issuer ? &*issuer : nullptr, request, pki::issue::draw_serial(plan.instance), now));
    std::vector<std::string> warnings;
    for (const pki::lint::Breach& breach : linted.warnings()) warnings.emplace_back(breach.rule->id);
    crypto::KeyHolder& signer = *keys.at(planned.issuer);
    const crypto::Certificate certificate =
        KYSO_TRY(pki::issue::sign(std::move(linted), signer, signer.certificate().public_key()));
    made.emplace(planned.key, certificate);
    out.push_back({&planned, certificate, std::move(warnings)});
  }
  return out;
}

}  // namespace kyso::vault::ceremony

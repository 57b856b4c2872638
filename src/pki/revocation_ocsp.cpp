#include <algorithm>

#include "pki/revocation_search.h"

namespace kyso::pki {
namespace {

constexpr std::string_view kOcspSigning = "1.3.6.1.5.5.7.3.9";

// What decides when one response tells several things about one certificate: the worst, then the newest.
auto weight(const SingleResponse& single) {
  const int gravity = single.status == CertificateStatus::revoked ? 2 : single.status == CertificateStatus::unknown;
  return std::tuple(gravity, single.this_update);
}

Bytes key_hash(const ParsedCertificate& certificate) {
  return crypto::digest(crypto::DigestAlgorithm::sha1, public_key_bits(certificate.certificate().public_key().spki()));
}

}  // namespace

void RevocationSearch::ask_responses() {
  for (std::size_t i = 0; i < m_evidence.responses.size(); ++i) ask_response(i);
}

void RevocationSearch::ask_response(std::size_t index) {
  const OcspResponse::State& response = m_evidence.responses[index].state();
  const SingleResponse* single = find_single(response);
  if (single == nullptr) return ignore("pki.ocsp.certificate_id", Source::ocsp, index, Severity::note);
  const std::string& unknown = response.unknown_critical.empty() ? single->unknown_critical : response.unknown_critical;
  if (!unknown.empty()) {
    Finding finding("pki.ocsp.critical_extension", Severity::warning);
    return ignore(std::move(finding.with("oid", unknown)), Source::ocsp, index);
  }
  if (is_from_later(single->this_update) || is_from_later(response.produced_at))
    return ignore("pki.revocation.not_yet_valid", Source::ocsp, index);
  // RFC 6960 section 4.4.4: a certificate that expired before the cut-off may be forgotten there.
  if (single->status != CertificateStatus::revoked && single->archive_cutoff &&
      *single->archive_cutoff > m_subject.certificate().not_after())
    return ignore("pki.ocsp.archive_cutoff", Source::ocsp, index);
  const std::optional<Signer> signer = find_responder(index);
  if (!signer || is_too_weak(*signer, Source::ocsp, index)) return;

  RevocationAnswer answer = begin_answer(*signer, Source::ocsp, index);
  answer.status = single->status;
  answer.this_update = single->this_update;
  answer.next_update = single->next_update;
  answer.produced_at = response.produced_at;
  answer.revoked_at = single->revoked_at;
  answer.reason = single->reason;
  answer.archive_cutoff = single->archive_cutoff;
  m_report.answers.push_back(std::move(answer));
}

// By the whole CertID, never by the serial number alone.
bool RevocationSearch::is_about_subject(const SingleResponse& single) {
  if (!single.digest) return false;
  auto [place, is_new] = m_issuer_hashes.try_emplace(*single.digest);
  auto& [name, name_of_issuer, key] = place->second;
  if (is_new) {
    name = crypto::digest(*single.digest, m_subject.certificate().issuer_der());
    // The issuer may spell its own name in other string types than the certificates that it issues.
    name_of_issuer = crypto::digest(*single.digest, m_issuer.certificate().subject_der());
    key = crypto::digest(*single.digest, public_key_bits(m_issuer.certificate().public_key().spki()));
  }
  return std::ranges::equal(single.issuer_key_hash, key) &&
         (std::ranges::equal(single.issuer_name_hash, name) ||
          std::ranges::equal(single.issuer_name_hash, name_of_issuer));
}

const SingleResponse* RevocationSearch::find_single(const OcspResponse::State& response) {
  const ByteView serial = minimal_integer(m_subject.certificate().serial());
  const auto less = [](ByteView a, ByteView b) { return std::ranges::lexicographical_compare(a, b); };
  const SingleResponse* out = nullptr;
  for (const SingleResponse& single : std::ranges::equal_range(response.answers, serial, less, &SingleResponse::serial))
    if (is_about_subject(single) && (out == nullptr || weight(single) > weight(*out))) out = &single;
  return out;
}

bool RevocationSearch::is_responder(const ParsedCertificate& certificate, const OcspResponse::State& response) const {
  if (!response.responder_name.empty())
    return std::ranges::equal(certificate.normalised_subject(), response.normalised_responder_name);
  return std::ranges::equal(key_hash(certificate), response.responder_key_hash);
}

// Some may stand twice there; what was verified once is remembered.
std::vector<ParsedCertificate> RevocationSearch::responder_candidates(const OcspResponse::State& response) const {
  std::vector<ParsedCertificate> out;
  const auto add = [&](const ParsedCertificate& certificate) {
    if (is_responder(certificate, response)) out.push_back(certificate);
  };
  std::ranges::for_each(response.certificates, add);
  if (response.responder_name.empty()) {
    std::ranges::for_each(m_pool.with_subject_key_id(response.responder_key_hash), add);
    std::ranges::for_each(m_trust.intermediates(), add);
  } else {
    std::ranges::for_each(known_with_subject(response.responder_name, response.normalised_responder_name), add);
  }
  return out;
}

// RFC 6960 section 4.2.2.2: certified for this by the issuer itself, with the key that signed the certificate asked
// about. No other kind of trust in a responder is known here.
bool RevocationSearch::is_delegate(const ParsedCertificate& certificate) {
  const auto& usage = certificate.certificate().extended_key_usage();
  if (std::ranges::find(usage, kOcspSigning) == usage.end()) return false;
  if (!std::ranges::equal(certificate.normalised_issuer(), m_issuer.normalised_subject())) return false;
  return spend_signature() && certificate.certificate().verify_signature(m_issuer_key);
}

std::optional<RevocationSearch::Signer> RevocationSearch::find_responder(std::size_t index) {
  const OcspResponse::State& response = m_evidence.responses[index].state();
  const bool is_issuer = is_responder(m_issuer, response);
  if (is_issuer)
    if (const auto scheme = verify(response.signatures, response.signed_block, m_issuer_key))
      return Signer{*scheme, m_issuer_key, std::nullopt};
  if (is_budget_spent()) return std::nullopt;
  bool has_signer = false;
  bool has_delegate = false;
  const std::vector<ParsedCertificate> candidates = responder_candidates(response);
  for (const ParsedCertificate& candidate : candidates) {
    const crypto::PublicKey key = candidate.certificate().public_key().with_inherited_parameters(m_issuer_key);
    const auto scheme = verify(response.signatures, response.signed_block, key);
    if (!scheme) continue;
    has_signer = true;
    if (!is_delegate(candidate)) continue;
    has_delegate = true;
    if (const std::optional<Path>& path = path_of(candidate, Purpose::ocsp_signing)) return Signer{*scheme, key, path};
  }
  ignore(has_delegate                                       ? "pki.revocation.signer"
         : has_signer || (candidates.empty() && !is_issuer) ? "pki.ocsp.responder"
                                                            : "pki.ocsp.signature",
         Source::ocsp, index);
  return std::nullopt;
}

}  // namespace kyso::pki

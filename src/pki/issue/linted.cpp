#include <fmt/format.h>

#include <algorithm>

#include "crypto/algorithm_identifier.h"
#include "crypto/der.h"
#include "pki/issue/issue.h"
#include "pki/issue/throw_away_key.h"

namespace kyso::pki::issue {
namespace {

namespace der = crypto::der;

Bytes assemble(ByteView tbs, crypto::SignatureScheme scheme, ByteView signature) {
  return der::sequence(tbs, crypto::encode_x509_signature_algorithm(scheme),
                       der::encode(der::kBitString, der::concat(Bytes{0}, signature)));
}

// The breaches that remain, or the error that names those that forbid signing.
Result<std::vector<lint::Breach>> judge(ByteView certificate, const CertificateProfile& profile,
                                        const ParsedCertificate* issuer) {
  std::vector<lint::Breach> breaches = lint::check(certificate, {.issuer = issuer});
  std::erase_if(breaches, [&](const lint::Breach& breach) {
    return std::ranges::find(profile.ignored_lints, breach.rule->id) != profile.ignored_lints.end();
  });
  if (!lint::has_errors(breaches)) return breaches;
  std::string ids;
  std::string details;
  for (const lint::Breach& breach : breaches) {
    if (breach.rule->weight != lint::Weight::error) continue;
    ids.append(ids.empty() ? "" : ", ").append(breach.rule->id);
    details.append(fmt::format("{} ({}): {}; ", breach.rule->id, breach.rule->source, breach.detail));
  }
  return fail("issue.lint", "{}", details).with("rules", ids);
}

}  // namespace

Result<Linted> Linted::lint(ToBeSigned content, const CertificateProfile& profile, const ParsedCertificate* issuer) {
  const ThrowAwayKey* key = KYSO_TRY(ThrowAwayKey::of(content.scheme(), content.key_bits()));
  Linted out;
  out.m_scheme = content.scheme();
  out.m_tbs.assign(content.der().begin(), content.der().end());
  out.m_certificate = assemble(out.m_tbs, out.m_scheme, key->sign(out.m_scheme, out.m_tbs));
  out.m_warnings = KYSO_TRY(judge(out.m_certificate, profile, issuer));
  return out;
}

Result<Linted> Linted::restore(ByteView linting_certificate, const CertificateProfile& profile,
                               const ParsedCertificate* issuer) {
  const crypto::Certificate parsed = KYSO_TRY(crypto::Certificate::from_der(linting_certificate));
  const crypto::PublicKey& key = issuer != nullptr ? issuer->certificate().public_key() : parsed.public_key();
  Linted out;
  out.m_scheme = KYSO_TRY(parsed.signature_scheme(key.type()));
  out.m_tbs.assign(parsed.tbs().begin(), parsed.tbs().end());
  // Nothing but the content, its algorithm and a signature: what is linted is what will be assembled.
  if (!std::ranges::equal(assemble(out.m_tbs, out.m_scheme, parsed.signature()), linting_certificate))
    return fail("crypto.certificate.malformed", "not the linting certificate as it was made");
  out.m_certificate.assign(linting_certificate.begin(), linting_certificate.end());
  out.m_warnings = KYSO_TRY(judge(out.m_certificate, profile, issuer));
  return out;
}

Result<crypto::Certificate> sign(Linted linted, crypto::KeyHolder& issuer, const crypto::PublicKey& issuer_key) {
  const crypto::SignatureScheme scheme = linted.scheme();
  const Bytes digest = crypto::digest(scheme.digest, linted.tbs());
  const Bytes signature =
      KYSO_TRY(issuer.sign({.scheme = scheme, .digest = digest, .message = linted.tbs(), .shown_text = {}}));
  const Bytes der = assemble(linted.tbs(), scheme, signature);
  const auto certificate = crypto::Certificate::from_der(der);
  if (!certificate || !std::ranges::equal(certificate->tbs(), linted.tbs()) ||
      !issuer_key.verify(scheme, digest, linted.tbs(), signature))
    return fail("issue.mismatch", "{} bytes of content", linted.tbs().size());
  return *certificate;
}

}  // namespace kyso::pki::issue

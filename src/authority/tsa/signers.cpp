#include "authority/tsa/signers.h"

#include <algorithm>
#include <tuple>

#include "crypto/der.h"

namespace kyso::authority::tsa {
namespace {

namespace der = crypto::der;

constexpr std::string_view kPrivateKeyUsagePeriod = "2.5.29.16";
constexpr std::string_view kTimeStamping = "1.3.6.1.5.5.7.3.8";

// PrivateKeyUsagePeriod (RFC 5280, formerly section 4.2.1.4 of RFC 3280). EN 319 422 section 6: the key is used for a
// shorter time than its certificate is valid, so that tokens can be checked for years.
Result<> narrow(ByteView extension, Instant& from, Instant& until) {
  der::Reader outer(extension);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(outer.finish());
  const auto time_of = [](ByteView content) {
    return der::read_time(der::Element{.tag = der::kGeneralizedTime, .content = content, .whole = {}});
  };
  if (const auto begin = KYSO_TRY(fields.maybe(der::context(0, false))))
    from = std::max(from, KYSO_TRY(time_of(begin->content)));
  if (const auto end = KYSO_TRY(fields.maybe(der::context(1, false))))
    until = std::min(until, KYSO_TRY(time_of(end->content)));
  return fields.finish();
}

std::string fault_of(const vault::Signer& signer) {
  if (signer.purpose != vault::KeyPurpose::time_stamp) return "another purpose";
  if (!signer.is_available) return "the token does not answer";
  const auto& usage = signer.certificate.extended_key_usage();
  if (usage.size() != 1 || usage.front() != kTimeStamping || !signer.certificate.extended_key_usage_is_critical())
    return "its certificate is not for time-stamping alone";
  if (!crypto::is_for_signing(signer.scheme) || !signer.certificate.public_key().allows(signer.scheme))
    return "its algorithm";
  return {};
}

}  // namespace

std::vector<std::shared_ptr<const ActiveSigner>> usable_signers(const std::vector<vault::Signer>& all,
                                                                const SignerRules& rules,
                                                                std::vector<std::string>& reasons) {
  std::vector<std::shared_ptr<const ActiveSigner>> usable;
  for (const vault::Signer& signer : all) {
    if (!rules.name.empty() && signer.name != rules.name) continue;
    std::string fault = fault_of(signer);
    Instant from = signer.certificate.not_before(), until = signer.certificate.not_after();
    for (const crypto::CertificateExtension& extension : signer.certificate.extensions())
      if (extension.oid == kPrivateKeyUsagePeriod && !narrow(extension.value, from, until))
        fault = "its privateKeyUsagePeriod cannot be read";
    if (!fault.empty()) {
      if (signer.purpose == vault::KeyPurpose::time_stamp) reasons.push_back(fmt::format("{}: {}", signer.name, fault));
      continue;
    }
    std::vector<crypto::Certificate> chain;
    for (const crypto::Certificate& issuer : signer.chain)
      if (rules.sends_root || !issuer.is_self_issued()) chain.push_back(issuer);
    usable.push_back(std::make_shared<const ActiveSigner>(
        ActiveSigner{.name = signer.name,
                     .writer = TokenWriter(signer.certificate, chain, signer.scheme, rules.has_name),
                     .from = from,
                     .until = until}));
  }
  std::ranges::sort(usable, std::ranges::greater(),
                    [](const auto& signer) { return std::tie(signer->from, signer->name); });
  return usable;
}

std::shared_ptr<const ActiveSigner> signer_at(const std::vector<std::shared_ptr<const ActiveSigner>>& signers,
                                              Instant now) {
  for (const auto& signer : signers)
    if (signer->from <= now && now <= signer->until) return signer;
  return nullptr;
}

}  // namespace kyso::authority::tsa

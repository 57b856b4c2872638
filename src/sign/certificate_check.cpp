#include <algorithm>
#include <array>

#include "sign/prepare.h"

namespace kyso::sign {
namespace {

// Extended key usages under which people and organisations sign documents. A certificate that has the extension but
// none of these was made for something else (RFC 5280 section 4.2.1.12).
constexpr std::array<std::string_view, 6> kSigningUsages = {
    "2.5.29.37.0",              // anyExtendedKeyUsage
    "1.3.6.1.5.5.7.3.2",        // clientAuth: personal certificates of the government CAs
    "1.3.6.1.5.5.7.3.4",        // emailProtection
    "1.3.6.1.5.5.7.3.36",       // documentSigning (RFC 9336)
    "1.2.840.113583.1.1.5",     // PDF signing
    "1.3.6.1.4.1.311.10.3.12",  // document signing of an office suite
};

bool is_usable_for_signing(const crypto::Certificate& certificate) {
  if (certificate.is_ca()) return false;
  if (!certificate.allows(crypto::KeyUsage::digital_signature) &&
      !certificate.allows(crypto::KeyUsage::non_repudiation))
    return false;
  const auto& usages = certificate.extended_key_usage();
  return usages.empty() || std::ranges::any_of(usages, [](const std::string& usage) {
           return std::ranges::find(kSigningUsages, usage) != kSigningUsages.end();
         });
}

}  // namespace

// TT 15/2025/TT-BKHCN, function 1: sign only with a certificate that is valid at the time of signing.
Result<> check_certificate(const crypto::Certificate& certificate, Instant now) {
  if (now > certificate.not_after())
    return fail("sign.certificate.expired")
        .with("subject", certificate.common_name())
        .with("not_after", display_vietnam(certificate.not_after()));
  if (now < certificate.not_before())
    return fail("sign.certificate.not_yet_valid")
        .with("subject", certificate.common_name())
        .with("not_before", display_vietnam(certificate.not_before()));
  if (!is_usable_for_signing(certificate))
    return fail("sign.certificate.not_for_signing").with("subject", certificate.common_name());
  return {};
}

}  // namespace kyso::sign

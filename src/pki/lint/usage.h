#pragma once
#include <cstdint>

// Private to the module: KeyUsage, bit n of RFC 5280 section 4.2.1.3 = 1 << n.
namespace kyso::pki::lint::usage {

inline constexpr std::uint16_t kDigitalSignature = 1U << 0U, kNonRepudiation = 1U << 1U, kKeyEncipherment = 1U << 2U,
                               kDataEncipherment = 1U << 3U, kKeyAgreement = 1U << 4U, kCertSign = 1U << 5U,
                               kCrlSign = 1U << 6U, kEncipherOnly = 1U << 7U, kDecipherOnly = 1U << 8U;

}  // namespace kyso::pki::lint::usage

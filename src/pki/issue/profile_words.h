#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

// Private to the module: the words of profile files.
namespace kyso::pki::issue {

struct UsageWord {
  std::string_view word;
  std::uint16_t bit;
};
inline constexpr std::array<UsageWord, 9> kUsageWords{{{"digitalSignature", 1U << 0U},
                                                       {"nonRepudiation", 1U << 1U},
                                                       {"keyEncipherment", 1U << 2U},
                                                       {"dataEncipherment", 1U << 3U},
                                                       {"keyAgreement", 1U << 4U},
                                                       {"keyCertSign", 1U << 5U},
                                                       {"cRLSign", 1U << 6U},
                                                       {"encipherOnly", 1U << 7U},
                                                       {"decipherOnly", 1U << 8U}}};
inline constexpr std::uint16_t kCertSign = 1U << 5U, kCrlSign = 1U << 6U;

struct OidWord {
  std::string_view word, oid;
};
inline constexpr std::string_view kServerAuth = "1.3.6.1.5.5.7.3.1", kTimeStamping = "1.3.6.1.5.5.7.3.8",
                                  kOcspSigning = "1.3.6.1.5.5.7.3.9", kAnyUsage = "2.5.29.37.0";
inline constexpr std::array<OidWord, 9> kPurposeWords{{{"serverAuth", kServerAuth},
                                                       {"clientAuth", "1.3.6.1.5.5.7.3.2"},
                                                       {"codeSigning", "1.3.6.1.5.5.7.3.3"},
                                                       {"emailProtection", "1.3.6.1.5.5.7.3.4"},
                                                       {"timeStamping", kTimeStamping},
                                                       {"OCSPSigning", kOcspSigning},
                                                       {"documentSigning", "1.3.6.1.5.5.7.3.36"},  // RFC 9336
                                                       {"msDocumentSigning", "1.3.6.1.4.1.311.10.3.12"},
                                                       {"msSmartcardLogon", "1.3.6.1.4.1.311.20.2.2"}}};
// EN 319 412-5 section 4.2.3.
inline constexpr std::array<OidWord, 3> kQcTypeWords{
    {{"esign", "0.4.0.1862.1.6.1"}, {"eseal", "0.4.0.1862.1.6.2"}, {"web", "0.4.0.1862.1.6.3"}}};
// EN 319 412-1 section 5.1.
inline constexpr std::array<OidWord, 2> kSemanticsWords{
    {{"natural", "0.4.0.194121.1.1"}, {"legal", "0.4.0.194121.1.2"}}};

inline constexpr std::array<std::string_view, 12> kProfileKinds{"person", "organisation", "device", "service",
                                                                "server", "software",     "ocsp",   "tsa",
                                                                "log",    "officer",      "sub-ca", "root"};

template <std::size_t N>
std::string_view oid_of(const std::array<OidWord, N>& words, std::string_view word) {
  const auto* const row = std::ranges::find(words, word, &OidWord::word);
  return row == words.end() ? std::string_view() : row->oid;
}
template <std::size_t N>
std::string all_words(const std::array<OidWord, N>& words) {
  std::string out;
  for (const OidWord& row : words) out.append(out.empty() ? "" : ", ").append(row.word);
  return out;
}

}  // namespace kyso::pki::issue

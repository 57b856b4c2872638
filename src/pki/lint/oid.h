#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"

// Private to the module: object identifiers as the octets that stand in a certificate, computed by the compiler.
namespace kyso::pki::lint {

struct Oid {
  std::array<std::uint8_t, 16> octets{};
  std::size_t size = 0;

  template <std::size_t N>
  consteval Oid(const char (&literal)[N]) {  // NOLINT(google-explicit-constructor): a literal is an identifier
    std::string_view dotted(literal, N - 1);
    std::uint64_t first = 0;
    for (int index = 0; !dotted.empty(); ++index) {
      std::uint64_t arc = 0;
      while (!dotted.empty() && dotted.front() != '.') {
        arc = arc * 10 + static_cast<std::uint64_t>(dotted.front() - '0');
        dotted.remove_prefix(1);
      }
      if (!dotted.empty()) dotted.remove_prefix(1);
      if (index == 0) first = arc;
      if (index == 1) append(first * 40 + arc);
      if (index > 1) append(arc);
    }
  }
  constexpr ByteView view() const { return {octets.data(), size}; }
  // Of the branch below `this`.
  bool is_above(ByteView oid) const {
    return oid.size() > size &&
           std::equal(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size), oid.begin());
  }

 private:
  consteval void append(std::uint64_t arc) {
    std::size_t digits = 1;
    while (arc >> (7 * digits) != 0) ++digits;
    while (digits-- > 0)
      octets[size++] = static_cast<std::uint8_t>(((arc >> (7 * digits)) & 0x7fU) | (digits > 0 ? 0x80U : 0U));
  }
};

inline bool operator==(ByteView octets, const Oid& oid) {
  return std::ranges::equal(octets, oid.view());
}

namespace oids {
inline constexpr Oid kAnyPolicy("2.5.29.32.0");
inline constexpr Oid kCps("1.3.6.1.5.5.7.2.1");
inline constexpr Oid kUserNotice("1.3.6.1.5.5.7.2.2");
inline constexpr Oid kAnyUsage("2.5.29.37.0");
inline constexpr Oid kServerAuth("1.3.6.1.5.5.7.3.1");
inline constexpr Oid kClientAuth("1.3.6.1.5.5.7.3.2");
inline constexpr Oid kCodeSigning("1.3.6.1.5.5.7.3.3");
inline constexpr Oid kEmailProtection("1.3.6.1.5.5.7.3.4");
inline constexpr Oid kTimeStamping("1.3.6.1.5.5.7.3.8");
inline constexpr Oid kOcspSigning("1.3.6.1.5.5.7.3.9");
inline constexpr Oid kDocumentSigning("1.3.6.1.5.5.7.3.36");
inline constexpr Oid kOcsp("1.3.6.1.5.5.7.48.1");
inline constexpr Oid kCaIssuers("1.3.6.1.5.5.7.48.2");
inline constexpr Oid kAdTimeStamping("1.3.6.1.5.5.7.48.3");
inline constexpr Oid kCaRepository("1.3.6.1.5.5.7.48.5");
inline constexpr Oid kSmtpUtf8Mailbox("1.3.6.1.5.5.7.8.9");
inline constexpr Oid kMsUpn("1.3.6.1.4.1.311.20.2.3");

inline constexpr Oid kRsaEncryption("1.2.840.113549.1.1.1");
inline constexpr Oid kRsassaPss("1.2.840.113549.1.1.10");
inline constexpr Oid kMd2WithRsa("1.2.840.113549.1.1.2");
inline constexpr Oid kMd5WithRsa("1.2.840.113549.1.1.4");
inline constexpr Oid kSha1WithRsa("1.2.840.113549.1.1.5");
inline constexpr Oid kSha256WithRsa("1.2.840.113549.1.1.11");
inline constexpr Oid kSha384WithRsa("1.2.840.113549.1.1.12");
inline constexpr Oid kSha512WithRsa("1.2.840.113549.1.1.13");
inline constexpr Oid kSha224WithRsa("1.2.840.113549.1.1.14");
inline constexpr Oid kEcPublicKey("1.2.840.10045.2.1");
inline constexpr Oid kEcdsaSha1("1.2.840.10045.4.1");
inline constexpr Oid kEcdsaSha2("1.2.840.10045.4.3");  // the branch
inline constexpr Oid kP256("1.2.840.10045.3.1.7");
inline constexpr Oid kP384("1.3.132.0.34");
inline constexpr Oid kP521("1.3.132.0.35");
inline constexpr Oid kEd25519("1.3.101.112");
inline constexpr Oid kEd448("1.3.101.113");
inline constexpr Oid kX25519("1.3.101.110");
inline constexpr Oid kX448("1.3.101.111");
inline constexpr Oid kDsa("1.2.840.10040.4.1");
inline constexpr Oid kDsaSha1("1.2.840.10040.4.3");
inline constexpr Oid kSha1("1.3.14.3.2.26");
inline constexpr Oid kSha256("2.16.840.1.101.3.4.2.1");
inline constexpr Oid kSha384("2.16.840.1.101.3.4.2.2");
inline constexpr Oid kSha512("2.16.840.1.101.3.4.2.3");
inline constexpr Oid kMgf1("1.2.840.113549.1.1.8");

inline constexpr Oid kQcSyntaxV1("1.3.6.1.5.5.7.11.1");
inline constexpr Oid kQcSyntaxV2("1.3.6.1.5.5.7.11.2");
inline constexpr Oid kQcs("0.4.0.1862.1");  // the branch
inline constexpr Oid kQcCompliance("0.4.0.1862.1.1");
inline constexpr Oid kQcLimitValue("0.4.0.1862.1.2");
inline constexpr Oid kQcRetention("0.4.0.1862.1.3");
inline constexpr Oid kQcSscd("0.4.0.1862.1.4");
inline constexpr Oid kQcPds("0.4.0.1862.1.5");
inline constexpr Oid kQcType("0.4.0.1862.1.6");
inline constexpr Oid kQcTypeEsign("0.4.0.1862.1.6.1");
inline constexpr Oid kQcTypeEseal("0.4.0.1862.1.6.2");
inline constexpr Oid kQcTypeWeb("0.4.0.1862.1.6.3");
inline constexpr Oid kQcLegislation("0.4.0.1862.1.7");
inline constexpr Oid kPsd2("0.4.0.19495.2");
inline constexpr Oid kSemantics("0.4.0.194121.1");  // the branch
inline constexpr Oid kSemanticsNatural("0.4.0.194121.1.1");
inline constexpr Oid kSemanticsLegal("0.4.0.194121.1.2");
inline constexpr Oid kSemanticsEidasNatural("0.4.0.194121.1.3");
inline constexpr Oid kSemanticsEidasLegal("0.4.0.194121.1.4");
inline constexpr Oid kQcpBranch("0.4.0.194112.1");
inline constexpr Oid kQcpNatural("0.4.0.194112.1.0");
inline constexpr Oid kQcpLegal("0.4.0.194112.1.1");
inline constexpr Oid kQcpNaturalQscd("0.4.0.194112.1.2");
inline constexpr Oid kQcpLegalQscd("0.4.0.194112.1.3");
inline constexpr Oid kQcpWeb("0.4.0.194112.1.4");
inline constexpr Oid kQncpWeb("0.4.0.194112.1.5");
inline constexpr Oid kQncpWebGeneric("0.4.0.194112.1.6");
inline constexpr Oid kNcpBranch("0.4.0.2042.1");
}  // namespace oids

}  // namespace kyso::pki::lint

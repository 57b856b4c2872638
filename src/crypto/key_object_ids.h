#pragma once
#include <string_view>

// Private to the module: object identifiers of keys and curves (RFC 8017, RFC 5480, RFC 8410).
namespace kyso::crypto {

inline constexpr std::string_view kRsaEncryption = "1.2.840.113549.1.1.1";
inline constexpr std::string_view kRsaPss = "1.2.840.113549.1.1.10";
inline constexpr std::string_view kEcPublicKey = "1.2.840.10045.2.1";
inline constexpr std::string_view kP256 = "1.2.840.10045.3.1.7";
inline constexpr std::string_view kP384 = "1.3.132.0.34";
inline constexpr std::string_view kP521 = "1.3.132.0.35";
inline constexpr std::string_view kEd25519 = "1.3.101.112";
inline constexpr std::string_view kDsa = "1.2.840.10040.4.1";

}  // namespace kyso::crypto

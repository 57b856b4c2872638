#pragma once
#include <string_view>

// Private to the module: object identifiers of certificate extensions and what stands in them.
namespace kyso::pki {

inline constexpr std::string_view kSubjectKeyIdentifier = "2.5.29.14";
inline constexpr std::string_view kKeyUsageExtension = "2.5.29.15";
inline constexpr std::string_view kSubjectAlternativeName = "2.5.29.17";
inline constexpr std::string_view kIssuerAlternativeName = "2.5.29.18";
inline constexpr std::string_view kBasicConstraints = "2.5.29.19";
inline constexpr std::string_view kNameConstraints = "2.5.29.30";
inline constexpr std::string_view kCrlDistributionPoints = "2.5.29.31";
inline constexpr std::string_view kCertificatePolicies = "2.5.29.32";
inline constexpr std::string_view kPolicyMappings = "2.5.29.33";
inline constexpr std::string_view kAuthorityKeyIdentifier = "2.5.29.35";
inline constexpr std::string_view kPolicyConstraints = "2.5.29.36";
inline constexpr std::string_view kExtendedKeyUsage = "2.5.29.37";
inline constexpr std::string_view kFreshestCrl = "2.5.29.46";
inline constexpr std::string_view kInhibitAnyPolicy = "2.5.29.54";
inline constexpr std::string_view kNoRevocationAvailable = "2.5.29.56";
inline constexpr std::string_view kAuthorityInfoAccess = "1.3.6.1.5.5.7.1.1";
inline constexpr std::string_view kSubjectInfoAccess = "1.3.6.1.5.5.7.1.11";
inline constexpr std::string_view kQualifiedStatements = "1.3.6.1.5.5.7.1.3";
inline constexpr std::string_view kOcspNoCheck = "1.3.6.1.5.5.7.48.1.5";

inline constexpr std::string_view kAnyPolicy = "2.5.29.32.0";
inline constexpr std::string_view kAnyExtendedKeyUsage = "2.5.29.37.0";

}  // namespace kyso::pki

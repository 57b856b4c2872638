#pragma once
#include <string_view>

// Private to the module: object identifiers of CMS and its attributes.
namespace kyso::cms {

inline constexpr std::string_view kData = "1.2.840.113549.1.7.1";
inline constexpr std::string_view kSignedData = "1.2.840.113549.1.7.2";
inline constexpr std::string_view kContentType = "1.2.840.113549.1.9.3";
inline constexpr std::string_view kMessageDigest = "1.2.840.113549.1.9.4";
inline constexpr std::string_view kSigningTime = "1.2.840.113549.1.9.5";
inline constexpr std::string_view kSigningCertificate = "1.2.840.113549.1.9.16.2.12";
inline constexpr std::string_view kSigningCertificateV2 = "1.2.840.113549.1.9.16.2.47";
inline constexpr std::string_view kSignatureTimeStampToken = "1.2.840.113549.1.9.16.2.14";

// ETSI EN 319 122-1.
inline constexpr std::string_view kArchiveTimeStampV3 = "0.4.0.1733.2.4";
inline constexpr std::string_view kHashIndexV3 = "0.4.0.19122.1.5";
inline constexpr std::string_view kOcspResponse = "1.3.6.1.5.5.7.16.2";  // id-ri-ocsp-response (RFC 5940)
// Its predecessors: whoever has them may get no certificates and no lists any more.
inline constexpr std::string_view kArchiveTimeStamp = "1.2.840.113549.1.9.16.2.27";
inline constexpr std::string_view kArchiveTimeStampV2 = "1.2.840.113549.1.9.16.2.48";
inline constexpr std::string_view kLongTermValidation = "0.4.0.1733.2.2";

}  // namespace kyso::cms

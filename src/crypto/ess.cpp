#include <algorithm>

#include "crypto/algorithm_identifier.h"
#include "crypto/der.h"
#include "crypto/signed_data_reader.h"

namespace kyso::crypto {
namespace {

constexpr std::string_view kSigningCertificate = "1.2.840.113549.1.9.16.2.12";
constexpr std::string_view kSigningCertificateV2 = "1.2.840.113549.1.9.16.2.47";
constexpr std::uint8_t kDirectoryName = der::context(4);

enum class Version { v1, v2 };

// IssuerSerial (RFC 5035 section 4): optional in the attribute, but what stands there must be true.
Result<bool> names_issuer_and_serial(ByteView content, const Certificate& certificate) {
  der::Reader fields(content);
  der::Reader names(KYSO_TRY(fields.expect(der::kSequence)).content);
  const ByteView serial = KYSO_TRY(fields.expect(der::kInteger)).content;
  const der::Element name = KYSO_TRY(names.next());
  return name.tag == kDirectoryName && std::ranges::equal(name.content, certificate.issuer_der()) &&
         std::ranges::equal(serial, certificate.serial());
}

// The first ESSCertID or ESSCertIDv2 is that of the signer.
Result<bool> names_certificate(ByteView value, Version version, const Certificate& certificate) {
  der::Reader outer(value);
  der::Reader attribute(KYSO_TRY(outer.expect(der::kSequence)).content);
  der::Reader list(KYSO_TRY(attribute.expect(der::kSequence)).content);
  der::Reader fields(KYSO_TRY(list.expect(der::kSequence)).content);
  DigestAlgorithm algorithm = version == Version::v1 ? DigestAlgorithm::sha1 : DigestAlgorithm::sha256;
  if (version == Version::v2 && fields.peek_tag() == der::kSequence)
    algorithm = KYSO_TRY(read_digest_algorithm(KYSO_TRY(fields.next()).whole));
  const ByteView hash = KYSO_TRY(fields.expect(der::kOctetString)).content;
  if (!std::ranges::equal(hash, digest(algorithm, certificate.der()))) return false;
  if (fields.at_end()) return true;
  return names_issuer_and_serial(KYSO_TRY(fields.expect(der::kSequence)).content, certificate);
}

}  // namespace

Result<EssBinding> check_ess(const std::vector<CmsAttribute>& signed_attributes, const Certificate& certificate) {
  EssBinding out = EssBinding::absent;
  for (const Version version : {Version::v1, Version::v2}) {
    const auto value = KYSO_TRY(
        find_single_value(signed_attributes, version == Version::v1 ? kSigningCertificate : kSigningCertificateV2));
    if (!value) continue;
    const auto names = names_certificate(*value, version, certificate);
    if (!names && names.error().code == "crypto.algorithm.unsupported") return names.error();
    if (!names) return fail("crypto.signed_data.malformed", "signing-certificate: {}", names.error().detail);
    if (!*names) return EssBinding::differs;
    out = EssBinding::matches;
  }
  return out;
}

}  // namespace kyso::crypto

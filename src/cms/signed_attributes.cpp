#include <algorithm>
#include <chrono>

#include "cms/object_ids.h"
#include "cms/signed_data.h"
#include "crypto/der.h"

namespace kyso::cms {
namespace {

namespace der = crypto::der;

Bytes attribute(std::string_view oid, const Bytes& value) {
  return der::sequence(der::encode_oid(oid), der::encode(der::kSet, value));
}

// RFC 5652 section 11.3: UTCTime until 2049, GeneralizedTime from then on.
Bytes encode_time(Instant instant) {
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(instant - day);
  const int year = static_cast<int>(date.year());
  const std::string rest =
      fmt::format("{:02}{:02}{:02}{:02}{:02}Z", static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  time.hours().count(), time.minutes().count(), time.seconds().count());
  if (year >= 1950 && year < 2050)
    return der::encode(der::kUtcTime, as_bytes(fmt::format("{:02}{}", year % 100, rest)));
  return der::encode(der::kGeneralizedTime, as_bytes(fmt::format("{:04}{}", year, rest)));
}

// SigningCertificateV2 (RFC 5035 section 3) with one ESSCertIDv2. The hash is SHA-256, which DER leaves out as the
// default; issuerSerial is left out, as ETSI EN 319 122-1 section 5.2.2.3 recommends.
Bytes encode_signing_certificate(const crypto::Certificate& certificate) {
  const Bytes id = der::sequence(der::encode(der::kOctetString, certificate.sha256()));
  return der::sequence(der::sequence(id));
}

}  // namespace

Bytes build_signed_attributes(const SignerParameters& signer, ByteView content_digest) {
  std::vector<Bytes> attributes{
      attribute(kContentType, der::encode_oid(kData)),
      attribute(kMessageDigest, der::encode(der::kOctetString, content_digest)),
      attribute(kSigningCertificateV2, encode_signing_certificate(signer.certificate)),
  };
  if (signer.profile == Profile::legacy && signer.signing_time)
    attributes.push_back(attribute(kSigningTime, encode_time(*signer.signing_time)));
  return der::encode_set_of(std::move(attributes));
}

std::optional<Bytes> message_digest_of(ByteView signed_attributes) {
  der::Reader outer(signed_attributes);
  const auto set = outer.expect(der::kSet);
  if (!set || !outer.at_end()) return std::nullopt;
  const Bytes oid = der::encode_oid(kMessageDigest);
  der::Reader attributes(set->content);
  while (const auto attribute = attributes.next()) {
    der::Reader fields(attribute->content);
    const auto type = fields.next();
    if (!type || !std::ranges::equal(type->whole, oid)) continue;
    const auto values = fields.expect(der::kSet);
    if (!values) return std::nullopt;
    der::Reader reader(values->content);
    const auto value = reader.expect(der::kOctetString);
    if (!value || !reader.at_end()) return std::nullopt;
    return Bytes(value->content.begin(), value->content.end());
  }
  return std::nullopt;
}

}  // namespace kyso::cms

#include "verify/report/etsi_objects.h"

#include <fmt/format.h>

namespace kyso::verify {
namespace {

// XML Signature 1.1 section 6.2 and RFC 9231 section 2.1.
std::string_view digest_uri(crypto::DigestAlgorithm algorithm) {
  switch (algorithm) {
    case crypto::DigestAlgorithm::sha1:
      return "http://www.w3.org/2000/09/xmldsig#sha1";
    case crypto::DigestAlgorithm::sha224:
      return "http://www.w3.org/2001/04/xmldsig-more#sha224";
    case crypto::DigestAlgorithm::sha256:
      return "http://www.w3.org/2001/04/xmlenc#sha256";
    case crypto::DigestAlgorithm::sha384:
      return "http://www.w3.org/2001/04/xmldsig-more#sha384";
    case crypto::DigestAlgorithm::sha512:
      return "http://www.w3.org/2001/04/xmlenc#sha512";
    case crypto::DigestAlgorithm::sha3_256:
      return "http://www.w3.org/2007/05/xmldsig-more#sha3-256";
    case crypto::DigestAlgorithm::sha3_384:
      return "http://www.w3.org/2007/05/xmldsig-more#sha3-384";
    case crypto::DigestAlgorithm::sha3_512:
      return "http://www.w3.org/2007/05/xmldsig-more#sha3-512";
  }
  return "";
}

struct KindText {
  std::string_view prefix, type;
};
KindText text_of(EtsiObjects::Kind kind) {
  switch (kind) {
    case EtsiObjects::Kind::certificate:
      return {"C", "certificate"};
    case EtsiObjects::Kind::crl:
      return {"R", "CRL"};
    case EtsiObjects::Kind::ocsp:
      return {"O", "OCSPResponse"};
    case EtsiObjects::Kind::time_stamp:
      break;
  }
  return {"T", "timestamp"};
}

}  // namespace

std::string utc_text(Instant time) {
  const CivilTime t = vietnam_time(time - kVietNamOffset);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", t.year, t.month, t.day, t.hour, t.minute, t.second);
}

void write_digest(Markup& out, crypto::DigestAlgorithm algorithm, ByteView value) {
  out.empty("ds:DigestMethod", {{"Algorithm", digest_uri(algorithm)}});
  out.leaf("ds:DigestValue", to_base64(value));
}

std::string EtsiObjects::add(std::string id, std::string_view type, ByteView der,
                             std::optional<crypto::DigestAlgorithm> algorithm) {
  if (m_by_id.try_emplace(id, m_objects.size()).second) {
    m_objects.push_back(
        {id, "urn:etsi:019102:validationObject:" + std::string(type), Bytes(der.begin(), der.end()), algorithm});
  }
  return id;
}

std::string EtsiObjects::add(Kind kind, ByteView der) {
  const auto [prefix, type] = text_of(kind);
  const Bytes hash = crypto::digest(crypto::DigestAlgorithm::sha256, der);
  return add(fmt::format("{}-{}", prefix, to_hex(hash)), type, der, std::nullopt);
}

std::string EtsiObjects::add_digest(crypto::DigestAlgorithm algorithm, ByteView digest) {
  return add(fmt::format("D-{}", to_hex(digest)), "signedData", digest, algorithm);
}

void EtsiObjects::write(Markup& out, Instant time) const {
  if (m_objects.empty()) return;
  const auto list = out.open("SignatureValidationObjects");
  for (const Object& object : m_objects) {
    const auto element = out.open("ValidationObject", {{"id", object.id}});
    out.leaf("ObjectType", object.type);
    {
      const auto representation = out.open("ValidationObjectRepresentation");
      if (object.algorithm) {
        const auto digested = out.open("DigestAlgAndValue");
        write_digest(out, *object.algorithm, object.der);
      } else {
        out.leaf("base64", to_base64(object.der));
      }
    }
    const auto poe = out.open("POE");
    out.leaf("POETime", utc_text(time));
    out.leaf("TypeOfProof", "urn:etsi:019102:poetype:validation");
  }
}

}  // namespace kyso::verify

#include <algorithm>
#include <array>

#include "crypto/algorithm_identifier.h"
#include "pki/revocation_reader.h"
#include "pki/status/ocsp_server.h"

namespace kyso::pki::status {
namespace {

namespace der = crypto::der;

constexpr std::size_t kMaxSerial = 64;
constexpr std::size_t kMaxNonce = 128;
constexpr std::string_view kNonce = "1.3.6.1.5.5.7.48.1.2";
// Extensions of a request that ask for what this responder does anyway, or may leave undone (RFC 6960 section 4.4).
constexpr std::array<std::string_view, 3> kHarmless{
    "1.3.6.1.5.5.7.48.1.4",  // acceptable responses: the basic one is in every such list
    "1.3.6.1.5.5.7.48.1.7",  // service locator
    "1.3.6.1.5.5.7.48.1.8",  // preferred signature algorithms: each key has one
};

Error malformed(std::string_view what) {
  return fail("crypto.der.malformed", "{}", what);
}

// CertID.
Result<CertificateId> read_certificate_id(const der::Element& element) {
  CertificateId out;
  out.whole = element.whole;
  der::Reader fields(element.content);
  const ByteView algorithm = KYSO_TRY(fields.expect(der::kSequence)).whole;
  if (const auto digest = crypto::read_digest_algorithm(algorithm)) {
    out.algorithm = *digest;
  } else if (digest.error().code != "crypto.algorithm.unsupported") {
    return digest.error();
  }
  out.issuer_name_hash = KYSO_TRY(fields.expect(der::kOctetString)).content;
  out.issuer_key_hash = KYSO_TRY(fields.expect(der::kOctetString)).content;
  out.serial = KYSO_TRY(read_serial(KYSO_TRY(fields.next())));
  KYSO_TRY(fields.finish());
  if (out.serial.size() > kMaxSerial) return malformed("serial number too long");
  if (out.algorithm && (out.issuer_name_hash.size() != crypto::digest_size(*out.algorithm) ||
                        out.issuer_key_hash.size() != crypto::digest_size(*out.algorithm)))
    return malformed("length of a hash value");
  return out;
}

Result<std::vector<ExtensionView>> read_extensions(ByteView content) {
  der::Reader list(content);
  const auto extensions = KYSO_TRY(read_extension_views(KYSO_TRY(list.expect(der::kSequence)).content));
  KYSO_TRY(list.finish());
  for (const ExtensionView& extension : extensions)
    if (extension.is_critical && extension.oid != kNonce &&
        std::ranges::find(kHarmless, extension.oid) == kHarmless.end())
      return malformed("unknown critical extension");
  return extensions;
}

// Request.
Result<CertificateId> read_request(ByteView content) {
  der::Reader fields(content);
  const CertificateId id = KYSO_TRY(read_certificate_id(KYSO_TRY(fields.expect(der::kSequence))));
  if (const auto extensions = KYSO_TRY(fields.maybe(der::context(0)))) KYSO_TRY(read_extensions(extensions->content));
  KYSO_TRY(fields.finish());
  return id;
}

// RFC 9654 section 2.1.
Result<ByteView> read_nonce(ByteView value) {
  der::Reader reader(value);
  const ByteView nonce = KYSO_TRY(reader.expect(der::kOctetString)).content;
  KYSO_TRY(reader.finish());
  if (nonce.empty() || nonce.size() > kMaxNonce) return malformed("length of the nonce");
  return nonce;
}

// Signature. Whether it is right is of no interest: everybody may ask.
Result<> read_signature(ByteView content) {
  der::Reader outer(content);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(outer.finish());
  KYSO_TRY(fields.expect(der::kSequence));
  KYSO_TRY(fields.expect(der::kBitString));
  if (const auto certificates = KYSO_TRY(fields.maybe(der::context(0)))) {
    der::Reader list(certificates->content);
    KYSO_TRY(list.expect(der::kSequence));
    KYSO_TRY(list.finish());
  }
  return fields.finish();
}

Result<> read_version(ByteView content) {
  der::Reader number(content);
  if (KYSO_TRY(der::read_integer(KYSO_TRY(number.expect(der::kInteger)).content)) != 0) return malformed("version");
  return number.finish();
}

// TBSRequest.
Result<> read_body(ByteView content, OcspQuery& out) {
  der::Reader fields(content);
  if (const auto version = KYSO_TRY(fields.maybe(der::context(0)))) KYSO_TRY(read_version(version->content));
  if (const auto requestor = KYSO_TRY(fields.maybe(der::context(1)))) {
    der::Reader name(requestor->content);
    KYSO_TRY(name.next());
    KYSO_TRY(name.finish());
  }
  der::Reader list(KYSO_TRY(fields.expect(der::kSequence)).content);
  while (!list.at_end()) {
    if (out.certificates.size() == kMaxCertificateIds) return malformed("too many certificates");
    out.certificates.push_back(KYSO_TRY(read_request(KYSO_TRY(list.expect(der::kSequence)).content)));
  }
  if (out.certificates.empty()) return malformed("no certificate");
  if (const auto extensions = KYSO_TRY(fields.maybe(der::context(2))))
    for (const ExtensionView& extension : KYSO_TRY(read_extensions(extensions->content)))
      if (extension.oid == kNonce) out.nonce = KYSO_TRY(read_nonce(extension.value));
  return fields.finish();
}

// OCSPRequest (RFC 6960 section 4.1.1).
Result<OcspQuery> read(ByteView bytes) {
  if (bytes.size() > kMaxQuery) return malformed("too large");
  OcspQuery out;
  der::Reader outer(bytes);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(outer.finish());
  const ByteView body = KYSO_TRY(fields.expect(der::kSequence)).content;
  if (const auto signature = KYSO_TRY(fields.maybe(der::context(0)))) {
    KYSO_TRY(read_signature(signature->content));
    out.is_signed = true;
  }
  KYSO_TRY(fields.finish());
  KYSO_TRY(read_body(body, out));
  return out;
}

}  // namespace

Result<OcspQuery> read_query(ByteView bytes) {
  auto query = read(bytes);
  if (!query)
    return fail("pki.ocsp.request", "{}: {}", query.error().code, query.error().detail)
        .with("reason", query.error().detail);
  return query;
}

}  // namespace kyso::pki::status

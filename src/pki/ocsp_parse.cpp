#include <algorithm>
#include <array>

#include "crypto/algorithm_identifier.h"
#include "pki/ocsp_state.h"

namespace kyso::pki {
namespace {

namespace der = crypto::der;

constexpr std::uint8_t kEnumerated = 0x0a;
constexpr std::string_view kBasicResponse = "1.3.6.1.5.5.7.48.1.1";
constexpr std::string_view kNonce = "1.3.6.1.5.5.7.48.1.2";
constexpr std::string_view kCrlReferences = "1.3.6.1.5.5.7.48.1.3";
constexpr std::string_view kArchiveCutoff = "1.3.6.1.5.5.7.48.1.6";
constexpr std::string_view kExtendedRevoke = "1.3.6.1.5.5.7.48.1.9";
// RFC 6960 section 4.4.5: the entry extensions of a CRL may stand in a single response.
constexpr std::string_view kReasonCode = "2.5.29.21";
constexpr std::string_view kInvalidityDate = "2.5.29.24";
// The certificates that a responder sends along are for its own chain.
constexpr std::size_t kMaxCertificates = 64;

Error malformed(std::string_view what) {
  return fail("crypto.der.malformed", "{}", what);
}

std::string_view status_name(int status) {
  constexpr std::array<std::string_view, 7> kNames{"successful", "malformedRequest", "internalError", "tryLater",
                                                   "",           "sigRequired",      "unauthorized"};
  const auto place = static_cast<std::size_t>(status);
  return place < kNames.size() && !kNames[place].empty() ? kNames[place] : "unknown";
}

// CertID.
Result<> read_certificate_id(ByteView content, SingleResponse& out) {
  der::Reader fields(content);
  const auto digest = crypto::read_digest_algorithm(KYSO_TRY(fields.expect(der::kSequence)).whole);
  if (digest) out.digest = *digest;
  out.issuer_name_hash = KYSO_TRY(fields.expect(der::kOctetString)).content;
  out.issuer_key_hash = KYSO_TRY(fields.expect(der::kOctetString)).content;
  out.serial = KYSO_TRY(read_serial(KYSO_TRY(fields.next())));
  return fields.finish();
}

// RevokedInfo.
Result<> read_revoked(ByteView content, SingleResponse& out) {
  der::Reader fields(content);
  out.revoked_at = KYSO_TRY(der::read_time(KYSO_TRY(fields.expect(der::kGeneralizedTime))));
  if (const auto reason = KYSO_TRY(fields.maybe(der::context(0))))
    out.reason = KYSO_TRY(read_enumerated(reason->content));
  return fields.finish();
}

Result<> read_status(const der::Element& element, SingleResponse& out) {
  switch (element.tag) {
    case der::context(0, false):
      out.status = CertificateStatus::good;
      break;
    case der::context(1):
      out.status = CertificateStatus::revoked;
      return read_revoked(element.content, out);
    case der::context(2, false):
      out.status = CertificateStatus::unknown;
      break;
    default:
      return malformed("CertStatus");
  }
  if (!element.content.empty()) return malformed("NULL with content");
  return {};
}

Result<> read_single_extensions(ByteView content, SingleResponse& out) {
  der::Reader list(content);
  const auto extensions = KYSO_TRY(read_extension_views(KYSO_TRY(list.expect(der::kSequence)).content));
  KYSO_TRY(list.finish());
  for (const ExtensionView& extension : extensions) {
    if (extension.oid == kArchiveCutoff) {
      out.archive_cutoff = KYSO_TRY(read_generalized_time(extension.value));
    } else if (extension.is_critical && extension.oid != kCrlReferences && extension.oid != kReasonCode &&
               extension.oid != kInvalidityDate && out.unknown_critical.empty()) {
      out.unknown_critical = extension.oid;
    }
  }
  return {};
}

Result<SingleResponse> read_single(ByteView content) {
  SingleResponse out;
  der::Reader fields(content);
  KYSO_TRY(read_certificate_id(KYSO_TRY(fields.expect(der::kSequence)).content, out));
  KYSO_TRY(read_status(KYSO_TRY(fields.next()), out));
  out.this_update = KYSO_TRY(der::read_time(KYSO_TRY(fields.expect(der::kGeneralizedTime))));
  if (const auto next = KYSO_TRY(fields.maybe(der::context(0))))
    out.next_update = KYSO_TRY(read_generalized_time(next->content));
  if (const auto extensions = KYSO_TRY(fields.maybe(der::context(1))))
    KYSO_TRY(read_single_extensions(extensions->content, out));
  KYSO_TRY(fields.finish());
  return out;
}

// The BasicOCSPResponse inside an OCSPResponse.
Result<ByteView> unwrap(ByteView response) {
  der::Reader outer(response);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(outer.finish());
  const der::Element status = KYSO_TRY(fields.expect(kEnumerated));
  if (const int code = KYSO_TRY(read_enumerated(status.whole)); code != 0)
    return fail("pki.ocsp.status", "{}", status_name(code)).with("status", status_name(code));
  der::Reader body(KYSO_TRY(fields.expect(der::context(0))).content);
  KYSO_TRY(fields.finish());
  der::Reader typed(KYSO_TRY(body.expect(der::kSequence)).content);
  KYSO_TRY(body.finish());
  if (KYSO_TRY(der::read_oid(KYSO_TRY(typed.expect(der::kOid)).content)) != kBasicResponse)
    return malformed("not a basic response");
  const ByteView basic = KYSO_TRY(typed.expect(der::kOctetString)).content;
  KYSO_TRY(typed.finish());
  return basic;
}

bool is_bare(ByteView input) {
  der::Reader outer(input);
  const auto sequence = outer.next();
  return sequence && sequence->tag == der::kSequence && der::Reader(sequence->content).peek_tag() == der::kSequence;
}

Bytes wrap(ByteView basic) {
  const Bytes body = der::sequence(der::encode_oid(kBasicResponse), der::encode(der::kOctetString, basic));
  return der::sequence(der::encode(kEnumerated, Bytes{0}), der::encode(der::context(0), body));
}

}  // namespace

ByteView public_key_bits(ByteView spki) {
  der::Reader outer(spki);
  const auto sequence = outer.next();
  if (!sequence) return {};
  der::Reader fields(sequence->content);
  if (!fields.next()) return {};
  const auto bits = fields.next();
  return bits && !bits->content.empty() ? bits->content.subspan(1) : ByteView();
}

Result<> OcspResponse::State::read() {
  return read_basic(KYSO_TRY(unwrap(der)));
}

Result<> OcspResponse::State::read_basic(ByteView basic) {
  der::Reader outer(basic);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(outer.finish());
  signed_block = KYSO_TRY(read_signed_block(fields));
  if (const auto list = KYSO_TRY(fields.maybe(der::context(0)))) KYSO_TRY(read_certificates(list->content));
  KYSO_TRY(fields.finish());
  return read_data(signed_block.tbs);
}

// ResponseData.
Result<> OcspResponse::State::read_data(ByteView tbs) {
  der::Reader outer(tbs);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  if (const auto version = KYSO_TRY(fields.maybe(der::context(0)))) {
    der::Reader number(version->content);
    if (KYSO_TRY(der::read_integer(KYSO_TRY(number.expect(der::kInteger)).content)) != 0) return malformed("version");
    KYSO_TRY(number.finish());
  }
  KYSO_TRY(read_responder(fields));
  produced_at = KYSO_TRY(der::read_time(KYSO_TRY(fields.expect(der::kGeneralizedTime))));
  der::Reader list(KYSO_TRY(fields.expect(der::kSequence)).content);
  while (!list.at_end()) answers.push_back(KYSO_TRY(read_single(KYSO_TRY(list.expect(der::kSequence)).content)));
  std::ranges::sort(answers, [](const SingleResponse& a, const SingleResponse& b) {
    return std::ranges::lexicographical_compare(a.serial, b.serial);
  });
  if (const auto extensions = KYSO_TRY(fields.maybe(der::context(1)))) KYSO_TRY(read_extensions(extensions->content));
  return fields.finish();
}

Result<> OcspResponse::State::read_responder(der::Reader& fields) {
  const der::Element id = KYSO_TRY(fields.next());
  der::Reader inner(id.content);
  if (id.tag == der::context(1)) {
    responder_name = KYSO_TRY(inner.expect(der::kSequence)).whole;
    normalised_responder_name = normalise_name(responder_name);
  } else if (id.tag == der::context(2)) {
    constexpr std::size_t kSha1Size = 20;
    responder_key_hash = KYSO_TRY(inner.expect(der::kOctetString)).content;
    if (responder_key_hash.size() != kSha1Size) return malformed("KeyHash");
  } else {
    return malformed("ResponderID");
  }
  return inner.finish();
}

Result<> OcspResponse::State::read_certificates(ByteView content) {
  der::Reader list(content);
  der::Reader members(KYSO_TRY(list.expect(der::kSequence)).content);
  KYSO_TRY(list.finish());
  while (!members.at_end()) {
    const ByteView whole = KYSO_TRY(members.expect(der::kSequence)).whole;
    // One that can't be read is none of the responder's; those beyond the limit aren't either.
    if (certificates.size() >= kMaxCertificates) continue;
    if (const auto certificate = crypto::Certificate::from_der(whole)) certificates.emplace_back(*certificate);
  }
  return {};
}

Result<> OcspResponse::State::read_extensions(ByteView content) {
  der::Reader list(content);
  const auto extensions = KYSO_TRY(read_extension_views(KYSO_TRY(list.expect(der::kSequence)).content));
  KYSO_TRY(list.finish());
  for (const ExtensionView& extension : extensions) {
    if (extension.oid == kNonce) {
      // Older responders write the octets of the nonce without the OCTET STRING around them.
      der::Reader reader(extension.value);
      const auto wrapped = reader.expect(der::kOctetString);
      const ByteView octets = wrapped && reader.at_end() ? wrapped->content : extension.value;
      nonce = Bytes(octets.begin(), octets.end());
    } else if (extension.is_critical && extension.oid != kExtendedRevoke && unknown_critical.empty()) {
      unknown_critical = extension.oid;
    }
  }
  return {};
}

ByteView OcspResponse::State::sha256() const {
  std::call_once(m_once, [this] { m_sha256 = crypto::digest(crypto::DigestAlgorithm::sha256, der); });
  return m_sha256;
}

Result<OcspResponse> OcspResponse::from_der(ByteView input) {
  auto state = std::make_shared<State>();
  state->der = is_bare(input) ? wrap(input) : Bytes(input.begin(), input.end());
  if (Result<> read = state->read(); !read) {
    Error& cause = read.error();
    if (cause.code == "pki.ocsp.status") return std::move(cause);
    return fail("pki.ocsp.malformed", "{}: {}", cause.code, cause.detail);
  }
  OcspResponse out;
  out.m_state = std::move(state);
  return out;
}

ByteView OcspResponse::der() const {
  return m_state->der;
}
ByteView OcspResponse::sha256() const {
  return m_state->sha256();
}
Instant OcspResponse::produced_at() const {
  return m_state->produced_at;
}
std::span<const ParsedCertificate> OcspResponse::certificates() const {
  return m_state->certificates;
}
std::optional<Bytes> OcspResponse::nonce() const {
  return m_state->nonce;
}

}  // namespace kyso::pki

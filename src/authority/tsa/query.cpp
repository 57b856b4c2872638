#include "authority/tsa/query.h"

#include <algorithm>
#include <array>

#include "crypto/algorithm_identifier.h"
#include "crypto/der.h"

namespace kyso::authority::tsa {
namespace {

namespace der = crypto::der;

Error bad_format(std::string_view what) {
  return fail("authority.tsa.format", "{}", what);
}

// Needless leading octets dropped (X.690 section 8.3.2), the value kept.
Bytes normalised_integer(ByteView content) {
  while (content.size() > 1 && ((content[0] == 0 && content[1] < 0x80) || (content[0] == 0xff && content[1] >= 0x80)))
    content = content.subspan(1);
  return der::encode(der::kInteger, content);
}

Result<> read_version(der::Reader& fields) {
  const ByteView version = KYSO_TRY(fields.expect(der::kInteger)).content;
  if (version.empty()) return bad_format("version: empty INTEGER");
  if (version.size() != 1 || version[0] != 1) return fail("authority.tsa.request", "version is not 1");
  return {};
}

Result<> read_hash_algorithm(ByteView whole, Query& query) {
  der::Reader outer(whole);
  der::Reader parts(KYSO_TRY(outer.expect(der::kSequence)).content);
  const std::string id = KYSO_TRY(der::read_oid(KYSO_TRY(parts.expect(der::kOid)).content));
  const bool has_parameters = !parts.at_end();
  const der::Element parameters = has_parameters ? KYSO_TRY(parts.next()) : der::Element{};
  KYSO_TRY(parts.finish());
  const auto known = crypto::read_digest_algorithm(whole);
  if (!known && known.error().code == "crypto.algorithm.unsupported")
    return fail("authority.tsa.algorithm", "the digest algorithm {} is not known", id).with("algorithm", id);
  query.algorithm = KYSO_TRY(known);
  if (has_parameters && (parameters.tag != der::kNull || !parameters.content.empty()))
    return fail("authority.tsa.algorithm", "parameters of {}", id).with("algorithm", id);
  query.imprint_algorithm.assign(whole.begin(), whole.end());
  return {};
}

Result<> read_imprint(der::Reader& fields, Query& query) {
  der::Reader imprint(KYSO_TRY(fields.expect(der::kSequence)).content);
  const ByteView algorithm = KYSO_TRY(imprint.expect(der::kSequence)).whole;
  const ByteView value = KYSO_TRY(imprint.expect(der::kOctetString)).content;
  KYSO_TRY(imprint.finish());
  KYSO_TRY(read_hash_algorithm(algorithm, query));
  // RFC 3161 section 2.4.1: "the length of the hash value for that algorithm".
  if (value.size() != crypto::digest_size(query.algorithm))
    return fail("authority.tsa.format", "{} octets of imprint for {}", value.size(), crypto::name_of(query.algorithm));
  query.imprint.assign(value.begin(), value.end());
  return {};
}

Result<> read_nonce(der::Reader& fields, Query& query) {
  const auto nonce = KYSO_TRY(fields.maybe(der::kInteger));
  if (!nonce) return {};
  if (nonce->content.empty()) return bad_format("nonce: empty INTEGER");
  if (nonce->content.size() > kMaxNonce)
    return fail("authority.tsa.request", "nonce of more than {} octets", kMaxNonce);
  query.nonce = normalised_integer(nonce->content);
  return {};
}

// RFC 3161 section 2.4.1: "If an extension, whether it is marked critical or not critical, is used by a requester but
// is not recognized by a time-stamping server, the server SHALL not issue a token and SHALL return a failure
// (unacceptedExtension)." None is recognised here.
Result<> refuse_extensions(der::Reader& fields) {
  const auto extensions = KYSO_TRY(fields.maybe(der::context(0)));
  if (!extensions) return {};
  der::Reader list(extensions->content);
  if (list.at_end()) return bad_format("extensions: empty");
  while (!list.at_end()) {
    der::Reader extension(KYSO_TRY(list.expect(der::kSequence)).content);
    KYSO_TRY(der::read_oid(KYSO_TRY(extension.expect(der::kOid)).content));
    const auto critical = KYSO_TRY(extension.maybe(der::kBoolean));
    if (critical && critical->content.size() != 1) return bad_format("extension: critical");
    KYSO_TRY(extension.expect(der::kOctetString));
    KYSO_TRY(extension.finish());
  }
  KYSO_TRY(fields.finish());
  return fail("authority.tsa.extension", "no extension is supported");
}

}  // namespace

std::string_view name_of(Failure failure) {
  switch (failure) {
    case Failure::bad_algorithm:
      return "badAlg";
    case Failure::bad_request:
      return "badRequest";
    case Failure::bad_data_format:
      return "badDataFormat";
    case Failure::time_not_available:
      return "timeNotAvailable";
    case Failure::unaccepted_policy:
      return "unacceptedPolicy";
    case Failure::unaccepted_extension:
      return "unacceptedExtension";
    case Failure::additional_information_not_available:
      return "addInfoNotAvailable";
    case Failure::system_failure:
      return "systemFailure";
  }
  return "systemFailure";
}

Result<Query> read_query(ByteView bytes) {
  if (bytes.empty()) return bad_format("the request is empty");
  if (bytes.size() > kMaxQuery) return bad_format("the request is too large");
  der::Reader outer(bytes);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(outer.finish());
  Query query;
  KYSO_TRY(read_version(fields));
  KYSO_TRY(read_imprint(fields, query));
  if (const auto policy = KYSO_TRY(fields.maybe(der::kOid))) query.policy = KYSO_TRY(der::read_oid(policy->content));
  KYSO_TRY(read_nonce(fields, query));
  if (const auto wanted = KYSO_TRY(fields.maybe(der::kBoolean))) {
    if (wanted->content.size() != 1) return bad_format("certReq");
    query.wants_certificates = wanted->content[0] != 0;
  }
  KYSO_TRY(refuse_extensions(fields));
  KYSO_TRY(fields.finish());
  return query;
}

Refusal refusal_of(const Error& error) {
  struct Row {
    std::string_view code;
    Failure failure;
  };
  constexpr std::array<Row, 7> kRows{{{"crypto.der.malformed", Failure::bad_data_format},
                                      {"authority.tsa.format", Failure::bad_data_format},
                                      {"authority.tsa.request", Failure::bad_request},
                                      {"authority.tsa.algorithm", Failure::bad_algorithm},
                                      {"authority.tsa.policy", Failure::unaccepted_policy},
                                      {"authority.tsa.extension", Failure::unaccepted_extension},
                                      {"authority.tsa.busy", Failure::system_failure}}};
  if (error.code.starts_with("authority.tsa.time.")) return {Failure::time_not_available, error.detail};
  for (const Row& row : kRows)
    if (row.code == error.code) return {row.failure, error.detail};
  return {Failure::system_failure, "the time-stamping authority cannot answer now"};
}

Bytes encode_refusal(const Refusal& refusal) {
  constexpr std::int64_t kRejection = 2;
  const auto bit = static_cast<std::size_t>(refusal.failure);
  // A named bit list in DER has no trailing zero bits (X.690 section 11.2.2).
  Bytes bits(2 + bit / 8);
  bits[0] = static_cast<std::uint8_t>(7 - bit % 8);
  bits[1 + bit / 8] = static_cast<std::uint8_t>(0x80U >> (bit % 8));
  return der::sequence(der::sequence(der::encode_integer(kRejection),
                                     der::sequence(der::encode(der::kUtf8String, as_bytes(refusal.text))),
                                     der::encode(der::kBitString, bits)));
}

Bytes encode_granted(ByteView token) {
  constexpr std::array<std::uint8_t, 5> kGranted{0x30, 0x03, 0x02, 0x01, 0x00};
  return der::sequence(ByteView(kGranted), token);
}

}  // namespace kyso::authority::tsa

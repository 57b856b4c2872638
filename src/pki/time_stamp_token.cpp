#include <algorithm>
#include <array>

#include "crypto/algorithm_identifier.h"
#include "crypto/ber.h"
#include "crypto/der.h"
#include "crypto/signed_data_reader.h"
#include "pki/time_stamp.h"

namespace kyso::pki {
namespace {

namespace der = crypto::der;

constexpr std::string_view kTstInfo = "1.2.840.113549.1.9.16.1.4";
constexpr std::string_view kContentType = "1.2.840.113549.1.9.3";
constexpr std::string_view kMessageDigest = "1.2.840.113549.1.9.4";
constexpr std::string_view kTimeStamping = "1.3.6.1.5.5.7.3.8";

Error malformed(std::string_view what) {
  return fail("pki.tsp.malformed", "{}", what);
}
Error mismatch(std::string_view what) {
  return fail("pki.tsp.mismatch", "{}", what);
}

// Errors of the readers below become pki.tsp.malformed; an unknown algorithm stays what it is.
template <typename T>
Result<T> as_malformed_token(Result<T> result) {
  if (result || result.error().code.starts_with("pki.") || result.error().code == "crypto.algorithm.unsupported")
    return result;
  return malformed(result.error().detail);
}

ByteView without_leading_zeros(ByteView bytes) {
  while (!bytes.empty() && bytes.front() == 0) bytes = bytes.subspan(1);
  return bytes;
}

std::string upper_hex(ByteView integer) {
  if (integer.size() > 1 && integer.front() == 0) integer = integer.subspan(1);
  std::string out = to_hex(integer);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
  return out;
}

struct TokenWithNonce {
  TimeStampToken token;
  Bytes nonce;  // without leading zeros; empty when absent
};

// TSTInfo (RFC 3161 section 2.4.2).
Result<> read_info(ByteView info, TokenWithNonce& out) {
  der::Reader outer(info);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(outer.finish());
  if (KYSO_TRY(der::read_integer(KYSO_TRY(fields.expect(der::kInteger)).content)) != 1) return malformed("version");
  TimeStampToken& token = out.token;
  token.policy = KYSO_TRY(der::read_oid(KYSO_TRY(fields.expect(der::kOid)).content));
  der::Reader imprint(KYSO_TRY(fields.expect(der::kSequence)).content);
  token.algorithm = KYSO_TRY(crypto::read_digest_algorithm(KYSO_TRY(imprint.expect(der::kSequence)).whole));
  const ByteView value = KYSO_TRY(imprint.expect(der::kOctetString)).content;
  KYSO_TRY(imprint.finish());
  if (value.size() != crypto::digest_size(token.algorithm)) return malformed("length of the imprint");
  token.imprint.assign(value.begin(), value.end());
  token.serial_hex = upper_hex(KYSO_TRY(fields.expect(der::kInteger)).content);
  token.time = KYSO_TRY(der::read_time(KYSO_TRY(fields.expect(der::kGeneralizedTime))));
  KYSO_TRY(fields.maybe(der::kSequence));  // accuracy
  KYSO_TRY(fields.maybe(der::kBoolean));   // ordering
  if (const auto nonce = KYSO_TRY(fields.maybe(der::kInteger))) {
    const ByteView number = without_leading_zeros(nonce->content);
    out.nonce.assign(number.begin(), number.end());
  }
  KYSO_TRY(fields.maybe(der::context(0)));  // tsa
  KYSO_TRY(fields.maybe(der::context(1)));  // extensions
  return fields.finish();
}

// RFC 5652 section 11: both attributes must be there and speak of this content.
Result<> check_attributes(const crypto::ParsedSignedData& data) {
  const auto type = KYSO_TRY(crypto::find_single_value(data.signed_attributes, kContentType));
  const auto digest = KYSO_TRY(crypto::find_single_value(data.signed_attributes, kMessageDigest));
  if (!type || !digest) return malformed("contentType or messageDigest missing");
  if (!std::ranges::equal(*type, der::encode_oid(kTstInfo))) return malformed("contentType");
  const Bytes expected = der::encode(der::kOctetString, crypto::digest(data.digest_algorithm, *data.content));
  if (!std::ranges::equal(*digest, expected)) return fail("pki.tsp.signature", "messageDigest differs");
  return {};
}

// RFC 3161 section 2.3: extendedKeyUsage with id-kp-timeStamping alone, critical.
Result<> check_certificate(const crypto::ParsedSignedData& data) {
  if (KYSO_TRY(crypto::check_ess(data.signed_attributes, *data.signer)) != crypto::EssBinding::matches)
    return fail("pki.tsp.certificate", "ESS signing-certificate absent or of another certificate");
  const std::vector<std::string>& usage = data.signer->extended_key_usage();
  if (usage.size() != 1 || usage.front() != kTimeStamping || !data.signer->extended_key_usage_is_critical())
    return fail("pki.tsp.certificate", "not for time-stamping only");
  return {};
}

Result<TokenWithNonce> read_checked(ByteView token) {
  const crypto::ParsedSignedData data = KYSO_TRY(crypto::read_signed_data(token));
  if (data.content_type != kTstInfo || !data.content) return malformed("no TSTInfo inside");
  if (!data.signer) return fail("pki.tsp.certificate", "the authority's certificate is not in the token");
  TokenWithNonce out;
  KYSO_TRY(read_info(*data.content, out));
  KYSO_TRY(check_attributes(data));
  if (!crypto::verify_signer(data, {})) return fail("pki.tsp.signature", "signature value");
  KYSO_TRY(check_certificate(data));
  const ByteView exact = token.first(data.encoded_size);
  out.token.der.assign(exact.begin(), exact.end());
  out.token.authority = *data.signer;
  return out;
}

Result<> check_imprint(const TimeStampToken& token, crypto::DigestAlgorithm algorithm, ByteView imprint) {
  if (token.algorithm != algorithm || !std::ranges::equal(token.imprint, imprint)) return mismatch("imprint");
  return {};
}

// PKIFailureInfo (RFC 3161 section 2.4.2), bit numbers.
constexpr std::array<std::pair<std::size_t, std::string_view>, 8> kFailures{{{0, "badAlg"},
                                                                             {2, "badRequest"},
                                                                             {5, "badDataFormat"},
                                                                             {14, "timeNotAvailable"},
                                                                             {15, "unacceptedPolicy"},
                                                                             {16, "unacceptedExtension"},
                                                                             {17, "addInfoNotAvailable"},
                                                                             {25, "systemFailure"}}};

// Words of a stranger, shown to a person: short, and without control characters.
std::string printable(ByteView text) {
  constexpr std::size_t kMaxShown = 200;
  std::string out;
  for (const char c : as_chars(text.first(std::min(text.size(), kMaxShown))))
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  return out;
}

// PKIStatusInfo: grantedWithMods is good as well, what was changed is checked by the caller.
Result<> check_status(ByteView content) {
  constexpr std::int64_t kGrantedWithMods = 1;
  der::Reader fields(content);
  const std::int64_t status = KYSO_TRY(der::read_integer(KYSO_TRY(fields.expect(der::kInteger)).content));
  if (status >= 0 && status <= kGrantedWithMods) return {};
  std::string reason;
  if (const auto texts = KYSO_TRY(fields.maybe(der::kSequence))) {
    der::Reader reader(texts->content);
    if (!reader.at_end()) reason = printable(KYSO_TRY(reader.next()).content);
  }
  if (const auto bits = KYSO_TRY(fields.maybe(der::kBitString)))
    for (const auto& [bit, name] : kFailures)
      if (1 + bit / 8 < bits->content.size() && (bits->content[1 + bit / 8] & (0x80U >> (bit % 8))) != 0)
        reason += fmt::format("{}{}", reason.empty() ? "" : ", ", name);
  return fail("pki.tsp.rejected", "status {}: {}", status, reason).with("status", status).with("reason", reason);
}

Result<TimeStampToken> read_response_fields(ByteView response, const TimeStampRequest& request) {
  der::Reader outer(response);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(check_status(KYSO_TRY(fields.expect(der::kSequence)).content));
  TokenWithNonce read = KYSO_TRY(read_checked(KYSO_TRY(fields.expect(der::kSequence)).whole));
  KYSO_TRY(fields.finish());
  KYSO_TRY(check_imprint(read.token, request.algorithm, request.imprint));
  if (!request.nonce.empty() && !std::ranges::equal(read.nonce, without_leading_zeros(request.nonce)))
    return mismatch("nonce");
  if (!request.policy.empty() && read.token.policy != request.policy) return mismatch("policy");
  return std::move(read.token);
}

}  // namespace

Result<TimeStampToken> read_response(ByteView response, const TimeStampRequest& request) {
  // The whole answer is brought into DER: the token goes into a CMS that must be DER throughout.
  const auto normalised = crypto::normalise_ber(response);
  if (!normalised) return malformed(normalised.error().detail);
  return as_malformed_token(read_response_fields(normalised->der, request));
}

Result<TimeStampToken> read_token(ByteView token, crypto::DigestAlgorithm algorithm, ByteView imprint) {
  TimeStampToken read = KYSO_TRY(parse_token(token));
  KYSO_TRY(check_imprint(read, algorithm, imprint));
  return read;
}

Result<TimeStampToken> parse_token(ByteView token) {
  auto read = as_malformed_token(read_checked(token));
  if (!read) return std::move(read).error();
  return std::move(read->token);
}

}  // namespace kyso::pki

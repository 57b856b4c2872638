#include "vault/server/content.h"

#include <algorithm>
#include <charconv>

#include "crypto/algorithm_identifier.h"
#include "crypto/der.h"

namespace kyso::vault {
namespace {

namespace der = crypto::der;

// Object identifiers as their content octets: compared, never decoded.
constexpr std::uint8_t kCrlNumber[] = {0x55, 0x1d, 0x14};
constexpr std::uint8_t kDeltaIndicator[] = {0x55, 0x1d, 0x1b};
constexpr std::uint8_t kDistributionPoint[] = {0x55, 0x1d, 0x1c};
constexpr std::uint8_t kAuthorityKeyId[] = {0x55, 0x1d, 0x23};
constexpr std::uint8_t kFreshestCrl[] = {0x55, 0x1d, 0x2e};
constexpr std::uint8_t kIssuerAltName[] = {0x55, 0x1d, 0x12};
constexpr std::uint8_t kExpiredCerts[] = {0x55, 0x1d, 0x3c};
constexpr std::uint8_t kAuthorityInfo[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x01};
constexpr std::uint8_t kSha1[] = {0x2b, 0x0e, 0x03, 0x02, 0x1a};
constexpr std::uint8_t kSha256[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01};
constexpr std::uint8_t kContentType[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03};
constexpr std::uint8_t kMessageDigest[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04};
constexpr std::uint8_t kSigningTime[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x05};
constexpr std::uint8_t kAlgorithmProtection[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x34};
constexpr std::uint8_t kTstInfo[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04};
constexpr std::uint8_t kSigningCertificateV2[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x2f};

constexpr std::uint8_t kEnumerated = 0x0a;
constexpr std::size_t kMaxSerial = 20;

// Reading ends at the first thing that is wrong; every check function catches this at its border.
struct Wrong {
  const char* reason;
};

// A strict reader for hot paths. DER: definite lengths in their fewest octets, low tags.
class Walk {
 public:
  explicit Walk(ByteView bytes) : m_rest(bytes) {}
  bool at_end() const { return m_rest.empty(); }
  bool next_is(std::uint8_t tag) const { return !m_rest.empty() && m_rest.front() == tag; }
  der::Element any(const char* what) {
    if (m_rest.size() < 2 || (m_rest[0] & 0x1fU) == 0x1fU) throw Wrong{what};
    std::size_t header = 2;
    std::size_t length = m_rest[1];
    if (length >= 0x80) {
      const std::size_t count = length & 0x7fU;
      if (count == 0 || count > 4 || m_rest.size() < 2 + count || m_rest[2] == 0) throw Wrong{what};
      length = 0;
      for (std::size_t i = 0; i < count; ++i) length = length << 8U | m_rest[2 + i];
      if (length < 0x80) throw Wrong{what};
      header += count;
    }
    if (length > m_rest.size() - header) throw Wrong{what};
    const der::Element out{m_rest[0], m_rest.subspan(header, length), m_rest.first(header + length)};
    m_rest = m_rest.subspan(header + length);
    return out;
  }
  ByteView take(std::uint8_t tag, const char* what) {
    if (!next_is(tag)) throw Wrong{what};
    return any(what).content;
  }
  std::optional<ByteView> maybe(std::uint8_t tag, const char* what) {
    return next_is(tag) ? std::optional(take(tag, what)) : std::nullopt;
  }
  void finish(const char* what) const {
    if (!m_rest.empty()) throw Wrong{what};
  }

 private:
  ByteView m_rest;
};

bool is(ByteView octets, ByteView wanted) {
  return std::ranges::equal(octets, wanted);
}
void demand(bool good, const char* what) {
  if (!good) throw Wrong{what};
}

// INTEGER in its fewest octets.
ByteView integer(ByteView content, const char* what) {
  const bool is_minimal = !content.empty() && (content.size() == 1 || content[0] != 0 || (content[1] & 0x80U) != 0);
  demand(is_minimal && (content.size() == 1 || content[0] != 0xff || (content[1] & 0x80U) == 0), what);
  return content;
}

std::int64_t small_number(ByteView content, const char* what) {
  integer(content, what);
  demand(content.size() <= 8 && (content[0] & 0x80U) == 0, what);
  std::int64_t out = 0;
  for (const auto octet : content) out = out << 8 | octet;
  return out;
}

// YYMMDDHHMMSSZ or YYYYMMDDHHMMSS[.f…]Z; RFC 5280 and RFC 3161 write no zeros at a fraction's end.
Instant time(ByteView content, std::size_t year_digits, bool may_have_fraction, const char* what) {
  const auto text = as_chars(content);
  demand(text.size() >= year_digits + 11 && text.back() == 'Z', what);
  const auto digits = text.substr(0, year_digits + 10);
  demand(std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; }), what);
  const auto fraction = text.substr(digits.size(), text.size() - digits.size() - 1);
  if (!fraction.empty()) {
    demand(may_have_fraction && fraction.front() == '.' && fraction.size() >= 2 && fraction.size() <= 10, what);
    demand(std::ranges::all_of(fraction.substr(1), [](char c) { return c >= '0' && c <= '9'; }), what);
    demand(fraction.back() != '0', what);
  }
  const auto number = [&](std::size_t from, std::size_t count) {
    int out = 0;
    for (const char c : digits.substr(from, count)) out = out * 10 + (c - '0');
    return out;
  };
  int year = number(0, year_digits);
  if (year_digits == 2) year += year < 50 ? 2000 : 1900;
  namespace chrono = std::chrono;
  const chrono::year_month_day day(chrono::year(year), chrono::month(static_cast<unsigned>(number(year_digits, 2))),
                                   chrono::day(static_cast<unsigned>(number(year_digits + 2, 2))));
  const int hour = number(year_digits + 4, 2);
  const int minute = number(year_digits + 6, 2);
  const int second = number(year_digits + 8, 2);
  demand(day.ok() && hour < 24 && minute < 60 && second < 60, what);
  return chrono::sys_days(day) + chrono::hours(hour) + chrono::minutes(minute) + chrono::seconds(second);
}

// RFC 5280 section 5.1.2.4: UTCTime until 2049.
Instant crl_time(Walk& walk, const char* what) {
  const auto element = walk.any(what);
  if (element.tag == der::kUtcTime) return time(element.content, 2, false, what);
  demand(element.tag == der::kGeneralizedTime, what);
  return time(element.content, 4, false, what);
}
Instant generalized_time(ByteView content, const char* what) {
  return time(content, 4, false, what);
}

struct Extension {
  ByteView oid, value;
  bool is_critical = false;
};
Extension next_extension(Walk& walk, const char* what) {
  Walk fields(walk.take(der::kSequence, what));
  Extension out;
  out.oid = fields.take(der::kOid, what);
  if (const auto critical = fields.maybe(der::kBoolean, what)) {
    demand(critical->size() == 1 && critical->front() == 0xff, what);
    out.is_critical = true;
  }
  out.value = fields.take(der::kOctetString, what);
  fields.finish(what);
  return out;
}
// f(extension), none of them twice.
template <typename F>
void each_extension(ByteView list, const char* what, F&& f) {
  Walk walk(list);
  demand(!walk.at_end(), what);
  std::vector<ByteView> seen;
  while (!walk.at_end()) {
    const auto extension = next_extension(walk, what);
    demand(seen.size() < 16 && std::ranges::none_of(seen, [&](ByteView oid) { return is(oid, extension.oid); }), what);
    seen.push_back(extension.oid);
    f(extension);
  }
}

std::int64_t number_in(ByteView extension_value, const char* what) {
  Walk walk(extension_value);
  const auto number = small_number(walk.take(der::kInteger, what), what);
  walk.finish(what);
  return number;
}

// revokedCertificates: millions of them.
std::size_t count_entries(ByteView list) {
  Walk walk(list);
  std::size_t count = 0;
  while (!walk.at_end()) {
    Walk fields(walk.take(der::kSequence, "entry"));
    const auto serial = integer(fields.take(der::kInteger, "serial"), "serial");
    demand(serial.size() <= kMaxSerial, "serial");
    const auto when = fields.any("revocationDate");
    demand((when.tag == der::kUtcTime && when.content.size() == 13) ||
               (when.tag == der::kGeneralizedTime && when.content.size() == 15),
           "revocationDate");
    if (!fields.at_end()) {
      Walk extensions(fields.take(der::kSequence, "crlEntryExtensions"));
      while (!extensions.at_end()) next_extension(extensions, "crlEntryExtensions");
    }
    fields.finish("entry");
    ++count;
  }
  return count;
}

void read_crl_extensions(ByteView list, const CrlRules& rules, CrlFacts& out) {
  bool has_number = false;
  bool has_key_id = false;
  each_extension(list, "crlExtensions", [&](const Extension& extension) {
    if (is(extension.oid, kCrlNumber)) {
      out.number = number_in(extension.value, "cRLNumber");
      has_number = true;
    } else if (is(extension.oid, kDeltaIndicator)) {
      out.base = number_in(extension.value, "deltaCRLIndicator");
      demand(extension.is_critical, "deltaCRLIndicator");
    } else if (is(extension.oid, kDistributionPoint)) {
      out.scope.assign(extension.value.begin(), extension.value.end());
      demand(extension.is_critical, "issuingDistributionPoint");
    } else if (is(extension.oid, kAuthorityKeyId)) {
      Walk walk(extension.value);
      Walk fields(walk.take(der::kSequence, "authorityKeyIdentifier"));
      demand(is(fields.take(der::context(0, false), "authorityKeyIdentifier"), rules.issuer_key_id),
             "authorityKeyIdentifier");
      has_key_id = true;
    } else {
      demand(is(extension.oid, kFreshestCrl) || is(extension.oid, kIssuerAltName) || is(extension.oid, kExpiredCerts) ||
                 is(extension.oid, kAuthorityInfo),
             "crlExtensions");
    }
  });
  // RFC 5280 sections 5.2.1 and 5.2.3: both are required.
  demand(has_number, "cRLNumber");
  demand(has_key_id, "authorityKeyIdentifier");
  demand(!out.base || *out.base < out.number, "deltaCRLIndicator");
}

CrlFacts read_crl(ByteView tbs, const CrlRules& rules) {
  Walk outer(tbs);
  Walk fields(outer.take(der::kSequence, "TBSCertList"));
  outer.finish("TBSCertList");
  CrlFacts out;
  demand(small_number(fields.take(der::kInteger, "version"), "version") == 1, "version");
  demand(is(fields.any("signature").whole, crypto::encode_x509_signature_algorithm(rules.scheme)), "signature");
  demand(is(fields.any("issuer").whole, rules.issuer), "issuer");
  out.this_update = crl_time(fields, "thisUpdate");
  out.next_update = crl_time(fields, "nextUpdate");
  demand(out.this_update <= rules.now + rules.tolerance && out.this_update >= rules.now - rules.tolerance,
         "thisUpdate");
  demand(out.next_update > out.this_update && out.next_update <= out.this_update + rules.longest, "nextUpdate");
  if (const auto entries = fields.maybe(der::kSequence, "revokedCertificates")) {
    demand(!entries->empty(), "revokedCertificates");  // RFC 5280 section 5.1.2.6
    out.entries = count_entries(*entries);
  }
  Walk tagged(fields.take(der::context(0), "crlExtensions"));
  fields.finish("TBSCertList");
  read_crl_extensions(tagged.take(der::kSequence, "crlExtensions"), rules, out);
  tagged.finish("crlExtensions");
  return out;
}

enum class OcspStatus : std::uint8_t { good, revoked, unknown };

bool is_own_certificate(ByteView certificate_id, const OcspRules& rules) {
  Walk fields(certificate_id);
  Walk algorithm(fields.take(der::kSequence, "certID"));
  const auto oid = algorithm.take(der::kOid, "certID");
  const auto name_hash = fields.take(der::kOctetString, "certID");
  const auto key_hash = fields.take(der::kOctetString, "certID");
  integer(fields.take(der::kInteger, "certID"), "certID");
  fields.finish("certID");
  if (is(oid, kSha1)) return is(key_hash, rules.issuer_key_sha1) && is(name_hash, rules.issuer_name_sha1);
  if (is(oid, kSha256)) return is(key_hash, rules.issuer_key_sha256) && is(name_hash, rules.issuer_name_sha256);
  return false;
}

OcspStatus read_status(Walk& fields) {
  const auto status = fields.any("certStatus");
  if (status.tag == der::context(0, false) && status.content.empty()) return OcspStatus::good;
  if (status.tag == der::context(2, false) && status.content.empty()) return OcspStatus::unknown;
  demand(status.tag == der::context(1), "certStatus");
  Walk revoked(status.content);
  generalized_time(revoked.take(der::kGeneralizedTime, "revocationTime"), "revocationTime");
  if (const auto tagged = revoked.maybe(der::context(0), "revocationReason")) {
    Walk reason(*tagged);
    demand(reason.take(kEnumerated, "revocationReason").size() == 1, "revocationReason");
    reason.finish("revocationReason");
  }
  revoked.finish("certStatus");
  return OcspStatus::revoked;
}

void read_single_response(ByteView content, const OcspRules& rules) {
  Walk fields(content);
  const bool is_own = is_own_certificate(fields.take(der::kSequence, "certID"), rules);
  const auto status = read_status(fields);
  demand(is_own || status == OcspStatus::unknown, "issuer");
  const auto this_update = generalized_time(fields.take(der::kGeneralizedTime, "thisUpdate"), "thisUpdate");
  demand(this_update <= rules.now + rules.tolerance, "thisUpdate");
  if (const auto tagged = fields.maybe(der::context(0), "nextUpdate")) {
    Walk walk(*tagged);
    const auto next = generalized_time(walk.take(der::kGeneralizedTime, "nextUpdate"), "nextUpdate");
    walk.finish("nextUpdate");
    demand(next >= this_update && next <= rules.now + rules.longest, "nextUpdate");
  }
  if (const auto tagged = fields.maybe(der::context(1), "singleExtensions")) {
    Walk walk(*tagged);
    each_extension(walk.take(der::kSequence, "singleExtensions"), "singleExtensions", [](const auto&) {});
    walk.finish("singleExtensions");
  }
  fields.finish("SingleResponse");
}

ByteView read_responder(Walk& fields) {
  Walk tagged(fields.take(der::context(2), "responderID"));
  const auto hash = tagged.take(der::kOctetString, "responderID");
  tagged.finish("responderID");
  return hash;
}

void read_response_data(ByteView der_octets, const OcspRules& rules) {
  Walk outer(der_octets);
  Walk fields(outer.take(der::kSequence, "ResponseData"));
  outer.finish("ResponseData");
  // The version is v1 and therefore absent (X.690 section 11.5): a certificate begins with [0].
  demand(is(read_responder(fields), rules.key_hash), "responderID");
  const auto produced = generalized_time(fields.take(der::kGeneralizedTime, "producedAt"), "producedAt");
  demand(produced <= rules.now + rules.tolerance && produced >= rules.now - rules.tolerance, "producedAt");
  Walk responses(fields.take(der::kSequence, "responses"));
  demand(!responses.at_end(), "responses");
  while (!responses.at_end()) read_single_response(responses.take(der::kSequence, "SingleResponse"), rules);
  if (const auto tagged = fields.maybe(der::context(1), "responseExtensions")) {
    Walk walk(*tagged);
    each_extension(walk.take(der::kSequence, "responseExtensions"), "responseExtensions", [](const auto&) {});
    walk.finish("responseExtensions");
  }
  fields.finish("ResponseData");
}

void read_accuracy(ByteView content) {
  Walk fields(content);
  if (const auto seconds = fields.maybe(der::kInteger, "accuracy")) small_number(*seconds, "accuracy");
  for (const std::uint8_t part : {std::uint8_t{0}, std::uint8_t{1}}) {
    const auto value = fields.maybe(der::context(part, false), "accuracy");
    if (!value) continue;
    const auto number = small_number(*value, "accuracy");
    demand(number >= 1 && number <= 999, "accuracy");
  }
  fields.finish("accuracy");
}

void read_tst_info(ByteView tst_info, const TimeStampRules& rules) {
  Walk outer(tst_info);
  Walk fields(outer.take(der::kSequence, "TSTInfo"));
  outer.finish("TSTInfo");
  demand(small_number(fields.take(der::kInteger, "version"), "version") == 1, "version");
  const auto policy = fields.take(der::kOid, "policy");
  if (!rules.policies.empty()) {
    const auto dotted = der::read_oid(policy);
    demand(dotted && std::ranges::find(rules.policies, *dotted) != rules.policies.end(), "policy");
  }
  Walk imprint(fields.take(der::kSequence, "messageImprint"));
  const auto algorithm = crypto::read_digest_algorithm(imprint.any("messageImprint").whole);
  const auto hash = imprint.take(der::kOctetString, "messageImprint");
  imprint.finish("messageImprint");
  demand(algorithm && hash.size() == crypto::digest_size(*algorithm), "messageImprint");
  const auto serial = integer(fields.take(der::kInteger, "serialNumber"), "serialNumber");
  demand(serial.size() <= kMaxSerial && (serial[0] & 0x80U) == 0, "serialNumber");
  const auto when = time(fields.take(der::kGeneralizedTime, "genTime"), 4, true, "genTime");
  demand(when <= rules.now + rules.tolerance && when >= rules.now - rules.tolerance, "genTime");
  if (const auto accuracy = fields.maybe(der::kSequence, "accuracy")) read_accuracy(*accuracy);
  if (const auto ordering = fields.maybe(der::kBoolean, "ordering"))
    demand(ordering->size() == 1 && ordering->front() == 0xff, "ordering");
  if (const auto nonce = fields.maybe(der::kInteger, "nonce")) integer(*nonce, "nonce");
  if (const auto name = fields.maybe(der::context(0), "tsa")) {
    Walk walk(*name);
    walk.any("tsa");
    walk.finish("tsa");
  }
  if (const auto list = fields.maybe(der::context(1), "extensions"))
    each_extension(*list, "extensions", [](const auto&) {});
  fields.finish("TSTInfo");
}

// RFC 5035 section 3: the first ESSCertIDv2 names the signer's certificate; hashAlgorithm is SHA-256 and therefore
// absent.
void read_signing_certificate(ByteView value, const TimeStampRules& rules) {
  Walk outer(value);
  Walk fields(outer.take(der::kSequence, "signingCertificateV2"));
  outer.finish("signingCertificateV2");
  Walk list(fields.take(der::kSequence, "signingCertificateV2"));
  Walk first(list.take(der::kSequence, "signingCertificateV2"));
  demand(is(first.take(der::kOctetString, "signingCertificateV2"), rules.certificate_sha256), "signingCertificateV2");
}

void read_attributes(ByteView tst_info, ByteView attributes, const TimeStampRules& rules) {
  Walk outer(attributes);
  Walk list(outer.take(der::kSet, "signedAttrs"));
  outer.finish("signedAttrs");
  unsigned seen = 0;  // one bit for each kind: none may stand twice
  const auto once = [&](unsigned bit) {
    demand((seen & bit) == 0, "signedAttrs");
    seen |= bit;
  };
  while (!list.at_end()) {
    Walk attribute(list.take(der::kSequence, "signedAttrs"));
    const auto type = attribute.take(der::kOid, "signedAttrs");
    Walk values(attribute.take(der::kSet, "signedAttrs"));
    attribute.finish("signedAttrs");
    const auto value = values.any("signedAttrs");
    values.finish("signedAttrs");
    if (is(type, kContentType)) {
      once(1);
      demand(value.tag == der::kOid && is(value.content, kTstInfo), "contentType");
    } else if (is(type, kMessageDigest)) {
      once(2);
      demand(value.tag == der::kOctetString && is(value.content, crypto::digest(rules.digest, tst_info)),
             "messageDigest");
    } else if (is(type, kSigningCertificateV2)) {
      once(4);
      read_signing_certificate(value.whole, rules);
    } else if (is(type, kSigningTime)) {
      once(8);
      Walk walk(value.whole);
      const auto when = crl_time(walk, "signingTime");
      demand(when <= rules.now + rules.tolerance && when >= rules.now - rules.tolerance, "signingTime");
    } else {
      demand(is(type, kAlgorithmProtection), "signedAttrs");
      once(16);
    }
  }
  demand((seen & 7U) == 7U, "signedAttrs");
}

template <typename F>
auto refused_as(std::string_view code, F&& f) -> Result<std::invoke_result_t<F>> {
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<F>>) {
      f();
      return {};
    } else {
      return f();
    }
  } catch (const Wrong& wrong) {
    return Error(code, wrong.reason).with("reason", std::string_view(wrong.reason));
  }
}

}  // namespace

Result<CrlFacts> check_crl(ByteView tbs, const CrlRules& rules) {
  return refused_as("vault.crl.content", [&] { return read_crl(tbs, rules); });
}

Result<> check_response_data(ByteView der_octets, const OcspRules& rules) {
  return refused_as("vault.ocsp.content", [&] { read_response_data(der_octets, rules); });
}

Result<ByteView> responder_key_hash(ByteView response_data) {
  return refused_as("vault.ocsp.content", [&] {
    Walk outer(response_data);
    Walk fields(outer.take(der::kSequence, "ResponseData"));
    return read_responder(fields);
  });
}

Result<> check_time_stamp(ByteView tst_info, ByteView signed_attributes, const TimeStampRules& rules) {
  return refused_as("vault.tsa.content", [&] {
    read_tst_info(tst_info, rules);
    read_attributes(tst_info, signed_attributes, rules);
  });
}

Result<CheckpointFacts> check_checkpoint(std::string_view text, std::string_view origin) {
  const auto refuse = [](std::string_view reason) {
    return fail("vault.checkpoint.content", "{}", reason).with("reason", reason);
  };
  if (text.size() > 4096 || !text.ends_with('\n')) return refuse("size");
  if (std::ranges::any_of(text, [](char c) { return c != '\n' && static_cast<unsigned char>(c) < 0x20; }))
    return refuse("characters");
  const auto next_line = [&] {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return line;
  };
  if (next_line() != origin || origin.empty()) return refuse("origin");
  CheckpointFacts out;
  const auto number = next_line();
  const auto [end, failed] = std::from_chars(number.data(), number.data() + number.size(), out.size);
  const bool is_canonical = failed == std::errc() && end == number.data() + number.size() && out.size >= 0 &&
                            (number.size() == 1 || number.front() != '0');
  if (number.empty() || !is_canonical) return refuse("size of the tree");
  auto root = from_base64(next_line());
  if (!root || root->size() != 32) return refuse("root");
  // What follows are extension lines; an empty one would begin the signatures.
  while (!text.empty())
    if (next_line().empty()) return refuse("extension");
  out.root = *std::move(root);
  return out;
}

}  // namespace kyso::vault

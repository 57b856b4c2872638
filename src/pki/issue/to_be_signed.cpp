#include <algorithm>
#include <limits>

#include "base/text.h"
#include "crypto/algorithm_identifier.h"
#include "crypto/der.h"
#include "pki/issue/extensions.h"
#include "pki/issue/issue.h"
#include "pki/issue/name_syntax.h"
#include "pki/issue/profile_words.h"
#include "pki/issue/subject.h"

namespace kyso::pki::issue {
namespace {

namespace der = crypto::der;
using std::chrono::seconds;

constexpr std::size_t kMaxSerial = 20;                 // RFC 5280 section 4.1.2.2
constexpr std::string_view kEmptyName("\x30\x00", 2);  // SEQUENCE {}

Error bad_validity(std::string_view reason) {
  return fail("issue.validity", "{}", reason).with("reason", reason);
}

// Section 4.1.2.5: UTCTime until 2049, GeneralizedTime from then on.
Bytes encode_time(Instant instant) {
  const CivilTime utc = vietnam_time(instant - kVietNamOffset);
  const auto rest = fmt::format("{:02}{:02}{:02}{:02}{:02}Z", utc.month, utc.day, utc.hour, utc.minute, utc.second);
  if (utc.year >= 1950 && utc.year < 2050)
    return der::encode(der::kUtcTime, as_bytes(fmt::format("{:02}{}", utc.year % 100, rest)));
  return der::encode(der::kGeneralizedTime, as_bytes(fmt::format("{:04}{}", utc.year, rest)));
}

struct Period {
  Instant from, until;  // both included
};
// The issuer's validity bounds it where there is an issuer.
Result<Period> choose_period(const CertificateProfile& profile, const CertificateRequest& request, Instant now,
                             const crypto::Certificate* issuer) {
  Period out;
  out.from = request.not_before.value_or(now);
  if (out.from < now - profile.backdate) return bad_validity("notBefore < now");
  if (out.from > now + profile.postdate) return bad_validity("notBefore > now");
  if (issuer != nullptr && (out.from < issuer->not_before() || out.from >= issuer->not_after()))
    return bad_validity("notBefore: CA");
  const Instant latest = out.from + profile.validity - seconds(1);
  if (request.not_after) {
    if (*request.not_after <= out.from || *request.not_after <= now) return bad_validity("notAfter < notBefore");
    if (*request.not_after > latest) return bad_validity(fmt::format("notAfter > {}", iso8601_vietnam(latest)));
    if (issuer != nullptr && *request.not_after > issuer->not_after()) return bad_validity("notAfter: CA");
  }
  out.until = request.not_after.value_or(issuer != nullptr ? std::min(latest, issuer->not_after()) : latest);
  return out;
}

Result<> check_kind(const CertificateProfile& profile, const crypto::PublicKey& key) {
  if (std::ranges::find(profile.keys, key.type()) == profile.keys.end())
    return fail("issue.key.kind", "{} is not for {}", key.algorithm(), profile.name).with("kind", key.algorithm());
  if (key.type() == crypto::KeyType::rsa && key.bits() < profile.min_rsa_bits)
    return fail("issue.key.weak", "{} bits", key.bits()).with("reason", fmt::format("RSA < {}", profile.min_rsa_bits));
  return {};
}

bool equal_without_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, {}, [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; },
      [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
}

std::string name_of(GeneralName::Kind kind) {
  const std::string_view word = word_of(kind);
  return word.empty() ? fmt::format("[{}]", static_cast<int>(kind)) : std::string(word);
}

Result<> check_names(const CertificateProfile& profile, const CertificateRequest& request) {
  const auto& names = request.alternative_names;
  for (auto name = names.begin(); name != names.end(); ++name) {
    if (std::ranges::find(profile.alternative_names, name->kind) == profile.alternative_names.end())
      return fail("issue.name.unexpected").with("kind", name_of(name->kind));
    if (std::find(names.begin(), name, *name) != name)
      return fail("issue.name.value").with("kind", name_of(name->kind)).with("reason", "=");
  }
  if (names.size() < profile.min_alternative_names || names.size() > profile.max_alternative_names)
    return fail("issue.name.count", "{} names", names.size())
        .with("count", names.size())
        .with("min", profile.min_alternative_names)
        .with("max", profile.max_alternative_names);
  return {};
}

// CA/B Baseline Requirements 7.1.4.3: the common name of a web server repeats one of its alternative names.
Result<> check_server_name(const CertificateProfile& profile, const CertificateRequest& request) {
  if (std::ranges::find(profile.extended_key_usage, kServerAuth) == profile.extended_key_usage.end()) return {};
  for (const SubjectAttribute& attribute : request.subject)
    if (attribute.type == "CN" && std::ranges::none_of(request.alternative_names, [&](const GeneralName& name) {
          return name.kind == NameKind::dns && equal_without_case(as_chars(name.value), attribute.value);
        }))
      return fail("issue.subject.value").with("type", "CN").with("reason", "dns");
  return {};
}

Result<> check_serial(ByteView serial) {
  const bool is_minimal = serial.size() == 1 || (serial.size() > 1 && (serial[0] != 0 || serial[1] >= 0x80));
  if (serial.empty() || serial.size() > kMaxSerial || serial[0] >= 0x80 || !is_minimal ||
      std::ranges::all_of(serial, [](std::uint8_t octet) { return octet == 0; }))
    return fail("issue.serial", "{} octets", serial.size());
  return {};
}

struct Content {
  const CertificateProfile& profile;
  const IssuerSettings* issuer;  // nullptr: self-signed
  const CertificateRequest& request;
  const crypto::PublicKey& key;
  crypto::SignatureScheme scheme;
  ByteView serial;
  Period period;
};

// TBSCertificate (section 4.1).
Result<Bytes> encode_content(const Content& content) {
  const Bytes subject = KYSO_TRY(encode_subject(content.profile, content.request.subject));
  const bool has_subject = as_chars(subject) != kEmptyName;
  if (!has_subject && content.request.alternative_names.empty())
    return fail("issue.subject.missing").with("type", "CN");
  const Bytes subject_key_id = key_identifier(content.key);
  const Bytes authority_key_id =
      content.issuer != nullptr ? key_identifier(content.issuer->certificate.certificate()) : subject_key_id;
  const ByteView issuer_name =
      content.issuer != nullptr ? content.issuer->certificate.certificate().subject_der() : ByteView(subject);
  const Bytes extensions = KYSO_TRY(encode_extensions({.profile = content.profile,
                                                       .issuer = content.issuer,
                                                       .subject_key_id = subject_key_id,
                                                       .authority_key_id = authority_key_id,
                                                       .alternative_names = content.request.alternative_names,
                                                       .has_subject = has_subject,
                                                       .serial = content.serial}));
  return der::sequence(der::encode(der::context(0), der::encode_integer(2)), der::encode(der::kInteger, content.serial),
                       crypto::encode_x509_signature_algorithm(content.scheme), issuer_name,
                       der::sequence(encode_time(content.period.from), encode_time(content.period.until)), subject,
                       content.key.spki(), extensions);
}

Result<CertificationRequest> check_request(const CertificateProfile& profile, const CertificateRequest& request,
                                           ByteView serial, const BlockedKeys* blocked) {
  if (request.profile != profile.name)
    return fail("issue.profile", "{}", profile.name).with("profile", to_valid_utf8(request.profile).substr(0, 64));
  KYSO_TRY(check_serial(serial));
  KYSO_TRY(check_names(profile, request));
  KYSO_TRY(check_server_name(profile, request));
  CertificationRequest csr = KYSO_TRY(CertificationRequest::from_bytes(request.pkcs10));
  KYSO_TRY(check_kind(profile, csr.public_key()));
  KYSO_TRY(check_key(csr.public_key(), blocked));
  return csr;
}

}  // namespace

Result<ToBeSigned> ToBeSigned::build(const CertificateProfile& profile, const IssuerSettings& issuer,
                                     const CertificateRequest& request, ByteView serial, Instant now,
                                     const BlockedKeys* blocked) {
  const CertificationRequest csr = KYSO_TRY(check_request(profile, request, serial, blocked));
  const crypto::Certificate& authority = issuer.certificate.certificate();
  if (std::ranges::equal(csr.public_key().spki(), authority.public_key().spki()))
    return fail("issue.key.weak").with("reason", "CA");
  if (profile.kind == "root") return fail("issue.profile").with("profile", profile.name);
  ToBeSigned out;
  out.m_scheme = issuer.scheme;
  out.m_key_bits = authority.public_key().bits();
  out.m_der = KYSO_TRY(encode_content({.profile = profile,
                                       .issuer = &issuer,
                                       .request = request,
                                       .key = csr.public_key(),
                                       .scheme = issuer.scheme,
                                       .serial = serial,
                                       .period = KYSO_TRY(choose_period(profile, request, now, &authority))}));
  return out;
}

Result<ToBeSigned> ToBeSigned::build_self_signed(const CertificateProfile& profile, const CertificateRequest& request,
                                                 crypto::SignatureScheme scheme, ByteView serial, Instant now) {
  const CertificationRequest csr = KYSO_TRY(check_request(profile, request, serial, nullptr));
  if (profile.kind != "root") return fail("issue.profile").with("profile", profile.name);
  if (!csr.public_key().allows(scheme)) return fail("issue.key.kind").with("kind", csr.public_key().algorithm());
  ToBeSigned out;
  out.m_scheme = scheme;
  out.m_key_bits = csr.public_key().bits();
  out.m_der = KYSO_TRY(encode_content({.profile = profile,
                                       .issuer = nullptr,
                                       .request = request,
                                       .key = csr.public_key(),
                                       .scheme = scheme,
                                       .serial = serial,
                                       .period = KYSO_TRY(choose_period(profile, request, now, nullptr))}));
  return out;
}

}  // namespace kyso::pki::issue

#include "crypto/certificate.h"

#include <algorithm>

#include "crypto/algorithm_identifier.h"
#include "crypto/der.h"
#include "crypto/name.h"
#include "crypto/pem.h"

namespace kyso::crypto {
namespace {

constexpr std::string_view kCommonName = "2.5.4.3";
constexpr std::string_view kSurname = "2.5.4.4";
constexpr std::string_view kOrganisation = "2.5.4.10";
constexpr std::string_view kOrganisationalUnit = "2.5.4.11";
constexpr std::string_view kTitle = "2.5.4.12";
constexpr std::string_view kGivenName = "2.5.4.42";
constexpr std::string_view kUserId = "0.9.2342.19200300.100.1.1";
constexpr std::string_view kEmailAddress = "1.2.840.113549.1.9.1";

constexpr std::string_view kSubjectKeyIdentifier = "2.5.29.14";
constexpr std::string_view kKeyUsage = "2.5.29.15";
constexpr std::string_view kSubjectAltName = "2.5.29.17";
constexpr std::string_view kBasicConstraints = "2.5.29.19";
constexpr std::string_view kExtendedKeyUsage = "2.5.29.37";

}  // namespace

struct Certificate::State {
  explicit State(ByteView bytes) : der(bytes.begin(), bytes.end()) {}

  Bytes der;  // every view below points into it
  ByteView tbs;
  int version = 1;
  ByteView serial;
  ByteView issuer_der;
  ByteView subject_der;
  ByteView signature_algorithm;
  bool algorithms_agree = false;
  ByteView signature;
  Name issuer;
  Name subject;
  Instant not_before{};
  Instant not_after{};
  std::optional<PublicKey> key;
  bool is_ca = false;
  std::optional<std::uint16_t> key_usage;
  std::vector<std::string> extended_key_usage;
  bool extended_key_usage_critical = false;
  std::string alternative_email;
  ByteView subject_key_id;
  std::vector<CertificateExtension> extensions;

  Result<> read();
  Result<> read_body();
  Result<> read_version(ByteView content);
  Result<> read_validity(ByteView content);
  Result<> read_extensions(ByteView content);
  Result<> read_extension(ByteView content);
  Result<> interpret(const CertificateExtension& extension);
  Result<> read_subject_key_id(ByteView value);
  Result<> read_key_usage(ByteView value);
  Result<> read_extended_key_usage(ByteView value);
  Result<> read_basic_constraints(ByteView value);
  Result<> read_alternative_names(ByteView value);
};

// Certificate (RFC 5280 section 4.1).
Result<> Certificate::State::read() {
  der::Reader outer(der);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(outer.finish());
  tbs = KYSO_TRY(fields.expect(der::kSequence)).whole;
  signature_algorithm = KYSO_TRY(fields.expect(der::kSequence)).whole;
  signature = KYSO_TRY(fields.expect(der::kBitString)).content;
  KYSO_TRY(fields.finish());
  // A signature value consists of whole octets; another BIT STRING is none, which no key verifies.
  signature = signature.empty() || signature[0] != 0 ? ByteView() : signature.subspan(1);
  return read_body();
}

Result<> Certificate::State::read_body() {
  der::Reader outer(tbs);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  if (const auto field = KYSO_TRY(fields.maybe(der::context(0)))) KYSO_TRY(read_version(field->content));
  serial = KYSO_TRY(fields.expect(der::kInteger)).content;
  if (serial.empty()) return fail("crypto.der.malformed", "empty serial number");
  const ByteView inner_algorithm = KYSO_TRY(fields.expect(der::kSequence)).whole;
  algorithms_agree = std::ranges::equal(inner_algorithm, signature_algorithm);
  issuer_der = KYSO_TRY(fields.expect(der::kSequence)).whole;
  KYSO_TRY(read_validity(KYSO_TRY(fields.expect(der::kSequence)).content));
  subject_der = KYSO_TRY(fields.expect(der::kSequence)).whole;
  issuer = KYSO_TRY(Name::from_der(issuer_der));
  subject = KYSO_TRY(Name::from_der(subject_der));
  key = KYSO_TRY(PublicKey::from_spki(KYSO_TRY(fields.expect(der::kSequence)).whole));
  KYSO_TRY(fields.maybe(der::context(1, false)));  // issuerUniqueID
  KYSO_TRY(fields.maybe(der::context(2, false)));  // subjectUniqueID
  if (const auto list = KYSO_TRY(fields.maybe(der::context(3)))) KYSO_TRY(read_extensions(list->content));
  return fields.finish();
}

Result<> Certificate::State::read_version(ByteView content) {
  der::Reader reader(content);
  const std::int64_t number = KYSO_TRY(der::read_integer(KYSO_TRY(reader.expect(der::kInteger)).content));
  if (number < 0 || number > 2) return fail("crypto.der.malformed", "version {}", number);
  version = static_cast<int>(number) + 1;
  return reader.finish();
}

Result<> Certificate::State::read_validity(ByteView content) {
  der::Reader reader(content);
  not_before = KYSO_TRY(der::read_time(KYSO_TRY(reader.next())));
  not_after = KYSO_TRY(der::read_time(KYSO_TRY(reader.next())));
  return reader.finish();
}

Result<> Certificate::State::read_extensions(ByteView content) {
  der::Reader outer(content);
  der::Reader list(KYSO_TRY(outer.expect(der::kSequence)).content);
  while (!list.at_end()) KYSO_TRY(read_extension(KYSO_TRY(list.expect(der::kSequence)).content));
  return {};
}

Result<> Certificate::State::read_extension(ByteView content) {
  der::Reader reader(content);
  CertificateExtension extension;
  extension.oid = KYSO_TRY(der::read_oid(KYSO_TRY(reader.expect(der::kOid)).content));
  const auto critical = KYSO_TRY(reader.maybe(der::kBoolean));
  extension.is_critical = critical && !critical->content.empty() && critical->content[0] != 0;
  extension.value = KYSO_TRY(reader.expect(der::kOctetString)).content;
  KYSO_TRY(reader.finish());
  if (!interpret(extension) && extension.oid == kKeyUsage) key_usage = 0;
  extensions.push_back(std::move(extension));
  return {};
}

Result<> Certificate::State::interpret(const CertificateExtension& extension) {
  const std::string& oid = extension.oid;
  const ByteView value = extension.value;
  if (oid == kSubjectKeyIdentifier) return read_subject_key_id(value);
  if (oid == kKeyUsage) return read_key_usage(value);
  if (oid == kBasicConstraints) return read_basic_constraints(value);
  if (oid == kSubjectAltName) return read_alternative_names(value);
  if (oid != kExtendedKeyUsage) return {};
  extended_key_usage_critical = extension.is_critical;
  return read_extended_key_usage(value);
}

Result<> Certificate::State::read_subject_key_id(ByteView value) {
  der::Reader reader(value);
  subject_key_id = KYSO_TRY(reader.expect(der::kOctetString)).content;
  return {};
}

Result<> Certificate::State::read_key_usage(ByteView value) {
  der::Reader reader(value);
  const ByteView bits = KYSO_TRY(reader.expect(der::kBitString)).content;
  std::uint16_t usage = 0;
  // Bit 0 is the most significant one of the first octet; the enumeration counts from the least significant one.
  for (std::size_t bit = 0; bit < 16 && 1 + bit / 8 < bits.size(); ++bit)
    if ((bits[1 + bit / 8] & (0x80U >> (bit % 8))) != 0) usage = static_cast<std::uint16_t>(usage | 1U << bit);
  key_usage = usage;
  return {};
}

Result<> Certificate::State::read_extended_key_usage(ByteView value) {
  der::Reader outer(value);
  der::Reader list(KYSO_TRY(outer.expect(der::kSequence)).content);
  while (!list.at_end())
    extended_key_usage.push_back(KYSO_TRY(der::read_oid(KYSO_TRY(list.expect(der::kOid)).content)));
  return {};
}

Result<> Certificate::State::read_basic_constraints(ByteView value) {
  der::Reader outer(value);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  const auto flag = KYSO_TRY(fields.maybe(der::kBoolean));
  is_ca = flag && !flag->content.empty() && flag->content[0] != 0;
  return {};
}

Result<> Certificate::State::read_alternative_names(ByteView value) {
  constexpr std::uint8_t kRfc822Name = der::context(1, false);
  der::Reader outer(value);
  der::Reader names(KYSO_TRY(outer.expect(der::kSequence)).content);
  while (!names.at_end()) {
    const der::Element name = KYSO_TRY(names.next());
    if (name.tag == kRfc822Name && alternative_email.empty())
      alternative_email = read_string(der::kUtf8String, name.content, name.whole);
  }
  return {};
}

Result<Certificate> Certificate::from_der(ByteView der) {
  auto state = std::make_shared<State>(der);
  if (Result<> read = state->read(); !read) {
    const Error& cause = read.error();
    return fail("crypto.certificate.malformed", "{}: {}", cause.code, cause.detail);
  }
  Certificate out;
  out.m_state = std::move(state);
  return out;
}

Result<std::vector<Certificate>> Certificate::from_pem(std::string_view pem) {
  std::vector<Certificate> out;
  for (const PemBlock& block : read_pem(pem)) {
    if (block.label != "CERTIFICATE" && block.label != "X509 CERTIFICATE" && block.label != "TRUSTED CERTIFICATE")
      continue;
    // A trusted certificate is followed by OpenSSL's own trust settings.
    der::Reader reader(block.content);
    auto element = reader.next();
    if (!element) return fail("crypto.certificate.malformed", "{}", element.error().detail);
    out.push_back(KYSO_TRY(from_der(element->whole)));
  }
  if (out.empty()) return fail("crypto.certificate.malformed", "no certificate in the PEM text");
  return out;
}

ByteView Certificate::der() const {
  return m_state->der;
}
Bytes Certificate::sha256() const {
  return digest(DigestAlgorithm::sha256, m_state->der);
}
int Certificate::version() const {
  return m_state->version;
}
ByteView Certificate::tbs() const {
  return m_state->tbs;
}
ByteView Certificate::signature_algorithm() const {
  return m_state->signature_algorithm;
}
ByteView Certificate::signature() const {
  return m_state->signature;
}
bool Certificate::signature_algorithms_agree() const {
  return m_state->algorithms_agree;
}
std::span<const CertificateExtension> Certificate::extensions() const {
  return m_state->extensions;
}

Result<SignatureScheme> Certificate::signature_scheme(KeyType issuer_key) const {
  return read_signature_algorithm(m_state->signature_algorithm, issuer_key, std::nullopt);
}

bool Certificate::verify_signature(const PublicKey& issuer) const {
  const auto scheme = signature_scheme(issuer.type());
  if (!m_state->algorithms_agree || !scheme) return false;
  // Ed25519 signs the message itself.
  const Bytes hash = scheme->key == KeyType::ed25519 ? Bytes() : digest(scheme->digest, m_state->tbs);
  return issuer.verify(*scheme, hash, m_state->tbs, m_state->signature);
}

const PublicKey& Certificate::public_key() const {
  return *m_state->key;
}
ByteView Certificate::serial() const {
  return m_state->serial;
}
ByteView Certificate::issuer_der() const {
  return m_state->issuer_der;
}
ByteView Certificate::subject_der() const {
  return m_state->subject_der;
}

std::string Certificate::serial_hex() const {
  ByteView octets = m_state->serial;
  if (octets.size() > 1 && octets[0] == 0) octets = octets.subspan(1);
  std::string out = to_hex(octets);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
  return out;
}

std::string Certificate::common_name() const {
  return m_state->subject.find(kCommonName);
}
std::string Certificate::organisation() const {
  return m_state->subject.find(kOrganisation);
}
std::string Certificate::organisational_unit() const {
  return m_state->subject.find(kOrganisationalUnit);
}
std::string Certificate::title() const {
  return m_state->subject.find(kTitle);
}
std::string Certificate::email() const {
  std::string out = m_state->subject.find(kEmailAddress);
  return out.empty() ? m_state->alternative_email : out;
}

bool Certificate::has_personal_name() const {
  const Name& subject = m_state->subject;
  if (!subject.find(kGivenName).empty() || !subject.find(kSurname).empty()) return true;
  // UID holds a person's CCCD, CMND or passport number, but the tax code (MST:) of an organisation.
  const std::string uid = subject.find(kUserId);
  return !uid.empty() && !uid.starts_with("MST:");
}

std::string Certificate::subject_text() const {
  return m_state->subject.text();
}
std::string Certificate::issuer_text() const {
  return m_state->issuer.text();
}
Instant Certificate::not_before() const {
  return m_state->not_before;
}
Instant Certificate::not_after() const {
  return m_state->not_after;
}
bool Certificate::is_ca() const {
  return m_state->is_ca;
}
bool Certificate::is_self_issued() const {
  return m_state->subject.matches(m_state->issuer);
}
std::optional<std::uint16_t> Certificate::key_usage() const {
  return m_state->key_usage;
}
bool Certificate::allows(KeyUsage usage) const {
  return !m_state->key_usage || (*m_state->key_usage & static_cast<std::uint16_t>(usage)) != 0;
}
const std::vector<std::string>& Certificate::extended_key_usage() const {
  return m_state->extended_key_usage;
}
bool Certificate::extended_key_usage_is_critical() const {
  return m_state->extended_key_usage_critical;
}

ByteView Certificate::subject_key_id() const {
  return m_state->subject_key_id;
}

bool Certificate::is_issued_by(const Certificate& issuer) const {
  if (!std::ranges::equal(m_state->issuer_der, issuer.m_state->subject_der) &&
      !m_state->issuer.matches(issuer.m_state->subject))
    return false;
  return verify_signature(issuer.public_key());
}

}  // namespace kyso::crypto

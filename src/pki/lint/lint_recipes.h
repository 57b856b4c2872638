#pragma once
#include "crypto/crypto_vectors.h"
#include "pki/lint/lint_test_support.h"

// For tests: certificates that break no rule, to be changed in one place each.
namespace kyso::pki::lint::testing {

namespace purpose {
inline constexpr std::string_view kServer = "1.3.6.1.5.5.7.3.1", kClient = "1.3.6.1.5.5.7.3.2",
                                  kMail = "1.3.6.1.5.5.7.3.4", kStamping = "1.3.6.1.5.5.7.3.8",
                                  kOcsp = "1.3.6.1.5.5.7.3.9", kDocuments = "1.3.6.1.5.5.7.3.36", kAny = "2.5.29.37.0";
}

inline Bytes rsa_signature_algorithm(std::string_view which = "1.2.840.113549.1.1.11") {
  return der::sequence(oid(which), null());
}
inline Bytes key_of(const std::string& vector) {
  const crypto::Certificate certificate = crypto::vectors::certificate(vector);
  const ByteView spki = certificate.public_key().spki();
  return {spki.begin(), spki.end()};
}
// The key bits of a SubjectPublicKeyInfo.
inline Bytes key_bits(const Bytes& spki) {
  Case c;
  Cursor cursor(spki);
  Element element;
  REQUIRE(cursor.next(element));
  const KeyView view = read_key(element);
  return {view.bits.begin(), view.bits.end()};
}
inline Bytes rsa_key(const Bytes& modulus, const Bytes& exponent = {1, 0, 1}) {
  return der::sequence(der::sequence(oid("1.2.840.113549.1.1.1"), null()),
                       bits(der::sequence(der::encode_unsigned(modulus), der::encode_unsigned(exponent))));
}
// INTEGERs as they are given.
inline Bytes rsa_key_raw(const Bytes& modulus, const Bytes& exponent) {
  return der::sequence(der::sequence(oid("1.2.840.113549.1.1.1"), null()),
                       bits(der::sequence(der::encode(der::kInteger, modulus), der::encode(der::kInteger, exponent))));
}
inline Bytes ec_key(const Bytes& parameters, const Bytes& point) {
  return der::sequence(der::sequence(oid("1.2.840.10045.2.1"), parameters), bits(point));
}

inline const std::vector<AttributeText>& issuer_name() {
  static const std::vector<AttributeText> name = {
      {id::kC, "VN", kPrintableString}, {id::kO, "Cơ quan chứng thực mẫu"}, {id::kCn, "CA mẫu"}};
  return name;
}
inline Bytes some_octets(std::size_t count) {
  Bytes out;
  std::uint32_t state = 2463534242;
  while (out.size() < count) {
    state ^= state << 13U;
    state ^= state >> 17U;
    state ^= state << 5U;
    out.push_back(static_cast<std::uint8_t>(state >> 11U));
  }
  return out;
}
inline Bytes key_id(const Bytes& spki) {
  return crypto::digest(crypto::DigestAlgorithm::sha1, key_bits(spki));
}

inline void add_status(Recipe& r) {
  r.sequence(id::kCrl, point(general_name(6, "http://crl.kyso.example/ca.crl")));
  r.sequence(id::kAia, der::concat(access("1.3.6.1.5.5.7.48.1", general_name(6, "http://ocsp.kyso.example/")),
                                   access("1.3.6.1.5.5.7.48.2", general_name(6, "http://pub.kyso.example/ca.crt"))));
}

inline Recipe any(const Bytes& key) {
  Recipe r;
  r.serial = der::encode(der::kInteger, der::concat(Bytes{0x01}, some_octets(16)));
  r.inner = r.outer = rsa_signature_algorithm();
  r.issuer = name(issuer_name());
  r.valid(utc("260101000000Z"), utc("290101000000Z"));
  r.key = key;
  r.signature = bits(some_octets(384));
  r.set(id::kAki, der::sequence(der::encode(der::context(0, false), some_octets(20))));
  r.set(id::kSki, der::encode(der::kOctetString, key_id(key)));
  r.policies({"1.3.6.1.4.1.99999.1.1"});
  add_status(r);
  return r;
}
inline Recipe person(const std::string& key = "rsa3072") {
  Recipe r = any(key_of(key));
  r.subject = name({{id::kC, "VN", kPrintableString},
                    {id::kO, "Tỉnh mẫu"},
                    {id::kOu, "Sở mẫu"},
                    {id::kL, "Hà Nội"},
                    {id::kUid, "CCCD:001090000012"},
                    {id::kCn, "Nguyễn Văn A"}});
  r.usage({0, 1});
  r.purposes({purpose::kMail, purpose::kDocuments});
  r.sequence(id::kSan, general_name(1, "a@coquan.example"));
  return r;
}
inline Recipe authority() {
  Recipe r = any(key_of("rsa3072"));
  r.subject =
      name({{id::kC, "VN", kPrintableString}, {id::kO, "Cơ quan chứng thực mẫu"}, {id::kCn, "CA cấp dưới mẫu"}});
  r.usage({5, 6});
  r.set(id::kBasic, der::sequence(octets({1, 1, 0xff}), der::encode_integer(0)), true);
  return r;
}
inline Recipe server() {
  Recipe r = any(key_of("p256"));
  r.valid(utc("260101000000Z"), utc("261231000000Z"));
  r.subject = name({{id::kC, "VN", kPrintableString}, {id::kO, "Tỉnh mẫu"}, {id::kCn, "www.coquan.example"}});
  r.usage({0});
  r.purposes({purpose::kServer});
  r.sequence(id::kSan, general_name(2, "www.coquan.example"));
  return r;
}
inline Recipe responder() {
  Recipe r = any(key_of("p256"));
  r.valid(utc("260101000000Z"), utc("260315000000Z"));
  r.subject = name({{id::kC, "VN", kPrintableString}, {id::kO, "Cơ quan chứng thực mẫu"}, {id::kCn, "OCSP mẫu"}});
  r.usage({0});
  r.purposes({purpose::kOcsp});
  r.set(id::kNoCheck, null());
  return r;
}
inline Recipe stamping() {
  Recipe r = any(key_of("p256"));
  r.subject = name({{id::kC, "VN", kPrintableString},
                    {id::kO, "Cơ quan chứng thực mẫu"},
                    {id::kCn, "Máy chủ cấp dấu thời gian mẫu"}});
  r.usage({0});
  r.purposes({purpose::kStamping}, true);
  r.sequence(id::kPeriod, der::concat(raw(0x80, "20260101000000Z"), raw(0x81, "20270101000000Z")));
  return r;
}
inline Recipe edwards() {
  Recipe r = person("ed25519");
  r.algorithm(der::sequence(oid("1.3.101.112")));
  r.signature = bits(some_octets(64));
  return r;
}
inline Recipe ecdsa() {
  Recipe r = person("p256");
  r.algorithm(der::sequence(oid("1.2.840.10045.4.3.2")));
  r.signature = bits(der::sequence(der::encode_unsigned(some_octets(32)), der::encode_unsigned(some_octets(31))));
  return r;
}

inline Bytes pds(std::string_view url, std::string_view language) {
  return der::sequence(raw(kIa5String, url), raw(kPrintableString, language));
}
inline Bytes qc_type(std::string_view type) {
  return statement("0.4.0.1862.1.6", der::sequence(oid(type)));
}
inline Bytes semantics(std::string_view which, const Bytes& more = {}) {
  return statement("1.3.6.1.5.5.7.11.2", der::sequence(oid(which), more));
}
inline Bytes qc_base() {
  return der::concat(statement("0.4.0.1862.1.1"),
                     statement("0.4.0.1862.1.5", der::sequence(pds("https://pds.kyso.example/en.pdf", "en"))));
}
inline Recipe etsi_person() {
  Recipe r = person();
  r.subject = name({{id::kC, "VN", kPrintableString},
                    {id::kO, "Tỉnh mẫu"},
                    {id::kL, "Hà Nội"},
                    {id::kSurname, "Nguyễn"},
                    {id::kGiven, "Văn A"},
                    {id::kSerial, "IDCVN-001090000012", kPrintableString},
                    {id::kCn, "Nguyễn Văn A"}});
  r.usage({1});
  r.policies({"0.4.0.194112.1.2"});
  r.sequence(id::kQc, der::concat(qc_base(), statement("0.4.0.1862.1.4"), qc_type("0.4.0.1862.1.6.1"),
                                  semantics("0.4.0.194121.1.1")));
  return r;
}
inline Recipe etsi_organization() {
  Recipe r = person();
  r.subject = name({{id::kC, "VN", kPrintableString},
                    {id::kO, "Sở mẫu"},
                    {id::kL, "Hà Nội"},
                    {id::kOrgId, "NTRVN-0100000000"},
                    {id::kCn, "Sở mẫu"}});
  r.usage({1});
  r.policies({"0.4.0.194112.1.1"});
  r.sequence(id::kQc, der::concat(qc_base(), qc_type("0.4.0.1862.1.6.2"), semantics("0.4.0.194121.1.2")));
  return r;
}
inline Recipe etsi_site() {
  Recipe r = server();
  r.policies({"0.4.0.194112.1.4"});
  r.sequence(id::kQc, der::concat(qc_base(), qc_type("0.4.0.1862.1.6.3")));
  return r;
}

}  // namespace kyso::pki::lint::testing

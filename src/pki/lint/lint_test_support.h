#pragma once
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "crypto/certificate.h"
#include "crypto/der.h"
#include "pki/lint/rule_table.h"

// For tests: certificates taken apart into the DER of their members, so that each can be changed, and put together.
namespace kyso::pki::lint::testing {

namespace der = crypto::der;

inline std::string read_file(const std::string& name) {
  std::ifstream file(std::string(KYSO_SOURCE_DIR) + "/" + name, std::ios::binary);
  REQUIRE_MESSAGE(file, name);
  return {std::istreambuf_iterator<char>(file), {}};
}

// What a rule says of a certificate.
inline Verdict verdict_of(std::string_view rule, ByteView certificate, const ParsedCertificate* issuer = nullptr) {
  Case examined;
  if (!examined.read(certificate)) return rule == "e_certificate_malformed" ? Verdict::fails : Verdict::silent;
  examined.authority = issuer;
  if (examined.key.is_rsa() && !examined.key.is_key_malformed) examined.modulus = examine_modulus(examined.key.modulus);
  for (const Entry& entry : entries()) {
    if (entry.rule.id != rule) continue;
    std::string why;
    return entry.check(examined, why);
  }
  FAIL("no such rule: " << rule);
  return Verdict::silent;
}

struct AttributeText {
  std::string_view oid;
  std::string text;
  std::uint8_t tag = der::kUtf8String;
};
inline Bytes attribute(const AttributeText& a) {
  return der::sequence(der::encode_oid(a.oid), der::encode(a.tag, as_bytes(a.text)));
}
inline Bytes rdn(const AttributeText& a) {
  return der::encode(der::kSet, attribute(a));
}
inline Bytes name(const std::vector<AttributeText>& attributes) {
  Bytes rdns;
  for (const AttributeText& a : attributes) append(rdns, ByteView(rdn(a)));
  return der::encode(der::kSequence, rdns);
}
inline Bytes octets(std::initializer_list<int> values) {
  Bytes out;
  for (const int value : values) out.push_back(static_cast<std::uint8_t>(value));
  return out;
}
inline Bytes raw(std::uint8_t tag, std::string_view text) {
  return der::encode(tag, as_bytes(text));
}
inline Bytes bits(ByteView content, std::uint8_t unused = 0) {
  return der::encode(der::kBitString, der::concat(Bytes{unused}, content));
}
inline Bytes null() {
  return {0x05, 0x00};
}
inline Bytes oid(std::string_view dotted) {
  return der::encode_oid(dotted);
}
inline Bytes utc(std::string_view text) {
  return raw(der::kUtcTime, text);
}
inline Bytes general(std::string_view text) {
  return raw(der::kGeneralizedTime, text);
}
// GeneralName: 1 rfc822Name, 2 dNSName, 6 URI, 7 iPAddress; 0, 4 constructed.
inline Bytes general_name(int kind, ByteView content) {
  return der::encode(der::context(static_cast<std::uint8_t>(kind), kind == 0 || (kind >= 3 && kind <= 5)), content);
}
inline Bytes general_name(int kind, std::string_view text) {
  return general_name(kind, as_bytes(text));
}
inline Bytes other_name(std::string_view type, const Bytes& value) {
  return general_name(0, ByteView(der::concat(oid(type), der::encode(der::context(0), value))));
}
inline Bytes point(const Bytes& names) {  // DistributionPoint with a full name
  return der::sequence(der::encode(der::context(0), der::encode(der::context(0), names)));
}
inline Bytes access(std::string_view method, const Bytes& location) {
  return der::sequence(oid(method), location);
}
inline Bytes statement(std::string_view id, const Bytes& info = {}) {
  return der::sequence(oid(id), info);
}

namespace id {
inline constexpr std::string_view kSki = "2.5.29.14", kKeyUsage = "2.5.29.15", kPeriod = "2.5.29.16",
                                  kSan = "2.5.29.17", kIan = "2.5.29.18", kBasic = "2.5.29.19", kNames = "2.5.29.30",
                                  kCrl = "2.5.29.31", kPolicies = "2.5.29.32", kMappings = "2.5.29.33",
                                  kAki = "2.5.29.35", kPolicyLimits = "2.5.29.36", kEku = "2.5.29.37",
                                  kFreshest = "2.5.29.46", kInhibit = "2.5.29.54", kNoRevocation = "2.5.29.56",
                                  kDirectory = "2.5.29.9", kAia = "1.3.6.1.5.5.7.1.1", kSia = "1.3.6.1.5.5.7.1.11",
                                  kQc = "1.3.6.1.5.5.7.1.3", kNoCheck = "1.3.6.1.5.5.7.48.1.5",
                                  kTls = "1.3.6.1.5.5.7.1.24", kPoison = "1.3.6.1.4.1.11129.2.4.3",
                                  kCtList = "1.3.6.1.4.1.11129.2.4.2", kSmime = "1.2.840.113549.1.9.15";
inline constexpr std::string_view kCn = "2.5.4.3", kSurname = "2.5.4.4", kSerial = "2.5.4.5", kC = "2.5.4.6",
                                  kL = "2.5.4.7", kO = "2.5.4.10", kOu = "2.5.4.11", kTitle = "2.5.4.12",
                                  kDescription = "2.5.4.13", kCategory = "2.5.4.15", kPhone = "2.5.4.20",
                                  kGiven = "2.5.4.42", kInitials = "2.5.4.43", kQualifier = "2.5.4.46",
                                  kPseudonym = "2.5.4.65", kOrgId = "2.5.4.97", kDc = "0.9.2342.19200300.100.1.25",
                                  kUid = "0.9.2342.19200300.100.1.1", kEmail = "1.2.840.113549.1.9.1";
}  // namespace id

struct ExtensionBytes {
  std::string id;
  Bytes value;
  bool is_critical = false;
};

struct Recipe {
  Bytes version = der::encode(der::context(0), der::encode_integer(2));
  Bytes serial, inner, issuer, validity, subject, key, unique_ids, outer, signature;
  std::vector<ExtensionBytes> extensions;
  Bytes extensions_field;  // instead of `extensions`
  Bytes tbs_tail, tail;    // what should not be there

  void set(std::string_view which, const Bytes& value, bool is_critical = false) {
    drop(which);
    extensions.push_back({std::string(which), value, is_critical});
  }
  void drop(std::string_view which) {
    std::erase_if(extensions, [&](const ExtensionBytes& e) { return e.id == which; });
  }
  void criticality(std::string_view which, bool is_critical) {
    for (ExtensionBytes& e : extensions)
      if (e.id == which) e.is_critical = is_critical;
  }
  void sequence(std::string_view which, const Bytes& content, bool is_critical = false) {
    set(which, der::encode(der::kSequence, content), is_critical);
  }
  void usage(std::initializer_list<int> numbers) {  // keyUsage from bit numbers
    Bytes mask = {0, 0};
    int last = 0;
    for (const int n : numbers) {
      mask[static_cast<std::size_t>(n / 8)] |= static_cast<std::uint8_t>(0x80 >> (n % 8));
      last = std::max(last, n);
    }
    mask.resize(static_cast<std::size_t>(last / 8 + 1));
    set(id::kKeyUsage, bits(mask, static_cast<std::uint8_t>(7 - last % 8)), true);
  }
  void purposes(const std::vector<std::string_view>& list, bool is_critical = false) {
    Bytes content;
    for (const std::string_view each : list) append(content, ByteView(oid(each)));
    sequence(id::kEku, content, is_critical);
  }
  void policies(const std::vector<std::string_view>& list) {
    Bytes content;
    for (const std::string_view each : list) append(content, ByteView(der::sequence(oid(each))));
    sequence(id::kPolicies, content);
  }
  void valid(const Bytes& from, const Bytes& until) { validity = der::sequence(from, until); }
  void algorithm(const Bytes& identifier) { inner = outer = identifier; }
  void add(const AttributeText& a) { subject = with(subject, rdn(a)); }
  void add_to_issuer(const AttributeText& a) { issuer = with(issuer, rdn(a)); }
  static Bytes with(const Bytes& name_der, const Bytes& more) {
    der::Reader reader(name_der);
    const auto element = reader.next();
    return der::encode(der::kSequence, der::concat(element->content, more));
  }
  Bytes bytes() const {
    Bytes list;
    for (const ExtensionBytes& e : extensions)
      append(list, ByteView(der::sequence(oid(e.id), e.is_critical ? octets({1, 1, 0xff}) : Bytes(),
                                          der::encode(der::kOctetString, e.value))));
    const Bytes field = !extensions_field.empty() ? extensions_field
                        : extensions.empty()      ? Bytes()
                                                  : der::encode(der::context(3), der::encode(der::kSequence, list));
    const Bytes tbs =
        der::sequence(version, serial, inner, issuer, validity, subject, key, unique_ids, field, tbs_tail);
    return der::concat(der::sequence(tbs, outer, signature), tail);
  }
};

}  // namespace kyso::pki::lint::testing

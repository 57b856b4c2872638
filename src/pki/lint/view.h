#pragma once
#include <array>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "pki/lint/oid.h"

// Private to the module: a certificate taken apart once, for all rules. Everything points into the certificate's bytes.
// Reading is strict about DER and generous about what follows: a part that can't be read is marked, and the rest is
// still judged.
namespace kyso::pki::lint {

enum Tag : std::uint8_t {
  kNumericString = 0x12,
  kPrintableString = 0x13,
  kTeletexString = 0x14,
  kIa5String = 0x16,
  kVisibleString = 0x1a,
  kUniversalString = 0x1c,
  kBmpString = 0x1e,
};

struct Element {
  std::uint8_t tag = 0;
  ByteView content, whole;
};

// Takes one element after the other; false: none left, or not DER (then `is_broken`).
class Cursor {
 public:
  explicit Cursor(ByteView bytes) : m_rest(bytes) {}
  bool next(Element& out);
  bool expect(std::uint8_t tag, Element& out) { return next_is(tag) ? next(out) : (m_is_broken = true, false); }
  bool next_is(std::uint8_t tag) const { return !m_rest.empty() && m_rest.front() == tag; }
  bool at_end() const { return m_rest.empty(); }
  bool is_broken() const { return m_is_broken; }
  bool ended_well() const { return m_rest.empty() && !m_is_broken; }

 private:
  ByteView m_rest;
  bool m_is_broken = false;
};

enum class At : std::uint8_t {  // attribute types of names
  common_name,
  surname,
  serial_number,
  country,
  locality,
  state,
  street,
  organization,
  unit,
  title,
  description,
  business_category,
  postal_code,
  telephone,
  name,
  given_name,
  initials,
  generation,
  dn_qualifier,
  pseudonym,
  organization_id,
  domain_component,
  user_id,
  email,
  jurisdiction_locality,
  jurisdiction_state,
  jurisdiction_country,
  unstructured_name,
  other
};

struct Attribute {
  ByteView oid;
  At type = At::other;
  std::uint8_t tag = 0;
  ByteView value;         // content octets
  std::string_view text;  // UTF-8; of a string type that is well encoded, else empty
  bool is_text = false;   // of a string type
  bool is_well_encoded = true;
  bool is_ascii = true;
  std::size_t characters = 0;
  std::uint32_t rdn = 0;  // the how-manieth RDN
};

struct NameView {
  ByteView whole;
  std::vector<Attribute> attributes;
  std::uint32_t rdns = 0;
  bool is_malformed = false, has_empty_rdn = false, has_unsorted_rdn = false;
  bool is_empty() const { return rdns == 0 && !is_malformed; }
  const Attribute* find(At type) const;
  std::size_t count(At type) const;
  bool has(At type) const { return find(type) != nullptr; }
};

struct AlgorithmView {
  ByteView whole, oid;
  std::optional<Element> parameters;
  bool is_malformed = false;
  bool has_null() const { return parameters && parameters->tag == 0x05 && parameters->content.empty(); }
};

struct TimeView {
  std::uint8_t tag = 0;
  std::string_view text;
  std::optional<Instant> instant;  // also of forms that RFC 5280 forbids
  bool has_seconds = false, is_zulu = false, has_fraction = false;
};

enum class KeyKind : std::uint8_t { other, rsa, rsa_pss, ec, ed25519, ed448, x25519, x448, dsa };
struct KeyView {
  ByteView whole;
  AlgorithmView algorithm;
  KeyKind kind = KeyKind::other;
  ByteView bits;  // without the octet of unused bits
  std::uint8_t unused_bits = 0;
  bool is_malformed = false;      // the SubjectPublicKeyInfo
  bool is_key_malformed = false;  // what stands in the bit string
  ByteView modulus, exponent;     // content octets of the INTEGERs
  std::size_t modulus_bits() const;
  bool is_rsa() const { return kind == KeyKind::rsa || kind == KeyKind::rsa_pss; }
};

enum class Ext : std::uint8_t {
  subject_key_id,
  key_usage,
  private_key_period,
  subject_alt_name,
  issuer_alt_name,
  basic_constraints,
  name_constraints,
  crl_points,
  policies,
  policy_mappings,
  authority_key_id,
  policy_constraints,
  extended_usage,
  freshest_crl,
  inhibit_any_policy,
  no_revocation,
  subject_directory,
  authority_info,
  subject_info,
  qc_statements,
  ocsp_no_check,
  tls_feature,
  ct_poison,
  ct_list,
  smime_capabilities,
  ns_cert_type,
  ns_comment,
  ns_other,
  ms_template,
  other
};
inline constexpr std::size_t kExtKinds = static_cast<std::size_t>(Ext::other);

struct ExtensionView {
  ByteView oid, value;
  Ext kind = Ext::other;
  bool is_critical = false;
  bool has_critical_false = false;  // the DEFAULT is written out
  bool has_odd_boolean = false;     // TRUE is not 0xff
  bool is_malformed = false;        // the value, of a known kind
};

struct GeneralNameView {
  enum Kind : std::uint8_t { other, rfc822, dns, x400, directory, edi, uri, ip, registered, unknown };
  Kind kind = unknown;
  ByteView content, whole;
  bool is_well_tagged = false;  // constructed where it should be, and only there
  std::string_view text() const { return as_chars(content); }
};
using GeneralNamesView = std::vector<GeneralNameView>;

struct PointView {  // DistributionPoint
  bool has_name = false, has_full_name = false, has_relative_name = false, has_reasons = false, has_issuer = false;
  GeneralNamesView full_name, issuer;
  ByteView relative_name, reasons;
};
struct SubtreeView {
  bool is_permitted = false, has_minimum = false, has_maximum = false;
  ByteView minimum;
  GeneralNameView base;
};
struct QualifierView {
  ByteView oid;
  Element value;
  std::optional<Element> explicit_text;
  bool has_notice_reference = false, is_malformed = false;
};
struct PolicyView {
  ByteView oid;
  std::vector<QualifierView> qualifiers;
  bool has_empty_qualifiers = false;
};
struct AccessView {
  ByteView method;
  GeneralNameView location;
};
struct StatementView {
  ByteView oid;
  std::optional<Element> info;
};

// Everything that the rules look at.
struct View {
  bool read(ByteView der);  // false: no certificate

  ByteView der, tbs, signature;
  std::uint8_t signature_unused_bits = 0;
  bool has_trailing_bytes = false, has_tbs_trailing = false;
  bool has_explicit_v1 = false;
  std::optional<int> version;  // 1, 2, 3; nullopt: not readable
  ByteView serial;
  AlgorithmView inner, outer;
  NameView issuer, subject;
  TimeView not_before, not_after;
  bool is_validity_malformed = false;
  KeyView key;
  std::optional<Element> issuer_unique_id, subject_unique_id;
  bool has_extensions = false, are_extensions_malformed = false, are_extensions_empty = false;
  std::vector<ExtensionView> extensions;
  std::array<std::int32_t, kExtKinds> first_extension{};

  std::uint16_t key_usage = 0;  // bit n of RFC 5280 = 1 << n
  ByteView key_usage_content;   // of the BIT STRING, with the octet of unused bits
  bool ca = false, has_ca_false = false, has_ca_odd = false;
  std::optional<Element> path_length;
  std::vector<ByteView> usages;
  ByteView subject_key_id;
  std::optional<ByteView> authority_key_id, authority_issuer, authority_serial;
  GeneralNamesView subject_names, issuer_names, authority_names;
  bool has_permitted = false, has_excluded = false;
  std::vector<SubtreeView> subtrees;
  std::vector<PolicyView> policies;
  std::vector<std::array<ByteView, 2>> mappings;
  std::optional<ByteView> require_explicit, inhibit_mapping, inhibit_any;
  std::vector<PointView> crl_points, freshest_points;
  std::vector<AccessView> authority_access, subject_access;
  std::vector<StatementView> statements;
  ByteView semantics;  // OID of the semantics identifier, empty when there is none
  std::vector<GeneralNameView> registration_authorities;
  std::optional<Element> private_from, private_until;
  ByteView ct_list;

  const ExtensionView* find(Ext kind) const;
  bool has(Ext kind) const { return find(kind) != nullptr; }
  bool is_readable(Ext kind) const;
  bool is_self_issued() const { return !issuer.is_empty() && std::ranges::equal(issuer.whole, subject.whole); }
  bool is_subscriber() const { return !ca && !is_self_issued(); }
  bool has_usage(const Oid& oid) const;
  bool has_policy(const Oid& oid) const;
  const StatementView* statement(const Oid& oid) const;

 private:
  bool read_tbs(ByteView content);
  void read_validity(ByteView content);
  void read_name(const Element& element, NameView& out);
  void read_extensions(ByteView content);
  bool read_extension(ExtensionView& extension);
  bool read_known(const ExtensionView& extension);
  void decode(Attribute& attribute);
  std::deque<std::string> m_texts;  // of the attributes that aren't UTF-8 as they stand
};

AlgorithmView read_algorithm(const Element& element);
KeyView read_key(const Element& element);
TimeView read_time(const Element& element);
bool read_general_names(ByteView content, GeneralNamesView& out);
GeneralNameView read_general_name(const Element& element);

}  // namespace kyso::pki::lint

#include "pki/issue/subject.h"

#include <algorithm>
#include <array>
#include <regex>

#include "base/character.h"
#include "base/text.h"
#include "crypto/der.h"
#include "crypto/name.h"
#include "pki/issue/name_syntax.h"

namespace kyso::pki::issue {
namespace {

namespace der = crypto::der;
using enum StringKind;

constexpr std::uint8_t kPrintableString = 0x13, kIa5String = 0x16;
constexpr std::size_t kMaxValueOctets = 4096;
constexpr std::size_t kMaxAttributes = 64;
constexpr std::size_t kUnknownTypeBound = 256;

// X.520 and RFC 5280 appendix A.1; UID: RFC 4524; organizationIdentifier has no bound of its own. The bound of the
// parts of a person's name (ub-name) is 32768: nobody prints that.
constexpr std::array<AttributeType, 19> kTypes{{
    {"CN", "2.5.4.3", utf8, 64},
    {"SN", "2.5.4.4", utf8, 128},
    {"serialNumber", "2.5.4.5", printable, 64},
    {"C", "2.5.4.6", printable, 2},
    {"L", "2.5.4.7", utf8, 128},
    {"ST", "2.5.4.8", utf8, 128},
    {"street", "2.5.4.9", utf8, 128},
    {"O", "2.5.4.10", utf8, 64},
    {"OU", "2.5.4.11", utf8, 64},
    {"title", "2.5.4.12", utf8, 64},
    {"description", "2.5.4.13", utf8, 1024},
    {"businessCategory", "2.5.4.15", utf8, 128},
    {"postalCode", "2.5.4.17", utf8, 40},
    {"GN", "2.5.4.42", utf8, 128},
    {"pseudonym", "2.5.4.65", utf8, 128},
    {"organizationIdentifier", "2.5.4.97", utf8, 128},
    {"UID", "0.9.2342.19200300.100.1.1", utf8, 256},
    {"DC", "0.9.2342.19200300.100.1.25", ia5, 63},
    {"E", "1.2.840.113549.1.9.1", ia5, 255},
}};

bool is_dotted_oid(std::string_view text) {
  if (text.size() > 64 || text.size() < 3 || text[0] > '2' || text[1] != '.') return false;
  bool at_start = true;
  std::size_t arcs = 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.') {
      if (at_start) return false;
      at_start = true;
      ++arcs;
      continue;
    }
    if (c < '0' || c > '9') return false;
    const bool is_padded = at_start && c == '0' && i + 1 < text.size() && text[i + 1] != '.';
    if (is_padded) return false;
    at_start = false;
  }
  if (at_start || arcs < 3) return false;
  // The first two arcs share an octet (X.690 section 8.19.4).
  const std::string_view second = text.substr(2, text.find('.', 2) - 2);
  return text[0] == '2' || second.size() < 2 || (second.size() == 2 && second < "40");
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(" '()+,-./:=?").find(c) != std::string_view::npos;
  });
}

std::uint8_t tag_of(StringKind kind) {
  return kind == printable ? kPrintableString : kind == ia5 ? kIa5String : std::uint8_t{der::kUtf8String};
}

Error bad_value(std::string_view type, std::string_view reason) {
  return fail("issue.subject.value", "{}: {}", type, reason).with("type", type).with("reason", reason);
}

// What is wrong with the characters of a value, in a word.
std::optional<std::string_view> fault_of_text(std::string_view value, std::u32string_view characters) {
  if (characters.empty()) return "empty";
  if (value.front() == ' ' || value.back() == ' ' || value.find("  ") != std::string_view::npos) return "blanks";
  if (std::ranges::any_of(characters, is_treacherous)) return "invisible or unassigned character";
  // A mark that stands on nothing joins whatever is printed before it.
  if (characters[0] >= 0x300 && characters[0] <= 0x36f) return "combining mark at the start";
  return std::nullopt;
}
std::optional<std::string_view> fault_of_kind(std::string_view name, StringKind kind, std::string_view value) {
  if (kind == printable && !is_printable(value)) return "PrintableString";
  if (name == "C" && (value.size() != 2 || !std::ranges::all_of(value, [](char c) { return c >= 'A' && c <= 'Z'; })))
    return "ISO 3166";
  if (name == "E" && !is_mailbox(value)) return "RFC 5321";
  if (name == "DC" && !is_dns_label(value)) return "RFC 5890";
  return std::nullopt;
}

Result<Bytes> encode_attribute(const AttributeRule& rule, const std::string& written) {
  const AttributeType* known = attribute_type(rule.type);
  if (written.size() > kMaxValueOctets)
    return fail("issue.subject.too_long").with("type", rule.type).with("limit", kMaxValueOctets);
  if (!is_valid_utf8(written)) return bad_value(rule.type, "UTF-8");
  const std::string value = to_nfc(written);
  const std::u32string characters = to_utf32(value);
  if (const auto fault = fault_of_text(value, characters)) return bad_value(rule.type, *fault);
  const StringKind kind = known != nullptr ? known->kind : utf8;
  if (const auto fault = fault_of_kind(rule.type, kind, value)) return bad_value(rule.type, *fault);
  const std::size_t bound = known != nullptr ? known->upper_bound : kUnknownTypeBound;
  const std::size_t limit = rule.max_length == 0 ? bound : std::min(rule.max_length, bound);
  if (characters.size() > limit)
    return fail("issue.subject.too_long", "{} characters", characters.size())
        .with("type", rule.type)
        .with("limit", limit);
  if (!rule.fixed.empty() && value != to_nfc(rule.fixed)) return bad_value(rule.type, rule.fixed);
  if (!rule.pattern.empty()) {
    const auto pattern = rule.compiled ? rule.compiled : Pattern::compile(rule.pattern);
    if (!pattern || !pattern->matches(value)) return bad_value(rule.type, rule.pattern);
  }
  const Bytes oid = der::encode_oid(known != nullptr ? known->oid : rule.type);
  return der::encode(der::kSet, der::sequence(oid, der::encode(tag_of(kind), as_bytes(value))));
}

}  // namespace

const AttributeType* attribute_type(std::string_view name) {
  const auto* const found = std::ranges::find(kTypes, name, &AttributeType::name);
  return found == kTypes.end() ? nullptr : found;
}
const AttributeType* attribute_type_of_oid(std::string_view dotted) {
  const auto* const found = std::ranges::find(kTypes, dotted, &AttributeType::oid);
  return found == kTypes.end() ? nullptr : found;
}
bool is_attribute_type(std::string_view type) {
  return attribute_type(type) != nullptr || (is_dotted_oid(type) && attribute_type_of_oid(type) == nullptr);
}

struct Pattern::State {
  std::regex expression;
};
Pattern::Pattern() = default;
Pattern::~Pattern() = default;

// The library's other way of matching takes time that grows exponentially, and stack with the length of the value.
std::shared_ptr<const Pattern> Pattern::compile(const std::string& expression) {
  if (expression.size() > 1024) return nullptr;
  try {
    auto out = std::make_shared<Pattern>();
    out->m_state = std::make_unique<State>();
    out->m_state->expression.assign(
        expression, std::regex_constants::ECMAScript | std::regex_constants::__polynomial | std::regex::optimize);
    return out;
  } catch (const std::regex_error&) {
    return nullptr;
  }
}

bool Pattern::matches(const std::string& value) const {
  try {
    return std::regex_match(value, m_state->expression);
  } catch (const std::regex_error&) {
    return false;
  }
}

Result<Bytes> encode_subject(const CertificateProfile& profile, std::span<const SubjectAttribute> subject) {
  if (subject.size() > kMaxAttributes) return fail("issue.subject.unexpected").with("type", subject.back().type);
  for (const SubjectAttribute& attribute : subject)
    if (std::ranges::find(profile.subject, attribute.type, &AttributeRule::type) == profile.subject.end())
      return fail("issue.subject.unexpected", "{}", to_valid_utf8(attribute.type).substr(0, 64))
          .with("type", to_valid_utf8(attribute.type).substr(0, 64));
  Bytes rdns;
  for (const AttributeRule& rule : profile.subject) {
    std::vector<const std::string*> values;
    for (const SubjectAttribute& attribute : subject)
      if (attribute.type == rule.type) values.push_back(&attribute.value);
    if (values.empty() && !rule.fixed.empty()) values.push_back(&rule.fixed);
    if (values.size() < rule.min) return fail("issue.subject.missing").with("type", rule.type);
    if (values.size() > rule.max) return fail("issue.subject.unexpected").with("type", rule.type);
    for (auto value = values.rbegin(); value != values.rend(); ++value)
      append(rdns, ByteView(KYSO_TRY(encode_attribute(rule, **value))));
  }
  return der::encode(der::kSequence, rdns);
}

Result<std::vector<SubjectAttribute>> read_subject(ByteView name_der) {
  der::Reader outer(name_der);
  der::Reader rdns(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(outer.finish());
  std::vector<SubjectAttribute> out;
  while (!rdns.at_end()) {
    der::Reader rdn(KYSO_TRY(rdns.expect(der::kSet)).content);
    if (rdn.at_end()) return fail("crypto.der.malformed", "empty RelativeDistinguishedName");
    while (!rdn.at_end()) {
      der::Reader pair(KYSO_TRY(rdn.expect(der::kSequence)).content);
      const std::string oid = KYSO_TRY(der::read_oid(KYSO_TRY(pair.expect(der::kOid)).content));
      const der::Element value = KYSO_TRY(pair.next());
      KYSO_TRY(pair.finish());
      const AttributeType* known = attribute_type_of_oid(oid);
      out.push_back({known != nullptr ? std::string(known->name) : oid,
                     crypto::read_string(value.tag, value.content, value.whole)});
      if (out.size() > kMaxAttributes) return fail("crypto.der.malformed", "too many attributes");
    }
  }
  std::ranges::reverse(out);
  return out;
}

}  // namespace kyso::pki::issue

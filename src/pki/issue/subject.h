#pragma once
#include <span>

#include "pki/issue/profile.h"

// Private to the module: subject names, from what people write to DER.
namespace kyso::pki::issue {

enum class StringKind : std::uint8_t { utf8, printable, ia5 };

struct AttributeType {
  std::string_view name;  // "CN"
  std::string_view oid;
  StringKind kind = StringKind::utf8;
  std::size_t upper_bound = 0;  // characters (RFC 5280 appendix A.1)
};
const AttributeType* attribute_type(std::string_view name);
const AttributeType* attribute_type_of_oid(std::string_view dotted);
// A name of the table, or a dotted OID that the table doesn't know by name.
bool is_attribute_type(std::string_view type);

class Pattern {
 public:
  // nullptr when it isn't a regular expression.
  static std::shared_ptr<const Pattern> compile(const std::string& expression);
  Pattern();
  ~Pattern();
  bool matches(const std::string& value) const;

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

// Name, in the order of the profile's rules; of repeated attributes, which people write nearest unit first, the
// farthest comes first (C, O, OU=Sở, OU=Trung tâm, L, CN). Errors issue.subject.*.
Result<Bytes> encode_subject(const CertificateProfile& profile, std::span<const SubjectAttribute> subject);
// The attributes of a Name, most specific first. Values that aren't text are written "#" and hexadecimal.
Result<std::vector<SubjectAttribute>> read_subject(ByteView name_der);

}  // namespace kyso::pki::issue

#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

// For the modules of keys and trust only: distinguished names (RFC 5280 section 4.1.2.4).
namespace kyso::crypto {

struct NameAttribute {
  std::string oid;
  std::string value;  // UTF-8 NFC
};

// One relative distinguished name after the other, in the order of the encoding.
class Name {
 public:
  static Result<Name> from_der(ByteView der);

  // The most specific value of this kind, empty when there is none. Names are encoded from the country down to the
  // person, but some authorities write them the other way round: the place of the country tells.
  std::string find(std::string_view oid) const;
  std::string text() const;  // RFC 4514
  // RFC 5280 section 7.1, roughly: the same attributes in the same order, letter case and blanks aside.
  bool matches(const Name& other) const;

 private:
  bool starts_with_the_person() const;
  std::vector<std::vector<NameAttribute>> m_rdns;
};

// The value of a DirectoryString, IA5String or the like as UTF-8 NFC. Other types give "#" and the hexadecimal
// encoding.
std::string read_string(std::uint8_t tag, ByteView content, ByteView whole);

}  // namespace kyso::crypto

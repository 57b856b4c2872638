#include <algorithm>
#include <array>

#include "base/text.h"
#include "crypto/der.h"
#include "crypto/name.h"
#include "pki/parsed_certificate.h"

namespace kyso::pki {
namespace {

namespace der = crypto::der;

void append_counted(Bytes& out, ByteView part) {
  const std::size_t size = part.size();
  for (const unsigned shift : {24U, 16U, 8U, 0U}) out.push_back(static_cast<std::uint8_t>(size >> shift));
  append(out, part);
}

bool is_string(std::uint8_t tag) {
  constexpr std::array<std::uint8_t, 8> kStrings{0x0c, 0x12, 0x13, 0x14, 0x16, 0x1a, 0x1c, 0x1e};
  return std::ranges::find(kStrings, tag) != kStrings.end();
}

// AttributeTypeAndValue: the octets of the type, then the text as it compares (RFC 5280 section 7.1 with RFC 4518:
// characters mapped and composed, blanks folded), whatever string type carries it; other values as they are.
Result<Bytes> normalise_attribute(ByteView content) {
  der::Reader fields(content);
  Bytes out;
  append_counted(out, KYSO_TRY(fields.expect(der::kOid)).content);
  const der::Element value = KYSO_TRY(fields.next());
  KYSO_TRY(fields.finish());
  if (is_string(value.tag)) {
    const std::string text = fold_case(crypto::read_string(value.tag, value.content, value.whole));
    out.push_back(1);
    append_counted(out, as_bytes(text));
  } else {
    out.push_back(0);
    append_counted(out, value.whole);
  }
  return out;
}

Result<Bytes> normalise(ByteView name_der) {
  der::Reader outer(name_der);
  der::Reader rdns(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(outer.finish());
  Bytes out;
  while (!rdns.at_end()) {
    der::Reader members(KYSO_TRY(rdns.expect(der::kSet)).content);
    std::vector<Bytes> attributes;
    while (!members.at_end())
      attributes.push_back(KYSO_TRY(normalise_attribute(KYSO_TRY(members.expect(der::kSequence)).content)));
    std::ranges::sort(attributes);
    Bytes rdn;
    for (const Bytes& attribute : attributes) append_counted(rdn, attribute);
    append_counted(out, rdn);
  }
  return out;
}

}  // namespace

// Each part is counted, so that a name stands below another one exactly when its form begins with the other's.
Bytes normalise_name(ByteView name_der) {
  if (auto form = normalise(name_der)) return *std::move(form);
  // Not a Name: equal to its own bytes only. No counted part begins with this octet.
  Bytes out{0xff};
  append(out, name_der);
  return out;
}

}  // namespace kyso::pki

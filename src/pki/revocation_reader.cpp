#include "pki/revocation_reader.h"

#include <algorithm>
#include <set>

namespace kyso::pki {
namespace {

namespace der = crypto::der;

constexpr std::uint8_t kEnumerated = 0x0a;
// More extensions than anybody has use for; each one costs a search for its double.
constexpr std::size_t kMaxExtensions = 256;

Error malformed(std::string_view what) {
  return fail("crypto.der.malformed", "{}", what);
}

bool is_minimal(ByteView content) {
  if (content.empty()) return false;
  return content.size() == 1 || !((content[0] == 0 && content[1] < 0x80) || (content[0] == 0xff && content[1] >= 0x80));
}

Result<ExtensionView> read_extension_view(ByteView content) {
  der::Reader fields(content);
  ExtensionView out;
  out.oid = KYSO_TRY(der::read_oid(KYSO_TRY(fields.expect(der::kOid)).content));
  if (const auto critical = KYSO_TRY(fields.maybe(der::kBoolean)))
    out.is_critical = KYSO_TRY(read_boolean(critical->content));
  out.value = KYSO_TRY(fields.expect(der::kOctetString)).content;
  KYSO_TRY(fields.finish());
  return out;
}

}  // namespace

Result<std::vector<ExtensionView>> read_extension_views(ByteView content) {
  der::Reader list(content);
  if (list.at_end()) return malformed("no extensions inside");
  std::vector<ExtensionView> out;
  std::set<std::string> seen;
  while (!list.at_end()) {
    if (out.size() >= kMaxExtensions) return malformed("too many extensions");
    out.push_back(KYSO_TRY(read_extension_view(KYSO_TRY(list.expect(der::kSequence)).content)));
    if (!seen.insert(out.back().oid).second) return malformed("extension stands twice");
  }
  return out;
}

Result<std::vector<GeneralName>> read_general_name_list(ByteView content) {
  constexpr std::uint8_t kKinds = 9;
  der::Reader list(content);
  if (list.at_end()) return malformed("no names inside");
  std::vector<GeneralName> out;
  while (!list.at_end()) {
    const der::Element element = KYSO_TRY(list.next());
    const std::uint8_t number = element.tag & 0x1fU;
    if ((element.tag & 0xc0U) != 0x80U || number >= kKinds) return malformed("GeneralName");
    GeneralName name{static_cast<GeneralName::Kind>(number), {}};
    if (name.kind == GeneralName::Kind::directory) {
      // Name is a CHOICE, so the tag around it is explicit.
      der::Reader inner(element.content);
      KYSO_TRY(inner.expect(der::kSequence));
      KYSO_TRY(inner.finish());
    }
    name.value.assign(element.content.begin(), element.content.end());
    out.push_back(std::move(name));
  }
  return out;
}

std::vector<Bytes> normalised_directory_names(std::span<const GeneralName> names) {
  std::vector<Bytes> out;
  for (const GeneralName& name : names) {
    if (out.size() >= kMaxNames) break;
    if (name.kind == GeneralName::Kind::directory) out.push_back(normalise_name(name.value));
  }
  return out;
}

Result<ByteView> read_serial(const der::Element& element) {
  if (element.tag != der::kInteger || !is_minimal(element.content)) return malformed("INTEGER");
  return element.content;
}

ByteView minimal_integer(ByteView content) {
  while (content.size() > 1 && !is_minimal(content)) content = content.subspan(1);
  return content;
}

Result<bool> read_boolean(ByteView content) {
  // DER leaves FALSE out, where it is the default; some authorities write it.
  if (content.size() != 1 || (content[0] != 0 && content[0] != 0xff)) return malformed("BOOLEAN");
  return content[0] != 0;
}

Result<int> read_enumerated(ByteView value) {
  der::Reader reader(value);
  const ByteView content = KYSO_TRY(reader.expect(kEnumerated)).content;
  KYSO_TRY(reader.finish());
  if (content.size() != 1 || content[0] >= 0x80) return malformed("ENUMERATED");
  return content[0];
}

Result<ReasonMask> read_reason_flags(ByteView content) {
  if (content.empty() || content[0] > 7 || (content.size() == 1 && content[0] != 0)) return malformed("BIT STRING");
  ReasonMask out = 0;
  for (std::size_t bit = 0; bit < 16 && 1 + bit / 8 < content.size(); ++bit)
    if ((content[1 + bit / 8] & (0x80U >> (bit % 8))) != 0) out = static_cast<ReasonMask>(out | 1U << bit);
  return static_cast<ReasonMask>(out & kAllReasons);
}

Result<Instant> read_generalized_time(ByteView value) {
  der::Reader reader(value);
  const Instant out = KYSO_TRY(der::read_time(KYSO_TRY(reader.expect(der::kGeneralizedTime))));
  KYSO_TRY(reader.finish());
  return out;
}

Result<SignedBlock> read_signed_block(der::Reader& fields) {
  SignedBlock out;
  out.tbs = KYSO_TRY(fields.expect(der::kSequence)).whole;
  out.algorithm = KYSO_TRY(fields.expect(der::kSequence)).whole;
  const ByteView bits = KYSO_TRY(fields.expect(der::kBitString)).content;
  if (bits.empty() || bits[0] != 0) return malformed("BIT STRING of the signature");
  out.signature = bits.subspan(1);
  return out;
}

}  // namespace kyso::pki

#include "pdf/drawing/font_embedding.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "crypto/algorithm.h"
#include "pdf/syntax/lexer.h"

namespace kyso::pdf {
namespace {

// Six capitals made from the letters (ISO 32000-2 section 9.9.2): different subsets of one font differ in name.
std::string subset_tag(std::string_view postscript_name, std::u32string_view letters) {
  const Bytes hash =
      crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(std::string(postscript_name) + '\0' + to_utf8(letters)));
  std::string tag;
  for (std::size_t i = 0; i < 6; ++i) tag += static_cast<char>('A' + hash[i] % 26);
  return tag;
}

std::string utf16_hex(char32_t letter) {
  const Bytes bytes = to_utf16be_bom(to_utf8(std::u32string_view(&letter, 1)));
  return to_hex(ByteView(bytes).subspan(2));
}

// ISO 32000-2 section 9.10.3; at most 100 mappings in a block.
std::string to_unicode_cmap(std::u32string_view letters) {
  std::string out =
      "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
      "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
      "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
      "1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n";
  for (std::size_t first = 0; first < letters.size(); first += 100) {
    const std::size_t count = std::min<std::size_t>(100, letters.size() - first);
    out += fmt::format("{} beginbfchar\n", count);
    for (std::size_t i = first; i < first + count; ++i) {
      out += fmt::format("<{:04x}> <{}>\n", i + 1, utf16_hex(letters[i]));
    }
    out += "endbfchar\n";
  }
  return out + "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n";
}

// The reverse, for our own form of it: CIDs 1, 2, 3, … each with one letter.
std::optional<std::u32string> letters_of_cmap(ByteView cmap) {
  std::u32string letters;
  Lexer lexer(cmap);
  bool inside = false;
  for (Token token = lexer.next(); token.kind != Token::Kind::end; token = lexer.next()) {
    if (token.kind == Token::Kind::invalid) return std::nullopt;
    if (token.kind == Token::Kind::keyword) inside = token.text == "beginbfchar";
    if (!inside || token.kind != Token::Kind::hex_string) continue;
    const Token target = lexer.next();
    const std::u32string letter = to_utf32(from_utf16be(as_bytes(target.text)));
    if (target.kind != Token::Kind::hex_string || letter.size() != 1 || letters.size() >= 0xfffe) return std::nullopt;
    letters += letter;
  }
  if (letters.empty()) return std::nullopt;
  return letters;
}

bool has_content(const ObjectView& view, const Dictionary& dictionary, std::string_view key, ByteView expected) {
  const auto object = view.resolve(dictionary, key);
  if (!object || object->as_stream() == nullptr) return false;
  const auto data = view.decode(*object->as_stream());
  return data && std::ranges::equal(*data, expected);
}

std::optional<Dictionary> dictionary_in(const ObjectView& view, const Dictionary& parent, std::string_view key) {
  auto found = view.dictionary_at(parent, key);
  return found ? *std::move(found) : std::nullopt;
}

Dictionary descriptor(const FontFace& face, const std::string& base_font) {
  const FontFace::Metrics& metrics = face.metrics();
  constexpr int kSerif = 2, kSymbolic = 4, kItalic = 64;
  return Dictionary{{"Type", Name{"FontDescriptor"}},
                    {"FontName", Name{base_font}},
                    {"Flags", kSerif | kSymbolic | (metrics.italic_angle != 0 ? kItalic : 0)},
                    {"FontBBox", to_object(metrics.box)},
                    {"ItalicAngle", std::round(metrics.italic_angle * 100) / 100},
                    {"Ascent", std::round(metrics.ascent)},
                    {"Descent", std::round(metrics.descent)},
                    {"CapHeight", metrics.cap_height},
                    {"StemV", metrics.stem_v}};
}

Dictionary cid_font_of(const FontParts& parts) {
  const Dictionary system{{"Registry", String{"Adobe"}}, {"Ordering", String{"Identity"}}, {"Supplement", 0}};
  return Dictionary{{"Type", Name{"Font"}},
                    {"Subtype", Name{"CIDFontType2"}},
                    {"BaseFont", Name{parts.base_font}},
                    {"CIDSystemInfo", system},
                    {"W", parts.widths}};
}

Dictionary type0_of(const FontParts& parts) {
  return Dictionary{{"Type", Name{"Font"}},
                    {"Subtype", Name{"Type0"}},
                    {"BaseFont", Name{parts.base_font}},
                    {"Encoding", Name{"Identity-H"}}};
}

// `dictionary` has what `expected` has, and of other keys at most `references`, which are compared by content.
bool is_equal_but_for(Dictionary dictionary, std::initializer_list<std::string_view> references,
                      const Dictionary& expected) {
  for (const std::string_view key : references) dictionary.erase(key);
  return Object(std::move(dictionary)) == Object(expected);
}

// Every part is what write_font would write.
bool is_written_from(const ObjectView& view, const Dictionary& font, const FontFace& face, const FontParts& parts) {
  if (!is_equal_but_for(font, {"DescendantFonts", "ToUnicode"}, type0_of(parts))) return false;
  const auto list = view.resolve(font, "DescendantFonts");
  if (!list || list->as_array() == nullptr || list->as_array()->size() != 1) return false;
  const auto object = view.resolve(list->as_array()->front());
  if (!object || object->as_dictionary() == nullptr) return false;
  const Dictionary& cid_font = *object->as_dictionary();
  const auto description = dictionary_in(view, cid_font, "FontDescriptor");
  return description && is_equal_but_for(cid_font, {"FontDescriptor", "CIDToGIDMap"}, cid_font_of(parts)) &&
         is_equal_but_for(*description, {"FontFile2", "CIDSet"}, descriptor(face, parts.base_font)) &&
         has_content(view, cid_font, "CIDToGIDMap", parts.cid_to_gid) &&
         has_content(view, *description, "FontFile2", parts.file);
}

}  // namespace

Result<FontParts> make_font_parts(const FontFace& face, std::u32string_view letters) {
  FontFace::Subset subset = KYSO_TRY(face.subset(letters));
  FontParts parts;
  const std::string& name = face.metrics().postscript_name;
  parts.base_font = subset_tag(name, letters) + '+' + name;
  parts.file = std::move(subset.file);
  parts.cid_to_gid = {0, 0};
  Array widths;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    parts.cid_to_gid.push_back(static_cast<std::uint8_t>(subset.glyphs[i] >> 8U));
    parts.cid_to_gid.push_back(static_cast<std::uint8_t>(subset.glyphs[i]));
    widths.emplace_back(face.width(letters[i]));
  }
  parts.widths = {Object(1), Object(std::move(widths))};
  parts.cid_set.resize((letters.size() + 8) / 8);  // CIDs 0 to letters.size()
  for (std::size_t cid = 0; cid <= letters.size(); ++cid) {
    parts.cid_set[cid / 8] |= static_cast<std::uint8_t>(0x80U >> (cid % 8));
  }
  parts.to_unicode = to_unicode_cmap(letters);
  return parts;
}

namespace {

class RevisionSink final : public ObjectSink {
 public:
  explicit RevisionSink(IncrementalWriter& writer) : m_writer(writer) {}
  ObjectId add(Object object) override { return m_writer.add(std::move(object)); }
  void set(ObjectId id, Object object) override { m_writer.set(id, std::move(object)); }
  ObjectId add_stream(Dictionary dictionary, Bytes plain_data) override {
    return m_writer.add_stream(std::move(dictionary), std::move(plain_data));
  }

 private:
  IncrementalWriter& m_writer;
};

}  // namespace

void write_font(IncrementalWriter& writer, ObjectId id, const FontFace& face, const FontParts& parts, bool cid_set) {
  RevisionSink sink(writer);
  write_font(sink, id, face, parts, cid_set);
}

void write_font(ObjectSink& writer, ObjectId id, const FontFace& face, const FontParts& parts, bool cid_set) {
  Dictionary description = descriptor(face, parts.base_font);
  description.set("FontFile2",
                  writer.add_stream(Dictionary{{"Length1", static_cast<std::int64_t>(parts.file.size())}}, parts.file));
  if (cid_set) description.set("CIDSet", writer.add_stream({}, parts.cid_set));
  Dictionary cid_font = cid_font_of(parts);
  cid_font.set("FontDescriptor", writer.add(std::move(description)));
  cid_font.set("CIDToGIDMap", writer.add_stream({}, parts.cid_to_gid));
  Dictionary font = type0_of(parts);
  font.set("DescendantFonts", Array{Object(writer.add(std::move(cid_font)))});
  font.set("ToUnicode", writer.add_stream({}, to_bytes(parts.to_unicode)));
  writer.set(id, std::move(font));
}

std::optional<std::u32string> recognise_font(const ObjectView& view, ObjectId id, const FontFace& face) {
  const auto object = view.get(id);
  if (!object || object->as_dictionary() == nullptr) return std::nullopt;
  const Dictionary& font = *object->as_dictionary();
  const std::string* name = font.get("BaseFont").as_name();
  if (name == nullptr || !name->ends_with('+' + face.metrics().postscript_name)) return std::nullopt;
  const auto cmap = view.resolve(font, "ToUnicode");
  if (!cmap || cmap->as_stream() == nullptr) return std::nullopt;
  const auto text = view.decode(*cmap->as_stream());
  if (!text) return std::nullopt;
  auto letters = letters_of_cmap(*text);
  // Cheap comparisons first: the subset is made only of what can be ours.
  if (!letters || as_chars(*text) != to_unicode_cmap(*letters) ||
      *name != subset_tag(face.metrics().postscript_name, *letters) + '+' + face.metrics().postscript_name) {
    return std::nullopt;
  }
  const auto parts = make_font_parts(face, *letters);
  if (!parts || !is_written_from(view, font, face, *parts)) return std::nullopt;
  return letters;
}

}  // namespace kyso::pdf

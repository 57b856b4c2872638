#include "pdf/text/glyph_outlines.h"

#include <algorithm>
#include <array>

#include "pdf/text/text_font_parts.h"

namespace kyso::pdf {
namespace {

constexpr std::uint64_t kLargestProgram = 16U << 20U;
constexpr int kMaxDepth = 6;                   // of composites
constexpr std::size_t kMaxWork = 100'000;      // points and components of one glyph
constexpr std::size_t kMaxShapes = 2U << 20U;  // bytes of one font

std::uint32_t be16(ByteView data, std::size_t at) {
  return at + 2 <= data.size() ? static_cast<std::uint32_t>(data[at] << 8U | data[at + 1]) : 0;
}
std::uint32_t be32(ByteView data, std::size_t at) {
  return be16(data, at) << 16U | be16(data, at + 2);
}
int signed16(std::uint32_t value) {
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(value));
}
void put16(Bytes& out, std::int64_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8U));
  out.push_back(static_cast<std::uint8_t>(value));
}

}  // namespace

std::optional<GlyphOutlines> GlyphOutlines::open(Bytes program) {
  GlyphOutlines font;
  font.m_program = std::move(program);
  const ByteView data = font.m_program;
  const std::uint32_t version = be32(data, 0);
  if (version != 0x00010000 && version != 0x74727565) return std::nullopt;  // "true"
  const auto table = [&](std::string_view tag) {
    for (std::uint32_t i = 0; i < std::min<std::uint32_t>(be16(data, 4), 64); ++i) {
      const std::size_t at = 12 + 16 * std::size_t{i};
      if (at + 16 > data.size() || as_chars(data.subspan(at, 4)) != tag) continue;
      const std::size_t offset = be32(data, at + 8), length = be32(data, at + 12);
      if (offset <= data.size() && length <= data.size() - offset) return Table{offset, length};
    }
    return Table{};
  };
  const Table head = table("head"), maxp = table("maxp");
  font.m_glyf = table("glyf");
  font.m_loca = table("loca");
  font.m_cmap = table("cmap");
  if (head.length < 54 || maxp.length < 6 || font.m_loca.length == 0) return std::nullopt;
  font.m_units = be16(data, head.offset + 18);
  font.m_has_long_offsets = be16(data, head.offset + 50) != 0;
  const std::size_t places = font.m_loca.length / (font.m_has_long_offsets ? 4 : 2);
  font.m_count = static_cast<std::uint32_t>(std::min<std::size_t>(be16(data, maxp.offset + 4), places - (places > 0)));
  return font;
}

ByteView GlyphOutlines::bytes_of(std::uint32_t glyph) const {
  const ByteView loca = ByteView(m_program).subspan(m_loca.offset, m_loca.length);
  const auto place = [&](std::size_t i) -> std::size_t {
    return m_has_long_offsets ? be32(loca, 4 * i) : 2 * std::size_t{be16(loca, 2 * i)};
  };
  const std::size_t begin = place(glyph), end = place(glyph + 1);
  if (begin >= end || end > m_glyf.length) return {};
  return ByteView(m_program).subspan(m_glyf.offset + begin, end - begin);
}

std::optional<Bytes> GlyphOutlines::shape(std::uint32_t glyph) const {
  Bytes out;
  std::size_t left = kMaxWork;
  if (!add_shape(glyph, 0, left, out)) return std::nullopt;
  if (out.empty()) return out;
  put16(out, m_units);
  return out;
}

bool GlyphOutlines::add_shape(std::uint32_t glyph, int depth, std::size_t& left, Bytes& out) const {
  if (glyph >= m_count || depth > kMaxDepth) return false;
  const ByteView data = bytes_of(glyph);
  if (data.empty()) return true;
  if (data.size() < 10) return false;
  const int contours = signed16(be16(data, 0));
  if (contours == 0) return true;
  return contours > 0 ? add_simple(data.subspan(10), static_cast<std::size_t>(contours), left, out)
                      : add_composite(data.subspan(10), depth, left, out);
}

// ISO/IEC 14496-22 (OpenType), table glyf.
bool GlyphOutlines::add_simple(ByteView data, std::size_t contours, std::size_t& left, Bytes& out) const {
  constexpr std::uint8_t kOnCurve = 1, kShortX = 2, kShortY = 4, kRepeat = 8, kSameX = 16, kSameY = 32;
  if (data.size() < 2 * contours + 2) return false;
  const std::size_t points = std::size_t{be16(data, 2 * contours - 2)} + 1;
  if (points > left) return false;
  left -= points;
  out.push_back('S');
  put16(out, static_cast<std::int64_t>(contours));
  for (std::size_t i = 0; i < contours; ++i) put16(out, be16(data, 2 * i));
  std::size_t at = 2 * contours + 2 + be16(data, 2 * contours);
  Bytes flags;
  while (flags.size() < points) {
    if (at >= data.size()) return false;
    const std::uint8_t flag = data[at++];
    std::size_t times = 1;
    if ((flag & kRepeat) != 0) {
      if (at >= data.size()) return false;
      times += data[at++];
    }
    flags.insert(flags.end(), std::min(times, points - flags.size()), flag);
  }
  for (const std::uint8_t flag : flags) out.push_back(flag & kOnCurve);
  for (const bool is_x : {true, false}) {
    const std::uint8_t is_short = is_x ? kShortX : kShortY, same = is_x ? kSameX : kSameY;
    int value = 0;
    for (const std::uint8_t flag : flags) {
      if ((flag & is_short) != 0) {
        if (at >= data.size()) return false;
        value += (flag & same) != 0 ? data[at] : -int{data[at]};
        ++at;
      } else if ((flag & same) == 0) {
        if (at + 2 > data.size()) return false;
        value += signed16(be16(data, at));
        at += 2;
      }
      put16(out, value);
    }
  }
  return true;
}

bool GlyphOutlines::add_composite(ByteView data, int depth, std::size_t& left, Bytes& out) const {
  constexpr std::uint32_t kWords = 1, kAreOffsets = 2, kScale = 8, kMore = 32, kTwoScales = 64, kMatrix = 128,
                          kScaledOffset = 0x800;
  out.push_back('C');
  for (std::size_t at = 0;;) {
    if (left < 16 || at + 4 > data.size()) return false;
    left -= 16;
    const std::uint32_t flags = be16(data, at), glyph = be16(data, at + 2);
    at += 4;
    const std::size_t arguments = (flags & kWords) != 0 ? 4 : 2;
    const std::size_t transform = (flags & kScale) != 0       ? 2
                                  : (flags & kTwoScales) != 0 ? 4
                                  : (flags & kMatrix) != 0    ? 8
                                                              : 0;
    if (at + arguments + transform > data.size()) return false;
    // Points that are matched lie in other places when hints are left out: such glyphs are not compared.
    if ((flags & kAreOffsets) == 0) return false;
    put16(out, flags & (kScale | kTwoScales | kMatrix | kScaledOffset));
    for (std::size_t i = 0; i < 2; ++i) {
      put16(out, (flags & kWords) != 0 ? signed16(be16(data, at + 2 * i)) : static_cast<std::int8_t>(data[at + i]));
    }
    at += arguments;
    for (std::size_t i = 0; i < transform; ++i) out.push_back(data[at + i]);
    at += transform;
    if (!add_shape(glyph, depth + 1, left, out)) return false;
    out.push_back(';');
    if ((flags & kMore) == 0) return true;
  }
}

std::uint32_t GlyphOutlines::glyph_of(char32_t letter) const {
  const ByteView cmap = ByteView(m_program).subspan(m_cmap.offset, m_cmap.length);
  for (std::uint32_t i = 0; i < std::min<std::uint32_t>(be16(cmap, 2), 32); ++i) {
    const std::size_t record = 4 + 8 * std::size_t{i};
    const std::uint32_t platform = be16(cmap, record), encoding = be16(cmap, record + 2);
    const bool is_unicode = platform == 0 || (platform == 3 && (encoding == 1 || encoding == 10));
    const std::size_t offset = be32(cmap, record + 4);
    if (!is_unicode || offset >= cmap.size()) continue;
    const ByteView table = cmap.subspan(offset);
    if (be16(table, 0) != 4 || letter > 0xFFFF) continue;
    const std::size_t segments = be16(table, 6) / 2;
    for (std::size_t s = 0; s < segments; ++s) {
      const std::uint32_t end = be16(table, 14 + 2 * s), start = be16(table, 16 + 2 * (segments + s));
      if (letter > end) continue;
      if (letter < start) break;
      const std::uint32_t delta = be16(table, 16 + 2 * (2 * segments + s));
      const std::size_t range_at = 16 + 2 * (3 * segments + s);
      const std::uint32_t range = be16(table, range_at);
      if (range == 0) return (letter + delta) & 0xFFFFU;
      const std::uint32_t glyph = be16(table, range_at + range + 2 * (letter - start));
      return glyph == 0 ? 0 : (glyph + delta) & 0xFFFFU;
    }
  }
  return 0;
}

std::string family_of(const ObjectView& view, const Dictionary& font) {
  const std::string name = resolved_name(view, font, "BaseFont");
  const bool has_prefix = name.size() > 7 && name[6] == '+' &&
                          std::all_of(name.begin(), name.begin() + 6, [](char c) { return c >= 'A' && c <= 'Z'; });
  return has_prefix ? name.substr(7) : name;
}

std::optional<LetterShapes> letter_shapes(const ObjectView& view, const Dictionary& font) {
  if (resolved_name(view, font, "Subtype") != "Type0" || resolved_name(view, font, "Encoding") != "Identity-H")
    return std::nullopt;
  if (legacy_encoding_of(resolved_name(view, font, "BaseFont")) != LegacyEncoding::none) return std::nullopt;
  const Object list = resolved(view, font, "DescendantFonts");
  if (list.as_array() == nullptr || list.as_array()->size() != 1) return std::nullopt;
  const auto descendant = view.resolve(list.as_array()->front());
  if (!descendant || descendant->as_dictionary() == nullptr) return std::nullopt;
  const Dictionary descriptor = resolved_dictionary(view, *descendant->as_dictionary(), "FontDescriptor");
  const Object program = resolved(view, descriptor, "FontFile2");
  const auto to_unicode = to_unicode_of(view, font);
  if (program.as_stream() == nullptr || !to_unicode || descriptor.has("FontFile") || descriptor.has("FontFile3"))
    return std::nullopt;
  auto bytes = view.decode(*program.as_stream());
  if (!bytes || bytes->size() > kLargestProgram) return std::nullopt;
  const auto outlines = GlyphOutlines::open(*std::move(bytes));
  if (!outlines) return std::nullopt;

  const Object map = resolved(view, *descendant->as_dictionary(), "CIDToGIDMap");
  std::optional<Bytes> glyphs;
  if (map.as_stream() != nullptr) {
    auto decoded = view.decode(*map.as_stream());
    if (!decoded) return std::nullopt;
    glyphs = *std::move(decoded);
  } else if (!map.is_null() && !map.is_name("Identity")) {
    return std::nullopt;
  }
  LetterShapes out;
  std::size_t size = 0;
  for (std::uint32_t code = 0; code < 0x10000; ++code) {
    std::u32string text = to_unicode->unicode(code);
    if (text.empty()) continue;
    auto shape = outlines->shape(glyphs ? be16(*glyphs, 2 * std::size_t{code}) : code);
    if (!shape) return std::nullopt;
    size += shape->size() + 64;
    if (size > kMaxShapes) return std::nullopt;
    out.emplace_back(std::move(text), *std::move(shape));
  }
  return out;
}

}  // namespace kyso::pdf

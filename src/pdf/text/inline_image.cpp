#include "pdf/text/inline_image.h"

#include <algorithm>
#include <optional>

namespace kyso::pdf {
namespace {

bool is_white_space(std::uint8_t c) {
  return c == 0 || c == 9 || c == 10 || c == 12 || c == 13 || c == 32;
}

struct Header {
  std::int64_t width = 0, height = 0, bits = 1, components = 0;
  std::int64_t length = -1;  // /L, PDF 2.0
  bool has_filter = false, is_stencil = false;
};

std::int64_t components_of(std::string_view colour_space) {
  if (colour_space == "G" || colour_space == "DeviceGray") return 1;
  if (colour_space == "RGB" || colour_space == "DeviceRGB") return 3;
  return colour_space == "CMYK" || colour_space == "DeviceCMYK" ? 4 : 0;
}

void take(Header& header, std::string_view key, const Token& value) {
  const bool is_number = value.kind == Token::Kind::integer;
  if ((key == "W" || key == "Width") && is_number) header.width = value.integer;
  if ((key == "H" || key == "Height") && is_number) header.height = value.integer;
  if ((key == "BPC" || key == "BitsPerComponent") && is_number) header.bits = value.integer;
  if ((key == "L" || key == "Length") && is_number) header.length = value.integer;
  if (key == "CS" || key == "ColorSpace") header.components = components_of(value.text);
  if (key == "F" || key == "Filter") header.has_filter = value.kind != Token::Kind::array_end;
  if (key == "IM" || key == "ImageMask") header.is_stencil = value.text == "true";
}

// Key and value pairs up to ID; false when something else comes.
bool read_header(Lexer& lexer, Header& header) {
  for (int entries = 0; entries < 64; ++entries) {
    const Token key = lexer.next();
    if (key.kind == Token::Kind::keyword && key.text == "ID") return true;
    if (key.kind != Token::Kind::name) return false;
    Token value = lexer.next();
    if (value.kind == Token::Kind::array_begin) {
      value = lexer.next();
      Token skipped = value;
      for (int depth = 1; skipped.kind != Token::Kind::array_end || --depth > 0; skipped = lexer.next()) {
        if (skipped.kind == Token::Kind::end || skipped.kind == Token::Kind::keyword) return false;
        if (skipped.kind == Token::Kind::array_begin) ++depth;
      }
    } else if (value.kind == Token::Kind::dict_begin) {
      lexer.seek(value.offset);
      if (!parse_object(lexer)) return false;
    } else if (value.kind == Token::Kind::end) {
      return false;
    }
    take(header, key.text, value);
  }
  return false;
}

// "EI" between delimiters, and what follows looks like a content stream.
bool ends_at(ByteView bytes, std::size_t at) {
  if (at + 2 > bytes.size() || bytes[at] != 'E' || bytes[at + 1] != 'I') return false;
  const ByteView after = bytes.subspan(at + 2, std::min<std::size_t>(24, bytes.size() - at - 2));
  if (!after.empty() && !is_white_space(after[0])) return false;
  return std::ranges::all_of(after, [](std::uint8_t c) { return is_white_space(c) ? c != 0 : c >= 0x20 && c < 0x7F; });
}

// How many bytes of data there must be, when the header tells.
std::optional<std::size_t> known_length(const Header& header) {
  constexpr std::int64_t kMaximum = 1 << 26;
  if (header.length >= 0)
    return header.length <= kMaximum ? std::optional(static_cast<std::size_t>(header.length)) : std::nullopt;
  const std::int64_t components = header.is_stencil ? 1 : header.components;
  const std::int64_t bits = header.is_stencil ? 1 : header.bits;
  const bool is_sane = header.width > 0 && header.width < 65'536 && header.height > 0 && header.height < 65'536 &&
                       bits > 0 && bits <= 16 && components > 0;
  if (header.has_filter || !is_sane) return std::nullopt;
  const std::int64_t total = (header.width * components * bits + 7) / 8 * header.height;
  return total <= kMaximum ? std::optional(static_cast<std::size_t>(total)) : std::nullopt;
}

std::optional<std::size_t> find_end(ByteView bytes, std::size_t start, const Header& header) {
  if (const auto length = known_length(header); length && *length <= bytes.size() - start) {
    std::size_t at = start + *length;
    for (int blanks = 0; blanks < 4 && at < bytes.size() && is_white_space(bytes[at]); ++blanks) ++at;
    if (ends_at(bytes, at)) return at + 2;
  }
  for (std::size_t at = start; at + 1 < bytes.size(); ++at) {
    if (bytes[at] == 'E' && (at == start || is_white_space(bytes[at - 1]) || header.has_filter) && ends_at(bytes, at)) {
      return at + 2;
    }
  }
  return std::nullopt;
}

}  // namespace

InlineImage read_inline_image(Lexer& lexer) {
  Header header;
  if (!read_header(lexer, header)) return {};
  const ByteView bytes = lexer.bytes();
  const std::size_t start = std::min<std::size_t>(static_cast<std::size_t>(lexer.position()) + 1, bytes.size());
  const auto end = find_end(bytes, start, header);
  // Without an end everything to the last byte is image data.
  lexer.seek(end.value_or(bytes.size()));
  return {end.has_value(), header.is_stencil};
}

}  // namespace kyso::pdf

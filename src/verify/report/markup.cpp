#include "verify/report/markup.h"

#include "base/text.h"

namespace kyso::verify {
namespace {

// XML 1.0 section 2.2, seen byte by byte: other forbidden characters are U+FFFE and U+FFFF.
bool is_plain(unsigned char c) {
  return c >= 0x20 || c == '\t' || c == '\n';
}

}  // namespace

std::string escape_markup(std::string_view text) {
  constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
  const std::string valid = is_valid_utf8(text) ? std::string(text) : to_valid_utf8(text);
  std::string out;
  out.reserve(valid.size() + valid.size() / 8);
  for (std::size_t i = 0; i < valid.size(); ++i) {
    const char c = valid[i];
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\'') {
      out += "&#39;";
    } else if (!is_plain(static_cast<unsigned char>(c)) || c == '\x7F') {
      out += kReplacement;
    } else if (valid.compare(i, 2, "\xEF\xBF") == 0 && i + 2 < valid.size() &&
               static_cast<unsigned char>(valid[i + 2]) >= 0xBE) {
      out += kReplacement;
      i += 2;
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace kyso::verify

#include "pdf/text/legacy_vietnamese.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace kyso::pdf {
namespace {

// TCVN 5712:1993 VN3, codes 0xA1 to 0xFE; "_": not ruled. 0xB0 to 0xB4 are drawn over the letter before.
constexpr std::u32string_view kTcvn3 =
    U"ĂÂÊÔƠƯĐăâêôơưđ_\u0300\u0309\u0303\u0301\u0323"  // A1
    U"àảãáạ_ằẳẵắ_______"                              // B5
    U"ặầẩẫấậè_ẻẽéẹềểễếệìỉ___ĩíịò_"                    // C6
    U"ỏõóọồổỗốộờởỡớợù_ủũúụừửữứựỳỷỹýỵ";                // E1
static_assert(kTcvn3.size() == 0xFE - 0xA1 + 1);

struct VniCode {
  char16_t code;
  std::u32string_view text;
};
// Small letters; capitals stand 0x20 below. Accents follow their letter: hats first, so that the tone goes on top.
constexpr std::array<VniCode, 26> kVni = {{
    {u'ù', U"\u0301"},
    {u'ø', U"\u0300"},
    {u'û', U"\u0309"},
    {u'õ', U"\u0303"},
    {u'ï', U"\u0323"},
    {u'â', U"\u0302"},
    {u'á', U"\u0302\u0301"},
    {u'à', U"\u0302\u0300"},
    {u'å', U"\u0302\u0309"},
    {u'ã', U"\u0302\u0303"},
    {u'ä', U"\u0302\u0323"},
    {u'ê', U"\u0306"},
    {u'é', U"\u0306\u0301"},
    {u'è', U"\u0306\u0300"},
    {u'ú', U"\u0306\u0309"},
    {u'ü', U"\u0306\u0303"},
    {u'ë', U"\u0306\u0323"},
    {u'ñ', U"đ"},
    {u'ö', U"ư"},
    {u'ô', U"ơ"},
    {u'í', U"í"},
    {u'ì', U"ì"},
    {u'æ', U"ỉ"},
    {u'ó', U"ĩ"},
    {u'ò', U"ị"},
    {u'î', U"ỵ"},
}};

std::u32string capitals_of(std::u32string_view text) {
  return to_utf32(to_upper(to_utf8(text)));
}

std::u32string vni_text(char32_t latin) {
  const bool is_capital = latin >= 0xC0 && latin < 0xE0;
  const char32_t small = is_capital ? latin + 0x20 : latin;
  auto found = std::ranges::find_if(kVni, [&](const VniCode& code) { return code.code == small; });
  if (found == kVni.end()) return std::u32string(1, latin);
  return is_capital ? capitals_of(found->text) : std::u32string(found->text);
}

}  // namespace

LegacyEncoding legacy_encoding_of(std::string_view font_name) {
  if (font_name.size() > 7 && font_name[6] == '+') font_name.remove_prefix(7);
  if (font_name.starts_with("VNI-") || font_name.starts_with("VNI ")) return LegacyEncoding::vni;
  if (!font_name.starts_with(".Vn")) return LegacyEncoding::none;
  const auto family = font_name.substr(0, font_name.find_first_of(",- ", 1));
  return family.ends_with('H') ? LegacyEncoding::tcvn3_capitals : LegacyEncoding::tcvn3;
}

std::u32string legacy_text(LegacyEncoding encoding, char32_t latin) {
  if (latin >= 0xF020 && latin <= 0xF0FF) latin -= 0xF000;  // how symbol fonts name their codes
  if (latin == U'\u03BC') latin = 0xB5;                     // other names of the same Latin characters
  if (latin == U'\u2219') latin = 0xB7;
  if (encoding == LegacyEncoding::none || latin > 0xFF) return std::u32string(1, latin);
  if (encoding == LegacyEncoding::vni) return vni_text(latin);
  std::u32string out(1, latin);
  if (latin >= 0xA1 && latin <= 0xFE && kTcvn3[latin - 0xA1] != U'_') out[0] = kTcvn3[latin - 0xA1];
  return encoding == LegacyEncoding::tcvn3_capitals ? capitals_of(out) : out;
}

}  // namespace kyso::pdf

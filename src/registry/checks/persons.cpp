#include <algorithm>
#include <array>
#include <iterator>

#include "base/character.h"
#include "base/text.h"
#include "registry/checks/checks.h"
#include "registry/checks/digits.h"
#include "registry/organisation/names.h"

namespace kyso::registry {
namespace {

constexpr std::size_t kMaxName = 100, kShownBefore = 12;

// The first three digits of personal numbers: the 63 provinces before July 2025, kept for ever.
constexpr std::string_view kPlaces[] = {
    "001", "002", "004", "006", "008", "010", "011", "012", "014", "015", "017", "019", "020", "022", "024", "025",
    "026", "027", "030", "031", "033", "034", "035", "036", "037", "038", "040", "042", "044", "045", "046", "048",
    "049", "051", "052", "054", "056", "058", "060", "062", "064", "066", "067", "068", "070", "072", "074", "075",
    "077", "079", "080", "082", "083", "084", "086", "087", "089", "091", "092", "093", "094", "095", "096"};
static_assert(std::size(kPlaces) == 63);

// Digit 4: century and gender (0 and 1: 19xx, 2 and 3: 20xx, 4 and 5: 21xx; even: male); digits 5 and 6: year.
void check_birth_digits(std::string_view number, const std::optional<Day>& birth, std::optional<Gender> gender,
                        CheckFindings& findings) {
  const int code = number[3] - '0';
  if (code > 5) {
    findings.push_back({"registry.check.identity.century", CheckLevel::warn, {}});
    return;
  }
  const int year = 1900 + code / 2 * 100 + (number[4] - '0') * 10 + (number[5] - '0');
  if (birth && int{birth->year()} != year)
    findings.push_back(CheckFinding{"registry.check.identity.year", CheckLevel::warn, {}}
                           .with("year", std::to_string(year))
                           .with("birth", std::to_string(int{birth->year()})));
  if (gender && (code % 2 == 0) != (*gender == Gender::male))
    findings.push_back({"registry.check.identity.gender", CheckLevel::warn, {}});
}

bool is_passport(std::string_view text) {
  return text.size() == 8 && text[0] >= 'A' && text[0] <= 'Z' && is_all_digits(text.substr(1));
}

enum class Script : std::uint8_t { none, latin, other };
Script script_of(char32_t c) {
  if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= 0xC0 && c <= 0x24F && c != 0xD7 && c != 0xF7) ||
      (c >= 0x1E00 && c <= 0x1EFF))
    return Script::latin;
  // Greek, Cyrillic, Armenian … up to the marks of general punctuation; from CJK on.
  if ((c >= 0x370 && c < 0x1E00) || (c >= 0x1F00 && c < 0x2000) || c >= 0x2C00) return Script::other;
  return Script::none;
}

std::string without_blanks(std::string_view folded) {
  std::string out;
  std::ranges::copy_if(folded, std::back_inserter(out), [](char c) { return c != ' '; });
  return out;
}

// d and đ are two letters; fold_accents makes them one.
std::string name_letters(std::string_view name) {
  std::string marked;
  for (const char32_t c : to_utf32(to_nfc(name))) {
    if (c == U'đ' || c == U'Đ')
      marked += "d~";
    else
      append_utf8(marked, c);
  }
  return without_blanks(fold_accents(marked));
}

}  // namespace

Checked check_identity(std::string_view number, const std::optional<Day>& date_of_birth, std::optional<Gender> gender) {
  Checked out{to_upper(without_separators(number)), {}};
  const std::string& digits = out.value;
  if (digits.empty()) {
    out.findings.push_back({"registry.check.identity.missing"});
  } else if (is_passport(digits)) {
    out.findings.push_back({"registry.check.identity.passport", CheckLevel::warn, {}});
  } else if (!is_all_digits(digits)) {
    out.findings.push_back({"registry.check.identity.characters"});
  } else if (digits.size() == 9) {
    out.findings.push_back({"registry.check.identity.old", CheckLevel::warn, {}});
  } else if (digits.size() == 11) {
    out.findings.push_back({"registry.check.identity.zero"});
  } else if (digits.size() != 12) {
    out.findings.push_back(
        CheckFinding{"registry.check.identity.length"}.with("length", std::to_string(digits.size())));
  } else {
    if (std::ranges::find(kPlaces, std::string_view(digits).substr(0, 3)) == std::end(kPlaces))
      out.findings.push_back(
          CheckFinding{"registry.check.identity.place", CheckLevel::warn, {}}.with("place", digits.substr(0, 3)));
    check_birth_digits(digits, date_of_birth, gender, out.findings);
  }
  return out;
}

Checked check_printed(std::string_view text) {
  Checked out{tidy_name(to_valid_utf8(text)), {}};
  const std::u32string characters = to_utf32(out.value);
  const auto hidden = std::ranges::find_if(characters, is_treacherous);
  if (hidden == characters.end()) return out;
  const auto place = static_cast<std::size_t>(hidden - characters.begin());
  const std::size_t begin = place - std::min(place, kShownBefore);
  out.findings.push_back(CheckFinding{"registry.check.text.hidden"}
                             .with("place", std::to_string(place + 1))
                             .with("before", to_utf8(characters.substr(begin, place - begin)))
                             .with("character", fmt::format("U+{:04X}", static_cast<std::uint32_t>(*hidden))));
  return out;
}

Checked check_person_name(std::string_view name) {
  Checked out = check_printed(name);
  if (out.value.empty()) {
    out.findings.push_back({"registry.check.name.missing"});
    return out;
  }
  bool has_latin = false, has_other = false, has_digit = false;
  std::string signs;
  const std::u32string letters = to_utf32(out.value);
  for (const char32_t c : letters) {
    if (is_treacherous(c)) continue;  // refused above
    const Script script = script_of(c);
    has_latin |= script == Script::latin;
    has_other |= script == Script::other;
    const bool is_ascii_digit = c >= '0' && c <= '9';
    has_digit |= is_ascii_digit;
    const bool is_mark = c >= 0x300 && c < 0x370;
    const bool is_allowed = c == ' ' || c == '\'' || c == 0x2019 || c == '-' || c == '.';
    if (script == Script::none && !is_ascii_digit && !is_mark && !is_allowed && signs.size() < 8) append_utf8(signs, c);
  }
  if (letters.size() > kMaxName)
    out.findings.push_back(CheckFinding{"registry.check.name.long"}.with("max", std::to_string(kMaxName)));
  if (has_digit) out.findings.push_back({"registry.check.name.digits", CheckLevel::warn, {}});
  if (!signs.empty())
    out.findings.push_back(CheckFinding{"registry.check.name.signs", CheckLevel::warn, {}}.with("signs", signs));
  if (has_latin && has_other) out.findings.push_back({"registry.check.name.scripts", CheckLevel::warn, {}});
  return out;
}

bool same_person_name(std::string_view a, std::string_view b) {
  return name_letters(a) == name_letters(b);
}

}  // namespace kyso::registry

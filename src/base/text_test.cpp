#include "base/text.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <chrono>
#include <set>

#include "base/character.h"

namespace kyso {
namespace {

void check_property(const char* name, auto property) {
  CHECK_MESSAGE(rc::check(name, property), name);
}

constexpr std::u32string_view kBaseLetters = U"aăâeêioôơuưyAĂÂEÊIOÔƠUƯY";
constexpr std::u32string_view kTones = U"\u0300\u0301\u0303\u0309\u0323";

// All letters of Vietnamese with a mark: 12 vowels × 5 tones + 6 hats + đ, in both cases.
constexpr std::u32string_view kAccented =
    U"àáãảạằắẵẳặầấẫẩậèéẽẻẹềếễểệìíĩỉịòóõỏọồốỗổộờớỡởợùúũủụừứữửựỳýỹỷỵăâêôơưđ"
    U"ÀÁÃẢẠẰẮẴẲẶẦẤẪẨẬÈÉẼẺẸỀẾỄỂỆÌÍĨỈỊÒÓÕỎỌỒỐỖỔỘỜỚỠỞỢÙÚŨỦỤỪỨỮỬỰỲÝỸỶỴĂÂÊÔƠƯĐ";

std::string arbitrary_utf8() {
  const auto letters = *rc::gen::container<std::u32string>(rc::gen::oneOf(
      rc::gen::cast<char32_t>(rc::gen::inRange(0x20, 0x7F)), rc::gen::elementOf(std::u32string(kAccented)),
      rc::gen::elementOf(std::u32string(kTones)), rc::gen::cast<char32_t>(rc::gen::inRange(0x80, 0x3000)),
      rc::gen::cast<char32_t>(rc::gen::inRange(0x3000, 0x110000))));
  return to_utf8(letters);
}

TEST_CASE("every accented Vietnamese letter, composed, decomposed and half composed") {
  REQUIRE(kAccented.size() == 134);
  REQUIRE(std::set<char32_t>(kAccented.begin(), kAccented.end()).size() == 134);
  std::set<std::string> reached;
  for (const char32_t base : kBaseLetters) {
    for (const char32_t tone : kTones) {
      const std::string half = to_utf8(std::u32string{base, tone});
      const std::string whole = to_nfc(half);
      CHECK(to_utf32(whole).size() == 1);
      CHECK(kAccented.find(to_utf32(whole)[0]) != std::u32string_view::npos);
      CHECK(to_nfc(to_nfd(half)) == whole);
      CHECK(to_nfd(whole) == to_nfd(half));
      reached.insert(whole);
    }
  }
  CHECK(reached.size() == 120);  // the other 14 are the hats and đ themselves
  for (const char32_t letter : kAccented) {
    const std::string text = to_utf8(std::u32string(1, letter));
    CHECK(to_nfc(text) == text);
    CHECK(to_nfc(to_nfd(text)) == text);
    CHECK(fold_accents(text) == fold_accents(to_nfd(text)));
    CHECK(fold_accents(text).size() == 1);
  }
}

TEST_CASE("marks in the wrong order are put right") {
  // a + dot below + circumflex and a + circumflex + dot below are the same letter.
  CHECK(to_nfc("a\u0323\u0302") == "ậ");
  CHECK(to_nfc("a\u0302\u0323") == "ậ");
  CHECK(to_nfc("ạ\u0302") == "ậ");
  CHECK(to_nfc("â\u0323") == "ậ");
}

TEST_CASE("normalisation: others' examples (UAX 15, Hangul, exclusions)") {
  CHECK(to_nfc("\u1100\u1161\u11A8") == "\uAC01");
  CHECK(to_nfd("\uAC01") == "\u1100\u1161\u11A8");
  CHECK(to_nfc("\u212B") == "\u00C5");
  CHECK(to_nfc("\u0958") == "\u0915\u093C");  // a composition exclusion
  CHECK(to_nfc("q\u0307\u0323") == "q\u0323\u0307");
  CHECK(to_nfc("\u1E9B\u0323") == "\u1E9B\u0323");
  CHECK(to_nfd("\u1E9B\u0323") == "\u017F\u0323\u0307");
}

TEST_CASE("folding for search") {
  CHECK(fold_accents("Nguyễn  Thị Đào") == "nguyen thi dao");
  CHECK(fold_accents(to_nfd(" \t Đặng\u00A0Ước\n")) == "dang uoc");
  CHECK(fold_accents("ỦY BAN NHÂN DÂN") == "uy ban nhan dan");
  CHECK(fold_case("  ỦY  Ban ") == "ủy ban");
  CHECK(fold_case(to_nfd("ĐÀ NẴNG")) == "đà nẵng");
  CHECK(fold_case("Straße") == "strasse");
  CHECK(to_upper("đã ký số") == "ĐÃ KÝ SỐ");
  CHECK(to_upper(to_nfd("ngữ")) == "NGỮ");
  CHECK(fold_accents("") == "");
  CHECK(fold_accents(" \u3000\u00A0 ") == "");
}

TEST_CASE("trim takes Unicode white space from both ends only") {
  CHECK(trim("  a b\t\r\n") == "a b");
  CHECK(trim("\u00A0\u3000ạ\u2009") == "ạ");
  CHECK(trim(" \u00A0 ") == "");
  CHECK(trim("") == "");
  CHECK(trim("\xA0") == "\xA0");  // a lone continuation byte is not a blank
  CHECK(trim("ạ\xC2") == "ạ\xC2");
}

TEST_CASE("UTF-8 validity: Unicode table 3-7") {
  for (const char* good : {"", "a", "é", "ệ", "\uFFFD", "\U0010FFFF", "\uD7FF", "\uE000", "\U00010000"})
    CHECK_MESSAGE(is_valid_utf8(good), good);
  CHECK(is_valid_utf8(std::string_view("\0", 1)));
  for (const char* bad :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xE0\x9F\x80", "\xED\xA0\x80", "\xED\xBF\xBF", "\xEF\xBF",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "a\xE1\xBB", "\xE1\xBB\x20"}) {
    CHECK_FALSE(is_valid_utf8(bad));
  }
  // Unicode section 3.9: one U+FFFD for each maximal subpart.
  CHECK(to_utf32("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41") == U"\uFFFD\uFFFD\uFFFD\uFFFDA");
  CHECK(to_utf32("\xED\xA0\x80") == U"\uFFFD\uFFFD\uFFFD");
  CHECK(to_nfc("a\xFF") == "a\uFFFD");
}

TEST_CASE("UTF-16BE of PDF strings") {
  CHECK(to_utf16be_bom("Đ") == Bytes{0xFE, 0xFF, 0x01, 0x10});
  CHECK(to_utf16be_bom("\U0001F58B") == Bytes{0xFE, 0xFF, 0xD8, 0x3D, 0xDD, 0x8B});
  CHECK(from_utf16be(Bytes{0xD8, 0x3D, 0xDD, 0x8B}) == "\U0001F58B");
  CHECK(from_utf16be(Bytes{0xD8, 0x3D, 0x00, 0x41}) == "\uFFFDA");
  CHECK(from_utf16be(Bytes{0xDD, 0x8B}) == "\uFFFD");
  CHECK(from_utf16be(Bytes{0xD8, 0x3D}) == "\uFFFD");
  CHECK(from_utf16be(Bytes{0x00, 0x41, 0x00}) == "A\uFFFD");
}

TEST_CASE("text properties") {
  check_property("UTF-32 round trip", [] {
    const std::string text = arbitrary_utf8();
    RC_ASSERT(is_valid_utf8(text));
    RC_ASSERT(to_utf8(to_utf32(text)) == text);
  });
  check_property("UTF-16 round trip", [] {
    const std::string text = arbitrary_utf8();
    const Bytes utf16 = to_utf16be_bom(text);
    RC_ASSERT(from_utf16be(ByteView(utf16).subspan(2)) == text);
  });
  check_property("any bytes become valid UTF-8", [](const std::string& bytes) {
    const std::string text = to_utf8(to_utf32(bytes));
    RC_ASSERT(is_valid_utf8(text));
    RC_ASSERT((text == bytes) == is_valid_utf8(bytes));
    RC_ASSERT(is_valid_utf8(from_utf16be(as_bytes(bytes))));
    RC_ASSERT(is_valid_utf8(fold_accents(bytes)));
  });
  check_property("normal forms are stable and agree", [] {
    const std::string text = arbitrary_utf8();
    const std::string nfc = to_nfc(text);
    RC_ASSERT(to_nfc(nfc) == nfc);
    RC_ASSERT(to_nfd(nfc) == to_nfd(text));
    RC_ASSERT(to_nfc(to_nfd(text)) == nfc);
  });
  check_property("folding is idempotent and blind to the normal form", [] {
    const std::string text = arbitrary_utf8();
    RC_ASSERT(fold_accents(fold_accents(text)) == fold_accents(text));
    RC_ASSERT(fold_accents(to_nfd(text)) == fold_accents(text));
    RC_ASSERT(fold_case(fold_case(text)) == fold_case(text));
    RC_ASSERT(fold_case(to_nfd(text)) == fold_case(text));
  });
  check_property("trim leaves no white space at the ends", [](const std::string& text) {
    const std::string_view inner = trim(text);
    RC_ASSERT(trim(inner) == inner);
  });
}

TEST_CASE("what cannot be seen or turns the text around is no part of a name") {
  for (const char32_t c : {U'\t', U'\u00A0', U'\u00AD', U'\u061C', U'\u200B', U'\u200D', U'\u202E', U'\u2066',
                           U'\u2069', U'\u3164', U'\uE000', U'\uFE0F', U'\uFEFF', U'\U000E0041', U'\U0001FFFF'})
    CHECK_MESSAGE(is_treacherous(c), static_cast<std::uint32_t>(c));
  for (const char32_t c : to_utf32("Nguyễn Thị Đào-Ẩ.'’ Ⅳ東A\u0301"))
    CHECK_MESSAGE(!is_treacherous(c), static_cast<std::uint32_t>(c));
}

TEST_CASE("a long run of marks does not take quadratic time") {
  // 200,000 marks of alternating classes: exchanging neighbours would need 10^10 steps.
  std::string text = "a";
  for (int i = 0; i < 100'000; ++i) text += "\u0301\u0323";
  const std::string composed = to_nfc(text);
  CHECK(composed.starts_with("ạ"));
  CHECK(composed.size() > text.size() - 10);
}

}  // namespace
}  // namespace kyso

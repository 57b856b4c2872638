#include <doctest/doctest.h>

#include <rapidcheck.h>
#include <algorithm>

#include "pdf/drawing/appearance.h"
#include "pdf/drawing/test_fonts.h"

namespace kyso::pdf {
namespace {

constexpr double kAnyHeight = 1e9;

std::string without_blanks(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' && c != '\n' && c != '\r') out += c;
  }
  return out;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const auto& line : lines) all += line;
  return all;
}

double width_of(std::string_view text, double size) {
  return *(*Font::shipped(FontStyle::regular)).width(text) * size / 1000;
}

// Words of Vietnamese letters, blanks and line breaks.
rc::Gen<std::string> any_text() {
  static const auto letters = [] {
    auto all = test::vietnamese_letters();
    for (const char* plain : {" ", " ", "  ", "\n", "a", "n", "g", "W", "i", "1", "/"}) {
      for (int i = 0; i < 12; ++i) all.emplace_back(plain);
    }
    return all;
  }();
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(letters)), joined);
}

TEST_CASE("layout loses no character and never exceeds width, height or the size limits") {
  CHECK(rc::check("lay_out", [] {
    const std::string text = *any_text();
    const double size = *rc::gen::inRange(50, 200) / 10.0;
    const double least = *rc::gen::inRange(20, 150) / 10.0;
    const double width = *rc::gen::inRange(5, 300);
    const double height = *rc::gen::elementOf(std::vector<double>{20, 60, 200, kAnyHeight});
    const auto layout = lay_out(text, FontStyle::regular, size, width, least, height);
    if (!layout) {
      RC_ASSERT(layout.error().code == "pdf.text.does_not_fit");
      return;
    }
    RC_ASSERT(without_blanks(joined(layout->lines)) == without_blanks(text));
    RC_ASSERT(layout->width <= width + 0.001);
    RC_ASSERT(layout->height <= height + 0.001);
    RC_ASSERT(layout->size <= size);
    RC_ASSERT(layout->size >= std::min(size, least) - 1e-9);
    for (const auto& line : layout->lines) {
      RC_ASSERT(width_of(line, layout->size) <= width + 0.001);
      const bool has_blank_end = line.starts_with(' ') || line.ends_with(' ');
      RC_ASSERT_FALSE(has_blank_end);
    }
  }));
}

TEST_CASE("a box that holds the text at full size gets it at full size, in as few lines as possible") {
  CHECK(rc::check("greedy", [] {
    std::string text = *any_text();
    // Runs of blanks vanish at a line's end: how wide they were cannot be seen in the lines.
    const auto runs = std::ranges::unique(text, [](char a, char b) { return a == ' ' && b == ' '; });
    text.erase(runs.begin(), runs.end());
    const auto layout = lay_out(text, FontStyle::regular, 10, 400, 5, kAnyHeight);
    if (!layout) return;  // nothing but a layout at a smaller size can be asked of an unbreakable word
    for (std::size_t i = 0; i + 1 < layout->lines.size(); ++i) {
      if (text.find('\n') != std::string::npos) continue;
      const std::string& next = layout->lines[i + 1];
      const std::string word = next.substr(0, next.find(' '));
      RC_ASSERT(width_of(layout->lines[i] + " " + word, layout->size) > 400);
    }
  }));
}

TEST_CASE("wrapping at blanks, line breaks and empty lines") {
  const auto layout = lay_out("Nguyễn Văn A\r\n\nPhó Giám đốc", FontStyle::regular, 10, 1000, 5, kAnyHeight);
  REQUIRE(layout);
  CHECK(layout->lines == std::vector<std::string>{"Nguyễn Văn A", "", "Phó Giám đốc"});
  CHECK(layout->size == 10);
  const auto narrow = lay_out("Nguyễn Văn A", FontStyle::regular, 10, 40, 10, kAnyHeight);
  REQUIRE(narrow);
  CHECK(narrow->lines == std::vector<std::string>{"Nguyễn", "Văn A"});
  CHECK(lay_out("", FontStyle::regular, 10, 40, 10, 0)->lines.empty());
}

TEST_CASE("a long name shrinks before a word breaks, and breaks rather than become tiny") {
  const double full = width_of("Nguyễn", 10);
  const auto shrunk = lay_out("Nguyễn Phước", FontStyle::regular, 10, full * 0.8, 5, kAnyHeight);
  REQUIRE(shrunk);
  CHECK(shrunk->lines == std::vector<std::string>{"Nguyễn", "Phước"});
  CHECK(shrunk->size < 8.01);
  const auto broken = lay_out("Nguyễn", FontStyle::regular, 10, full * 0.6, 5, kAnyHeight);
  REQUIRE(broken);
  CHECK(broken->lines.size() == 2);
  CHECK(broken->size == 10);
}

TEST_CASE("what does not fit is an error with the text's beginning") {
  const std::string name = "Công chúa Nguyễn Phước Vĩnh Bảo Hoàng Tôn Nữ Thị Ngọc Lan Hương";
  const auto layout = lay_out(name, FontStyle::bold, 14, 60, 8, 30);
  REQUIRE_FALSE(layout);
  CHECK(layout.error().code == "pdf.text.does_not_fit");
  REQUIRE(layout.error().params.size() == 1);
  CHECK(layout.error().params[0].second == name);
  CHECK(lay_out(name, FontStyle::bold, 14, 60, 4, 80));
  CHECK_FALSE(lay_out(std::string(100'000, 'x'), FontStyle::regular, 10, 100, 5, kAnyHeight));
  CHECK_FALSE(lay_out("W", FontStyle::regular, 10, 2, 5, kAnyHeight));
  CHECK(lay_out("漢", FontStyle::regular, 10, 200, 5, kAnyHeight).error().code == "pdf.font.no_glyph");
}

}  // namespace
}  // namespace kyso::pdf

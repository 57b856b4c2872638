#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "base/text.h"
#include "pdf/text/page_text.h"

using namespace kyso;
using namespace kyso::pdf;

namespace {

Line line_of(const std::vector<std::string>& words, double y = 100) {
  Line line;
  double x = 50;
  for (const std::string& word : words) {
    const double width = 7.0 * static_cast<double>(to_utf32(word).size());
    line.words.push_back({word, {x, y, x + width, y + 12}, 12, false, false});
    x += width + 4;
  }
  return line;
}

PageText page_of(const std::vector<std::vector<std::string>>& lines) {
  PageText page;
  double y = 700;
  for (const auto& words : lines) page.lines.push_back(line_of(words, y -= 20));
  return page;
}

rc::Gen<std::string> vietnamese_word() {
  const auto letter =
      rc::gen::elementOf(std::vector<std::string>{"a", "ă", "ậ", "b", "c", "đ", "Đ", "ê", "ễ", "g", "h", "i",
                                                  "ị", "n", "N", "ộ", "ơ", "ợ", "u", "ư", "ự", "y", "Ỹ"});
  return rc::gen::map(rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(letter)),
                      [](const std::vector<std::string>& letters) {
                        std::string word;
                        for (const auto& one : letters) word += one;
                        return word;
                      });
}

std::string joined(const std::vector<std::string>& words, std::size_t first, std::size_t count) {
  std::string out;
  for (std::size_t i = first; i < first + count; ++i) out += (i > first ? " " : "") + words[i];
  return out;
}

}  // namespace

TEST_CASE("find_text: any run of words of a line is found where it stands, in any normal form") {
  CHECK(rc::check([] {
    const auto words = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(vietnamese_word()));
    const auto first = *rc::gen::inRange<std::size_t>(0, words.size());
    const auto count = *rc::gen::inRange<std::size_t>(1, words.size() - first + 1);
    const PageText page = page_of({{"khác"}, words, {"sau"}});
    const std::string query = joined(words, first, count);
    const auto found = find_text(page, 4, *rc::gen::arbitrary<bool>() ? query : to_nfd(query));
    const auto here = std::find_if(found.begin(), found.end(), [&](const TextMatch& match) {
      return match.box.x0 == page.lines[1].words[first].box.x0 &&
             match.box.x1 == page.lines[1].words[first + count - 1].box.x1;
    });
    // An equal run that begins earlier may overlap this one; it is found instead.
    if (here == found.end()) {
      RC_ASSERT(!found.empty());
      RC_ASSERT(found.front().box.x0 < page.lines[1].words[first].box.x0);
    }
    for (const TextMatch& match : found) {
      RC_ASSERT(match.exact);
      RC_ASSERT(match.page == 4U);
      RC_ASSERT(fold_case(match.text) == fold_case(query));
    }
  }));
}

TEST_CASE("find_text: without accents the same places are found, and said to be inexact") {
  CHECK(rc::check([] {
    const auto words = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(vietnamese_word()));
    const PageText page = page_of({words});
    const std::string query = joined(words, 0, words.size());
    const std::string bare = fold_accents(query);
    const auto found = find_text(page, 0, bare);
    RC_ASSERT(!found.empty());
    RC_ASSERT(found.front().exact == (fold_case(query) == bare));
    RC_ASSERT(find_text(page, 0, query, MatchMode::folded).size() == 1U);
    if (fold_case(query) != bare) RC_ASSERT(find_text(page, 0, bare, MatchMode::exact).empty());
  }));
}

TEST_CASE("find_text: whatever is asked, matches are whole words of the page") {
  CHECK(rc::check([](const std::string& query) {
    const PageText page = page_of({{"KT.", "GIÁM", "ĐỐC"}, {"(Nguyễn", "Văn", "An),"}, {"\xC3", "a-b", "…"}});
    for (const auto mode : {MatchMode::exact, MatchMode::folded, MatchMode::exact_then_folded}) {
      for (const TextMatch& match : find_text(page, 0, query, mode)) RC_ASSERT(!match.text.empty());
    }
  }));
}

TEST_CASE("find_text: a name is not found within a longer one") {
  const PageText page = page_of({{"Nguyễn", "Văn", "An"}, {"Ông", "Nguyễn", "Văn", "A,", "Giám", "đốc"}});
  const auto found = find_text(page, 0, "Nguyễn Văn A");
  REQUIRE(found.size() == 1);
  CHECK(found[0].text == "Nguyễn Văn A");
  CHECK(found[0].box.y0 == page.lines[1].words[0].box.y0);
  CHECK(found[0].box.x1 < page.lines[1].words[3].box.x1);  // the comma stays outside
  CHECK(find_text(page, 0, "uyễn Văn A").empty());
}

TEST_CASE("find_text: exact before letter case before accents") {
  const PageText page = page_of({{"NGUYEN", "VAN", "A"}, {"NGUYỄN", "VĂN", "A"}, {"Nguyễn", "Văn", "A"}});
  CHECK(find_text(page, 0, "Nguyễn Văn A").size() == 1);
  CHECK(find_text(page, 0, "Nguyễn văn A").size() == 2);
  CHECK(find_text(page, 0, "Nguyên Văn A").size() == 3);
  CHECK(find_text(page, 0, "Nguyên Văn A", MatchMode::exact).empty());
  const auto folded = find_text(page, 0, "Nguyễn Văn A", MatchMode::folded);
  REQUIRE(folded.size() == 3);
  CHECK_FALSE(folded[0].exact);
  CHECK(folded[1].exact);
  CHECK(folded[2].exact);
}

TEST_CASE("find_text: punctuation is part of a query, and of no name") {
  const PageText page = page_of({{"KT.", "GIÁM", "ĐỐC"}, {"Người", "ký:Trần", "Thị", "Đào."}, {"a\u2013b"}});
  CHECK(find_text(page, 0, "KT. GIÁM ĐỐC").size() == 1);
  CHECK(find_text(page, 0, "KT").size() == 1);
  CHECK(find_text(page, 0, "a-b").size() == 1);
  const auto found = find_text(page, 0, "tran thi dao");
  REQUIRE(found.size() == 1);
  CHECK(found[0].text == "Trần Thị Đào");
  CHECK(found[0].box.x0 > page.lines[1].words[1].box.x0);
  CHECK_FALSE(found[0].exact);
}

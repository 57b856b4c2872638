#include "pdf/text/page_text.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "base/test_support.h"
#include "base/text.h"
#include "pdf/document/document.h"

using namespace kyso;
using namespace kyso::pdf;

namespace {

const std::string kFolder = KYSO_SOURCE_DIR "/tests/data/pdf/";

struct OracleWord {
  std::string text;
  double x0, y0, x1, y1;  // from the upper left of the visible page
};

std::string without_entities(std::string text) {
  for (auto [entity, character] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}, {"&#39;", "'"}, {"&amp;", "&"}}) {
    for (auto at = text.find(entity); at != text.npos; at = text.find(entity, at + 1)) {
      text.replace(at, entity.size(), character);
    }
  }
  return text;
}

double attribute(std::string_view tag, std::string_view name) {
  const auto at = tag.find(std::string(name) + "=\"") + name.size() + 2;
  double value = 0;
  std::from_chars(tag.data() + at, tag.data() + tag.size(), value);
  return value;
}

// Words of each page according to another program.
std::vector<std::vector<OracleWord>> ask_pdftotext(const std::string& file, const std::string& password) {
  const std::string out = output_of("pdftotext -q -bbox -cropbox " + (password.empty() ? "" : "-upw " + password) +
                                    " '" + kFolder + file + "' - 2>/dev/null");
  std::vector<std::vector<OracleWord>> pages;
  for (std::size_t at = 0; at < out.size();) {
    const auto end = std::min(out.find('\n', at), out.size());
    const std::string_view line = std::string_view(out).substr(at, end - at);
    at = end + 1;
    if (line.find("<page ") != line.npos) pages.emplace_back();
    const auto tag = line.find("<word ");
    if (tag == line.npos || pages.empty()) continue;
    const auto close = line.find('>', tag), stop = line.find("</word>");
    const std::string_view head = line.substr(tag, close - tag);
    pages.back().push_back({to_nfc(without_entities(std::string(line.substr(close + 1, stop - close - 1)))),
                            attribute(head, "xMin"), attribute(head, "yMin"), attribute(head, "xMax"),
                            attribute(head, "yMax")});
  }
  return pages;
}

struct Score {
  std::size_t expected = 0, found = 0, extra = 0;
  std::string missing;
};

// Every word of the oracle must stand among ours with its centre within 2 points.
void compare(const Page& page, const PageText& text, const std::vector<OracleWord>& oracle, Score& score) {
  Page in_points = page;
  in_points.user_unit = 1;
  const Matrix visible = in_points.user_to_visible();
  const double height = in_points.visible_height();
  std::multimap<std::string, Rect> ours;
  for (const Line& line : text.lines) {
    for (const Word& word : line.words) ours.emplace(word.text, visible.apply(word.box));
  }
  for (const OracleWord& word : oracle) {
    ++score.expected;
    const double x = (word.x0 + word.x1) / 2, y = height - (word.y0 + word.y1) / 2;
    auto [first, last] = ours.equal_range(word.text);
    auto hit = std::find_if(first, last, [&](const auto& entry) {
      const Rect& box = entry.second;
      return std::fabs((box.x0 + box.x1) / 2 - x) < 2 && std::fabs((box.y0 + box.y1) / 2 - y) < 2;
    });
    if (hit == last) {
      if (score.missing.size() < 600) {
        score.missing += fmt::format(" p{} \"{}\"({:.1f},{:.1f})", page.index + 1, word.text, x, y);
        if (first != last)
          score.missing += fmt::format("<>({:.1f},{:.1f})", (first->second.x0 + first->second.x1) / 2,
                                       (first->second.y0 + first->second.y1) / 2);
      }
      continue;
    }
    ++score.found;
    ours.erase(hit);
  }
  score.extra += ours.size();
}

Score compare_file(const std::string& file, const std::string& password = {}) {
  const Secret secret(password);
  Document::Options options;
  options.password = &secret;
  auto source = Source::open(kFolder + file);
  REQUIRE(source);
  auto document = Document::open(*source, options);
  REQUIRE_MESSAGE(document.has_value(), file);
  const auto oracle = ask_pdftotext(file, password);
  REQUIRE(oracle.size() == document->pages().count());
  Score score;
  for (std::size_t i = 0; i < oracle.size(); ++i) {
    auto text = read_page_text(*document, i);
    REQUIRE(text);
    compare(*document->pages().page(i), *text, oracle[i], score);
  }
  return score;
}

PageText read(const std::string& file, std::size_t index) {
  auto document = Document::open(*Source::open(kFolder + file));
  REQUIRE(document);
  auto text = read_page_text(*document, index);
  REQUIRE(text);
  return *text;
}

const Line* line_with(const PageText& page, std::string_view text) {
  for (const Line& line : page.lines) {
    if (line.text() == text) return &line;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("words and boxes are those that pdftotext finds") {
  const std::pair<std::string, std::string> files[] = {{"vn-cong-van.pdf", ""},
                                                       {"vn-quyet-dinh.pdf", ""},
                                                       {"vn-to-trinh.pdf", ""},
                                                       {"qpdf/deterministic-id-in.pdf", ""},
                                                       {"qpdf/20-pages.pdf", "user"},
                                                       {"qpdf/boxes.pdf", ""},
                                                       {"qpdf/merge-implicit-ranges.pdf", ""},
                                                       {"own/vn-cong-van-aes256.pdf", ""},
                                                       {"own/vn-to-trinh-linearized.pdf", ""},

                                                       {"qpdf/fxo-blue.pdf", ""},
                                                       {"qpdf/c-linearized.pdf", ""}};
  for (const auto& [file, password] : files) {
    const Score score = compare_file(file, password);
    INFO(file << ": " << score.found << " of " << score.expected << ", " << score.extra << " more;" << score.missing);
    CHECK(score.expected > 0);
    CHECK(static_cast<double>(score.found) >= 0.99 * static_cast<double>(score.expected));
    CHECK(static_cast<double>(score.extra) <= 0.01 * static_cast<double>(score.expected));
  }
}

TEST_CASE("a letter of the state is read line by line, column by column") {
  const PageText page = read("vn-cong-van.pdf", 0);
  CHECK_FALSE(page.has_unreadable_text);
  REQUIRE(line_with(page, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM") != nullptr);
  REQUIRE(line_with(page, "CƠ QUAN CHỦ QUẢN MẪU") != nullptr);
  REQUIRE(line_with(page, "KT. GIÁM ĐỐC") != nullptr);
  REQUIRE(line_with(page, "PHÓ GIÁM ĐỐC") != nullptr);
  REQUIRE(line_with(page, "Nơi nhận:") != nullptr);
  const Line* name = line_with(page, "Nguyễn Văn A");
  REQUIRE(name != nullptr);
  CHECK(name->words.front().bold);
  CHECK_FALSE(name->words.front().italic);
  CHECK(name->words.front().font_size > 12);
  CHECK(name->words.front().font_size < 15);
  const Line* motto = line_with(page, "Độc lập - Tự do - Hạnh phúc");
  REQUIRE(motto != nullptr);
  // Title lines stand above the name, the first line of the page comes first.
  CHECK(line_with(page, "KT. GIÁM ĐỐC")->box().y0 > name->box().y1);
  CHECK(page.lines.front().box().y1 > page.lines.back().box().y1);
}

TEST_CASE("rule lines are marks") {
  const PageText page = read("vn-cong-van.pdf", 0);
  const Rect motto = line_with(page, "Độc lập - Tự do - Hạnh phúc")->box();
  const bool has_rule = std::any_of(page.marks.begin(), page.marks.end(), [&](const Mark& mark) {
    return mark.kind == Mark::Kind::path && mark.box.height() < 3 && mark.box.width() > 0.5 * motto.width() &&
           mark.box.y1 < motto.y1 && mark.box.y0 > motto.y0 - 10 && mark.box.x0 > motto.x0 - 10 &&
           mark.box.x1 < motto.x1 + 10;
  });
  CHECK(has_rule);
}

TEST_CASE("all 134 accented letters come out composed") {
  const PageText page = read("vn-to-trinh.pdf", 3);
  std::string all;
  for (const Line& line : page.lines) all += line.text() + "\n";
  CHECK(all == to_nfc(all));
  std::u32string letters;
  for (const std::string_view base : {"a", "ă", "â", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "y"}) {
    for (const char32_t tone : {0x300, 0x301, 0x303, 0x309, 0x323}) {
      letters += to_utf32(to_nfc(std::string(base) + to_utf8(std::u32string(1, tone))));
    }
  }
  letters += U"ăâêôơưđ";
  REQUIRE(letters.size() == 67);
  const std::u32string text = to_utf32(all);
  const std::u32string capitals = to_utf32(to_upper(to_utf8(letters)));
  for (const std::u32string_view alphabet : {std::u32string_view(letters), std::u32string_view(capitals)}) {
    for (const char32_t letter : alphabet) {
      CHECK_MESSAGE(text.find(letter) != text.npos, to_utf8(std::u32string(1, letter)));
    }
  }
}

TEST_CASE("the signer's name is found however it is written") {
  for (const auto& [file, index] : {std::pair("vn-cong-van.pdf", 0U), std::pair("vn-quyet-dinh.pdf", 0U),
                                    std::pair("vn-to-trinh.pdf", 0U), std::pair("own/vn-cong-van-aes256.pdf", 0U)}) {
    INFO(file);
    const PageText page = read(file, index);
    const auto exact = find_text(page, index, "Nguyễn Văn A");
    REQUIRE(!exact.empty());
    CHECK(exact.back().exact);
    CHECK(exact.back().text == "Nguyễn Văn A");
    for (const std::string& spelling : {to_nfd("Nguyễn Văn A"), std::string("Nguye\u0302\u0303n Va\u0306n A"),
                                        std::string("Nguy\u00EA\u0303n  Văn\tA "), std::string("NGUYỄN VĂN A")}) {
      const auto found = find_text(page, index, spelling);
      REQUIRE(found.size() == exact.size());
      CHECK(found.back().exact);
      CHECK(found.back().box == exact.back().box);
    }
    const auto folded = find_text(page, index, "nguyen van a");
    REQUIRE(!folded.empty());
    CHECK_FALSE(folded.back().exact);
    CHECK(folded.back().box == exact.back().box);
    CHECK(find_text(page, index, "nguyen van a", MatchMode::exact).empty());
    CHECK(find_text(page, index, "guyễn Văn A").empty());
    CHECK(find_text(page, index, "Nguyễn Văn B").empty());
    CHECK(find_text(page, index, "").empty());
  }
}

TEST_CASE("a missing page is an error") {
  auto document = Document::open(*Source::open(kFolder + "vn-cong-van.pdf"));
  REQUIRE(document);
  auto text = read_page_text(*document, 1);
  REQUIRE_FALSE(text);
  CHECK(text.error().code == "pdf.page.missing");
}

TEST_CASE("images of signature fields are marks") {
  const PageText page = read("own/signed-certified-p2-then-approval.pdf", 0);
  std::vector<Rect> images;
  for (const Mark& mark : page.marks) {
    if (mark.kind == Mark::Kind::image) images.push_back(mark.box);
  }
  REQUIRE(images.size() == 2);  // the leader's image and the seal
  for (const Rect& field : {Rect{345, 95, 495, 165}, Rect{290, 78, 395, 183}}) {
    CHECK(std::any_of(images.begin(), images.end(), [&](const Rect& image) { return field.contains(image, 1); }));
  }
}

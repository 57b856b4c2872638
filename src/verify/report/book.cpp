#include "verify/report/book.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "crypto/algorithm.h"

namespace kyso::verify {
namespace {

constexpr double kNoLimit = 1e6;

bool is_latin(char32_t c) {
  return (c >= 0x20 && c < 0x7F) || (c >= 0xA1 && c < 0x250 && c != 0xAD) || (c >= 0x1EA0 && c <= 0x1EF9);
}

// A document of one page, to be filled by an update: the writers of drawings work on documents.
Bytes empty_document(const Book::Information& information) {
  const std::vector<std::string> objects = {
      fmt::format("<</Type/Catalog/Pages 2 0 R/Lang({})/ViewerPreferences<</DisplayDocTitle true>>>>",
                  information.language == Language::vietnamese ? "vi-VN" : "en"),
      "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595.276 841.89]/Resources<<>>>>",
      pdf::serialize(pdf::Dictionary{{"Title", pdf::String{pdf::text_string(information.title)}},
                                     {"Producer", pdf::String{"Kyso"}},
                                     {"CreationDate", pdf::String{pdf_date(information.time)}}})};
  std::string file = "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n";
  std::string table = fmt::format("xref\n0 {}\n0000000000 65535 f \n", objects.size() + 1);
  for (std::size_t i = 0; i < objects.size(); ++i) {
    table += fmt::format("{:010} 00000 n \n", file.size());
    file += fmt::format("{} 0 obj\n{}\nendobj\n", i + 1, objects[i]);
  }
  const std::string id = to_hex(crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(file))).substr(0, 32);
  const std::size_t start = file.size();
  file += table + fmt::format("trailer\n<</Size {}/Root 1 0 R/Info 4 0 R/ID[<{}><{}>]>>\nstartxref\n{}\n%%EOF\n",
                              objects.size() + 1, id, id, start);
  return to_bytes(file);
}

}  // namespace

Result<Book> Book::create() {
  return Book(KYSO_TRY(pdf::Font::shipped(pdf::FontStyle::regular)));
}

bool Book::has(char32_t letter) {
  const auto [found, is_new] = m_letters.try_emplace(letter, false);
  if (is_new) found->second = m_font.width(to_utf8(std::u32string_view(&letter, 1))).has_value();
  return found->second;
}

std::string Book::printable(std::string_view text) {
  const std::u32string letters = to_utf32(to_nfc(to_valid_utf8(text)));
  const auto with = [&](auto&& keep) {
    std::string out;
    for (const char32_t c : letters) {
      if (keep(c)) {
        append_utf8(out, c);
      } else {
        out += fmt::format("[U+{:04X}]", static_cast<std::uint32_t>(c));
      }
    }
    return out;
  };
  std::string out = with([&](char32_t c) { return c == ' ' || (c > ' ' && has(c)); });
  // Letters that exist alone but do not stand together plainly.
  if (!m_font.width(out)) out = with([&](char32_t c) { return is_latin(c) && has(c); });
  return out;
}

Result<Book::Block> Book::block(std::string_view text, const TextLook& look, double width, double spacing) {
  Block block{{}, look, spacing};
  const std::string letters = printable(text);
  if (letters.empty()) return block;
  block.lines = KYSO_TRY(pdf::lay_out(letters, look.style, look.size, width, look.size, kNoLimit, spacing)).lines;
  return block;
}

void Book::new_page() {
  m_pages.emplace_back(kWidth, kHeight);
  m_y = kTop;
}

void Book::need(double height) {
  if (m_y - height < kBottom && m_y < kTop) new_page();
}

void Book::space(double height) {
  if (m_y < kTop) m_y = std::max(m_y - height, kBottom);
}

void Book::text(std::string_view text, const TextLook& look, double x, double y, pdf::Drawing::Align align) {
  page().text({printable(text), look.style, look.size, look.colour}, x, y, align);
}

void Book::draw(const Block& block, double x, double top) {
  for (std::size_t i = 0; i < block.lines.size(); ++i) {
    const double baseline = top - static_cast<double>(i) * block.line_height() - block.look.size * 1.02;
    page().text({block.lines[i], block.look.style, block.look.size, block.look.colour}, x, baseline);
  }
}

Result<> Book::paragraph(std::string_view text, const TextLook& look, double indent, double spacing) {
  const Block lines = KYSO_TRY(block(text, look, kRight - kLeft - indent, spacing));
  for (const std::string& line : lines.lines) {
    need(lines.line_height());
    draw({{line}, look, spacing}, kLeft + indent, m_y);
    m_y -= lines.line_height();
  }
  return {};
}

void Book::fill(const pdf::Rect& box, pdf::Colour colour) {
  const double middle = (box.y0 + box.y1) / 2;
  page().line(box.x0, middle, box.x1, middle, box.height(), colour);
}

void Book::rule(double y, pdf::Colour colour) {
  page().line(kLeft, y, kRight, y, 0.6, colour);
}

void Book::number_pages(const Information& information) {
  const TextLook look{pdf::FontStyle::regular, 8.5, {0.333, 0.376, 0.431}};
  // Long file names end in dots rather than under the page number.
  std::u32string foot = to_utf32(printable(information.foot));
  if (foot.size() > 80) foot = foot.substr(0, 79) + U"…";
  for (std::size_t i = 0; i < m_pages.size(); ++i) {
    const std::string number =
        fmt::format("{} {}/{}", information.language == Language::vietnamese ? "Trang" : "Page", i + 1, m_pages.size());
    m_pages[i].line(kLeft, 44, kRight, 44, 0.5, {0.85, 0.87, 0.9});
    m_pages[i].text({to_utf8(foot), look.style, look.size, look.colour}, kLeft, 32);
    m_pages[i].text({number, look.style, look.size, look.colour}, kRight, 32, pdf::Drawing::Align::right);
  }
}

Result<Bytes> Book::finish(const Information& information) {
  number_pages(information);
  Bytes file = empty_document(information);
  const auto document = KYSO_TRY(pdf::Document::open(pdf::Source::from_bytes(file)));
  pdf::IncrementalWriter writer(document.view());
  pdf::ResourceWriter resources(document, writer);
  const pdf::ObjectId root{2, 0};
  pdf::Array kids;
  for (const pdf::Drawing& drawing : m_pages) {
    const pdf::ObjectId form = KYSO_TRY(drawing.write(writer, resources, 0));
    const pdf::ObjectId id = kids.empty() ? pdf::ObjectId{3, 0} : writer.reserve();
    writer.set(id, pdf::Dictionary{{"Type", pdf::Name{"Page"}},
                                   {"Parent", root},
                                   {"MediaBox", pdf::Array{pdf::Object(0), pdf::Object(0), pdf::Object(kWidth),
                                                           pdf::Object(kHeight)}},
                                   {"Resources", pdf::Dictionary{{"XObject", pdf::Dictionary{{"P", form}}}}},
                                   {"Contents", writer.add_stream({}, to_bytes("/P Do\n"))}});
    kids.emplace_back(id);
  }
  KYSO_TRY(resources.finish());
  const auto count = static_cast<std::int64_t>(kids.size());
  writer.set(root, pdf::Dictionary{{"Type", pdf::Name{"Pages"}}, {"Kids", std::move(kids)}, {"Count", count}});
  const Bytes id = crypto::digest(crypto::DigestAlgorithm::sha256, file);
  append(file, KYSO_TRY(writer.finish(ByteView(id).first(16))).bytes);
  return file;
}

}  // namespace kyso::verify

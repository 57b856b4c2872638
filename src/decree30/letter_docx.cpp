#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "decree30/letter_docx_parts.h"
#include "decree30/letter_table.h"
#include "decree30/letter_words.h"

// The letter as WordprocessingML (ISO/IEC 29500-1): the same boxes as in the PDF. Measures are twentieths of a point.
namespace kyso::decree30 {
namespace {

using Style = FontStyle;

constexpr int kPageShort = 11906, kPageLong = 16838;
constexpr int kTop = 1134, kBottom = 1134, kLeft = 1701, kRight = 850, kHeaderAt = 482;
constexpr int kUpright = kPageShort - kLeft - kRight, kLying = kPageLong - kLeft - kRight;
constexpr int kRightColumn = 5360, kLeftColumn = kUpright - kRightColumn;
constexpr int kCellMargin = 60;
constexpr double kRuleShare = 0.4;
constexpr int kSignatureRoom = 1880;

int twips(double points) {
  return static_cast<int>(std::lround(points * 20));
}

struct Paragraph {
  std::string_view style = {};  // id; empty: Normal
  std::string_view align = {};  // "center", "right", "both"
  int before = -1;              // space above; -1: as the style says
  int left = -1, right = -1;    // indents; with `hanging` the first line begins that much further left
  int hanging = -1;
  bool keep_with_next = false, is_flush = false;  // is_flush: first line not indented
};

// In the order that the schema demands (CT_PPrBase).
// `before_spacing` and `at_end` are properties that stand there.
std::string properties(const Paragraph& p, std::string_view before_spacing = {}, std::string_view at_end = {}) {
  std::string out = "<w:pPr>";
  if (!p.style.empty()) out += fmt::format(R"(<w:pStyle w:val="{}"/>)", p.style);
  if (p.keep_with_next) out += "<w:keepNext/>";
  out += before_spacing;
  if (p.before >= 0) out += fmt::format(R"(<w:spacing w:before="{}"/>)", p.before);
  if (p.left >= 0 || p.right >= 0 || p.is_flush) {
    out += fmt::format(R"(<w:ind w:left="{}" w:right="{}")", std::max(0, p.left), std::max(0, p.right));
    if (p.hanging >= 0) out += fmt::format(R"( w:hanging="{}")", p.hanging);
    if (p.is_flush) out += R"( w:firstLine="0")";
    out += "/>";
  }
  if (!p.align.empty()) out += fmt::format(R"(<w:jc w:val="{}"/>)", p.align);
  out += at_end;
  return out + "</w:pPr>";
}

std::string run(std::string_view text, Style style, double size) {
  std::string rpr = "<w:rPr>";
  if (style == Style::bold || style == Style::bold_italic) rpr += "<w:b/><w:bCs/>";
  if (style == Style::italic || style == Style::bold_italic) rpr += "<w:i/><w:iCs/>";
  rpr += fmt::format(R"(<w:sz w:val="{0}"/><w:szCs w:val="{0}"/></w:rPr>)", static_cast<int>(size * 2));
  std::string out = "<w:r>" + rpr;
  bool is_first = true;
  for (const std::string& line : split_lines(to_nfc(to_valid_utf8(text)))) {
    if (!is_first) out += "<w:br/>";
    is_first = false;
    out += R"(<w:t xml:space="preserve">)" + sheet::escape_xml(line) + "</w:t>";
  }
  return out + "</w:r>";
}

// Of the paragraph's end, which makes an empty paragraph as high as it is.
std::string mark(int size) {
  return fmt::format(R"(<w:rPr><w:sz w:val="{0}"/><w:szCs w:val="{0}"/></w:rPr>)", 2 * size);
}

// Air.
std::string gap(int size, bool keep_with_next) {
  return "<w:p>" + properties({.keep_with_next = keep_with_next}, {}, mark(size)) + "</w:p>";
}

std::string paragraph(const Paragraph& p, std::string_view text, Style style, double size) {
  return "<w:p>" + properties(p) + run(text, style, size) + "</w:p>";
}

// An empty paragraph whose upper border is a solid line in the middle of a column.
std::string rule(int column, double length, bool keep_with_next) {
  const int beside = std::max(0, (column - twips(length)) / 2);
  Paragraph p{.before = 20, .left = beside, .right = beside, .keep_with_next = keep_with_next};
  return "<w:p>" +
         properties(p, R"(<w:pBdr><w:top w:val="single" w:sz="4" w:space="1" w:color="000000"/></w:pBdr>)", mark(3)) +
         "</w:p>";
}

std::string section(bool lying, bool is_first) {
  std::string out = fmt::format(R"(<w:sectPr><w:headerReference w:type="default" r:id="{}"/>)", kNumberedHeader);
  out += R"(<w:type w:val="nextPage"/>)";
  out += lying ? fmt::format(R"(<w:pgSz w:w="{}" w:h="{}" w:orient="landscape"/>)", kPageLong, kPageShort)
               : fmt::format(R"(<w:pgSz w:w="{}" w:h="{}"/>)", kPageShort, kPageLong);
  out += fmt::format(
      R"(<w:pgMar w:top="{}" w:right="{}" w:bottom="{}" w:left="{}" w:header="{}" w:footer="{}" w:gutter="0"/>)", kTop,
      kRight, kBottom, kLeft, kHeaderAt, kHeaderAt);
  if (is_first) out += "<w:titlePg/>";  // no number on the letter's first page
  return out + "</w:sectPr>";
}

std::string cell(int width, std::string_view content, bool centre_vertically = false) {
  return fmt::format(R"(<w:tc><w:tcPr><w:tcW w:w="{}" w:type="dxa"/>{}</w:tcPr>{}</w:tc>)", width,
                     centre_vertically ? R"(<w:vAlign w:val="center"/>)" : "", content);
}

std::string table_start(std::string_view style, const std::vector<int>& widths) {
  int sum = 0;
  std::string grid;
  for (const int width : widths) {
    sum += width;
    grid += fmt::format(R"(<w:gridCol w:w="{}"/>)", width);
  }
  return fmt::format(
      R"(<w:tbl><w:tblPr><w:tblStyle w:val="{}"/><w:tblW w:w="{}" w:type="dxa"/><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{}</w:tblGrid>)",
      style, sum, grid);
}

// Writer: one letter as the content of w:body.
class Writer {
 public:
  Writer(const Letter& letter, pdf::TaggedPages& measure)
      : m_letter(letter), m_words(words_of(letter)), m_appendices(appendices_of(letter)), m_measure(measure) {}

  std::string run_all() {
    head();
    title();
    addressees();
    body();
    signature();
    if (m_appendices.empty()) {
      notes();
      return m_out + section(false, true);
    }
    m_out += "<w:p>" + properties({}, {}, mark(2) + section(false, true)) + "</w:p>";
    for (const LetterAppendix& appendix : m_appendices) add_appendix(appendix, &appendix != &m_appendices.front());
    notes();
    return m_out + section(true, false);
  }

 private:
  double width_of(std::string_view text, Style style, double size, double most) {
    double widest = 0;
    for (const LetterLine& line : break_lines(m_measure.typeface(style), text, size, most)) {
      widest = std::max(widest, line.width);
    }
    return widest;
  }
  void head();
  void title();
  void addressees();
  void body();
  void signature();
  void add_table(const LetterTable& table, int width, bool keeps_company);
  void add_appendix(const LetterAppendix& appendix, bool on_new_page);
  void notes();

  const Letter& m_letter;
  LetterWords m_words;
  std::vector<LetterAppendix> m_appendices;
  pdf::TaggedPages& m_measure;
  std::string m_out;
};

// Boxes 1 to 4 and 5b.
void Writer::head() {
  const Paragraph centre{.align = "center"};
  const double most = kLeftColumn / 20.0 - 2 * kCellMargin / 20.0;
  std::string left, right;
  if (!m_words.superior.empty()) left += paragraph(centre, m_words.superior, Style::regular, 12);
  left += paragraph(centre, m_words.organisation, Style::bold, 12);
  left +=
      rule(kLeftColumn - 2 * kCellMargin, kRuleShare * width_of(m_words.organisation, Style::bold, 12, most), false);
  right += paragraph(centre, kNation, Style::bold, 12) + paragraph(centre, kMotto, Style::bold, 13);
  right += rule(kRightColumn - 2 * kCellMargin, width_of(kMotto, Style::bold, 13, 1e6), false);
  m_out += table_start("TableNormal", {kLeftColumn, kRightColumn});
  m_out += "<w:tr>" + cell(kLeftColumn, left) + cell(kRightColumn, right) + "</w:tr>";
  left = paragraph(centre, m_words.number, Style::regular, 13);
  if (m_words.title.empty() && !m_words.subject.empty()) {
    left += paragraph({.style = "Heading1"}, m_words.subject, Style::regular, 12);
  }
  right = paragraph(centre, m_words.date, Style::italic, 13);
  m_out += "<w:tr>" + cell(kLeftColumn, left) + cell(kRightColumn, right) + "</w:tr></w:tbl>";
}

// Box 5a.
void Writer::title() {
  if (m_words.title.empty()) return;
  m_out += paragraph({.style = "Heading1", .before = 280}, m_words.title, Style::bold, 14);
  if (!m_words.subject.empty()) {
    m_out += paragraph({.align = "center", .keep_with_next = true}, m_words.subject, Style::bold, 14);
  }
  const std::string& last = m_words.subject.empty() ? m_words.title : m_words.subject;
  m_out += rule(kUpright, kRuleShare * width_of(last, Style::bold, 14, kUpright / 20.0), true);
}

// Box 9a.
void Writer::addressees() {
  if (m_words.addressees.size() == 1) {
    const std::string text = "Kính gửi: " + m_words.addressees.front();
    m_out += paragraph({.align = "center", .before = 280, .keep_with_next = true}, text, Style::regular, 14);
    return;
  }
  constexpr int kLabel = 1300;
  for (std::size_t i = 0; i < m_words.addressees.size(); ++i) {
    Paragraph p{.before = i == 0 ? 280 : 0, .left = 720 + kLabel, .keep_with_next = i == 0};
    if (i == 0) p.hanging = kLabel;
    const std::string label =
        i > 0 ? "" : run("Kính gửi:", Style::regular, 14) + "<w:r><w:tab/></w:r>";  // to the hanging indent
    m_out += "<w:p>" + properties(p) + label + run(m_words.addressees[i], Style::regular, 14) + "</w:p>";
  }
}

void Writer::body() {
  m_out += gap(6, true);
  std::size_t appendix = 0;
  for (const LetterBlock& block : m_letter.body) {
    const bool is_last = &block == &m_letter.body.back();
    if (const auto* text = std::get_if<LetterParagraph>(&block)) {
      using Look = LetterParagraph::Look;
      const bool is_note = text->look == Look::note, is_heading = text->look == Look::heading;
      const Style style = is_heading ? Style::bold : is_note ? Style::italic : Style::regular;
      m_out += paragraph({.style = is_heading ? "Heading2" : "BodyText", .keep_with_next = is_last}, text->text, style,
                         is_note ? 12 : 14);
    } else if (m_letter.has_wide_tables) {
      m_out += paragraph({.style = "BodyText", .keep_with_next = is_last}, m_appendices[appendix++].hint,
                         Style::regular, 14);
    } else {
      m_out += gap(6, true);
      add_table(std::get<LetterTable>(block), kUpright, is_last);
    }
  }
}

void Writer::add_table(const LetterTable& table, int width, bool keeps_company) {
  const TableSetting setting = table_setting(m_measure, table, width / 20.0);
  std::vector<int> widths;
  for (const double column : setting.widths) widths.push_back(twips(column));
  m_out += table_start("TableGrid", widths);
  m_out += "<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>";
  for (std::size_t i = 0; i < widths.size(); ++i) {
    const std::string text =
        paragraph({.align = "center", .keep_with_next = true}, table.columns[i].title, Style::bold, setting.size);
    m_out += cell(widths[i], text, true);
  }
  m_out += "</w:tr>";
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    m_out += "<w:tr><w:trPr><w:cantSplit/></w:trPr>";
    for (std::size_t i = 0; i < widths.size(); ++i) {
      using Align = LetterColumn::Align;
      const Align align = table.columns[i].align;
      const Paragraph p{.align = align == Align::centre  ? "center"
                                 : align == Align::right ? "right"
                                                         : "left",
                        .keep_with_next = keeps_company && r + 2 >= table.rows.size()};
      const std::string_view text = i < table.rows[r].size() ? std::string_view(table.rows[r][i]) : "";
      m_out += cell(widths[i], paragraph(p, text, Style::regular, setting.size));
    }
    m_out += "</w:tr>";
  }
  m_out += "</w:tbl>";
}

// Boxes 7a, 7b and 9b in one row that is not split and follows text.
void Writer::signature() {
  m_out += gap(14, true);  // also parts two tables
  std::string left, right;
  if (!m_words.recipients.empty()) {
    left += paragraph({.keep_with_next = true}, "Nơi nhận:", Style::bold_italic, 12);
    for (const std::string& name : m_words.recipients) {
      left += paragraph({.keep_with_next = &name != &m_words.recipients.back()}, name, Style::regular, 11);
    }
  }
  for (const std::string& line : m_words.authority) {
    right += paragraph({.align = "center", .keep_with_next = true}, line, Style::bold, 14);
  }
  right += paragraph({.align = "center", .before = m_words.authority.empty() ? 0 : kSignatureRoom}, m_words.signer,
                     Style::bold, 14);
  if (left.empty()) left = gap(11, false);
  m_out += table_start("TableNormal", {kLeftColumn, kRightColumn}) + "<w:tr><w:trPr><w:cantSplit/></w:trPr>";
  m_out += cell(kLeftColumn, left) + cell(kRightColumn, right) + "</w:tr></w:tbl>";
}

void Writer::add_appendix(const LetterAppendix& appendix, bool on_new_page) {
  const Paragraph centre{.align = "center", .keep_with_next = true};
  const std::string page_break = on_new_page ? "<w:pageBreakBefore/>" : "";
  m_out += "<w:p>" + properties({.style = "Heading2", .align = "center", .before = 0, .is_flush = true}, page_break) +
           run(appendix.heading, Style::bold, 14) + "</w:p>";
  if (!appendix.title.empty()) m_out += paragraph(centre, appendix.title, Style::bold, 14);
  m_out += paragraph(centre, appendix.reference, Style::italic, 13);
  m_out += rule(kLying, kRuleShare * width_of(appendix.reference, Style::italic, 13, kLying / 20.0), true);
  add_table(*appendix.table, kLying, false);
  m_out += gap(6, false);
}

void Writer::notes() {
  if (m_letter.notes.empty()) {
    if (m_appendices.empty()) m_out += gap(2, false);  // a table is no end of a section
    return;
  }
  const int width = m_appendices.empty() ? kUpright : kLying;
  const Paragraph line{.before = 200, .left = 0, .right = width - 2400, .keep_with_next = true};
  m_out +=
      "<w:p>" +
      properties(line, R"(<w:pBdr><w:top w:val="single" w:sz="4" w:space="1" w:color="000000"/></w:pBdr>)", mark(3)) +
      "</w:p>";
  for (const std::string& note : m_letter.notes) {
    m_out += paragraph({.align = "both"}, note, Style::regular, 11);
  }
}

}  // namespace

Result<Bytes> letter_to_docx(const Letter& letter, const LetterOptions& options) {
  KYSO_TRY(check_letter(letter));
  auto measure = KYSO_TRY(pdf::TaggedPages::create());
  const std::string content = Writer(letter, measure).run_all();
  return sheet::write_package(docx_parts(content, words_of(letter).name, options));
}

}  // namespace kyso::decree30

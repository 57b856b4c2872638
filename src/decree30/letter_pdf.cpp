#include <algorithm>

#include "base/text.h"
#include "decree30/letter_table.h"
#include "decree30/letter_words.h"

// The letter as PDF: the boxes of Appendix I, part I, from the top down. Box numbers are the decree's.
namespace kyso::decree30 {
namespace {

using Style = FontStyle;

constexpr double kLeftColumn = 192, kRightColumn = 268;  // of the head and of the signature block
constexpr double kRuleShare = 0.4;                       // a line below a name: a third to a half of it
constexpr double kIndent = 12.7 * kMillimetre;
constexpr double kParagraphGap = 6;
constexpr double kSignatureRoom = 94;  // between title and name: the image of 70 points and air
constexpr double kLargestList = 330;   // of the recipients beside the signature; the others follow below it
constexpr double kNoteRule = 120;

constexpr LetterType kBody{Style::regular, 14, 1.2}, kBold{Style::bold, 14, 1.2};

// Composer: one letter into one document.
class Composer {
 public:
  Composer(const Letter& letter, pdf::TaggedPages& pages)
      : m_letter(letter),
        m_words(words_of(letter)),
        m_appendices(appendices_of(letter)),
        m_pages(pages),
        m_flow(pages) {}

  Result<> run() {
    KYSO_TRY(add_head());
    add_title();
    add_addressees();
    add_body();
    KYSO_TRY(add_signature());
    add_appendices();
    add_notes();
    m_flow.finish();
    return {};
  }

 private:
  Element element(std::string_view role, Element parent = pdf::TaggedPages::kDocument) {
    return m_pages.element(parent, role);
  }
  // Lines of one text in a column, from `y` down; y moves below them. The width of the widest line.
  double column(LetterItem& item, std::string_view text, const LetterType& type, double x, double width, double& y,
                LetterAlign align, std::string_view role = "P");
  // One line as it is, blanks included, in the middle of the column or as far left as it needs.
  void open_line(LetterItem& item, const std::string& text, const LetterType& type, double x, double width, double y);
  // Centred lines of their own in the flow.
  double centred(std::string_view text, const LetterType& type, double above, std::string_view role);
  void rule_below(double length);
  // What cannot be parted must fit a page.
  Result<> check_height(const LetterItem& item, std::string_view what) const {
    if (item.height <= m_flow.capacity()) return {};
    return fail("decree30.letter.limit", "{}", what).with("limit", what);
  }

  Result<> add_head();
  void add_title();
  void add_addressees();
  void add_body();
  void add_paragraph(const LetterParagraph& paragraph);
  void add_lines(std::vector<LetterLine> lines, const LetterType& type, double indent, LetterAlign align, Element owner,
                 bool keep_all);
  Result<> add_signature();
  void add_appendices();
  void add_notes();

  const Letter& m_letter;
  LetterWords m_words;
  std::vector<LetterAppendix> m_appendices;
  pdf::TaggedPages& m_pages;
  LetterFlow m_flow;
};

double Composer::column(LetterItem& item, std::string_view text, const LetterType& type, double x, double width,
                        double& y, LetterAlign align, std::string_view role) {
  double widest = 0;
  if (text.empty()) return widest;
  const Element owner = element(role);
  for (LetterLine& line : break_lines(m_pages.typeface(type.style), text, type.size, width)) {
    widest = std::max(widest, line.width);
    item.add(std::move(line), type, x, width, y, align, owner);
    y += type.line();
  }
  return widest;
}

void Composer::open_line(LetterItem& item, const std::string& text, const LetterType& type, double x, double width,
                         double y) {
  const pdf::Typeface& face = m_pages.typeface(type.style);
  LetterLine line;
  line.letters = face.drawable(text);
  line.width = face.width(line.letters, type.size);
  if (line.width > width) {
    x -= line.width - width;
    width = line.width;
  }
  item.add(std::move(line), type, std::max(0.0, x), width, y, LetterAlign::centre, element("P"));
}

double Composer::centred(std::string_view text, const LetterType& type, double above, std::string_view role) {
  double last = 0;
  if (text.empty()) return last;
  const Element owner = element(role);
  for (LetterLine& line : break_lines(m_pages.typeface(type.style), text, type.size, m_flow.width())) {
    LetterItem item;
    item.height = type.line();
    item.above = above;
    item.keep_with_next = true;
    last = line.width;
    item.add(std::move(line), type, 0, m_flow.width(), 0, LetterAlign::centre, owner);
    m_flow.add(std::move(item));
    above = 0;
  }
  return last;
}

void Composer::rule_below(double length) {
  LetterItem item;
  item.height = 10;
  item.keep_with_next = true;
  item.add_rule(m_flow.width() / 2, length, 3);
  m_flow.add(std::move(item));
}

// Boxes 1 to 4 and 5b.
Result<> Composer::add_head() {
  LetterItem item;
  const double right = m_flow.width() - kRightColumn;
  double y = 0, left_y = 0;
  column(item, kNation, {Style::bold, 12, 1.25}, right, kRightColumn, y, LetterAlign::centre);
  const double motto = column(item, kMotto, {Style::bold, 13, 1.25}, right, kRightColumn, y, LetterAlign::centre);
  item.add_rule(right + kRightColumn / 2, motto, y + 2);
  column(item, m_words.superior, {Style::regular, 12, 1.25}, 0, kLeftColumn, left_y, LetterAlign::centre);
  const double name =
      column(item, m_words.organisation, {Style::bold, 12, 1.25}, 0, kLeftColumn, left_y, LetterAlign::centre);
  if (name > 0) item.add_rule(kLeftColumn / 2, name * kRuleShare, left_y + 3);
  y = std::max(y, left_y) + 12;
  const LetterType number{Style::regular, 13, 1.2};
  open_line(item, m_words.number == "Số:" ? m_words.number + std::string(24, ' ') : m_words.number, number, 0,
            kLeftColumn, y);
  open_line(item, m_words.date, {Style::italic, 13, 1.2}, right, kRightColumn, y);
  y += number.line() + 2;
  if (m_words.title.empty()) {
    column(item, m_words.subject, {Style::regular, 12, 1.2}, 0, kLeftColumn, y, LetterAlign::centre, "H1");
  }
  item.height = y + 6;
  KYSO_TRY(check_height(item, "head"));
  m_flow.add(std::move(item));
  return {};
}

// Box 5a.
void Composer::add_title() {
  if (m_words.title.empty()) return;
  double last = centred(m_words.title, kBold, 14, "H1");
  last = m_words.subject.empty() ? last : centred(m_words.subject, kBold, 0, "P");
  rule_below(last * kRuleShare);
}

// Box 9a: one addressee on the same line; several in a list under each other behind the colon.
void Composer::add_addressees() {
  const double above = 14;
  if (m_words.addressees.empty()) return;
  const std::string label = "Kính gửi:";
  const pdf::Typeface& face = m_pages.typeface(kBody.style);
  const std::string& first = m_words.addressees.front();
  const Element owner = element("P");
  if (m_words.addressees.size() == 1) {
    auto lines = break_lines(face, label + " " + first, kBody.size, m_flow.width());
    if (lines.size() == 1) {
      LetterItem item;
      item.height = kBody.line();
      item.above = above;
      item.keep_with_next = true;
      item.add(std::move(lines.front()), kBody, 0, m_flow.width(), 0, LetterAlign::centre, owner);
      m_flow.add(std::move(item));
      return;
    }
  }
  const double label_width = face.width(face.drawable(label), kBody.size) + 4;
  const double room = m_flow.width() - kIndent - label_width;
  double widest = 0;
  std::vector<LetterLine> lines;
  for (const std::string& name : m_words.addressees) {
    for (LetterLine& line : break_lines(face, name, kBody.size, room)) {
      widest = std::max(widest, line.width);
      lines.push_back(std::move(line));
    }
  }
  const double x = std::max(kIndent, (m_flow.width() - label_width - widest) / 2);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    LetterItem item;
    item.height = kBody.line();
    if (i == 0) {
      item.above = above;
      item.keep_with_next = true;
      item.add({face.drawable(label), label_width, 0, true}, kBody, x, label_width, 0, LetterAlign::left, owner);
    }
    item.add(std::move(lines[i]), kBody, x + label_width, room, 0, LetterAlign::left, owner);
    m_flow.add(std::move(item));
  }
}

void Composer::add_lines(std::vector<LetterLine> lines, const LetterType& type, double indent, LetterAlign align,
                         Element owner, bool keep_all) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    LetterItem item;
    item.height = type.line();
    item.above = i == 0 ? kParagraphGap : 0;
    // No line of a paragraph is alone on a page.
    item.keep_with_next = keep_all || (lines.size() > 1 && (i == 0 || i + 2 == lines.size()));
    const double x = i == 0 ? indent : 0;
    item.add(std::move(lines[i]), type, x, m_flow.width() - x, 0, align, owner);
    m_flow.add(std::move(item));
  }
}

void Composer::add_paragraph(const LetterParagraph& paragraph) {
  using Look = LetterParagraph::Look;
  const bool is_heading = paragraph.look == Look::heading;
  LetterType type = is_heading ? kBold : kBody;
  if (paragraph.look == Look::note) type = {Style::italic, 12, 1.2};
  auto lines = break_lines(m_pages.typeface(type.style), paragraph.text, type.size, m_flow.width(), kIndent);
  const Element owner = element(is_heading ? "H2" : "P");
  add_lines(std::move(lines), type, kIndent, is_heading ? LetterAlign::left : LetterAlign::justified, owner,
            is_heading);
}

void Composer::add_body() {
  {
    LetterItem gap;  // between box 9a and box 6
    gap.height = 6;
    gap.keep_with_next = true;
    m_flow.add(std::move(gap));
  }
  std::size_t appendix = 0;
  for (const LetterBlock& block : m_letter.body) {
    if (const auto* paragraph = std::get_if<LetterParagraph>(&block)) {
      add_paragraph(*paragraph);
    } else if (m_letter.has_wide_tables) {
      add_paragraph({m_appendices[appendix++].hint, LetterParagraph::Look::body});
    } else {
      add_table(m_flow, m_pages, std::get<LetterTable>(block), pdf::TaggedPages::kDocument);
    }
  }
}

// Boxes 7a, 7b and 9b, never without text of the letter above them on the page.
Result<> Composer::add_signature() {
  LetterItem item;
  item.above = 14;
  const LetterType list{Style::regular, 11, 1.15};
  const double right = m_flow.width() - kRightColumn;
  double left_y = 0, y = 0;
  std::size_t listed = 0;
  if (!m_words.recipients.empty()) {
    column(item, "Nơi nhận:", {Style::bold_italic, 12, 1.2}, 0, kLeftColumn, left_y, LetterAlign::left);
    for (; listed < m_words.recipients.size() && left_y < kLargestList; ++listed) {
      column(item, m_words.recipients[listed], list, 0, kLeftColumn - 8, left_y, LetterAlign::left);
    }
  }
  for (const std::string& line : m_words.authority) {
    column(item, line, kBold, right, kRightColumn, y, LetterAlign::centre);
  }
  if (!m_words.authority.empty() || !m_words.signer.empty()) {
    y += kSignatureRoom;
    column(item, m_words.signer, kBold, right, kRightColumn, y, LetterAlign::centre);
  }
  item.height = std::max(left_y, y);
  KYSO_TRY(check_height(item, "signature"));
  if (item.height > 0) m_flow.add_with_company(std::move(item));
  for (; listed < m_words.recipients.size(); ++listed) {
    auto lines = break_lines(m_pages.typeface(list.style), m_words.recipients[listed], list.size, m_flow.width());
    for (LetterLine& line : lines) {
      LetterItem more;
      more.height = list.line();
      more.add(std::move(line), list, 0, m_flow.width(), 0, LetterAlign::left, element("P"));
      m_flow.add(std::move(more));
    }
  }
  return {};
}

// Appendix I, part III: "Phụ lục", its title in capitals, what it belongs to.
void Composer::add_appendices() {
  for (const LetterAppendix& appendix : m_appendices) {
    m_flow.break_page(true);
    centred(appendix.heading, kBold, 0, "H2");
    centred(appendix.title, kBold, 0, "P");
    const double length = centred(appendix.reference, {Style::italic, 13, 1.2}, 0, "P");
    rule_below(length * kRuleShare);
    add_table(m_flow, m_pages, *appendix.table, pdf::TaggedPages::kDocument);
  }
}

void Composer::add_notes() {
  if (m_letter.notes.empty()) return;
  LetterItem rule;
  rule.height = 4;
  rule.above = 12;
  rule.keep_with_next = true;
  rule.strokes.push_back({0, 2, kNoteRule, 2});
  m_flow.add(std::move(rule));
  const LetterType type{Style::regular, 11, 1.15};
  for (const std::string& note : m_letter.notes) {
    const Element owner = element("Note");
    for (LetterLine& line : break_lines(m_pages.typeface(type.style), note, type.size, m_flow.width())) {
      LetterItem item;
      item.height = type.line();
      item.add(std::move(line), type, 0, m_flow.width(), 0, LetterAlign::justified, owner);
      m_flow.add(std::move(item));
    }
  }
}

}  // namespace

Result<Bytes> letter_to_pdf(const Letter& letter, const LetterOptions& options) {
  KYSO_TRY(check_letter(letter));
  auto pages = KYSO_TRY(pdf::TaggedPages::create());
  KYSO_TRY(Composer(letter, pages).run());
  pdf::TaggedPages::Information information{words_of(letter).name, options.language, options.made, {}};
  if (information.language == "vi") information.language = "vi-VN";
  for (const auto& [name, text] : options.marks) information.entries.emplace_back("Kyso" + name, text);
  return pages.finish(information);
}

}  // namespace kyso::decree30

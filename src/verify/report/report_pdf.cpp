#include <algorithm>

#include "verify/report/book.h"
#include "verify/report/report_model.h"
#include "verify/report/wording.h"

namespace kyso::verify {
namespace {

using pdf::Colour;
using pdf::FontStyle;

constexpr Colour kInk{0.106, 0.141, 0.188}, kSoft{0.333, 0.376, 0.431}, kLine{0.85, 0.87, 0.9},
    kAccent{0.082, 0.243, 0.459}, kGood{0.071, 0.404, 0.184}, kBad{0.639, 0.071, 0.122}, kUnknown{0.478, 0.294, 0},
    kForbidden{0.761, 0.094, 0.357}, kAllowed{0.122, 0.373, 0.682}, kWhite{1, 1, 1}, kPale{0.953, 0.961, 0.973},
    kGoodPale{0.914, 0.965, 0.933}, kBadPale{0.992, 0.933, 0.933}, kUnknownPale{1, 0.961, 0.886};

const TextLook kBody{FontStyle::regular, 10.5, kInk};
const TextLook kStrong{FontStyle::bold, 10.5, kInk};
const TextLook kSmall{FontStyle::regular, 9.5, kInk};
const TextLook kSmallStrong{FontStyle::bold, 9.5, kInk};
const TextLook kLabel{FontStyle::regular, 9.5, kSoft};
const TextLook kNote{FontStyle::italic, 9.5, kSoft};
const TextLook kTiny{FontStyle::regular, 8, kSoft};

Colour colour_of(ReportState state) {
  switch (state) {
    case ReportState::good:
      return kGood;
    case ReportState::bad:
      return kBad;
    case ReportState::warning:
    case ReportState::unknown:
      return kUnknown;
    case ReportState::plain:
      break;
  }
  return kSoft;
}

Colour pale_of(ReportState state) {
  switch (state) {
    case ReportState::good:
      return kGoodPale;
    case ReportState::bad:
      return kBadPale;
    case ReportState::warning:
    case ReportState::unknown:
      return kUnknownPale;
    case ReportState::plain:
      break;
  }
  return kPale;
}

// Printer: lays the model out.
class Printer {
 public:
  Printer(const ReportModel& model, Book book) : m_model(model), m_book(std::move(book)) {}

  Result<Bytes> print(Instant time) {
    KYSO_TRY(head());
    KYSO_TRY(signatures());
    KYSO_TRY(pages());
    KYSO_TRY(changes());
    KYSO_TRY(section(t("Danh mục theo Thông tư 15/2025/TT-BKHCN", "Checklist of Circular 15/2025/TT-BKHCN")));
    KYSO_TRY(lines(m_model.checklist, 230));
    KYSO_TRY(document_findings());
    KYSO_TRY(closing());
    const std::string foot = m_model.file.empty() ? m_model.title : m_model.title + " · " + m_model.file;
    return m_book.finish({foot, foot, m_model.language, time});
  }

 private:
  std::string_view t(std::string_view vietnamese, std::string_view english) const {
    return in(m_model.language, vietnamese, english);
  }
  Result<> head();
  Result<> verdict_box(ReportState state, const std::string& words, const Explanation& explanation, double size);
  Result<> signatures();
  Result<> signature(const ReportSignature& item);
  Result<> findings(const std::vector<ReportFinding>& list, std::size_t omitted);
  Result<> pages();
  Result<> page(const ReportPage& item);
  Result<> legend();
  Result<> changes();
  Result<> change(const ReportChange& item);
  Result<> document_findings();
  Result<> closing();
  Result<> section(std::string_view heading);
  Result<> subheading(std::string_view heading);
  Result<> lines(const std::vector<DetailLine>& list, double label_width = 150);
  Result<> row(std::string_view label, std::string_view value, ReportState state, double label_width);
  void symbol(ReportState state, double x, double y, double size, Colour colour);
  void tag(const std::string& label, double x, double y, Colour colour);
  void mark(const ReportMark& item, const pdf::Rect& sheet, double scale);

  const ReportModel& m_model;
  Book m_book;
};

// A check mark, a cross, an exclamation or a question mark in a square of this size with its lower left corner at x, y.
void Printer::symbol(ReportState state, double x, double y, double size, Colour colour) {
  const auto line = [&](double x0, double y0, double x1, double y1) {
    m_book.page().line(x + x0 * size, y + y0 * size, x + x1 * size, y + y1 * size, size * 0.16, colour);
  };
  switch (state) {
    case ReportState::good:
      line(0.08, 0.48, 0.4, 0.14);
      line(0.35, 0.13, 0.95, 0.86);
      break;
    case ReportState::bad:
      line(0.14, 0.14, 0.86, 0.86);
      line(0.14, 0.86, 0.86, 0.14);
      break;
    case ReportState::warning:
    case ReportState::unknown:
      m_book.text(state == ReportState::warning ? "!" : "?", {FontStyle::bold, size * 1.25, colour}, x + size / 2,
                  y + size * 0.06, pdf::Drawing::Align::centre);
      break;
    case ReportState::plain:
      break;
  }
}

Result<> Printer::section(std::string_view heading) {
  m_book.space(18);
  m_book.need(60);
  KYSO_TRY(m_book.paragraph(heading, {FontStyle::bold, 14, kAccent}));
  m_book.rule(m_book.y() - 1, kAccent);
  m_book.move_down(8);
  return {};
}

Result<> Printer::subheading(std::string_view heading) {
  m_book.space(6);
  m_book.need(34);
  return m_book.paragraph(heading, {FontStyle::bold, 10, kSoft});
}

Result<> Printer::head() {
  KYSO_TRY(m_book.paragraph("KYSO", {FontStyle::bold, 9, kAccent}));
  KYSO_TRY(m_book.paragraph(m_model.title, {FontStyle::bold, 19, kInk}, 0, 1.25));
  m_book.rule(m_book.y() - 2, kAccent);
  m_book.move_down(14);
  KYSO_TRY(verdict_box(m_model.state, m_model.state_words, m_model.explanation, 16));
  m_book.space(8);
  return lines(m_model.facts);
}

Result<> Printer::verdict_box(ReportState state, const std::string& words, const Explanation& explanation,
                              double size) {
  constexpr double kInset = 16, kPadding = 10;
  const double width = Book::kRight - Book::kLeft - 2 * kInset;
  const auto sentence = KYSO_TRY(m_book.block(explanation.what, {FontStyle::regular, 11, kInk}, width));
  const std::string next = explanation.next_step.empty()
                               ? std::string()
                               : std::string(t("Việc cần làm: ", "What to do: ")) + explanation.next_step;
  const auto todo = KYSO_TRY(m_book.block(next, {FontStyle::italic, 10.5, kInk}, width));
  const double height = 2 * kPadding + size * 1.5 + sentence.height() + (todo.lines.empty() ? 0 : todo.height() + 5);
  m_book.need(height);
  const double top = m_book.y();
  m_book.fill({Book::kLeft, top - height, Book::kRight, top}, pale_of(state));
  m_book.fill({Book::kLeft, top - height, Book::kLeft + 5, top}, colour_of(state));
  double y = top - kPadding;
  const double x = Book::kLeft + kInset;
  symbol(state, x, y - size * 1.02, size * 0.9, colour_of(state));
  m_book.text(words, {FontStyle::bold, size, colour_of(state)}, x + size * 1.3, y - size, pdf::Drawing::Align::left);
  y -= size * 1.5;
  m_book.draw(sentence, x, y);
  y -= sentence.height() + 5;
  m_book.draw(todo, x, y);
  m_book.move_down(height + 4);
  return {};
}

Result<> Printer::row(std::string_view label, std::string_view value, ReportState state, double label_width) {
  const double value_x = Book::kLeft + label_width + 16;
  auto left = KYSO_TRY(m_book.block(label, kLabel, label_width - 6));
  auto right = KYSO_TRY(m_book.block(value, kSmall, Book::kRight - value_x - 4));
  // One row never exceeds a page.
  const auto most = static_cast<std::size_t>((Book::kTop - Book::kBottom - 12) / right.line_height());
  if (left.lines.size() > most) left.lines.resize(most);
  if (right.lines.size() > most) right.lines.resize(most);
  const double height = std::max(left.height(), right.height()) + 6;
  m_book.need(height);
  const double top = m_book.y();
  if (state == ReportState::bad || state == ReportState::unknown || state == ReportState::warning) {
    m_book.fill({Book::kLeft + label_width, top - height + 0.6, Book::kRight, top}, pale_of(state));
  }
  m_book.draw(left, Book::kLeft + 3, top - 3);
  symbol(state, Book::kLeft + label_width + 4, top - 3 - kSmall.size * 1.02, kSmall.size * 0.82, colour_of(state));
  m_book.draw(right, value_x, top - 3);
  m_book.rule(top - height, kLine);
  m_book.move_down(height);
  return {};
}

Result<> Printer::lines(const std::vector<DetailLine>& list, double label_width) {
  for (const DetailLine& line : list) KYSO_TRY(row(line.label, line.value, line.state, label_width));
  return {};
}

Result<> Printer::findings(const std::vector<ReportFinding>& list, std::size_t omitted) {
  if (list.empty()) return {};
  KYSO_TRY(subheading(t("Các điểm ghi nhận", "Findings")));
  for (const ReportFinding& finding : list) {
    const bool heavy = finding.weight >= Severity::indeterminate;
    const Colour colour = heavy ? kBad : finding.weight == Severity::warning ? kUnknown : kSoft;
    m_book.need(kSmall.size * 1.3);
    m_book.fill({Book::kLeft + 3, m_book.y() - 9, Book::kLeft + 6, m_book.y() - 6}, colour);
    KYSO_TRY(m_book.paragraph(finding.severity + ": " + finding.sentence + " [" + finding.code + "]", kSmall, 12));
  }
  if (omitted > 0) KYSO_TRY(m_book.paragraph(fmt::format("… (+{})", omitted), kSmall, 12));
  return {};
}

Result<> Printer::signature(const ReportSignature& item) {
  m_book.space(10);
  m_book.need(120);
  KYSO_TRY(m_book.paragraph(item.heading, {FontStyle::bold, 12, kInk}));
  m_book.space(3);
  KYSO_TRY(verdict_box(item.state, item.state_words, item.explanation, 12));
  KYSO_TRY(subheading(t("Chi tiết xác thực", "Details")));
  KYSO_TRY(lines(item.details));
  if (!item.chain.empty()) {
    KYSO_TRY(subheading(t("Đường dẫn chứng thực", "Certification path")));
    for (const ReportCertificate& certificate : item.chain) {
      KYSO_TRY(row(certificate.name, certificate.status + " · " + certificate.validity + " · " + certificate.issuer,
                   certificate.state, 150));
    }
  }
  KYSO_TRY(findings(item.findings, item.omitted_findings));
  return m_book.paragraph(item.technical, kTiny);
}

Result<> Printer::signatures() {
  if (m_model.signatures.empty()) return {};
  KYSO_TRY(section(t("Chữ ký", "Signatures")));
  if (!m_model.omitted_signatures.empty()) KYSO_TRY(m_book.paragraph(m_model.omitted_signatures, kNote));
  for (const ReportSignature& item : m_model.signatures) KYSO_TRY(signature(item));
  return {};
}

double tag_width(const std::string& label) {
  return 6 + 5.2 * static_cast<double>(label.size());
}

// White letters on a coloured ground; lower left corner at x, y.
void Printer::tag(const std::string& label, double x, double y, Colour colour) {
  m_book.fill({x, y, x + tag_width(label), y + 11}, colour);
  m_book.text(label, {FontStyle::bold, 8.5, kWhite}, x + tag_width(label) / 2, y + 2.6, pdf::Drawing::Align::centre);
}

Colour colour_of(const ReportMark& mark) {
  if (mark.kind == ReportMark::Kind::forbidden) return kForbidden;
  return mark.kind == ReportMark::Kind::allowed ? kAllowed : colour_of(mark.state);
}

void Printer::mark(const ReportMark& item, const pdf::Rect& sheet, double scale) {
  // The picture's origin is its upper left corner.
  const pdf::Rect box{sheet.x0 + item.box.x0 * scale, sheet.y1 - item.box.y1 * scale, sheet.x0 + item.box.x1 * scale,
                      sheet.y1 - item.box.y0 * scale};
  m_book.page().frame(box, item.kind == ReportMark::Kind::signature ? 1.2 : 1.8, colour_of(item));
  const double x = std::min(box.x0, sheet.x1 - tag_width(item.label));
  const double y = box.y1 + 11 <= sheet.y1 ? box.y1 : box.y1 - 11;
  tag(item.label, x, y, colour_of(item));
}

std::pair<double, double> picture_size(const ReportPage& item) {
  constexpr double kMaxWidth = 360, kMaxHeight = 500;
  const double scale = std::min(kMaxWidth / item.picture->width, kMaxHeight / item.picture->height);
  return {item.picture->width * scale, item.picture->height * scale};
}

Result<> Printer::page(const ReportPage& item) {
  const auto image = pdf::Image::from_png(item.picture->png);
  m_book.space(8);
  if (!image) {
    return m_book.paragraph(item.heading + ": " + std::string(t("không có hình.", "no picture.")), kNote);
  }
  const auto [width, height] = picture_size(item);
  const double scale = width / item.picture->width;
  m_book.need(height + 60);
  KYSO_TRY(m_book.paragraph(item.heading, kStrong));
  m_book.move_down(4);
  const double x = (Book::kWidth - width) / 2;
  const pdf::Rect sheet{x, m_book.y() - height, x + width, m_book.y()};
  m_book.page().image(*image, sheet);
  m_book.page().frame(sheet, 0.6, kLine);
  m_book.page().begin_clip(sheet);
  for (const ReportMark& one : item.marks) mark(one, sheet, scale);
  m_book.page().end_clip();
  m_book.move_down(height + 6);
  for (const ReportMark& one : item.marks) {
    m_book.need(15);
    tag(one.label, Book::kLeft, m_book.y() - 12, colour_of(one));
    KYSO_TRY(m_book.paragraph(one.title, kSmall, std::max(26.0, tag_width(one.label) + 6)));
    m_book.move_down(2);
  }
  return {};
}

Result<> Printer::legend() {
  struct Item {
    Colour colour;
    std::string_view sample, words;
  };
  const std::string_view change = t("T1", "C1");
  const Item items[] = {{kGood, "1", t("chữ ký hợp lệ", "valid signature")},
                        {kBad, "1", t("chữ ký không hợp lệ", "signature that is not valid")},
                        {kUnknown, "1", t("chữ ký chưa kết luận được", "signature without conclusion")},
                        {kForbidden, change, t("thay đổi không được phép", "change that is not allowed")},
                        {kAllowed, change, t("thay đổi được phép", "change that is allowed")}};
  double x = Book::kLeft;
  m_book.need(34);
  for (const Item& item : items) {
    const auto words = KYSO_TRY(m_book.block(item.words, kSmall, 200));
    const double width = 26 + 4.7 * static_cast<double>(item.words.size());
    if (x + width > Book::kRight && x > Book::kLeft) {
      x = Book::kLeft;
      m_book.move_down(16);
    }
    tag(std::string(item.sample), x, m_book.y() - 12, item.colour);
    m_book.draw(words, x + 22, m_book.y());
    x += width;
  }
  m_book.move_down(18);
  return {};
}

Result<> Printer::pages() {
  if (m_model.pages.empty()) return {};
  // Heading, legend and the first picture stand together.
  m_book.need(std::min(Book::kTop - Book::kBottom, picture_size(m_model.pages.front()).second + 160));
  KYSO_TRY(section(t("Hình trang", "Pages")));
  KYSO_TRY(legend());
  if (!m_model.omitted_pages.empty()) KYSO_TRY(m_book.paragraph(m_model.omitted_pages, kNote));
  for (const ReportPage& item : m_model.pages) KYSO_TRY(page(item));
  return {};
}

Result<> Printer::change(const ReportChange& item) {
  m_book.need(56);
  tag(item.label, Book::kLeft, m_book.y() - 12, item.is_forbidden ? kForbidden : kAllowed);
  const double indent = std::max(30.0, tag_width(item.label) + 6);
  KYSO_TRY(m_book.paragraph(item.what + " (" + item.effect + ")", kSmallStrong, indent));
  KYSO_TRY(m_book.paragraph(item.where, kLabel, indent));
  KYSO_TRY(m_book.paragraph(item.value, kSmall, indent));
  m_book.space(4);
  return {};
}

Result<> Printer::changes() {
  KYSO_TRY(section(t("Thay đổi sau khi ký", "Changes after signing")));
  if (m_model.changes.empty()) return m_book.paragraph(t("Không có thay đổi nào.", "There are none."), kBody);
  if (!m_model.omitted_changes.empty()) KYSO_TRY(m_book.paragraph(m_model.omitted_changes, kNote));
  for (const ReportChange& item : m_model.changes) KYSO_TRY(change(item));
  return {};
}

Result<> Printer::document_findings() {
  if (m_model.findings.empty()) return {};
  KYSO_TRY(section(t("Ghi nhận về tệp", "About the file")));
  return findings(m_model.findings, 0);
}

Result<> Printer::closing() {
  m_book.space(14);
  KYSO_TRY(m_book.paragraph(
      t("Thời gian ký do máy của người ký ghi; chỉ dấu thời gian mới do máy chủ độc lập xác nhận. “Chưa "
        "kiểm tra được” không có nghĩa là hợp lệ.",
        "The signing time is what the signer's computer said; only time-stamps are confirmed by an "
        "independent server. “Not checked” does not mean good."),
      kNote));
  return m_book.paragraph(m_model.technical, kTiny);
}

}  // namespace

Result<Bytes> to_pdf(const ReportInput& input) {
  const ReportModel model = make_report_model(input);
  return Printer(model, KYSO_TRY(Book::create())).print(input.verdict.time);
}

}  // namespace kyso::verify

#include <algorithm>

#include "crypto/algorithm.h"
#include "verify/report/markup.h"
#include "verify/report/report_model.h"
#include "verify/report/wording.h"

namespace kyso::verify {
namespace {

constexpr std::string_view kStyle =
#include "verify/report/html_style.inc"
    ;

std::string_view class_of(ReportState state) {
  switch (state) {
    case ReportState::good:
      return "good";
    case ReportState::warning:
      return "warning";
    case ReportState::bad:
      return "bad";
    case ReportState::unknown:
      return "unknown";
    case ReportState::plain:
      break;
  }
  return "plain";
}

// Said beside every colour.
std::string_view symbol_of(ReportState state) {
  switch (state) {
    case ReportState::good:
      return "✓";
    case ReportState::warning:
      return "!";
    case ReportState::bad:
      return "✗";
    case ReportState::unknown:
      return "?";
    case ReportState::plain:
      break;
  }
  return "";
}

std::string_view words_of(ReportState state, Language language) {
  switch (state) {
    case ReportState::good:
      return in(language, "đạt", "good");
    case ReportState::warning:
      return in(language, "cảnh báo", "warning");
    case ReportState::bad:
      return in(language, "không đạt", "bad");
    case ReportState::unknown:
      return in(language, "chưa kiểm tra được", "not known");
    case ReportState::plain:
      break;
  }
  return "";
}

std::string point(double value) {
  return fmt::format("{:.2f}", value);
}

// Page: writes the model as one HTML file.
class Page {
 public:
  explicit Page(const ReportModel& model) : m_model(model) {}

  std::string write() {
    m_out.raw("<!DOCTYPE html>\n");
    {
      const auto html = m_out.open("html", {{"lang", in(m_model.language, "vi", "en")}});
      write_head();
      const auto body = m_out.open("body");
      const auto main = m_out.open("main");
      write_verdict();
      write_signatures();
      write_pages();
      write_changes();
      write_checklist();
      write_document_findings();
      write_foot();
    }
    m_out.new_line();
    return m_out.take();
  }

 private:
  std::string_view t(std::string_view vietnamese, std::string_view english) const {
    return in(m_model.language, vietnamese, english);
  }
  void write_head();
  void write_verdict();
  void write_signatures();
  void write_signature(const ReportSignature& signature);
  void write_chain(const ReportSignature& signature);
  void write_findings(const std::vector<ReportFinding>& findings, std::size_t omitted);
  void write_pages();
  void write_picture(const ReportPage& page);
  void write_mark(const ReportMark& mark);
  void write_legend();
  void write_changes();
  void write_checklist();
  void write_document_findings();
  void write_foot();
  void write_lines(const std::vector<DetailLine>& lines);
  void write_state(ReportState state);
  void write_header_cells(std::initializer_list<std::string_view> labels);

  const ReportModel& m_model;
  Markup m_out;
};

void Page::write_head() {
  const auto head = m_out.open("head");
  m_out.empty("meta", {{"charset", "utf-8"}});
  const std::string hash = to_base64(crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(kStyle)));
  m_out.empty("meta", {{"http-equiv", "Content-Security-Policy"},
                       {"content", "default-src 'none'; img-src data:; style-src 'sha256-" + hash +
                                       "'; base-uri 'none'; form-action 'none'"}});
  m_out.empty("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
  m_out.empty("meta", {{"name", "referrer"}, {"content", "no-referrer"}});
  m_out.leaf("title", m_model.file.empty() ? m_model.title : m_model.title + ": " + m_model.file);
  const auto style = m_out.open("style");
  m_out.raw(kStyle);
}

void Page::write_state(ReportState state) {
  if (state == ReportState::plain) return;
  m_out.leaf("span", symbol_of(state), {{"class", "symbol"}, {"aria-hidden", "true"}});
  m_out.leaf("span", words_of(state, m_model.language), {{"class", "hidden"}});
}

void Page::write_verdict() {
  {
    const auto header = m_out.open("header");
    m_out.leaf("p", "Kyso", {{"class", "brand"}});
    m_out.leaf("h1", m_model.title);
  }
  const auto section = m_out.open("section", {{"class", "verdict " + std::string(class_of(m_model.state))},
                                              {"aria-label", t("Kết luận", "Verdict")}});
  {
    const auto line = m_out.open("p", {{"class", "headline"}});
    m_out.leaf("span", symbol_of(m_model.state), {{"class", "badge"}, {"aria-hidden", "true"}});
    m_out.leaf("strong", m_model.state_words);
  }
  m_out.leaf("p", m_model.explanation.what, {{"class", "sentence"}});
  if (!m_model.explanation.next_step.empty()) {
    const auto line = m_out.open("p", {{"class", "next"}});
    m_out.leaf("b", t("Việc cần làm: ", "What to do: "));
    m_out.text(m_model.explanation.next_step);
  }
  write_lines(m_model.facts);
}

void Page::write_lines(const std::vector<DetailLine>& lines) {
  const auto table = m_out.open("table", {{"class", "lines"}});
  const auto body = m_out.open("tbody");
  for (const DetailLine& line : lines) {
    const auto row = m_out.open("tr", {{"class", class_of(line.state)}});
    m_out.leaf("th", line.label, {{"scope", "row"}});
    const auto cell = m_out.open("td");
    write_state(line.state);
    const auto value = m_out.open("bdi");
    m_out.text(line.value);
  }
}

void Page::write_header_cells(std::initializer_list<std::string_view> labels) {
  const auto head = m_out.open("thead");
  const auto row = m_out.open("tr");
  for (const std::string_view label : labels) m_out.leaf("th", label, {{"scope", "col"}});
}

void Page::write_chain(const ReportSignature& signature) {
  if (signature.chain.empty()) return;
  m_out.leaf("h4", t("Đường dẫn chứng thực", "Certification path"));
  const auto table = m_out.open("table");
  write_header_cells({t("Chứng thư số", "Certificate"), t("Tổ chức cấp", "Issuer"), t("Thời hạn", "Validity"),
                      t("Trạng thái", "Status")});
  const auto body = m_out.open("tbody");
  for (const ReportCertificate& item : signature.chain) {
    const auto row = m_out.open("tr", {{"class", class_of(item.state)}});
    m_out.leaf("th", item.name, {{"scope", "row"}});
    m_out.leaf("td", item.issuer);
    m_out.leaf("td", item.validity);
    const auto cell = m_out.open("td", {{"class", "state"}});
    write_state(item.state);
    m_out.text(item.status);
  }
}

void Page::write_findings(const std::vector<ReportFinding>& findings, std::size_t omitted) {
  if (findings.empty()) return;
  m_out.leaf("h4", t("Các điểm ghi nhận", "Findings"));
  const auto list = m_out.open("ul", {{"class", "findings"}});
  for (const ReportFinding& finding : findings) {
    const bool heavy = finding.weight >= Severity::indeterminate;
    const auto item = m_out.open("li", {{"class", heavy                                 ? "bad"
                                                  : finding.weight == Severity::warning ? "warning"
                                                                                        : "plain"}});
    m_out.leaf("b", finding.severity + ": ");
    m_out.text(finding.sentence + " ");
    m_out.leaf("code", finding.code);
  }
  if (omitted > 0) m_out.leaf("li", fmt::format("… (+{})", omitted));
}

void Page::write_signature(const ReportSignature& signature) {
  const auto article = m_out.open("article", {{"class", "signature " + std::string(class_of(signature.state))},
                                              {"id", fmt::format("signature-{}", signature.number)}});
  m_out.leaf("h3", signature.heading);
  {
    const auto line = m_out.open("p", {{"class", "headline"}});
    m_out.leaf("span", symbol_of(signature.state), {{"class", "badge"}, {"aria-hidden", "true"}});
    m_out.leaf("strong", signature.state_words);
  }
  m_out.leaf("p", signature.explanation.what, {{"class", "sentence"}});
  if (!signature.explanation.next_step.empty()) {
    const auto line = m_out.open("p", {{"class", "next"}});
    m_out.leaf("b", t("Việc cần làm: ", "What to do: "));
    m_out.text(signature.explanation.next_step);
  }
  const auto more = m_out.open("details");
  m_out.leaf("summary", t("Chi tiết xác thực", "Details"));
  write_lines(signature.details);
  write_chain(signature);
  write_findings(signature.findings, signature.omitted_findings);
  m_out.leaf("p", signature.technical, {{"class", "technical"}});
}

void Page::write_signatures() {
  if (m_model.signatures.empty()) return;
  const auto section = m_out.open("section");
  m_out.leaf("h2", t("Chữ ký", "Signatures"));
  if (!m_model.omitted_signatures.empty()) m_out.leaf("p", m_model.omitted_signatures, {{"class", "note"}});
  for (const ReportSignature& signature : m_model.signatures) write_signature(signature);
}

std::string class_of(const ReportMark& mark) {
  if (mark.kind == ReportMark::Kind::forbidden) return "mark forbidden";
  if (mark.kind == ReportMark::Kind::allowed) return "mark allowed";
  return "mark signed-" + std::string(class_of(mark.state));
}

void Page::write_mark(const ReportMark& mark) {
  const auto group = m_out.open("g", {{"class", class_of(mark)}});
  m_out.leaf("title", mark.label + ": " + mark.title);
  m_out.empty("rect", {{"class", "area"},
                       {"x", point(mark.box.x0)},
                       {"y", point(mark.box.y0)},
                       {"width", point(mark.box.width())},
                       {"height", point(mark.box.height())}});
  // The label sits on the upper left corner, and stays on the page.
  const double width = 9 + 6.2 * static_cast<double>(mark.label.size());
  const double x = std::max(0.0, mark.box.x0);
  const double y = mark.box.y0 >= 14 ? mark.box.y0 - 14 : mark.box.y0;
  m_out.empty("rect", {{"class", "tag"}, {"x", point(x)}, {"y", point(y)}, {"width", point(width)}, {"height", "14"}});
  m_out.leaf("text", mark.label, {{"x", point(x + width / 2)}, {"y", point(y + 10.6)}, {"text-anchor", "middle"}});
}

void Page::write_picture(const ReportPage& page) {
  const auto figure = m_out.open("figure");
  {
    const std::string box = "0 0 " + point(page.picture->width) + " " + point(page.picture->height);
    const std::string label = page.heading + ". " + page.description;
    const auto svg = m_out.open("svg", {{"viewBox", box}, {"role", "img"}, {"aria-label", label}});
    m_out.empty("image", {{"href", "data:image/png;base64," + to_base64(page.picture->png)},
                          {"x", "0"},
                          {"y", "0"},
                          {"width", point(page.picture->width)},
                          {"height", point(page.picture->height)},
                          {"preserveAspectRatio", "none"}});
    for (const ReportMark& mark : page.marks) write_mark(mark);
  }
  const auto caption = m_out.open("figcaption");
  m_out.leaf("b", page.heading);
  if (page.marks.empty()) return;
  const auto list = m_out.open("ul");
  for (const ReportMark& mark : page.marks) {
    const auto item = m_out.open("li");
    m_out.leaf("span", mark.label, {{"class", "key " + class_of(mark)}});
    m_out.text(" " + mark.title);
  }
}

void Page::write_legend() {
  const auto list = m_out.open("ul", {{"class", "legend"}, {"aria-label", t("Chú giải", "Legend")}});
  const auto item = [&](std::string_view style, std::string_view sample, std::string_view words) {
    const auto line = m_out.open("li");
    m_out.leaf("span", sample, {{"class", "key mark " + std::string(style)}});
    m_out.text(" " + std::string(words));
  };
  item("signed-good", "1", t("chữ ký hợp lệ", "valid signature"));
  item("signed-bad", "1", t("chữ ký không hợp lệ", "signature that is not valid"));
  item("signed-unknown", "1", t("chữ ký chưa kết luận được", "signature without conclusion"));
  item("forbidden", t("T1", "C1"), t("thay đổi không được phép", "change that is not allowed"));
  item("allowed", t("T1", "C1"), t("thay đổi được phép", "change that is allowed"));
}

void Page::write_pages() {
  if (m_model.pages.empty()) return;
  const auto section = m_out.open("section");
  m_out.leaf("h2", t("Hình trang", "Pages"));
  write_legend();
  if (!m_model.omitted_pages.empty()) m_out.leaf("p", m_model.omitted_pages, {{"class", "note"}});
  const auto pages = m_out.open("div", {{"class", "pages"}});
  for (const ReportPage& page : m_model.pages) write_picture(page);
}

void Page::write_changes() {
  const auto section = m_out.open("section");
  m_out.leaf("h2", t("Thay đổi sau khi ký", "Changes after signing"));
  if (m_model.changes.empty()) {
    m_out.leaf("p", t("Không có thay đổi nào.", "There are none."));
    return;
  }
  if (!m_model.omitted_changes.empty()) m_out.leaf("p", m_model.omitted_changes, {{"class", "note"}});
  const auto table = m_out.open("table");
  write_header_cells({t("Mã", "Mark"), t("Thay đổi", "Change"), t("Ở đâu", "Where"), t("Nội dung", "Value"),
                      t("Đánh giá", "Judgement")});
  const auto body = m_out.open("tbody");
  for (const ReportChange& change : m_model.changes) {
    const ReportState state = change.is_forbidden ? ReportState::bad : ReportState::good;
    const auto row = m_out.open("tr", {{"class", class_of(state)}});
    m_out.leaf("th", change.label, {{"scope", "row"}});
    m_out.leaf("td", change.what);
    m_out.leaf("td", change.where);
    m_out.leaf("td", change.value);
    const auto cell = m_out.open("td", {{"class", "state"}});
    m_out.leaf("span", symbol_of(state), {{"class", "symbol"}, {"aria-hidden", "true"}});
    m_out.text(change.effect);
  }
}

void Page::write_checklist() {
  const auto section = m_out.open("section");
  m_out.leaf("h2", t("Danh mục theo Thông tư 15/2025/TT-BKHCN", "Checklist of Circular 15/2025/TT-BKHCN"));
  write_lines(m_model.checklist);
}

void Page::write_document_findings() {
  if (m_model.findings.empty()) return;
  const auto section = m_out.open("section");
  m_out.leaf("h2", t("Ghi nhận về tệp", "About the file"));
  write_findings(m_model.findings, 0);
}

void Page::write_foot() {
  const auto foot = m_out.open("footer");
  m_out.leaf("p",
             t("Thời gian ký do máy của người ký ghi; chỉ dấu thời gian mới do máy chủ độc lập xác nhận. "
               "“Chưa kiểm tra được” không có nghĩa là hợp lệ.",
               "The signing time is what the signer's computer said; only time-stamps are confirmed by an independent "
               "server. “Not checked” does not mean good."));
  m_out.leaf("p", m_model.technical, {{"class", "technical"}});
}

}  // namespace

std::string to_html(const ReportInput& input) {
  const ReportModel model = make_report_model(input);
  return Page(model).write();
}

}  // namespace kyso::verify

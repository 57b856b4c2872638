#pragma once
#include "base/error_text.h"
#include "json/json.h"
#include "verify/judge/judge.h"

// Verdicts for people and for programs.
namespace kyso::verify {

// A finding in words: what happened, and what to do next. From src/verify/report/finding_table.inc.
struct Explanation {
  std::string what, next_step;
};
Explanation explain(const Finding& finding, Language language);
bool has_explanation(std::string_view code);

// One plain sentence per signature: "Chữ ký hợp lệ…", "Tài liệu đã bị thay đổi sau khi ký: …", and what to do.
Explanation summarise(const DocumentFacts& facts, const SignatureVerdict& verdict, Language language);
Explanation summarise(const DocumentFacts& facts, const Verdict& verdict, Language language);

// A line of the details view, as in the dialog "Xác thực chữ ký" and the list of Circular 15/2025.
struct DetailLine {
  enum class State : std::uint8_t { good, warning, bad, unknown, plain } state = State::plain;
  std::string id;  // "signer", "signing_time", "time_stamp", "time_stamp_authority", "integrity", "changes",
                   // "certificate", "certificate_status", "issuer", "level", "checked_at" …
  std::string label, value;
};
std::vector<DetailLine> details(const DocumentFacts& facts, const SignatureVerdict& signature, const Verdict& verdict,
                                Language language);
// The seven points of Circular 15/2025/TT-BKHCN for verification, each with its state.
std::vector<DetailLine> circular_checklist(const DocumentFacts& facts, const Verdict& verdict, Language language);

// docs/verify.md describes the members. Canonical order.
json::Value to_json(const DocumentFacts& facts, const Verdict& verdict, Language language);
// ETSI TS 119 102-2 v1.4.1 validation report, UTF-8.
std::string to_etsi_xml(const DocumentFacts& facts, const Verdict& verdict);

// A picture of a page for the report, or nothing when none could be made.
struct PagePicture {
  std::size_t page = 0;  // index
  Bytes png;
  double width = 0, height = 0;  // of the visible page in points
  // From default user space to the picture's points, origin top left.
  pdf::Matrix user_to_picture;
  // In the picture's points: where the page looks other than it did before its content was changed after signing.
  std::vector<pdf::Rect> differences;
};
struct ReportInput {
  const DocumentFacts& facts;
  const Verdict& verdict;
  Language language = Language::vietnamese;
  std::vector<PagePicture> pictures;  // of pages with signatures and with changes
};
// One self-contained file: no script, no outside references, a strict Content-Security-Policy.
std::string to_html(const ReportInput& input);
// A4, fonts embedded, text selectable.
Result<Bytes> to_pdf(const ReportInput& input);

}  // namespace kyso::verify

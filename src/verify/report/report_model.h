#pragma once
#include <array>

#include "verify/report/report.h"

// Private to the module: what the HTML and the PDF report show, in words, before any layout.
namespace kyso::verify {

// Bounds of a report, whatever the document holds.
struct ReportLimits {
  static constexpr std::size_t signatures = 200;
  static constexpr std::size_t changes = 300;
  static constexpr std::size_t findings = 40;  // of one signature
  static constexpr std::size_t pictures = 60;
  static constexpr std::size_t marks = 200;  // on one page
  static constexpr std::size_t certificates = 16;
};

using ReportState = DetailLine::State;

struct ReportFinding {
  std::string severity, sentence, code;
  Severity weight = Severity::note;
};

struct ReportCertificate {
  std::string name, issuer, validity, status;
  ReportState state = ReportState::unknown;
};

struct ReportSignature {
  std::size_t number = 0;  // counts from 1, as in the document
  std::string heading;     // "Chữ ký 1: Nguyễn Văn A"
  ReportState state = ReportState::unknown;
  std::string state_words, technical;  // "Hợp lệ", "TOTAL_PASSED"
  Explanation explanation;
  std::vector<DetailLine> details;
  std::vector<ReportCertificate> chain;
  std::vector<ReportFinding> findings;
  std::size_t omitted_findings = 0;
};

struct ReportChange {
  std::string label;  // "T1": as on the pictures
  std::string what, where, value, effect;
  bool is_forbidden = false;
};

struct ReportMark {
  enum class Kind : std::uint8_t { signature, allowed, forbidden } kind = Kind::signature;
  std::string label, title;
  pdf::Rect box;  // in the picture's points, origin top left
  ReportState state = ReportState::plain;
};

struct ReportPage {
  const PagePicture* picture = nullptr;
  std::string heading;      // "Trang 2"
  std::string description;  // for those who don't see the picture
  std::vector<ReportMark> marks;
};

struct ReportModel {
  Language language = Language::vietnamese;
  std::string title, file;
  ReportState state = ReportState::unknown;
  std::string state_words, technical;
  Explanation explanation;
  std::vector<DetailLine> facts;  // of the document
  std::vector<ReportSignature> signatures;
  std::string omitted_signatures;  // a sentence, or ""
  std::vector<ReportChange> changes;
  std::string omitted_changes;
  std::vector<ReportPage> pages;
  std::string omitted_pages;
  std::vector<DetailLine> checklist;
  std::vector<ReportFinding> findings;  // of the document as a whole
};

ReportModel make_report_model(const ReportInput& input);

}  // namespace kyso::verify

#include "verify/report/report_model.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "verify/judge/change_table.h"
#include "verify/report/wording.h"

namespace kyso::verify {
namespace {

ReportState state_of(Indication indication) {
  return indication == Indication::total_passed   ? ReportState::good
         : indication == Indication::total_failed ? ReportState::bad
                                                  : ReportState::unknown;
}

std::string technical_text(Indication indication, SubIndication sub_indication) {
  std::string text(name_of(indication));
  if (sub_indication != SubIndication::none) text += " / " + std::string(name_of(sub_indication));
  return text;
}

// Builder: makes the parts of the model, with the numbers that tie pictures, changes and signatures together.
class Builder {
 public:
  explicit Builder(const ReportInput& input)
      : m_input(input), m_facts(input.facts), m_verdict(input.verdict), m_language(input.language) {}

  ReportModel build() {
    m_model.language = m_language;
    add_head();
    add_signatures();
    add_changes();
    add_pages();
    m_model.checklist = circular_checklist(m_facts, m_verdict, m_language);
    m_model.findings = findings_of(m_verdict.findings, nullptr);
    return std::move(m_model);
  }

 private:
  std::string_view t(std::string_view vietnamese, std::string_view english) const {
    return in(m_language, vietnamese, english);
  }
  void add_head();
  void add_signatures();
  void add_signature(const SignatureVerdict& verdict);
  void add_changes();
  void add_pages();
  ReportPage page_of(const PagePicture& picture) const;
  std::vector<ReportFinding> findings_of(const std::vector<Finding>& findings, std::size_t* omitted) const;
  std::vector<std::size_t> chosen_signatures() const;
  std::vector<std::size_t> chosen_changes();
  bool is_forbidden(std::size_t change) const;
  ReportChange change_of(std::size_t index, const std::string& label) const;

  const ReportInput& m_input;
  const DocumentFacts& m_facts;
  const Verdict& m_verdict;
  Language m_language;
  ReportModel m_model;
  std::vector<std::size_t> m_changes;       // indexes of facts.changes that are listed
  std::set<std::string> m_forbidden_codes;  // of changes that count against a signature
  std::vector<bool> m_violations;           // of locks, per change
};

void Builder::add_head() {
  m_model.title = t("Báo cáo kiểm tra chữ ký số", "Report on the verification of digital signatures");
  m_model.file = safe_text(m_facts.name, 200);
  m_model.state = state_of(m_verdict.indication);
  m_model.state_words = words_of(m_verdict.indication, m_language);
  m_model.technical = technical_text(m_verdict.indication, m_verdict.sub_indication);
  m_model.explanation = summarise(m_facts, m_verdict, m_language);
  const auto add = [&](std::string_view id, std::string_view label, std::string value) {
    if (!value.empty())
      m_model.facts.push_back({ReportState::plain, std::string(id), std::string(label), std::move(value)});
  };
  add("file", t("Tệp", "File"), m_model.file);
  add("title", t("Tên tài liệu", "Title"), safe_text(m_facts.title, 300));
  add("size", t("Kích thước", "Size"), fmt::format("{} byte{}", m_facts.size, t("", "s")));
  if (m_facts.format == DocumentFacts::Format::pdf) {
    add("pages", t("Số trang", "Pages"), fmt::format("{}", m_facts.pages));
    add("revisions", t("Số bản cập nhật", "Revisions"), fmt::format("{}", m_facts.revisions.size()));
  }
  add("signatures", t("Số chữ ký và dấu thời gian", "Signatures and time-stamps"),
      fmt::format("{}", m_verdict.signatures.size()));
  add("checked_at", t("Thời gian kiểm tra", "Checked at"), time_text(m_verdict.time));
  add("online", t("Kết nối mạng khi kiểm tra", "Network during the check"),
      std::string(m_verdict.was_online ? t("có", "yes") : t("không", "no")));
  add("policy", t("Chính sách kiểm tra", "Policy"), safe_text(m_verdict.policy, 80));
}

// All, or, when there are too many, those that did not pass before those that did.
std::vector<std::size_t> Builder::chosen_signatures() const {
  std::vector<std::size_t> chosen;
  const auto take = [&](bool passed) {
    for (std::size_t i = 0; i < m_verdict.signatures.size() && chosen.size() < ReportLimits::signatures; ++i) {
      if ((m_verdict.signatures[i].indication == Indication::total_passed) == passed) chosen.push_back(i);
    }
  };
  take(false);
  take(true);
  std::ranges::sort(chosen);
  return chosen;
}

void Builder::add_signatures() {
  const auto chosen = chosen_signatures();
  for (const std::size_t index : chosen) add_signature(m_verdict.signatures[index]);
  if (chosen.size() == m_verdict.signatures.size()) return;
  std::size_t passed = 0;
  for (const SignatureVerdict& item : m_verdict.signatures)
    passed += item.indication == Indication::total_passed ? 1 : 0;
  m_model.omitted_signatures = fmt::format(
      fmt::runtime(
          t("Báo cáo trình bày chi tiết {} trong số {} chữ ký, ưu tiên các chữ ký không hợp lệ hoặc chưa kết luận "
            "được. Tất cả có {} chữ ký hợp lệ; kết quả đầy đủ có trong bản JSON.",
            "This report details {} of {} signatures, those that did not pass first. {} signatures are valid in "
            "all; the JSON output is complete.")),
      chosen.size(), m_verdict.signatures.size(), passed);
}

std::vector<ReportFinding> Builder::findings_of(const std::vector<Finding>& findings, std::size_t* omitted) const {
  std::vector<ReportFinding> list;
  std::set<std::string> seen;  // the same sentence once
  for (const Finding& finding : findings) {
    ReportFinding item{std::string(words_of(finding.severity, m_language)), explain(finding, m_language).what,
                       safe_text(finding.code, 80), finding.severity};
    if (!seen.insert(item.sentence).second) continue;
    if (list.size() < ReportLimits::findings) {
      list.push_back(std::move(item));
    } else if (omitted != nullptr) {
      ++*omitted;
    }
  }
  return list;
}

void Builder::add_signature(const SignatureVerdict& verdict) {
  static const SignatureFacts kNone;
  const SignatureFacts* found = facts_of(m_facts, verdict);
  const SignatureFacts& signature = found == nullptr ? kNone : *found;
  ReportSignature item;
  item.number = verdict.signature + 1;
  const bool stamp = signature.kind == SignatureKind::document_time_stamp;
  item.heading = fmt::format("{} {}: {}", stamp ? t("Dấu thời gian", "Time-stamp") : t("Chữ ký", "Signature"),
                             item.number, signer_name(signature, verdict, m_language));
  item.state = state_of(verdict.indication);
  item.state_words = words_of(verdict.indication, m_language);
  item.technical = technical_text(verdict.indication, verdict.sub_indication);
  if (!verdict.reason.empty()) item.technical += " · " + safe_text(verdict.reason, 80);
  item.explanation = summarise(m_facts, verdict, m_language);
  item.details = details(m_facts, verdict, m_verdict, m_language);
  for (std::size_t i = 0; i < std::min(verdict.chain.size(), ReportLimits::certificates); ++i) {
    const CertificateVerdict& certificate = verdict.chain[i];
    const std::string_view id = status_id(certificate, i + 1 == verdict.chain.size() && ends_with_anchor(verdict));
    const auto state = id == "good" || id == "anchor" ? ReportState::good
                       : id == "revoked"              ? ReportState::bad
                                                      : ReportState::unknown;
    item.chain.push_back({display_name(certificate.certificate), safe_text(certificate.certificate.issuer_text(), 300),
                          fmt::format("{} – {}", time_text(certificate.certificate.not_before()),
                                      time_text(certificate.certificate.not_after())),
                          std::string(words_of_status(id, m_language)), state});
  }
  item.findings = findings_of(verdict.findings, &item.omitted_findings);
  m_model.signatures.push_back(std::move(item));
}

// Whether the judge held it against a signature: by the code under which it judges such a change.
bool Builder::is_forbidden(std::size_t change) const {
  const ChangeRow& row = row_of(m_facts.changes[change], m_violations[change]);
  return m_forbidden_codes.contains(row.code.empty() ? m_facts.changes[change].code : std::string(row.code));
}

// Changes after any signature; when there are too many, those that count against one first.
std::vector<std::size_t> Builder::chosen_changes() {
  m_violations = find_lock_violations(m_facts);
  std::vector<bool> after(m_facts.changes.size(), false);
  for (const SignatureVerdict& item : m_verdict.signatures) {
    for (const std::size_t index : item.changes) {
      if (index < after.size()) after[index] = true;
    }
    for (const Finding& finding : item.findings) {
      if (finding.severity >= Severity::indeterminate) m_forbidden_codes.insert(finding.code);
    }
  }
  std::vector<std::size_t> chosen;
  const auto take = [&](bool forbidden) {
    for (std::size_t i = 0; i < after.size() && chosen.size() < ReportLimits::changes; ++i) {
      const Change& change = m_facts.changes[i];
      if (!after[i] || change.kind == ChangeKind::none) continue;
      if (is_forbidden(i) == forbidden) chosen.push_back(i);
    }
  };
  take(true);
  take(false);
  std::ranges::sort(chosen);
  return chosen;
}

ReportChange Builder::change_of(std::size_t index, const std::string& label) const {
  const Change& change = m_facts.changes[index];
  ReportChange item;
  item.label = label;
  item.what = words_of(change.kind, m_language);
  item.is_forbidden = is_forbidden(index);
  if (change.kind == ChangeKind::content) {
    item.what = explain(finding_of(change), m_language).what;
    if (item.what.ends_with('.')) item.what.pop_back();
  }
  item.where = fmt::format("{} {}", t("bản", "revision"), change.revision + 1);
  if (change.page != pdf::kNoPage) item.where += fmt::format(", {} {}", t("trang", "page"), change.page + 1);
  if (!change.field.empty()) item.where += fmt::format(", {} “{}”", t("ô", "field"), safe_text(change.field, 80));
  if (change.object != 0) item.where += fmt::format(", {} {}", t("đối tượng", "object"), change.object);
  if (!change.old_value.empty() || !change.new_value.empty()) {
    const auto part = [&](std::string_view label, const std::string& value) {
      return value.empty() ? std::string() : fmt::format("{}: “{}”", label, safe_text(value, 200));
    };
    item.value = part(t("trước", "before"), change.old_value);
    if (!item.value.empty() && !change.new_value.empty()) item.value += " → ";
    item.value += part(t("sau", "after"), change.new_value);
  }
  item.effect = item.is_forbidden ? t("không được phép", "not allowed") : t("được phép", "allowed");
  if (change.is_visible) item.effect += fmt::format(", {}", words_of(change.covering, m_language));
  return item;
}

void Builder::add_changes() {
  m_changes = chosen_changes();
  std::size_t total = 0;
  for (const Change& change : m_facts.changes) total += change.kind == ChangeKind::none ? 0 : 1;
  for (std::size_t i = 0; i < m_changes.size(); ++i) {
    m_model.changes.push_back(change_of(m_changes[i], fmt::format("{}{}", t("T", "C"), i + 1)));
  }
  if (m_changes.size() < ReportLimits::changes || total <= m_changes.size()) return;
  m_model.omitted_changes = fmt::format(fmt::runtime(t("Chỉ liệt kê {} thay đổi; kết quả đầy đủ hơn có trong bản JSON.",
                                                       "Only {} changes are listed; the JSON output has more.")),
                                        m_changes.size());
}

bool is_drawable(const pdf::Rect& box) {
  return std::isfinite(box.x0) && std::isfinite(box.y0) && std::isfinite(box.x1) && std::isfinite(box.y1) &&
         box.width() > 0.5 && box.height() > 0.5;
}

ReportPage Builder::page_of(const PagePicture& picture) const {
  ReportPage page;
  page.picture = &picture;
  page.heading = fmt::format("{} {}", t("Trang", "Page"), picture.page + 1);
  const pdf::Rect sheet{0, 0, picture.width, picture.height};
  const auto add_box = [&](ReportMark mark, const pdf::Rect& box) {
    mark.box = box.intersection(sheet);
    if (!is_drawable(mark.box) || page.marks.size() >= ReportLimits::marks) return;
    page.description += (page.description.empty() ? "" : "; ") + mark.label + ": " + mark.title;
    page.marks.push_back(std::move(mark));
  };
  const auto add = [&](ReportMark mark, const pdf::Rect& rect) {
    add_box(std::move(mark), picture.user_to_picture.apply(rect));
  };
  for (const ReportSignature& item : m_model.signatures) {
    if (item.number == 0 || item.number > m_facts.signatures.size()) continue;
    for (const auto& place : m_facts.signatures[item.number - 1].widgets) {
      if (place.page != picture.page) continue;
      add({ReportMark::Kind::signature,
           fmt::format("{}", item.number),
           item.heading + " (" + item.state_words + ")",
           {},
           item.state},
          place.rect);
    }
  }
  for (std::size_t i = 0; i < m_changes.size(); ++i) {
    const Change& change = m_facts.changes[m_changes[i]];
    const ReportChange& item = m_model.changes[i];
    if (change.page != picture.page || !change.is_visible) continue;
    // Honest later signatures are marked as signatures already.
    const bool signing = is_signing(change.kind) || change.kind == ChangeKind::document_time_stamp;
    if (signing && !item.is_forbidden) continue;
    add({item.is_forbidden ? ReportMark::Kind::forbidden : ReportMark::Kind::allowed,
         item.label,
         item.what + " (" + item.effect + ")",
         {},
         item.is_forbidden ? ReportState::bad : ReportState::plain},
        change.rect);
  }
  // A change of content has no place of its own: what looks different shows where it is.
  const auto changed = std::ranges::find_if(m_model.changes, [&](const ReportChange& item) {
    const Change& change = m_facts.changes[m_changes[static_cast<std::size_t>(&item - m_model.changes.data())]];
    return item.is_forbidden && !change.is_visible && (change.page == picture.page || change.page == pdf::kNoPage);
  });
  for (const pdf::Rect& rect : picture.differences) {
    if (changed == m_model.changes.end()) break;
    add_box({ReportMark::Kind::forbidden,
             changed->label,
             std::string(t("khác với bản đã ký", "differs from what was signed")),
             {},
             ReportState::bad},
            rect);
  }
  return page;
}

void Builder::add_pages() {
  for (const PagePicture& picture : m_input.pictures) {
    if (picture.png.empty() || !(picture.width > 0 && picture.height > 0)) continue;
    if (m_model.pages.size() >= ReportLimits::pictures) {
      m_model.omitted_pages =
          fmt::format(fmt::runtime(t("Chỉ in hình của {} trang đầu.", "Pictures of the first {} pages only.")),
                      ReportLimits::pictures);
      break;
    }
    m_model.pages.push_back(page_of(picture));
  }
}

}  // namespace

ReportModel make_report_model(const ReportInput& input) {
  return Builder(input).build();
}

}  // namespace kyso::verify

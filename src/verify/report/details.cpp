#include <algorithm>

#include "verify/report/report.h"
#include "verify/report/wording.h"

namespace kyso::verify {
namespace {

using State = DetailLine::State;

constexpr std::size_t kMaxChangeKinds = 8;  // in one line

std::string join(const std::vector<std::pair<std::string, std::size_t>>& kinds) {
  std::string list;
  for (const auto& [words, count] : kinds) {
    list += list.empty() ? words : "; " + words;
    if (count > 1) list += fmt::format(" ×{}", count);
  }
  return list;
}

// Lines: collects the details of one signature.
class Lines {
 public:
  Lines(const DocumentFacts& facts, const SignatureFacts& signature, const SignatureVerdict& verdict,
        const Verdict& document, Language language)
      : m_facts(facts), m_signature(signature), m_verdict(verdict), m_document(document), m_language(language) {}

  std::vector<DetailLine> all() {
    add_signer();
    add_times();
    add_integrity();
    add_certificate();
    add_place();
    add_check();
    return std::move(m_lines);
  }

 private:
  std::string_view t(std::string_view vietnamese, std::string_view english) const {
    return in(m_language, vietnamese, english);
  }
  void add(State state, std::string_view id, std::string_view label, std::string value) {
    m_lines.push_back({state, std::string(id), std::string(label), std::move(value)});
  }
  bool is_document_time_stamp() const { return m_signature.kind == SignatureKind::document_time_stamp; }

  void add_signer();
  void add_times();
  void add_time_stamp(const TimeStampVerdict& stamp);
  void add_integrity();
  void add_certificate();
  void add_status();
  void add_place();
  void add_check();
  std::string changes_text() const;

  const DocumentFacts& m_facts;
  const SignatureFacts& m_signature;
  const SignatureVerdict& m_verdict;
  const Verdict& m_document;
  Language m_language;
  std::vector<DetailLine> m_lines;
};

void Lines::add_signer() {
  const State state = m_verdict.signer ? State::plain : State::unknown;
  std::string name = signer_name(m_signature, m_verdict, m_language);
  if (m_verdict.signer) {
    if (const std::string email = safe_text(m_verdict.signer->email(), 120); !email.empty()) name += " <" + email + ">";
  }
  add(state, "signer",
      is_document_time_stamp() ? t("Máy chủ cấp dấu thời gian", "Time-stamp server") : t("Được ký bởi", "Signed by"),
      std::move(name));
  if (!m_verdict.signer) return;
  std::string organisation = safe_text(m_verdict.signer->organisation(), 200);
  if (const std::string unit = safe_text(m_verdict.signer->organisational_unit(), 200); !unit.empty()) {
    organisation = organisation.empty() ? unit : unit + ", " + organisation;
  }
  if (!organisation.empty()) add(State::plain, "organisation", t("Cơ quan, tổ chức", "Organisation"), organisation);
  if (const std::string title = safe_text(m_verdict.signer->title(), 120); !title.empty()) {
    add(State::plain, "title", t("Chức vụ", "Title"), title);
  }
  if (m_verdict.signer_kind != SubjectKind::unknown) {
    const bool person_under_seal = m_signature.ink == "red" && m_verdict.signer_kind == SubjectKind::person;
    std::string kind(words_of(m_verdict.signer_kind, m_language));
    if (person_under_seal) {
      kind += t(": chứng thư số cá nhân đứng dưới hình con dấu của cơ quan, tổ chức",
                ": a person's certificate under the picture of an organisation's seal");
    }
    add(person_under_seal ? State::warning : State::plain, "signer_kind", t("Loại chứng thư số", "Kind of certificate"),
        std::move(kind));
  }
}

void Lines::add_time_stamp(const TimeStampVerdict& stamp) {
  const bool passed = stamp.indication == Indication::total_passed;
  const State state = passed ? State::good : stamp.indication == Indication::total_failed ? State::bad : State::unknown;
  const std::string when = stamp.time ? time_text(*stamp.time) : std::string(t("không rõ", "not known"));
  std::string value;
  if (passed) {
    value = fmt::format("{} {}", t("Dấu thời gian trên chữ ký hợp lệ:", "The signature's time-stamp is valid:"), when);
  } else {
    const std::string why(stamp.reason.empty() ? std::string(words_of(stamp.sub_indication, m_language))
                                               : explain(Finding(stamp.reason), m_language).what);
    value = fmt::format("{} {}. {}",
                        stamp.indication == Indication::total_failed
                            ? t("Dấu thời gian không hợp lệ:", "The time-stamp is not valid:")
                            : t("Chưa kết luận được dấu thời gian:", "No conclusion about the time-stamp:"),
                        when, why);
  }
  add(state, "time_stamp", t("Dấu thời gian", "Time-stamp"), std::move(value));
  if (!stamp.authority.empty()) {
    add(State::plain, "time_stamp_authority", t("Máy chủ cấp dấu thời gian", "Time-stamp server"),
        safe_text(stamp.authority, 200));
  }
}

void Lines::add_times() {
  if (!is_document_time_stamp()) {
    const std::string_view label = t("Thời gian ký (theo máy ký)", "Signing time (signer's clock)");
    if (!m_verdict.claimed_time) {
      add(State::plain, "signing_time", label, std::string(t("không ghi", "not stated")));
    } else {
      const bool late = m_verdict.time_stamp_time && *m_verdict.claimed_time > *m_verdict.time_stamp_time;
      std::string value = time_text(*m_verdict.claimed_time);
      if (late)
        value += t(" (muộn hơn dấu thời gian: đồng hồ của máy ký sai)", " (after the time-stamp: that clock is wrong)");
      add(late ? State::warning : State::plain, "signing_time", label, std::move(value));
    }
    if (m_verdict.time_stamps.empty()) {
      add(State::warning, "time_stamp", t("Dấu thời gian", "Time-stamp"),
          std::string(t("Chữ ký không gắn dấu thời gian.", "The signature has no time-stamp.")));
    }
  }
  for (const TimeStampVerdict& stamp : m_verdict.time_stamps) add_time_stamp(stamp);
  if (m_verdict.best_time) {
    const std::string& proof = m_verdict.best_time_proof;
    const std::string_view how = proof.empty() ? t("thời điểm kiểm tra", "time of checking")
                                 : proof.starts_with("document-time-stamp")
                                     ? t("dấu thời gian của tài liệu", "time-stamp of the document")
                                     : t("dấu thời gian trên chữ ký", "time-stamp of the signature");
    add(State::plain, "best_time", t("Chứng minh được đã có từ", "Proven to exist since"),
        fmt::format("{} ({})", time_text(*m_verdict.best_time), how));
  }
}

std::string Lines::changes_text() const {
  std::vector<std::pair<std::string, std::size_t>> kinds;  // the same words once, with their number
  for (const std::size_t index : m_verdict.changes) {
    if (index >= m_facts.changes.size() || m_facts.changes[index].kind == ChangeKind::none) continue;
    const Change& change = m_facts.changes[index];
    std::string words(words_of(change.kind, m_language));
    if (!change.field.empty()) words += fmt::format(" “{}”", safe_text(change.field, 60));
    if (change.page != pdf::kNoPage) words += fmt::format(" ({} {})", t("trang", "page"), change.page + 1);
    const auto same = std::ranges::find(kinds, words, &std::pair<std::string, std::size_t>::first);
    if (same != kinds.end()) {
      ++same->second;
    } else if (kinds.size() < kMaxChangeKinds) {
      kinds.emplace_back(std::move(words), 1);
    } else {
      return join(kinds) + "; …";
    }
  }
  return join(kinds);
}

void Lines::add_integrity() {
  const std::string_view label = t("Tính toàn vẹn", "Integrity");
  const bool failed = m_verdict.indication == Indication::total_failed;
  if (!m_verdict.is_intact) {
    add(failed ? State::bad : State::unknown, "integrity", label,
        std::string(
            failed ? t("Chữ ký không bảo đảm được nội dung đã ký.", "The signature does not vouch for the content.")
                   : t("Chưa kiểm tra được.", "Not checked.")));
  } else {
    const bool touched = std::ranges::any_of(m_verdict.changes, [&](std::size_t index) {
      if (index >= m_facts.changes.size() || is_signing(m_facts.changes[index].kind)) return false;
      const std::string_view level = modification_level(m_facts.changes[index].kind);
      return level != "none" && level != "lta";
    });
    std::string value(!m_verdict.is_unchanged ? t("Tài liệu đã bị thay đổi.", "The document was changed.")
                      : touched
                          ? t("Nội dung đã ký số chưa bị thay đổi. Tuy nhiên, tài liệu đã có những thay đổi trong giới "
                              "hạn cho phép.",
                              "What was signed is unchanged. Later changes stayed within what is allowed.")
                          : t("Tài liệu chưa bị thay đổi.", "The document is unchanged."));
    const State bad = failed ? State::bad : State::unknown;
    add(!m_verdict.is_unchanged ? bad : State::good, "integrity", label, std::move(value));
  }
  const std::string list = changes_text();
  add(m_verdict.is_unchanged ? State::plain : State::warning, "changes",
      t("Thay đổi sau khi ký", "Changes after signing"), list.empty() ? std::string(t("không có", "none")) : list);
}

// The weightiest finding about a certificate of the chain, when it stands against it.
const Finding* certificate_problem(const SignatureVerdict& verdict) {
  const Finding* worst = nullptr;
  const auto look = [&](const std::vector<Finding>& findings) {
    for (const Finding& finding : findings) {
      if (!finding.code.starts_with("pki.") || finding.code.starts_with("pki.revocation") ||
          finding.severity < Severity::indeterminate) {
        continue;
      }
      if (worst == nullptr || finding.severity > worst->severity) worst = &finding;
    }
  };
  look(verdict.findings);
  for (const CertificateVerdict& item : verdict.chain) look(item.findings);
  return worst;
}

void Lines::add_certificate() {
  const std::string_view label = t("Chứng thư số ký", "Signing certificate");
  const Finding* problem = certificate_problem(m_verdict);
  if (!m_verdict.signer) {
    add(State::unknown, "certificate", label,
        std::string(t("Không có chứng thư số ký.", "There is no signing certificate.")));
    return;
  }
  if (problem != nullptr) {
    add(problem->severity == Severity::failure ? State::bad : State::unknown, "certificate", label,
        explain(*problem, m_language).what);
  } else if (m_verdict.anchor.empty()) {
    add(State::unknown, "certificate", label,
        std::string(t("Chưa kiểm tra được đường dẫn chứng thực.", "The certification path could not be checked.")));
  } else {
    add(State::good, "certificate", label,
        std::string(t("Chứng thư số ký hợp lệ.", "The signing certificate is valid.")));
  }
  add_status();
  add(State::plain, "issuer", t("Tổ chức cấp chứng thư số", "Issued by"), safe_text(m_verdict.signer->issuer_text()));
  add(State::plain, "subject", t("Chủ thể chứng thư số", "Subject"), safe_text(m_verdict.signer->subject_text()));
  add(State::plain, "serial", t("Số hiệu chứng thư số", "Serial number"), m_verdict.signer->serial_hex());
  add(State::plain, "validity", t("Thời hạn chứng thư số", "Validity"),
      fmt::format("{} – {}", time_text(m_verdict.signer->not_before()), time_text(m_verdict.signer->not_after())));
  add(m_verdict.anchor.empty() ? State::unknown : State::plain, "anchor", t("Gốc tin cậy", "Trust anchor"),
      m_verdict.anchor.empty() ? std::string(t("không dẫn đến gốc tin cậy nào", "none was reached"))
                               : safe_text(m_verdict.anchor, 200));
}

std::string answer_text(const pki::RevocationAnswer& answer, Language language) {
  const std::string_view source = answer.source == pki::RevocationAnswer::Source::ocsp ? "OCSP" : "CRL";
  return fmt::format("{}, {} {}", source, in(language, "lập lúc", "made at"), time_text(answer.produced_at));
}

void Lines::add_status() {
  for (std::size_t i = 0; i < m_verdict.chain.size(); ++i) {
    const CertificateVerdict& item = m_verdict.chain[i];
    const bool is_anchor = i + 1 == m_verdict.chain.size() && ends_with_anchor(m_verdict);
    const std::string_view id = status_id(item, is_anchor);
    if (id == "anchor") continue;
    std::string value(words_of_status(id, m_language));
    if (id != "not_checked" && item.answer) {
      if (item.answer->revoked_at) {
        value += fmt::format(" {} {}", t("từ", "since"), time_text(*item.answer->revoked_at));
      }
      value += fmt::format(" ({})", answer_text(*item.answer, m_language));
    }
    if (id == "not_checked" && pki::ParsedCertificate(item.certificate).publishes_no_status()) {
      value += t(": tổ chức cấp không công bố trạng thái thu hồi", ": the authority does not publish it");
    }
    const State state = id == "good" ? State::good : id == "revoked" ? State::bad : State::unknown;
    const std::string_view label = i == 0
                                       ? t("Trạng thái thu hồi", "Revocation status")
                                       : t("Trạng thái thu hồi của tổ chức cấp", "Revocation status of the authority");
    if (i > 0) value = display_name(item.certificate) + ": " + value;
    add(state, i == 0 ? "certificate_status" : "authority_status", label, std::move(value));
  }
  if (m_verdict.chain.empty()) {
    add(State::unknown, "certificate_status", t("Trạng thái thu hồi", "Revocation status"),
        std::string(t("chưa kiểm tra được", "not checked")));
  }
}

void Lines::add_place() {
  if (!m_signature.field.empty()) {
    add(State::plain, "field", t("Ô chữ ký", "Signature field"), safe_text(m_signature.field, 120));
  }
  std::string pages;
  std::vector<std::size_t> seen;
  for (const auto& place : m_signature.widgets) {
    if (place.page == pdf::kNoPage || seen.size() >= 20 || std::ranges::find(seen, place.page) != seen.end()) continue;
    seen.push_back(place.page);
    pages += fmt::format("{}{}", pages.empty() ? "" : ", ", place.page + 1);
  }
  if (!pages.empty()) add(State::plain, "pages", t("Hiển thị ở trang", "Shown on page"), pages);
  if (!m_signature.reason.empty()) {
    add(State::plain, "reason", t("Lý do ký", "Reason"), safe_text(m_signature.reason));
  }
  if (!m_signature.location.empty()) {
    add(State::plain, "location", t("Nơi ký", "Location"), safe_text(m_signature.location));
  }
  if (m_facts.format == DocumentFacts::Format::cades) return;  // the signature stands beside the file
  const std::string revision =
      m_signature.revision
          ? fmt::format("{} / {}", *m_signature.revision + 1, std::max<std::size_t>(m_facts.revisions.size(), 1))
          : std::string(t("không trùng với bản nào", "ends with no revision"));
  add(State::plain, "coverage", t("Bản đã ký", "Signed revision"),
      revision +
          std::string(m_signature.covers_whole_document
                          ? t(" (chữ ký bao phủ toàn bộ tài liệu)", " (covers the whole document)")
                          : t(" (sau đó tài liệu còn được cập nhật)", " (the document was updated afterwards)")));
  if (m_signature.certification) {
    add(State::plain, "certification", t("Chứng nhận tài liệu", "Certification"),
        fmt::format("P = {}", *m_signature.certification));
  }
}

void Lines::add_check() {
  const std::string_view level = name_of(m_verdict.level);
  add(State::plain, "level", t("Mức chữ ký", "Level"), level.empty() ? std::string("–") : std::string(level));
  add(State::plain, "checked_at", t("Thời gian kiểm tra", "Checked at"),
      fmt::format("{} ({})", time_text(m_document.time),
                  m_document.was_online ? t("có kết nối mạng", "online") : t("không kết nối mạng", "offline")));
  add(State::plain, "policy", t("Chính sách kiểm tra", "Policy"), safe_text(m_document.policy, 80));
}

}  // namespace

std::vector<DetailLine> details(const DocumentFacts& facts, const SignatureVerdict& signature, const Verdict& verdict,
                                Language language) {
  static const SignatureFacts kNone;
  const SignatureFacts* found = facts_of(facts, signature);
  return Lines(facts, found == nullptr ? kNone : *found, signature, verdict, language).all();
}

}  // namespace kyso::verify

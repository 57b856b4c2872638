#include <algorithm>
#include <set>

#include "verify/report/report.h"
#include "verify/report/wording.h"

// Circular 15/2025/TT-BKHCN: the functions of software that creates and checks digital signatures, point by point as
// far as a verification shows them.
namespace kyso::verify {
namespace {

using State = DetailLine::State;

State worse(State a, State b) {
  static constexpr State kOrder[] = {State::plain, State::good, State::warning, State::unknown, State::bad};
  const auto rank = [&](State state) { return std::ranges::find(kOrder, state) - std::begin(kOrder); };
  return rank(a) < rank(b) ? b : a;
}

struct Tally {
  std::size_t all = 0, good = 0, bad = 0, open = 0;
  void add(State state) {
    ++all;
    good += state == State::good ? 1 : 0;
    bad += state == State::bad ? 1 : 0;
    open += state != State::good && state != State::bad ? 1 : 0;
  }
  State state() const {
    return all == 0 ? State::unknown : bad > 0 ? State::bad : open > 0 ? State::unknown : State::good;
  }
  std::string text(Language language) const {
    return fmt::format(fmt::runtime(in(language, "đạt {}, không đạt {}, chưa kiểm tra được {} (trên {} chữ ký)",
                                       "met by {}, not met by {}, not checked for {} (of {} signatures)")),
                       good, bad, open, all);
  }
};

// Point 1: the certificate was valid, not suspended and not revoked when it signed.
State certificate_state(const SignatureVerdict& item) {
  if (item.chain.empty()) return State::unknown;
  using S = SubIndication;
  if (item.sub_indication == S::revoked || item.sub_indication == S::expired ||
      item.sub_indication == S::not_yet_valid) {
    return State::bad;
  }
  const bool anchored = ends_with_anchor(item);
  const std::string_view status = status_id(item.chain.front(), anchored && item.chain.size() == 1);
  // Revoked later than a proven signing time does not count against it: the judge weighed that already.
  if (status == "revoked") return item.indication == Indication::total_passed ? State::good : State::unknown;
  if (!item.best_time || !anchored) return State::unknown;
  const auto& certificate = item.chain.front().certificate;
  const bool in_time = certificate.not_before() <= *item.best_time && *item.best_time <= certificate.not_after();
  return status == "good" && in_time ? State::good : State::unknown;
}

// Point 2: the status of every certificate is known from OCSP or a CRL.
State status_state(const SignatureVerdict& item) {
  if (item.chain.empty()) return State::unknown;
  const bool anchored = ends_with_anchor(item);
  State state = State::good;
  for (std::size_t i = 0; i < item.chain.size(); ++i) {
    const std::string_view id = status_id(item.chain[i], anchored && i + 1 == item.chain.size());
    if (id == "not_checked" || id == "unknown") state = State::unknown;
  }
  return state;
}

std::string sources_of(const Verdict& verdict, Language language) {
  bool ocsp = false, crl = false;
  for (const SignatureVerdict& item : verdict.signatures) {
    for (const CertificateVerdict& certificate : item.chain) {
      if (!certificate.is_checked || !certificate.answer) continue;
      (certificate.answer->source == pki::RevocationAnswer::Source::ocsp ? ocsp : crl) = true;
    }
  }
  if (!ocsp && !crl) return std::string(in(language, "không có nguồn nào", "no source"));
  return ocsp && crl ? "OCSP, CRL" : ocsp ? "OCSP" : "CRL";
}

// Point 4: issuer, subject, times, integrity and validity are all there to be shown.
State shown_state(const SignatureVerdict& item) {
  return item.signer && (item.claimed_time || item.time_stamp_time) ? State::good : State::unknown;
}

State kept_state(const SignatureVerdict& item) {
  return item.level >= Level::b_lt ? State::good : State::warning;
}

std::string anchors_of(const Verdict& verdict, Language language) {
  std::set<std::string> names;
  for (const SignatureVerdict& item : verdict.signatures) {
    if (!item.anchor.empty() && names.size() < 8) names.insert(safe_text(item.anchor, 80));
  }
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : "; ") + name;
  return text.empty() ? std::string(in(language, "chưa dùng đến gốc tin cậy nào", "no trust anchor was used")) : text;
}

}  // namespace

std::vector<DetailLine> circular_checklist(const DocumentFacts& facts, const Verdict& verdict, Language language) {
  const auto t = [&](std::string_view vietnamese, std::string_view english) {
    return in(language, vietnamese, english);
  };
  Tally certificates, statuses, shown, kept;
  for (const SignatureVerdict& item : verdict.signatures) {
    const SignatureFacts* signature = facts_of(facts, item);
    if (signature != nullptr && signature->kind == SignatureKind::document_time_stamp) continue;
    certificates.add(certificate_state(item));
    statuses.add(status_state(item));
    shown.add(shown_state(item));
    kept.add(kept_state(item));
  }
  std::vector<DetailLine> lines;
  const auto add = [&](State state, std::string_view id, std::string_view label, std::string value) {
    lines.push_back({state, std::string(id), std::string(label), std::move(value)});
  };
  add(certificates.state(), "tt15.1",
      t("1. Chứng thư số còn hiệu lực, không bị tạm dừng hoặc thu hồi khi ký",
        "1. The certificate was valid, not suspended or revoked when it signed"),
      certificates.text(language));
  add(statuses.state(), "tt15.2",
      t("2. Kiểm tra trạng thái chứng thư số bằng OCSP hoặc danh sách thu hồi; cảnh báo khi không kiểm tra được",
        "2. Status checked by OCSP or the newest CRL; a warning when it cannot be checked"),
      fmt::format("{}; {}", sources_of(verdict, language), statuses.text(language)));
  add(State::good, "tt15.3", t("3. Thông báo kết quả bằng tiếng Việt", "3. The result is told in Vietnamese"),
      summarise(facts, verdict, Language::vietnamese).what);
  add(shown.state(), "tt15.4",
      t("4. Hiển thị tổ chức cấp, chủ thể, thời gian ký và dấu thời gian, tính toàn vẹn, hiệu lực",
        "4. Issuer, subject, signing time and time-stamp, integrity and validity are shown"),
      shown.text(language));
  add(State::good, "tt15.5",
      t("5. Người dùng thêm, bớt được tổ chức chứng thực tin cậy", "5. Trusted authorities can be added and removed"),
      anchors_of(verdict, language));
  add(kept.all == 0           ? State::unknown
      : kept.good == kept.all ? State::good
                              : worse(State::warning, State::plain),
      "tt15.6",
      t("6. Chứng thư số, thông tin thu hồi và kết quả kiểm tra được lưu kèm chữ ký",
        "6. Certificates, revocation data and the result are kept with the signature"),
      kept.good == kept.all && kept.all > 0
          ? std::string(t("dữ liệu kiểm tra đã lưu trong tài liệu", "the data is in the document"))
          : fmt::format(
                fmt::runtime(t("mới lưu đủ cho {} trên {} chữ ký; bổ sung bằng kyso extend hoặc lưu riêng bằng "
                               "--save-evidence",
                               "complete for {} of {} signatures; add it with kyso extend, or keep it beside the "
                               "document with --save-evidence")),
                kept.good, kept.all));
  const std::string_view last = t("7. Tải được tệp đã ký", "7. The signed file can be taken out");
  if (facts.format == DocumentFacts::Format::cades) {
    add(State::good, "tt15.7", last,
        std::string(t("tệp đã ký đứng riêng, nguyên vẹn, bên cạnh tệp chữ ký",
                      "the signed file stands unchanged beside the "
                      "signature's")));
    return lines;
  }
  add(State::good, "tt15.7", last,
      fmt::format(fmt::runtime(t("lấy từng bản đã ký nguyên vẹn bằng kyso extract --revision 1…{}",
                                 "each signed version byte for byte with kyso extract --revision 1…{}")),
                  std::max<std::size_t>(facts.revisions.size(), 1)));
  return lines;
}

}  // namespace kyso::verify

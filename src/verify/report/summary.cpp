#include <algorithm>

#include "verify/report/report.h"
#include "verify/report/wording.h"

namespace kyso::verify {
namespace {

bool is_change_code(std::string_view code) {
  static constexpr std::string_view kStems[] = {"change.", "form.", "lock.", "annotation.", "tail.", "appearance."};
  const bool is_stem = std::ranges::any_of(kStems, [&](std::string_view stem) { return code.starts_with(stem); });
  return is_stem || code == "sigdict.redefined" || code == "signature.removed";
}

// The deciding finding, completed with the place and the values of the change that it is about.
std::optional<Finding> reason_of(const DocumentFacts& facts, const std::string& code,
                                 const std::vector<Finding>& findings, const std::vector<std::size_t>* changes) {
  if (code.empty()) return std::nullopt;
  const auto found = std::ranges::find(findings, code, &Finding::code);
  Finding reason = found == findings.end() ? Finding(code, Severity::failure) : *found;
  if (changes == nullptr) return reason;
  for (const std::size_t index : *changes) {
    if (index >= facts.changes.size() || facts.changes[index].code != code) continue;
    const Finding change = finding_of(facts.changes[index]);
    if (!reason.page) reason.page = change.page;
    if (!reason.object) reason.object = change.object;
    if (!reason.revision) reason.revision = change.revision;
    for (const auto& [name, value] : change.parameters) {
      const bool known = std::ranges::any_of(reason.parameters, [&](const auto& p) { return p.first == name; });
      if (!known) reason.with(name, value);
    }
    break;
  }
  return reason;
}

Explanation words_for(const std::optional<Finding>& reason, SubIndication sub_indication, Language language) {
  if (reason) return explain(*reason, language);
  const std::string_view words = words_of(sub_indication, language);
  return {std::string(words.empty() ? in(language, "không rõ nguyên nhân", "the reason is not known") : words), ""};
}

// "… sau khi ký" stands in the beginning of the sentence already.
std::string without_after_signing(std::string what, Language language) {
  const std::string_view words = in(language, " sau khi ký", " after signing");
  if (const std::size_t at = what.find(words); at != std::string::npos) what.erase(at, words.size());
  return what;
}

std::string authority_of(const SignatureVerdict& verdict) {
  for (const TimeStampVerdict& stamp : verdict.time_stamps) {
    if (stamp.is_proof && stamp.time == verdict.time_stamp_time) return safe_text(stamp.authority, 120);
  }
  return "";
}

std::string stamp_clause(Instant time, const std::string& authority, Language language) {
  return fmt::format(
      fmt::runtime(in(language, "ký lúc {} (thời gian do {} xác nhận)", "signed at {} (confirmed by the {})")),
      time_text(time), time_stamp_server(authority, language));
}

// When it was signed. What the signer's computer said and what an authority confirmed are never mixed.
std::string time_clause(const SignatureVerdict& verdict, Language language) {
  const bool vietnamese = language == Language::vietnamese;
  if (verdict.time_stamp_time) return stamp_clause(*verdict.time_stamp_time, authority_of(verdict), language);
  std::string clause;
  if (verdict.claimed_time) {
    clause = fmt::format(fmt::runtime(in(language, "ký lúc {} theo đồng hồ của máy ký",
                                         "signed at {} by the clock of the signer's computer")),
                         time_text(*verdict.claimed_time));
  } else {
    clause = vietnamese ? "không ghi thời gian ký" : "with no signing time stated";
  }
  if (verdict.best_time && !verdict.best_time_proof.empty()) {
    return clause +
           fmt::format(fmt::runtime(in(language, "; dấu thời gian của tài liệu chứng minh chữ ký đã có trước {}",
                                       "; the document's time-stamp proves that it existed before {}")),
                       time_text(*verdict.best_time));
  }
  return clause + std::string(in(language, ", chưa có dấu thời gian xác nhận", ", with no time-stamp to confirm it"));
}

std::string unchecked_clause(const SignatureVerdict& verdict, Language language) {
  if (is_status_checked(verdict.chain)) return "";
  if (is_status_unpublished(verdict.chain)) {
    return std::string(in(language, "; tổ chức cấp không công bố trạng thái thu hồi nên chưa kiểm tra được",
                          "; whether the certificate is revoked was not checked: its authority does not publish that"));
  }
  return std::string(in(language, "; trạng thái thu hồi của chứng thư số chưa kiểm tra được",
                        "; whether the certificate is revoked was not checked"));
}

// What was changed afterwards within the limits: kinds, each once.
std::string allowed_changes(const DocumentFacts& facts, const SignatureVerdict& verdict, Language language) {
  std::vector<ChangeKind> kinds;
  for (const std::size_t index : verdict.changes) {
    if (index >= facts.changes.size()) continue;
    const ChangeKind kind = facts.changes[index].kind;
    const std::string_view level = modification_level(kind);
    if (level == "none" || level == "lta" || std::ranges::find(kinds, kind) != kinds.end()) continue;
    kinds.push_back(kind);
  }
  if (kinds.empty()) return "";
  if (std::ranges::all_of(kinds, is_signing)) {
    return std::string(in(language, " Nội dung đã ký số chưa bị thay đổi; sau đó tài liệu được ký thêm.",
                          " What was signed is unchanged; the document was signed again afterwards."));
  }
  std::string list;
  for (const ChangeKind kind : kinds) {
    list += list.empty() ? "" : "; ";
    list += after_colon(words_of(kind, language));
  }
  return fmt::format(
      fmt::runtime(
          in(language,
             " Nội dung đã ký số chưa bị thay đổi; sau đó tài liệu có những thay đổi trong giới hạn cho phép ({}).",
             " What was signed is unchanged; later changes stayed within what is allowed ({}).")),
      list);
}

std::string warning_sentence(const std::optional<Finding>& reason, Language language) {
  if (!reason || reason->severity != Severity::warning) return "";
  const std::string what = explain(*reason, language).what;
  return fmt::format(" {} {}", in(language, "Lưu ý:", "Note:"), with_stop(after_colon(what)));
}

// Asking again helps only where there is something to ask.
std::string recheck(const SignatureVerdict& verdict, Language language) {
  if (is_status_checked(verdict.chain) || is_status_unpublished(verdict.chain)) return "";
  return std::string(in(language, "Kiểm tra lại khi có mạng (kyso verify --online).",
                        "Check again with the network (kyso verify --online)."));
}

Explanation passed(const DocumentFacts& facts, const SignatureFacts& signature, const SignatureVerdict& verdict,
                   Language language) {
  const auto reason = reason_of(facts, verdict.reason, verdict.findings, &verdict.changes);
  Explanation result;
  result.what = fmt::format("{} {}, {}{}.", in(language, "Chữ ký hợp lệ, của", "Valid signature of"),
                            signer_name(signature, verdict, language), time_clause(verdict, language),
                            unchecked_clause(verdict, language));
  result.what += allowed_changes(facts, verdict, language) + warning_sentence(reason, language);
  if (reason && reason->severity >= Severity::warning) result.next_step = explain(*reason, language).next_step;
  if (result.next_step.empty()) result.next_step = recheck(verdict, language);
  return result;
}

std::optional<Instant> stamped_at(const SignatureVerdict& verdict) {
  if (verdict.time_stamp_time) return verdict.time_stamp_time;
  for (const TimeStampVerdict& stamp : verdict.time_stamps) {
    if (stamp.time) return stamp.time;
  }
  return verdict.best_time;
}

Explanation time_stamp_summary(const DocumentFacts& facts, const SignatureVerdict& verdict, Language language) {
  const auto reason = reason_of(facts, verdict.reason, verdict.findings, &verdict.changes);
  const bool vietnamese = language == Language::vietnamese;
  if (verdict.indication == Indication::total_passed) {
    const std::string who = time_stamp_server(verdict.signer ? display_name(*verdict.signer) : "", language);
    const auto time = stamped_at(verdict);
    const std::string when = time ? time_text(*time) : std::string(vietnamese ? "(không rõ)" : "(not known)");
    return {(vietnamese ? fmt::format("Dấu thời gian của tài liệu hợp lệ: tài liệu đã có lúc {} (do {} xác nhận){}.",
                                      when, who, unchecked_clause(verdict, language))
                        : fmt::format("Valid document time-stamp: the document existed at {} (confirmed by the {}){}.",
                                      when, who, unchecked_clause(verdict, language))) +
                warning_sentence(reason, language),
            recheck(verdict, language)};
  }
  const Explanation why = words_for(reason, verdict.sub_indication, language);
  const bool failed = verdict.indication == Indication::total_failed;
  const std::string_view start =
      failed ? in(language, "Dấu thời gian của tài liệu không hợp lệ: ", "The document's time-stamp is not valid: ")
             : in(language,
                  "Chưa kết luận được dấu thời gian của tài liệu: ", "No conclusion about the document's time-stamp: ");
  return {std::string(start) + with_stop(after_colon(why.what)), why.next_step};
}

Explanation changed(const std::string& signer, const Explanation& why, Language language) {
  const std::string what = with_stop(after_colon(without_after_signing(why.what, language)));
  return {
      fmt::format(fmt::runtime(in(language,
                                  "Tài liệu đã bị thay đổi sau khi ký: {} Chữ ký của {} không bảo đảm cho nội dung "
                                  "đang hiển thị.",
                                  "The document was changed after signing: {} The signature of {} does not vouch for "
                                  "what is shown.")),
                  what, signer),
      why.next_step};
}

std::string again_after(const std::optional<Instant>& time, const std::string& next_step, Language language) {
  if (!time) return next_step;
  const std::string when = time_text(*time);
  if (next_step.find(when) != std::string::npos) return next_step;
  const std::string again =
      fmt::format(fmt::runtime(in(language, "Kiểm tra lại sau {}.", "Check again after {}.")), when);
  return next_step.empty() ? again : again + ' ' + next_step;
}

Explanation not_passed(const DocumentFacts& facts, const SignatureFacts& signature, const SignatureVerdict& verdict,
                       Language language) {
  const auto reason = reason_of(facts, verdict.reason, verdict.findings, &verdict.changes);
  const Explanation why = words_for(reason, verdict.sub_indication, language);
  const std::string signer = signer_name(signature, verdict, language);
  const bool failed = verdict.indication == Indication::total_failed;
  if (failed && is_change_code(verdict.reason)) return changed(signer, why, language);
  if (failed && verdict.sub_indication == SubIndication::hash_failure) {
    const std::string_view what =
        in(language, "Nội dung hiện tại không phải là nội dung đã được ký", "The content is not what was signed");
    return changed(signer, {std::string(what), why.next_step}, language);
  }
  if (verdict.reason == "contents.placeholder") {
    return {fmt::format("{} “{}” {}", in(language, "Ô chữ ký", "The signature field"), safe_text(signature.field, 80),
                        in(language, "chưa được ký: chỗ ký mới chỉ được chuẩn bị.",
                           "is not signed: the place was only prepared.")),
            why.next_step};
  }
  const std::string start =
      failed ? fmt::format(
                   fmt::runtime(in(language, "Chữ ký của {} không hợp lệ: ", "The signature of {} is not valid: ")),
                   signer)
             : fmt::format(fmt::runtime(in(language, "Chưa kết luận được chữ ký của {}: ",
                                           "No conclusion about the signature of {}: ")),
                           signer);
  return {start + with_stop(after_colon(why.what)), again_after(verdict.try_again, why.next_step, language)};
}

struct Counts {
  std::size_t all = 0, passed = 0, failed = 0, open = 0, stamps = 0;
  std::string recheck;
  bool is_unchecked = false, has_changes = false, all_stamped = true;
};

Counts count(const DocumentFacts& facts, const Verdict& verdict, Language language) {
  Counts counts;
  for (const SignatureVerdict& item : verdict.signatures) {
    const SignatureFacts* signature = facts_of(facts, item);
    if (signature != nullptr && signature->kind == SignatureKind::document_time_stamp) {
      ++counts.stamps;
    } else {
      ++counts.all;
      counts.passed += item.indication == Indication::total_passed ? 1 : 0;
      counts.failed += item.indication == Indication::total_failed ? 1 : 0;
      counts.open += item.indication == Indication::indeterminate ? 1 : 0;
      counts.all_stamped = counts.all_stamped && item.time_stamp_time.has_value();
    }
    counts.is_unchecked = counts.is_unchecked || !is_status_checked(item.chain);
    if (counts.recheck.empty()) counts.recheck = recheck(item, language);
    for (const std::size_t index : item.changes) {
      if (index >= facts.changes.size() || is_signing(facts.changes[index].kind)) continue;
      const std::string_view level = modification_level(facts.changes[index].kind);
      counts.has_changes = counts.has_changes || (level != "none" && level != "lta");
    }
  }
  return counts;
}

Explanation document_passed(const Counts& counts, Language language) {
  const bool vietnamese = language == Language::vietnamese;
  Explanation result;
  if (counts.all == 0) {
    result.what = in(language, "Tài liệu chỉ có dấu thời gian hợp lệ, chưa có chữ ký của ai",
                     "The document has a valid time-stamp only; nobody signed it");
  } else if (counts.all == 1) {
    result.what = in(language, "Chữ ký trên tài liệu hợp lệ", "The document's signature is valid");
  } else {
    result.what = vietnamese ? fmt::format("Cả {} chữ ký trên tài liệu đều hợp lệ", counts.all)
                             : fmt::format("The document's {} signatures are all valid", counts.all);
  }
  result.what += counts.has_changes
                     ? in(language, "; tài liệu có những thay đổi trong giới hạn cho phép",
                          "; later changes stayed within what is allowed")
                     : in(language, "; nội dung đã ký chưa bị thay đổi", "; what was signed is unchanged");
  if (counts.all > 0 && !counts.all_stamped) {
    result.what += in(language, "; có chữ ký không gắn dấu thời gian", "; not every signature has a time-stamp");
  }
  if (counts.is_unchecked) {
    result.what += in(language, "; trạng thái thu hồi của chứng thư số chưa kiểm tra được hết",
                      "; whether certificates are revoked was not checked for all of them");
    result.next_step = counts.recheck;
  }
  result.what += '.';
  return result;
}

// The signature whose verdict is the document's: the first with its indication and reason.
const SignatureVerdict* deciding(const Verdict& verdict) {
  const SignatureVerdict* same_indication = nullptr;
  for (const SignatureVerdict& item : verdict.signatures) {
    if (item.indication != verdict.indication) continue;
    if (item.reason == verdict.reason) return &item;
    if (same_indication == nullptr) same_indication = &item;
  }
  return same_indication;
}

}  // namespace

Explanation summarise(const DocumentFacts& facts, const SignatureVerdict& verdict, Language language) {
  static const SignatureFacts kNone;
  const SignatureFacts* found = facts_of(facts, verdict);
  const SignatureFacts& signature = found == nullptr ? kNone : *found;
  if (signature.kind == SignatureKind::document_time_stamp) return time_stamp_summary(facts, verdict, language);
  if (verdict.indication == Indication::total_passed) return passed(facts, signature, verdict, language);
  return not_passed(facts, signature, verdict, language);
}

Explanation summarise(const DocumentFacts& facts, const Verdict& verdict, Language language) {
  if (facts.signatures.empty() && verdict.signatures.empty() && verdict.indication != Indication::total_failed) {
    return {std::string(in(language, "Tài liệu chưa được ký số.", "The document is not signed.")),
            std::string(in(language, "Xin bản đã ký từ bên gửi.", "Get the signed copy from the sender."))};
  }
  const Counts counts = count(facts, verdict, language);
  if (verdict.indication == Indication::total_passed) return document_passed(counts, language);

  const SignatureVerdict* item = deciding(verdict);
  const bool is_of_document =
      item == nullptr || std::ranges::find(verdict.findings, verdict.reason, &Finding::code) != verdict.findings.end();
  const auto reason = reason_of(facts, verdict.reason, is_of_document ? verdict.findings : item->findings,
                                item == nullptr ? nullptr : &item->changes);
  const Explanation why = words_for(reason, verdict.sub_indication, language);
  const bool failed = verdict.indication == Indication::total_failed;
  const bool is_changed =
      failed && (is_change_code(verdict.reason) || verdict.sub_indication == SubIndication::hash_failure);
  std::string start(is_changed
                        ? in(language, "Tài liệu đã bị thay đổi sau khi ký", "The document was changed after signing")
                    : failed ? in(language, "Tài liệu không hợp lệ", "The document is not valid")
                             : in(language, "Chưa kết luận được về tài liệu", "No conclusion about the document"));
  const std::size_t against = failed ? counts.failed : counts.open;
  if (counts.all > 1 && against > 0 && against < counts.all) {
    start += fmt::format(
        fmt::runtime(failed ? in(language, " ({} trong {} chữ ký không hợp lệ)", " ({} of {} signatures not valid)")
                            : in(language, " ({} trong {} chữ ký chưa kết luận được)",
                                 " ({} of {} signatures without conclusion)")),
        against, counts.all);
  } else if (counts.all > 1 && against == counts.all) {
    const std::string all = language == Language::english && against == 2 ? "both" : fmt::format("all {}", against);
    const std::string number = language == Language::english ? all : fmt::format("{}", against);
    start += fmt::format(
        fmt::runtime(failed
                         ? in(language, " (cả {} chữ ký không hợp lệ)", " ({} signatures not valid)")
                         : in(language, " (cả {} chữ ký chưa kết luận được)", " ({} signatures without conclusion)")),
        number);
  }
  const std::string what = is_changed ? without_after_signing(why.what, language) : why.what;
  return {start + ": " + with_stop(after_colon(what)),
          again_after(item == nullptr ? std::nullopt : item->try_again, why.next_step, language)};
}

}  // namespace kyso::verify

#include "verify/report/wording.h"

#include <algorithm>

#include "base/text.h"

namespace kyso::verify {
namespace {

// Marks that change the direction or the order of the text around them (Unicode TR9), or are not seen at all.
bool is_hidden(char32_t c) {
  return c == 0xAD || c == 0x61C || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF);
}

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE;
}

bool is_blank(char32_t c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029;
}

}  // namespace

std::string safe_text(std::string_view text, std::size_t limit) {
  // Cut before the work: four bytes are the longest character, twice as many when it comes decomposed.
  const bool is_long = text.size() > limit * 8 + 16;
  const std::u32string letters = to_utf32(to_nfc(to_valid_utf8(text.substr(0, is_long ? limit * 8 : text.size()))));
  std::u32string out;
  for (const char32_t c : letters) {
    if (is_hidden(c) || (is_control(c) && !is_blank(c))) {
      out += U'\uFFFD';
    } else if (is_blank(c)) {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else {
      out += c;
    }
    if (out.size() > limit) break;
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  if (out.size() > limit || is_long) {
    out.resize(std::min(out.size(), limit > 0 ? limit - 1 : 0));
    out += U'…';
  }
  return to_utf8(out);
}

std::string time_text(Instant time) {
  return display_vietnam(time);
}

std::string after_colon(std::string_view sentence) {
  const std::u32string letters = to_utf32(sentence);
  if (letters.size() < 2) return std::string(sentence);
  const std::u32string word = letters.substr(0, std::min(letters.find(U' '), letters.size()));
  for (std::size_t i = 1; i < word.size(); ++i) {
    const std::string letter = to_utf8(word.substr(i, 1));
    const bool is_letter = fold_case(letter) != to_upper(letter);
    if (!is_letter || fold_case(letter) != letter) return std::string(sentence);  // "PDF", "ByteRange", "http://"
  }
  return fold_case(to_utf8(letters.substr(0, 1))) + to_utf8(letters.substr(1));
}

std::string with_stop(std::string sentence) {
  if (!sentence.empty() && sentence.find_last_of(".!?") != sentence.size() - 1) sentence += '.';
  return sentence;
}

std::string_view words_of(Indication indication, Language language) {
  switch (indication) {
    case Indication::total_passed:
      return in(language, "Hợp lệ", "Valid");
    case Indication::total_failed:
      return in(language, "Không hợp lệ", "Not valid");
    case Indication::indeterminate:
      break;
  }
  return in(language, "Chưa kết luận được", "No conclusion");
}

std::string_view words_of(SubIndication sub_indication, Language language) {
  struct Row {
    SubIndication value;
    std::string_view vietnamese, english;
  };
  using S = SubIndication;
  static constexpr Row kRows[] = {
      {S::none, "", ""},
      {S::format_failure, "tài liệu hoặc chữ ký không đúng quy định, hoặc đã bị thay đổi",
       "the document or the signature is not as it must be, or was changed"},
      {S::hash_failure, "nội dung đã ký bị thay đổi", "what was signed was changed"},
      {S::sig_crypto_failure, "giá trị chữ ký không đúng", "the signature value is wrong"},
      {S::revoked, "chứng thư số đã bị thu hồi trước khi ký", "the certificate was revoked before the signature"},
      {S::expired, "chứng thư số đã hết hạn khi ký", "the certificate had expired when it signed"},
      {S::not_yet_valid, "chứng thư số chưa có hiệu lực khi ký", "the certificate was not yet valid when it signed"},
      {S::sig_constraints_failure, "một yêu cầu đối với chữ ký chưa được đáp ứng",
       "a requirement on the signature is not met"},
      {S::chain_constraints_failure, "đường dẫn chứng thực chưa đáp ứng yêu cầu",
       "the certification path does not meet what is required"},
      {S::certificate_chain_general_failure, "chưa kiểm tra được đường dẫn chứng thực",
       "the certification path could not be checked"},
      {S::crypto_constraints_failure, "thuật toán không đủ an toàn", "an algorithm is not safe enough"},
      {S::crypto_constraints_failure_no_poe,
       "thuật toán nay không còn đủ an toàn và không có bằng chứng đã ký khi còn an toàn",
       "an algorithm is no longer safe, and nothing proves that the signature is older"},
      {S::policy_processing_error, "chính sách chữ ký không xử lý được", "the signature policy could not be processed"},
      {S::signature_policy_not_available, "không có chính sách chữ ký", "the signature policy is not available"},
      {S::timestamp_order_failure, "thứ tự các dấu thời gian không hợp lý",
       "the order of the time-stamps is not right"},
      {S::no_signing_certificate_found, "không có chứng thư số ký", "there is no signing certificate"},
      {S::no_certificate_chain_found, "chứng thư số không dẫn đến tổ chức tin cậy nào",
       "the certificate leads to no trusted authority"},
      {S::no_certificate_chain_found_no_poe,
       "chứng thư số không dẫn đến tổ chức tin cậy nào tại thời điểm chứng minh được",
       "the certificate leads to no trusted authority at a proven time"},
      {S::revoked_no_poe, "chứng thư số đã bị thu hồi và không có bằng chứng đã ký trước đó",
       "the certificate was revoked, and nothing proves that the signature is older"},
      {S::revoked_ca_no_poe, "chứng thư số của tổ chức cấp đã bị thu hồi và không có bằng chứng đã ký trước đó",
       "the authority's certificate was revoked, and nothing proves that the signature is older"},
      {S::out_of_bounds_no_poe, "không chứng minh được chữ ký có trong thời hạn của chứng thư số",
       "nothing proves that the signature was made within the certificate's validity"},
      {S::out_of_bounds_not_revoked,
       "chứng thư số đã hết hạn, không bị thu hồi, nhưng không chứng minh được đã ký trong thời hạn",
       "the certificate expired unrevoked, but nothing proves that the signature is older"},
      {S::revocation_out_of_bounds_no_poe, "thông tin thu hồi đã quá hạn và không chứng minh được thời điểm lập",
       "the signer of the revocation data has expired, and nothing proves that the data is older"},
      {S::no_poe, "không có bằng chứng về thời điểm ký", "nothing proves the time of the signature"},
      {S::try_later, "cần thông tin thu hồi mới hơn để kết luận", "newer revocation data is needed"},
      {S::signed_data_not_found, "không tìm thấy dữ liệu đã ký", "the signed data was not found"},
  };
  for (const Row& row : kRows) {
    if (row.value == sub_indication) return in(language, row.vietnamese, row.english);
  }
  return "";
}

std::string_view words_of(Severity severity, Language language) {
  switch (severity) {
    case Severity::note:
      return in(language, "Ghi nhận", "Note");
    case Severity::info:
      return in(language, "Thông tin", "Information");
    case Severity::warning:
      return in(language, "Cảnh báo", "Warning");
    case Severity::indeterminate:
      return in(language, "Chưa kết luận", "No conclusion");
    case Severity::failure:
      break;
  }
  return in(language, "Lỗi", "Failure");
}

std::string_view words_of(ChangeKind kind, Language language) {
  struct Row {
    ChangeKind value;
    std::string_view vietnamese, english;
  };
  using K = ChangeKind;
  static constexpr Row kRows[] = {
      {K::none, "Ghi lại, không đổi", "Written again, not changed"},
      {K::validation_data, "Bổ sung dữ liệu kiểm tra dài hạn", "Long-term validation data added"},
      {K::document_time_stamp, "Gắn dấu thời gian cho tài liệu", "Document time-stamp added"},
      {K::metadata, "Cập nhật thông tin mô tả", "Description updated"},
      {K::signature_filled, "Ký vào ô chữ ký có sẵn", "Prepared field signed"},
      {K::signature_added, "Thêm chữ ký", "Signature added"},
      {K::signature_field_added, "Thêm ô chữ ký chưa ký", "Unsigned signature field added"},
      {K::signature_widget_added, "Thêm chỗ hiển thị chữ ký", "Signature shown in a further place"},
      {K::signature_field_moved, "Dời hoặc sửa ô chữ ký", "Signature field moved or changed"},
      {K::form_filled, "Điền biểu mẫu", "Form field filled in"},
      {K::form_mismatch, "Ô biểu mẫu hiển thị khác giá trị", "Form field shows another value than it has"},
      {K::form_undefined, "Sửa cách trình bày biểu mẫu", "Layout of the form changed"},
      {K::field_added, "Thêm ô biểu mẫu", "Form field added"},
      {K::field_removed, "Xóa ô biểu mẫu", "Form field removed"},
      {K::lock_changed, "Sửa khóa của ô", "Lock of a field changed"},
      {K::annotation_added, "Thêm ghi chú", "Annotation added"},
      {K::annotation_changed, "Sửa ghi chú", "Annotation changed"},
      {K::annotation_removed, "Xóa ghi chú", "Annotation removed"},
      {K::signature_redefined, "Sửa thông tin chữ ký", "Signature redefined"},
      {K::signature_removed, "Gỡ chữ ký", "Signature removed"},
      {K::content, "Sửa nội dung", "Content changed"},
      {K::encryption, "Đổi mã hóa", "Encryption changed"},
      {K::unknown, "Thay đổi không rõ", "Change not understood"},
  };
  for (const Row& row : kRows) {
    if (row.value == kind) return in(language, row.vietnamese, row.english);
  }
  return in(language, "Thay đổi không rõ", "Change not understood");
}

std::string_view words_of(SubjectKind kind, Language language) {
  switch (kind) {
    case SubjectKind::person:
      return in(language, "cá nhân", "person");
    case SubjectKind::organisation:
      return in(language, "cơ quan, tổ chức", "organisation");
    case SubjectKind::service:
      return in(language, "dịch vụ, máy chủ", "service");
    case SubjectKind::unknown:
      break;
  }
  return in(language, "không rõ", "not known");
}

std::string_view words_of(Covering covering, Language language) {
  switch (covering) {
    case Covering::nothing:
      return in(language, "không che nội dung", "covers nothing");
    case Covering::see_through:
      return in(language, "chạm nội dung (trong suốt)", "touches content (see-through)");
    case Covering::hides:
      break;
  }
  return in(language, "che nội dung", "hides content");
}

std::string display_name(const crypto::Certificate& certificate) {
  std::string name = certificate.common_name();
  if (name.empty()) name = certificate.organisation();
  if (name.empty()) name = certificate.subject_text();
  return safe_text(name, 120);
}

std::string signer_name(const SignatureFacts& facts, const SignatureVerdict& verdict, Language language) {
  if (verdict.signer) {
    if (std::string name = display_name(*verdict.signer); !name.empty()) return name;
  }
  if (!facts.name.empty()) {
    return fmt::format("{} “{}”", in(language, "người tự xưng là", "somebody calling themselves"),
                       safe_text(facts.name, 120));
  }
  return std::string(in(language, "người không rõ tên", "somebody unnamed"));
}

std::string_view status_id(const CertificateVerdict& certificate, bool is_anchor) {
  if (is_anchor && certificate.status != pki::CertificateStatus::revoked) return "anchor";
  if (certificate.status == pki::CertificateStatus::revoked) return "revoked";
  if (!certificate.is_checked) return "not_checked";
  return certificate.status == pki::CertificateStatus::good ? "good" : "unknown";
}

std::string_view words_of_status(std::string_view status_id, Language language) {
  if (status_id == "anchor") return in(language, "gốc tin cậy", "trust anchor");
  if (status_id == "revoked") return in(language, "đã bị thu hồi", "revoked");
  if (status_id == "good") return in(language, "không bị thu hồi", "not revoked");
  if (status_id == "unknown") return in(language, "nơi cấp không biết chứng thư số này", "not known to its issuer");
  return in(language, "chưa kiểm tra được", "not checked");
}

bool is_status_checked(const std::vector<CertificateVerdict>& chain) {
  return std::ranges::all_of(chain, [&](const CertificateVerdict& item) {
    const bool is_anchor = &item == &chain.back() && item.certificate.is_self_issued();
    return is_anchor || item.is_checked;
  });
}

bool is_status_unpublished(const std::vector<CertificateVerdict>& chain) {
  return !chain.empty() && std::ranges::all_of(chain, [&](const CertificateVerdict& item) {
    const bool is_anchor = &item == &chain.back() && item.certificate.is_self_issued();
    return is_anchor || item.is_checked || pki::ParsedCertificate(item.certificate).publishes_no_status();
  });
}

bool ends_with_anchor(const SignatureVerdict& verdict) {
  return !verdict.anchor.empty() && !verdict.chain.empty();
}

const SignatureFacts* facts_of(const DocumentFacts& facts, const SignatureVerdict& verdict) {
  return verdict.signature < facts.signatures.size() ? &facts.signatures[verdict.signature] : nullptr;
}

bool is_signing(ChangeKind kind) {
  return kind == ChangeKind::signature_filled || kind == ChangeKind::signature_added;
}

std::string time_stamp_server(const std::string& name, Language language) {
  const std::string what(in(language, "máy chủ cấp dấu thời gian", "time-stamp server"));
  if (name.empty()) return what;
  if (fold_accents(name).starts_with(fold_accents(what))) return after_colon(name);
  return what + " “" + name + "”";
}

std::string_view modification_level(ChangeKind kind) {
  using K = ChangeKind;
  switch (kind) {
    case K::none:
      return "none";
    case K::validation_data:
    case K::document_time_stamp:
    case K::metadata:
      return "lta";
    case K::signature_filled:
    case K::signature_added:
    case K::form_filled:
      return "form";
    case K::annotation_added:
    case K::annotation_changed:
    case K::annotation_removed:
      return "annotations";
    default:
      return "other";
  }
}

std::string_view modification_level(const DocumentFacts& facts, const SignatureVerdict& verdict) {
  static constexpr std::string_view kLevels[] = {"none", "lta", "form", "annotations", "other"};
  std::size_t highest = 0;
  for (const std::size_t index : verdict.changes) {
    if (index >= facts.changes.size()) continue;
    const std::string_view level = modification_level(facts.changes[index].kind);
    const auto at = static_cast<std::size_t>(std::ranges::find(kLevels, level) - std::begin(kLevels));
    highest = std::max(highest, at);
  }
  return kLevels[highest];
}

Finding finding_of(const Change& change) {
  Finding finding(change.code.empty() ? std::string_view("change.unknown") : std::string_view(change.code));
  finding.offset = change.offset;
  if (change.object != 0) finding.object = change.object;
  finding.revision = change.revision + 1;
  if (change.page != pdf::kNoPage) finding.page = change.page + 1;
  if (!change.field.empty()) finding.with("field", change.field);
  if (!change.old_value.empty()) finding.with("old", change.old_value);
  if (!change.new_value.empty()) finding.with("new", change.new_value);
  return finding;
}

}  // namespace kyso::verify

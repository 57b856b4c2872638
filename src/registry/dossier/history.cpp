#include "registry/dossier/view.h"

namespace kyso::registry {
namespace {

struct Sentence {
  std::string_view kind, vietnamese, english;
};
constexpr Sentence kSentences[] = {
    {"created", "Tạo hồ sơ", "Dossier made"},
    {"saved", "Lưu thông tin hồ sơ", "Form saved"},
    {"removed", "Xóa hồ sơ", "Dossier deleted"},
    {"lines.added", "Thêm {count} yêu cầu vào danh sách", "{count} requests added"},
    {"lines.imported", "Nhập {count} yêu cầu từ tệp Excel", "{count} requests imported from a workbook"},
    {"line.changed", "Sửa yêu cầu số {number}", "Request {number} changed"},
    {"line.removed", "Xóa yêu cầu số {number}", "Request {number} removed"},
    {"line.key", "Đính kèm tệp PKCS#10 cho yêu cầu số {number}", "PKCS#10 attached to request {number}"},
    {"line.key_dropped", "Bỏ khóa của yêu cầu số {number} vì yêu cầu nay là của người hoặc thiết bị khác",
     "Key of request {number} dropped: it is about another person or device now"},
    {"letter.attached", "Đính kèm văn bản {file}", "Letter {file} attached"},
    {"letter.removed", "Gỡ văn bản đính kèm", "Letter removed"},
    {"submitted", "Nộp hồ sơ gồm {count} yêu cầu theo văn bản số {letter}",
     "Submitted with {count} requests and letter no. {letter}"},
    {"resubmitted", "Nộp lại hồ sơ gồm {count} yêu cầu theo văn bản số {letter}",
     "Submitted again with {count} requests and letter no. {letter}"},
    {"received", "Tiếp nhận hồ sơ, hạn giải quyết {due}", "Received, to be answered by {due}"},
    {"rejected", "Từ chối xử lý: {reason}", "Refused: {reason}"},
    {"given_back", "Trả về để bổ sung: {reason}", "Returned for completion: {reason}"},
    {"assigned", "Giao cho chuyên viên {name} xử lý", "Assigned to {name}"},
    {"decided", "Thẩm tra danh sách yêu cầu", "Requests decided"},
    {"requested", "Trình ký phiếu yêu cầu {request}", "Statement {request} signed"},
    {"approved", "Phê duyệt phiếu yêu cầu {request}", "Statement {request} approved"},
    {"refused", "Phiếu yêu cầu {request} không được chấp thuận", "Statement {request} was refused"},
    {"issued", "Cấp chứng thư số", "Certificates issued"},
    {"failed", "Chưa cấp được chứng thư số", "Certificates could not be issued"},
    {"request_rejected", "Phiếu yêu cầu bị từ chối", "The statement was rejected"},
    {"request_expired", "Phiếu yêu cầu hết hạn mà chưa đủ phê duyệt", "The statement expired without enough approvals"},
    {"personalised", "Sinh khóa trên token {token} cho yêu cầu số {line}",
     "Key made on token {token} for request {line}"},
    {"written", "Ghi chứng thư số của yêu cầu số {line} vào token {token}",
     "Certificate of request {line} written to token {token}"},
    {"station_ready", "Token {token} của yêu cầu số {line} sẵn sàng khôi phục",
     "Token {token} of request {line} is ready for recovery"},
    {"unlocked", "Mở khóa token {token} của yêu cầu số {line}", "Token {token} of request {line} unlocked"},
    {"appointed", "Hẹn trả kết quả ngày {day}", "Delivery appointed for {day}"},
    {"handed_over", "Bàn giao cho {name}", "Handed over to {name}"},
    {"completed", "Hoàn thành hồ sơ", "Dossier completed"},
};

std::string filled(std::string_view sentence, const HistoryEvent& event) {
  std::string out;
  while (!sentence.empty()) {
    const std::size_t open = sentence.find('{');
    const std::size_t close = open == std::string_view::npos ? open : sentence.find('}', open);
    if (close == std::string_view::npos) break;
    out += sentence.substr(0, open);
    const std::string_view name = sentence.substr(open + 1, close - open - 1);
    for (const auto& [key, value] : event.params)
      if (key == name) out += value;
    sentence.remove_prefix(close + 1);
  }
  return out.append(sentence);
}

// An event that no sentence was made for is shown with what is known of it.
std::string plain(const HistoryEvent& event) {
  std::string out = event.kind;
  for (const auto& [name, value] : event.params) out += fmt::format(" {}={}", name, value);
  return out;
}

}  // namespace

HistoryText history_text(const HistoryEvent& event) {
  for (const Sentence& sentence : kSentences)
    if (sentence.kind == event.kind) return {filled(sentence.vietnamese, event), filled(sentence.english, event)};
  return {plain(event), plain(event)};
}

}  // namespace kyso::registry

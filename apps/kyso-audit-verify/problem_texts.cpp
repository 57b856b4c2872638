#include "kyso-audit-verify/problem_texts.h"

#include <algorithm>
#include <array>

namespace kyso::app {
namespace {

struct Text {
  std::string_view code, vietnamese, english;
};
constexpr std::array kTexts = {
    Text{"audit.certificate.changed", "nội dung chứng thư số đã bị thay", "the certificate's bytes were replaced"},
    Text{"audit.certificate.missing", "chứng thư số có trong nhật ký nhưng không còn trong cơ sở dữ liệu",
         "the certificate is in the log but not in the database"},
    Text{"audit.certificate.state", "trạng thái chứng thư số khác với nhật ký",
         "the certificate's state differs from the log"},
    Text{"audit.certificate.unlogged", "chứng thư số có trong cơ sở dữ liệu nhưng không có trong nhật ký",
         "the certificate is in the database but not in the log"},
    Text{"audit.checkpoint.malformed", "điểm kiểm tra sai định dạng", "the checkpoint is malformed"},
    Text{"audit.checkpoint.missing", "thiếu điểm kiểm tra", "a checkpoint is missing"},
    Text{"audit.checkpoint.origin", "điểm kiểm tra của nhật ký khác", "the checkpoint is of another log"},
    Text{"audit.checkpoint.root", "giá trị gốc của điểm kiểm tra không khớp với các bản ghi",
         "the checkpoint's root does not fit the records"},
    Text{"audit.checkpoint.signature", "chữ ký trên điểm kiểm tra không đúng",
         "the signature on the checkpoint is not right"},
    Text{"audit.entries.missing", "thiếu hoặc hỏng tệp bản ghi", "a file of records is missing or damaged"},
    Text{"audit.entry.malformed", "bản ghi hỏng", "a record is damaged"},
    Text{"audit.journal.changed", "bản sao sổ của kho khóa đã bị sửa", "the copy of the vault's journal was changed"},
    Text{"audit.journal.missing", "bản sao sổ của kho khóa thiếu mục",
         "the copy of the vault's journal lacks an entry"},
    Text{"audit.journal.unrecorded", "kho khóa đã ký chứng thư số này nhưng không có trong cơ sở dữ liệu",
         "the vault signed this certificate, but it is not on record"},
    Text{"audit.log.cut", "nhật ký đã bị cắt ngắn", "the log was cut"},
    Text{"audit.log.forked", "nhật ký không tiếp nối điểm kiểm tra đã giữ",
         "the log does not continue the checkpoint that was kept"},
    Text{"audit.record.changed", "bản ghi trong cơ sở dữ liệu khác với nhật ký",
         "the record in the database differs from the log"},
    Text{"audit.record.missing", "bản ghi không còn trong cơ sở dữ liệu", "the record is not in the database any more"},
    Text{"audit.record.not_integrated", "có bản ghi chờ vào nhật ký quá lâu",
         "records have waited too long for their place in the log"},
    Text{"audit.tile.changed", "tệp giá trị băm không khớp với các bản ghi",
         "a file of hashes does not fit the records"},
    Text{"audit.tile.missing", "thiếu tệp giá trị băm", "a file of hashes is missing"},
    Text{"audit.time_stamp.authority", "dấu thời gian của cơ quan không được chỉ định",
         "the time-stamp is of an authority that was not named"},
    Text{"audit.time_stamp.invalid", "dấu thời gian không hợp lệ", "the time-stamp is invalid"},
    Text{"audit.time_stamp.other", "dấu thời gian không phải của điểm kiểm tra này",
         "the time-stamp is not over this checkpoint"},
};

}  // namespace

std::string_view problem_text(std::string_view code, Language language) {
  const auto* found = std::ranges::find(kTexts, code, &Text::code);
  if (found == kTexts.end()) return {};
  return language == Language::vietnamese ? found->vietnamese : found->english;
}

}  // namespace kyso::app

#include "decree30/notes.h"

#include <algorithm>
#include <array>

namespace kyso::decree30 {
namespace {

// clang-format off
constexpr std::array kNotes{
    NoteRow{"decree30.certify.skipped", false,
     "Mẫu chữ ký yêu cầu chữ ký chứng nhận, nhưng văn bản đã có chữ ký nên đây là chữ ký phê duyệt.",
     "The template asks for a certification signature; as the document is signed already, this is an approval signature."},
    NoteRow{"decree30.edge_seal.fields", false,
     "Dấu giáp lai được đặt vào các ô đã chuẩn bị trước chữ ký đầu tiên. Phần mềm kiểm tra nghiêm ngặt: hợp lệ, ghi nhận là điền biểu mẫu.",
     "The page-edge seal went into the places prepared before the first signature. A strict verifier answers: valid, form filling."},
    NoteRow{"decree30.edge_seal.first", false,
     "Dấu giáp lai là một phần của nội dung được ký. Phần mềm kiểm tra nghiêm ngặt: hợp lệ.",
     "The page-edge seal is part of what is signed. A strict verifier answers: valid."},
    NoteRow{"decree30.edge_seal.one_page", false,
     "Văn bản chỉ có một trang nên không đóng dấu giáp lai.",
     "The document has one page: no page-edge seal."},
    NoteRow{"decree30.edge_seal.widgets", true,
     "Dấu giáp lai là các hình hiển thị của một chữ ký trên nhiều trang, cách mà ISO 32000-2 không khuyến nghị. Phần mềm kiểm tra nghiêm ngặt: hợp lệ, có ghi chú.",
     "The page-edge seal is one signature shown on many pages, which ISO 32000-2 advises against. A strict verifier answers: valid, with a remark."},
    NoteRow{"decree30.image.not_blue", true,
     "Hình chữ ký không có màu xanh như Nghị định 30/2020/NĐ-CP yêu cầu.",
     "The signature's picture is not blue as Decree 30/2020/NĐ-CP asks."},
    NoteRow{"decree30.image.not_red", true,
     "Hình con dấu không có màu đỏ như Nghị định 30/2020/NĐ-CP yêu cầu.",
     "The seal's picture is not red as Decree 30/2020/NĐ-CP asks."},
    NoteRow{"decree30.image.opaque", true,
     "Hình ảnh không có nền trong suốt như Nghị định 30/2020/NĐ-CP yêu cầu; nền sẽ che những gì ở dưới.",
     "The picture has no transparent background as Decree 30/2020/NĐ-CP asks; it hides what lies below."},
    NoteRow{"decree30.incoming.smaller", true,
     "Dấu ĐẾN được thu nhỏ dưới 35×50 mm vì trang không đủ chỗ trống.",
     "The incoming stamp is smaller than 35×50 mm: the page has no larger free place."},
    NoteRow{"decree30.name.folded", true,
     "Chỗ ký được tìm theo họ tên không dấu hoặc viết hoa khác; hãy kiểm tra đúng người ký.",
     "The place was found by the name without accents or in other capitals; check that it is the signer's."},
    NoteRow{"decree30.name.several", true,
     "Họ tên người ký có chỗ ký ở nhiều trang; đã chọn trang cuối cùng.",
     "The signer's name has a place on several pages; the last page was chosen."},
    NoteRow{"decree30.number.added", false,
     "Số và ngày được ghi bằng trường mới vì văn bản chưa có chữ ký nào. Phần mềm kiểm tra nghiêm ngặt: chữ ký sau đó hợp lệ.",
     "Number and date were written as new fields, as nobody has signed yet. A strict verifier will find later signatures valid."},
    NoteRow{"decree30.number.fields", false,
     "Số và ngày được điền vào trường đã chuẩn bị. Phần mềm kiểm tra nghiêm ngặt: chữ ký trước hợp lệ, ghi nhận là điền biểu mẫu.",
     "Number and date were filled into the prepared fields. A strict verifier answers: earlier signatures valid, form filling listed."},
    NoteRow{"decree30.number.printed", false,
     "Số và ngày đã in sẵn trên văn bản và khớp với số, ngày đã nhập.",
     "Number and date are printed already and agree with those given."},
    NoteRow{"decree30.number.replaced", true,
     "Trường số hoặc ngày đã có nội dung khác và được thay.",
     "A number or date field had another value, which was replaced."},
    NoteRow{"decree30.number.signature", false,
     "Số và ngày là hình hiển thị của chữ ký này vì văn bản không có trường chuẩn bị sẵn. Phần mềm kiểm tra nghiêm ngặt: chữ ký trước hợp lệ, “đã ký thêm”.",
     "Number and date are the appearance of this signature, as no fields were prepared. A strict verifier answers: earlier signatures valid, signed again."},
    NoteRow{"decree30.organisation.no_leader", true,
     "Chưa thấy chữ ký của người có thẩm quyền; theo Nghị định 30/2020/NĐ-CP cơ quan ký sau người có thẩm quyền.",
     "No signature of the person in authority was found; by Decree 30/2020/NĐ-CP the organisation signs after it."},
    NoteRow{"decree30.organisation.personal_certificate", true,
     "Chứng thư số này có vẻ là của cá nhân; chữ ký của cơ quan, tổ chức phải dùng chứng thư số của cơ quan, tổ chức.",
     "This certificate looks like a person's; the organisation's signature needs the organisation's certificate."},
    NoteRow{"decree30.organisation.smaller", true,
     "Khung có sẵn nhỏ hơn con dấu nên dấu không đúng kích thước thực tế.",
     "The given box is smaller than the seal, which is not in its real size."},
    NoteRow{"decree30.place.covers", true,
     "Trang không còn chỗ trống; chữ ký ở góc trang có thể che nội dung.",
     "The page has no free place; the signature in the corner may cover content."},
    NoteRow{"decree30.place.prepared_field", false,
     "Đã dùng trường chữ ký chuẩn bị sẵn trong văn bản.",
     "The signature field prepared in the document was used."},
    NoteRow{"decree30.place.priors", true,
     "Không đọc được chữ trên trang (bản quét); chữ ký được đặt ở vị trí thường gặp, hãy kiểm tra lại.",
     "The page's text cannot be read (a scan); the signature stands at the usual place: check it."},
    NoteRow{"decree30.place.shrunk", false,
     "Hình chữ ký được thu nhỏ cho vừa khoảng trống giữa chức vụ và họ tên.",
     "The signature was made smaller to fit between title and name."},
    NoteRow{"decree30.round.forbidden", true,
     "Chữ ký chứng nhận mức P=1 không cho ai ký hoặc ghi số sau đó.",
     "A certification with P=1 lets nobody sign or number the document afterwards."},
    NoteRow{"decree30.round.no_date_place", true,
     "Không thấy dòng ngày, tháng, năm ở trang đầu nên không chuẩn bị trường ngày.",
     "No date line was found on the first page: no date fields were prepared."},
    NoteRow{"decree30.round.no_leader_place", true,
     "Không thấy chỗ ký của lãnh đạo nên không chuẩn bị trường chữ ký cho lãnh đạo và cơ quan.",
     "The leader's place was not found: no fields for leader and organisation were prepared."},
    NoteRow{"decree30.round.no_number_place", true,
     "Không thấy chỗ trống sau “Số:” ở trang đầu nên không chuẩn bị trường số.",
     "No gap after “Số:” was found on the first page: no number field was prepared."},
    NoteRow{"decree30.round.prepared", false,
     "Đã chuẩn bị các trường cho những người ký và ghi số sau.",
     "Fields for the later signers and the number were prepared."},
    NoteRow{"decree30.signature.new_field", false,
     "Chữ ký hiển thị mới được thêm vào văn bản đã ký. Phần mềm kiểm tra nghiêm ngặt: chữ ký trước hợp lệ, “đã ký thêm”.",
     "A new visible signature was added to a signed document. A strict verifier answers: earlier signatures valid, signed again."},
    NoteRow{"sign.document_time_stamp", false,
     "Dấu thời gian lớn hơn chỗ đã dành nên được đặt thành dấu thời gian của cả văn bản; giá trị chứng minh như nhau.",
     "The time-stamp was larger than the space reserved and became a document time-stamp, which proves the same."},
};
// clang-format on
static_assert(std::ranges::is_sorted(kNotes, {}, &NoteRow::id));

}  // namespace

std::span<const NoteRow> note_table() {
  return kNotes;
}

const NoteRow* find_note(std::string_view id) {
  const auto it = std::ranges::lower_bound(kNotes, id, {}, &NoteRow::id);
  return it != kNotes.end() && it->id == id ? &*it : nullptr;
}

std::string_view note_text(std::string_view id, Language language) {
  const NoteRow* row = find_note(id);
  if (row == nullptr) return id;
  return language == Language::vietnamese ? row->vietnamese : row->english;
}

}  // namespace kyso::decree30

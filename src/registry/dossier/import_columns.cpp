#include <fmt/format.h>

#include "registry/dossier/imports.h"
#include "registry/organisation/provinces.h"

namespace kyso::registry {
namespace {

using Format = sheet::Column::Format;

const std::vector<std::string> kYesNo = {"Có", "Không"};

std::vector<std::string> province_names() {
  std::vector<std::string> out;
  for (const Province& province : provinces()) out.emplace_back(province.name);
  return out;
}

ImportColumn text(std::string title, std::string field, bool is_required, std::vector<std::string> also = {},
                  std::string note = {}) {
  return {std::move(title), std::move(also), std::move(field), is_required, Format::text, {}, std::move(note)};
}
ImportColumn day(std::string title, std::string field, bool is_required, std::vector<std::string> also = {}) {
  return {std::move(title), std::move(also), std::move(field), is_required, Format::date, {}, "dd/MM/yyyy"};
}
ImportColumn choice(std::string title, std::string field, bool is_required, std::vector<std::string> choices,
                    std::vector<std::string> also = {}, std::string note = {}) {
  return {std::move(title), std::move(also),    std::move(field), is_required,
          Format::text,     std::move(choices), std::move(note)};
}

void add_organisation(std::vector<ImportColumn>& out) {
  out.push_back(text("Tên CQTC cấp 1", "organisation/1", true, {"Tổ chức cấp 1"}));
  out.push_back(
      text("Tên CQTC cấp 2", "organisation/2", false, {"Tổ chức cấp 2"}, "Bắt buộc nhập, nếu là CQTC cấp 2, 3, 4"));
  out.push_back(
      text("Tên CQTC cấp 3", "organisation/3", false, {"Tổ chức cấp 3"}, "Bắt buộc nhập, nếu là CQTC cấp 3, 4"));
  out.push_back(text("Tên CQTC cấp 4", "organisation/4", false, {"Tổ chức cấp 4"}, "Bắt buộc nhập, nếu là CQTC cấp 4"));
}

ImportColumn email() {
  return text("Địa chỉ thư điện tử công vụ", "email", true, {"Địa chỉ thư công vụ", "Email"},
              "Không sử dụng các địa chỉ thư điện tử gmail, yahoo, hotmail...");
}
ImportColumn province() {
  return choice("Tỉnh, thành phố", "province", true, province_names(), {"Tỉnh/Thành phố", "Tỉnh thành phố"});
}
ImportColumn device(std::vector<std::string> choices) {
  return choice("Loại thiết bị", "device", false, std::move(choices), {"Thiết bị"});
}

std::vector<ImportColumn> person_columns() {
  std::vector<ImportColumn> out = {text("STT", "", false, {"TT"}),
                                   text("Họ tên", "name", true, {"Họ và tên"}),
                                   day("Ngày sinh", "date_of_birth", true),
                                   text("Số CMND, CCCD, HC", "identity", true,
                                        {"CMND/Hộ chiếu", "Số định danh cá nhân", "Số CMND/CCCD/Hộ chiếu", "Số CCCD"}),
                                   text("Nơi cấp", "identity_place", true),
                                   day("Ngày cấp", "identity_date", true),
                                   email()};
  add_organisation(out);
  out.push_back(province());
  out.push_back(text("Tên chức vụ", "position", false, {"Chức vụ"}));
  out.push_back(text("Số điện thoại", "phone", false, {"Số điện thoại di động", "Điện thoại"}));
  out.push_back(text("Số hiệu CTS cũ", "old_serial", false, {"Serial CTS cũ", "Số hiệu chứng thư chữ ký số cũ"}));
  out.push_back(choice("SIM PKI", "sim_operator", false, {"Mobifone", "Viettel", "Vinaphone"}, {"Nhà mạng"},
                       "Nhà mạng: Mobifone, Viettel, Vinaphone (nếu có thì nhập)"));
  out.push_back(choice("Chuyển số SIM PKI", "sim_keep_number", false, kYesNo, {"Là chuyển số"},
                       "Chọn Có nếu giữ số điện thoại đang dùng"));
  out.push_back(device({"USB Token", "Tệp PKCS#10", "SIM PKI", "RSSP"}));
  // Central signing: who may use it (guide of 2023).
  out.push_back(
      choice("Là người có thẩm quyền", "is_authorised_person", false, kYesNo, {}, "Chỉ cần cho ký số tập trung"));
  out.push_back(
      choice("Thực hiện giao dịch tài chính", "does_finance", false, kYesNo, {}, "Chỉ cần cho ký số tập trung"));
  out.push_back(choice("Số điện thoại chính chủ", "owns_number", false, kYesNo, {}, "Chỉ cần cho ký số tập trung"));
  out.push_back(
      choice("Hệ điều hành điện thoại", "phone_os", false, {"iOS", "Android"}, {}, "Chỉ cần cho ký số tập trung"));
  out.push_back(text("Phiên bản hệ điều hành điện thoại", "phone_os_version", false, {}, "iOS từ 14, Android từ 9.0"));
  out.push_back(text("Phiên bản Windows của máy tính", "computer_os_version", false, {}, "Từ Windows 10"));
  out.push_back(text("Ghi chú", "note", false));
  return out;
}

// Where it belongs and what keeps its key: of everything that is no person.
void add_holder(std::vector<ImportColumn>& out) {
  add_organisation(out);
  out.push_back(province());
  out.push_back(text("Số điện thoại", "phone", false, {"Điện thoại"}));
  out.push_back(device({"USB Token", "Tệp PKCS#10"}));
  out.push_back(text("Ghi chú", "note", false));
}

std::vector<ImportColumn> organisation_columns() {
  std::vector<ImportColumn> out = {text("STT", "", false, {"TT"}),
                                   text("Tên cơ quan, tổ chức", "name", true),
                                   text("Địa chỉ", "address", true),
                                   text("Mã số thuế", "tax_code", false),
                                   text("Mã quan hệ ngân sách", "budget_code", false),
                                   email()};
  add_holder(out);
  return out;
}

std::vector<ImportColumn> device_columns() {
  std::vector<ImportColumn> out = {
      text("STT", "", false, {"TT"}),
      text("Tên thiết bị, dịch vụ, phần mềm", "name", true),
      choice("Loại đối tượng", "subject_kind", true, {"Thiết bị", "Dịch vụ", "Phần mềm"}, {"Loại"}),
      text("Tên miền", "dns_names", false, {}, "Nhiều tên miền cách nhau bằng dấu chấm phẩy"),
      text("Người quản lý", "manager", true),
      email()};
  add_holder(out);
  return out;
}

ImportColumn serial() {
  return text("Số hiệu chứng thư số", "serial", true, {"Số hiệu CTS", "Số hiệu chứng thư chữ ký số"});
}
ImportColumn name_of_certificate() {
  return text("Tên chứng thư số", "name", false, {"Tên CTS", "Họ tên", "Họ và tên"});
}

std::vector<ImportColumn> change_columns() {
  std::vector<ImportColumn> out = {
      text("STT", "", false, {"TT"}),
      serial(),
      choice("Nội dung đề nghị", "action", true, {"Gia hạn", "Thay đổi"}),
      name_of_certificate(),
      text("CMND/Hộ chiếu", "identity", false, {"Số CMND, CCCD, HC"}),
      text("Địa chỉ thư công vụ", "email", false, {"Địa chỉ thư điện tử công vụ", "Email"})};
  add_organisation(out);
  out[6].is_required = false;  // only when it changes
  out.push_back(province());
  out.back().is_required = false;
  out.push_back(text("Tên chức vụ", "position", false, {"Chức vụ"}));
  out.push_back(text("Số điện thoại", "phone", false, {"Điện thoại"}));
  out.push_back(text("Mã số thuế", "tax_code", false));
  out.push_back(text("Mã quan hệ ngân sách", "budget_code", false));
  out.push_back(text("Địa chỉ", "address", false));
  out.push_back(device({"USB Token", "Tệp PKCS#10"}));
  out.push_back(text("Lý do", "reason_text", false));
  out.push_back(text("Ghi chú", "note", false));
  return out;
}

std::vector<ImportColumn> revocation_columns() {
  return {text("STT", "", false, {"TT"}),
          name_of_certificate(),
          text("CMND/Hộ chiếu", "identity", false, {"Số CMND, CCCD, HC"}),
          text("Mã số thuế", "tax_code", false),
          text("Mã quan hệ ngân sách", "budget_code", false),
          text("Địa chỉ thư công vụ", "email", false, {"Địa chỉ thư điện tử công vụ", "Email"}),
          serial(),
          text("Mã thiết bị", "token_serial", false, {"Số hiệu thiết bị"}),
          choice("Nội dung đề nghị", "action", false, {"Thu hồi", "Tạm dừng", "Phục hồi"}),
          choice("Lý do", "reason", true,
                 {"Lộ khóa hoặc mất thiết bị", "Thay đổi thông tin", "Đã được cấp thay thế", "Không còn sử dụng",
                  "Không còn quyền sử dụng", "Khác"}),
          text("Diễn giải lý do", "reason_text", false),
          text("Ghi chú", "note", false)};
}

std::vector<ImportColumn> recovery_columns() {
  return {text("STT", "", false, {"TT"}),
          name_of_certificate(),
          serial(),
          text("Mã thiết bị", "token_serial", false, {"Số hiệu thiết bị"}),
          text("Lý do", "reason_text", false),
          text("Ghi chú", "note", false)};
}

}  // namespace

const std::vector<ImportColumn>& import_columns(DossierKind kind) {
  static const std::vector<ImportColumn> kColumns[] = {person_columns(), organisation_columns(), device_columns(),
                                                       change_columns(), revocation_columns(),   recovery_columns()};
  return kColumns[static_cast<std::size_t>(kind) - 1];
}

Result<Bytes> excel_template(DossierKind kind) {
  sheet::Sheet sheet;
  sheet.name = fmt::format("Mẫu {}", code_of(kind));
  sheet.head = {std::string(vietnamese_title(kind)),
                "Các cột có dấu * là bắt buộc. Ngày ghi theo dạng dd/MM/yyyy. Không gộp ô, không dùng công thức."};
  for (const ImportColumn& column : import_columns(kind)) {
    sheet::Column out;
    out.title = column.title;
    out.note = column.note;
    out.choices = column.choices;
    out.is_required = column.is_required;
    out.format = column.format;
    out.width = column.field.empty() ? 6 : column.format == Format::date ? 13 : 24;
    sheet.columns.push_back(std::move(out));
  }
  sheet::WorkbookWriter writer = KYSO_TRY(sheet::WorkbookWriter::create());
  KYSO_TRY(writer.begin_sheet(sheet));
  return writer.finish();
}

}  // namespace kyso::registry

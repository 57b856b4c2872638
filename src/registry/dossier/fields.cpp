#include "registry/dossier/rules.h"

namespace kyso::registry {
namespace {

struct Title {
  std::string_view field, vietnamese, english;
};
constexpr Title kTitles[] = {
    {"name", "Họ tên", "Full name"},
    {"date_of_birth", "Ngày sinh", "Date of birth"},
    {"identity", "Số định danh cá nhân", "Personal identity number"},
    {"identity_date", "Ngày cấp", "Date of issue"},
    {"identity_place", "Nơi cấp", "Place of issue"},
    {"email", "Địa chỉ thư điện tử công vụ", "Official e-mail address"},
    {"organisation", "Tên cơ quan, tổ chức công tác", "Organisation"},
    {"province", "Tỉnh, thành phố", "Province or city"},
    {"position", "Chức vụ", "Position"},
    {"phone", "Số điện thoại", "Telephone number"},
    {"old_serial", "Số hiệu CTS cũ", "Old certificate's serial number"},
    {"device", "Loại thiết bị", "Kind of device"},
    {"sim_operator", "Nhà mạng SIM PKI", "SIM PKI operator"},
    {"tax_code", "Mã số thuế", "Tax code"},
    {"budget_code", "Mã quan hệ ngân sách", "Budget code"},
    {"address", "Địa chỉ", "Address"},
    {"subject_kind", "Loại đối tượng", "Kind of subject"},
    {"dns_names", "Tên miền", "DNS names"},
    {"manager", "Người quản lý", "Responsible person"},
    {"serial", "Số hiệu chứng thư số", "Certificate's serial number"},
    {"action", "Nội dung đề nghị", "What is asked for"},
    {"reason", "Lý do", "Reason"},
    {"reason_text", "Diễn giải lý do", "Explanation"},
    {"token_serial", "Số hiệu thiết bị", "Device's serial number"},
    {"sector", "Lĩnh vực", "Sector"},
    {"is_authorised_person", "Là người có thẩm quyền", "Authorised person"},
    {"does_finance", "Thực hiện giao dịch tài chính", "Financial transactions"},
    {"owns_number", "Số điện thoại chính chủ", "Number in the own name"},
    {"phone_os", "Hệ điều hành điện thoại", "Phone's operating system"},
    {"phone_os_version", "Phiên bản hệ điều hành điện thoại", "Version of the phone's system"},
    {"computer_os_version", "Phiên bản Windows của máy tính", "Windows version of the computer"},
    {"stated_count", "Số lượng YC", "Number of requests"},
    {"letter_number", "Số Công văn", "Letter number"},
    {"letter_subject", "Trích yếu", "Subject"},
    {"letter_date", "Ngày ban hành", "Date of issue of the letter"},
    {"receiver/name", "Họ và tên người tiếp nhận", "Receiver's name"},
    {"receiver/identity", "Số CMND/CCCD/Hộ chiếu của người tiếp nhận", "Receiver's identity number"},
    {"receiver/identity_date", "Ngày cấp giấy tờ của người tiếp nhận", "Date of issue of the receiver's paper"},
    {"receiver/identity_place", "Nơi cấp giấy tờ của người tiếp nhận", "Place of issue of the receiver's paper"},
    {"receiver/position", "Chức vụ của người tiếp nhận", "Receiver's position"},
    {"receiver/phone", "Điện thoại của người tiếp nhận", "Receiver's telephone number"},
    {"receiver/email", "Địa chỉ thư công vụ của người tiếp nhận", "Receiver's official e-mail address"},
    {"receiver/address", "Địa chỉ tiếp nhận", "Address of reception"},
    {"coordinator/name", "Họ và tên người phối hợp thực hiện khôi phục", "Coordinator's name"},
    {"coordinator/phone", "Điện thoại của người phối hợp thực hiện khôi phục", "Coordinator's telephone number"},
    {"revocation_number", "Số công văn thu hồi", "Number of the revocation letter"},
    {"revocation_date", "Ngày công văn thu hồi", "Date of the revocation letter"},
};

const Title* title_of(std::string_view field) {
  for (const Title& title : kTitles)
    if (title.field == field) return &title;
  return nullptr;
}

}  // namespace

std::string_view vietnamese_field(DossierKind kind, std::string_view field) {
  if (field == "name" && kind == DossierKind::organisation) return "Tên cơ quan, tổ chức";
  if (field == "name" && kind == DossierKind::device) return "Tên thiết bị, dịch vụ, phần mềm";
  const Title* title = title_of(field);
  return title == nullptr ? field : title->vietnamese;
}

std::string_view english_field(DossierKind kind, std::string_view field) {
  if (field == "name" && kind == DossierKind::organisation) return "Name of the organisation";
  if (field == "name" && kind == DossierKind::device) return "Name of the device, service or software";
  const Title* title = title_of(field);
  return title == nullptr ? field : title->english;
}

}  // namespace kyso::registry

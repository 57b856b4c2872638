#pragma once
#include <fmt/format.h>

#include <array>

#include "decree30/letter.h"

// Letters for tests: Mẫu số 01 of Decree 68/2024/NĐ-CP with as many people as wanted. All persons and organs are
// samples.
namespace kyso::decree30::test {

inline LetterTable people_table(std::size_t count) {
  using Align = LetterColumn::Align;
  LetterTable table;
  table.title = "Danh sách đề nghị cấp chứng thư chữ ký số chuyên dùng công vụ cho cá nhân";
  table.columns = {{"TT", 3, Align::centre},
                   {"Họ và tên", 9},
                   {"Ngày sinh", 6.5, Align::centre},
                   {"Số định danh cá nhân/ Ngày cấp, nơi cấp", 11},
                   {"Địa chỉ thư điện tử công vụ (2)", 12},
                   {"Tên cơ quan, tổ chức công tác", 12},
                   {"Tỉnh/ Thành phố (3)", 7},
                   {"Chức vụ", 7.5},
                   {"Số điện thoại di động", 7.5, Align::centre},
                   {"Số hiệu chứng thư chữ ký số cũ (nếu có)", 9, Align::centre},
                   {"SIM PKI (4)", 6.5, Align::centre}};
  constexpr std::array<std::string_view, 5> kNames{"Nguyễn Văn A", "Trần Thị Bưởi", "Lê Hoàng Ưng", "Phạm Thị Đỗ Quyên",
                                                   "Vũ Đức Ẩn"};
  for (std::size_t i = 0; i < count; ++i) {
    table.rows.push_back({fmt::format("{:02}", i + 1), std::string(kNames[i % kNames.size()]),
                          fmt::format("{:02}/{:02}/19{}", i % 28 + 1, i % 12 + 1, 70 + i % 30),
                          fmt::format("0010{:08}\n01/01/2023, Bộ Công an", 87'000'000 + i),
                          fmt::format("canbo{}.phongmau@mau.gov.vn", i + 1), "Phòng Hành chính, Sở Nội vụ tỉnh Mẫu",
                          "Tỉnh Mẫu", i % 7 == 0 ? "Phó Trưởng phòng" : "Chuyên viên", fmt::format("0912{:06}", i),
                          i % 5 == 0 ? "2A05F812673607B0" : "", i % 4 == 0 ? "Viettel/cs" : ""});
  }
  return table;
}

inline Letter form_01(std::size_t count, bool wide = true) {
  using Look = LetterParagraph::Look;
  Letter letter;
  letter.superior = "Ủy ban nhân dân tỉnh Mẫu";
  letter.organisation = "Sở Nội vụ";
  letter.notation = "SNV-VP";
  letter.subject = "V/v đề nghị cấp chứng thư chữ ký số chuyên dùng công vụ cho cá nhân";
  letter.place = "Tỉnh Mẫu";
  letter.addressees = {"Cục Chứng thực số và Bảo mật thông tin, Ban Cơ yếu Chính phủ"};
  letter.body = {
      LetterParagraph{
          "Căn cứ Nghị định số 68/2024/NĐ-CP ngày 25 tháng 6 năm 2024 của Chính phủ quy định về chữ ký số "
          "chuyên dùng công vụ, Sở Nội vụ đề nghị Cục Chứng thực số và Bảo mật thông tin cấp chứng thư chữ ký "
          "số chuyên dùng công vụ cho cá nhân như sau:"},
      LetterParagraph{
          "1. Thông tin người tiếp nhận chứng thư chữ ký số chuyên dùng công vụ (thiết bị lưu khóa bí mật):",
          Look::heading},
      LetterParagraph{
          "- Họ và tên: Nguyễn Văn A; Số định danh cá nhân: 001087000000; Ngày cấp: 01/01/2023; Nơi cấp: Bộ "
          "Công an.",
          Look::item},
      LetterParagraph{"- Chức vụ: Văn thư; Số điện thoại di động: 0912000000; Địa chỉ thư điện tử công vụ: "
                      "vanthu@mau.gov.vn.",
                      Look::item},
      LetterParagraph{"- Địa chỉ tiếp nhận: Số 1 đường Mẫu, phường Mẫu, tỉnh Mẫu.", Look::item},
      LetterParagraph{fmt::format("2. Số lượng và danh sách đăng ký: {}, gồm:", count), Look::heading},
      people_table(count)};
  letter.position = "Giám đốc";
  letter.signer = "Nguyễn Văn A";
  letter.recipients = {"Như trên", "Lưu: VT, VP"};
  letter.notes = {
      "(2) Địa chỉ thư điện tử của cá nhân được cấp bởi cơ quan nhà nước (không sử dụng các địa chỉ thư điện tử "
      "gmail, yahoo, hotmail...).",
      "(3) Tỉnh/Thành phố của cơ quan, tổ chức công tác.",
      "(4) Nhà mạng viễn thông (Viettel, Vinaphone, Mobifone); chuyển số đang dùng sang SIM PKI thì ghi thêm "
      "ký hiệu “cs”."};
  letter.has_wide_tables = wide;
  return letter;
}

}  // namespace kyso::decree30::test

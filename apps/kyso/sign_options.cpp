#include "kyso/sign_options.h"

#include <CLI/CLI.hpp>

namespace kyso::app {
namespace {

void add_place_options(CLI::App& command, SigningOptions& options, const Console& console) {
  const char* group = console.pick("Vị trí", "Place");
  command
      .add_option("--near", options.near,
                  console.pick("Đặt theo dòng chữ này trong văn bản, thường là họ tên người ký",
                               "Place by this text of the document, usually the signer's name"))
      ->type_name("TEXT")
      ->group(group);
  command
      .add_option(
          "--page", options.page,
          console.pick("Trang, đếm từ 1 (với --rect mặc định trang đầu; initials, leader, organisation: trang cuối)",
                       "Page, from 1 (with --rect the first; initials, leader, organisation: the last)"))
      ->type_name("N")
      ->check(CLI::NonNegativeNumber)
      ->group(group);
  command
      .add_option("--rect", options.rect,
                  console.pick("Khung tính bằng point từ góc dưới bên trái của trang nhìn thấy",
                               "Rectangle in points from the lower left of the page as seen"))
      ->type_name("X,Y,W,H")
      ->group(group);
  command
      .add_option("--field", options.field,
                  console.pick("Ô chữ ký có sẵn trong văn bản", "An existing signature field"))
      ->type_name("NAME")
      ->group(group);
}

void add_appearance_options(CLI::App& command, SigningOptions& options, const Console& console) {
  const char* group = console.pick("Hình thức", "Appearance");
  command
      .add_option("--template", options.template_name,
                  console.pick("Mẫu chữ ký (xem: kyso template list)", "Signature template (see: kyso template list)"))
      ->type_name("NAME")
      ->group(group);
  command
      .add_option(
          "--image", options.image,
          console.pick("Hình chữ ký hoặc con dấu, PNG nền trong suốt", "Picture of signature or seal, transparent PNG"))
      ->type_name("PNG")
      ->group(group);
  command.add_option("--reason", options.reason, console.pick("Lý do ký", "Reason"))->type_name("TEXT")->group(group);
  command.add_option("--location", options.location, console.pick("Nơi ký", "Location"))
      ->type_name("TEXT")
      ->group(group);
  command
      .add_option("--edge-seal", options.edge_seal,
                  console.pick("Dấu giáp lai: by-the-book, many-widgets hoặc off",
                               "Page-edge seal: by-the-book, many-widgets or off"))
      ->type_name("WAY")
      ->group(group);
}

void add_document_options(CLI::App& command, SigningOptions& options, const Console& console) {
  const char* group = console.pick("Văn thư (Nghị định 30/2020/NĐ-CP)", "Clerk's work (Decree 30/2020/NĐ-CP)");
  command
      .add_option("--number", options.number,
                  console.pick("Số văn bản, ví dụ 12 hoặc 12/CQM-VP; với incoming: số đến",
                               "Document number, e.g. 12 or 12/CQM-VP; with incoming: the register's number"))
      ->type_name("NUMBER")
      ->group(group);
  command
      .add_option("--date", options.date,
                  console.pick("Ngày văn bản: 2026-03-05 hoặc 05/03/2026; với incoming: ngày đến",
                               "Date of the document: 2026-03-05 or 05/03/2026; with incoming: the day of arrival"))
      ->type_name("DATE")
      ->group(group);
  command
      .add_option("--comment", options.comment,
                  console.pick("Nội dung ý kiến (vai trò comment)", "Text of the comment (role comment)"))
      ->type_name("TEXT")
      ->group(group);
  command
      .add_option("--agency", options.agency,
                  console.pick("Tên cơ quan, tổ chức, thay cho tên trong chứng thư số",
                               "Agency's name, instead of the certificate's"))
      ->type_name("TEXT")
      ->group(group);
  command
      .add_option("--copy-kind", options.copy_kind,
                  console.pick("sao-y, sao-luc hoặc trich-sao", "sao-y, sao-luc or trich-sao"))
      ->type_name("KIND")
      ->group(group);
  command.add_option("--forward", options.forward, console.pick("Dấu đến: Chuyển", "Incoming stamp: forward to"))
      ->type_name("TEXT")
      ->group(group);
  command
      .add_option("--file-code", options.file_code,
                  console.pick("Dấu đến: Số và ký hiệu hồ sơ", "Incoming stamp: number and sign of the file"))
      ->type_name("TEXT")
      ->group(group);
}

void add_profile_options(CLI::App& command, SigningOptions& options, const Console& console) {
  const char* group = console.pick("Chữ ký", "Signature");
  command
      .add_option("--profile", options.profile,
                  console.pick("b-b, b-t (có dấu thời gian), b-lt, b-lta (lưu trữ lâu dài) hoặc legacy "
                               "(adbe.pkcs7.detached)",
                               "b-b, b-t (time-stamped), b-lt, b-lta (long-term) or legacy (adbe.pkcs7.detached)"))
      ->type_name("PROFILE")
      ->group(group);
  command
      .add_option("--tsa", options.tsa_urls,
                  console.pick("Máy chủ cấp dấu thời gian; nhắc lại để có máy chủ dự phòng",
                               "Time-stamp authority; repeat for failover"))
      ->type_name("URL")
      ->group(group)
      ->allow_extra_args(false);
  command
      .add_option("--tsa-timeout", options.tsa_timeout_seconds,
                  console.pick("Thời gian chờ mỗi máy chủ, giây", "Seconds to wait for each authority"))
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 300))
      ->group(group);
  command
      .add_option("--scheme", options.scheme,
                  console.pick("Thuật toán, ví dụ rsa-pss-sha256 (TT 15/2025); mặc định theo khóa",
                               "Algorithm, e.g. rsa-pss-sha256 (Circular 15/2025); default: the key's"))
      ->type_name("SCHEME")
      ->group(group);
  command
      .add_option("--chain", options.issuer_files,
                  console.pick("Chứng thư số của CA, PEM hoặc DER", "Issuer certificates, PEM or DER"))
      ->type_name("FILE")
      ->group(group)
      ->allow_extra_args(false);
  command
      .add_flag("--lock", options.lock,
                console.pick("Khóa mọi ô nhập sau chữ ký này", "Lock all fields after this signature"))
      ->group(group);
  command
      .add_option("--certify", options.certify,
                  console.pick("Chữ ký chứng nhận: 1 không cho đổi gì, 2 cho điền và ký, 3 thêm chú thích",
                               "Certify: 1 no changes, 2 filling and signing, 3 also annotations"))
      ->type_name("P")
      ->check(CLI::Range(1, 3))
      ->group(group);
}

}  // namespace

void add_signing_options(CLI::App& command, SigningOptions& options, const Console& console) {
  command
      .add_option("--role", options.role,
                  console.pick("initials, leader, comment, number, organisation, appendix, copy, incoming hoặc plain",
                               "initials, leader, comment, number, organisation, appendix, copy, incoming or plain"))
      ->type_name("ROLE");
  add_place_options(command, options, console);
  add_appearance_options(command, options, console);
  add_document_options(command, options, console);
  add_profile_options(command, options, console);
  const char* group = console.pick("Văn bản", "Document");
  command
      .add_option("--password", options.password,
                  console.pick("Mật khẩu văn bản: prompt, file:TỆP, fd:N hoặc chính mật khẩu",
                               "Document password: prompt, file:PATH, fd:N, or the password itself"))
      ->type_name("SOURCE")
      ->group(group);
  command
      .add_flag("--repair", options.repair,
                console.pick("Ký cả khi cấu trúc tệp hỏng nhưng sửa được",
                             "Sign also when the file's structure is damaged but repairable"))
      ->group(group);
}

void add_pin_options(CLI::App& command, PinOptions& options, const Console& console) {
  const char* group = console.pick("Khóa", "Key");
  command.add_option("--pin-file", options.file, console.pick("Đọc mã PIN từ tệp", "Read the PIN from a file"))
      ->type_name("FILE")
      ->group(group);
  command
      .add_option("--pin-fd", options.descriptor,
                  console.pick("Đọc mã PIN từ một mô tả tệp", "Read the PIN from a file descriptor"))
      ->type_name("N")
      ->check(CLI::NonNegativeNumber)
      ->group(group);
  command
      .add_flag(
          "--use-last-try", options.use_last_try,
          console.pick("Đồng ý dùng lần nhập PIN cuối cùng của thiết bị", "Consent to spending a token's last PIN try"))
      ->group(group);
}

}  // namespace kyso::app

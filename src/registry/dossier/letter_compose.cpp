#include <fmt/format.h>

#include "base/text.h"
#include "crypto/algorithm.h"
#include "registry/dossier/letters.h"
#include "registry/organisation/provinces.h"

namespace kyso::registry {
namespace {

using decree30::LetterBlock;
using decree30::LetterColumn;
using decree30::LetterParagraph;
using decree30::LetterTable;
using Align = LetterColumn::Align;
using Look = LetterParagraph::Look;

std::string shown_day(const std::string& iso) {
  const std::optional<Day> day = parse_day(iso);
  return day ? display_day(*day) : iso;
}

std::string chain_text(const Line& line) {
  std::string out;
  for (auto name = line.organisation_chain.rbegin(); name != line.organisation_chain.rend(); ++name)
    out += (out.empty() ? "" : ", ") + *name;
  return out;
}

std::string province_text(const std::string& code) {
  const std::string_view name = province_name(code);
  return std::string(name.empty() ? std::string_view(code) : name);
}

std::string identity_text(const Line& line) {
  const LineForm& form = line.form;
  std::string out = form.identity;
  if (!form.identity_date.empty()) out += "\n" + shown_day(form.identity_date);
  if (!form.identity_place.empty()) out += ", " + form.identity_place;
  return out;
}

std::string sim_text(const LineForm& form) {
  if (form.device != Device::sim_pki) return {};
  return form.sim_operator + (form.sim_keep_number ? "/cs" : "");
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

std::string subject_kind_text(const std::string& kind) {
  if (kind == "device") return "Thiết bị";
  if (kind == "service") return "Dịch vụ";
  return kind == "software" ? "Phần mềm" : kind;
}

std::string action_text(const std::string& action) {
  static constexpr std::pair<std::string_view, std::string_view> kTexts[] = {
      {"renew", "Gia hạn"},    {"change", "Thay đổi nội dung thông tin"}, {"revoke", "Thu hồi"},
      {"suspend", "Tạm dừng"}, {"release", "Phục hồi hiệu lực"},          {"recover", "Khôi phục thiết bị"}};
  for (const auto& [name, text] : kTexts)
    if (name == action) return std::string(text);
  return action;
}

// CRLReason (RFC 5280 section 5.3.1) in the words of the forms.
std::string reason_text(const LineForm& form) {
  static constexpr std::pair<std::int64_t, std::string_view> kTexts[] = {
      {0, "Lý do khác"},
      {1, "Lộ hoặc nghi lộ khóa bí mật, mất thiết bị"},
      {3, "Thay đổi cơ quan, chức vụ hoặc thông tin"},
      {4, "Đã được cấp chứng thư số khác thay thế"},
      {5, "Nghỉ việc, nghỉ hưu, giải thể hoặc không còn sử dụng"},
      {9, "Không còn quyền sử dụng"}};
  std::string out;
  if (form.reason)
    for (const auto& [code, text] : kTexts)
      if (code == *form.reason) out = text;
  if (!form.reason_text.empty()) out += (out.empty() ? "" : ": ") + form.reason_text;
  return out;
}

std::string change_text(const Line& line) {
  const LineForm& form = line.form;
  std::string out = action_text(form.action);
  const auto add = [&](std::string_view title, const std::string& value) {
    if (!value.empty()) out += fmt::format("\n{}: {}", title, value);
  };
  if (form.action == "change") {
    add("Địa chỉ thư", form.email);
    add("Cơ quan", chain_text(line));
    add("Chức vụ", form.position);
    add("Địa chỉ", form.address);
    add("Mã số thuế", form.tax_code);
    add("Mã QHNS", form.budget_code);
    add("Tên miền", joined(form.dns_names));
  }
  add("Lý do", form.reason_text);
  return out;
}

struct ColumnOf {
  LetterColumn column;
  std::string (*cell)(const Line&);
};

std::vector<ColumnOf> columns_of(DossierKind kind) {
  const auto name = [](const Line& line) { return line.form.name; };
  const auto email = [](const Line& line) { return line.form.email; };
  const auto province = [](const Line& line) { return province_text(line.form.province); };
  const auto position = [](const Line& line) { return line.form.position; };
  const auto phone = [](const Line& line) { return line.form.phone; };
  const auto serial = [](const Line& line) { return line.form.serial; };
  switch (kind) {
    case DossierKind::person:  // Mẫu 01
      return {{{"Họ và tên", 2.2}, name},
              {{"Ngày sinh", 1.4}, [](const Line& line) { return shown_day(line.form.date_of_birth); }},
              {{"Số định danh cá nhân/ Ngày cấp, nơi cấp", 2.2}, identity_text},
              {{"Địa chỉ thư điện tử công vụ (2)", 2.4}, email},
              {{"Tên cơ quan, tổ chức công tác", 2.6}, chain_text},
              {{"Tỉnh/Thành phố (3)", 1.3}, province},
              {{"Chức vụ", 1.4}, position},
              {{"Số điện thoại di động", 1.6}, phone},
              {{"Số hiệu chứng thư chữ ký số cũ (nếu có)", 1.6}, [](const Line& line) { return line.form.old_serial; }},
              {{"SIM PKI (4)", 1.1}, [](const Line& line) { return sim_text(line.form); }}};
    case DossierKind::organisation:  // Mẫu 02
      return {{{"Tên cơ quan, tổ chức", 3}, name},
              {{"Địa chỉ", 2.6}, [](const Line& line) { return line.form.address; }},
              {{"Mã số thuế", 1.5}, [](const Line& line) { return line.form.tax_code; }},
              {{"Mã quan hệ ngân sách", 1.3}, [](const Line& line) { return line.form.budget_code; }},
              {{"Tỉnh/Thành phố", 1.3}, province},
              {{"Địa chỉ thư điện tử công vụ", 2.2}, email}};
    case DossierKind::device:  // Mẫu 03
      return {{{"Tên thiết bị, dịch vụ, phần mềm", 2.6}, name},
              {{"Loại", 1.1}, [](const Line& line) { return subject_kind_text(line.form.subject_kind); }},
              {{"Tên miền", 2}, [](const Line& line) { return joined(line.form.dns_names); }},
              {{"Cơ quan, tổ chức quản lý", 2.4}, chain_text},
              {{"Người quản lý", 1.6}, [](const Line& line) { return line.form.manager; }},
              {{"Tỉnh/Thành phố", 1.2}, province},
              {{"Địa chỉ thư điện tử công vụ", 2}, email}};
    case DossierKind::change:  // Mẫu 04
      return {{{"Tên chứng thư chữ ký số", 2.2}, name},
              {{"Số hiệu chứng thư chữ ký số", 1.8}, serial},
              {{"Nội dung gia hạn, thay đổi", 4}, change_text},
              {{"Số điện thoại", 1.4}, phone}};
    case DossierKind::revocation:  // Mẫu 05
      return {{{"Tên chứng thư chữ ký số", 2.4}, name},
              {{"Số hiệu chứng thư chữ ký số", 1.8}, serial},
              {{"Nội dung đề nghị", 1.4}, [](const Line& line) { return action_text(line.form.action); }},
              {{"Lý do", 3}, [](const Line& line) { return reason_text(line.form); }}};
    case DossierKind::recovery:  // Mẫu 06
      break;
  }
  return {{{"Tên chứng thư chữ ký số", 2.4}, name},
          {{"Số hiệu chứng thư chữ ký số", 1.8}, serial},
          {{"Số hiệu thiết bị lưu khóa bí mật", 1.8}, [](const Line& line) { return line.form.token_serial; }},
          {{"Lý do", 2.6}, [](const Line& line) { return line.form.reason_text; }}};
}

std::string what_is_asked(DossierKind kind) {
  switch (kind) {
    case DossierKind::person:
      return "cấp chứng thư chữ ký số chuyên dùng công vụ cho cá nhân";
    case DossierKind::organisation:
      return "cấp chứng thư chữ ký số chuyên dùng công vụ cho cơ quan, tổ chức";
    case DossierKind::device:
      return "cấp chứng thư chữ ký số chuyên dùng công vụ cho thiết bị, dịch vụ, phần mềm";
    case DossierKind::change:
      return "gia hạn, thay đổi nội dung thông tin chứng thư chữ ký số chuyên dùng công vụ";
    case DossierKind::revocation:
      return "thu hồi chứng thư chữ ký số chuyên dùng công vụ";
    case DossierKind::recovery:
      break;
  }
  return "khôi phục thiết bị lưu khóa bí mật";
}

void add_receiver(std::vector<LetterBlock>& body, const Dossier& dossier, int& number) {
  const Receiver& receiver = dossier.form.receiver;
  if (dossier.kind == DossierKind::revocation && receiver.is_empty()) return;
  body.push_back(LetterParagraph{
      fmt::format("{}. Thông tin người tiếp nhận chứng thư chữ ký số chuyên dùng công vụ (thiết bị lưu khóa bí mật):",
                  ++number),
      Look::body});
  body.push_back(LetterParagraph{
      fmt::format("- Họ và tên: {}; Số định danh cá nhân: {}; Ngày cấp: {}; Nơi cấp: {}.", receiver.name,
                  receiver.identity, shown_day(receiver.identity_date), receiver.identity_place),
      Look::item});
  body.push_back(
      LetterParagraph{fmt::format("- Chức vụ: {}; Số điện thoại di động: {}; Địa chỉ thư điện tử công vụ: {}.",
                                  receiver.position, receiver.phone, receiver.email),
                      Look::item});
  body.push_back(LetterParagraph{fmt::format("- Địa chỉ tiếp nhận: {}.", receiver.address), Look::item});
}

void add_coordinator(std::vector<LetterBlock>& body, const Dossier& dossier, int& number) {
  if (dossier.kind != DossierKind::recovery) return;
  const Receiver& person = dossier.form.coordinator;
  body.push_back(LetterParagraph{
      fmt::format(
          "{}. Người phối hợp thực hiện khôi phục: {}; Chức vụ: {}; Số điện thoại di động: {}; Địa chỉ thư điện "
          "tử công vụ: {}.",
          ++number, person.name, person.position, person.phone, person.email),
      Look::body});
}

LetterTable table_of(const Dossier& dossier, const std::vector<Line>& lines) {
  const std::vector<ColumnOf> columns = columns_of(dossier.kind);
  LetterTable table;
  table.title = "DANH SÁCH ĐỀ NGHỊ " + to_upper(what_is_asked(dossier.kind));
  table.columns.push_back({dossier.kind == DossierKind::person ? "TT" : "STT", 0.6, Align::centre});
  for (const ColumnOf& column : columns) table.columns.push_back(column.column);
  table.rows.reserve(lines.size());
  std::size_t number = 0;
  for (const Line& line : lines) {
    std::vector<std::string> row = {fmt::format("{:02}", ++number)};
    for (const ColumnOf& column : columns) row.push_back(column.cell(line));
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::vector<std::string> notes_of(DossierKind kind) {
  if (kind != DossierKind::person) return {};
  // Notes (2) to (4) of Mẫu 01; (1) and (5) tell how to fill the form in.
  return {
      "(2) Địa chỉ thư điện tử của cá nhân được cấp bởi cơ quan nhà nước (không sử dụng các địa chỉ thư điện tử "
      "gmail, yahoo, hotmail...).",
      "(3) Tỉnh/Thành phố của cơ quan, tổ chức công tác.",
      "(4) Nhà mạng viễn thông của SIM PKI (Viettel, Vinaphone, Mobifone); \"cs\": chuyển số đang dùng sang SIM "
      "PKI. Bỏ trống nếu không đăng ký."};
}

}  // namespace

std::string legal_subject(DossierKind kind, bool central_signing) {
  std::string out = "V/v đề nghị " + what_is_asked(kind);
  // Mẫu 01 note 1.
  if (kind == DossierKind::person && central_signing) out += " sử dụng giải pháp ký số tập trung";
  return out;
}

std::string rows_sha256(const std::vector<Line>& lines) {
  crypto::Digester digester(crypto::DigestAlgorithm::sha256);
  for (const Line& line : lines) {
    json::Value row = to_json(line.form);
    row.set("organisation", line.organisation);
    row.set("organisation_names", names_to_json(line.organisation_chain));
    digester.update(as_bytes(json::serialize(row)));
    digester.update(as_bytes("\n"));
  }
  return to_hex(digester.finish());
}

decree30::Letter compose_letter(const Dossier& dossier, const std::vector<Line>& lines, const LetterHead& head) {
  const DossierForm& form = dossier.form;
  decree30::Letter letter;
  letter.superior = to_upper(head.superior);
  letter.organisation = to_upper(head.organisation);
  const std::size_t slash = form.letter_number.find('/');
  letter.number = form.letter_number.substr(0, slash);
  if (slash != std::string::npos) letter.notation = form.letter_number.substr(slash + 1);
  letter.subject =
      form.letter_subject.empty() ? legal_subject(dossier.kind, dossier.central_signing) : form.letter_subject;
  letter.place = form.place;
  if (const std::optional<Day> day = parse_day(form.letter_date)) letter.date = start_of(*day);
  letter.addressees = {head.addressee + "."};
  int number = 0;
  add_receiver(letter.body, dossier, number);
  add_coordinator(letter.body, dossier, number);
  letter.body.push_back(LetterParagraph{
      fmt::format("{}. Số lượng và danh sách đăng ký: {:02}, gồm:", ++number, lines.size()), Look::body});
  letter.body.push_back(table_of(dossier, lines));
  letter.capacity = form.signer_capacity;
  letter.position = to_upper(form.signer_position);
  letter.signer = form.signer_name;
  letter.recipients = {"Như trên", "Lưu: VT"};
  letter.notes = notes_of(dossier.kind);
  letter.has_wide_tables = true;
  return letter;
}

decree30::LetterOptions letter_options(const Dossier& dossier, const std::vector<Line>& lines) {
  decree30::LetterOptions options;
  options.marks = {{"Dossier", dossier.id},
                   {"Revision", fmt::format("{}", dossier.lines_revision)},
                   {"Rows", rows_sha256(lines)},
                   {"Count", fmt::format("{}", lines.size())}};
  options.made = dossier.updated;
  return options;
}

}  // namespace kyso::registry

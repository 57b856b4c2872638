#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "registry/dossier/imports.h"

namespace kyso::registry {
namespace {

constexpr std::size_t kMaxHeadRow = 20;

// "Họ tên * (Bắt buộc nhập)" → "ho ten"
std::string title_key(std::string_view title) {
  std::string plain;
  int depth = 0;
  for (const char c : title) {
    if (c == '(') ++depth;
    if (depth == 0 && c != '*' && c != '\n' && c != '\r') plain += c;
    if (depth == 0 && c == '\n') plain += ' ';
    if (c == ')' && depth > 0) --depth;
  }
  return fold_accents(plain);
}

std::string letter_of(std::size_t column) {
  std::string out;
  for (std::size_t rest = column + 1; rest > 0; rest = (rest - 1) / 26)
    out.insert(out.begin(), static_cast<char>('A' + (rest - 1) % 26));
  return out;
}

// Which column of the file is which of ours.
struct Head {
  std::vector<const ImportColumn*> columns;  // by place; null: none of ours
  std::vector<std::string> missing;          // titles of required ones
};

const ImportColumn* column_of(DossierKind kind, const std::string& key) {
  if (key.empty()) return nullptr;
  for (const ImportColumn& column : import_columns(kind)) {
    if (title_key(column.title) == key) return &column;
    for (const std::string& also : column.also)
      if (title_key(also) == key) return &column;
  }
  return nullptr;
}

std::optional<Head> head_in(DossierKind kind, const sheet::Row& row) {
  Head head;
  std::set<std::string> found;
  for (const sheet::Cell& cell : row.cells) {
    const ImportColumn* column = column_of(kind, title_key(cell.text));
    // The first of two columns of one title counts.
    if (column != nullptr && !column->field.empty() && !found.insert(column->field).second) column = nullptr;
    head.columns.push_back(column);
  }
  std::size_t required = 0;
  for (const ImportColumn& column : import_columns(kind)) {
    if (!column.is_required) continue;
    ++required;
    if (!found.contains(column.field)) head.missing.push_back(column.title);
  }
  // A title row has at least half of what must be there.
  if (head.missing.size() * 2 > required || found.empty()) return std::nullopt;
  return head;
}

const std::pair<std::string_view, std::string_view> kChoices[] = {
    {"thiet bi", "device"},  {"dich vu", "service"},          {"phan mem", "software"},         {"gia han", "renew"},
    {"thay doi", "change"},  {"thay doi noi dung", "change"}, {"thay doi thong tin", "change"}, {"thu hoi", "revoke"},
    {"tam dung", "suspend"}, {"phuc hoi", "release"},         {"khoi phuc", "recover"},         {"ios", "ios"},
    {"android", "android"},
};

const std::pair<std::string_view, Device> kDevices[] = {
    {"usb token", Device::token}, {"token", Device::token},   {"tep pkcs#10", Device::pkcs10},
    {"pkcs#10", Device::pkcs10},  {"pkcs10", Device::pkcs10}, {"sim pki", Device::sim_pki},
    {"sim", Device::sim_pki},     {"rssp", Device::central},  {"ky so tap trung", Device::central},
};

const std::pair<std::string_view, std::int64_t> kReasons[] = {
    {"lo khoa hoac mat thiet bi", 1},
    {"lo khoa", 1},
    {"mat thiet bi", 1},
    {"thay doi thong tin", 3},
    {"da duoc cap thay the", 4},
    {"khong con su dung", 5},
    {"nghi viec", 5},
    {"nghi huu", 5},
    {"khong con quyen su dung", 9},
    {"khac", 0},
};

template <typename T, std::size_t N>
std::optional<T> chosen(const std::pair<std::string_view, T> (&choices)[N], std::string_view text) {
  const std::string key = fold_accents(text);
  for (const auto& [name, value] : choices)
    if (name == key) return value;
  return std::nullopt;
}

std::optional<bool> yes_or_no(std::string_view text) {
  const std::string key = fold_accents(text);
  if (key == "co" || key == "x" || key == "1" || key == "true" || key == "yes" || key == "cs" || key == "dung")
    return true;
  if (key == "khong" || key == "0" || key == "false" || key == "no" || key == "sai") return false;
  return std::nullopt;
}

struct TextField {
  std::string_view field;
  std::string LineForm::* member;
};
constexpr TextField kTexts[] = {
    {"name", &LineForm::name},
    {"identity", &LineForm::identity},
    {"identity_place", &LineForm::identity_place},
    {"email", &LineForm::email},
    {"province", &LineForm::province},
    {"position", &LineForm::position},
    {"phone", &LineForm::phone},
    {"old_serial", &LineForm::old_serial},
    {"sim_operator", &LineForm::sim_operator},
    {"tax_code", &LineForm::tax_code},
    {"budget_code", &LineForm::budget_code},
    {"address", &LineForm::address},
    {"manager", &LineForm::manager},
    {"serial", &LineForm::serial},
    {"reason_text", &LineForm::reason_text},
    {"token_serial", &LineForm::token_serial},
    {"phone_os_version", &LineForm::phone_os_version},
    {"computer_os_version", &LineForm::computer_os_version},
    {"note", &LineForm::note},
    {"date_of_birth", &LineForm::date_of_birth},
    {"identity_date", &LineForm::identity_date},
    {"subject_kind", &LineForm::subject_kind},
    {"action", &LineForm::action},
    {"phone_os", &LineForm::phone_os},
};

std::string LineForm::* text_member(std::string_view field) {
  for (const TextField& one : kTexts)
    if (one.field == field) return one.member;
  return nullptr;
}

class RowReader {
 public:
  RowReader(const ImportColumn& column, std::string letter, const sheet::Cell& cell, ImportedRow& row)
      : m_column(column), m_letter(std::move(letter)), m_cell(cell), m_row(row), m_value(cell.text) {}

  void read() {
    if (m_cell.kind == sheet::Cell::Kind::error) {
      say(Level::block, "registry.import.cell");
      return;
    }
    if (m_cell.is_merged) say(Level::block, "registry.import.merged");
    if (m_value.empty()) return;
    if (m_cell.is_formula) say(Level::warn, "registry.import.formula");
    // Whatever a letter or a workbook could not carry is no text of a form.
    if (!fits()) {
      say(Level::block, "registry.import.text");
      return;
    }
    m_row.values[m_column.field] = m_value;
    take();
  }

 private:
  bool fits() const {
    const std::string& field = m_column.field;
    if (field == "dns_names") {
      std::vector<std::string> names;
      split_names(names);
      return names.size() <= kMaxDnsNames &&
             std::ranges::all_of(names, [&](const std::string& name) { return fits_line(field, name); });
    }
    return fits_line(field.starts_with("organisation/") ? "organisation_names" : field, one_line(m_value));
  }

  void say(Level level, std::string_view code) {
    m_row.faults.push_back({{std::string(code), level, {}, m_column.field, {}}, m_letter, m_column.title, shown()});
  }
  std::string shown() const { return m_value.size() > 400 ? to_valid_utf8(m_value.substr(0, 400)) + "…" : m_value; }

  // Excel takes leading zeros from what it believes to be a number.
  void restore_zeros() {
    if (m_cell.kind != sheet::Cell::Kind::number) return;
    if (m_column.field == "identity" && (m_value.size() == 10 || m_value.size() == 11)) {
      m_value.insert(0, 12 - m_value.size(), '0');
      say(Level::warn, "registry.import.zeros");
    } else if (m_column.field == "phone" && m_value.size() == 9) {
      m_value.insert(0, 1, '0');
    }
  }

  void take() {
    LineForm& form = m_row.form;
    const std::string& field = m_column.field;
    if (field.starts_with("organisation/")) {
      const auto level = static_cast<std::size_t>(field.back() - '0');
      if (form.organisation_names.size() < level) form.organisation_names.resize(level);
      form.organisation_names[level - 1] = one_line(m_value);
    } else if (m_column.format == sheet::Column::Format::date) {
      take_day(form);
    } else if (field == "device") {
      if (!(form.device = chosen(kDevices, m_value))) say(Level::block, "registry.import.choice");
    } else if (field == "reason") {
      form.reason = chosen(kReasons, m_value);
      if (!form.reason) {  // their own words are a reason too
        form.reason = 0;
        form.reason_text = m_value;
      }
    } else if (field == "subject_kind" || field == "action" || field == "phone_os") {
      const std::optional<std::string_view> choice = chosen(kChoices, m_value);
      if (choice) {
        form.*text_member(field) = *choice;
      } else {
        say(Level::block, "registry.import.choice");
      }
    } else if (field == "dns_names") {
      split_names(form.dns_names);
    } else if (!take_flag(form)) {
      restore_zeros();
      const bool keeps_lines = field == "note" || field == "address" || field == "reason_text";
      form.*text_member(field) = keeps_lines ? m_value : one_line(m_value);
    }
  }

  static std::string one_line(std::string text) {
    std::ranges::replace(text, '\n', ' ');
    return text;
  }

  void take_day(LineForm& form) {
    std::string& out = form.*text_member(m_column.field);
    out = one_line(m_value);
    if (!m_cell.date) return;
    out = fmt::format("{:04}-{:02}-{:02}", m_cell.date->year, m_cell.date->month, m_cell.date->day);
  }

  void split_names(std::vector<std::string>& out) const {
    std::string name;
    for (const char c : m_value + ";") {
      const bool separates = c == ';' || c == ',' || c == '\n' || c == ' ';
      if (!separates) {
        name += c;
      } else if (!name.empty()) {
        out.push_back(std::exchange(name, {}));
      }
    }
  }

  bool take_flag(LineForm& form) {
    const std::string& field = m_column.field;
    std::optional<bool> LineForm::* member = field == "is_authorised_person" ? &LineForm::is_authorised_person
                                             : field == "does_finance"       ? &LineForm::does_finance
                                             : field == "owns_number"        ? &LineForm::owns_number
                                                                             : nullptr;
    if (member == nullptr && field != "sim_keep_number") return false;
    const std::optional<bool> flag = yes_or_no(m_value);
    if (!flag) {
      say(Level::block, "registry.import.choice");
    } else if (member == nullptr) {
      form.sim_keep_number = *flag;
    } else {
      form.*member = flag;
    }
    return true;
  }

  const ImportColumn& m_column;
  std::string m_letter;
  const sheet::Cell& m_cell;
  ImportedRow& m_row;
  std::string m_value;
};

std::vector<DossierFinding> remarks_of(const sheet::Remarks& remarks) {
  std::vector<DossierFinding> out;
  if (remarks.has_macros) out.push_back({"registry.import.macros", Level::warn, {}, "", {}});
  if (remarks.has_external_links) out.push_back({"registry.import.links", Level::warn, {}, "", {}});
  if (remarks.has_hidden_rows) out.push_back({"registry.import.hidden", Level::warn, {}, "", {}});
  if (!remarks.merged_ranges.empty()) {
    std::string ranges;
    for (const std::string& range : remarks.merged_ranges) ranges += (ranges.empty() ? "" : ", ") + range;
    out.push_back({"registry.import.ranges", Level::warn, {}, "", {{"ranges", ranges}}});
  }
  return out;
}

}  // namespace

Result<ReadImport> read_import(DossierKind kind, ByteView file, std::size_t max_rows, std::size_t max_file) {
  ReadImport out;
  std::optional<Head> head;
  std::vector<std::string> seen;
  sheet::ReadOptions options;
  options.limits.max_file = max_file;
  const auto take_row = [&](sheet::Row&& row) -> Result<bool> {
    if (!head) {
      head = head_in(kind, row);
      if (!head) return row.number < kMaxHeadRow;
      if (!head->missing.empty()) return false;
      for (std::size_t i = 0; i < head->columns.size(); ++i)
        if (head->columns[i] != nullptr) out.column_letters[head->columns[i]->field] = letter_of(i);
      return true;
    }
    ImportedRow imported;
    imported.number = row.number;
    for (std::size_t i = 0; i < row.cells.size() && i < head->columns.size(); ++i)
      if (head->columns[i] != nullptr && !head->columns[i]->field.empty())
        RowReader(*head->columns[i], letter_of(i), row.cells[i], imported).read();
    if (imported.values.empty() && imported.faults.empty()) return true;  // a number in front of nothing
    if (out.rows.size() >= max_rows) return fail("registry.import.rows").with("max", max_rows);
    out.rows.push_back(std::move(imported));
    return true;
  };
  const sheet::Remarks remarks = KYSO_TRY(sheet::read_table(file, options, take_row));
  if (!head || !head->missing.empty()) {
    std::string titles;
    for (const ImportColumn& column : import_columns(kind))
      if (column.is_required && (!head || std::ranges::find(head->missing, column.title) != head->missing.end()))
        titles += (titles.empty() ? "" : "; ") + column.title;
    return fail("registry.import.head").with("titles", titles);
  }
  if (out.rows.empty()) return fail("registry.import.empty");
  out.remarks = remarks_of(remarks);
  return out;
}

LineFault place_fault(const ReadImport& file, const ImportedRow& row, DossierKind kind, DossierFinding finding) {
  std::string field = finding.field;
  if (field == "organisation") {
    field = "organisation/1";
    for (const auto& [name, value] : finding.params)
      if (name == "level" && value.size() == 1) field = "organisation/" + value;
  }
  LineFault fault{std::move(finding), {}, {}, {}};
  if (const auto letter = file.column_letters.find(field); letter != file.column_letters.end())
    fault.column = letter->second;
  for (const ImportColumn& column : import_columns(kind))
    if (column.field == field && !field.empty()) fault.title = column.title;
  if (const auto value = row.values.find(field); value != row.values.end())
    fault.value = value->second.substr(0, 1'000);
  fault.value = to_valid_utf8(fault.value);
  return fault;
}

std::string faults_to_json(const std::vector<LineFault>& faults) {
  json::Value out = json::Value::array();
  for (const LineFault& fault : faults) {
    const json::Value findings = findings_to_json({fault.finding});
    json::Value one = findings.as_array()->front();
    one.set("column", fault.column).set("title", fault.title).set("value", fault.value);
    out.push_back(std::move(one));
  }
  return json::serialize(out);
}

Result<std::vector<LineFault>> faults_from_json(std::string_view text) {
  std::vector<LineFault> out;
  if (text.empty() || text == "[]") return out;
  const std::vector<DossierFinding> findings = KYSO_TRY(findings_from_json(text));
  const json::Value value = KYSO_TRY(json::parse(text));
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const json::Value& one = (*value.as_array())[i];
    out.push_back({findings[i], KYSO_TRY(json::require_string(one, "column")),
                   KYSO_TRY(json::require_string(one, "title")), KYSO_TRY(json::require_string(one, "value"))});
  }
  return out;
}

}  // namespace kyso::registry

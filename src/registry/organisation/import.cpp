#include "registry/organisation/import.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"
#include "registry/organisation/form.h"
#include "registry/organisation/names.h"
#include "registry/organisation/provinces.h"
#include "registry/organisation/store.h"
#include "registry/organisation/tree_edit.h"
#include "sheet/workbook.h"

namespace kyso::registry {
namespace {

constexpr std::size_t kMaxFaults = 1'000, kHeadRows = 20;

enum Field : std::uint8_t {
  level_1,
  level_2,
  level_3,
  level_4,
  kind,
  province,
  code,
  tax_code,
  budget_code,
  address,
  mail_domains,
  sector,
  from,
  fields
};

struct Title {
  Field field;
  std::string_view text;                  // in the template
  std::array<std::string_view, 3> begin;  // folded beginnings that tell the column
};
constexpr Title kTitles[] = {
    {level_1, "Tên CQTC cấp 1", {"ten cqtc cap 1", "ten to chuc cap 1", "cap 1"}},
    {level_2, "Tên CQTC cấp 2", {"ten cqtc cap 2", "ten to chuc cap 2", "cap 2"}},
    {level_3, "Tên CQTC cấp 3", {"ten cqtc cap 3", "ten to chuc cap 3", "cap 3"}},
    {level_4, "Tên CQTC cấp 4", {"ten cqtc cap 4", "ten to chuc cap 4", "cap 4"}},
    {kind, "Loại cơ quan", {"loai", "loai", "loai"}},
    {province, "Tỉnh, thành phố", {"tinh", "tinh", "tinh"}},
    {code, "Mã định danh", {"ma dinh danh", "ma dinh danh", "ma co quan"}},
    {tax_code, "Mã số thuế", {"ma so thue", "mst", "mst"}},
    {budget_code, "Mã quan hệ ngân sách", {"ma quan he ngan sach", "ma qhns", "ma so qhns"}},
    {address, "Địa chỉ", {"dia chi tru so", "dia chi co quan", "dia chi"}},
    {mail_domains, "Tên miền thư công vụ", {"ten mien", "ten mien", "ten mien"}},
    {sector, "Lĩnh vực", {"linh vuc", "linh vuc", "linh vuc"}},
    {from, "Từ ngày", {"tu ngay", "hieu luc tu", "ngay thanh lap"}},
};

struct Choice {
  std::string_view id, text;
};
constexpr Choice kKindTexts[] = {
    {"ministry", "Bộ"},
    {"agency", "Cơ quan trung ương"},
    {"party", "Cơ quan Đảng, đoàn thể"},
    {"court", "Tòa án, viện kiểm sát"},
    {"province", "Tỉnh"},
    {"city", "Thành phố trực thuộc trung ương"},
    {"district", "Cấp huyện (đến 30/6/2025)"},
    {"commune", "Xã, phường, đặc khu"},
    {"people_council", "Hội đồng nhân dân"},
    {"people_committee", "Ủy ban nhân dân"},
    {"department", "Cục, vụ, sở, ngành"},
    {"unit", "Đơn vị"},
    {"school", "Trường học"},
    {"hospital", "Cơ sở y tế"},
    {"enterprise", "Doanh nghiệp nhà nước"},
    {"other", "Khác"},
};
constexpr Choice kSectorTexts[] = {
    {"administration", "Hành chính"},
    {"education", "Giáo dục và đào tạo"},
    {"health", "Y tế"},
    {"finance", "Tài chính, ngân sách"},
    {"justice", "Tư pháp"},
    {"security", "Quốc phòng, an ninh"},
    {"culture", "Văn hóa"},
    {"transport", "Giao thông, xây dựng"},
    {"other", "Khác"},
};

template <std::size_t N>
std::string choice_by_text(const Choice (&choices)[N], std::string_view text) {
  const std::string folded = fold_accents(text);
  for (const Choice& choice : choices)
    if (folded == choice.id || folded == fold_accents(choice.text)) return std::string(choice.id);
  return {};
}

std::string letter_of(std::size_t column) {
  std::string out;
  for (std::size_t i = column + 1; i > 0; i = (i - 1) / 26)
    out.insert(out.begin(), static_cast<char>('A' + (i - 1) % 26));
  return out;
}

std::optional<Field> field_of_title(std::string_view title) {
  const std::string folded = fold_accents(title);
  for (const Title& known : kTitles)
    for (const std::string_view begin : known.begin)
      if (folded.starts_with(begin)) return known.field;
  return std::nullopt;
}

class Import {
 public:
  Import(db::Transaction& transaction, const std::string& instrument, const ChangeBy& by)
      : m_transaction(transaction), m_instrument(instrument), m_by(by) {}

  Result<bool> row(sheet::Row&& row) {
    if (!m_has_head) return head(row);
    if (++m_rows > kMaxImportRows) return fail("registry.organisation.many").with("max", kMaxImportRows);
    KYSO_TRY(take(row));
    return true;
  }

  // All rows are one change, the earliest day first.
  Result<OrganisationImport> finish() && {
    if (!m_has_head) return fail("registry.organisation.columns");
    m_out.change.kind = "import";
    if (m_orders.empty()) return std::move(m_out);
    TreeEdit edit(m_transaction, "import", m_instrument, m_orders.begin()->first, m_by);
    for (const auto& [day, orders] : m_orders) {
      edit.begin_on(day);
      for (const Order& order : orders) KYSO_TRY(carry_out(edit, order));
    }
    if (m_out.blocking == 0) {
      Result<OrganisationChange> change = edit.finish();
      if (!change && !is_of_row(change.error())) return change.error();
      if (change) {
        m_out.change = *std::move(change);
      } else {
        blame(change.error());
      }
    }
    return std::move(m_out);
  }

 private:
  struct Order {
    std::uint32_t row = 0;
    std::array<std::string, 4> names;
    std::size_t depth = 0;
    OrganisationForm form;
  };

  Result<bool> head(const sheet::Row& row) {
    std::map<Field, std::size_t> columns;
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      if (const auto field = field_of_title(row.cells[i].text)) columns.emplace(*field, i);
    }
    if (columns.contains(level_1)) {
      m_columns = std::move(columns);
      for (const auto& [field, column] : m_columns) m_titles[field] = row.cells[column].text;
      m_has_head = true;
    } else if (++m_head_rows > kHeadRows) {
      return fail("registry.organisation.columns");
    }
    return true;
  }

  std::string text(const sheet::Row& row, Field field) const {
    const auto column = m_columns.find(field);
    if (column == m_columns.end() || column->second >= row.cells.size()) return {};
    return tidy_name(row.cells[column->second].text);
  }
  void fault(std::uint32_t row, Field field, const std::string& value, CheckFinding finding) {
    if (finding.level == CheckLevel::block) ++m_out.blocking;
    if (m_out.faults.size() >= kMaxFaults) return;
    const auto column = m_columns.find(field);
    m_out.faults.push_back({row, column == m_columns.end() ? std::string() : letter_of(column->second), m_titles[field],
                            value, std::move(finding)});
  }
  void fault(std::uint32_t row, Field field, const std::string& value, const Error& error) {
    fault(row, field, value, CheckFinding{error.code, CheckLevel::block, error.params});
  }

  Result<> take(const sheet::Row& row) {
    Order order;
    order.row = row.number;
    for (std::size_t i = 0; i < order.names.size(); ++i) {
      order.names[i] = text(row, static_cast<Field>(level_1 + i));
      if (order.names[i].empty()) continue;
      if (order.depth != i)
        fault(row.number, static_cast<Field>(level_1 + order.depth), {},
              fail("registry.input.missing").with("field", m_titles[static_cast<Field>(level_1 + order.depth)]));
      order.depth = i + 1;
    }
    if (order.depth == 0) {
      fault(row.number, level_1, {}, fail("registry.input.missing").with("field", m_titles[level_1]));
      return {};
    }
    fill(row, order);
    const Instant day = day_start(order.form.from.value_or(m_by.now));
    m_orders[day].push_back(std::move(order));
    return {};
  }

  void fill(const sheet::Row& row, Order& order) {
    OrganisationForm& form = order.form;
    form.name = order.names[order.depth - 1];
    const auto given = [&](Field field, std::optional<std::string>& member) {
      if (std::string value = text(row, field); !value.empty()) member = std::move(value);
    };
    given(code, form.code);
    given(tax_code, form.tax_code);
    given(budget_code, form.budget_code);
    given(address, form.address);
    choose(
        row, kind, form.kind, [](const std::string& value) { return choice_by_text(kKindTexts, value); },
        "registry.organisation.kind", "kind");
    choose(
        row, sector, form.sector, [](const std::string& value) { return choice_by_text(kSectorTexts, value); },
        "registry.organisation.sector", "sector");
    choose(
        row, province, form.province,
        [](const std::string& value) {
          return std::string(province_name(value).empty() ? province_by_name(value) : std::string_view(value));
        },
        "registry.organisation.province", "province");
    if (const std::string domains = text(row, mail_domains); !domains.empty()) form.mail_domains = split(domains);
    if (const std::string value = text(row, from); !value.empty()) {
      const auto found = parse_day(value);
      if (found)
        form.from = start_of(*found);
      else
        fault(row.number, from, value, CheckFinding{"registry.check.day.unreadable"});
    }
    static const std::map<std::string, Field> columns = {{"name", level_1},      {"code", code},
                                                         {"tax_code", tax_code}, {"budget_code", budget_code},
                                                         {"address", address},   {"mail_domains", mail_domains}};
    for (const auto& [name, error] : check_form(form, true)) {
      const auto column = columns.find(name);
      if (column == columns.end()) continue;
      const Field field = name == "name" ? static_cast<Field>(level_1 + order.depth - 1) : column->second;
      fault(row.number, field, text(row, field), error);
    }
    hint(row, code, form.code, check_organisation_code);
    hint(row, budget_code, form.budget_code, check_budget_code);
  }

  template <typename F>
  void choose(const sheet::Row& row, Field field, std::optional<std::string>& member, const F& find,
              std::string_view unknown, std::string name) {
    const std::string value = text(row, field);
    if (value.empty()) return;
    std::string id = find(value);
    if (id.empty()) return fault(row.number, field, value, CheckFinding{unknown}.with(std::move(name), value));
    member = std::move(id);
  }
  void hint(const sheet::Row& row, Field field, const std::optional<std::string>& value,
            Checked (*check)(std::string_view)) {
    if (!value) return;
    for (const CheckFinding& finding : check(*value).findings)
      if (finding.level != CheckLevel::block) fault(row.number, field, *value, finding);
  }
  static std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> out(1);
    for (const char c : text) {
      if (c != ' ' && c != ',' && c != ';')
        out.back() += c;
      else if (!out.back().empty())
        out.emplace_back();
    }
    if (out.back().empty()) out.pop_back();
    return out;
  }

  Result<> carry_out(TreeEdit& edit, const Order& order) {
    const Result<> done = one(edit, order);
    if (done) return {};
    if (!is_of_row(done.error())) return done.error();
    fault(order.row, static_cast<Field>(level_1 + order.depth - 1), order.names[order.depth - 1], done.error());
    return {};
  }
  // What the proof of the whole tree found, at the row of the node that it names.
  void blame(const Error& error) {
    for (const auto& [name, value] : error.params) {
      if (name != "name" && name != "child") continue;
      for (const auto& [day, orders] : m_orders) {
        for (const Order& order : orders) {
          if (order.names[order.depth - 1] == value)
            return fault(order.row, static_cast<Field>(level_1 + order.depth - 1), value, error);
        }
      }
    }
    fault(m_orders.begin()->second.front().row, level_1, {}, error);
  }
  static bool is_of_row(const Error& error) { return error.code.starts_with("registry."); }

  Result<> one(TreeEdit& edit, const Order& order) {
    std::string parent;
    for (std::size_t i = 0; i + 1 < order.depth; ++i) {
      const std::string id = KYSO_TRY(child(edit, parent, order.names[i]));
      if (id.empty()) return fail("registry.organisation.chain").with("level", i + 1).with("name", order.names[i]);
      parent = id;
    }
    const std::string& name = order.names[order.depth - 1];
    const std::string known = KYSO_TRY(child(edit, parent, name));
    if (!known.empty()) return update(edit, known, order.form);
    Version draft = draft_of(order.form);
    draft.parent = parent;
    const std::string id = KYSO_TRY(edit.add(std::move(draft)));
    m_known[parent + '\n' + name_key(name)] = id;
    edit.tell(name, fmt::format("Lập mới “{}”.", name), fmt::format("“{}” is new.", name));
    ++m_out.added;
    return {};
  }
  Result<> update(TreeEdit& edit, const std::string& id, OrganisationForm form) {
    form.name.reset();
    const Version old = KYSO_TRY(edit.at(id, edit.from()));
    Version wanted = old;
    apply_form(form, wanted);
    if (wanted == old) {
      ++m_out.unchanged;
      return {};
    }
    KYSO_TRY(edit.change(id, [&](Version& version) {
      apply_form(form, version);
      return Result<>();
    }));
    edit.tell(old.name, fmt::format("Cập nhật thông tin của “{}”.", old.name),
              fmt::format("The record of “{}” is updated.", old.name));
    ++m_out.changed;
    return {};
  }
  // Empty: there is none.
  Result<std::string> child(TreeEdit& edit, const std::string& parent, const std::string& name) {
    const std::string key = name_key(name);
    const auto known = m_known.find(parent + '\n' + key);
    if (known != m_known.end()) return known->second;
    std::string id = KYSO_TRY(edit.child_by_key(parent, key));
    if (id.empty()) {
      const auto named = KYSO_TRY(store::children_by_alias(m_transaction, parent, key, edit.from()));
      if (named.size() == 1) id = named.front();
    }
    // Written without any accent, as a whole.
    const bool is_ascii = std::ranges::all_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (id.empty() && is_ascii) {
      const auto folded = KYSO_TRY(store::children_by_fold(m_transaction, parent, fold_accents(name), edit.from()));
      if (folded.size() == 1) id = folded.front();
    }
    if (!id.empty()) m_known[parent + '\n' + key] = id;
    return id;
  }

  db::Transaction& m_transaction;
  const std::string m_instrument;
  const ChangeBy m_by;
  std::map<Field, std::size_t> m_columns;
  std::map<Field, std::string> m_titles;
  std::map<Instant, std::vector<Order>> m_orders;
  std::map<std::string, std::string> m_known;
  bool m_has_head = false;
  std::size_t m_rows = 0, m_head_rows = 0;
  OrganisationImport m_out;
};

}  // namespace

Result<OrganisationImport> import_organisations(db::Transaction& transaction, ByteView file,
                                                const std::string& instrument, const ChangeBy& by) {
  Import import(transaction, instrument, by);
  const auto each = [&](sheet::Row&& row) { return import.row(std::move(row)); };
  // What is no text is for the workbook's reader, which says what it is instead.
  const bool is_text = is_valid_utf8(as_chars(file)) && std::ranges::find(file, std::uint8_t{0}) == file.end();
  const bool is_utf16 =
      file.size() >= 2 && ((file[0] == 0xFF && file[1] == 0xFE) || (file[0] == 0xFE && file[1] == 0xFF));
  if (is_text || is_utf16) {
    KYSO_TRY(sheet::read_csv(file, {}, each));
  } else {
    KYSO_TRY(sheet::read_xlsx(file, {}, each));
  }
  return std::move(import).finish();
}

Result<Bytes> organisation_template() {
  sheet::Sheet sheet;
  sheet.name = "Cơ quan, tổ chức";
  for (const Title& title : kTitles) {
    sheet::Column column;
    column.title = title.text;
    column.is_required = title.field == level_1;
    column.width = title.field <= level_4 || title.field == address ? 36 : 20;
    if (title.field == from) column.format = sheet::Column::Format::date;
    if (title.field == kind)
      for (const Choice& choice : kKindTexts) column.choices.emplace_back(choice.text);
    if (title.field == sector)
      for (const Choice& choice : kSectorTexts) column.choices.emplace_back(choice.text);
    if (title.field == province)
      for (const Province& known : provinces()) column.choices.emplace_back(known.name);
    sheet.columns.push_back(std::move(column));
  }
  sheet::WorkbookWriter writer = KYSO_TRY(sheet::WorkbookWriter::create());
  KYSO_TRY(writer.begin_sheet(sheet));
  return writer.finish();
}

}  // namespace kyso::registry

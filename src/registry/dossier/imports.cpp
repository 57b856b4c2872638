#include "registry/dossier/imports.h"

#include <algorithm>

#include "base/error_text.h"
#include "crypto/algorithm.h"
#include "crypto/password.h"
#include "registry/dossier/dossiers.h"

namespace kyso::registry {
namespace {

bool is_incompatible(const std::vector<LineFault>& faults) {
  return std::ranges::any_of(faults, [](const LineFault& fault) {
    return fault.finding.level == Level::block && !may_be_overridden(fault.finding);
  });
}

std::string level_text(Level level) {
  return level == Level::block ? "Không nhập được" : level == Level::warn ? "Cảnh báo" : "Thông tin";
}

}  // namespace

Result<dossier_store::ImportRecord> Dossiers::import(const Caller& caller, const std::string& id,
                                                     const std::string& file_name, ByteView file) {
  const Instant at = now();
  const auto check_limits = [&](db::Transaction& transaction, std::int64_t rows) -> Result<> {
    const dossier_store::Imported before =
        KYSO_TRY(dossier_store::imported_by(transaction, caller.account, at - m.settings.import_life));
    if (before.files < m.settings.max_imports && before.rows + rows <= m.settings.max_imported_rows) return {};
    return fail("registry.import.many").with("hours", m.settings.import_life.count());
  };
  const Dossier dossier = KYSO_TRY(m.database.read([&](db::Transaction& transaction) -> Result<Dossier> {
    Dossier found = KYSO_TRY(editable(transaction, caller, id));
    KYSO_TRY(check_limits(transaction, 0));
    return found;
  }));
  const ReadImport read =
      KYSO_TRY(read_import(dossier.kind, file, m.settings.max_import_rows, m.settings.max_workbook));
  std::vector<LineForm> forms;
  forms.reserve(read.rows.size());
  for (const ImportedRow& row : read.rows) forms.push_back(row.form);
  std::vector<CheckedLine> checked =
      KYSO_TRY(m.database.read([&](db::Transaction& transaction) -> Result<std::vector<CheckedLine>> {
        std::vector<LineForm> others;
        for (const Line& line : KYSO_TRY(dossier_store::all_lines(transaction, id))) {
          others.push_back(line.form);
          others.back().organisation = line.organisation;
        }
        return LineChecks(transaction, dossier, m.settings.rules, at).check(std::move(forms), others);
      }));
  if (dossier.kind == DossierKind::person && checked.size() <= m.settings.population_at_once) {
    std::vector<Population> answers;
    ask_population(checked, answers);
  }
  dossier_store::ImportRecord record;
  record.id = crypto::random_uuid();
  record.dossier = id;
  record.account = caller.account;
  record.created = at;
  record.file_name = file_name;
  record.sha256 = to_hex(crypto::digest(crypto::DigestAlgorithm::sha256, file));
  record.rows_total = static_cast<std::int64_t>(read.rows.size());
  record.remarks = json::serialize(findings_to_json(read.remarks));
  std::vector<dossier_store::ImportRow> rows;
  rows.reserve(read.rows.size());
  for (std::size_t i = 0; i < read.rows.size(); ++i) {
    std::vector<LineFault> faults = read.rows[i].faults;
    for (DossierFinding& finding : checked[i].findings) {
      // A cell that could not be read need not be missed as well.
      const bool is_told =
          finding.code == "registry.line.required" && std::ranges::any_of(faults, [&](const LineFault& fault) {
            return fault.finding.field == finding.field && fault.finding.level == Level::block;
          });
      if (!is_told) faults.push_back(place_fault(read, read.rows[i], dossier.kind, std::move(finding)));
    }
    const bool compatible = !is_incompatible(faults);
    record.rows_compatible += compatible ? 1 : 0;
    record.faults_total += static_cast<std::int64_t>(faults.size());
    rows.push_back({read.rows[i].number, compatible, !faults.empty(), json::serialize(to_json(checked[i].form)),
                    faults_to_json(faults)});
  }
  return m.database.write([&](db::Transaction& transaction) -> Result<dossier_store::ImportRecord> {
    KYSO_TRY(editable(transaction, caller, id));
    KYSO_TRY(check_limits(transaction, record.rows_total));
    KYSO_TRY(dossier_store::forget_imports(transaction, at - m.settings.import_life));
    KYSO_TRY(dossier_store::insert_import(transaction, record, rows));
    return record;
  });
}

Result<dossier_store::ImportRecord> Dossiers::find_import(const Caller& caller, const std::string& id,
                                                          const std::string& import) {
  return m.database.read([&](db::Transaction& transaction) -> Result<dossier_store::ImportRecord> {
    KYSO_TRY(editable(transaction, caller, id));
    std::optional<dossier_store::ImportRecord> record = KYSO_TRY(dossier_store::find_import(transaction, id, import));
    if (!record) return fail("registry.import.missing");
    return *std::move(record);
  });
}

Result<Dossiers::LinesOutcome> Dossiers::confirm_import(const Caller& caller, const std::string& id,
                                                        const std::string& import,
                                                        const std::optional<std::vector<std::int64_t>>& chosen) {
  const Instant at = now();
  std::set<std::int64_t> wanted;
  if (chosen) wanted.insert(chosen->begin(), chosen->end());
  // The rows' forms, checked again: the list may have changed since the preview.
  const auto checked_in = [&](db::Transaction& transaction,
                              const Dossier& dossier) -> Result<std::vector<CheckedLine>> {
    std::vector<LineForm> forms, others;
    for (const auto& row :
         KYSO_TRY(dossier_store::import_rows(transaction, import, false, 0, m.settings.max_import_rows)))
      if (row.is_compatible && (!chosen || wanted.contains(row.number)))
        forms.push_back(KYSO_TRY(line_form_from_json(KYSO_TRY(json::parse(row.line)))));
    if (static_cast<std::size_t>(dossier.line_count) + forms.size() > m.settings.max_lines)
      return fail("registry.dossier.lines").with("max", m.settings.max_lines);
    for (const Line& line : KYSO_TRY(dossier_store::all_lines(transaction, id))) {
      others.push_back(line.form);
      others.back().organisation = line.organisation;
    }
    return LineChecks(transaction, dossier, m.settings.rules, at).check(std::move(forms), others);
  };
  std::vector<CheckedLine> first;
  std::vector<Population> answers;
  bool asks = false, is_done = false;
  KYSO_TRY(m.database.read([&](db::Transaction& transaction) -> Result<> {
    const Dossier dossier = KYSO_TRY(editable(transaction, caller, id));
    const auto record = KYSO_TRY(dossier_store::find_import(transaction, id, import));
    if (!record) return fail("registry.import.missing");
    is_done = record->confirmed.has_value();
    if (is_done) return {};
    first = KYSO_TRY(checked_in(transaction, dossier));
    asks = dossier.kind == DossierKind::person;
    return {};
  }));
  answers.assign(first.size(), Population::unchecked);
  if (asks && !is_done) ask_population(first, answers);
  return m.database.write([&](db::Transaction& transaction) -> Result<LinesOutcome> {
    LinesOutcome out;
    Dossier dossier = KYSO_TRY(editable(transaction, caller, id));
    const auto record = KYSO_TRY(dossier_store::find_import(transaction, id, import));
    if (!record) return fail("registry.import.missing");
    out.revision = dossier.revision;
    out.line_count = dossier.line_count;
    if (record->confirmed) {  // a second click
      out.added.resize(static_cast<std::size_t>(record->added));
      return out;
    }
    std::vector<CheckedLine> checked = KYSO_TRY(checked_in(transaction, dossier));
    if (checked.size() != answers.size()) return fail("registry.dossier.changed");
    for (std::size_t i = 0; i < checked.size(); ++i) {
      if (auto finding = population_finding(answers[i])) checked[i].findings.push_back(*std::move(finding));
      for (const DossierFinding& finding : checked[i].findings) {
        if (finding.level != Level::block || may_be_overridden(finding)) continue;
        out.refused.push_back(finding);
        out.refused.back().line = fmt::format("{}", i);
      }
    }
    if (!out.refused.empty()) return out;
    for (std::size_t i = 0; i < checked.size(); ++i) {
      // The check has put the answer among the findings already.
      out.added.push_back(made_line(std::move(checked[i]), answers[i], at));
    }
    KYSO_TRY(dossier_store::insert_lines(transaction, dossier, out.added));
    KYSO_TRY(dossier_store::set_confirmed(transaction, import, at, static_cast<std::int64_t>(out.added.size())));
    dossier.line_count += static_cast<std::int64_t>(out.added.size());
    if (!out.added.empty()) KYSO_TRY(changed_lines(transaction, dossier, at));
    KYSO_TRY(record_event(transaction, dossier, &caller, "lines.imported",
                          {{"count", fmt::format("{}", out.added.size())}, {"sha256", record->sha256}}, at));
    out.revision = dossier.revision;
    out.line_count = dossier.line_count;
    return out;
  });
}

Result<Bytes> Dossiers::import_faults(const Caller& caller, const std::string& id, const std::string& import) {
  const std::vector<dossier_store::ImportRow> rows =
      KYSO_TRY(m.database.read([&](db::Transaction& transaction) -> Result<std::vector<dossier_store::ImportRow>> {
        KYSO_TRY(editable(transaction, caller, id));
        if (!KYSO_TRY(dossier_store::find_import(transaction, id, import))) return fail("registry.import.missing");
        return dossier_store::import_rows(transaction, import, true, 0, m.settings.max_import_rows);
      }));
  sheet::Sheet sheet;
  sheet.name = "Lỗi";
  sheet.head = {"Các lỗi trong tệp đã nhập"};
  const auto column = [&](std::string title, double width, sheet::Column::Format format = sheet::Column::Format::text) {
    sheet::Column out;
    out.title = std::move(title);
    out.width = width;
    out.format = format;
    sheet.columns.push_back(std::move(out));
  };
  column("Dòng", 8, sheet::Column::Format::number);
  column("Cột", 6);
  column("Tiêu đề cột", 24);
  column("Giá trị", 28);
  column("Mức", 16);
  column("Lỗi", 60);
  column("Cách xử lý", 60);
  sheet::WorkbookWriter writer = KYSO_TRY(sheet::WorkbookWriter::create());
  KYSO_TRY(writer.begin_sheet(sheet));
  for (const dossier_store::ImportRow& row : rows)
    for (const LineFault& fault : KYSO_TRY(faults_from_json(row.faults))) {
      const ErrorText words = describe(fault.finding.error(), Language::vietnamese);
      KYSO_TRY(writer.row({static_cast<double>(row.number), fault.column, fault.title, fault.value,
                           level_text(fault.finding.level), words.message, words.next_step}));
    }
  return writer.finish();
}

}  // namespace kyso::registry

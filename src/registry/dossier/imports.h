#pragma once
#include <map>
#include <set>

#include "registry/dossier/model.h"
#include "sheet/workbook.h"

// Lines from workbooks: what columns a kind has, how rows become lines, and where faults stand.
namespace kyso::registry {

// A column of a kind's template, with the title of the portal's guide.
struct ImportColumn {
  std::string title;
  std::vector<std::string> also;  // other titles that people's files have
  std::string field;              // of the line; organisation names: "organisation/1" … "organisation/4"
  bool is_required = false;
  sheet::Column::Format format = sheet::Column::Format::text;
  std::vector<std::string> choices;
  std::string note;
};
const std::vector<ImportColumn>& import_columns(DossierKind kind);
// "Tải tập tin mẫu"
Result<Bytes> excel_template(DossierKind kind);

// What is wrong in one cell (or one row: no column).
struct LineFault {
  DossierFinding finding;
  std::string column, title, value;  // "C"
};
struct ImportedRow {
  std::int64_t number = 0;  // as in the file
  LineForm form;
  std::vector<LineFault> faults;              // of reading
  std::map<std::string, std::string> values;  // what stood in the cell of a field
};
struct ReadImport {
  std::vector<ImportedRow> rows;
  std::vector<DossierFinding> remarks;                // about the file
  std::map<std::string, std::string> column_letters;  // by field
};
// registry.import.head {titles}, registry.import.rows {max}, registry.import.empty, sheet.*
Result<ReadImport> read_import(DossierKind kind, ByteView file, std::size_t max_rows, std::size_t max_file);

// Where a finding about a line stands in the file.
LineFault place_fault(const ReadImport& file, const ImportedRow& row, DossierKind kind, DossierFinding finding);
std::string faults_to_json(const std::vector<LineFault>& faults);
Result<std::vector<LineFault>> faults_from_json(std::string_view text);

}  // namespace kyso::registry

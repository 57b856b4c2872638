#include <algorithm>

#include "base/text.h"
#include "sheet/cell_text.h"
#include "sheet/file_kind.h"
#include "sheet/relationships.h"
#include "sheet/sheet_error.h"
#include "sheet/sheet_rows.h"
#include "sheet/workbook.h"

namespace kyso::sheet {
namespace {

using Relationships = std::vector<Relationship>;

const Relationship* find_kind(const Relationships& relationships, std::string_view kind) {
  const auto found = std::ranges::find_if(relationships, [&](const Relationship& r) { return r.is(kind); });
  return found == relationships.end() ? nullptr : &*found;
}

// ZIP files that are something else, told from it before anything of OPC is asked for.
Result<> check_container(ZipArchive& archive) {
  if (const ZipEntry* mark = archive.find("mimetype"); mark != nullptr && mark->unpacked < 256) {
    const Bytes content = KYSO_TRY(archive.read(*mark));
    const std::string_view type = as_chars(content);
    if (type.find("opendocument.spreadsheet") != std::string_view::npos) return other_kind("OpenDocument (.ods)");
    if (type.find("opendocument") != std::string_view::npos) return other_kind("OpenDocument");
    if (type.find("epub") != std::string_view::npos) return other_kind("EPUB");
  }
  if (archive.find("[Content_Types].xml") != nullptr) return {};
  if (archive.find("Index/Document.iwa") != nullptr) return other_kind("Apple Numbers (.numbers)");
  return other_kind("ZIP");
}

Result<> check_content_type(std::string_view type) {
  const auto has = [&](std::string_view part) { return type.find(part) != std::string_view::npos; };
  if (has("excel.sheet.binary")) return other_kind("Excel Binary (.xlsb)");
  if (has("wordprocessingml") || has("ms-word")) return other_kind("Word (.docx)");
  if (has("presentationml") || has("ms-powerpoint")) return other_kind("PowerPoint (.pptx)");
  if (has("spreadsheetml.") || has("ms-excel.")) return {};
  return malformed("the main part is no workbook");
}

// OpenWorkbook: a package with its workbook part read.
struct OpenWorkbook {
  ZipArchive archive;
  WorkbookPart workbook;
  Relationships relationships;
  bool has_macros = false;

  Result<const ZipEntry*> part(std::string_view kind) const {
    const Relationship* found = find_kind(relationships, kind);
    if (found == nullptr) return static_cast<const ZipEntry*>(nullptr);
    return target(*found);
  }
  Result<const ZipEntry*> target(const Relationship& relationship) const {
    if (relationship.is_external) return malformed("a part outside the package");
    const ZipEntry* entry = archive.find(relationship.target);
    if (entry == nullptr) return malformed("part missing: " + to_valid_utf8(relationship.target));
    return entry;
  }
};

Result<OpenWorkbook> open_workbook(ByteView file, const ReadLimits& limits) {
  ZipArchive archive = KYSO_TRY(
      ZipArchive::open(file, {limits.max_entries, limits.max_unpacked, std::max<std::size_t>(limits.max_ratio, 1)}));
  KYSO_TRY(check_container(archive));
  const ContentTypes types = KYSO_TRY(ContentTypes::read(archive));
  OpenWorkbook open{std::move(archive), {}, {}, false};
  open.relationships = KYSO_TRY(read_relationships(open.archive, {}));
  const ZipEntry* main = KYSO_TRY(open.part("officeDocument"));
  if (main == nullptr) return malformed("no relationship to a workbook");
  const std::string_view type = types.of(main->name);
  KYSO_TRY(check_content_type(type));
  open.workbook = KYSO_TRY(read_workbook_part(open.archive, *main));
  open.relationships = KYSO_TRY(read_relationships(open.archive, main->name));
  open.has_macros = type.find("macroEnabled") != std::string_view::npos ||
                    find_kind(open.relationships, "vbaProject") != nullptr ||
                    find_kind(open.relationships, "xlMacrosheet") != nullptr;
  return open;
}

struct ChosenSheet {
  std::string name;
  const ZipEntry* entry = nullptr;
};

// Charts and macro sheets have no rows: they are no candidates.
Result<ChosenSheet> choose_sheet(const OpenWorkbook& open, const std::string& wanted) {
  const std::string folded = fold_case(wanted);
  for (const SheetPart& sheet : open.workbook.sheets) {
    if (folded.empty() ? sheet.is_hidden : fold_case(sheet.name) != folded) continue;
    const auto found = std::ranges::find(open.relationships, sheet.relationship, &Relationship::id);
    if (found == open.relationships.end()) return malformed("sheet without relationship");
    if (!found->is("worksheet")) continue;
    return ChosenSheet{sheet.name, KYSO_TRY(open.target(*found))};
  }
  if (folded.empty()) return fail("sheet.none");
  return fail("sheet.missing").with("name", wanted);
}

Remarks remarks_of(const OpenWorkbook& open) {
  Remarks remarks;
  remarks.has_macros = open.has_macros;
  remarks.has_external_links = find_kind(open.relationships, "externalLink") != nullptr;
  remarks.has_hidden_sheets = std::ranges::any_of(open.workbook.sheets, &SheetPart::is_hidden);
  return remarks;
}

Result<Remarks> read_zip(ByteView file, const ReadOptions& options, const std::function<Result<bool>(Row&&)>& each) {
  OpenWorkbook open = KYSO_TRY(open_workbook(file, options.limits));
  Remarks remarks = remarks_of(open);
  const ChosenSheet sheet = KYSO_TRY(choose_sheet(open, options.sheet));
  remarks.sheet = sheet.name;

  std::vector<std::string> strings;
  if (const ZipEntry* entry = KYSO_TRY(open.part("sharedStrings")))
    strings = KYSO_TRY(read_shared_strings(open.archive, *entry, options.limits.max_text));
  Styles styles;
  if (const ZipEntry* entry = KYSO_TRY(open.part("styles"))) styles = KYSO_TRY(Styles::read(open.archive, *entry));
  MergedCells merged = KYSO_TRY(MergedCells::read(open.archive, *sheet.entry, options.limits));
  remarks.merged_ranges = merged.names();

  const CellContext context{strings, styles, open.workbook.dates, options.limits};
  SheetRows rows(context, merged, each);
  auto stream = KYSO_TRY(open.archive.stream(*sheet.entry));
  KYSO_TRY(read_xml(stream, kSpreadsheet, rows));
  remarks.has_hidden_rows = rows.has_hidden_rows();
  return remarks;
}

}  // namespace

Result<Remarks> read_xlsx(ByteView file, const ReadOptions& options, const std::function<Result<bool>(Row&&)>& each) {
  if (file.size() > options.limits.max_file) return too_large(options.limits.max_file);
  if (KYSO_TRY(kind_of(file)) == FileKind::text) return other_kind("CSV (.csv, .txt)");
  return read_zip(file, options, each);
}

Result<Remarks> read_table(ByteView file, const ReadOptions& options, const std::function<Result<bool>(Row&&)>& each) {
  if (file.size() > options.limits.max_file) return too_large(options.limits.max_file);
  if (KYSO_TRY(kind_of(file)) == FileKind::zip) return read_zip(file, options, each);
  KYSO_TRY(read_csv(file, options.limits, each));
  return Remarks{};
}

}  // namespace kyso::sheet

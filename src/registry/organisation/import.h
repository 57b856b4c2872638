#pragma once
#include <string>
#include <vector>

#include "registry/checks/checks.h"
#include "registry/organisation/tree.h"

// Organisations from a workbook (.xlsx) or text table (.csv). Columns are told by their titles, in any order: the names
// of levels 1 to 4 ("Tên CQTC cấp 1" …), kind, province, codes, address, domains, sector, day of beginning. A row is
// the last name in it, below those before, which exist or stand in a row above. What is there already is changed where
// the row says otherwise.
namespace kyso::registry {

struct CellFault {
  std::uint32_t row = 0;
  std::string column;  // "C"
  std::string title, value;
  CheckFinding finding;
};
struct OrganisationImport {
  OrganisationChange change;      // without id: a preview, or nothing was done because of faults that block
  std::vector<CellFault> faults;  // the first thousand
  std::size_t blocking = 0;
  std::size_t added = 0, changed = 0, unchanged = 0;
};
inline constexpr std::size_t kMaxImportRows = 10'000;

// Errors of the file as a whole: sheet.*, registry.organisation.columns, registry.organisation.many.
Result<OrganisationImport> import_organisations(db::Transaction& transaction, ByteView file,
                                                const std::string& instrument, const ChangeBy& by);

// The workbook to fill in.
Result<Bytes> organisation_template();

}  // namespace kyso::registry

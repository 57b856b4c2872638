#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sheet/zip_archive.h"

namespace kyso::sheet {

// ISO/IEC 29500-2 section 6.5.
struct Relationship {
  std::string id, type;
  std::string target;  // a part's name, or an address when it is external
  bool is_external = false;

  // Transitional and strict types differ in all but their last segment.
  bool is(std::string_view last_segment) const;
};

// Of the part, or of the package when the name is empty; none when it has no such part. A target outside the package,
// an id twice, more than max_entries of them: sheet.malformed, sheet.limit.
Result<std::vector<Relationship>> read_relationships(ZipArchive& archive, std::string_view part);

// Section 6.2.3: content types of parts, by name or by extension.
class ContentTypes {
 public:
  static Result<ContentTypes> read(ZipArchive& archive);
  std::string_view of(std::string_view part) const;

 private:
  std::map<std::string, std::string, std::less<>> m_by_name, m_by_extension;
};

}  // namespace kyso::sheet

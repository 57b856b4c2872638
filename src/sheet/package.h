#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

// Packages of Open Packaging Conventions (ISO/IEC 29500-2): a ZIP file with named parts.
namespace kyso::sheet {

struct PackagePart {
  std::string name;  // "word/document.xml"
  Bytes content;
};
// The same parts give the same bytes (times are fixed). sheet.unwritable.
Result<Bytes> write_package(const std::vector<PackagePart>& parts);

struct PackageLimits {
  std::size_t max_entries = 2'000, max_unpacked = 64U << 20U, max_ratio = 200;
};
// All parts, with limits. sheet.malformed {reason}, sheet.limit {limit}, sheet.bomb, sheet.encrypted.
Result<std::vector<PackagePart>> read_package(ByteView file, const PackageLimits& limits = {});

// Text for XML content and attribute values; characters that XML 1.0 forbids become U+FFFD.
std::string escape_xml(std::string_view text);

}  // namespace kyso::sheet

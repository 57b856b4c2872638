#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace kyso::sheet {

struct ZipEntry {
  std::string name;
  std::uint64_t index = 0;  // in the central directory
  std::uint64_t start = 0, packed = 0, unpacked = 0;
  std::uint16_t method = 0;
  bool is_encrypted = false;
};

// The central directory (APPNOTE 6.3.3, with ZIP64), checked for what two readers could understand differently: entries
// that overlap or lie outside, local names that differ, names that are no part names, names twice. Folders are left
// out. sheet.malformed, sheet.limit, sheet.bomb (overlapping entries).
Result<std::vector<ZipEntry>> read_zip_directory(ByteView file, std::size_t max_entries);

// A part's name in a package (ISO/IEC 29500-2 section 6.2.2): relative, "/" between segments, none of them "." or "..".
bool is_part_name(std::string_view name);
// Part names are compared without case (section 6.3.5), ASCII only.
std::string fold_part_name(std::string_view name);

}  // namespace kyso::sheet

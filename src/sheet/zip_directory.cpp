#include "sheet/zip_directory.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "sheet/sheet_error.h"

namespace kyso::sheet {
namespace {

constexpr std::size_t kEndSize = 22, kEntrySize = 46, kLocalSize = 30, kEnd64Size = 56, kLocator64Size = 20;
constexpr std::uint32_t kEndMark = 0x06054b50, kEntryMark = 0x02014b50, kLocalMark = 0x04034b50;
constexpr std::uint32_t kEnd64Mark = 0x06064b50, kLocator64Mark = 0x07064b50;
constexpr std::uint32_t kIn64 = 0xFFFFFFFF;

// Callers check the room.
std::uint64_t little_endian(ByteView bytes, std::size_t at, int size) {
  std::uint64_t value = 0;
  for (int i = size; i-- > 0;) value = value << 8U | bytes[at + static_cast<std::size_t>(i)];
  return value;
}
std::uint16_t u16(ByteView bytes, std::size_t at) {
  return static_cast<std::uint16_t>(little_endian(bytes, at, 2));
}
std::uint32_t u32(ByteView bytes, std::size_t at) {
  return static_cast<std::uint32_t>(little_endian(bytes, at, 4));
}

struct Place {
  std::uint64_t count = 0, size = 0, offset = 0, end = 0;  // end: where the record behind the directory begins
};

// The end record must reach the end of the file exactly: then no second one can be meant.
std::optional<std::size_t> find_end(ByteView file) {
  if (file.size() < kEndSize) return std::nullopt;
  const std::size_t last = file.size() - kEndSize;
  const std::size_t first = last > 0xFFFF ? last - 0xFFFF : 0;
  for (std::size_t at = last + 1; at-- > first;)
    if (u32(file, at) == kEndMark && at + kEndSize + u16(file, at + 20) == file.size()) return at;
  return std::nullopt;
}

Result<Place> find_directory64(ByteView file, std::size_t end) {
  if (end < kLocator64Size || u32(file, end - kLocator64Size) != kLocator64Mark)
    return malformed("ZIP64 locator missing");
  const std::uint64_t at = little_endian(file, end - kLocator64Size + 8, 8);
  if (at > end - kLocator64Size || end - kLocator64Size - at < kEnd64Size || u32(file, at) != kEnd64Mark)
    return malformed("ZIP64 end record missing");
  return Place{little_endian(file, at + 32, 8), little_endian(file, at + 40, 8), little_endian(file, at + 48, 8), at};
}

Result<Place> find_directory(ByteView file) {
  const auto end = find_end(file);
  if (!end) return malformed("ZIP directory missing: the file is cut off or has bytes behind its end");
  if (u16(file, *end + 4) != 0 || u16(file, *end + 6) != 0) return malformed("ZIP archive of several volumes");
  Place place{u16(file, *end + 10), u32(file, *end + 12), u32(file, *end + 16), *end};
  if (place.count == 0xFFFF || place.size == kIn64 || place.offset == kIn64)
    place = KYSO_TRY(find_directory64(file, *end));
  if (place.offset > place.end || place.size > place.end - place.offset) return malformed("ZIP directory outside");
  if (place.count > place.size / kEntrySize) return malformed("ZIP directory shorter than its count");
  return place;
}

// Extended information (APPNOTE 4.5.3): only the fields that are saturated in the entry, in this order.
Result<> read_zip64(ByteView extra, ZipEntry& entry) {
  std::uint64_t* const fields[] = {&entry.unpacked, &entry.packed, &entry.start};
  if (std::ranges::none_of(fields, [](const auto* field) { return *field == kIn64; })) return {};
  while (extra.size() >= 4) {
    const std::size_t size = u16(extra, 2);
    if (size > extra.size() - 4) break;
    ByteView content = extra.subspan(4, size);
    if (u16(extra, 0) == 1) {
      for (auto* field : fields) {
        if (*field != kIn64) continue;
        if (content.size() < 8) return malformed("ZIP64 field missing");
        *field = little_endian(content, 0, 8);
        content = content.subspan(8);
      }
      return {};
    }
    extra = extra.subspan(4 + size);
  }
  return malformed("ZIP64 fields missing");
}

// The bytes behind the entry's local header and data.
Result<std::uint64_t> end_of(ByteView file, const ZipEntry& entry, std::uint64_t directory) {
  if (entry.start > directory || directory - entry.start < kLocalSize || u32(file, entry.start) != kLocalMark)
    return malformed("ZIP entry outside: " + entry.name);
  const std::size_t name_size = u16(file, entry.start + 26), extra_size = u16(file, entry.start + 28);
  const std::uint64_t room = directory - entry.start - kLocalSize;
  if (name_size + extra_size > room || entry.packed > room - name_size - extra_size)
    return malformed("ZIP entry outside: " + entry.name);
  if (as_chars(file.subspan(entry.start + kLocalSize, name_size)) != entry.name)
    return malformed("ZIP entry with two names: " + entry.name);
  return entry.start + kLocalSize + name_size + extra_size + entry.packed;
}

Result<> check_overlap(ByteView file, const std::vector<ZipEntry>& entries, std::uint64_t directory) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
  for (const ZipEntry& entry : entries) ranges.emplace_back(entry.start, KYSO_TRY(end_of(file, entry, directory)));
  std::ranges::sort(ranges);
  for (std::size_t i = 1; i < ranges.size(); ++i)
    if (ranges[i].first < ranges[i - 1].second) return fail("sheet.bomb", "ZIP entries overlap");
  return {};
}

Result<> check_names(const std::vector<ZipEntry>& entries) {
  std::vector<std::string> names;
  for (const ZipEntry& entry : entries) {
    if (!is_part_name(entry.name)) return malformed("a ZIP entry whose name is not a part's name");
    names.push_back(fold_part_name(entry.name));
  }
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  if (twice != names.end()) return malformed("part twice: " + *twice);
  return {};
}

Result<std::vector<ZipEntry>> read_entries(ByteView file, const Place& place) {
  std::vector<ZipEntry> entries;
  ByteView rest = file.subspan(place.offset, place.size);
  for (std::uint64_t i = 0; i < place.count; ++i) {
    if (rest.size() < kEntrySize || u32(rest, 0) != kEntryMark) return malformed("ZIP directory broken");
    const std::size_t name_size = u16(rest, 28), extra_size = u16(rest, 30), comment_size = u16(rest, 32);
    if (name_size + extra_size + comment_size > rest.size() - kEntrySize) return malformed("ZIP directory broken");
    ZipEntry entry{std::string(as_chars(rest.subspan(kEntrySize, name_size))),
                   i,
                   u32(rest, 42),
                   u32(rest, 20),
                   u32(rest, 24),
                   u16(rest, 10),
                   (u16(rest, 8) & 1U) != 0};
    KYSO_TRY(read_zip64(rest.subspan(kEntrySize + name_size, extra_size), entry));
    rest = rest.subspan(kEntrySize + name_size + extra_size + comment_size);
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

bool is_part_name(std::string_view name) {
  if (name.empty() || name.size() > 512 || !is_valid_utf8(name)) return false;
  if (std::ranges::any_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7F || c == '\\' || c == ':'; }))
    return false;
  for (;;) {
    const std::size_t slash = name.find('/');
    const std::string_view segment = name.substr(0, slash);
    if (segment.empty() || segment == "." || segment == "..") return false;
    if (slash == std::string_view::npos) return true;
    name.remove_prefix(slash + 1);
  }
}

std::string fold_part_name(std::string_view name) {
  std::string folded(name);
  for (char& c : folded)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return folded;
}

Result<std::vector<ZipEntry>> read_zip_directory(ByteView file, std::size_t max_entries) {
  const Place place = KYSO_TRY(find_directory(file));
  if (place.count > max_entries) return over_limit(fmt::format("{} ZIP entries", max_entries));
  std::vector<ZipEntry> entries = KYSO_TRY(read_entries(file, place));
  KYSO_TRY(check_overlap(file, entries, place.offset));
  std::erase_if(entries, [](const ZipEntry& e) { return e.name.ends_with('/') && e.unpacked == 0; });
  KYSO_TRY(check_names(entries));
  return entries;
}

}  // namespace kyso::sheet

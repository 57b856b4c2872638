#include "sheet/package.h"

#include <zip.h>

#include <memory>
#include <set>

#include "base/text.h"
#include "sheet/sheet_error.h"
#include "sheet/zip_archive.h"

namespace kyso::sheet {
namespace {

// 1 January 1980, 00:00: the earliest time that ZIP knows.
constexpr zip_uint16_t kDosDate = (0U << 9U) | (1U << 5U) | 1U, kDosTime = 0;

struct Writer {
  zip_error_t error{};
  zip_source_t* buffer = nullptr;
  zip_t* archive = nullptr;

  Writer() {
    ::zip_error_init(&error);
    buffer = ::zip_source_buffer_create(nullptr, 0, 0, &error);
    if (buffer == nullptr) return;
    ::zip_source_keep(buffer);  // closing the archive releases its own hold only
    archive = ::zip_open_from_source(buffer, ZIP_TRUNCATE, &error);
    if (archive == nullptr) ::zip_source_free(buffer);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() {
    if (archive != nullptr) ::zip_discard(archive);
    if (buffer != nullptr) ::zip_source_free(buffer);
    ::zip_error_fini(&error);
  }
};

bool add_part(zip_t* archive, const PackagePart& part) {
  zip_source_t* source = ::zip_source_buffer(archive, part.content.data(), part.content.size(), 0);
  if (source == nullptr) return false;
  const zip_int64_t index = ::zip_file_add(archive, part.name.c_str(), source, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    ::zip_source_free(source);
    return false;
  }
  const auto place = static_cast<zip_uint64_t>(index);
  return ::zip_set_file_compression(archive, place, ZIP_CM_DEFLATE, 6) == 0 &&
         ::zip_file_set_dostime(archive, place, kDosTime, kDosDate, 0) == 0 &&
         ::zip_file_set_external_attributes(archive, place, 0, ZIP_OPSYS_DOS, 0) == 0;
}

Result<Bytes> content_of(zip_source_t* source) {
  zip_stat_t size;
  ::zip_stat_init(&size);
  if (::zip_source_stat(source, &size) != 0 || ::zip_source_open(source) != 0) return unwritable("ZIP buffer");
  Bytes content(size.size);
  const zip_int64_t got = ::zip_source_read(source, content.data(), content.size());
  ::zip_source_close(source);
  if (got < 0 || static_cast<std::size_t>(got) != content.size()) return unwritable("ZIP buffer");
  return content;
}

bool is_xml_character(char32_t c) {
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD) ||
         (c >= 0x10000 && c <= 0x10FFFF);
}

}  // namespace

Result<Bytes> write_package(const std::vector<PackagePart>& parts) {
  std::set<std::string> names;
  for (const PackagePart& part : parts)
    if (!is_part_name(part.name) || !names.insert(fold_part_name(part.name)).second)
      return unwritable("part name: " + to_valid_utf8(part.name));
  if (parts.empty()) return unwritable("a package without parts");
  Writer writer;
  if (writer.archive == nullptr) return unwritable("ZIP buffer");
  for (const PackagePart& part : parts)
    if (!add_part(writer.archive, part)) return unwritable("part: " + part.name);
  if (::zip_close(writer.archive) != 0)
    return unwritable(fmt::format("ZIP error {}", ::zip_error_code_zip(::zip_get_error(writer.archive))));
  writer.archive = nullptr;
  return content_of(writer.buffer);
}

Result<std::vector<PackagePart>> read_package(ByteView file, const PackageLimits& limits) {
  ZipArchive archive = KYSO_TRY(ZipArchive::open(file, {limits.max_entries, limits.max_unpacked, limits.max_ratio}));
  std::vector<PackagePart> parts;
  for (const ZipEntry& entry : archive.entries()) parts.push_back({entry.name, KYSO_TRY(archive.read(entry))});
  return parts;
}

// Tabs and line ends are references: an attribute's value would lose them (XML 1.0 section 3.3.3).
std::string escape_xml(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size() + text.size() / 8);
  for (const char32_t c : to_utf32(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&apos;";
        break;
      case '\t':
        escaped += "&#9;";
        break;
      case '\n':
        escaped += "&#10;";
        break;
      case '\r':
        escaped += "&#13;";
        break;
      default:
        append_utf8(escaped, is_xml_character(c) ? c : U'\uFFFD');
    }
  }
  return escaped;
}

}  // namespace kyso::sheet

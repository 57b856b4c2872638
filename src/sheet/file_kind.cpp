#include "sheet/file_kind.h"

#include <algorithm>
#include <string>

#include "sheet/sheet_error.h"

namespace kyso::sheet {
namespace {

struct Signature {
  std::string_view bytes, kind;
};
using namespace std::string_view_literals;
constexpr Signature kSignatures[] = {
    {"%PDF-"sv, "PDF"},
    {"{\\rtf"sv, "RTF"},
    {"\x89PNG\r\n"sv, "PNG"},
    {"\xFF\xD8\xFF"sv, "JPEG"},
    {"GIF8"sv, "GIF"},
    {"BM6"sv, "BMP"},
    {"II*\0"sv, "TIFF"},
    {"MM\0*"sv, "TIFF"},
    {"Rar!\x1A"sv, "RAR"},
    {"7z\xBC\xAF\x27\x1C"sv, "7-Zip"},
    {"\x1F\x8B"sv, "GZIP"},
    // BIFF 2 to 4, before Excel 5: no compound file around it.
    {"\x09\x00\x04\x00"sv, "Excel 2 (.xls)"},
    {"\x09\x02\x06\x00"sv, "Excel 3 (.xls)"},
    {"\x09\x04\x06\x00"sv, "Excel 4 (.xls)"},
};

constexpr std::string_view kCompoundFile = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

// [MS-CFB] section 2.6.1: directory entries of 128 bytes begin with up to 32 UTF-16 units of name, then its length in
// bytes. They are found wherever they stand, so that a broken chain of sectors hides nothing.
bool has_stream(ByteView file, std::string_view name) {
  std::string pattern;
  for (const char c : name) pattern += {c, '\0'};
  pattern.resize(64, '\0');
  const std::size_t length = 2 * name.size() + 2;
  pattern += static_cast<char>(length);
  pattern += '\0';
  for (std::size_t at = 512; at + 128 <= file.size(); at += 128)
    if (as_chars(file.subspan(at, pattern.size())) == pattern) return true;
  return false;
}

Error compound_file(ByteView file) {
  // [MS-OFFCRYPTO] section 1.3.3: an encrypted package is a stream of a compound file.
  if (has_stream(file, "EncryptedPackage")) return fail("sheet.encrypted", "EncryptedPackage");
  if (has_stream(file, "Workbook") || has_stream(file, "Book")) return other_kind("Excel 97-2003 (.xls)");
  if (has_stream(file, "WordDocument")) return other_kind("Word 97-2003 (.doc)");
  if (has_stream(file, "PowerPoint Document")) return other_kind("PowerPoint 97-2003 (.ppt)");
  return other_kind("OLE2");
}

std::string lower_head(ByteView file) {
  std::string head(as_chars(file.first(std::min<std::size_t>(file.size(), 2'048))));
  std::erase(head, '\0');  // UTF-16 as well
  for (char& c : head)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  const std::size_t start = head.find_first_not_of(" \t\r\n\xEF\xBB\xBF\xFE\xFF");
  return start == std::string::npos ? std::string() : head.substr(start);
}

bool begins_with_tag(std::string_view head) {
  for (const auto tag : {"<!doctype html", "<html", "<head", "<meta", "<body", "<table", "<style", "<div", "<!--"})
    if (head.starts_with(tag)) return true;
  return false;
}

bool is_utf16(std::string_view bytes) {
  return bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF");
}

bool has_controls(std::string_view head) {
  return std::ranges::any_of(head.substr(0, 4'096), [](unsigned char c) {
    return c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1A;
  });
}

}  // namespace

Result<FileKind> kind_of(ByteView file) {
  if (file.empty()) return fail("sheet.empty");
  const std::string_view bytes = as_chars(file);
  if (bytes.starts_with("PK\x03\x04")) return FileKind::zip;
  if (bytes.starts_with("PK\x05\x06")) return malformed("ZIP archive without entries");
  if (bytes.starts_with(kCompoundFile)) return compound_file(file);
  for (const Signature& signature : kSignatures)
    if (bytes.starts_with(signature.bytes)) return other_kind(signature.kind);
  const std::string head = lower_head(file);
  if (begins_with_tag(head)) return other_kind("HTML");
  if (head.starts_with("mime-version:")) return other_kind("MHTML");
  if (head.starts_with("<?xml"))
    return other_kind(head.find("office:spreadsheet") != std::string::npos ? "XML Spreadsheet 2003"
                      : head.find("<html") != std::string::npos            ? "HTML"
                                                                           : "XML");
  if (!is_utf16(bytes) && has_controls(bytes)) return malformed("neither a ZIP archive nor text");
  return FileKind::text;
}

}  // namespace kyso::sheet

#include "registry/public_pages/file_kind.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace kyso::registry {
namespace {

enum class Content : std::uint8_t { pdf, zip, png, jpeg, text, windows_program, ole, archive_ar, gzip, seven_zip };

struct Known {
  std::string_view ending;
  Content content;
  std::string_view type;
};
constexpr std::array<Known, 19> kKnown = {
    {{".pdf", Content::pdf, "application/pdf"},
     {".docx", Content::zip, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
     {".xlsx", Content::zip, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
     {".pptx", Content::zip, "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
     {".odt", Content::zip, "application/vnd.oasis.opendocument.text"},
     {".ods", Content::zip, "application/vnd.oasis.opendocument.spreadsheet"},
     {".zip", Content::zip, "application/zip"},
     {".png", Content::png, "image/png"},
     {".jpg", Content::jpeg, "image/jpeg"},
     {".jpeg", Content::jpeg, "image/jpeg"},
     {".txt", Content::text, "text/plain; charset=utf-8"},
     {".csv", Content::text, "text/csv; charset=utf-8"},
     {".exe", Content::windows_program, "application/octet-stream"},
     {".msi", Content::ole, "application/octet-stream"},
     {".doc", Content::ole, "application/msword"},
     {".xls", Content::ole, "application/vnd.ms-excel"},
     {".deb", Content::archive_ar, "application/octet-stream"},
     {".tar.gz", Content::gzip, "application/gzip"},
     {".7z", Content::seven_zip, "application/x-7z-compressed"}}};

bool starts(ByteView content, std::string_view magic) {
  return as_chars(content).substr(0, magic.size()) == magic;
}

bool is_plain_text(ByteView content) {
  const std::string_view text = as_chars(content);
  return is_valid_utf8(text) && std::ranges::all_of(text, [](char c) {
           return static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\r' || c == '\t';
         });
}

bool is_content(Content kind, ByteView content) {
  using namespace std::string_view_literals;
  switch (kind) {
    case Content::pdf:
      return looks_like_pdf(content);
    case Content::zip:
      return starts(content, "PK\x03\x04"sv);
    case Content::png:
      return starts(content, "\x89PNG\r\n\x1A\n"sv);
    case Content::jpeg:
      return starts(content, "\xFF\xD8\xFF"sv);
    case Content::text:
      return is_plain_text(content);
    case Content::windows_program:
      return starts(content, "MZ"sv);
    case Content::ole:
      return starts(content, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv);
    case Content::archive_ar:
      return starts(content, "!<arch>\n"sv);
    case Content::gzip:
      return starts(content, "\x1F\x8B"sv);
    case Content::seven_zip:
      return starts(content, "7z\xBC\xAF\x27\x1C"sv);
  }
  return false;
}

}  // namespace

bool looks_like_pdf(ByteView content) {
  constexpr std::size_t kHeaderWithin = 1024;
  return as_chars(content).substr(0, kHeaderWithin).find("%PDF-") != std::string_view::npos;
}

std::optional<FileKind> file_kind(std::string_view file_name, ByteView content) {
  const std::string name = fold_case(file_name);
  const auto* known = std::ranges::find_if(
      kKnown, [&](const Known& one) { return name.size() > one.ending.size() && name.ends_with(one.ending); });
  if (known == kKnown.end() || content.empty() || !is_content(known->content, content)) return std::nullopt;
  return FileKind{known->type};
}

}  // namespace kyso::registry

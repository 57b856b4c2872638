#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace kyso::registry {

// What the bytes of a file are, and that its name ends accordingly. Only what is of use on a page of forms and
// programs: no HTML, no SVG, no scripts, whatever the name says.
struct FileKind {
  std::string_view content_type;
};
std::optional<FileKind> file_kind(std::string_view file_name, ByteView content);

// ISO 32000-1 Annex H: readers find the header within the first 1024 bytes.
bool looks_like_pdf(ByteView content);

}  // namespace kyso::registry

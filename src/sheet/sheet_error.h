#pragma once
#include <fmt/format.h>

#include <source_location>
#include <string>

#include "base/error.h"

namespace kyso::sheet {

// What is wrong with the file, in technical English without any cell's content: it may reach a log.
inline Error malformed(std::string reason, std::source_location where = std::source_location::current()) {
  return Error("sheet.malformed", reason, where).with("reason", reason);
}
inline Error over_limit(std::string limit, std::source_location where = std::source_location::current()) {
  return Error("sheet.limit", limit, where).with("limit", limit);
}
inline Error too_large(std::size_t limit, std::source_location where = std::source_location::current()) {
  return Error("sheet.limit.size", {}, where).with("limit", limit >> 20U);
}
// `kind` is a name that reads the same in both languages: "PDF", "OpenDocument (.ods)".
inline Error other_kind(std::string_view kind, std::source_location where = std::source_location::current()) {
  return Error("sheet.kind", std::string(kind), where).with("kind", kind);
}
inline Error unwritable(std::string reason, std::source_location where = std::source_location::current()) {
  return Error("sheet.unwritable", reason, where).with("reason", reason);
}

}  // namespace kyso::sheet

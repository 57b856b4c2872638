#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kyso::verify {

// What XMP metadata (ISO 16684-1) says: its top-level properties, whatever way of RDF they are written in, but for
// those that every program which writes a file renews: dates of the file, the program's own name, the instance, its
// history.
struct XmpProperty {
  std::string canonical;  // equal values have equal bytes
  std::string text;       // "title: Hợp đồng", for people
  friend auto operator<=>(const XmpProperty& a, const XmpProperty& b) { return a.canonical <=> b.canonical; }
  friend bool operator==(const XmpProperty& a, const XmpProperty& b) { return a.canonical == b.canonical; }
};
// Sorted. nullopt: no XMP that could be compared (malformed, with a document type, too large or too deep). An empty
// packet says nothing.
std::optional<std::vector<XmpProperty>> read_xmp(std::string_view packet);

}  // namespace kyso::verify

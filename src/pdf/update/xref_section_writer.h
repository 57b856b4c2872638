#pragma once
#include <map>

#include "pdf/file/revision_graph.h"

// Private to the module: cross-reference sections as bytes (ISO 32000-2 sections 7.5.4 and 7.5.8).
namespace kyso::pdf {

struct XrefRow {
  XrefEntry::Kind kind = XrefEntry::Kind::plain;
  std::uint16_t generation = 0;
  std::uint64_t value = 0;  // plain: offset from the header; compressed: number of the object stream; free: next free
  std::uint32_t index = 0;  // compressed: position in it
};
using XrefRows = std::map<std::uint32_t, XrefRow>;

// "xref", merged subsections of 20-byte entries and the trailer. Offsets have at most ten digits, nothing is
// compressed.
void write_xref_table(const XrefRows& rows, const Dictionary& trailer, Bytes& out);
// The stream object; `trailer` becomes part of its dictionary. Never encrypted.
void write_xref_stream(ObjectId id, const XrefRows& rows, Dictionary trailer, Bytes& out);

}  // namespace kyso::pdf

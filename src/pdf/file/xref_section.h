#pragma once
#include "pdf/file/file_object.h"
#include "pdf/file/revision_graph.h"

// One cross-reference section as it stands in a file. Private to the module.
namespace kyso::pdf {

struct XrefContext {
  const Source& source;
  const Limits& limits;
  WorkBudget& budget;
  std::size_t& entries_left;  // of all sections together
  std::vector<StructureNote>& notes;
  std::uint64_t base = 0;  // what offsets count from
  bool mends = true;       // may deviate as RevisionGraph::Repair::minor
};

// Reads the table or stream that begins at `offset`. /Prev and /XRefStm are in its trailer; nothing is followed.
// pdf.xref.broken, pdf.trailer.broken, pdf.limit.
Result<XrefSection> read_xref_section(XrefContext& context, std::uint64_t offset);
Result<XrefSection> read_xref_table(XrefContext& context, std::uint64_t offset);
Result<XrefSection> read_xref_stream(XrefContext& context, std::uint64_t offset);

// Adds what only the stream of a hybrid section defines (ISO 32000-2 section 7.5.8.4). An object that the table marks
// free but the stream defines is one hidden from old readers: the stream counts.
void merge_hybrid(XrefContext& context, XrefSection& table, XrefSection stream);

// An object stream holds syntax, not pictures: more than this is a bomb.
inline constexpr std::size_t kMaxObjectStream = 32U << 20U;

// A stream of an unencrypted file whose filters are direct objects.
Result<Bytes> decode_direct(const Source& source, const Stream& stream, const Limits& limits, WorkBudget& budget);

// True when "xref" or "n g obj" begins at exactly this byte.
bool is_section_start(const Source& source, std::uint64_t offset);

}  // namespace kyso::pdf

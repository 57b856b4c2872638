#pragma once
#include <unordered_set>

#include "pdf/file/object_view.h"
#include "verify/facts/facts.h"

// What is wrong with the objects of a file and with the bytes between them. Private to the module.
namespace kyso::verify {

struct StructureInput {
  const pdf::RevisionGraph& graph;
  const pdf::Source& source;                      // the whole file
  const pdf::ObjectView* newest = nullptr;        // nullptr: it can't be opened
  std::optional<std::uint64_t> cut_at;            // of OpenedGraph
  std::optional<std::uint64_t> first_signed_end;  // where the oldest signature's coverage ends; nothing: unsigned
  std::optional<std::uint64_t> last_signed_end;
};
struct StructureFacts {
  std::vector<Finding> findings;
  std::vector<pdf::Extent> leftovers;
  // Offsets of "n g obj" that no cross-reference leads to, by number.
  std::vector<std::pair<std::uint32_t, std::uint64_t>> hidden_objects;
  // Objects that the newest revision leads to; nothing: not looked at, the file is too large for that.
  std::optional<std::unordered_set<std::uint32_t>> reached;
};
// Entries, object streams and trees are looked at in files up to some size (docs/verify.md); what follows the signed
// bytes always. pdf.file.changed.
Result<StructureFacts> examine_structure(const StructureInput& input);

}  // namespace kyso::verify

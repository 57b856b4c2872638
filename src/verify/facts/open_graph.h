#pragma once
#include <unordered_set>

#include "verify/facts/facts.h"

namespace kyso::verify {

// A file's revisions, read as far as they can be, and what was wrong with them. Private to the module.
struct OpenedGraph {
  std::shared_ptr<const pdf::RevisionGraph> graph;  // nullptr: no cross-reference could be found or made
  std::vector<Finding> findings;
  // The graph ends there although the file goes on: what follows names no readable cross-reference.
  std::optional<std::uint64_t> cut_at;
  std::uint64_t first_section_offset = 0;  // where reading failed, for findings
};
// Tries the file as it is; with older sections left out; up to an earlier end mark; by a scan for objects.
// pdf.not_pdf, pdf.file.changed.
Result<OpenedGraph> open_graph(const pdf::Source& source, const pdf::Limits& limits);

// The graph's own notes as findings. Deviations of revisions after `signed_end` weigh more.
// `reached`: of StructureFacts.
void map_notes(const pdf::RevisionGraph& graph, std::uint64_t signed_end,
               const std::optional<std::unordered_set<std::uint32_t>>& reached, std::vector<Finding>& findings);

}  // namespace kyso::verify

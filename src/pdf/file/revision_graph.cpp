#include "pdf/file/revision_graph.h"

#include <algorithm>

#include "pdf/file/revision_graph_builder.h"

namespace kyso::pdf {

namespace {

constexpr std::uint64_t kTriedUpTo = 1U << 30U;

}  // namespace

Result<RevisionGraph> RevisionGraph::open(Source source, Repair repair, const Limits& limits) {
  auto graph = build_revision_graph(source, repair, limits);
  if (graph) return graph;
  Error error = std::move(graph).error();
  const bool is_repairable_kind =
      error.code == "pdf.truncated" || error.code.starts_with("pdf.xref.") || error.code == "pdf.trailer.broken";
  if (!is_repairable_kind || repair == Repair::cut || source.size() > kTriedUpTo) return error;
  const bool would_help = (repair == Repair::refuse && build_revision_graph(source, Repair::minor, limits)) ||
                          (repair != Repair::full && build_revision_graph(source, Repair::full, limits));
  if (would_help) return std::move(error).with("repairable", "yes");
  return fail("pdf.unrepairable", "{}: {}", error.code, error.detail).with("reason", error.code);
}

bool RevisionGraph::was_repaired() const {
  return std::ranges::any_of(m_notes, &StructureNote::repair);
}

}  // namespace kyso::pdf

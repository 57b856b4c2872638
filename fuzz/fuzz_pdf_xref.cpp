// Cross-reference, revisions, repair and leftovers. Seeds: tests/data/pdf.
#include <cstdlib>

#include "pdf/file/revision_graph.h"

using namespace kyso;
using namespace kyso::pdf;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Limits limits;
  limits.decoded_stream = 1U << 20U;
  limits.objects = 100'000;
  using Repair = RevisionGraph::Repair;
  for (const Repair repair : {Repair::refuse, Repair::minor, Repair::full}) {
    const auto graph = RevisionGraph::open(Source::from_bytes(Bytes(data, data + size)), repair, limits);
    if (!graph) continue;
    if (repair == Repair::refuse && graph->was_repaired()) std::abort();
    for (const Revision& revision : graph->revisions()) {
      if (revision.end > size || revision.sections.empty()) std::abort();
    }
    const auto leftovers = graph->leftovers();
    if (!leftovers) continue;
    std::uint64_t position = 0;
    for (const Extent& extent : *leftovers) {
      if (extent.offset < position || extent.length == 0 || extent.end() > size) std::abort();
      position = extent.end();
    }
  }
  return 0;
}

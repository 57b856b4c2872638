#include <cstdint>

#include "verify/changes/change.h"

// A whole file, every revision of it compared with the one before.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kyso;
  const ByteView input(data, size);
  auto graph = pdf::RevisionGraph::open(pdf::Source::from_bytes(Bytes(input.begin(), input.end())));
  if (!graph) return 0;
  const auto shared = std::make_shared<const pdf::RevisionGraph>(*std::move(graph));
  const verify::ChangeReport report = verify::find_changes(shared, 0, nullptr);
  for (const verify::Change& change : report.changes) {
    if (change.code.empty() || change.revision >= shared->revisions().size()) __builtin_trap();
  }
  return 0;
}

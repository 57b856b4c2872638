// Every object and stream of every revision, with small limits. Seeds: tests/data/pdf.
#include <cstdlib>

#include "pdf/file/object_view.h"

using namespace kyso;
using namespace kyso::pdf;

namespace {

void read_everything(const ObjectView& view, std::size_t size) {
  for (std::uint32_t number = 0; number < std::min<std::uint32_t>(view.size(), 5000); ++number) {
    const XrefEntry* entry = view.entry(number);
    if (entry == nullptr) continue;
    const ObjectId id{number, entry->kind == XrefEntry::Kind::plain ? entry->generation : std::uint16_t{0}};
    const auto object = view.get(id);
    if (const auto extent = view.extent_of(id); extent && extent->end() > size) std::abort();
    if (object && object->as_stream() != nullptr) (void)view.decode(*object->as_stream());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Limits limits;
  limits.decoded_stream = 256U << 10U;
  limits.decoded_total = 4U << 20U;
  limits.objects = 20'000;
  auto graph = RevisionGraph::open(Source::from_bytes(Bytes(data, data + size)), RevisionGraph::Repair::full, limits);
  if (!graph) return 0;
  const auto shared = std::make_shared<const RevisionGraph>(*std::move(graph));
  const std::size_t count = std::min<std::size_t>(shared->revisions().size(), 4);
  for (std::size_t revision = 0; revision < count; ++revision) {
    const Secret password{"usersecret"};
    const auto view = ObjectView::open(shared, revision, &password);
    if (view) read_everything(*view, size);
  }
  return 0;
}

#include "verify/facts/object_place.h"

#include <algorithm>

namespace kyso::verify {

std::optional<std::uint64_t> place_of_object(const pdf::ObjectView& view, std::uint32_t number) {
  constexpr auto kPlain = pdf::XrefEntry::Kind::plain;
  const pdf::XrefEntry* entry = view.entry(number);
  if (entry == nullptr) return std::nullopt;
  if (entry->kind == kPlain) return entry->offset;
  if (entry->kind == pdf::XrefEntry::Kind::compressed) {
    const pdf::XrefEntry* container = view.entry(entry->container);
    if (container != nullptr && container->kind == kPlain) return container->offset;
  }
  for (const std::size_t rank : view.graph().revisions()[view.revision()].sections) {
    const pdf::XrefSection& section = view.graph().sections()[rank];
    if (std::ranges::binary_search(section.entries, number, {}, &std::pair<std::uint32_t, pdf::XrefEntry>::first))
      return section.extent.offset;
  }
  return std::nullopt;
}

}  // namespace kyso::verify

#pragma once
#include "pdf/file/object_view.h"

namespace kyso::verify {

// The byte at which people should look for an object: where it stands, where the object stream that holds it stands,
// or the section that says something about it. Private to the module.
std::optional<std::uint64_t> place_of_object(const pdf::ObjectView& view, std::uint32_t number);

}  // namespace kyso::verify

#pragma once
#include <span>

#include "pdf/file/object_view.h"
#include "verify/changes/seats.h"

namespace kyso::verify {

// Whether the glyphs of a font that came with a change look like the letters that they are said to be.
enum class FontTruth : std::uint8_t {
  shows,       // all have the shapes that the letters have in a font of the same name
  unverified,  // nothing to compare them with
  lies,        // some have the shape of other letters
};
// Compared with `earlier`, fonts that stood in the document before, and with the fonts that Kyso itself brings.
FontTruth truth_of(const pdf::ObjectView& view, std::uint32_t font, std::span<const std::uint32_t> earlier, Work& work);

}  // namespace kyso::verify

#pragma once
#include <hb-ot.h>
#include <hb-subset.h>
#include <hb.h>

#include "base/result.h"

// The only door to HarfBuzz. The library draws in glib, FreeType and Graphite; an invisible signature must not pay for
// loading them, so it is opened when the first font is, and never linked.
namespace kyso::pdf {

#define KYSO_HARFBUZZ_FUNCTIONS(X) \
  X(hb_blob_create)                \
  X(hb_blob_destroy)               \
  X(hb_blob_get_data)              \
  X(hb_face_create)                \
  X(hb_face_destroy)               \
  X(hb_face_get_upem)              \
  X(hb_face_get_glyph_count)       \
  X(hb_face_reference_table)       \
  X(hb_face_reference_blob)        \
  X(hb_font_create)                \
  X(hb_font_destroy)               \
  X(hb_font_make_immutable)        \
  X(hb_font_get_nominal_glyph)     \
  X(hb_font_get_glyph_h_advance)   \
  X(hb_font_get_glyph_extents)     \
  X(hb_ot_name_get_utf8)           \
  X(hb_language_from_string)       \
  X(hb_set_add)                    \
  X(hb_map_get)

#define KYSO_HARFBUZZ_SUBSET_FUNCTIONS(X) \
  X(hb_subset_input_create_or_fail)       \
  X(hb_subset_input_destroy)              \
  X(hb_subset_input_glyph_set)            \
  X(hb_subset_input_set)                  \
  X(hb_subset_input_set_flags)            \
  X(hb_subset_plan_create_or_fail)        \
  X(hb_subset_plan_destroy)               \
  X(hb_subset_plan_execute_or_fail)       \
  X(hb_subset_plan_old_to_new_glyph_mapping)

struct HarfBuzz {
#define KYSO_DECLARE(function) decltype(&::function) function = nullptr;
  KYSO_HARFBUZZ_FUNCTIONS(KYSO_DECLARE)
  KYSO_HARFBUZZ_SUBSET_FUNCTIONS(KYSO_DECLARE)
#undef KYSO_DECLARE
};

// Loads the library once; thread-safe. pdf.font.library_missing {library}.
Result<const HarfBuzz*> harfbuzz();

}  // namespace kyso::pdf

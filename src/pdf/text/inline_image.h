#pragma once
#include "pdf/syntax/lexer.h"

namespace kyso::pdf {

struct InlineImage {
  bool was_found = false;  // with its data and EI
  bool is_stencil = false;
};

// Reads an inline image, the lexer standing after BI; leaves it after EI (ISO 32000-2 section 8.9.7). Where there is no
// EI the lexer stays behind what could be understood: nothing is lost, nothing is read twice.
InlineImage read_inline_image(Lexer& lexer);

}  // namespace kyso::pdf

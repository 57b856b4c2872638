#pragma once
#include "base/bytes.h"

// Private to the module: the coding that streams are written in (ISO 32000-2 section 7.4.4).
namespace kyso::pdf {

// Zlib data; empty when there is no memory for it.
Bytes deflated(ByteView plain);

}  // namespace kyso::pdf

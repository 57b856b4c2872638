#include "pdf/file/deflate.h"

#include <zlib.h>

namespace kyso::pdf {

Bytes deflated(ByteView plain) {
  uLongf size = compressBound(plain.size());
  Bytes out(size);
  const int level = plain.size() > (4U << 20U) ? 6 : 9;
  if (compress2(out.data(), &size, plain.data(), plain.size(), level) != Z_OK) return {};
  out.resize(size);
  return out;
}

}  // namespace kyso::pdf

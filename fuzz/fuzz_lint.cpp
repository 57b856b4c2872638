#include <cstdlib>

#include "pki/lint/lint.h"

using namespace kyso;

// The linter on bytes from a stranger: it always ends, and says the same each time.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 65536) return 0;
  const ByteView input(data, size);
  const auto breaches = pki::lint::check(input, {.lightest = pki::lint::Weight::notice});
  for (std::size_t i = 0; i < breaches.size(); ++i) {
    if (breaches[i].rule == nullptr || breaches[i].detail.size() > 1024) std::abort();
    if (i > 0 && breaches[i - 1].rule >= breaches[i].rule) std::abort();
  }
  return 0;
}

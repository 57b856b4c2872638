#include <cstdlib>

#include "cms/signed_data.h"

// A CMS signature from a stranger's document.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kyso;
  const ByteView input(data, size);
  static_cast<void>(cms::message_digest_of(input));
  const auto view = cms::parse_signed_data(input);
  if (!view) return 0;
  if (view->encoded_size > size) std::abort();
  static_cast<void>(cms::check_integrity(*view, view->message_digest));
  // What belongs to it reads the same without the rest.
  const auto again = cms::parse_signed_data(input.first(view->encoded_size));
  if (!again || again->signed_attributes != view->signed_attributes || again->signature != view->signature)
    std::abort();
  return 0;
}

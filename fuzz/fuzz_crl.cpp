#include <cstdlib>

#include "pki/revocation.h"

// A CRL from a stranger's document or server.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kyso;
  const auto list = pki::RevocationList::from_der(ByteView(data, size));
  if (!list) return 0;
  const auto again = pki::RevocationList::from_der(list->der());
  if (!again || again->size() != list->size() || again->this_update() != list->this_update()) std::abort();
  if (list->size() > size) std::abort();
  return 0;
}

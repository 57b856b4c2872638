#include <algorithm>
#include <cstdlib>

#include "vault/protocol.h"

// What reaches the vault's socket from a process that may be taken over, and what the vault answers. The first octet
// chooses the message.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kyso;
  using namespace kyso::vault;
  if (size < 1) return 0;
  const ByteView body(data + 1, size - 1);
  if (const auto call = decode_call(static_cast<MessageType>(data[0]), body)) {
    const auto again = encode(*call);
    if (!std::ranges::equal(again, body)) std::abort();  // one encoding for each call
  }
  if (body.size() >= kHeaderSize) {
    if (const auto header = decode_header(body.first(kHeaderSize)))
      if (!std::ranges::equal(encode_header(*header), body.first(kHeaderSize))) std::abort();
  }
  switch (data[0] % 6) {
    case 0:
      static_cast<void>(decode_answer<StateCall>(body));
      break;
    case 1:
      static_cast<void>(decode_answer<PrepareCall>(body));
      break;
    case 2:
      static_cast<void>(decode_answer<SignPreparedCall>(body));
      break;
    case 3:
      static_cast<void>(decode_answer<IntentsCall>(body));
      break;
    case 4:
      static_cast<void>(decode_answer<JournalCall>(body));
      break;
    default:
      static_cast<void>(decode_answer<SignOcspCall>(body));
      break;
  }
  return 0;
}

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "jose/jws.h"
#include "vault/policy.h"
#include "vault/statement.h"

// A statement that is read has one text, the one it was read from; and the shape of a JWS alone crashes nothing.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = kyso::as_chars({data, size});
  const auto request = kyso::vault::parse_request(text);
  if (request && kyso::vault::serialize(*request) != text) std::abort();
  const auto approval = kyso::vault::parse_approval(text);
  if (approval && kyso::vault::serialize(*approval) != text) std::abort();
  if (const auto jws = kyso::jose::Jws::parse(text, kyso::vault::kRequestType)) {
    if (jws->certificate_sha256().size() != 32) std::abort();
    if (const auto inner = kyso::vault::parse_request(jws->payload());
        inner && kyso::vault::serialize(*inner) != jws->payload())
      std::abort();
  }
  return 0;
}

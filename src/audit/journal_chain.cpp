#include "audit/journal_chain.h"

#include "crypto/algorithm.h"

namespace kyso::audit {
namespace {

void append_number(Bytes& out, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(number >> shift));
}

}  // namespace

Bytes journal_chain(ByteView previous, std::int64_t sequence, Instant time, std::string_view kind,
                    std::string_view body) {
  Bytes input(previous.begin(), previous.end());
  append_number(input, static_cast<std::uint64_t>(sequence));
  append_number(input, static_cast<std::uint64_t>(time.time_since_epoch().count()));
  append_number(input, kind.size());
  append(input, kind);
  append(input, body);
  return crypto::digest(crypto::DigestAlgorithm::sha256, input);
}

}  // namespace kyso::audit

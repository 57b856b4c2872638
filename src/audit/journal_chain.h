#pragma once
#include "base/bytes.h"
#include "base/time.h"

namespace kyso::audit {

// What links an entry of the vault's journal to all before it: SHA-256(previous || sequence || time || length of kind
// || kind || body), numbers as 8 octets, big-endian; `previous` is empty for the first.
Bytes journal_chain(ByteView previous, std::int64_t sequence, Instant time, std::string_view kind,
                    std::string_view body);

}  // namespace kyso::audit

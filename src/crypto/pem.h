#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

// For the modules of keys and trust only: textual encodings (RFC 7468), and RFC 1421 headers of encrypted traditional
// keys.
namespace kyso::crypto {

struct PemBlock {
  std::string label;
  std::vector<std::pair<std::string, std::string>> headers;
  Bytes content;
};

// The well-formed blocks in their order; everything else is skipped.
std::vector<PemBlock> read_pem(std::string_view text);
// One block, with lines of 64 characters.
std::string to_pem(std::string_view label, ByteView content);

}  // namespace kyso::crypto

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/text.h"
#include "net/request_reader.h"

// The same requests come out of the bytes whole and in pieces, and what comes out keeps the rules.
namespace {

using kyso::net::RequestReader;

constexpr std::size_t kBodyLimit = 2000;

void require(bool condition) {
  if (!condition) __builtin_trap();
}

void check(const kyso::net::RequestHead& head) {
  require(head.path.starts_with('/') && kyso::is_valid_utf8(head.path));
  require(head.path.find('\0') == std::string::npos && head.path.find("/../") == std::string::npos);
  require(head.fields.size() <= kyso::net::kMaxFields);
  require(std::ranges::count(head.fields, "host", &std::pair<std::string, std::string>::first) == 1);
  require(!(head.is_chunked && head.content_length));
  for (const auto& [name, value] : head.fields) {
    require(kyso::net::is_token(name));
    require(value.empty() || kyso::net::is_field_value(value));
  }
}

// One line for each request, and for how it ends.
std::vector<std::string> read_all(std::string_view bytes, std::size_t piece) {
  static const std::vector<std::string> any_host;
  RequestReader reader(any_host);
  std::vector<std::string> seen;
  std::string input;
  bool in_body = false;
  while (true) {
    const auto step = in_body ? reader.read_body(input, kBodyLimit) : reader.read_head(input);
    if (step == RequestReader::Step::refused) {
      // A body that is too large may be known later in pieces, but it is the same refusal.
      seen.push_back("refused " + std::to_string(reader.refusal().status));
      return seen;
    }
    if (step == RequestReader::Step::more) {
      if (in_body) input.erase(0, reader.used());
      if (bytes.empty()) return seen;
      input += bytes.substr(0, piece);
      bytes.remove_prefix(std::min(piece, bytes.size()));
      continue;
    }
    input.erase(0, reader.used());
    if (!in_body) {
      check(reader.head());
      in_body = reader.head().has_body();
      if (in_body) continue;
    }
    require(reader.body().size() <= kBodyLimit);
    seen.push_back(reader.head().method + " " + reader.head().path + " " + std::string(kyso::as_chars(reader.body())));
    in_body = false;
    reader.next();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::size_t piece = data[0] % 32 + 1;
  const std::string_view bytes = kyso::as_chars({data + 1, size - 1});
  require(read_all(bytes, bytes.size() + 1) == read_all(bytes, piece));
  return 0;
}

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/text.h"
#include "net/multipart.h"

// A form gives the same parts whole and in pieces; names are safe. The first line is the content type.
namespace {

void require(bool condition) {
  if (!condition) __builtin_trap();
}

struct Outcome {
  bool is_whole = false;
  std::vector<std::string> parts;
  bool operator==(const Outcome&) const = default;
};

Outcome read(std::string_view type, std::string_view body, std::size_t piece) {
  Outcome outcome;
  kyso::net::MultipartReader::Sink sink;
  sink.begin = [&](const kyso::net::PartHead& head) -> kyso::Result<> {
    require(!head.name.empty() && kyso::is_valid_utf8(head.name));
    if (head.file_name) {
      require(kyso::is_valid_utf8(*head.file_name) && *head.file_name != "..");
      require(head.file_name->find_first_of(std::string_view("/\\\0\r\n", 5)) == std::string::npos);
    }
    outcome.parts.push_back(head.name + "/" + head.file_name.value_or("none") + ":");
    return {};
  };
  sink.data = [&](kyso::ByteView bytes) -> kyso::Result<> {
    require(!bytes.empty());
    outcome.parts.back() += kyso::as_chars(bytes);
    return {};
  };
  sink.end = [&]() -> kyso::Result<> {
    outcome.parts.back() += "$";
    return {};
  };
  auto reader = kyso::net::MultipartReader::create(type, sink, {.max_parts = 5, .max_head = 500, .max_field = 1000});
  if (!reader) return outcome;
  while (!body.empty()) {
    if (!reader->feed(kyso::as_bytes(body.substr(0, piece)))) return outcome;
    body.remove_prefix(std::min(piece, body.size()));
  }
  outcome.is_whole = reader->finish().has_value();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = kyso::as_chars({data, size});
  const std::size_t line = bytes.find('\n');
  if (line == std::string_view::npos) return 0;
  const std::string_view type = bytes.substr(0, line), body = bytes.substr(line + 1);
  const Outcome whole = read(type, body, body.size() + 1), pieces = read(type, body, 1 + size % 7);
  require(whole.is_whole == pieces.is_whole);
  if (whole.is_whole) require(whole == pieces);
  return 0;
}

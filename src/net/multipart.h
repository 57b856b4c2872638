#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace kyso::net {

// What stands before a part of multipart/form-data.
struct PartHead {
  std::string name;  // of the form's field
  // Of a file: the last part of what was sent (no path), NFC; an odd one is refused. Empty: no file was chosen, and the
  // part is empty. Never trust its ending.
  std::optional<std::string> file_name;
  std::string content_type;  // as sent, or empty
};

struct MultipartLimits {
  std::size_t max_parts = 64;
  std::size_t max_head = 4U << 10U;
  std::size_t max_field = 64U << 10U;  // a part without file name
  std::size_t max_file = 64U << 20U;
};

// MultipartReader: takes a form apart while it arrives (RFC 7578, RFC 2046 section 5.1.1). Strict: no preamble, no
// epilogue, no folded fields, no nested multiparts, no transfer encodings.
// Errors: net.multipart.malformed, net.multipart.limit {limit}.
class MultipartReader {
 public:
  // What a reader tells; an error from one of them is passed on and ends the reading.
  struct Sink {
    std::function<Result<>(const PartHead&)> begin;
    std::function<Result<>(ByteView)> data;
    std::function<Result<>()> end;
  };
  static Result<MultipartReader> create(std::string_view content_type, Sink sink, MultipartLimits limits = {});
  MultipartReader(MultipartReader&&) noexcept;
  MultipartReader& operator=(MultipartReader&&) noexcept;
  ~MultipartReader();
  Result<> feed(ByteView bytes);
  Result<> finish();  // after the last byte

 private:
  struct State;
  explicit MultipartReader(std::unique_ptr<State> state);
  std::unique_ptr<State> m_state;
};

struct Part {
  PartHead head;
  Bytes content;
};
// A whole form at once.
Result<std::vector<Part>> read_multipart(std::string_view content_type, ByteView body, MultipartLimits limits = {});

}  // namespace kyso::net

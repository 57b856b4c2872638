#pragma once
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "net/request_head.h"

namespace kyso::net {

inline constexpr std::size_t kMaxHead = 16U << 10U;
inline constexpr std::size_t kMaxFields = 100;
// A line of chunk framing, or the trailers.
inline constexpr std::size_t kMaxChunkFraming = 4U << 10U;

// RequestReader: one request after another out of bytes; knows no sockets. The grammar is Boost.Beast's, the rules are
// check_head()'s, trailers are dropped.
class RequestReader {
 public:
  enum class Step { more, done, refused };

  explicit RequestReader(const std::vector<std::string>& allowed_hosts);  // outlives the reader
  ~RequestReader();

  // `input` begins where the request begins, and grows at its end from call to call. On `done`, the head is head() and
  // used() bytes of the input belong to it.
  Step read_head(std::string_view input);
  // After `done` of a head that has a body: takes from the front of `input`; used() tells how much is done with. What
  // is more than `limit` bytes is 413.
  Step read_body(std::string_view input, std::size_t limit);
  std::size_t used() const;
  RequestHead& head();
  const RequestHead& head() const;
  Bytes& body();
  const Refusal& refusal() const;
  // Forgets the request.
  void next();

 private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

}  // namespace kyso::net

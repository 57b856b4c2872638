#pragma once
#include <string>
#include <string_view>

#include "net/http_server.h"

namespace kyso::net {

// How an answer is framed (RFC 9112 section 6).
struct Framing {
  enum class Body { none, length, chunked, until_close } body = Body::length;
  std::uint64_t length = 0;
  bool closes = false;
  bool is_http_11 = true;
};

// True when status, names and values may be sent, and no field is one that the server writes itself.
bool is_sendable(const ServerResponse& response);
bool may_have_body(int status);
// Appends status line and fields, with the empty line.
void write_response_head(std::string& out, const ServerResponse& response, const Framing& framing,
                         std::string_view request_id, std::string_view date);
std::string_view reason_phrase(int status);

}  // namespace kyso::net

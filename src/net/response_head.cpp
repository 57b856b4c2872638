#include "net/response_head.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "net/request_head.h"

namespace kyso::net {

bool may_have_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

bool is_sendable(const ServerResponse& response) {
  constexpr std::array<std::string_view, 6> kReserved{"content-length", "transfer-encoding", "connection",
                                                      "date",           "x-request-id",      "content-type"};
  if (response.status < 200 || response.status > 599) return false;
  if (!response.content_type.empty() && !is_field_value(response.content_type)) return false;
  return std::ranges::all_of(response.headers, [&](const auto& field) {
    const auto is_same = [&](std::string_view own) { return equals_ignoring_case(own, field.first); };
    return is_token(field.first) && (field.second.empty() || is_field_value(field.second)) &&
           std::ranges::none_of(kReserved, is_same);
  });
}

void write_response_head(std::string& out, const ServerResponse& response, const Framing& framing,
                         std::string_view request_id, std::string_view date) {
  const auto field = [&out](std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
  };
  out.append("HTTP/1.1 ");
  fmt::format_int status(response.status);
  out.append(status.data(), status.size()).append(" ").append(reason_phrase(response.status)).append("\r\n");
  field("Date", date);
  if (!response.content_type.empty()) field("Content-Type", response.content_type);
  if (framing.body == Framing::Body::length) {
    fmt::format_int length(framing.length);
    field("Content-Length", {length.data(), length.size()});
  } else if (framing.body == Framing::Body::chunked) {
    field("Transfer-Encoding", "chunked");
  }
  if (framing.closes) {
    field("Connection", "close");
  } else if (!framing.is_http_11) {
    field("Connection", "keep-alive");
  }
  field("X-Request-Id", request_id);
  field("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : response.headers) field(name, value);
  out.append("\r\n");
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 423:
      return "Locked";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

}  // namespace kyso::net

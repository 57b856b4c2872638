#include <algorithm>

#include "base/error_text.h"
#include "json/json.h"
#include "net/http_server.h"

namespace kyso::net {

std::string_view ServerRequest::header(std::string_view lower_case_name) const {
  const auto found = std::ranges::find_if(headers, [&](const auto& pair) { return pair.first == lower_case_name; });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<std::string> ServerRequest::parameter(std::string_view name) const {
  for (const auto* pairs : {&captures, &query})
    for (const auto& [key, value] : *pairs)
      if (key == name) return value;
  return std::nullopt;
}

ServerResponse ServerResponse::text(int status, std::string_view text) {
  return bytes(status, "text/plain; charset=utf-8", to_bytes(text));
}

ServerResponse ServerResponse::bytes(int status, std::string content_type, Bytes body) {
  ServerResponse response;
  response.status = status;
  response.content_type = std::move(content_type);
  response.body = std::make_shared<const Bytes>(std::move(body));
  return response;
}

ServerResponse ServerResponse::problem(const Error& error, int status, const ServerRequest& request) {
  const ErrorText vietnamese = describe(error, Language::vietnamese), english = describe(error, Language::english);
  json::Value body = json::Value::object();
  body.set("type", "urn:kyso:error:" + std::string(error.code));
  body.set("title", vietnamese.message);
  body.set("status", status);
  body.set("detail", vietnamese.next_step);
  body.set("instance", "urn:kyso:request:" + request.id);
  body.set("code", error.code);
  body.set("title_en", english.message);
  body.set("detail_en", english.next_step);
  return bytes(status, "application/problem+json", to_bytes(json::serialize(body))).with("Cache-Control", "no-store");
}

ServerResponse& ServerResponse::with(std::string name, std::string value) & {
  headers.emplace_back(std::move(name), std::move(value));
  return *this;
}

ServerResponse&& ServerResponse::with(std::string name, std::string value) && {
  headers.emplace_back(std::move(name), std::move(value));
  return std::move(*this);
}

}  // namespace kyso::net

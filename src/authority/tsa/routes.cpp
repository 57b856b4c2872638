#include <algorithm>
#include <array>

#include "authority/tsa/query.h"
#include "authority/tsa/service.h"

namespace kyso::authority::tsa {
namespace {

constexpr std::string_view kReply = "application/timestamp-reply";
// RFC 3161 section 3.4 names the first; drafts before it and programs that know no type send the others.
constexpr std::array<std::string_view, 4> kQueries{"application/timestamp-query", "application/tsp-request",
                                                   "application/x-timestamp-query", "application/octet-stream"};

// Without parameters, in lower case; empty when there is none.
std::string media_type(std::string_view field) {
  std::string type(field.substr(0, field.find(';')));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.pop_back();
  std::ranges::transform(type, type.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return type;
}

void handle(TimeStampAuthority& authority, const net::ServerRequest& request, net::Reply reply) {
  const std::string type = media_type(request.header("content-type"));
  if (!type.empty() && std::ranges::find(kQueries, type) == kQueries.end())
    return reply(net::ServerResponse::problem(fail("authority.tsa.media", "{}", type).with("type", type), 415, request)
                     .with("Accept", std::string(kQueries.front())));
  authority.answer_later(request.body, [reply = std::move(reply)](Bytes answer) mutable {
    // Answers are for one request only.
    reply(net::ServerResponse::bytes(200, std::string(kReply), std::move(answer)).with("Cache-Control", "no-store"));
  });
}

}  // namespace

std::vector<net::Route> time_stamp_routes(TimeStampAuthority& authority, const std::string& path) {
  net::Route route;
  route.method = "POST";
  route.where = path;
  route.later = [&authority](const net::ServerRequest& request, net::Reply& reply) {
    handle(authority, request, std::move(reply));
    return true;
  };
  route.max_body = kMaxQuery;
  return {std::move(route)};
}

}  // namespace kyso::authority::tsa

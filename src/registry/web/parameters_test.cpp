#include "registry/web/parameters.h"

#include <doctest/doctest.h>

#include "base/test_support.h"

namespace kyso::registry {
namespace {

net::ServerRequest asked(std::string name, std::string value) {
  net::ServerRequest out;
  out.query = {{std::move(name), std::move(value)}};
  return out;
}

TEST_CASE("parameters: absent, as they should be, and anything else by its name") {
  const net::ServerRequest nothing;
  CHECK(query_of(nothing, "q").empty());
  CHECK_FALSE(must(flag_of(nothing, "stale")));
  CHECK_FALSE(must(number_of(nothing, "after")));
  CHECK_FALSE(must(day_of(nothing, "from")));

  CHECK(must(flag_of(asked("stale", "true"), "stale")));
  CHECK_FALSE(must(flag_of(asked("stale", "false"), "stale")));
  CHECK(must(number_of(asked("after", "12"), "after")) == 12);
  CHECK(must(number_of(asked("after", "9223372036854775807"), "after")) == INT64_MAX);
  CHECK(iso8601_vietnam(*must(day_of(asked("from", "2026-11-20"), "from"))) == "2026-11-20T00:00:00+07:00");
  CHECK(must(day_of(asked("from", "20/11/2026"), "from")) == must(day_of(asked("from", "2026-11-20"), "from")));

  for (const char* wrong : {"1", "TRUE", "yes"})
    CHECK(code_of(flag_of(asked("x", wrong), "x")) == "registry.input.parameter");
  for (const char* wrong : {"-1", "1.5", " 1", "1 ", "+1", "0x1", "9223372036854775808", "một"})
    CHECK(code_of(number_of(asked("x", wrong), "x")) == "registry.input.parameter");
  for (const char* wrong : {"2026-02-30", "2026-11", "2026-11-20T08:00:00+07:00", "20/11/26", "hôm nay"})
    CHECK(code_of(day_of(asked("x", wrong), "x")) == "registry.input.parameter");
  CHECK(parameter(number_of(asked("x", "một"), "x").error(), "name") == "x");
  CHECK(whole_number("-5") == -5);
  CHECK_FALSE(whole_number(""));
}

TEST_CASE("a cookie among others, and never one that only begins so") {
  net::ServerRequest request;
  request.headers = {{"cookie", "theme=dark; __Host-kyso-more=x;__Host-kyso=abc=="}};
  CHECK(cookie_of(request, "__Host-kyso") == "abc==");
  CHECK(cookie_of(request, "theme") == "dark");
  CHECK(cookie_of(request, "kyso").empty());
  CHECK(cookie_of(net::ServerRequest(), "theme").empty());
}

}  // namespace
}  // namespace kyso::registry

#include "net/router.h"

#include <doctest/doctest.h>

#include "net/server_test_support.h"

namespace kyso::net {
namespace {

ServerResponse nothing(const ServerRequest&) {
  return {};
}

using Captures = std::vector<std::pair<std::string, std::string>>;

TEST_CASE("where paths lead") {
  const Router router = must(Router::create({
      route("GET", "/ocsp/{request...}", nothing),            // 0
      route("POST", "/ocsp", nothing),                        // 1
      route("GET", "/certificates/{serial}", nothing),        // 2
      route("GET", "/certificates/latest", nothing),          // 3
      route("GET", "/certificates/{serial}/chain", nothing),  // 4
      route("PUT", "/certificates/{serial}", nothing),        // 5
      route("GET", "/", nothing),                             // 6
      route("HEAD", "/", nothing),                            // 7
  }));
  CHECK(router.find("GET", "/").route == 6);
  CHECK(router.find("HEAD", "/").route == 7);
  CHECK(router.find("POST", "/ocsp").route == 1);
  CHECK(router.find("GET", "/ocsp").allow == "OPTIONS, POST");
  const auto ocsp = router.find("GET", "/ocsp/MEk%2FwR//x%3D/");
  CHECK(ocsp.route == 0);
  CHECK(ocsp.captures == Captures{{"request", "MEk/wR//x=/"}});
  CHECK(router.find("HEAD", "/ocsp/").captures == Captures{{"request", ""}});
  CHECK(router.find("GET", "/certificates/latest").route == 3);
  CHECK(router.find("GET", "/certificates/12").captures == Captures{{"serial", "12"}});
  CHECK(router.find("PUT", "/certificates/latest").route == 5);
  CHECK(router.find("GET", "/certificates/a%2Fb").captures == Captures{{"serial", "a/b"}});
  CHECK(router.find("GET", "/certificates/12/chain").route == 4);
  CHECK(router.find("DELETE", "/certificates/12").allow == "GET, HEAD, OPTIONS, PUT");
  for (const char* unknown : {"/certificates", "/certificates/", "/certificates/1/", "/certificates/1/x", "/ocspx",
                              "/Ocsp", "/%6Fcsp", "//", "/certificates//chain"}) {
    CAPTURE(unknown);
    CHECK(router.find("GET", unknown).route == Router::kNone);
    CHECK(router.find("GET", unknown).captures.empty());
  }
}

TEST_CASE("routes that are refused") {
  const auto code = [](std::vector<Route> routes) { return code_of(Router::create(std::move(routes))); };
  for (const char* where : {"", "a", "/{", "/{}", "/{a", "/{a}b", "/{a...}/b", "/{a}/{a}", "/a%20b", "/a?b"}) {
    CAPTURE(where);
    CHECK(code({route("GET", where, nothing)}) == "net.route");
  }
  CHECK(code({route("GET", "/a", nothing), route("GET", "/a", nothing)}) == "net.route");
  CHECK(code({route("GET", "/{a}", nothing), route("GET", "/{b}", nothing)}) == "net.route");
  CHECK(code({route("GET", "/{a}", nothing), route("PUT", "/{b}", nothing)}) == "net.route");
  CHECK(code({route("GET", "/a", {})}) == "net.route");
  CHECK(code({route("GET", "/a", nothing), route("PUT", "/a", nothing)}) == "ok");
}

}  // namespace
}  // namespace kyso::net

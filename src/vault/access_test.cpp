#include "vault/access.h"

#include "vault/officers_test_support.h"

namespace kyso::vault {

using namespace test;

TEST_CASE("a proof of access is good for one request, once, now") {
  const std::string target = "/authority/v1/requests?state=waiting";
  const auto proof = [&](const std::string& who, Instant at) {
    return must(make_access("GET", target, at, *credential(who).holder));
  };
  AccessGuard guard;
  const auto check = [&](const std::string& jws, std::string_view method, std::string_view wanted, Instant at) {
    return guard.check(sample_policy(), jws, method, wanted, at);
  };
  const std::string good = proof("auditor", now());
  CHECK(must(check(good, "GET", target, now()))->person == "auditor");
  CHECK(code_of(check(good, "GET", target, now())) == "vault.access.replayed");
  CHECK(code_of(check(good, "GET", target, now() + AccessGuard::kWindow)) == "vault.access.replayed");
  CHECK(code_of(check(good, "GET", target, now() + AccessGuard::kWindow + std::chrono::seconds(1))) ==
        "vault.access.clock");
  CHECK(code_of(check(proof("reg", now()), "POST", target, now())) == "vault.access.mismatch");
  CHECK(code_of(check(proof("reg", now()), "GET", target + "&limit=1", now())) == "vault.access.mismatch");
  CHECK(code_of(check(proof("reg", now() + std::chrono::seconds(61)), "GET", target, now())) == "vault.access.clock");
  CHECK(code_of(check(proof("reg", now() + std::chrono::seconds(60)), "GET", target, now())) == "ok");
  CHECK(code_of(check(proof("stranger", now()), "GET", target, now())) == "vault.statement.signer");
  CHECK(code_of(check(sign_request(sample_request(), "reg"), "GET", target, now())) == "jose.type");
  const std::string other =
      must(jose::sign_jws(kAccessType, R"({"method":"GET","target":"/","time":1})", *credential("reg").holder));
  CHECK(code_of(check(other, "GET", "/", now())) == "vault.statement.malformed");
}

TEST_CASE("what is remembered is bounded, and forgotten in time") {
  AccessGuard guard(3);
  const auto ask = [&](Instant at) {
    const std::string jws = must(make_access("GET", "/", at, *credential("reg").holder));
    return code_of(guard.check(sample_policy(), jws, "GET", "/", at));
  };
  for (int i = 0; i < 3; ++i) CHECK(ask(now()) == "ok");
  CHECK(ask(now()) == "vault.access.overload");
  CHECK(ask(now() + std::chrono::seconds(60)) == "vault.access.overload");
  CHECK(ask(now() + std::chrono::seconds(61)) == "ok");
}

}  // namespace kyso::vault

#include "vault/statement_memory.h"

#include "vault/officers_test_support.h"

namespace kyso::vault {
namespace {

using namespace test;
using std::chrono::hours;

TEST_CASE("a statement that was verified counts again, but only while it would count anyway") {
  const Policy policy = must(Policy::parse(1, sample_files()));
  const Request request = sample_request(Act::revoke);
  const SignedRequest signed_request = signed_by(request, "reg", {"brief-short"});
  const auto examined = [&](const Policy& by, const SignedRequest& what, Instant when) {
    return code_of(examine(by, what, when));
  };
  for (int i = 0; i < 2; ++i) {
    CHECK(examined(policy, signed_request, now()) == "ok");
    REQUIRE(policy.memory().find(kRequestType, signed_request.request) != nullptr);
    CHECK((must(Result<Request>(policy.memory().find(kRequestType, signed_request.request)->request())) == request));
    CHECK(policy.memory().find(kApprovalType, signed_request.approvals[0]) != nullptr);
  }
  // As another kind of statement it was never heard.
  CHECK(policy.memory().find(kApprovalType, signed_request.request) == nullptr);
  CHECK(examined(policy, {signed_request.request, {signed_request.request}}, now()) == "jose.type");
  // One octet of the signature is another statement.
  SignedRequest changed = signed_request;
  char& octet = changed.request[changed.request.size() - 5];
  octet = octet == 'A' ? 'B' : 'A';
  for (int i = 0; i < 2; ++i) CHECK(examined(policy, changed, now()) == "jose.signature");
  CHECK(policy.memory().find(kRequestType, changed.request) == nullptr);
  // Its time goes by: that of the request. (That of an officer's certificate: policy_test.cpp.)
  CHECK(examined(policy, signed_request, now() + hours(11)) == "vault.statement.expired");
  // Under another policy nothing is known of it.
  std::vector<TestOfficer> officers = sample_officers();
  std::erase_if(officers, [](const TestOfficer& each) { return each.person == "brief"; });
  auto files = sample_files();
  files[0].content = officers_toml(officers);
  const Policy without = must(Policy::parse(2, files));
  CHECK(without.memory().find(kRequestType, signed_request.request) == nullptr);
  CHECK(examined(without, signed_request, now()) == "vault.statement.signer");
}

TEST_CASE("a passkey's statement is remembered under the policy that knows the passkey") {
  std::vector<TestOfficer> officers = sample_officers();
  officers[0].passkeys.push_back("reg-key");
  auto files = sample_files();
  files[0].content = officers_toml(officers);
  const Policy policy = must(Policy::parse(1, files));
  const Request request = sample_request(Act::revoke);
  const SignedRequest signed_request{sign_with_passkey(kRequestType, serialize(request), "reg-key"), {}};
  for (int i = 0; i < 2; ++i) CHECK(must(examine(policy, signed_request, now())).requester == "reg");
  CHECK(policy.memory().find(kRequestType, signed_request.request) != nullptr);
  CHECK(code_of(examine(sample_policy(), signed_request, now())) == "vault.statement.passkey");
  // Without the person nothing is remembered.
  const SignedRequest absent{sign_with_passkey(kRequestType, serialize(request), "reg-key", false), {}};
  for (int i = 0; i < 2; ++i) CHECK(code_of(examine(policy, absent, now())) != "ok");
  CHECK(policy.memory().find(kRequestType, absent.request) == nullptr);
}

TEST_CASE("the memory of statements is bounded, the newest stay") {
  StatementMemory memory;
  const auto add = [&](const std::string& text, std::size_t payload) {
    memory.add(std::make_shared<const HeardStatement>(kRequestType, text, Bytes(32), std::string(payload, 'x')));
  };
  for (int i = 0; i < 1000; ++i) add(fmt::format("statement {}", i), 10);
  CHECK(memory.find(kRequestType, "statement 999") != nullptr);
  CHECK(memory.find(kRequestType, "statement 900") != nullptr);
  CHECK(memory.find(kRequestType, "statement 800") == nullptr);
  // Large ones push many out; one that is larger than all is kept alone.
  for (int i = 0; i < 4; ++i) add(fmt::format("large {}", i), 5U << 20U);
  CHECK(memory.find(kRequestType, "large 3") != nullptr);
  CHECK(memory.find(kRequestType, "large 0") == nullptr);
  CHECK(memory.find(kRequestType, "statement 999") == nullptr);
  add("huge", 20U << 20U);
  CHECK(memory.find(kRequestType, "huge") != nullptr);
  CHECK(memory.find(kRequestType, "large 3") == nullptr);
}

}  // namespace
}  // namespace kyso::vault

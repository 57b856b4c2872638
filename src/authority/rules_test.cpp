#include "authority/rules.h"

#include <doctest/doctest.h>

#include <set>

#include "base/test_support.h"

namespace kyso::authority {

TEST_CASE("the states of a certificate: every event in every state") {
  using S = CertificateState;
  using E = CertificateEvent;
  const std::set<std::tuple<S, E, S>> wanted = {
      {S::waiting, E::sign, S::good},       {S::waiting, E::give_up, S::void_}, {S::waiting, E::revoke, S::revoked},
      {S::good, E::suspend, S::suspended},  {S::good, E::revoke, S::revoked},   {S::suspended, E::release, S::good},
      {S::suspended, E::revoke, S::revoked}};
  std::set<std::tuple<S, E, S>> found;
  for (const S state : {S::waiting, S::good, S::suspended, S::revoked, S::void_})
    for (const E event : {E::sign, E::give_up, E::suspend, E::release, E::revoke})
      if (const auto next = after(state, event)) found.emplace(state, event, *next);
  CHECK(found == wanted);
  // Revoked and void are for ever.
  for (const E event : {E::sign, E::give_up, E::suspend, E::release, E::revoke}) {
    CHECK(!after(S::revoked, event));
    CHECK(!after(S::void_, event));
  }
}

TEST_CASE("names of states come back") {
  for (const auto state : {CertificateState::waiting, CertificateState::good, CertificateState::suspended,
                           CertificateState::revoked, CertificateState::void_})
    CHECK(certificate_state_by_name(name_of(state)) == state);
  for (const auto state : {RequestState::waiting, RequestState::authorised, RequestState::done, RequestState::rejected,
                           RequestState::expired, RequestState::failed})
    CHECK(request_state_by_name(name_of(state)) == state);
  CHECK(!certificate_state_by_name("GOOD"));
}

TEST_CASE("an order becomes a change that RFC 5280 allows") {
  const Instant now{std::chrono::seconds(1'790'000'000)};
  vault::RevocationOrder order{
      .serial = "01", .reason = 1, .invalid_since = now - std::chrono::hours(5), .comment = ""};
  const StatusChange revoked = must(change_for(order, vault::Act::revoke, CertificateState::good, now));
  CHECK(revoked.reason == 1);
  CHECK(revoked.invalid_since == now - std::chrono::hours(5));
  CHECK(revoked.at == now);
  order.invalid_since = now + std::chrono::hours(1);  // nobody knows the future
  CHECK(!must(change_for(order, vault::Act::revoke, CertificateState::good, now)).invalid_since);
  CHECK(must(change_for(order, vault::Act::suspend, CertificateState::good, now)).reason == 6);
  const StatusChange released = must(change_for(order, vault::Act::release, CertificateState::suspended, now));
  CHECK(released.state == CertificateState::good);
  CHECK(!released.reason);
  CHECK(code_of(change_for(order, vault::Act::release, CertificateState::good, now)) == "authority.state");
  CHECK(code_of(change_for(order, vault::Act::revoke, CertificateState::revoked, now)) == "authority.state");
}

TEST_CASE("a key is certified once, unless it replaces its own certificate, and never after it was compromised") {
  CertificateRow row;
  row.issuer = "CPCA_G1";
  row.serial = {0x0a, 0xbc};
  row.state = CertificateState::good;
  const ReplacedCertificate itself{"CPCA_G1", "0ABC"};
  CHECK(code_of(check_key_history({}, std::nullopt)) == "ok");
  CHECK(code_of(check_key_history({row}, std::nullopt)) == "authority.key.reused");
  CHECK(code_of(check_key_history({row}, ReplacedCertificate{"CPCA_G1", "0ABD"})) == "authority.key.reused");
  CHECK(code_of(check_key_history({row}, ReplacedCertificate{"CPCA_G2", "0ABC"})) == "authority.key.reused");
  CHECK(code_of(check_key_history({row}, itself)) == "ok");
  row.state = CertificateState::revoked;
  row.reason = 1;
  CHECK(code_of(check_key_history({row}, itself)) == "authority.key.compromised");
  row.state = CertificateState::void_;
  CHECK(code_of(check_key_history({row}, std::nullopt)) == "ok");
}

TEST_CASE("what is only away is tried again") {
  CHECK(is_temporary(fail("vault.unreachable")));
  CHECK(is_temporary(fail("db.full")));
  CHECK(!is_temporary(fail("vault.quorum")));
  CHECK(!is_temporary(fail("issue.lint")));
}

}  // namespace kyso::authority

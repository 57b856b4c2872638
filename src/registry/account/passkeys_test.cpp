#include "base/text.h"
#include "jose/base64url.h"
#include "registry/account/account_fixture.h"

namespace kyso::registry {
namespace {

Bytes bytes_of(const std::string& challenge) {
  return to_bytes(*jose::from_base64url(challenge));
}

struct Owner {
  TestAccount account;
  webauthn::SoftAuthenticator authenticator{"cong.example.vn", kPortalUrl};
  explicit Owner(TestPortal& portal, Roles roles = {Role::clerk}, const std::string& person = {})
      : account(make_account(portal.database, portal.now, "authority", std::move(roles), "Nguyễn Văn A", person)) {}
  Result<account_store::PasskeyRow> add(TestPortal& portal, const std::string& label = "Điện thoại") {
    const std::string challenge = must(portal.accounts->creation_challenge(account.caller(), portal.now));
    return portal.accounts->add_passkey(account.caller(), label, authenticator.register_for(bytes_of(challenge)),
                                        portal.now);
  }
  Result<SignedIn> sign_in(TestPortal& portal, bool user_verified = true) {
    const std::string challenge = must(portal.accounts->passkey_challenge(portal.now));
    return portal.accounts->sign_in_with_passkey(
        challenge, authenticator.assert_for(bytes_of(challenge), user_verified), portal.visitor(), portal.now);
  }
};

TEST_CASE("a passkey signs its owner in without saying who he is") {
  on_each_portal([](TestPortal& portal) {
    Owner owner(portal);
    CHECK(code_of(owner.sign_in(portal)) == "registry.passkey.unknown");
    const auto row = must(owner.add(portal));
    const SignedIn signed_in = must(owner.sign_in(portal));
    CHECK(signed_in.account.id == owner.account.account.id);
    CHECK(portal.caller(signed_in)->roles == Roles{Role::clerk});
    CHECK(owner.sign_in(portal));
    CHECK(must(portal.accounts->passkeys_of(owner.account.caller())).at(0).used == portal.now);
    CHECK(portal.deliver().at(0).subject == "Đã thêm khóa truy cập (passkey)");
    CHECK(portal.has_event(owner.account.account, "account.passkey_added"));
    CHECK(portal.accounts->remove_passkey(owner.account.caller(), row.id, portal.now));
    CHECK(code_of(owner.sign_in(portal)) == "registry.passkey.unknown");
  });
}

TEST_CASE("what was recorded cannot be played again, and a challenge is for one purpose and some minutes") {
  on_each_portal([](TestPortal& portal) {
    Owner owner(portal);
    must(owner.add(portal));
    const std::string challenge = must(portal.accounts->passkey_challenge(portal.now));
    const auto assertion = owner.authenticator.assert_for(bytes_of(challenge));
    const auto play = [&](const std::string& with, Instant now) {
      return code_of(portal.accounts->sign_in_with_passkey(with, assertion, portal.visitor(), now));
    };
    CHECK(play(challenge, portal.now + std::chrono::minutes(5)) == "registry.ticket.invalid");
    CHECK(play(must(portal.accounts->passkey_challenge(portal.now)), portal.now) == "webauthn.challenge");
    CHECK(play("abcd", portal.now) == "registry.ticket.invalid");
    CHECK(play(challenge, portal.now) == "ok");
    CHECK(play(challenge, portal.now) == "registry.ticket.used");
    const std::string for_adding = must(portal.accounts->creation_challenge(owner.account.caller(), portal.now));
    CHECK(code_of(portal.accounts->sign_in_with_passkey(
              for_adding, owner.authenticator.assert_for(bytes_of(for_adding)), portal.visitor(), portal.now)) ==
          "registry.ticket.invalid");
    CHECK(code_of(owner.sign_in(portal, false)) == "webauthn.verification");
  });
}

TEST_CASE("a counter that goes back tells of a copy: refused, recorded, and its owner is told") {
  on_each_portal([](TestPortal& portal) {
    Owner owner(portal);
    must(owner.add(portal));
    REQUIRE(owner.sign_in(portal));
    portal.deliver();
    must(portal.database.write([](db::Transaction& transaction) {
      return transaction.execute("UPDATE account_passkey SET sign_count = 1000");
    }));
    CHECK(code_of(owner.sign_in(portal)) == "registry.passkey.cloned");
    CHECK(portal.has_event(owner.account.account, "account.passkey_cloned"));
    CHECK(portal.deliver().at(0).subject == "Khóa truy cập (passkey) có dấu hiệu bị sao chép");
  });
}

TEST_CASE("passkeys are added in a fresh session of one's own, from this site alone") {
  on_each_portal([](TestPortal& portal) {
    Owner owner(portal), other(portal);
    const Caller caller = owner.account.caller();
    const std::string challenge = must(portal.accounts->creation_challenge(caller, portal.now));
    const auto registration = owner.authenticator.register_for(bytes_of(challenge));
    const auto add = [&](const Caller& who, const webauthn::Registration& what, Instant now) {
      return code_of(portal.accounts->add_passkey(who, "Khóa", what, now));
    };
    CHECK(add(other.account.caller(), registration, portal.now) == "registry.ticket.invalid");
    CHECK(add(caller, registration, portal.now + std::chrono::minutes(6)) == "registry.ticket.invalid");
    webauthn::SoftAuthenticator elsewhere("cong.example.vn", "https://evil.example");
    CHECK(add(caller, elsewhere.register_for(bytes_of(challenge)), portal.now) == "webauthn.origin");
    CHECK(add(caller, registration, portal.now) == "ok");
    CHECK(add(caller, registration, portal.now) == "registry.ticket.used");
    CHECK(code_of(owner.add(portal)) == "registry.passkey.known");
    portal.now += std::chrono::hours(1);
    CHECK(code_of(owner.add(portal)) == "registry.passkey.stale");
    const auto mine = must(portal.accounts->passkeys_of(caller));
    REQUIRE(mine.size() == 1);
    CHECK(code_of(portal.accounts->remove_passkey(other.account.caller(), mine[0].id, portal.now)) ==
          "registry.passkey.missing");
  });
}

TEST_CASE("a locked account is locked for passkeys too; its officer's passkeys are listed for the vault") {
  on_each_portal([](TestPortal& portal) {
    Owner owner(portal, {Role::receiving}, "nguyen-van-a");
    must(owner.add(portal, "Windows Hello, phòng 302"));
    const auto listed = must(portal.accounts->officer_passkeys());
    REQUIRE(listed.size() == 1);
    CHECK(listed[0].person == "nguyen-van-a");
    CHECK(listed[0].passkey.credential == owner.authenticator.credential_id());
    CHECK(listed[0].passkey.label == "Windows Hello, phòng 302");
    CHECK_FALSE(portal.accounts->is_in_policy("nguyen-van-a", listed[0].passkey.credential));
    const TestAccount boss = make_account(portal.database, portal.now, "authority", {Role::administrator});
    must(portal.accounts->change_account(boss.caller(), owner.account.account.id,
                                         {std::nullopt, std::nullopt, AccountState::locked}, portal.now));
    CHECK(code_of(owner.sign_in(portal)) == "registry.account.closed");
    CHECK(must(portal.accounts->officer_passkeys()).empty());
  });
}

}  // namespace
}  // namespace kyso::registry

#include <rapidcheck.h>

#include "base/error_text.h"
#include "base/test_support.h"
#include "registry/account/attempts.h"
#include "registry/account/rules.h"

namespace kyso::registry {
namespace {

std::string password_verdict(const std::string& password) {
  return code_of(check_password_rules(Secret(password), "nguyenvana@donvi.gov.vn", "Nguyễn Văn A"));
}

TEST_CASE("passwords that are easy to guess are refused") {
  CHECK(password_verdict("") == "registry.account.password.missing");
  CHECK(password_verdict("Abc!12x9") == "registry.account.password.short");
  CHECK(password_verdict("ắắắắắắắắắ") == "registry.account.password.short");  // characters, not bytes
  CHECK(password_verdict(std::string(129, 'a') + "bcdefg") == "registry.account.password.long");
  for (const char* common : {"1234567890", "0123456789", "9876543210", "aaaaaaaaaa", "abababababab", "Password123!",
                             "matkhau2026", "Mật khẩu@2026", "12031987@@", "2026-11-20!", "Qwertyuiop1", "abcdefghijk"})
    CHECK_MESSAGE(password_verdict(common) == "registry.account.password.common", common);
  for (const char* personal : {"nguyenvana2026", "xNguyễn Văn A1!", "NGUYEN-VAN-A.99"})
    CHECK_MESSAGE(password_verdict(personal) == "registry.account.password.personal", personal);
  for (const char* good : {"bốn con voi xanh", "k7#Vq0!mZp", "tre xanh xanh tự bao giờ"})
    CHECK_MESSAGE(password_verdict(good) == "ok", good);
}

TEST_CASE("telephone numbers are kept in one form") {
  for (const char* mobile : {"0912345678", "+84 912 345 678", "84912345678", "0912.345.678"})
    CHECK(must(normalised_phone(mobile)) == "84912345678");
  CHECK(must(normalised_phone("(024) 3773 8668")) == "842437738668");
  for (const char* wrong :
       {"0123456789", "841234567890", "91234567", "09123456789012", "0912x45678", "", "+1 202 555 0100"})
    CHECK_MESSAGE(code_of(normalised_phone(wrong)) == "registry.account.phone", wrong);
}

TEST_CASE("names are names, and never links in a mail") {
  CHECK(must(normalised_name("  Nguyễn Văn A ")) == "Nguyễn Văn A");
  CHECK(must(normalised_name("TS. Trần Thị B")) == "TS. Trần Thị B");
  for (const char* wrong : {"A", "evil.example", "http://x.vn", "<b>A</b>", "Nguyễn\nVăn", "Nguyễn 7", "",
                            "Nguyễn \u202EVăn A", "Nguyễn\u200B Văn A"})
    CHECK_MESSAGE(code_of(normalised_name(wrong)) == "registry.account.name", wrong);
}

TEST_CASE("an address is official in the organisation's domains and below them") {
  Organisation organisation;
  organisation.mail_domains = {"Langson.gov.vn"};
  CHECK(is_official("a@langson.gov.vn", organisation));
  CHECK(is_official("A@STTTT.LangSon.gov.vn", organisation));
  CHECK_FALSE(is_official("a@evillangson.gov.vn", organisation));
  CHECK_FALSE(is_official("a@langson.gov.vn.evil.example", organisation));
  CHECK_FALSE(is_official("a@gmail.com", organisation));
  organisation.mail_domains = {};
  CHECK_FALSE(is_official("a@langson.gov.vn", organisation));
}

TEST_CASE("roles that watch each other are not one account's") {
  CHECK(code_of(check_roles({Role::clerk, Role::head}, false)) == "ok");
  CHECK(code_of(check_roles({Role::receiving, Role::checking}, true)) == "ok");
  CHECK(code_of(check_roles({}, false)) == "ok");
  CHECK(code_of(check_roles({Role::receiving}, false)) == "registry.account.roles.authority");
  for (const Role other : {Role::clerk, Role::head, Role::receiving, Role::checking, Role::approving, Role::auditor})
    CHECK(code_of(check_roles({Role::administrator, other}, true)) == "registry.account.roles.together");
  for (const Role other : {Role::clerk, Role::receiving, Role::approving})
    CHECK(code_of(check_roles({Role::auditor, other}, true)) == "registry.account.roles.together");
  for (const Role other : {Role::receiving, Role::checking, Role::approving})
    CHECK(code_of(check_roles({Role::clerk, other}, true)) == "registry.account.roles.together");
}

TEST_CASE("why roles are refused is told in the reader's words") {
  const Result<> refused = check_roles({Role::auditor, Role::administrator}, true);
  REQUIRE_FALSE(refused);
  CHECK(describe(refused.error(), Language::vietnamese).message ==
        "Một tài khoản không được giữ đồng thời vai trò Kiểm toán viên và Quản trị hệ thống.");
  CHECK(describe(refused.error(), Language::english).message ==
        "One account must not hold the roles auditor and administrator together.");
}

TEST_CASE("after signing in one goes back to the portal alone") {
  CHECK(safe_return("/ho-so?box=draft") == "/ho-so?box=draft");
  for (const char* wrong :
       {"", "//evil.example", "https://evil.example", "/\\evil.example", "/a b", "/a\r\nSet-Cookie: x", "ho-so"})
    CHECK(safe_return(wrong) == "/");
}

TEST_CASE("failures make the next attempt dearer, slower, then impossible for a while") {
  const AttemptRules rules;
  const Instant now(std::chrono::seconds(1'000'000));
  const auto of = [&](std::int64_t count, std::chrono::seconds ago) {
    return judge({count, now - ago, now - ago, {}}, {}, rules, now);
  };
  CHECK_FALSE(of(2, std::chrono::seconds(0)).needs_captcha);
  CHECK(of(3, std::chrono::seconds(0)).needs_captcha);
  CHECK(of(3, std::chrono::seconds(0)).wait.count() == 0);
  CHECK(of(4, std::chrono::seconds(0)).wait.count() == 1);
  CHECK(of(7, std::chrono::seconds(3)).wait.count() == 5);
  CHECK(of(9, rules.forget_after).needs_captcha == false);
  CHECK(judge({10, now, now, now + std::chrono::minutes(15)}, {}, rules, now).locked_for == std::chrono::minutes(15));
  CHECK(judge({10, now, now, now}, {}, rules, now).locked_for == std::nullopt);
  CHECK(judge({}, {3, now, now, {}}, rules, now).needs_captcha);
}

TEST_CASE("more failures are never easier") {
  rc::check([] {
    const AttemptRules rules;
    const Instant now(std::chrono::seconds(1'000'000));
    const auto count = *rc::gen::inRange<std::int64_t>(0, 200);
    const auto ago = std::chrono::seconds(*rc::gen::inRange<std::int64_t>(0, 3'599));
    const auto less = judge({count, now - ago, now - ago, {}}, {}, rules, now);
    const auto more = judge({count + 1, now - ago, now - ago, {}}, {}, rules, now);
    RC_ASSERT(more.wait >= less.wait);
    RC_ASSERT(more.wait <= std::chrono::seconds(64));
    RC_ASSERT(more.needs_captcha || !less.needs_captcha);
  });
}

}  // namespace
}  // namespace kyso::registry

#include "crypto/password.h"

#include <argon2.h>
#include <rapidcheck.h>

#include <array>
#include <atomic>
#include <set>
#include <thread>

#include "base/test_support.h"
#include "base/text.h"

namespace kyso::crypto {
namespace {

constexpr PasswordCost kCheap{.memory_kib = 64, .iterations = 1, .lanes = 1};

bool is_right(std::string_view password, std::string_view hash) {
  return must(check_password(Secret(std::string(password)), hash)).is_right;
}

TEST_CASE("a password is known again, another is not") {
  const std::string hash = must(hash_password(Secret("Mật khẩu 1!"), kCheap));
  CHECK(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
  CHECK(is_right("Mật khẩu 1!", hash));
  CHECK(!is_right("Mật khẩu 1", hash));
  CHECK(!is_right("mật khẩu 1!", hash));
  CHECK(!is_right("", hash));
  CHECK(hash != must(hash_password(Secret("Mật khẩu 1!"), kCheap)));  // another salt
}

TEST_CASE("composed, decomposed and half-composed Vietnamese are one password") {
  const std::string hash = must(hash_password(Secret("mật khẩu"), kCheap));
  CHECK(is_right(to_nfd("mật khẩu"), hash));
  CHECK(is_right("mâ\xCC\xA3t khâ\xCC\x89u", hash));
  // U+FFFD instead of ill-formed text would make these equal
  const std::string ill_formed = must(hash_password(Secret("\xFF"), kCheap));
  CHECK(is_right("\xFF", ill_formed));
  CHECK(!is_right("\xFE", ill_formed));
  CHECK(!is_right("\xEF\xBF\xBD", ill_formed));
  const std::string with_nul = must(hash_password(Secret(std::string("a\0b", 3)), kCheap));
  CHECK(!is_right(std::string_view("a\0c", 3), with_nul));
}

// RFC 9106 section 5.3. With a secret and associated data, which passwords of people do without.
TEST_CASE("the library computes what the standard says") {
  Bytes password(32, 0x01), salt(16, 0x02), secret(8, 0x03), data(12, 0x04), tag(32);
  argon2_context context{};
  context.out = tag.data();
  context.outlen = 32;
  context.pwd = password.data();
  context.pwdlen = 32;
  context.salt = salt.data();
  context.saltlen = 16;
  context.secret = secret.data();
  context.secretlen = 8;
  context.ad = data.data();
  context.adlen = 12;
  context.t_cost = 3;
  context.m_cost = 32;
  context.lanes = 4;
  context.threads = 1;
  context.version = ARGON2_VERSION_13;
  REQUIRE(argon2id_ctx(&context) == ARGON2_OK);
  CHECK(to_hex(tag) == "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
}

// Made by argon2-cffi (the reference implementation under Python).
TEST_CASE("hashes of another program") {
  CHECK(is_right("Mật khẩu Việt 1",
                 "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$xaJG9Y8pTA+F2h4Lk9oHlx/udv4fKAHoOSEI2O6f98s"));
  CHECK(is_right("password", "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$ZVrRXqxlLcWfcXCnMyv0m4Rpvh/bnCi7"));
  CHECK(is_right("correct horse",
                 "$argon2id$v=19$m=4096,t=3,p=4$c2FsdHNhbHRzYWx0c2FsdA$Mjq+YJiQ+Q9Y5zMyDhOr/oxxudMwQ1GnvP8XVyA1l0A"));
  CHECK(!is_right("correct house",
                  "$argon2id$v=19$m=4096,t=3,p=4$c2FsdHNhbHRzYWx0c2FsdA$Mjq+YJiQ+Q9Y5zMyDhOr/oxxudMwQ1GnvP8XVyA1l0A"));
}

TEST_CASE("a hash of lower cost is to be made anew") {
  const auto needs_rehash = [](const PasswordCost& cost, const PasswordCost& wanted) {
    const std::string hash = must(hash_password(Secret("x"), cost));
    return must(check_password(Secret("x"), hash, wanted)).needs_rehash;
  };
  CHECK(!needs_rehash(kCheap, kCheap));
  CHECK(needs_rehash(kCheap, {.memory_kib = 65, .iterations = 1, .lanes = 1}));
  CHECK(needs_rehash(kCheap, {.memory_kib = 64, .iterations = 2, .lanes = 1}));
  CHECK(!needs_rehash({.memory_kib = 128, .iterations = 2, .lanes = 1}, kCheap));
  CHECK(must(check_password(Secret("password"),
                            "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$ZVrRXqxlLcWfcXCnMyv0m4Rpvh/bnCi7",
                            {.memory_kib = 64, .iterations = 1}))
            .needs_rehash);  // short salt
}

TEST_CASE("texts that are no hash, and costs that nobody should pay, are refused before any work") {
  const std::string salt = "$c29tZXNhbHQ", tag = "$AAAAAAAAAAAAAAAAAAAAAA";
  CHECK(code_of(check_password(Secret("x"), "$argon2id$v=19$m=64,t=1,p=1" + salt + tag)) == "ok");
  const std::array<std::string, 21> texts{
      "",
      "x",
      "$argon2i$v=19$m=64,t=1,p=1" + salt + tag,
      "$argon2id$v=16$m=64,t=1,p=1" + salt + tag,
      "$argon2id$m=64,t=1,p=1" + salt + tag,
      "$argon2id$v=19$m=64,t=1" + salt + tag,
      "$argon2id$v=19$m=064,t=1,p=1" + salt + tag,
      "$argon2id$v=19$m=+64,t=1,p=1" + salt + tag,
      "$argon2id$v=19$m=64,t=0,p=1" + salt + tag,
      "$argon2id$v=19$m=64,t=1,p=0" + salt + tag,
      "$argon2id$v=19$m=7,t=1,p=1" + salt + tag,
      "$argon2id$v=19$m=1048577,t=1,p=1" + salt + tag,
      "$argon2id$v=19$m=4294967296,t=1,p=1" + salt + tag,
      "$argon2id$v=19$m=64,t=1001,p=1" + salt + tag,
      "$argon2id$v=19$m=64,t=1,p=1,x=1" + salt + tag,
      "$argon2id$v=19$m=64,t=1,p=1" + salt,
      "$argon2id$v=19$m=64,t=1,p=1" + salt + "$AAAA",
      "$argon2id$v=19$m=64,t=1,p=1$AAAA" + tag,
      "$argon2id$v=19$m=64,t=1,p=1" + salt + tag + "=",
      "$argon2id$v=19$m=64,t=1,p=1" + salt + tag + "$",
      "$argon2id$v=19$m=64,t=1,p=1" + salt + "$" + std::string(600, 'A'),
  };
  for (const std::string& text : texts)
    CHECK_MESSAGE(code_of(check_password(Secret("x"), text)) == "crypto.password.malformed", text);
  CHECK(code_of(hash_password(Secret("x"), {.memory_kib = 2'000'000})) == "crypto.password.malformed");
  CHECK(code_of(hash_password(Secret("x"), {.memory_kib = 64, .iterations = 0})) == "crypto.password.malformed");
  rc::check("any text", [](const std::string& text) {
    RC_ASSERT(code_of(check_password(Secret("x"), "$argon2id$v=19$" + text)) == "crypto.password.malformed");
  });
}

TEST_CASE("many people sign in at the same time") {
  const std::string hash = must(hash_password(Secret("one"), kCheap));
  std::atomic<int> right = 0;
  std::vector<std::jthread> people;
  for (int i = 0; i < 8; ++i)
    people.emplace_back([&, i] {
      pretend_password_check(Secret("x"), kCheap);
      const auto check = check_password(Secret(i % 2 == 0 ? "one" : "two"), hash);
      if (check && check->is_right) ++right;
    });
  people.clear();
  CHECK(right == 4);
}

TEST_CASE("ids and tokens") {
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string id = random_uuid();
    REQUIRE(id.size() == 36);
    for (const std::size_t at : {8U, 13U, 18U, 23U}) CHECK(id[at] == '-');
    CHECK(id[14] == '4');
    CHECK(std::string_view("89ab").find(id[19]) != std::string_view::npos);
    CHECK(id.find_first_not_of("0123456789abcdef-") == std::string::npos);
    CHECK(seen.insert(id).second);
  }
  for (const std::size_t size : {1U, 16U, 32U, 33U}) {
    const std::string token = random_token(size);
    CHECK(token.size() == (size * 4 + 2) / 3);
    CHECK(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
          std::string::npos);
    CHECK(seen.insert(token).second);
  }
}

TEST_CASE("texts are compared whole") {
  CHECK(equal_in_constant_time("", ""));
  CHECK(equal_in_constant_time("abc", "abc"));
  CHECK(!equal_in_constant_time("abc", "abd"));
  CHECK(!equal_in_constant_time("abc", "ab"));
  CHECK(!equal_in_constant_time("abc", "abcd"));
  CHECK(!equal_in_constant_time(std::string_view("a\0b", 3), std::string_view("a\0c", 3)));
}

}  // namespace
}  // namespace kyso::crypto

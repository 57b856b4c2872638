#include "vault/policy_edit.h"

#include "vault/officers_test_support.h"
#include "vault/policy_reader.h"

namespace kyso::vault {

using namespace test;

TEST_CASE("a passkey is added to one officer, and nothing else is touched") {
  const auto pem = [](const std::string& who) { return credential(who).certificate_pem; };
  const std::string text =
      "# Đầu tệp\n[webauthn]\nrp_id = \"localhost\"\norigins = [\"http://localhost:8080\"]\n\n"
      "# Văn thư\n[[officer]]\nperson = \"a\"\nname = \"[[officer]] '''\" # '''\nroles = [\n  \"x\"\n]\ncertificates = "
      "[\"\"\"\n" +
      pem("reg") +
      "\"\"\"]\n\n# Lãnh đạo\n#   thứ nhất\n\n[[ officer ]]\nperson = \"b\"\nname = 'B \"\"\"'\nroles = "
      "[]\ncertificates = ['''" +
      pem("lead1") + "''']\n" + passkey_toml(passkey("lead1-key").passkey) +
      "\n# Quản trị\n[[officer]]\nperson = \"c\"\nname = \"C\"\nroles = []";
  for (const std::string& newline : {"", "\n", "\n# hết\n"}) {
    const std::string file = text + newline;
    const auto before = must(read_officers(file));
    REQUIRE(before.officers.size() == 3);
    std::string all = file;
    std::size_t number = 0;
    for (const char* person : {"a", "b", "c"}) {
      const Passkey& wanted = passkey(fmt::format("new-{}-key", person)).passkey;
      all = must(with_passkey(all, person, wanted));
      const auto after = must(read_officers(all));
      REQUIRE(after.officers[number].passkeys.size() == before.officers[number].passkeys.size() + 1);
      CHECK(after.officers[number].passkeys.back() == wanted);
      CHECK(after.officers[number].name == before.officers[number].name);
      ++number;
    }
    for (const char* kept :
         {"# Đầu tệp\n[webauthn]", "# Văn thư\n[[officer]]", "# Lãnh đạo\n#   thứ nhất\n\n[[ officer ]]",
          "# Quản trị\n[[officer]]", "roles = [\n  \"x\"\n]"})
      CHECK_MESSAGE(all.contains(kept), kept);
    CHECK(all.contains("# hết") == newline.contains("# hết"));
  }
}

TEST_CASE("what can't be added is refused") {
  const std::string text = officers_toml({{"a", {}, {"reg"}, {"reg-key"}}, {"b", {}, {"lead1"}}});
  CHECK(code_of(with_passkey(text, "c", passkey("lead1-key").passkey)) == "vault.policy.person");
  CHECK(code_of(with_passkey(text, "b", passkey("reg-key").passkey)) == "base.config.invalid");
  CHECK(code_of(with_passkey(text, "b", {Bytes(32), Bytes(77), "x", "2026-11-20"})) == "base.config.invalid");
  CHECK(code_of(with_passkey(officers_toml({{"b", {}, {"lead1"}}}), "b", passkey("lead1-key").passkey)) ==
        "base.config.invalid");  // no [webauthn]
  CHECK(code_of(with_passkey(text, "b", passkey("lead1-key").passkey)) == "ok");
  // Officers in another notation of TOML.
  const std::string inline_tables = R"(officer = [{person = "b", name = "B", roles = []}]
[webauthn]
rp_id = "localhost"
origins = ["http://localhost:8080"])";
  CHECK(code_of(read_officers(inline_tables)) == "ok");
  CHECK(code_of(with_passkey(inline_tables, "b", passkey("lead1-key").passkey)) == "base.config.invalid");
}

}  // namespace kyso::vault

#include "base/file.h"
#include "vault/officers_test_support.h"

namespace kyso::vault {

using namespace test;

TEST_CASE("the example policy works as soon as its officers have certificates") {
  std::vector<PolicyFile> files;
  for (const char* name : {"officers.toml", "approval.toml", "blocked-keys.txt"}) {
    const auto path = std::filesystem::path(KYSO_SOURCE_DIR "/share/policy-example") / name;
    files.push_back({name, std::string(as_chars(must(read_file(path))))});
  }
  CHECK(code_of(Policy::parse(1, files)) == "vault.policy.unreachable");
  std::string& officers = files.front().content;
  constexpr std::string_view kEmpty = "certificates = []";
  int count = 0;
  for (std::size_t at = 0; (at = officers.find(kEmpty)) != std::string::npos; ++count)
    officers.replace(at, kEmpty.size(),
                     "certificates = ['''" + credential(fmt::format("example{}", count)).certificate_pem + "''']");
  CHECK(count == 7);
  CHECK(must(Policy::parse(1, files)).officers().size() == 7);
}

}  // namespace kyso::vault

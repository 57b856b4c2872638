// The rows of NIST PKITS that need no revocation data: everything that path validation decides by itself.
#include <fstream>
#include <sstream>

#include "base/file.h"
#include "base/test_support.h"
#include "pki/path_validation.h"

namespace kyso::pki {
namespace {

const std::string kFolder = KYSO_SOURCE_DIR "/tests/vectors/pkits/";

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> out;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) out.push_back(part);
  return out;
}

std::vector<std::string> policy_oids(const std::string& names) {
  constexpr std::string_view kNist = "NIST-test-policy-";
  std::vector<std::string> out;
  if (names == "-") return out;
  for (const std::string& name : split(names, ','))
    out.push_back(name == "anyPolicy" ? "2.5.29.32.0" : "2.16.840.1.101.3.2.1.48." + name.substr(kNist.size()));
  return out;
}

ParsedCertificate load(const std::string& name) {
  return ParsedCertificate(must(crypto::Certificate::from_der(must(read_file(kFolder + "certs/" + name + ".crt")))));
}

// Sections 4.4, 4.5, 4.7.4 and 4.7.5, 4.14 and 4.15 are about CRLs.
bool is_about_paths(const std::string& number) {
  for (const char* other : {"4.4.", "4.5.", "4.14.", "4.15."})
    if (number.starts_with(other)) return false;
  return number != "4.7.4" && number != "4.7.5";
}

TEST_CASE("PKITS: the rows about paths") {
  std::ifstream table(kFolder + "pkits.tsv");
  REQUIRE(table);
  int rows = 0;
  for (std::string line; std::getline(table, line);) {
    const auto columns = split(line, '\t');
    REQUIRE(columns.size() == 10);
    if (!is_about_paths(columns[0])) continue;
    const auto names = split(columns[8], ',');
    TrustStore trust;
    trust.add({.certificate = load(names.front())});
    CertificatePool pool;
    for (std::size_t i = 1; i + 1 < names.size(); ++i) pool.add(load(names[i]));
    PathRequest request{.time = Instant(std::chrono::seconds(1302825600))};
    request.explicit_policy = columns[3] == "1";
    request.inhibit_policy_mapping = columns[4] == "1";
    request.inhibit_any_policy = columns[5] == "1";
    if (columns[6] != "anyPolicy") request.user_policies = policy_oids(columns[6]);
    const PathResult result = find_path(load(names.back()), pool, trust, request);
    const std::string why = result.reasons.empty() ? "" : result.reasons.front().code;
    CHECK_MESSAGE(result.path.has_value() == (columns[2] == "1"), columns[0], " ", columns[1], " ", why);
    if (result.path) {
      auto policies = policy_oids(columns[7]);
      CHECK_MESSAGE(result.path->policies == policies, columns[0], " ", columns[1]);
      CHECK(result.reasons.empty());
    } else {
      CHECK(!result.reasons.empty());
    }
    ++rows;
  }
  CHECK(rows == 173);
}

}  // namespace
}  // namespace kyso::pki

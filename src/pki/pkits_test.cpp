#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>

#include "base/file.h"
#include "base/test_support.h"
#include "pki/revocation.h"

// The NIST Public Key Interoperability Test Suite, certification path validation, version 1.0.1.
namespace kyso::pki {
namespace {

const std::string kFolder = KYSO_SOURCE_DIR "/tests/vectors/pkits/";
const Instant kTime{std::chrono::seconds(1302825600)};  // 2011-04-15

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> out;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) out.push_back(part);
  return out;
}

std::string policy_oid(const std::string& name) {
  const std::string kPrefix = "NIST-test-policy-";
  if (name == "anyPolicy") return "2.5.29.32.0";
  REQUIRE_MESSAGE(name.starts_with(kPrefix), name);
  return "2.16.840.1.101.3.2.1.48." + name.substr(kPrefix.size());
}

struct Row {
  std::string name;
  bool is_valid = false;
  PathRequest request;
  std::set<std::string> policies;  // expected user-constrained set
  std::vector<std::string> certificates, lists;
};

Row parse_row(const std::string& line) {
  const std::vector<std::string> columns = split(line, '\t');
  REQUIRE_MESSAGE(columns.size() == 10, line);
  Row row;
  row.name = columns[0] + " " + columns[1];
  row.is_valid = columns[2] == "1";
  row.request.time = kTime;
  row.request.explicit_policy = columns[3] == "1";
  row.request.inhibit_policy_mapping = columns[4] == "1";
  row.request.inhibit_any_policy = columns[5] == "1";
  if (columns[6] != "anyPolicy")
    for (const std::string& name : split(columns[6], ',')) row.request.user_policies.push_back(policy_oid(name));
  if (columns[7] != "-")
    for (const std::string& name : split(columns[7], ',')) row.policies.insert(policy_oid(name));
  row.certificates = split(columns[8], ',');
  row.lists = split(columns[9], ',');
  return row;
}

std::vector<Row> read_rows() {
  std::vector<Row> out;
  std::ifstream file(kFolder + "pkits.tsv");
  for (std::string line; std::getline(file, line);) out.push_back(parse_row(line));
  REQUIRE(out.size() == 249);
  return out;
}

// Nullopt for the certificate whose signature is no whole number of octets (4.1.2): whoever meets it goes without.
std::optional<ParsedCertificate> certificate(const std::string& name) {
  const auto read = crypto::Certificate::from_der(must(read_file(kFolder + "certs/" + name + ".crt"), name));
  if (!read) {
    CHECK_MESSAGE(name == "BadSignedCACert", name);
    return std::nullopt;
  }
  return ParsedCertificate(*read);
}

RevocationEvidence evidence_of(const Row& row) {
  RevocationEvidence out;
  for (const std::string& name : row.lists) {
    const auto read = RevocationList::from_der(must(read_file(kFolder + "crls/" + name + ".crl"), name));
    // 4.4.4: the same fault.
    CHECK_MESSAGE((read || name == "BadCRLSignatureCACRL"), name);
    if (read) out.lists.push_back(*read);
  }
  return out;
}

PathResult run(const Row& row, const RevocationEvidence& evidence) {
  TrustStore trust;
  trust.add({.certificate = certificate(row.certificates.front()).value()});
  CertificatePool pool;
  for (std::size_t i = 1; i + 1 < row.certificates.size(); ++i)
    if (const auto each = certificate(row.certificates[i])) pool.add(*each);
  return validate_certificate(certificate(row.certificates.back()).value(), pool, trust, evidence, row.request);
}

std::string describe(const std::vector<Finding>& findings) {
  std::string out;
  for (const Finding& finding : findings) {
    out += " " + finding.code;
    for (const auto& [name, value] : finding.parameters) out += fmt::format(" {}={}", name, value);
  }
  return out;
}

}  // namespace

TEST_CASE("PKITS: every row, in the default configuration") {
  int right = 0;
  int false_accepts = 0;
  int false_rejects = 0;
  int wrong_policies = 0;
  const std::vector<Row> rows = read_rows();
  for (const Row& row : rows) {
    const PathResult result = run(row, evidence_of(row));
    const bool is_accepted = result.path.has_value();
    if (is_accepted && !row.is_valid) ++false_accepts;
    if (!is_accepted && row.is_valid) ++false_rejects;
    CHECK_MESSAGE(is_accepted == row.is_valid, row.name, ":", describe(result.reasons));
    // Whoever refuses says why.
    CHECK_MESSAGE(is_accepted == result.reasons.empty(), row.name);
    bool are_policies_right = true;
    if (is_accepted && row.is_valid) {
      const std::set<std::string> policies(result.path->policies.begin(), result.path->policies.end());
      are_policies_right = policies == row.policies;
      CHECK_MESSAGE(are_policies_right, row.name, ": ", fmt::format("{}", fmt::join(policies, " ")));
    }
    if (!are_policies_right) ++wrong_policies;
    if (is_accepted == row.is_valid && are_policies_right) ++right;
  }
  CHECK(right == 249);
  CHECK(wrong_policies == 0);
  std::printf("PKITS: %d of %zu rows right, %d false accepts, %d false rejects\n", right, rows.size(), false_accepts,
              false_rejects);
  std::fflush(stdout);
}

TEST_CASE("without its revocation data no PKITS path is accepted") {
  for (const Row& row : read_rows()) {
    const PathResult result = run(row, {});
    CHECK_MESSAGE(!result.path, row.name);
    CHECK_MESSAGE(!result.reasons.empty(), row.name);
  }
}

TEST_CASE("each list of a valid PKITS path is needed") {
  // A list that is badly signed, and deltas that have no news about their certificates.
  const std::set<std::string> kNeedless{"TwoCRLsCABadCRL", "deltaCRLCA1deltaCRL", "deltaCRLCA2deltaCRL"};
  int needed = 0;
  for (const Row& row : read_rows()) {
    if (!row.is_valid) continue;
    const RevocationEvidence all = evidence_of(row);
    for (std::size_t i = 0; i < all.lists.size(); ++i) {
      RevocationEvidence fewer = all;
      fewer.lists.erase(fewer.lists.begin() + static_cast<std::ptrdiff_t>(i));
      const bool is_accepted = run(row, fewer).path.has_value();
      needed += is_accepted ? 0 : 1;
      CHECK_MESSAGE((!is_accepted || kNeedless.contains(row.lists[i])), row.name, " ", row.lists[i]);
    }
  }
  CHECK(needed > 250);
}

}  // namespace kyso::pki

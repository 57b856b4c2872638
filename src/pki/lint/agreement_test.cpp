#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>

#include "pki/lint/lint_test_support.h"

using namespace kyso;
using namespace kyso::pki::lint;
using namespace kyso::pki::lint::testing;

namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> out;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) out.push_back(part);
  return out;
}
std::vector<std::vector<std::string>> read_table(const std::string& file) {
  std::vector<std::vector<std::string>> out;
  for (const std::string& line : split(read_file(file), '\n'))
    if (!line.empty() && line[0] != '#') out.push_back(split(line, '\t'));
  return out;
}

struct Other {  // what another linter found in its certificates
  std::vector<std::string> findings;
  std::vector<std::pair<std::string, std::string>> verdicts;  // certificate, one character for each finding
  std::vector<Bytes> certificates;
};
Other read_other(const std::string& which) {
  Other out;
  auto lines = read_table("tests/vectors/lint/" + which + "-verdicts.txt");
  out.findings.assign(lines[0].begin() + 1, lines[0].end());
  for (std::size_t i = 1; i < lines.size(); ++i) out.verdicts.emplace_back(lines[i][0], lines[i][1]);
  std::string archive = read_file("tests/vectors/lint/" + which + "-certificates.der");
  if (which != "zlint") archive += read_file("tests/vectors/lint/zlint-certificates.der");
  crypto::der::Reader reader(as_bytes(archive));
  while (!reader.at_end()) {
    auto element = reader.next();
    REQUIRE(element.has_value());
    out.certificates.emplace_back(element->whole.begin(), element->whole.end());
  }
  REQUIRE(out.certificates.size() == out.verdicts.size());
  return out;
}

// Our rules that each certificate breaks. zlint has dates from which a lint holds, as our rules have; pkilint has none.
std::vector<std::map<std::string_view, bool>> ours(const Other& other, bool with_dates) {
  std::vector<std::map<std::string_view, bool>> out;
  for (const Bytes& certificate : other.certificates) {
    auto& broken = out.emplace_back();
    if (with_dates) {
      for (const Breach& breach : check(certificate, {.lightest = Weight::notice})) broken[breach.rule->id] = true;
      continue;
    }
    Case examined;
    REQUIRE(examined.read(certificate));
    std::string why;
    for (const Entry& entry : entries())
      if (entry.check(examined, why) == Verdict::fails) broken[entry.rule.id] = true;
  }
  return out;
}

struct Mapping {
  std::vector<std::string> rules;
  bool is_exact = true;
  std::string finding;
};
std::vector<Mapping> read_mappings(const std::string& which) {
  std::vector<Mapping> out;
  for (const auto& row : read_table("tests/vectors/lint/" + which + "-mapping.txt")) {
    REQUIRE(row.size() == 3);
    out.push_back({split(row[0], ','), row[1] == "=", row[2]});
  }
  return out;
}

void compare(const std::string& which, std::size_t least_mappings) {
  const Other other = read_other(which);
  const auto own_findings = ours(other, which == "zlint");
  std::map<std::pair<std::string, std::string>, bool> deviations;  // seen
  for (const auto& row : read_table("tests/vectors/lint/" + which + "-deviations.txt"))
    deviations[{row[0], row[1]}] = false;
  const auto mappings = read_mappings(which);
  CHECK(mappings.size() >= least_mappings);
  for (const Mapping& mapping : mappings) {
    for (const std::string& rule : mapping.rules)
      CHECK_MESSAGE(std::ranges::any_of(rules(), [&](const Rule& r) { return r.id == rule; }), rule);
    const auto column = std::ranges::find(other.findings, mapping.finding) - other.findings.begin();
    REQUIRE_MESSAGE(column < std::ssize(other.findings), mapping.finding);
    for (std::size_t i = 0; i < other.certificates.size(); ++i) {
      if (other.verdicts[i].second == "-") continue;
      const char theirs = other.verdicts[i].second[static_cast<std::size_t>(column)];
      const bool fails =
          std::ranges::any_of(mapping.rules, [&](const std::string& rule) { return own_findings[i].contains(rule); });
      if (theirs == 'f') continue;  // they could not read it
      const bool agrees = theirs == 'e' ? fails : !fails || !mapping.is_exact;
      const auto deviation = deviations.find({mapping.finding, other.verdicts[i].first});
      if (deviation != deviations.end()) {
        deviation->second = true;
        CHECK_MESSAGE(!agrees, "no deviation any more: ", mapping.finding, " ", other.verdicts[i].first);
      } else if (!agrees) {
        FAIL_CHECK(mapping.finding << " on " << other.verdicts[i].first << ": theirs " << theirs << ", ours " << fails);
      }
    }
  }
  for (const auto& [what, is_seen] : deviations) CHECK_MESSAGE(is_seen, what.first, " ", what.second);
}

// The page is written by the test program itself: KYSO_UPDATE_DOCS=1.
void compare_page(const std::string& file, const std::string& text) {
  if (std::getenv("KYSO_UPDATE_DOCS") != nullptr) {
    std::ofstream(std::string(KYSO_SOURCE_DIR) + "/" + file, std::ios::binary) << text;
  }
  CHECK_MESSAGE(read_file(file) == text, file, " is out of step: run the test with KYSO_UPDATE_DOCS=1");
}

std::string_view family_name(Family family) {
  return family == Family::rfc5280 ? "rfc5280" : family == Family::etsi ? "etsi" : "kyso";
}
std::string_view weight_name(Weight weight) {
  return weight == Weight::error ? "error" : weight == Weight::warning ? "warning" : "notice";
}

}  // namespace

TEST_CASE("zlint's verdicts on its own certificates") {
  compare("zlint", 140);
}
TEST_CASE("pkilint's findings") {
  compare("pkilint", 105);
}

TEST_CASE("the certificates of share/trust break what they deserve") {
  std::string text;
  std::set<std::filesystem::path> files;
  for (const auto& file : std::filesystem::directory_iterator(KYSO_SOURCE_DIR "/share/trust"))
    if (file.path().extension() == ".crt") files.insert(file.path());
  CHECK(files.size() >= 9);
  for (const auto& file : files) {
    const std::string bytes = read_file("share/trust/" + file.filename().string());
    auto certificate = crypto::Certificate::from_der(as_bytes(bytes));
    if (!certificate)
      certificate = crypto::Certificate::from_pem(bytes).transform([](auto all) { return all.front(); });
    REQUIRE_MESSAGE(certificate.has_value(), file.string());
    text += file.filename().string() + "\n";
    for (const Breach& breach : check(certificate->der()))
      text += fmt::format("  {} {}\n", breach.rule->id, breach.detail);
  }
  compare_page("tests/vectors/lint/trust-golden.txt", text);
}

TEST_CASE("the certificates of PKITS break what they deserve") {
  std::map<std::string, int> counts;
  int certificates = 0;
  for (const auto& file : std::filesystem::directory_iterator(KYSO_SOURCE_DIR "/tests/vectors/pkits/certs")) {
    const std::string bytes = read_file("tests/vectors/pkits/certs/" + file.path().filename().string());
    ++certificates;
    for (const Breach& breach : check(as_bytes(bytes))) ++counts[std::string(breach.rule->id)];
  }
  std::string text = fmt::format("{} certificates\n", certificates);
  for (const auto& [rule, count] : counts) text += fmt::format("{} {}\n", rule, count);
  compare_page("tests/vectors/lint/pkits-golden.txt", text);
}

TEST_CASE("docs/lint.md is the table of rules") {
  std::map<std::pair<Family, Weight>, int> counts;
  for (const Rule& rule : rules()) ++counts[{rule.family, rule.weight}];
  std::string page =
      "# Rules of the certificate linter\n\nEvery certificate is judged by these rules before it is signed (its "
      "to-be-signed part, signed with a throw-away key); an\n"
      "error stops the issuance. `e_` is an error, `w_` a warning, `n_` a notice. Rules of the family `etsi` judge "
      "only certificates\n"
      "that claim EN 319 412 by a statement or a policy. A rule with a date does not judge certificates that began "
      "earlier.\n\n"
      "Written by the test program (`KYSO_UPDATE_DOCS=1`); a test keeps it in step with the code.\n\n| family | errors "
      "| warnings | notices |\n|---|---|---|---|\n";
  for (const Family family : {Family::rfc5280, Family::etsi, Family::kyso})
    page += fmt::format("| {} | {} | {} | {} |\n", family_name(family), counts[{family, Weight::error}],
                        counts[{family, Weight::warning}], counts[{family, Weight::notice}]);
  page += "\n| rule | family | weight | source | what must hold | since |\n|---|---|---|---|---|---|\n";
  for (const Rule& rule : rules()) {
    std::string since;
    if (rule.since != Instant{}) since = iso8601_vietnam(rule.since).substr(0, 10);
    page += fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", rule.id, family_name(rule.family),
                        weight_name(rule.weight), rule.source, rule.title, since);
  }
  compare_page("docs/lint.md", page);
}

TEST_CASE("docs/lint-deviations.md lists how we differ from other linters") {
  std::string page =
      "# How the linter differs from others\n\nThe tests compare our rules with the verdicts of zlint 3.7.3 (its RFC "
      "and ETSI lints, on its own test certificates) and of pkilint 0.13.3\n"
      "(PKIX and ETSI findings, on certificates of zlint and ours). `=`: theirs fails exactly where ours fails. `≥`: "
      "ours asks for more.\n"
      "The differences below are deliberate. Written by the test program (`KYSO_UPDATE_DOCS=1`); a test keeps it in "
      "step.\n";
  for (const std::string which : {"zlint", "pkilint"}) {
    const auto mappings = read_mappings(which);
    page += fmt::format(
        "\n## {}\n\n{} of its lints are mapped.\n\n### Differences in single certificates\n\n| its lint | certificate "
        "| why |\n|---|---|---|\n",
        which, mappings.size());
    for (const auto& row : read_table("tests/vectors/lint/" + which + "-deviations.txt"))
      page += fmt::format("| `{}` | {} | {} |\n", row[0], row[1], row[2]);
    page += "\n### What is not mapped\n\n";
    for (const auto& row : read_table("tests/vectors/lint/" + which + "-unmapped.txt"))
      page += fmt::format("* `{}`: {}\n", row[0], row[1]);
    page += "\n### Mapping\n\n| our rule | | its lint |\n|---|---|---|\n";
    for (const Mapping& mapping : mappings) {
      std::string names;
      for (const std::string& rule : mapping.rules) names += fmt::format("{}`{}`", names.empty() ? "" : ", ", rule);
      page += fmt::format("| {} | {} | `{}` |\n", names, mapping.is_exact ? "=" : "≥", mapping.finding);
    }
  }
  compare_page("docs/lint-deviations.md", page);
}

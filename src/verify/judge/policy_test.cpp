#include "base/file.h"
#include "verify/judge/change_table.h"
#include "verify/judge/judge_test_support.h"

namespace kyso::verify {
namespace {

using namespace test;
const std::filesystem::path kFolder = KYSO_SOURCE_DIR "/share/policies";

crypto::SignatureScheme scheme(const char* name) {
  return *crypto::scheme_by_name(name);
}

}  // namespace

TEST_CASE("shipped policies") {
  using enum crypto::DigestAlgorithm;
  const Policy& strict = policy("strict");
  const Instant now = at("2026-11-20");
  CHECK(strict.id == "strict");
  for (const auto* rules : {&strict.algorithms, &strict.chain_algorithms, &strict.time_stamp_algorithms}) {
    CHECK(rules->accepts(sha256, now));
    CHECK_FALSE(rules->accepts(sha1, at("2000-01-01")));
    CHECK_FALSE(rules->accepts(sha224, now));
    CHECK(rules->accepts(scheme("rsa-pkcs1-sha256"), 2048, now));
    CHECK_FALSE(rules->accepts(scheme("rsa-pkcs1-sha256"), 1024, now));
    CHECK(rules->accepts(scheme("ecdsa-p256-sha256"), 256, now));
    CHECK(rules->accepts(scheme("ed25519"), 256, now));
    CHECK_FALSE(rules->accepts({crypto::KeyType::dsa, crypto::Padding::none, sha256}, 3072, now));
  }
  CHECK(strict.weights.at("contents.trailing").severity == Severity::failure);

  const Policy& tt15 = policy("tt15");
  CHECK(tt15.time_stamp == Policy::TimeStamp::expected);
  CHECK(tt15.revocation == Policy::Revocation::required);
  CHECK_FALSE(tt15.algorithms.accepts(scheme("ed25519"), 256, now));
  CHECK(tt15.weights.contains("contents.trailing"));  // inherited
  CHECK(tt15.weights.contains("tt15.padding"));

  const Policy& legacy = policy("legacy-vn");
  CHECK(legacy.chain_algorithms.accepts(sha1, at("2030-03-04")));
  CHECK_FALSE(legacy.chain_algorithms.accepts(sha1, at("2030-03-06")));
  CHECK(legacy.time_stamp_algorithms.accepts(sha1, now));
  CHECK(legacy.algorithms.accepts(sha1, at("2019-06-01")));
  CHECK_FALSE(legacy.algorithms.accepts(sha1, now));
  CHECK(legacy.weights.at("contents.trailing").severity == Severity::warning);
}

TEST_CASE("the manual tells every code and every line of the table") {
  const Bytes bytes = must(read_file(KYSO_SOURCE_DIR "/docs/verify.md"));
  const std::string_view manual = as_chars(bytes);
  for (const CodeRow& row : code_rows())
    CHECK_MESSAGE(manual.find(fmt::format("| `{}` |", row.code)) != std::string_view::npos, row.code);
  const auto word = [](Effect effect) {
    constexpr std::array<std::string_view, 5> kWords{"TP", "TP+I", "TP+W", "IN/SIGC", "TF/FORMAT"};
    return kWords[static_cast<std::size_t>(effect)];
  };
  for (const ChangeRow& row : change_rows()) {
    const std::string code = row.code.empty() ? "its own" : fmt::format("`{}`", row.code);
    const std::string line = fmt::format("| {} | {} | {} | {} | {} | {} |", row.name, code, word(row.approval),
                                         word(row.p1), word(row.p2), word(row.p3));
    CHECK_MESSAGE(manual.find(line) != std::string_view::npos, line);
  }
}

TEST_CASE("a policy is rebuilt from its own text") {
  for (const char* name : {"strict", "tt15", "legacy-vn"}) {
    const Policy& first = policy(name);
    const Policy again = must(Policy::from_source(first.source));
    CHECK(again.source == first.source);
    CHECK(again.id == first.id);
    CHECK(again.weights.size() == first.weights.size());
    CHECK(again.algorithms.digests.size() == first.algorithms.digests.size());
    CHECK(again.chain_algorithms.digests.size() == first.chain_algorithms.digests.size());
  }
}

TEST_CASE("a user's own policy") {
  const auto read = [](std::string_view text) { return Policy::from_toml(text, "own", kFolder); };
  const Policy own =
      must(read("extends = \"strict\"\n[time_stamp]\nduty = \"required\"\n[revocation]\n"
                "duty = \"warn-when-missing\"\ngrace_period_seconds = 60\n"
                "[[weight]]\ncode = \"tail.*\"\nseverity = \"failure\"\n"
                "sub_indication = \"FORMAT_FAILURE\"\n"));
  CHECK(own.time_stamp == Policy::TimeStamp::required);
  CHECK(own.grace_period == std::chrono::seconds(60));
  CHECK(own.clock_tolerance == std::chrono::minutes(5));
  CHECK(own.algorithms.digests.size() == policy("strict").algorithms.digests.size());
  for (const char* bad :
       {"nonsense = 1", "[time_stamp]\nduty = \"maybe\"", "[[digest]]\nname = \"md5\"", "[[key]]\ntype = \"elgamal\"",
        "[[digest]]\nname = \"sha1\"\nuntil = \"soon\"", "[[digest]]\nname = \"sha256\"\nuse = [\"everything\"]",
        "[[weight]]\ncode = \"a\"\nseverity = \"fatal\"", "[revocation]\ngrace_period_seconds = -1"})
    CHECK_MESSAGE(code_of(read(bad)).starts_with("base.config."), bad);
  CHECK(code_of(read("extends = \"none-such\"")) == "verify.policy.unknown");
  CHECK(code_of(read("#--- policy x\n")) == "verify.policy.invalid");
  CHECK(code_of(Policy::load("nowhere", kFolder)) == "verify.policy.unknown");
  CHECK(code_of(Policy::load("../policies/strict", kFolder)) != "ok");
  const TestFolder folder;
  static_cast<void>(folder.write("a.toml", "extends = \"b\"\n"));
  static_cast<void>(folder.write("b.toml", "extends = \"a\"\n"));
  CHECK(code_of(Policy::load("a", folder.path())) == "verify.policy.invalid");
}

TEST_CASE("weights of a policy change what decides") {
  static const Authority authority;
  CertificateWish wish;
  wish.names_crl = false;
  const auto judged = [&](std::string_view weights, Severity severity) {
    Document document(authority);
    document.sign(authority.certify(wish)).findings.push_back(Finding("contents.trailing", severity));
    const Policy own = must(Policy::from_toml("extends = \"strict\"\n" + std::string(weights), "own", kFolder));
    const Verdict verdict = judge(
        document.facts, evidence({{EvidenceItem::Kind::crl, authority.root_crl(at("2025-06-01"), at("2026-01-01"))}}),
        authority.trust(pki::RevocationDuty::if_published), own, at("2025-07-01"));
    return short_of(verdict.signatures[0]);
  };
  CHECK(judged("", Severity::warning) == "TF/FORMAT_FAILURE contents.trailing");
  const std::string weight = "[[weight]]\ncode = \"contents.trailing\"\nseverity = ";
  CHECK(judged(weight + "\"warning\"", Severity::failure) == "TP+W contents.trailing");
  CHECK(judged(weight + "\"indeterminate\"", Severity::failure) == "IN/SIG_CONSTRAINTS_FAILURE contents.trailing");
  CHECK(judged(weight + "\"note\"\n[[weight]]\ncode = \"contents.*\"\nseverity = \"failure\"", Severity::failure) ==
        "TP");
  CHECK(judged("[time_stamp]\nduty = \"required\"\n" + weight + "\"note\"", Severity::note) ==
        "IN/SIG_CONSTRAINTS_FAILURE timestamp.missing");
}

}  // namespace kyso::verify

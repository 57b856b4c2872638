#include "vault/policy.h"

#include <algorithm>

#include "base/file.h"
#include "vault/officers_test_support.h"

namespace kyso::vault {
namespace {

using namespace test;

std::vector<PolicyFile> with(const std::string& name, const std::string& content) {
  auto files = sample_files();
  std::erase_if(files, [&](const PolicyFile& file) { return file.name == name; });
  files.push_back({name, content});
  return files;
}

std::string code_with_rules(const std::string& rules) {
  return code_of(Policy::parse(1, with("approval.toml", rules)));
}

std::string code_with_officers(const std::vector<TestOfficer>& officers) {
  return code_of(Policy::parse(1, with("officers.toml", officers_toml(officers))));
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE_MESSAGE(at != std::string::npos, from);
  return text.replace(at, from.size(), to);
}

// A policy in which requests of `reg2` need these steps.
Policy with_steps(const std::string& steps, const std::vector<TestOfficer>& officers) {
  const std::string rules = fmt::format(R"(
[[rule]]
act = "certificate.issue"
requester_roles = ["registration"]
valid_for = "7d"
{}
[[rule]]
act = "policy.change"
requester_roles = ["registration"]
valid_for = "7d"
[[rule.step]]
parts = ["any", "any"]
)",
                                        steps);
  auto files = with("approval.toml", rules);
  std::erase_if(files, [](const PolicyFile& file) { return file.name == "officers.toml"; });
  auto all = officers;
  all.push_back({"reg2", {"registration"}, {"reg2"}});
  all.push_back({"x1", {"any"}, {"admin1"}});
  all.push_back({"x2", {"any"}, {"admin2"}});
  files.push_back({"officers.toml", officers_toml(all)});
  return must(Policy::parse(1, files));
}

}  // namespace

TEST_CASE("a policy is read") {
  const Policy& policy = sample_policy();
  CHECK(policy.version() == 1);
  CHECK(policy.officers().size() == sample_officers().size());
  CHECK(policy.profiles().contains("PERSON_5Y"));
  const Bytes print = credential("reg-second").holder->certificate().sha256();
  REQUIRE(policy.officer_of(print) != nullptr);
  CHECK(policy.officer_of(print)->person == "reg");
  CHECK(policy.certificate_of(print)->sha256() == print);
  CHECK(policy.officer_of(Bytes(32)) == nullptr);
  CHECK(policy.officer_of({}) == nullptr);
  REQUIRE(policy.rules().size() == 9);
  CHECK(policy.rules()[1].steps.at(0).parts.at(0).count == 2);
  CHECK(policy.rules()[0].valid_for == std::chrono::days(7));
}

TEST_CASE("the digest of a policy covers names and contents, whatever their order") {
  auto files = sample_files();
  std::ranges::reverse(files);
  CHECK(must(Policy::parse(7, files)).sha256() == sample_policy().sha256());
  CHECK(must(Policy::parse(1, with("blocked-keys.txt", "# không có\n"))).sha256() != sample_policy().sha256());
  auto changed = sample_rules() + "\n# khác\n";
  CHECK(must(Policy::parse(1, with("approval.toml", changed))).sha256() != sample_policy().sha256());
}

TEST_CASE("files that make no policy are refused") {
  auto files = sample_files();
  files.push_back(files.front());
  CHECK(code_of(Policy::parse(1, files)) == "vault.policy.file");
  CHECK(code_of(Policy::parse(1, with("profiles/../x.toml", ""))) == "vault.policy.file");
  CHECK(code_of(Policy::parse(1, {})) == "base.file.missing");
  CHECK(code_of(Policy::parse(1, with("profiles/OTHER.toml", sample_profile("PERSON_5Y")))) == "base.config.invalid");
  CHECK(code_of(Policy::parse(1, with("profiles/OTHER.toml", "name = 1"))) == "base.config.wrong_type");
}

TEST_CASE("rules that two persons cannot keep are refused") {
  CHECK(code_with_rules(sample_rules()) == "ok");
  CHECK(code_with_rules(replaced(sample_rules(), "[[rule.step]]\nparts = [\"checking\"]", "")) ==
        "vault.policy.quorum");
  CHECK(code_with_rules(replaced(sample_rules(), "\"administrator\", \"administrator\"", "\"administrator\"")) ==
        "vault.policy.quorum");
  CHECK(code_with_rules("") == "vault.policy.act");
  CHECK(code_with_rules(replaced(sample_rules(), "policy.change", "log.forge")) == "base.config.invalid");
  CHECK(code_with_rules(replaced(sample_rules(), "policy.change", "certificate.issue")) == "base.config.invalid");
  CHECK(code_with_rules(replaced(sample_rules(), "OCSP_90D", "NO_SUCH")) == "base.config.invalid");
  CHECK(code_with_rules(replaced(sample_rules(), "\"7d\"", "\"7 days\"")) == "base.config.invalid");
  CHECK(code_with_rules(replaced(sample_rules(), "\"7d\"", "\"400d\"")) == "base.config.invalid");
  CHECK(code_with_rules(replaced(sample_rules(), "valid_for", "valid")) == "base.config.missing");
  CHECK(code_with_rules(replaced(sample_rules(), "parts", "part")) == "base.config.invalid");
  CHECK(code_with_rules(sample_rules() + "\nmore = 1\n") == "base.config.unknown_key");
  CHECK(code_with_rules(replaced(sample_rules(), R"(["registration"])", "[]")) == "base.config.invalid");
  // Three administrators of whom one requests: two are left, three are not.
  CHECK(code_with_rules(replaced(sample_rules(), R"("administrator", "administrator")",
                                 R"("administrator", "administrator", "administrator")")) ==
        "vault.policy.unreachable");
  CHECK(code_with_rules(replaced(sample_rules(), R"(parts = ["checking"])", R"(parts = ["notary"])")) ==
        "vault.policy.unreachable");
  CHECK(code_with_rules(replaced(sample_rules(), R"(["registration"])", R"(["notary"])")) ==
        "vault.policy.unreachable");
}

TEST_CASE("one person cannot be two officers") {
  auto officers = sample_officers();
  officers.push_back({"reg", {"auditor"}, {"other"}});
  CHECK(code_with_officers(officers) == "base.config.invalid");
  officers.back() = {"other", {"auditor"}, {"reg"}};
  CHECK(code_with_officers(officers) == "base.config.invalid");
  // Another certificate over the same key.
  const auto& holder = credential("reg");
  auto files = sample_files();
  TestFolder folder;
  const auto key = folder / "k.pem";
  output_of(
      fmt::format("openssl ecparam -name prime256v1 -genkey -noout -out {0} && for n in 1 2; do openssl req -x509 "
                  "-new -key {0} -subj /CN=$n -addext basicConstraints=critical,CA:FALSE -out {1}/$n.crt; done",
                  key.string(), folder.path().string()));
  const auto twice = fmt::format(
      "[[officer]]\nperson = \"a\"\nname = \"A\"\nroles = []\ncertificates = ['''{}''']\n"
      "[[officer]]\nperson = \"b\"\nname = \"B\"\nroles = []\ncertificates = ['''{}''']\n",
      as_chars(must(read_file(folder / "1.crt"))), as_chars(must(read_file(folder / "2.crt"))));
  const auto refused = Policy::parse(1, with("officers.toml", twice));
  REQUIRE(code_of(refused) == "base.config.invalid");
  CHECK(parameter(refused.error(), "problem").contains("SubjectPublicKeyInfo"));
  CHECK(holder.holder != nullptr);
}

TEST_CASE("certificates of no use are refused at their line") {
  const auto file = [](const std::string& name) {
    return std::string(as_chars(must(read_file(KYSO_SOURCE_DIR "/tests/vectors/crypto/" + name + ".cert.pem"))));
  };
  for (const char* name : {"ed25519", "p521", "rsa1024", "root"}) {
    const std::string toml =
        fmt::format("[[officer]]\nperson = \"a\"\nname = \"A\"\nroles = []\ncertificates = ['''{}''']\n", file(name));
    const auto refused = Policy::parse(1, with("officers.toml", toml));
    REQUIRE_MESSAGE(code_of(refused) == "base.config.invalid", name);
    CHECK(parameter(refused.error(), "path") == "officers.toml");
    CHECK(parameter(refused.error(), "line") == "5");
  }
  for (const char* text : {"", "PEM", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"})
    CHECK(code_of(Policy::parse(
              1, with("officers.toml", fmt::format("[[officer]]\nperson = \"a\"\nname = \"A\"\nroles = []\n"
                                                   "certificates = ['''{}''']\n",
                                                   text)))) == "base.config.invalid");
  CHECK(code_with_officers({{"a b", {}, {}}}) == "base.config.invalid");
  CHECK(code_with_officers({{"a", {"x y"}, {}}}) == "base.config.invalid");
  CHECK(code_with_officers({{"a", {"x", "x"}, {}}}) == "base.config.invalid");
}

TEST_CASE("the way to approve is followed to its end") {
  const Request request = sample_request();
  const auto standing = [&](const std::vector<std::string>& who) {
    return must(examine(sample_policy(), signed_by(request, "reg2", who), now()));
  };
  using Missing = std::vector<std::pair<std::string, std::size_t>>;
  CHECK(standing({}).missing == Missing{{"checking", 1}, {"approving", 1}});
  CHECK(standing({}).requester == "reg2");
  CHECK(standing({"check"}).missing == Missing{{"approving", 1}});
  CHECK(standing({"lead2-p384"}).missing == Missing{{"checking", 1}});
  const Standing complete = standing({"check", "lead3-rsa"});
  CHECK(complete.missing.empty());
  CHECK(complete.approvers == std::vector<std::string>{"check", "lead3"});
  CHECK(complete.request == request);
  CHECK(complete.request_sha256 == crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(serialize(request))));
  CHECK(complete.expires == request.expires);
  const auto incomplete = authorize(sample_policy(), signed_by(request, "reg2", {"check"}), now());
  REQUIRE(code_of(incomplete) == "vault.quorum");
  CHECK(parameter(incomplete.error(), "missing") == "1 × approving");
  CHECK(code_of(authorize(sample_policy(), signed_by(request, "reg2", {"check", "lead1"}), now())) == "ok");
}

// Persons with several roles are put where they are needed: a greedy choice would find these incomplete.
TEST_CASE("who counts for which part is a maximum matching") {
  const std::vector<TestOfficer> officers{{"ab", {"a", "b"}, {"lead1"}},
                                          {"bc", {"b", "c"}, {"check"}},
                                          {"a", {"a"}, {"auditor"}},
                                          {"ca", {"c", "a"}, {"reg"}}};
  const Policy policy = with_steps("[[rule.step]]\nparts = [\"a\"]\n[[rule.step]]\nparts = [\"b\", \"c\"]", officers);
  const Request request = sample_request();
  for (auto who : std::vector<std::vector<std::string>>{
           {"lead1", "check", "auditor"}, {"lead1", "check", "reg"}, {"lead1", "auditor", "reg"}}) {
    std::ranges::sort(who);
    do CHECK(code_of(authorize(policy, signed_by(request, "reg2", who), now())) == "ok");
    while (std::ranges::next_permutation(who).found);
  }
  // Two of them never fill three parts, although together they hold all roles.
  const auto two = authorize(policy, signed_by(request, "reg2", {"lead1", "check"}), now());
  REQUIRE(code_of(two) == "vault.quorum");
  // Three, but nobody for b: "a" and "ca" twice are no use.
  CHECK(code_of(authorize(policy, signed_by(request, "reg2", {"check", "auditor", "reg"}), now())) == "ok");
  const Policy strict = with_steps("[[rule.step]]\nparts = [\"b\", \"b\"]", officers);
  const auto one_b = examine(strict, signed_by(request, "reg2", {"lead1"}), now());
  CHECK(must(one_b).missing == std::vector<std::pair<std::string, std::size_t>>{{"b", 1}});
  CHECK(code_of(authorize(strict, signed_by(request, "reg2", {"lead1", "check"}), now())) == "ok");
}

// facts/ca-services.md, goal 13: proven on every privileged act.
TEST_CASE("nobody approves his own request, and nobody counts twice") {
  struct Row {
    Act act;
    std::string requester;
    std::vector<std::string> others;  // who approve rightly and leave one part open
    std::string last;                 // who may fill it
  };
  const std::vector<Row> acts{{Act::issue, "reg", {"check"}, "lead1"},
                              {Act::revoke, "reg", {}, "lead1"},
                              {Act::suspend, "reg", {}, "lead1"},
                              {Act::release, "reg", {}, "lead1"},
                              {Act::change_policy, "admin1", {"admin2"}, "admin3"},
                              {Act::destroy_key, "admin1", {"admin2"}, "admin3"},
                              {Act::recover_token, "reg", {"check"}, "lead1"},
                              {Act::export_log, "auditor", {}, "admin1"}};
  for (const Row& row : acts) {
    const std::string act(name_of(row.act));
    const Request request = sample_request(row.act);
    const auto code = [&](std::vector<std::string> more) {
      auto approvers = row.others;
      approvers.insert(approvers.end(), more.begin(), more.end());
      return code_of(authorize(sample_policy(), signed_by(request, row.requester, approvers), now()));
    };
    CHECK_MESSAGE(code({row.last}) == "ok", act);
    CHECK_MESSAGE(code({}) == "vault.quorum", act);
    // The requester, by the same certificate.
    CHECK_MESSAGE(code({row.requester}) == "vault.statement.own", act);
    // The requester, by another certificate; he also holds the roles that approve.
    if (row.requester == "reg") CHECK_MESSAGE(code({"reg-second"}) == "vault.statement.own", act);
    CHECK_MESSAGE(code({row.last, row.requester}) == "vault.statement.own", act);
    // The same person twice, by the same and by another certificate.
    CHECK_MESSAGE(code({row.last, row.last}) == "vault.statement.twice", act);
    for (const std::string& who : row.others) CHECK_MESSAGE(code({who}) == "vault.statement.twice", act);
    if (row.act == Act::issue) {
      CHECK(code({"check-second"}) == "vault.statement.twice");
      // lead1 holds both roles: once approved, he is one person for one part.
      const auto both = signed_by(request, row.requester, {"lead1", "lead1"});
      CHECK(code_of(authorize(sample_policy(), both, now())) == "vault.statement.twice");
      CHECK(code_of(authorize(sample_policy(), signed_by(request, row.requester, {"lead1"}), now())) == "vault.quorum");
    }
    // Somebody without a role of this rule, as approver and as requester.
    const std::string stranger = row.act == Act::export_log ? "lead1" : "auditor";
    CHECK_MESSAGE(code({stranger}) == "vault.statement.role", act);
    CHECK_MESSAGE(code_of(examine(sample_policy(), signed_by(request, stranger, {}), now())) == "vault.statement.role",
                  act);
    // An approval of one act is none of another.
    Approval other = approval_of(request);
    other.act = row.act == Act::issue ? Act::revoke : Act::issue;
    SignedRequest mixed = signed_by(request, row.requester, row.others);
    mixed.approvals.push_back(sign_approval(other, row.last));
    CHECK_MESSAGE(code_of(authorize(sample_policy(), mixed, now())) == "vault.statement.mismatch", act);
  }
}

TEST_CASE("an edit of one bit voids every approval") {
  const Request request = sample_request();
  const std::string text = serialize(request);
  const SignedRequest good = signed_by(request, "reg2", {"check", "lead1"});
  REQUIRE(code_of(authorize(sample_policy(), good, now())) == "ok");
  // The requester signs the edited text anew: the approvals are for other bytes.
  std::size_t readable = 0;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::string edited = text;
    edited[i] = static_cast<char>(edited[i] ^ 1);
    SignedRequest changed{must(jose::sign_jws(kRequestType, edited, *credential("reg2").holder)), good.approvals};
    const auto refused = authorize(sample_policy(), changed, now());
    REQUIRE_FALSE(refused);
    if (parse_request(edited)) ++readable;
    if (refused.error().code == "vault.statement.mismatch") continue;
    const std::string code(refused.error().code);
    CHECK_MESSAGE((code == "vault.statement.malformed" || code == "vault.policy.profile" ||
                   code == "vault.statement.early" || code == "vault.statement.expired"),
                  code, " ", i);
  }
  CHECK(readable > 50);
  // The same bytes signed anew by another officer who may request: the approvals still name these bytes.
  SignedRequest again = good;
  again.request = sign_request(request, "reg");
  CHECK(code_of(authorize(sample_policy(), again, now())) == "ok");
}

TEST_CASE("statements are refused before their time and after it") {
  const auto code_at = [](Instant created, Instant expires, Instant at) {
    Request request = sample_request();
    request.created = created;
    request.expires = expires;
    return code_of(examine(sample_policy(), signed_by(request, "reg2", {}), at));
  };
  using std::chrono::hours;
  using std::chrono::seconds;
  CHECK(code_at(now(), now() + hours(1), now()) == "ok");
  CHECK(code_at(now(), now() + hours(1), now() + hours(1) - seconds(1)) == "ok");
  CHECK(code_at(now(), now() + hours(1), now() + hours(1)) == "vault.statement.expired");
  CHECK(code_at(now() + kClockTolerance, now() + hours(1), now()) == "ok");
  CHECK(code_at(now() + kClockTolerance + seconds(1), now() + hours(1), now()) == "vault.statement.early");
  // Nobody grants himself more time than the rule: seven days here.
  CHECK(code_at(now(), now() + hours(1000), now() + hours(24 * 7)) == "vault.statement.expired");
  CHECK(code_at(now(), now() + hours(1000), now() + hours(24 * 7) - seconds(1)) == "ok");

  const Request request = sample_request();
  const auto with_approval = [&](Instant created, Instant expires, Instant at) {
    Approval approval = approval_of(request);
    approval.created = created;
    approval.expires = expires;
    SignedRequest statements = signed_by(request, "reg2", {"check"});
    statements.approvals.push_back(sign_approval(approval, "lead1"));
    return code_of(authorize(sample_policy(), statements, at));
  };
  CHECK(with_approval(now(), now() + hours(1), now()) == "ok");
  CHECK(with_approval(now() - hours(1), now(), now()) == "vault.statement.expired");
  CHECK(with_approval(now() + hours(1), now() + hours(2), now()) == "vault.statement.early");
}

TEST_CASE("one rejection ends a request") {
  const Request request = sample_request();
  const std::string rejection = sign_approval(approval_of(request, Decision::reject), "lead2-p384");
  SignedRequest statements = signed_by(request, "reg2", {"check", "lead1"});
  statements.approvals.push_back(rejection);
  const auto refused = authorize(sample_policy(), statements, now());
  REQUIRE(code_of(refused) == "vault.statement.rejected");
  CHECK(parameter(refused.error(), "person") == "lead2");
  statements.approvals = {rejection};
  CHECK(code_of(examine(sample_policy(), statements, now())) == "vault.statement.rejected");
  // The requester withdraws it; who has no part in it doesn't end it.
  statements.approvals = {sign_approval(approval_of(request, Decision::reject), "reg2")};
  CHECK(code_of(examine(sample_policy(), statements, now())) == "vault.statement.rejected");
  statements.approvals = {sign_approval(approval_of(request, Decision::reject), "auditor")};
  CHECK(code_of(examine(sample_policy(), statements, now())) == "vault.statement.role");
  // A rejection of something else.
  Approval other = approval_of(request, Decision::reject);
  other.request_sha256[0] ^= 1;
  statements.approvals = {sign_approval(other, "lead1")};
  CHECK(code_of(examine(sample_policy(), statements, now())) == "vault.statement.mismatch");
}

TEST_CASE("only officers of the policy are heard, with certificates that are valid") {
  const Request request = sample_request();
  CHECK(code_of(examine(sample_policy(), signed_by(request, "stranger", {}), now())) == "vault.statement.signer");
  CHECK(code_of(examine(sample_policy(), signed_by(request, "reg2", {"stranger"}), now())) == "vault.statement.signer");
  // The approver was removed between his approval and now.
  const SignedRequest complete = signed_by(request, "reg2", {"check", "lead1"});
  auto officers = sample_officers();
  std::erase_if(officers, [](const TestOfficer& officer) { return officer.person == "lead1"; });
  const Policy later = must(Policy::parse(2, with("officers.toml", officers_toml(officers))));
  CHECK(code_of(authorize(later, complete, now())) == "vault.statement.signer");
  // His role was taken.
  officers = sample_officers();
  for (TestOfficer& officer : officers)
    if (officer.person == "lead1") officer.roles = {"auditor"};
  CHECK(code_of(authorize(must(Policy::parse(2, with("officers.toml", officers_toml(officers)))), complete, now())) ==
        "vault.statement.role");
  // His certificate expired.
  const Instant after_tomorrow = now() + std::chrono::hours(48);
  Request longer = request;
  longer.expires = now() + std::chrono::hours(24 * 6);
  Approval approval = approval_of(longer);
  approval.expires = longer.expires;
  SignedRequest statements{sign_request(longer, "reg2"), {sign_approval(approval, "brief-short")}};
  CHECK(code_of(examine(sample_policy(), statements, now())) == "ok");
  CHECK(code_of(examine(sample_policy(), statements, after_tomorrow)) == "vault.statement.certificate");
}

TEST_CASE("statements of one kind are none of another") {
  const Request request = sample_request();
  SignedRequest statements = signed_by(request, "reg2", {"check", "lead1"});
  std::swap(statements.request, statements.approvals[0]);
  CHECK(code_of(examine(sample_policy(), statements, now())) == "jose.type");
  statements = signed_by(request, "reg2", {"check", "lead1"});
  statements.approvals[1] = statements.request;
  CHECK(code_of(examine(sample_policy(), statements, now())) == "jose.type");
  statements.approvals.assign(kMaxApprovals + 1, sign_approval(approval_of(request), "check"));
  CHECK(code_of(examine(sample_policy(), statements, now())) == "vault.statement.count");
}

TEST_CASE("lines of several profiles need the approvals of each rule") {
  Request request = sample_request();
  request.certificates.push_back(request.certificates.front());
  request.certificates.back().reference = "12/2026-2";
  request.certificates.back().profile = "OCSP_90D";
  CHECK(code_of(authorize(sample_policy(), signed_by(request, "reg2", {"check", "lead1"}), now())) == "vault.quorum");
  CHECK(code_of(authorize(sample_policy(), signed_by(request, "reg2", {"lead2-p384", "lead3-rsa"}), now())) ==
        "vault.quorum");
  CHECK(code_of(authorize(sample_policy(), signed_by(request, "reg2", {"check", "lead2-p384", "lead3-rsa"}), now())) ==
        "ok");
  request.certificates.back().profile = "NO_SUCH";
  CHECK(code_of(examine(sample_policy(), signed_by(request, "reg2", {}), now())) == "vault.policy.profile");
  // An act without a rule.
  const Policy narrow = with_steps("[[rule.step]]\nparts = [\"any\", \"any\"]", {});
  CHECK(code_of(examine(narrow, signed_by(sample_request(Act::revoke), "reg2", {}), now())) == "vault.policy.act");
}

}  // namespace kyso::vault

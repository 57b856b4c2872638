#include <rapidcheck.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "base/file.h"
#include "vault/ceremony/approval.h"
#include "vault/ceremony/content.h"
#include "vault/ceremony/record.h"
#include "vault/ceremony/transcript.h"
#include "vault/escrow.h"
#include "vault/officers_test_support.h"
#include "vault/server/configuration.h"

namespace kyso::vault::ceremony {
namespace {

namespace fs = std::filesystem;
using test::credential;

constexpr const char* kPin = "123456";

std::string softhsm_path() {
  for (const auto* path : {"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
                           "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"})
    if (fs::exists(path)) return path;
  FAIL("SoftHSM2 is not installed");
  return {};
}

// A plan with two tokens of SoftHSM2, and operators whose keys the tests hold.
struct World {
  TestFolder folder;
  explicit World(bool with_tokens = false) {
    for (const char* const person : {"op1", "op2", "op3"})
      folder.write(std::string(person) + ".pem", credential(person).certificate_pem);
    write_plan(text());
    if (!with_tokens) return;
    fs::create_directory(folder / "tokens");
    folder.write("softhsm2.conf",
                 fmt::format("directories.tokendir = {}\nobjectstore.backend = file\n", (folder / "tokens").string()));
    setenv("SOFTHSM2_CONF", (folder / "softhsm2.conf").c_str(), 1);
    for (const char* const label : {"Goc", "Cap"})
      output_of(fmt::format("softhsm2-util --init-token --free --label {0} --so-pin {1} --pin {1} 2>&1", label, kPin));
  }
  // What every plan of these tests begins with.
  static std::string head(std::string_view name) {
    std::string out = fmt::format("name = \"{}\"\n", name) + R"(description = "Lễ tạo khóa mẫu"
valid_from = "2020-01-01"
valid_until = "2099-12-31"
required = 2
profiles = ")" KYSO_SOURCE_DIR R"(/share/profiles"
)";
    for (const char* const person : {"op1", "op2", "op3"})
      out +=
          fmt::format("[[operator]]\nperson = \"{0}\"\nname = \"Nguyễn Văn A\"\ncertificate = \"{0}.pem\"\n", person);
    for (const char* const label : {"Goc", "Cap"})
      out +=
          fmt::format("[[token]]\nname = \"{0}\"\nuri = \"pkcs11:token={0}?module-path={1}\"\n", label, softhsm_path());
    return out;
  }
  static std::string text() {
    return head("le-mau") + R"([[key]]
name = "goc"
token = "Goc"
kind = "ec:p384"
purpose = "root"
[[key]]
name = "MAU_G1"
token = "Cap"
kind = "ec:p256"
purpose = "issue"
[[key]]
name = "tsa-1"
token = "Cap"
kind = "ec:p256"
purpose = "time_stamp"
[[certificate]]
key = "goc"
issuer = "goc"
profile = "ROOT"
subject.O = "Cơ quan mẫu"
subject.CN = "Chứng thực gốc mẫu"
publish.crl_urls = ["http://ca.mau.gov.vn/goc.crl"]
[[crl]]
issuer = "goc"
[[certificate]]
key = "MAU_G1"
issuer = "goc"
profile = "SUB_CA"
subject.O = "Cơ quan mẫu"
subject.OU = ["Phòng mẫu"]
subject.CN = "Chứng thực mẫu G1"
publish.ocsp_urls = ["http://ca.mau.gov.vn/ocsp"]
[[certificate]]
key = "tsa-1"
issuer = "MAU_G1"
profile = "TSA"
subject.O = "Cơ quan mẫu"
subject.CN = "Dấu thời gian mẫu"
)";
  }
  void write_plan(std::string_view text) const { folder.write("plan.toml", text); }
  Plan plan() const { return must(load_plan(folder / "plan.toml")); }
  RunOptions options(const Plan& plan) const {
    RunOptions out;
    out.folder = folder / (plan.name == "le-mau" ? "out" : plan.name);
    for (const char* const person : {"op1", "op2"})
      out.approvals.push_back(must(approve(plan, *credential(person).holder, test::now())));
    out.pins = [](const token::TokenInfo&) -> Result<Secret> { return Secret(kPin); };
    return out;
  }
};

TEST_CASE("a plan is read with everything that belongs to it") {
  const World world;
  const Plan plan = world.plan();
  CHECK(plan.required == 2);
  CHECK(plan.operators.size() == 3);
  CHECK(plan.keys.size() == 3);
  CHECK_FALSE(plan.key_named("goc").purpose);
  CHECK(plan.key_named("tsa-1").purpose == KeyPurpose::time_stamp);
  CHECK(plan.certificate_of("goc").scheme == *crypto::scheme_by_name("ecdsa-p384-sha384"));
  CHECK(plan.parts.size() == 1 + 3 + 3);
  CHECK(plan.sha256.size() == 32);
  CHECK(world.plan().sha256 == plan.sha256);
}

TEST_CASE("every part of a plan changes its digest") {
  const World world;
  const Bytes before = world.plan().sha256;
  world.write_plan(World::text() + "# said otherwise\n");
  CHECK(world.plan().sha256 != before);
  world.write_plan(World::text());
  CHECK(world.plan().sha256 == before);
  world.folder.write("op3.pem", credential("op4").certificate_pem);
  CHECK(world.plan().sha256 != before);
}

TEST_CASE("the preview shows the chain with its names, usages and addresses") {
  const World world;
  const Plan plan = world.plan();
  const auto previews = must(preview(plan, test::now()));
  REQUIRE(previews.size() == 3);
  CHECK(previews[0].certificate.is_self_issued());
  CHECK(previews[1].certificate.is_issued_by(previews[0].certificate));
  CHECK(previews[2].certificate.is_issued_by(previews[1].certificate));
  CHECK(previews[1].certificate.subject_text() == "CN=Chứng thực mẫu G1,OU=Phòng mẫu,O=Cơ quan mẫu,C=VN");
  CHECK(pki::ParsedCertificate(previews[2].certificate).extensions().ocsp_urls ==
        std::vector<std::string>{"http://ca.mau.gov.vn/ocsp"});
}

TEST_CASE("approvals") {
  const World world;
  const Plan plan = world.plan();
  const Instant now = test::now();
  const auto by = [&](const std::string& person) { return must(approve(plan, *credential(person).holder, now)); };
  const auto check = [&](std::vector<std::string> approvals) { return code_of(check_approvals(plan, approvals, now)); };
  CHECK(must(check_approvals(plan, std::vector{by("op2"), by("op1")}, now)) == std::vector<std::string>{"op2", "op1"});
  CHECK(check({by("op1"), by("op2"), by("op3")}) == "ok");
  CHECK(check({}) == "vault.ceremony.quorum");
  CHECK(check({by("op1")}) == "vault.ceremony.quorum");
  CHECK(check({by("op1"), by("op1")}) == "vault.ceremony.twice");
  CHECK(check({by("op1"), by("op2"), by("op1")}) == "vault.ceremony.twice");
  CHECK(code_of(approve(plan, *credential("stranger").holder, now)) == "vault.ceremony.operator");
  CHECK(check({by("op1"), "no statement"}) == "jose.malformed");
  // The right words for another purpose.
  const std::string payload = must(jose::Jws::parse(by("op2"), kApprovalType)).payload();
  CHECK(check({by("op1"), must(jose::sign_jws(kRequestType, payload, *credential("op2").holder))}) == "jose.type");
  CHECK(check({by("op1"), must(jose::sign_jws(kApprovalType, "{}", *credential("op2").holder))}) ==
        "vault.ceremony.plan");
  CHECK(check({by("op1"), must(jose::sign_jws(kApprovalType, payload, *credential("stranger").holder))}) ==
        "vault.ceremony.operator");
  CHECK(code_of(check_approvals(plan, std::vector{by("op1"), by("op2")}, plan.valid_until + std::chrono::seconds(1))) ==
        "vault.ceremony.time");
  CHECK(code_of(check_approvals(plan, std::vector{by("op1"), by("op2")}, plan.valid_from - std::chrono::seconds(1))) ==
        "vault.ceremony.time");
  world.folder.write("op2.pem", credential("brief-short").certificate_pem);
  const Plan with_brief = world.plan();
  const auto brief = std::vector{must(approve(with_brief, *credential("op1").holder, now)),
                                 must(approve(with_brief, *credential("brief-short").holder, now))};
  CHECK(code_of(check_approvals(with_brief, brief, now)) == "ok");
  const auto late = check_approvals(with_brief, brief, now + std::chrono::hours(48));
  CHECK(code_of(late) == "vault.ceremony.certificate");
  CHECK(parameter(late.error(), "person") == "op2");
}

json::Value data(const std::string& key) {
  json::Value out = json::Value::object();
  return out.set("key", key);
}

TEST_CASE("a transcript that was changed anywhere is refused") {
  const TestFolder folder;
  const fs::path file = folder / "t.jsonl";
  {
    Transcript transcript = must(Transcript::open(file));
    CHECK(code_of(Transcript::open(file)) == "vault.ceremony.busy");
    for (const char* const key : {"a", "b", "c"}) must(transcript.append("step", data(key), test::now()));
    CHECK(transcript.find("step", "key", "b")->number == 2);
    CHECK(transcript.find("step", "key", "d") == nullptr);
  }
  const Transcript good = must(Transcript::read(file));
  CHECK(good.entries().size() == 3);
  const std::string text{as_chars(must(read_file(file)))};
  rc::check("one octet", [&] {
    std::string changed = text;
    const auto at = *rc::gen::inRange<std::size_t>(0, changed.size());
    changed[at] = static_cast<char>(changed[at] ^ *rc::gen::inRange(1, 128));
    folder.write("changed.jsonl", changed);
    // The last line alone is sealed by nobody but the paper minutes: its change shows in the digest of the file.
    const auto read = Transcript::read(folder / "changed.jsonl");
    const bool is_told = !read || read->sha256() != good.sha256();
    RC_ASSERT(is_told);
    if (at < text.rfind('\n', text.size() - 2)) RC_ASSERT(!read.has_value());
  });
  rc::check("cut", [&] {
    const auto at = *rc::gen::inRange<std::size_t>(1, text.size());
    folder.write("cut.jsonl", text.substr(0, at));
    const bool is_whole = text[at - 1] == '\n';
    RC_ASSERT(Transcript::read(folder / "cut.jsonl").has_value() == is_whole);
    // Who goes on writing finds the whole lines.
    RC_ASSERT(must(Transcript::open(folder / "cut.jsonl")).entries().size() ==
              static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n')));
  });
}

TEST_CASE("a transcript goes on after a line that was cut off") {
  const TestFolder folder;
  const fs::path file = folder / "t.jsonl";
  must(must(Transcript::open(file)).append("one", data("a"), test::now()));
  std::ofstream(file, std::ios::app) << R"({"number":2,"time":"20)";
  must(must(Transcript::open(file)).append("two", data("b"), test::now()));
  const Transcript read = must(Transcript::read(file));
  REQUIRE(read.entries().size() == 2);
  CHECK(read.entries()[1].event == "two");
}

// Runs the ceremony in a child process, which kills itself as soon as it has told so many steps.
bool run_until_killed(const World& world, const Plan& plan, int steps, const Clock& clock = system_clock()) {
  RunOptions given = world.options(plan);
  given.clock = &clock;
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    RunOptions options = given;
    int left = steps;
    options.progress = [&](std::string_view, std::string_view) {
      if (--left == 0) static_cast<void>(::raise(SIGKILL));
    };
    _exit(run(plan, options) ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  const bool was_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  const bool has_ended = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  CHECK((was_killed || has_ended));
  return has_ended;
}

std::size_t keys_in(const World& world, const Plan& plan) {
  std::size_t count = 0;
  for (const PlannedToken& token : plan.tokens) {
    auto editor = must(token::TokenEditor::open(token.uri, world.options(plan).pins));
    count += must(editor.keys()).size();
  }
  return count;
}

TEST_CASE("a ceremony that is killed after every step ends with every key once") {
  const World world(true);
  const Plan plan = world.plan();
  int runs = 0;
  // Two steps further each time: "resumed" and one that is new.
  while (!run_until_killed(world, plan, 2)) REQUIRE(++runs < 40);
  CHECK(runs >= 15);
  CHECK(keys_in(world, plan) == plan.keys.size());
  const auto record = must(
      check_record(plan, {.folder = world.folder / "out", .pins = world.options(plan).pins, .default_module = {}}));
  for (const Observation& each : record.observations)
    CHECK_MESSAGE(each.outcome == Observation::Outcome::good, word_of(each.check), " ", each.subject, " ", each.detail);
  // The end is the end: nothing changes any more.
  const RunResult again = must(run(plan, world.options(plan)));
  CHECK(again.transcript_sha256 == record.transcript_sha256);
}

TEST_CASE("the vault understands the configuration that comes out") {
  const World world(true);
  const Plan plan = world.plan();
  must(run(plan, world.options(plan)));
  fs::create_directory(world.folder / "out" / "pins");
  std::ofstream(world.folder / "out" / "pins" / "Cap") << kPin;
  fs::permissions(world.folder / "out" / "pins" / "Cap", fs::perms::owner_read);
  const Configuration configuration = must(load_configuration(world.folder / "out" / "vault.toml"));
  REQUIRE(configuration.core.keys.size() == 2);
  const KeySetting& issuing = configuration.core.keys.front();
  CHECK(issuing.name == "MAU_G1");
  CHECK(issuing.purpose == KeyPurpose::issue);
  CHECK(issuing.certificates.size() == 2);
  CHECK(issuing.ocsp_urls == std::vector<std::string>{"http://ca.mau.gov.vn/ocsp"});
  CHECK(configuration.core.keys.back().purpose == KeyPurpose::time_stamp);
  // And reaches the key under its certificate.
  REQUIRE(issuing.sources.size() == 1);
  const auto holder = must(issuing.sources.front().open());
  const Bytes digest = crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes("x"));
  const auto scheme = crypto::default_scheme(crypto::KeyType::ec_p256);
  const Bytes signature =
      must(holder->sign({.scheme = scheme, .digest = digest, .message = as_bytes("x"), .shown_text = {}}));
  CHECK(issuing.certificates.front().public_key().verify(scheme, digest, as_bytes("x"), signature));
}

TEST_CASE("the key for escrow opens what is encrypted for it, and is a strong one") {
  const World world(true);
  const auto with_kind = [](const std::string& kind) {
    return World::text() + fmt::format(R"([[key]]
name = "escrow-1"
token = "Cap"
kind = "{}"
purpose = "escrow"
[[certificate]]
key = "escrow-1"
issuer = "MAU_G1"
profile = "ESCROW"
subject.O = "Cơ quan mẫu"
subject.CN = "Gửi giữ mẫu"
)",
                                       kind);
  };
  for (const char* kind : {"ec:p256", "rsa:2048"}) {
    world.write_plan(with_kind(kind));
    CHECK(code_of(load_plan(world.folder / "plan.toml")) == "base.config.invalid");
  }
  world.write_plan(with_kind("rsa:3072"));
  const Plan plan = world.plan();
  const RunOptions options = world.options(plan);
  must(run(plan, options));
  const auto certificates = [&](const std::string& key) {
    return must(
        crypto::Certificate::from_pem(as_chars(must(read_file(world.folder / "out/certificates" / (key + ".crt"))))));
  };
  const auto certificate = certificates("escrow-1").front();
  const Bytes kept = must(encrypt_to_escrow(certificate.public_key(), {"4a9c0b7d12345678", Secret("Xk3-9fQz77Lm")}));
  token::Options bare;
  bare.certificate = certificate;
  const auto holder =
      must(token::open_pkcs11("pkcs11:token=Cap;object=escrow-1?module-path=" + softhsm_path(), options.pins, bare));
  const auto plain = must(token::decrypt_oaep(*holder, kept));
  CHECK(must(read_escrowed(plain)).so_pin.reveal() == "Xk3-9fQz77Lm");
  bare.certificate = certificates("tsa-1").front();
  const auto other =
      must(token::open_pkcs11("pkcs11:token=Cap;object=tsa-1?module-path=" + softhsm_path(), options.pins, bare));
  CHECK(code_of(token::decrypt_oaep(*other, kept)) == "token.decrypt");
}

TEST_CASE("a key that was made but not written down is found again") {
  const World world(true);
  const Plan plan = world.plan();
  CHECK_FALSE(run_until_killed(world, plan, 2));  // begin, key.intent
  auto editor = must(token::TokenEditor::open(plan.tokens[0].uri, world.options(plan).pins));
  const auto made = must(editor.generate(token::NewKey::ec_p384, "goc"));
  must(run(plan, world.options(plan)));
  CHECK(keys_in(world, plan) == plan.keys.size());
  const Transcript transcript = must(Transcript::read(world.folder / "out" / kTranscriptFile));
  const TranscriptEntry* entry = transcript.find("key.generated", "key", "goc");
  REQUIRE(entry != nullptr);
  CHECK(entry->data.find("found_again")->as_bool() == true);
  CHECK(entry->text("public_key") == to_base64(made.public_key.spki()));
}

TEST_CASE("a key of another kind than planned is not taken for it") {
  const World world(true);
  const Plan plan = world.plan();
  CHECK_FALSE(run_until_killed(world, plan, 2));
  auto editor = must(token::TokenEditor::open(plan.tokens[0].uri, world.options(plan).pins));
  must(editor.generate(token::NewKey::rsa_2048, "goc"));
  CHECK(code_of(run(plan, world.options(plan))) == "vault.ceremony.key_changed");
}

TEST_CASE("a key that nobody announced stops the ceremony") {
  const World world(true);
  const Plan plan = world.plan();
  auto editor = must(token::TokenEditor::open(plan.tokens[1].uri, world.options(plan).pins));
  must(editor.generate(token::NewKey::ec_p256, "tsa-1"));
  const auto result = run(plan, world.options(plan));
  CHECK(code_of(result) == "vault.ceremony.key_exists");
  CHECK(parameter(result.error(), "key") == "tsa-1");
}

TEST_CASE("a clock that went backwards stops the ceremony") {
  const World world(true);
  const Plan plan = world.plan();
  const FixedClock ahead(system_clock().now() + std::chrono::hours(1));
  CHECK_FALSE(run_until_killed(world, plan, 3, ahead));
  CHECK(code_of(run(plan, world.options(plan))) == "vault.ceremony.clock");
}

// Years later: the root's next list, which revokes the first issuing authority, and a second one.
struct LaterWorld : World {
  LaterWorld() : World(true) {
    const Plan first = plan();
    must(run(first, options(first)));
    keep("out", {"certificates/goc.crt", "certificates/MAU_G1.crt", "certificates/tsa-1.crt", "crl/goc.crl"});
  }
  // Files of a ceremony, beside the plan of the next one.
  void keep(const std::string& from, const std::vector<std::string>& names) const {
    for (const std::string& name : names)
      fs::copy_file(folder / from / name, folder / fs::path(name).filename(), fs::copy_options::overwrite_existing);
  }
  static std::string root() {
    return R"([[root]]
name = "goc"
token = "Goc"
certificate = "goc.crt"
publish.crl_urls = ["http://ca.mau.gov.vn/goc.crl"]
)";
  }
  static std::string list(std::string_view more = "") {
    return fmt::format("[[crl]]\nissuer = \"goc\"\nvalid_days = 200\n{}", more);
  }
  static constexpr std::string_view kNext = "previous = \"goc.crl\"\n";
  static std::string revocation(std::string_view certificate = "MAU_G1.crt", std::string_view more = "") {
    return fmt::format("[[crl.revoked]]\ncertificate = \"{}\"\nreason = \"superseded\"\n{}", certificate, more);
  }
  static std::string later(const std::string& name = "le-sau") {
    return head(name) + root() + list(kNext) + revocation() + R"([[key]]
name = "MAU_G2"
token = "Cap"
kind = "ec:p384"
purpose = "issue"
[[key]]
name = "tsa-2"
token = "Cap"
kind = "ec:p256"
purpose = "time_stamp"
[[certificate]]
key = "MAU_G2"
issuer = "goc"
profile = "SUB_CA"
subject.O = "Cơ quan mẫu"
subject.CN = "Chứng thực mẫu G2"
publish.ocsp_urls = ["http://ca.mau.gov.vn/ocsp"]
[[certificate]]
key = "tsa-2"
issuer = "MAU_G2"
profile = "TSA"
subject.O = "Cơ quan mẫu"
subject.CN = "Dấu thời gian mẫu 2"
)";
  }
  crypto::Certificate certificate(const fs::path& file) const {
    return must(crypto::Certificate::from_pem(as_chars(must(read_file(folder / file))))).front();
  }
  pki::RevocationList list_in(const fs::path& file) const {
    return must(pki::RevocationList::from_der(must(read_file(folder / file))));
  }
  std::string load(const std::string& text) const {
    write_plan(text);
    return code_of(load_plan(folder / "plan.toml"));
  }
  // Carries out a plan of this text; its code.
  std::string carry_out(const std::string& text) const {
    write_plan(text);
    const Plan next = plan();
    return code_of(run(next, options(next)));
  }
};

TEST_CASE("years later: a root's next list and a second generation, killed after every step") {
  const LaterWorld world;
  world.write_plan(LaterWorld::later());
  const Plan plan = world.plan();
  REQUIRE(plan.lists.size() == 1);
  CHECK(plan.lists[0].number == 2);
  // The root's certificate, its list and what is revoked are parts of what operators sign.
  for (const char* const part : {"root/goc", "crl/goc"})
    CHECK(std::ranges::find(plan.parts, part, &PlanPart::name) != plan.parts.end());
  const auto previews = must(preview(plan, test::now()));
  REQUIRE(previews.size() == 2);
  CHECK(previews[0].certificate.issuer_text() == "CN=Chứng thực gốc mẫu,O=Cơ quan mẫu,C=VN");
  int runs = 0;
  while (!run_until_killed(world, plan, 2)) REQUIRE(++runs < 40);
  CHECK(runs >= 12);
  CHECK(keys_in(world, plan) == 3 + 2);
  const auto record = must(
      check_record(plan, {.folder = world.folder / "le-sau", .pins = world.options(plan).pins, .default_module = {}}));
  for (const Observation& each : record.observations)
    CHECK_MESSAGE(each.outcome == Observation::Outcome::good, word_of(each.check), " ", each.subject, " ", each.detail);
  CHECK(record.certificates.size() == 3);

  const auto root = world.certificate("goc.crt"), old = world.certificate("MAU_G1.crt");
  const auto issuing = world.certificate("le-sau/certificates/MAU_G2.crt");
  CHECK(issuing.is_issued_by(root));
  CHECK(world.certificate("le-sau/certificates/tsa-2.crt").is_issued_by(issuing));
  const auto list = world.list_in("le-sau/crl/goc.crl");
  CHECK(list.number() == 2);
  CHECK(list.is_signed_by(root));
  CHECK(list.contains(old));
  CHECK_FALSE(list.contains(issuing));
  CHECK(*list.next_update() == list.this_update() + std::chrono::days(200));
  // What is new for the vault, and nothing of the root.
  const std::string configuration(as_chars(must(read_file(world.folder / "le-sau/vault.toml"))));
  CHECK(configuration.find("MAU_G2") != std::string::npos);
  CHECK(configuration.find("instance") == std::string::npos);
  CHECK(configuration.find("goc") == std::string::npos);
  CHECK_FALSE(fs::exists(world.folder / "le-sau/certificates/goc.crt"));
}

TEST_CASE("a list goes on from the newest one that the root's token knows") {
  const LaterWorld world;
  fs::copy_file(world.folder / "goc.crl", world.folder / "first.crl");
  REQUIRE(world.carry_out(LaterWorld::head("two") + LaterWorld::root() + LaterWorld::list(LaterWorld::kNext) +
                          LaterWorld::revocation()) == "ok");
  CHECK_FALSE(fs::exists(world.folder / "two/vault.toml"));
  // Planned from the list before: the revocation would be forgotten. Another number doesn't help.
  for (const char* const more :
       {"previous = \"first.crl\"\n", "previous = \"first.crl\"\nnumber = 9\n", "first = true\n"})
    CHECK(world.carry_out(LaterWorld::head("outdated") + LaterWorld::root() + LaterWorld::list(more)) ==
          "vault.ceremony.list");
  CHECK(must(Transcript::read(world.folder / "outdated" / kTranscriptFile)).entries().empty());
  // From the newest: what stands there stays there.
  world.keep("two", {"crl/goc.crl"});
  REQUIRE(world.carry_out(LaterWorld::head("three") + LaterWorld::root() +
                          LaterWorld::list("previous = \"goc.crl\"\nnumber = 7\n")) == "ok");
  const auto list = world.list_in("three/crl/goc.crl");
  CHECK(list.number() == 7);
  CHECK(list.size() == 1);
  CHECK(list.contains(world.certificate("MAU_G1.crt")));
  // The newest list again, whose number was chosen.
  world.keep("three", {"crl/goc.crl"});
  CHECK(world.carry_out(LaterWorld::head("four") + LaterWorld::root() + LaterWorld::list(LaterWorld::kNext)) == "ok");
}

TEST_CASE("the root's token must be the right one before anything is made") {
  const LaterWorld world;
  world.write_plan(LaterWorld::later());
  const Plan plan = world.plan();
  auto editor = must(token::TokenEditor::open(plan.tokens[0].uri, world.options(plan).pins));
  must(editor.destroy(must(editor.find("goc"))));
  must(editor.generate(token::NewKey::ec_p384, "goc"));
  CHECK(code_of(run(plan, world.options(plan))) == "vault.ceremony.key_changed");
  CHECK(keys_in(world, plan) == 3);
}

TEST_CASE("later plans that are wrong") {
  const LaterWorld world;
  const std::string head = LaterWorld::head("le-sau"), root = LaterWorld::root();
  const std::string list = head + root + LaterWorld::list(LaterWorld::kNext);
  REQUIRE(world.load(list) == "ok");
  REQUIRE(world.load(list + LaterWorld::revocation()) == "ok");
  REQUIRE(world.load(list + LaterWorld::revocation("MAU_G1.crt", "date = \"2019-12-31\"\n")) == "ok");
  const std::string other_reason = "[[crl.revoked]]\ncertificate = \"MAU_G1.crt\"\nreason = ";
  world.folder.write("other.crl", as_chars(must(read_file(world.folder / "goc.crl"))).substr(1));
  world.folder.write("op1.crt", credential("op1").certificate_pem);
  for (const std::string& text : std::vector<std::string>{
           // Neither which list it follows nor that it is the first, or both.
           head + root + LaterWorld::list(), head + root + LaterWorld::list("first = false\n"),
           head + root + LaterWorld::list("first = true\nprevious = \"goc.crl\"\n"),
           head + root + LaterWorld::list("previous = \"none.crl\"\n"),
           head + root + LaterWorld::list("previous = \"goc.crl\"\nnumber = 1\n"),
           // Not the root's, the root itself, twice, held, in the future.
           list + LaterWorld::revocation("tsa-1.crt"), list + LaterWorld::revocation("goc.crt"),
           list + LaterWorld::revocation("op1.crt"), list + LaterWorld::revocation() + LaterWorld::revocation(),
           list + other_reason + "\"certificateHold\"\n", list + other_reason + "\"removeFromCRL\"\n",
           list + other_reason + "\"lost\"\n", list + LaterWorld::revocation("MAU_G1.crt", "date = \"2020-01-02\"\n"),
           list + LaterWorld::revocation("MAU_G1.crt", "date = \"2019-01-01\"\ninvalid_since = \"2019-01-02\"\n"),
           // No root, nothing to do, a name twice, a key beside the root's.
           head + LaterWorld::list(LaterWorld::kNext), head + root,
           head + root + root + LaterWorld::list(LaterWorld::kNext),
           LaterWorld::later() + "[[key]]\nname = \"goc\"\ntoken = \"Cap\"\nkind = \"ec:p256\"\npurpose = \"issue\"\n"})
    CHECK_MESSAGE(world.load(text) == "base.config.invalid", text);
  std::string beside = LaterWorld::later();
  beside.replace(beside.find("token = \"Cap\""), 13, "token = \"Goc\"");
  CHECK(world.load(beside) == "base.config.invalid");
  std::string not_a_root = list;
  not_a_root.replace(not_a_root.find("goc.crt"), 7, "MAU_G1.crt");
  CHECK(world.load(not_a_root) == "base.config.invalid");
  CHECK(world.load(head + root + LaterWorld::list("previous = \"other.crl\"\n")) == "base.config.invalid");
  // Revoked already: it stands in the list.
  REQUIRE(world.carry_out(LaterWorld::head("two") + root + LaterWorld::list(LaterWorld::kNext) +
                          LaterWorld::revocation()) == "ok");
  world.keep("two", {"crl/goc.crl"});
  CHECK(world.load(list + LaterWorld::revocation()) == "base.config.invalid");
}

}  // namespace
}  // namespace kyso::vault::ceremony

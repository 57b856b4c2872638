#include "vault/passkey_statement.h"

#include <rapidcheck.h>

#include "vault/access.h"
#include "vault/officers_test_support.h"
#include "vault/statement_json.h"

namespace kyso::vault {
namespace {

using namespace test;

// Some have both kinds, some passkeys only, some certificates only.
std::vector<TestOfficer> officers() {
  return {{"reg", {"registration", "checking", "approving"}, {"reg"}, {"reg-key", "reg-key-2"}},
          {"reg2", {"registration"}, {}, {"reg2-key"}},
          {"check", {"checking"}, {"check"}, {"check-key"}},
          {"lead1", {"approving", "checking"}, {"lead1"}, {"lead1-key"}},
          {"lead2", {"approving"}, {}, {"lead2-key", "elsewhere", "other-page"}},
          {"lead3", {"approving"}, {"lead3-rsa"}},
          {"admin1", {"administrator"}, {"admin1"}},
          {"admin2", {"administrator"}, {"admin2"}},
          {"admin3", {"administrator"}, {}, {"admin3-key"}},
          {"auditor", {"auditor"}, {"auditor"}}};
}

std::vector<PolicyFile> files_with(std::string officers_file) {
  auto files = sample_files();
  for (PolicyFile& file : files)
    if (file.name == "officers.toml") file.content = std::move(officers_file);
  return files;
}

const Policy& policy() {
  static const Policy made = [] {
    passkey("elsewhere", "other.example", kOrigin);
    passkey("other-page", kParty, "http://localhost:9999");
    return must(Policy::parse(1, files_with(officers_toml(officers()))));
  }();
  return made;
}

// By certificate, or by passkey when the name is that of one.
std::string request_by(const Request& request, const std::string& who) {
  return who.contains("-key") ? sign_with_passkey(kRequestType, serialize(request), who) : sign_request(request, who);
}
std::string approval_by(const Request& request, const std::string& who, Decision decision = Decision::approve) {
  const Approval approval = approval_of(request, decision);
  return who.contains("-key") ? sign_with_passkey(kApprovalType, serialize(approval), who)
                              : sign_approval(approval, who);
}

Result<Standing> judged(const Request& request, const std::string& requester, const std::vector<std::string>& who) {
  SignedRequest statements{request_by(request, requester), {}};
  for (const std::string& each : who) statements.approvals.push_back(approval_by(request, each));
  return authorize(policy(), statements, now());
}

// What becomes of an approval that completes a request when it is changed like this.
std::string code_of_changed(const std::function<void(PasskeyStatement&)>& change) {
  const Request request = sample_request();
  SignedRequest statements{request_by(request, "reg2-key"), {approval_by(request, "check")}};
  PasskeyStatement last = must(parse_passkey_statement(approval_by(request, "lead1-key")));
  change(last);
  statements.approvals.push_back(serialize(last));
  return code_of(authorize(policy(), statements, now()));
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE_MESSAGE(at != std::string::npos, from);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("the challenge is the documented digest") {
  CHECK(to_hex(passkey_challenge("kyso-request+jwt", R"({"id":"1"})")) ==
        "18fad677fedeb413818c7715d6297055a6465411f8e668a84c3e6a890e571b30");
  // Nothing moves from the type to the payload.
  CHECK(passkey_challenge("a", "bc") != passkey_challenge("ab", "c"));
}

TEST_CASE("the text form is read as it was written") {
  CHECK(rc::check("passkey statements", [] {
    const auto octets = [](std::size_t most) { return crypto::random_bytes(*rc::gen::inRange<std::size_t>(1, most)); };
    const PasskeyStatement wanted{"kyso-request+jwt",
                                  std::string(as_chars(octets(3000))),
                                  {octets(1023), octets(4000), octets(4000), octets(1000)}};
    const std::string text = serialize(wanted);
    RC_ASSERT(is_passkey_statement(text));
    const PasskeyStatement got = must(parse_passkey_statement(text));
    RC_ASSERT(got.type == wanted.type && got.payload == wanted.payload);
    RC_ASSERT(got.assertion.credential_id == wanted.assertion.credential_id);
    RC_ASSERT(got.assertion.authenticator_data == wanted.assertion.authenticator_data);
    RC_ASSERT(got.assertion.client_data_json == wanted.assertion.client_data_json);
    RC_ASSERT(got.assertion.signature == wanted.assertion.signature);
  }));
}

TEST_CASE("texts of another form are refused") {
  const std::string good = request_by(sample_request(), "reg2-key");
  REQUIRE(parse_passkey_statement(good));
  const std::string_view mark = "passkey.";
  const std::string rest = good.substr(mark.size());
  const std::vector<std::string> bad{"",
                                     "passkey",
                                     "passkey.",
                                     "passkey......",
                                     rest,
                                     "PASSKEY." + rest,
                                     " " + good,
                                     good + " ",
                                     good + "=",
                                     good + ".",
                                     good + ".AAAA",
                                     good.substr(0, good.rfind('.')),
                                     replaced(good, ".", ".."),
                                     std::string(mark) + std::string(100, 'A') + rest.substr(rest.find('.'))};
  for (const std::string& text : bad) {
    CHECK_MESSAGE(code_of(parse_passkey_statement(text)) == "vault.statement.malformed", text.substr(0, 60));
    const auto verified = verify_statement(policy(), text, kRequestType, now());
    REQUIRE_FALSE(verified);
    const std::string code(verified.error().code);
    CHECK_MESSAGE((code == "vault.statement.malformed" || code == "jose.malformed"), code);
  }
  CHECK(code_of(parse_passkey_statement("passkey." + std::string(jose::kMaxJws, 'A'))) == "jose.limit");
}

TEST_CASE("passkeys and certificates sign side by side") {
  const Request request = sample_request();
  for (const char* requester : {"reg", "reg-key", "reg2-key"})
    for (const char* checker : {"check", "check-key"})
      for (const char* approver : {"lead1", "lead1-key", "lead2-key", "lead3-rsa"}) {
        const auto standing = judged(request, requester, {checker, approver});
        REQUIRE_MESSAGE(standing, requester, " ", checker, " ", approver, " ", code_of(standing));
        CHECK(standing->requester == std::string(requester).substr(0, std::string_view(requester).find('-')));
        CHECK(standing->request == request);
        CHECK(standing->request_sha256 ==
              crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(serialize(request))));
      }
  CHECK(code_of(judged(request, "reg2-key", {"check-key"})) == "vault.quorum");
  // Any act, not only those of the portal.
  CHECK(code_of(judged(sample_request(Act::revoke), "reg2-key", {"lead2-key"})) == "ok");
  CHECK(code_of(judged(sample_request(Act::change_policy), "admin3-key", {"admin1", "admin2"})) == "ok");
  CHECK(code_of(judged(sample_request(Act::change_policy), "admin1", {"admin3-key", "admin2"})) == "ok");
  // One rejection by a passkey ends it.
  SignedRequest rejected{request_by(request, "reg"), {approval_by(request, "lead2-key", Decision::reject)}};
  CHECK(code_of(examine(policy(), rejected, now())) == "vault.statement.rejected");
}

TEST_CASE("a person is one person whatever he signs with") {
  const Request request = sample_request();
  CHECK(code_of(judged(request, "reg", {"reg-key"})) == "vault.statement.own");
  CHECK(code_of(judged(request, "reg-key", {"reg"})) == "vault.statement.own");
  CHECK(code_of(judged(request, "reg-key", {"reg-key"})) == "vault.statement.own");
  CHECK(code_of(judged(request, "reg-key", {"reg-key-2"})) == "vault.statement.own");
  CHECK(code_of(judged(request, "reg2-key", {"check", "check-key"})) == "vault.statement.twice");
  CHECK(code_of(judged(request, "reg2-key", {"lead1-key", "lead1"})) == "vault.statement.twice");
  CHECK(code_of(judged(request, "reg2-key", {"reg-key", "reg-key-2"})) == "vault.statement.twice");
  CHECK(code_of(judged(request, "lead2-key", {"check", "lead1"})) == "vault.statement.role");
  CHECK(code_of(judged(request, "reg2-key", {"admin3-key"})) == "vault.statement.role");
}

TEST_CASE("a statement of another kind, of other bytes or of another passkey is none") {
  const Request request = sample_request();
  const std::string approval = approval_by(request, "lead1-key");
  // A statement of one type handed in as another.
  CHECK(code_of(examine(policy(), {approval, {}}, now())) == "jose.type");
  CHECK(code_of(examine(policy(), {request_by(request, "reg2-key"), {request_by(request, "lead1-key")}}, now())) ==
        "jose.type");
  // The same with its type written over: it was signed for the other.
  PasskeyStatement forged = must(parse_passkey_statement(approval));
  forged.type = kRequestType;
  CHECK(code_of(examine(policy(), {serialize(forged), {}}, now())) == "webauthn.challenge");
  CHECK(code_of_changed([](PasskeyStatement&) {}) == "ok");
  // Other bytes, each of which would be a statement.
  CHECK(code_of_changed([&](PasskeyStatement& statement) {
          Approval other = approval_of(request);
          other.comment = "khác";
          statement.payload = serialize(other);
        }) == "webauthn.challenge");
  CHECK(code_of_changed([](PasskeyStatement& statement) { statement.payload += " "; }) == "webauthn.challenge");
  // In another officer's name, in the name of nobody, and with nobody's signature.
  CHECK(code_of_changed([](PasskeyStatement& statement) {
          statement.assertion.credential_id = passkey("lead2-key").passkey.credential;
        }) == "webauthn.signature");
  CHECK(code_of_changed([](PasskeyStatement& statement) {
          statement.assertion.credential_id = passkey("stranger-key").passkey.credential;
        }) == "vault.statement.passkey");
  CHECK(code_of_changed([](PasskeyStatement& statement) { statement.assertion.signature.back() ^= 1; }) ==
        "webauthn.signature");
}

TEST_CASE("what the authenticator and the browser say is covered by the signature") {
  // Still JSON of the same meaning, and one of another.
  CHECK(code_of_changed([](PasskeyStatement& statement) {
          const std::string text(as_chars(statement.assertion.client_data_json));
          statement.assertion.client_data_json = to_bytes(replaced(text, "{", "{ "));
        }) == "webauthn.signature");
  const std::string ended = code_of_changed([](PasskeyStatement& statement) {
    const std::string text(as_chars(statement.assertion.client_data_json));
    statement.assertion.client_data_json = to_bytes(replaced(text, "webauthn.get", "webauthn.create"));
  });
  CHECK(ended.starts_with("webauthn."));
  // The counter (Level 2, section 6.1).
  CHECK(code_of_changed([](PasskeyStatement& statement) { statement.assertion.authenticator_data[36] ^= 1; }) ==
        "webauthn.signature");
  // User verification: not done, and claimed afterwards.
  const Request request = sample_request();
  const auto with_last = [&](const std::string& last) {
    return code_of(
        authorize(policy(), {request_by(request, "reg2-key"), {approval_by(request, "check"), last}}, now()));
  };
  const std::string unverified = sign_with_passkey(kApprovalType, serialize(approval_of(request)), "lead1-key", false);
  CHECK(with_last(unverified) == "webauthn.verification");
  constexpr std::size_t kFlags = 32;
  constexpr std::uint8_t kUserVerified = 0x04;
  PasskeyStatement claimed = must(parse_passkey_statement(unverified));
  claimed.assertion.authenticator_data[kFlags] |= kUserVerified;
  CHECK(with_last(serialize(claimed)) == "webauthn.signature");
  // Another site, and another page of this machine.
  CHECK(with_last(sign_with_passkey(kApprovalType, serialize(approval_of(request)), "elsewhere")) == "webauthn.party");
  CHECK(with_last(sign_with_passkey(kApprovalType, serialize(approval_of(request)), "other-page")) ==
        "webauthn.origin");
}

TEST_CASE("an approval by passkey is for one request") {
  const Request request = sample_request();
  Request other = request;
  other.id = "7f8c2f0a-3f7b-4c1e-9d57-0a1b2c3d4e5f";
  const std::string approval = approval_by(request, "lead1-key");
  SignedRequest statements{request_by(other, "reg2-key"), {approval_by(other, "check-key"), approval}};
  CHECK(code_of(authorize(policy(), statements, now())) == "vault.statement.mismatch");
  // The same request with one letter changed, signed anew.
  other = request;
  other.certificates[0].subject[2].value = "Nguyễn Văn B";
  statements = {request_by(other, "reg2-key"), {approval_by(other, "check-key"), approval}};
  CHECK(code_of(authorize(policy(), statements, now())) == "vault.statement.mismatch");
  // Times hold as for certificates.
  statements = {request_by(request, "reg2-key"), {approval_by(request, "check-key"), approval}};
  CHECK(code_of(authorize(policy(), statements, now())) == "ok");
  CHECK(code_of(authorize(policy(), statements, now() + std::chrono::hours(2))) == "vault.statement.expired");
}

TEST_CASE("a passkey that left the policy signs nothing") {
  const Request request = sample_request();
  const SignedRequest complete{request_by(request, "reg2-key"),
                               {approval_by(request, "check-key"), approval_by(request, "lead1-key")}};
  REQUIRE(authorize(policy(), complete, now()));
  auto changed = officers();
  for (TestOfficer& officer : changed)
    if (officer.person == "lead1") officer.passkeys.clear();
  const Policy later = must(Policy::parse(2, files_with(officers_toml(changed))));
  CHECK(code_of(authorize(later, complete, now())) == "vault.statement.passkey");
  // Another address of the portal: what was signed on the old page counts no longer.
  const Policy moved =
      must(Policy::parse(2, files_with(replaced(officers_toml(officers()), kOrigin, "https://ca.localhost"))));
  CHECK(code_of(authorize(moved, complete, now())) == "webauthn.origin");
}

TEST_CASE("what a statement says is told by both kinds alike") {
  const Request request = sample_request();
  for (const char* who : {"reg", "reg-key"}) {
    const std::string statement = request_by(request, who);
    CHECK(must(payload_of(statement, kRequestType)) == serialize(request));
    CHECK(code_of(payload_of(statement, kApprovalType)) == "jose.type");
    const VerifiedStatement verified = must(verify_statement(policy(), statement, kRequestType, now()));
    CHECK(verified.officer->person == "reg");
    CHECK(verified.payload == serialize(request));
  }
  // Proofs of access stay with certificates.
  AccessGuard guard;
  const std::string proof = sign_with_passkey(kAccessType, R"({"method":"GET"})", "reg-key");
  CHECK(code_of(guard.check(policy(), proof, "GET", "/", now())) == "jose.malformed");
}

TEST_CASE("passkeys in officers.toml are read and checked") {
  const Passkey& known = passkey("lead2-key").passkey;
  REQUIRE(policy().officer_of_passkey(known.credential) != nullptr);
  CHECK(policy().officer_of_passkey(known.credential)->person == "lead2");
  CHECK(*policy().passkey_of(known.credential) == known);
  CHECK(policy().passkey_of({}) == nullptr);
  CHECK(policy().relying_party()->id == kParty);
  CHECK_FALSE(sample_policy().relying_party().has_value());

  const std::string good = officers_toml(officers());
  const auto problem = [&](std::string_view from, std::string_view to) {
    const auto read = Policy::parse(1, files_with(replaced(good, from, to)));
    return read ? std::string("ok") : std::string(read.error().code) + " " + parameter(read.error(), "key");
  };
  CHECK(problem("rp_id", "id") == "base.config.missing webauthn.rp_id");
  CHECK(problem("rp_id = \"localhost\"", "rp_id = \"Localhost\"") == "base.config.invalid webauthn.rp_id");
  CHECK(problem("[\"http://localhost:8080\"]", "[]") == "base.config.invalid webauthn.origins");
  for (const char* origin :
       {"http://ca.example.vn", "https://example.vn", "http://localhost:8080/", "localhost",
        "https://localhost:", "https://localhost:123456", "https://notlocalhost", "ftp://localhost"})
    CHECK_MESSAGE(problem("http://localhost:8080", origin) == "base.config.invalid webauthn.origins", origin);
  for (const char* origin : {"https://localhost", "https://cp.localhost:8443", "http://localhost"})
    CHECK_MESSAGE(problem("http://localhost:8080", origin) == "ok", origin);
  const std::string credential = jose::to_base64url(known.credential);
  const std::string key = jose::to_base64url(known.public_key);
  CHECK(problem(credential, jose::to_base64url(passkey("lead1-key").passkey.credential)) ==
        "base.config.invalid officer[4].passkey[0].credential");
  CHECK(problem(credential, "AAAA") == "base.config.invalid officer[4].passkey[0].credential");
  CHECK(problem(credential, credential + "=") == "base.config.invalid officer[4].passkey[0].credential");
  CHECK(problem(key, jose::to_base64url(passkey("lead1-key").passkey.public_key)) ==
        "base.config.invalid officer[4].passkey[0].public_key");
  CHECK(problem(key, "AAAA") == "base.config.invalid officer[4].passkey[0].public_key");
  CHECK(problem("added = \"2026-11-20\"", "added = \"hôm nay\"") == "base.config.invalid officer[0].passkey[0].added");
  CHECK(problem("label = \"Khóa của reg-key\"", "label = \"\"") == "base.config.invalid officer[0].passkey[0].label");
  CHECK(problem("label =", "name =") == "base.config.missing officer[0].passkey[0].label");
  CHECK(problem("[webauthn]", "[webauthn]\nmore = 1") == "base.config.unknown_key webauthn.more");
  // Passkeys of no site.
  CHECK(code_of(Policy::parse(1, files_with(good.substr(good.find("[[officer]]"))))) == "base.config.invalid");
}

// Whoever holds the key of a certificate could make a "passkey" of it and be two persons.
TEST_CASE("a passkey with the key of a certificate is refused") {
  const ByteView spki = credential("reg").holder->certificate().public_key().spki();
  Bytes cose{0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20};
  append(cose, spki.last(64).first(32));
  append(cose, Bytes{0x22, 0x58, 0x20});
  append(cose, spki.last(32));
  const std::string good = officers_toml(officers());
  const std::string key = jose::to_base64url(passkey("lead2-key").passkey.public_key);
  const auto refused = Policy::parse(1, files_with(replaced(good, key, jose::to_base64url(cose))));
  REQUIRE(code_of(refused) == "base.config.invalid");
  CHECK(parameter(refused.error(), "problem").contains("SubjectPublicKeyInfo"));
  // The same key in another spelling than the canonical one.
  Bytes spelt = passkey("lead1-key").passkey.public_key;
  spelt[0] = 0xA6;
  append(spelt, Bytes{0x18, 0x64, 0x00});  // one more member
  CHECK(code_of(Policy::parse(1, files_with(replaced(good, key, jose::to_base64url(spelt))))) == "base.config.invalid");
}

}  // namespace kyso::vault

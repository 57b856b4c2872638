#pragma once
#include <algorithm>
#include <map>

#include "base/config.h"
#include "base/test_support.h"
#include "crypto/key_holder.h"
#include "jose/base64url.h"
#include "jose/jws.h"
#include "vault/escrow.h"
#include "vault/passkey_statement.h"
#include "webauthn/soft_authenticator.h"

// For tests: officers whose keys the openssl program makes once for each test program, and a policy of them.
namespace kyso::vault::test {

// A key and certificate called `name`; made at the first call. "rsa" in the name: RSA-2048; "p384": P-384; "short":
// valid for one day; else P-256, valid for a hundred years.
struct Credential {
  std::string certificate_pem;
  std::unique_ptr<crypto::KeyHolder> holder;
};
inline Credential& credential(const std::string& name) {
  static TestFolder folder;
  static std::map<std::string, Credential> made;
  const auto found = made.find(name);
  if (found != made.end()) return found->second;
  const std::string base = (folder / name).string();
  const bool is_rsa = name.contains("rsa"), is_p384 = name.contains("p384");
  const std::string key = is_rsa    ? "rsa:2048"
                          : is_p384 ? "ec -pkeyopt ec_paramgen_curve:P-384"
                                    : "ec -pkeyopt ec_paramgen_curve:P-256";
  output_of(
      fmt::format("openssl req -x509 -newkey {0} -nodes -keyout {1}.key -out {1}.crt -days {2} -utf8 "
                  "-subj '/C=VN/O=Cơ quan mẫu/CN={3}' -addext basicConstraints=critical,CA:FALSE "
                  "-addext keyUsage=critical,digitalSignature 2>&1",
                  key, base, name.contains("short") ? 1 : 36500, name));
  const auto read = [](const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  Credential out{read(base + ".crt"), nullptr};
  out.holder = must(crypto::open_pem(read(base + ".key"), out.certificate_pem, Secret()));
  return made.emplace(name, std::move(out)).first->second;
}

// An authenticator called `name`, made at the first call, and what the policy says of its passkey.
struct TestPasskey {
  std::unique_ptr<webauthn::SoftAuthenticator> authenticator;
  Passkey passkey;
};
inline const std::string kParty = "localhost", kOrigin = "http://localhost:8080";
inline TestPasskey& passkey(const std::string& name, const std::string& party = kParty,
                            const std::string& origin = kOrigin) {
  static std::map<std::string, TestPasskey> made;
  const auto found = made.find(name);
  if (found != made.end()) return found->second;
  TestPasskey out{std::make_unique<webauthn::SoftAuthenticator>(party, origin), {}};
  const Bytes challenge = crypto::random_bytes(32);
  const auto credential = must(webauthn::verify_registration(
      {party, {origin}}, challenge, out.authenticator->register_for(challenge), webauthn::UserVerification::required));
  out.passkey = {credential.id, credential.public_key, "Khóa của " + name, "2026-11-20"};
  return made.emplace(name, std::move(out)).first->second;
}

struct TestOfficer {
  std::string person;
  std::vector<std::string> roles, credentials;
  std::vector<std::string> passkeys = {};
};

inline std::string passkey_toml(const Passkey& passkey) {
  return fmt::format(
      "\n[[officer.passkey]]\ncredential = \"{}\"\npublic_key = \"{}\"\nlabel = \"{}\"\nadded = \"{}\"\n",
      jose::to_base64url(passkey.credential), jose::to_base64url(passkey.public_key), passkey.label, passkey.added);
}

inline std::string officers_toml(const std::vector<TestOfficer>& officers) {
  std::string out;
  if (std::ranges::any_of(officers, [](const TestOfficer& each) { return !each.passkeys.empty(); }))
    out = fmt::format("[webauthn]\nrp_id = \"{}\"\norigins = [\"{}\"]\n\n", kParty, kOrigin);
  for (const TestOfficer& officer : officers) {
    TomlWriter toml;
    std::vector<std::string> certificates;
    for (const std::string& name : officer.credentials) certificates.push_back(credential(name).certificate_pem);
    toml.table_entry("officer").set("person", officer.person).set("name", "Nguyễn Văn A").set("roles", officer.roles);
    toml.set("certificates", certificates);
    out += toml.text();
    for (const std::string& name : officer.passkeys) out += passkey_toml(passkey(name).passkey);
  }
  return out;
}

// reg: registers (with a second certificate and a second role); check, lead1, lead2: check and approve; admin1 to
// admin3: administrators; auditor: neither.
inline std::vector<TestOfficer> sample_officers() {
  return {{"reg", {"registration", "checking", "approving"}, {"reg", "reg-second"}},
          {"reg2", {"registration"}, {"reg2"}},
          {"check", {"checking"}, {"check", "check-second"}},
          {"lead1", {"approving", "checking"}, {"lead1"}},
          {"lead2", {"approving"}, {"lead2-p384"}},
          {"lead3", {"approving"}, {"lead3-rsa"}},
          {"brief", {"approving"}, {"brief-short"}},
          {"admin1", {"administrator"}, {"admin1"}},
          {"admin2", {"administrator"}, {"admin2"}},
          {"admin3", {"administrator"}, {"admin3"}},
          {"auditor", {"auditor"}, {"auditor"}}};
}

inline std::string sample_rules() {
  return R"(
[[rule]]
act = "certificate.issue"
requester_roles = ["registration"]
valid_for = "7d"
[[rule.step]]
parts = ["checking"]
[[rule.step]]
parts = ["approving"]

[[rule]]
act = "certificate.issue"
profiles = ["OCSP_90D"]
requester_roles = ["registration"]
valid_for = "1d"
[[rule.step]]
parts = ["approving", "approving"]

[[rule]]
act = "certificate.revoke"
requester_roles = ["registration", "checking"]
valid_for = "12h"
[[rule.step]]
parts = ["approving"]

[[rule]]
act = "certificate.suspend"
requester_roles = ["registration", "checking"]
valid_for = "12h"
[[rule.step]]
parts = ["approving"]

[[rule]]
act = "certificate.release"
requester_roles = ["registration", "checking"]
valid_for = "12h"
[[rule.step]]
parts = ["approving"]

[[rule]]
act = "policy.change"
requester_roles = ["administrator"]
valid_for = "30d"
[[rule.step]]
parts = ["administrator", "administrator"]

[[rule]]
act = "key.destroy"
requester_roles = ["administrator"]
valid_for = "1d"
[[rule.step]]
parts = ["administrator", "administrator"]

[[rule]]
act = "token.recover"
requester_roles = ["registration"]
valid_for = "1d"
[[rule.step]]
parts = ["checking", "approving"]

[[rule]]
act = "log.export"
requester_roles = ["auditor"]
valid_for = "1d"
[[rule.step]]
parts = ["administrator"]
)";
}

inline std::string sample_profile(const std::string& name) {
  return fmt::format(R"(name = "{}"
description = "Mẫu thử"
kind = "person"
validity = "5y"
keys = ["p256"]
key_usage = ["nonRepudiation"]
[[subject]]
type = "C"
min = 1
[[subject]]
type = "CN"
min = 1
)",
                     name);
}

inline std::vector<PolicyFile> sample_files() {
  return {{"officers.toml", officers_toml(sample_officers())},
          {"approval.toml", sample_rules()},
          {"profiles/PERSON_5Y.toml", sample_profile("PERSON_5Y")},
          {"profiles/OCSP_90D.toml", sample_profile("OCSP_90D")}};
}

inline const Policy& sample_policy() {
  static const Policy policy = must(Policy::parse(1, sample_files()));
  return policy;
}

// A moment in which the officers' credentials are valid: those are made first.
inline Instant now() {
  static const Instant instant = [] {
    for (const TestOfficer& officer : sample_officers())
      for (const std::string& name : officer.credentials) credential(name);
    return system_clock().now() + std::chrono::seconds(5);
  }();
  return instant;
}

inline Request sample_request(Act act = Act::issue) {
  Request request;
  request.id = "6f8c2f0a-3f7b-4c1e-9d57-0a1b2c3d4e5f";
  request.issuer = "CPCA_G1";
  request.act = act;
  request.created = now() - std::chrono::minutes(1);
  request.expires = now() + std::chrono::hours(10);
  request.purpose = "Hồ sơ 12/2026";
  if (act == Act::issue) {
    request.certificates.push_back({.reference = "12/2026-1",
                                    .profile = "PERSON_5Y",
                                    .subject = {{"C", "VN"}, {"O", "Cơ quan mẫu"}, {"CN", "Nguyễn Văn A"}},
                                    .pkcs10 = Bytes(300, 0x30)});
  } else if (act == Act::revoke || act == Act::suspend || act == Act::release) {
    const int reason = act == Act::suspend ? 6 : act == Act::release ? 8 : 1;
    request.revocations.push_back({.serial = "31C106", .reason = reason, .comment = "GHTĐTT"});
  } else if (act == Act::change_policy) {
    request.policy_version = 1;
    request.policy_files = sample_files();
  } else if (act == Act::recover_token) {
    static const StationKey station = StationKey::generate();
    request.recoveries.push_back({.reference = "12/2026-1",
                                  .token_serial = "4a9c0b7d12345678",
                                  .escrow = Bytes(384, 0x42),
                                  .station_key = station.public_key(),
                                  .comment = "Khóa do nhập sai PIN"});
  } else if (act == Act::destroy_key) {
    request.key = "CPCA_G1";
  }
  return request;
}

inline std::string sign_request(const Request& request, const std::string& who) {
  return must(jose::sign_jws(kRequestType, serialize(request), *credential(who).holder));
}

inline Approval approval_of(const Request& request, Decision decision = Decision::approve) {
  return {.request_sha256 = crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(serialize(request))),
          .request_id = request.id,
          .act = request.act,
          .decision = decision,
          .created = now() - std::chrono::seconds(30),
          .expires = now() + std::chrono::hours(1)};
}

inline std::string sign_approval(const Approval& approval, const std::string& who) {
  return must(jose::sign_jws(kApprovalType, serialize(approval), *credential(who).holder));
}

// By a passkey.
inline std::string sign_with_passkey(std::string_view type, const std::string& payload, const std::string& who,
                                     bool is_user_verified = true) {
  PasskeyStatement statement{std::string(type), payload, {}};
  statement.assertion = passkey(who).authenticator->assert_for(passkey_challenge(type, payload), is_user_verified);
  return serialize(statement);
}

// `request` signed by `requester` and approved by `approvers`, all by the names of their credentials.
inline SignedRequest signed_by(const Request& request, const std::string& requester,
                               const std::vector<std::string>& approvers) {
  SignedRequest out{sign_request(request, requester), {}};
  for (const std::string& who : approvers) out.approvals.push_back(sign_approval(approval_of(request), who));
  return out;
}

}  // namespace kyso::vault::test

#pragma once
#include <map>
#include <memory>

#include "pki/issue/profile.h"
#include "vault/statement.h"
#include "webauthn/webauthn.h"

// Who may do what together. The policy is text files (officers.toml, approval.toml, profiles/*.toml, blocked-keys.txt),
// versioned as a whole; the vault keeps the versions that were approved. docs/statements.md.
namespace kyso::vault {

class StatementMemory;

// A passkey by which an officer may sign statements (vault/passkey_statement.h).
struct Passkey {
  Bytes credential;   // id
  Bytes public_key;   // COSE_Key, in its canonical form
  std::string label;  // for people: "Windows Hello, phòng 302"
  std::string added;  // the day: "2026-11-20"
  friend bool operator==(const Passkey&, const Passkey&) = default;
};

struct Officer {
  std::string person;  // who, whatever his certificates and roles: "nguyen-van-a"
  std::string name;
  std::vector<crypto::Certificate> certificates;
  std::vector<Passkey> passkeys;
  std::vector<std::string> roles;  // "registration", "checking", "approving", "administrator", "auditor", …
};

struct ApprovalStep {
  struct Part {
    std::string role;
    std::size_t count = 1;
  };
  std::vector<Part> parts;  // all needed; a person counts for one part of one step only
};
struct ApprovalRule {
  Act act = Act::issue;
  std::vector<std::string> profiles;  // issue: empty = all others
  std::vector<std::string> requester_roles;
  std::vector<ApprovalStep> steps;   // issue and change_policy: two different persons at least, always
  std::chrono::seconds valid_for{};  // of requests and approvals, at most
};

class Policy {
 public:
  // base.config.* with file and line; base.file.missing {path} (officers.toml or approval.toml); vault.policy.file
  // {name}: not a file of a policy, or given twice. vault.policy.quorum {act} (fewer than two persons for issue,
  // change_policy, destroy_key or recover_token; one for the others), vault.policy.unreachable {act} {role} (not enough
  // persons hold the role, whoever requests), vault.policy.act {act} (no rule for changing the policy: it could never
  // be mended).
  static Result<Policy> parse(std::int64_t version, std::vector<PolicyFile> files);
  std::int64_t version() const { return m_version; }
  const Bytes& sha256() const { return m_sha256; }  // over names and contents
  const std::vector<PolicyFile>& files() const { return m_files; }
  const std::vector<Officer>& officers() const { return m_officers; }
  const Officer* officer_of(ByteView certificate_sha256) const;
  const crypto::Certificate* certificate_of(ByteView certificate_sha256) const;  // of an officer
  const Officer* officer_of_passkey(ByteView credential) const;
  const Passkey* passkey_of(ByteView credential) const;  // of an officer
  // Whose passkeys count: [webauthn]. Present when any officer has one.
  const std::optional<webauthn::RelyingParty>& relying_party() const { return m_relying_party; }
  // What rules this request: one for each kind of profile in it. vault.policy.act {act}, vault.policy.profile
  // {profile}: not in the policy.
  Result<std::vector<const ApprovalRule*>> rules_of(const Request& request) const;
  const std::map<std::string, pki::issue::CertificateProfile>& profiles() const { return m_profiles; }
  const std::vector<ApprovalRule>& rules() const { return m_rules; }
  const pki::issue::BlockedKeys& blocked_keys() const { return m_blocked; }
  StatementMemory& memory() const { return *m_memory; }  // of what was verified under this policy

 private:
  struct Print {
    Bytes sha256;
    std::size_t officer, certificate;
  };
  struct Place {
    std::size_t officer, passkey;
  };
  Policy() = default;
  const Print* find_print(ByteView certificate_sha256) const;
  void index_officers();

  std::int64_t m_version = 0;
  Bytes m_sha256;
  std::vector<PolicyFile> m_files;
  std::vector<Officer> m_officers;
  std::vector<Print> m_prints;  // sorted
  std::map<Bytes, Place, std::less<>> m_passkeys;
  std::optional<webauthn::RelyingParty> m_relying_party;
  std::map<std::string, pki::issue::CertificateProfile> m_profiles;
  std::vector<ApprovalRule> m_rules;
  pki::issue::BlockedKeys m_blocked;
  std::shared_ptr<StatementMemory> m_memory;
};

// How far a request has come; for screens and for `kyso authority`.
struct Standing {
  Request request;
  Bytes request_sha256;
  std::string requester;                                     // person
  std::vector<std::string> approvers;                        // persons, in the order of their approvals
  std::vector<std::pair<std::string, std::size_t>> missing;  // role, count, earliest step first; empty: complete
  Instant expires{};                                         // the request itself, as far as the rules let it live
};
// A request lives until its own end, but no longer than the rule's valid_for; so does an approval. Clocks of officers
// may be ahead by this much.
inline constexpr std::chrono::minutes kClockTolerance{5};
inline constexpr std::size_t kMaxApprovals = 64;

// Verifies every signature and rule by itself, a pure function of its arguments. Errors, all refusals:
// vault.statement.signer (no officer of the policy), vault.statement.role {person} {role}, vault.statement.own
// (approves his own request, also by another role or certificate), vault.statement.twice {person},
// vault.statement.mismatch (the approval is for other bytes or another act), vault.statement.expired,
// vault.statement.early, vault.statement.rejected {person} (one rejection ends it; the requester may withdraw so),
// vault.statement.count {limit}, vault.policy.act {act}, vault.policy.profile {profile}, jose.*; an officer's
// certificate that expired: vault.statement.certificate {person}.
//
// All parts of all steps are needed; their order is for screens, since the order in which approvals arrive proves
// nothing. Who counts for which part is found as a maximum matching: nobody who can help is counted where he is of no
// use.
Result<Standing> examine(const Policy& policy, const SignedRequest& signed_request, Instant now);
// examine, and vault.quorum {missing} when approvals are missing.
Result<Standing> authorize(const Policy& policy, const SignedRequest& signed_request, Instant now);

}  // namespace kyso::vault

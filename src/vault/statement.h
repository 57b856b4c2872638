#pragma once
#include <string>
#include <vector>

#include "json/json.h"
#include "pki/issue/certificate_request.h"

// Statements: what officers sign. A request says exactly what shall be done; approvals name its SHA-256, so that any
// edit voids them. All are JWS by the officers' certificates (jose/jws.h).
namespace kyso::vault {

inline constexpr std::string_view kRequestType = "kyso-request+jwt";
inline constexpr std::string_view kApprovalType = "kyso-approval+jwt";

enum class Act : std::uint8_t {
  issue,          // certificates
  revoke,         // certificates, for good
  suspend,        // certificateHold
  release,        // end of a hold
  change_policy,  // officers, roles, quorum, profiles
  destroy_key,
  export_log,
  recover_token,  // release of SO-PINs in escrow to the station that unlocks the tokens
};
std::string_view name_of(Act act);  // "certificate.issue", "certificate.revoke", "policy.change", …
std::optional<Act> act_by_name(std::string_view name);

struct RevocationOrder {
  std::string serial;                    // hexadecimal, upper case
  int reason = 0;                        // CRLReason (RFC 5280 section 5.3.1); not 7; 6 for suspend, 8 for release
  std::optional<Instant> invalid_since;  // invalidityDate
  std::string comment;                   // for people: "GHTĐTT"
  friend bool operator==(const RevocationOrder&, const RevocationOrder&) = default;
};

struct PolicyFile {
  std::string name, content;  // "officers.toml", "approval.toml", "profiles/PERSON_5Y.toml"
  friend bool operator==(const PolicyFile&, const PolicyFile&) = default;
};

// One token to be unlocked, of which the SO-PIN lies in escrow (vault/escrow.h).
struct RecoveryOrder {
  std::string reference;     // dossier and line, for people; unique in the request
  std::string token_serial;  // as the token says it; each once
  Bytes escrow;              // what the station encrypted when the token was personalised
  Bytes station_key;         // SubjectPublicKeyInfo (P-256) of the station's key for this one time
  std::string comment;       // for people: whose token, and why
  friend bool operator==(const RecoveryOrder&, const RecoveryOrder&) = default;
};

struct Request {
  std::string id;      // UUID, made by the requester; used once
  std::string issuer;  // "CPCA_G1"
  Act act = Act::issue;
  Instant created{}, expires{};
  std::string purpose;                                       // for people: why, and which dossier
  std::vector<pki::issue::CertificateRequest> certificates;  // issue: 1 to 1,000
  std::vector<RevocationOrder> revocations;                  // revoke, suspend, release: 1 to 1,000
  std::int64_t policy_version = 0;                           // change_policy: the version that it replaces
  std::vector<PolicyFile> policy_files;                      // change_policy: the complete new policy
  std::string key;                                           // destroy_key
  std::vector<RecoveryOrder> recoveries;                     // recover_token: 1 to 1,000
  friend bool operator==(const Request&, const Request&) = default;
};
inline constexpr std::size_t kMaxLines = 1000;

// The names that PolicyFile may have: "officers.toml", "approval.toml", "blocked-keys.txt", "profiles/NAME.toml".
bool is_policy_file_name(std::string_view name);

// JSON with members in a fixed order and no white space; docs/statements.md describes it. What is read must be exactly
// what would be written, so that one request has one text. vault.statement.malformed {member} {reason}: unknown members
// are refused, for nobody may sign what he isn't shown, and so are characters that hide or turn text.
std::string serialize(const Request& request);
Result<Request> parse_request(std::string_view json);

enum class Decision : std::uint8_t { approve, reject };
struct Approval {
  Bytes request_sha256;  // of the request's JWS payload
  std::string request_id;
  Act act = Act::issue;
  Decision decision = Decision::approve;
  Instant created{}, expires{};
  std::string comment;
  friend bool operator==(const Approval&, const Approval&) = default;
};
std::string serialize(const Approval& approval);
Result<Approval> parse_approval(std::string_view json);

// What travels to the vault: everything by which it can judge for itself.
struct SignedRequest {
  std::string request;                 // JWS
  std::vector<std::string> approvals;  // JWS
};

}  // namespace kyso::vault

#pragma once
#include <chrono>
#include <memory>

#include "vault/policy.h"

// The vault as the rest of the authority sees it. Two implementations: VaultClient (client.h, over the socket) and the
// vault itself (server/core.h), which tests use in process.
namespace kyso::vault {

// What a key may sign; nothing else is ever signed with it.
enum class KeyPurpose : std::uint8_t {
  issue,       // TBSCertificate from a linted intent, TBSCertList of the same authority
  ocsp,        // ResponseData (RFC 6960)
  time_stamp,  // signed attributes over TSTInfo (RFC 3161)
  checkpoint,  // checkpoints of the audit log
  escrow,      // nothing: it opens SO-PINs that stations encrypted to it (vault/escrow.h)
};

// A key of the authority with its certificate. For OCSP and checkpoint keys the vault renews certificates by itself.
struct Signer {
  std::string name;  // "CPCA_G1", "CPCA_G1-ocsp-2", "tsa-1"
  KeyPurpose purpose = KeyPurpose::issue;
  std::string issuer;  // the authority on whose behalf: "CPCA_G1"; for issue: itself
  crypto::Certificate certificate;
  std::vector<crypto::Certificate> chain;  // its issuers up to the root
  crypto::SignatureScheme scheme;
  bool is_available = true;  // the token answers
};

// An intent: a certificate about to be signed, durable in the vault's journal.
struct PreparedCertificate {
  std::string intent;  // id, for sign_prepared
  std::string request_id, issuer, profile, reference;
  Bytes serial;
  Bytes linting_certificate;  // DER: the full content, worth nothing
};
enum class IntentState : std::uint8_t { prepared, signed_, void_ };
struct Intent {
  PreparedCertificate prepared;
  IntentState state = IntentState::prepared;
  Bytes certificate;  // signed_
};

// An SO-PIN on its way to the station that unlocks the token.
struct ReleasedPin {
  std::string reference, token_serial;
  Bytes ciphertext;  // for the station's one-time key: StationKey::open()
  friend bool operator==(const ReleasedPin&, const ReleasedPin&) = default;
};

// One entry of the vault's journal: hash-chained, so that what is missing shows.
struct JournalEntry {
  std::int64_t sequence = 0;
  Instant time{};
  std::string kind;  // "policy.adopted", "intent.prepared", "intent.signed", "intent.void", "key.used", "pin.released",
                     // "request.refused", …
  std::string body;  // JSON, no secrets
  Bytes chain;       // SHA-256(previous chain || sequence || time || kind || body)
};

// Errors of all calls: vault.unreachable, vault.timeout (its outcome is unknown: ask again), vault.protocol,
// vault.busy (overload), vault.key.unavailable {key} (token gone: try again later), vault.key.purpose {key}.
class Vault {
 public:
  virtual ~Vault() = default;

  struct State {
    std::string version;
    std::uint8_t instance = 0;
    std::int64_t policy_version = 0;
    Bytes policy_sha256;
    Instant clock{};
    std::vector<Signer> signers;
    // What each authority writes into its certificates: addresses and CRL shards, from the vault's configuration, so
    // that nobody else has to be told the same again.
    std::vector<pki::issue::IssuerSettings> issuers;
    std::int64_t journal_sequence = 0;
    Bytes journal_chain;
  };
  virtual Result<State> state() = 0;
  virtual Result<std::vector<PolicyFile>> policy_files() = 0;

  // Step 1 of issuing: authorises each request, builds, lints, records. One result for each request, of all its lines
  // or none. Sending a request again gives the same intents while they are prepared; a request that was signed or
  // voided is used up: vault.request.used. Errors: those of authorize, issue.*, issue.lint.
  virtual std::vector<Result<std::vector<PreparedCertificate>>> prepare(const std::vector<SignedRequest>& requests) = 0;
  // Step 2: signs intents. Sending again gives the same certificate. vault.intent.unknown, vault.intent.void,
  // issue.mismatch.
  virtual std::vector<Result<crypto::Certificate>> sign_prepared(const std::vector<std::string>& intents) = 0;
  // The serial is burnt; never signed after this. vault.intent.signed when it is too late.
  virtual Result<> void_intent(const std::string& intent) = 0;
  // Intents of the journal after this sequence number, oldest first, at most `limit`, for recovery and for checking.
  virtual Result<std::vector<Intent>> intents(const std::vector<std::string>& ids) = 0;
  virtual Result<std::vector<JournalEntry>> journal(std::int64_t after, std::size_t limit) = 0;

  // Adopts an approved policy (act change_policy); its version follows the present one. vault.policy.version.
  virtual Result<State> adopt_policy(const SignedRequest& request) = 0;

  // TBSCertList (DER) of an authority, in a sealed memory file (memfd) of `size` bytes, so that millions of entries are
  // neither copied nor held twice. The vault checks issuer, algorithm, version, that thisUpdate is near its clock, and
  // that the number rises for this issuer and scope. Gives the signature value. vault.crl.number {last},
  // vault.crl.content.
  virtual Result<Bytes> sign_crl(const std::string& issuer, int memory_file, std::size_t size) = 0;
  // DER of ResponseData each; signed by the OCSP key of `signer`. vault.ocsp.content.
  virtual Result<std::vector<Bytes>> sign_ocsp(const std::string& signer, const std::vector<Bytes>& response_data) = 0;
  // TSTInfo and the signed attributes that cover it; genTime must be near the vault's clock. vault.tsa.content.
  struct TimeStampInput {
    Bytes tst_info, signed_attributes;
  };
  virtual Result<std::vector<Bytes>> sign_time_stamps(const std::string& signer,
                                                      const std::vector<TimeStampInput>& inputs) = 0;
  // Text of a checkpoint (audit/checkpoint.h), its origin the configured one and its size never smaller than before.
  virtual Result<Bytes> sign_checkpoint(const std::string& text) = 0;

  // An approved recovery (act recover_token): opens the SO-PIN of each line with the escrow key of the request's
  // issuer, compares the serial number of the token that lies inside, and encrypts it anew to the line's station key.
  // One result for all lines. A request releases once; sent again, it gives the same ciphertexts. Errors: those of
  // authorize; vault.escrow.none {issuer} (no such key), vault.escrow.line {reference} (not encrypted for it),
  // vault.escrow.token {reference} {serial} (of another token), vault.request.used.
  virtual Result<std::vector<ReleasedPin>> release_so_pins(const SignedRequest& request) = 0;
};

}  // namespace kyso::vault

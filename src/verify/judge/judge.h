#pragma once
#include "pki/revocation.h"
#include "verify/facts/facts.h"
#include "verify/judge/policy.h"

// The judge: ETSI EN 319 102-1 validation (basic, with time, with long-term data) of facts under a policy at a time.
//
// A pure function: same facts, evidence, trust, policy and time give the same verdict, bit for bit.
namespace kyso::verify {

// What was fetched or given beside the document. It proves nothing about the past: its proof of existence is the time
// of judging (and what it says itself: thisUpdate, producedAt).
struct EvidenceItem {
  enum class Kind : std::uint8_t { certificate, crl, ocsp } kind = Kind::certificate;
  Bytes der;
  std::string url;  // where it came from; a path for files
  std::optional<Instant> fetched;
};
struct Evidence {
  std::vector<EvidenceItem> items;
};

enum class Level : std::uint8_t { none, b_b, b_t, b_lt, b_lta };
std::string_view name_of(Level level);  // "B-LT"; "" for none

// The kind of subject, by the conventions of Vietnamese certificates.
enum class SubjectKind : std::uint8_t { unknown, person, organisation, service };
std::string_view name_of(SubjectKind kind);

struct CertificateVerdict {
  crypto::Certificate certificate;
  pki::CertificateStatus status = pki::CertificateStatus::unknown;
  bool is_checked = false;                      // false: "chưa kiểm tra được", never to be shown as good
  std::optional<pki::RevocationAnswer> answer;  // the one that decided
  std::vector<Finding> findings;
};

struct TimeStampVerdict {
  Indication indication = Indication::indeterminate;
  SubIndication sub_indication = SubIndication::none;
  std::string reason;           // code of the deciding finding
  std::optional<Instant> time;  // genTime
  std::string authority;        // common name of its certificate
  std::vector<CertificateVerdict> chain;
  std::vector<Finding> findings;
  bool is_proof = false;  // it counted
};

struct SignatureVerdict {
  std::size_t signature = 0;  // index in the facts
  Indication indication = Indication::indeterminate;
  SubIndication sub_indication = SubIndication::none;
  std::string reason;  // code of the finding that decided; of the weightiest warning or info when passed; else ""
  std::optional<std::uint64_t> offset;  // of that finding
  std::vector<Finding> findings;        // all, weightiest first

  std::optional<crypto::Certificate> signer;
  SubjectKind signer_kind = SubjectKind::unknown;
  std::vector<CertificateVerdict> chain;   // signer first
  std::string anchor;                      // name of the trust anchor, empty when none was reached
  std::optional<Instant> claimed_time;     // /M or signingTime: what the signer's computer said
  std::optional<Instant> time_stamp_time;  // of the earliest valid signature time-stamp
  std::vector<TimeStampVerdict> time_stamps;
  std::optional<Instant> best_time;  // the earliest time at which it is proven to have existed
  std::string best_time_proof;       // "signature-time-stamp", "document-time-stamp:FIELD", "" = time of judging
  bool is_intact = false;            // digest and signature value are right
  bool is_unchanged = false;         // no later change beyond what it allows
  std::vector<std::size_t> changes;  // indexes of facts.changes after it, kind none left out
  Level level = Level::none;         // what an offline judgement finds in the file
  // When an indeterminate verdict may become conclusive.
  std::optional<Instant> try_again;
};

struct Verdict {
  Indication indication = Indication::indeterminate;  // of the document
  SubIndication sub_indication = SubIndication::none;
  std::string reason;
  std::optional<std::uint64_t> offset;
  std::string policy;  // its id
  Instant time{};      // of judging
  bool was_online = false;
  std::vector<SignatureVerdict> signatures;  // same order as the facts; time-stamps of the document too
  std::vector<Finding> findings;             // of the document as a whole
};

Verdict judge(const DocumentFacts& facts, const Evidence& evidence, const pki::TrustStore& trust, const Policy& policy,
              Instant time);

// What a judgement lacked: certificates whose issuer isn't known, and certificates whose status isn't known freshly
// enough. For fetching (verify/evidence/collector.h).
struct MissingEvidence {
  std::vector<pki::ParsedCertificate> without_issuer;
  struct Status {
    pki::ParsedCertificate subject, issuer;
    Instant not_before{};  // an answer must be produced after this
  };
  std::vector<Status> without_status;
  bool is_empty() const { return without_issuer.empty() && without_status.empty(); }
};
MissingEvidence find_missing(const DocumentFacts& facts, const Evidence& evidence, const pki::TrustStore& trust,
                             const Policy& policy, Instant time);

}  // namespace kyso::verify

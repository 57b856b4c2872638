#pragma once
#include "pki/path_validation.h"

// Revocation status: CRLs (RFC 5280 sections 5 and 6.3, complete: indirect, delta, partitioned by reason and scope) and
// OCSP (RFC 6960).
namespace kyso::pki {

// CRLReason (RFC 5280 section 5.3.1).
inline constexpr int kCertificateHold = 6;
inline constexpr int kRemoveFromCrl = 8;
std::string_view name_of_reason(int reason);  // "keyCompromise"; empty: there is no such reason
std::optional<int> reason_by_name(std::string_view name);

// A CRL parsed once; keeps its exact bytes. Cheap to copy. Entries are looked up, not copied; 1,000,000 are fine.
class RevocationList {
 public:
  static Result<RevocationList> from_der(ByteView der);  // also PEM; pki.crl.malformed
  ByteView der() const;
  ByteView sha256() const;
  ByteView issuer_der() const;
  Instant this_update() const;
  std::optional<Instant> next_update() const;
  bool is_delta() const;
  std::size_t size() const;                    // entries
  std::optional<std::int64_t> number() const;  // cRLNumber; nullopt: it has none, or a greater one than fits
  bool is_complete() const;                    // of all its issuer's certificates and reasons, and readable as a whole
  bool is_signed_by(const crypto::Certificate& issuer) const;  // in its name and by its key
  bool contains(const crypto::Certificate& certificate) const;
  ByteView authority_key_id() const;
  std::optional<Instant> expired_certificates_since() const;  // ExpiredCertsOnCRL
  struct State;
  const State& state() const { return *m_state; }

 private:
  std::shared_ptr<const State> m_state;
};

// A BasicOCSPResponse parsed once, taken from an OCSPResponse or as it is (DSS and CMS hold both).
class OcspResponse {
 public:
  static Result<OcspResponse> from_der(
      ByteView der);     // pki.ocsp.malformed; pki.ocsp.status {status} when it is an error
  ByteView der() const;  // OCSPResponse, re-made around a bare BasicOCSPResponse
  ByteView sha256() const;
  Instant produced_at() const;
  std::span<const ParsedCertificate> certificates() const;
  std::optional<Bytes> nonce() const;
  struct State;
  const State& state() const { return *m_state; }

 private:
  std::shared_ptr<const State> m_state;
};

struct OcspRequest {
  crypto::DigestAlgorithm certificate_id = crypto::DigestAlgorithm::sha1;  // what every responder knows
  Bytes nonce;                                                             // empty: none
};
Bytes encode_ocsp_request(const ParsedCertificate& subject, const ParsedCertificate& issuer,
                          const OcspRequest& request);

// All that is known about revocation, wherever it came from.
struct RevocationEvidence {
  std::vector<RevocationList> lists;
  std::vector<OcspResponse> responses;
};

enum class CertificateStatus : std::uint8_t { good, revoked, unknown };

// What one authentic source says about one certificate.
struct RevocationAnswer {
  CertificateStatus status = CertificateStatus::unknown;
  enum class Source : std::uint8_t { crl, ocsp } source = Source::crl;
  std::size_t index = 0;                   // in the evidence
  std::optional<std::size_t> delta_index;  // of the delta CRL that was combined with it
  Instant this_update{};                   // the status was known to be right then (of the newest list used)
  std::optional<Instant> next_update;
  Instant produced_at{};  // OCSP producedAt; thisUpdate of a CRL
  std::optional<Instant> revoked_at;
  std::optional<int> reason;                 // CRLReason; 6 = certificateHold
  std::optional<Instant> archive_cutoff;     // tells about certificates that expired after this time
  ReasonMask covered_reasons = kAllReasons;  // a CRL for some reasons only covers less
  std::optional<Path> signer;                // of the responder or CRL issuer, when it isn't the certificate's issuer
  crypto::SignatureScheme scheme;            // how the answer (the base CRL) is signed
  int key_bits = 0;
};

struct RevocationReport {
  std::vector<RevocationAnswer> answers;  // newest this_update first; answers with revoked before good at equal times
  // What was set aside and why, as if absent: pki.ocsp.signature, pki.ocsp.responder (neither the issuer nor delegated
  // by it directly), pki.ocsp.certificate_id, pki.crl.signature, pki.crl.issuer, pki.crl.scope,
  // pki.crl.critical_extension {oid}, pki.crl.delta_mismatch, pki.revocation.signer (its own path isn't valid),
  // pki.revocation.not_yet_valid (thisUpdate after the time of judging), pki.ocsp.archive_cutoff,
  // pki.ocsp.critical_extension {oid}, pki.algorithm.weak {algorithm} {bits}, pki.revocation.budget (the other answers
  // weren't looked at). Parameters: {source} "crl"/"ocsp", {index}, {issuer} (who made it). Severity note: it isn't
  // about this certificate at all (pki.crl.issuer, pki.ocsp.certificate_id); warning: it could have been. At most 64.
  std::vector<Finding> ignored;
};

struct RevocationRequest {
  Instant time{};  // of judging: answers from later are set aside
  // By so much the clock of who made an answer may be ahead of ours (a fresh answer is often seconds old).
  std::chrono::seconds clock_tolerance{300};
  const AlgorithmRules* algorithms = nullptr;
  PathBudget budget;
  // The path that is being checked, where it is known: from `issuer` to the anchor. Else it is looked for.
  std::span<const ParsedCertificate> issuer_path;
  const TrustAnchor* anchor = nullptr;  // of that path; nullptr: any of the trust store
};
// Every usable answer about `subject`, which `issuer` issued. An answer that is too old is an answer: freshness is
// judged by the caller. Signers of answers are looked for in `pool`, in the answers and in the trust store; their own
// paths must lead to the request's `anchor` (RFC 5280 section 6.3.3 (f); their validity dates are told, not refused).
// Stricter than that section: a CRL signer with the name of the issuer must be the same authority, certified by it or
// by who certified it; another one below the anchor that certifies this name too is no such signer. One OCSP response
// with good and revoked for the same certificate says revoked.
RevocationReport find_revocation(const ParsedCertificate& subject, const ParsedCertificate& issuer,
                                 const RevocationEvidence& evidence, const CertificatePool& pool,
                                 const TrustStore& trust, const RevocationRequest& request);

// Path and revocation in one, at one time, as a certificate is checked before it is used and as PKITS tests it: every
// certificate but the anchor must be known not to be revoked by an answer that is fresh at `request.time` (nextUpdate
// not passed; all reasons covered), and the signer of that answer too. An OCSP answer without nextUpdate is fresh for a
// day, a CRL without never. A revocation counts for ever, a hold until a newer answer says good. End-entity
// certificates with noRevAvail (RFC 9608) and responders with id-pkix-ocsp-nocheck need no status.
struct ValidationOptions {
  enum class Revocation : std::uint8_t {
    required,   // the default
    by_anchor,  // as the trust anchor's RevocationDuty says
    off,        // named relaxation: the result says "not checked"
  } revocation = Revocation::required;
};
// Further codes: pki.certificate.revoked {time} {reason}, pki.certificate.on_hold, pki.revocation.missing,
// pki.revocation.stale {next_update}, pki.revocation.incomplete (not all reasons), pki.revocation.not_checked {why}
// ("off", "not_published", "no_revocation_available").
PathResult validate_certificate(const ParsedCertificate& target, const CertificatePool& pool, const TrustStore& trust,
                                const RevocationEvidence& evidence, const PathRequest& request,
                                const ValidationOptions& options = {});

}  // namespace kyso::pki

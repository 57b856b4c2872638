#pragma once
#include <functional>
#include <map>
#include <set>

#include "base/finding.h"
#include "pki/algorithm_rules.h"
#include "pki/trust_store.h"

// Certification path building and validation (RFC 5280 section 6).
//
// Findings, not errors: every path that was tried and why it failed is told. One strict default; whatever relaxes it is
// a named member of PathRequest.
//
// Deviations from RFC 5280: what the certificate of an anchor says is obeyed (its validity, path length, name
// constraints, and of version 3 that it is an authority's), where the RFC takes a name and a key only; a certificate
// with a malformed or repeated extension, with name constraints in an end entity, with a serial number of zero or more
// than 20 octets is refused (negative ones are met and accepted); a non-critical basicConstraints is accepted (PKITS
// 4.6.4), but not an absent one in a version 3 issuer. An extendedKeyUsage in an authority's certificate limits what
// stands below it, for documents and time-stamps. An address in the subject counts as rfc822Name unless an alternative
// name says one.
// Caller must: check revocation (pki/revocation.h; validate_certificate() does both), and decide by the purpose.
namespace kyso::pki {

enum class Purpose : std::uint8_t {
  any,
  // keyUsage digitalSignature or nonRepudiation; no EKU, or one for documents or e-mail, or clientAuth without
  // serverAuth (personal certificates of the government CAs).
  document_signing,
  time_stamping,  // EKU timeStamping only, critical (RFC 3161 section 2.3)
  ocsp_signing,
  crl_signing,
};

// Certificates to build paths from, found by subject and by key identifier. Duplicates are kept once.
class CertificatePool {
 public:
  void add(ParsedCertificate certificate);
  void add(const CertificatePool& other);
  std::vector<ParsedCertificate> issuers_of(const ParsedCertificate& certificate) const;  // candidates, best first
  std::vector<ParsedCertificate> with_subject(ByteView name_der) const;
  std::vector<ParsedCertificate> with_subject_key_id(ByteView key_id) const;
  std::span<const ParsedCertificate> all() const { return m_certificates; }

 private:
  std::vector<ParsedCertificate> found(const std::multimap<Bytes, std::size_t>& index, ByteView key) const;

  std::vector<ParsedCertificate> m_certificates;
  std::multimap<Bytes, std::size_t> m_by_subject, m_by_key_id;
  std::set<Bytes> m_known;  // SHA-256
};

// What hostile certificates may cost.
struct PathBudget {
  std::size_t depth = 16;        // certificates in one path
  std::size_t paths = 512;       // tried; the caller's `accept` may refuse 32 of them
  std::size_t signatures = 256;  // verified; results are remembered per pair; RSA keys from 8192 bits count more
  std::size_t name_comparisons = 250'000;
  std::size_t policies = 4'096;  // nodes of the valid policy graph
};

struct Path {
  std::vector<ParsedCertificate> certificates;  // the target first, the anchor's certificate last
  TrustAnchor anchor;
  std::vector<std::string> policies;  // user-constrained policy set; "2.5.29.32.0" = any
  std::vector<Finding> findings;      // severity warning or less; parameter "certificate" = position in the path
};

struct PathRequest {
  Instant time{};
  Purpose purpose = Purpose::any;
  // Named relaxation: expired and not yet valid certificates are told (warning), not refused. For judging at a past
  // time that is still to be found.
  bool ignore_validity = false;
  const AlgorithmRules* algorithms = nullptr;  // nullptr: whatever Kyso can verify
  // RFC 5280 section 6.1.1 (c) to (g). Empty: any policy.
  std::vector<std::string> user_policies;
  bool explicit_policy = false, inhibit_policy_mapping = false, inhibit_any_policy = false;
  PathBudget budget;
  // Asked for each path that is otherwise valid; false (with findings of severity indeterminate or failure added to the
  // path) makes the builder go on.
  std::function<bool(Path&)> accept;
};

struct PathResult {
  std::optional<Path> path;
  std::vector<Finding> reasons;  // why there is none: of the path that came closest, most telling first
  // Codes: pki.path.not_found, pki.path.untrusted, pki.path.budget {limit}, pki.certificate.expired {not_after},
  // pki.certificate.not_yet_valid {not_before}, pki.certificate.signature, pki.certificate.malformed {extension},
  // pki.certificate.critical_extension {oid}, pki.certificate.not_ca, pki.certificate.key_usage {usage},
  // pki.certificate.extended_key_usage, pki.certificate.version, pki.certificate.serial, pki.path.length,
  // pki.path.names {name},
  // pki.path.policy, pki.algorithm.weak {algorithm} {bits}, pki.algorithm.unsupported {algorithm},
  // pki.certificate.key_unsupported {algorithm}, pki.anchor.time. All with {subject} and {certificate}, its position
  // in the path. {limit}: "paths", "depth", "signatures", "name_comparisons", "policies".
  // Severity failure: the certificates are wrong. Indeterminate: time, trust, algorithms or limits are in the way.
};
PathResult find_path(const ParsedCertificate& target, const CertificatePool& pool, const TrustStore& trust,
                     const PathRequest& request);

}  // namespace kyso::pki

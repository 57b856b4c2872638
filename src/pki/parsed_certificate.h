#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "crypto/certificate.h"

namespace kyso::pki {

struct GeneralName {  // RFC 5280 section 4.2.1.6
  enum class Kind : std::uint8_t { other, rfc822, dns, x400, directory, edi, uri, ip, registered_id };
  Kind kind = Kind::other;
  Bytes value;  // text of rfc822, dns, uri; octets of ip; DER of the Name for directory; content octets otherwise
  friend bool operator==(const GeneralName&, const GeneralName&) = default;
};

struct GeneralSubtree {
  GeneralName base;
  bool is_supported = true;  // false: minimum or maximum are given, or the kind can't be constrained
};

struct PolicyMapping {
  std::string issuer_domain, subject_domain;
};

// ReasonFlags (RFC 5280 section 4.2.1.13), bit n = 1 << n.
using ReasonMask = std::uint16_t;
inline constexpr ReasonMask kAllReasons = 0x1fe;  // keyCompromise (1) to aACompromise (8)

struct DistributionPoint {
  std::vector<GeneralName> full_name;
  Bytes relative_name;  // DER of the RelativeDistinguishedName, empty when fullName is used
  std::optional<ReasonMask> reasons;
  std::vector<GeneralName> crl_issuer;
};

// The extensions of RFC 5280 (and RFC 6960, RFC 9608) as values.
struct CertificateExtensions {
  bool has_basic_constraints = false;
  std::optional<std::uint32_t> path_length;
  std::optional<Bytes> authority_key_id;
  std::vector<GeneralName> subject_alternative_names;
  std::optional<std::vector<std::string>> policies;  // OIDs; present but empty is malformed
  std::vector<PolicyMapping> policy_mappings;
  std::optional<std::uint32_t> require_explicit_policy, inhibit_policy_mapping, inhibit_any_policy;
  bool has_name_constraints = false;
  std::vector<GeneralSubtree> permitted, excluded;
  std::vector<DistributionPoint> crl_distribution_points, freshest_crl;
  std::vector<std::string> ocsp_urls, ca_issuer_urls;  // authorityInfoAccess
  bool ocsp_no_check = false;                          // id-pkix-ocsp-nocheck
  bool no_revocation_available = false;                // RFC 9608
  bool is_qualified = false;                           // a QCStatements extension with id-etsi-qcs-QcCompliance
  std::vector<std::string> unknown_critical;           // OIDs
  std::vector<std::string> malformed;                  // OIDs of known extensions that could not be read or stand twice
};

// ParsedCertificate: a certificate with its extensions read once. Cheap to copy, immutable, thread-safe.
// Reading never fails: what can't be read is named in `malformed` and makes every path with it invalid.
class ParsedCertificate {
 public:
  explicit ParsedCertificate(crypto::Certificate certificate);
  const crypto::Certificate& certificate() const;
  const CertificateExtensions& extensions() const;
  ByteView sha256() const;              // computed at the first call
  ByteView normalised_subject() const;  // for comparing names as RFC 5280 section 7.1 says: equal bytes, equal names
  ByteView normalised_issuer() const;
  bool is_self_issued() const;
  // Names no place where its revocation status could be asked: neither CRL nor OCSP.
  bool publishes_no_status() const;
  // Its issuer put it in charge of the CRLs that tell its own status: nobody else vouches for himself.
  bool names_itself_as_crl_issuer() const;
  friend bool operator==(const ParsedCertificate& a, const ParsedCertificate& b);

 private:
  struct State;
  std::shared_ptr<const State> m_state;
};

// A Name (DER) in the form that compares by bytes: RFC 5280 section 7.1 (case, blanks, string types, NFC).
Bytes normalise_name(ByteView name_der);

}  // namespace kyso::pki

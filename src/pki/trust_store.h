#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pki/parsed_certificate.h"

namespace kyso::pki {

// Whether a certificate below an anchor must have its revocation status known.
enum class RevocationDuty : std::uint8_t {
  required,      // always: what Kyso's own anchors have
  if_published,  // unless the certificate names neither a CRL nor an OCSP service (anchors that a user adds by hand)
};

// TrustAnchor: a certificate that a person or an organisation decided to trust, since when, and why.
struct TrustAnchor {
  ParsedCertificate certificate;
  std::string name;    // for people; the common name when none was given
  std::string group;   // "government", "public", "user"
  std::string reason;  // why it is trusted
  std::optional<Instant> added;
  // Signatures proven to be made outside of this time don't lead here ("trusted as of").
  std::optional<Instant> trusted_from, trusted_until;
  RevocationDuty revocation = RevocationDuty::required;
};

// What anchors of a file or folder get where nothing else is said.
struct AnchorDefaults {
  std::string group = "user";
  std::string reason;
  RevocationDuty revocation = RevocationDuty::if_published;
};

// TrustStore: trust anchors, and intermediate certificates for building paths (CMS often holds the leaf only).
class TrustStore {
 public:
  void add(TrustAnchor anchor);  // a second one with the same certificate replaces the first
  void add_intermediate(ParsedCertificate certificate);
  bool remove(ByteView sha256);
  std::span<const TrustAnchor> anchors() const { return m_anchors; }
  std::span<const ParsedCertificate> intermediates() const { return m_intermediates; }
  const TrustAnchor* find(ByteView sha256) const;

  // A folder of certificates (.crt .cer .pem .der .p7b are looked at) with an optional trust.toml that says for each
  // file ([[certificate]]): file, role = "anchor" | "intermediate", name, group, reason, added, trusted_from,
  // trusted_until, revocation = "required" | "if-published".
  // Without an entry: self-issued certificates are anchors, others intermediates, and files that hold no certificate
  // are passed over. pki.trust.unreadable {path} {reason}, and the errors of TomlReader. CRLs in the folder are left to
  // the caller.
  Result<> load_folder(const std::filesystem::path& folder, const AnchorDefaults& defaults);
  // One file: every self-issued certificate in it is an anchor; when there is none, the first certificate is.
  Result<> load_file(const std::filesystem::path& file, const AnchorDefaults& defaults);

 private:
  std::vector<TrustAnchor> m_anchors;
  std::vector<ParsedCertificate> m_intermediates;
};

}  // namespace kyso::pki

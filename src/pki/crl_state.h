#pragma once
#include <functional>
#include <mutex>

#include "pki/revocation.h"
#include "pki/revocation_reader.h"
#include "pki/revocation_signature.h"

// Private to the module: what a CRL says.
namespace kyso::pki {

// IssuingDistributionPoint (RFC 5280 section 5.2.5).
struct IssuingDistributionPoint {
  bool has_name = false;
  std::vector<GeneralName> full_name;
  Bytes relative_name;  // DER of the RelativeDistinguishedName, empty when fullName is used
  bool only_user_certificates = false, only_ca_certificates = false, only_attribute_certificates = false;
  std::optional<ReasonMask> only_some_reasons;
  bool is_indirect = false;
};

inline constexpr std::string_view kReasonCode = "2.5.29.21";
inline constexpr std::string_view kInvalidityDate = "2.5.29.24";

// One line of the list about one certificate.
struct CrlEntry {
  Instant revoked_at{};
  std::optional<int> reason;
  std::optional<Instant> invalid_since;
};

// Orders entries before their numbers themselves do.
std::uint64_t crl_sort_key(ByteView serial);

struct RevocationList::State {
  explicit State(ByteView bytes) : der(bytes.begin(), bytes.end()) {}

  Bytes der;  // every view below points into it
  SignedBlock signed_block;
  SignatureMemo signatures;
  ByteView issuer;
  Bytes normalised_issuer;
  Instant this_update{};
  std::optional<Instant> next_update;
  std::optional<Instant> expired_certificates_since;
  std::optional<Bytes> number;       // cRLNumber without leading zeros
  std::optional<Bytes> base_number;  // of a delta CRL
  std::optional<IssuingDistributionPoint> scope;
  ByteView scope_encoding, authority_key_encoding;  // as they stand in the extensions, empty when absent
  ByteView authority_key_id;
  std::string unknown_critical;  // the first extension of the list or of an entry that nobody here understands
  bool is_delta() const { return base_number.has_value(); }
  bool is_indirect() const { return scope && scope->is_indirect; }
  std::size_t entry_count() const { return m_index.size(); }

  Result<> read();
  // What the list says about the certificate with this serial number, issued by this (normalised) name. Of several
  // entries the gravest counts.
  std::optional<CrlEntry> find(ByteView serial, ByteView normalised_issuer_of_certificate) const;
  void for_each(const std::function<void(ByteView serial, const CrlEntry& entry)>& each) const;
  ByteView sha256() const;

 private:
  // The lines sorted by number. `key` is made of the last octets of the serial number, which differ most.
  struct IndexLine {
    std::uint64_t key;
    std::uint32_t offset;        // of the entry in `der`
    std::uint32_t issuer_group;  // whose certificate it is: place in m_issuers
  };
  Result<> read_body(ByteView tbs);
  Result<> read_entries(ByteView content);
  Result<> read_entry(const crypto::der::Element& entry);
  void sort_index();
  Result<> read_entry_extensions(ByteView content);
  Result<> read_extensions(ByteView content);
  Result<> read_extension(const ExtensionView& extension);
  ByteView serial_at(const IndexLine& line) const;

  bool m_is_version_2 = false;
  std::vector<IndexLine> m_index;
  std::vector<std::vector<Bytes>> m_issuers;  // normalised names; the first group is the issuer of the list
  ByteView m_last_extensions;                 // read already: most entries carry the same ones
  mutable std::once_flag m_once;
  mutable Bytes m_sha256;
};

}  // namespace kyso::pki

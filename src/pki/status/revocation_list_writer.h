#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "crypto/algorithm.h"

namespace kyso::pki {
class RevocationList;
}  // namespace kyso::pki

// Writing CRLs (RFC 5280 section 5): complete, partitioned, delta; 1,000,000 entries within 0.3 s and 120 MB.
namespace kyso::pki::status {

struct RevokedEntry {
  Bytes serial;  // content octets of the INTEGER; at most 1,000
  Instant revoked_at{};
  std::optional<int> reason;  // CRLReason; absent and 0: not written
  std::optional<Instant> invalid_since;
};

// What stands in a list, for the one that follows it.
std::vector<RevokedEntry> entries_of(const RevocationList& list);

// The entries of one list, sorted by serial, each encoded once and kept; only the tail changes when the next list is
// made. Changes are taken in at once and sorted in by the next call that reads. Not thread-safe, reading neither.
class EntryStore {
 public:
  EntryStore();
  ~EntryStore();
  EntryStore(EntryStore&&) noexcept;
  EntryStore& operator=(EntryStore&&) noexcept;
  void put(const RevokedEntry& entry);  // a serial that is there already gets the new content
  void erase(ByteView serial);          // released from hold
  std::size_t size() const;
  std::size_t encoded_size() const;
  // Pieces in the order of the serials, for streaming.
  Result<> write_to(const std::function<Result<>(ByteView)>& sink) const;

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

struct ListDescription {
  Bytes issuer_name;  // DER
  Bytes issuer_key_id;
  crypto::SignatureScheme scheme;
  Instant this_update{}, next_update{};
  std::int64_t number = 0;
  std::optional<std::int64_t> delta_base;      // deltaCRLIndicator
  std::vector<std::string> distribution_urls;  // issuingDistributionPoint, exactly as in the certificates; empty: none
  std::vector<std::string> freshest_urls;      // freshestCRL of a complete list
  std::optional<Instant> expired_certificates_since;  // ExpiredCertsOnCRL
};
// TBSCertList, in pieces. Its size is known before.
std::size_t list_size(const ListDescription& list, const EntryStore& entries);
Result<> write_list(const ListDescription& list, const EntryStore& entries,
                    const std::function<Result<>(ByteView)>& sink);
// CertificateList around it: what stands before the TBSCertList, and after it.
struct ListEnvelope {
  Bytes before, after;
};
ListEnvelope envelope(std::size_t tbs_size, crypto::SignatureScheme scheme, ByteView signature);

}  // namespace kyso::pki::status

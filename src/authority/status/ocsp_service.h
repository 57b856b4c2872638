#pragma once
#include "authority/status/answer_cache.h"
#include "authority/status/signing_queue.h"
#include "authority/status/status_directory.h"
#include "pki/status/ocsp_server.h"

namespace kyso::authority::status {

struct OcspOptions {
  std::chrono::seconds validity{3'600};          // nextUpdate − thisUpdate
  std::chrono::seconds not_issued_validity{60};  // the same for certificates that don't exist: they may tomorrow
  // For caches between here and the client: at most what is left until an answer is renewed.
  std::chrono::seconds max_age{300};
  // RFC 6960 section 2.2: a certificate that was never issued is told as unknown, or as revoked with extended-revoke.
  enum class NotIssued : std::uint8_t { unknown, revoked } not_issued = NotIssued::unknown;
  // archiveCutoff of certificates that have ended; absent: the beginning of the issuer's own certificate, for nothing
  // is ever forgotten here (ETSI EN 319 411-2 section 6.3.10).
  std::optional<Instant> archive_since;
  std::size_t cache_octets = 128U << 20U;
};

// One authority, as the vault knows it.
struct ServedIssuer {
  pki::issue::IssuerSettings settings;
  StatusIndex::Issuer number = 0;
  std::vector<crypto::Certificate> chain;  // of the issuer, up to the root
  std::vector<vault::Signer> responders;   // the one that lasts longest first
};
using ServedIssuers = std::vector<ServedIssuer>;

// OcspService: answers of the issuers that the vault has keys for. Thread-safe.
class OcspService {
 public:
  OcspService(vault::Vault& vault, StatusDirectory& directory, const Clock& clock, OcspOptions options);
  // Asks the vault for issuers and responders; what was known stays when it doesn't answer. At start, every minute, and
  // when a responder's key is gone.
  Result<> refresh();

  // Without waiting for anything: an answer that was prepared before and is still true; nullptr: none. `only`: not
  // empty when the address named an issuer.
  std::shared_ptr<const PreparedAnswer> quick(ByteView request, std::string_view only = {});
  // Always an answer, if only an error. May ask the database and the vault.
  std::shared_ptr<const PreparedAnswer> answer(ByteView request, std::string_view only = {});
  // The same for who doesn't wait, when all that it tells is in memory: `taker` is told once, by this thread or another
  // one. False: it isn't, ask answer().
  using Taker = std::move_only_function<void(std::shared_ptr<const PreparedAnswer>)>;
  bool answer_later(ByteView request, std::string_view only, Taker& taker);

  std::shared_ptr<const ServedIssuers> issuers() const;
  const AnswerCache& cache() const { return m_cache; }

 private:
  struct Served {
    ServedIssuers issuers;
    // By algorithm, name hash and key hash.
    std::unordered_map<std::string, std::size_t> by_hashes;
  };
  std::shared_ptr<const Served> served() const;
  Result<const ServedIssuer*> issuer_of(const Served& served, const pki::status::OcspQuery& query,
                                        std::string_view only) const;
  // An answer on its way.
  struct Making;
  // nullptr: the database must be asked, and may not.
  Result<std::shared_ptr<Making>> begin(ByteView request, std::string_view only, bool may_wait);
  void sign(std::shared_ptr<Making> making);
  void finish(std::shared_ptr<Making> making, Result<Bytes> signature);
  std::shared_ptr<const PreparedAnswer> prepare(const Making& making, ByteView signature);
  Bytes response_data(const Making& making, const vault::Signer& responder) const;
  bool is_true(const PreparedAnswer& answer) const;

  vault::Vault& m_vault;
  StatusDirectory& m_directory;
  const Clock& m_clock;
  const OcspOptions m_options;
  AnswerCache m_cache;
  mutable std::mutex m_mutex;
  std::shared_ptr<const Served> m_served;
  SigningQueue m_queue;  // its threads use all the others
};

}  // namespace kyso::authority::status

#pragma once
#include "authority/status/crl_publisher.h"
#include "authority/status/list_routes.h"
#include "authority/status/ocsp_routes.h"
#include "authority/status/ticker.h"

namespace kyso::authority::status {

struct StatusOptions {
  DirectoryOptions directory;
  OcspOptions ocsp;
  CrlOptions crl;
  bool publishes_lists = true;                // false: only serves what others publish
  std::chrono::seconds list_max_age{300};     // Cache-Control of lists
  std::chrono::seconds refresh_every{60};     // issuers and responders
  std::chrono::milliseconds tick_every{500};  // the clock of the lists
};

// StatusService: the role `status` of kysod: the directory, OCSP and the lists with their threads. `database`, `vault`
// and `clock` must outlive it.
class StatusService {
 public:
  StatusService(db::Database& database, vault::Vault& vault, const Clock& clock, StatusOptions options);
  ~StatusService();
  // Reads everything and begins to work. An error of the database or the vault ends nothing: it is tried again, and
  // meanwhile requests are answered with tryLater.
  void start();
  // A status was changed in this process, and committed.
  void wake();

  // /ocsp, /crl, /ca.
  std::vector<net::Route> routes();
  // For /health: authority.status.behind, authority.ocsp.responder {issuer}, authority.crl.stale {name}.
  Result<> check() const;

  StatusDirectory& directory() { return m_directory; }
  OcspService& ocsp() { return m_ocsp; }
  const ListShelf& lists() const { return m_shelf; }
  std::shared_ptr<const ServedIssuers> issuers() const { return m_ocsp.issuers(); }
  // Lists of roots, whose keys no vault has: they come from ceremonies.
  std::vector<std::shared_ptr<const ShelvedList>> root_lists() const;

 private:
  using Authorities = std::map<std::string, std::vector<crypto::Certificate>, std::less<>>;
  void refresh_issuers();
  Result<> refresh_authorities();
  std::vector<crypto::Certificate> chain_of(std::string_view name) const;
  void publish();

  db::Database& m_database;
  const Clock& m_clock;
  const StatusOptions m_options;
  StatusDirectory m_directory;
  OcspService m_ocsp;
  ListShelf m_shelf;
  CrlPublisher m_publisher;
  mutable std::mutex m_mutex;
  Authorities m_authorities;  // of ceremonies, each with its chain
  // Ended in the opposite order, before what they use.
  std::unique_ptr<Ticker> m_refreshing, m_fetching, m_publishing;
  std::chrono::steady_clock::time_point m_next_refresh{};  // of start(), later of m_refreshing alone
};

}  // namespace kyso::authority::status

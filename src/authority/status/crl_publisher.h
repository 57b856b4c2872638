#pragma once
#include <map>

#include "authority/status/memory_file.h"
#include "authority/status/ocsp_service.h"
#include "db/job.h"

namespace kyso::authority::status {

// When the lists of one issuer are made. `validity` − `every` is the time in which a list must be got.
struct CrlSchedule {
  // What certificates point to: the shards, or the complete list of an issuer without shards. Also after each change.
  std::chrono::seconds every{6 * 3600}, validity{24 * 3600};
  // The complete list of an issuer with shards or delta lists.
  std::chrono::seconds complete_every{24 * 3600}, complete_validity{48 * 3600};
  std::vector<std::string> delta_urls;  // not empty: delta lists, and freshestCRL in the complete one
  std::chrono::seconds delta_every{3600}, delta_validity{4 * 3600};
  // Certificates stay on the lists after their end, and the lists say so (ExpiredCertsOnCRL). Else they leave after two
  // more complete rounds (RFC 5280 section 3.3: one at least).
  bool keep_expired = true;
};

struct CrlOptions {
  std::string node = "kysod";             // for people; the owner of the lease is this and a random part
  std::chrono::seconds lease{15};         // then another process takes over
  std::chrono::seconds at_most_every{1};  // changes that come quickly one after the other share a list
  std::chrono::seconds clock_tolerance{300};
  std::chrono::seconds retry_after{5};
  CrlSchedule schedule;
  std::map<std::string, CrlSchedule> by_issuer;
};

// CrlPublisher: makes the lists of all issuers, one process at a time for each issuer, by lease. Numbers are drawn from
// the database before signing and only rise, whoever publishes; the vault refuses others. For one thread.
class CrlPublisher {
 public:
  CrlPublisher(db::Database& database, vault::Vault& vault, const OcspService& issuers, const Clock& clock,
               CrlOptions options);
  ~CrlPublisher();
  // One step: what is due. The first error of several issuers; the others are worked on nevertheless.
  Result<> tick();
  // Hands the leases over, at the end of the process.
  void release();

 private:
  struct Scope;
  struct IssuerWork;
  const CrlSchedule& schedule_of(const std::string& issuer) const;
  Result<bool> hold_lease(IssuerWork& work, bool& is_new);
  Result<> work_on(const ServedIssuer& issuer, std::int64_t last_event);
  Result<> load(IssuerWork& work);
  Result<> follow(IssuerWork& work);
  Scope& scope_of(IssuerWork& work, const std::string& name);
  Scope& shard_of(IssuerWork& work, std::int64_t shard);
  void apply(IssuerWork& work, const store::StatusEvent& event);
  Instant due(const IssuerWork& work, const Scope& scope) const;
  Result<> fill_complete(IssuerWork& work, pki::status::EntryStore& entries, std::int64_t& sequence);
  Result<> fill_delta(IssuerWork& work, pki::status::EntryStore& entries, std::int64_t& sequence);
  Result<> publish(IssuerWork& work, Scope& scope);
  Result<> publish_entries(IssuerWork& work, Scope& scope, const pki::status::EntryStore& entries,
                           std::int64_t sequence);
  pki::status::ListDescription describe(const IssuerWork& work, const Scope& scope, Instant now) const;
  Result<std::int64_t> draw(const IssuerWork& work, const Scope& scope, std::int64_t at_least);
  struct SignedList;
  Result<SignedList> sign(IssuerWork& work, Scope& scope, const pki::status::EntryStore& entries);
  Result<> record(IssuerWork& work, const store::ListRow& row, const SignedList& list);

  db::Database& m_database;
  vault::Vault& m_vault;
  const OcspService& m_issuers;
  const Clock& m_clock;
  const CrlOptions m_options;
  const std::string m_owner;
  std::map<std::string, std::unique_ptr<IssuerWork>> m_work;
};

}  // namespace kyso::authority::status

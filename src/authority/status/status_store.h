#pragma once
#include <functional>

#include "authority/status/status_index.h"
#include "db/database.h"
#include "pki/status/revocation_list_writer.h"

// All SQL of the status services. Every function works within the caller's transaction.
namespace kyso::authority::status::store {

struct Counters {
  std::int64_t status = 0;  // the last status event
  std::int64_t lists = 0;   // rises with every published CRL
};
Result<Counters> counters(db::Transaction& transaction);

// Rows borrow what they point to from the call.
struct KnownCertificate {
  std::string_view issuer;
  ByteView serial;
  Standing standing;
};
Result<std::size_t> count_certificates(db::Transaction& transaction);
// All but those that wait.
Result<> for_each_certificate(db::Transaction& transaction, const std::function<void(const KnownCertificate&)>& each);
// What can be told about one; nullopt: not issued, or waiting.
Result<std::optional<Standing>> find_standing(db::Transaction& transaction, std::string_view issuer, ByteView serial);

struct StatusEvent {
  std::int64_t sequence = 0;
  std::string issuer;
  Bytes serial;
  Standing standing;
  std::optional<Instant> invalid_since;
  std::int64_t shard = 0;
};
Result<std::vector<StatusEvent>> events_after(db::Transaction& transaction, std::int64_t sequence, std::size_t limit);
Result<std::vector<StatusEvent>> events_of(db::Transaction& transaction, std::string_view issuer, std::int64_t after);
// The last event of each shard of an issuer.
Result<std::vector<std::pair<std::int64_t, std::int64_t>>> last_events(db::Transaction& transaction,
                                                                       std::string_view issuer);

// Certificates that a CRL names: revoked, suspended, void; those that ended before `ended_after` are left out.
Result<> for_each_revoked(db::Transaction& transaction, std::string_view issuer, std::optional<std::int64_t> shard,
                          std::optional<Instant> ended_after,
                          const std::function<void(std::int64_t shard, const pki::status::RevokedEntry&)>& each);

// Authorities that a ceremony made, whose certificates were imported.
struct Authority {
  std::string name;
  Bytes certificate;
};
Result<std::vector<Authority>> authorities(db::Transaction& transaction);
Result<std::optional<Bytes>> find_authority(db::Transaction& transaction, std::string_view name);
Result<> insert_authority(db::Transaction& transaction, std::string_view name, ByteView certificate, Instant now);

struct ListRow {
  std::string issuer, scope;
  std::int64_t number = 0;
  Instant this_update{}, next_update{};
  std::int64_t sequence = 0, entries = 0, size = 0;
  Bytes sha256;
};
// The newest of each scope.
Result<std::vector<ListRow>> newest_lists(db::Transaction& transaction, std::optional<std::string_view> issuer);
// The next number, greater than `at_least`; nullopt: another publisher with a later fence has drawn since.
Result<std::optional<std::int64_t>> draw_number(db::Transaction& transaction, std::string_view issuer,
                                                std::string_view scope, std::int64_t fence, std::int64_t at_least);
Result<> insert_piece(db::Transaction& transaction, const ListRow& list, std::int64_t part, ByteView content);
// Makes it count, and removes all but this one and the one before. db.constraint when a newer one is published.
Result<bool> publish(db::Transaction& transaction, const ListRow& list);
Result<> for_each_piece(db::Transaction& transaction, const ListRow& list,
                        const std::function<Result<>(ByteView)>& each);

}  // namespace kyso::authority::status::store

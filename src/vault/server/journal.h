#pragma once
#include <map>

#include "db/database.h"
#include "vault/vault.h"

// What the vault remembers, and all of its SQL. Every write is durable when it returns and carries its journal entry.
// Errors: those of db.
namespace kyso::vault {

// An entry to be: its place in the chain is known when it is written.
struct NewEntry {
  std::string kind;
  json::Value body = json::Value::object();
};

struct StoredRequest {
  Bytes sha256;
  std::string act;
};

struct NewIntent {
  PreparedCertificate prepared;
  std::size_t line = 0;
};
struct NewRequest {
  std::string id;
  Bytes sha256;
  Act act = Act::issue;
  Instant expires{};
  std::vector<NewIntent> intents;
  NewEntry entry;
};

struct StoredIntent {
  Intent intent;
  std::int64_t policy = 0;
  Instant prepared_at{};
};

struct SignedIntent {
  std::string id;
  Bytes certificate;
};

struct KeyUse {
  std::string name;
  Bytes key_sha256;
  std::int64_t uses = 0;  // the new total
};

class Journal {
 public:
  Journal(db::Database& database, const Clock& clock) : m_database(database), m_clock(clock) {}

  Result<> record(const std::vector<NewEntry>& entries);
  Result<std::vector<JournalEntry>> entries(std::int64_t after, std::size_t limit, std::size_t most_octets);
  struct Head {
    std::int64_t sequence = 0;
    Bytes chain;
  };
  Result<Head> head();
  // The chain of the last entries: vault.journal.broken {sequence} where it doesn't hold.
  Result<Head> check_chain(std::int64_t most_entries);

  struct StoredPolicy {
    std::int64_t version = 0;
    std::vector<PolicyFile> files;
  };
  Result<std::optional<StoredPolicy>> latest_policy();
  Result<StoredPolicy> policy(std::int64_t version);
  // False when the request was used before, or the version exists.
  Result<bool> adopt_policy(const StoredPolicy& policy, ByteView sha256, const std::optional<NewRequest>& request,
                            const NewEntry& entry);

  // False when the request was used before; nothing is written then.
  Result<bool> release(const NewRequest& request, const std::vector<ReleasedPin>& pins);
  Result<std::vector<ReleasedPin>> released(const std::string& request);

  Result<std::map<std::string, StoredRequest>> requests(const std::vector<std::string>& ids);
  // One answer for each: false when the request's id was used meanwhile (nothing of it is written then).
  Result<std::vector<bool>> prepare(const std::vector<NewRequest>& requests, std::int64_t policy);
  Result<std::vector<StoredIntent>> intents(const std::vector<std::string>& ids);
  Result<std::vector<StoredIntent>> intents_of(const std::string& request);
  Result<> sign(const std::vector<SignedIntent>& intents);
  // False when it isn't prepared any more.
  Result<bool> void_intent(const std::string& id, std::string_view why);
  Result<std::vector<std::string>> open_intents(Instant prepared_before, std::size_t limit);

  // Reserves the number for this list; vault.crl.number {last} when it doesn't rise. The same list again is no change.
  struct ListNumber {
    std::string issuer;
    Bytes scope;
    bool is_delta = false;
    std::int64_t number = 0;
    Bytes tbs_sha256;
  };
  Result<> reserve_list_number(const ListNumber& list, const NewEntry& entry);
  // vault.checkpoint.size {last}: smaller than before, or another root of the same size.
  Result<> reserve_checkpoint(const std::string& origin, std::int64_t size, ByteView root);

  Result<std::int64_t> uses(const std::string& name, ByteView key_sha256);
  Result<> set_uses(const std::vector<KeyUse>& uses, const std::vector<NewEntry>& entries);

  Result<std::optional<Bytes>> own_certificate(ByteView key_sha256);
  Result<> set_own_certificate(ByteView key_sha256, const std::string& name, ByteView certificate);

 private:
  Result<> append(db::Transaction& transaction, const NewEntry& entry);
  Result<> add_request(db::Transaction& transaction, const NewRequest& request, bool& is_new);

  db::Database& m_database;
  const Clock& m_clock;
};

// What links an entry to all before it: SHA-256(previous || sequence || time || length of kind || kind || body),
// numbers as 8 octets, big-endian; `previous` is empty for the first.
Bytes chain_of(ByteView previous, std::int64_t sequence, Instant time, std::string_view kind, std::string_view body);

}  // namespace kyso::vault

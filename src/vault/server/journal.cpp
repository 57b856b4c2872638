#include "vault/server/journal.h"

#include <algorithm>

#include "crypto/algorithm.h"

namespace kyso::vault {
namespace {

constexpr std::string_view kIntentColumns =
    "SELECT id, request, issuer, serial, profile, policy, reference, prepared, state, linting, certificate FROM "
    "intent ";

void append_number(Bytes& out, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(number >> shift));
}

Bytes copy(ByteView octets) {
  return {octets.begin(), octets.end()};
}

Result<StoredIntent> read_intent(const db::Row& row) {
  StoredIntent out;
  auto& prepared = out.intent.prepared;
  prepared.intent = KYSO_TRY(row.get<std::string>(0));
  prepared.request_id = KYSO_TRY(row.get<std::string>(1));
  prepared.issuer = KYSO_TRY(row.get<std::string>(2));
  prepared.serial = KYSO_TRY(row.get<Bytes>(3));
  prepared.profile = KYSO_TRY(row.get<std::string>(4));
  out.policy = KYSO_TRY(row.get<std::int64_t>(5));
  prepared.reference = KYSO_TRY(row.get<std::string>(6));
  out.prepared_at = KYSO_TRY(row.get<Instant>(7));
  const auto state = KYSO_TRY(row.get<std::int64_t>(8));
  if (state < 0 || state > 2) return fail("db.corrupt", "intent.state {}", state);
  out.intent.state = static_cast<IntentState>(state);
  prepared.linting_certificate = KYSO_TRY(row.get<Bytes>(9));
  out.intent.certificate = KYSO_TRY(row.get<std::optional<Bytes>>(10)).value_or(Bytes());
  return out;
}

Result<JournalEntry> read_entry(const db::Row& row) {
  JournalEntry out;
  out.sequence = KYSO_TRY(row.get<std::int64_t>(0));
  out.time = KYSO_TRY(row.get<Instant>(1));
  out.kind = KYSO_TRY(row.get<std::string>(2));
  out.body = KYSO_TRY(row.get<std::string>(3));
  out.chain = KYSO_TRY(row.get<Bytes>(4));
  return out;
}

Result<> put_uses(db::Transaction& transaction, const std::vector<KeyUse>& uses) {
  for (const KeyUse& use : uses)
    KYSO_TRY(
        transaction.execute("INSERT INTO key_use (name, key_sha256, uses) VALUES (?, ?, ?) "
                            "ON CONFLICT (name, key_sha256) DO UPDATE SET uses = excluded.uses",
                            {use.name, use.key_sha256, use.uses}));
  return {};
}

}  // namespace

Bytes chain_of(ByteView previous, std::int64_t sequence, Instant time, std::string_view kind, std::string_view body) {
  Bytes input = copy(previous);
  append_number(input, static_cast<std::uint64_t>(sequence));
  append_number(input, static_cast<std::uint64_t>(time.time_since_epoch().count()));
  append_number(input, kind.size());
  append(input, kind);
  append(input, body);
  return crypto::digest(crypto::DigestAlgorithm::sha256, input);
}

Result<> Journal::append(db::Transaction& transaction, const NewEntry& entry) {
  const auto last = KYSO_TRY(transaction.maybe("SELECT sequence, chain FROM journal ORDER BY sequence DESC LIMIT 1"));
  const std::int64_t sequence = last ? KYSO_TRY(last->get<std::int64_t>(0)) + 1 : 1;
  const Bytes previous = last ? KYSO_TRY(last->get<Bytes>(1)) : Bytes();
  const Instant now = m_clock.now();
  const auto body = json::serialize(entry.body);
  KYSO_TRY(transaction.execute("INSERT INTO journal (sequence, time, kind, body, chain) VALUES (?, ?, ?, ?, ?)",
                               {sequence, now, entry.kind, body, chain_of(previous, sequence, now, entry.kind, body)}));
  return {};
}

Result<> Journal::record(const std::vector<NewEntry>& entries) {
  return m_database.write([&](db::Transaction& transaction) -> Result<> {
    for (const auto& entry : entries) KYSO_TRY(append(transaction, entry));
    return {};
  });
}

Result<std::vector<JournalEntry>> Journal::entries(std::int64_t after, std::size_t limit, std::size_t most_octets) {
  return m_database.read([&](db::Transaction& transaction) -> Result<std::vector<JournalEntry>> {
    std::vector<JournalEntry> out;
    std::size_t octets = 0;
    KYSO_TRY(transaction.for_each(
        "SELECT sequence, time, kind, body, chain FROM journal WHERE sequence > ? ORDER BY sequence LIMIT ?",
        {after, limit}, [&](const db::Row& row) -> Result<bool> {
          auto entry = KYSO_TRY(read_entry(row));
          octets += entry.body.size() + 200;
          if (octets > most_octets && !out.empty()) return false;
          out.push_back(std::move(entry));
          return true;
        }));
    return out;
  });
}

Result<Journal::Head> Journal::head() {
  return m_database.read([&](db::Transaction& transaction) -> Result<Head> {
    const auto last = KYSO_TRY(transaction.maybe("SELECT sequence, chain FROM journal ORDER BY sequence DESC LIMIT 1"));
    if (!last) return Head{};
    return Head{KYSO_TRY(last->get<std::int64_t>(0)), KYSO_TRY(last->get<Bytes>(1))};
  });
}

Result<Journal::Head> Journal::check_chain(std::int64_t most_entries) {
  return m_database.read([&](db::Transaction& transaction) -> Result<Head> {
    Head head;
    const auto last = KYSO_TRY(transaction.one("SELECT COALESCE(MAX(sequence), 0) FROM journal"));
    const auto before = KYSO_TRY(last.get<std::int64_t>(0)) - most_entries;
    if (before > 0) {
      const auto row = KYSO_TRY(transaction.maybe("SELECT chain FROM journal WHERE sequence = ?", {before}));
      if (!row) return fail("vault.journal.broken").with("sequence", before);
      head = {before, KYSO_TRY(row->get<Bytes>(0))};
    }
    KYSO_TRY(transaction.for_each(
        "SELECT sequence, time, kind, body, chain FROM journal WHERE sequence > ? ORDER BY sequence", {head.sequence},
        [&](const db::Row& row) -> Result<bool> {
          const auto entry = KYSO_TRY(read_entry(row));
          const auto chain = chain_of(head.chain, entry.sequence, entry.time, entry.kind, entry.body);
          if (entry.sequence != head.sequence + 1 || chain != entry.chain)
            return fail("vault.journal.broken").with("sequence", head.sequence + 1);
          head = {entry.sequence, entry.chain};
          return true;
        }));
    return head;
  });
}

Result<std::optional<Journal::StoredPolicy>> Journal::latest_policy() {
  const auto version = KYSO_TRY(m_database.read([](db::Transaction& transaction) -> Result<std::int64_t> {
    const auto row = KYSO_TRY(transaction.maybe("SELECT version FROM policy ORDER BY version DESC LIMIT 1"));
    return row ? row->get<std::int64_t>(0) : Result<std::int64_t>(0);
  }));
  if (version == 0) return std::optional<StoredPolicy>();
  return std::optional(KYSO_TRY(policy(version)));
}

Result<Journal::StoredPolicy> Journal::policy(std::int64_t version) {
  return m_database.read([&](db::Transaction& transaction) -> Result<StoredPolicy> {
    StoredPolicy out{version, {}};
    const auto rows =
        KYSO_TRY(transaction.query("SELECT name, content FROM policy_file WHERE version = ? ORDER BY name", {version}));
    for (const auto& row : rows)
      out.files.push_back({KYSO_TRY(row.get<std::string>(0)), KYSO_TRY(row.get<std::string>(1))});
    if (out.files.empty()) return fail("db.corrupt", "policy {} has no files", version);
    return out;
  });
}

Result<> Journal::add_request(db::Transaction& transaction, const NewRequest& request, bool& is_new) {
  const auto added = KYSO_TRY(transaction.execute(
      "INSERT INTO request (id, sha256, act, used, expires) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      {request.id, request.sha256, name_of(request.act), m_clock.now(), request.expires}));
  is_new = added == 1;
  return {};
}

Result<bool> Journal::adopt_policy(const StoredPolicy& policy, ByteView sha256,
                                   const std::optional<NewRequest>& request, const NewEntry& entry) {
  return m_database.write([&](db::Transaction& transaction) -> Result<bool> {
    const auto known = KYSO_TRY(transaction.maybe("SELECT 1 FROM policy WHERE version >= ?", {policy.version}));
    if (known) return false;
    bool is_new = true;
    if (request) KYSO_TRY(add_request(transaction, *request, is_new));
    if (!is_new) return false;
    KYSO_TRY(transaction.execute("INSERT INTO policy (version, sha256, adopted) VALUES (?, ?, ?)",
                                 {policy.version, copy(sha256), m_clock.now()}));
    std::vector<db::Values> rows;
    for (const auto& file : policy.files) rows.push_back({policy.version, file.name, file.content});
    KYSO_TRY(transaction.execute_many("INSERT INTO policy_file (version, name, content) VALUES (?, ?, ?)", rows));
    KYSO_TRY(append(transaction, entry));
    return true;
  });
}

Result<bool> Journal::release(const NewRequest& request, const std::vector<ReleasedPin>& pins) {
  return m_database.write([&](db::Transaction& transaction) -> Result<bool> {
    bool is_new = false;
    KYSO_TRY(add_request(transaction, request, is_new));
    if (!is_new) return false;
    std::vector<db::Values> rows;
    for (const auto& pin : pins)
      rows.push_back({request.id, rows.size(), pin.reference, pin.token_serial, pin.ciphertext});
    KYSO_TRY(transaction.execute_many(
        "INSERT INTO released_pin (request, line, reference, token_serial, ciphertext) VALUES (?, ?, ?, ?, ?)", rows));
    KYSO_TRY(append(transaction, request.entry));
    return true;
  });
}

Result<std::vector<ReleasedPin>> Journal::released(const std::string& request) {
  return m_database.read([&](db::Transaction& transaction) -> Result<std::vector<ReleasedPin>> {
    std::vector<ReleasedPin> out;
    for (const auto& row : KYSO_TRY(transaction.query(
             "SELECT reference, token_serial, ciphertext FROM released_pin WHERE request = ? ORDER BY line",
             {request})))
      out.push_back(
          {KYSO_TRY(row.get<std::string>(0)), KYSO_TRY(row.get<std::string>(1)), KYSO_TRY(row.get<Bytes>(2))});
    return out;
  });
}

Result<std::map<std::string, StoredRequest>> Journal::requests(const std::vector<std::string>& ids) {
  return m_database.read([&](db::Transaction& transaction) -> Result<std::map<std::string, StoredRequest>> {
    std::map<std::string, StoredRequest> out;
    for (const auto& id : ids) {
      const auto row = KYSO_TRY(transaction.maybe("SELECT sha256, act FROM request WHERE id = ?", {id}));
      if (row) out[id] = {KYSO_TRY(row->get<Bytes>(0)), KYSO_TRY(row->get<std::string>(1))};
    }
    return out;
  });
}

Result<std::vector<bool>> Journal::prepare(const std::vector<NewRequest>& requests, std::int64_t policy) {
  return m_database.write([&](db::Transaction& transaction) -> Result<std::vector<bool>> {
    const Instant now = m_clock.now();
    std::vector<bool> done;
    std::vector<db::Values> rows;
    for (const auto& request : requests) {
      bool is_new = false;
      KYSO_TRY(add_request(transaction, request, is_new));
      done.push_back(is_new);
      if (!is_new) continue;
      for (const auto& [prepared, line] : request.intents)
        rows.push_back({prepared.intent, request.id, line, prepared.issuer, prepared.serial, prepared.profile, policy,
                        prepared.reference, now, 0, prepared.linting_certificate});
      KYSO_TRY(append(transaction, request.entry));
    }
    KYSO_TRY(transaction.execute_many(
        "INSERT INTO intent (id, request, line, issuer, serial, profile, policy, reference, prepared, state, linting) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows));
    return done;
  });
}

Result<std::vector<StoredIntent>> Journal::intents(const std::vector<std::string>& ids) {
  return m_database.read([&](db::Transaction& transaction) -> Result<std::vector<StoredIntent>> {
    std::vector<StoredIntent> out;
    for (const auto& id : ids) {
      const auto row = KYSO_TRY(transaction.maybe(std::string(kIntentColumns) + "WHERE id = ?", {id}));
      if (row) out.push_back(KYSO_TRY(read_intent(*row)));
    }
    return out;
  });
}

Result<std::vector<StoredIntent>> Journal::intents_of(const std::string& request) {
  return m_database.read([&](db::Transaction& transaction) -> Result<std::vector<StoredIntent>> {
    std::vector<StoredIntent> out;
    const auto rows =
        KYSO_TRY(transaction.query(std::string(kIntentColumns) + "WHERE request = ? ORDER BY line", {request}));
    for (const auto& row : rows) out.push_back(KYSO_TRY(read_intent(row)));
    return out;
  });
}

Result<> Journal::sign(const std::vector<SignedIntent>& intents) {
  return m_database.write([&](db::Transaction& transaction) -> Result<> {
    std::vector<db::Values> rows;
    NewEntry entry{"intent.signed", json::Value::object()};
    auto list = json::Value::array();
    for (const auto& [id, certificate] : intents) {
      rows.push_back({certificate, id});
      list.push_back(json::Value::object()
                         .set("intent", id)
                         .set("sha256", to_hex(crypto::digest(crypto::DigestAlgorithm::sha256, certificate))));
    }
    entry.body.set("certificates", std::move(list));
    KYSO_TRY(transaction.execute_many("UPDATE intent SET state = 1, certificate = ? WHERE id = ? AND state = 0", rows));
    return append(transaction, entry);
  });
}

Result<bool> Journal::void_intent(const std::string& id, std::string_view why) {
  return m_database.write([&](db::Transaction& transaction) -> Result<bool> {
    const auto changed = KYSO_TRY(transaction.execute("UPDATE intent SET state = 2 WHERE id = ? AND state = 0", {id}));
    if (changed == 0) return false;
    NewEntry entry{"intent.void", json::Value::object()};
    entry.body.set("intent", id).set("reason", why);
    KYSO_TRY(append(transaction, entry));
    return true;
  });
}

Result<std::vector<std::string>> Journal::open_intents(Instant prepared_before, std::size_t limit) {
  return m_database.read([&](db::Transaction& transaction) -> Result<std::vector<std::string>> {
    std::vector<std::string> out;
    const auto rows = KYSO_TRY(transaction.query(
        "SELECT id FROM intent WHERE state = 0 AND prepared < ? ORDER BY prepared LIMIT ?", {prepared_before, limit}));
    for (const auto& row : rows) out.push_back(KYSO_TRY(row.get<std::string>(0)));
    return out;
  });
}

Result<> Journal::reserve_list_number(const ListNumber& list, const NewEntry& entry) {
  return m_database.write([&](db::Transaction& transaction) -> Result<> {
    const auto rows = KYSO_TRY(transaction.query(
        "SELECT delta, number, tbs_sha256 FROM crl_number WHERE issuer = ? AND scope = ?", {list.issuer, list.scope}));
    for (const auto& row : rows) {
      const bool is_same_kind = KYSO_TRY(row.get<bool>(0)) == list.is_delta;
      const auto last = KYSO_TRY(row.get<std::int64_t>(1));
      if (is_same_kind && last == list.number && KYSO_TRY(row.get<Bytes>(2)) == list.tbs_sha256) return {};
      // RFC 5280 section 5.2.3: one sequence for both kinds; lists of both made at once bear the same number.
      if (list.number < last || (is_same_kind && list.number == last))
        return fail("vault.crl.number", "number {}", list.number).with("last", last);
    }
    KYSO_TRY(transaction.execute(
        "INSERT INTO crl_number (issuer, scope, delta, number, tbs_sha256) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (issuer, scope, delta) DO UPDATE SET number = excluded.number, tbs_sha256 = excluded.tbs_sha256",
        {list.issuer, list.scope, list.is_delta, list.number, list.tbs_sha256}));
    return append(transaction, entry);
  });
}

Result<> Journal::reserve_checkpoint(const std::string& origin, std::int64_t size, ByteView root) {
  return m_database.write([&](db::Transaction& transaction) -> Result<> {
    const auto row = KYSO_TRY(transaction.maybe("SELECT size, root FROM checkpoint WHERE origin = ?", {origin}));
    if (row) {
      const auto last = KYSO_TRY(row->get<std::int64_t>(0));
      const bool is_same = last == size && std::ranges::equal(KYSO_TRY(row->get<Bytes>(1)), root);
      if (is_same) return {};
      if (size <= last) return fail("vault.checkpoint.size", "size {}", size).with("last", last);
    }
    KYSO_TRY(
        transaction.execute("INSERT INTO checkpoint (origin, size, root) VALUES (?, ?, ?) ON CONFLICT (origin) "
                            "DO UPDATE SET size = excluded.size, root = excluded.root",
                            {origin, size, copy(root)}));
    return {};
  });
}

Result<std::int64_t> Journal::uses(const std::string& name, ByteView key_sha256) {
  return m_database.read([&](db::Transaction& transaction) -> Result<std::int64_t> {
    const auto row = KYSO_TRY(
        transaction.maybe("SELECT uses FROM key_use WHERE name = ? AND key_sha256 = ?", {name, copy(key_sha256)}));
    return row ? row->get<std::int64_t>(0) : Result<std::int64_t>(0);
  });
}

Result<> Journal::set_uses(const std::vector<KeyUse>& uses, const std::vector<NewEntry>& entries) {
  return m_database.write([&](db::Transaction& transaction) -> Result<> {
    KYSO_TRY(put_uses(transaction, uses));
    for (const auto& entry : entries) KYSO_TRY(append(transaction, entry));
    return {};
  });
}

Result<std::optional<Bytes>> Journal::own_certificate(ByteView key_sha256) {
  return m_database.read([&](db::Transaction& transaction) -> Result<std::optional<Bytes>> {
    const auto row =
        KYSO_TRY(transaction.maybe("SELECT certificate FROM own_certificate WHERE key_sha256 = ?", {copy(key_sha256)}));
    if (!row) return std::optional<Bytes>();
    return std::optional(KYSO_TRY(row->get<Bytes>(0)));
  });
}

Result<> Journal::set_own_certificate(ByteView key_sha256, const std::string& name, ByteView certificate) {
  return m_database.write([&](db::Transaction& transaction) -> Result<> {
    KYSO_TRY(transaction.execute(
        "INSERT INTO own_certificate (key_sha256, name, certificate) VALUES (?, ?, ?) ON CONFLICT (key_sha256) "
        "DO UPDATE SET certificate = excluded.certificate",
        {copy(key_sha256), name, copy(certificate)}));
    return {};
  });
}

}  // namespace kyso::vault

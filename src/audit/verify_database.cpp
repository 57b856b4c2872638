#include <fmt/format.h>

#include "audit/journal_chain.h"
#include "audit/verify_state.h"
#include "crypto/algorithm.h"
#include "json/json.h"

// What is on record against what the log says.
namespace kyso::audit {
namespace {

constexpr std::chrono::seconds kIntegrationTime{60};  // an event waits no longer for its leaf

Result<> check_records(VerifyState& state, db::Transaction& transaction) {
  const std::uint64_t size = state.report.checkpoint.size;
  std::uint64_t next = 0;
  std::vector<std::string> entries;
  KYSO_TRY(transaction.for_each(
      "SELECT id, at, kind, actor, subject, details, leaf_index FROM audit_event WHERE leaf_index < ? ORDER BY "
      "leaf_index",
      {static_cast<std::int64_t>(size)}, [&](const db::Row& row) -> Result<bool> {
        const auto index = static_cast<std::uint64_t>(KYSO_TRY(row.get<std::int64_t>(6)));
        for (; next < index; ++next) state.problem("audit.record.missing", std::to_string(next));
        if (index % kTileWidth == 0 || entries.empty()) {
          const std::uint64_t number = index / kTileWidth;
          entries = KYSO_TRY(read_entries(state.options.folder, number,
                                          std::min<std::uint64_t>(kTileWidth, size - number * kTileWidth)));
        }
        const Record record{KYSO_TRY(row.get<std::int64_t>(0)), KYSO_TRY(row.get<Instant>(1)),
                            KYSO_TRY(row.get<std::string>(2)),  KYSO_TRY(row.get<std::string>(3)),
                            KYSO_TRY(row.get<std::string>(4)),  KYSO_TRY(row.get<std::string>(5))};
        if (leaf_of(record) != entries[index % kTileWidth])
          state.problem("audit.record.changed", std::to_string(index));
        ++state.report.records;
        ++next;
        return true;
      }));
  for (; next < size; ++next) state.problem("audit.record.missing", std::to_string(next));
  const db::Row waiting = KYSO_TRY(transaction.one(
      "SELECT COUNT(*) FROM audit_event WHERE leaf_index IS NULL AND at < ?", {state.options.now - kIntegrationTime}));
  if (const auto count = KYSO_TRY(waiting.get<std::int64_t>(0)); count > 0)
    state.problem("audit.record.not_integrated", fmt::format("{}", count));
  return {};
}

// Events that the files don't hold yet also count for the state of certificates.
Result<> follow_newer(VerifyState& state, db::Transaction& transaction) {
  return transaction.for_each(
      "SELECT id, at, kind, actor, subject, details FROM audit_event WHERE leaf_index IS NULL OR leaf_index >= ? ORDER "
      "BY COALESCE(leaf_index, 9223372036854775807), id",
      {static_cast<std::int64_t>(state.report.checkpoint.size)}, [&](const db::Row& row) -> Result<bool> {
        const Record record{KYSO_TRY(row.get<std::int64_t>(0)), KYSO_TRY(row.get<Instant>(1)),
                            KYSO_TRY(row.get<std::string>(2)),  KYSO_TRY(row.get<std::string>(3)),
                            KYSO_TRY(row.get<std::string>(4)),  KYSO_TRY(row.get<std::string>(5))};
        follow(state, leaf_of(record), 0);
        return true;
      });
}

Result<> check_certificates(VerifyState& state, db::Transaction& transaction) {
  KYSO_TRY(transaction.for_each(
      "SELECT issuer, serial, state, der, intent FROM certificate", {}, [&](const db::Row& row) -> Result<bool> {
        const std::string place =
            fmt::format("{}/{}", KYSO_TRY(row.get<std::string>(0)), to_hex(KYSO_TRY(row.get<Bytes>(1))));
        ++state.report.certificates;
        const auto logged = state.certificates.find(place);
        if (logged == state.certificates.end()) {
          state.problem("audit.certificate.unlogged", place);
          return true;
        }
        const auto found = KYSO_TRY(row.get<std::string>(2));
        if (found != logged->second.state)
          state.problem("audit.certificate.state", place, fmt::format("{}, log: {}", found, logged->second.state));
        const auto der = KYSO_TRY(row.get<std::optional<Bytes>>(3));
        const std::string sha256 = der ? to_hex(crypto::digest(crypto::DigestAlgorithm::sha256, *der)) : std::string();
        state.recorded[KYSO_TRY(row.get<std::string>(4))] = sha256;
        if (!logged->second.sha256.empty() && sha256 != logged->second.sha256)
          state.problem("audit.certificate.changed", place);
        state.certificates.erase(logged);
        return true;
      }));
  for (const auto& [place, certificate] : state.certificates) state.problem("audit.certificate.missing", place);
  return {};
}

// What the vault signed is on record, with the bytes that it signed.
void check_signed(VerifyState& state, const std::string& place, const std::string& body) {
  const Result<json::Value> parsed = json::parse(body);
  const json::Value* list = parsed ? parsed->find("certificates") : nullptr;
  if (list == nullptr || list->as_array() == nullptr) return state.problem("audit.journal.changed", place);
  for (const json::Value& entry : *list->as_array()) {
    const Result<std::string> intent = json::require_string(entry, "intent"),
                              sha256 = json::require_string(entry, "sha256");
    if (!intent || !sha256) return state.problem("audit.journal.changed", place);
    const auto found = state.recorded.find(*intent);
    if (found == state.recorded.end())
      state.problem("audit.journal.unrecorded", *intent);
    else if (found->second != *sha256)
      state.problem("audit.certificate.changed", *intent);
  }
}

// The copy of the vault's journal: each entry's chain value covers all before it.
Result<> check_journal(VerifyState& state, db::Transaction& transaction) {
  std::int64_t instance = -1, expected = 1;
  Bytes chain;
  return transaction.for_each(
      "SELECT instance, sequence, at, kind, body, chain FROM vault_journal ORDER BY instance, sequence", {},
      [&](const db::Row& row) -> Result<bool> {
        const auto now_instance = KYSO_TRY(row.get<std::int64_t>(0));
        if (now_instance != instance) {
          instance = now_instance;
          expected = 1;
          chain.clear();
        }
        const auto sequence = KYSO_TRY(row.get<std::int64_t>(1));
        const std::string place = fmt::format("{}/{}", instance, sequence);
        if (sequence != expected) state.problem("audit.journal.missing", place);
        const auto kind = KYSO_TRY(row.get<std::string>(3)), body = KYSO_TRY(row.get<std::string>(4));
        const Bytes linked = journal_chain(chain, sequence, KYSO_TRY(row.get<Instant>(2)), kind, body);
        if (kind == "intent.signed") check_signed(state, place, body);
        chain = KYSO_TRY(row.get<Bytes>(5));
        if (sequence == expected && linked != chain) state.problem("audit.journal.changed", place);
        expected = sequence + 1;
        ++state.report.journal_entries;
        return true;
      });
}

}  // namespace

Result<> verify_database(VerifyState& state) {
  return state.options.database->read([&](db::Transaction& transaction) -> Result<> {
    KYSO_TRY(check_records(state, transaction));
    KYSO_TRY(follow_newer(state, transaction));
    KYSO_TRY(check_certificates(state, transaction));
    return check_journal(state, transaction);
  });
}

}  // namespace kyso::audit

#include "registry/organisation/store.h"
#include "registry/organisation/version_json.h"

namespace kyso::registry::store {
namespace {

constexpr std::string_view kChange =
    "SELECT sequence, id, kind, instrument, valid_from, effects, organisations, done, actor, undone FROM "
    "organisation_change ";

Result<ChangeRow> read_change(const db::Row& row) {
  ChangeRow out;
  out.sequence = KYSO_TRY(row.get<std::int64_t>(0));
  out.id = KYSO_TRY(row.get<std::string>(1));
  out.kind = KYSO_TRY(row.get<std::string>(2));
  out.instrument = KYSO_TRY(row.get<std::string>(3));
  out.from = KYSO_TRY(row.get<Instant>(4));
  out.effects = KYSO_TRY(row.get<std::string>(5));
  out.organisations = KYSO_TRY(row.get<std::size_t>(6));
  out.done = KYSO_TRY(row.get<Instant>(7));
  out.actor = KYSO_TRY(row.get<std::string>(8));
  out.undone = KYSO_TRY(row.get<std::optional<Instant>>(9));
  return out;
}

Result<SealRow> read_seal(const db::Row& row) {
  SealRow out;
  out.id = KYSO_TRY(row.get<std::string>(0));
  out.organisation = KYSO_TRY(row.get<std::string>(1));
  out.from = KYSO_TRY(row.get<Instant>(2));
  out.to = KYSO_TRY(row.get<Instant>(3));
  out.diameter_um = KYSO_TRY(row.get<std::int64_t>(4));
  out.width = KYSO_TRY(row.get<std::int64_t>(5));
  out.height = KYSO_TRY(row.get<std::int64_t>(6));
  return out;
}

}  // namespace

Result<> add_change(db::Transaction& transaction, const ChangeRow& change) {
  KYSO_TRY(transaction.execute(
      "INSERT INTO organisation_change (id, kind, instrument, valid_from, effects, organisations, done, actor) VALUES "
      "(?, ?, ?, ?, ?, ?, ?, ?)",
      {change.id, change.kind, change.instrument, change.from, change.effects, change.organisations, change.done,
       change.actor}));
  return {};
}

Result<> add_images(db::Transaction& transaction, const std::string& change, const std::vector<Timeline>& timelines) {
  std::vector<db::Values> rows;
  rows.reserve(timelines.size());
  for (const Timeline& timeline : timelines)
    rows.push_back({change, timeline.id, versions_to_json(timeline.before), versions_to_json(timeline.now)});
  return transaction.execute_many(
      "INSERT INTO organisation_image (change, organisation, before, after) VALUES (?, ?, ?, ?)", rows);
}

Result<std::optional<ChangeRow>> change(db::Transaction& transaction, const std::string& id) {
  const auto row = KYSO_TRY(transaction.maybe(std::string(kChange) + "WHERE id = ?", {id}));
  if (!row) return std::optional<ChangeRow>();
  return std::optional(KYSO_TRY(read_change(*row)));
}

Result<std::vector<ChangeRow>> changes(db::Transaction& transaction, std::int64_t before, std::size_t limit) {
  std::vector<ChangeRow> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(
           std::string(kChange) + "WHERE sequence < ? ORDER BY sequence DESC LIMIT ?", {before, limit}))) {
    out.push_back(KYSO_TRY(read_change(row)));
  }
  return out;
}

Result<std::vector<Timeline>> images(db::Transaction& transaction, const std::string& change) {
  std::vector<Timeline> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(
           "SELECT organisation, before, after FROM organisation_image WHERE change = ? ORDER BY organisation",
           {change}))) {
    Timeline timeline;
    timeline.id = KYSO_TRY(row.get<std::string>(0));
    timeline.before = KYSO_TRY(versions_from_json(KYSO_TRY(row.get<std::string_view>(1)), timeline.id));
    timeline.now = KYSO_TRY(versions_from_json(KYSO_TRY(row.get<std::string_view>(2)), timeline.id));
    out.push_back(std::move(timeline));
  }
  return out;
}

Result<> mark_undone(db::Transaction& transaction, const std::string& id, Instant now) {
  KYSO_TRY(transaction.execute("UPDATE organisation_change SET undone = ? WHERE id = ?", {now, id}));
  return {};
}

Result<> add_seal(db::Transaction& transaction, const SealRow& seal, ByteView image, Instant now) {
  KYSO_TRY(transaction.execute(
      "INSERT INTO organisation_seal (id, organisation, valid_from, valid_to, diameter_um, width, height, image, "
      "added) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {seal.id, seal.organisation, seal.from, seal.to, seal.diameter_um, seal.width, seal.height, image, now}));
  return {};
}

Result<> end_seal(db::Transaction& transaction, const std::string& id, Instant at) {
  KYSO_TRY(transaction.execute("UPDATE organisation_seal SET valid_to = ? WHERE id = ?", {at, id}));
  return {};
}

Result<std::vector<SealRow>> seals(db::Transaction& transaction, const std::string& organisation) {
  std::vector<SealRow> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(
           "SELECT id, organisation, valid_from, valid_to, diameter_um, width, height FROM organisation_seal WHERE "
           "organisation = ? ORDER BY valid_from",
           {organisation}))) {
    out.push_back(KYSO_TRY(read_seal(row)));
  }
  return out;
}

Result<std::optional<Bytes>> seal_image(db::Transaction& transaction, const std::string& id) {
  const auto row = KYSO_TRY(transaction.maybe("SELECT image FROM organisation_seal WHERE id = ?", {id}));
  if (!row) return std::optional<Bytes>();
  return std::optional(KYSO_TRY(row->get<Bytes>(0)));
}

Result<std::vector<StaleRow>> stale(db::Transaction& transaction, Instant now, const std::string& after,
                                    std::size_t limit) {
  std::vector<StaleRow> out;
  for (const db::Row& row : KYSO_TRY(
           transaction.query("SELECT organisation, since FROM organisation_stale WHERE since <= ? AND organisation > ? "
                             "ORDER BY organisation LIMIT ?",
                             {now, after, limit}))) {
    out.push_back({KYSO_TRY(row.get<std::string>(0)), KYSO_TRY(row.get<Instant>(1))});
  }
  return out;
}

Result<bool> remove_stale(db::Transaction& transaction, const std::string& id, Instant since) {
  return KYSO_TRY(transaction.execute("DELETE FROM organisation_stale WHERE organisation = ? AND since <= ?",
                                      {id, since})) > 0;
}

}  // namespace kyso::registry::store

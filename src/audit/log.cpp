#include "audit/log.h"

#include <fmt/format.h>

#include <map>

#include "json/json.h"

namespace kyso::audit {
namespace {

constexpr std::chrono::minutes kQuiet{10};
constexpr std::string_view kStampEvent = "tsa.tokens";  // authority/tsa
constexpr std::string_view kRecordColumns = "id, at, kind, actor, subject, details";

Result<Record> read_record(const db::Row& row) {
  return Record{KYSO_TRY(row.get<std::int64_t>(0)), KYSO_TRY(row.get<Instant>(1)),
                KYSO_TRY(row.get<std::string>(2)),  KYSO_TRY(row.get<std::string>(3)),
                KYSO_TRY(row.get<std::string>(4)),  KYSO_TRY(row.get<std::string>(5))};
}

// The right edge of the tree: on each level the tile that is not full.
class Edge {
 public:
  static Result<Edge> load(db::Transaction& transaction) {
    Edge edge;
    const db::Rows rows =
        KYSO_TRY(transaction.query("SELECT level, number, hashes FROM audit_tile WHERE width < 256 ORDER BY level"));
    for (const db::Row& row : rows)
      edge.m_tiles[KYSO_TRY(row.get<std::size_t>(0))] = {KYSO_TRY(row.get<std::int64_t>(1)),
                                                         KYSO_TRY(row.get<Bytes>(2)), false};
    // A level whose last tile is full goes on with the next number.
    for (const db::Row& row : KYSO_TRY(transaction.query(
             "SELECT level, MAX(number) FROM audit_tile WHERE width = 256 GROUP BY level ORDER BY level")))
      edge.m_tiles.try_emplace(KYSO_TRY(row.get<std::size_t>(0)),
                               Tile{KYSO_TRY(row.get<std::int64_t>(1)) + 1, {}, false});
    return edge;
  }
  void push(ByteView hash, std::size_t level = 0) {
    Tile& tile = m_tiles.try_emplace(level).first->second;
    append(tile.hashes, hash);
    tile.is_changed = true;
    if (tile.hashes.size() < kTileWidth * kHashSize) return;
    const Bytes root = fold(tile.hashes);
    m_full.push_back({std::int64_t(level), tile.number, std::int64_t{kTileWidth}, std::move(tile.hashes)});
    tile = {tile.number + 1, {}, false};
    push(root, level + 1);
  }
  Result<> store(db::Transaction& transaction) {
    std::vector<db::Values> rows = std::move(m_full);
    for (auto& [level, tile] : m_tiles)
      if (tile.is_changed)
        rows.push_back({std::int64_t(level), tile.number, tile.hashes.size() / kHashSize, std::move(tile.hashes)});
    return transaction.execute_many(
        "INSERT INTO audit_tile (level, number, width, hashes) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (level, number) DO UPDATE SET width = excluded.width, hashes = excluded.hashes",
        rows);
  }

 private:
  struct Tile {
    std::int64_t number = 0;
    Bytes hashes;
    bool is_changed = false;
  };
  std::map<std::size_t, Tile> m_tiles;
  std::vector<db::Values> m_full;
};

}  // namespace

std::string leaf_of(const Record& record) {
  json::Value out = json::Value::object();
  out.set("id", record.id)
      .set("at", record.at.time_since_epoch().count())
      .set("kind", record.kind)
      .set("actor", record.actor)
      .set("subject", record.subject);
  std::string text = json::serialize(out);
  text.pop_back();
  return text + ",\"details\":" + record.details + "}";
}

Result<std::size_t> Log::integrate_in(db::Transaction& transaction, std::size_t limit) {
  const db::Rows waiting = KYSO_TRY(transaction.query(
      fmt::format("SELECT {} FROM audit_event WHERE leaf_index IS NULL ORDER BY id LIMIT ?", kRecordColumns), {limit}));
  if (waiting.empty()) return std::size_t{0};
  const db::Row tree = KYSO_TRY(transaction.one("SELECT size FROM audit_tree WHERE name = 'log'"));
  auto index = KYSO_TRY(tree.get<std::int64_t>(0));
  Edge edge = KYSO_TRY(Edge::load(transaction));
  std::vector<db::Values> places;
  for (const db::Row& row : waiting) {
    const Record record = KYSO_TRY(read_record(row));
    edge.push(leaf_hash(as_bytes(leaf_of(record))));
    places.push_back({index++, record.id});
  }
  KYSO_TRY(transaction.execute_many("UPDATE audit_event SET leaf_index = ? WHERE id = ?", places));
  KYSO_TRY(edge.store(transaction));
  KYSO_TRY(transaction.execute("UPDATE audit_tree SET size = ? WHERE name = 'log'", {index}));
  return waiting.size();
}

Result<std::size_t> Log::integrate(std::size_t limit) {
  return m_database.write([&](db::Transaction& transaction) { return integrate_in(transaction, limit); });
}

Result<std::uint64_t> Log::size() {
  const db::Row row = KYSO_TRY(m_database.read(
      [](db::Transaction& transaction) { return transaction.one("SELECT size FROM audit_tree WHERE name = 'log'"); }));
  return static_cast<std::uint64_t>(KYSO_TRY(row.get<std::int64_t>(0)));
}

Result<Bytes> Log::tile(std::size_t level, std::uint64_t number) {
  const std::optional<db::Row> row = KYSO_TRY(m_database.read([&](db::Transaction& transaction) {
    return transaction.maybe("SELECT hashes FROM audit_tile WHERE level = ? AND number = ?",
                             {std::int64_t(level), static_cast<std::int64_t>(number)});
  }));
  if (!row) return Bytes();
  return row->get<Bytes>(0);
}

Result<MerkleTree> Log::tree(std::uint64_t size) {
  // Proofs read the same few tiles again and again.
  auto known = std::make_shared<std::map<std::pair<std::size_t, std::uint64_t>, Bytes>>();
  return MerkleTree(size, [this, known](std::size_t level, std::uint64_t number) -> Result<Bytes> {
    const auto found = known->find({level, number});
    if (found != known->end()) return found->second;
    return known->emplace(std::pair(level, number), KYSO_TRY(tile(level, number))).first->second;
  });
}

Result<std::vector<std::string>> Log::entries(std::uint64_t number) {
  const auto first = static_cast<std::int64_t>(number * kTileWidth);
  const db::Rows rows = KYSO_TRY(m_database.read([&](db::Transaction& transaction) {
    return transaction.query(
        fmt::format("SELECT {} FROM audit_event WHERE leaf_index >= ? AND leaf_index < ? ORDER BY leaf_index",
                    kRecordColumns),
        {first, first + std::int64_t{kTileWidth}});
  }));
  std::vector<std::string> out;
  for (const db::Row& row : rows) out.push_back(leaf_of(KYSO_TRY(read_record(row))));
  return out;
}

Result<bool> Log::holds_only_its_own_stamp(std::uint64_t size) {
  const std::optional<db::Row> row = KYSO_TRY(m_database.read([&](db::Transaction& transaction) {
    return transaction.maybe("SELECT kind FROM audit_event WHERE leaf_index = ?",
                             {static_cast<std::int64_t>(size - 1)});
  }));
  return row && KYSO_TRY(row->get<std::string>(0)) == kStampEvent;
}

Result<std::optional<std::uint64_t>> Log::make_checkpoint(const Notary& notary, Instant now) {
  const std::uint64_t present = KYSO_TRY(size());
  const std::optional<StoredCheckpoint> last = KYSO_TRY(newest_checkpoint());
  if (last && last->size >= present) return std::optional<std::uint64_t>();
  if (last && last->size + 1 == present && now - last->at < kQuiet && KYSO_TRY(holds_only_its_own_stamp(present)))
    return std::optional<std::uint64_t>();
  MerkleTree now_tree = KYSO_TRY(tree(present));
  const Checkpoint checkpoint{notary.origin, present, KYSO_TRY(now_tree.root())};
  const Bytes signature = KYSO_TRY(notary.sign(checkpoint_text(checkpoint)));
  const std::string note = make_note(checkpoint, KYSO_TRY(notary.key()), signature);
  const std::optional<Bytes> time_stamp = KYSO_TRY(notary.time_stamp(as_bytes(note)));
  KYSO_TRY(m_database.write([&](db::Transaction& transaction) {
    return transaction.execute(
        "INSERT INTO audit_checkpoint (size, at, note, time_stamp) VALUES (?, ?, ?, ?) ON CONFLICT (size) DO NOTHING",
        {static_cast<std::int64_t>(present), now, note, time_stamp});
  }));
  return std::optional(present);
}

namespace {

Result<Log::StoredCheckpoint> read_checkpoint(const db::Row& row) {
  return Log::StoredCheckpoint{static_cast<std::uint64_t>(KYSO_TRY(row.get<std::int64_t>(0))),
                               KYSO_TRY(row.get<Instant>(1)), KYSO_TRY(row.get<std::string>(2)),
                               KYSO_TRY(row.get<std::optional<Bytes>>(3))};
}

}  // namespace

Result<std::optional<Log::StoredCheckpoint>> Log::newest_checkpoint() {
  const std::optional<db::Row> row = KYSO_TRY(m_database.read([](db::Transaction& transaction) {
    return transaction.maybe("SELECT size, at, note, time_stamp FROM audit_checkpoint ORDER BY size DESC LIMIT 1");
  }));
  if (!row) return std::optional<StoredCheckpoint>();
  return std::optional(KYSO_TRY(read_checkpoint(*row)));
}

Result<std::vector<Log::StoredCheckpoint>> Log::checkpoints(std::uint64_t after, std::size_t limit) {
  const db::Rows rows = KYSO_TRY(m_database.read([&](db::Transaction& transaction) {
    return transaction.query(
        "SELECT size, at, note, time_stamp FROM audit_checkpoint WHERE size > ? ORDER BY size LIMIT ?",
        {static_cast<std::int64_t>(after), limit});
  }));
  std::vector<StoredCheckpoint> out;
  for (const db::Row& row : rows) out.push_back(KYSO_TRY(read_checkpoint(row)));
  return out;
}

}  // namespace kyso::audit

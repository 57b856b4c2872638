#pragma once
#include <functional>
#include <optional>

#include "audit/checkpoint.h"
#include "audit/merkle.h"
#include "db/database.h"

namespace kyso::audit {

// One record as it was committed.
struct Record {
  std::int64_t id = 0;
  Instant at{};
  std::string kind, actor, subject, details;
};
// The leaf: one line of JSON with these members in this order; `details` as it was recorded. docs/audit.md.
std::string leaf_of(const Record& record);

// Log: the Merkle tree in the database. Any process may read; one integrates at a time (a second one fails and takes
// everything back).
class Log {
 public:
  explicit Log(db::Database& database) : m_database(database) {}

  // Gives waiting events their leaves, at most `limit`; how many.
  Result<std::size_t> integrate(std::size_t limit = 4'096);
  Result<std::uint64_t> size();
  Result<MerkleTree> tree(std::uint64_t size);
  Result<MerkleTree> tree() { return tree(KYSO_TRY(size())); }
  // Hashes of a tile as far as it is filled; empty when there is none.
  Result<Bytes> tile(std::size_t level, std::uint64_t number);
  // Leaves of the tile of that number at level 0.
  Result<std::vector<std::string>> entries(std::uint64_t number);

  // What a checkpoint needs: a signature over its text, and a time-stamp over the note (nullopt: the authority is
  // away).
  struct Notary {
    std::string origin;
    std::function<Result<crypto::PublicKey>()> key;
    std::function<Result<Bytes>(const std::string& text)> sign;
    std::function<Result<std::optional<Bytes>>(ByteView note)> time_stamp;
  };
  // A new checkpoint when the log has grown since the last one; its size. The record of the last checkpoint's own
  // time-stamp is no reason for another one: alone it waits for up to ten minutes.
  Result<std::optional<std::uint64_t>> make_checkpoint(const Notary& notary, Instant now);
  struct StoredCheckpoint {
    std::uint64_t size = 0;
    Instant at{};
    std::string note;
    std::optional<Bytes> time_stamp;
  };
  Result<std::optional<StoredCheckpoint>> newest_checkpoint();
  Result<std::vector<StoredCheckpoint>> checkpoints(std::uint64_t after, std::size_t limit);

 private:
  Result<bool> holds_only_its_own_stamp(std::uint64_t size);
  Result<std::size_t> integrate_in(db::Transaction& transaction, std::size_t limit);
  db::Database& m_database;
};

// Writes the log as files, as auditors take it away (C2SP tlog-tiles): checkpoint, checkpoints/SIZE (and .tst), tile/…,
// tile/entries/…. Complete files are never written again. The size that the files have now.
Result<std::uint64_t> export_files(Log& log, const std::filesystem::path& folder);
// "tile/0/x001/234" or with its width when it isn't full: "tile/0/x001/234.p/17"; level "entries" for the leaves.
std::string tile_path(std::string_view level, std::uint64_t number, std::size_t width);

}  // namespace kyso::audit

#pragma once
#include <functional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

// Merkle trees as RFC 6962 section 2 (RFC 9162 section 2.1) has them: SHA-256, 0x00 before leaves, 0x01 before nodes.
namespace kyso::audit {

inline constexpr std::size_t kHashSize = 32;
inline constexpr std::size_t kTileHeight = 8;
inline constexpr std::size_t kTileWidth = 1U << kTileHeight;

Bytes leaf_hash(ByteView leaf);
Bytes node_hash(ByteView left, ByteView right);
Bytes empty_root();
// The root over a row of hashes of complete subtrees of the same size, 1 to 256 of them.
Bytes fold(ByteView hashes);

// Where a tile's hashes come from; at least as many as the tree's size makes it hold.
using TileReader = std::function<Result<Bytes>(std::size_t level, std::uint64_t number)>;

// MerkleTree: a tree of a fixed size, read from tiles. Errors: those of the reader, audit.tile {level} {number} for one
// that is too short.
class MerkleTree {
 public:
  MerkleTree(std::uint64_t size, TileReader reader) : m_size(size), m_reader(std::move(reader)) {}
  std::uint64_t size() const { return m_size; }
  Result<Bytes> root();
  // RFC 6962 section 2.1.1: from the leaf's sibling up. audit.range {index} {size}.
  Result<std::vector<Bytes>> inclusion_proof(std::uint64_t index);
  // RFC 6962 section 2.1.2: that the tree of `old_size` leaves is the beginning of this one. audit.range.
  Result<std::vector<Bytes>> consistency_proof(std::uint64_t old_size);
  // The root of the first leaves alone.
  Result<Bytes> root_of(std::uint64_t size);

 private:
  Result<Bytes> subtree(std::uint64_t begin, std::uint64_t end);
  Result<Bytes> complete(std::size_t height, std::uint64_t index);
  Result<> path(std::uint64_t index, std::uint64_t begin, std::uint64_t end, std::vector<Bytes>& out);
  Result<> subproof(std::uint64_t old_size, std::uint64_t begin, std::uint64_t end, bool is_whole,
                    std::vector<Bytes>& out);

  std::uint64_t m_size;
  TileReader m_reader;
};

// RFC 9162 sections 2.1.3.2 and 2.1.4.2.
bool verify_inclusion(ByteView leaf, std::uint64_t index, std::uint64_t size, const std::vector<Bytes>& proof,
                      ByteView root);
bool verify_consistency(std::uint64_t old_size, ByteView old_root, std::uint64_t size, ByteView root,
                        const std::vector<Bytes>& proof);

}  // namespace kyso::audit

#include "audit/merkle.h"

#include <algorithm>
#include <bit>

#include "crypto/algorithm.h"

namespace kyso::audit {
namespace {

Bytes sha256(std::uint8_t prefix, ByteView a, ByteView b = {}) {
  Bytes input;
  input.reserve(1 + a.size() + b.size());
  input.push_back(prefix);
  append(input, a);
  append(input, b);
  return crypto::digest(crypto::DigestAlgorithm::sha256, input);
}

// The largest power of two below n (n > 1): where RFC 6962 splits a tree.
std::uint64_t split(std::uint64_t n) {
  return std::bit_floor(n - 1);
}

}  // namespace

Bytes leaf_hash(ByteView leaf) {
  return sha256(0x00, leaf);
}
Bytes node_hash(ByteView left, ByteView right) {
  return sha256(0x01, left, right);
}
Bytes empty_root() {
  return crypto::digest(crypto::DigestAlgorithm::sha256, {});
}

Bytes fold(ByteView hashes) {
  const std::size_t count = hashes.size() / kHashSize;
  if (count == 1) return {hashes.begin(), hashes.end()};
  const std::size_t left = split(count) * kHashSize;
  return node_hash(fold(hashes.first(left)), fold(hashes.subspan(left)));
}

Result<Bytes> MerkleTree::complete(std::size_t height, std::uint64_t index) {
  const std::size_t level = height / kTileHeight, inner = height % kTileHeight;
  const std::uint64_t first = index << inner;
  const std::uint64_t number = first >> kTileHeight;
  const std::size_t offset = (first & (kTileWidth - 1)) * kHashSize, length = (std::size_t{1} << inner) * kHashSize;
  const Bytes tile = KYSO_TRY(m_reader(level, number));
  if (tile.size() < offset + length) return fail("audit.tile").with("level", level).with("number", number);
  return fold(ByteView(tile).subspan(offset, length));
}

Result<Bytes> MerkleTree::subtree(std::uint64_t begin, std::uint64_t end) {
  const std::uint64_t size = end - begin;
  if (std::has_single_bit(size) && begin % size == 0) {
    const auto height = static_cast<std::size_t>(std::countr_zero(size));
    return complete(height, begin >> height);
  }
  const std::uint64_t middle = begin + split(size);
  const Bytes left = KYSO_TRY(subtree(begin, middle));
  return node_hash(left, KYSO_TRY(subtree(middle, end)));
}

Result<Bytes> MerkleTree::root_of(std::uint64_t size) {
  if (size > m_size) return fail("audit.range").with("index", size).with("size", m_size);
  if (size == 0) return empty_root();
  return subtree(0, size);
}

Result<Bytes> MerkleTree::root() {
  return root_of(m_size);
}

Result<> MerkleTree::path(std::uint64_t index, std::uint64_t begin, std::uint64_t end, std::vector<Bytes>& out) {
  if (end - begin == 1) return {};
  const std::uint64_t middle = begin + split(end - begin);
  const bool is_left = index < middle;
  KYSO_TRY(is_left ? path(index, begin, middle, out) : path(index, middle, end, out));
  out.push_back(KYSO_TRY(is_left ? subtree(middle, end) : subtree(begin, middle)));
  return {};
}

Result<std::vector<Bytes>> MerkleTree::inclusion_proof(std::uint64_t index) {
  if (index >= m_size) return fail("audit.range").with("index", index).with("size", m_size);
  std::vector<Bytes> out;
  KYSO_TRY(path(index, 0, m_size, out));
  return out;
}

Result<> MerkleTree::subproof(std::uint64_t old_size, std::uint64_t begin, std::uint64_t end, bool is_whole,
                              std::vector<Bytes>& out) {
  const std::uint64_t size = end - begin;
  if (old_size == size) {
    if (!is_whole) out.push_back(KYSO_TRY(subtree(begin, end)));
    return {};
  }
  const std::uint64_t half = split(size), middle = begin + half;
  if (old_size <= half) {
    KYSO_TRY(subproof(old_size, begin, middle, is_whole, out));
    out.push_back(KYSO_TRY(subtree(middle, end)));
  } else {
    KYSO_TRY(subproof(old_size - half, middle, end, false, out));
    out.push_back(KYSO_TRY(subtree(begin, middle)));
  }
  return {};
}

Result<std::vector<Bytes>> MerkleTree::consistency_proof(std::uint64_t old_size) {
  if (old_size > m_size) return fail("audit.range").with("index", old_size).with("size", m_size);
  std::vector<Bytes> out;
  if (old_size > 0) KYSO_TRY(subproof(old_size, 0, m_size, true, out));
  return out;
}

bool verify_inclusion(ByteView leaf, std::uint64_t index, std::uint64_t size, const std::vector<Bytes>& proof,
                      ByteView root) {
  if (index >= size) return false;
  std::uint64_t fn = index, sn = size - 1;
  Bytes hash(leaf.begin(), leaf.end());
  for (const Bytes& step : proof) {
    if (sn == 0) return false;
    if ((fn & 1U) != 0 || fn == sn) {
      hash = node_hash(step, hash);
      while ((fn & 1U) == 0 && fn != 0) {
        fn >>= 1U;
        sn >>= 1U;
      }
    } else {
      hash = node_hash(hash, step);
    }
    fn >>= 1U;
    sn >>= 1U;
  }
  return sn == 0 && std::ranges::equal(hash, root);
}

bool verify_consistency(std::uint64_t old_size, ByteView old_root, std::uint64_t size, ByteView root,
                        const std::vector<Bytes>& proof) {
  if (old_size > size) return false;
  if (old_size == size) return proof.empty() && std::ranges::equal(old_root, root);
  if (old_size == 0) return proof.empty();
  std::vector<Bytes> steps;
  if (std::has_single_bit(old_size)) steps.emplace_back(old_root.begin(), old_root.end());
  steps.insert(steps.end(), proof.begin(), proof.end());
  if (steps.empty()) return false;
  std::uint64_t fn = old_size - 1, sn = size - 1;
  while ((fn & 1U) != 0) {
    fn >>= 1U;
    sn >>= 1U;
  }
  Bytes first = steps.front(), second = steps.front();
  for (std::size_t i = 1; i < steps.size(); ++i) {
    if (sn == 0) return false;
    if ((fn & 1U) != 0 || fn == sn) {
      first = node_hash(steps[i], first);
      second = node_hash(steps[i], second);
      while ((fn & 1U) == 0 && fn != 0) {
        fn >>= 1U;
        sn >>= 1U;
      }
    } else {
      second = node_hash(second, steps[i]);
    }
    fn >>= 1U;
    sn >>= 1U;
  }
  return sn == 0 && std::ranges::equal(first, old_root) && std::ranges::equal(second, root);
}

}  // namespace kyso::audit

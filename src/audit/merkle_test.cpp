#include "audit/merkle.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <map>

#include "audit/checkpoint.h"
#include "base/test_support.h"
#include "crypto/key_holder.h"

namespace kyso::audit {
namespace {

// RFC 6962 section 2.1 as it is written, without tiles: what the tree must agree with.
Bytes reference_root(const std::vector<Bytes>& leaves) {
  if (leaves.empty()) return empty_root();
  if (leaves.size() == 1) return leaves.front();
  std::size_t k = 1;
  while (k * 2 < leaves.size()) k *= 2;
  const auto middle = leaves.begin() + static_cast<std::ptrdiff_t>(k);
  return node_hash(reference_root({leaves.begin(), middle}), reference_root({middle, leaves.end()}));
}

std::vector<Bytes> leaves_of(std::size_t count) {
  std::vector<Bytes> leaves;
  for (std::size_t i = 0; i < count; ++i) leaves.push_back(leaf_hash(as_bytes("leaf " + std::to_string(i))));
  return leaves;
}

TileReader reader_over(const std::vector<Bytes>& leaves) {
  return [leaves](std::size_t level, std::uint64_t number) -> Result<Bytes> {
    std::size_t span = 1;
    for (std::size_t i = 0; i < level; ++i) span *= kTileWidth;
    Bytes out;
    for (std::size_t i = number * kTileWidth; i < (number + 1) * kTileWidth && (i + 1) * span <= leaves.size(); ++i) {
      const auto begin = leaves.begin() + static_cast<std::ptrdiff_t>(i * span);
      append(out, reference_root({begin, begin + static_cast<std::ptrdiff_t>(span)}));
    }
    return out;
  };
}

}  // namespace

TEST_CASE("roots of the vectors of Certificate Transparency") {
  // The eight leaves that the first implementations of RFC 6962 were tested with.
  std::vector<Bytes> leaves;
  for (const char* hex :
       {"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"})
    leaves.push_back(leaf_hash(must(from_hex(hex))));
  const std::map<std::size_t, std::string> roots = {
      {1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
      {2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
      {3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
      {8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}};
  for (const auto& [size, root] : roots) {
    MerkleTree tree(size, reader_over({leaves.begin(), leaves.begin() + static_cast<std::ptrdiff_t>(size)}));
    CHECK(to_hex(must(tree.root())) == root);
  }
  CHECK(to_hex(empty_root()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("roots, proofs of inclusion and of consistency agree with the definition") {
  CHECK(rc::check([](std::uint16_t a, std::uint16_t b, std::uint16_t c) {
    const std::size_t size = a % 1'500 + 1, old_size = b % (size + 1), index = c % size;
    const std::vector<Bytes> leaves = leaves_of(size);
    MerkleTree tree(size, reader_over(leaves));
    const Bytes root = must(tree.root());
    RC_ASSERT(root == reference_root(leaves));
    const Bytes old_root = must(tree.root_of(old_size));
    RC_ASSERT(old_root == reference_root({leaves.begin(), leaves.begin() + static_cast<std::ptrdiff_t>(old_size)}));

    std::vector<Bytes> proof = must(tree.inclusion_proof(index));
    RC_ASSERT(verify_inclusion(leaves[index], index, size, proof, root));
    RC_ASSERT(size == 1 || !verify_inclusion(leaves[(index + 1) % size], index, size, proof, root));
    if (!proof.empty()) {
      proof.back()[0] ^= 1U;
      RC_ASSERT(!verify_inclusion(leaves[index], index, size, proof, root));
      proof.pop_back();
      RC_ASSERT(!verify_inclusion(leaves[index], index, size, proof, root));
    }

    std::vector<Bytes> consistency = must(tree.consistency_proof(old_size));
    RC_ASSERT(verify_consistency(old_size, old_root, size, root, consistency));
    if (old_size > 0 && old_size < size) {
      Bytes forged = old_root;
      forged[5] ^= 4U;
      RC_ASSERT(!verify_consistency(old_size, forged, size, root, consistency));
      consistency.front()[0] ^= 1U;
      RC_ASSERT(!verify_consistency(old_size, old_root, size, root, consistency));
    }
  }));
}

TEST_CASE("a proof outside of the tree is refused") {
  MerkleTree tree(3, reader_over(leaves_of(3)));
  CHECK(code_of(tree.inclusion_proof(3)) == "audit.range");
  CHECK(code_of(tree.consistency_proof(4)) == "audit.range");
  MerkleTree torn(300, [](std::size_t, std::uint64_t) -> Result<Bytes> { return Bytes(32, 7); });
  CHECK(code_of(torn.root()) == "audit.tile");
}

TEST_CASE("checkpoints are strict") {
  const Checkpoint checkpoint{"kyso.example/audit", 12'345, Bytes(32, 9)};
  const std::string text = checkpoint_text(checkpoint);
  CHECK(must(parse_checkpoint_text(text)) == checkpoint);
  for (const char* bad : {"", "a\n1\n", "a\n01\nCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=\n", "a b\n1\nAAAA\n",
                          "a\n-1\nCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=\n", "a\n1\nAAAA\n"})
    CHECK(code_of(parse_checkpoint_text(bad)) == "audit.checkpoint.malformed");
  CHECK(code_of(parse_checkpoint_text(text + "more\n")) == "audit.checkpoint.malformed");
}

}  // namespace kyso::audit

#pragma once
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "authority/status/status_index.h"

namespace kyso::authority::status {

// An OCSP answer that can be sent again, with the statuses that it tells.
struct PreparedAnswer {
  struct Told {
    StatusIndex::Issuer issuer = 0;
    Bytes serial;
    std::optional<Standing> standing;  // nullopt: not issued
  };
  std::vector<Told> told;
  std::string issuer_name;
  std::shared_ptr<const Bytes> body;  // OCSPResponse
  Instant produced{}, renew_at{};     // sent again from produced until before renew_at
  std::chrono::seconds max_age{0};    // 0: not to be kept by anybody else
  std::string last_modified, expires, entity_tag, cache_control;
};

// AnswerCache: prepared answers by the octets of the request. Bounded; what was not asked for lately goes first
// (CLOCK). It doesn't know whether an answer is still true: whoever takes one compares `told` with the index, so that
// no order of events leads to an outdated one.
class AnswerCache {
 public:
  explicit AnswerCache(std::size_t octets);
  std::shared_ptr<const PreparedAnswer> find(ByteView request);
  void put(ByteView request, std::shared_ptr<const PreparedAnswer> answer);
  std::size_t size() const;
  std::size_t memory() const;

 private:
  struct Entry {
    std::string request;
    std::shared_ptr<const PreparedAnswer> answer;
    std::size_t cost = 0;
    bool was_used = false;
  };
  struct Hash {
    std::uint64_t seed;  // requests are chosen by strangers
    std::size_t operator()(std::string_view text) const;
  };
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    std::list<Entry> entries;  // a ring: the hand stands before the first
    std::unordered_map<std::string_view, std::list<Entry>::iterator, Hash> by_request{16, Hash{0}};
    std::size_t cost = 0;
  };
  static constexpr std::size_t kShards = 16;
  Shard& shard_of(std::string_view request);
  static void make_room(Shard& shard, std::size_t limit);

  const std::size_t m_limit;  // of each shard
  const Hash m_hash;
  std::array<Shard, kShards> m_shards;
};

}  // namespace kyso::authority::status

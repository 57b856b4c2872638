#include "authority/status/answer_cache.h"

#include <cstring>

#include "crypto/algorithm.h"

namespace kyso::authority::status {
namespace {

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  const Bytes random = crypto::random_bytes(sizeof seed);
  std::memcpy(&seed, random.data(), sizeof seed);
  return seed;
}

std::size_t cost_of(std::string_view request, const PreparedAnswer& answer) {
  constexpr std::size_t kAround = 512;  // lists, strings, allocations
  return kAround + request.size() + answer.body->size() + answer.told.size() * (sizeof(PreparedAnswer::Told) + 32);
}

}  // namespace

std::size_t AnswerCache::Hash::operator()(std::string_view text) const {
  __extension__ using Wide = unsigned __int128;
  std::uint64_t state = seed ^ text.size();
  for (std::size_t at = 0; at < text.size(); at += sizeof state) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, std::min(sizeof word, text.size() - at));
    const Wide product = static_cast<Wide>(state ^ word) * (seed | 0x9e3779b97f4a7c15U);
    state = static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U) ^ word;
  }
  return state ^ state >> 32U;
}

AnswerCache::AnswerCache(std::size_t octets) : m_limit(octets / kShards), m_hash{random_seed()} {
  for (Shard& shard : m_shards)
    shard.by_request = std::unordered_map<std::string_view, std::list<Entry>::iterator, Hash>(16, m_hash);
}

AnswerCache::Shard& AnswerCache::shard_of(std::string_view request) {
  return m_shards[m_hash(request) >> 20U & (kShards - 1)];
}

std::shared_ptr<const PreparedAnswer> AnswerCache::find(ByteView request) {
  const std::string_view key = as_chars(request);
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.by_request.find(key);
  if (found == shard.by_request.end()) return nullptr;
  found->second->was_used = true;
  return found->second->answer;
}

// One who was used since the hand passed gets another round.
void AnswerCache::make_room(Shard& shard, std::size_t limit) {
  while (shard.cost > limit && !shard.entries.empty()) {
    Entry& oldest = shard.entries.front();
    if (std::exchange(oldest.was_used, false)) {
      shard.entries.splice(shard.entries.end(), shard.entries, shard.entries.begin());
      continue;
    }
    shard.cost -= oldest.cost;
    shard.by_request.erase(oldest.request);
    shard.entries.pop_front();
  }
}

void AnswerCache::put(ByteView request, std::shared_ptr<const PreparedAnswer> answer) {
  const std::string_view key = as_chars(request);
  const std::size_t cost = cost_of(key, *answer);
  if (cost > m_limit) return;
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  if (const auto found = shard.by_request.find(key); found != shard.by_request.end()) {
    Entry& entry = *found->second;
    shard.cost += cost - entry.cost;
    entry.cost = cost;
    entry.answer = std::move(answer);
  } else {
    shard.entries.push_back({std::string(key), std::move(answer), cost, false});
    shard.by_request.emplace(shard.entries.back().request, std::prev(shard.entries.end()));
    shard.cost += cost;
  }
  make_room(shard, m_limit);
}

std::size_t AnswerCache::size() const {
  std::size_t sum = 0;
  for (const Shard& shard : m_shards) {
    const std::lock_guard lock(shard.mutex);
    sum += shard.entries.size();
  }
  return sum;
}

std::size_t AnswerCache::memory() const {
  std::size_t sum = 0;
  for (const Shard& shard : m_shards) {
    const std::lock_guard lock(shard.mutex);
    sum += shard.cost;
  }
  return sum;
}

}  // namespace kyso::authority::status

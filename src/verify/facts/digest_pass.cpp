#include "verify/facts/digest_pass.h"

#include <algorithm>
#include <map>

namespace kyso::verify {

namespace {

constexpr std::uint64_t kFree = 64U << 20U;  // hashed bytes that any file may cost
constexpr std::size_t kPiece = 256U << 10U;

struct Job {
  SignatureFacts* facts = nullptr;
  std::uint64_t begin = 0, gap = 0, second = 0, end = 0;
};

// Feeds [position, until) to all running digests, reading every byte once.
class Pass {
 public:
  explicit Pass(const pdf::Source& source) : m_source(source) {}

  Result<> run(std::vector<Job> jobs, crypto::DigestAlgorithm algorithm) {
    std::ranges::sort(jobs, {}, &Job::gap);
    enum class Step : std::uint8_t { finish, resume, split };
    std::vector<std::tuple<std::uint64_t, Step, std::size_t>> events;
    for (std::size_t i = 0; i < jobs.size(); ++i) events.emplace_back(jobs[i].gap, Step::split, i);
    std::ranges::sort(events);
    m_prefix.emplace(algorithm);
    std::multimap<std::pair<std::uint64_t, Step>, std::size_t> later;
    std::map<std::size_t, crypto::Digester> waiting;
    std::uint64_t position = jobs.empty() ? 0 : jobs.front().begin;
    std::size_t next = 0;
    while (next < events.size() || !later.empty()) {
      const bool is_later =
          !later.empty() && (next == events.size() || later.begin()->first.first <= std::get<0>(events[next]));
      const std::uint64_t at = is_later ? later.begin()->first.first : std::get<0>(events[next]);
      KYSO_TRY(feed(position, at, next < events.size()));
      position = std::max(position, at);
      if (!is_later) {
        const std::size_t i = std::get<2>(events[next++]);
        waiting.emplace(i, *m_prefix);
        later.emplace(std::pair{std::max(jobs[i].second, jobs[i].gap), Step::resume}, i);
        continue;
      }
      const auto [key, i] = *later.begin();
      later.erase(later.begin());
      if (key.second == Step::resume) {
        auto node = waiting.extract(i);
        m_running.emplace(i, std::move(node.mapped()));
        later.emplace(std::pair{std::max(jobs[i].end, key.first), Step::finish}, i);
      } else {
        const auto running = m_running.find(i);
        jobs[i].facts->digest = running->second.finish();
        m_running.erase(running);
      }
    }
    return {};
  }

 private:
  Result<> feed(std::uint64_t from, std::uint64_t to, bool with_prefix) {
    if (to <= from || (!with_prefix && m_running.empty())) return {};
    const auto update = [&](ByteView bytes) {
      if (with_prefix) m_prefix->update(bytes);
      for (auto& [i, digester] : m_running) digester.update(bytes);
    };
    if (const auto whole = m_source.whole()) {
      update(whole->subspan(from, to - from));
      return {};
    }
    m_piece.resize(kPiece);
    while (from < to) {
      const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, to - from));
      const std::size_t got = KYSO_TRY(m_source.read(from, std::span(m_piece).first(wanted)));
      if (got == 0) return fail("pdf.file.changed", "nothing at {}", from);
      update(ByteView(m_piece).first(got));
      from += got;
    }
    return {};
  }

  const pdf::Source& m_source;
  std::optional<crypto::Digester> m_prefix;
  std::map<std::size_t, crypto::Digester> m_running;
  Bytes m_piece;
};

}  // namespace

Result<> digest_signatures(const pdf::Source& source, std::vector<SignatureRecord>& records) {
  // Those that begin at the same byte share the bytes before their gaps.
  std::map<std::pair<crypto::DigestAlgorithm, std::uint64_t>, std::vector<Job>> groups;
  std::uint64_t left = 8 * source.size() + kFree;
  for (SignatureRecord& record : records) {
    SignatureFacts& facts = record.facts;
    if (!record.covered_end || !facts.digest_algorithm || facts.byte_range.size() != 4) continue;
    Job job{&facts, static_cast<std::uint64_t>(facts.byte_range[0]), 0, 0, *record.covered_end};
    job.gap = std::min(job.begin + static_cast<std::uint64_t>(facts.byte_range[1]), source.size());
    job.second = std::min(static_cast<std::uint64_t>(facts.byte_range[2]), source.size());
    if (job.begin > job.gap || job.gap > job.second || job.second > job.end) continue;
    std::vector<Job>& group = groups[{*facts.digest_algorithm, job.begin}];
    const std::uint64_t cost = (group.empty() ? source.size() - job.begin : 0) + job.end - job.second;
    if (cost > left) {
      facts.findings.push_back(Finding("resource.limit", Severity::failure).with("limit", "digest"));
      continue;
    }
    left -= cost;
    group.push_back(job);
  }
  for (auto& [key, jobs] : groups) KYSO_TRY(Pass(source).run(std::move(jobs), key.first));
  return source.check_unchanged();
}

}  // namespace kyso::verify

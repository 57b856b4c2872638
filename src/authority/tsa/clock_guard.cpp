#include "authority/tsa/clock_guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace kyso::authority::tsa {
namespace {

constexpr std::size_t kSamplesKept = 16;
constexpr Nanoseconds kTrackSpan = 600 * kSecond;
constexpr Nanoseconds kTrackStep = kSecond;
// A drift needs this long to show through the noise of the network.
constexpr Nanoseconds kDriftBase = 30 * kSecond;
constexpr std::int64_t kDay = 86'400;
// After this long a leap second is behind everybody.
constexpr Nanoseconds kLeapOver = 3 * kSecond;

Nanoseconds grow(Nanoseconds age, std::int64_t ppb) {
  return std::max<Nanoseconds>(age, 0) / 1'000'000 * ppb / 1'000;
}

}  // namespace

ClockGuard::ClockGuard(ClockGuardOptions options, std::vector<std::string> sources)
    : m_options(options), m_names(std::move(sources)), m_samples(m_names.size()), m_is_false(m_names.size()) {}

Nanoseconds ClockGuard::grown(const ClockSample& sample, Nanoseconds now) const {
  return sample.bound + grow(now - sample.steady, m_options.max_drift_ppb);
}

void ClockGuard::add(std::size_t source, const ClockSample& sample) {
  if (source >= m_samples.size() || sample.bound < 0 || sample.bound > m_options.max_source_bound) return;
  auto& kept = m_samples[source];
  // A source that moved by more than errors explain has been set: what it said before is worthless. So a good answer
  // of yesterday never hides a bad one of today.
  const auto contradicts = [&](const ClockSample& earlier) {
    return std::llabs(earlier.utc_minus_steady - sample.utc_minus_steady) >
           grown(earlier, sample.steady) + sample.bound;
  };
  if (std::ranges::any_of(kept, contradicts)) kept.clear();
  kept.push_back(sample);
  if (kept.size() > kSamplesKept) kept.pop_front();
}

// Of each source the sample with the smallest bound, which is that with the shortest way (RFC 5905 section 10).
std::vector<ClockGuard::Interval> ClockGuard::intervals(Nanoseconds now) {
  std::vector<Interval> out;
  for (std::size_t i = 0; i < m_samples.size(); ++i) {
    auto& kept = m_samples[i];
    while (!kept.empty() && now - kept.front().steady > m_options.sample_life) kept.pop_front();
    if (kept.empty()) continue;
    const ClockSample& best = *std::ranges::min_element(kept, {}, [&](const auto& s) { return grown(s, now); });
    const Nanoseconds bound = grown(best, now);
    out.push_back({.source = i,
                   .low = best.utc_minus_steady - bound,
                   .high = best.utc_minus_steady + bound,
                   .leap = kept.back().leap});
  }
  return out;
}

// Marzullo's intersection: the span that most sources hold for possible. Sources outside of it are wrong.
std::optional<ClockGuard::Agreement> ClockGuard::agree(const std::vector<Interval>& all) const {
  std::size_t best = 0;
  Agreement found;
  for (const Interval& candidate : all) {
    Agreement agreement{.low = candidate.low, .high = candidate.high, .sources = {}, .leap = LeapSecond::none};
    // The best span begins where one of the intervals begins.
    for (const Interval& other : all)
      if (other.low <= candidate.low && candidate.low <= other.high) {
        agreement.sources.push_back(other.source);
        agreement.high = std::min(agreement.high, other.high);
      }
    if (agreement.sources.size() < best) continue;
    // Two spans that equally many support mean that nobody knows.
    const bool is_tie = agreement.sources.size() == best && (agreement.low > found.high || agreement.high < found.low);
    best = agreement.sources.size();
    found = std::move(agreement);
    if (is_tie) found.sources.clear();
  }
  if (found.sources.size() < m_options.quorum || found.sources.size() * 2 <= m_names.size()) return std::nullopt;
  for (const LeapSecond kind : {LeapSecond::insertion, LeapSecond::deletion}) {
    std::size_t announced = 0;
    for (const Interval& interval : all)
      if (interval.leap == kind && std::ranges::count(found.sources, interval.source) != 0) ++announced;
    if (announced * 2 >= found.sources.size()) found.leap = kind;
  }
  return found;
}

void ClockGuard::tell_false_sources(const std::vector<Interval>& all, const Agreement& agreement) {
  for (const Interval& interval : all) {
    const bool is_false = std::ranges::count(agreement.sources, interval.source) == 0;
    if (is_false && !m_is_false[interval.source])
      m_events.push_back({"clock.source.false", fmt::format("{} differs by {} ns", m_names[interval.source],
                                                            interval.middle() - (agreement.low + agreement.high) / 2)});
    m_is_false[interval.source] = is_false;
  }
}

// All sources together moved against the steady clock. Either they lie together, or the machine stood still (a virtual
// machine that was stopped). Both end the trust; it comes back when sources and system clock have agreed for a while.
bool ClockGuard::check_jump(const Agreement& agreement, const ClockReading& now) {
  const bool is_leaping = m_leap != LeapSecond::none && now.utc >= m_leap_at * kSecond - kLeapOver;
  if (m_memory && !is_leaping) {
    const Nanoseconds growth = grow(now.steady - m_memory->steady, m_options.max_drift_ppb);
    if (agreement.low > m_memory->high + growth || agreement.high < m_memory->low - growth) {
      m_quarantine_until = now.steady + m_options.jump_quarantine;
      m_events.push_back(
          {"clock.jumped", fmt::format("all sources moved by {} ns",
                                       (agreement.low + agreement.high - m_memory->low - m_memory->high) / 2)});
      m_track.clear();
    }
  }
  m_memory = Memory{.steady = now.steady, .low = agreement.low, .high = agreement.high};
  if (m_quarantine_until && now.steady >= *m_quarantine_until) m_quarantine_until.reset();
  return !m_quarantine_until;
}

// The slope of UTC against the steady clock, which is the error of the machine's oscillator (less what the kernel
// corrects of it).
bool ClockGuard::check_drift(const Agreement& agreement, Nanoseconds now) {
  const Nanoseconds middle = agreement.low + (agreement.high - agreement.low) / 2;
  if (m_track.empty() || now - m_track.back().first >= kTrackStep) m_track.emplace_back(now, middle);
  while (now - m_track.front().first > kTrackSpan) m_track.pop_front();
  const Nanoseconds span = m_track.back().first - m_track.front().first;
  if (span < kDriftBase) return true;
  const double count = static_cast<double>(m_track.size());
  double mean_x = 0, mean_y = 0, xy = 0, xx = 0;
  const auto x_of = [&](const auto& point) { return static_cast<double>(point.first - m_track.front().first); };
  const auto y_of = [&](const auto& point) { return static_cast<double>(point.second - m_track.front().second); };
  for (const auto& point : m_track) {
    mean_x += x_of(point) / count;
    mean_y += y_of(point) / count;
  }
  for (const auto& point : m_track) {
    xy += (x_of(point) - mean_x) * (y_of(point) - mean_y);
    xx += (x_of(point) - mean_x) * (x_of(point) - mean_x);
  }
  m_drift_ppb = static_cast<std::int64_t>(xy / xx * 1e9);
  return std::llabs(m_drift_ppb) <= m_options.max_drift_ppb;
}

void ClockGuard::watch_leap(const Agreement& agreement, const ClockReading& now) {
  LeapSecond announced = agreement.leap;
  if (announced == LeapSecond::none && m_kernel) announced = m_kernel->leap;
  const std::int64_t utc = now.utc / kSecond;
  if (m_leap == LeapSecond::none && announced != LeapSecond::none) {
    m_leap = announced;
    m_leap_at = (utc / kDay + 1) * kDay;
    m_events.push_back({"clock.leap", fmt::format("leap second at {}", m_leap_at)});
  } else if (m_leap != LeapSecond::none && announced == LeapSecond::none && utc < m_leap_at - kDay / 2) {
    m_leap = LeapSecond::none;  // it was announced by mistake
  } else if (m_leap != LeapSecond::none && now.utc > m_leap_at * kSecond + kLeapOver) {
    m_leap = LeapSecond::none;
    m_track.clear();  // UTC made its step
  }
}

ClockState ClockGuard::assess(const std::optional<Agreement>& agreement, const ClockReading& now) {
  if (!m_first) m_first = now.steady;
  if (!agreement) {
    const bool may_come = m_state == ClockState::starting && now.steady - *m_first < m_options.sample_life;
    return may_come ? ClockState::starting : ClockState::no_quorum;
  }
  if (!check_jump(*agreement, now)) return ClockState::sources_jumped;
  if (!check_drift(*agreement, now.steady)) return ClockState::drift;
  if (m_options.needs_kernel && !(m_kernel && m_kernel->is_synchronised)) return ClockState::unsynchronised;
  return ClockState::trusted;
}

void ClockGuard::enter(ClockState state, std::string_view detail) {
  if (state == m_state) return;
  if (state == ClockState::trusted) {
    m_events.push_back({"clock.trusted", std::string(detail)});
  } else if (m_state == ClockState::trusted || m_state == ClockState::starting) {
    m_events.push_back({"clock.lost", fmt::format("{}: {}", name_of(state), detail)});
  }
  m_state = state;
}

ClockStatus ClockGuard::evaluate(const ClockReading& now) {
  const std::vector<Interval> all = intervals(now.steady);
  const std::optional<Agreement> agreement = agree(all);
  const ClockState assessed = assess(agreement, now);
  m_good = assessed == ClockState::trusted ? m_good + 1 : 0;
  const std::string detail =
      fmt::format("{} of {} sources agree", agreement ? agreement->sources.size() : 0, m_names.size());
  if (assessed != ClockState::trusted) enter(assessed, detail);
  if (m_good >= m_options.settle) enter(ClockState::trusted, detail);

  ClockStatus status;
  status.state = m_state;
  status.is_trial = m_options.is_trial;
  status.measured = now;
  status.drift_bound_ppb = m_options.max_drift_ppb;
  status.expires = now.steady + m_options.status_life;
  status.drift_ppb = m_drift_ppb;
  status.sources = static_cast<std::uint32_t>(m_names.size());
  status.count = ++m_count;
  if (agreement) {
    tell_false_sources(all, *agreement);
    watch_leap(*agreement, now);
    const Nanoseconds middle = agreement->low + (agreement->high - agreement->low) / 2;
    status.offset = (now.utc - now.steady) - middle;
    status.bound = (agreement->high - agreement->low) / 2;
    status.agreeing = static_cast<std::uint32_t>(agreement->sources.size());
  }
  status.leap = m_leap;
  status.leap_at = m_leap_at;
  return status;
}

}  // namespace kyso::authority::tsa

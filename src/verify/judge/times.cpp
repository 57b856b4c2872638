#include "verify/judge/session.h"

// What the signer's computer said against what is proven. A time is never shifted: both are shown, and what may have
// happened is told.
namespace kyso::verify {
namespace {

constexpr std::chrono::minutes kSameSigning{1};
constexpr std::chrono::minutes kZoneTolerance{30};  // between the clock of the computer and the time-stamp

std::string minutes_text(std::chrono::seconds duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::minutes>(duration).count());
}

}  // namespace

void add_time_findings(const Times& times, const Policy& policy, const Weigher& weigher,
                       std::vector<WeightedFinding>& out) {
  const auto add = [&](std::string_view code, Instant other, std::chrono::seconds difference) {
    Finding finding = make_finding(code);
    finding.with("claimed", iso8601_vietnam(*times.claimed)).with("other", iso8601_vietnam(other));
    out.push_back(weigher.weigh(std::move(finding.with("minutes", minutes_text(difference)))));
  };
  if (!times.claimed) return;
  const Instant claimed = *times.claimed;
  if (times.signing_time && std::chrono::abs(claimed - *times.signing_time) > kSameSigning)
    add("time.signing-time-differs", *times.signing_time, claimed - *times.signing_time);
  if (const auto stamp = times.time_stamp ? times.time_stamp : times.proven) {
    const std::chrono::seconds ahead = claimed - *stamp;
    // Wall-clock time of Viet Nam, written as if it were UTC.
    if (std::chrono::abs(ahead - kVietNamOffset) <= kZoneTolerance) return add("time.local-as-utc", *stamp, ahead);
    if (ahead > policy.clock_tolerance) return add("time.claimed-after-timestamp", *stamp, ahead);
    // A later time-stamp of the document says nothing about how long the signer took.
    if (times.time_stamp && -ahead > policy.clock_tolerance) return add("time.claimed-differs", *stamp, ahead);
    return;
  }
  if (claimed > times.now + policy.clock_tolerance) add("time.claimed-future", times.now, claimed - times.now);
}

}  // namespace kyso::verify

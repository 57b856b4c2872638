#include "authority/tsa/clock_status.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

namespace kyso::authority::tsa {

std::string_view name_of(ClockState state) {
  switch (state) {
    case ClockState::starting:
      return "starting";
    case ClockState::trusted:
      return "trusted";
    case ClockState::no_quorum:
      return "no-quorum";
    case ClockState::sources_jumped:
      return "sources-jumped";
    case ClockState::drift:
      return "drift";
    case ClockState::unsynchronised:
      return "unsynchronised";
    case ClockState::stopped:
      return "stopped";
  }
  return "unknown";
}

std::string_view name_of(ClockRefusal refusal) {
  switch (refusal) {
    case ClockRefusal::none:
      return "none";
    case ClockRefusal::missing:
      return "no status of the clock monitor";
    case ClockRefusal::stale:
      return "the clock monitor's status is stale";
    case ClockRefusal::untrusted:
      return "the clock is not trusted";
    case ClockRefusal::outside:
      return "the clock is outside the declared accuracy";
    case ClockRefusal::jumped:
      return "the clock was set";
    case ClockRefusal::leap_second:
      return "a leap second is near";
    case ClockRefusal::trial:
      return "the clock is compared with itself only";
  }
  return "unknown";
}

std::string_view vietnamese(ClockState state) {
  switch (state) {
    case ClockState::starting:
      return "đang khởi động";
    case ClockState::trusted:
      return "đáng tin";
    case ClockState::no_quorum:
      return "không đủ nguồn thời gian khớp nhau";
    case ClockState::sources_jumped:
      return "mọi nguồn thời gian cùng nhảy";
    case ClockState::drift:
      return "đồng hồ của máy trôi quá nhanh";
    case ClockState::unsynchronised:
      return "hệ điều hành báo đồng hồ chưa được đồng bộ";
    case ClockState::stopped:
      return "đã dừng";
  }
  return "không rõ";
}

Error refused_time(ClockRefusal refusal, std::source_location where) {
  constexpr std::array<std::pair<ClockRefusal, std::string_view>, 7> kCodes{
      {{ClockRefusal::missing, "authority.tsa.time.missing"},
       {ClockRefusal::stale, "authority.tsa.time.stale"},
       {ClockRefusal::untrusted, "authority.tsa.time.untrusted"},
       {ClockRefusal::outside, "authority.tsa.time.outside"},
       {ClockRefusal::jumped, "authority.tsa.time.jumped"},
       {ClockRefusal::leap_second, "authority.tsa.time.leap"},
       {ClockRefusal::trial, "authority.tsa.time.trial"}}};
  for (const auto& [each, code] : kCodes)
    if (each == refusal) return Error(code, std::string(name_of(refusal)), where);
  return Error("authority.tsa.time.untrusted", std::string(name_of(refusal)), where);
}

namespace {

// Beside a leap second, for the differences between machines in the moment at which they do it.
constexpr Nanoseconds kLeapGuard = 2 * kSecond;
// A step of the system clock that small is part of its error, not a jump.
constexpr Nanoseconds kJumpTolerance = 10 * kMillisecond;

bool is_near_leap(const ClockStatus& status, Nanoseconds utc) {
  return status.leap != LeapSecond::none && std::llabs(utc - status.leap_at * kSecond) <= kLeapGuard;
}

}  // namespace

ClockVerdict judge(const ClockStatus& status, const ClockReading& now, Nanoseconds accuracy, bool allows_trial) {
  const Nanoseconds age = now.steady - status.measured.steady;
  // A measurement of the future was made by another machine, or before it was started anew.
  if (age < -kSecond || now.steady >= status.expires) return {ClockRefusal::stale};
  if (status.state != ClockState::trusted) return {ClockRefusal::untrusted};
  if (status.is_trial && !allows_trial) return {ClockRefusal::trial};
  if (is_near_leap(status, now.utc)) return {ClockRefusal::leap_second};
  const Nanoseconds since = std::max<Nanoseconds>(age, 0);
  // Below one second of life times 10⁹: no overflow.
  const Nanoseconds growth = since / 1'000'000 * status.drift_bound_ppb / 1'000 + kMicrosecond;
  const Nanoseconds step = (now.utc - status.measured.utc) - age;
  if (std::llabs(step) > kJumpTolerance + growth) return {ClockRefusal::jumped};
  const Nanoseconds error = std::llabs(status.offset + step) + status.bound + growth;
  if (error > accuracy) return {ClockRefusal::outside};
  return {ClockRefusal::none, error};
}

}  // namespace kyso::authority::tsa

#include "authority/tsa/policy.h"

#include <algorithm>
#include <optional>

#include "crypto/der.h"

namespace kyso::authority::tsa {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kPerSecond = 1'000'000'000;

// Written as it is read back: "1.2.704.1".
bool is_oid(std::string_view text) {
  if (!std::ranges::all_of(text, [](char c) { return c == '.' || (c >= '0' && c <= '9'); })) return false;
  const Bytes encoded = crypto::der::encode_oid(text);
  crypto::der::Reader reader(encoded);
  const auto element = reader.next();
  const auto back = element ? crypto::der::read_oid(element->content) : Result<std::string>(element.error());
  return back && *back == text;
}

Result<std::int64_t> number_within(const TomlReader& reader, const std::string& key, std::int64_t fallback,
                                   std::int64_t low, std::int64_t high) {
  const std::int64_t value = KYSO_TRY(reader.get_int(key)).value_or(fallback);
  if (value < low || value > high) return reader.invalid(key, fmt::format("{} ({}…{})", value, low, high));
  return value;
}

Result<milliseconds> milliseconds_within(const TomlReader& reader, const std::string& key, milliseconds fallback,
                                         std::int64_t low, std::int64_t high) {
  return milliseconds(KYSO_TRY(number_within(reader, key, fallback.count(), low, high)));
}

Result<std::vector<crypto::DigestAlgorithm>> read_digests(const TomlReader& reader, const std::string& key,
                                                          bool is_legacy) {
  const auto names = KYSO_TRY(reader.get_strings(key));
  std::vector<crypto::DigestAlgorithm> digests;
  for (const std::string& name : names.value_or(std::vector<std::string>{"sha256", "sha384", "sha512"})) {
    const auto digest = crypto::digest_by_name(name);
    if (!digest) return reader.invalid(key, name);
    if (*digest == crypto::DigestAlgorithm::sha1 && !is_legacy) return reader.invalid(key, "sha1: legacy = true");
    if (std::ranges::count(digests, *digest) != 0) return reader.invalid(key, fmt::format("{} × 2", name));
    digests.push_back(*digest);
  }
  if (digests.empty()) return reader.invalid(key, "[]");
  return digests;
}

Result<Policy> read_policy(const TomlReader& reader, const std::string& prefix) {
  const auto key = [&](std::string_view name) { return fmt::format("{}.{}", prefix, name); };
  Policy policy;
  policy.oid = KYSO_TRY(reader.require_string(key("oid")));
  if (!is_oid(policy.oid)) return reader.invalid(key("oid"), policy.oid);
  policy.name = KYSO_TRY(reader.get_string(key("name"))).value_or(policy.oid);
  // EN 319 421 section 7.7.1: an accuracy of 1 second or better.
  const double accuracy = KYSO_TRY(reader.get_double(key("accuracy"))).value_or(1.0);
  if (!(accuracy >= 0.001 && accuracy <= 1.0))
    return reader.invalid(key("accuracy"), fmt::format("{} (0.001…1)", accuracy));
  policy.accuracy = static_cast<Nanoseconds>(accuracy * static_cast<double>(kPerSecond) + 0.5) / 1'000 * 1'000;
  policy.is_ordered = KYSO_TRY(reader.get_bool(key("ordering"))).value_or(false);
  policy.is_legacy = KYSO_TRY(reader.get_bool(key("legacy"))).value_or(false);
  policy.is_trial = KYSO_TRY(reader.get_bool(key("trial"))).value_or(false);
  policy.digests = KYSO_TRY(read_digests(reader, key("digests"), policy.is_legacy));
  return policy;
}

Result<std::vector<Policy>> read_policies(const TomlReader& reader) {
  std::vector<Policy> policies;
  for (std::size_t i = 0; i < reader.count("tsa.policy"); ++i) {
    const std::string prefix = fmt::format("tsa.policy[{}]", i);
    Policy policy = KYSO_TRY(read_policy(reader, prefix));
    if (std::ranges::find(policies, policy.oid, &Policy::oid) != policies.end())
      return reader.invalid(prefix + ".oid", fmt::format("{} × 2", policy.oid));
    // Who does not ask for the legacy policy by name must not get it.
    if (policies.empty() && policy.is_legacy) return reader.invalid(prefix + ".legacy", "[[tsa.policy]] 1");
    policies.push_back(std::move(policy));
  }
  return policies;
}

}  // namespace

Result<TsaOptions> read_tsa_options(const TomlReader& reader) {
  TsaOptions options;
  options.is_enabled = KYSO_TRY(reader.get_bool("tsa.enabled")).value_or(reader.contains("tsa"));
  options.path = KYSO_TRY(reader.get_string("tsa.path")).value_or(options.path);
  if (!options.path.starts_with('/')) return reader.invalid("tsa.path", options.path);
  options.policies = KYSO_TRY(read_policies(reader));
  if (options.is_enabled && options.policies.empty()) return reader.invalid("tsa", "[[tsa.policy]]");
  options.has_name = KYSO_TRY(reader.get_bool("tsa.name_in_token")).value_or(options.has_name);
  options.sends_root = KYSO_TRY(reader.get_bool("tsa.send_root")).value_or(options.sends_root);
  options.signer = KYSO_TRY(reader.get_string("tsa.signer")).value_or("");
  options.max_batch = static_cast<std::size_t>(KYSO_TRY(number_within(reader, "tsa.max_batch", 64, 1, 1'000)));
  options.max_waiting = static_cast<std::size_t>(KYSO_TRY(number_within(reader, "tsa.max_waiting", 4'096, 1, 100'000)));
  options.serial_block = KYSO_TRY(number_within(reader, "tsa.serial_block", options.serial_block, 16, 1 << 20));
  options.ordering_lease =
      KYSO_TRY(milliseconds_within(reader, "tsa.ordering_lease_ms", options.ordering_lease, 1'000, 60'000));
  options.refresh = KYSO_TRY(milliseconds_within(reader, "tsa.refresh_ms", options.refresh, 100, 600'000));
  options.clock_status = KYSO_TRY(reader.get_string("tsa.clock_status")).value_or(options.clock_status.string());
  options.clock_owners = KYSO_TRY(reader.get_strings("tsa.clock_owners")).value_or(std::vector<std::string>{});
  return options;
}

Result<ClockOptions> read_clock_options(const TomlReader& reader) {
  ClockOptions options;
  ClockGuardOptions& guard = options.monitor.guard;
  options.servers = KYSO_TRY(reader.get_strings("clock.servers")).value_or(std::vector<std::string>{});
  guard.is_trial = KYSO_TRY(reader.get_bool("clock.own_clock")).value_or(false);
  if (guard.is_trial && !options.servers.empty()) return reader.invalid("clock.own_clock", "clock.servers");
  if (!guard.is_trial && options.servers.empty()) return reader.invalid("clock", "servers = []");
  const auto count = static_cast<std::int64_t>(guard.is_trial ? 1 : options.servers.size());
  // More than half, and three where there are as many: two that lie alike are then found out.
  const std::int64_t usual = std::max<std::int64_t>(count / 2 + 1, std::min<std::int64_t>(count, 3));
  guard.quorum = static_cast<std::size_t>(KYSO_TRY(number_within(reader, "clock.quorum", usual, count / 2 + 1, count)));
  guard.needs_kernel = KYSO_TRY(reader.get_bool("clock.needs_kernel")).value_or(!guard.is_trial);
  guard.max_drift_ppb = KYSO_TRY(number_within(reader, "clock.max_drift_ppm", 500, 1, 100'000)) * 1'000;
  const milliseconds source_bound =
      KYSO_TRY(milliseconds_within(reader, "clock.max_source_error_ms", milliseconds(250), 1, 1'000));
  guard.max_source_bound = source_bound.count() * kMillisecond;
  options.monitor.poll = KYSO_TRY(milliseconds_within(reader, "clock.poll_ms", options.monitor.poll, 50, 64'000));
  options.monitor.timeout = std::min(options.monitor.poll, milliseconds(1'000));
  // A source may miss three questions before it is forgotten.
  guard.sample_life = std::max<Nanoseconds>(4 * options.monitor.poll.count() * kMillisecond, kSecond);
  options.status = KYSO_TRY(reader.get_string("clock.status")).value_or(options.status.string());
  return options;
}

std::vector<std::unique_ptr<TimeSource>> make_sources(const ClockOptions& options, const PreciseClock& clock) {
  std::vector<std::unique_ptr<TimeSource>> sources;
  if (options.monitor.guard.is_trial) sources.push_back(own_clock_source(clock));
  for (const std::string& server : options.servers) sources.push_back(ntp_source(server, clock));
  return sources;
}

}  // namespace kyso::authority::tsa

#include "authority/tsa/service.h"

#include <algorithm>
#include <future>

#include "authority/tsa/service_state.h"
#include "base/log.h"

namespace kyso::authority::tsa {
namespace {

constexpr std::size_t kIssuers = 2;

Bytes answer_of(const Result<Bytes>& token) {
  return token ? encode_granted(*token) : encode_refusal(refusal_of(token.error()));
}

}  // namespace

TimeStampAuthority::State::State(TsaOptions given, Surroundings around)
    : options(std::move(given)), surroundings(around), owner(to_hex(crypto::random_bytes(12))) {}

TimeStampAuthority::State::~State() {
  issuers.clear();
  background = {};
  if (ordered_time.last() > 0) {
    const auto released = release_ordering(surroundings.database, owner, ordered_time.last());
    if (!released) log::write(log::Level::warning, "tsa.ordering.release", released.error());
  }
}

ClockVerdict TimeStampAuthority::State::judge_clock(const Policy& policy, const ClockReading& now) const {
  const auto status = surroundings.status.status();
  if (!status) return {ClockRefusal::missing};
  return judge(*status, now, policy.accuracy, policy.is_trial);
}

std::vector<std::shared_ptr<const ActiveSigner>> TimeStampAuthority::State::signers_at(Instant now) const {
  const std::scoped_lock lock(signers_mutex);
  std::vector<std::shared_ptr<const ActiveSigner>> valid;
  for (const auto& signer : signers)
    if (signer->from <= now && now <= signer->until) valid.push_back(signer);
  return valid;
}

// What can be said without waiting for others.
Result<> TimeStampAuthority::State::admit(ByteView query, Pending& out) const {
  out.query = KYSO_TRY(read_query(query));
  const auto& policies = options.policies;
  const auto policy =
      out.query.policy.empty() ? policies.begin() : std::ranges::find(policies, out.query.policy, &Policy::oid);
  if (policy == policies.end())
    return fail("authority.tsa.policy", "policy {}", out.query.policy).with("policy", out.query.policy);
  if (std::ranges::find(policy->digests, out.query.algorithm) == policy->digests.end()) {
    const std::string_view name = crypto::name_of(out.query.algorithm);
    return fail("authority.tsa.algorithm", "{} is not accepted under policy {}", name, policy->oid)
        .with("algorithm", name);
  }
  out.policy = &*policy;
  const ClockVerdict verdict = judge_clock(*policy, surroundings.clock.read());
  if (verdict.refusal != ClockRefusal::none) return refused_time(verdict.refusal);
  out.request_sha256 = crypto::digest(crypto::DigestAlgorithm::sha256, query);
  return {};
}

TimeStampAuthority::TimeStampAuthority(std::unique_ptr<State> state) : m_state(std::move(state)) {}
TimeStampAuthority::~TimeStampAuthority() = default;

std::unique_ptr<TimeStampAuthority> TimeStampAuthority::start(TsaOptions options, Surroundings surroundings) {
  auto state = std::make_unique<State>(std::move(options), surroundings);
  State* shared = state.get();
  shared->refresh();
  shared->renew_ordering();
  shared->background = std::jthread([shared](const std::stop_token& stop) { shared->run(stop); });
  for (std::size_t i = 0; i < kIssuers; ++i)
    shared->issuers.emplace_back([shared](const std::stop_token& stop) { shared->serve(stop); });
  return std::unique_ptr<TimeStampAuthority>(new TimeStampAuthority(std::move(state)));
}

Result<Bytes> TimeStampAuthority::token(ByteView query) {
  const auto made = std::make_shared<std::promise<Result<Bytes>>>();
  auto token = made->get_future();
  m_state->submit(query, [made](Result<Bytes> result) { made->set_value(std::move(result)); });
  return token.get();
}

Bytes TimeStampAuthority::answer(ByteView query) {
  return answer_of(token(query));
}

void TimeStampAuthority::answer_later(ByteView query, std::move_only_function<void(Bytes)> taker) {
  m_state->submit(query, [taker = std::move(taker)](Result<Bytes> token) mutable { taker(answer_of(token)); });
}

Result<> TimeStampAuthority::check() const {
  const ClockReading now = m_state->surroundings.clock.read();
  const ClockVerdict verdict = m_state->judge_clock(m_state->options.policies.front(), now);
  if (verdict.refusal != ClockRefusal::none) return refused_time(verdict.refusal);
  if (m_state->signers_at(to_instant(now.utc)).empty()) {
    const std::scoped_lock lock(m_state->signers_mutex);
    return fail("authority.tsa.signer", "{}", m_state->signer_fault).with("reason", m_state->signer_fault);
  }
  return {};
}

TimeStampAuthority::Statistics TimeStampAuthority::statistics() const {
  return {.granted = m_state->granted,
          .refused = m_state->refused,
          .refused_for_time = m_state->refused_for_time,
          .batches = m_state->batches,
          .failures = m_state->failures};
}

std::string TimeStampAuthority::metrics() const {
  const Statistics now = statistics();
  std::string out;
  const auto counter = [&](std::string_view name, std::string_view help, std::uint64_t value) {
    out += fmt::format("# HELP kyso_tsa_{0} {1}\n# TYPE kyso_tsa_{0} counter\nkyso_tsa_{0} {2}\n", name, help, value);
  };
  const auto gauge = [&](std::string_view name, std::string_view help, double value) {
    out += fmt::format("# HELP kyso_tsa_{0} {1}\n# TYPE kyso_tsa_{0} gauge\nkyso_tsa_{0} {2}\n", name, help, value);
  };
  counter("tokens_total", "Time-stamp tokens issued.", now.granted);
  counter("refusals_total", "Requests that got no token.", now.refused);
  counter("time_refusals_total", "Of these, because the clock was not trusted.", now.refused_for_time);
  counter("failures_total", "Of these, because the vault or the database failed.", now.failures);
  counter("batches_total", "Batches signed and recorded together.", now.batches);
  const auto status = m_state->surroundings.status.status();
  constexpr double kNanosecond = 1e-9;
  gauge("clock_trusted", "1 when tokens under the default policy can be issued.", check() ? 1 : 0);
  if (status) {
    gauge("clock_offset_seconds", "System clock less UTC, as measured.",
          static_cast<double>(status->offset) * kNanosecond);
    gauge("clock_bound_seconds", "How far the measurement may be wrong.",
          static_cast<double>(status->bound) * kNanosecond);
    gauge("clock_drift_ppm", "Drift of the machine's oscillator.", static_cast<double>(status->drift_ppb) / 1'000);
    gauge("clock_sources_agreeing", "Sources of time that agree.", status->agreeing);
  }
  return out;
}

}  // namespace kyso::authority::tsa

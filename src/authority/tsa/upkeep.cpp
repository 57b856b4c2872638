#include <algorithm>
#include <chrono>

#include "audit/audit.h"
#include "authority/tsa/service_state.h"
#include "base/log.h"

// What goes on beside the requests: which keys there are, the right to promise order, what happened to the clock.
namespace kyso::authority::tsa {
namespace {

constexpr std::chrono::milliseconds kBeat{100};
constexpr Nanoseconds kRetry = kSecond / 2;  // while the vault is away
constexpr int kMinInstance = 1, kMaxInstance = 127;

}  // namespace

void TimeStampAuthority::State::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    bool is_due = false;
    {
      std::unique_lock lock(signers_mutex);
      background_woken.wait_for(lock, stop, kBeat, [&] { return must_refresh; });
      is_due = std::exchange(must_refresh, false);
    }
    if (stop.stop_requested()) break;
    const Nanoseconds now = surroundings.clock.read().steady;
    const Nanoseconds usual = options.refresh.count() * kMillisecond;
    const Nanoseconds pause = is_vault_away ? std::min(usual, kRetry) : usual;
    if (is_due || now - refreshed >= pause) refresh();
    renew_ordering();
    follow_clock();
  }
}

void TimeStampAuthority::State::refresh() {
  refreshed = surroundings.clock.read().steady;
  const auto state = surroundings.vault.state();
  is_vault_away = !state;
  std::vector<std::string> reasons;
  std::string fault;
  std::vector<std::shared_ptr<const ActiveSigner>> usable;
  if (!state) {
    fault = fmt::format("{}: {}", state.error().code, state.error().detail);
  } else if (state->instance < kMinInstance || state->instance > kMaxInstance) {
    fault = fmt::format("the vault's instance number is {}", state->instance);
  } else {
    const SignerRules rules{.name = options.signer, .has_name = options.has_name, .sends_root = options.sends_root};
    usable = usable_signers(state->signers, rules, reasons);
    for (const std::string& reason : reasons) fault += fmt::format("{}{}", fault.empty() ? "" : "; ", reason);
    if (fault.empty() && usable.empty()) fault = "the vault has no key for time-stamps";
  }
  const Instant now = to_instant(surroundings.clock.read().utc);
  {
    const std::scoped_lock lock(signers_mutex);
    signer_fault = fault;
    // A vault that does not answer for a moment takes nothing away: its keys are tried.
    if (!state) return;
    signers = std::move(usable);
    if (!serials && fault.find("instance") == std::string::npos)
      serials = std::make_shared<SerialSource>(state->instance, options.serial_block,
                                               [this](int instance, std::int64_t count, std::int64_t floor) {
                                                 return reserve_serials(surroundings.database, instance, count, floor);
                                               });
  }
  const auto valid = signers_at(now);
  const std::string name =
      valid.empty() ? "" : fmt::format("{} {}", valid.front()->name, valid.front()->writer.certificate().serial_hex());
  if (name == told_signer) return;
  next_check = 0;  // the first token of another key is read back
  tell(name.empty() ? "tsa.signer.lost" : "tsa.signer", name.empty() ? told_signer : name, fault);
  told_signer = name;
}

void TimeStampAuthority::State::renew_ordering() {
  const auto ordered = std::ranges::find_if(options.policies, &Policy::is_ordered);
  if (ordered == options.policies.end()) return;
  const ClockReading now = surroundings.clock.read();
  const Nanoseconds lease = options.ordering_lease.count() * kMillisecond;
  if (grant_until - now.utc > lease / 2 && grant_until - now.utc <= 2 * lease) return;
  // A clock that is wrong would reserve times that are not its own.
  if (judge_clock(*ordered, now).refusal != ClockRefusal::none) return;
  const auto grant =
      acquire_ordering(surroundings.database, owner, now.utc / kMicrosecond, (now.utc + lease) / kMicrosecond);
  if (!grant) {
    log::write(log::Level::warning, "tsa.ordering", grant.error());
    return;  // the present right ends by itself
  }
  const bool had_grant = grant_until > now.utc;
  if (!*grant) {
    ordered_time.end_grant();
    grant_until = 0;
    if (had_grant) log::write(log::Level::warning, "tsa.ordering.lost");
    return;
  }
  ordered_time.grant(now.utc / kMicrosecond, (*grant)->until_us);
  grant_until = (*grant)->until_us * kMicrosecond;
}

void TimeStampAuthority::State::follow_clock() {
  const ClockVerdict verdict = judge_clock(options.policies.front(), surroundings.clock.read());
  if (told_refusal == verdict.refusal) return;
  const bool is_good = verdict.refusal == ClockRefusal::none;
  if (is_good || !told_refusal || *told_refusal == ClockRefusal::none)
    tell(is_good ? "tsa.time.trusted" : "tsa.time.lost", options.policies.front().oid,
         std::string(name_of(verdict.refusal)));
  told_refusal = verdict.refusal;
}

void TimeStampAuthority::State::tell(const std::string& kind, const std::string& subject, const std::string& reason) {
  log::write(log::Level::info, kind, {{"subject", subject}, {"reason", reason}});
  audit::Event event{.kind = kind, .actor = "system:kysod", .subject = subject, .details = json::Value::object()};
  event.details.set("reason", reason);
  const Instant now = to_instant(surroundings.clock.read().utc);
  const auto written = surroundings.database.write([&](db::Transaction& transaction) -> Result<> {
    KYSO_TRY(audit::append(transaction, event, now));
    return {};
  });
  if (!written) log::write(log::Level::error, "tsa.audit", written.error());
}

}  // namespace kyso::authority::tsa

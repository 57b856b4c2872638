#include <exception>

#include "authority/tsa/service_state.h"
#include "base/log.h"
#include "pki/time_stamp.h"

namespace kyso::authority::tsa {
namespace {

// Whole tokens are read back as a client does, the first of each key and then one in each such span: to check each
// would cost three times the signature itself. The vault checks signatures too: one of each batch, or each
// (verify_each).
constexpr Nanoseconds kSelfCheckEvery = kSecond;

}  // namespace

void TimeStampAuthority::State::submit(ByteView query, std::move_only_function<void(Result<Bytes>)> taker) {
  auto pending = std::make_unique<Pending>();
  pending->taker = std::move(taker);
  if (const auto admitted = admit(query, *pending); !admitted) return settle(*pending, admitted.error());
  bool wakes = false;
  {
    const std::lock_guard lock(mutex);
    if (queue.size() < options.max_waiting) {
      queue.push_back(std::move(pending));
      wakes = idle > 0;
    }
  }
  if (pending) return settle(*pending, fail("authority.tsa.busy", "too many requests wait"));
  if (wakes) waiting.notify_one();
}

void TimeStampAuthority::State::settle(Pending& pending, Result<Bytes> token) {
  if (token) {
    ++granted;
  } else {
    ++refused;
    const Failure failure = refusal_of(token.error()).failure;
    if (failure == Failure::time_not_available) ++refused_for_time;
    if (failure == Failure::system_failure) {
      ++failures;
      log::write(log::Level::error, "tsa.failure", token.error());
    }
  }
  std::exchange(pending.taker, nullptr)(std::move(token));
}

// Takes what waits, works without the lock, and tells everybody. What waits at the end is issued still.
void TimeStampAuthority::State::serve(const std::stop_token& stop) {
  while (true) {
    std::vector<std::unique_ptr<Pending>> taken;
    {
      std::unique_lock lock(mutex);
      ++idle;
      waiting.wait(lock, stop, [&] { return !queue.empty(); });
      --idle;
      if (queue.empty()) return;
      while (!queue.empty() && taken.size() < options.max_batch) {
        taken.push_back(std::move(queue.front()));
        queue.pop_front();
      }
    }
    std::vector<Pending*> batch;
    for (const auto& each : taken) batch.push_back(each.get());
    try {
      process(batch);
      for (Pending* each : batch) settle(*each, std::move(each->token));
    } catch (const std::exception& exception) {  // memory exhausted: nobody may wait for ever
      for (Pending* each : batch)
        if (each->taker) settle(*each, fail("base.internal", "{}", exception.what()));
    }
  }
}

void TimeStampAuthority::State::process(const std::vector<Pending*>& batch) {
  ++batches;
  const auto valid = signers_at(to_instant(surroundings.clock.read().utc));
  Result<> done = fail("authority.tsa.signer", "no key for time-stamps is available");
  for (const auto& signer : valid) {
    done = issue(batch, *signer);
    if (done || done.error().code != "vault.key.unavailable") break;
    // Its token is away: the next key takes over, and the vault is asked what it has.
    const std::scoped_lock lock(signers_mutex);
    must_refresh = true;
    background_woken.notify_all();
  }
  if (done) return;
  // The vault found one of them wrong: the others shall not suffer by it.
  if (done.error().code == "vault.tsa.content" && batch.size() > 1) {
    for (Pending* each : batch) process({each});
    return;
  }
  for (Pending* each : batch) each->token = done.error();
}

// Serial number, then time, then everything that hangs on them.
Result<> TimeStampAuthority::State::write_info(Pending& pending, const ActiveSigner& signer, Bytes serial) {
  const ClockReading now = surroundings.clock.read();
  const ClockVerdict verdict = judge_clock(*pending.policy, now);
  if (verdict.refusal != ClockRefusal::none) return refused_time(verdict.refusal);
  std::int64_t time = now.utc / kMicrosecond;
  bool is_ordered = false;
  if (pending.policy->is_ordered) {
    const std::int64_t ordered = ordered_time.take(time);
    // A clock that went back a little makes the sequence run ahead of it: this is an error of the time like any other.
    if (ordered > 0 && (ordered - time) * kMicrosecond + verdict.error_bound > pending.policy->accuracy)
      return fail("authority.tsa.time.ordering", "the order of times runs ahead of the clock");
    is_ordered = ordered > 0;
    if (is_ordered) time = ordered;
  }
  const Query& query = pending.query;
  pending.info = signer.writer.info({.policy = pending.policy->oid,
                                     .imprint_algorithm = query.imprint_algorithm,
                                     .imprint = query.imprint,
                                     .serial = serial,
                                     .time_us = time,
                                     .accuracy_us = pending.policy->accuracy / kMicrosecond,
                                     .is_ordered = is_ordered,
                                     .nonce = query.nonce});
  pending.attributes = signer.writer.signed_attributes(pending.info);
  pending.record = {.serial = std::move(serial),
                    .time_us = time,
                    .policy = pending.policy->oid,
                    .is_ordered = is_ordered,
                    .algorithm = std::string(crypto::name_of(query.algorithm)),
                    .imprint = query.imprint,
                    .signer = signer.writer.certificate().sha256(),
                    .request_sha256 = pending.request_sha256,
                    .token_sha256 = {}};
  return {};
}

Result<std::vector<Bytes>> TimeStampAuthority::State::sign(const std::vector<Pending*>& alive,
                                                           const ActiveSigner& signer) {
  std::vector<vault::Vault::TimeStampInput> inputs;
  inputs.reserve(alive.size());
  for (Pending* each : alive) inputs.push_back({.tst_info = each->info, .signed_attributes = each->attributes});
  auto signatures = KYSO_TRY(surroundings.vault.sign_time_stamps(signer.name, inputs));
  if (signatures.size() != alive.size())
    return fail("vault.protocol", "{} signatures for {} tokens", signatures.size(), alive.size());
  return signatures;
}

Result<> TimeStampAuthority::State::self_check(const Pending& pending, const ActiveSigner& signer, ByteView signature) {
  const Nanoseconds now = surroundings.clock.read().steady;
  Nanoseconds due = next_check;
  if (now < due || !next_check.compare_exchange_strong(due, now + kSelfCheckEvery)) return {};
  const Bytes token = signer.writer.token(pending.info, pending.attributes, signature, true);
  const auto read = pki::read_token(token, pending.query.algorithm, pending.query.imprint);
  const bool is_same = read && read->authority.sha256() == pending.record.signer &&
                       read->policy == pending.policy->oid &&
                       read->time == to_instant(pending.record.time_us * kMicrosecond);
  if (is_same) return {};
  next_check = 0;
  return fail("authority.tsa.self_check", "{}", read ? "it says another thing" : read.error().detail);
}

Result<> TimeStampAuthority::State::issue(const std::vector<Pending*>& batch, const ActiveSigner& signer) {
  std::shared_ptr<SerialSource> source;
  {
    const std::scoped_lock lock(signers_mutex);
    source = serials;
  }
  if (!source) return fail("authority.tsa.signer", "the vault's instance is not known");
  const Instant now = to_instant(surroundings.clock.read().utc);
  std::vector<Bytes> numbers = KYSO_TRY(source->take(batch.size(), now));
  std::vector<Pending*> alive;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto written = write_info(*batch[i], signer, std::move(numbers[i]));
    if (written)
      alive.push_back(batch[i]);
    else
      batch[i]->token = written.error();
  }
  if (alive.empty()) return {};
  const std::vector<Bytes> signatures = KYSO_TRY(sign(alive, signer));
  KYSO_TRY(self_check(*alive.front(), signer, signatures.front()));
  std::vector<TokenRecord> records;
  std::vector<Bytes> tokens;
  for (std::size_t i = 0; i < alive.size(); ++i) {
    tokens.push_back(
        signer.writer.token(alive[i]->info, alive[i]->attributes, signatures[i], alive[i]->query.wants_certificates));
    alive[i]->record.token_sha256 = crypto::digest(crypto::DigestAlgorithm::sha256, tokens[i]);
    records.push_back(std::move(alive[i]->record));
  }
  // No token without its record: not on a full disk, not when the database is away.
  KYSO_TRY(record_tokens(surroundings.database, records, now));
  for (std::size_t i = 0; i < alive.size(); ++i) alive[i]->token = std::move(tokens[i]);
  return {};
}

}  // namespace kyso::authority::tsa

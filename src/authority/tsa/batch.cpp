#include <exception>

#include "authority/tsa/service_state.h"
#include "base/log.h"
#include "pki/time_stamp.h"

namespace kyso::authority::tsa {
namespace {

// While one batch is being committed, the next is being signed.
constexpr std::size_t kMaxLeaders = 2;
// Whole tokens are read back as a client does, the first of each key and then one in each such span: to check each
// would cost three times the signature itself. The vault checks signatures too: one of each batch, or each
// (verify_each).
constexpr Nanoseconds kSelfCheckEvery = kSecond;

}  // namespace

Result<Bytes> TimeStampAuthority::State::enqueue(Pending& pending) {
  std::unique_lock lock(mutex);
  if (queue.size() >= options.max_waiting) return fail("authority.tsa.busy", "too many requests wait");
  queue.push_back(&pending);
  while (pending.stage != Pending::Stage::done) {
    if (pending.stage == Pending::Stage::waiting && leaders < kMaxLeaders) {
      lead(lock);
    } else {
      pending.woken.wait(lock);
    }
  }
  return std::move(pending.token);
}

// Takes what waits, works without the lock, and tells everybody; then the next waiting thread may lead.
void TimeStampAuthority::State::lead(std::unique_lock<std::mutex>& lock) {
  std::vector<Pending*> batch;
  while (!queue.empty() && batch.size() < options.max_batch) {
    batch.push_back(queue.front());
    batch.back()->stage = Pending::Stage::taken;
    queue.pop_front();
  }
  if (++leaders < kMaxLeaders && !queue.empty()) queue.front()->woken.notify_one();
  lock.unlock();
  try {
    process(batch);
  } catch (const std::exception& exception) {  // memory exhausted: nobody may wait for ever
    for (Pending* each : batch) each->token = fail("base.internal", "{}", exception.what());
  }
  lock.lock();
  --leaders;
  for (Pending* each : batch) {
    each->stage = Pending::Stage::done;
    each->woken.notify_one();
  }
  if (!queue.empty()) queue.front()->woken.notify_one();
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

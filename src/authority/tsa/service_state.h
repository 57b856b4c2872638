#pragma once
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "authority/tsa/serials.h"
#include "authority/tsa/service.h"
#include "authority/tsa/signers.h"
#include "authority/tsa/store.h"

// Private to the authority's service.
namespace kyso::authority::tsa {

// A request on its way through a batch.
struct Pending {
  Query query;
  const Policy* policy = nullptr;
  Bytes request_sha256;

  Bytes info, attributes;
  TokenRecord record;
  Result<Bytes> token = fail("authority.tsa.busy", "not answered");
  std::move_only_function<void(Result<Bytes>)> taker;  // told once
};

struct TimeStampAuthority::State {
  State(TsaOptions given, Surroundings around);
  ~State();

  const TsaOptions options;
  const Surroundings surroundings;

  // What waits for one of the threads that issue: while one batch is being committed, the next is being signed.
  std::mutex mutex;
  std::condition_variable_any waiting;
  std::deque<std::unique_ptr<Pending>> queue;
  std::size_t idle = 0;  // of these threads
  std::vector<std::jthread> issuers;

  // What the background thread keeps.
  mutable std::mutex signers_mutex;
  std::vector<std::shared_ptr<const ActiveSigner>> signers;
  std::shared_ptr<SerialSource> serials;
  std::string signer_fault = "the vault was not asked yet";
  std::condition_variable_any background_woken;
  bool must_refresh = false;

  OrderedTime ordered_time;
  const std::string owner;
  std::atomic<Nanoseconds> next_check{0};  // when a token's signature is verified here again

  std::atomic<std::uint64_t> granted = 0, refused = 0, refused_for_time = 0, batches = 0, failures = 0;
  std::jthread background;

  // service.cpp
  Result<> admit(ByteView query, Pending& out) const;
  ClockVerdict judge_clock(const Policy& policy, const ClockReading& now) const;
  std::vector<std::shared_ptr<const ActiveSigner>> signers_at(Instant now) const;

  // batch.cpp
  void submit(ByteView query, std::move_only_function<void(Result<Bytes>)> taker);
  void settle(Pending& pending, Result<Bytes> token);
  void serve(const std::stop_token& stop);
  void process(const std::vector<Pending*>& batch);
  Result<> issue(const std::vector<Pending*>& batch, const ActiveSigner& signer);
  Result<> write_info(Pending& pending, const ActiveSigner& signer, Bytes serial);
  Result<std::vector<Bytes>> sign(const std::vector<Pending*>& alive, const ActiveSigner& signer);
  Result<> self_check(const Pending& pending, const ActiveSigner& signer, ByteView signature);

  // upkeep.cpp: the background thread
  void run(const std::stop_token& stop);
  void refresh();
  void renew_ordering();
  void follow_clock();
  void tell(const std::string& kind, const std::string& subject, const std::string& reason);
  std::optional<ClockRefusal> told_refusal;
  std::string told_signer;
  Nanoseconds refreshed = 0, grant_until = 0;
  bool is_vault_away = false;
};

}  // namespace kyso::authority::tsa

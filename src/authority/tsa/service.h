#pragma once
#include <memory>
#include <string>

#include "authority/tsa/policy.h"
#include "db/database.h"
#include "net/http_server.h"
#include "vault/vault.h"

// The time-stamping authority (RFC 3161, RFC 5816, EN 319 421, EN 319 422). docs/tsa.md.
namespace kyso::authority::tsa {

// TimeStampAuthority: answers requests, from many threads.
//
// Requests that arrive while others are being signed travel together: to the vault, and into the database with one
// commit. Nobody waits for others to come. A token leaves only when its record is durable: a full disk ends issuing.
// For every token the clock is judged at the moment that its time is taken.
class TimeStampAuthority {
 public:
  struct Surroundings {
    vault::Vault& vault;
    db::Database& database;
    const PreciseClock& clock;
    const ClockStatusSource& status;
  };
  // A vault that does not answer does not hinder the start: it is asked again, and until then check() says why.
  static std::unique_ptr<TimeStampAuthority> start(TsaOptions options, Surroundings surroundings);
  ~TimeStampAuthority();

  // A TimeStampResp, always: a token or why there is none.
  Bytes answer(ByteView query);
  // The same without a thread that waits: `taker` is told once, by this thread or another one.
  void answer_later(ByteView query, std::move_only_function<void(Bytes)> taker);
  // The token, for this process's own use (checkpoints of the audit log): ContentInfo. authority.tsa.*.
  Result<Bytes> token(ByteView query);

  // Whether a token under the default policy could be issued now: authority.tsa.time.*, authority.tsa.signer.
  Result<> check() const;
  struct Statistics {
    std::uint64_t granted = 0, refused = 0, refused_for_time = 0, batches = 0, failures = 0;
  };
  Statistics statistics() const;
  std::string metrics() const;  // Prometheus text format 0.0.4

 private:
  struct State;
  explicit TimeStampAuthority(std::unique_ptr<State> state);
  std::unique_ptr<State> m_state;
};

// POST of application/timestamp-query (RFC 3161 section 3.4); what programs of today send instead is taken as well.
std::vector<net::Route> time_stamp_routes(TimeStampAuthority& authority, const std::string& path);

}  // namespace kyso::authority::tsa

#include "verify/evidence/collector.h"

#include "verify/evidence/status_fetcher.h"

namespace kyso::verify {
namespace {

// A chain is as long as its rounds: each brings certificates whose own status may be missing.
constexpr int kMostRounds = 16;
// A time of judging this near is the present.
constexpr std::chrono::seconds kPresent = std::chrono::minutes(10);

}  // namespace

Collected collect_evidence(const DocumentFacts& facts, const Evidence& given, const pki::TrustStore& trust,
                           const Policy& policy, Instant time, const Fetch& fetch, const CollectorOptions& options) {
  Exchange exchange(fetch, options);
  EvidenceBasket basket(facts, given);
  StatusFetcher fetcher(exchange, basket, trust, time, options);
  const Instant start = exchange.now();
  const bool is_present = time >= start - kPresent && time <= start + kPresent;
  const auto judging_time = [&] { return is_present ? std::max(time, exchange.last_answer().value_or(time)) : time; };
  for (int round = 0; round < kMostRounds && !exchange.is_spent(); ++round) {
    const MissingEvidence missing = find_missing(facts, basket.evidence(), trust, policy, judging_time());
    if (fetcher.use_cached(missing)) continue;
    bool added = false;
    std::size_t waiting = missing.without_issuer.size() + missing.without_status.size();
    for (const auto& certificate : missing.without_issuer) {
      exchange.expect(waiting--);
      added = fetcher.fetch_issuer(certificate) || added;
    }
    for (const auto& status : missing.without_status) {
      exchange.expect(waiting--);
      added = fetcher.fetch_status(status) || added;
    }
    if (!added) break;
  }
  Collected collected;
  collected.time = judging_time();
  collected.evidence = std::move(basket).take();
  collected.findings = std::move(exchange).findings();
  return collected;
}

}  // namespace kyso::verify

#pragma once
#include <filesystem>
#include <functional>

#include "verify/judge/judge.h"

// Fetching is apart from judging: this asks the services that certificates name, keeps every answer as evidence, and
// concludes nothing.
namespace kyso::verify {

struct FetchRequest {
  std::string url;  // http or https
  std::string content_type, accept;
  Bytes body;  // empty: GET
  std::size_t max_size = 0;
  std::chrono::milliseconds timeout{10'000};
};
struct FetchReply {
  int status = 0;
  Bytes body;
  std::optional<Instant> expires;  // Expires or Cache-Control
};
using Fetch = std::function<Result<FetchReply>(const FetchRequest&)>;  // apps wire net::http_exchange to it

struct CollectorOptions {
  std::filesystem::path cache_folder;         // empty: nothing is kept between runs
  std::size_t max_crl_size = 64U << 20U;      // larger lists are refused: verify.fetch.too_large
  std::size_t max_requests = 64;              // per document
  std::chrono::milliseconds timeout{10'000};  // each
  std::chrono::milliseconds total_timeout{60'000};
  bool prefer_ocsp = true;  // OCSP first, then delta CRL, then CRL
  std::function<void(std::size_t done, std::size_t of, const std::string& what)> progress;
};

struct Collected {
  Evidence evidence;              // given + fetched
  std::vector<Finding> findings;  // what could not be fetched: verify.fetch.unreachable {url} {reason},
                                  // verify.fetch.refused {url} {status}, verify.fetch.too_large, verify.fetch.malformed
};
// Repeats find_missing() and fetching until nothing is missing, nothing new comes or a limit is met (new certificates
// need their own status). Answers are parsed before they are kept; a cached answer is used until its nextUpdate, or
// as HTTP says when that is sooner, and only when it is produced after what is asked for. Thread-safe.
Collected collect_evidence(const DocumentFacts& facts, const Evidence& given, const pki::TrustStore& trust,
                           const Policy& policy, Instant time, const Fetch& fetch, const CollectorOptions& options);

// Evidence saved as JSON with everything that a judgement needs beside the facts: items, trust anchors, policy, time.
struct SavedJudgement {
  DocumentFacts facts;
  Evidence evidence;
  pki::TrustStore trust;
  Policy policy;
  Instant time{};
  std::string to_json() const;
  static Result<SavedJudgement> from_json(std::string_view json);  // verify.evidence.malformed {member}
};

}  // namespace kyso::verify

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
  std::string location{};          // of a redirection (status 301, 302, 303, 307, 308)
};
using Fetch = std::function<Result<FetchReply>(const FetchRequest&)>;  // apps wire net::http_exchange to it

struct CollectorOptions {
  std::filesystem::path cache_folder;         // empty: nothing is kept between runs
  std::size_t max_crl_size = 64U << 20U;      // larger lists are refused: verify.fetch.too_large
  std::size_t max_requests = 64;              // per document
  std::chrono::milliseconds timeout{10'000};  // each
  std::chrono::milliseconds total_timeout{60'000};
  bool prefer_ocsp = true;       // OCSP first, then delta CRL, then CRL
  const Clock* clock = nullptr;  // for lifetimes and for when an item was fetched; nullptr: the system's
  std::function<void(std::size_t done, std::size_t of, const std::string& what)> progress;
};

struct Collected {
  Evidence evidence;  // given + fetched
  // What could not be fetched: verify.fetch.unreachable {url} {reason}, verify.fetch.refused {url} {status} (of HTTP or
  // OCSP), verify.fetch.too_large {url} {limit}, verify.fetch.malformed {url} {reason}, verify.fetch.address {url} (not
  // http or https, or with a password), verify.fetch.no_address {subject} (it names no service; a note),
  // verify.fetch.limit {limit}.
  std::vector<Finding> findings;
  // As of when to judge: the time asked for; or, when that was the present, when the last answer had come. An answer
  // made a second after the start would be one from the future otherwise.
  Instant time{};
};
// Repeats find_missing() and fetching until nothing is missing, nothing new comes or a limit is met (new certificates
// need their own status). Answers are parsed before they are kept; a cached answer is used until its nextUpdate, or
// as HTTP says when that is sooner, and only when it is produced after what is asked for. Addresses other than http and
// https, or with a user name, are never asked; private ones are, since networks of the state use them. Thread-safe.
Collected collect_evidence(const DocumentFacts& facts, const Evidence& given, const pki::TrustStore& trust,
                           const Policy& policy, Instant time, const Fetch& fetch, const CollectorOptions& options);

// Evidence saved as JSON with everything that a judgement needs beside the facts: items, trust anchors, policy, time.
// Canonical: the same judgement gives the same bytes. What is larger than json::parse() takes can't be read back.
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

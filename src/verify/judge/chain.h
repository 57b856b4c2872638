#pragma once
#include "verify/judge/evidence_book.h"
#include "verify/judge/weigher.h"

// Private to the folder: certificates at a time: EN 319 102-1 sections 5.2.5 (revocation freshness), 5.2.6 (X.509
// validation), 5.6.2 (past certificate validation).
namespace kyso::verify {

// What is asked about a certificate.
struct ChainRequest {
  pki::ParsedCertificate target;
  pki::Purpose purpose = pki::Purpose::any;
  // When what it signed is proven to have existed (`is_proven`), else the time of judging.
  Instant at{};
  bool is_proven = false;
  // When it was made: genTime of a time-stamp; of a signature what is claimed (not later than the time of judging).
  std::optional<Instant> made;
  bool is_time_stamp = false;
  // A time-stamp was made together with the signature: what lies after it was signed after it.
  bool is_proven_by_own_time_stamp = false;
  // It was made after this: time-stamps stand in what it signs.
  std::optional<Instant> not_before;
  auto key() const {
    return std::tuple(Bytes(target.sha256().begin(), target.sha256().end()), purpose, at, is_proven, made,
                      is_time_stamp, is_proven_by_own_time_stamp, not_before);
  }
};

struct ChainResult {
  std::vector<CertificateVerdict> certificates;  // target first
  std::string anchor;                            // empty: no path
  std::vector<WeightedFinding> findings;
  // Answers that the judgement rests on, those about their signers too.
  std::vector<pki::RevocationAnswer> used;
  // Every certificate but the anchor has a status that was known after `made`, or needs none.
  bool is_conclusive = false;
  bool is_in_file = false;  // every certificate but the anchor
  std::optional<Instant> try_again;
  std::optional<Instant> ends;  // when the first of the certificates or algorithms loses its strength
};

class ChainJudge {
 public:
  ChainJudge(EvidenceBook& book, const pki::TrustStore& trust, const Policy& policy, const Weigher& weigher,
             Instant time)
      : m_book(book), m_trust(trust), m_policy(policy), m_weigher(weigher), m_time(time) {}

  const ChainResult& judge(const ChainRequest& request);
  // After new proofs came into the book: what was concluded without them is asked anew.
  void forget_conclusions() {
    m_status.clear();
    m_results.clear();
  }
  // What the judgements so far lacked.
  MissingEvidence take_missing();
  // Whether a scheme and key are trusted by the rules at `at`; if not, the finding.
  std::optional<WeightedFinding> check_strength(const pki::AlgorithmRules& rules, std::string_view code,
                                                crypto::SignatureScheme scheme, int bits, Instant at,
                                                bool is_proven) const;
  std::optional<WeightedFinding> check_strength(const pki::AlgorithmRules& rules, std::string_view code,
                                                crypto::DigestAlgorithm digest, Instant at, bool is_proven) const;

 private:
  enum class Demand : std::uint8_t {
    after,     // produced after the time: the signer's own certificate
    in_force,  // or in force at it: authorities, time-stamp authorities, signers of answers
    fresh,     // no time is proven: in force at the time of judging
  };
  struct StatusRequest {
    const pki::Path& path;
    std::size_t place;  // of the certificate in it
    Demand demand;
    Instant at;                   // the answer must be produced after it, or be in force at it
    std::optional<Instant> made;  // fresh: not produced before it
  };
  enum class Verdict : std::uint8_t {
    good,
    not_published,
    revoked,
    on_hold,
    too_old,
    incomplete,
    unknown,
    out_of_bounds,
    signer_unchecked,
    missing
  };
  struct Status {
    Verdict verdict = Verdict::missing;
    std::optional<pki::RevocationAnswer> answer;
    std::vector<pki::RevocationAnswer> used;
    std::vector<Finding> ignored;
    bool is_after = false;                           // produced after the time, not only in force
    std::optional<pki::RevocationAnswer> last_good;  // the newest usable one, however old
    std::optional<Instant> next_update;
  };
  enum class Usability : std::uint8_t { usable, too_weak, forgetful, endless, out_of_bounds, signer_unchecked };

  pki::PathResult find_path(const ChainRequest& request);
  const pki::PathResult& ask_path(const pki::ParsedCertificate& target, pki::Purpose purpose, Instant at,
                                  bool ignores_validity, bool with_algorithms);
  ChainResult evaluate(const ChainRequest& request);
  void explain_no_path(const ChainRequest& request, const pki::PathResult& found, ChainResult& out);
  void check_strengths(const ChainRequest& request, const pki::Path& path, ChainResult& out);
  void check_validity(const ChainRequest& request, const pki::Path& path, const std::vector<Status>& status,
                      ChainResult& out);
  void check_status(const ChainRequest& request, const pki::Path& path, std::size_t place, const Status& status,
                    ChainResult& out);
  void check_revoked(const ChainRequest& request, std::size_t place, const Status& status, Finding finding,
                     ChainResult& out);
  void check_unknown(const ChainRequest& request, std::size_t place, const Status& status, Finding finding,
                     ChainResult& out);
  StatusRequest status_request(const ChainRequest& request, const pki::Path& path, std::size_t place) const;
  std::optional<Instant> end_of(const pki::Path& path) const;

  const Status& status_of(const StatusRequest& request);
  Status find_status(const StatusRequest& request);
  const pki::RevocationReport& answers_about(const pki::Path& path, std::size_t place);
  bool is_exempt(const pki::ParsedCertificate& certificate, const pki::TrustAnchor& anchor) const;
  bool satisfies(const pki::RevocationAnswer& answer, const StatusRequest& request) const;
  Usability usability_of(const pki::RevocationAnswer& answer, const StatusRequest& request,
                         std::vector<pki::RevocationAnswer>& used);
  void note_missing(const pki::Path& path, std::size_t place, Instant not_before);
  void note_without_issuer(const pki::ParsedCertificate& target);

  EvidenceBook& m_book;
  const pki::TrustStore& m_trust;
  const Policy& m_policy;
  const Weigher& m_weigher;
  const Instant m_time;

  std::map<std::tuple<Bytes, pki::Purpose, Instant, bool, bool>, pki::PathResult> m_paths;
  std::map<std::pair<Bytes, Bytes>, pki::RevocationReport> m_answers;
  using StatusKey = std::tuple<Bytes, Bytes, Bytes, Demand, Instant, std::optional<Instant>>;
  std::map<StatusKey, Status> m_status;
  std::vector<std::pair<Bytes, Bytes>> m_open;  // statuses that are being looked for
  std::map<decltype(std::declval<ChainRequest>().key()), ChainResult> m_results;
  std::map<Bytes, pki::ParsedCertificate> m_without_issuer;
  std::map<std::pair<Bytes, Bytes>, MissingEvidence::Status> m_without_status;
};

}  // namespace kyso::verify

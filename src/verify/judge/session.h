#pragma once
#include <deque>

#include "verify/judge/chain.h"
#include "verify/judge/change_table.h"
#include "verify/judge/examine.h"

// Private to the folder: one judgement.
namespace kyso::verify {

SubjectKind kind_of_subject(const crypto::Certificate& certificate);

// What doesn't depend on evidence and is therefore found once: the bytes of each signature.
struct Examined {
  const DocumentFacts& facts;
  const Policy& policy;
  Weigher weigher;
  std::vector<SignatureExamination> signatures;   // as in the facts
  std::vector<crypto::Certificate> certificates;  // of all CMS and tokens
};
Examined examine(const DocumentFacts& facts, const Policy& policy);

// The judgement of all time-stamps and signatures with one set of evidence.
class Session {
 public:
  Session(const Examined& examined, const Evidence& evidence, const pki::TrustStore& trust, Instant time);

  // The verdict without the findings about later changes and the level.
  struct Result {
    SignatureVerdict verdict;
    std::vector<WeightedFinding> findings;  // in the order of EN 319 102-1
    std::size_t own = 0;                    // the first of them are about the bytes of the signature itself
  };
  Result judge_signature(std::size_t index);
  // What this evidence alone proves in the long term.
  Level level_of(std::size_t index);
  MissingEvidence take_missing() { return m_chains.take_missing(); }

 private:
  struct Stamp {
    TimeStampVerdict verdict;
    std::vector<WeightedFinding> findings;
    const ChainResult* chain = nullptr;
    std::size_t signature = 0;                // in whose CMS it stands; of a document time-stamp: itself
    std::optional<std::size_t> covered_from;  // as TokenExamination
    bool counts_for_level = false;            // good but for a missing status
  };
  struct Proof {
    Instant time{};
    const Stamp* stamp = nullptr;
  };

  using Answers = std::vector<pki::RevocationAnswer>;

  void find_missing_signers();
  const SignatureExamination& examination_of(std::size_t index) const;
  void judge_document_time_stamps();
  const Stamp* judge_document_stamp(std::size_t index, const std::optional<Proof>& outer);
  void judge_signature_time_stamps();
  Stamp judge_token(const TokenExamination& token, std::size_t signature, std::optional<Instant> proven);
  std::optional<Proof> document_proof(std::size_t revision) const;
  std::optional<Proof> best_proof(std::size_t index) const;
  std::optional<Instant> made_after(std::size_t index) const;
  std::optional<Instant> claimed_time(std::size_t index) const;
  const Stamp* own_time_stamp(std::size_t index) const;
  ChainRequest chain_request(std::size_t index, const crypto::Certificate& signer);

  void judge_document_time_stamp(std::size_t index, Result& out);
  void add_signer(std::size_t index, Result& out);
  void add_strength(std::size_t index, const ChainRequest& request, Result& out);
  void add_best_time(std::size_t index, Result& out);
  void add_time_stamps(std::size_t index, Result& out);
  bool add_failed_document_time_stamps(std::size_t index, Result& out);
  void add_order(std::size_t index, Result& out);
  void add_times(std::size_t index, Result& out);
  void add_person(std::size_t index, Result& out);
  void add_checklist(std::size_t index, Result& out);
  void add(Result& out, Finding finding, SubIndication sub = SubIndication::none) const;

  bool is_covered(const Answers& answers, std::size_t revision) const;
  std::vector<const Stamp*> stamps_over(std::size_t index) const;

  const Examined& m_examined;
  const DocumentFacts& m_facts;
  const Policy& m_policy;
  const Weigher& m_weigher;
  const Instant m_time;
  EvidenceBook m_book;
  ChainJudge m_chains;
  std::map<std::size_t, SignatureExamination> m_completed;  // by a certificate that the CMS lacks
  std::deque<ChainResult> m_stamp_chains;                   // those of the stamps
  std::vector<std::vector<Stamp>> m_stamps;                 // per signature
  std::vector<std::size_t> m_document_stamps;               // signatures, by the revision that they cover, newest first
  std::vector<std::pair<std::size_t, Proof>> m_proofs;      // what proves revisions up to this one; newest first
  std::vector<std::optional<Instant>> m_latest_inside;      // by revision: the latest time-stamp in the bytes up to it
};

// Claimed against proven times.
struct Times {
  std::optional<Instant> claimed, signing_time, time_stamp, proven;
  Instant now{};
};
void add_time_findings(const Times& times, const Policy& policy, const Weigher& weigher,
                       std::vector<WeightedFinding>& out);

}  // namespace kyso::verify

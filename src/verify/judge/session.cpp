#include "verify/judge/session.h"

#include <algorithm>

#include "verify/judge/stable_sort.h"

namespace kyso::verify {
namespace {

using S = SubIndication;

// Its own bytes are whole: what happened to the file later takes no proof away.
bool is_sound(const SignatureExamination& examination) {
  return examination.is_intact && !examination.is_broken;
}

}  // namespace

Examined examine(const DocumentFacts& facts, const Policy& policy) {
  Examined out{facts, policy, Weigher(policy), {}, {}};
  for (const SignatureFacts& signature : facts.signatures) {
    SignatureExamination examination = examine_signature(signature, facts.format, out.weigher, {});
    if (examination.cms.view)
      out.certificates.insert(out.certificates.end(), examination.cms.view->certificates.begin(),
                              examination.cms.view->certificates.end());
    for (const TokenExamination& token : examination.tokens)
      out.certificates.insert(out.certificates.end(), token.certificates.begin(), token.certificates.end());
    out.signatures.push_back(std::move(examination));
  }
  return out;
}

Session::Session(const Examined& examined, const Evidence& evidence, const pki::TrustStore& trust, Instant time)
    : m_examined(examined),
      m_facts(examined.facts),
      m_policy(examined.policy),
      m_weigher(examined.weigher),
      m_time(time),
      m_book(examined.facts, examined.certificates, evidence, trust),
      m_chains(m_book, trust, examined.policy, examined.weigher, time),
      m_stamps(examined.facts.signatures.size()) {
  find_missing_signers();
  judge_document_time_stamps();
  judge_signature_time_stamps();
}

// A CMS may hold no certificate at all: the DSS, the trust store or the evidence may have it.
void Session::find_missing_signers() {
  for (std::size_t i = 0; i < m_facts.signatures.size(); ++i) {
    const SignatureExamination& examination = m_examined.signatures[i];
    if (!examination.cms.view || examination.signer) continue;
    SignatureExamination again =
        examine_signature(m_facts.signatures[i], m_facts.format, m_weigher, m_book.certificates());
    if (again.signer) m_completed.emplace(i, std::move(again));
  }
}

const SignatureExamination& Session::examination_of(std::size_t index) const {
  const auto completed = m_completed.find(index);
  return completed == m_completed.end() ? m_examined.signatures[index] : completed->second;
}

void Session::add(Result& out, Finding finding, SubIndication sub) const {
  out.findings.push_back(m_weigher.weigh(std::move(finding), sub));
}

// EN 319 102-1 section 5.4, at the time that is proven for the token.
Session::Stamp Session::judge_token(const TokenExamination& examination, std::size_t signature,
                                    std::optional<Instant> proven) {
  Stamp out;
  out.signature = signature;
  out.covered_from = examination.covered_from;
  out.verdict.time = examination.time;
  if (examination.problem) out.findings.push_back(*examination.problem);
  if (examination.problem) {
    // A warning for the signature, the end of the time-stamp.
    Finding& finding = out.findings.back().finding;
    const bool has_failed = indication_of(examination.problem->sub_indication) == Indication::total_failed;
    finding.severity = has_failed ? Severity::failure : Severity::indeterminate;
  }
  if (examination.token) {
    const pki::TimeStampToken& token = *examination.token;
    const Instant at = proven.value_or(m_time);
    out.verdict.authority = token.authority.common_name();
    if (token.time > m_time + m_policy.clock_tolerance) {
      Finding finding = make_finding("timestamp.future").with("time", iso8601_vietnam(token.time));
      finding.severity = Severity::indeterminate;
      out.findings.push_back({std::move(finding), S::timestamp_order_failure});
    }
    const auto take = [&](std::optional<WeightedFinding> weak) {
      if (weak) out.findings.push_back(*std::move(weak));
    };
    const pki::AlgorithmRules& rules = m_policy.time_stamp_algorithms;
    take(m_chains.check_strength(rules, "crypto.weak", token.algorithm, at, proven.has_value()));
    if (examination.scheme)
      take(m_chains.check_strength(rules, "crypto.weak", *examination.scheme, examination.key_bits, at,
                                   proven.has_value()));
    ChainRequest request{.target = m_book.parsed(token.authority), .purpose = pki::Purpose::time_stamping, .at = at};
    request.is_proven = proven.has_value();
    request.made = token.time;
    request.is_time_stamp = true;
    out.chain = &m_stamp_chains.emplace_back(m_chains.judge(request));
    out.verdict.chain = out.chain->certificates;
    out.findings.insert(out.findings.end(), out.chain->findings.begin(), out.chain->findings.end());
  }
  std::vector<WeightedFinding> sorted = out.findings;
  const Decision decision = decide(sorted);
  out.verdict.indication = decision.indication;
  out.verdict.sub_indication = decision.sub_indication;
  out.verdict.reason = decision.reason;
  for (WeightedFinding& each : sorted) out.verdict.findings.push_back(std::move(each.finding));
  out.verdict.is_proof = examination.token && decision.indication == Indication::total_passed;
  out.counts_for_level = out.verdict.is_proof || (examination.token && decision.sub_indication == S::try_later);
  return out;
}

// From the newest to the oldest: each proves what lies before it, the older time-stamps too (EN 319 102-1 section
// 5.6.3).
void Session::judge_document_time_stamps() {
  std::vector<std::size_t> brought_in;
  for (std::size_t i = 0; i < m_facts.signatures.size(); ++i) {
    const SignatureFacts& signature = m_facts.signatures[i];
    brought_in.push_back(signature.first_revision);
    if (signature.kind == SignatureKind::document_time_stamp && !examination_of(i).tokens.empty())
      m_document_stamps.push_back(i);
  }
  const auto covered = [&](std::size_t i) {
    return m_facts.signatures[i].revision.value_or(m_facts.signatures[i].first_revision);
  };
  sort_stably(m_document_stamps, [&](auto a, auto b) { return covered(a) > covered(b); });
  for (std::size_t place = 0; place < m_document_stamps.size();) {
    const std::size_t revision = covered(m_document_stamps[place]);
    const std::optional<Proof> outer = m_proofs.empty() ? std::nullopt : std::optional(m_proofs.back().second);
    std::optional<Proof> earliest = outer;
    for (; place < m_document_stamps.size() && covered(m_document_stamps[place]) == revision; ++place)
      if (const Stamp* stamp = judge_document_stamp(m_document_stamps[place], outer))
        if (!earliest || *stamp->verdict.time < earliest->time) earliest = Proof{*stamp->verdict.time, stamp};
    if (!earliest || (outer && earliest->time == outer->time)) continue;
    m_proofs.emplace_back(revision, *earliest);
    m_book.prove(revision, brought_in, earliest->time);
    m_chains.forget_conclusions();
  }
}

// The stamp, when it proves what it covers.
const Session::Stamp* Session::judge_document_stamp(std::size_t index, const std::optional<Proof>& outer) {
  const SignatureExamination& examination = examination_of(index);
  std::vector<Stamp>& stamps = m_stamps[index];
  stamps.push_back(judge_token(examination.tokens.front(), index, outer ? std::optional(outer->time) : std::nullopt));
  Stamp& stamp = stamps.front();
  if (!is_sound(examination) || !m_facts.signatures[index].revision) {
    stamp.verdict.is_proof = false;
    stamp.counts_for_level = false;
  }
  return stamp.verdict.is_proof ? &stamp : nullptr;
}

void Session::judge_signature_time_stamps() {
  for (std::size_t i = 0; i < m_facts.signatures.size(); ++i) {
    if (m_facts.signatures[i].kind != SignatureKind::signature) continue;
    for (const TokenExamination& token : examination_of(i).tokens) {
      const std::optional<Proof> outer = token.covered_from ? document_proof(*token.covered_from) : std::nullopt;
      m_stamps[i].push_back(judge_token(token, i, outer ? std::optional(outer->time) : std::nullopt));
    }
  }
  // What stands in the bytes of a revision was there before later revisions were signed.
  m_latest_inside.assign(m_facts.revisions.size(), std::nullopt);
  for (std::size_t i = 0; i < m_stamps.size(); ++i)
    for (const Stamp& stamp : m_stamps[i]) {
      const std::size_t revision = m_facts.signatures[i].first_revision;
      if (!stamp.verdict.is_proof || revision >= m_latest_inside.size()) continue;
      std::optional<Instant>& latest = m_latest_inside[revision];
      latest = std::max(latest.value_or(*stamp.verdict.time), *stamp.verdict.time);
    }
  for (std::size_t r = 1; r < m_latest_inside.size(); ++r)
    if (const auto before = m_latest_inside[r - 1])
      m_latest_inside[r] = std::max(m_latest_inside[r].value_or(*before), *before);
}

// The earliest document time-stamp over the bytes of this revision.
std::optional<Session::Proof> Session::document_proof(std::size_t revision) const {
  const auto end = std::ranges::partition_point(m_proofs, [&](const auto& entry) { return entry.first >= revision; });
  if (end == m_proofs.begin()) return std::nullopt;
  return std::prev(end)->second;
}

std::optional<Session::Proof> Session::best_proof(std::size_t index) const {
  const SignatureFacts& facts = m_facts.signatures[index];
  const bool is_stamp = facts.kind == SignatureKind::document_time_stamp;
  std::optional<Proof> best =
      document_proof(is_stamp ? facts.revision.value_or(facts.first_revision) + 1 : facts.first_revision);
  for (const Stamp& stamp : m_stamps[index])
    if (stamp.verdict.is_proof && (!best || *stamp.verdict.time <= best->time))
      best = Proof{*stamp.verdict.time, &stamp};
  return best;
}

std::optional<Instant> Session::made_after(std::size_t index) const {
  const std::size_t revision = m_facts.signatures[index].first_revision;
  return revision == 0 || revision > m_latest_inside.size() ? std::nullopt : m_latest_inside[revision - 1];
}

std::optional<Instant> Session::claimed_time(std::size_t index) const {
  const std::string& written = m_facts.signatures[index].claimed_time;
  if (const auto time = parse_pdf_date(written); time && !written.empty()) return *time;
  return examination_of(index).signing_time;
}

ChainRequest Session::chain_request(std::size_t index, const crypto::Certificate& signer) {
  ChainRequest request{.target = m_book.parsed(signer), .purpose = pki::Purpose::document_signing, .at = m_time};
  if (const std::optional<Proof> proof = best_proof(index)) {
    request.at = proof->time;
    request.is_proven = true;
  }
  const std::optional<Instant> claimed = claimed_time(index);
  if (claimed && *claimed <= m_time) request.made = claimed;
  request.is_proven_by_own_time_stamp =
      std::ranges::any_of(m_stamps[index], [](const Stamp& stamp) { return stamp.verdict.is_proof; });
  request.not_before = made_after(index);
  return request;
}

}  // namespace kyso::verify

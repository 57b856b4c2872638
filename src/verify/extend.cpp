#include "verify/extend.h"

#include <algorithm>

#include "crypto/signed_data_reader.h"
#include "verify/extend_target.h"

namespace kyso::verify {
namespace {

using Kind = SignatureKind;

class Extension {
 public:
  Extension(ExtensionTarget& target, const pki::TrustStore& trust, const Policy& policy, const Fetch& fetch,
            const CollectorOptions& collector, pki::TimeStampClient* tsa, const ExtendOptions& options)
      : m_target(target),
        m_trust(trust),
        m_policy(policy),
        m_fetch(fetch),
        m_collector(collector),
        m_tsa(tsa),
        m_options(options),
        m_time(options.now) {}

  Result<Extended> run();

 private:
  Result<> read_facts();
  Result<> collect();
  Result<> refuse_invalid() const;
  bool lacks_time_stamp() const;
  Result<> take_time_stamp(Instant stamped);
  Result<> add_data();
  bool decides(const SignatureVerdict& signature) const;
  void judge_offline();
  void conclude();
  void explain_level(std::size_t index);
  std::string reason_of(const SignatureVerdict& signature) const;
  std::optional<Instant> renew_before() const;
  const std::string& field_of(const SignatureVerdict& signature) const {
    return m_facts.signatures[signature.signature].field;
  }

  ExtensionTarget& m_target;
  const pki::TrustStore& m_trust;
  const Policy& m_policy;
  const Fetch& m_fetch;
  const CollectorOptions& m_collector;
  pki::TimeStampClient* m_tsa;
  const ExtendOptions& m_options;
  Instant m_time;
  DocumentFacts m_facts;
  Evidence m_evidence;
  Verdict m_verdict;  // with the evidence
  Extended m_result;
};

Result<> Extension::read_facts() {
  m_facts = KYSO_TRY(m_target.facts());
  return {};
}

Result<> Extension::collect() {
  Collected collected = collect_evidence(m_facts, m_evidence, m_trust, m_policy, m_time, m_fetch, m_collector);
  m_evidence = std::move(collected.evidence);
  m_time = std::max(m_time, collected.time);
  for (Finding& finding : collected.findings)
    if (std::ranges::find(m_result.findings, finding) == m_result.findings.end())
      m_result.findings.push_back(std::move(finding));
  m_verdict = judge(m_facts, m_evidence, m_trust, m_policy, m_time);
  m_verdict.was_online = true;
  return refuse_invalid();
}

Result<> Extension::refuse_invalid() const {
  for (const SignatureVerdict& signature : m_verdict.signatures) {
    if (!decides(signature) || signature.indication != Indication::total_failed) continue;
    const std::string& field = field_of(signature);
    return fail("verify.extend.invalid").with("field", field.empty() ? "–" : field).with("reason", signature.reason);
  }
  if (m_verdict.indication == Indication::total_failed)
    return fail("verify.extend.invalid").with("field", "–").with("reason", m_verdict.reason);
  return {};
}

// Anybody may have put a time-stamp that proves nothing into a CMS.
bool Extension::decides(const SignatureVerdict& signature) const {
  return m_facts.format == DocumentFacts::Format::pdf ||
         m_facts.signatures[signature.signature].kind == Kind::signature;
}

// The level counts a time-stamp whose authority can't be reached just now; the proof, one whose chain isn't in the
// file.
bool Extension::lacks_time_stamp() const {
  return std::ranges::any_of(m_verdict.signatures, [&](const SignatureVerdict& signature) {
    return m_facts.signatures[signature.signature].kind == Kind::signature && signature.level < Level::b_t &&
           signature.best_time_proof.empty();
  });
}

Result<> Extension::take_time_stamp(Instant stamped) {
  m_result.changed = true;
  m_result.time_stamp = stamped;
  m_time = std::max(m_time, stamped);
  return read_facts();
}

Result<> Extension::add_data() {
  // While data is missing and none of the signatures would gain, a revision more would only be in the way of the next.
  const bool is_complete = find_missing(m_facts, m_evidence, m_trust, m_policy, m_time).is_empty();
  const bool gains = std::ranges::any_of(m_verdict.signatures, [&](const SignatureVerdict& signature) {
    return m_facts.signatures[signature.signature].kind == Kind::signature &&
           signature.indication == Indication::total_passed;
  });
  if (!is_complete && !gains) return {};
  if (!KYSO_TRY(m_target.add_data(long_term_data(m_facts, m_evidence, m_verdict, m_trust, m_time), m_facts))) return {};
  m_result.changed = true;
  return read_facts();
}

void Extension::judge_offline() {
  const Verdict verdict = judge(m_facts, {}, m_trust, m_policy, m_time);
  m_result.levels.clear();
  m_result.fields.clear();
  for (const SignatureVerdict& signature : verdict.signatures) {
    m_result.levels.push_back(signature.level);
    m_result.fields.push_back(field_of(signature));
  }
  std::optional<Level> lowest;
  for (std::size_t i = 0; i < verdict.signatures.size(); ++i)
    if (m_facts.signatures[verdict.signatures[i].signature].kind == Kind::signature)
      lowest = std::min(lowest.value_or(Level::b_lta), m_result.levels[i]);
  if (!lowest && !m_result.levels.empty()) lowest = *std::ranges::min_element(m_result.levels);
  m_result.reached = lowest.value_or(Level::none);
}

std::string Extension::reason_of(const SignatureVerdict& signature) const {
  if (signature.indication != Indication::total_passed && !signature.reason.empty()) return signature.reason;
  const MissingEvidence missing = find_missing(m_facts, {}, m_trust, m_policy, m_time);
  if (!missing.without_status.empty()) return "pki.revocation.missing";
  if (!missing.without_issuer.empty()) return "pki.path.not_found";
  return signature.best_time_proof.empty() ? "timestamp.none" : "level.incomplete";
}

void Extension::explain_level(std::size_t index) {
  const SignatureVerdict& signature = m_verdict.signatures[index];
  Finding finding("verify.extend.not_reached", Severity::warning);
  if (const std::string& field = field_of(signature); !field.empty()) finding.with("field", field);
  finding.with("asked", name_of(m_options.level));
  finding.with("reached", name_of(m_result.levels[index])).with("reason", reason_of(signature));
  m_result.findings.push_back(std::move(finding));
}

// The archive time-stamp proves as long as its certificate and its algorithms last.
std::optional<Instant> Extension::renew_before() const {
  std::optional<Instant> end;
  for (const SignatureVerdict& verdict : m_verdict.signatures) {
    const SignatureFacts& signature = m_facts.signatures[verdict.signature];
    if (signature.kind != Kind::document_time_stamp || !verdict.signer || !signature.revision) continue;
    Instant until = verdict.signer->not_after();
    if (const auto cms = crypto::read_signed_data(signature.cms))
      until = std::min(
          until, m_policy.algorithms.accepted_until(cms->scheme, verdict.signer->public_key().bits()).value_or(m_time));
    if (signature.digest_algorithm)
      until = std::min(until, m_policy.algorithms.accepted_until(*signature.digest_algorithm).value_or(m_time));
    end = end ? std::max(*end, until) : until;  // one that lasts protects all before it
  }
  return end;
}

void Extension::conclude() {
  m_verdict = judge(m_facts, m_evidence, m_trust, m_policy, m_time);
  m_verdict.was_online = true;
  for (std::size_t i = 0; i < m_result.levels.size(); ++i) {
    const auto& signature = m_verdict.signatures[i];
    if (m_facts.signatures[signature.signature].kind != Kind::signature) continue;
    if (m_result.levels[i] < m_options.level) explain_level(i);
    if (signature.try_again)
      m_result.try_again =
          m_result.try_again ? std::min(*m_result.try_again, *signature.try_again) : *signature.try_again;
  }
  if (m_result.reached == Level::b_lta) m_result.renew_before = renew_before();
  m_result.verdict = std::move(m_verdict);
  m_result.evidence = std::move(m_evidence);
}

Result<Extended> Extension::run() {
  const auto needs_tsa = [&] { return fail("verify.extend.tsa_needed").with("level", name_of(m_options.level)); };
  KYSO_TRY(read_facts());
  if (m_facts.signatures.empty()) return fail("verify.extend.no_signature");
  // What is false already costs nobody a request.
  m_verdict = judge(m_facts, {}, m_trust, m_policy, m_time);
  KYSO_TRY(refuse_invalid());
  if (m_options.level == Level::b_lta && m_tsa == nullptr) return needs_tsa();
  KYSO_TRY(collect());
  if (m_options.level >= Level::b_t && lacks_time_stamp()) {
    if (m_tsa == nullptr) return needs_tsa();
    KYSO_TRY(take_time_stamp(KYSO_TRY(m_target.add_time_stamp(*m_tsa))));
    KYSO_TRY(collect());
  }
  if (m_options.level >= Level::b_lt) KYSO_TRY(add_data());
  judge_offline();
  if (m_options.level == Level::b_lta && m_result.reached >= Level::b_lt) {
    KYSO_TRY(take_time_stamp(KYSO_TRY(m_target.add_archive_time_stamp(*m_tsa))));
    judge_offline();
  }
  conclude();
  KYSO_TRY(m_target.finish());
  return std::move(m_result);
}

}  // namespace

Result<Extended> extend(const pdf::Source& source, const pki::TrustStore& trust, const Policy& policy,
                        const Fetch& fetch, const CollectorOptions& collector, pki::TimeStampClient* tsa,
                        const ExtendOptions& options, OutputFile& out) {
  KYSO_TRY(pdf::write_revision(source, {}, out));
  PdfTarget target(out, options);
  return Extension(target, trust, policy, fetch, collector, tsa, options).run();
}

Result<Extended> extend_detached(ByteView signature, const pdf::Source& content, const pki::TrustStore& trust,
                                 const Policy& policy, const Fetch& fetch, const CollectorOptions& collector,
                                 pki::TimeStampClient* tsa, const ExtendOptions& options, OutputFile& out) {
  CadesTarget target(signature, content, out);
  return Extension(target, trust, policy, fetch, collector, tsa, options).run();
}

}  // namespace kyso::verify

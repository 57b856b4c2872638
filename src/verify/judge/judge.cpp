#include "verify/judge/judge.h"

#include <algorithm>

#include "verify/judge/session.h"
#include "verify/judge/stable_sort.h"

namespace kyso::verify {
namespace {

constexpr std::size_t kMaxFileFindings = 16;          // of the file, told at each signature
constexpr std::size_t kMaxListedChanges = 2'000'000;  // indexes, of all signatures together
constexpr std::size_t kLeastListedChanges = 100;

// The document as a whole: what its file is like, and what its signatures come to.
class Judgement {
 public:
  Judgement(const DocumentFacts& facts, const Evidence& evidence, const pki::TrustStore& trust, const Policy& policy,
            Instant time)
      : m_facts(facts), m_examined(examine(facts, policy)), m_session(m_examined, evidence, trust, time) {
    if (!evidence.items.empty()) m_offline.emplace(m_examined, Evidence(), trust, time);
    m_verdict.policy = policy.id;
    m_verdict.time = time;
    m_is_certified =
        std::ranges::any_of(facts.signatures, [](const auto& each) { return each.certification.has_value(); });
  }

  Verdict run() {
    add_file_findings();
    const auto changes = tally_changes(m_facts, m_examined.weigher, requests());
    list_changes();
    for (std::size_t i = 0; i < m_facts.signatures.size(); ++i) judge_signature(i, changes[i]);
    add_persons();
    conclude();
    return std::move(m_verdict);
  }

 private:
  const Weigher& weigher() const { return m_examined.weigher; }

  // Certified documents may not do what others may (cases 12 and 15).
  WeightedFinding weigh_by_certification(WeightedFinding finding) const {
    const std::string& code = finding.finding.code;
    if (m_is_certified && (code.ends_with(".duplicate-key") || code == "signature.shared-by-fields")) {
      finding.finding.severity = Severity::failure;
      return weigher().weigh(std::move(finding.finding), SubIndication::format_failure);
    }
    return finding;
  }

  void add_file_findings() {
    // That a signature was removed is the document's matter, not that of those who signed what is left.
    const auto is_removal = [](const Finding& each) { return each.code == "signature.removed"; };
    std::vector<WeightedFinding> removals;
    for (const Finding& finding : m_facts.findings)
      (is_removal(finding) ? removals : m_file_findings).push_back(weigh_by_certification(weigher().weigh(finding)));
    const auto dropped =
        std::ranges::find_if(m_facts.stored, [](const StoredItem& each) { return each.dropped_in.has_value(); });
    if (dropped != m_facts.stored.end()) {
      Finding finding = make_finding("revocation.removed");
      finding.revision = *dropped->dropped_in + 1;
      m_file_findings.push_back(weigher().weigh(std::move(finding)));
    }
    decide(m_file_findings);  // sorts
    m_document = m_file_findings;
    m_document.insert(m_document.end(), removals.begin(), removals.end());
    if (!removals.empty()) return;
    for (const SignatureFacts& signature : m_facts.signatures) add_removal(signature);
  }

  void add_removal(const SignatureFacts& signature) {
    const auto told = std::ranges::find(signature.findings, "signature.removed", &Finding::code);
    if (told != signature.findings.end()) {
      m_document.push_back(weigher().weigh(*told));
    } else if (signature.removed_in) {
      Finding finding = make_finding("signature.removed").with("field", signature.field);
      finding.revision = *signature.removed_in + 1;
      finding.at(signature.offset);
      m_document.push_back(weigher().weigh(std::move(finding)));
    }
  }

  // Whose changes count: a removed signature is judged as of its own revision, one with wrong ranges by these.
  std::size_t last_looked_at(const SignatureFacts& signature) const {
    return signature.revision && !signature.removed_in ? *signature.revision : m_facts.revisions.size();
  }

  Permission permission_of(std::size_t index) const {
    const SignatureFacts& signature = m_facts.signatures[index];
    int level = signature.certification.value_or(0);
    if (signature.field_lock && signature.field_lock->permissions) {
      const int lock = *signature.field_lock->permissions;
      if (lock >= 1 && lock <= 3) level = level == 0 ? lock : std::min(level, lock);
    }
    switch (level) {
      case 1:
        return Permission::no_changes;
      case 2:
        return Permission::filling_and_signing;
      case 3:
        return Permission::filling_signing_annotations;
      default:
        return m_annotated_from && *m_annotated_from < signature.first_revision ? Permission::approval_of_annotated
                                                                                : Permission::approval;
    }
  }

  std::vector<TallyRequest> requests() {
    for (const SignatureFacts& signature : m_facts.signatures)
      if (signature.certification == 3 && signature.revision)
        m_annotated_from = std::min(m_annotated_from.value_or(*signature.revision), *signature.revision);
    std::vector<TallyRequest> out;
    for (std::size_t i = 0; i < m_facts.signatures.size(); ++i)
      out.push_back({last_looked_at(m_facts.signatures[i]), permission_of(i)});
    return out;
  }

  // Changes worth telling, by revision.
  void list_changes() {
    for (std::size_t i = 0; i < m_facts.changes.size(); ++i)
      if (m_facts.changes[i].kind != ChangeKind::none) m_changes.push_back(i);
    sort_stably(m_changes, [&](auto a, auto b) { return m_facts.changes[a].revision < m_facts.changes[b].revision; });
    m_listed_at_most =
        std::max(kLeastListedChanges, kMaxListedChanges / std::max<std::size_t>(1, m_facts.signatures.size()));
  }

  void judge_signature(std::size_t index, const std::vector<WeightedFinding>& changes) {
    const SignatureFacts& facts = m_facts.signatures[index];
    Session::Result result = m_session.judge_signature(index);
    SignatureVerdict& verdict = result.verdict;
    std::vector<WeightedFinding> all;
    for (std::size_t i = 0; i < result.findings.size(); ++i) {
      // After the bytes of the signature itself: the file, and what was done to it later.
      if (i == result.own) add_document_findings(changes, all);
      all.push_back(weigh_by_certification(std::move(result.findings[i])));
    }
    if (result.findings.size() <= result.own) add_document_findings(changes, all);
    verdict.is_unchanged = facts.revision.has_value() || m_facts.format == DocumentFacts::Format::cades;
    for (const WeightedFinding& change : changes)
      if (change.finding.severity >= Severity::indeterminate) verdict.is_unchanged = false;
    const auto first = std::ranges::partition_point(
        m_changes, [&](std::size_t change) { return m_facts.changes[change].revision <= last_looked_at(facts); });
    const auto count = std::min<std::size_t>(m_listed_at_most, static_cast<std::size_t>(m_changes.end() - first));
    verdict.changes.assign(first, first + static_cast<std::ptrdiff_t>(count));
    verdict.level = (m_offline ? *m_offline : m_session).level_of(index);
    const Decision decision = decide(all);
    verdict.indication = decision.indication;
    verdict.sub_indication = decision.sub_indication;
    verdict.reason = decision.reason;
    verdict.offset = decision.offset;
    if (decision.sub_indication != SubIndication::try_later) verdict.try_again = std::nullopt;
    for (WeightedFinding& each : all) verdict.findings.push_back(std::move(each.finding));
    m_verdict.signatures.push_back(std::move(verdict));
  }

  void add_document_findings(const std::vector<WeightedFinding>& changes, std::vector<WeightedFinding>& out) const {
    for (std::size_t i = 0; i < std::min(m_file_findings.size(), kMaxFileFindings); ++i)
      out.push_back(m_file_findings[i]);
    out.insert(out.end(), changes.begin(), changes.end());
  }

  bool is_of_kind(const SignatureVerdict& verdict, SignatureKind kind) const {
    return m_facts.signatures[verdict.signature].kind == kind;
  }

  // "Chữ ký số của cơ quan, tổ chức": documents are issued with it.
  void add_persons() {
    const auto has = [&](SubjectKind kind) {
      return std::ranges::any_of(m_verdict.signatures, [&](const SignatureVerdict& each) {
        return is_of_kind(each, SignatureKind::signature) && each.signer_kind == kind;
      });
    };
    if (has(SubjectKind::person) && !has(SubjectKind::organisation))
      m_document.push_back(weigher().weigh(make_finding("signer.organisation-missing")));
  }

  // The worst of the signatures; of time-stamps only what fails, unless there is nothing else.
  void conclude() {
    const bool has_signature = std::ranges::any_of(
        m_facts.signatures, [](const SignatureFacts& each) { return each.kind == SignatureKind::signature; });
    if (m_facts.signatures.empty()) m_document.push_back(weigher().weigh(make_finding("signature.none")));
    Decision worst = decide(m_document);
    int weight = worst.reason.empty() ? -1 : static_cast<int>(m_document.front().finding.severity);
    for (const SignatureVerdict& each : m_verdict.signatures) {
      // Anybody may put an unsigned attribute into a CMS: one that proves nothing fails nothing.
      const bool is_harmless =
          each.indication != Indication::total_failed || m_facts.format == DocumentFacts::Format::cades;
      if (has_signature && is_of_kind(each, SignatureKind::document_time_stamp) && is_harmless) continue;
      const bool is_worse = each.indication > worst.indication;
      const bool is_weightier = each.indication == worst.indication && weight_of(each) > weight;
      if (!is_worse && !is_weightier) continue;
      worst = {each.indication, each.sub_indication, each.reason, each.offset};
      weight = weight_of(each);
    }
    m_verdict.indication = worst.indication;
    m_verdict.sub_indication = worst.sub_indication;
    m_verdict.reason = worst.reason;
    m_verdict.offset = worst.offset;
    for (WeightedFinding& each : m_document) m_verdict.findings.push_back(std::move(each.finding));
  }

  static int weight_of(const SignatureVerdict& verdict) {
    if (verdict.reason.empty() || verdict.findings.empty()) return -1;
    return static_cast<int>(verdict.findings.front().severity);
  }

  const DocumentFacts& m_facts;
  const Examined m_examined;
  Session m_session;
  std::optional<Session> m_offline;  // with what stands in the file only
  Verdict m_verdict;
  bool m_is_certified = false;
  std::optional<std::size_t> m_annotated_from;  // revision of the certification with P = 3
  std::vector<WeightedFinding> m_file_findings, m_document;
  std::vector<std::size_t> m_changes;
  std::size_t m_listed_at_most = 0;
};

}  // namespace

Verdict judge(const DocumentFacts& facts, const Evidence& evidence, const pki::TrustStore& trust, const Policy& policy,
              Instant time) {
  return Judgement(facts, evidence, trust, policy, time).run();
}

MissingEvidence find_missing(const DocumentFacts& facts, const Evidence& evidence, const pki::TrustStore& trust,
                             const Policy& policy, Instant time) {
  const Examined examined = examine(facts, policy);
  Session session(examined, evidence, trust, time);
  for (std::size_t i = 0; i < facts.signatures.size(); ++i) session.judge_signature(i);
  return session.take_missing();
}

}  // namespace kyso::verify

#include "verify/verify.h"

namespace kyso::verify {
namespace {

Verification conclude(DocumentFacts facts, const VerifyOptions& options) {
  Verification result{std::move(facts), options.evidence, {}};
  std::vector<Finding> unreached;
  Instant time = options.time;
  if (options.fetch != nullptr) {
    Collected collected = collect_evidence(result.facts, result.evidence, options.trust, options.policy, options.time,
                                           *options.fetch, options.collector);
    result.evidence = std::move(collected.evidence);
    unreached = std::move(collected.findings);
    time = collected.time;
  }
  result.verdict = judge(result.facts, result.evidence, options.trust, options.policy, time);
  result.verdict.was_online = options.fetch != nullptr;
  for (Finding& finding : unreached) result.verdict.findings.push_back(std::move(finding));
  return result;
}

}  // namespace

Result<Verification> verify_document(const pdf::Source& document, const VerifyOptions& options) {
  ExtractOptions extraction;
  extraction.limits = options.limits;
  extraction.password = options.password;
  return conclude(KYSO_TRY(extract_facts(document, extraction)), options);
}

Result<Verification> verify_detached(ByteView signature, const pdf::Source& content, const VerifyOptions& options) {
  return conclude(KYSO_TRY(extract_cades_facts(signature, content)), options);
}

Result<pdf::Extent> extent_of_revision(const DocumentFacts& facts, std::size_t revision) {
  if (revision >= facts.revisions.size())
    return fail("verify.revision.missing").with("revision", revision + 1).with("revisions", facts.revisions.size());
  return pdf::Extent{0, facts.revisions[revision].end};
}

}  // namespace kyso::verify

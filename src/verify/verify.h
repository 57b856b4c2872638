#pragma once
#include "verify/evidence/collector.h"

// The whole verification of one document, for programs and services: facts, evidence, verdict.
namespace kyso::verify {

struct VerifyOptions {
  const pki::TrustStore& trust;
  const Policy& policy;
  Instant time{};
  Evidence evidence;             // given beside the document
  const Fetch* fetch = nullptr;  // nullptr: offline
  CollectorOptions collector;
  const Secret* password = nullptr;
  pdf::Limits limits;
};

struct Verification {
  DocumentFacts facts;
  Evidence evidence;  // given and fetched: judge() over it gives the same verdict again
  Verdict verdict;
};

// Errors are those of extract_facts(); whatever stands in a readable file is a verdict. Thread-safe.
Result<Verification> verify_document(const pdf::Source& document, const VerifyOptions& options);
// A detached CAdES signature over `content`.
Result<Verification> verify_detached(ByteView signature, const pdf::Source& content, const VerifyOptions& options);

// The document as one revision left it: the first bytes of the file, to be copied as they are. `revision` counts from
// 0. verify.revision.missing {revision} {revisions}.
Result<pdf::Extent> extent_of_revision(const DocumentFacts& facts, std::size_t revision);

}  // namespace kyso::verify

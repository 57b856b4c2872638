#pragma once
#include "pki/time_stamp.h"
#include "sign/validation_data.h"
#include "verify/evidence/collector.h"

// Extending signed documents to B-LT and B-LTA (ETSI EN 319 142-1), whoever signed them.
namespace kyso::verify {

struct ExtendOptions {
  Level level = Level::b_lta;
  bool write_vri = false;  // EN 319 142-1 advises against it
  const Secret* password = nullptr;
  Instant now{};
};
struct Extended {
  Level reached = Level::none;          // the lowest of all signatures, judged offline ten years from now
  std::vector<Level> levels;            // per signature of the new facts
  Verdict verdict;                      // of the new file, now
  std::vector<Finding> findings;        // why a level was not reached; what could not be fetched
  std::optional<Instant> try_again;     // revocation data newer than the signature will be there then
  std::optional<Instant> renew_before;  // the archive time-stamp loses its strength (certificate or algorithm) then
  bool changed = false;                 // a revision was written
};
// Collects what is missing, writes a DSS, and for B-LTA a document time-stamp; then judges the result offline. Refuses
// a document with an invalid signature (verify.extend.invalid {field} {reason}): nothing would be gained. `tsa` is
// needed for B-LTA and for signatures without a time-stamp.
Result<Extended> extend(const pdf::Source& source, const pki::TrustStore& trust, const Policy& policy,
                        const Fetch& fetch, const CollectorOptions& collector, pki::TimeStampClient* tsa,
                        const ExtendOptions& options, OutputFile& out);

}  // namespace kyso::verify

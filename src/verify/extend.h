#pragma once
#include "pki/time_stamp.h"
#include "sign/validation_data.h"
#include "verify/evidence/collector.h"

// Extending signed documents to B-T, B-LT and B-LTA (ETSI EN 319 142-1, EN 319 122-1), whoever signed them.
namespace kyso::verify {

struct ExtendOptions {
  Level level = Level::b_lta;
  bool write_vri = false;  // PDF only; EN 319 142-1 advises against it
  const Secret* password = nullptr;
  Instant now{};
};
struct Extended {
  Level reached = Level::none;      // the lowest of all signatures, judged offline ten years from now
  std::vector<Level> levels;        // per signature of the new facts, time-stamps too
  std::vector<std::string> fields;  // their fields
  Verdict verdict;                  // of the new file, now
  // Why a level was not reached: verify.extend.not_reached {field} {asked} {reached} {reason}; and what could not be
  // fetched (verify/evidence/collector.h).
  std::vector<Finding> findings;
  std::optional<Instant> try_again;     // revocation data newer than the signature will be there then
  std::optional<Instant> renew_before;  // the archive time-stamp loses its strength (certificate or algorithm) then
  bool changed = false;                 // a revision was written
  std::optional<Instant> time_stamp;    // of the newest document time-stamp that was added
  Evidence evidence;                    // what was fetched on the way
};
// Gives signatures without a time-stamp a document time-stamp, collects what is missing, writes a DSS, and for B-LTA a
// document time-stamp over it; then judges the result offline. A document that is B-LTA already is renewed: data about
// its newest time-stamp and a new one over them. `out` gets the source and the new revisions, and is not committed.
//
// Never less in silence: what was not reached is a finding. Refused are a document without signatures
// (verify.extend.no_signature), one with an invalid signature (verify.extend.invalid {field} {reason}), since nothing
// would be gained, and a missing `tsa` where one is needed (verify.extend.tsa_needed {level}): for B-LTA and for
// signatures without a time-stamp.
Result<Extended> extend(const pdf::Source& source, const pki::TrustStore& trust, const Policy& policy,
                        const Fetch& fetch, const CollectorOptions& collector, pki::TimeStampClient* tsa,
                        const ExtendOptions& options, OutputFile& out);

// The same for a detached CAdES signature (.p7s) over `content`: a signature-time-stamp, certificates and revocation
// values in its SignedData, an archive-time-stamp-v3. Nothing that was signed is touched, unknown attributes stay;
// `out` gets DER, also of BER and PEM. Refused besides: what is no CMS (verify.cades.malformed), several signers
// (cms.malformed), and a signature that another kind of archive time-stamp seals (cms.extend.sealed {reason}).
Result<Extended> extend_detached(ByteView signature, const pdf::Source& content, const pki::TrustStore& trust,
                                 const Policy& policy, const Fetch& fetch, const CollectorOptions& collector,
                                 pki::TimeStampClient* tsa, const ExtendOptions& options, OutputFile& out);

}  // namespace kyso::verify

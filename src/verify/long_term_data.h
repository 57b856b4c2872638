#pragma once
#include "sign/validation_data.h"
#include "verify/judge/judge.h"

// Private to the module.
namespace kyso::verify {

// What an offline judge of the far future needs: of every signature and time-stamp the chain and, for each certificate
// but anchors, the newest answers about its status, with the chains of those who signed the answers. Answers about a
// signer that are older than the signature stay out: they prove nothing and would only make the file larger.
struct LongTermData {
  sign::ValidationData data;
  // Which of it belongs to which signature of the facts: for entries of the VRI.
  std::vector<sign::ValidationData::ForSignature> by_signature;
};
LongTermData long_term_data(const DocumentFacts& facts, const Evidence& evidence, const Verdict& verdict,
                            const pki::TrustStore& trust, Instant time);

}  // namespace kyso::verify

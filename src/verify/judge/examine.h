#pragma once
#include <functional>
#include "cms/signed_data.h"

#include "pki/time_stamp.h"
#include "verify/facts/facts.h"
#include "verify/judge/weigher.h"

// Private to the folder: what the bytes of one signature say, before anybody is trusted: EN 319 102-1 sections 5.2.2
// (format), 5.2.3 (signing certificate) and 5.2.7 (cryptographic verification).
namespace kyso::verify {

// A time-stamp token by itself.
struct TokenExamination {
  // Absent when the token can't be read or its own signature is wrong; then `problem` says so.
  std::optional<pki::TimeStampToken> token;
  std::optional<WeightedFinding> problem;
  std::optional<Instant> time;  // genTime
  std::optional<crypto::SignatureScheme> scheme;
  int key_bits = 0;
  std::vector<crypto::Certificate> certificates;  // inside it
  // The first revision whose bytes have it; in CAdES the first archive time-stamp that covers it, if any.
  std::optional<std::size_t> covered_from;
};
// `imprint`: of what the token must be over, by an algorithm.
using ImprintOf = std::function<Bytes(crypto::DigestAlgorithm)>;
TokenExamination examine_token(ByteView der, const ImprintOf& imprint, const Weigher& weigher);

struct SignatureExamination {
  cms::SignedDataExamination cms;
  std::optional<crypto::Certificate> signer;
  bool is_intact = false;                // digest and signature value are right
  bool is_broken = false;                // its own bytes are not as they must be: it proves nothing
  std::optional<Instant> signing_time;   // the attribute
  std::vector<TokenExamination> tokens;  // of a document time-stamp: exactly one
  std::vector<WeightedFinding> findings;
};
// `others`: certificates to look for the signer in when the CMS lacks it.
SignatureExamination examine_signature(const SignatureFacts& facts, DocumentFacts::Format format,
                                       const Weigher& weigher, std::span<const crypto::Certificate> others);

}  // namespace kyso::verify

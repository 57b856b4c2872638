#include <algorithm>
#include <cstdlib>

#include "authority/tsa/ntp.h"
#include "authority/tsa/query.h"
#include "crypto/der.h"

// Time-stamp requests and answers of time servers, from strangers.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kyso;
  using namespace kyso::authority;
  const ByteView input(data, size);
  const auto query = tsa::read_query(input);
  if (query) {
    // What goes into the token is DER, and an imprint always has its algorithm's length.
    if (query->imprint.size() != crypto::digest_size(query->algorithm)) std::abort();
    crypto::der::Reader nonce(query->nonce);
    if (!query->nonce.empty() && (!nonce.expect(crypto::der::kInteger) || !nonce.at_end())) std::abort();
    crypto::der::Reader algorithm(query->imprint_algorithm);
    if (!algorithm.expect(crypto::der::kSequence) || !algorithm.at_end()) std::abort();
  } else {
    const Bytes refusal = tsa::encode_refusal(tsa::refusal_of(query.error()));
    crypto::der::Reader reader(refusal);
    if (!reader.expect(crypto::der::kSequence) || !reader.at_end()) std::abort();
  }
  tsa::NtpQuestion question;
  if (size >= tsa::kNtpSize) std::copy_n(data + 24, question.cookie.size(), question.cookie.begin());
  const auto sample =
      tsa::read_ntp_answer(input, question, 1'000 * tsa::kSecond, 1'001 * tsa::kSecond, 1'788'685'302 * tsa::kSecond);
  if (sample && sample->bound < 0) std::abort();
  return 0;
}

#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "crypto/algorithm.h"

// What clients send (TimeStampReq, RFC 3161 section 2.4.1) and what they are told when they get no token.
namespace kyso::authority::tsa {

inline constexpr std::size_t kMaxQuery = 64U << 10U;
inline constexpr std::size_t kMaxNonce = 64;  // octets; clients of today send 4 to 20

// PKIFailureInfo, bit numbers (RFC 3161 section 2.4.2).
enum class Failure : std::uint8_t {
  bad_algorithm = 0,
  bad_request = 2,
  bad_data_format = 5,
  time_not_available = 14,
  unaccepted_policy = 15,
  unaccepted_extension = 16,
  additional_information_not_available = 17,
  system_failure = 25,
};
std::string_view name_of(Failure failure);  // "badAlg", as the standard writes it

struct Refusal {
  Failure failure = Failure::bad_request;
  std::string text;  // English, for the client's log
};
// Errors of this module and of reading DER have their bit; what is the server's own affair is systemFailure, of which
// clients are told nothing more.
Refusal refusal_of(const Error& error);

struct Query {
  crypto::DigestAlgorithm algorithm = crypto::DigestAlgorithm::sha256;
  Bytes imprint_algorithm;  // AlgorithmIdentifier as sent: repeated in the token
  Bytes imprint;
  std::string policy;  // dotted; empty: the default
  Bytes nonce;         // the whole INTEGER, DER; empty: none
  bool wants_certificates = false;
};

// DER. What clients of today send beside is taken too: certReq FALSE written out, TRUE as any octet but zero, digest
// parameters NULL or absent, a negative nonce or one with needless leading octets (given back with the same value).
// crypto.der.malformed, authority.tsa.format, authority.tsa.request, authority.tsa.algorithm, authority.tsa.extension.
Result<Query> read_query(ByteView der);

// TimeStampResp with status rejection, one text and one failure bit.
Bytes encode_refusal(const Refusal& refusal);
// TimeStampResp with status granted. `token`: ContentInfo.
Bytes encode_granted(ByteView token);

}  // namespace kyso::authority::tsa

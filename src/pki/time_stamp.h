#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "crypto/certificate.h"

// The client side of RFC 3161.
namespace kyso::pki {

struct TimeStampRequest {
  crypto::DigestAlgorithm algorithm = crypto::DigestAlgorithm::sha256;
  Bytes imprint;
  Bytes nonce;         // big-endian, 1 to 20 bytes
  std::string policy;  // dotted, empty: the authority's default
  bool want_certificates = true;
};
Bytes encode_request(const TimeStampRequest& request);  // DER TimeStampReq

struct TimeStampToken {
  Bytes der;     // ContentInfo
  Instant time;  // genTime
  crypto::DigestAlgorithm algorithm;
  Bytes imprint;
  std::string policy;
  std::string serial_hex;
  crypto::Certificate authority;  // the signer's certificate, from the token
};

// Parses a TimeStampResp and checks what RFC 3161 section 2.4.2 makes the client check: status, imprint, nonce, policy,
// the signature under the certificate inside, ESS signing-certificate, and that this certificate is for time-stamping
// only (critical extendedKeyUsage). Whether the authority is trusted is the verifier's business.
// An answer in BER is brought into DER. pki.tsp.rejected {status} {reason}, pki.tsp.malformed, pki.tsp.mismatch,
// pki.tsp.signature, pki.tsp.certificate; crypto.algorithm.unsupported.
Result<TimeStampToken> read_response(ByteView response, const TimeStampRequest& request);
// The same checks for a token found in a document, against the digest it should cover. Octets after it (padding) are
// left out of TimeStampToken::der. Imprints and ESS hashes of SHA-1 are read too.
Result<TimeStampToken> read_token(ByteView token, crypto::DigestAlgorithm algorithm, ByteView imprint);
Result<TimeStampToken> parse_token(ByteView token);  // no check against an imprint

// How a request reaches an authority; apps wire net::http_exchange to it.
struct TspReply {
  int status = 0;
  std::optional<std::chrono::seconds> retry_after;
  std::string content_type;
  Bytes body;
};
using TspTransport =
    std::function<Result<TspReply>(const std::string& url, ByteView request, std::chrono::milliseconds timeout)>;

// TimeStampClient: asks several authorities in order, until one answers.
//
// An authority that is down, slow, or wrong is passed over for this request; one that limits its rate (429 or 503, with
// Retry-After (at most a day of it) or without (one minute, doubling up to an hour), is left alone until that time,
// also by later processes when a state file is given. A damaged or unwritable state file never fails a time-stamp. The
// size of the last token of each authority is remembered there too, for computing the space of the next signature. When
// none answers: pki.tsp.unavailable with {tried} naming each authority and its cause.
class TimeStampClient {
 public:
  struct Options {
    std::vector<std::string> urls;
    std::chrono::milliseconds timeout{10'000};  // per authority
    crypto::DigestAlgorithm algorithm = crypto::DigestAlgorithm::sha256;
    std::string policy;
    std::string state_file;  // empty: remembered in this object only
  };
  TimeStampClient(Options options, TspTransport transport, const Clock& clock);
  ~TimeStampClient();
  // A time-stamp over the digest of `data`. Thread-safe.
  Result<TimeStampToken> stamp(ByteView data);
  Result<TimeStampToken> stamp_digest(crypto::DigestAlgorithm algorithm, ByteView digest);
  // Bytes to reserve for a token: the greatest remembered size of the configured authorities + 15 %, or 8 KiB when one
  // of them has never answered.
  std::size_t expected_token_size() const;

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

}  // namespace kyso::pki

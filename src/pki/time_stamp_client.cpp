#include <algorithm>
#include <mutex>

#include "base/log.h"
#include "pki/authority_memory.h"
#include "pki/time_stamp.h"

namespace kyso::pki {
namespace {

using std::chrono::seconds;

constexpr seconds kFirstBackOff{60};
constexpr seconds kMaxBackOff{3600};
// Rate limits of a day are met; a longer Retry-After is a mistake of the server.
constexpr seconds kMaxPause{86'400};
constexpr std::size_t kUnknownTokenSize = 8192;
constexpr std::size_t kNonceSize = 8;

bool limits_rate(int status) {
  return status == 429 || status == 503;
}

std::string cause_of(const Error& error) {
  return error.detail.empty() ? std::string(error.code) : fmt::format("{}: {}", error.code, error.detail);
}

}  // namespace

struct TimeStampClient::State {
  State(Options given, TspTransport how, const Clock& time)
      : options(std::move(given)), transport(std::move(how)), clock(time), memory(options.state_file) {}

  const Options options;
  const TspTransport transport;
  const Clock& clock;
  mutable std::mutex mutex;  // guards memory; never held while an authority is asked
  AuthorityMemory memory;

  Result<TimeStampToken> ask(const std::string& url, const TimeStampRequest& request);
  std::optional<Instant> blocked_until(const std::string& url) const;
  void remember_limit(const std::string& url, std::optional<seconds> retry_after);
  void remember_success(const std::string& url, std::size_t token_size);
};

std::optional<Instant> TimeStampClient::State::blocked_until(const std::string& url) const {
  const std::scoped_lock lock(mutex);
  const Instant until = memory.find(url).blocked_until;
  const Instant now = clock.now();
  // A clock that was set back must not lock an authority out for ever.
  if (until <= now || until > now + kMaxPause) return std::nullopt;
  return until;
}

void TimeStampClient::State::remember_limit(const std::string& url, std::optional<seconds> retry_after) {
  const std::scoped_lock lock(mutex);
  AuthorityRecord record = memory.find(url);
  seconds pause;
  if (retry_after && *retry_after > seconds::zero()) {
    pause = std::min(*retry_after, kMaxPause);
  } else {
    record.back_off = std::clamp(record.back_off * 2, kFirstBackOff, kMaxBackOff);
    pause = record.back_off;
  }
  record.blocked_until = clock.now() + pause;
  memory.keep(url, record);
}

void TimeStampClient::State::remember_success(const std::string& url, std::size_t token_size) {
  const std::scoped_lock lock(mutex);
  AuthorityRecord record = memory.find(url);
  // A few octets more or less (a longer serial number) are not worth a durable write each time.
  const bool same_size = token_size <= record.token_size && token_size + token_size / 10 >= record.token_size;
  if (same_size && record.back_off == seconds::zero() && record.blocked_until == Instant{}) return;
  memory.keep(url, {.token_size = same_size ? record.token_size : token_size});
}

Result<TimeStampToken> TimeStampClient::State::ask(const std::string& url, const TimeStampRequest& request) {
  if (const auto until = blocked_until(url)) return fail("pki.tsp.limited", "until {}", display_vietnam(*until));
  const TspReply reply = KYSO_TRY(transport(url, encode_request(request), options.timeout));
  if (limits_rate(reply.status)) {
    remember_limit(url, reply.retry_after);
    return fail("pki.tsp.limited", "HTTP {}", reply.status);
  }
  if (reply.status != 200) return fail("pki.tsp.malformed", "HTTP {}", reply.status);
  TimeStampToken token = KYSO_TRY(read_response(reply.body, request));
  remember_success(url, token.der.size());
  return token;
}

TimeStampClient::TimeStampClient(Options options, TspTransport transport, const Clock& clock)
    : m_state(std::make_unique<State>(std::move(options), std::move(transport), clock)) {}
TimeStampClient::~TimeStampClient() = default;

Result<TimeStampToken> TimeStampClient::stamp(ByteView data) {
  const crypto::DigestAlgorithm algorithm = m_state->options.algorithm;
  return stamp_digest(algorithm, crypto::digest(algorithm, data));
}

Result<TimeStampToken> TimeStampClient::stamp_digest(crypto::DigestAlgorithm algorithm, ByteView digest) {
  TimeStampRequest request{.algorithm = algorithm,
                           .imprint = Bytes(digest.begin(), digest.end()),
                           .nonce = {},
                           .policy = m_state->options.policy,
                           .want_certificates = true};
  std::string tried;
  for (const std::string& url : m_state->options.urls) {
    request.nonce = crypto::random_bytes(kNonceSize);
    auto token = m_state->ask(url, request);
    if (token) return token;
    const std::string cause = cause_of(token.error());
    log::write(log::Level::warning, "tsa.failover", {{"url", url}, {"cause", cause}});
    tried += fmt::format("{}{} ({})", tried.empty() ? "" : "; ", url, cause);
  }
  return fail("pki.tsp.unavailable", "{}", tried).with("tried", tried);
}

std::size_t TimeStampClient::expected_token_size() const {
  const std::scoped_lock lock(m_state->mutex);
  std::size_t greatest = 0;
  for (const std::string& url : m_state->options.urls) {
    const std::size_t size = m_state->memory.find(url).token_size;
    greatest = std::max(greatest, size == 0 ? kUnknownTokenSize : size + (size * 15 + 99) / 100);
  }
  return greatest == 0 ? kUnknownTokenSize : greatest;
}

}  // namespace kyso::pki

#include "vault/access.h"

#include "jose/jws.h"
#include "vault/speaker.h"
#include "vault/statement_json.h"

namespace kyso::vault {
namespace {

constexpr std::size_t kNonceBytes = 16;
constexpr TextRule kMethod{.max = 16, .min = 1};
constexpr TextRule kTarget{.max = 8192, .min = 1};
constexpr TextRule kNonce{.max = 2 * kNonceBytes, .min = 2 * kNonceBytes};

struct Claim {
  std::string method, target;
  Instant time;
  std::string nonce;
};

std::string serialize(const Claim& claim) {
  StatementWriter out;
  out.open('{').member("method", claim.method).member("target", claim.target).member("time", claim.time);
  return out.member("nonce", claim.nonce).close('}').take();
}

Result<Claim> parse_claim(std::string_view text) {
  const auto value = json::parse(text);
  if (!value) return malformed("JSON", value.error().detail);
  auto members = KYSO_TRY(StatementReader::open(*value, "JSON"));
  Claim claim;
  claim.method = KYSO_TRY(members.text("method", kMethod));
  claim.target = KYSO_TRY(members.text("target", kTarget));
  claim.time = KYSO_TRY(members.instant("time"));
  claim.nonce = KYSO_TRY(members.text("nonce", kNonce));
  KYSO_TRY(members.finish());
  if (serialize(claim) != text) return malformed("JSON", "not canonical");
  return claim;
}

}  // namespace

Result<std::string> make_access(std::string_view method, std::string_view target, Instant now,
                                crypto::KeyHolder& signer) {
  const Claim claim{std::string(method), std::string(target), now, to_hex(crypto::random_bytes(kNonceBytes))};
  return jose::sign_jws(kAccessType, serialize(claim), signer);
}

Result<const Officer*> AccessGuard::check(const Policy& policy, std::string_view jws, std::string_view method,
                                          std::string_view target, Instant now) {
  const VerifiedStatement speaker = KYSO_TRY(hear_jws(policy, jws, kAccessType, now));
  Claim claim = KYSO_TRY(parse_claim(speaker.payload));
  if (claim.method != method || claim.target != target)
    return fail("vault.access.mismatch").with("person", speaker.officer->person);
  if (claim.time > now + kWindow || claim.time < now - kWindow)
    return fail("vault.access.clock").with("seconds", std::chrono::abs(claim.time - now).count());
  KYSO_TRY(remember(std::move(claim.nonce), claim.time + kWindow, now));
  return speaker.officer;
}

Result<> AccessGuard::remember(std::string nonce, Instant until, Instant now) {
  const std::scoped_lock lock(m_mutex);
  while (!m_ends.empty() && m_ends.begin()->first < now) {
    m_nonces.erase(m_ends.begin()->second);
    m_ends.erase(m_ends.begin());
  }
  if (m_nonces.contains(nonce)) return fail("vault.access.replayed");
  if (m_nonces.size() >= m_capacity) return fail("vault.access.overload");
  m_ends.emplace(until, nonce);
  m_nonces.insert(std::move(nonce));
  return {};
}

}  // namespace kyso::vault

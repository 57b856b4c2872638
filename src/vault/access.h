#pragma once
#include <mutex>
#include <set>
#include <string>

#include "crypto/key_holder.h"
#include "vault/policy.h"

// How an officer proves who he is when he only reads: a JWS over this one request, by a certificate of the policy
// (HTTP: "Authorization: Kyso-JWS <jws>"). It is worth nothing for another target, a minute later, or a second time.
namespace kyso::vault {

inline constexpr std::string_view kAccessType = "kyso-access+jwt";
inline constexpr std::string_view kAccessScheme = "Kyso-JWS";

// `target` is path and query as they are sent: "/authority/v1/requests?state=waiting". Errors of sign_jws.
Result<std::string> make_access(std::string_view method, std::string_view target, Instant now,
                                crypto::KeyHolder& signer);

// Thread-safe. Remembers the nonces of each process by itself: behind several servers a proof that somebody could
// copy out of TLS would pass once on each, for reading the same answer.
class AccessGuard {
 public:
  static constexpr std::chrono::seconds kWindow{60};  // how far the officer's clock may be from ours
  explicit AccessGuard(std::size_t capacity = 100'000) : m_capacity(capacity) {}

  // Who asks. vault.statement.signer, vault.statement.certificate {person}, vault.statement.malformed,
  // vault.access.mismatch (for another method or target), vault.access.clock {seconds} (not within kWindow),
  // vault.access.replayed, vault.access.overload (more proofs in the window than `capacity`), jose.*.
  Result<const Officer*> check(const Policy& policy, std::string_view jws, std::string_view method,
                               std::string_view target, Instant now);

 private:
  Result<> remember(std::string nonce, Instant until, Instant now);

  std::size_t m_capacity;
  std::mutex m_mutex;
  std::set<std::string, std::less<>> m_nonces;
  std::set<std::pair<Instant, std::string>> m_ends;
};

}  // namespace kyso::vault

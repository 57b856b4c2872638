#pragma once
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "token/key_uri.h"
#include "token/login.h"
#include "token/mechanism.h"
#include "token/objects.h"
#include "token/session_pool.h"
#include "token/slots.h"

namespace kyso::token {

// What a connection must be: one that heals another, or one of a key whose certificate came from elsewhere.
struct Expected {
  crypto::Certificate certificate;
  std::optional<CK_TOKEN_INFO> token;  // that the key was in until now
  bool is_given = false;               // the certificate came from elsewhere: what lies beside the key means nothing
};

// Connection: one life of a key in a token, from plugging in to pulling out. Thread-safe.
class Connection {
 public:
  // The module and the keeper must outlive it. With `expected`, another certificate or key under the same URI is
  // token.key.changed, where possible before a PIN is sent.
  static Result<std::shared_ptr<Connection>> open(Module& module, const KeyUri& uri, PinKeeper& pins,
                                                  std::size_t max_sessions, const std::optional<Expected>& expected);

  const crypto::Certificate& certificate() const { return m_certificate; }
  const std::vector<crypto::Certificate>& issuers() const { return m_issuers; }
  const CK_TOKEN_INFO& token() const { return m_token.raw; }
  bool supports(crypto::SignatureScheme scheme) const;
  // token.device.lost when opening anew may help.
  Result<Bytes> sign(const crypto::SignRequest& request);
  // RSAES-OAEP with SHA-1. token.decrypt, token.device.lost.
  Result<Secret> decrypt(ByteView ciphertext);
  // The token shows the key: token.device.lost otherwise.
  Result<> ping();
  // Waits for signatures under way, then closes every session.
  void shut() { m_pool.shut(); }

 private:
  struct Parts {
    SlotToken token;
    TokenKey key;
    crypto::Certificate certificate;
    std::vector<crypto::Certificate> issuers;
  };
  Connection(Module& module, PinKeeper& pins, Session first, std::size_t max_sessions, Parts parts, bool healed);
  Result<Bytes> sign_in(SessionPool::Lease& lease, Mechanism mechanism, const crypto::SignRequest& request);
  Result<> begin(SessionPool::Lease& lease, Mechanism mechanism, crypto::SignatureScheme scheme);
  Result<> prove(const crypto::SignRequest& request, ByteView value);

  Module& m_module;
  PinKeeper& m_pins;
  const SlotToken m_token;
  const TokenKey m_key;
  const crypto::Certificate m_certificate;
  const std::vector<crypto::Certificate> m_issuers;
  const bool m_healed;
  std::vector<std::pair<crypto::SignatureScheme, Mechanism>> m_mechanisms;
  std::atomic<bool> m_proven = false;
  SessionPool m_pool;
};

}  // namespace kyso::token

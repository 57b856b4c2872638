#pragma once
#include <memory>

#include "webauthn/webauthn.h"

namespace kyso::webauthn {

// An authenticator in software with one P-256 key: makes what a browser would send. For tests and trials; nothing that
// protects anything uses it.
class SoftAuthenticator {
 public:
  SoftAuthenticator(std::string party_id, std::string origin);
  ~SoftAuthenticator();
  Registration register_for(ByteView challenge);
  Assertion assert_for(ByteView challenge, bool user_verified = true);
  const Bytes& credential_id() const;

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

}  // namespace kyso::webauthn

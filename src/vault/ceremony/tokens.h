#pragma once
#include "vault/ceremony/run.h"

// Private to the ceremony: the tokens of a plan, opened when they are needed.
namespace kyso::vault::ceremony {

class Tokens {
 public:
  Tokens(const Plan& plan, token::PinSource pins, std::string default_module);
  Tokens(Tokens&&) noexcept;
  ~Tokens();
  Result<token::TokenEditor*> editor(const PlannedToken& token);
  // nullopt: the token has no key of this name.
  Result<std::optional<token::KeyInToken>> find(const PlannedKey& key);
  // For signing, with this certificate.
  Result<std::unique_ptr<crypto::KeyHolder>> holder(const PlannedKey& key, const token::KeyInToken& found,
                                                    const crypto::Certificate& certificate);

 private:
  token::PinSource remembered(const std::string& token);
  token::Options options() const;

  struct State;
  std::unique_ptr<State> m_state;
};

}  // namespace kyso::vault::ceremony

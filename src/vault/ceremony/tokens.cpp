#include "vault/ceremony/tokens.h"

#include <map>

namespace kyso::vault::ceremony {

struct Tokens::State {
  const Plan& plan;
  token::PinSource pins;
  std::string default_module;
  std::map<std::string, Secret> known;  // PINs, while the ceremony lasts
  std::map<std::string, token::TokenEditor> editors;
};

Tokens::Tokens(const Plan& plan, token::PinSource pins, std::string default_module)
    : m_state(std::make_unique<State>(plan, std::move(pins), std::move(default_module))) {}
Tokens::Tokens(Tokens&&) noexcept = default;
Tokens::~Tokens() = default;

// A PIN that was refused isn't kept: the error ends the ceremony, and a person types it anew.
token::PinSource Tokens::remembered(const std::string& token) {
  return [this, token](const token::TokenInfo& info) -> Result<Secret> {
    const auto known = m_state->known.find(token);
    if (known != m_state->known.end() && info.pin_state == token::PinState::normal) return known->second.clone();
    Secret pin = KYSO_TRY(m_state->pins(info));
    m_state->known.insert_or_assign(token, pin.clone());
    return pin;
  };
}

token::Options Tokens::options() const {
  token::Options out;
  out.default_module = m_state->default_module;
  out.max_sessions = 1;
  return out;
}

Result<token::TokenEditor*> Tokens::editor(const PlannedToken& token) {
  if (const auto open = m_state->editors.find(token.name); open != m_state->editors.end()) return &open->second;
  auto opened = token::TokenEditor::open(token.uri, remembered(token.name), options());
  if (!opened) {
    m_state->known.erase(token.name);
    return opened.error();
  }
  return &m_state->editors.emplace(token.name, *std::move(opened)).first->second;
}

Result<std::optional<token::KeyInToken>> Tokens::find(const PlannedKey& key) {
  token::TokenEditor* editor = KYSO_TRY(this->editor(m_state->plan.token_of(key)));
  auto found = editor->find(key.name);
  if (found) return std::optional(*std::move(found));
  if (found.error().code == "token.key.not_found") return std::optional<token::KeyInToken>();
  return found.error();
}

Result<std::unique_ptr<crypto::KeyHolder>> Tokens::holder(const PlannedKey& key, const token::KeyInToken& found,
                                                          const crypto::Certificate& certificate) {
  token::Options wanted = options();
  wanted.certificate = certificate;
  return token::open_pkcs11(found.uri, remembered(key.token), wanted);
}

}  // namespace kyso::vault::ceremony

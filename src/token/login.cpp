#include "token/login.h"

#include <algorithm>

#include "base/file.h"
#include "token/return_value.h"
#include "token/slots.h"

namespace kyso::token {
namespace {

constexpr std::size_t kMaxPinFile = 4096;

std::string_view name_of(PinState state) {
  switch (state) {
    case PinState::normal:
      return "normal";
    case PinState::count_low:
      return "count_low";
    case PinState::final_try:
      return "final_try";
    case PinState::locked:
      return "locked";
    case PinState::to_be_changed:
      return "to_be_changed";
  }
  return "normal";
}

Error pin_error(std::string_view code, const TokenInfo& token, PinState state, std::string_view detail = {},
                std::source_location where = std::source_location::current()) {
  return Error(code, std::string(detail), where).with("state", name_of(state)).with("token", token.label);
}

// How near to the lock a token says it is.
int severity(PinState state) {
  switch (state) {
    case PinState::count_low:
      return 1;
    case PinState::final_try:
      return 2;
    case PinState::locked:
      return 3;
    case PinState::normal:
    case PinState::to_be_changed:
      break;
  }
  return 0;
}

Result<Secret> read_pin_file(const std::string& path) {
  auto bytes = KYSO_TRY(read_file(path, kMaxPinFile));
  std::string text(bytes.begin(), bytes.end());
  explicit_bzero(bytes.data(), bytes.size());
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return Secret(std::move(text));
}

}  // namespace

Result<> PinKeeper::login(const Session& session, CK_USER_TYPE user) {
  std::lock_guard lock(m_mutex);
  Module& module = session.module();
  const auto raw = KYSO_TRY(read_token(module, session.slot())).raw;
  const TokenInfo token = describe_token(module.path(), raw);
  if (token.pin_state == PinState::locked) return pin_error("token.pin.locked", token, token.pin_state, "flag");
  Secret pin = KYSO_TRY(pin_for(token));
  auto text = pin.reveal();
  const CK_RV rv = module.call([&](auto& f) {
    // PKCS#11 section 5.6, C_Login: no PIN where the device has its own pad.
    if (token.protected_authentication_path) return f.C_Login(session.handle(), user, nullptr, 0);
    auto* bytes = reinterpret_cast<CK_UTF8CHAR*>(const_cast<char*>(text.data()));
    return f.C_Login(session.handle(), user, bytes, text.size());
  });
  return conclude(session, token, rv, std::move(pin));
}

Result<Secret> PinKeeper::pin_for(const TokenInfo& token) {
  if (token.pin_state == PinState::final_try && (m_file || !m_source))
    return pin_error("token.pin.final_try", token, token.pin_state, "nobody can consent");
  if (token.protected_authentication_path) {
    // The source shows the person where to type, and asks for consent to the last try; what it returns isn't sent.
    if (m_source) KYSO_TRY(m_source(token));
    return Secret();
  }
  if (!m_accepted.empty() && token.pin_state != PinState::final_try) return m_accepted.clone();
  Secret pin = KYSO_TRY(ask(token));
  if (pin.empty()) return pin_error("token.pin.missing", token, token.pin_state, "empty");
  if (!m_refused.empty() && pin.reveal() == m_refused.reveal())
    return pin_error("token.pin.incorrect", token, token.pin_state, "refused before, not sent again");
  if (!m_doubtful.empty() && pin.reveal() == m_doubtful.reveal()) return device_error("C_Login", CKR_GENERAL_ERROR);
  return pin;
}

Result<Secret> PinKeeper::ask(const TokenInfo& token) {
  if (m_file) return read_pin_file(*m_file);
  if (!m_source) return pin_error("token.pin.missing", token, token.pin_state, "no source");
  return m_source(token);
}

Result<> PinKeeper::conclude(const Session& session, const TokenInfo& before, CK_RV rv, Secret pin) {
  if (rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN) {
    // Already logged in: the token did not look at this PIN, so nothing is known of it.
    if (rv == CKR_OK) m_accepted = std::move(pin);
    return {};
  }
  const auto detail = "C_Login: " + kyso::token::name_of(rv);
  const auto after = read_token(session.module(), session.slot());
  const PinState state = after ? pin_state_of(after->raw.flags) : before.pin_state;
  switch (rv) {
    case CKR_PIN_LOCKED:
      m_accepted = Secret();
      return pin_error("token.pin.locked", before, PinState::locked, detail);
    case CKR_PIN_EXPIRED:
      return pin_error("token.pin.expired", before, state, detail);
    case CKR_USER_PIN_NOT_INITIALIZED:
      return pin_error("token.pin.not_initialized", before, state, detail);
    case CKR_FUNCTION_CANCELED:
      return pin_error("token.pin.cancelled", before, state, detail);
    default:
      break;
  }
  const bool refused = rv == CKR_PIN_INCORRECT || rv == CKR_PIN_INVALID || rv == CKR_PIN_LEN_RANGE;
  // Some drivers call a wrong PIN a general error (OpenSC issue 871: ePass2003); then the flags tell.
  const bool nearer = after && severity(state) > severity(before.pin_state);
  if (!refused && !nearer) {
    // A token that is still there and failed for no stated reason may have counted a wrong PIN.
    if (after && (rv == CKR_GENERAL_ERROR || rv == CKR_DEVICE_ERROR || rv == CKR_FUNCTION_FAILED)) {
      m_accepted = Secret();
      m_doubtful = std::move(pin);
    }
    return device_error("C_Login", rv);
  }
  m_accepted = Secret();
  m_refused = std::move(pin);
  return pin_error(state == PinState::locked ? "token.pin.locked" : "token.pin.incorrect", before, state, detail);
}

}  // namespace kyso::token

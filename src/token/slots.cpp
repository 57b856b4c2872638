#include "token/slots.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/text.h"
#include "token/objects.h"
#include "token/return_value.h"
#include "token/session_pool.h"

namespace kyso::token {
namespace {

// PKCS#11 section 3: blank-padded UTF-8 without terminator; some vendors write something else, or a NUL.
template <std::size_t N>
std::string text_of(const unsigned char (&field)[N]) {
  std::string_view text(reinterpret_cast<const char*>(field), N);
  text = text.substr(0, text.find('\0'));
  while (text.ends_with(' ')) text.remove_suffix(1);
  return to_utf8(to_utf32(text));
}

Result<std::vector<CK_SLOT_ID>> slots_with_token(Module& module) {
  // The number of tokens may change between the two calls.
  for (int attempt = 0; attempt < 4; ++attempt) {
    CK_ULONG count = 0;
    KYSO_TRY(check("C_GetSlotList", module.call([&](auto& f) { return f.C_GetSlotList(CK_TRUE, nullptr, &count); })));
    std::vector<CK_SLOT_ID> slots(count + 4);
    count = slots.size();
    const CK_RV rv = module.call([&](auto& f) { return f.C_GetSlotList(CK_TRUE, slots.data(), &count); });
    if (rv == CKR_BUFFER_TOO_SMALL) continue;
    KYSO_TRY(check("C_GetSlotList", rv));
    slots.resize(std::min<std::size_t>(count, slots.size()));
    return slots;
  }
  return device_error("C_GetSlotList", CKR_BUFFER_TOO_SMALL);
}

bool same_token(const CK_TOKEN_INFO& a, const CK_TOKEN_INFO& b) {
  return std::memcmp(a.serialNumber, b.serialNumber, sizeof a.serialNumber) == 0 &&
         std::memcmp(a.manufacturerID, b.manufacturerID, sizeof a.manufacturerID) == 0 &&
         std::memcmp(a.label, b.label, sizeof a.label) == 0;
}

bool shows_object(Module& module, CK_SLOT_ID slot, const KeyUri& uri) {
  auto session = Session::open(module, slot);
  if (!session) return false;
  auto found = find_objects(*session, std::nullopt, uri.label(), uri.id(), 1);
  return found && !found->empty();
}

}  // namespace

PinState pin_state_of(CK_FLAGS flags) {
  if ((flags & CKF_USER_PIN_LOCKED) != 0) return PinState::locked;
  if ((flags & CKF_USER_PIN_FINAL_TRY) != 0) return PinState::final_try;
  if ((flags & CKF_USER_PIN_COUNT_LOW) != 0) return PinState::count_low;
  if ((flags & CKF_USER_PIN_TO_BE_CHANGED) != 0) return PinState::to_be_changed;
  return PinState::normal;
}

TokenInfo describe_token(const std::string& module_path, const CK_TOKEN_INFO& raw) {
  TokenInfo info;
  info.module_path = module_path;
  info.label = text_of(raw.label);
  info.manufacturer = text_of(raw.manufacturerID);
  info.model = text_of(raw.model);
  info.serial = text_of(raw.serialNumber);
  info.pin_state = pin_state_of(raw.flags);
  info.protected_authentication_path = (raw.flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0;
  info.login_required = (raw.flags & CKF_LOGIN_REQUIRED) != 0;
  return info;
}

Result<SlotToken> read_token(Module& module, CK_SLOT_ID slot) {
  SlotToken token;
  token.slot = slot;
  KYSO_TRY(check("C_GetTokenInfo", module.call([&](auto& f) { return f.C_GetTokenInfo(slot, &token.raw); })));
  return token;
}

Result<std::vector<SlotToken>> present_tokens(Module& module) {
  std::vector<SlotToken> tokens;
  for (const CK_SLOT_ID slot : KYSO_TRY(slots_with_token(module))) {
    auto token = read_token(module, slot);
    if (token && (token->raw.flags & CKF_TOKEN_INITIALIZED) != 0) tokens.push_back(*token);
  }
  return tokens;
}

Result<SlotToken> find_token(Module& module, const KeyUri& uri, const std::optional<CK_TOKEN_INFO>& known) {
  CK_INFO library{};
  KYSO_TRY(check("C_GetInfo", module.call([&](auto& f) { return f.C_GetInfo(&library); })));
  auto tokens = KYSO_TRY(present_tokens(module));
  std::erase_if(tokens, [&](const SlotToken& token) {
    CK_SLOT_INFO slot{};
    return !uri.matches(library) || !uri.matches(token.raw) ||
           module.call([&](auto& f) { return f.C_GetSlotInfo(token.slot, &slot); }) != CKR_OK ||
           !uri.matches(token.slot, slot);
  });
  if (tokens.empty()) return fail("token.not_found").with("uri", uri.text());
  if (tokens.size() > 1 && known) {
    const auto before = std::ranges::find_if(tokens, [&](const auto& token) { return same_token(token.raw, *known); });
    if (before != tokens.end()) return *before;
  }
  std::size_t count = tokens.size();
  if (tokens.size() > 1 && (uri.label() || uri.id())) {
    std::erase_if(tokens, [&](const SlotToken& token) { return !shows_object(module, token.slot, uri); });
    if (tokens.size() > 1) count = tokens.size();
  }
  if (tokens.size() == 1) return tokens.front();
  return fail("token.several").with("uri", uri.text()).with("count", count);
}

Result<std::vector<TokenInfo>> list_tokens(const std::string& module_path) {
  const auto module = KYSO_TRY(Module::acquire(module_path));
  std::vector<TokenInfo> tokens;
  for (const auto& token : KYSO_TRY(present_tokens(*module)))
    tokens.push_back(describe_token(module->path(), token.raw));
  return tokens;
}

}  // namespace kyso::token

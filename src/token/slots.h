#pragma once
#include <optional>
#include <vector>

#include "token/key_uri.h"
#include "token/module.h"
#include "token/pkcs11.h"

namespace kyso::token {

// One token as it was seen in a slot.
struct SlotToken {
  CK_SLOT_ID slot = 0;
  CK_TOKEN_INFO raw{};
};

PinState pin_state_of(CK_FLAGS flags);
TokenInfo describe_token(const std::string& module_path, const CK_TOKEN_INFO& raw);

Result<SlotToken> read_token(Module& module, CK_SLOT_ID slot);

// The initialised tokens that are in now. A reader that fails is passed over: it must not hide the others.
Result<std::vector<SlotToken>> present_tokens(Module& module);

// The one token that the URI means. Several of the same name: the one that shows an object of the URI's label or id
// without login. token.not_found {uri}, token.several {uri} {count}.
//
// `known`: the token that the key was in until now; preferred when it is among several.
Result<SlotToken> find_token(Module& module, const KeyUri& uri, const std::optional<CK_TOKEN_INFO>& known);

}  // namespace kyso::token

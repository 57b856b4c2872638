#pragma once
#include "webauthn/webauthn.h"

// Private to the module: Level 2 section 5.8.1.
namespace kyso::webauthn {

// The steps about client data of sections 7.1 (5–10) and 7.2 (9–14). `type`: "webauthn.create" or "webauthn.get".
// webauthn.malformed {reason}, webauthn.challenge, webauthn.origin {origin}.
Result<> check_client_data(const RelyingParty& party, ByteView challenge, ByteView client_data_json,
                           std::string_view type);

}  // namespace kyso::webauthn

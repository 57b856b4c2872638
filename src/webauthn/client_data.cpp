#include "webauthn/client_data.h"

#include <algorithm>

#include "crypto/password.h"
#include "jose/base64url.h"
#include "json/json.h"

namespace kyso::webauthn {
namespace {

constexpr std::size_t kMaxClientData = 16U << 10U;
constexpr std::size_t kMinChallenge = 16;  // Level 2 section 13.4.3
constexpr std::size_t kMaxShownOrigin = 300;

Error malformed(std::string_view what, std::source_location where = std::source_location::current()) {
  return Error("webauthn.malformed", std::string(what), where).with("reason", fmt::format("clientDataJSON: {}", what));
}

Result<std::string_view> text_of(const json::Value& object, std::string_view name) {
  const json::Value* member = object.find(name);
  const auto text = member == nullptr ? std::nullopt : member->as_string();
  if (!text) return malformed(name);
  return *text;
}

Error wrong_origin(std::string_view origin) {
  return fail("webauthn.origin").with("origin", origin.substr(0, kMaxShownOrigin));
}

// Kyso's pages are never framed by pages of another origin (Level 3 section 7.1 steps 10 and 11).
Result<> check_framing(const json::Value& data, std::string_view origin) {
  if (const json::Value* crossed = data.find("crossOrigin"); crossed != nullptr) {
    if (!crossed->as_bool()) return malformed("crossOrigin");
    if (*crossed->as_bool()) return wrong_origin(origin);
  }
  if (data.find("topOrigin") != nullptr) return wrong_origin(KYSO_TRY(text_of(data, "topOrigin")));
  return {};
}

// Section 7.1 step 10, 7.2 step 14: Kyso's connections have no Token Binding; "supported" says as much.
Result<> check_token_binding(const json::Value& data) {
  const json::Value* binding = data.find("tokenBinding");
  if (binding == nullptr) return {};
  if (KYSO_TRY(text_of(*binding, "status")) != "supported") return malformed("tokenBinding");
  return {};
}

}  // namespace

Result<> check_client_data(const RelyingParty& party, ByteView challenge, ByteView client_data_json,
                           std::string_view type) {
  if (client_data_json.size() > kMaxClientData) return malformed("size");
  std::string_view text = as_chars(client_data_json);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // "UTF-8 decode" of the Encoding Standard
  const auto data = json::parse(text);                          // refuses members that stand twice
  if (!data || data->as_object() == nullptr) return malformed("JSON");
  if (KYSO_TRY(text_of(*data, "type")) != type) return malformed("type");
  const std::string_view signed_challenge = KYSO_TRY(text_of(*data, "challenge"));
  if (challenge.size() < kMinChallenge ||
      !crypto::equal_in_constant_time(signed_challenge, jose::to_base64url(challenge)))
    return fail("webauthn.challenge");
  const std::string_view origin = KYSO_TRY(text_of(*data, "origin"));
  if (std::ranges::find(party.origins, origin) == party.origins.end()) return wrong_origin(origin);
  KYSO_TRY(check_framing(*data, origin));
  return check_token_binding(*data);
}

}  // namespace kyso::webauthn

#pragma once
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "crypto/password.h"

// Private to the module: the text form of a hash (PHC string format, Argon2id version 19 only).
namespace kyso::crypto {

struct PasswordHash {
  PasswordCost cost;
  Bytes salt, tag;
};
bool is_within_limits(const PasswordCost& cost);
// One text for one hash. crypto.password.malformed.
Result<PasswordHash> parse_password_hash(std::string_view text);
std::string serialize(const PasswordHash& hash);
// RFC 4648 section 4 without padding.
std::string to_unpadded_base64(ByteView bytes);

}  // namespace kyso::crypto

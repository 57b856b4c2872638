#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace kyso::crypto {

// Passwords of people: Argon2id (RFC 9106) in PHC form "$argon2id$v=19$m=…,t=…,p=…$salt$hash".
struct PasswordCost {
  std::uint32_t memory_kib = 19'456, iterations = 2, lanes = 1;
};
// At most two calculations at a time in a process: the others wait, so that nobody can fill the
// memory by signing in often. The password is hashed as NFC. A cost beyond 1 GiB or 1000 iterations is
// crypto.password.malformed.
Result<std::string> hash_password(const Secret& password, const PasswordCost& cost = {});
// crypto.password.malformed: not such a text, or a cost beyond those limits.
struct PasswordCheck {
  bool is_right = false;
  bool needs_rehash = false;  // made with a lower cost than `wanted`
};
Result<PasswordCheck> check_password(const Secret& password, std::string_view hash, const PasswordCost& wanted = {});
// Takes as long as check_password of a hash with this cost: for accounts that don't exist.
void pretend_password_check(const Secret& password, const PasswordCost& wanted = {});

// 128 random bits as a UUID (RFC 9562 version 4), lower case: ids that nobody guesses.
std::string random_uuid();
// URL-safe text of so many random bytes.
std::string random_token(std::size_t bytes = 32);

// The same in constant time, whatever is in them.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace kyso::crypto

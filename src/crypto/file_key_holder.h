#pragma once
#include "crypto/key_holder.h"
#include "crypto/software_key.h"

// Private to the module: the holder that key files become.
namespace kyso::crypto {

// Takes the key and certificate that fit each other; among several, those that may sign documents before others, then
// the certificate that lasts longest. nullptr when none fit; crypto.key.weak for RSA below 2048 bits.
Result<std::unique_ptr<KeyHolder>> make_file_key_holder(std::vector<SoftwareKey> keys,
                                                        std::vector<Certificate> certificates);

}  // namespace kyso::crypto

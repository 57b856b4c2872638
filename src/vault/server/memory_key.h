#pragma once
#include <memory>

#include "crypto/key_holder.h"

namespace kyso::vault {

// A key that lives in this process only and dies with it: "ec:p256", "ec:p384", "rsa:2048", "rsa:3072". Its certificate
// is a bare one. Signs as fast as the processor can: contexts are made once per thread that signs at the same time.
// vault.key.kind {kind}.
Result<std::unique_ptr<crypto::KeyHolder>> make_memory_key(const std::string& kind);

// One more handle of the same holder.
std::unique_ptr<crypto::KeyHolder> share_holder(std::shared_ptr<crypto::KeyHolder> holder);

}  // namespace kyso::vault

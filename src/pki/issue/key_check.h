#pragma once
#include "pki/issue/certificate_request.h"

// Private to the module.
namespace kyso::pki::issue {

// A key of a kind that certificates are issued for: issue.key.kind, or issue.key.weak when its numbers make no key.
Result<> check_usable(const crypto::PublicKey& key);

}  // namespace kyso::pki::issue

#pragma once
#include "crypto/certificate.h"

// Private to the module.
namespace kyso::verify {

// The certificates that an address for caIssuers gave (RFC 5280 section 4.2.2.1): one in DER, a CMS of certificates
// only (.p7c, .p7b; DER or BER), or either in PEM. At most 64; others that can't be read are skipped. None:
// crypto.certificate.malformed.
Result<std::vector<crypto::Certificate>> read_certificate_bundle(ByteView body);

}  // namespace kyso::verify

#pragma once
#include <vector>

#include "pki/parsed_certificate.h"

namespace kyso::pki {

// The certificates of a file or of an answer to caIssuers (RFC 5280 section 4.2.2.1): DER, PEM (one or many), or PKCS#7
// "certs only" (.p7b, .p7c; DER, BER or PEM). At most `most`; in PKCS#7 those that can't be read are skipped. None, or
// something else: crypto.certificate.malformed.
Result<std::vector<ParsedCertificate>> read_certificate_bag(ByteView file, std::size_t most = 4096);

}  // namespace kyso::pki

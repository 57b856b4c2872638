#pragma once
#include <vector>

#include "pki/parsed_certificate.h"

// Private to the module.
namespace kyso::pki {

// The certificates of a file: DER, PEM (one or many), or PKCS#7 "certs only" (.p7b; DER, BER or PEM). None, or
// something else: crypto.certificate.malformed.
Result<std::vector<ParsedCertificate>> read_certificate_bag(ByteView file);

}  // namespace kyso::pki

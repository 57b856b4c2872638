#pragma once
#include "pki/parsed_certificate.h"

// Private to the module.
namespace kyso::pki {

// The extensions of a certificate as values; what can't be read, and what stands twice, is named in `malformed`.
CertificateExtensions read_extensions(const crypto::Certificate& certificate);

}  // namespace kyso::pki

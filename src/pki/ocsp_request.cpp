#include "crypto/algorithm_identifier.h"
#include "pki/ocsp_state.h"

namespace kyso::pki {

namespace der = crypto::der;

// OCSPRequest (RFC 6960 section 4.1.1), one certificate, unsigned.
Bytes encode_ocsp_request(const ParsedCertificate& subject, const ParsedCertificate& issuer,
                          const OcspRequest& request) {
  const crypto::Certificate& authority = issuer.certificate();
  const auto hash = [&](ByteView data) {
    return der::encode(der::kOctetString, crypto::digest(request.certificate_id, data));
  };
  // RFC 5019 section 2.1.1 asks for the NULL; responders compare the whole CertID octet by octet.
  const Bytes identifier = crypto::encode_digest_algorithm(request.certificate_id);
  const ByteView oid = der::Reader(identifier).next()->content;
  const Bytes algorithm = der::sequence(oid, der::encode(der::kNull, {}));
  const Bytes certificate_id = der::sequence(
      algorithm, hash(subject.certificate().issuer_der()), hash(public_key_bits(authority.public_key().spki())),
      der::encode(der::kInteger, minimal_integer(subject.certificate().serial())));
  const Bytes list = der::sequence(der::sequence(certificate_id));
  if (request.nonce.empty()) return der::sequence(der::sequence(list));
  // RFC 9654 section 2.1: the octets of the nonce are an OCTET STRING inside that of the extension.
  const Bytes value = der::encode(der::kOctetString, der::encode(der::kOctetString, request.nonce));
  const Bytes extension = der::sequence(der::encode_oid("1.3.6.1.5.5.7.48.1.2"), value);
  return der::sequence(der::sequence(list, der::encode(der::context(2), der::sequence(extension))));
}

}  // namespace kyso::pki

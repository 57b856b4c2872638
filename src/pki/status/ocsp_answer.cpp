#include "crypto/algorithm_identifier.h"
#include "pki/ocsp_state.h"
#include "pki/status/ocsp_server.h"
#include "pki/status/status_encoding.h"

namespace kyso::pki::status {
namespace {

namespace der = crypto::der;

constexpr std::uint8_t kEnumerated = 0x0a;
constexpr int kCertificateHold = 6;

Bytes enumerated(int value) {
  return {kEnumerated, 1, static_cast<std::uint8_t>(value)};
}

// RevokedInfo.
Bytes revoked_info(Instant since, int reason) {
  Bytes content = generalized_time(since);
  if (reason != 0) append(content, ByteView(der::encode(der::context(0), enumerated(reason))));
  return der::encode(der::context(1), content);
}

// CertStatus.
Bytes status_of(const SingleAnswer& answer) {
  using Status = SingleAnswer::Status;
  if (answer.not_issued) return revoked_info(Instant{}, kCertificateHold);
  if (answer.status == Status::revoked) return revoked_info(answer.revoked_at, answer.reason.value_or(0));
  return der::encode(der::context(answer.status == Status::good ? 0 : 2, false), {});
}

// SingleResponse.
Bytes single_response(const SingleAnswer& answer) {
  Bytes content(answer.certificate_id.begin(), answer.certificate_id.end());
  append(content, ByteView(status_of(answer)));
  append_generalized_time(content, answer.this_update);
  if (answer.next_update)
    append(content, ByteView(der::encode(der::context(0), generalized_time(*answer.next_update))));
  if (answer.archive_cutoff) {
    const Bytes cutoff = extension("1.3.6.1.5.5.7.48.1.6", generalized_time(*answer.archive_cutoff));
    append(content, ByteView(der::encode(der::context(1), der::encode(der::kSequence, cutoff))));
  }
  return der::encode(der::kSequence, content);
}

}  // namespace

Bytes error_answer(OcspError error) {
  return der::encode(der::kSequence, enumerated(static_cast<int>(error)));
}

Bytes key_hash(crypto::DigestAlgorithm algorithm, const crypto::PublicKey& key) {
  return crypto::digest(algorithm, public_key_bits(key.spki()));
}

Bytes response_data(ByteView responder_key_hash, Instant produced_at, std::span<const SingleAnswer> answers,
                    std::optional<ByteView> nonce) {
  Bytes singles, extensions;
  bool is_extended = false;
  for (const SingleAnswer& answer : answers) {
    append(singles, ByteView(single_response(answer)));
    is_extended |= answer.not_issued;
  }
  if (nonce) extensions = extension("1.3.6.1.5.5.7.48.1.2", der::encode(der::kOctetString, *nonce));
  if (is_extended) append(extensions, ByteView(extension("1.3.6.1.5.5.7.48.1.9", der::encode(der::kNull, {}))));
  const Bytes responder = der::encode(der::context(2), der::encode(der::kOctetString, responder_key_hash));
  if (!extensions.empty()) extensions = der::encode(der::context(1), der::encode(der::kSequence, extensions));
  return der::sequence(responder, generalized_time(produced_at), der::encode(der::kSequence, singles), extensions);
}

Bytes assemble(ByteView data, crypto::SignatureScheme scheme, ByteView signature,
               std::span<const crypto::Certificate> certificates) {
  Bytes bits{0}, list;
  append(bits, signature);
  for (const crypto::Certificate& certificate : certificates) append(list, certificate.der());
  if (!list.empty()) list = der::encode(der::context(0), der::encode(der::kSequence, list));
  // BasicOCSPResponse.
  const Bytes basic =
      der::sequence(data, crypto::encode_x509_signature_algorithm(scheme), der::encode(der::kBitString, bits), list);
  const Bytes typed = der::sequence(der::encode_oid("1.3.6.1.5.5.7.48.1.1"), der::encode(der::kOctetString, basic));
  return der::sequence(enumerated(0), der::encode(der::context(0), typed));
}

}  // namespace kyso::pki::status

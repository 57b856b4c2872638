#pragma once
#include <mutex>

#include "pki/revocation.h"
#include "pki/revocation_reader.h"
#include "pki/revocation_signature.h"

// Private to the module: what an OCSP response says.
namespace kyso::pki {

// SingleResponse (RFC 6960 section 4.2.1).
struct SingleResponse {
  std::optional<crypto::DigestAlgorithm> digest;  // of CertID; nullopt: one that Kyso doesn't know
  ByteView issuer_name_hash, issuer_key_hash, serial;
  CertificateStatus status = CertificateStatus::unknown;
  std::optional<Instant> revoked_at;
  std::optional<int> reason;
  Instant this_update{};
  std::optional<Instant> next_update, archive_cutoff;
  std::string unknown_critical;
};

struct OcspResponse::State {
  Bytes der;  // every view below points into it
  SignedBlock signed_block;
  SignatureMemo signatures;
  ByteView responder_name;  // empty when the responder is named by its key
  Bytes normalised_responder_name;
  ByteView responder_key_hash;  // SHA-1 of its public key; empty when it is named by its name
  Instant produced_at{};
  std::vector<SingleResponse> answers;  // sorted by serial number
  std::vector<ParsedCertificate> certificates;
  std::optional<Bytes> nonce;
  std::string unknown_critical;  // of responseExtensions

  Result<> read();
  ByteView sha256() const;

 private:
  Result<> read_basic(ByteView basic);
  Result<> read_data(ByteView tbs);
  Result<> read_responder(crypto::der::Reader& fields);
  Result<> read_certificates(ByteView content);
  Result<> read_extensions(ByteView content);
  mutable std::once_flag m_once;
  mutable Bytes m_sha256;
};

// KeyHash and issuerKeyHash: over the key's bits, without tag, length and number of unused bits. Empty when `spki` is
// no SubjectPublicKeyInfo.
ByteView public_key_bits(ByteView spki);

}  // namespace kyso::pki

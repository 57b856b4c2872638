#pragma once
#include <filesystem>
#include <optional>
#include <string_view>

#include "pki/time_stamp.h"
#include "sign/signing_request.h"

namespace kyso::sign {

// PreparedSignature: all that is needed to finish a signature in another process, on another day, on another host,
// beside the prepared file itself. At most 2 kB of JSON (docs/prepared-signature.md); holds no key and no PIN.
struct PreparedSignature {
  int version = 1;
  std::string file_sha256;  // of the prepared file, hex: another file is refused
  pdf::SignatureSlot slot;
  Bytes document_digest;    // of the ByteRange
  Bytes attributes_digest;  // what the key signs; the attributes themselves are parked in the slot, which no digest
                            // covers
  crypto::SignatureScheme scheme;
  std::string certificate_sha256;  // hex
  Profile profile = Profile::b_b;
  std::string field;
  std::string title;  // what the signer is shown
  std::size_t pages = 0;
  Instant created, expires;

  std::string to_json() const;
  static Result<PreparedSignature> from_json(std::string_view json);  // sign.prepared.malformed
};

struct PrepareOptions {
  Profile profile = Profile::b_b;
  std::size_t time_stamp_size = 0;  // bytes to reserve for the token; TimeStampClient::expected_token_size()
  Instant now{};
  std::chrono::seconds lifetime = std::chrono::days(7);
  Bytes random_id;                   // 16 bytes; injected for golden files, else random
  std::string title;                 // what the signer is shown when the document has no title of its own
  const Secret* password = nullptr;  // of an encrypted document; must outlive the PreparedUpdate
};

// Everything up to the signature value, kept in memory for a holder at hand. `out` holds the prepared file, not
// committed.
struct PreparedUpdate {
  PreparedSignature state;  // file_sha256 is empty until park()
  Bytes signed_attributes;
  cms::SignerParameters signer;
  const Secret* password = nullptr;
};

// Refuses a certificate that is expired or not for signing, what the field's seed values exclude
// (sign.seed_value {item} {wanted}), and a certificate chain larger than PDF/A's strings (sign.contents.too_large).
Result<PreparedUpdate> prepare(const pdf::Document& document, const Plan& plan, const Signer& signer,
                               const PrepareOptions& options, OutputFile& out);

// Finishes in the same process: verifies the value, asks for the time-stamp when the profile wants one, fills the slot.
// When the token does not fit the reserved space the signature stays B-B inside and a document time-stamp is appended,
// which proves the same (EN 319 142-1 section 6.3); Completed says so.
struct Completed {
  std::size_t cms_size = 0;
  std::optional<Instant> time_stamp;
  bool used_document_time_stamp = false;
};
Result<Completed> complete(const PreparedUpdate& update, ByteView signature, pki::TimeStampClient* tsa,
                           OutputFile& out);

// Cold start: parks the attributes and certificates in the slot of `out` so that the file and the JSON suffice. Gives
// the state with the digest of the whole parked file.
Result<PreparedSignature> park(const PreparedUpdate& update, OutputFile& out);
// Finishes a parked file into `out` (source untouched). Refuses: a file that is not the prepared one
// (sign.prepared.other_file), an expired state (sign.prepared.expired), a value that does not verify over exactly the
// prepared digest with the prepared certificate (sign.signature.mismatch). Doing it twice gives the same bytes.
Result<Completed> complete_parked(const PreparedSignature& state, const std::filesystem::path& prepared,
                                  ByteView signature, pki::TimeStampClient* tsa, Instant now, OutputFile& out,
                                  const Secret* password = nullptr);

// prepare + holder + complete. `signer` names the holder's certificate, the issuers to embed and the scheme.
Result<Completed> sign(const pdf::Document& document, const Plan& plan, const Signer& signer, crypto::KeyHolder& holder,
                       const PrepareOptions& options, pki::TimeStampClient* tsa, OutputFile& out);

// Before a signature: the certificate is valid now and meant for signing. sign.certificate.expired {not_after},
// sign.certificate.not_yet_valid, sign.certificate.not_for_signing {usage}.
Result<> check_certificate(const crypto::Certificate& certificate, Instant now);

}  // namespace kyso::sign

#pragma once
#include <optional>
#include <string>

#include "crypto/certificate.h"

// Checkpoints of a log: its size and root, as a signed note (text that people and programs read).
namespace kyso::audit {

struct Checkpoint {
  std::string origin;  // which log: "kyso.example.vn/audit"
  std::uint64_t size = 0;
  Bytes root;
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};
// What is signed: origin, size and root in base64, a line each.
std::string checkpoint_text(const Checkpoint& checkpoint);
// audit.checkpoint.malformed {reason}
Result<Checkpoint> parse_checkpoint_text(std::string_view text);

// The note: the text, an empty line, and signature lines "— origin base64(key hint, signature)". The hint is the first
// four octets of the SHA-256 of the SubjectPublicKeyInfo; the signature that of X.509 over the text (ECDSA P-256,
// SHA-256).
std::string make_note(const Checkpoint& checkpoint, const crypto::PublicKey& key, ByteView signature);
// A note whose signature by this key verifies: audit.checkpoint.malformed, audit.checkpoint.signature.
Result<Checkpoint> open_note(std::string_view note, const crypto::PublicKey& key);

}  // namespace kyso::audit

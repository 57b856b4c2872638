#include "webauthn/authenticator_data.h"

#include "webauthn/cbor.h"

namespace kyso::webauthn {
namespace {

constexpr std::uint8_t kUserPresent = 0x01, kUserVerified = 0x04, kBackupEligible = 0x08, kBackedUp = 0x10,
                       kAttested = 0x40, kExtensions = 0x80;
constexpr std::size_t kHashSize = 32, kCounterSize = 4, kAaguidSize = 16, kLengthSize = 2;

Error malformed(std::string_view what, std::source_location where = std::source_location::current()) {
  return Error("webauthn.malformed", std::string(what), where).with("reason", fmt::format("authData: {}", what));
}

ByteView take(ByteView& bytes, std::size_t count) {
  const ByteView taken = bytes.first(count);
  bytes = bytes.subspan(count);
  return taken;
}

std::uint32_t big_endian(ByteView bytes) {
  std::uint32_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8U | byte;
  return value;
}

// Level 2 section 6.5.1.
Result<AttestedCredential> take_credential(ByteView& bytes) {
  if (bytes.size() < kAaguidSize + kLengthSize) return malformed("it ends early");
  AttestedCredential credential;
  credential.aaguid = take(bytes, kAaguidSize);
  const std::size_t length = big_endian(take(bytes, kLengthSize));
  if (length == 0 || length > kMaxCredentialId) return malformed("credentialIdLength");
  if (bytes.size() < length) return malformed("it ends early");
  credential.id = take(bytes, length);
  credential.public_key = take(bytes, KYSO_TRY(cbor::read_first(bytes)).whole.size());
  return credential;
}

Result<> read_extensions(ByteView bytes) {
  const cbor::Item extensions = KYSO_TRY(cbor::read(bytes));
  if (extensions.kind != cbor::Kind::map) return malformed("extensions");
  for (std::size_t i = 0; i < extensions.elements.size(); i += 2)
    if (extensions.elements[i].kind != cbor::Kind::text) return malformed("extensions");
  return {};
}

}  // namespace

Result<AuthenticatorData> read_authenticator_data(ByteView bytes) {
  if (bytes.size() > cbor::kMaxSize) return malformed("size");
  if (bytes.size() < kHashSize + 1 + kCounterSize) return malformed("it ends early");
  AuthenticatorData data;
  data.party_id_hash = take(bytes, kHashSize);
  const std::uint8_t flags = take(bytes, 1)[0];
  data.is_user_present = (flags & kUserPresent) != 0;
  data.is_user_verified = (flags & kUserVerified) != 0;
  data.is_backup_eligible = (flags & kBackupEligible) != 0;
  data.is_backed_up = (flags & kBackedUp) != 0;
  data.sign_count = big_endian(take(bytes, kCounterSize));
  // Level 3 section 6.1.3: what isn't eligible cannot be backed up.
  if (data.is_backed_up && !data.is_backup_eligible) return malformed("flags BE, BS");
  if ((flags & kAttested) != 0) data.credential = KYSO_TRY(take_credential(bytes));
  if ((flags & kExtensions) != 0) {
    KYSO_TRY(read_extensions(bytes));
  } else if (!bytes.empty()) {
    return malformed("bytes are left after it");
  }
  return data;
}

}  // namespace kyso::webauthn

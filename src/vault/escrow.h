#pragma once
#include <memory>

#include "base/secret.h"
#include "crypto/certificate.h"

// Escrow of SO-PINs. The station that personalises a token encrypts its SO-PIN to the vault's escrow key; nobody can
// read it then. In an approved recovery (Act::recover_token) the vault opens it and encrypts it anew to a key that the
// station made for this one time. docs/vault.md describes both texts.
namespace kyso::vault {

// A token's SO-PIN and whose it is; the token's serial number is inside what is encrypted, so that one token's escrow
// cannot be passed for another's.
struct EscrowedPin {
  std::string token_serial;  // 1 to 64 octets, printable ASCII
  Secret so_pin;             // 4 to 64 octets, printable ASCII
};

// The station: RSAES-OAEP with SHA-1 (all that some tokens know) to the escrow key. vault.escrow.key (no RSA key of
// 2048 bits or more), vault.escrow.pin (serial number or SO-PIN is not as above).
Result<Bytes> encrypt_to_escrow(const crypto::PublicKey& escrow_key, const EscrowedPin& pin);
// The vault: what was inside. vault.escrow.content.
Result<EscrowedPin> read_escrowed(const Secret& plain);

// The vault: to the station's one-time key, a SubjectPublicKeyInfo of P-256. Ephemeral ECDH, HKDF-SHA256, AES-256-GCM.
// vault.escrow.station: no such key.
Result<> check_station_key(ByteView spki);
Result<Bytes> encrypt_to_station(ByteView station_spki, const EscrowedPin& pin);

// The station's key for one recovery.
class StationKey {
 public:
  static StationKey generate();
  // PKCS#8, for the days until the recovery is approved. vault.escrow.station.
  static Result<StationKey> restore(const Secret& pkcs8);
  Secret to_pkcs8() const;
  Bytes public_key() const;  // SubjectPublicKeyInfo
  // vault.escrow.content: not for this key, or changed.
  Result<EscrowedPin> open(ByteView released) const;
  StationKey(StationKey&&) noexcept;
  StationKey& operator=(StationKey&&) noexcept;
  ~StationKey();

 private:
  struct State;
  explicit StationKey(std::unique_ptr<State> state);
  std::unique_ptr<State> m_state;
};

}  // namespace kyso::vault

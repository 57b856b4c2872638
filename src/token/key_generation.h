#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "token/pkcs11.h"

// Keys that are born in a token and never leave it: key ceremonies, personalisation.
namespace kyso::token {

enum class NewKey : std::uint8_t { rsa_2048, rsa_3072, rsa_4096, ec_p256, ec_p384 };
std::string_view name_of(NewKey kind);  // "rsa:3072", "ec:p256"
std::optional<NewKey> new_key_by_name(std::string_view name);

// What a pair is for. A key that opens what others encrypted for it also signs the request for its own certificate.
enum class KeyUse : std::uint8_t { sign, sign_and_decrypt };

struct KeyInToken {
  std::string label;
  Bytes id;  // CKA_ID
  crypto::PublicKey public_key;
  std::string uri;  // RFC 7512, with the module: for open_pkcs11 and for configuration files
};

// A certificate for a key that has none yet, as Options::certificate: it holds the public key, no names and no
// signature.
crypto::Certificate bare_certificate(const crypto::PublicKey& key);

// TokenEditor: one token, opened for writing, the user logged in. Not thread-safe. Errors of all calls: token.device
// {call} {rv}, token.device.lost.
class TokenEditor {
 public:
  // The URI names a token alone: "pkcs11:token=Kyso%20CA?module-path=/usr/lib/…". Errors as open_pkcs11.
  static Result<TokenEditor> open(const std::string& uri, PinSource pin_source, const Options& options = {});
  TokenEditor(TokenEditor&&) noexcept;
  TokenEditor& operator=(TokenEditor&&) noexcept;
  ~TokenEditor();

  // A pair for signing and nothing else (or also for decrypting, RSA only): the private half private, sensitive, never
  // extractable. CKA_ID is the SHA-1 of the public key's bits (RFC 5280 section 4.2.1.2, method 1). What the token made
  // is read back: a key that it would give away is destroyed again (token.key.unprotected {attribute}).
  // token.key.exists {label}, token.label {label} (1 to 64 printable characters); token.mechanism {name}: the token
  // makes no such keys.
  Result<KeyInToken> generate(NewKey kind, const std::string& label, KeyUse use = KeyUse::sign);
  // token.key.not_found, token.key.several; token.key.public: the token doesn't show the public half.
  Result<KeyInToken> find(const std::string& label) const;
  // All signing keys that show their public half.
  Result<std::vector<KeyInToken>> keys() const;
  // Beside the key, under its label and id; one that is there already for this key is replaced. token.key.mismatch when
  // it certifies another key.
  Result<> store_certificate(const KeyInToken& key, const crypto::Certificate& certificate);
  // Issuers and the like, under a label of their own; the same certificate is stored once.
  Result<> store_issuer(const std::string& label, const crypto::Certificate& certificate);
  // A few octets that are no secret, under a label, in place of those that are there. Only who knows the PIN can change
  // them. token.label. Not every token keeps such objects (CKO_DATA).
  Result<> store_data(const std::string& label, ByteView content);
  Result<std::vector<Bytes>> find_data(const std::string& label) const;  // several after an interruption
  // Both halves and the certificates beside them, for good. token.key.not_found.
  Result<> destroy(const KeyInToken& key);

 private:
  struct State;
  explicit TokenEditor(std::unique_ptr<State> state);
  std::unique_ptr<State> m_state;
};

}  // namespace kyso::token

#include <openssl/err.h>
#include <openssl/pem.h>

#include <cstring>

#include "crypto/file_key_holder.h"
#include "crypto/key_decryption.h"
#include "crypto/pem.h"

namespace kyso::crypto {
namespace {

using EncryptedKeyPtr = std::unique_ptr<X509_SIG, openssl::Deleter<X509_SIG_free>>;
using BioPtr = std::unique_ptr<BIO, openssl::Deleter<BIO_free_all>>;

Error malformed(std::string_view what) {
  return fail("crypto.key.malformed", "{}: {}", what, openssl::drain_errors());
}

Result<SoftwareKey> read_encrypted_pkcs8(ByteView der, const Secret& passphrase) {
  const unsigned char* position = der.data();
  const EncryptedKeyPtr encrypted(d2i_X509_SIG(nullptr, &position, static_cast<long>(der.size())));
  if (!encrypted) return malformed("EncryptedPrivateKeyInfo");
  if (passphrase.empty()) return fail("crypto.key.password", "passphrase needed");
  KeyDecryption decryption(passphrase);
  const Pkcs8Ptr info = KYSO_TRY(decryption.decrypt_key(encrypted.get()));
  auto key = SoftwareKey::from_pkcs8(encode_key(info.get()));
  // One wrong passphrase in 256 leaves padding that looks right.
  if (!key && key.error().code == "crypto.key.malformed") return fail("crypto.key.password", "{}", key.error().detail);
  return key;
}

int give_passphrase(char* buffer, int capacity, int, void* user) {
  const std::string_view text = static_cast<const Secret*>(user)->reveal();
  if (text.empty() || text.size() > static_cast<std::size_t>(capacity)) return -1;
  std::memcpy(buffer, text.data(), text.size());
  return static_cast<int>(text.size());
}

// RFC 1421 headers: the encryption of OpenSSL's traditional format.
Result<SoftwareKey> read_encrypted_traditional(std::string_view pem, const Secret& passphrase) {
  const BioPtr bio(openssl::require(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))));
  auto* user = const_cast<Secret*>(&passphrase);  // OpenSSL's callback type is not const-correct
  const openssl::PkeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, give_passphrase, user));
  if (!key) return fail("crypto.key.password", "{}", openssl::drain_errors());
  const Pkcs8Ptr info(EVP_PKEY2PKCS8(key.get()));
  if (!info) return malformed("traditional key");
  return SoftwareKey::from_pkcs8(encode_key(info.get()));
}

Result<std::vector<SoftwareKey>> read_keys(std::string_view pem, const Secret& passphrase) {
  std::vector<SoftwareKey> out;
  for (PemBlock& block : read_pem(pem)) {
    const std::string label = block.label;
    const bool has_headers = !block.headers.empty();
    const WipedBytes content(std::move(block.content));
    if (label == "PRIVATE KEY") {
      out.push_back(KYSO_TRY(SoftwareKey::from_pkcs8(content)));
    } else if (label == "ENCRYPTED PRIVATE KEY") {
      out.push_back(KYSO_TRY(read_encrypted_pkcs8(content, passphrase)));
    } else if (label == "RSA PRIVATE KEY" || label == "EC PRIVATE KEY") {
      if (has_headers) {
        out.push_back(KYSO_TRY(read_encrypted_traditional(pem, passphrase)));
      } else {
        out.push_back(KYSO_TRY(label.starts_with("RSA") ? SoftwareKey::from_rsa_private_key(content)
                                                        : SoftwareKey::from_ec_private_key(content)));
      }
    }
  }
  if (out.empty()) return fail("crypto.key.malformed", "no private key in the PEM text");
  return out;
}

}  // namespace

Result<std::unique_ptr<KeyHolder>> open_pem(std::string_view key_pem, std::string_view certificates_pem,
                                            const Secret& passphrase) {
  openssl::initialise();
  ERR_clear_error();
  auto keys = KYSO_TRY(read_keys(key_pem, passphrase));
  auto certificates = KYSO_TRY(Certificate::from_pem(certificates_pem));
  auto holder = KYSO_TRY(make_file_key_holder(std::move(keys), std::move(certificates)));
  if (!holder) return fail("crypto.key.mismatch");
  return holder;
}

}  // namespace kyso::crypto

#include "crypto/cipher.h"

#include <openssl/err.h>

#include <array>
#include <limits>
#include <numeric>
#include <utility>

#include "crypto/openssl_support.h"

namespace kyso::crypto {
namespace {

constexpr std::size_t kAesBlock = 16;

enum class Direction : int { decrypt = 0, encrypt = 1 };

Error malformed(std::string_view what) {
  ERR_clear_error();
  return fail("crypto.cipher.malformed", "{}", what);
}

const EVP_CIPHER* fetch(const char* name) {
  openssl::initialise();
  return openssl::require(EVP_CIPHER_fetch(nullptr, name, nullptr));
}

const EVP_CIPHER* cbc_for(ByteView key) {
  static const EVP_CIPHER* const aes128 = fetch("AES-128-CBC");
  static const EVP_CIPHER* const aes256 = fetch("AES-256-CBC");
  if (key.size() == 16) return aes128;
  return key.size() == 32 ? aes256 : nullptr;
}

const EVP_CIPHER* ecb_for(ByteView key) {
  static const EVP_CIPHER* const aes128 = fetch("AES-128-ECB");
  static const EVP_CIPHER* const aes256 = fetch("AES-256-ECB");
  if (key.size() == 16) return aes128;
  return key.size() == 32 ? aes256 : nullptr;
}

Result<Bytes> run(const EVP_CIPHER* cipher, Direction direction, ByteView key, ByteView iv, ByteView data,
                  CbcPadding padding) {
  if (data.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()) - 2 * kAesBlock)
    return malformed("data above 2 GiB");
  const openssl::CipherCtxPtr context(openssl::require(EVP_CIPHER_CTX_new()));
  if (EVP_CipherInit_ex2(context.get(), cipher, key.data(), iv.empty() ? nullptr : iv.data(),
                         static_cast<int>(direction), nullptr) != 1)
    return malformed("cipher refused");
  EVP_CIPHER_CTX_set_padding(context.get(), padding == CbcPadding::pkcs7 ? 1 : 0);
  Bytes out(data.size() + kAesBlock);
  int written = 0;
  int last = 0;
  if (EVP_CipherUpdate(context.get(), out.data(), &written, data.data(), static_cast<int>(data.size())) != 1 ||
      EVP_CipherFinal_ex(context.get(), out.data() + written, &last) != 1)
    return malformed("length or padding");
  out.resize(static_cast<std::size_t>(written) + static_cast<std::size_t>(last));
  return out;
}

Result<Bytes> run_cbc(Direction direction, ByteView key, ByteView iv, ByteView data, CbcPadding padding) {
  const EVP_CIPHER* cipher = cbc_for(key);
  if (cipher == nullptr) return malformed("key length");
  if (iv.size() != kAesBlock) return malformed("length of the initialisation vector");
  return run(cipher, direction, key, iv, data, padding);
}

Result<Bytes> run_block(Direction direction, ByteView key, ByteView block) {
  const EVP_CIPHER* cipher = ecb_for(key);
  if (cipher == nullptr) return malformed("key length");
  if (block.size() != kAesBlock) return malformed("block length");
  return run(cipher, direction, key, {}, block, CbcPadding::none);
}

}  // namespace

Bytes md5(ByteView data) {
  openssl::initialise();
  static const EVP_MD* const algorithm = openssl::require(EVP_MD_fetch(nullptr, "MD5", nullptr));
  Bytes out(16);
  if (EVP_Digest(data.data(), data.size(), out.data(), nullptr, algorithm, nullptr) != 1) throw std::bad_alloc();
  return out;
}

// Written out here: OpenSSL has RC4 only in a separately loaded "legacy" provider that may not be installed, and
// reading an old encrypted file must not depend on that.
Bytes rc4(ByteView key, ByteView data) {
  Bytes out(data.begin(), data.end());
  if (key.empty()) return out;
  std::array<std::uint8_t, 256> state{};
  std::iota(state.begin(), state.end(), std::uint8_t{0});
  std::uint8_t j = 0;
  for (std::size_t i = 0; i < state.size(); ++i) {
    j = static_cast<std::uint8_t>(j + state[i] + key[i % key.size()]);
    std::swap(state[i], state[j]);
  }
  std::uint8_t i = 0;
  j = 0;
  for (std::uint8_t& octet : out) {
    ++i;
    j = static_cast<std::uint8_t>(j + state[i]);
    std::swap(state[i], state[j]);
    octet ^= state[static_cast<std::uint8_t>(state[i] + state[j])];
  }
  return out;
}

Result<Bytes> aes_cbc_encrypt(ByteView key, ByteView iv, ByteView data, CbcPadding padding) {
  return run_cbc(Direction::encrypt, key, iv, data, padding);
}
Result<Bytes> aes_cbc_decrypt(ByteView key, ByteView iv, ByteView data, CbcPadding padding) {
  return run_cbc(Direction::decrypt, key, iv, data, padding);
}
Result<Bytes> aes_ecb_decrypt_block(ByteView key, ByteView block) {
  return run_block(Direction::decrypt, key, block);
}
Result<Bytes> aes_ecb_encrypt_block(ByteView key, ByteView block) {
  return run_block(Direction::encrypt, key, block);
}

}  // namespace kyso::crypto

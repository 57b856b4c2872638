#include "crypto/cipher.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace kyso::crypto {

TEST_CASE("MD5 gives the values of RFC 1321") {
  CHECK(to_hex(md5({})) == "d41d8cd98f00b204e9800998ecf8427e");
  CHECK(to_hex(md5(as_bytes("message digest"))) == "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST_CASE("RC4 gives the key streams of RFC 6229") {
  const Bytes zeros(16);
  CHECK(to_hex(rc4(*from_hex("0102030405"), zeros)) == "b2396305f03dc027ccc3524a0a1118a8");
  CHECK(to_hex(rc4(*from_hex("0102030405060708090a0b0c0d0e0f10"), zeros)) == "9ac7cc9a609d1ef7b2932899cde41b97");
  CHECK(rc4(*from_hex("0102030405"), {}).empty());
}

TEST_CASE("AES-CBC gives the values of NIST SP 800-38A") {
  const Bytes key = *from_hex("2b7e151628aed2a6abf7158809cf4f3c");
  const Bytes iv = *from_hex("000102030405060708090a0b0c0d0e0f");
  const Bytes plain = *from_hex("6bc1bee22e409f96e93d7e117393172a");
  CHECK(to_hex(*aes_cbc_encrypt(key, iv, plain, CbcPadding::none)) == "7649abac8119b246cee98e9b12e9197d");
  CHECK(to_hex(*aes_ecb_encrypt_block(key, plain)) == "3ad77bb40d7a3660a89ecaf32466ef97");
  CHECK(*aes_ecb_decrypt_block(key, *from_hex("3ad77bb40d7a3660a89ecaf32466ef97")) == plain);
}

TEST_CASE("AES-CBC decrypts what it encrypted") {
  CHECK(rc::check([](Bytes data, bool long_key) {
    const Bytes key(long_key ? 32 : 16, 7);
    const Bytes iv(16, 9);
    const auto encrypted = aes_cbc_encrypt(key, iv, data, CbcPadding::pkcs7);
    RC_ASSERT(encrypted.has_value());
    RC_ASSERT(encrypted->size() == (data.size() / 16 + 1) * 16);
    const auto decrypted = aes_cbc_decrypt(key, iv, *encrypted, CbcPadding::pkcs7);
    RC_ASSERT(decrypted.has_value());
    RC_ASSERT(*decrypted == data);
  }));
}

TEST_CASE("AES refuses wrong lengths and padding") {
  const Bytes key(16), iv(16);
  CHECK(aes_cbc_decrypt(Bytes(15), iv, Bytes(16), CbcPadding::none).error().code == "crypto.cipher.malformed");
  CHECK(aes_cbc_decrypt(key, Bytes(15), Bytes(16), CbcPadding::none).error().code == "crypto.cipher.malformed");
  CHECK(aes_cbc_decrypt(key, iv, Bytes(17), CbcPadding::none).error().code == "crypto.cipher.malformed");
  CHECK(aes_cbc_decrypt(key, iv, Bytes(), CbcPadding::pkcs7).error().code == "crypto.cipher.malformed");
  Bytes bad_padding = *aes_cbc_encrypt(key, iv, Bytes(16, 0x11), CbcPadding::none);
  CHECK(aes_cbc_decrypt(key, iv, bad_padding, CbcPadding::pkcs7).error().code == "crypto.cipher.malformed");
  CHECK(aes_ecb_decrypt_block(key, Bytes(32)).error().code == "crypto.cipher.malformed");
}

}  // namespace kyso::crypto

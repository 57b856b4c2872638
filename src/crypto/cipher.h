#pragma once
#include "base/bytes.h"

// Ciphers and old digests that PDF's standard security handler needs (ISO 32000-2 section 7.6). Not for anything new.
namespace kyso::crypto {

Bytes md5(ByteView data);
Bytes rc4(ByteView key, ByteView data);
// AES in CBC mode, key of 16 or 32 bytes, iv of 16. `padded`: PKCS#7. Wrong length or padding: crypto.cipher.malformed.
enum class CbcPadding { none, pkcs7 };
Result<Bytes> aes_cbc_encrypt(ByteView key, ByteView iv, ByteView data, CbcPadding padding);
Result<Bytes> aes_cbc_decrypt(ByteView key, ByteView iv, ByteView data, CbcPadding padding);
Result<Bytes> aes_ecb_decrypt_block(ByteView key, ByteView block);
Result<Bytes> aes_ecb_encrypt_block(ByteView key, ByteView block);

}  // namespace kyso::crypto

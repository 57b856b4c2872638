#include <algorithm>
#include <array>

#include "base/text.h"
#include "crypto/cipher.h"
#include "pdf/file/security_handler.h"
#include "pdf/syntax/doc_encoding.h"

namespace kyso::pdf {

namespace {

constexpr std::array<std::uint8_t, 32> kPadding = {0x28, 0xBF, 0x4E, 0x5E, 0x4E, 0x75, 0x8A, 0x41, 0x64, 0x00, 0x4E,
                                                   0x56, 0xFF, 0xFA, 0x01, 0x08, 0x2E, 0x2E, 0x00, 0xB6, 0xD0, 0x68,
                                                   0x3E, 0x80, 0x2F, 0x0C, 0xA9, 0xFE, 0x64, 0x53, 0x69, 0x7A};

// ISO 32000-2 algorithm 2 step a: PDFDocEncoding, cut or padded to 32 bytes. Letters outside that encoding (most
// accented Vietnamese ones) have no agreed form there: UTF-8 is what programs make of them.
Bytes padded_password(std::string_view utf8) {
  Bytes bytes;
  for (const char32_t c : to_utf32(to_nfc(utf8))) {
    const auto byte = to_doc_encoding(c);
    if (!byte) {
      bytes = to_bytes(utf8);
      break;
    }
    bytes.push_back(*byte);
  }
  append(bytes, kPadding);
  bytes.resize(32);
  return bytes;
}

// RFC 4013 (SASLprep) as far as it matters for what people type: canonical composition, every space a plain one, and
// what is invisible dropped; at most 127 bytes of UTF-8.
Bytes prepared_password(std::string_view utf8) {
  std::u32string kept;
  for (const char32_t c : to_utf32(to_nfc(utf8))) {
    const bool is_nothing = c == 0xAD || c == 0x34F || c == 0x1806 || (c >= 0x180B && c <= 0x180D) || c == 0x2060 ||
                            (c >= 0x200B && c <= 0x200D) || (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF;
    const bool is_space =
        c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F || c == 0x3000;
    if (!is_nothing) kept += is_space ? U' ' : c;
  }
  Bytes bytes = to_bytes(to_utf8(kept));
  if (bytes.size() > 127) bytes.resize(127);
  return bytes;
}

Bytes first(Bytes bytes, std::size_t count) {
  bytes.resize(std::min(bytes.size(), count));
  return bytes;
}

// Algorithm 2: the key from the padded user password.
Bytes key_from_user(const PasswordParameters& p, ByteView padded) {
  Bytes input(padded.begin(), padded.end());
  append(input, as_bytes(p.o).first(32));
  for (unsigned shift = 0; shift < 32; shift += 8) input.push_back(static_cast<std::uint8_t>(p.permissions >> shift));
  append(input, p.first_id);
  if (p.revision >= 4 && !p.encrypts_metadata) input.insert(input.end(), 4, 0xFF);
  Bytes hash = crypto::md5(input);
  if (p.revision >= 3) {
    for (int i = 0; i < 50; ++i) hash = crypto::md5(first(std::move(hash), p.key_bytes));
  }
  return first(std::move(hash), p.key_bytes);
}

Bytes rc4_rounds(Bytes data, ByteView key, bool downwards) {
  for (unsigned i = 0; i < 20; ++i) {
    Bytes round(key.begin(), key.end());
    for (std::uint8_t& byte : round) byte = static_cast<std::uint8_t>(byte ^ (downwards ? 19 - i : i));
    data = crypto::rc4(round, data);
  }
  return data;
}

// Algorithms 4, 5 and 6: does the key belong to /U?
bool opens(const PasswordParameters& p, ByteView key) {
  if (p.revision == 2) return std::ranges::equal(crypto::rc4(key, kPadding), as_bytes(p.u).first(32));
  Bytes input(kPadding.begin(), kPadding.end());
  append(input, p.first_id);
  const Bytes expected = rc4_rounds(crypto::md5(input), key, false);
  return std::ranges::equal(expected, as_bytes(p.u).first(16));
}

// Algorithm 7: the padded user password from the owner's.
Bytes user_from_owner(const PasswordParameters& p, std::string_view owner) {
  Bytes hash = crypto::md5(padded_password(owner));
  if (p.revision >= 3) {
    for (int i = 0; i < 50; ++i) hash = crypto::md5(hash);
  }
  const Bytes key = first(std::move(hash), p.key_bytes);
  const ByteView o = as_bytes(p.o).first(32);
  if (p.revision == 2) return crypto::rc4(key, o);
  return rc4_rounds(Bytes(o.begin(), o.end()), key, true);
}

// Algorithm 2.B; R 5 is its first line only.
Result<Bytes> hash_r6(const PasswordParameters& p, ByteView password, ByteView salt, ByteView user) {
  Bytes input(password.begin(), password.end());
  append(input, salt);
  append(input, user);
  Bytes k = crypto::digest(crypto::DigestAlgorithm::sha256, input);
  if (p.revision < 6) return k;
  for (unsigned round = 0;; ++round) {
    Bytes once(password.begin(), password.end());
    append(once, k);
    append(once, user);
    Bytes repeated;
    repeated.reserve(once.size() * 64);
    for (int i = 0; i < 64; ++i) append(repeated, once);
    const Bytes e = KYSO_TRY(crypto::aes_cbc_encrypt(ByteView(k).first(16), ByteView(k).subspan(16, 16), repeated,
                                                     crypto::CbcPadding::none));
    unsigned remainder = 0;  // of the first 16 bytes as a number, divided by 3: 256 mod 3 is 1
    for (std::size_t i = 0; i < 16; ++i) remainder += e[i];
    constexpr std::array kAlgorithms = {crypto::DigestAlgorithm::sha256, crypto::DigestAlgorithm::sha384,
                                        crypto::DigestAlgorithm::sha512};
    k = crypto::digest(kAlgorithms[remainder % 3], e);
    if (round >= 63 && e.back() <= round - 31) break;  // round counts from 0: 64 rounds at least
  }
  return first(std::move(k), 32);
}

// Algorithm 2.A: 32 bytes of hash, 8 of validation salt, 8 of key salt in /U and /O.
std::optional<FileKey> file_key_aes256(const PasswordParameters& p, std::string_view utf8) {
  const Bytes password = prepared_password(utf8);
  const auto attempt = [&](std::string_view verifier, std::string_view wrapped, ByteView user) -> std::optional<Bytes> {
    const ByteView bytes = as_bytes(verifier);
    const auto check = hash_r6(p, password, bytes.subspan(32, 8), user);
    if (!check || !std::ranges::equal(*check, bytes.first(32))) return std::nullopt;
    const auto key = hash_r6(p, password, bytes.subspan(40, 8), user);
    if (!key) return std::nullopt;
    auto plain = crypto::aes_cbc_decrypt(*key, Bytes(16), as_bytes(wrapped).first(32), crypto::CbcPadding::none);
    return plain ? std::optional(*std::move(plain)) : std::nullopt;
  };
  if (auto key = attempt(p.o, p.oe, as_bytes(p.u).first(48))) return FileKey{*std::move(key), true};
  if (auto key = attempt(p.u, p.ue, {})) return FileKey{*std::move(key), false};
  return std::nullopt;
}

}  // namespace

std::optional<FileKey> file_key(const PasswordParameters& p, std::string_view password) {
  if (p.revision >= 5) return file_key_aes256(p, password);
  if (Bytes key = key_from_user(p, user_from_owner(p, password)); opens(p, key)) return FileKey{std::move(key), true};
  if (Bytes key = key_from_user(p, padded_password(password)); opens(p, key)) return FileKey{std::move(key), false};
  return std::nullopt;
}

}  // namespace kyso::pdf

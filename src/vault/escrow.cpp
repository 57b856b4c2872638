#include "vault/escrow.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>

namespace kyso::vault {
namespace {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Pkey = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Deleter<EVP_CIPHER_CTX_free>>;
using Kdf = std::unique_ptr<EVP_KDF, Deleter<EVP_KDF_free>>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, Deleter<EVP_KDF_CTX_free>>;
using Pkcs8 = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Deleter<PKCS8_PRIV_KEY_INFO_free>>;

constexpr std::string_view kHead = "kyso-so-pin/1\n";
constexpr std::string_view kInfo = "kyso-so-pin-release/1";
constexpr std::uint8_t kForm = 1;
constexpr std::size_t kPointSize = 65, kTagSize = 16, kKeySize = 32, kNonceSize = 12;
constexpr std::size_t kMaxText = 64, kMinPin = 4;
constexpr int kMinRsaBits = 2048;
// SubjectPublicKeyInfo of id-ecPublicKey on prime256v1 (RFC 5480), up to the uncompressed point.
constexpr std::uint8_t kP256Head[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01,
                                      0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};

// Octets that are wiped when they go.
struct Wiped {
  Bytes octets;
  explicit Wiped(std::size_t size) : octets(size) {}
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
  ~Wiped() { OPENSSL_cleanse(octets.data(), octets.size()); }
};

// OpenSSL fails at these only without memory.
void must(bool is_done) {
  if (!is_done) throw std::bad_alloc();
}

bool is_printable(std::string_view text, std::size_t min) {
  return text.size() >= min && text.size() <= kMaxText &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

Result<Secret> plain_of(const EscrowedPin& pin) {
  if (!is_printable(pin.token_serial, 1) || !is_printable(pin.so_pin.reveal(), kMinPin))
    return fail("vault.escrow.pin");
  std::string text;
  text.reserve(kHead.size() + 2 * kMaxText + 1);  // no copy of the PIN is left behind in memory
  text.append(kHead).append(pin.token_serial).append("\n").append(pin.so_pin.reveal());
  return Secret(std::move(text));
}

Pkey read_public(ByteView spki) {
  const unsigned char* at = spki.data();
  Pkey key(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
  ERR_clear_error();
  return at == spki.data() + spki.size() ? std::move(key) : nullptr;
}

Pkey read_station(ByteView spki) {
  const bool has_form = spki.size() == std::size(kP256Head) + kPointSize &&
                        std::ranges::equal(spki.first(std::size(kP256Head)), kP256Head);
  Pkey key = has_form ? read_public(spki) : nullptr;
  if (!key) return nullptr;
  const PkeyContext context(EVP_PKEY_CTX_new(key.get(), nullptr));
  const bool is_good = context && EVP_PKEY_public_check(context.get()) == 1;
  ERR_clear_error();
  return is_good ? std::move(key) : nullptr;
}

Bytes spki_of(const EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  must(size > 0);
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

Bytes point_of(const EVP_PKEY* key) {
  const Bytes spki = spki_of(key);
  return {spki.end() - kPointSize, spki.end()};
}

// ECDH (SP 800-56A section 5.7.1.2), then HKDF (RFC 5869) with both public points as salt. The key is used once, hence
// the nonce may stay zero.
void derive_key(EVP_PKEY* own, EVP_PKEY* peer, ByteView ephemeral, ByteView station, Wiped& key) {
  const PkeyContext context(EVP_PKEY_CTX_new(own, nullptr));
  Wiped shared(kKeySize);
  std::size_t size = shared.octets.size();
  must(context && EVP_PKEY_derive_init(context.get()) == 1 && EVP_PKEY_derive_set_peer(context.get(), peer) == 1 &&
       EVP_PKEY_derive(context.get(), shared.octets.data(), &size) == 1);
  const Kdf kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  const KdfContext derivation(EVP_KDF_CTX_new(kdf.get()));
  Bytes salt(ephemeral.begin(), ephemeral.end());
  append(salt, station);
  std::string digest = "SHA256", info(kInfo);
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), digest.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, shared.octets.data(), size),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt.data(), salt.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()), OSSL_PARAM_construct_end()};
  must(derivation && EVP_KDF_derive(derivation.get(), key.octets.data(), key.octets.size(), parameters) == 1);
}

Pkey new_key() {
  Pkey key(EVP_EC_gen("P-256"));
  must(key != nullptr);
  return key;
}

}  // namespace

Result<Bytes> encrypt_to_escrow(const crypto::PublicKey& escrow_key, const EscrowedPin& pin) {
  const Secret plain = KYSO_TRY(plain_of(pin));
  const Pkey key = read_public(escrow_key.spki());
  if (!key || EVP_PKEY_is_a(key.get(), "RSA") != 1 || EVP_PKEY_get_bits(key.get()) < kMinRsaBits)
    return fail("vault.escrow.key");
  const PkeyContext context(EVP_PKEY_CTX_new(key.get(), nullptr));
  must(context && EVP_PKEY_encrypt_init(context.get()) == 1 &&
       EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) == 1 &&
       EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), EVP_sha1()) == 1 &&
       EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), EVP_sha1()) == 1);
  const ByteView input = as_bytes(plain.reveal());
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key.get()));
  Bytes out(size);
  must(EVP_PKEY_encrypt(context.get(), out.data(), &size, input.data(), input.size()) == 1);
  out.resize(size);
  return out;
}

Result<EscrowedPin> read_escrowed(const Secret& plain) {
  std::string_view text = plain.reveal();
  if (!text.starts_with(kHead)) return fail("vault.escrow.content");
  text.remove_prefix(kHead.size());
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return fail("vault.escrow.content");
  EscrowedPin out{std::string(text.substr(0, end)), Secret(std::string(text.substr(end + 1)))};
  if (!is_printable(out.token_serial, 1) || !is_printable(out.so_pin.reveal(), kMinPin))
    return fail("vault.escrow.content");
  return out;
}

Result<> check_station_key(ByteView spki) {
  if (!read_station(spki)) return fail("vault.escrow.station");
  return {};
}

Result<Bytes> encrypt_to_station(ByteView station_spki, const EscrowedPin& pin) {
  const Secret plain = KYSO_TRY(plain_of(pin));
  const Pkey station = read_station(station_spki);
  if (!station) return fail("vault.escrow.station");
  const Pkey ephemeral = new_key();
  const Bytes point = point_of(ephemeral.get());
  Wiped key(kKeySize);
  derive_key(ephemeral.get(), station.get(), point, station_spki.last(kPointSize), key);
  Bytes out{kForm};
  append(out, point);
  const ByteView input = as_bytes(plain.reveal());
  const std::size_t start = out.size();
  out.resize(start + input.size() + kTagSize);
  const Bytes nonce(kNonceSize);
  const CipherContext cipher(EVP_CIPHER_CTX_new());
  int size = 0, last = 0;
  must(cipher && EVP_EncryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), key.octets.data(), nonce.data(), nullptr) == 1 &&
       EVP_EncryptUpdate(cipher.get(), out.data() + start, &size, input.data(), static_cast<int>(input.size())) == 1 &&
       EVP_EncryptFinal_ex(cipher.get(), out.data() + start + size, &last) == 1 &&
       EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagSize, out.data() + out.size() - kTagSize) == 1);
  return out;
}

struct StationKey::State {
  Pkey key;
};

StationKey::StationKey(std::unique_ptr<State> state) : m_state(std::move(state)) {}
StationKey::StationKey(StationKey&&) noexcept = default;
StationKey& StationKey::operator=(StationKey&&) noexcept = default;
StationKey::~StationKey() = default;

StationKey StationKey::generate() {
  return StationKey(std::make_unique<State>(State{new_key()}));
}

Result<StationKey> StationKey::restore(const Secret& pkcs8) {
  const auto* at = reinterpret_cast<const unsigned char*>(pkcs8.reveal().data());
  const Pkcs8 info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(pkcs8.reveal().size())));
  Pkey key(info ? EVP_PKCS82PKEY(info.get()) : nullptr);
  ERR_clear_error();
  if (!key || EVP_PKEY_is_a(key.get(), "EC") != 1 || !read_station(spki_of(key.get())))
    return fail("vault.escrow.station");
  return StationKey(std::make_unique<State>(State{std::move(key)}));
}

Secret StationKey::to_pkcs8() const {
  const Pkcs8 info(EVP_PKEY2PKCS8(m_state->key.get()));
  unsigned char* der = nullptr;
  const int size = info ? i2d_PKCS8_PRIV_KEY_INFO(info.get(), &der) : 0;
  must(size > 0);
  Secret out(std::string(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)));
  OPENSSL_clear_free(der, static_cast<std::size_t>(size));
  return out;
}

Bytes StationKey::public_key() const {
  return spki_of(m_state->key.get());
}

Result<EscrowedPin> StationKey::open(ByteView released) const {
  constexpr std::size_t kLeast = 1 + kPointSize + kTagSize;
  if (released.size() < kLeast || released.size() > kLeast + 1024 || released[0] != kForm)
    return fail("vault.escrow.content");
  const ByteView point = released.subspan(1, kPointSize);
  Bytes spki(std::begin(kP256Head), std::end(kP256Head));
  append(spki, point);
  const Pkey ephemeral = read_station(spki);
  if (!ephemeral) return fail("vault.escrow.content");
  Wiped key(kKeySize);
  derive_key(m_state->key.get(), ephemeral.get(), point, point_of(m_state->key.get()), key);
  const ByteView content = released.subspan(1 + kPointSize, released.size() - kLeast);
  Bytes tag(released.end() - kTagSize, released.end());
  const Bytes nonce(kNonceSize);
  Wiped plain(content.size());
  const CipherContext cipher(EVP_CIPHER_CTX_new());
  int size = 0, last = 0;
  must(cipher && EVP_DecryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), key.octets.data(), nonce.data(), nullptr) == 1);
  const bool is_good = EVP_DecryptUpdate(cipher.get(), plain.octets.data(), &size, content.data(),
                                         static_cast<int>(content.size())) == 1 &&
                       EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagSize, tag.data()) == 1 &&
                       EVP_DecryptFinal_ex(cipher.get(), plain.octets.data() + size, &last) == 1;
  ERR_clear_error();
  if (!is_good) return fail("vault.escrow.content");
  return read_escrowed(Secret(std::string(as_chars(plain.octets))));
}

}  // namespace kyso::vault

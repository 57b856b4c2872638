#include "pki/issue/throw_away_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "crypto/algorithm_identifier.h"
#include "crypto/der.h"

namespace kyso::pki::issue {
namespace {

namespace der = crypto::der;
using crypto::KeyType;

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Number = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
using Context = std::unique_ptr<BN_CTX, Deleter<BN_CTX_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using Group = std::unique_ptr<EC_GROUP, Deleter<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, Deleter<EC_POINT_free>>;

// OpenSSL fails here only when memory or its random source is exhausted.
template <typename T>
T require(T value) {
  if (!value) throw std::bad_alloc();
  return value;
}
Number number() {
  return Number(require(BN_new()));
}
Number number(ByteView big_endian) {
  return Number(require(BN_bin2bn(big_endian.data(), static_cast<int>(big_endian.size()), nullptr)));
}
Bytes octets(const BIGNUM* value, std::size_t size) {
  Bytes out(size);
  require(BN_bn2binpad(value, out.data(), static_cast<int>(size)) >= 0);
  return out;
}

// EMSA-PKCS1-v1_5 (RFC 8017 section 9.2).
Bytes pad_pkcs1(crypto::DigestAlgorithm algorithm, ByteView digest, std::size_t size) {
  const Bytes identifier = crypto::encode_digest_algorithm(algorithm);
  const Bytes null = {der::kNull, 0};
  const Bytes info = der::sequence(der::encode(der::kSequence, der::concat(ByteView(identifier).subspan(2), null)),
                                   der::encode(der::kOctetString, digest));
  Bytes out(size, 0xff);
  out[0] = 0;
  out[1] = 1;
  out[size - info.size() - 1] = 0;
  std::ranges::copy(info, out.end() - static_cast<std::ptrdiff_t>(info.size()));
  return out;
}

// MGF1 (RFC 8017 appendix B.2.1).
void mask(crypto::DigestAlgorithm algorithm, Bytes seed, std::span<std::uint8_t> target) {
  seed.resize(seed.size() + 4);
  for (std::size_t at = 0; at < target.size(); ++seed.back()) {
    const Bytes block = crypto::digest(algorithm, seed);
    for (const std::uint8_t octet : block) {
      if (at == target.size()) return;
      target[at++] ^= octet;
    }
  }
}

// EMSA-PSS (RFC 8017 section 9.1.1), for moduli of whole octets.
Bytes pad_pss(crypto::DigestAlgorithm algorithm, ByteView digest, std::size_t size) {
  const Bytes salt = crypto::random_bytes(digest.size());
  const Bytes hash = crypto::digest(algorithm, der::concat(Bytes(8), digest, salt));
  Bytes out(size);
  const std::size_t masked = size - hash.size() - 1;
  out[masked - salt.size() - 1] = 1;
  std::ranges::copy(salt, out.begin() + static_cast<std::ptrdiff_t>(masked - salt.size()));
  mask(algorithm, hash, std::span(out).first(masked));
  out[0] &= 0x7fU;
  std::ranges::copy(hash, out.begin() + static_cast<std::ptrdiff_t>(masked));
  out.back() = 0xbc;
  return out;
}

class RsaThrowAway final : public ThrowAwayKey {
 public:
  // A key for the public exponent 3, used the other way round.
  explicit RsaThrowAway(int bits) : m_modulus(number()) {
    const KeyContext context(require(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr)));
    const Number three = number();
    BN_set_word(three.get(), 3);
    EVP_PKEY* made = nullptr;
    require(EVP_PKEY_keygen_init(context.get()) == 1 && EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), bits) == 1 &&
            EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context.get(), three.get()) == 1 &&
            EVP_PKEY_generate(context.get(), &made) == 1);
    const Key key(made);
    BIGNUM* modulus = nullptr;
    require(EVP_PKEY_get_bn_param(key.get(), OSSL_PKEY_PARAM_RSA_N, &modulus) == 1);
    m_modulus.reset(modulus);
  }
  Bytes sign(crypto::SignatureScheme scheme, ByteView message) const override {
    const std::size_t size = static_cast<std::size_t>(BN_num_bytes(m_modulus.get()));
    const Bytes digest = crypto::digest(scheme.digest, message);
    const Bytes padded = scheme.padding == crypto::Padding::pss ? pad_pss(scheme.digest, digest, size)
                                                                : pad_pkcs1(scheme.digest, digest, size);
    const Context context(require(BN_CTX_new()));
    const Number base = number(padded);
    const Number power = number();
    require(BN_mod_sqr(power.get(), base.get(), m_modulus.get(), context.get()) == 1 &&
            BN_mod_mul(power.get(), power.get(), base.get(), m_modulus.get(), context.get()) == 1);
    return octets(power.get(), size);
  }
  Bytes public_part() const override {
    return octets(m_modulus.get(), static_cast<std::size_t>(BN_num_bytes(m_modulus.get())));
  }

 private:
  Number m_modulus;
};

class EcThrowAway final : public ThrowAwayKey {
 public:
  explicit EcThrowAway(KeyType type)
      : m_group(require(EC_GROUP_new_by_curve_name(type == KeyType::ec_p256 ? NID_X9_62_prime256v1 : NID_secp384r1))),
        m_r(number()),
        m_rd(number()),
        m_inverse(number()) {
    const Context context(require(BN_CTX_new()));
    const Number secret = number();
    const Number nonce = number();
    require(BN_rand_range(secret.get(), order()) == 1 && BN_rand_range(nonce.get(), order()) == 1);
    const Point point = times_generator(nonce.get(), context.get());
    require(EC_POINT_get_affine_coordinates(m_group.get(), point.get(), m_r.get(), nullptr, context.get()) == 1 &&
            BN_nnmod(m_r.get(), m_r.get(), order(), context.get()) == 1 &&
            BN_mod_mul(m_rd.get(), m_r.get(), secret.get(), order(), context.get()) == 1 &&
            BN_mod_inverse(m_inverse.get(), nonce.get(), order(), context.get()) != nullptr);
    m_spki = encode_public(*times_generator(secret.get(), context.get()), type);
  }
  // s = (h + r·d) / k, FIPS 186-5 section 6.4.1.
  Bytes sign(crypto::SignatureScheme scheme, ByteView message) const override {
    const std::size_t size = static_cast<std::size_t>(BN_num_bytes(order()));
    Bytes digest = crypto::digest(scheme.digest, message);
    digest.resize(std::min(digest.size(), size));
    const Context context(require(BN_CTX_new()));
    const Number s = number(digest);
    require(BN_mod_add(s.get(), s.get(), m_rd.get(), order(), context.get()) == 1 &&
            BN_mod_mul(s.get(), s.get(), m_inverse.get(), order(), context.get()) == 1);
    return der::sequence(der::encode_unsigned(octets(m_r.get(), size)), der::encode_unsigned(octets(s.get(), size)));
  }
  Bytes public_part() const override { return m_spki; }

 private:
  const BIGNUM* order() const { return EC_GROUP_get0_order(m_group.get()); }
  Point times_generator(const BIGNUM* factor, BN_CTX* context) const {
    Point point(require(EC_POINT_new(m_group.get())));
    require(EC_POINT_mul(m_group.get(), point.get(), factor, nullptr, nullptr, context) == 1);
    return point;
  }
  Bytes encode_public(const EC_POINT& point, KeyType type) const {
    Bytes encoded(128);
    encoded.resize(require(EC_POINT_point2oct(m_group.get(), &point, POINT_CONVERSION_UNCOMPRESSED, encoded.data(),
                                              encoded.size(), nullptr)));
    const std::string_view curve = type == KeyType::ec_p256 ? "1.2.840.10045.3.1.7" : "1.3.132.0.34";
    return der::sequence(der::sequence(der::encode_oid("1.2.840.10045.2.1"), der::encode_oid(curve)),
                         der::encode(der::kBitString, der::concat(Bytes{0}, encoded)));
  }

  Group m_group;
  Number m_r, m_rd, m_inverse;
  Bytes m_spki;
};

class EdThrowAway final : public ThrowAwayKey {
 public:
  EdThrowAway() : m_key(require(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"))) {}
  Bytes sign(crypto::SignatureScheme, ByteView message) const override {
    const DigestContext context(require(EVP_MD_CTX_new()));
    Bytes out(64);
    std::size_t size = out.size();
    require(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, m_key.get()) == 1 &&
            EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) == 1);
    return out;
  }
  Bytes public_part() const override {
    Bytes raw(32);
    std::size_t size = raw.size();
    require(EVP_PKEY_get_raw_public_key(m_key.get(), raw.data(), &size) == 1);
    return der::sequence(der::sequence(der::encode_oid("1.3.101.112")),
                         der::encode(der::kBitString, der::concat(Bytes{0}, raw)));
  }

 private:
  Key m_key;
};

std::unique_ptr<ThrowAwayKey> make(crypto::SignatureScheme scheme, int bits) {
  switch (scheme.key) {
    case KeyType::rsa:
      return std::make_unique<RsaThrowAway>(bits);
    case KeyType::ec_p256:
    case KeyType::ec_p384:
      return std::make_unique<EcThrowAway>(scheme.key);
    case KeyType::ed25519:
      return std::make_unique<EdThrowAway>();
    case KeyType::ec_p521:
    case KeyType::dsa:
    case KeyType::other:
      break;
  }
  return nullptr;
}

}  // namespace

Result<const ThrowAwayKey*> ThrowAwayKey::of(crypto::SignatureScheme scheme, int bits) {
  if (!crypto::is_for_signing(scheme) || (scheme.key == KeyType::rsa && (bits < 2048 || bits > 8192 || bits % 8 != 0)))
    return fail("crypto.algorithm.unsupported").with("algorithm", crypto::name_of(scheme));
  static std::mutex mutex;
  static auto& keys = *new std::map<std::pair<KeyType, int>, std::unique_ptr<ThrowAwayKey>>;
  const std::scoped_lock lock(mutex);
  auto& key = keys[{scheme.key, scheme.key == KeyType::rsa ? bits : 0}];
  if (!key) key = make(scheme, bits);
  return key.get();
}

}  // namespace kyso::pki::issue

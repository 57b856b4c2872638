#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <mutex>

#include "crypto/algorithm_identifier.h"
#include "crypto/certificate.h"
#include "crypto/der.h"
#include "crypto/key_object_ids.h"
#include "crypto/public_key_support.h"

namespace kyso::crypto {
namespace {

// Verification time grows with the cube of the modulus; nobody issues larger keys.
constexpr std::size_t kMaxModulusBytes = 2048;
constexpr std::size_t kMaxExponentBytes = 8;
constexpr std::size_t kMaxDsaBytes = 512;
constexpr std::size_t kMaxIdleContexts = 4;
constexpr std::size_t kMaxIdleVerifiers = 16;

Error unsupported(std::string_view what) {
  return fail("crypto.key.unsupported", "{}", what).with("algorithm", what);
}

ByteView without_leading_zeros(ByteView bytes) {
  while (!bytes.empty() && bytes.front() == 0) bytes = bytes.subspan(1);
  return bytes;
}

int bit_length(ByteView big_endian) {
  if (big_endian.empty()) return 0;
  return static_cast<int>(big_endian.size() * 8) - std::countl_zero(big_endian.front());
}

// OpenSSL's object for a key of a curve and what prepares it for verifying: making them anew costs half a verification,
// giving another point to one that is there hardly anything. So a few are kept for each curve and lent out.
class CurveVerifier {
 public:
  explicit CurveVerifier(const char* curve, ByteView point) {
    openssl::KeyParameters parameters;
    parameters.add_text(OSSL_PKEY_PARAM_GROUP_NAME, curve);
    parameters.add_octets(OSSL_PKEY_PARAM_PUB_KEY, point);
    m_key = parameters.build("EC", EVP_PKEY_PUBLIC_KEY);
    m_point.assign(point.begin(), point.end());
  }
  bool is_made() const { return m_key != nullptr; }
  bool has(ByteView point) const { return std::ranges::equal(m_point, point); }
  bool verify(SignatureScheme scheme, ByteView point, ByteView digest, ByteView signature) {
    if (!has(point)) {
      m_point.clear();
      if (EVP_PKEY_set1_encoded_public_key(m_key.get(), point.data(), point.size()) != 1) return false;
      m_point.assign(point.begin(), point.end());
    }
    auto context = std::ranges::find(m_contexts, scheme, &Prepared::first);
    if (context == m_contexts.end())
      context = m_contexts.insert(m_contexts.end(), {scheme, openssl::prepare_verification(m_key.get(), scheme)});
    return context->second && EVP_PKEY_verify(context->second.get(), signature.data(), signature.size(), digest.data(),
                                              digest.size()) == 1;
  }

 private:
  using Prepared = std::pair<SignatureScheme, openssl::PkeyCtxPtr>;
  openssl::PkeyPtr m_key;
  Bytes m_point;
  std::vector<Prepared> m_contexts;
};

class CurveVerifiers {
 public:
  static CurveVerifiers& of(KeyType type) {
    static auto& all = *new std::array<CurveVerifiers, 3>;  // at exit threads may still verify
    return all.at(type == KeyType::ec_p256 ? 0 : type == KeyType::ec_p384 ? 1 : 2);
  }
  bool verify(const char* curve, SignatureScheme scheme, ByteView point, ByteView digest, ByteView signature) {
    auto verifier = take(point);
    if (!verifier) verifier = std::make_unique<CurveVerifier>(curve, point);
    if (!verifier->is_made()) return false;
    const bool is_good = verifier->verify(scheme, point, digest, signature);
    const std::scoped_lock lock(m_mutex);
    if (m_idle.size() < kMaxIdleVerifiers) m_idle.push_back(std::move(verifier));
    return is_good;
  }

 private:
  // One that has this point already, or any.
  std::unique_ptr<CurveVerifier> take(ByteView point) {
    const std::scoped_lock lock(m_mutex);
    if (m_idle.empty()) return nullptr;
    auto chosen = std::ranges::find_if(m_idle, [&](const auto& each) { return each->has(point); });
    if (chosen == m_idle.end()) chosen = m_idle.end() - 1;
    auto out = std::move(*chosen);
    m_idle.erase(chosen);
    return out;
  }

  std::mutex m_mutex;
  std::vector<std::unique_ptr<CurveVerifier>> m_idle;
};

bool is_curve(KeyType type) {
  return type == KeyType::ec_p256 || type == KeyType::ec_p384 || type == KeyType::ec_p521;
}

}  // namespace

struct PublicKey::State {
  Bytes spki;
  KeyType type = KeyType::other;
  std::string algorithm;
  int bits = 0;
  Bytes modulus;           // RSA; DSA: p
  Bytes exponent;          // RSA
  Bytes order, generator;  // DSA: q, g; empty where they are inherited
  Bytes point;             // EC and Ed25519; DSA: y
  bool pss_only = false;
  std::optional<PssParameters> pss;

  // OpenSSL's object is made at the first verification: whoever only signs never pays for it.
  const EVP_PKEY* openssl_key() const {
    std::call_once(once, [this] { key = make(); });
    return key.get();
  }
  openssl::PkeyPtr make() const;
  openssl::PkeyPtr make_dsa() const;
  bool verify_digest(SignatureScheme scheme, ByteView digest, ByteView signature) const;
  Result<> read(ByteView der);
  Result<> read_key(const std::string& oid, der::Reader& parameters, ByteView bits_of_key);
  Result<> read_rsa(ByteView bits_of_key);
  Result<> read_ec(ByteView parameters, ByteView bits_of_key);
  Result<> read_dsa(der::Reader& parameters, ByteView bits_of_key);

 private:
  struct Prepared {
    SignatureScheme scheme;
    openssl::PkeyCtxPtr context;
  };
  std::optional<Prepared> take(SignatureScheme scheme) const;

  mutable std::once_flag once;
  mutable openssl::PkeyPtr key;
  mutable std::mutex mutex;
  mutable std::vector<Prepared> idle;
};

openssl::PkeyPtr PublicKey::State::make_dsa() const {
  if (order.empty()) return nullptr;
  openssl::KeyParameters parameters;
  parameters.add_number(OSSL_PKEY_PARAM_FFC_P, modulus);
  parameters.add_number(OSSL_PKEY_PARAM_FFC_Q, order);
  parameters.add_number(OSSL_PKEY_PARAM_FFC_G, generator);
  parameters.add_number(OSSL_PKEY_PARAM_PUB_KEY, point);
  return parameters.build("DSA", EVP_PKEY_PUBLIC_KEY);
}

openssl::PkeyPtr PublicKey::State::make() const {
  openssl::initialise();
  if (type == KeyType::ed25519)
    return openssl::PkeyPtr(EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, point.data(), point.size()));
  if (type == KeyType::dsa) return make_dsa();
  openssl::KeyParameters parameters;
  parameters.add_number(OSSL_PKEY_PARAM_RSA_N, modulus);
  parameters.add_number(OSSL_PKEY_PARAM_RSA_E, exponent);
  return parameters.build("RSA", EVP_PKEY_PUBLIC_KEY);
}

std::optional<PublicKey::State::Prepared> PublicKey::State::take(SignatureScheme scheme) const {
  const std::scoped_lock lock(mutex);
  for (auto each = idle.begin(); each != idle.end(); ++each)
    if (each->scheme == scheme) {
      Prepared out = std::move(*each);
      idle.erase(each);
      return out;
    }
  return std::nullopt;
}

// Preparing a context costs a tenth of an RSA verification, so the few that were used at the same time are kept.
bool PublicKey::State::verify_digest(SignatureScheme scheme, ByteView digest, ByteView signature) const {
  if (is_curve(type)) {
    openssl::initialise();
    return CurveVerifiers::of(type).verify(algorithm.c_str(), scheme, point, digest, signature);
  }
  auto* object = const_cast<EVP_PKEY*>(openssl_key());  // OpenSSL's functions are not const-correct
  if (object == nullptr) return false;
  std::optional<Prepared> prepared = take(scheme);
  if (!prepared) prepared = Prepared{scheme, openssl::prepare_verification(object, scheme)};
  if (!prepared->context) return false;
  const bool good =
      EVP_PKEY_verify(prepared->context.get(), signature.data(), signature.size(), digest.data(), digest.size()) == 1;
  const std::scoped_lock lock(mutex);
  if (idle.size() < kMaxIdleContexts) idle.push_back(*std::move(prepared));
  return good;
}

// RSAPublicKey (RFC 8017 appendix A.1.1).
Result<> PublicKey::State::read_rsa(ByteView bits_of_key) {
  der::Reader outer(bits_of_key);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(outer.finish());
  const ByteView n = without_leading_zeros(KYSO_TRY(fields.expect(der::kInteger)).content);
  const ByteView e = without_leading_zeros(KYSO_TRY(fields.expect(der::kInteger)).content);
  KYSO_TRY(fields.finish());
  if (n.empty() || n.size() > kMaxModulusBytes || (n.back() & 1U) == 0) return unsupported("RSA modulus");
  if (e.empty() || e.size() > kMaxExponentBytes || (e.back() & 1U) == 0 || (e.size() == 1 && e.front() == 1))
    return unsupported("RSA exponent");
  type = KeyType::rsa;
  algorithm = "RSA";
  bits = bit_length(n);
  modulus.assign(n.begin(), n.end());
  exponent.assign(e.begin(), e.end());
  return {};
}

Result<> PublicKey::State::read_ec(ByteView parameters, ByteView bits_of_key) {
  struct Curve {
    std::string_view oid;
    const char* name;
    KeyType type;
    int bits;
  };
  constexpr std::array<Curve, 3> kCurves{{{kP256, "P-256", KeyType::ec_p256, 256},
                                          {kP384, "P-384", KeyType::ec_p384, 384},
                                          {kP521, "P-521", KeyType::ec_p521, 521}}};
  der::Reader reader(parameters);
  if (reader.peek_tag() != der::kOid) return unsupported("elliptic curve without name");
  const std::string oid = KYSO_TRY(der::read_oid(KYSO_TRY(reader.next()).content));
  const auto* const curve = std::ranges::find(kCurves, oid, &Curve::oid);
  if (curve == kCurves.end()) return unsupported(oid);
  const std::size_t coordinate = (static_cast<std::size_t>(curve->bits) + 7) / 8;
  const bool uncompressed = bits_of_key.size() == 1 + 2 * coordinate && bits_of_key[0] == 4;
  const bool compressed = bits_of_key.size() == 1 + coordinate && (bits_of_key[0] == 2 || bits_of_key[0] == 3);
  if (!uncompressed && !compressed) return unsupported("elliptic curve point");
  type = curve->type;
  algorithm = curve->name;
  bits = curve->bits;
  point.assign(bits_of_key.begin(), bits_of_key.end());
  return {};
}

// Dss-Parms and DSAPublicKey (RFC 3279 section 2.3.2).
Result<> PublicKey::State::read_dsa(der::Reader& parameters, ByteView bits_of_key) {
  der::Reader outer(bits_of_key);
  const ByteView y = without_leading_zeros(KYSO_TRY(outer.expect(der::kInteger)).content);
  KYSO_TRY(outer.finish());
  if (y.empty() || y.size() > kMaxDsaBytes) return unsupported("DSA value");
  if (parameters.peek_tag() == der::kSequence) {
    der::Reader fields(KYSO_TRY(parameters.next()).content);
    const ByteView p = without_leading_zeros(KYSO_TRY(fields.expect(der::kInteger)).content);
    const ByteView q = without_leading_zeros(KYSO_TRY(fields.expect(der::kInteger)).content);
    const ByteView g = without_leading_zeros(KYSO_TRY(fields.expect(der::kInteger)).content);
    KYSO_TRY(fields.finish());
    if (p.size() > kMaxDsaBytes || q.empty() || q.size() > p.size() || g.size() > p.size() || (p.back() & 1U) == 0)
      return unsupported("DSA parameters");
    modulus.assign(p.begin(), p.end());
    order.assign(q.begin(), q.end());
    generator.assign(g.begin(), g.end());
    bits = bit_length(p);
  }
  type = KeyType::dsa;
  algorithm = "DSA";
  point.assign(y.begin(), y.end());
  return {};
}

Result<> PublicKey::State::read_key(const std::string& oid, der::Reader& parameters, ByteView bits_of_key) {
  if (oid == kRsaEncryption || oid == kRsaPss) {
    pss_only = oid == kRsaPss;
    if (pss_only && parameters.peek_tag() == der::kSequence) pss = KYSO_TRY(read_pss_parameters(parameters.rest()));
    return read_rsa(bits_of_key);
  }
  if (oid == kEcPublicKey) return read_ec(parameters.rest(), bits_of_key);
  if (oid == kDsa) return read_dsa(parameters, bits_of_key);
  if (oid != kEd25519 || bits_of_key.size() != 32) return unsupported(oid);
  type = KeyType::ed25519;
  algorithm = "Ed25519";
  bits = 256;
  point.assign(bits_of_key.begin(), bits_of_key.end());
  return {};
}

Result<> PublicKey::State::read(ByteView der) {
  der::Reader outer(der);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(outer.finish());
  der::Reader parameters(KYSO_TRY(fields.expect(der::kSequence)).content);
  const ByteView key_bits = KYSO_TRY(fields.expect(der::kBitString)).content;
  KYSO_TRY(fields.finish());
  if (key_bits.empty() || key_bits[0] != 0) return fail("crypto.der.malformed", "BIT STRING of a key");
  const std::string oid = KYSO_TRY(der::read_oid(KYSO_TRY(parameters.expect(der::kOid)).content));
  spki.assign(der.begin(), der.end());
  if (Result<> known = read_key(oid, parameters, key_bits.subspan(1)); !known) {
    if (known.error().code == "crypto.der.malformed") return known;
    algorithm = known.error().detail;
  }
  return {};
}

Result<PublicKey> PublicKey::from_spki(ByteView der) {
  auto state = std::make_shared<State>();
  KYSO_TRY(state->read(der));
  PublicKey key;
  key.m_state = std::move(state);
  return key;
}

KeyType PublicKey::type() const {
  return m_state->type;
}
int PublicKey::bits() const {
  return m_state->bits;
}
const std::string& PublicKey::algorithm() const {
  return m_state->algorithm;
}
ByteView PublicKey::spki() const {
  return m_state->spki;
}

std::size_t PublicKey::max_signature_size() const {
  switch (m_state->type) {
    case KeyType::rsa:
      return m_state->modulus.size();
    case KeyType::ec_p256:
      return 72;
    case KeyType::ec_p384:
      return 104;
    case KeyType::ec_p521:
      return 139;
    case KeyType::dsa:
      return 2 * m_state->order.size() + 9;
    case KeyType::ed25519:
      return 64;
    case KeyType::other:
      break;
  }
  return 0;
}

bool PublicKey::allows(SignatureScheme scheme) const {
  const State& state = *m_state;
  if (scheme.key != state.type || state.type == KeyType::other) return false;
  if ((state.type == KeyType::rsa) == (scheme.padding == Padding::none)) return false;
  if (state.type == KeyType::ed25519) return scheme.digest == DigestAlgorithm::sha512;
  if (state.pss_only && scheme.padding != Padding::pss) return false;
  return !state.pss || state.pss->digest == scheme.digest;  // RFC 4055 section 3.3
}

bool PublicKey::verify(SignatureScheme scheme, ByteView digest, ByteView message, ByteView signature) const {
  if (!allows(scheme)) return false;
  bool good = false;
  if (scheme.key == KeyType::ed25519) {
    auto* key = const_cast<EVP_PKEY*>(m_state->openssl_key());  // OpenSSL's functions are not const-correct
    good = key != nullptr && openssl::verify_message(key, message, signature);
  } else if (digest.size() == digest_size(scheme.digest)) {
    good = m_state->verify_digest(scheme, digest, signature);
  }
  if (!good) ERR_clear_error();
  return good;
}

PublicKey PublicKey::with_inherited_parameters(const PublicKey& issuer) const {
  const State& from = *issuer.m_state;
  if (m_state->type != KeyType::dsa || from.type != KeyType::dsa || !m_state->order.empty() || from.order.empty())
    return *this;
  auto state = std::make_shared<State>();
  state->spki = m_state->spki;
  state->type = KeyType::dsa;
  state->algorithm = m_state->algorithm;
  state->bits = from.bits;
  state->modulus = from.modulus;
  state->order = from.order;
  state->generator = from.generator;
  state->point = m_state->point;
  PublicKey key;
  key.m_state = std::move(state);
  return key;
}

}  // namespace kyso::crypto

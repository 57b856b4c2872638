#include "pki/key_weakness.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>

#include <algorithm>
#include <array>
#include <memory>

#include "crypto/der.h"

namespace kyso::pki {
namespace {

namespace der = crypto::der;
using crypto::KeyType;

__extension__ using Wide = unsigned __int128;

constexpr int kMinRsaBits = 2048, kMaxRsaBits = 8192;
constexpr std::uint64_t kMinExponent = 65537;
constexpr int kFermatRounds = 100;  // as CA/B Baseline Requirements 6.1.1.3 ask
constexpr std::size_t kSmallPrimes = 132;
constexpr std::uint32_t kLastSmallPrime = 751;

constexpr bool is_prime(std::uint32_t n) {
  for (std::uint32_t i = 2; i * i <= n; ++i)
    if (n % i == 0) return false;
  return n >= 2;
}
constexpr std::array<std::uint32_t, kSmallPrimes> make_primes() {
  std::array<std::uint32_t, kSmallPrimes> out{};
  std::size_t count = 0;
  for (std::uint32_t n = 3; n <= kLastSmallPrime; n += 2)
    if (is_prime(n)) out.at(count++) = n;
  return out;
}
constexpr auto kPrimes = make_primes();
static_assert(kPrimes.back() == kLastSmallPrime);

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Number = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
using Context = std::unique_ptr<BN_CTX, Deleter<BN_CTX_free>>;
using Group = std::unique_ptr<EC_GROUP, Deleter<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, Deleter<EC_POINT_free>>;

Number new_number() {
  Number out(BN_new());
  if (!out) throw std::bad_alloc();
  return out;
}
Number number_of(ByteView big_endian) {
  Number out(BN_bin2bn(big_endian.data(), static_cast<int>(big_endian.size()), nullptr));
  if (!out) throw std::bad_alloc();
  return out;
}

std::uint64_t remainder(ByteView big_endian, std::uint64_t divisor) {
  std::uint64_t out = 0;
  std::size_t at = 0;
  for (; at < big_endian.size() % 8; ++at) out = (out << 8U | big_endian[at]) % divisor;
  for (; at < big_endian.size(); at += 8) {
    std::uint64_t limb = 0;
    for (std::size_t i = 0; i < 8; ++i) limb = limb << 8U | big_endian[at + i];
    out = static_cast<std::uint64_t>((Wide{out} << 64U | limb) % divisor);
  }
  return out;
}

// f(prime, modulus mod prime) for each of the first `count` small primes, until one gives true. One division of the
// long number serves as many primes as fit 64 bits together.
template <typename F>
bool any_small_prime(ByteView modulus, std::size_t count, const F& f) {
  for (std::size_t first = 0; first < count;) {
    std::uint64_t product = 1;
    std::size_t next = first;
    while (next < count && product <= UINT64_MAX / kPrimes[next]) product *= kPrimes[next++];
    const std::uint64_t rest = remainder(modulus, product);
    for (; first < next; ++first)
      if (f(first, static_cast<std::uint32_t>(rest % kPrimes[first]))) return true;
  }
  return false;
}

// M. Nemec and others, "The Return of Coppersmith's Attack" (2017): such moduli lie in the group that 65537 generates
// modulo each of the primes up to 167.
constexpr std::size_t kRocaPrimes = 38;
static_assert(kPrimes[kRocaPrimes - 1] == 167);
using Residues = std::array<std::array<bool, 168>, kRocaPrimes>;
constexpr Residues make_roca_residues() {
  Residues out{};
  for (std::size_t i = 0; i < kRocaPrimes; ++i) {
    std::uint32_t power = 1;
    do {
      out.at(i).at(power) = true;
      power = power * (65537 % kPrimes.at(i)) % kPrimes.at(i);
    } while (power != 1);
  }
  return out;
}

// The greatest number whose square is at most n: Newton's method from above.
Number square_root(const BIGNUM* n, BN_CTX* context) {
  Number x = new_number();
  Number y = new_number();
  BN_set_bit(x.get(), (BN_num_bits(n) + 1) / 2);
  while (true) {
    BN_div(y.get(), nullptr, n, x.get(), context);
    BN_add(y.get(), y.get(), x.get());
    BN_rshift1(y.get(), y.get());
    if (BN_cmp(y.get(), x.get()) >= 0) return x;
    std::swap(x, y);
  }
}

bool is_square(const BIGNUM* n, BN_CTX* context) {
  const Number root = square_root(n, context);
  const Number square = new_number();
  BN_sqr(square.get(), root.get(), context);
  return BN_cmp(square.get(), n) == 0;
}

// Quadratic residues modulo small numbers tell most numbers that are no squares without a square root.
struct SquareSieve {
  static constexpr std::array<std::uint32_t, 6> kModuli{64, 63, 65, 11, 17, 19};
  static constexpr std::uint64_t kProduct = 64ULL * 63 * 65 * 11 * 17 * 19;
  static constexpr std::array<std::array<bool, 65>, 6> make() {
    std::array<std::array<bool, 65>, 6> out{};
    for (std::size_t i = 0; i < kModuli.size(); ++i)
      for (std::uint32_t n = 0; n < kModuli.at(i); ++n) out.at(i).at(n * n % kModuli.at(i)) = true;
    return out;
  }
  static bool may_be_square(std::uint64_t rest) {
    static constexpr auto kResidues = make();
    for (std::size_t i = 0; i < kModuli.size(); ++i)
      if (!kResidues.at(i).at(rest % kModuli.at(i))) return false;
    return true;
  }
};

const EC_GROUP* group_of(KeyType type) {
  static const Group p256(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  static const Group p384(EC_GROUP_new_by_curve_name(NID_secp384r1));
  static const Group p521(EC_GROUP_new_by_curve_name(NID_secp521r1));
  return type == KeyType::ec_p256 ? p256.get() : type == KeyType::ec_p384 ? p384.get() : p521.get();
}

// These curves have cofactor 1: whatever lies on them but infinity has the full order.
bool is_on_curve(KeyType type, ByteView octets) {
  const EC_GROUP* group = group_of(type);
  const Point point(EC_POINT_new(group));
  if (!point) throw std::bad_alloc();
  const bool good = EC_POINT_oct2point(group, point.get(), octets.data(), octets.size(), nullptr) == 1 &&
                    EC_POINT_is_at_infinity(group, point.get()) == 0;
  if (!good) ERR_clear_error();
  return good;
}

// RFC 8032 section 5.1.3: x² = (y² - 1) / (d y² + 1) must have a root.
class Edwards25519 {
 public:
  Edwards25519() : m_context(BN_CTX_new()), m_p(new_number()), m_d(new_number()), m_half(new_number()) {
    BN_set_bit(m_p.get(), 255);
    BN_sub_word(m_p.get(), 19);
    const Number divisor = word(121666);
    BN_mod_inverse(m_d.get(), divisor.get(), m_p.get(), m_context.get());
    BN_mul_word(m_d.get(), 121665);
    BN_mod_sub(m_d.get(), word(0).get(), m_d.get(), m_p.get(), m_context.get());
    BN_rshift1(m_half.get(), m_p.get());
  }
  bool is_good(ByteView encoded) const {
    std::array<std::uint8_t, 32> little{};
    std::ranges::copy(encoded, little.begin());
    little.back() &= 0x7fU;  // the sign of x: either root of a square that isn't 0 is right
    const Number y(BN_lebin2bn(little.data(), static_cast<int>(little.size()), nullptr));
    if (BN_cmp(y.get(), m_p.get()) >= 0) return false;
    const Number y2 = times(y.get(), y.get());
    const Number u = minus(y2.get(), word(1).get());
    const Number v = plus(times(m_d.get(), y2.get()).get(), word(1).get());
    const Number x2 = times(u.get(), inverse(v.get()).get());
    if (BN_is_zero(x2.get())) return false;  // order 1 or 2, or a zero with a sign
    const Number euler = new_number();
    BN_mod_exp(euler.get(), x2.get(), m_half.get(), m_p.get(), m_context.get());
    return BN_is_one(euler.get()) && !is_of_small_order(x2.get(), y2.get());
  }

 private:
  Number word(std::uint32_t value) const {
    Number out = new_number();
    BN_set_word(out.get(), value);
    return out;
  }
  Number times(const BIGNUM* a, const BIGNUM* b) const {
    Number out = new_number();
    BN_mod_mul(out.get(), a, b, m_p.get(), m_context.get());
    return out;
  }
  Number plus(const BIGNUM* a, const BIGNUM* b) const {
    Number out = new_number();
    BN_mod_add(out.get(), a, b, m_p.get(), m_context.get());
    return out;
  }
  Number minus(const BIGNUM* a, const BIGNUM* b) const {
    Number out = new_number();
    BN_mod_sub(out.get(), a, b, m_p.get(), m_context.get());
    return out;
  }
  Number inverse(const BIGNUM* a) const {
    Number out = new_number();
    BN_mod_inverse(out.get(), a, m_p.get(), m_context.get());
    return out;
  }
  // y = 0 has order 4. Order 8: doubling gives a point with y = 0, that is y² + x² = 0 (the numerator of y of 2P).
  bool is_of_small_order(const BIGNUM* x2, const BIGNUM* y2) const {
    return BN_is_zero(y2) || BN_is_zero(plus(x2, y2).get());
  }

  Context m_context;
  Number m_p, m_d, m_half;
};

struct RsaNumbers {
  ByteView modulus, exponent;
};
ByteView without_leading_zeros(ByteView bytes) {
  while (!bytes.empty() && bytes.front() == 0) bytes = bytes.subspan(1);
  return bytes;
}

struct SpkiParts {
  std::string oid;
  ByteView key;  // content of the bit string
};
Result<SpkiParts> open_spki(ByteView spki) {
  der::Reader outer(spki);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  der::Reader algorithm(KYSO_TRY(fields.expect(der::kSequence)).content);
  SpkiParts out;
  out.oid = KYSO_TRY(der::read_oid(KYSO_TRY(algorithm.expect(der::kOid)).content));
  out.key = KYSO_TRY(fields.expect(der::kBitString)).content.subspan(1);
  return out;
}
Result<RsaNumbers> open_rsa(ByteView key) {
  der::Reader outer(key);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  RsaNumbers out;
  out.modulus = without_leading_zeros(KYSO_TRY(fields.expect(der::kInteger)).content);
  out.exponent = without_leading_zeros(KYSO_TRY(fields.expect(der::kInteger)).content);
  return out;
}

constexpr std::string_view kRsaPss = "1.2.840.113549.1.1.10";

// The one encoding that X.509 knows for this key.
Bytes canonical_rsa(const RsaNumbers& numbers) {
  const Bytes key = der::sequence(der::encode_unsigned(numbers.modulus), der::encode_unsigned(numbers.exponent));
  return der::sequence(der::sequence(der::encode_oid("1.2.840.113549.1.1.1"), der::encode(der::kNull, {})),
                       der::encode(der::kBitString, der::concat(Bytes{0}, key)));
}
Bytes canonical_point(const Bytes& algorithm, ByteView point) {
  return der::sequence(algorithm, der::encode(der::kBitString, der::concat(Bytes{0}, point)));
}

std::optional<std::string_view> weakness_of_rsa(const crypto::PublicKey& key, const SpkiParts& parts) {
  const auto numbers = open_rsa(parts.key);
  if (!numbers) return "encoding";
  // RSASSA-PSS keys carry parameters of their own: compared by nobody.
  if (parts.oid != kRsaPss && !std::ranges::equal(canonical_rsa(*numbers), key.spki())) return "encoding";
  if (key.bits() < kMinRsaBits || key.bits() > kMaxRsaBits || key.bits() % 8 != 0) return "length";
  std::uint64_t exponent = 0;
  if (numbers->exponent.size() > sizeof exponent) return "exponent";
  for (const std::uint8_t octet : numbers->exponent) exponent = exponent << 8U | octet;
  if (exponent < kMinExponent || exponent % 2 == 0) return "exponent";
  if (has_small_factor(numbers->modulus)) return "small-factor";
  if (is_roca(numbers->modulus)) return "ROCA";
  if (has_close_primes(numbers->modulus)) return "close-primes";
  return std::nullopt;
}

std::optional<std::string_view> weakness_of_point(const crypto::PublicKey& key, const SpkiParts& parts) {
  if (key.type() == KeyType::ed25519) {
    if (!std::ranges::equal(canonical_point(der::sequence(der::encode_oid("1.3.101.112")), parts.key), key.spki()))
      return "encoding";
    return Edwards25519().is_good(parts.key) ? std::nullopt : std::optional<std::string_view>("off-curve");
  }
  const std::string_view curve = key.type() == KeyType::ec_p256   ? "1.2.840.10045.3.1.7"
                                 : key.type() == KeyType::ec_p384 ? "1.3.132.0.34"
                                                                  : "1.3.132.0.35";
  const Bytes algorithm = der::sequence(der::encode_oid("1.2.840.10045.2.1"), der::encode_oid(curve));
  if (parts.key.empty() || parts.key[0] != 4 || !std::ranges::equal(canonical_point(algorithm, parts.key), key.spki()))
    return "encoding";
  return is_on_curve(key.type(), parts.key) ? std::nullopt : std::optional<std::string_view>("off-curve");
}

}  // namespace

bool has_small_factor(ByteView modulus) {
  if (modulus.empty() || modulus.back() % 2 == 0) return true;
  return any_small_prime(modulus, kPrimes.size(), [](std::size_t, std::uint32_t rest) { return rest == 0; });
}

bool is_roca(ByteView modulus) {
  static constexpr Residues kResidues = make_roca_residues();
  return !any_small_prime(modulus, kRocaPrimes,
                          [](std::size_t prime, std::uint32_t rest) { return !kResidues.at(prime).at(rest); });
}

// n = a² - b² with a near the root: a² - n is tried for being a square.
bool has_close_primes(ByteView modulus) {
  const Context context(BN_CTX_new());
  const Number n = number_of(modulus);
  Number a = square_root(n.get(), context.get());
  Number rest = new_number();
  BN_sqr(rest.get(), a.get(), context.get());
  if (BN_cmp(rest.get(), n.get()) == 0) return true;  // a square itself
  BN_add_word(a.get(), 1);
  BN_sqr(rest.get(), a.get(), context.get());
  BN_sub(rest.get(), rest.get(), n.get());
  std::uint64_t small_a = BN_mod_word(a.get(), SquareSieve::kProduct);
  std::uint64_t small_rest = BN_mod_word(rest.get(), SquareSieve::kProduct);
  for (int round = 0; round < kFermatRounds; ++round) {
    if (SquareSieve::may_be_square(small_rest) && is_square(rest.get(), context.get())) return true;
    // (a + 1)² - n = a² - n + 2a + 1
    BN_add(rest.get(), rest.get(), a.get());
    BN_add(rest.get(), rest.get(), a.get());
    BN_add_word(rest.get(), 1);
    BN_add_word(a.get(), 1);
    small_rest = (small_rest + 2 * small_a + 1) % SquareSieve::kProduct;
    small_a = (small_a + 1) % SquareSieve::kProduct;
  }
  return false;
}

std::optional<std::string_view> weakness_of(const crypto::PublicKey& key) {
  if (key.type() == KeyType::other || key.type() == KeyType::dsa) return std::nullopt;
  const auto parts = open_spki(key.spki());
  if (!parts) return "encoding";
  return key.type() == KeyType::rsa ? weakness_of_rsa(key, *parts) : weakness_of_point(key, *parts);
}

}  // namespace kyso::pki

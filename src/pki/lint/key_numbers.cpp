#include "pki/lint/key_numbers.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>

#include <array>
#include <cmath>
#include <memory>
#include <vector>

namespace kyso::pki::lint {
namespace {

constexpr std::size_t kMostOctets = 2048;  // RSA-16384
constexpr unsigned kSmallPrimesBelow = 752;
constexpr int kFermatRounds = 24;

__extension__ using Wide = unsigned __int128;

struct BnFree {
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(BN_CTX* context) const { BN_CTX_free(context); }
  void operator()(EC_GROUP* group) const { EC_GROUP_free(group); }
  void operator()(EC_POINT* point) const { EC_POINT_free(point); }
};
template <typename T>
using Owned = std::unique_ptr<T, BnFree>;

// A product of small primes with its top bit set, and what makes division by it two multiplications (Möller and
// Granlund, "Improved division by invariant integers").
struct Divisor {
  std::uint64_t value = 1, reciprocal = 0;
  std::vector<unsigned> primes;

  void finish() {
    while ((value >> 63U) == 0) value <<= 1U;
    reciprocal = static_cast<std::uint64_t>(~Wide{0} / value - (Wide{1} << 64U));
  }
  std::uint64_t remainder(std::uint64_t high, std::uint64_t low) const {
    const Wide quotient = Wide{reciprocal} * high + (Wide{high} << 64U | low);
    std::uint64_t rest = low - (static_cast<std::uint64_t>(quotient >> 64U) + 1) * value;
    if (rest > static_cast<std::uint64_t>(quotient)) rest += value;
    return rest >= value ? rest - value : rest;
  }
};

struct Tables {
  std::vector<Divisor> divisors;
  // Which residues are powers of 65537, for the odd primes up to 167 (those of the smallest affected keys).
  std::array<std::array<bool, 168>, 168> is_power{};

  Tables() {
    divisors.emplace_back();
    for (unsigned p = 3; p < kSmallPrimesBelow; p += 2) {
      bool is_prime = true;
      for (unsigned d = 3; d * d <= p; d += 2) is_prime = is_prime && p % d != 0;
      if (!is_prime) continue;
      if (divisors.back().value > ~std::uint64_t{0} / p) {
        divisors.back().finish();
        divisors.emplace_back();
      }
      divisors.back().value *= p;
      divisors.back().primes.push_back(p);
      if (p >= is_power.size()) continue;
      unsigned power = 1;
      do {
        is_power[p][power] = true;
        power = power * (65537 % p) % p;
      } while (power != 1);
    }
    divisors.back().finish();
  }
};
const Tables& tables() {
  static const Tables instance;
  return instance;
}

std::vector<std::uint64_t> to_limbs(ByteView number) {  // most significant first
  std::vector<std::uint64_t> limbs((number.size() + 7) / 8, 0);
  std::size_t at = number.size();
  for (auto limb = limbs.rbegin(); limb != limbs.rend(); ++limb)
    for (unsigned shift = 0; shift < 64 && at > 0; shift += 8) *limb |= std::uint64_t{number[--at]} << shift;
  return limbs;
}

void sieve(ByteView modulus, ModulusFacts& facts) {
  const std::vector<std::uint64_t> limbs = to_limbs(modulus);
  facts.has_roca_print = true;
  for (const Divisor& divisor : tables().divisors) {
    std::uint64_t rest = 0;
    for (const std::uint64_t limb : limbs) rest = divisor.remainder(rest, limb);
    for (const unsigned prime : divisor.primes) {
      const auto residue = static_cast<unsigned>(rest % prime);
      if (residue == 0 && facts.small_factor == 0) facts.small_factor = prime;
      if (prime < tables().is_power.size() && !tables().is_power[prime][residue]) facts.has_roca_print = false;
    }
  }
}

// The integer square root: Newton's method from a first guess of 50 right bits.
Owned<BIGNUM> square_root(const BIGNUM* n, BN_CTX* context) {
  Owned<BIGNUM> x(BN_new()), y(BN_new());
  if (!x || !y) return nullptr;
  const int bits = BN_num_bits(n);
  int shift = bits - 62;
  shift += shift & 1;  // even, so that half of it is whole
  if (BN_rshift(y.get(), n, shift) != 1) return nullptr;
  const auto top = static_cast<double>(BN_get_word(y.get()));
  if (BN_set_word(x.get(), static_cast<BN_ULONG>(std::sqrt(top)) + 2) != 1) return nullptr;
  if (BN_lshift(x.get(), x.get(), shift / 2) != 1) return nullptr;
  for (int round = 0; round < 32; ++round) {  // from above, so it falls until it is there
    if (BN_div(y.get(), nullptr, n, x.get(), context) != 1 || BN_add(y.get(), y.get(), x.get()) != 1 ||
        BN_rshift1(y.get(), y.get()) != 1)
      return nullptr;
    if (BN_cmp(y.get(), x.get()) >= 0) return x;
    x.swap(y);
  }
  return nullptr;
}

bool is_square(const BIGNUM* n, BN_CTX* context) {
  if (BN_is_zero(n)) return true;
  // Squares modulo 64 and modulo 45045 = 9 · 5 · 7 · 11 · 13 are rare; what is left is tried.
  static constexpr std::uint64_t kSquares64 = [] {
    std::uint64_t mask = 0;
    for (unsigned i = 0; i < 64; ++i) mask |= std::uint64_t{1} << (i * i % 64);
    return mask;
  }();
  if (((kSquares64 >> BN_mod_word(n, 64)) & 1U) == 0) return false;
  const auto rest = static_cast<unsigned>(BN_mod_word(n, 45045));
  for (const unsigned modulus : {9U, 5U, 7U, 11U, 13U}) {
    bool found = false;
    for (unsigned i = 0; i < modulus; ++i) found = found || i * i % modulus == rest % modulus;
    if (!found) return false;
  }
  if (BN_num_bits(n) < 64) {
    const BN_ULONG value = BN_get_word(n);
    auto root = static_cast<BN_ULONG>(std::sqrt(static_cast<double>(value)));
    while (root * root > value) --root;
    while ((root + 1) * (root + 1) <= value) ++root;
    return root * root == value;
  }
  const Owned<BIGNUM> root = square_root(n, context);
  Owned<BIGNUM> square(BN_new());
  return root && square && BN_sqr(square.get(), root.get(), context) == 1 && BN_cmp(square.get(), n) == 0;
}

// Fermat: N = a² - b² with a just above the root. Primes as far apart as they should be need 2^900 rounds and more.
void search_close_primes(ByteView modulus, ModulusFacts& facts) {
  const Owned<BN_CTX> context(BN_CTX_new());
  const Owned<BIGNUM> n(BN_bin2bn(modulus.data(), static_cast<int>(modulus.size()), nullptr));
  if (!context || !n) return;
  const Owned<BIGNUM> a = square_root(n.get(), context.get());
  Owned<BIGNUM> rest(BN_new());
  if (!a || !rest || BN_sqr(rest.get(), a.get(), context.get()) != 1) return;
  facts.is_square = BN_cmp(rest.get(), n.get()) == 0;
  if (BN_sub(rest.get(), rest.get(), n.get()) != 1) return;
  for (int round = 0; round < kFermatRounds && !facts.has_close_primes; ++round) {
    // (a + 1)² - N = (a² - N) + 2a + 1
    if (BN_add(rest.get(), rest.get(), a.get()) != 1 || BN_add_word(a.get(), 1) != 1 ||
        BN_add(rest.get(), rest.get(), a.get()) != 1)
      return;
    facts.has_close_primes = is_square(rest.get(), context.get());
  }
  facts.has_close_primes |= facts.is_square;
}

int curve_id(Curve curve) {
  return curve == Curve::p256 ? NID_X9_62_prime256v1 : curve == Curve::p384 ? NID_secp384r1 : NID_secp521r1;
}
const EC_GROUP* group_of(Curve curve) {
  static const std::array<Owned<EC_GROUP>, 3> groups = {
      Owned<EC_GROUP>(EC_GROUP_new_by_curve_name(curve_id(Curve::p256))),
      Owned<EC_GROUP>(EC_GROUP_new_by_curve_name(curve_id(Curve::p384))),
      Owned<EC_GROUP>(EC_GROUP_new_by_curve_name(curve_id(Curve::p521)))};
  return groups[static_cast<std::size_t>(curve)].get();
}

}  // namespace

ModulusFacts examine_modulus(ByteView modulus) {
  ModulusFacts facts;
  while (!modulus.empty() && modulus.front() == 0) modulus = modulus.subspan(1);
  if (modulus.size() < 16 || modulus.size() > kMostOctets || (modulus.back() & 1U) == 0) return facts;
  facts.is_examined = true;
  sieve(modulus, facts);
  search_close_primes(modulus, facts);
  return facts;
}

bool is_on_curve(Curve curve, ByteView point) {
  const EC_GROUP* group = group_of(curve);
  if (group == nullptr) return true;
  const Owned<EC_POINT> decoded(EC_POINT_new(group));
  const bool is_on = decoded && EC_POINT_oct2point(group, decoded.get(), point.data(), point.size(), nullptr) == 1;
  if (!is_on) ERR_clear_error();
  return is_on;
}

}  // namespace kyso::pki::lint

#include "pki/key_weakness.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "base/test_support.h"
#include "crypto/crypto_vectors.h"
#include "crypto/der.h"

namespace kyso::pki {
namespace {

namespace der = crypto::der;

// Two primes k·M + (65537^a mod M) with M the product of the first 126 primes: what the generator of CVE-2017-15361
// made for keys of this length.
constexpr std::string_view kRoca =
    "b2b92a733c50462336247efe799e4458e6b3f3881bb3a63659e8c33d5477519144d1cd048e8732be4b6901300b48bb22c6bda4c874b5fef8"
    "a98b17d97e776948fd7584cf7b7f0453e78dc15b81fa376e6a04f3a5d663e074a477b29f422ac8042ce6c30bd3545cd311714318b6a28596"
    "0e99161740945a6b35a357bac9b90ec7e563e03c39689fb7933fcda98b33c5312a5b2d576a4bae991b30e1c366e29c21ae8bdfaf334dd96b"
    "ce04a4408284131ccdb0c65345c30b4defac373a526ace4a4288049b8fb6b988bb62794c88b8cf497481716207aa956f22325878ededfd52"
    "f8cb84d8b7d666b723eee7687d40be1c91d27fce16fa62b278abef32d01a7483";
// Two primes that differ by about 2^515: Fermat's 13th step finds them.
constexpr std::string_view kClosePrimes =
    "e7bab86618a22735767a7a23f166f1159f17632c67b9d2fc632b37085ebbf4bbd570c37751b8d51440ca5fbb4aa64c22c8f25c06ca23335b"
    "cc27aa3a3a4d86f30e7a36db5ab9be95529f964bee3b9371b7e94b8430373673e812c5268c05671c1ce1a6036a5b21592e9974febc6d4957"
    "3ea0adea76303327f7ff6bff8e69a4668db5cd36e3248798d85ccded3dbc685688e6d98638e577e379c9b4321a3b349f63bda9a5b523e640"
    "6ea91ec05c5b72386fef3290273582c9621c4a5bfe030935cef1e8f826b4389366c80c4e9e49dffb57f64a9838873246e6ec0f33ebaa697b"
    "eb8b82b38ac5553b14d50c6c031c7bd24142e8c1add297b78a54664ff3a7e845";
// Two primes that differ by 2^517: the 134th step would find them.
constexpr std::string_view kFartherPrimes =
    "e7bab86618a22735767a7a23f166f1159f17632c67b9d2fc632b37085ebbf4bbd570c37751b8d51440ca5fbb4aa64c22c8f25c06ca23335b"
    "cc27aa3a3a4d8707b535bb80d633be11e0146aae605fc4dec4101d39b49845d607d23e99fae5f73b83850002bd7cef2bd4e41a093536bd7d"
    "2726aae1a775798447bb92097d4d887962dc6935763cb916c591e7547078330ec24aedb41583ba9e7caf975bebb1db675486b9bbceeb489d"
    "106b9e7cefcc299e884d083d640ee36348220d25f4df371cda88b38393f209f0b6d0b8a626add5365dc6b8aac233fe046227f33b63fc1696"
    "43cd80923dbcb2925fac16bd757c9f3ad8f432c9ecbaf791668b3202d6ed0f11";
// One prime times 751.
constexpr std::string_view kSmallFactor =
    "8d971dfdda8675578add490054de347e90c50e57aa2559528557d1ee985553b3f4370700f9ae1db2d98a6ca79988b3080fedcc17009be196"
    "90548c901c8d0e869194dd243d8635dee1227c66664a8bf7ced3068c7214f3f3fd5f561d40ea3b864fa2e22919afab96abbf7e2d8fdac96c"
    "f26edfaf859ee2591baae9d4caac902ec09983cd23e3504ef446fac7d4db5e6fab40d86605adb5ceb03a944d7bb0884e290ec50107e2bd9d"
    "c066c0e0ee45267c7dd9646f81bb84da21a115878537f44928247163263490ef22457f8d94cec595bf790308be89ec3263b721811bf3330b"
    "99b8d821700ce5bafa7dfa9ca30248c987a38320e54a9f7e0527f0871dbd2dd9";

Bytes rsa_spki(ByteView modulus, ByteView exponent) {
  const Bytes key = der::sequence(der::encode_unsigned(modulus), der::encode_unsigned(exponent));
  return der::sequence(der::sequence(der::encode_oid("1.2.840.113549.1.1.1"), der::encode(der::kNull, {})),
                       der::encode(der::kBitString, der::concat(Bytes{0}, key)));
}
Bytes rsa_spki(std::string_view modulus, std::string_view exponent = "010001") {
  return rsa_spki(must(from_hex(modulus)), must(from_hex(exponent)));
}
Bytes point_spki(std::string_view curve, ByteView point) {
  const Bytes algorithm = curve == "1.3.101.112"
                              ? der::sequence(der::encode_oid(curve))
                              : der::sequence(der::encode_oid("1.2.840.10045.2.1"), der::encode_oid(curve));
  return der::sequence(algorithm, der::encode(der::kBitString, der::concat(Bytes{0}, point)));
}
std::string weakness(const Bytes& spki) {
  return std::string(weakness_of(must(crypto::PublicKey::from_spki(spki))).value_or("none"));
}
// What stands in the bit string of a vector's key.
Bytes point_of(const std::string& name) {
  const crypto::Certificate certificate = crypto::vectors::certificate(name);
  der::Reader outer(certificate.public_key().spki());
  der::Reader fields(must(outer.next()).content);
  must(fields.next());
  const ByteView bits = must(fields.next()).content.subspan(1);
  return {bits.begin(), bits.end()};
}

TEST_CASE("RSA moduli that are known to be weak are told apart from others") {
  CHECK(weakness(rsa_spki(kRoca)) == "ROCA");
  CHECK(weakness(rsa_spki(kClosePrimes)) == "close-primes");
  CHECK(weakness(rsa_spki(kFartherPrimes)) == "none");
  CHECK(weakness(rsa_spki(kSmallFactor)) == "small-factor");
  CHECK(is_roca(must(from_hex(kRoca))));
  CHECK_FALSE(is_roca(must(from_hex(kFartherPrimes))));
  for (const char* const name : {"rsa2048", "rsa3072", "p256", "p384", "ed25519"})
    CHECK_MESSAGE(!weakness_of(crypto::vectors::certificate(name).public_key()), name);
  CHECK(weakness_of(crypto::vectors::certificate("rsa1024").public_key()) == "length");
}

TEST_CASE("a square is found to have close primes, and every product with a small prime a small factor") {
  rc::check("squares", [](const Bytes& seed) {
    Bytes root(64, 0x5a);
    std::copy_n(seed.begin(), std::min(seed.size(), root.size()), root.begin());
    root.front() |= 0x80U;
    root.back() |= 1U;
    // Schoolbook square, big-endian.
    Bytes square(128);
    for (std::size_t i = root.size(); i-- > 0;) {
      unsigned carry = 0;
      for (std::size_t j = root.size(); j-- > 0;) {
        const unsigned sum = square[i + j + 1] + unsigned{root[i]} * root[j] + carry;
        square[i + j + 1] = static_cast<std::uint8_t>(sum);
        carry = sum >> 8U;
      }
      square[i] = static_cast<std::uint8_t>(square[i] + carry);
    }
    RC_ASSERT(has_close_primes(square));
  });
  for (const unsigned prime : {3U, 5U, 167U, 173U, 701U, 743U, 751U}) {
    // A number and its product: one of both is no multiple of the prime before.
    Bytes product(258);
    const Bytes number = must(from_hex(kFartherPrimes));
    unsigned carry = 0;
    for (std::size_t i = number.size(); i-- > 0;) {
      const unsigned sum = number[i] * prime + carry;
      product[i + 2] = static_cast<std::uint8_t>(sum);
      carry = sum >> 8U;
    }
    product[1] = static_cast<std::uint8_t>(carry);
    product[0] = static_cast<std::uint8_t>(carry >> 8U);
    CHECK_MESSAGE(has_small_factor(product), prime);
  }
  CHECK_FALSE(has_small_factor(must(from_hex(kFartherPrimes))));
  CHECK(has_small_factor(Bytes{}));
  CHECK(has_small_factor(Bytes{2}));
}

TEST_CASE("RSA exponents below 65537, and too large ones, are weak") {
  CHECK(weakness(rsa_spki(kFartherPrimes, "03")) == "exponent");
  CHECK(weakness(rsa_spki(kFartherPrimes, "ffff")) == "exponent");
  CHECK(weakness(rsa_spki(kFartherPrimes, "010003")) == "none");
  CHECK(weakness(rsa_spki(kFartherPrimes, "ffffffffffffffff")) == "none");
}

TEST_CASE("lengths that nobody should use are weak") {
  const std::string modulus(kFartherPrimes);
  CHECK(weakness(rsa_spki(modulus.substr(0, 508) + "55")) == "length");  // 2040 bits
  CHECK(weakness(rsa_spki("7" + modulus.substr(1))) == "length");        // 2047 bits
  CHECK(weakness(rsa_spki("07" + modulus)) == "length");                 // 2051 bits
  CHECK(weakness(rsa_spki(modulus + modulus + modulus + modulus + "55")) == "length");
}

TEST_CASE("only the one encoding of a key is accepted") {
  const Bytes modulus = must(from_hex(kFartherPrimes));
  const Bytes exponent = {1, 0, 1};
  const Bytes key = der::sequence(der::encode_unsigned(modulus), der::encode_unsigned(exponent));
  const Bytes bits = der::encode(der::kBitString, der::concat(Bytes{0}, key));
  CHECK(weakness(der::sequence(der::sequence(der::encode_oid("1.2.840.113549.1.1.1")), bits)) == "encoding");
  const Bytes padded =
      der::sequence(der::encode(der::kInteger, der::concat(Bytes{0, 0}, modulus)), der::encode_unsigned(exponent));
  CHECK(weakness(der::sequence(der::sequence(der::encode_oid("1.2.840.113549.1.1.1"), der::encode(der::kNull, {})),
                               der::encode(der::kBitString, der::concat(Bytes{0}, padded)))) == "encoding");
  // Compressed points.
  Bytes point = point_of("p256");
  point.resize(33);
  point[0] = 2;
  CHECK(weakness(point_spki("1.2.840.10045.3.1.7", point)) == "encoding");
}

TEST_CASE("points must lie on their curve") {
  for (const auto& [name, curve] : {std::pair{"p256", "1.2.840.10045.3.1.7"}, {"p384", "1.3.132.0.34"}}) {
    Bytes point = point_of(name);
    CHECK(weakness(point_spki(curve, point)) == "none");
    point.back() ^= 1U;
    CHECK(weakness(point_spki(curve, point)) == "off-curve");
    std::fill(point.begin() + 1, point.end(), std::uint8_t{0});
    CHECK(weakness(point_spki(curve, point)) == "off-curve");
    std::fill(point.begin() + 1, point.end(), std::uint8_t{0xff});
    CHECK(weakness(point_spki(curve, point)) == "off-curve");
  }
}

TEST_CASE("Ed25519 keys must be points of the large order") {
  CHECK(weakness(point_spki("1.3.101.112", point_of("ed25519"))) == "none");
  // All encodings of points of order 1, 2, 4 and 8, and of coordinates beyond the field.
  for (const char* const point : {"0000000000000000000000000000000000000000000000000000000000000000",
                                  "0000000000000000000000000000000000000000000000000000000000000080",
                                  "0100000000000000000000000000000000000000000000000000000000000000",
                                  "0100000000000000000000000000000000000000000000000000000000000080",
                                  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                                  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                                  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                                  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
                                  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                                  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
                                  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                                  "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"})
    CHECK_MESSAGE(weakness(point_spki("1.3.101.112", must(from_hex(point)))) == "off-curve", point);
  // About half of all values are no y of a point.
  std::size_t off_curve = 0;
  for (std::uint8_t y = 2; y < 66; ++y) {
    Bytes point(32);
    point[0] = y;
    off_curve += weakness(point_spki("1.3.101.112", point)) == "off-curve" ? 1U : 0U;
  }
  CHECK(off_curve > 16);
  CHECK(off_curve < 48);
}

}  // namespace
}  // namespace kyso::pki

#include <algorithm>

#include "crypto/der.h"
#include "pki/lint/rule_table.h"

// Quality of keys, signatures and serial numbers.
namespace kyso::pki::lint {
namespace {

template <typename F>
Verdict for_rsa(const Case& c, F keeps) {
  return c.key.is_rsa() && !c.key.is_key_malformed ? must(keeps(c.key)) : Verdict::silent;
}
template <typename F>
Verdict for_modulus(const Case& c, F keeps) {
  return c.key.is_rsa() && c.modulus.is_examined ? must(keeps(c.modulus)) : Verdict::silent;
}

std::size_t exponent_bits(ByteView exponent) {
  while (!exponent.empty() && exponent.front() == 0) exponent = exponent.subspan(1);
  return exponent.size() * 8;
}
bool is_below_65537(ByteView exponent) {
  while (!exponent.empty() && exponent.front() == 0) exponent = exponent.subspan(1);
  if (exponent.size() > 3) return false;
  std::uint32_t value = 0;
  for (const std::uint8_t octet : exponent) value = value << 8U | octet;
  return value < 65537;
}

std::optional<Curve> curve_of(const KeyView& key) {
  if (key.kind != KeyKind::ec || !key.algorithm.parameters) return std::nullopt;
  const ByteView oid = key.algorithm.parameters->content;
  if (oid == oids::kP256) return Curve::p256;
  if (oid == oids::kP384) return Curve::p384;
  if (oid == oids::kP521) return Curve::p521;
  return std::nullopt;
}

bool is_sha1(const AlgorithmView& algorithm) {
  return algorithm.oid == oids::kSha1WithRsa || algorithm.oid == oids::kEcdsaSha1 || algorithm.oid == oids::kDsaSha1 ||
         algorithm.oid == Oid("1.3.14.3.2.29");
}

ByteView without_zero(ByteView serial) {
  return serial.size() > 1 && serial.front() == 0 ? serial.subspan(1) : serial;
}

constexpr Entry kRules[] = {
    own("e_key_rsa_small", "Kyso; TS 119 312 8.4", "An RSA key has at least 2,048 bits",
        [](const Case& c, std::string& why) {
          return for_rsa(c, [&](const KeyView& key) {
            why = key.modulus_bits() < 2048 ? fmt::format("{} bits", key.modulus_bits()) : "";
            return key.modulus_bits() >= 2048;
          });
        }),
    own("n_key_rsa_below_3072", "Kyso; TS 119 312 8.4", "A new RSA key has at least 3,072 bits",
        [](const Case& c, std::string&) {
          return for_rsa(c, [](const KeyView& key) { return key.modulus_bits() >= 3072; });
        }),
    own("e_key_rsa_bits", "Kyso", "The number of bits of an RSA key is a multiple of 8",
        [](const Case& c, std::string& why) {
          return for_rsa(c, [&](const KeyView& key) {
            why = key.modulus_bits() % 8 != 0 ? fmt::format("{} bits", key.modulus_bits()) : "";
            return key.modulus_bits() % 8 == 0;
          });
        }),
    own("w_key_rsa_large", "Kyso", "An RSA key has at most 8,192 bits: larger ones are slow, and tokens refuse them",
        [](const Case& c, std::string&) {
          return for_rsa(c, [](const KeyView& key) { return key.modulus_bits() <= 8192; });
        }),
    own("e_key_rsa_exponent_small", "Kyso; FIPS 186-5 5.1", "The exponent of an RSA key is at least 65,537",
        [](const Case& c, std::string&) {
          return for_rsa(c, [](const KeyView& key) { return !is_below_65537(key.exponent); });
        }),
    own("w_key_rsa_exponent_large", "Kyso; FIPS 186-5 5.1",
        "The exponent of an RSA key has at most 32 bits: programs read no larger ones",
        [](const Case& c, std::string&) {
          return for_rsa(c, [](const KeyView& key) { return exponent_bits(key.exponent) <= 32; });
        }),
    own("e_key_rsa_small_factor", "Kyso; SP 800-89 5.3.3", "No prime below 752 divides the modulus",
        [](const Case& c, std::string& why) {
          return for_modulus(c, [&](const ModulusFacts& facts) {
            if (facts.small_factor != 0) why = fmt::format("{}", facts.small_factor);
            return facts.small_factor == 0;
          });
        }),
    own("e_key_rsa_roca", "Kyso; CVE-2017-15361", "The modulus has not the print of Infineon's weak generator",
        [](const Case& c, std::string&) {
          return for_modulus(c, [](const ModulusFacts& facts) { return !facts.has_roca_print; });
        }),
    own("e_key_rsa_close_primes", "Kyso; FIPS 186-5 A.1.3", "The primes of the modulus are far apart",
        [](const Case& c, std::string&) {
          return for_modulus(c, [](const ModulusFacts& facts) { return !facts.has_close_primes; });
        }),
    own("e_key_rsa_square", "Kyso", "The modulus is no square",
        [](const Case& c, std::string&) {
          return for_modulus(c, [](const ModulusFacts& facts) { return !facts.is_square; });
        }),
    own("e_key_ec_curve", "Kyso; SP 800-186", "The curve is P-256, P-384 or P-521",
        [](const Case& c, std::string& why) {
          if (c.key.kind != KeyKind::ec) return Verdict::silent;
          const bool known = curve_of(c.key).has_value();
          if (!known && c.key.algorithm.parameters)
            why = crypto::der::read_oid(c.key.algorithm.parameters->content).value_or("");
          return must(known);
        }),
    own("e_key_ec_off_curve", "Kyso; SP 800-56A 5.6.2.3", "The point lies on its curve",
        [](const Case& c, std::string&) {
          const auto curve = curve_of(c.key);
          return curve ? must(is_on_curve(*curve, c.key.bits)) : Verdict::silent;
        }),
    own("e_key_dsa", "Kyso; FIPS 186-5", "The key is no DSA key",
        [](const Case& c, std::string&) { return must(c.key.kind != KeyKind::dsa); }),
    own("e_key_unknown", "Kyso", "The key is of a kind that Kyso can verify with",
        [](const Case& c, std::string& why) {
          const bool known = c.key.kind != KeyKind::other;
          if (!known) why = crypto::der::read_oid(c.key.algorithm.oid).value_or("");
          return must(known);
        }),
    own("w_key_rare", "Kyso", "The key is of a kind that tokens and readers of PDF know: no Ed448, X25519, X448",
        [](const Case& c, std::string&) {
          return must(c.key.kind != KeyKind::ed448 && c.key.kind != KeyKind::x25519 && c.key.kind != KeyKind::x448);
        }),
    own("n_key_pss_only", "Kyso", "An RSA key is named rsaEncryption: many programs do not read id-RSASSA-PSS keys",
        [](const Case& c, std::string&) {
          return c.key.is_rsa() ? must(c.key.kind == KeyKind::rsa) : Verdict::silent;
        }),

    own("e_signature_sha1", "Kyso; TS 119 312 5.2.1", "The signature does not rest on SHA-1",
        [](const Case& c, std::string&) { return must(!is_sha1(c.inner) && !is_sha1(c.outer)); }),
    own("e_signature_md5", "Kyso; RFC 6151", "The signature does not rest on MD2 or MD5",
        [](const Case& c, std::string&) {
          return must(c.inner.oid != oids::kMd5WithRsa && c.inner.oid != oids::kMd2WithRsa &&
                      c.outer.oid != oids::kMd5WithRsa);
        }),
    own("w_signature_sha224", "Kyso", "The signature does not rest on SHA-224: few programs know it",
        [](const Case& c, std::string&) {
          return must(c.inner.oid != oids::kSha224WithRsa && c.inner.oid != Oid("1.2.840.10045.4.3.1"));
        }),
    own("n_signature_pss", "Kyso",
        "The signature is RSA PKCS#1 v1.5, ECDSA or EdDSA: old programs do not read RSASSA-PSS in certificates",
        [](const Case& c, std::string&) { return must(c.inner.oid != oids::kRsassaPss); }),

    own("w_serial_short", "Kyso; CA/B BR 7.1", "The serial number has room for 64 random bits",
        [](const Case& c, std::string& why) {
          if (without_zero(c.serial).size() < 8) why = fmt::format("{} octets", without_zero(c.serial).size());
          return must(without_zero(c.serial).size() >= 8);
        }),
    own("w_serial_regular", "Kyso", "The serial number looks random",
        [](const Case& c, std::string&) {
          const ByteView serial = without_zero(c.serial);
          if (serial.size() < 8) return Verdict::silent;
          std::array<std::uint8_t, 256> seen{};
          std::size_t distinct = 0, rising = 0;
          for (std::size_t i = 0; i < serial.size(); ++i) {
            distinct += seen[serial[i]]++ == 0 ? 1 : 0;
            rising += i > 0 && static_cast<std::uint8_t>(serial[i] - serial[i - 1]) == 1 ? 1 : 0;
          }
          // Of 8 random octets fewer than 5 different ones come once in ten millions.
          return must(distinct >= 5 && rising + 3 < serial.size());
        }),
    own("n_serial_padded", "Kyso", "The serial number begins with an octet from 01 to 7F: no zero before it",
        [](const Case& c, std::string&) { return must(c.serial.size() < 2 || c.serial.front() != 0); }),
};

}  // namespace

std::span<const Entry> own_key_rules() {
  return kRules;
}

}  // namespace kyso::pki::lint

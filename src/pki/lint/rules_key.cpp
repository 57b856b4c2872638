#include "crypto/der.h"
#include "pki/lint/rule_table.h"

// The subject's public key: RFC 5280 section 4.1.2.7, RFC 3279, RFC 4055, RFC 5480, RFC 8410.
namespace kyso::pki::lint {
namespace {

namespace der = crypto::der;

bool is_rfc8410(KeyKind kind) {
  return kind == KeyKind::ed25519 || kind == KeyKind::ed448 || kind == KeyKind::x25519 || kind == KeyKind::x448;
}

bool is_minimal(ByteView integer) {
  return !integer.empty() && (integer.size() == 1 ||
                              !((integer[0] == 0 && integer[1] < 0x80) || (integer[0] == 0xff && integer[1] >= 0x80)));
}
bool is_even(ByteView integer) {
  return integer.empty() || (integer.back() & 1U) == 0;
}
bool is_positive(ByteView integer) {
  return !integer.empty() && integer[0] < 0x80 &&
         std::ranges::any_of(integer, [](std::uint8_t octet) { return octet != 0; });
}
bool is_one(ByteView integer) {
  return !integer.empty() && integer.back() == 1 &&
         std::ranges::all_of(integer.first(integer.size() - 1), [](std::uint8_t octet) { return octet == 0; });
}

std::size_t field_size(const KeyView& key) {  // octets of a coordinate, 0: no curve of RFC 5480 that we know
  if (!key.algorithm.parameters) return 0;
  const ByteView curve = key.algorithm.parameters->content;
  if (curve == oids::kP256) return 32;
  if (curve == oids::kP384) return 48;
  if (curve == oids::kP521) return 66;
  return 0;
}

template <typename F>
Verdict for_rsa(const Case& c, F keeps) {
  return c.key.is_rsa() && !c.key.is_key_malformed ? must(keeps(c.key)) : Verdict::silent;
}
template <typename F>
Verdict for_ec(const Case& c, F keeps) {
  return c.key.kind == KeyKind::ec ? must(keeps(c.key)) : Verdict::silent;
}

constexpr Entry kRules[] = {
    rfc("e_key_info_malformed", "RFC 5280 4.1.2.7", "The SubjectPublicKeyInfo is one in DER",
        [](const Case& c, std::string&) { return must(!c.key.is_malformed); }),
    rfc("e_key_unused_bits", "RFC 5280 4.1.2.7", "The public key has whole octets",
        [](const Case& c, std::string&) { return must(c.key.unused_bits == 0); }),
    rfc("e_key_empty", "RFC 5280 4.1.2.7", "There is a public key",
        [](const Case& c, std::string&) { return must(!c.key.bits.empty()); }),
    rfc(
        "e_rsa_key_parameters_not_null", "RFC 3279 2.3.1; RFC 4055 1.2", "An RSA key identifier has NULL parameters",
        [](const Case& c, std::string&) {
          return c.key.kind == KeyKind::rsa ? must(c.key.algorithm.has_null()) : Verdict::silent;
        },
        kRfc5280),
    rfc("e_pss_key_parameters", "RFC 4055 3.1",
        "An RSASSA-PSS key identifier has either no parameters or RSASSA-PSS-params",
        [](const Case& c, std::string&) {
          if (c.key.kind != KeyKind::rsa_pss) return Verdict::silent;
          return must(!c.key.algorithm.parameters || c.key.algorithm.parameters->tag == der::kSequence);
        }),
    rfc("e_rsa_key_malformed", "RFC 3279 2.3.1", "An RSA key is a sequence of modulus and exponent in DER",
        [](const Case& c, std::string&) { return c.key.is_rsa() ? must(!c.key.is_key_malformed) : Verdict::silent; }),
    rfc("e_rsa_modulus_not_minimal", "X.690 8.3.2", "The modulus is encoded with the fewest octets",
        [](const Case& c, std::string&) {
          return for_rsa(c, [](const KeyView& key) { return is_minimal(key.modulus); });
        }),
    rfc("e_rsa_exponent_not_minimal", "X.690 8.3.2", "The exponent is encoded with the fewest octets",
        [](const Case& c, std::string&) {
          return for_rsa(c, [](const KeyView& key) { return is_minimal(key.exponent); });
        }),
    rfc("e_rsa_modulus_not_positive", "RFC 8017 3.1", "The modulus is positive",
        [](const Case& c, std::string&) {
          return for_rsa(c, [](const KeyView& key) { return is_positive(key.modulus); });
        }),
    rfc("e_rsa_modulus_even", "RFC 8017 3.1", "The modulus is odd",
        [](const Case& c, std::string&) {
          return for_rsa(c, [](const KeyView& key) { return !is_even(key.modulus); });
        }),
    rfc("e_rsa_exponent_not_positive", "RFC 8017 3.1", "The exponent is positive",
        [](const Case& c, std::string&) {
          return for_rsa(c, [](const KeyView& key) { return is_positive(key.exponent); });
        }),
    rfc("e_rsa_exponent_even", "RFC 8017 3.1", "The exponent is odd",
        [](const Case& c, std::string&) {
          return for_rsa(c, [](const KeyView& key) { return !is_even(key.exponent); });
        }),
    rfc("e_rsa_exponent_one", "RFC 8017 3.1", "The exponent is at least 3",
        [](const Case& c, std::string&) {
          return for_rsa(c, [](const KeyView& key) { return !is_one(key.exponent); });
        }),
    rfc("e_rsa_exponent_not_below_modulus", "RFC 8017 3.1", "The exponent is smaller than the modulus",
        [](const Case& c, std::string&) {
          return for_rsa(c, [](const KeyView& key) {
            return key.exponent.size() < key.modulus.size() ||
                   (key.exponent.size() == key.modulus.size() &&
                    std::ranges::lexicographical_compare(key.exponent, key.modulus));
          });
        }),
    rfc("e_ec_parameters_absent", "RFC 5480 2.1.1", "An elliptic curve key has parameters",
        [](const Case& c, std::string&) {
          return for_ec(c, [](const KeyView& key) { return key.algorithm.parameters.has_value(); });
        }),
    rfc("e_ec_parameters_not_named", "RFC 5480 2.1.1", "The curve is named, not described",
        [](const Case& c, std::string&) {
          return for_ec(c, [](const KeyView& key) {
            return !key.algorithm.parameters || key.algorithm.parameters->tag == der::kOid;
          });
        }),
    rfc("e_ec_point_form", "RFC 5480 2.2", "A point is uncompressed (04) or compressed (02, 03)",
        [](const Case& c, std::string&) {
          return for_ec(c, [](const KeyView& key) {
            return !key.bits.empty() && (key.bits[0] == 4 || key.bits[0] == 2 || key.bits[0] == 3);
          });
        }),
    rfc("e_ec_point_length", "RFC 5480 2.2; SEC 1 2.3.3", "A point is as long as its curve says",
        [](const Case& c, std::string& why) {
          const std::size_t field = field_size(c.key);
          if (c.key.kind != KeyKind::ec || field == 0 || c.key.bits.empty()) return Verdict::silent;
          const bool fits = c.key.bits.size() == (c.key.bits[0] == 4 ? 2 * field + 1 : field + 1);
          if (!fits) why = fmt::format("{} octets", c.key.bits.size());
          return must(fits);
        }),
    rfc("n_ec_point_compressed", "RFC 5480 2.2", "A point is uncompressed: not all programs read the other form",
        [](const Case& c, std::string&) {
          return for_ec(c, [](const KeyView& key) { return key.bits.empty() || key.bits[0] == 4; });
        }),
    rfc("e_eddsa_key_parameters_present", "RFC 8410 3", "An EdDSA or X25519 key identifier has no parameters",
        [](const Case& c, std::string&) {
          return is_rfc8410(c.key.kind) ? must(!c.key.algorithm.parameters) : Verdict::silent;
        }),
    rfc("e_eddsa_key_length", "RFC 8410 4; RFC 8032 5", "An Ed25519 or X25519 key has 32 octets, Ed448 57, X448 56",
        [](const Case& c, std::string& why) {
          if (!is_rfc8410(c.key.kind)) return Verdict::silent;
          const std::size_t wanted = c.key.kind == KeyKind::ed448 ? 57 : c.key.kind == KeyKind::x448 ? 56 : 32;
          if (c.key.bits.size() != wanted) why = fmt::format("{} octets", c.key.bits.size());
          return must(c.key.bits.size() == wanted);
        }),
    rfc("e_key_agreement_key_signs", "RFC 8410 5",
        "An X25519 or X448 key has the usage keyAgreement and none for signing",
        [](const Case& c, std::string&) {
          if ((c.key.kind != KeyKind::x25519 && c.key.kind != KeyKind::x448) || !c.is_readable(Ext::key_usage))
            return Verdict::silent;
          return must((c.key_usage & 0x10U) != 0 && (c.key_usage & 0x6fU) == 0);
        }),
    rfc("e_eddsa_key_usage", "RFC 8410 5", "An EdDSA key of an end entity signs and does nothing else",
        [](const Case& c, std::string&) {
          if ((c.key.kind != KeyKind::ed25519 && c.key.kind != KeyKind::ed448) || !c.is_readable(Ext::key_usage) ||
              c.ca)
            return Verdict::silent;
          return must((c.key_usage & 0x43U) != 0 && (c.key_usage & ~0x43U) == 0);
        }),
};

}  // namespace

std::span<const Entry> key_rules() {
  return kRules;
}

}  // namespace kyso::pki::lint

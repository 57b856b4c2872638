#include "crypto/algorithm_identifier.h"
#include "crypto/der.h"
#include "pki/lint/rule_table.h"

// Signature algorithms: RFC 5280 section 4.1.1.2, RFC 3279, RFC 4055, RFC 5758, RFC 8410.
namespace kyso::pki::lint {
namespace {

namespace der = crypto::der;

bool is_rsa_pkcs1(ByteView oid) {
  static constexpr Oid kBranch("1.2.840.113549.1.1");
  return kBranch.is_above(oid) && oid.size() == kBranch.size + 1 &&
         (oid.back() == 2 || oid.back() == 4 || oid.back() == 5 || (oid.back() >= 11 && oid.back() <= 14));
}
bool is_ecdsa(ByteView oid) {
  return oid == oids::kEcdsaSha1 || oids::kEcdsaSha2.is_above(oid);
}
bool is_eddsa(ByteView oid) {
  return oid == oids::kEd25519 || oid == oids::kEd448;
}
bool is_dsa(ByteView oid) {
  return oid == oids::kDsaSha1 || Oid("2.16.840.1.101.3.4.3").is_above(oid);
}

// Judges the inner and the outer identifier.
template <bool (*kFits)(ByteView), typename F>
Verdict for_algorithm(const Case& c, std::string& why, F keeps) {
  Verdict verdict = Verdict::silent;
  for (const AlgorithmView* algorithm : {&c.inner, &c.outer}) {
    if (!kFits(algorithm->oid)) continue;
    verdict = Verdict::passes;
    if (keeps(*algorithm)) continue;
    why = algorithm == &c.inner ? "signature" : "signatureAlgorithm";
    return Verdict::fails;
  }
  return verdict;
}
bool is_pss(ByteView oid) {
  return oid == oids::kRsassaPss;
}

std::optional<crypto::PssParameters> pss_of(const AlgorithmView& algorithm) {
  if (!algorithm.parameters || algorithm.parameters->tag != der::kSequence) return std::nullopt;
  auto read = crypto::read_pss_parameters(algorithm.parameters->whole);
  if (!read) return std::nullopt;
  return *read;
}

// A positive INTEGER with the fewest octets.
bool is_positive(const Element& element) {
  const ByteView content = element.content;
  return element.tag == der::kInteger && !content.empty() && content[0] < 0x80 &&
         !(content.size() == 1 && content[0] == 0) && !(content.size() > 1 && content[0] == 0 && content[1] < 0x80);
}

Verdict ecdsa_value(const Case& c, std::string&) {
  if (!is_ecdsa(c.outer.oid)) return Verdict::silent;
  Cursor outer(c.signature);
  Element sequence, r, s;
  if (!outer.expect(der::kSequence, sequence) || !outer.ended_well()) return Verdict::fails;
  Cursor numbers(sequence.content);
  return must(numbers.next(r) && numbers.next(s) && numbers.ended_well() && is_positive(r) && is_positive(s));
}

// RFC 5280 does not fix the order of the digest and the curve; NIST SP 800-57 does: the weaker of them counts.
Verdict digest_fits_key(const Case& c, std::string& why) {
  if (c.key.kind != KeyKind::ec || !c.is_self_issued() || !oids::kEcdsaSha2.is_above(c.outer.oid) ||
      !c.key.algorithm.parameters)
    return Verdict::silent;
  const ByteView curve = c.key.algorithm.parameters->content;
  const std::uint8_t digest = c.outer.oid.back();  // 2: SHA-256, 3: SHA-384, 4: SHA-512
  why = "digest shorter than the curve";
  if (curve == oids::kP384) return must(digest >= 3);
  if (curve == oids::kP521) return must(digest >= 4);
  return Verdict::passes;
}

constexpr Entry kRules[] = {
    rfc(
        "e_signature_algorithm_mismatch", "RFC 5280 4.1.1.2", "The two signature algorithm identifiers are the same",
        [](const Case& c, std::string&) { return must(std::ranges::equal(c.inner.whole, c.outer.whole)); }, kRfc5280),
    rfc("e_signature_algorithm_malformed", "RFC 5280 4.1.1.2",
        "The signature algorithm identifiers are AlgorithmIdentifier in DER",
        [](const Case& c, std::string&) { return must(!c.inner.is_malformed && !c.outer.is_malformed); }),
    rfc("e_signature_algorithm_no_signature", "RFC 5280 4.1.1.2",
        "The identifier names a signature algorithm with its digest",
        [](const Case& c, std::string&) {
          return must(c.inner.oid != oids::kRsaEncryption && c.inner.oid != oids::kEcPublicKey &&
                      c.inner.oid != oids::kX25519 && c.inner.oid != oids::kX448);
        }),
    rfc("w_signature_algorithm_unknown", "RFC 5280 4.1.1.2; RFC 3279, 4055, 5758, 8410",
        "The signature algorithm is one that RFC 5280 and its supplements name",
        [](const Case& c, std::string& why) {
          const ByteView oid = c.inner.oid;
          if (c.inner.is_malformed) return Verdict::silent;
          const bool known = is_rsa_pkcs1(oid) || is_pss(oid) || is_ecdsa(oid) || is_eddsa(oid) || is_dsa(oid);
          if (!known) why = crypto::der::read_oid(oid).value_or("");
          return must(known);
        }),
    rfc(
        "e_rsa_signature_parameters_not_null", "RFC 3279 2.2.1; RFC 4055 5",
        "An RSA PKCS#1 v1.5 signature identifier has NULL parameters",
        [](const Case& c, std::string& why) {
          return for_algorithm<&is_rsa_pkcs1>(c, why, [](const AlgorithmView& a) { return a.has_null(); });
        },
        kRfc5280),
    rfc("e_ecdsa_signature_parameters_present", "RFC 5758 3.2", "An ECDSA signature identifier has no parameters",
        [](const Case& c, std::string& why) {
          return for_algorithm<&is_ecdsa>(c, why, [](const AlgorithmView& a) { return !a.parameters; });
        }),
    rfc("e_eddsa_signature_parameters_present", "RFC 8410 3", "An EdDSA signature identifier has no parameters",
        [](const Case& c, std::string& why) {
          return for_algorithm<&is_eddsa>(c, why, [](const AlgorithmView& a) { return !a.parameters; });
        }),
    rfc("e_dsa_signature_parameters_present", "RFC 3279 2.2.2; RFC 5758 3.1",
        "A DSA signature identifier has no parameters",
        [](const Case& c, std::string& why) {
          return for_algorithm<&is_dsa>(c, why, [](const AlgorithmView& a) { return !a.parameters; });
        }),
    rfc("e_pss_parameters_malformed", "RFC 4055 3.1", "An RSASSA-PSS signature identifier has its parameters",
        [](const Case& c, std::string& why) {
          return for_algorithm<&is_pss>(c, why, [](const AlgorithmView& a) { return pss_of(a).has_value(); });
        }),
    rfc("w_pss_mask_digest_differs", "RFC 4055 3.1", "The mask generation of RSASSA-PSS uses the digest of the message",
        [](const Case& c, std::string& why) {
          return for_algorithm<&is_pss>(c, why, [](const AlgorithmView& a) {
            const auto pss = pss_of(a);
            return !pss || pss->digest == pss->mask_digest;
          });
        }),
    rfc("w_pss_salt_length", "RFC 4055 3.1", "The salt of RSASSA-PSS is as long as the digest",
        [](const Case& c, std::string& why) {
          return for_algorithm<&is_pss>(c, why, [](const AlgorithmView& a) {
            const auto pss = pss_of(a);
            return !pss || pss->salt_length == static_cast<std::int64_t>(crypto::digest_size(pss->digest));
          });
        }),
    rfc("e_ecdsa_signature_value_malformed", "RFC 3279 2.2.3",
        "An ECDSA signature is a sequence of two positive numbers", &ecdsa_value),
    rfc("e_eddsa_signature_length", "RFC 8032 5.1.6, 5.2.6",
        "An Ed25519 signature has 64 octets, an Ed448 signature 114",
        [](const Case& c, std::string&) {
          if (!is_eddsa(c.outer.oid)) return Verdict::silent;
          return must(c.signature.size() == (c.outer.oid == oids::kEd25519 ? 64U : 114U));
        }),
    rfc("w_digest_shorter_than_curve", "RFC 5480 4",
        "A self-issued certificate is signed with a digest as strong as its curve", &digest_fits_key),
};

}  // namespace

std::span<const Entry> algorithm_rules() {
  return kRules;
}

}  // namespace kyso::pki::lint

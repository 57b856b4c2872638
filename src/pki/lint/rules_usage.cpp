#include <algorithm>
#include <bit>

#include "crypto/der.h"
#include "pki/lint/rule_table.h"
#include "pki/lint/usage.h"

// What the key may do: basicConstraints, keyUsage, extKeyUsage and the key identifiers (RFC 5280 sections 4.2.1.1 to
// 4.2.1.3, 4.2.1.9 and 4.2.1.12), and how they fit together and to the key.
namespace kyso::pki::lint {
namespace {

using namespace usage;

bool has_key_usage(const Case& c) {
  return c.is_readable(Ext::key_usage);
}

// The key usages that RFC 5280 section 4.2.1.12 calls consistent with a purpose; 0: it names none.
std::uint16_t consistent_with(ByteView purpose) {
  if (purpose == oids::kServerAuth) return kDigitalSignature | kKeyEncipherment | kKeyAgreement;
  if (purpose == oids::kClientAuth) return kDigitalSignature | kKeyAgreement;
  if (purpose == oids::kCodeSigning) return kDigitalSignature;
  if (purpose == oids::kEmailProtection) return kDigitalSignature | kNonRepudiation | kKeyEncipherment | kKeyAgreement;
  if (purpose == oids::kTimeStamping || purpose == oids::kOcspSigning) return kDigitalSignature | kNonRepudiation;
  return 0;
}

// Section 4.2.1.12: with several purposes the intended one must be present, so one of them must be served; and every
// usage must be consistent with one of them.
Verdict usages_are_consistent(const Case& c, std::string& why) {
  if (!c.is_subscriber() || !has_key_usage(c) || !c.is_readable(Ext::extended_usage) || c.usages.empty())
    return Verdict::silent;
  std::uint16_t allowed = 0;
  bool has_other = false;
  for (const ByteView purpose : c.usages) {
    const std::uint16_t one = consistent_with(purpose);
    has_other |= one == 0;
    allowed |= one;
  }
  if (allowed == 0) return Verdict::silent;
  if (has_other) return Verdict::passes;
  const std::uint16_t surplus = c.key_usage & static_cast<std::uint16_t>(~allowed);
  if (surplus != 0) why = fmt::format("keyUsage bit {} fits no purpose", std::countr_zero(surplus));
  return must(surplus == 0 && (c.key_usage & allowed) != 0);
}

bool is_special(ByteView purpose) {  // those that must stand alone or be watched
  return purpose == oids::kOcspSigning || purpose == oids::kTimeStamping;
}

// The bits that the octets of the BIT STRING should leave unused: X.690 section 11.2.2.
bool is_minimal_named_bits(ByteView content) {
  if (content.size() < 2) return content.size() == 1 && content[0] == 0;
  return content.back() != 0 && content[0] == static_cast<std::uint8_t>(std::countr_zero(content.back()));
}

template <std::uint16_t kForbidden, KeyKind kKind>
Verdict forbidden_for_key(const Case& c, std::string& why) {
  const bool is_kind = c.key.kind == kKind;
  if (!is_kind || !has_key_usage(c)) return Verdict::silent;
  const std::uint16_t surplus = c.key_usage & kForbidden;
  if (surplus != 0) why = fmt::format("keyUsage bit {}", std::countr_zero(surplus));
  return must(surplus == 0);
}

Verdict rsa_end_entity_usage(const Case& c, std::string& why) {
  return c.is_subscriber() ? forbidden_for_key < kKeyAgreement | kCertSign | kCrlSign | kEncipherOnly | kDecipherOnly,
         KeyKind::rsa > (c, why) : Verdict::silent;
}
Verdict rsa_authority_usage(const Case& c, std::string& why) {
  return c.ca                    ? forbidden_for_key < kKeyAgreement | kEncipherOnly | kDecipherOnly,
         KeyKind::rsa > (c, why) : Verdict::silent;
}
Verdict rsa_authority_encipherment(const Case& c, std::string& why) {
  if (!c.ca || (c.key_usage & (kCertSign | kCrlSign)) == 0) return Verdict::silent;
  return forbidden_for_key < kKeyEncipherment | kDataEncipherment, KeyKind::rsa > (c, why);
}

constexpr Entry kRules[] = {
    rfc(
        "e_basic_constraints_default_encoded", "RFC 5280 4.2.1.9; X.690 11.5",
        "cA FALSE, the default, is not written out",
        [](const Case& c, std::string&) {
          return c.has(Ext::basic_constraints) ? must(!c.has_ca_false) : Verdict::silent;
        },
        kRfc2459),
    rfc("e_basic_constraints_odd_boolean", "X.690 11.1", "cA TRUE is FF",
        [](const Case& c, std::string&) { return c.ca ? must(!c.has_ca_odd) : Verdict::silent; }),
    rfc(
        "e_path_length_without_authority", "RFC 5280 4.2.1.9",
        "pathLenConstraint stands beside cA and keyCertSign only",
        [](const Case& c, std::string&) {
          if (!c.has(Ext::basic_constraints)) return Verdict::silent;
          return must(!c.path_length || (c.ca && c.has(Ext::key_usage) && (c.key_usage & kCertSign) != 0));
        },
        kRfc3280),
    rfc(
        "e_path_length_negative", "RFC 5280 4.2.1.9", "pathLenConstraint is not negative",
        [](const Case& c, std::string&) {
          if (!c.has(Ext::basic_constraints)) return Verdict::silent;
          return must(!c.path_length || c.path_length->content.empty() || c.path_length->content[0] < 0x80);
        },
        kRfc2459),
    rfc("n_path_length_huge", "RFC 5280 4.2.1.9", "pathLenConstraint is a number that a path can have",
        [](const Case& c, std::string&) {
          return c.path_length ? must(c.path_length->content.size() == 1 && c.path_length->content[0] < 32)
                               : Verdict::silent;
        }),

    rfc(
        "e_key_usage_empty", "RFC 5280 4.2.1.3", "keyUsage has at least one usage",
        [](const Case& c, std::string&) { return c.has(Ext::key_usage) ? must(c.key_usage != 0) : Verdict::silent; },
        kRfc5280),
    rfc("e_key_usage_unused_bits", "RFC 5280 4.2.1.3; X.690 11.2.2", "keyUsage counts all trailing zero bits as unused",
        [](const Case& c, std::string&) {
          return c.has(Ext::key_usage) ? must(is_minimal_named_bits(c.key_usage_content)) : Verdict::silent;
        }),
    rfc("e_key_usage_zero_octet", "RFC 5280 4.2.1.3; X.690 11.2.2", "keyUsage has no trailing octet of zeros",
        [](const Case& c, std::string&) {
          if (!c.has(Ext::key_usage)) return Verdict::silent;
          return must(c.key_usage_content.size() < 2 || c.key_usage_content.back() != 0);
        }),
    rfc(
        "e_key_usage_unknown_bit", "RFC 5280 4.2.1.3", "keyUsage has nine bits",
        [](const Case& c, std::string&) {
          if (!c.has(Ext::key_usage)) return Verdict::silent;
          const ByteView bits = c.key_usage_content;
          return must(bits.size() < 3 || (bits.size() == 3 && (bits[2] & 0x7fU) == 0));
        },
        kRfc5280),
    rfc(
        "e_key_usage_cert_sign_without_authority", "RFC 5280 4.2.1.9", "keyCertSign is set for authorities only",
        [](const Case& c, std::string&) {
          return c.has(Ext::key_usage) ? must((c.key_usage & kCertSign) == 0 || c.ca) : Verdict::silent;
        },
        kRfc3280),
    rfc("e_authority_without_key_usage", "RFC 5280 4.2.1.3", "An authority has keyUsage",
        [](const Case& c, std::string&) { return c.ca ? must(c.has(Ext::key_usage)) : Verdict::silent; }),
    rfc("e_authority_without_cert_sign", "RFC 5280 4.2.1.3, 4.2.1.9", "The keyUsage of an authority has keyCertSign",
        [](const Case& c, std::string&) {
          return c.ca && has_key_usage(c) ? must((c.key_usage & kCertSign) != 0) : Verdict::silent;
        }),
    rfc("e_key_usage_only_without_agreement", "RFC 5280 4.2.1.3",
        "encipherOnly and decipherOnly mean something beside keyAgreement only",
        [](const Case& c, std::string&) {
          if (!has_key_usage(c) || (c.key_usage & (kEncipherOnly | kDecipherOnly | kKeyAgreement)) == 0)
            return Verdict::silent;
          return must((c.key_usage & (kEncipherOnly | kDecipherOnly)) == 0 || (c.key_usage & kKeyAgreement) != 0);
        }),
    rfc("e_key_usage_both_only", "RFC 3279 2.3.3", "encipherOnly and decipherOnly exclude each other",
        [](const Case& c, std::string&) {
          if (!has_key_usage(c) || (c.key_usage & kKeyAgreement) == 0) return Verdict::silent;
          return must((c.key_usage & (kEncipherOnly | kDecipherOnly)) != (kEncipherOnly | kDecipherOnly));
        }),
    rfc("e_rsa_end_entity_key_usage", "RFC 3279 2.3.1",
        "The RSA key of an end entity neither agrees on keys nor signs certificates", &rsa_end_entity_usage),
    rfc("e_rsa_authority_key_usage", "RFC 3279 2.3.1", "The RSA key of an authority does not agree on keys",
        &rsa_authority_usage),
    rfc("w_rsa_authority_enciphers", "RFC 3279 2.3.1", "An RSA key that signs certificates or CRLs does not encipher",
        &rsa_authority_encipherment),
    rfc("e_ec_key_usage", "RFC 8813 3", "An elliptic curve key does not encipher",
        &forbidden_for_key<kKeyEncipherment | kDataEncipherment, KeyKind::ec>, day(2020, 8, 1)),
    rfc(
        "n_ec_end_entity_key_usage", "RFC 5480 3",
        "The elliptic curve key of an end entity signs or agrees on keys and does nothing else",
        [](const Case& c, std::string& why) {
          if (!c.is_subscriber()) return Verdict::silent;
          return forbidden_for_key<
              static_cast<std::uint16_t>(0x1ff & ~(kDigitalSignature | kNonRepudiation | kKeyAgreement)), KeyKind::ec>(
              c, why);
        },
        day(2012, 7, 1)),
    rfc("e_pss_key_usage", "RFC 4055 1.2", "An RSASSA-PSS key signs and does nothing else",
        &forbidden_for_key<kKeyEncipherment | kDataEncipherment | kKeyAgreement | kEncipherOnly | kDecipherOnly,
                           KeyKind::rsa_pss>),
    rfc("e_dsa_key_usage", "RFC 3279 2.3.2", "A DSA key signs and does nothing else",
        &forbidden_for_key<kKeyEncipherment | kDataEncipherment | kKeyAgreement | kEncipherOnly | kDecipherOnly,
                           KeyKind::dsa>),

    rfc("e_extended_usage_inconsistent", "RFC 5280 4.2.1.12", "keyUsage and extKeyUsage allow something together",
        &usages_are_consistent, kRfc5280),
    rfc(
        "w_extended_usage_any_critical", "RFC 5280 4.2.1.12", "extKeyUsage with anyExtendedKeyUsage is not critical",
        [](const Case& c, std::string&) {
          const ExtensionView* found = c.find(Ext::extended_usage);
          return found == nullptr ? Verdict::silent : must(!found->is_critical || !c.has_usage(oids::kAnyUsage));
        },
        kRfc3280),
    rfc("w_extended_usage_repeated", "RFC 5280 4.2.1.12", "No purpose stands twice",
        [](const Case& c, std::string& why) {
          if (!c.is_readable(Ext::extended_usage)) return Verdict::silent;
          std::vector<ByteView> sorted = c.usages;
          std::ranges::sort(sorted, [](ByteView a, ByteView b) { return std::ranges::lexicographical_compare(a, b); });
          const auto twice =
              std::ranges::adjacent_find(sorted, [](ByteView a, ByteView b) { return std::ranges::equal(a, b); });
          if (twice != sorted.end()) why = crypto::der::read_oid(*twice).value_or("");
          return must(twice == sorted.end());
        }),
    rfc("e_time_stamping_not_critical", "RFC 3161 2.3", "extKeyUsage with timeStamping is critical",
        [](const Case& c, std::string&) {
          return c.has_usage(oids::kTimeStamping) ? must(c.find(Ext::extended_usage)->is_critical) : Verdict::silent;
        }),
    rfc("e_time_stamping_not_alone", "RFC 3161 2.3", "timeStamping is the only purpose of an end entity's key",
        [](const Case& c, std::string&) {
          return c.has_usage(oids::kTimeStamping) && !c.ca ? must(c.usages.size() == 1) : Verdict::silent;
        }),
    rfc("w_ocsp_signing_not_alone", "RFC 6960 4.2.2.2", "OCSPSigning is not mixed with other purposes",
        [](const Case& c, std::string&) {
          if (!c.has_usage(oids::kOcspSigning) || c.ca) return Verdict::silent;
          return must(std::ranges::all_of(c.usages, [](ByteView usage) { return is_special(usage); }));
        }),
    rfc("w_ocsp_no_check_without_purpose", "RFC 6960 4.2.2.2.1",
        "ocsp-nocheck stands in certificates of OCSP responders only",
        [](const Case& c, std::string&) {
          return c.has(Ext::ocsp_no_check) ? must(c.has_usage(oids::kOcspSigning)) : Verdict::silent;
        }),

    rfc(
        "e_authority_without_subject_key_id", "RFC 5280 4.2.1.2", "An authority has a subjectKeyIdentifier",
        [](const Case& c, std::string&) { return c.ca ? must(c.has(Ext::subject_key_id)) : Verdict::silent; },
        kRfc2459),
    rfc(
        "w_end_entity_without_subject_key_id", "RFC 5280 4.2.1.2", "An end entity has a subjectKeyIdentifier",
        [](const Case& c, std::string&) { return c.ca ? Verdict::silent : must(c.has(Ext::subject_key_id)); },
        kRfc2459),
    rfc("e_subject_key_id_empty", "RFC 5280 4.2.1.2", "The subjectKeyIdentifier is not empty",
        [](const Case& c, std::string&) {
          return c.is_readable(Ext::subject_key_id) ? must(!c.subject_key_id.empty()) : Verdict::silent;
        }),
    rfc(
        "e_authority_key_id_absent", "RFC 5280 4.2.1.1",
        "authorityKeyIdentifier has a keyIdentifier, but in self-signed certificates of authorities",
        [](const Case& c, std::string&) {
          return must(c.authority_key_id.has_value() || (c.ca && c.is_self_issued()));
        },
        kRfc2459),
    rfc("e_authority_key_id_half", "RFC 5280 4.2.1.1, A.2",
        "authorityCertIssuer and authorityCertSerialNumber come together",
        [](const Case& c, std::string&) {
          return c.has(Ext::authority_key_id) ? must(c.authority_issuer.has_value() == c.authority_serial.has_value())
                                              : Verdict::silent;
        }),
    rfc("e_authority_key_id_empty", "RFC 5280 4.2.1.1", "The keyIdentifier of authorityKeyIdentifier is not empty",
        [](const Case& c, std::string&) {
          return c.authority_key_id ? must(!c.authority_key_id->empty()) : Verdict::silent;
        }),
    rfc("e_authority_key_id_own", "RFC 5280 4.2.1.1",
        "A certificate of another issuer does not name its own key as the issuer's",
        [](const Case& c, std::string&) {
          if (!c.authority_key_id || !c.has(Ext::subject_key_id) || c.is_self_issued()) return Verdict::silent;

          return must(!std::ranges::equal(*c.authority_key_id, c.subject_key_id));
        }),
};

}  // namespace

std::span<const Entry> usage_rules() {
  return kRules;
}

}  // namespace kyso::pki::lint

#include <algorithm>

#include "pki/lint/etsi_scope.h"
#include "pki/lint/usage.h"

// Extensions of certificates for persons and web sites: EN 319 412-2 clauses 4.3 and 4.4, -3 clause 4.3, -4 clause 4.1.
namespace kyso::pki::lint {
namespace {

using namespace usage;
using Kind = GeneralNameView::Kind;
constexpr EtsiSubject kNatural = EtsiSubject::natural, kLegal = EtsiSubject::legal, kWeb = EtsiSubject::web;

template <Ext kKind>
Verdict present(const Case& c, std::string&) {
  return is_person(c) ? must(c.has(kKind)) : Verdict::silent;
}
template <Ext kKind>
Verdict absent(const Case& c, std::string&) {
  return is_person(c) ? must(!c.has(kKind)) : Verdict::silent;
}
template <Ext kKind>
Verdict not_critical(const Case& c, std::string&) {
  const ExtensionView* found = c.find(kKind);
  return found != nullptr && etsi_subject(c) != EtsiSubject::none ? must(!found->is_critical) : Verdict::silent;
}

// EN 319 412-2 table 1: the types A to F.
bool is_listed_usage(std::uint16_t usage) {
  switch (usage) {
    case kNonRepudiation:                                         // A
    case kNonRepudiation | kDigitalSignature:                     // B
    case kDigitalSignature:                                       // C
    case kDigitalSignature | kKeyEncipherment:                    // D
    case kDigitalSignature | kKeyAgreement:                       // D
    case kKeyEncipherment:                                        // E
    case kKeyAgreement:                                           // E
    case kNonRepudiation | kDigitalSignature | kKeyEncipherment:  // F
    case kNonRepudiation | kDigitalSignature | kKeyAgreement:
      return true;
    default:
      return false;
  }
}

template <EtsiSubject kKind>
Verdict usage_is_listed(const Case& c, std::string&) {
  return etsi_subject(c) == kKind && c.has(Ext::key_usage) ? must(is_listed_usage(c.key_usage)) : Verdict::silent;
}
// NAT-4.3.2-3, LEG-4.3.1-4: for commitment, type A rather than B, and F not at all.
template <EtsiSubject kKind>
Verdict usage_is_preferred(const Case& c, std::string&) {
  if (etsi_subject(c) != kKind || (c.key_usage & kNonRepudiation) == 0) return Verdict::silent;
  return must(c.key_usage == kNonRepudiation);
}
// Types A and B alone where the signature is to commit: an enciphering key is none for signatures.
template <EtsiSubject kKind>
Verdict commitment_is_pure(const Case& c, std::string&) {
  if (etsi_subject(c) != kKind || (c.key_usage & kNonRepudiation) == 0) return Verdict::silent;
  return must((c.key_usage & (kKeyEncipherment | kKeyAgreement | kDataEncipherment)) == 0);
}

bool has_method(const Case& c, const Oid& method) {
  return std::ranges::any_of(c.authority_access, [&](const AccessView& a) { return a.method == method; });
}
bool has_http_location(const Case& c, const Oid& method) {
  return std::ranges::any_of(c.authority_access, [&](const AccessView& a) {
    return a.method == method && a.location.kind == Kind::uri &&
           (is_http(a.location.text()) || is_https(a.location.text()));
  });
}
// RFC 9608 and ocsp-nocheck aside, and short-term certificates (EN 319 412-1 clause 5.2).
bool has_no_status(const Case& c) {
  return c.has(Ext::no_revocation) || std::ranges::any_of(c.extensions, [](const ExtensionView& e) {
           return e.oid == Oid("0.4.0.194121.2.1");  // id-etsi-ext-valassured-ST-certs
         });
}

bool is_address_internal(ByteView octets) {
  if (octets.size() == 4)
    return octets[0] == 10 || octets[0] == 127 || octets[0] == 0 || (octets[0] == 172 && (octets[1] & 0xf0U) == 16) ||
           (octets[0] == 192 && octets[1] == 168) || (octets[0] == 169 && octets[1] == 254);
  return octets.size() == 16 && ((octets[0] & 0xfeU) == 0xfc || (octets[0] == 0xfe && (octets[1] & 0xc0U) == 0x80));
}

Verdict common_name_from_alternatives(const Case& c, std::string& why) {
  const Attribute* name = etsi_subject(c) == kWeb ? c.subject.find(At::common_name) : nullptr;
  if (name == nullptr || name->text.find('.') == std::string_view::npos ||
      name->text.find(' ') != std::string_view::npos)
    return Verdict::silent;
  const bool found = std::ranges::any_of(c.subject_names, [&](const GeneralNameView& n) {
    return n.kind == Kind::dns && n.content.size() == name->text.size() &&
           starts_with_ignoring_case(n.text(), name->text);
  });
  if (!found && is_ipv4(name->text)) return Verdict::silent;
  if (!found) why = shown(name->text);
  return must(found);
}

std::size_t count_type_policies(const Case& c) {
  return static_cast<std::size_t>(
      std::ranges::count_if(c.policies, [](const PolicyView& p) { return oids::kQcpBranch.is_above(p.oid); }));
}

constexpr Entry kRules[] = {
    etsi("e_etsi_extensions_absent", "EN 319 412-2 GEN-4.3", "A person's certificate has extensions",
         [](const Case& c, std::string&) {
           return is_person(c) ? must(c.version == 3 && c.has_extensions) : Verdict::silent;
         }),
    etsi(
        "e_etsi_key_usage_absent", "EN 319 412-2 NAT-4.3.2-1", "A natural person's certificate has keyUsage",
        [](const Case& c, std::string&) {
          return etsi_subject(c) == kNatural ? must(c.has(Ext::key_usage)) : Verdict::silent;
        },
        day(2020, 7, 1)),
    etsi("e_etsi_legal_key_usage_absent", "EN 319 412-3 LEG-4.3.1-1", "A legal person's certificate has keyUsage",
         [](const Case& c, std::string&) {
           return etsi_subject(c) == kLegal ? must(c.has(Ext::key_usage)) : Verdict::silent;
         }),
    etsi("e_etsi_natural_key_usage", "EN 319 412-2 NAT-4.3.2-1",
         "A natural person's keyUsage is one of the types A to F", &usage_is_listed<kNatural>, day(2020, 7, 1)),
    etsi("e_etsi_legal_key_usage", "EN 319 412-3 LEG-4.3.1-2", "A legal person's keyUsage is one of the types A to F",
         &usage_is_listed<kLegal>),
    etsi("w_etsi_natural_key_usage_mixed", "EN 319 412-2 NAT-4.3.2-2",
         "A natural person's key for signatures does not encipher", &commitment_is_pure<kNatural>),
    etsi("w_etsi_legal_key_usage_mixed", "EN 319 412-3 LEG-4.3.1-3", "A legal person's key for seals does not encipher",
         &commitment_is_pure<kLegal>),
    etsi("n_etsi_natural_key_usage_preferred", "EN 319 412-2 NAT-4.3.2-3",
         "A natural person's key for commitment has nonRepudiation alone", &usage_is_preferred<kNatural>),
    etsi("n_etsi_legal_key_usage_preferred", "EN 319 412-3 LEG-4.3.1-4",
         "A legal person's key for commitment has nonRepudiation alone", &usage_is_preferred<kLegal>),
    etsi("w_etsi_policies_critical", "EN 319 412-2 GEN-4.3.3-1", "certificatePolicies is not critical",
         &not_critical<Ext::policies>),
    etsi("e_etsi_policies_absent", "EN 319 412-2 GEN-4.3.3", "A person's certificate names its policy",
         &present<Ext::policies>),
    etsi("e_etsi_subject_alternative_name_critical", "EN 319 412-2 GEN-4.3.5-1", "subjectAltName is not critical",
         &not_critical<Ext::subject_alt_name>),
    etsi("e_etsi_issuer_alternative_name_critical", "EN 319 412-2 GEN-4.3.6-1", "issuerAltName is not critical",
         &not_critical<Ext::issuer_alt_name>),
    etsi("e_etsi_extended_usage_critical", "EN 319 412-2 GEN-4.3.10-1", "extKeyUsage is not critical",
         &not_critical<Ext::extended_usage>),
    etsi("e_etsi_crl_points_critical", "EN 319 412-2 GEN-4.3.11-5", "cRLDistributionPoints is not critical",
         &not_critical<Ext::crl_points>),
    etsi("e_etsi_crl_points_absent", "EN 319 412-2 GEN-4.3.11-2",
         "Without an OCSP responder there is a distribution point",
         [](const Case& c, std::string&) {
           if (!is_person(c) || has_no_status(c) || has_method(c, oids::kOcsp)) return Verdict::silent;
           return must(c.has(Ext::crl_points));
         }),
    etsi("e_etsi_crl_point_not_fetched", "EN 319 412-2 GEN-4.3.11-4",
         "A distribution point has an http or ldap address",
         [](const Case& c, std::string&) {
           if (!is_person(c) || c.crl_points.empty()) return Verdict::silent;
           return must(std::ranges::any_of(c.crl_points, [](const PointView& p) {
             return std::ranges::any_of(p.full_name, [](const GeneralNameView& n) {
               return n.kind == Kind::uri && (is_http(n.text()) || is_ldap(n.text()) || is_https(n.text()));
             });
           }));
         }),
    etsi("e_etsi_authority_info_absent", "EN 319 412-2 GEN-4.4.1-1", "A person's certificate has authorityInfoAccess",
         &present<Ext::authority_info>),
    etsi("e_etsi_ca_issuers_absent", "EN 319 412-2 GEN-4.4.1-3", "authorityInfoAccess names the issuer's certificate",
         [](const Case& c, std::string&) {
           return is_person(c) && c.is_readable(Ext::authority_info) ? must(has_method(c, oids::kCaIssuers))
                                                                     : Verdict::silent;
         }),
    etsi("e_etsi_ca_issuers_not_http", "EN 319 412-2 GEN-4.4.1-4", "The issuer's certificate has an http address",
         [](const Case& c, std::string&) {
           return is_person(c) && has_method(c, oids::kCaIssuers) ? must(has_http_location(c, oids::kCaIssuers))
                                                                  : Verdict::silent;
         }),
    etsi("e_etsi_ocsp_not_http", "EN 319 412-2 GEN-4.4.1-6", "The OCSP responder has an http address",
         [](const Case& c, std::string&) {
           return is_person(c) && has_method(c, oids::kOcsp) ? must(has_http_location(c, oids::kOcsp))
                                                             : Verdict::silent;
         }),
    etsi("e_etsi_ocsp_absent", "EN 319 412-2 GEN-4.4.1-8", "Without a distribution point there is an OCSP responder",
         [](const Case& c, std::string&) {
           if (!is_person(c) || has_no_status(c) || c.has(Ext::crl_points)) return Verdict::silent;
           return must(has_method(c, oids::kOcsp));
         }),
    etsi("e_etsi_authority_key_id_absent", "EN 319 412-2 GEN-4.3.1",
         "A person's certificate has authorityKeyIdentifier", &present<Ext::authority_key_id>),
    etsi("e_etsi_qc_statements_absent", "EN 319 412-5 QCS-5-01",
         "A policy of qualified certificates goes with qcStatements",
         [](const Case& c, std::string&) {
           return count_type_policies(c) > 0 && !c.ca ? must(c.has(Ext::qc_statements)) : Verdict::silent;
         }),
    etsi("e_etsi_type_policies_several", "EN 319 412-2 QCS-5.2-1", "A certificate has one policy of EN 319 411-2",
         [](const Case& c, std::string&) {
           const std::size_t count = count_type_policies(c);
           return count > 0 && !c.ca ? must(count == 1) : Verdict::silent;
         }),
    etsi("w_etsi_type_policy_absent", "EN 319 412-2 QCS-5.2-1", "A qualified certificate has a policy of EN 319 411-2",
         [](const Case& c, std::string&) {
           return c.statement(oids::kQcCompliance) != nullptr && c.statement(oids::kQcLegislation) == nullptr && !c.ca
                      ? must(count_type_policies(c) > 0)
                      : Verdict::silent;
         }),
    etsi("e_etsi_policy_mappings_present", "EN 319 412-2 GEN-4.3.4", "A person's certificate has no policyMappings",
         &absent<Ext::policy_mappings>),
    etsi("e_etsi_name_constraints_present", "EN 319 412-2 GEN-4.3.8", "A person's certificate has no nameConstraints",
         &absent<Ext::name_constraints>),
    etsi("e_etsi_policy_constraints_present", "EN 319 412-2 GEN-4.3.9",
         "A person's certificate has no policyConstraints", &absent<Ext::policy_constraints>),
    etsi("e_etsi_inhibit_any_policy_present", "EN 319 412-2 GEN-4.3.12",
         "A person's certificate has no inhibitAnyPolicy", &absent<Ext::inhibit_any_policy>),
    etsi("n_etsi_key_other", "EN 319 412-2 GEN-4.2.5-1; TS 119 312", "The key is RSA or on an elliptic curve",
         [](const Case& c, std::string&) {
           if (etsi_subject(c) == EtsiSubject::none) return Verdict::silent;
           return must(c.key.is_rsa() || c.key.kind == KeyKind::ec || c.key.kind == KeyKind::ed25519 ||
                       c.key.kind == KeyKind::ed448);
         }),
    etsi("w_etsi_rsa_small", "TS 119 312 8.4", "An RSA key of a certificate under EN 319 412 has at least 1,900 bits",
         [](const Case& c, std::string&) {
           return etsi_subject(c) != EtsiSubject::none && c.key.is_rsa() ? must(c.key.modulus_bits() >= 1900)
                                                                         : Verdict::silent;
         }),

    etsi("e_etsi_web_alternative_name_absent", "EN 319 412-4 WEB-4.1.3-4",
         "A web site's certificate has subjectAltName",
         [](const Case& c, std::string&) {
           return etsi_subject(c) == kWeb ? must(c.has(Ext::subject_alt_name)) : Verdict::silent;
         }),
    etsi("e_etsi_web_usage_absent", "EN 319 412-4 WEB-4.1.3-4",
         "A web site's certificate has extKeyUsage with serverAuth",
         [](const Case& c, std::string&) {
           return etsi_subject(c) == kWeb ? must(c.has_usage(oids::kServerAuth)) : Verdict::silent;
         }),
    etsi("e_etsi_web_common_name", "EN 319 412-4 WEB-4.1.3-4",
         "A web site's common name is one of its alternative names", &common_name_from_alternatives),
    etsi("e_etsi_web_internal_name", "EN 319 412-4 WEB-4.1", "A web site's names are known outside",
         [](const Case& c, std::string& why) {
           if (etsi_subject(c) != kWeb) return Verdict::silent;
           return each(c.subject_names, [&](const GeneralNameView& n) {
             if (n.kind != Kind::dns) return Verdict::silent;
             const std::string_view text = n.text();
             if (text.find('.') != std::string_view::npos && !text.ends_with(".local") && !text.ends_with(".internal"))
               return Verdict::passes;
             why = shown(text);
             return Verdict::fails;
           });
         }),
    etsi("e_etsi_web_internal_address", "EN 319 412-4 WEB-4.1", "A web site's addresses are known outside",
         [](const Case& c, std::string&) {
           if (etsi_subject(c) != kWeb) return Verdict::silent;
           return each(c.subject_names, [](const GeneralNameView& n) {
             return n.kind == Kind::ip ? must(!is_address_internal(n.content)) : Verdict::silent;
           });
         }),
};

}  // namespace

std::span<const Entry> etsi_extension_rules() {
  return kRules;
}

}  // namespace kyso::pki::lint

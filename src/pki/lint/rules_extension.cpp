#include <algorithm>

#include "crypto/der.h"
#include "pki/lint/rule_table.h"

// Extensions as such: RFC 5280 section 4.2, their criticality, where they may stand, their syntax.
namespace kyso::pki::lint {
namespace {

namespace der = crypto::der;

template <Ext kKind>
Verdict readable(const Case& c, std::string&) {
  return c.has(kKind) ? must(c.is_readable(kKind)) : Verdict::silent;
}
template <Ext kKind, bool kIsCritical>
Verdict criticality(const Case& c, std::string&) {
  const ExtensionView* found = c.find(kKind);
  return found != nullptr ? must(found->is_critical == kIsCritical) : Verdict::silent;
}
template <Ext kKind>
Verdict authority_only(const Case& c, std::string&) {
  return c.has(kKind) ? must(c.ca) : Verdict::silent;
}

template <bool ExtensionView::* kFault>
Verdict no_extension_with(const Case& c, std::string& why) {
  return each(c.extensions, [&](const ExtensionView& extension) {
    if (!(extension.*kFault)) return Verdict::passes;
    why = der::read_oid(extension.oid).value_or("");
    return Verdict::fails;
  });
}

Verdict no_duplicates(const Case& c, std::string& why) {
  if (c.extensions.empty()) return Verdict::silent;
  std::vector<ByteView> seen;
  seen.reserve(c.extensions.size());
  for (const ExtensionView& extension : c.extensions) seen.push_back(extension.oid);
  std::ranges::sort(seen, [](ByteView a, ByteView b) { return std::ranges::lexicographical_compare(a, b); });
  const auto twice = std::ranges::adjacent_find(seen, [](ByteView a, ByteView b) { return std::ranges::equal(a, b); });
  if (twice != seen.end()) why = der::read_oid(*twice).value_or("");
  return must(twice == seen.end());
}

// "SEQUENCE SIZE (1..MAX) OF" of RFC 5280 and its kin.
Verdict no_empty_sequences(const Case& c, std::string& why) {
  static constexpr Ext kKinds[] = {Ext::policies,        Ext::policy_mappings,   Ext::subject_alt_name,
                                   Ext::issuer_alt_name, Ext::subject_directory, Ext::extended_usage,
                                   Ext::crl_points,      Ext::freshest_crl,      Ext::authority_info,
                                   Ext::subject_info,    Ext::tls_feature};
  return each(kKinds, [&](Ext kind) {
    const ExtensionView* found = c.find(kind);
    if (found == nullptr || found->is_malformed) return Verdict::silent;
    if (found->value.size() > 2) return Verdict::passes;
    why = der::read_oid(found->oid).value_or("");
    return Verdict::fails;
  });
}

Verdict unknown_not_critical(const Case& c, std::string& why) {
  return each(c.extensions, [&](const ExtensionView& extension) {
    if (!extension.is_critical) return Verdict::silent;
    if (extension.kind != Ext::other) return Verdict::passes;
    why = der::read_oid(extension.oid).value_or("");
    return Verdict::fails;
  });
}

bool is_known_branch(ByteView oid) {
  return Oid("2.5.29").is_above(oid);
}

constexpr std::string_view kSyntax = "The value of the extension is as its standard says, in DER";

constexpr Entry kRules[] = {
    rfc("e_extension_repeated", "RFC 5280 4.2", "No extension stands twice", &no_duplicates, kRfc2459),
    rfc("e_extension_critical_false", "RFC 5280 4.2; X.690 11.5", "criticality FALSE, the default, is not written out",
        &no_extension_with<&ExtensionView::has_critical_false>, kRfc5280),
    rfc("e_extension_critical_odd", "X.690 11.1", "criticality TRUE is FF",
        &no_extension_with<&ExtensionView::has_odd_boolean>),
    rfc("e_extension_sequence_empty", "RFC 5280 4.2.1", "A list in an extension has at least one element",
        &no_empty_sequences, kRfc2459),
    rfc("w_extension_unknown_critical", "RFC 5280 4.2", "A critical extension is one that programs know",
        &unknown_not_critical),
    rfc("w_extension_unknown_in_id_ce", "RFC 5280 4.2", "An extension under id-ce is one that is registered",
        [](const Case& c, std::string& why) {
          return each(c.extensions, [&](const ExtensionView& extension) {
            if (extension.kind != Ext::other || !is_known_branch(extension.oid)) return Verdict::passes;
            why = der::read_oid(extension.oid).value_or("");
            return Verdict::fails;
          });
        }),

    rfc("e_subject_key_id_malformed", "RFC 5280 4.2.1.2", kSyntax, &readable<Ext::subject_key_id>),
    rfc("e_key_usage_malformed", "RFC 5280 4.2.1.3", kSyntax, &readable<Ext::key_usage>),
    rfc("e_subject_alternative_name_malformed", "RFC 5280 4.2.1.6", kSyntax, &readable<Ext::subject_alt_name>),
    rfc("e_issuer_alternative_name_malformed", "RFC 5280 4.2.1.7", kSyntax, &readable<Ext::issuer_alt_name>),
    rfc("e_subject_directory_attributes_malformed", "RFC 5280 4.2.1.8", kSyntax, &readable<Ext::subject_directory>),
    rfc("e_basic_constraints_malformed", "RFC 5280 4.2.1.9", kSyntax, &readable<Ext::basic_constraints>),
    rfc("e_name_constraints_malformed", "RFC 5280 4.2.1.10", kSyntax, &readable<Ext::name_constraints>),
    rfc("e_crl_points_malformed", "RFC 5280 4.2.1.13", kSyntax, &readable<Ext::crl_points>),
    rfc("e_policies_malformed", "RFC 5280 4.2.1.4", kSyntax, &readable<Ext::policies>),
    rfc("e_policy_mappings_malformed", "RFC 5280 4.2.1.5", kSyntax, &readable<Ext::policy_mappings>),
    rfc("e_authority_key_id_malformed", "RFC 5280 4.2.1.1", kSyntax, &readable<Ext::authority_key_id>),
    rfc("e_policy_constraints_malformed", "RFC 5280 4.2.1.11", kSyntax, &readable<Ext::policy_constraints>),
    rfc("e_extended_key_usage_malformed", "RFC 5280 4.2.1.12", kSyntax, &readable<Ext::extended_usage>),
    rfc("e_freshest_crl_malformed", "RFC 5280 4.2.1.15", kSyntax, &readable<Ext::freshest_crl>),
    rfc("e_inhibit_any_policy_malformed", "RFC 5280 4.2.1.14", kSyntax, &readable<Ext::inhibit_any_policy>),
    rfc("e_authority_info_malformed", "RFC 5280 4.2.2.1", kSyntax, &readable<Ext::authority_info>),
    rfc("e_subject_info_malformed", "RFC 5280 4.2.2.2", kSyntax, &readable<Ext::subject_info>),
    rfc("e_qc_statements_malformed", "RFC 3739 3.2.6", kSyntax, &readable<Ext::qc_statements>),
    rfc("e_no_revocation_malformed", "RFC 9608 2", "noRevAvail is NULL", &readable<Ext::no_revocation>),
    rfc("e_ocsp_no_check_malformed", "RFC 6960 4.2.2.2.1", "ocsp-nocheck is NULL", &readable<Ext::ocsp_no_check>),
    rfc("e_tls_feature_malformed", "RFC 7633 4", kSyntax, &readable<Ext::tls_feature>),
    rfc("e_ct_poison_malformed", "RFC 6962 3.1", "The poison of a precertificate is NULL", &readable<Ext::ct_poison>),
    rfc("e_ct_list_malformed", "RFC 6962 3.3", kSyntax, &readable<Ext::ct_list>),
    rfc("e_private_key_period_syntax", "RFC 3280 4.2.1.4", kSyntax, &readable<Ext::private_key_period>),
    rfc("e_smime_capabilities_malformed", "RFC 4262 2", kSyntax, &readable<Ext::smime_capabilities>),

    rfc(
        "e_basic_constraints_not_critical", "RFC 5280 4.2.1.9",
        "basicConstraints is critical in authorities whose key signs certificates",
        [](const Case& c, std::string&) {
          const ExtensionView* found = c.find(Ext::basic_constraints);
          return found != nullptr && c.ca ? must(found->is_critical) : Verdict::silent;
        },
        kRfc2459),
    rfc("w_key_usage_not_critical", "RFC 5280 4.2.1.3", "keyUsage is critical", &criticality<Ext::key_usage, true>,
        kRfc2459),
    rfc("e_name_constraints_not_critical", "RFC 5280 4.2.1.10", "nameConstraints is critical",
        &criticality<Ext::name_constraints, true>, kRfc2459),
    rfc("w_policy_mappings_not_critical", "RFC 5280 4.2.1.5", "policyMappings is critical",
        &criticality<Ext::policy_mappings, true>, kRfc2459),
    rfc("e_policy_constraints_not_critical", "RFC 5280 4.2.1.11", "policyConstraints is critical",
        &criticality<Ext::policy_constraints, true>, kRfc5280),
    rfc("e_inhibit_any_policy_not_critical", "RFC 5280 4.2.1.14", "inhibitAnyPolicy is critical",
        &criticality<Ext::inhibit_any_policy, true>, kRfc3280),
    rfc("e_ct_poison_not_critical", "RFC 6962 3.1", "The poison of a precertificate is critical",
        &criticality<Ext::ct_poison, true>),
    rfc("e_authority_key_id_critical", "RFC 5280 4.2.1.1", "authorityKeyIdentifier is not critical",
        &criticality<Ext::authority_key_id, false>, kRfc2459),
    rfc("e_subject_key_id_critical", "RFC 5280 4.2.1.2", "subjectKeyIdentifier is not critical",
        &criticality<Ext::subject_key_id, false>, kRfc2459),
    rfc("w_issuer_alternative_name_critical", "RFC 5280 4.2.1.7", "issuerAltName is not critical",
        &criticality<Ext::issuer_alt_name, false>, kRfc2459),
    rfc("e_subject_directory_attributes_critical", "RFC 5280 4.2.1.8", "subjectDirectoryAttributes is not critical",
        &criticality<Ext::subject_directory, false>, kRfc2459),
    rfc("w_crl_points_critical", "RFC 5280 4.2.1.13", "cRLDistributionPoints is not critical",
        &criticality<Ext::crl_points, false>, kRfc2459),
    rfc("e_freshest_crl_critical", "RFC 5280 4.2.1.15", "freshestCRL is not critical",
        &criticality<Ext::freshest_crl, false>, kRfc3280),
    rfc("e_authority_info_critical", "RFC 5280 4.2.2.1", "authorityInfoAccess is not critical",
        &criticality<Ext::authority_info, false>, kRfc2459),
    rfc("e_subject_info_critical", "RFC 5280 4.2.2.2", "subjectInfoAccess is not critical",
        &criticality<Ext::subject_info, false>, kRfc3280),
    rfc("e_no_revocation_critical", "RFC 9608 2", "noRevAvail is not critical",
        &criticality<Ext::no_revocation, false>),
    rfc("w_ocsp_no_check_critical", "RFC 6960 4.2.2.2.1", "ocsp-nocheck is not critical",
        &criticality<Ext::ocsp_no_check, false>),
    rfc("w_tls_feature_critical", "RFC 7633 4", "tlsfeature is not critical", &criticality<Ext::tls_feature, false>),
    rfc("e_private_key_period_critical", "RFC 3280 4.2.1.4", "privateKeyUsagePeriod is not critical",
        &criticality<Ext::private_key_period, false>),
    rfc("w_smime_capabilities_critical", "RFC 4262 2", "The S/MIME capabilities are not critical",
        &criticality<Ext::smime_capabilities, false>),
    rfc("w_subject_alternative_name_critical", "RFC 5280 4.2.1.6", "subjectAltName is not critical beside a subject",
        [](const Case& c, std::string&) {
          const ExtensionView* found = c.find(Ext::subject_alt_name);
          return found != nullptr && !c.subject.is_empty() ? must(!found->is_critical) : Verdict::silent;
        }),
    rfc(
        "e_subject_alternative_name_not_critical", "RFC 5280 4.2.1.6",
        "subjectAltName is critical where the subject is empty",
        [](const Case& c, std::string&) {
          const ExtensionView* found = c.find(Ext::subject_alt_name);
          if (found == nullptr) return Verdict::silent;
          return must(!c.subject.is_empty() || found->is_critical);
        },
        kRfc2459),

    rfc("e_name_constraints_in_end_entity", "RFC 5280 4.2.1.10",
        "nameConstraints stands in certificates of authorities only", &authority_only<Ext::name_constraints>, kRfc2459),
    rfc("e_policy_mappings_in_end_entity", "RFC 5280 4.2.1.5",
        "policyMappings stands in certificates of authorities only", &authority_only<Ext::policy_mappings>),
    rfc("e_policy_constraints_in_end_entity", "RFC 5280 4.2.1.11",
        "policyConstraints stands in certificates of authorities only", &authority_only<Ext::policy_constraints>),
    rfc("e_inhibit_any_policy_in_end_entity", "RFC 5280 4.2.1.14",
        "inhibitAnyPolicy stands in certificates of authorities only", &authority_only<Ext::inhibit_any_policy>),
    rfc("e_no_revocation_in_authority", "RFC 9608 2", "noRevAvail stands in certificates of end entities only",
        [](const Case& c, std::string&) { return c.has(Ext::no_revocation) ? must(!c.ca) : Verdict::silent; }),
    rfc("e_no_revocation_beside_status", "RFC 9608 3", "Beside noRevAvail no CRL and no OCSP responder is named",
        [](const Case& c, std::string&) {
          if (!c.has(Ext::no_revocation)) return Verdict::silent;
          const bool has_ocsp =
              std::ranges::any_of(c.authority_access, [](const AccessView& a) { return a.method == oids::kOcsp; });
          return must(!c.has(Ext::crl_points) && !c.has(Ext::freshest_crl) && !has_ocsp);
        }),
    rfc(
        "e_ct_poison_beside_list", "RFC 6962 3.3", "A precertificate contains no signed certificate timestamps",
        [](const Case& c, std::string&) {
          return c.has(Ext::ct_poison) ? must(!c.has(Ext::ct_list)) : Verdict::silent;
        },
        day(2013, 6, 1)),
    rfc(
        "e_ct_list_empty", "RFC 6962 3.3", "The list of signed certificate timestamps has at least one",
        [](const Case& c, std::string&) {
          if (!c.is_readable(Ext::ct_list) || c.has(Ext::ct_poison) || !c.is_subscriber()) return Verdict::silent;
          const ByteView list = c.ct_list;
          return must(list.size() >= 2 && (list[0] != 0 || list[1] != 0));
        },
        day(2013, 6, 1)),
    rfc("e_tls_feature_values", "RFC 7633 4.1", "The features of TLS are numbers of TLS extensions, each once",
        [](const Case& c, std::string&) {
          if (!c.is_readable(Ext::tls_feature)) return Verdict::silent;
          Cursor outer(c.find(Ext::tls_feature)->value);
          Element list, number;
          if (!outer.next(list)) return Verdict::fails;
          Cursor numbers(list.content);
          std::vector<std::int64_t> seen;
          while (numbers.next(number)) {
            const auto value = der::read_integer(number.content);
            if (!value || *value < 0 || *value > 65535) return Verdict::fails;
            seen.push_back(*value);
          }
          std::ranges::sort(seen);
          return must(std::ranges::adjacent_find(seen) == seen.end());
        }),
};

}  // namespace

std::span<const Entry> extension_rules() {
  return kRules;
}

}  // namespace kyso::pki::lint

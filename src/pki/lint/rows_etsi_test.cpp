#include "pki/lint/lint_rows.h"

namespace kyso::pki::lint::testing {
namespace {

using R = Recipe&;

Bytes vn() {
  return rdn({id::kC, "VN", kPrintableString});
}
void set_subject(R r, const std::vector<AttributeText>& attributes) {
  r.subject = der::encode(der::kSequence, der::concat(vn(), [&] {
                            Bytes rest;
                            for (const AttributeText& a : attributes) append(rest, ByteView(rdn(a)));
                            return rest;
                          }()));
}
void natural_id(R r, const std::string& value) {
  set_subject(r, {{id::kSurname, "Nguyễn"},
                  {id::kGiven, "Văn A"},
                  {id::kSerial, value, kPrintableString},
                  {id::kCn, "Nguyễn Văn A"}});
}
void legal_id(R r, const std::string& value) {
  set_subject(r, {{id::kO, "Sở mẫu"}, {id::kOrgId, value}, {id::kCn, "Sở mẫu"}});
}
// The statements of `r`, with these instead of those that stand there with the same identifier.
void set_statements(R r, const Bytes& more, const Bytes& semantics_statement = {}) {
  r.sequence(id::kQc, der::concat(qc_base(), more, semantics_statement));
}

Recipe national_person() {
  Recipe r = etsi_person();
  natural_id(r, "CC:VN-001090000012");
  const Bytes authority = der::sequence(general_name(6, "http://quyche.kyso.example/"));
  set_statements(r, der::concat(statement("0.4.0.1862.1.4"), qc_type("0.4.0.1862.1.6.1")),
                 semantics("0.4.0.194121.1.1", authority));
  return r;
}
Recipe national_organization() {
  Recipe r = etsi_organization();
  legal_id(r, "MS:VN-0100000000");
  const Bytes authority = der::sequence(general_name(6, "http://quyche.kyso.example/"));
  set_statements(r, qc_type("0.4.0.1862.1.6.2"), semantics("0.4.0.194121.1.2", authority));
  return r;
}
Recipe eidas_person() {
  Recipe r = etsi_person();
  natural_id(r, "VN/VN/001090000012");
  set_statements(r, der::concat(statement("0.4.0.1862.1.4"), qc_type("0.4.0.1862.1.6.1")),
                 semantics("0.4.0.194121.1.3"));
  return r;
}
Recipe eidas_organization() {
  Recipe r = etsi_organization();
  set_statements(r, qc_type("0.4.0.1862.1.6.2"), semantics("0.4.0.194121.1.4"));
  return r;
}
Recipe lei_organization() {
  Recipe r = etsi_organization();
  legal_id(r, "LEIXG-5493001KJTIIGC8Y1R12");
  return r;
}
Recipe pseudonym_person() {
  Recipe r = etsi_person();
  set_subject(r, {{id::kPseudonym, "Bút danh"}, {id::kSerial, "IDCVN-1", kPrintableString}, {id::kCn, "Bút danh"}});
  return r;
}
Recipe issuer_with_id() {
  Recipe r = etsi_person();
  r.add_to_issuer({id::kOrgId, "NTRVN-1"});
  return r;
}
Bytes limit(const Bytes& currency, int amount, int exponent) {
  return statement("0.4.0.1862.1.2",
                   der::sequence(currency, der::encode_integer(amount), der::encode_integer(exponent)));
}
Recipe with_limit() {
  Recipe r = etsi_person();
  set_statements(r, limit(raw(kPrintableString, "VND"), 1, 9));
  return r;
}
Recipe with_retention() {
  Recipe r = etsi_person();
  set_statements(r, statement("0.4.0.1862.1.3", der::encode_integer(10)));
  return r;
}
Recipe with_legislation() {
  Recipe r = etsi_person();
  set_statements(r, statement("0.4.0.1862.1.7", der::sequence(raw(kPrintableString, "VN"))));
  return r;
}
Recipe with_issuer_names() {
  Recipe r = etsi_person();
  r.sequence(id::kIan, general_name(6, "http://ca.kyso.example/"));
  return r;
}
Recipe site_with_address() {
  Recipe r = etsi_site();
  r.sequence(id::kSan,
             der::concat(general_name(2, "www.coquan.example"), general_name(7, ByteView(octets({203, 0, 113, 1})))));
  return r;
}

}  // namespace

const std::vector<Row>& etsi_rows() {
  static const std::vector<Row> rows = {
      {"e_etsi_natural_country", etsi_person, [](R r) { r.subject = name({{id::kCn, "a"}, {id::kGiven, "a"}}); }},
      {"e_etsi_natural_common_name", etsi_person, [](R r) { set_subject(r, {{id::kGiven, "a"}}); }},
      {"e_etsi_natural_name_or_pseudonym", etsi_person, [](R r) { set_subject(r, {{id::kCn, "a"}}); }},
      {"e_etsi_natural_repeated", etsi_person, [](R r) { r.add({id::kGiven, "b"}); }},
      {"e_etsi_natural_mixed", pseudonym_person, [](R r) { r.add({id::kGiven, "b"}); }},
      {"w_etsi_natural_half_name", etsi_person, [](R r) { set_subject(r, {{id::kGiven, "a"}, {id::kCn, "a"}}); }},
      {"e_etsi_natural_organization", etsi_person,
       [](R r) { set_subject(r, {{id::kGiven, "a"}, {id::kOrgId, "NTRVN-1"}, {id::kCn, "a"}}); }},
      {"e_etsi_natural_identifier_absent", etsi_person,
       [](R r) { set_subject(r, {{id::kGiven, "a"}, {id::kCn, "a"}}); }},
      {"e_etsi_natural_identifier_form", etsi_person, [](R r) { natural_id(r, "001090000012"); }},
      {"e_etsi_natural_identifier_scheme", etsi_person, [](R r) { natural_id(r, "ABCVN-1"); }},
      {"w_etsi_natural_identifier_old_scheme", etsi_person, [](R r) { natural_id(r, "TAXVN-1"); }},
      {"e_etsi_natural_identifier_country", etsi_person, [](R r) { natural_id(r, "IDCZZ-1"); }},
      {"n_etsi_natural_identifier_national", etsi_person, [](R r) { natural_id(r, "CC:VN-1"); }},
      {"e_etsi_natural_registration_authority", national_person,
       [](R r) { set_statements(r, qc_type("0.4.0.1862.1.6.1"), semantics("0.4.0.194121.1.1")); }},
      {"e_etsi_eidas_natural_identifier", eidas_person, [](R r) { natural_id(r, "IDCVN-1"); }},
      {"e_etsi_legal_country", etsi_organization,
       [](R r) { r.subject = name({{id::kO, "a"}, {id::kOrgId, "NTRVN-1"}, {id::kCn, "a"}}); }},
      {"e_etsi_legal_organization", etsi_organization,
       [](R r) { set_subject(r, {{id::kOrgId, "NTRVN-1"}, {id::kCn, "a"}}); }},
      {"e_etsi_legal_identifier", etsi_organization, [](R r) { set_subject(r, {{id::kO, "a"}, {id::kCn, "a"}}); }},
      {"e_etsi_legal_common_name", etsi_organization,
       [](R r) { set_subject(r, {{id::kO, "a"}, {id::kOrgId, "NTRVN-1"}}); }},
      {"e_etsi_legal_repeated", etsi_organization, [](R r) { r.add({id::kO, "b"}); }},
      {"n_etsi_legal_country_unknown", etsi_organization,
       [](R r) {
         r.subject = name({{id::kC, "ZZ", kPrintableString}, {id::kO, "a"}, {id::kOrgId, "NTRVN-1"}, {id::kCn, "a"}});
       }},
      {"e_etsi_legal_identifier_is_name", etsi_organization,
       [](R r) { set_subject(r, {{id::kO, "NTRVN-1"}, {id::kOrgId, "ntrvn-1"}, {id::kCn, "a"}}); }},
      {"w_etsi_legal_personal_name", etsi_organization, [](R r) { r.add({id::kGiven, "b"}); }},
      {"e_etsi_legal_identifier_form", etsi_organization, [](R r) { legal_id(r, "0100000000"); }},
      {"e_etsi_legal_identifier_scheme", etsi_organization, [](R r) { legal_id(r, "ABCVN-1"); }},
      {"e_etsi_legal_identifier_country", etsi_organization, [](R r) { legal_id(r, "NTRZZ-1"); }},
      {"e_etsi_legal_identifier_lei", lei_organization, [](R r) { legal_id(r, "LEIXG-5493001KJTIIGC8Y1R13"); }},
      {"n_etsi_legal_identifier_national", etsi_organization, [](R r) { legal_id(r, "MS:VN-1"); }},
      {"e_etsi_legal_registration_authority", national_organization,
       [](R r) { set_statements(r, qc_type("0.4.0.1862.1.6.2"), semantics("0.4.0.194121.1.2")); }},
      {"e_etsi_eidas_legal_blank", eidas_organization, [](R r) { legal_id(r, "NTRVN-1 2"); }},
      {"e_etsi_eidas_legal_length", eidas_organization, [](R r) { legal_id(r, "NTRVN-" + std::string(260, '1')); }},
      {"n_etsi_semantics_unknown", etsi_person,
       [](R r) { set_statements(r, qc_type("0.4.0.1862.1.6.1"), semantics("0.4.0.194121.1.9")); }},
      {"e_etsi_issuer_country", etsi_person, [](R r) { r.issuer = name({{id::kO, "a"}, {id::kCn, "a"}}); }},
      {"e_etsi_issuer_organization", etsi_person,
       [](R r) { r.issuer = name({{id::kC, "VN", kPrintableString}, {id::kCn, "a"}}); }},
      {"e_etsi_issuer_common_name", etsi_person,
       [](R r) { r.issuer = name({{id::kC, "VN", kPrintableString}, {id::kO, "a"}}); }},
      {"e_etsi_issuer_repeated", etsi_person, [](R r) { r.add_to_issuer({id::kCn, "b"}); }},
      {"n_etsi_issuer_country_unknown", etsi_person,
       [](R r) { r.issuer = name({{id::kC, "ZZ", kPrintableString}, {id::kO, "a"}, {id::kCn, "a"}}); }},
      {"e_etsi_issuer_identifier_is_name", issuer_with_id,
       [](R r) { r.issuer = name({{id::kO, "NTRVN-1"}, {id::kOrgId, "NTRVN-1"}}); }},

      {"e_qc_statements_empty", etsi_person, [](R r) { r.sequence(id::kQc, Bytes()); }},
      {"w_qc_type_absent", etsi_person, [](R r) { r.sequence(id::kQc, statement("0.4.0.1862.1.1")); }},
      {"w_qc_pds_absent", etsi_person, [](R r) { r.sequence(id::kQc, statement("0.4.0.1862.1.1")); }},
      {"e_qc_compliance_info", etsi_person, [](R r) { r.sequence(id::kQc, statement("0.4.0.1862.1.1", null())); }},
      {"e_qc_sscd_info", etsi_person, [](R r) { r.sequence(id::kQc, statement("0.4.0.1862.1.4", null())); }},
      {"e_qc_sscd_without_device", etsi_person, [](R r) { set_statements(r, qc_type("0.4.0.1862.1.6.1")); }},
      {"e_qc_limit_currency", with_limit, [](R r) { set_statements(r, limit(raw(kPrintableString, "ZZZ"), 1, 1)); }},
      {"w_qc_limit_currency_number", with_limit, [](R r) { set_statements(r, limit(der::encode_integer(704), 1, 1)); }},
      {"e_qc_limit_negative", with_limit, [](R r) { set_statements(r, limit(raw(kPrintableString, "VND"), 1, -1)); }},
      {"e_qc_retention_malformed", with_retention, [](R r) { set_statements(r, statement("0.4.0.1862.1.3", null())); }},
      {"e_qc_retention_not_positive", with_retention,
       [](R r) { set_statements(r, statement("0.4.0.1862.1.3", der::encode_integer(0))); }},
      {"e_qc_pds_language_unknown", etsi_person,
       [](R r) { r.sequence(id::kQc, statement("0.4.0.1862.1.5", der::sequence(pds("https://a.example/", "zz")))); }},
      {"e_qc_pds_uri_syntax", etsi_person,
       [](R r) { r.sequence(id::kQc, statement("0.4.0.1862.1.5", der::sequence(pds("https://a b/", "en")))); }},
      {"w_qc_type_of_mail", etsi_person, [](R r) { set_statements(r, qc_type("0.4.0.1862.1.6.3")); }},
      {"e_qc_type_policy", etsi_person, [](R r) { set_statements(r, qc_type("0.4.0.1862.1.6.2")); }},
      {"e_qc_legislation_malformed", with_legislation,
       [](R r) { set_statements(r, statement("0.4.0.1862.1.7", der::sequence(Bytes()))); }},
      {"e_qc_legislation_country", with_legislation,
       [](R r) { set_statements(r, statement("0.4.0.1862.1.7", der::sequence(raw(kPrintableString, "ZZ")))); }},
      {"w_qc_statement_unknown", etsi_person, [](R r) { set_statements(r, statement("0.4.0.1862.1.99")); }},

      {"e_etsi_extensions_absent", etsi_person, [](R r) { r.version.clear(); }},
      {"e_etsi_key_usage_absent", etsi_person, [](R r) { r.drop(id::kKeyUsage); }},
      {"e_etsi_legal_key_usage_absent", etsi_organization, [](R r) { r.drop(id::kKeyUsage); }},
      {"e_etsi_natural_key_usage", etsi_person, [](R r) { r.usage({0, 3}); }},
      {"e_etsi_legal_key_usage", etsi_organization, [](R r) { r.usage({0, 3}); }},
      {"w_etsi_natural_key_usage_mixed", etsi_person, [](R r) { r.usage({0, 1, 2}); }},
      {"w_etsi_legal_key_usage_mixed", etsi_organization, [](R r) { r.usage({0, 1, 2}); }},
      {"n_etsi_natural_key_usage_preferred", etsi_person, [](R r) { r.usage({0, 1}); }},
      {"n_etsi_legal_key_usage_preferred", etsi_organization, [](R r) { r.usage({0, 1}); }},
      {"w_etsi_policies_critical", etsi_person, [](R r) { r.criticality(id::kPolicies, true); }},
      {"e_etsi_policies_absent", etsi_person, [](R r) { r.drop(id::kPolicies); }},
      {"e_etsi_subject_alternative_name_critical", etsi_person, [](R r) { r.criticality(id::kSan, true); }},
      {"e_etsi_issuer_alternative_name_critical", with_issuer_names, [](R r) { r.criticality(id::kIan, true); }},
      {"e_etsi_extended_usage_critical", etsi_person, [](R r) { r.criticality(id::kEku, true); }},
      {"e_etsi_crl_points_critical", etsi_person, [](R r) { r.criticality(id::kCrl, true); }},
      {"e_etsi_crl_points_absent", etsi_person, [](R r) { r.drop(id::kCrl), r.drop(id::kAia); }},
      {"e_etsi_crl_point_not_fetched", etsi_person,
       [](R r) { r.sequence(id::kCrl, point(general_name(6, "ftp://a.example/"))); }},
      {"e_etsi_authority_info_absent", etsi_person, [](R r) { r.drop(id::kAia); }},
      {"e_etsi_ca_issuers_absent", etsi_person,
       [](R r) { r.sequence(id::kAia, access("1.3.6.1.5.5.7.48.1", general_name(6, "http://a.example/"))); }},
      {"e_etsi_ca_issuers_not_http", etsi_person,
       [](R r) { r.sequence(id::kAia, access("1.3.6.1.5.5.7.48.2", general_name(6, "ldap://a.example/"))); }},
      {"e_etsi_ocsp_not_http", etsi_person,
       [](R r) { r.sequence(id::kAia, access("1.3.6.1.5.5.7.48.1", general_name(6, "ldap://a.example/"))); }},
      {"e_etsi_ocsp_absent", etsi_person, [](R r) { r.drop(id::kCrl), r.drop(id::kAia); }},
      {"e_etsi_authority_key_id_absent", etsi_person, [](R r) { r.drop(id::kAki); }},
      {"e_etsi_qc_statements_absent", etsi_person, [](R r) { r.drop(id::kQc); }},
      {"e_etsi_type_policies_several", etsi_person, [](R r) { r.policies({"0.4.0.194112.1.2", "0.4.0.194112.1.0"}); }},
      {"w_etsi_type_policy_absent", etsi_person, [](R r) { r.policies({"1.2.3"}); }},
      {"e_etsi_policy_mappings_present", etsi_person,
       [](R r) { r.sequence(id::kMappings, der::sequence(oid("1.2.3"), oid("1.2.4"))); }},
      {"e_etsi_name_constraints_present", etsi_person, [](R r) { r.sequence(id::kNames, Bytes()); }},
      {"e_etsi_policy_constraints_present", etsi_person, [](R r) { r.sequence(id::kPolicyLimits, Bytes()); }},
      {"e_etsi_inhibit_any_policy_present", etsi_person, [](R r) { r.set(id::kInhibit, der::encode_integer(0)); }},
      {"n_etsi_key_other", etsi_person,
       [](R r) { r.key = der::sequence(der::sequence(oid("1.3.101.110")), bits(some_octets(32))); }},
      {"w_etsi_rsa_small", etsi_person, [](R r) { r.key = key_of("rsa1024"); }},
      {"e_etsi_web_alternative_name_absent", etsi_site, [](R r) { r.drop(id::kSan); }},
      {"e_etsi_web_usage_absent", etsi_site, [](R r) { r.drop(id::kEku); }},
      {"e_etsi_web_common_name", etsi_site, [](R r) { r.sequence(id::kSan, general_name(2, "other.coquan.example")); }},
      {"e_etsi_web_internal_name", etsi_site, [](R r) { r.sequence(id::kSan, general_name(2, "www.coquan.local")); }},
      {"e_etsi_web_internal_address", site_with_address,
       [](R r) { r.sequence(id::kSan, general_name(7, ByteView(octets({10, 0, 0, 1})))); }},
  };
  return rows;
}

}  // namespace kyso::pki::lint::testing

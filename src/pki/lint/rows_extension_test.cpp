#include "pki/lint/lint_rows.h"

namespace kyso::pki::lint::testing {
namespace {

using R = Recipe&;

void set_subtree(R r, const Bytes& base, const Bytes& more = {}) {
  r.sequence(id::kNames, der::encode(der::context(0), der::sequence(base, more)), true);
}
void set_user_notice(R r, const Bytes& notice) {
  r.sequence(id::kPolicies,
             der::sequence(oid("1.2.3"), der::sequence(der::sequence(oid("1.3.6.1.5.5.7.2.2"), notice))));
}
Recipe constrained_authority() {
  Recipe r = authority();
  set_subtree(r, general_name(2, "coquan.example"));
  return r;
}
Recipe with_notice() {
  Recipe r = person();
  set_user_notice(r, der::sequence(raw(der::kUtf8String, "Xem quy chế")));
  return r;
}
Recipe with_delta() {
  Recipe r = person();
  r.sequence(id::kFreshest, point(general_name(6, "http://crl.kyso.example/delta.crl")));
  return r;
}
Recipe with_tls_feature() {
  Recipe r = server();
  r.sequence(id::kTls, der::encode_integer(5));
  return r;
}
Recipe without_status() {
  Recipe r = person();
  r.drop(id::kCrl);
  r.drop(id::kAia);
  r.set(id::kNoRevocation, null());
  return r;
}
Recipe with_smime() {
  Recipe r = person();
  r.sequence(id::kSmime, der::sequence(oid("2.16.840.1.101.3.4.1.42")));
  return r;
}
Recipe agreeing() {
  Recipe r = ecdsa();
  r.usage({4, 7});
  return r;
}
Recipe with_mail_utf8() {
  Recipe r = person();
  r.sequence(id::kSan, other_name("1.3.6.1.5.5.7.8.9", raw(der::kUtf8String, "nguyễn@coquan.example")));
  return r;
}
Recipe with_upn() {
  Recipe r = person();
  r.sequence(id::kSan, other_name("1.3.6.1.4.1.311.20.2.3", raw(der::kUtf8String, "a@coquan.example")));
  return r;
}
Recipe with_issuer_names() {
  Recipe r = person();
  r.sequence(id::kIan, der::concat(general_name(2, "ca.coquan.example"), general_name(1, "ca@coquan.example"),
                                   general_name(7, ByteView(octets({203, 0, 113, 1})))));
  return r;
}
Recipe with_addresses() {
  Recipe r = server();
  r.sequence(id::kSan,
             der::concat(general_name(2, "www.coquan.example"), general_name(7, ByteView(octets({203, 0, 113, 1})))));
  return r;
}
Recipe with_crl_issuer() {
  Recipe r = person();
  const Bytes name_of_crl_issuer = general_name(4, ByteView(name({{id::kCn, "CRL mẫu"}})));
  r.sequence(id::kCrl,
             der::sequence(der::encode(der::context(0), der::encode(der::context(1), attribute({id::kCn, "1"}))),
                           der::encode(der::context(2), name_of_crl_issuer)));
  return r;
}
Recipe with_policy_limits() {
  Recipe r = authority();
  r.sequence(id::kPolicyLimits, raw(0x80, std::string_view("\0", 1)), true);
  return r;
}
Recipe with_repository() {
  Recipe r = authority();
  r.sequence(id::kSia, access("1.3.6.1.5.5.7.48.5", general_name(6, "http://pub.kyso.example/")));
  return r;
}

}  // namespace

const std::vector<Row>& extension_rows() {
  static const std::vector<Row> rows = {
      {"e_subject_key_id_malformed", a_person, [](R r) { r.set(id::kSki, null()); }},
      {"e_key_usage_malformed", a_person, [](R r) { r.set(id::kKeyUsage, null()); }},
      {"e_subject_alternative_name_malformed", a_person, [](R r) { r.set(id::kSan, null()); }},
      {"e_issuer_alternative_name_malformed", with_issuer_names, [](R r) { r.set(id::kIan, null()); }},
      {"e_subject_directory_attributes_malformed", a_person, [](R r) { r.sequence(id::kDirectory, null()); }},
      {"e_basic_constraints_malformed", authority, [](R r) { r.set(id::kBasic, null()); }},
      {"e_name_constraints_malformed", constrained_authority, [](R r) { r.set(id::kNames, null()); }},
      {"e_crl_points_malformed", a_person, [](R r) { r.sequence(id::kCrl, null()); }},
      {"e_policies_malformed", a_person, [](R r) { r.sequence(id::kPolicies, null()); }},
      {"e_policy_mappings_malformed", authority, [](R r) { r.sequence(id::kMappings, der::sequence(oid("1.2.3"))); }},
      {"e_authority_key_id_malformed", a_person, [](R r) { r.set(id::kAki, null()); }},
      {"e_policy_constraints_malformed", with_policy_limits, [](R r) { r.set(id::kPolicyLimits, null()); }},
      {"e_extended_key_usage_malformed", a_person, [](R r) { r.sequence(id::kEku, null()); }},
      {"e_freshest_crl_malformed", with_delta, [](R r) { r.sequence(id::kFreshest, null()); }},
      {"e_inhibit_any_policy_malformed", authority, [](R r) { r.set(id::kInhibit, null()); }},
      {"e_authority_info_malformed", a_person, [](R r) { r.sequence(id::kAia, null()); }},
      {"e_subject_info_malformed", with_repository, [](R r) { r.sequence(id::kSia, null()); }},
      {"e_qc_statements_malformed", etsi_person, [](R r) { r.sequence(id::kQc, null()); }},
      {"e_no_revocation_malformed", without_status, [](R r) { r.set(id::kNoRevocation, der::encode_integer(1)); }},
      {"e_ocsp_no_check_malformed", responder, [](R r) { r.set(id::kNoCheck, der::encode_integer(1)); }},
      {"e_tls_feature_malformed", with_tls_feature, [](R r) { r.sequence(id::kTls, null()); }},
      {"e_ct_poison_malformed", server, [](R r) { r.set(id::kPoison, der::encode_integer(1), true); }},
      {"e_ct_list_malformed", server, [](R r) { r.set(id::kCtList, null()); }},
      {"e_private_key_period_syntax", stamping, [](R r) { r.set(id::kPeriod, null()); }},
      {"e_smime_capabilities_malformed", with_smime, [](R r) { r.sequence(id::kSmime, null()); }},
      {"e_ct_poison_not_critical", server, [](R r) { r.set(id::kPoison, null()); }},
      {"e_no_revocation_critical", without_status, [](R r) { r.criticality(id::kNoRevocation, true); }},
      {"w_ocsp_no_check_critical", responder, [](R r) { r.criticality(id::kNoCheck, true); }},
      {"w_tls_feature_critical", with_tls_feature, [](R r) { r.criticality(id::kTls, true); }},
      {"e_private_key_period_critical", stamping, [](R r) { r.criticality(id::kPeriod, true); }},
      {"w_smime_capabilities_critical", with_smime, [](R r) { r.criticality(id::kSmime, true); }},
      {"w_subject_alternative_name_critical", a_person, [](R r) { r.criticality(id::kSan, true); }},
      {"e_policy_mappings_in_end_entity", a_person,
       [](R r) { r.sequence(id::kMappings, der::sequence(oid("1.2.3"), oid("1.2.4")), true); }},
      {"e_policy_constraints_in_end_entity", a_person,
       [](R r) { r.sequence(id::kPolicyLimits, raw(0x80, "\1"), true); }},
      {"e_inhibit_any_policy_in_end_entity", a_person, [](R r) { r.set(id::kInhibit, der::encode_integer(1), true); }},
      {"e_no_revocation_in_authority", authority, [](R r) { r.set(id::kNoRevocation, null()); }},
      {"e_no_revocation_beside_status", without_status, [](R r) { add_status(r); }},
      {"e_tls_feature_values", with_tls_feature,
       [](R r) { r.sequence(id::kTls, der::concat(der::encode_integer(5), der::encode_integer(5))); }},
      {"w_extension_unknown_critical", a_person, [](R r) { r.set("1.2.3.4", null(), true); }},
      {"w_extension_unknown_in_id_ce", a_person, [](R r) { r.set("2.5.29.99", null()); }},

      {"n_path_length_huge", authority,
       [](R r) { r.set(id::kBasic, der::sequence(octets({1, 1, 0xff}), der::encode_integer(1000)), true); }},
      {"e_authority_without_key_usage", authority, [](R r) { r.drop(id::kKeyUsage); }},
      {"e_authority_without_cert_sign", authority, [](R r) { r.usage({6}); }},
      {"e_key_usage_only_without_agreement", agreeing, [](R r) { r.usage({0, 7}); }},
      {"e_key_usage_both_only", agreeing, [](R r) { r.usage({4, 7, 8}); }},
      {"e_pss_key_usage", a_person, [](R r) { r.key = key_of("pssonly"), r.usage({2}); }},
      {"w_extended_usage_repeated", a_person, [](R r) { r.purposes({purpose::kMail, purpose::kMail}); }},
      {"e_time_stamping_not_critical", stamping, [](R r) { r.criticality(id::kEku, false); }},
      {"e_time_stamping_not_alone", stamping, [](R r) { r.purposes({purpose::kStamping, purpose::kMail}, true); }},
      {"w_ocsp_signing_not_alone", responder, [](R r) { r.purposes({purpose::kOcsp, purpose::kServer}); }},
      {"w_ocsp_no_check_without_purpose", responder, [](R r) { r.purposes({purpose::kServer}); }},
      {"e_subject_key_id_empty", a_person, [](R r) { r.set(id::kSki, der::encode(der::kOctetString, Bytes())); }},
      {"e_authority_key_id_empty", a_person,
       [](R r) { r.sequence(id::kAki, der::encode(der::context(0, false), Bytes())); }},
      {"e_authority_key_id_half", a_person,
       [](R r) { r.sequence(id::kAki, der::encode(der::context(2, false), Bytes{1})); }},
      {"e_authority_key_id_own", a_person,
       [](R r) { r.sequence(id::kAki, der::encode(der::context(0, false), key_id(r.key))); }},

      {"e_san_mail_not_ascii", a_person, [](R r) { r.sequence(id::kSan, general_name(1, "ễ@coquan.example")); }},
      {"e_ian_mail_not_ascii", with_issuer_names,
       [](R r) { r.sequence(id::kIan, general_name(1, "ễ@coquan.example")); }},
      {"e_ian_dns_empty_label", with_issuer_names, [](R r) { r.sequence(id::kIan, general_name(2, "a..example")); }},
      {"e_ian_dns_character", with_issuer_names, [](R r) { r.sequence(id::kIan, general_name(2, "a_b.example")); }},
      {"e_ian_dns_hyphen", with_issuer_names, [](R r) { r.sequence(id::kIan, general_name(2, "-a.example")); }},
      {"e_ian_dns_too_long", with_issuer_names,
       [](R r) { r.sequence(id::kIan, general_name(2, std::string(254, 'a'))); }},
      {"e_ian_mail_syntax", with_issuer_names, [](R r) { r.sequence(id::kIan, general_name(1, "a@")); }},
      {"e_san_mail_syntax", a_person, [](R r) { r.sequence(id::kSan, general_name(1, ".a@coquan.example")); }},
      {"n_san_mail_domain_case", a_person, [](R r) { r.sequence(id::kSan, general_name(1, "a@Coquan.example")); }},
      {"e_san_uri_syntax", server, [](R r) { r.sequence(id::kSan, general_name(6, "http://a.example/%zz")); }},
      {"e_ian_uri_syntax", with_issuer_names,
       [](R r) { r.sequence(id::kIan, general_name(6, "http://a.example/a b")); }},
      {"e_san_ip_length", with_addresses,
       [](R r) { r.sequence(id::kSan, general_name(7, ByteView(octets({1, 2, 3, 4, 5})))); }},
      {"e_ian_ip_length", with_issuer_names,
       [](R r) { r.sequence(id::kIan, general_name(7, ByteView(octets({1, 2, 3})))); }},
      {"e_san_directory_name", a_person,
       [](R r) { r.sequence(id::kSan, general_name(4, ByteView(der::sequence(Bytes())))); }},
      {"w_san_idn_needless", server, [](R r) { r.sequence(id::kSan, general_name(2, "ab--c.coquan.example")); }},
      {"e_san_other_name_malformed", with_upn,
       [](R r) { r.sequence(id::kSan, general_name(0, ByteView(oid("1.2.3")))); }},
      {"e_san_smtp_utf8_type", with_mail_utf8,
       [](R r) { r.sequence(id::kSan, other_name("1.3.6.1.5.5.7.8.9", raw(kIa5String, "a"))); }},
      {"e_san_smtp_utf8_ascii", with_mail_utf8,
       [](R r) { r.sequence(id::kSan, other_name("1.3.6.1.5.5.7.8.9", raw(der::kUtf8String, "a@b.example"))); }},
      {"e_san_smtp_utf8_mark", with_mail_utf8,
       [](R r) {
         r.sequence(id::kSan, other_name("1.3.6.1.5.5.7.8.9", raw(der::kUtf8String,
                                                                  "\xef\xbb\xbf"
                                                                  "ễ@b.example")));
       }},
      {"e_san_upn_type", with_upn,
       [](R r) { r.sequence(id::kSan, other_name("1.3.6.1.4.1.311.20.2.3", raw(kIa5String, "a"))); }},

      {"e_name_constraints_list_empty", constrained_authority,
       [](R r) { r.sequence(id::kNames, der::encode(der::context(0), Bytes()), true); }},
      {"e_name_constraints_minimum_default_encoded", constrained_authority,
       [](R r) { set_subtree(r, general_name(2, "a.example"), raw(0x80, std::string_view("\0", 1))); }},
      {"e_name_constraints_dns", constrained_authority, [](R r) { set_subtree(r, general_name(2, "*.a.example")); }},
      {"w_name_constraints_dns_dot", constrained_authority, [](R r) { set_subtree(r, general_name(2, ".a.example")); }},
      {"e_name_constraints_mail", constrained_authority, [](R r) { set_subtree(r, general_name(1, "a b")); }},
      {"e_name_constraints_ip_length", constrained_authority,
       [](R r) { set_subtree(r, general_name(7, ByteView(octets({10, 0, 0, 0})))); }},
      {"e_name_constraints_ip_mask", constrained_authority,
       [](R r) { set_subtree(r, general_name(7, ByteView(octets({10, 0, 0, 0, 255, 0, 255, 0})))); }},
      {"w_policy_qualifier_unknown", with_notice,
       [](R r) {
         r.sequence(id::kPolicies, der::sequence(oid("1.2.3"), der::sequence(der::sequence(oid("1.2.4"), null()))));
       }},
      {"e_policy_qualifiers_empty", with_notice,
       [](R r) { r.sequence(id::kPolicies, der::sequence(oid("1.2.3"), der::sequence(Bytes()))); }},
      {"e_cps_not_ascii_uri", a_person,
       [](R r) {
         r.sequence(
             id::kPolicies,
             der::sequence(oid("1.2.3"), der::sequence(der::sequence(oid("1.3.6.1.5.5.7.2.1"),
                                                                     raw(der::kUtf8String, "http://a.example/")))));
       }},
      {"e_user_notice_malformed", with_notice, [](R r) { set_user_notice(r, null()); }},
      {"e_explicit_text_type", with_notice, [](R r) { set_user_notice(r, der::sequence(raw(kPrintableString, "a"))); }},
      {"e_explicit_text_encoding", with_notice, [](R r) { set_user_notice(r, der::sequence(raw(kBmpString, "abc"))); }},
      {"e_explicit_text_empty", with_notice, [](R r) { set_user_notice(r, der::sequence(raw(der::kUtf8String, ""))); }},
      {"n_policy_qualified", a_person, [](R r) { set_user_notice(r, der::sequence(raw(der::kUtf8String, "a"))); }},
      {"e_policy_count_negative", with_policy_limits,
       [](R r) { r.sequence(id::kPolicyLimits, raw(0x80, "\x81"), true); }},
      {"e_policy_constraints_empty", with_policy_limits, [](R r) { r.sequence(id::kPolicyLimits, Bytes(), true); }},

      {"e_freshest_crl_point_incomplete", with_delta,
       [](R r) { r.sequence(id::kFreshest, der::sequence(der::encode(der::context(1, false), octets({0, 0x40})))); }},
      {"e_crl_point_uri_syntax", a_person, [](R r) { r.sequence(id::kCrl, point(general_name(6, "http://a b/"))); }},
      {"e_freshest_crl_uri_syntax", with_delta,
       [](R r) { r.sequence(id::kFreshest, point(general_name(6, "http://a b/"))); }},
      {"e_crl_point_name_empty", a_person, [](R r) { r.sequence(id::kCrl, point(Bytes())); }},
      {"w_crl_point_relative", a_person, [](R r) { r.extensions = with_crl_issuer().extensions; }},
      {"e_crl_point_relative_issuers", with_crl_issuer,
       [](R r) {
         const Bytes one = general_name(4, ByteView(name({{id::kCn, "CRL mẫu"}})));
         r.sequence(id::kCrl,
                    der::sequence(der::encode(der::context(0), der::encode(der::context(1), attribute({id::kCn, "1"}))),
                                  der::encode(der::context(2), der::concat(one, one))));
       }},
      {"w_crl_point_reasons", a_person,
       [](R r) {
         r.sequence(id::kCrl,
                    der::sequence(der::encode(der::context(0),
                                              der::encode(der::context(0), general_name(6, "http://a.example/"))),
                                  der::encode(der::context(1, false), octets({6, 0x40}))));
       }},
      {"e_crl_point_reasons_unknown", a_person,
       [](R r) {
         r.sequence(id::kCrl,
                    der::sequence(der::encode(der::context(0),
                                              der::encode(der::context(0), general_name(6, "http://a.example/"))),
                                  der::encode(der::context(1, false), octets({0, 0x80}))));
       }},
      {"e_crl_point_without_all_reasons", a_person,
       [](R r) {
         r.sequence(id::kCrl,
                    der::sequence(der::encode(der::context(0),
                                              der::encode(der::context(0), general_name(6, "http://a.example/"))),
                                  der::encode(der::context(1, false), octets({6, 0x40}))));
       }},
      {"e_crl_point_own_issuer", with_crl_issuer,
       [](R r) {
         r.sequence(id::kCrl, der::sequence(der::encode(der::context(2), general_name(4, ByteView(r.issuer)))));
       }},
      {"e_crl_issuer_no_name", with_crl_issuer,
       [](R r) { r.sequence(id::kCrl, der::sequence(der::encode(der::context(2), general_name(2, "a.example")))); }},
      {"e_authority_info_uri_syntax", a_person,
       [](R r) { r.sequence(id::kAia, access("1.3.6.1.5.5.7.48.1", general_name(6, "http://a b/"))); }},
      {"e_subject_info_uri_syntax", with_repository,
       [](R r) { r.sequence(id::kSia, access("1.3.6.1.5.5.7.48.5", general_name(6, "http://a b/"))); }},
      {"e_ocsp_location_no_uri", a_person,
       [](R r) { r.sequence(id::kAia, access("1.3.6.1.5.5.7.48.1", general_name(2, "a.example"))); }},
      {"w_authority_info_method_unknown", a_person,
       [](R r) { r.sequence(id::kAia, access("1.2.3", general_name(6, "http://a.example/"))); }},
      {"e_freshest_crl_without_points", with_delta, [](R r) { r.drop(id::kCrl); }},
      {"w_subject_info_method", with_repository,
       [](R r) { r.sequence(id::kSia, access("1.3.6.1.5.5.7.48.3", general_name(6, "http://a.example/"))); }},
      {"w_ca_issuers_in_root", authority, [](R r) { r.issuer = r.subject; }},
  };
  return rows;
}

}  // namespace kyso::pki::lint::testing

#include "pki/lint/lint_rows.h"

namespace kyso::pki::lint::testing {
namespace {

#include "pki/lint/weak_keys.inc"

using R = Recipe&;

Bytes number(std::string_view hexadecimal) {
  return from_hex(hexadecimal).value();
}
Bytes one_bits(std::size_t octet_count) {  // 2^n - 1: for even n a multiple of 3
  return Bytes(octet_count, 0xff);
}
void add_uid(R r, const std::string& value) {
  r.add({id::kUid, value});
}
void set_aia(R r, std::string_view ocsp) {
  r.sequence(id::kAia, der::concat(access("1.3.6.1.5.5.7.48.1", general_name(6, ocsp)),
                                   access("1.3.6.1.5.5.7.48.2", general_name(6, "http://pub.kyso.example/ca.crt"))));
}
void set_crl(R r, std::string_view address) {
  r.sequence(id::kCrl, point(general_name(6, address)));
}
void set_hosts(R r, std::string_view host) {
  r.sequence(id::kSan, general_name(2, host));
}
Recipe taxed() {  // an organisation with a tax code whose check digit is right: 10 - 31 mod 11 = 1 for 1, 0, …
  Recipe r = person();
  r.subject = name({{id::kC, "VN", kPrintableString},
                    {id::kO, "Công ty mẫu"},
                    {id::kL, "Hà Nội"},
                    {id::kUid, "MST:1000000001"},
                    {id::kCn, "Công ty mẫu"}});
  return r;
}
Recipe with_card() {
  Recipe r = person();
  add_uid(r, "CMND:012345678");
  add_uid(r, "HC:B1234567");
  return r;
}
Recipe enciphering() {
  Recipe r = person();
  r.subject = name({{id::kC, "VN", kPrintableString},
                    {id::kO, "Tỉnh mẫu"},
                    {id::kL, "Hà Nội"},
                    {id::kUid, "CCCD:001090000012"},
                    {id::kCn, "Nguyễn Văn A (M)"}});
  r.usage({2, 3});
  return r;
}
Recipe with_purpose() {
  Recipe r = authority();
  r.purposes({purpose::kMail});
  return r;
}
Recipe root() {
  Recipe r = authority();
  r.issuer = r.subject;
  r.drop(id::kCrl);
  return r;
}
Recipe at_address() {
  Recipe r = server();
  r.sequence(id::kSan,
             der::concat(general_name(2, "www.coquan.example"), general_name(7, ByteView(octets({203, 0, 113, 1})))));
  return r;
}

}  // namespace

const std::vector<Row>& own_rows() {
  static const std::vector<Row> rows = {
      {"e_key_rsa_small", a_person, [](R r) { r.key = key_of("rsa1024"); }},
      {"n_key_rsa_below_3072", a_person, [](R r) { r.key = key_of("rsa2048"); }},
      {"e_key_rsa_bits", a_person, [](R r) { r.key = rsa_key(der::concat(Bytes{0x7f}, one_bits(255))); }},
      {"w_key_rsa_large", a_person, [](R r) { r.key = rsa_key(one_bits(1040)); }},
      {"e_key_rsa_exponent_small", a_person, [](R r) { r.key = rsa_key(one_bits(256), {3}); }},
      {"w_key_rsa_exponent_large", a_person, [](R r) { r.key = rsa_key(one_bits(256), {1, 0, 0, 0, 1}); }},
      {"e_key_rsa_small_factor", a_person, [](R r) { r.key = rsa_key(one_bits(256)); }},
      {"e_key_rsa_roca", a_person, [](R r) { r.key = rsa_key(number(kRocaPrint)); }},
      {"e_key_rsa_close_primes", a_person, [](R r) { r.key = rsa_key(number(kClosePrimes)); }},
      {"e_key_rsa_square", a_person, [](R r) { r.key = rsa_key(number(kSquare)); }},
      {"e_key_ec_curve", ecdsa, [](R r) { r.key = ec_key(oid("1.3.132.0.10"), key_bits(key_of("p256"))); }},
      {"e_key_ec_off_curve", ecdsa, [](R r) { r.key.back() ^= 1U; }},
      {"e_key_dsa", a_person,
       [](R r) { r.key = der::sequence(der::sequence(oid("1.2.840.10040.4.1")), bits(der::encode_integer(5))); }},
      {"e_key_unknown", a_person, [](R r) { r.key = der::sequence(der::sequence(oid("1.2.3.4")), bits(null())); }},
      {"w_key_rare", a_person,
       [](R r) { r.key = der::sequence(der::sequence(oid("1.3.101.113")), bits(some_octets(57))); }},
      {"n_key_pss_only", a_person, [](R r) { r.key = key_of("pssonly"); }},
      {"e_signature_sha1", a_person, [](R r) { r.algorithm(rsa_signature_algorithm("1.2.840.113549.1.1.5")); }},
      {"e_signature_md5", a_person, [](R r) { r.algorithm(rsa_signature_algorithm("1.2.840.113549.1.1.4")); }},
      {"w_signature_sha224", a_person, [](R r) { r.algorithm(rsa_signature_algorithm("1.2.840.113549.1.1.14")); }},
      {"n_signature_pss", a_person, [](R r) { r.algorithm(der::sequence(oid("1.2.840.113549.1.1.10"))); }},
      {"w_serial_short", a_person, [](R r) { r.serial = der::encode_integer(0x31c106); }},
      {"w_serial_regular", a_person,
       [](R r) { r.serial = der::encode(der::kInteger, octets({1, 2, 3, 4, 5, 6, 7, 8, 9, 10})); }},
      {"n_serial_padded", a_person,
       [](R r) { r.serial = der::encode_unsigned(der::concat(Bytes{0xff}, some_octets(16))); }},

      {"w_subject_leading_blank", a_person, [](R r) { r.add({id::kOu, " a"}); }},
      {"w_subject_trailing_blank", a_person, [](R r) { r.add({id::kOu, "a "}); }},
      {"w_issuer_leading_blank", a_person, [](R r) { r.add_to_issuer({id::kOu, " a"}); }},
      {"w_issuer_trailing_blank", a_person, [](R r) { r.add_to_issuer({id::kOu, "a "}); }},
      {"w_subject_double_blank", a_person, [](R r) { r.add({id::kOu, "Sở  mẫu"}); }},
      {"w_subject_placeholder", a_person, [](R r) { r.add({id::kOu, "N/A"}); }},
      {"w_subject_replacement_character", a_person, [](R r) { r.add({id::kOu, "S\xef\xbf\xbd"}); }},
      {"w_subject_mojibake", a_person, [](R r) { r.add({id::kOu, "Nguyá»\u0085n"}); }},
      {"w_subject_html_entity", a_person, [](R r) { r.add({id::kOu, "A &amp; B"}); }},
      {"w_subject_invisible_character", a_person, [](R r) { r.add({id::kOu, "a\u200b"}); }},
      {"w_subject_mixed_scripts", a_person, [](R r) { r.add({id::kOu, "Sở mẫu а"}); }},
      {"n_subject_multivalued_rdn", a_person,
       [](R r) {
         r.subject = Recipe::with(
             r.subject, der::encode(der::kSet, der::concat(attribute({id::kCn, "a"}), attribute({id::kOu, "b"}))));
       }},
      {"w_issuer_multivalued_rdn", a_person,
       [](R r) {
         r.issuer = Recipe::with(
             r.issuer, der::encode(der::kSet, der::concat(attribute({id::kCn, "a"}), attribute({id::kOu, "b"}))));
       }},
      {"w_subject_attributes_many", a_person,
       [](R r) {
         for (int i = 0; i < 20; ++i) r.add({id::kOu, "a"});
       }},
      {"w_subject_large", a_person, [](R r) { r.add({id::kDescription, std::string(1020, 'a')}); }},
      {"n_subject_attribute_unknown", a_person, [](R r) { r.add({"1.2.3.4", "a"}); }},
      {"w_subject_common_name_absent", a_person, [](R r) { r.subject = name({{id::kC, "VN", kPrintableString}}); }},
      {"n_subject_country_differs", a_person, [](R r) { r.issuer = name({{id::kC, "DE", kPrintableString}}); }},
      {"w_vn_false_d", a_person, [](R r) { r.add({id::kOu, "Ðảng ủy mẫu"}); }},
      {"w_vn_country_not_first", a_person,
       [](R r) { r.subject = name({{id::kCn, "a"}, {id::kC, "VN", kPrintableString}}); }},
      {"w_vn_common_name_before_organization", a_person,
       [](R r) { r.subject = name({{id::kC, "VN", kPrintableString}, {id::kCn, "a"}, {id::kO, "a"}}); }},
      {"n_vn_locality_absent", a_person,
       [](R r) { r.subject = name({{id::kC, "VN", kPrintableString}, {id::kCn, "a"}}); }},
      {"n_vn_organization_absent", a_person,
       [](R r) { r.subject = name({{id::kC, "VN", kPrintableString}, {id::kCn, "a"}}); }},
      {"n_vn_identifier_absent", a_person,
       [](R r) { r.subject = name({{id::kC, "VN", kPrintableString}, {id::kCn, "a"}}); }},
      {"w_vn_identifier_prefix", a_person, [](R r) { add_uid(r, "001090000012"); }},
      {"w_vn_identifier_repeated", a_person, [](R r) { add_uid(r, "CCCD:001090000013"); }},
      {"w_vn_cccd", a_person, [](R r) { add_uid(r, "CCCD:00109000001"); }},
      {"w_vn_cccd_province", a_person, [](R r) { add_uid(r, "CCCD:999090000012"); }},
      {"w_vn_cmnd", with_card, [](R r) { add_uid(r, "CMND:01234567"); }},
      {"w_vn_mst", taxed, [](R r) { add_uid(r, "MST:12345"); }},
      {"n_vn_mst_check_digit", taxed, [](R r) { add_uid(r, "MST:1000000002"); }},
      {"w_vn_passport", with_card, [](R r) { add_uid(r, "HC:12345678"); }},
      {"w_vn_identifier_blank", a_person, [](R r) { add_uid(r, "MST: 1000000001"); }},
      {"w_vn_encryption_mark_on_signer", enciphering, [](R r) { r.usage({0, 2}); }},
      {"n_vn_encryption_mark_absent", enciphering, [](R r) { r.subject = person().subject; }},

      {"w_authority_path_length_absent", authority,
       [](R r) { r.set(id::kBasic, der::sequence(octets({1, 1, 0xff})), true); }},
      {"w_authority_key_usage_surplus", authority, [](R r) { r.usage({0, 5, 6}); }},
      {"n_authority_without_crl_sign", authority, [](R r) { r.usage({5}); }},
      {"w_authority_any_usage", with_purpose, [](R r) { r.purposes({purpose::kAny}); }},
      {"w_authority_ocsp_signing", with_purpose, [](R r) { r.purposes({purpose::kOcsp}); }},
      {"w_authority_without_policies", authority, [](R r) { r.drop(id::kPolicies); }},
      {"w_authority_alternative_name", authority, [](R r) { set_hosts(r, "ca.coquan.example"); }},
      {"n_root_points", root, [](R r) { set_crl(r, "http://a.example/"); }},
      {"e_end_entity_self_issued", a_person, [](R r) { r.issuer = r.subject; }},
      {"w_end_entity_without_key_usage", a_person, [](R r) { r.drop(id::kKeyUsage); }},
      {"w_end_entity_without_purpose", a_person, [](R r) { r.drop(id::kEku); }},
      {"w_end_entity_any_usage", a_person, [](R r) { r.purposes({purpose::kAny}); }},
      {"w_end_entity_without_policies", a_person, [](R r) { r.drop(id::kPolicies); }},
      {"w_end_entity_any_policy", a_person, [](R r) { r.policies({"2.5.29.32.0"}); }},
      {"w_end_entity_crl_sign", a_person, [](R r) { r.usage({0, 6}); }},
      {"w_signer_enciphers", a_person, [](R r) { r.usage({0, 1, 2}); }},
      {"w_mail_without_address", a_person, [](R r) { r.drop(id::kSan); }},
      {"w_authority_key_id_with_issuer", a_person,
       [](R r) { r.sequence(id::kAki, der::encode(der::context(2, false), Bytes{1})); }},
      {"n_subject_key_id_method", a_person,
       [](R r) { r.set(id::kSki, der::encode(der::kOctetString, some_octets(20))); }},
      {"w_key_ids_long", a_person, [](R r) { r.set(id::kSki, der::encode(der::kOctetString, some_octets(40))); }},
      {"w_lives_long_end_entity", a_person, [](R r) { r.valid(utc("260101000000Z"), utc("320101000000Z")); }},
      {"e_lives_too_long_end_entity", a_person, [](R r) { r.valid(utc("260101000000Z"), utc("370101000000Z")); }},
      {"w_lives_long_server", server, [](R r) { r.valid(utc("260101000000Z"), utc("280101000000Z")); }},
      {"w_lives_long_responder", responder, [](R r) { r.valid(utc("260101000000Z"), utc("270101000000Z")); }},
      {"w_lives_long_authority", authority, [](R r) { r.valid(utc("260101000000Z"), general("20700101000000Z")); }},
      {"w_lives_too_short", a_person, [](R r) { r.valid(utc("260101000000Z"), utc("260101000100Z")); }},
      {"w_responder_without_no_check", responder, [](R r) { r.drop(id::kNoCheck), r.drop(id::kCrl); }},
      {"e_responder_key_usage", responder, [](R r) { r.usage({1}); }},
      {"w_stamping_key_usage", stamping, [](R r) { r.usage({0, 2}); }},
      {"n_stamping_private_period", stamping, [](R r) { r.drop(id::kPeriod); }},
      {"e_status_unknown", a_person, [](R r) { r.drop(id::kCrl), r.drop(id::kAia); }},
      {"n_status_without_ocsp", a_person, [](R r) { r.drop(id::kAia); }},
      {"w_ca_issuers_absent", a_person, [](R r) { r.drop(id::kAia); }},
      {"w_crl_point_not_http", a_person, [](R r) { set_crl(r, "ldap://a.example/"); }},
      {"w_crl_point_https", a_person, [](R r) { set_crl(r, "https://a.example/"); }},
      {"w_authority_info_https", a_person, [](R r) { set_aia(r, "https://a.example/"); }},
      {"w_authority_info_ldap", a_person, [](R r) { set_aia(r, "ldap://a.example/"); }},
      {"w_address_numeric", a_person, [](R r) { set_aia(r, "http://203.0.113.1/"); }},
      {"w_address_with_user", a_person, [](R r) { set_aia(r, "http://user@a.example/"); }},
      {"w_address_local", a_person, [](R r) { set_crl(r, "http://localhost/"); }},
      {"w_address_long", a_person, [](R r) { set_crl(r, "http://a.example/" + std::string(250, 'a')); }},
      {"n_crl_points_many", a_person,
       [](R r) {
         const Bytes one = point(general_name(6, "http://a.example/"));
         r.sequence(id::kCrl, der::concat(one, one, one, one));
       }},
      {"w_server_without_alternative_name", server, [](R r) { r.drop(id::kSan); }},
      {"w_server_common_name_elsewhere", server, [](R r) { set_hosts(r, "other.coquan.example"); }},
      {"w_dns_wildcard_bare", server, [](R r) { set_hosts(r, "*"); }},
      {"w_dns_wildcard_inside", server, [](R r) { set_hosts(r, "a*.coquan.example"); }},
      {"w_dns_leading_dot", server, [](R r) { set_hosts(r, ".coquan.example"); }},
      {"e_dns_null_character", server, [](R r) { set_hosts(r, std::string_view("a\0.example", 10)); }},
      {"n_dns_internal", server, [](R r) { set_hosts(r, "server"); }},
      {"n_ip_private", at_address,
       [](R r) { r.sequence(id::kSan, general_name(7, ByteView(octets({192, 168, 0, 1})))); }},
      {"n_netscape_extension", a_person, [](R r) { r.set("2.16.840.1.113730.1.13", raw(kIa5String, "a")); }},
      {"n_microsoft_template", a_person, [](R r) { r.set("1.3.6.1.4.1.311.20.2", raw(kBmpString, "ab")); }},
      {"w_certificate_large", a_person, [](R r) { r.set("1.2.3", raw(der::kOctetString, std::string(4096, 'a'))); }},
      {"w_extensions_many", a_person,
       [](R r) {
         for (int i = 0; i < 25; ++i) r.set(fmt::format("1.2.3.{}", i), null());
       }},
      {"w_alternative_names_many", server,
       [](R r) {
         Bytes names;
         for (int i = 0; i < 101; ++i) append(names, ByteView(general_name(2, fmt::format("a{}.example", i))));
         r.sequence(id::kSan, names);
       }},
  };
  return rows;
}

}  // namespace kyso::pki::lint::testing

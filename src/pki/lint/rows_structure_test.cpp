#include "pki/lint/lint_rows.h"

namespace kyso::pki::lint::testing {
namespace {

using R = Recipe&;

std::string long_text(std::size_t count) {
  return std::string(count, 'a');
}
Bytes der_boolean(int octet) {
  return octets({1, 1, octet});
}
Bytes pss(const Bytes& parameters) {
  return der::sequence(oid("1.2.840.113549.1.1.10"), parameters);
}
// RSASSA-PSS-params of SHA-256 with this mask digest and salt.
Bytes pss_parameters(std::string_view mask_digest, int salt) {
  const Bytes sha256 = der::sequence(oid("2.16.840.1.101.3.4.2.1"));
  return der::sequence(
      der::encode(der::context(0), sha256),
      der::encode(der::context(1), der::sequence(oid("1.2.840.113549.1.1.8"), der::sequence(oid(mask_digest)))),
      der::encode(der::context(2), der::encode_integer(salt)));
}
Bytes modulus(std::size_t size = 256) {
  Bytes out = some_octets(size);
  out.front() |= 0x80U;
  out.back() |= 1U;
  return out;
}
Bytes p256_point() {
  return key_bits(key_of("p256"));
}
// Two attributes in one RDN, in this order.
Bytes pair(const AttributeText& a, const AttributeText& b) {
  return der::encode(der::kSet, der::concat(attribute(a), attribute(b)));
}

}  // namespace

const std::vector<Row>& structure_rows() {
  static const std::vector<Row> rows = {
      {"e_certificate_trailing_bytes", a_person, [](R r) { r.tail = null(); }},
      {"e_tbs_unknown_field", a_person, [](R r) { r.tbs_tail = null(); }},
      {"e_version_unknown", a_person, [](R r) { r.version = der::encode(der::context(0), der::encode_integer(3)); }},
      {"e_version_default_encoded", a_person,
       [](R r) { r.version = der::encode(der::context(0), der::encode_integer(0)); }},
      {"e_version_not_3", a_person, [](R r) { r.version.clear(); }},
      {"e_extensions_absent", a_person, [](R r) { r.extensions.clear(); }},
      {"e_extensions_empty", a_person,
       [](R r) { r.extensions_field = der::encode(der::context(3), der::sequence(Bytes())); }},
      {"e_extensions_malformed", a_person,
       [](R r) { r.extensions_field = der::encode(der::context(3), der::sequence(null())); }},
      {"e_unique_identifier_malformed", a_person,
       [](R r) { r.unique_ids = der::encode(der::context(1, false), octets({9, 1})); }},
      {"e_serial_not_minimal", a_person,
       [](R r) { r.serial = der::encode(der::kInteger, octets({0, 1, 2, 3, 4, 5, 6, 7, 8, 9})); }},
      {"e_signature_unused_bits", a_person, [](R r) { r.signature = bits(some_octets(384), 3); }},
      {"e_signature_empty", a_person, [](R r) { r.signature = bits(Bytes()); }},
      {"e_validity_malformed", a_person, [](R r) { r.valid(utc("260230000000Z"), utc("290101000000Z")); }},
      {"e_validity_time_type", a_person,
       [](R r) { r.valid(raw(kVisibleString, "260101000000Z"), utc("290101000000Z")); }},
      {"e_validity_time_length", a_person, [](R r) { r.valid(utc("2601010000Z"), utc("290101000000Z")); }},
      {"e_generalized_time_without_seconds", a_person,
       [](R r) { r.valid(utc("260101000000Z"), general("206001010000Z")); }},
      {"e_generalized_time_fraction", a_person,
       [](R r) { r.valid(utc("260101000000Z"), general("20600101000000.5Z")); }},
      {"e_utc_time_after_2049", a_person, [](R r) { r.valid(utc("260101000000Z"), utc("510101000000Z")); }},
      {"n_validity_without_end", a_person, [](R r) { r.valid(utc("260101000000Z"), general("99991231235959Z")); }},
      {"e_private_key_period_malformed", stamping, [](R r) { r.sequence(id::kPeriod, raw(0x80, "260101000000Z")); }},
      {"e_signature_algorithm_malformed", a_person, [](R r) { r.algorithm(der::sequence(null())); }},
      {"e_signature_algorithm_no_signature", a_person,
       [](R r) { r.algorithm(rsa_signature_algorithm("1.2.840.113549.1.1.1")); }},
      {"w_signature_algorithm_unknown", a_person, [](R r) { r.algorithm(der::sequence(oid("1.2.3.4"))); }},
      {"e_eddsa_signature_parameters_present", edwards,
       [](R r) { r.algorithm(der::sequence(oid("1.3.101.112"), null())); }},
      {"e_pss_parameters_malformed", a_person, [](R r) { r.algorithm(pss(null())); }},
      {"w_pss_mask_digest_differs", a_person,
       [](R r) { r.algorithm(pss(pss_parameters("2.16.840.1.101.3.4.2.2", 32))); }},
      {"w_pss_salt_length", a_person, [](R r) { r.algorithm(pss(pss_parameters("2.16.840.1.101.3.4.2.1", 20))); }},
      {"e_ecdsa_signature_value_malformed", ecdsa,
       [](R r) { r.signature = bits(der::sequence(der::encode_integer(-1), der::encode_integer(5))); }},
      {"e_eddsa_signature_length", edwards, [](R r) { r.signature = bits(some_octets(63)); }},
      {"w_digest_shorter_than_curve", ecdsa, [](R r) { r.key = key_of("p384"), r.issuer = r.subject; }},
      {"e_dsa_signature_parameters_present", a_person,
       [](R r) { r.algorithm(der::sequence(oid("1.2.840.10040.4.3"), null())); }},

      {"e_issuer_malformed", a_person, [](R r) { r.issuer = der::sequence(null()); }},
      {"e_subject_malformed", a_person,
       [](R r) { r.subject = der::sequence(der::encode(der::kSet, der::sequence(oid("2.5.4.3")))); }},
      {"e_issuer_rdn_empty", a_person, [](R r) { r.issuer = Recipe::with(r.issuer, der::encode(der::kSet, Bytes())); }},
      {"e_subject_rdn_empty", a_person,
       [](R r) { r.subject = Recipe::with(r.subject, der::encode(der::kSet, Bytes())); }},
      {"e_issuer_rdn_unsorted", a_person,
       [](R r) { r.issuer = Recipe::with(r.issuer, pair({id::kOu, "b"}, {id::kCn, "a"})); }},
      {"e_subject_rdn_unsorted", a_person,
       [](R r) { r.subject = Recipe::with(r.subject, pair({id::kOu, "b"}, {id::kCn, "a"})); }},
      {"e_issuer_rdn_repeats_type", a_person,
       [](R r) { r.issuer = Recipe::with(r.issuer, pair({id::kOu, "a"}, {id::kOu, "b"})); }},
      {"e_subject_rdn_repeats_type", a_person,
       [](R r) { r.subject = Recipe::with(r.subject, pair({id::kOu, "a"}, {id::kOu, "b"})); }},
      {"e_subject_title_too_long", a_person, [](R r) { r.add({id::kTitle, long_text(65)}); }},
      {"e_subject_initials_too_long", a_person, [](R r) { r.add({id::kInitials, long_text(32769)}); }},
      {"e_subject_pseudonym_too_long", a_person, [](R r) { r.add({id::kPseudonym, long_text(129)}); }},
      {"e_subject_description_too_long", a_person, [](R r) { r.add({id::kDescription, long_text(1025)}); }},
      {"e_subject_business_category_too_long", a_person, [](R r) { r.add({id::kCategory, long_text(129)}); }},
      {"e_subject_telephone_too_long", a_person,
       [](R r) { r.add({id::kPhone, std::string(33, '1'), kPrintableString}); }},
      {"e_subject_domain_component_too_long", a_person, [](R r) { r.add({id::kDc, long_text(64), kIa5String}); }},
      {"e_subject_user_id_too_long", a_person, [](R r) { r.add({id::kUid, "MNS:" + long_text(256)}); }},
      {"e_issuer_common_name_too_long", a_person, [](R r) { r.add_to_issuer({id::kCn, long_text(65)}); }},
      {"e_issuer_organization_too_long", a_person, [](R r) { r.add_to_issuer({id::kO, long_text(65)}); }},
      {"e_issuer_unit_too_long", a_person, [](R r) { r.add_to_issuer({id::kOu, long_text(65)}); }},
      {"e_subject_dn_qualifier_type", a_person, [](R r) { r.add({id::kQualifier, "a"}); }},
      {"e_subject_email_type", a_person, [](R r) { r.add({id::kEmail, "a@coquan.example"}); }},
      {"e_subject_domain_component_type", a_person, [](R r) { r.add({id::kDc, "vn"}); }},
      {"e_issuer_domain_component_type", a_person, [](R r) { r.add_to_issuer({id::kDc, "vn"}); }},
      {"e_subject_telephone_type", a_person, [](R r) { r.add({id::kPhone, "84900000000"}); }},
      {"e_subject_value_no_string", a_person, [](R r) { r.add({id::kCn, std::string(1, '\1'), der::kInteger}); }},
      {"e_issuer_value_no_string", a_person,
       [](R r) { r.add_to_issuer({id::kCn, std::string(1, '\1'), der::kInteger}); }},
      {"e_issuer_directory_string_type", a_person, [](R r) { r.add_to_issuer({id::kOu, "a", kIa5String}); }},
      {"e_subject_directory_string_type", a_person, [](R r) { r.add({id::kOu, "a", kIa5String}); }},
      {"w_subject_string_type_old", a_person, [](R r) { r.add({id::kOu, "a", kTeletexString}); }},
      {"w_issuer_string_type_old", a_person, [](R r) { r.add_to_issuer({id::kOu, "a", kTeletexString}); }},
      {"e_issuer_printable_string_alphabet", a_person,
       [](R r) { r.add_to_issuer({id::kOu, "a@b", kPrintableString}); }},
      {"e_subject_utf8_invalid", a_person, [](R r) { r.add({id::kOu, "\xc3("}); }},
      {"e_issuer_utf8_invalid", a_person, [](R r) { r.add_to_issuer({id::kOu, "\xc3("}); }},
      {"e_subject_ia5_invalid", a_person, [](R r) { r.add({id::kDc, "v\xe9", kIa5String}); }},
      {"e_subject_bmp_invalid", a_person, [](R r) { r.add({id::kOu, "abc", kBmpString}); }},
      {"e_issuer_control_character", a_person, [](R r) { r.add_to_issuer({id::kOu, "a\tb"}); }},
      {"e_subject_value_empty", a_person, [](R r) { r.add({id::kOu, ""}); }},
      {"e_issuer_value_empty", a_person, [](R r) { r.add_to_issuer({id::kOu, ""}); }},
      {"w_subject_not_nfc", a_person, [](R r) { r.add({id::kOu, "So\xcc\x9b\xcc\x89"}); }},
      {"w_issuer_not_nfc", a_person, [](R r) { r.add_to_issuer({id::kOu, "So\xcc\x9b\xcc\x89"}); }},
      {"e_subject_country_length", a_person, [](R r) { r.add({id::kC, "VNM", kPrintableString}); }},
      {"e_issuer_country_length", a_person, [](R r) { r.add_to_issuer({id::kC, "VNM", kPrintableString}); }},
      {"e_subject_country_unknown", a_person, [](R r) { r.add({id::kC, "ZZ", kPrintableString}); }},
      {"w_issuer_country_unknown", a_person, [](R r) { r.add_to_issuer({id::kC, "ZZ", kPrintableString}); }},
      {"w_issuer_country_lower_case", a_person, [](R r) { r.add_to_issuer({id::kC, "vn", kPrintableString}); }},
      {"e_subject_country_repeated", a_person, [](R r) { r.add({id::kC, "VN", kPrintableString}); }},
      {"w_subject_common_name_repeated", a_person, [](R r) { r.add({id::kCn, "b"}); }},
      {"e_subject_serial_number_repeated", etsi_person, [](R r) { r.add({id::kSerial, "IDCVN-2", kPrintableString}); }},
      {"n_subject_email_deprecated", a_person, [](R r) { r.add({id::kEmail, "a@coquan.example", kIa5String}); }},
      {"e_subject_email_syntax", a_person, [](R r) { r.add({id::kEmail, "a at b", kIa5String}); }},
      {"e_subject_domain_component_syntax", a_person, [](R r) { r.add({id::kDc, "gov.vn", kIa5String}); }},
      {"e_issuer_domain_component_syntax", a_person, [](R r) { r.add_to_issuer({id::kDc, "gov.vn", kIa5String}); }},

      {"e_key_info_malformed", a_person,
       [](R r) { r.key = der::sequence(der::sequence(oid("1.2.840.113549.1.1.1"), null())); }},
      {"e_key_unused_bits", a_person,
       [](R r) { r.key = der::sequence(der::sequence(oid("1.3.101.112")), bits(some_octets(32), 1)); }},
      {"e_key_empty", a_person, [](R r) { r.key = der::sequence(der::sequence(oid("1.3.101.112")), bits(Bytes())); }},
      {"e_pss_key_parameters", a_person,
       [](R r) {
         r.key = der::sequence(der::sequence(oid("1.2.840.113549.1.1.10"), null()), bits(key_bits(key_of("rsa3072"))));
       }},
      {"e_rsa_key_malformed", a_person,
       [](R r) { r.key = der::sequence(der::sequence(oid("1.2.840.113549.1.1.1"), null()), bits(null())); }},
      {"e_rsa_modulus_not_minimal", a_person,
       [](R r) { r.key = rsa_key_raw(der::concat(Bytes{0, 0}, modulus()), {1, 0, 1}); }},
      {"e_rsa_exponent_not_minimal", a_person,
       [](R r) { r.key = rsa_key_raw(der::concat(Bytes{0}, modulus()), {0, 1, 0, 1}); }},
      {"e_rsa_modulus_not_positive", a_person, [](R r) { r.key = rsa_key_raw(modulus(), {1, 0, 1}); }},
      {"e_rsa_modulus_even", a_person, [](R r) { r.key = rsa_key(der::concat(modulus(255), Bytes{2})); }},
      {"e_rsa_exponent_not_positive", a_person,
       [](R r) { r.key = rsa_key_raw(der::concat(Bytes{0}, modulus()), {0x81, 0, 1}); }},
      {"e_rsa_exponent_even", a_person, [](R r) { r.key = rsa_key(modulus(), {1, 0, 0}); }},
      {"e_rsa_exponent_one", a_person, [](R r) { r.key = rsa_key(modulus(), {1}); }},
      {"e_rsa_exponent_not_below_modulus", a_person, [](R r) { r.key = rsa_key(modulus(), modulus(257)); }},
      {"e_ec_parameters_absent", ecdsa, [](R r) { r.key = ec_key(Bytes(), p256_point()); }},
      {"e_ec_parameters_not_named", ecdsa, [](R r) { r.key = ec_key(der::sequence(null()), p256_point()); }},
      {"e_ec_point_form", ecdsa,
       [](R r) { r.key = ec_key(oid("1.2.840.10045.3.1.7"), der::concat(Bytes{6}, some_octets(64))); }},
      {"e_ec_point_length", ecdsa,
       [](R r) { r.key = ec_key(oid("1.2.840.10045.3.1.7"), der::concat(Bytes{4}, some_octets(63))); }},
      {"n_ec_point_compressed", ecdsa,
       [](R r) { r.key = ec_key(oid("1.2.840.10045.3.1.7"), der::concat(Bytes{2}, some_octets(32))); }},
      {"e_eddsa_key_parameters_present", edwards,
       [](R r) { r.key = der::sequence(der::sequence(oid("1.3.101.112"), null()), bits(some_octets(32))); }},
      {"e_eddsa_key_length", edwards,
       [](R r) { r.key = der::sequence(der::sequence(oid("1.3.101.112")), bits(some_octets(31))); }},
      {"e_key_agreement_key_signs", a_person,
       [](R r) { r.key = der::sequence(der::sequence(oid("1.3.101.110")), bits(some_octets(32))); }},
      {"e_eddsa_key_usage", edwards, [](R r) { r.usage({0, 2}); }},

      {"e_extension_critical_odd", a_person,
       [](R r) {
         r.extensions_field = der::encode(
             der::context(3), der::sequence(der::sequence(oid(id::kKeyUsage), der_boolean(1),
                                                          der::encode(der::kOctetString, bits(octets({0xc0}), 6)))));
       }},
      {"e_basic_constraints_odd_boolean", authority,
       [](R r) { r.set(id::kBasic, der::sequence(der_boolean(1)), true); }},
  };
  return rows;
}

}  // namespace kyso::pki::lint::testing

#include "pki/lint/lint_rows.h"

namespace kyso::pki::lint::testing {
namespace {
using R = Recipe&;
}

const std::vector<Row>& kept_rows() {
  static const std::vector<Row> rows = {
      {"e_subject_title_too_long", a_person, [](R r) { r.add({id::kTitle, "Giám đốc"}); }},
      {"e_subject_initials_too_long", a_person, [](R r) { r.add({id::kInitials, "NVA"}); }},
      {"e_subject_description_too_long", a_person, [](R r) { r.add({id::kDescription, "a"}); }},
      {"e_subject_dn_qualifier_type", a_person, [](R r) { r.add({id::kQualifier, "a", kPrintableString}); }},
      {"e_issuer_domain_component_type", a_person, [](R r) { r.add_to_issuer({id::kDc, "vn", kIa5String}); }},
      {"e_issuer_domain_component_syntax", a_person, [](R r) { r.add_to_issuer({id::kDc, "vn", kIa5String}); }},
      {"e_etsi_natural_organization", etsi_person, [](R r) { r.add({id::kOrgId, "NTRVN-0100000000"}); }},
      {"e_pss_key_parameters", a_person, [](R r) { r.key = key_of("pssonly"); }},
      {"e_pss_key_usage", a_person, [](R r) { r.key = key_of("pssonly"); }},
      {"e_key_agreement_key_signs", a_person,
       [](R r) {
         r.key = der::sequence(der::sequence(oid("1.3.101.110")), bits(some_octets(32)));
         r.usage({4});
       }},
      {"e_dsa_key_usage", a_person,
       [](R r) {
         r.key = der::sequence(der::sequence(oid("1.2.840.10040.4.1")), bits(der::encode_integer(5)));
         r.usage({0});
       }},
      {"e_crl_point_reasons_unknown", a_person,
       [](R r) {
         r.sequence(id::kCrl,
                    der::sequence(der::encode(der::context(0),
                                              der::encode(der::context(0), general_name(6, "http://a.example/"))),
                                  der::encode(der::context(1, false), octets({6, 0x40}))));
       }},
  };
  return rows;
}

}  // namespace kyso::pki::lint::testing

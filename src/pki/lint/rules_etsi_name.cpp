#include <algorithm>

#include "pki/lint/etsi_scope.h"

// Names of natural and legal persons: EN 319 412-1 clause 5.1, EN 319 412-2 clause 4.2, EN 319 412-3 clause 4.2.
namespace kyso::pki::lint {
namespace {

template <EtsiSubject kKind, At kType>
Verdict has_attribute(const Case& c, std::string&) {
  return etsi_subject(c) == kKind ? must(c.subject.has(kType)) : Verdict::silent;
}
template <EtsiSubject kKind, At... kTypes>
Verdict once(const Case& c, std::string& why) {
  if (etsi_subject(c) != kKind) return Verdict::silent;
  const bool fits = ((c.subject.count(kTypes) <= 1) && ...);
  if (!fits) why = "an attribute stands twice";
  return must(fits);
}
template <At kType>
Verdict issuer_has(const Case& c, std::string&) {
  return is_person(c) ? must(c.issuer.has(kType)) : Verdict::silent;
}

// "IDCVN-012345678901": three letters or two with a colon, the country, a hyphen, the number.
struct Identifier {
  std::string_view scheme, country, number;
  bool is_national = false;
};
std::optional<Identifier> read_identifier(std::string_view text) {
  const auto is_upper = [](char x) { return x >= 'A' && x <= 'Z'; };
  if (text.size() < 7 || text[5] != '-' || !is_upper(text[0]) || !is_upper(text[1])) return std::nullopt;
  const bool is_national = text[2] == ':';
  const auto is_letter = [](char x) { return (x >= 'A' && x <= 'Z') || (x >= 'a' && x <= 'z'); };
  if ((!is_national && !is_upper(text[2])) || !is_letter(text[3]) || !is_letter(text[4])) return std::nullopt;
  return Identifier{text.substr(0, is_national ? 2 : 3), text.substr(3, 2), text.substr(6), is_national};
}

template <At kType, typename F>
Verdict for_identifiers(const Case& c, const Oid& semantics, std::string& why, F judge) {
  if (c.semantics != semantics || c.ca) return Verdict::silent;
  return each(c.subject.attributes, [&](const Attribute& attribute) {
    if (attribute.type != kType || !attribute.is_text) return Verdict::silent;
    const Verdict verdict = judge(attribute.text, read_identifier(attribute.text));
    if (verdict == Verdict::fails) why = shown(attribute.text);
    return verdict;
  });
}
template <typename F>
Verdict for_natural_identifier(const Case& c, std::string& why, F judge) {
  return for_identifiers<At::serial_number>(c, oids::kSemanticsNatural, why, judge);
}
template <typename F>
Verdict for_legal_identifier(const Case& c, std::string& why, F judge) {
  return for_identifiers<At::organization_id>(c, oids::kSemanticsLegal, why, judge);
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> list) {
  return std::ranges::find(list, text) != list.end();
}
bool is_identifier_country(std::string_view code) {
  return is_country(code) || code == "EU" || code == "UN" || code == "XG";
}

// ISO 17442: 18 characters and two check digits, modulo 97 = 1.
bool is_lei(std::string_view text) {
  if (text.size() != 20) return false;
  unsigned rest = 0;
  for (const char x : text) {
    if (x >= '0' && x <= '9')
      rest = (rest * 10 + static_cast<unsigned>(x - '0')) % 97;
    else if (x >= 'A' && x <= 'Z')
      rest = (rest * 100 + static_cast<unsigned>(x - 'A') + 10) % 97;
    else
      return false;
  }
  return rest == 1;
}

// "XX/YY/identifier" of the eIDAS attribute profile.
bool is_eidas_natural(std::string_view text) {
  return text.size() > 6 && text[2] == '/' && text[5] == '/' && is_country(text.substr(0, 2)) &&
         is_country(text.substr(3, 2)) && is_printable_string(text.substr(6));
}

template <At kType>
Verdict registration_authority_named(const Case& c, const Oid& semantics) {
  if (c.semantics != semantics || c.ca) return Verdict::silent;
  return each(c.subject.attributes, [&](const Attribute& attribute) {
    const auto identifier = attribute.type == kType ? read_identifier(attribute.text) : std::nullopt;
    if (!identifier || !identifier->is_national) return Verdict::silent;
    return must(std::ranges::any_of(c.registration_authorities,
                                    [](const GeneralNameView& name) { return name.kind == GeneralNameView::uri; }));
  });
}

bool same_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && starts_with_ignoring_case(a, b);
}
Verdict identifier_is_no_name(const NameView& name) {
  const Attribute* organization = name.find(At::organization);
  const Attribute* identifier = name.find(At::organization_id);
  if (organization == nullptr || identifier == nullptr) return Verdict::silent;
  return must(!same_ignoring_case(organization->text, identifier->text));
}

constexpr EtsiSubject kNatural = EtsiSubject::natural, kLegal = EtsiSubject::legal;

constexpr Entry kRules[] = {
    etsi("e_etsi_natural_country", "EN 319 412-2 NAT-4.2.4-1", "A natural person's subject has a country",
         &has_attribute<kNatural, At::country>),
    etsi("e_etsi_natural_common_name", "EN 319 412-2 NAT-4.2.4-1", "A natural person's subject has a common name",
         &has_attribute<kNatural, At::common_name>),
    etsi("e_etsi_natural_name_or_pseudonym", "EN 319 412-2 NAT-4.2.4-1",
         "A natural person's subject has a given name or surname, or a pseudonym",
         [](const Case& c, std::string&) {
           if (etsi_subject(c) != kNatural) return Verdict::silent;
           return must(c.subject.has(At::given_name) || c.subject.has(At::surname) || c.subject.has(At::pseudonym));
         }),
    etsi("e_etsi_natural_repeated", "EN 319 412-2 NAT-4.2.4-3",
         "A natural person's subject has each required attribute once",
         &once<kNatural, At::country, At::common_name, At::given_name, At::surname, At::pseudonym>),
    etsi("e_etsi_natural_mixed", "EN 319 412-2 NAT-4.2.4-4", "A pseudonym and a real name are not mixed",
         [](const Case& c, std::string&) {
           if (etsi_subject(c) != kNatural || !c.subject.has(At::pseudonym)) return Verdict::silent;
           return must(!c.subject.has(At::given_name) && !c.subject.has(At::surname));
         }),
    etsi("w_etsi_natural_half_name", "EN 319 412-2 NAT-4.2.4-1",
         "A natural person's subject has both given name and surname",
         [](const Case& c, std::string&) {
           if (etsi_subject(c) != kNatural || c.subject.has(At::pseudonym)) return Verdict::silent;
           if (!c.subject.has(At::given_name) && !c.subject.has(At::surname)) return Verdict::silent;
           return must(c.subject.has(At::given_name) && c.subject.has(At::surname));
         }),
    etsi("e_etsi_natural_organization", "EN 319 412-2 NAT-4.2.4-6",
         "An organisation identifier stands beside an organisation's name only",
         [](const Case& c, std::string&) {
           if (etsi_subject(c) != kNatural || !c.subject.has(At::organization_id)) return Verdict::silent;
           return must(c.subject.has(At::organization));
         }),
    etsi("e_etsi_natural_identifier_absent", "EN 319 412-1 NAT-5.1.3-1",
         "With the semantics of natural persons the subject has a serialNumber",
         [](const Case& c, std::string&) {
           return c.semantics == oids::kSemanticsNatural && !c.ca ? must(c.subject.has(At::serial_number))
                                                                  : Verdict::silent;
         }),
    etsi("e_etsi_natural_identifier_form", "EN 319 412-1 NAT-5.1.3-2",
         "The serialNumber is scheme, country, hyphen and number",
         [](const Case& c, std::string& why) {
           return for_natural_identifier(c, why, [](std::string_view, const auto& id) { return must(id.has_value()); });
         }),
    etsi("e_etsi_natural_identifier_scheme", "EN 319 412-1 NAT-5.1.3-3",
         "The scheme of the serialNumber is PAS, IDC, PNO, TIN or a national one",
         [](const Case& c, std::string& why) {
           return for_natural_identifier(c, why, [](std::string_view, const auto& id) {
             if (!id) return Verdict::silent;
             return must(id->is_national || is_one_of(id->scheme, {"PAS", "IDC", "PNO", "TIN", "TAX"}));
           });
         }),
    etsi("w_etsi_natural_identifier_old_scheme", "EN 319 412-1 NAT-5.1.3-3",
         "The scheme of tax numbers is TIN, no more TAX",
         [](const Case& c, std::string& why) {
           return for_natural_identifier(c, why, [](std::string_view, const auto& id) {
             return id ? must(id->scheme != "TAX") : Verdict::silent;
           });
         }),
    etsi("e_etsi_natural_identifier_country", "EN 319 412-1 NAT-5.1.3-4", "The country of the serialNumber exists",
         [](const Case& c, std::string& why) {
           return for_natural_identifier(c, why, [](std::string_view, const auto& id) {
             return id ? must(is_identifier_country(id->country)) : Verdict::silent;
           });
         }),
    etsi("n_etsi_natural_identifier_national", "EN 319 412-1 NAT-5.1.3-3",
         "The scheme of the serialNumber is an international one",
         [](const Case& c, std::string& why) {
           return for_natural_identifier(
               c, why, [](std::string_view, const auto& id) { return id ? must(!id->is_national) : Verdict::silent; });
         }),
    etsi("e_etsi_natural_registration_authority", "EN 319 412-1 NAT-5.1.3-5, -6",
         "A national scheme of the serialNumber names its authority by URI",
         [](const Case& c, std::string&) {
           return registration_authority_named<At::serial_number>(c, oids::kSemanticsNatural);
         }),
    etsi("e_etsi_eidas_natural_identifier", "EN 319 412-1 NAT-5.1.5-3",
         "With the eIDAS semantics of natural persons the serialNumber is COUNTRY/COUNTRY/number",
         [](const Case& c, std::string& why) {
           return for_identifiers<At::serial_number>(
               c, oids::kSemanticsEidasNatural, why,
               [](std::string_view text, const auto&) { return must(is_eidas_natural(text)); });
         }),

    etsi("e_etsi_legal_country", "EN 319 412-3 LEG-4.2.1-2", "A legal person's subject has a country",
         &has_attribute<kLegal, At::country>),
    etsi("e_etsi_legal_organization", "EN 319 412-3 LEG-4.2.1-2", "A legal person's subject has an organisation",
         &has_attribute<kLegal, At::organization>),
    etsi("e_etsi_legal_identifier", "EN 319 412-3 LEG-4.2.1-2",
         "A legal person's subject has an organizationIdentifier", &has_attribute<kLegal, At::organization_id>),
    etsi("e_etsi_legal_common_name", "EN 319 412-3 LEG-4.2.1-2", "A legal person's subject has a common name",
         &has_attribute<kLegal, At::common_name>),
    etsi("e_etsi_legal_repeated", "EN 319 412-3 LEG-4.2.1-3",
         "A legal person's subject has each required attribute once",
         &once<kLegal, At::country, At::organization, At::organization_id, At::common_name>),
    etsi("n_etsi_legal_country_unknown", "EN 319 412-3 LEG-4.2.1-4", "A legal person's country exists",
         [](const Case& c, std::string& why) {
           const Attribute* country = etsi_subject(c) == kLegal ? c.subject.find(At::country) : nullptr;
           if (country == nullptr) return Verdict::silent;
           if (!is_country(country->text)) why = shown(country->text);
           return must(is_country(country->text));
         }),
    etsi("e_etsi_legal_identifier_is_name", "EN 319 412-3 LEG-4.2.1-6",
         "The organizationIdentifier is not the organisation's name",
         [](const Case& c, std::string&) {
           return etsi_subject(c) == kLegal ? identifier_is_no_name(c.subject) : Verdict::silent;
         }),
    etsi("w_etsi_legal_personal_name", "EN 319 412-3 LEG-4.2.1-1",
         "A legal person's subject has no given name, surname or pseudonym",
         [](const Case& c, std::string&) {
           if (etsi_subject(c) != kLegal) return Verdict::silent;
           return must(!c.subject.has(At::given_name) && !c.subject.has(At::surname) && !c.subject.has(At::pseudonym));
         }),
    etsi("e_etsi_legal_identifier_form", "EN 319 412-1 LEG-5.1.4-2",
         "The organizationIdentifier is scheme, country, hyphen and number",
         [](const Case& c, std::string& why) {
           return for_legal_identifier(c, why, [](std::string_view, const auto& id) { return must(id.has_value()); });
         }),
    etsi("e_etsi_legal_identifier_scheme", "EN 319 412-1 LEG-5.1.4-3",
         "The scheme of the organizationIdentifier is VAT, NTR, PSD, LEI or a national one",
         [](const Case& c, std::string& why) {
           return for_legal_identifier(c, why, [](std::string_view, const auto& id) {
             return id ? must(id->is_national || is_one_of(id->scheme, {"VAT", "NTR", "PSD", "LEI"})) : Verdict::silent;
           });
         }),
    etsi("e_etsi_legal_identifier_country", "EN 319 412-1 LEG-5.1.4-3",
         "The country of the organizationIdentifier exists",
         [](const Case& c, std::string& why) {
           return for_legal_identifier(c, why, [](std::string_view, const auto& id) {
             if (!id) return Verdict::silent;
             if (id->scheme == "LEI") return must(id->country == "XG");
             const bool is_tax_area = id->scheme == "VAT" && (id->country == "EL" || id->country == "XI");
             return must(is_tax_area || is_identifier_country(id->country));
           });
         }),
    etsi("e_etsi_legal_identifier_lei", "EN 319 412-1 LEG-5.1.4-3; ISO 17442",
         "A legal entity identifier has 20 characters and right check digits",
         [](const Case& c, std::string& why) {
           return for_legal_identifier(c, why, [](std::string_view, const auto& id) {
             return id && id->scheme == "LEI" ? must(is_lei(id->number)) : Verdict::silent;
           });
         }),
    etsi("n_etsi_legal_identifier_national", "EN 319 412-1 LEG-5.1.4-3",
         "The scheme of the organizationIdentifier is an international one",
         [](const Case& c, std::string& why) {
           return for_legal_identifier(
               c, why, [](std::string_view, const auto& id) { return id ? must(!id->is_national) : Verdict::silent; });
         }),
    etsi("e_etsi_legal_registration_authority", "EN 319 412-1 LEG-5.1.4-5",
         "A national scheme of the organizationIdentifier names its authority by URI",
         [](const Case& c, std::string&) {
           return registration_authority_named<At::organization_id>(c, oids::kSemanticsLegal);
         }),
    etsi("e_etsi_eidas_legal_blank", "EN 319 412-1 LEG-5.1.6-3",
         "With the eIDAS semantics of legal persons the organizationIdentifier has no blanks",
         [](const Case& c, std::string& why) {
           return for_identifiers<At::organization_id>(
               c, oids::kSemanticsEidasLegal, why, [](std::string_view text, const auto&) {
                 return must(text.find_first_of(" \t\r\n") == std::string_view::npos);
               });
         }),
    etsi("e_etsi_eidas_legal_length", "EN 319 412-1 LEG-5.1.6-3",
         "With the eIDAS semantics of legal persons the organizationIdentifier has at most 256 characters",
         [](const Case& c, std::string&) {
           if (c.semantics != oids::kSemanticsEidasLegal || c.ca) return Verdict::silent;
           return each(c.subject.attributes, [](const Attribute& a) {
             return a.type == At::organization_id ? must(a.characters <= 256) : Verdict::silent;
           });
         }),
    etsi("n_etsi_semantics_unknown", "EN 319 412-1 5.1.2", "The semantics identifier is one of EN 319 412-1",
         [](const Case& c, std::string&) {
           if (c.semantics.empty() || !oids::kSemantics.is_above(c.semantics)) return Verdict::silent;
           return must(c.semantics.back() >= 1 && c.semantics.back() <= 4);
         }),

    etsi("e_etsi_issuer_country", "EN 319 412-2 GEN-4.2.3.1-2", "The issuer has a country", &issuer_has<At::country>),
    etsi("e_etsi_issuer_organization", "EN 319 412-2 GEN-4.2.3.1-2", "The issuer has an organisation",
         &issuer_has<At::organization>),
    etsi("e_etsi_issuer_common_name", "EN 319 412-2 GEN-4.2.3.1-2", "The issuer has a common name",
         &issuer_has<At::common_name>),
    etsi("e_etsi_issuer_repeated", "EN 319 412-2 GEN-4.2.3.1-5",
         "The issuer has country, organisation and common name once",
         [](const Case& c, std::string&) {
           if (!is_person(c)) return Verdict::silent;
           return must(c.issuer.count(At::country) <= 1 && c.issuer.count(At::organization) <= 1 &&
                       c.issuer.count(At::common_name) <= 1);
         }),
    etsi("n_etsi_issuer_country_unknown", "EN 319 412-2 GEN-4.2.3.1-6", "The issuer's country exists",
         [](const Case& c, std::string& why) {
           const Attribute* country = is_person(c) ? c.issuer.find(At::country) : nullptr;
           if (country == nullptr) return Verdict::silent;
           if (!is_country(country->text)) why = shown(country->text);
           return must(is_country(country->text));
         }),
    etsi("e_etsi_issuer_identifier_is_name", "EN 319 412-2 GEN-4.2.3.1-3",
         "The issuer's organizationIdentifier is not its name",
         [](const Case& c, std::string&) { return is_person(c) ? identifier_is_no_name(c.issuer) : Verdict::silent; }),
};

}  // namespace

std::span<const Entry> etsi_name_rules() {
  return kRules;
}

}  // namespace kyso::pki::lint

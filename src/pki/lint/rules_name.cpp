#include "crypto/der.h"
#include "pki/lint/rule_table.h"

// Issuer and subject: RFC 5280 sections 4.1.2.4, 4.1.2.6, 7.1 and the upper bounds of appendix A.1.
namespace kyso::pki::lint {
namespace {

namespace der = crypto::der;

using Side = NameView View::*;
constexpr Side kIssuer = &View::issuer, kSubject = &View::subject;

// Judges every attribute of the name; `keeps` is asked for text that could be read.
template <typename F>
Verdict for_texts(const NameView& name, std::string& why, F keeps) {
  return each(name.attributes, [&](const Attribute& attribute) {
    if (!attribute.is_text || !attribute.is_well_encoded) return Verdict::silent;
    if (keeps(attribute)) return Verdict::passes;
    why = shown(attribute.text);
    return Verdict::fails;
  });
}

template <Side kSide, At kType, std::size_t kMost>
Verdict at_most(const Case& c, std::string& why) {
  return each((c.*kSide).attributes, [&](const Attribute& attribute) {
    if (attribute.type != kType || !attribute.is_text) return Verdict::silent;
    if (attribute.characters <= kMost) return Verdict::passes;
    why = fmt::format("{} characters", attribute.characters);
    return Verdict::fails;
  });
}

template <Side kSide, At kType, std::uint8_t kTag>
Verdict has_tag(const Case& c, std::string& why) {
  return each((c.*kSide).attributes, [&](const Attribute& attribute) {
    if (attribute.type != kType) return Verdict::silent;
    if (attribute.tag == kTag) return Verdict::passes;
    why = fmt::format("type {:#04x}", attribute.tag);
    return Verdict::fails;
  });
}

template <Side kSide, At kType>
Verdict at_most_once(const Case& c, std::string& why) {
  const std::size_t count = (c.*kSide).count(kType);
  if (count == 0) return Verdict::silent;
  if (count > 1) why = fmt::format("{} times", count);
  return must(count == 1);
}

template <Side kSide>
Verdict well_formed(const Case& c, std::string&) {
  return must(!(c.*kSide).is_malformed);
}
template <Side kSide>
Verdict no_empty_rdn(const Case& c, std::string&) {
  return (c.*kSide).rdns == 0 ? Verdict::silent : must(!(c.*kSide).has_empty_rdn);
}
template <Side kSide>
Verdict sorted_rdns(const Case& c, std::string&) {
  return (c.*kSide).rdns == 0 ? Verdict::silent : must(!(c.*kSide).has_unsorted_rdn);
}

// X.501 section 9.3: the attributes of one RDN are of different types.
template <Side kSide>
Verdict distinct_types_in_rdn(const Case& c, std::string& why) {
  const auto& attributes = (c.*kSide).attributes;
  if (attributes.empty()) return Verdict::silent;
  std::vector<ByteView> types;
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    if (i > 0 && attributes[i].rdn != attributes[i - 1].rdn) types.clear();
    types.push_back(attributes[i].oid);
    if (i + 1 < attributes.size() && attributes[i + 1].rdn == attributes[i].rdn) continue;
    if (types.size() < 2) continue;
    std::ranges::sort(types, [](ByteView a, ByteView b) { return std::ranges::lexicographical_compare(a, b); });
    const auto twice =
        std::ranges::adjacent_find(types, [](ByteView a, ByteView b) { return std::ranges::equal(a, b); });
    if (twice == types.end()) continue;
    why = der::read_oid(*twice).value_or("");
    return Verdict::fails;
  }
  return Verdict::passes;
}

bool is_directory_string(At type) {
  switch (type) {
    case At::common_name:
    case At::surname:
    case At::locality:
    case At::state:
    case At::street:
    case At::organization:
    case At::unit:
    case At::title:
    case At::description:
    case At::business_category:
    case At::postal_code:
    case At::name:
    case At::given_name:
    case At::initials:
    case At::generation:
    case At::pseudonym:
    case At::organization_id:
    case At::user_id:
      return true;
    default:
      return false;
  }
}

template <Side kSide>
Verdict directory_strings(const Case& c, std::string& why) {
  return each((c.*kSide).attributes, [&](const Attribute& attribute) {
    if (!is_directory_string(attribute.type)) return Verdict::silent;
    const std::uint8_t tag = attribute.tag;
    if (tag == der::kUtf8String || tag == kPrintableString || tag == kTeletexString || tag == kBmpString ||
        tag == kUniversalString)
      return Verdict::passes;
    why = fmt::format("type {:#04x}", tag);
    return Verdict::fails;
  });
}

// Section 4.1.2.4: PrintableString or UTF8String; the others only where names must stay as they were.
template <Side kSide>
Verdict modern_strings(const Case& c, std::string& why) {
  return each((c.*kSide).attributes, [&](const Attribute& attribute) {
    if (!is_directory_string(attribute.type)) return Verdict::silent;
    if (attribute.tag != kTeletexString && attribute.tag != kBmpString && attribute.tag != kUniversalString)
      return Verdict::passes;
    why = fmt::format("type {:#04x}", attribute.tag);
    return Verdict::fails;
  });
}

template <Side kSide, std::uint8_t kTag>
Verdict well_encoded(const Case& c, std::string& why) {
  return each((c.*kSide).attributes, [&](const Attribute& attribute) {
    if (attribute.tag != kTag) return Verdict::silent;
    if (attribute.is_well_encoded) return Verdict::passes;
    why = der::read_oid(attribute.oid).value_or("");
    return Verdict::fails;
  });
}

template <Side kSide>
Verdict printable_alphabet(const Case& c, std::string& why) {
  return each((c.*kSide).attributes, [&](const Attribute& attribute) {
    if (attribute.tag != kPrintableString) return Verdict::silent;
    if (is_printable_string(as_chars(attribute.value))) return Verdict::passes;
    why = shown(as_chars(attribute.value));
    return Verdict::fails;
  });
}

template <Side kSide>
Verdict no_control_characters(const Case& c, std::string& why) {
  return for_texts(c.*kSide, why, [](const Attribute& attribute) { return !has_control(attribute.text); });
}
template <Side kSide>
Verdict no_empty_values(const Case& c, std::string& why) {
  return each((c.*kSide).attributes, [&](const Attribute& attribute) {
    if (!attribute.value.empty()) return Verdict::passes;
    why = der::read_oid(attribute.oid).value_or("");
    return Verdict::fails;
  });
}
template <Side kSide>
Verdict values_are_strings(const Case& c, std::string& why) {
  return each((c.*kSide).attributes, [&](const Attribute& attribute) {
    if (attribute.type == At::other) return Verdict::silent;
    why = attribute.is_text ? "" : fmt::format("type {:#04x}", attribute.tag);
    return must(attribute.is_text);
  });
}
template <Side kSide>
Verdict composed(const Case& c, std::string& why) {
  return for_texts(c.*kSide, why, [](const Attribute& attribute) { return is_nfc(attribute.text); });
}
template <Side kSide>
Verdict country_exists(const Case& c, std::string& why) {
  return for_texts(c.*kSide, why, [](const Attribute& attribute) {
    if (attribute.type != At::country && attribute.type != At::jurisdiction_country) return true;
    std::string upper(attribute.text);
    for (char& letter : upper) letter = static_cast<char>(letter >= 'a' && letter <= 'z' ? letter - 32 : letter);
    return is_country(upper) || upper == "XX";
  });
}
template <Side kSide>
Verdict country_has_two_letters(const Case& c, std::string& why) {
  return each((c.*kSide).attributes, [&](const Attribute& attribute) {
    if (attribute.type != At::country) return Verdict::silent;
    if (attribute.value.size() == 2) return Verdict::passes;
    why = shown(attribute.text);
    return Verdict::fails;
  });
}
template <Side kSide>
Verdict country_is_upper_case(const Case& c, std::string& why) {
  return each((c.*kSide).attributes, [&](const Attribute& attribute) {
    if (attribute.type != At::country || attribute.text.size() != 2) return Verdict::silent;
    const auto is_upper = [](char letter) { return letter >= 'A' && letter <= 'Z'; };
    if (std::ranges::all_of(attribute.text, is_upper)) return Verdict::passes;
    why = shown(attribute.text);
    return Verdict::fails;
  });
}

bool has_mail_address(const Case& c, std::string_view address) {
  return std::ranges::any_of(c.subject_names, [&](const GeneralNameView& name) {
    return name.kind == GeneralNameView::rfc822 && name.text() == address;
  });
}

Verdict email_also_in_alternative_names(const Case& c, std::string& why) {
  std::size_t left = 16;  // more addresses than a name can sensibly hold
  return each(c.subject.attributes, [&](const Attribute& attribute) {
    if (attribute.type != At::email || left == 0) return Verdict::silent;
    --left;
    if (has_mail_address(c, as_chars(attribute.value))) return Verdict::passes;
    why = shown(attribute.text);
    return Verdict::fails;
  });
}

// RFC 4519 section 2.4: one label for each.
template <Side kSide>
Verdict domain_components(const Case& c, std::string& why) {
  return each((c.*kSide).attributes, [&](const Attribute& attribute) {
    if (attribute.type != At::domain_component) return Verdict::silent;
    if (attribute.text.find('.') == std::string_view::npos && is_host_name(attribute.text)) return Verdict::passes;
    why = shown(attribute.text);
    return Verdict::fails;
  });
}

constexpr std::string_view kBounds = "RFC 5280 A.1";

constexpr Entry kRules[] = {
    rfc(
        "e_issuer_empty", "RFC 5280 4.1.2.4", "The issuer has a name",
        [](const Case& c, std::string&) { return must(!c.issuer.is_empty()); }, kRfc2459),
    rfc("e_issuer_malformed", "RFC 5280 4.1.2.4", "The issuer is a Name in DER", &well_formed<kIssuer>),
    rfc("e_subject_malformed", "RFC 5280 4.1.2.6", "The subject is a Name in DER", &well_formed<kSubject>),
    rfc("e_issuer_rdn_empty", "RFC 5280 4.1.2.4", "No relative distinguished name of the issuer is empty",
        &no_empty_rdn<kIssuer>),
    rfc("e_subject_rdn_empty", "RFC 5280 4.1.2.4", "No relative distinguished name of the subject is empty",
        &no_empty_rdn<kSubject>),
    rfc("e_issuer_rdn_unsorted", "X.690 11.6", "The attributes of each RDN of the issuer stand in the order of DER",
        &sorted_rdns<kIssuer>),
    rfc("e_subject_rdn_unsorted", "X.690 11.6", "The attributes of each RDN of the subject stand in the order of DER",
        &sorted_rdns<kSubject>),
    rfc("e_issuer_rdn_repeats_type", "X.501 9.3", "No RDN of the issuer has two attributes of a type",
        &distinct_types_in_rdn<kIssuer>),
    rfc("e_subject_rdn_repeats_type", "X.501 9.3", "No RDN of the subject has two attributes of a type",
        &distinct_types_in_rdn<kSubject>),
    rfc(
        "e_ca_subject_empty", "RFC 5280 4.1.2.6", "The subject of an authority has a name",
        [](const Case& c, std::string&) { return c.ca ? must(!c.subject.is_empty()) : Verdict::silent; }, kRfc2459),
    rfc(
        "e_subject_empty_without_alternative_name", "RFC 5280 4.1.2.6",
        "A certificate without subject has an alternative name",
        [](const Case& c, std::string&) { return must(!c.subject.is_empty() || c.has(Ext::subject_alt_name)); },
        kRfc2459),

    rfc("e_subject_common_name_too_long", kBounds, "A common name has at most 64 characters",
        &at_most<kSubject, At::common_name, 64>, kRfc2459),
    rfc("e_subject_surname_too_long", kBounds, "A surname has at most 32,768 characters",
        &at_most<kSubject, At::surname, 32768>),
    rfc("w_subject_surname_long", "X.411 annex B", "A surname has at most 64 characters",
        &at_most<kSubject, At::surname, 64>),
    rfc("e_subject_serial_number_too_long", kBounds, "A serialNumber has at most 64 characters",
        &at_most<kSubject, At::serial_number, 64>),
    rfc("e_subject_locality_too_long", kBounds, "A locality has at most 128 characters",
        &at_most<kSubject, At::locality, 128>, kRfc2459),
    rfc("e_subject_state_too_long", kBounds, "A state or province has at most 128 characters",
        &at_most<kSubject, At::state, 128>, kRfc2459),
    rfc("e_subject_street_too_long", "X.520 annex C", "A street address has at most 128 characters",
        &at_most<kSubject, At::street, 128>),
    rfc("e_subject_organization_too_long", kBounds, "An organisation has at most 64 characters",
        &at_most<kSubject, At::organization, 64>, kRfc2459),
    rfc("e_subject_unit_too_long", kBounds, "An organisational unit has at most 64 characters",
        &at_most<kSubject, At::unit, 64>, kRfc2459),
    rfc("e_subject_title_too_long", kBounds, "A title has at most 64 characters", &at_most<kSubject, At::title, 64>),
    rfc("e_subject_given_name_too_long", kBounds, "A given name has at most 32,768 characters",
        &at_most<kSubject, At::given_name, 32768>),
    rfc("w_subject_given_name_long", "X.411 annex B", "A given name has at most 64 characters",
        &at_most<kSubject, At::given_name, 64>),
    rfc("e_subject_initials_too_long", kBounds, "Initials have at most 32,768 characters",
        &at_most<kSubject, At::initials, 32768>),
    rfc("e_subject_pseudonym_too_long", kBounds, "A pseudonym has at most 128 characters",
        &at_most<kSubject, At::pseudonym, 128>),
    rfc("e_subject_postal_code_too_long", kBounds, "A postal code has at most 16 characters",
        &at_most<kSubject, At::postal_code, 16>),
    rfc("e_subject_email_too_long", kBounds, "An e-mail address has at most 255 characters",
        &at_most<kSubject, At::email, 255>, kRfc2459),
    rfc("e_subject_description_too_long", "X.520 annex C", "A description has at most 1,024 characters",
        &at_most<kSubject, At::description, 1024>),
    rfc("e_subject_business_category_too_long", "X.520 annex C", "A business category has at most 128 characters",
        &at_most<kSubject, At::business_category, 128>),
    rfc("e_subject_telephone_too_long", "X.520 annex C", "A telephone number has at most 32 characters",
        &at_most<kSubject, At::telephone, 32>),
    rfc("e_subject_domain_component_too_long", "RFC 1034 3.1", "A domain component has at most 63 characters",
        &at_most<kSubject, At::domain_component, 63>),
    rfc("e_subject_user_id_too_long", "RFC 1274 9.3.1", "A user identifier has at most 256 characters",
        &at_most<kSubject, At::user_id, 256>),
    rfc("e_issuer_common_name_too_long", kBounds, "A common name of the issuer has at most 64 characters",
        &at_most<kIssuer, At::common_name, 64>),
    rfc("e_issuer_organization_too_long", kBounds, "An organisation of the issuer has at most 64 characters",
        &at_most<kIssuer, At::organization, 64>),
    rfc("e_issuer_unit_too_long", kBounds, "An organisational unit of the issuer has at most 64 characters",
        &at_most<kIssuer, At::unit, 64>),

    rfc("e_issuer_country_type", kBounds, "The country of the issuer is a PrintableString",
        &has_tag<kIssuer, At::country, kPrintableString>),
    rfc("e_subject_country_type", kBounds, "The country of the subject is a PrintableString",
        &has_tag<kSubject, At::country, kPrintableString>),
    rfc("e_subject_serial_number_type", kBounds, "The serialNumber of the subject is a PrintableString",
        &has_tag<kSubject, At::serial_number, kPrintableString>),
    rfc("e_subject_dn_qualifier_type", kBounds, "The dnQualifier of the subject is a PrintableString",
        &has_tag<kSubject, At::dn_qualifier, kPrintableString>),
    rfc("e_subject_email_type", "RFC 5280 4.1.2.6", "An e-mail address of the subject is an IA5String",
        &has_tag<kSubject, At::email, kIa5String>),
    rfc("e_subject_domain_component_type", "RFC 5280 4.1.2.4", "A domain component of the subject is an IA5String",
        &has_tag<kSubject, At::domain_component, kIa5String>),
    rfc("e_issuer_domain_component_type", "RFC 5280 4.1.2.4", "A domain component of the issuer is an IA5String",
        &has_tag<kIssuer, At::domain_component, kIa5String>),
    rfc("e_subject_telephone_type", "X.520 6.7.1", "A telephone number of the subject is a PrintableString",
        &has_tag<kSubject, At::telephone, kPrintableString>),
    rfc("e_subject_value_no_string", "RFC 5280 A.1", "The values of the subject's known attributes are strings",
        &values_are_strings<kSubject>),
    rfc("e_issuer_value_no_string", "RFC 5280 A.1", "The values of the issuer's known attributes are strings",
        &values_are_strings<kIssuer>),
    rfc("e_issuer_directory_string_type", "RFC 5280 4.1.2.4",
        "The issuer's directory strings are of a type that DirectoryString has", &directory_strings<kIssuer>),
    rfc("e_subject_directory_string_type", "RFC 5280 4.1.2.4",
        "The subject's directory strings are of a type that DirectoryString has", &directory_strings<kSubject>),
    rfc("w_subject_string_type_old", "RFC 5280 4.1.2.4",
        "The subject's directory strings are PrintableString or UTF8String", &modern_strings<kSubject>),
    rfc("w_issuer_string_type_old", "RFC 5280 4.1.2.4",
        "The issuer's directory strings are PrintableString or UTF8String", &modern_strings<kIssuer>),
    rfc("e_subject_printable_string_alphabet", "RFC 5280 appendix B",
        "A PrintableString of the subject has characters of its alphabet only", &printable_alphabet<kSubject>,
        kRfc2459),
    rfc("e_issuer_printable_string_alphabet", "RFC 5280 appendix B",
        "A PrintableString of the issuer has characters of its alphabet only", &printable_alphabet<kIssuer>),
    rfc("e_subject_utf8_invalid", "RFC 5280 4.1.2.4; RFC 3629", "A UTF8String of the subject is UTF-8",
        &well_encoded<kSubject, der::kUtf8String>),
    rfc("e_issuer_utf8_invalid", "RFC 5280 4.1.2.4; RFC 3629", "A UTF8String of the issuer is UTF-8",
        &well_encoded<kIssuer, der::kUtf8String>),
    rfc("e_subject_ia5_invalid", "X.680 41", "An IA5String of the subject has ASCII characters only",
        &well_encoded<kSubject, kIa5String>),
    rfc("e_subject_bmp_invalid", "X.690 8.23.8", "A BMPString of the subject has two octets for each character",
        &well_encoded<kSubject, kBmpString>),
    rfc("e_subject_control_character", "RFC 5280 A.1", "The subject has no control characters",
        &no_control_characters<kSubject>),
    rfc("e_issuer_control_character", "RFC 5280 A.1", "The issuer has no control characters",
        &no_control_characters<kIssuer>),
    rfc("e_subject_value_empty", "RFC 5280 A.1", "No attribute of the subject is empty", &no_empty_values<kSubject>),
    rfc("e_issuer_value_empty", "RFC 5280 A.1", "No attribute of the issuer is empty", &no_empty_values<kIssuer>),
    rfc("w_subject_not_nfc", "RFC 5280 7.1", "The subject's text is normalised (NFC)", &composed<kSubject>),
    rfc("w_issuer_not_nfc", "RFC 5280 7.1", "The issuer's text is normalised (NFC)", &composed<kIssuer>),
    rfc("e_subject_country_length", "RFC 5280 A.1", "The country of the subject has two letters",
        &country_has_two_letters<kSubject>),
    rfc("e_issuer_country_length", "RFC 5280 A.1", "The country of the issuer has two letters",
        &country_has_two_letters<kIssuer>),
    rfc("e_subject_country_unknown", "X.520 6.3.1; ISO 3166-1", "The country of the subject exists",
        &country_exists<kSubject>),
    rfc("w_issuer_country_unknown", "X.520 6.3.1; ISO 3166-1", "The country of the issuer exists",
        &country_exists<kIssuer>),
    rfc("e_subject_country_lower_case", "ISO 3166-1 5.1", "The country of the subject is in capital letters",
        &country_is_upper_case<kSubject>),
    rfc("w_issuer_country_lower_case", "ISO 3166-1 5.1", "The country of the issuer is in capital letters",
        &country_is_upper_case<kIssuer>),
    rfc("e_subject_country_repeated", "X.520 6.3.1", "The subject has one country",
        &at_most_once<kSubject, At::country>),
    rfc("w_subject_common_name_repeated", "X.521 6.6", "The subject has one common name",
        &at_most_once<kSubject, At::common_name>),
    rfc("e_subject_serial_number_repeated", "X.520 6.2.9", "The subject has one serialNumber",
        &at_most_once<kSubject, At::serial_number>),
    rfc("e_subject_email_not_in_alternative_names", "RFC 5280 4.1.2.6",
        "An e-mail address of the subject stands in the alternative names too", &email_also_in_alternative_names,
        kRfc2459),
    rfc("n_subject_email_deprecated", "RFC 5280 4.1.2.6", "E-mail addresses stand in the alternative names alone",
        [](const Case& c, std::string&) {
          return c.subject.has(At::email) || c.has(Ext::subject_alt_name) ? must(!c.subject.has(At::email))
                                                                          : Verdict::silent;
        }),
    rfc("e_subject_email_syntax", "RFC 2985 5.2.1; RFC 5321 4.1.2", "An e-mail address of the subject is a mailbox",
        [](const Case& c, std::string& why) {
          return for_texts(c.subject, why,
                           [](const Attribute& a) { return a.type != At::email || is_mailbox(a.text); });
        }),
    rfc("e_subject_domain_component_syntax", "RFC 4519 2.4",
        "A domain component of the subject is one label of a host name", &domain_components<kSubject>),
    rfc("e_issuer_domain_component_syntax", "RFC 4519 2.4",
        "A domain component of the issuer is one label of a host name", &domain_components<kIssuer>),
};

}  // namespace

std::span<const Entry> name_rules() {
  return kRules;
}

}  // namespace kyso::pki::lint

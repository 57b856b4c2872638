#include <algorithm>

#include "base/text.h"
#include "pki/lint/rule_table.h"
#include "pki/lint/usage.h"

// Names: what people mistype, and the conventions of the Vietnamese government's certificates.
namespace kyso::pki::lint {
namespace {

using Side = NameView View::*;
constexpr Side kIssuer = &View::issuer, kSubject = &View::subject;

template <Side kSide, typename F>
Verdict for_texts(const Case& c, std::string& why, F keeps) {
  return each((c.*kSide).attributes, [&](const Attribute& attribute) {
    if (!attribute.is_text || !attribute.is_well_encoded) return Verdict::silent;
    if (keeps(attribute)) return Verdict::passes;
    why = shown(attribute.text);
    return Verdict::fails;
  });
}

template <Side kSide>
Verdict no_leading_blank(const Case& c, std::string& why) {
  return for_texts<kSide>(c, why,
                          [](const Attribute& a) { return !a.text.starts_with(' ') && !a.text.starts_with('\t'); });
}
template <Side kSide>
Verdict no_trailing_blank(const Case& c, std::string& why) {
  return for_texts<kSide>(
      c, why, [](const Attribute& a) { return a.text.empty() || (a.text.back() != ' ' && a.text.back() != '\t'); });
}
template <Side kSide>
Verdict one_attribute_in_rdn(const Case& c, std::string&) {
  const NameView& name = c.*kSide;
  return name.rdns == 0 ? Verdict::silent : must(name.attributes.size() <= name.rdns);
}

bool is_placeholder(std::string_view text) {
  static constexpr std::string_view kTexts[] = {"-",
                                                "--",
                                                ".",
                                                "..",
                                                "?",
                                                "n/a",
                                                "na",
                                                "none",
                                                "null",
                                                "unknown",
                                                "undefined",
                                                "some-state",
                                                "default city",
                                                "internet widgits pty ltd",
                                                "default company ltd",
                                                "không có",
                                                "example",
                                                "changeme",
                                                "your name",
                                                "todo"};
  return std::ranges::any_of(kTexts, [&](std::string_view each) {
    return text.size() == each.size() && starts_with_ignoring_case(text, each);
  });
}

// Non-ASCII code points.
template <typename F>
bool any_point(std::string_view text, F test) {
  if (is_ascii(text)) return false;
  return std::ranges::any_of(to_utf32(text), test);
}

// UTF-8 that was taken for Latin-1: "Ã" or "Ä", "Æ", "á»", "áº" before what was a continuation octet.
bool is_mojibake(std::string_view text) {
  if (is_ascii(text)) return false;
  const std::u32string points = to_utf32(text);
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    const char32_t a = points[i], b = points[i + 1];
    if (a >= 0xc2 && a <= 0xdf && b >= 0x80 && b <= 0xbf) return true;
    if (a >= 0xe0 && a <= 0xef && b >= 0x80 && b <= 0xbf && i + 2 < points.size() && points[i + 2] >= 0x80 &&
        points[i + 2] <= 0xbf)
      return true;
  }
  return false;
}

bool is_invisible(char32_t x) {
  return x == 0xad || x == 0xa0 || (x >= 0x200b && x <= 0x200f) || (x >= 0x2028 && x <= 0x202f) ||
         (x >= 0x2060 && x <= 0x206f) || x == 0xfeff;
}
bool is_foreign_letter(char32_t x) {  // Greek and Cyrillic
  return x >= 0x370 && x <= 0x52f;
}
bool is_latin_letter(char32_t x) {
  return (x >= 'A' && x <= 'Z') || (x >= 'a' && x <= 'z') || (x >= 0xc0 && x <= 0x24f) || (x >= 0x1e00 && x <= 0x1eff);
}
bool is_false_d(char32_t x) {  // Ð, ð, Ɖ, ɖ stand where Đ, đ (U+0110, U+0111) should
  return x == 0xd0 || x == 0xf0 || x == 0x189 || x == 0x256;
}

bool is_vietnamese(const Case& c) {
  const Attribute* country = c.subject.find(At::country);
  return country != nullptr && starts_with_ignoring_case(country->text, "VN") && country->text.size() == 2;
}
bool is_vietnamese_end_entity(const Case& c) {
  return is_vietnamese(c) && !c.ca;
}
bool is_machine(const Case& c) {
  return c.has_usage(oids::kServerAuth) || c.has_usage(oids::kOcspSigning) || c.has_usage(oids::kTimeStamping) ||
         c.has_usage(oids::kCodeSigning);
}

// Identifiers of the form "CCCD:012345678901" in the attribute UID.
template <typename F>
Verdict for_identifiers(const Case& c, std::string& why, std::string_view prefix, F keeps) {
  return each(c.subject.attributes, [&](const Attribute& attribute) {
    if (attribute.type != At::user_id || !starts_with_ignoring_case(attribute.text, prefix)) return Verdict::silent;
    if (keeps(attribute.text.substr(prefix.size()))) return Verdict::passes;
    why = shown(attribute.text);
    return Verdict::fails;
  });
}

bool is_tax_code(std::string_view text) {
  if (text.size() == 14 && text[10] == '-') return is_digits(text.substr(0, 10)) && is_digits(text.substr(11));
  return is_digits(text) && (text.size() == 10 || text.size() == 12 || text.size() == 13);
}
// The tenth digit of a tax code: 10 - (31 a + 29 b + 23 c + 19 d + 17 e + 13 f + 7 g + 5 h + 3 i) modulo 11.
bool has_check_digit(std::string_view text) {
  static constexpr int kWeights[] = {31, 29, 23, 19, 17, 13, 7, 5, 3};
  if (text.size() < 10 || !is_digits(text.substr(0, 10))) return true;
  int sum = 0;
  for (std::size_t i = 0; i < 9; ++i) sum += kWeights[i] * (text[i] - '0');
  return 10 - sum % 11 == text[9] - '0';
}
// The number of a citizen: province (001 to 096, those before the merger of 2025), century and sex, year, six
// digits.
bool has_province(std::string_view cccd) {
  if (cccd.size() < 3 || !is_digits(cccd.substr(0, 3))) return true;
  const int province = (cccd[0] - '0') * 100 + (cccd[1] - '0') * 10 + (cccd[2] - '0');
  return province >= 1 && province <= 96;
}

constexpr std::string_view kPrefixes[] = {"CCCD:", "CMND:", "MST:", "HC:", "MNS:", "BHXH:", "QDTL:", "GPTL:"};

bool is_marked_for_encryption(const Case& c) {
  const Attribute* name = c.subject.find(At::common_name);
  return name != nullptr && (name->text.ends_with("(M)") || name->text.ends_with("(m)"));
}

constexpr std::uint16_t kSigns = usage::kDigitalSignature | usage::kNonRepudiation;
constexpr std::uint16_t kEnciphers = usage::kKeyEncipherment | usage::kDataEncipherment | usage::kKeyAgreement;

constexpr std::string_view kNational = "National DN convention";

constexpr Entry kRules[] = {
    own("w_subject_leading_blank", "Kyso", "No value of the subject begins with a blank", &no_leading_blank<kSubject>),
    own("w_subject_trailing_blank", "Kyso", "No value of the subject ends with a blank", &no_trailing_blank<kSubject>),
    own("w_issuer_leading_blank", "Kyso", "No value of the issuer begins with a blank", &no_leading_blank<kIssuer>),
    own("w_issuer_trailing_blank", "Kyso", "No value of the issuer ends with a blank", &no_trailing_blank<kIssuer>),
    own("w_subject_double_blank", "Kyso", "No value of the subject has two blanks in a row",
        [](const Case& c, std::string& why) {
          return for_texts<kSubject>(c, why,
                                     [](const Attribute& a) { return a.text.find("  ") == std::string_view::npos; });
        }),
    own("w_subject_placeholder", "Kyso", "No value of the subject stands for nothing",
        [](const Case& c, std::string& why) {
          return for_texts<kSubject>(c, why, [](const Attribute& a) { return !is_placeholder(a.text); });
        }),
    own("w_subject_replacement_character", "Kyso", "The subject has no replacement character (U+FFFD)",
        [](const Case& c, std::string& why) {
          return for_texts<kSubject>(
              c, why, [](const Attribute& a) { return a.text.find("\xef\xbf\xbd") == std::string_view::npos; });
        }),
    own("w_subject_mojibake", "Kyso", "The subject's text is not UTF-8 taken for Latin-1",
        [](const Case& c, std::string& why) {
          return for_texts<kSubject>(c, why, [](const Attribute& a) { return !is_mojibake(a.text); });
        }),
    own("w_subject_html_entity", "Kyso", "The subject has no HTML entities",
        [](const Case& c, std::string& why) {
          return for_texts<kSubject>(c, why, [](const Attribute& a) {
            for (const std::string_view entity : {"&amp;", "&lt;", "&gt;", "&quot;", "&nbsp;", "&apos;", "&#"})
              if (a.text.find(entity) != std::string_view::npos) return false;
            return true;
          });
        }),
    own("w_subject_invisible_character", "Kyso", "The subject has no invisible characters",
        [](const Case& c, std::string& why) {
          return for_texts<kSubject>(c, why, [](const Attribute& a) { return !any_point(a.text, is_invisible); });
        }),
    own("w_subject_mixed_scripts", "Kyso", "No value of the subject mixes Latin letters with Greek or Cyrillic ones",
        [](const Case& c, std::string& why) {
          return for_texts<kSubject>(c, why, [](const Attribute& a) {
            return !any_point(a.text, is_foreign_letter) || !any_point(a.text, is_latin_letter);
          });
        }),
    own("n_subject_multivalued_rdn", "Kyso", "Each RDN of the subject has one attribute",
        &one_attribute_in_rdn<kSubject>),
    own("w_issuer_multivalued_rdn", "Kyso", "Each RDN of the issuer has one attribute", &one_attribute_in_rdn<kIssuer>),
    own("w_subject_attributes_many", "Kyso", "The subject has at most 20 attributes",
        [](const Case& c, std::string&) {
          return c.subject.rdns == 0 ? Verdict::silent : must(c.subject.attributes.size() <= 20);
        }),
    own("w_subject_large", "Kyso", "The subject has at most 1,024 octets: tokens hold no more",
        [](const Case& c, std::string&) { return must(c.subject.whole.size() <= 1024); }),
    own("n_subject_attribute_unknown", "Kyso", "The attributes of the subject are known ones",
        [](const Case& c, std::string& why) {
          return each(c.subject.attributes, [&](const Attribute& a) {
            if (a.type != At::other) return Verdict::passes;
            why = shown(a.text);
            return Verdict::fails;
          });
        }),
    own("w_subject_common_name_absent", "Kyso", "The subject has a common name: programs show it",
        [](const Case& c, std::string&) {
          return c.subject.is_empty() ? Verdict::silent : must(c.subject.has(At::common_name));
        }),
    own("n_subject_country_differs", "Kyso", "Subject and issuer are of one country",
        [](const Case& c, std::string& why) {
          const Attribute *subject = c.subject.find(At::country), *issuer = c.issuer.find(At::country);
          if (subject == nullptr || issuer == nullptr) return Verdict::silent;
          if (subject->text != issuer->text) why = fmt::format("{} by {}", shown(subject->text), shown(issuer->text));
          return must(subject->text == issuer->text);
        }),

    own("w_vn_false_d", kNational, "The letter Đ is U+0110, not the letter Ð of other languages",
        [](const Case& c, std::string& why) {
          if (!is_vietnamese(c)) return Verdict::silent;
          return for_texts<kSubject>(c, why, [](const Attribute& a) { return !any_point(a.text, is_false_d); });
        }),
    own("w_vn_country_not_first", kNational, "The country stands first in the encoding",
        [](const Case& c, std::string&) {
          return is_vietnamese(c) ? must(c.subject.attributes.front().type == At::country) : Verdict::silent;
        }),
    own("w_vn_common_name_before_organization", kNational,
        "The organisation stands before the common name in the encoding",
        [](const Case& c, std::string&) {
          const Attribute *name = c.subject.find(At::common_name), *organization = c.subject.find(At::organization);
          return is_vietnamese(c) && name != nullptr && organization != nullptr ? must(organization->rdn <= name->rdn)
                                                                                : Verdict::silent;
        }),
    own("n_vn_locality_absent", kNational, "A person or organisation has a province or city (L)",
        [](const Case& c, std::string&) {
          return is_vietnamese_end_entity(c) && !is_machine(c)
                     ? must(c.subject.has(At::locality) || c.subject.has(At::state))
                     : Verdict::silent;
        }),
    own("n_vn_organization_absent", kNational, "A person or organisation has a ministry, province or company (O)",
        [](const Case& c, std::string&) {
          return is_vietnamese_end_entity(c) && !is_machine(c) ? must(c.subject.has(At::organization))
                                                               : Verdict::silent;
        }),
    own("n_vn_identifier_absent", kNational,
        "A person or organisation has an identifier (UID or serialNumber or organizationIdentifier)",
        [](const Case& c, std::string&) {
          if (!is_vietnamese_end_entity(c) || is_machine(c)) return Verdict::silent;
          return must(c.subject.has(At::user_id) || c.subject.has(At::serial_number) ||
                      c.subject.has(At::organization_id));
        }),
    own("w_vn_identifier_prefix", kNational, "A UID begins with CCCD:, CMND:, MST:, HC:, MNS: or BHXH:",
        [](const Case& c, std::string& why) {
          if (!is_vietnamese(c)) return Verdict::silent;
          return each(c.subject.attributes, [&](const Attribute& a) {
            if (a.type != At::user_id) return Verdict::silent;
            if (std::ranges::any_of(kPrefixes, [&](std::string_view prefix) { return a.text.starts_with(prefix); }))
              return Verdict::passes;
            why = shown(a.text);
            return Verdict::fails;
          });
        }),
    own("w_vn_identifier_repeated", kNational, "No kind of UID stands twice",
        [](const Case& c, std::string& why) {
          if (!is_vietnamese(c) || !c.subject.has(At::user_id)) return Verdict::silent;
          for (const std::string_view prefix : kPrefixes) {
            const auto count = std::ranges::count_if(c.subject.attributes, [&](const Attribute& a) {
              return a.type == At::user_id && a.text.starts_with(prefix);
            });
            if (count < 2) continue;
            why = prefix;
            return Verdict::fails;
          }
          return Verdict::passes;
        }),
    own("w_vn_cccd", kNational, "A citizen's identity number (CCCD) has 12 digits",
        [](const Case& c, std::string& why) {
          return for_identifiers(c, why, "CCCD:", [](std::string_view id) { return id.size() == 12 && is_digits(id); });
        }),
    own("w_vn_cccd_province", kNational, "A citizen's identity number begins with a province's number",
        [](const Case& c, std::string& why) {
          return for_identifiers(c, why, "CCCD:", [](std::string_view id) { return has_province(id); });
        }),
    own("w_vn_cmnd", kNational, "An old identity card's number (CMND) has 9 or 12 digits",
        [](const Case& c, std::string& why) {
          return for_identifiers(c, why, "CMND:", [](std::string_view id) {
            return is_digits(id) && (id.size() == 9 || id.size() == 12);
          });
        }),
    own("w_vn_mst", kNational, "A tax code (MST) has 10 digits, 10 and 3 with a hyphen, or 12",
        [](const Case& c, std::string& why) {
          return for_identifiers(c, why, "MST:", [](std::string_view id) { return is_tax_code(id); });
        }),
    own("n_vn_mst_check_digit", kNational, "A tax code has the right check digit",
        [](const Case& c, std::string& why) {
          return for_identifiers(c, why, "MST:", [](std::string_view id) {
            return !is_tax_code(id) || id.size() == 12 || has_check_digit(id);
          });
        }),
    own("w_vn_passport", kNational, "A passport's number (HC) has a letter and 7 or 8 digits",
        [](const Case& c, std::string& why) {
          return for_identifiers(c, why, "HC:", [](std::string_view id) {
            return (id.size() == 8 || id.size() == 9) && id[0] >= 'A' && id[0] <= 'Z' && is_digits(id.substr(1));
          });
        }),
    own("w_vn_identifier_blank", kNational, "A UID has no blanks and is not empty behind its prefix",
        [](const Case& c, std::string& why) {
          if (!is_vietnamese(c)) return Verdict::silent;
          return each(c.subject.attributes, [&](const Attribute& a) {
            if (a.type != At::user_id) return Verdict::silent;
            if (a.text.find(' ') == std::string_view::npos && !a.text.ends_with(':')) return Verdict::passes;
            why = shown(a.text);
            return Verdict::fails;
          });
        }),
    own("w_vn_encryption_mark_on_signer", kNational,
        "The mark (M) in a common name stands for a key that enciphers and does not sign",
        [](const Case& c, std::string& why) {
          if (!is_marked_for_encryption(c) || !c.is_readable(Ext::key_usage)) return Verdict::silent;
          const bool fits = (c.key_usage & kEnciphers) != 0 && (c.key_usage & kSigns) == 0;
          if (!fits) why = shown(c.subject.find(At::common_name)->text);
          return must(fits);
        }),
    own("n_vn_encryption_mark_absent", kNational, "The common name of a key that only enciphers ends with (M)",
        [](const Case& c, std::string&) {
          if (!is_vietnamese_end_entity(c) || !c.is_readable(Ext::key_usage) || is_machine(c)) return Verdict::silent;
          if ((c.key_usage & kEnciphers) == 0 || (c.key_usage & kSigns) != 0) return Verdict::silent;
          return must(is_marked_for_encryption(c));
        }),
};

}  // namespace

std::span<const Entry> own_name_rules() {
  return kRules;
}

}  // namespace kyso::pki::lint

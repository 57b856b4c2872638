#include <algorithm>

#include "crypto/der.h"
#include "pki/lint/rule_table.h"

// subjectAltName and issuerAltName: RFC 5280 sections 4.2.1.6, 4.2.1.7, 7.2 to 7.5, RFC 8398, RFC 9549.
namespace kyso::pki::lint {
namespace {

namespace der = crypto::der;

using Kind = GeneralNameView::Kind;
using Names = GeneralNamesView View::*;
constexpr Names kSubject = &View::subject_names, kIssuer = &View::issuer_names;

template <Names kNames>
constexpr Ext kExtension = kNames == kSubject ? Ext::subject_alt_name : Ext::issuer_alt_name;

template <Names kNames>
bool has_names(const Case& c) {
  return c.has(kExtension<kNames>);
}

// Judges the names of a kind; passes when the extension is there.
template <Names kNames, Kind kKind, typename F>
Verdict for_kind(const Case& c, std::string& why, F keeps) {
  if (!has_names<kNames>(c)) return Verdict::silent;
  const Verdict verdict = each(c.*kNames, [&](const GeneralNameView& name) {
    if (name.kind != kKind || keeps(name.text())) return Verdict::passes;
    why = shown(name.text());
    return Verdict::fails;
  });
  return std::max(verdict, Verdict::passes);
}

template <Names kNames, Kind kKind>
Verdict ascii_only(const Case& c, std::string& why) {
  return for_kind<kNames, kKind>(c, why, [](std::string_view text) { return is_ascii(text); });
}
template <Names kNames>
Verdict not_empty(const Case& c, std::string&) {
  return c.is_readable(kExtension<kNames>) ? must(!(c.*kNames).empty()) : Verdict::silent;
}
template <Names kNames>
Verdict no_empty_name(const Case& c, std::string&) {
  if (!has_names<kNames>(c)) return Verdict::silent;
  return must(std::ranges::none_of(c.*kNames, [](const GeneralNameView& name) { return name.content.empty(); }));
}
template <Names kNames>
Verdict no_space_name(const Case& c, std::string& why) {
  return for_kind<kNames, Kind::dns>(c, why, [](std::string_view text) { return text != " "; });
}
// "<", a comment, a blank: the first faults that people make. The whole syntax is another rule.
template <Names kNames>
Verdict mail_without_decoration(const Case& c, std::string& why) {
  return for_kind<kNames, Kind::rfc822>(c, why, [](std::string_view text) {
    return text.empty() || (text.find(' ') == std::string_view::npos && text.front() != '<' && text.back() != ')');
  });
}
template <Names kNames>
Verdict mail_is_mailbox(const Case& c, std::string& why) {
  return for_kind<kNames, Kind::rfc822>(c, why, [](std::string_view text) { return is_mailbox(text); });
}
template <Names kNames>
Verdict uri_is_absolute(const Case& c, std::string& why) {
  return for_kind<kNames, Kind::uri>(c, why, [](std::string_view text) { return !read_uri(text).scheme.empty(); });
}
template <Names kNames>
Verdict uri_has_both_parts(const Case& c, std::string& why) {
  return for_kind<kNames, Kind::uri>(c, why, [](std::string_view text) {
    const Uri uri = read_uri(text);
    return !uri.scheme.empty() && (!uri.host.empty() || !uri.path.empty());
  });
}
template <Names kNames>
Verdict uri_is_well_formed(const Case& c, std::string& why) {
  return for_kind<kNames, Kind::uri>(c, why, [](std::string_view text) { return read_uri(text).is_well_formed; });
}
template <Names kNames>
Verdict uri_host_is_complete(const Case& c, std::string& why) {
  return for_kind<kNames, Kind::uri>(c, why, [](std::string_view text) {
    const Uri uri = read_uri(text);
    if (!uri.has_authority) return true;
    return uri.is_literal_address || (is_host_name(uri.host) && uri.host.find('.') != std::string_view::npos);
  });
}

std::string_view without_wildcard(std::string_view name) {
  return name.starts_with("*.") ? name.substr(2) : name;
}

template <Names kNames>
Verdict dns_labels_present(const Case& c, std::string& why) {
  return for_kind<kNames, Kind::dns>(c, why, [](std::string_view text) {
    return text.empty() || !first_label(text, [](std::string_view label) { return label.empty(); });
  });
}
template <Names kNames>
Verdict dns_characters(const Case& c, std::string& why) {
  return for_kind<kNames, Kind::dns>(c, why, [](std::string_view text) {
    return std::ranges::all_of(without_wildcard(text), [](char x) {
      return (x >= 'a' && x <= 'z') || (x >= 'A' && x <= 'Z') || (x >= '0' && x <= '9') || x == '-' || x == '.';
    });
  });
}
template <Names kNames>
Verdict dns_hyphens(const Case& c, std::string& why) {
  return for_kind<kNames, Kind::dns>(c, why, [](std::string_view text) {
    return !first_label(text, [](std::string_view label) { return label.starts_with('-') || label.ends_with('-'); });
  });
}
template <Names kNames>
Verdict dns_label_length(const Case& c, std::string& why) {
  return for_kind<kNames, Kind::dns>(c, why, [](std::string_view text) {
    return !first_label(text, [](std::string_view label) { return label.size() > 63; });
  });
}
template <Names kNames>
Verdict dns_length(const Case& c, std::string& why) {
  return for_kind<kNames, Kind::dns>(c, why, [](std::string_view text) { return text.size() <= 253; });
}
template <Names kNames>
Verdict ip_length(const Case& c, std::string& why) {
  return for_kind<kNames, Kind::ip>(c, why,
                                    [](std::string_view octets) { return octets.size() == 4 || octets.size() == 16; });
}

bool is_idna(std::string_view label) {
  return starts_with_ignoring_case(label, "xn--");
}

Verdict idn_decodes(const Case& c, std::string& why) {
  return for_kind<kSubject, Kind::dns>(c, why, [](std::string_view text) {
    return !first_label(text,
                        [](std::string_view label) { return is_idna(label) && !decode_punycode(label.substr(4)); });
  });
}
Verdict idn_is_nfc(const Case& c, std::string& why) {
  return for_kind<kSubject, Kind::dns>(c, why, [](std::string_view text) {
    return !first_label(text, [](std::string_view label) {
      if (!is_idna(label)) return false;
      const auto decoded = decode_punycode(label.substr(4));
      return decoded && !is_nfc(*decoded);
    });
  });
}
// RFC 5890 section 2.3.2.1: "??--" is kept for such encodings, and "xn--" with only ASCII in it is none.
Verdict idn_is_needed(const Case& c, std::string& why) {
  return for_kind<kSubject, Kind::dns>(c, why, [](std::string_view text) {
    return !first_label(text, [](std::string_view label) {
      if (!is_idna(label)) return label.size() > 3 && label[2] == '-' && label[3] == '-';
      const auto decoded = decode_punycode(label.substr(4));
      return decoded && is_ascii(*decoded);
    });
  });
}

// OtherName: type-id and [0] value.
bool read_other(const GeneralNameView& name, ByteView& oid, Element& value) {
  Cursor cursor(name.content);
  Element type, wrapper;
  if (!cursor.expect(der::kOid, type) || !cursor.expect(der::context(0), wrapper) || !cursor.ended_well()) return false;
  oid = type.content;
  Cursor inside(wrapper.content);
  return inside.next(value) && inside.ended_well();
}
template <typename F>
Verdict for_others(const Case& c, F judge) {
  return each(c.subject_names, [&](const GeneralNameView& name) {
    if (name.kind != Kind::other) return Verdict::silent;
    ByteView oid;
    Element value;
    return judge(read_other(name, oid, value), oid, value);
  });
}

Verdict distinct_names(const Case& c, std::string& why) {
  if (c.subject_names.size() < 2) return c.subject_names.empty() ? Verdict::silent : Verdict::passes;
  std::vector<ByteView> sorted;
  sorted.reserve(c.subject_names.size());
  for (const GeneralNameView& name : c.subject_names) sorted.push_back(name.whole);
  std::ranges::sort(sorted, [](ByteView a, ByteView b) { return std::ranges::lexicographical_compare(a, b); });
  const auto twice =
      std::ranges::adjacent_find(sorted, [](ByteView a, ByteView b) { return std::ranges::equal(a, b); });
  if (twice != sorted.end()) why = shown(as_chars(twice->subspan(2)));
  return must(twice == sorted.end());
}

Verdict directory_names_are_names(const Case& c, std::string&) {
  return each(c.subject_names, [](const GeneralNameView& name) {
    if (name.kind != Kind::directory) return Verdict::silent;
    Cursor cursor(name.content);
    Element sequence;
    return must(cursor.expect(der::kSequence, sequence) && cursor.ended_well() && !sequence.content.empty());
  });
}

Verdict mail_domain_is_lower_case(const Case& c, std::string& why) {
  return for_kind<kSubject, Kind::rfc822>(c, why, [](std::string_view text) {
    const std::size_t at = text.rfind('@');
    return at == std::string_view::npos ||
           std::ranges::none_of(text.substr(at), [](char x) { return x >= 'A' && x <= 'Z'; });
  });
}

constexpr std::string_view kSan = "RFC 5280 4.2.1.6";
constexpr std::string_view kIan = "RFC 5280 4.2.1.7";

constexpr Entry kRules[] = {
    rfc("e_subject_alternative_name_empty", kSan, "subjectAltName has at least one name", &not_empty<kSubject>,
        kRfc2459),
    rfc("e_issuer_alternative_name_empty", kIan, "issuerAltName has at least one name", &not_empty<kIssuer>, kRfc2459),
    rfc("e_san_name_empty", kSan, "No name of subjectAltName is empty", &no_empty_name<kSubject>, kRfc2459),
    rfc("e_ian_name_empty", kIan, "No name of issuerAltName is empty", &no_empty_name<kIssuer>, kRfc2459),
    rfc("e_san_dns_not_ascii", kSan, "A dNSName of the subject is an IA5String", &ascii_only<kSubject, Kind::dns>,
        kRfc2459),
    rfc("e_ian_dns_not_ascii", kIan, "A dNSName of the issuer is an IA5String", &ascii_only<kIssuer, Kind::dns>,
        kRfc2459),
    rfc("e_san_uri_not_ascii", kSan, "A URI of the subject is an IA5String", &ascii_only<kSubject, Kind::uri>,
        kRfc5280),
    rfc("e_ian_uri_not_ascii", kIan, "A URI of the issuer is an IA5String", &ascii_only<kIssuer, Kind::uri>, kRfc5280),
    rfc("e_san_mail_not_ascii", kSan, "An rfc822Name of the subject is an IA5String",
        &ascii_only<kSubject, Kind::rfc822>),
    rfc("e_ian_mail_not_ascii", kIan, "An rfc822Name of the issuer is an IA5String",
        &ascii_only<kIssuer, Kind::rfc822>),
    rfc("e_san_dns_space", kSan, "A dNSName of the subject is not a blank", &no_space_name<kSubject>, kRfc2459),
    rfc("e_ian_dns_space", kIan, "A dNSName of the issuer is not a blank", &no_space_name<kIssuer>, kRfc2459),
    rfc("e_san_dns_empty_label", "RFC 5280 4.2.1.6; RFC 1034 3.5", "No label of a dNSName of the subject is empty",
        &dns_labels_present<kSubject>, kRfc5280),
    rfc("e_ian_dns_empty_label", "RFC 5280 4.2.1.7; RFC 1034 3.5", "No label of a dNSName of the issuer is empty",
        &dns_labels_present<kIssuer>),
    rfc("e_san_dns_character", "RFC 5280 4.2.1.6; RFC 1123 2.1",
        "A dNSName of the subject has letters, digits and hyphens", &dns_characters<kSubject>, kRfc5280),
    rfc("e_ian_dns_character", "RFC 5280 4.2.1.7; RFC 1123 2.1",
        "A dNSName of the issuer has letters, digits and hyphens", &dns_characters<kIssuer>, kRfc5280),
    rfc("e_san_dns_hyphen", "RFC 5280 4.2.1.6; RFC 1034 3.5",
        "No label of a dNSName of the subject begins or ends with a hyphen", &dns_hyphens<kSubject>, kRfc5280),
    rfc("e_ian_dns_hyphen", "RFC 5280 4.2.1.7; RFC 1034 3.5",
        "No label of a dNSName of the issuer begins or ends with a hyphen", &dns_hyphens<kIssuer>),
    rfc("e_san_dns_label_too_long", "RFC 5280 4.2.1.6; RFC 1034 3.1",
        "A label of a dNSName of the subject has at most 63 characters", &dns_label_length<kSubject>, kRfc5280),
    rfc("e_san_dns_too_long", "RFC 5280 4.2.1.6; RFC 1034 3.1", "A dNSName of the subject has at most 253 characters",
        &dns_length<kSubject>, kRfc2459),
    rfc("e_ian_dns_too_long", "RFC 5280 4.2.1.7; RFC 1034 3.1", "A dNSName of the issuer has at most 253 characters",
        &dns_length<kIssuer>),
    rfc("e_san_mail_decorated", kSan, "An rfc822Name of the subject is a bare address",
        &mail_without_decoration<kSubject>, kRfc2459),
    rfc("e_ian_mail_decorated", kIan, "An rfc822Name of the issuer is a bare address",
        &mail_without_decoration<kIssuer>, kRfc2459),
    rfc("e_san_mail_syntax", "RFC 5280 4.2.1.6; RFC 5321 4.1.2", "An rfc822Name of the subject is a mailbox",
        &mail_is_mailbox<kSubject>),
    rfc("e_ian_mail_syntax", "RFC 5280 4.2.1.7; RFC 5321 4.1.2", "An rfc822Name of the issuer is a mailbox",
        &mail_is_mailbox<kIssuer>),
    rfc("n_san_mail_domain_case", "RFC 5280 7.5", "The domain of an rfc822Name is in small letters",
        &mail_domain_is_lower_case),
    rfc("e_san_uri_relative", kSan, "A URI of the subject is absolute", &uri_is_absolute<kSubject>, kRfc5280),
    rfc("e_ian_uri_relative", kIan, "A URI of the issuer is absolute", &uri_is_absolute<kIssuer>, kRfc5280),
    rfc("e_san_uri_parts", kSan, "A URI of the subject has a scheme and something behind it",
        &uri_has_both_parts<kSubject>, kRfc5280),
    rfc("e_ian_uri_parts", kIan, "A URI of the issuer has a scheme and something behind it",
        &uri_has_both_parts<kIssuer>, kRfc5280),
    rfc("e_san_uri_syntax", "RFC 5280 4.2.1.6; RFC 3986", "A URI of the subject has the characters of URIs",
        &uri_is_well_formed<kSubject>),
    rfc("e_ian_uri_syntax", "RFC 5280 4.2.1.7; RFC 3986", "A URI of the issuer has the characters of URIs",
        &uri_is_well_formed<kIssuer>),
    rfc("e_san_uri_host", kSan, "The host of a URI of the subject is a full domain name or an address",
        &uri_host_is_complete<kSubject>, kRfc5280),
    rfc("e_ian_uri_host", kIan, "The host of a URI of the issuer is a full domain name or an address",
        &uri_host_is_complete<kIssuer>, kRfc5280),
    rfc("e_san_ip_length", kSan, "An iPAddress of the subject has 4 or 16 octets", &ip_length<kSubject>),
    rfc("e_ian_ip_length", kIan, "An iPAddress of the issuer has 4 or 16 octets", &ip_length<kIssuer>),
    rfc("e_san_directory_name", kSan, "A directoryName of the subject is a Name that is not empty",
        &directory_names_are_names),
    rfc("e_san_idn_invalid", "RFC 5280 7.2; RFC 3492", "An internationalised label decodes to Unicode", &idn_decodes,
        day(2003, 3, 1)),
    rfc("e_san_idn_not_nfc", "RFC 9549 2.2", "An internationalised label is normalised (NFC)", &idn_is_nfc,
        day(2018, 5, 1)),
    rfc("w_san_idn_needless", "RFC 5890 2.3.2.1",
        "A label with hyphens in third and fourth place is an internationalised one", &idn_is_needed),
    rfc("e_san_other_name_malformed", kSan, "An otherName has a type and one value",
        [](const Case& c, std::string&) {
          return for_others(c, [](bool is_read, ByteView, const Element&) { return must(is_read); });
        }),
    rfc("e_san_smtp_utf8_type", "RFC 9598 3", "An SmtpUTF8Mailbox is a UTF8String",
        [](const Case& c, std::string&) {
          return for_others(c, [](bool is_read, ByteView oid, const Element& value) {
            if (!is_read || oid != oids::kSmtpUtf8Mailbox) return Verdict::silent;
            return must(value.tag == der::kUtf8String);
          });
        }),
    rfc("e_san_smtp_utf8_ascii", "RFC 9598 3",
        "An SmtpUTF8Mailbox has a local part that is not ASCII, else rfc822Name serves",
        [](const Case& c, std::string&) {
          return for_others(c, [](bool is_read, ByteView oid, const Element& value) {
            if (!is_read || oid != oids::kSmtpUtf8Mailbox) return Verdict::silent;
            const std::string_view text = as_chars(value.content);
            return must(!is_ascii(text.substr(0, text.rfind('@'))));
          });
        }),
    rfc("e_san_smtp_utf8_mark", "RFC 9598 3", "An SmtpUTF8Mailbox begins with no byte order mark",
        [](const Case& c, std::string&) {
          return for_others(c, [](bool is_read, ByteView oid, const Element& value) {
            if (!is_read || oid != oids::kSmtpUtf8Mailbox) return Verdict::silent;
            return must(!as_chars(value.content).starts_with("\xef\xbb\xbf"));
          });
        }),
    rfc("e_san_upn_type", "MS-WCCE 2.2.2.7.7.4", "A userPrincipalName is a UTF8String",
        [](const Case& c, std::string&) {
          return for_others(c, [](bool is_read, ByteView oid, const Element& value) {
            return is_read && oid == oids::kMsUpn ? must(value.tag == der::kUtf8String) : Verdict::silent;
          });
        }),
    rfc("n_san_repeated", kSan, "No alternative name stands twice", &distinct_names),
};

}  // namespace

std::span<const Entry> alternative_name_rules() {
  return kRules;
}

}  // namespace kyso::pki::lint

#include <algorithm>

#include "crypto/der.h"
#include "pki/lint/view.h"

// The extensions of RFC 5280, RFC 3739, RFC 6960, RFC 6962, RFC 7633 and RFC 9608, each read once.
namespace kyso::pki::lint {
namespace {

namespace der = crypto::der;

Ext extension_kind(ByteView oid) {
  static constexpr Oid kCertificateExtension("2.5.29.14");
  if (oid.size() == 3 && oid[0] == kCertificateExtension.octets[0] && oid[1] == kCertificateExtension.octets[1]) {
    switch (oid[2]) {
      case 9:
        return Ext::subject_directory;
      case 14:
        return Ext::subject_key_id;
      case 15:
        return Ext::key_usage;
      case 16:
        return Ext::private_key_period;
      case 17:
        return Ext::subject_alt_name;
      case 18:
        return Ext::issuer_alt_name;
      case 19:
        return Ext::basic_constraints;
      case 30:
        return Ext::name_constraints;
      case 31:
        return Ext::crl_points;
      case 32:
        return Ext::policies;
      case 33:
        return Ext::policy_mappings;
      case 35:
        return Ext::authority_key_id;
      case 36:
        return Ext::policy_constraints;
      case 37:
        return Ext::extended_usage;
      case 46:
        return Ext::freshest_crl;
      case 54:
        return Ext::inhibit_any_policy;
      case 56:
        return Ext::no_revocation;
      default:
        return Ext::other;
    }
  }
  struct Row {
    Oid oid;
    Ext kind;
  };
  static constexpr Row kRows[] = {
      {"1.3.6.1.5.5.7.1.1", Ext::authority_info},   {"1.3.6.1.5.5.7.1.11", Ext::subject_info},
      {"1.3.6.1.5.5.7.1.3", Ext::qc_statements},    {"1.3.6.1.5.5.7.48.1.5", Ext::ocsp_no_check},
      {"1.3.6.1.5.5.7.1.24", Ext::tls_feature},     {"1.3.6.1.4.1.11129.2.4.3", Ext::ct_poison},
      {"1.3.6.1.4.1.11129.2.4.2", Ext::ct_list},    {"1.2.840.113549.1.9.15", Ext::smime_capabilities},
      {"2.16.840.1.113730.1.1", Ext::ns_cert_type}, {"2.16.840.1.113730.1.13", Ext::ns_comment},
      {"2.16.840.1.113730.1.2", Ext::ns_other},     {"2.16.840.1.113730.1.3", Ext::ns_other},
      {"2.16.840.1.113730.1.4", Ext::ns_other},     {"2.16.840.1.113730.1.7", Ext::ns_other},
      {"2.16.840.1.113730.1.8", Ext::ns_other},     {"1.3.6.1.4.1.311.20.2", Ext::ms_template},
      {"1.3.6.1.4.1.311.21.7", Ext::ms_template},
  };
  for (const Row& row : kRows)
    if (oid == row.oid) return row.kind;
  return Ext::other;
}

// The content of the only element of `bytes`, which has this tag.
bool only(ByteView bytes, std::uint8_t tag, ByteView& out) {
  Cursor cursor(bytes);
  Element element;
  if (!cursor.expect(tag, element) || !cursor.ended_well()) return false;
  out = element.content;
  return true;
}

bool is_canonical_integer(ByteView content) {
  return !content.empty() && (content.size() == 1 ||
                              !((content[0] == 0 && content[1] < 0x80) || (content[0] == 0xff && content[1] >= 0x80)));
}

// BIT STRING: the octet of unused bits fits.
bool is_bit_string(ByteView content) {
  if (content.empty() || content[0] > 7) return false;
  return content.size() > 1 || content[0] == 0;
}

// SEQUENCE OF: calls `each` for every element.
template <typename F>
bool for_each(ByteView content, F each) {
  Cursor cursor(content);
  Element element;
  while (cursor.next(element))
    if (!each(element)) return false;
  return !cursor.is_broken();
}

bool read_point(const Element& element, PointView& out) {
  if (element.tag != der::kSequence) return false;
  Cursor cursor(element.content);
  Element part, name;
  if (cursor.next_is(der::context(0)) && cursor.next(part)) {
    out.has_name = true;
    Cursor inside(part.content);
    if (!inside.next(name) || !inside.ended_well()) return false;
    out.has_full_name = name.tag == der::context(0);
    out.has_relative_name = name.tag == der::context(1);
    out.relative_name = out.has_relative_name ? name.content : ByteView();
    if (!out.has_full_name && !out.has_relative_name) return false;
    if (out.has_full_name && !read_general_names(name.content, out.full_name)) return false;
  }
  if (cursor.next_is(der::context(1, false)) && cursor.next(part)) {
    out.has_reasons = true;
    out.reasons = part.content;
    if (!is_bit_string(part.content)) return false;
  }
  if (cursor.next_is(der::context(2)) && cursor.next(part)) {
    out.has_issuer = true;
    if (!read_general_names(part.content, out.issuer)) return false;
  }
  return cursor.ended_well();
}

bool read_points(ByteView value, std::vector<PointView>& out) {
  ByteView list;
  return only(value, der::kSequence, list) &&
         for_each(list, [&](const Element& element) { return read_point(element, out.emplace_back()); });
}

bool read_subtrees(ByteView content, bool is_permitted, std::vector<SubtreeView>& out) {
  return for_each(content, [&](const Element& element) {
    if (element.tag != der::kSequence) return false;
    Cursor cursor(element.content);
    Element base, part;
    if (!cursor.next(base)) return false;
    SubtreeView& subtree = out.emplace_back();
    subtree.is_permitted = is_permitted;
    subtree.base = read_general_name(base);
    if (cursor.next_is(der::context(0, false)) && cursor.next(part)) {
      subtree.has_minimum = true;
      subtree.minimum = part.content;
    }
    if (cursor.next_is(der::context(1, false)) && cursor.next(part)) subtree.has_maximum = true;
    return cursor.ended_well() && subtree.base.is_well_tagged;
  });
}

bool read_user_notice(QualifierView& out) {
  if (out.value.tag != der::kSequence) return false;
  Cursor cursor(out.value.content);
  Element part;
  if (cursor.next_is(der::kSequence) && cursor.next(part)) out.has_notice_reference = true;
  if (!cursor.at_end() && cursor.next(part)) out.explicit_text = part;
  return cursor.ended_well();
}

bool read_policy(const Element& element, PolicyView& out) {
  Cursor cursor(element.content);
  Element oid, list;
  if (element.tag != der::kSequence || !cursor.expect(der::kOid, oid)) return false;
  out.oid = oid.content;
  if (cursor.at_end()) return true;
  if (!cursor.expect(der::kSequence, list) || !cursor.ended_well()) return false;
  out.has_empty_qualifiers = list.content.empty();
  return for_each(list.content, [&](const Element& each) {
    Cursor pair(each.content);
    QualifierView& qualifier = out.qualifiers.emplace_back();
    if (each.tag != der::kSequence || !pair.expect(der::kOid, oid) || !pair.next(qualifier.value)) return false;
    qualifier.oid = oid.content;
    if (oid.content == oids::kUserNotice) qualifier.is_malformed = !read_user_notice(qualifier);
    return pair.ended_well();
  });
}

bool read_access(ByteView value, std::vector<AccessView>& out) {
  ByteView list;
  return only(value, der::kSequence, list) && for_each(list, [&](const Element& element) {
           Cursor pair(element.content);
           Element oid, location;
           if (element.tag != der::kSequence || !pair.expect(der::kOid, oid) || !pair.next(location)) return false;
           out.push_back({oid.content, read_general_name(location)});
           return pair.ended_well() && out.back().location.is_well_tagged;
         });
}

bool read_key_usage(View& view, ByteView value) {
  ByteView content;
  if (!only(value, der::kBitString, content)) return false;
  view.key_usage_content = content;
  if (!is_bit_string(content)) return false;
  for (std::size_t bit = 0; bit < 9 && bit / 8 + 1 < content.size(); ++bit)
    if ((content[bit / 8 + 1] & (0x80U >> (bit % 8))) != 0) view.key_usage |= static_cast<std::uint16_t>(1U << bit);
  return true;
}

bool read_basic_constraints(View& view, ByteView value) {
  ByteView content;
  if (!only(value, der::kSequence, content)) return false;
  Cursor cursor(content);
  Element part;
  if (cursor.next_is(der::kBoolean)) {
    if (!cursor.next(part) || part.content.size() != 1) return false;
    view.ca = part.content[0] != 0;
    view.has_ca_false = !view.ca;
    view.has_ca_odd = view.ca && part.content[0] != 0xff;
  }
  if (cursor.next_is(der::kInteger)) {
    if (!cursor.next(part)) return false;
    view.path_length = part;
    if (!is_canonical_integer(part.content)) return false;
  }
  return cursor.ended_well();
}

bool read_authority_key_id(View& view, ByteView value) {
  ByteView content;
  if (!only(value, der::kSequence, content)) return false;
  Cursor cursor(content);
  Element part;
  if (cursor.next_is(der::context(0, false)) && cursor.next(part)) view.authority_key_id = part.content;
  if (cursor.next_is(der::context(1)) && cursor.next(part)) {
    view.authority_issuer = part.content;
    if (!read_general_names(part.content, view.authority_names)) return false;
  }
  if (cursor.next_is(der::context(2, false)) && cursor.next(part)) view.authority_serial = part.content;
  return cursor.ended_well();
}

bool read_name_constraints(View& view, ByteView value) {
  ByteView content;
  if (!only(value, der::kSequence, content)) return false;
  Cursor cursor(content);
  Element part;
  if (cursor.next_is(der::context(0)) && cursor.next(part)) {
    view.has_permitted = true;
    if (!read_subtrees(part.content, true, view.subtrees)) return false;
  }
  if (cursor.next_is(der::context(1)) && cursor.next(part)) {
    view.has_excluded = true;
    if (!read_subtrees(part.content, false, view.subtrees)) return false;
  }
  return cursor.ended_well();
}

bool read_policy_constraints(View& view, ByteView value) {
  ByteView content;
  if (!only(value, der::kSequence, content)) return false;
  Cursor cursor(content);
  Element part;
  if (cursor.next_is(der::context(0, false)) && cursor.next(part)) view.require_explicit = part.content;
  if (cursor.next_is(der::context(1, false)) && cursor.next(part)) view.inhibit_mapping = part.content;
  return cursor.ended_well();
}

bool read_policy_mappings(View& view, ByteView value) {
  ByteView list;
  return only(value, der::kSequence, list) && for_each(list, [&](const Element& element) {
           Cursor pair(element.content);
           Element from, to;
           if (element.tag != der::kSequence || !pair.expect(der::kOid, from) || !pair.expect(der::kOid, to))
             return false;
           view.mappings.push_back({from.content, to.content});
           return pair.ended_well();
         });
}

// RFC 3739 section 3.2.6: SemanticsInformation.
bool read_semantics(View& view, const Element& info) {
  Cursor cursor(info.content);
  Element part;
  if (info.tag != der::kSequence) return false;
  if (cursor.next_is(der::kOid) && cursor.next(part)) view.semantics = part.content;
  if (cursor.next_is(der::kSequence) && cursor.next(part) &&
      !read_general_names(part.content, view.registration_authorities))
    return false;
  return cursor.ended_well();
}

bool read_statements(View& view, ByteView value) {
  ByteView list;
  return only(value, der::kSequence, list) && for_each(list, [&](const Element& element) {
           Cursor pair(element.content);
           Element oid, info;
           if (element.tag != der::kSequence || !pair.expect(der::kOid, oid)) return false;
           StatementView& statement = view.statements.emplace_back();
           statement.oid = oid.content;
           if (!pair.at_end() && pair.next(info)) statement.info = info;
           if (!pair.ended_well()) return false;
           return oid.content != oids::kQcSyntaxV2 || !statement.info || read_semantics(view, *statement.info);
         });
}

bool read_private_period(View& view, ByteView value) {
  ByteView content;
  if (!only(value, der::kSequence, content)) return false;
  Cursor cursor(content);
  Element part;
  if (cursor.next_is(der::context(0, false)) && cursor.next(part)) view.private_from = part;
  if (cursor.next_is(der::context(1, false)) && cursor.next(part)) view.private_until = part;
  return cursor.ended_well();
}

bool is_list_of(ByteView value, std::uint8_t tag) {
  ByteView list;
  return only(value, der::kSequence, list) &&
         for_each(list, [&](const Element& element) { return element.tag == tag; });
}

}  // namespace

GeneralNameView read_general_name(const Element& element) {
  GeneralNameView out;
  out.content = element.content;
  out.whole = element.whole;
  const std::uint8_t number = element.tag & 0x1fU;
  const bool is_constructed = (element.tag & 0x20U) != 0;
  const bool should_be = number == 0 || (number >= 3 && number <= 5);
  if ((element.tag & 0xc0U) != 0x80 || number > 8) return out;
  out.is_well_tagged = is_constructed == should_be;
  out.kind = static_cast<GeneralNameView::Kind>(number);
  return out;
}

bool read_general_names(ByteView content, GeneralNamesView& out) {
  return for_each(content, [&](const Element& element) {
    out.push_back(read_general_name(element));
    return out.back().is_well_tagged;
  });
}

bool View::read_known(const ExtensionView& extension) {
  const ByteView value = extension.value;
  ByteView content;
  switch (extension.kind) {
    case Ext::subject_key_id:
      return only(value, der::kOctetString, subject_key_id);
    case Ext::key_usage:
      return read_key_usage(*this, value);
    case Ext::private_key_period:
      return read_private_period(*this, value);
    case Ext::subject_alt_name:
      return only(value, der::kSequence, content) && read_general_names(content, subject_names);
    case Ext::issuer_alt_name:
      return only(value, der::kSequence, content) && read_general_names(content, issuer_names);
    case Ext::basic_constraints:
      return read_basic_constraints(*this, value);
    case Ext::name_constraints:
      return read_name_constraints(*this, value);
    case Ext::crl_points:
      return read_points(value, crl_points);
    case Ext::freshest_crl:
      return read_points(value, freshest_points);
    case Ext::policies:
      return only(value, der::kSequence, content) &&
             for_each(content, [&](const Element& element) { return read_policy(element, policies.emplace_back()); });
    case Ext::policy_mappings:
      return read_policy_mappings(*this, value);
    case Ext::authority_key_id:
      return read_authority_key_id(*this, value);
    case Ext::policy_constraints:
      return read_policy_constraints(*this, value);
    case Ext::extended_usage:
      return only(value, der::kSequence, content) && for_each(content, [&](const Element& element) {
               usages.push_back(element.content);
               return element.tag == der::kOid && der::read_oid(element.content).has_value();
             });
    case Ext::inhibit_any_policy:
      if (!only(value, der::kInteger, content)) return false;
      inhibit_any = content;
      return is_canonical_integer(content);
    case Ext::subject_directory:
      return is_list_of(value, der::kSequence);
    case Ext::authority_info:
      return read_access(value, authority_access);
    case Ext::subject_info:
      return read_access(value, subject_access);
    case Ext::qc_statements:
      return read_statements(*this, value);
    case Ext::no_revocation:
    case Ext::ocsp_no_check:
    case Ext::ct_poison:
      return only(value, der::kNull, content) && content.empty();
    case Ext::tls_feature:
      return is_list_of(value, der::kInteger);
    case Ext::ct_list:
      return only(value, der::kOctetString, ct_list);
    case Ext::smime_capabilities:
      return is_list_of(value, der::kSequence);
    case Ext::ns_cert_type:
      return only(value, der::kBitString, content) && is_bit_string(content);
    case Ext::ns_comment:
      return only(value, kIa5String, content);
    case Ext::ns_other:
    case Ext::ms_template:
    case Ext::other:
      return true;
  }
  return true;
}

bool View::read_extension(ExtensionView& extension) {
  extension.kind = extension_kind(extension.oid);
  if (extension.kind == Ext::other) return true;
  std::int32_t& first = first_extension[static_cast<std::size_t>(extension.kind)];
  if (first >= 0) return true;  // a second one of its kind: a rule says so, nothing more is read from it
  first = static_cast<std::int32_t>(extensions.size());
  extension.is_malformed = !read_known(extension);
  return true;
}

void View::read_extensions(ByteView content) {
  ByteView list;
  if (!only(content, der::kSequence, list)) {
    are_extensions_malformed = true;
    return;
  }
  are_extensions_empty = list.empty();
  extensions.reserve(12);
  are_extensions_malformed = !for_each(list, [&](const Element& element) {
    Cursor cursor(element.content);
    Element oid, part;
    if (element.tag != der::kSequence || !cursor.expect(der::kOid, oid) || !der::read_oid(oid.content)) return false;
    ExtensionView extension;
    extension.oid = oid.content;
    if (cursor.next_is(der::kBoolean)) {
      if (!cursor.next(part) || part.content.size() != 1) return false;
      extension.is_critical = part.content[0] != 0;
      extension.has_critical_false = !extension.is_critical;
      extension.has_odd_boolean = extension.is_critical && part.content[0] != 0xff;
    }
    if (!cursor.expect(der::kOctetString, part) || !cursor.ended_well()) return false;
    extension.value = part.content;
    read_extension(extension);
    extensions.push_back(extension);
    return true;
  });
}

const ExtensionView* View::find(Ext kind) const {
  const std::int32_t index = first_extension[static_cast<std::size_t>(kind)];
  return index < 0 ? nullptr : &extensions[static_cast<std::size_t>(index)];
}

bool View::is_readable(Ext kind) const {
  const ExtensionView* found = find(kind);
  return found != nullptr && !found->is_malformed;
}

bool View::has_usage(const Oid& oid) const {
  return std::ranges::any_of(usages, [&](ByteView usage) { return usage == oid; });
}

bool View::has_policy(const Oid& oid) const {
  return std::ranges::any_of(policies, [&](const PolicyView& policy) { return policy.oid == oid; });
}

const StatementView* View::statement(const Oid& oid) const {
  const auto found = std::ranges::find_if(statements, [&](const StatementView& each) { return each.oid == oid; });
  return found == statements.end() ? nullptr : &*found;
}

}  // namespace kyso::pki::lint

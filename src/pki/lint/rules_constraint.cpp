#include <algorithm>

#include "base/text.h"
#include "crypto/der.h"
#include "pki/lint/rule_table.h"

// Name constraints and policies: RFC 5280 sections 4.2.1.4, 4.2.1.5, 4.2.1.10, 4.2.1.11, 4.2.1.14, RFC 6818.
namespace kyso::pki::lint {
namespace {

namespace der = crypto::der;

using Kind = GeneralNameView::Kind;

template <typename F>
Verdict for_subtrees(const Case& c, std::string& why, F keeps) {
  if (!c.has(Ext::name_constraints)) return Verdict::silent;
  const Verdict verdict = each(c.subtrees, [&](const SubtreeView& subtree) {
    if (keeps(subtree)) return Verdict::passes;
    why = shown(subtree.base.text());
    return Verdict::fails;
  });
  return std::max(verdict, Verdict::passes);
}

template <Kind kKind>
Verdict no_subtree_of(const Case& c, std::string&) {
  if (!c.has(Ext::name_constraints)) return Verdict::silent;
  return must(std::ranges::none_of(c.subtrees, [](const SubtreeView& subtree) { return subtree.base.kind == kKind; }));
}

std::string_view without_dot(std::string_view text) {
  return text.starts_with('.') ? text.substr(1) : text;
}
bool is_full_name(std::string_view text) {
  return is_host_name(text) && text.find('.') != std::string_view::npos;
}

bool is_mail_constraint(std::string_view text) {
  return text.find('@') != std::string_view::npos ? is_mailbox(text) : is_host_name(without_dot(text));
}

// RFC 4632: ones, then zeros.
bool is_prefix_mask(ByteView mask) {
  bool in_zeros = false;
  for (const std::uint8_t octet : mask) {
    for (unsigned bit = 0x80; bit != 0; bit >>= 1U) {
      const bool is_one = (octet & bit) != 0;
      if (is_one && in_zeros) return false;
      in_zeros |= !is_one;
    }
  }
  return true;
}

template <typename F>
Verdict for_qualifiers(const Case& c, F judge) {
  return each(c.policies, [&](const PolicyView& policy) {
    return each(policy.qualifiers, [&](const QualifierView& qualifier) { return judge(policy, qualifier); });
  });
}

// Judges the explicitText of user notices as UTF-8.
template <typename F>
Verdict for_texts(const Case& c, std::string& why, F keeps) {
  return for_qualifiers(c, [&](const PolicyView&, const QualifierView& qualifier) {
    if (!qualifier.explicit_text) return Verdict::silent;
    const Element& text = *qualifier.explicit_text;
    std::string decoded(as_chars(text.content));
    if (text.tag == kBmpString) decoded = from_utf16be(text.content);
    if (keeps(text.tag, std::string_view(decoded))) return Verdict::passes;
    why = shown(decoded);
    return Verdict::fails;
  });
}

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(utf8, [](char x) { return (x & 0xc0) != 0x80; }));
}

bool before(ByteView a, ByteView b) {
  return std::ranges::lexicographical_compare(a, b);
}

Verdict distinct_policies(const Case& c, std::string& why) {
  if (!c.is_readable(Ext::policies)) return Verdict::silent;
  std::vector<ByteView> sorted;
  for (const PolicyView& policy : c.policies) sorted.push_back(policy.oid);
  std::ranges::sort(sorted, before);
  const auto twice =
      std::ranges::adjacent_find(sorted, [](ByteView a, ByteView b) { return std::ranges::equal(a, b); });
  if (twice != sorted.end()) why = der::read_oid(*twice).value_or("");
  return must(twice == sorted.end());
}

Verdict mapped_policies_are_named(const Case& c, std::string& why) {
  if (!c.is_readable(Ext::policy_mappings)) return Verdict::silent;
  std::vector<ByteView> sorted;
  for (const PolicyView& policy : c.policies) sorted.push_back(policy.oid);
  std::ranges::sort(sorted, before);
  return each(c.mappings, [&](const std::array<ByteView, 2>& mapping) {
    if (std::ranges::binary_search(sorted, mapping[0], before)) return Verdict::passes;
    why = der::read_oid(mapping[0]).value_or("");
    return Verdict::fails;
  });
}

Verdict counts_are_not_negative(const Case& c, std::string&) {
  const auto fits = [](const std::optional<ByteView>& number) {
    return !number || (!number->empty() && (*number)[0] < 0x80);
  };
  if (!c.has(Ext::policy_constraints) && !c.has(Ext::inhibit_any_policy)) return Verdict::silent;
  return must(fits(c.require_explicit) && fits(c.inhibit_mapping) && fits(c.inhibit_any));
}

constexpr std::string_view kConstraints = "RFC 5280 4.2.1.10";
constexpr std::string_view kPolicies = "RFC 5280 4.2.1.4";

constexpr Entry kRules[] = {
    rfc(
        "e_name_constraints_empty", kConstraints, "nameConstraints permits or excludes something",
        [](const Case& c, std::string&) {
          return c.has(Ext::name_constraints) && c.is_readable(Ext::name_constraints)
                     ? must(c.has_permitted || c.has_excluded)
                     : Verdict::silent;
        },
        kRfc5280),
    rfc("e_name_constraints_list_empty", kConstraints, "A list of subtrees has at least one",
        [](const Case& c, std::string&) {
          if (!c.is_readable(Ext::name_constraints)) return Verdict::silent;
          const auto has = [&](bool permitted) {
            return std::ranges::any_of(c.subtrees, [&](const SubtreeView& s) { return s.is_permitted == permitted; });
          };
          return must((!c.has_permitted || has(true)) && (!c.has_excluded || has(false)));
        }),
    rfc(
        "e_name_constraints_minimum", kConstraints, "The minimum of a subtree is zero",
        [](const Case& c, std::string& why) {
          return for_subtrees(c, why, [](const SubtreeView& s) {
            return !s.has_minimum || std::ranges::all_of(s.minimum, [](std::uint8_t octet) { return octet == 0; });
          });
        },
        kRfc2459),
    rfc("e_name_constraints_minimum_default_encoded", "RFC 5280 4.2.1.10; X.690 11.5",
        "The minimum zero, the default, is not written out",
        [](const Case& c, std::string& why) {
          return for_subtrees(c, why, [](const SubtreeView& s) { return !s.has_minimum; });
        }),
    rfc(
        "e_name_constraints_maximum", kConstraints, "A subtree has no maximum",
        [](const Case& c, std::string& why) {
          return for_subtrees(c, why, [](const SubtreeView& s) { return !s.has_maximum; });
        },
        kRfc2459),
    rfc("w_name_constraints_x400", kConstraints, "No subtree is of X.400 addresses", &no_subtree_of<Kind::x400>,
        kRfc5280),
    rfc("w_name_constraints_edi", kConstraints, "No subtree is of EDI party names", &no_subtree_of<Kind::edi>,
        kRfc5280),
    rfc("w_name_constraints_registered_id", kConstraints, "No subtree is of registered identifiers",
        &no_subtree_of<Kind::registered>, kRfc5280),
    rfc(
        "e_name_constraints_uri", kConstraints,
        "A constraint on URIs is a full domain name, with or without a leading dot",
        [](const Case& c, std::string& why) {
          return for_subtrees(c, why, [](const SubtreeView& s) {
            return s.base.kind != Kind::uri || is_full_name(without_dot(s.base.text()));
          });
        },
        kRfc5280),
    rfc("e_name_constraints_dns", kConstraints, "A constraint on dNSNames is a domain name",
        [](const Case& c, std::string& why) {
          return for_subtrees(c, why, [](const SubtreeView& s) {
            return s.base.kind != Kind::dns || s.base.content.empty() || is_host_name(without_dot(s.base.text()));
          });
        }),
    rfc("w_name_constraints_dns_dot", kConstraints, "A constraint on dNSNames begins with no dot",
        [](const Case& c, std::string& why) {
          return for_subtrees(
              c, why, [](const SubtreeView& s) { return s.base.kind != Kind::dns || !s.base.text().starts_with('.'); });
        }),
    rfc("e_name_constraints_mail", kConstraints,
        "A constraint on rfc822Names is a mailbox, a host or a domain with a leading dot",
        [](const Case& c, std::string& why) {
          return for_subtrees(c, why, [](const SubtreeView& s) {
            return s.base.kind != Kind::rfc822 || s.base.content.empty() || is_mail_constraint(s.base.text());
          });
        }),
    rfc("e_name_constraints_ip_length", kConstraints, "A constraint on addresses has 8 or 32 octets",
        [](const Case& c, std::string&) {
          std::string ignored;
          return for_subtrees(c, ignored, [](const SubtreeView& s) {
            return s.base.kind != Kind::ip || s.base.content.size() == 8 || s.base.content.size() == 32;
          });
        }),
    rfc("e_name_constraints_ip_mask", "RFC 5280 4.2.1.10; RFC 4632 3.1",
        "A constraint on addresses has a mask of ones before zeros",
        [](const Case& c, std::string&) {
          std::string ignored;
          return for_subtrees(c, ignored, [](const SubtreeView& s) {
            return s.base.kind != Kind::ip || is_prefix_mask(s.base.content.subspan(s.base.content.size() / 2));
          });
        }),

    rfc("e_policy_repeated", kPolicies, "No policy stands twice", &distinct_policies, kRfc5280),
    rfc(
        "e_any_policy_qualifier", kPolicies, "anyPolicy has no qualifiers but CPS and user notice",
        [](const Case& c, std::string&) {
          return each(c.policies, [](const PolicyView& policy) {
            if (policy.oid != oids::kAnyPolicy) return Verdict::silent;
            return must(std::ranges::all_of(policy.qualifiers, [](const QualifierView& q) {
              return q.oid == oids::kCps || q.oid == oids::kUserNotice;
            }));
          });
        },
        kRfc3280),
    rfc("w_policy_qualifier_unknown", kPolicies, "A qualifier is a CPS or a user notice",
        [](const Case& c, std::string& why) {
          return for_qualifiers(c, [&](const PolicyView&, const QualifierView& q) {
            if (q.oid == oids::kCps || q.oid == oids::kUserNotice) return Verdict::passes;
            why = der::read_oid(q.oid).value_or("");
            return Verdict::fails;
          });
        }),
    rfc("e_policy_qualifiers_empty", kPolicies, "A list of qualifiers has at least one",
        [](const Case& c, std::string&) {
          return each(c.policies, [](const PolicyView& policy) {
            return policy.has_empty_qualifiers || !policy.qualifiers.empty() ? must(!policy.has_empty_qualifiers)
                                                                             : Verdict::silent;
          });
        }),
    rfc("e_cps_not_ascii_uri", kPolicies, "A CPS qualifier is an IA5String with an absolute URI",
        [](const Case& c, std::string& why) {
          return for_qualifiers(c, [&](const PolicyView&, const QualifierView& q) {
            if (q.oid != oids::kCps) return Verdict::silent;
            if (q.value.tag == kIa5String && read_uri(as_chars(q.value.content)).is_well_formed) return Verdict::passes;
            why = shown(as_chars(q.value.content));
            return Verdict::fails;
          });
        }),
    rfc("e_user_notice_malformed", kPolicies, "A user notice is one in DER",
        [](const Case& c, std::string&) {
          return for_qualifiers(c, [](const PolicyView&, const QualifierView& q) {
            return q.oid == oids::kUserNotice ? must(!q.is_malformed) : Verdict::silent;
          });
        }),
    rfc(
        "w_user_notice_reference", kPolicies, "A user notice has no noticeRef",
        [](const Case& c, std::string&) {
          if (!c.is_readable(Ext::policies)) return Verdict::silent;
          return std::max(Verdict::passes, for_qualifiers(c, [](const PolicyView&, const QualifierView& q) {
                            return must(!q.has_notice_reference);
                          }));
        },
        kRfc5280),
    rfc("e_explicit_text_type", kPolicies, "explicitText is a DisplayText",
        [](const Case& c, std::string& why) {
          return for_texts(c, why, [](std::uint8_t tag, std::string_view) {
            return tag == der::kUtf8String || tag == kVisibleString || tag == kBmpString || tag == kIa5String;
          });
        }),
    rfc("e_explicit_text_encoding", kPolicies, "explicitText is encoded as its string type says",
        [](const Case& c, std::string&) {
          return for_qualifiers(c, [](const PolicyView&, const QualifierView& q) {
            if (!q.explicit_text) return Verdict::silent;
            const ByteView content = q.explicit_text->content;
            switch (q.explicit_text->tag) {
              case der::kUtf8String:
                return must(is_valid_utf8(as_chars(content)));
              case kBmpString:
                return must(content.size() % 2 == 0);
              case kIa5String:
              case kVisibleString:
                return must(is_ascii(as_chars(content)));
              default:
                return Verdict::silent;
            }
          });
        }),
    rfc(
        "e_explicit_text_ia5", "RFC 6818 3", "explicitText is not an IA5String",
        [](const Case& c, std::string& why) {
          return for_texts(c, why, [](std::uint8_t tag, std::string_view) { return tag != kIa5String; });
        },
        kRfc6818),
    rfc(
        "w_explicit_text_not_utf8", "RFC 6818 3", "explicitText is a UTF8String",
        [](const Case& c, std::string& why) {
          return for_texts(c, why, [](std::uint8_t tag, std::string_view) { return tag == der::kUtf8String; });
        },
        kRfc6818),
    rfc(
        "e_explicit_text_too_long", "RFC 6818 3", "explicitText has at most 200 characters",
        [](const Case& c, std::string& why) {
          return for_texts(c, why, [](std::uint8_t, std::string_view text) { return characters(text) <= 200; });
        },
        kRfc6818),
    rfc("e_explicit_text_empty", kPolicies, "explicitText is not empty",
        [](const Case& c, std::string& why) {
          return for_texts(c, why, [](std::uint8_t, std::string_view text) { return !text.empty(); });
        }),
    rfc(
        "w_explicit_text_control_character", "RFC 6818 3", "explicitText has no control characters",
        [](const Case& c, std::string& why) {
          return for_texts(c, why, [](std::uint8_t tag, std::string_view text) {
            return tag != der::kUtf8String || !has_control(text);
          });
        },
        kRfc6818),
    rfc(
        "w_explicit_text_not_nfc", "RFC 6818 3", "explicitText is normalised (NFC)",
        [](const Case& c, std::string& why) {
          return for_texts(c, why, [](std::uint8_t tag, std::string_view text) {
            return (tag != der::kUtf8String && tag != kBmpString) || is_nfc(text);
          });
        },
        kRfc6818),
    rfc("n_policy_qualified", kPolicies, "A policy is an identifier alone",
        [](const Case& c, std::string&) {
          if (!c.is_readable(Ext::policies)) return Verdict::silent;
          return must(
              std::ranges::all_of(c.policies, [](const PolicyView& policy) { return policy.qualifiers.empty(); }));
        }),

    rfc(
        "e_policy_mapping_any", "RFC 5280 4.2.1.5", "anyPolicy is mapped neither from nor to",
        [](const Case& c, std::string&) {
          if (!c.is_readable(Ext::policy_mappings)) return Verdict::silent;
          return must(std::ranges::none_of(c.mappings, [](const std::array<ByteView, 2>& mapping) {
            return mapping[0] == oids::kAnyPolicy || mapping[1] == oids::kAnyPolicy;
          }));
        },
        kRfc3280),
    rfc("w_policy_mapping_unnamed", "RFC 5280 4.2.1.5", "A mapped policy of the issuer stands in certificatePolicies",
        &mapped_policies_are_named, kRfc3280),
    rfc(
        "e_policy_constraints_empty", "RFC 5280 4.2.1.11", "policyConstraints constrains something",
        [](const Case& c, std::string&) {
          return c.is_readable(Ext::policy_constraints) ? must(c.require_explicit || c.inhibit_mapping)
                                                        : Verdict::silent;
        },
        kRfc2459),
    rfc("e_policy_count_negative", "RFC 5280 4.2.1.11, 4.2.1.14",
        "The numbers of certificates in policy extensions are not negative", &counts_are_not_negative),
};

}  // namespace

std::span<const Entry> constraint_rules() {
  return kRules;
}

}  // namespace kyso::pki::lint

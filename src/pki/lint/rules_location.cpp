#include <algorithm>

#include "crypto/der.h"
#include "pki/lint/rule_table.h"

// Where status and issuers are found: RFC 5280 sections 4.2.1.13, 4.2.1.15, 4.2.2.1 and 4.2.2.2.
namespace kyso::pki::lint {
namespace {

using Kind = GeneralNameView::Kind;
using Points = std::vector<PointView> View::*;
constexpr Points kCrl = &View::crl_points, kFreshest = &View::freshest_points;

template <Points kPoints, typename F>
Verdict for_points(const Case& c, F judge) {
  return each(c.*kPoints, judge);
}

bool is_fetched(std::string_view uri) {  // what RFC 5280 names: HTTP or LDAP
  return is_http(uri) || starts_with_ignoring_case(uri, "ldap://");
}

template <Points kPoints>
Verdict complete_points(const Case& c, std::string&) {
  return for_points<kPoints>(c, [](const PointView& point) { return must(point.has_name || point.has_issuer); });
}

template <Points kPoints>
Verdict well_formed_addresses(const Case& c, std::string& why) {
  return for_points<kPoints>(c, [&](const PointView& point) {
    return each(point.full_name, [&](const GeneralNameView& name) {
      if (name.kind != Kind::uri) return Verdict::silent;
      if (read_uri(name.text()).is_well_formed) return Verdict::passes;
      why = shown(name.text());
      return Verdict::fails;
    });
  });
}

// ReasonFlags: bit 0 is unused, nine bits, at least one.
Verdict reasons_are_known(const Case& c, std::string&) {
  return for_points<kCrl>(c, [](const PointView& point) {
    if (!point.has_reasons || point.reasons.empty()) return Verdict::silent;
    const ByteView bits = point.reasons.subspan(1);
    const bool any = std::ranges::any_of(bits, [](std::uint8_t octet) { return octet != 0; });
    return must(any && (bits[0] & 0x80U) == 0 && (bits.size() == 1 || (bits.size() == 2 && (bits[1] & 0x7fU) == 0)));
  });
}

// The issuer's own name as cRLIssuer says nothing; section 4.2.1.13 demands to leave it out.
Verdict other_crl_issuer(const Case& c, std::string&) {
  return for_points<kCrl>(c, [&](const PointView& point) {
    if (!point.has_issuer) return Verdict::silent;
    return must(std::ranges::none_of(point.issuer, [&](const GeneralNameView& name) {
      return name.kind == Kind::directory && std::ranges::equal(name.content, c.issuer.whole);
    }));
  });
}

template <typename F>
Verdict for_method(const std::vector<AccessView>& list, const Oid& method, F judge) {
  return each(list, [&](const AccessView& access) {
    return access.method == method ? judge(access.location) : Verdict::silent;
  });
}

// At least one location of this method is of HTTP or LDAP; silent when there is none that is a URI.
Verdict method_is_fetched(const std::vector<AccessView>& list, const Oid& method, std::string& why) {
  Verdict verdict = Verdict::silent;
  for (const AccessView& access : list) {
    if (access.method != method || access.location.kind != Kind::uri) continue;
    if (is_fetched(access.location.text())) return Verdict::passes;
    verdict = Verdict::fails;
    why = shown(access.location.text());
  }
  return verdict;
}

Verdict access_addresses(const std::vector<AccessView>& list, std::string& why) {
  return each(list, [&](const AccessView& access) {
    if (access.location.kind != Kind::uri) return Verdict::silent;
    if (read_uri(access.location.text()).is_well_formed) return Verdict::passes;
    why = shown(access.location.text());
    return Verdict::fails;
  });
}

constexpr std::string_view kPoint = "RFC 5280 4.2.1.13";
constexpr std::string_view kAccess = "RFC 5280 4.2.2.1";

constexpr Entry kRules[] = {
    rfc("e_crl_point_incomplete", kPoint, "A distribution point has a name or a CRL issuer", &complete_points<kCrl>,
        kRfc3280),
    rfc("e_freshest_crl_point_incomplete", "RFC 5280 4.2.1.15", "A point of delta CRLs has a name or a CRL issuer",
        &complete_points<kFreshest>),
    rfc(
        "w_crl_point_not_fetched", kPoint, "The distribution points name an HTTP or LDAP address",
        [](const Case& c, std::string&) {
          if (!c.has(Ext::crl_points)) return Verdict::silent;
          return must(std::ranges::any_of(c.crl_points, [](const PointView& point) {
            return std::ranges::any_of(point.full_name, [](const GeneralNameView& name) {
              return name.kind == Kind::uri && is_fetched(name.text());
            });
          }));
        },
        kRfc5280),
    rfc("e_crl_point_uri_syntax", "RFC 5280 4.2.1.13; RFC 3986", "An address of a distribution point is a URI",
        &well_formed_addresses<kCrl>),
    rfc("e_freshest_crl_uri_syntax", "RFC 5280 4.2.1.15; RFC 3986", "An address of delta CRLs is a URI",
        &well_formed_addresses<kFreshest>),
    rfc("e_crl_point_name_empty", kPoint, "The full name of a distribution point has at least one name",
        [](const Case& c, std::string&) {
          return each(c.crl_points, [](const PointView& p) {
            return p.has_full_name ? must(!p.full_name.empty()) : Verdict::silent;
          });
        }),
    rfc("w_crl_point_relative", kPoint, "A distribution point is named in full",
        [](const Case& c, std::string&) {
          return each(c.crl_points, [](const PointView& p) { return must(!p.has_relative_name); });
        }),
    rfc("e_crl_point_relative_issuers", kPoint, "A relative name has at most one CRL issuer to be relative to",
        [](const Case& c, std::string&) {
          return each(c.crl_points, [](const PointView& p) {
            return p.has_relative_name && p.has_issuer ? must(p.issuer.size() == 1) : Verdict::silent;
          });
        }),
    rfc("w_crl_point_reasons", kPoint, "CRLs are not divided by reasons",
        [](const Case& c, std::string&) {
          return each(c.crl_points, [](const PointView& p) { return must(!p.has_reasons); });
        }),
    rfc("e_crl_point_reasons_unknown", kPoint, "The reasons of a distribution point are known", &reasons_are_known),
    rfc("e_crl_point_without_all_reasons", kPoint, "At least one distribution point covers all reasons",
        [](const Case& c, std::string&) {
          if (c.crl_points.empty()) return Verdict::silent;
          return must(std::ranges::any_of(c.crl_points, [](const PointView& p) { return !p.has_reasons; }));
        }),
    rfc("e_crl_point_own_issuer", kPoint, "cRLIssuer is left out where the issuer signs the CRL", &other_crl_issuer),
    rfc("e_crl_issuer_no_name", kPoint, "cRLIssuer holds the name of the CRL issuer",
        [](const Case& c, std::string&) {
          return each(c.crl_points, [](const PointView& p) {
            if (!p.has_issuer) return Verdict::silent;
            return must(std::ranges::any_of(
                p.issuer, [](const GeneralNameView& n) { return n.kind == Kind::directory && n.content.size() > 2; }));
          });
        }),
    rfc(
        "w_ca_issuers_not_fetched", kAccess, "The address of the issuer's certificate is of HTTP or LDAP",
        [](const Case& c, std::string& why) { return method_is_fetched(c.authority_access, oids::kCaIssuers, why); },
        kRfc5280),
    rfc("e_authority_info_uri_syntax", "RFC 5280 4.2.2.1; RFC 3986", "An address in authorityInfoAccess is a URI",
        [](const Case& c, std::string& why) { return access_addresses(c.authority_access, why); }),
    rfc("e_subject_info_uri_syntax", "RFC 5280 4.2.2.2; RFC 3986", "An address in subjectInfoAccess is a URI",
        [](const Case& c, std::string& why) { return access_addresses(c.subject_access, why); }),
    rfc("e_ocsp_location_no_uri", "RFC 6960 3.1", "The OCSP responder is named by a URI",
        [](const Case& c, std::string&) {
          return for_method(c.authority_access, oids::kOcsp,
                            [](const GeneralNameView& name) { return must(name.kind == Kind::uri); });
        }),
    rfc("w_authority_info_method_unknown", kAccess, "authorityInfoAccess names OCSP and caIssuers only",
        [](const Case& c, std::string& why) {
          return each(c.authority_access, [&](const AccessView& access) {
            if (access.method == oids::kOcsp || access.method == oids::kCaIssuers) return Verdict::passes;
            why = crypto::der::read_oid(access.method).value_or("");
            return Verdict::fails;
          });
        }),
    rfc("e_freshest_crl_without_points", "RFC 5280 4.2.1.15, 5.2.4",
        "Where delta CRLs are announced, complete ones are too",
        [](const Case& c, std::string&) {
          return c.has(Ext::freshest_crl) ? must(c.has(Ext::crl_points)) : Verdict::silent;
        }),
    rfc("w_subject_info_method", "RFC 5280 4.2.2.2",
        "subjectInfoAccess names a repository for authorities, time-stamping for others",
        [](const Case& c, std::string& why) {
          return each(c.subject_access, [&](const AccessView& access) {
            const bool is_repository = access.method == oids::kCaRepository,
                       is_stamping = access.method == oids::kAdTimeStamping;
            if (!is_repository && !is_stamping) return Verdict::silent;
            if (is_repository == c.ca) return Verdict::passes;
            why = crypto::der::read_oid(access.method).value_or("");
            return Verdict::fails;
          });
        }),
    rfc("w_ca_issuers_in_root", kAccess, "A self-issued certificate of an authority names no issuer's certificate",
        [](const Case& c, std::string&) {
          if (!c.ca || !c.is_self_issued() || c.authority_access.empty()) return Verdict::silent;
          return must(std::ranges::none_of(c.authority_access,
                                           [](const AccessView& a) { return a.method == oids::kCaIssuers; }));
        }),
};

}  // namespace

std::span<const Entry> location_rules() {
  return kRules;
}

}  // namespace kyso::pki::lint

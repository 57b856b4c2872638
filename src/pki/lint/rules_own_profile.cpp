#include <algorithm>

#include "crypto/algorithm.h"
#include "pki/lint/rule_table.h"
#include "pki/lint/usage.h"

// What a good profile of an authority, a signer, a responder or a web site looks like, and what other programs stumble
// on.
namespace kyso::pki::lint {
namespace {

using namespace usage;
using Kind = GeneralNameView::Kind;

std::chrono::seconds lifetime(const Case& c) {
  return c.is_validity_malformed ? std::chrono::seconds(0) : *c.not_after.instant - *c.not_before.instant;
}
constexpr std::chrono::hours days(int count) {
  return std::chrono::hours(24) * count;
}
Verdict lives_at_most(const Case& c, bool is_asked, int most_days, std::string& why) {
  if (!is_asked || c.is_validity_malformed) return Verdict::silent;
  const auto length = lifetime(c);
  if (length > days(most_days))
    why = fmt::format("{} days", std::chrono::duration_cast<std::chrono::hours>(length).count() / 24);
  return must(length <= days(most_days));
}

bool is_responder(const Case& c) {
  return c.has_usage(oids::kOcspSigning) && !c.ca;
}
bool is_stamping(const Case& c) {
  return c.has_usage(oids::kTimeStamping) && !c.ca;
}
bool is_server(const Case& c) {
  return c.has_usage(oids::kServerAuth) && !c.ca;
}
bool is_root(const Case& c) {
  return c.ca && c.is_self_issued();
}
bool has_method(const Case& c, const Oid& method) {
  return std::ranges::any_of(c.authority_access, [&](const AccessView& a) { return a.method == method; });
}

// Calls `keeps` for every address from which status or certificates are fetched.
template <typename F>
Verdict for_addresses(const Case& c, std::string& why, F keeps) {
  const auto judge = [&](const GeneralNameView& name) {
    if (name.kind != Kind::uri) return Verdict::silent;
    if (keeps(name.text())) return Verdict::passes;
    why = shown(name.text());
    return Verdict::fails;
  };
  const Verdict points = each(c.crl_points, [&](const PointView& p) { return each(p.full_name, judge); });
  if (points == Verdict::fails) return points;
  return std::max(points, each(c.authority_access, [&](const AccessView& a) { return judge(a.location); }));
}
template <typename F>
Verdict for_crl_addresses(const Case& c, std::string& why, F keeps) {
  return each(c.crl_points, [&](const PointView& p) {
    return each(p.full_name, [&](const GeneralNameView& name) {
      if (name.kind != Kind::uri) return Verdict::silent;
      if (keeps(name.text())) return Verdict::passes;
      why = shown(name.text());
      return Verdict::fails;
    });
  });
}

template <typename F>
Verdict for_host_names(const Case& c, std::string& why, F keeps) {
  return each(c.subject_names, [&](const GeneralNameView& name) {
    if (name.kind != Kind::dns) return Verdict::silent;
    if (keeps(name.text())) return Verdict::passes;
    why = shown(name.text());
    return Verdict::fails;
  });
}

// RFC 5280 section 4.2.1.2 methods 1 and 2, RFC 7093 section 2 methods 1 to 3.
bool is_usual_key_id(ByteView id, ByteView key) {
  const Bytes sha1 = crypto::digest(crypto::DigestAlgorithm::sha1, key);
  if (std::ranges::equal(id, sha1)) return true;
  if (id.size() == 8 && id[0] == (0x40U | (sha1[12] & 0x0fU)) &&
      std::ranges::equal(id.subspan(1), ByteView(sha1).subspan(13)))
    return true;
  if (id.size() != 20) return false;
  for (const auto algorithm :
       {crypto::DigestAlgorithm::sha256, crypto::DigestAlgorithm::sha384, crypto::DigestAlgorithm::sha512})
    if (std::ranges::equal(id, ByteView(crypto::digest(algorithm, key)).first(20))) return true;
  return false;
}

bool is_private_address(ByteView octets) {
  return octets.size() == 4 && (octets[0] == 10 || octets[0] == 127 || (octets[0] == 192 && octets[1] == 168) ||
                                (octets[0] == 172 && (octets[1] & 0xf0U) == 16));
}

constexpr Entry kRules[] = {
    own("w_authority_path_length_absent", "Kyso", "An authority below the root says how long paths below it may be",
        [](const Case& c, std::string&) {
          return c.ca && !is_root(c) ? must(c.path_length.has_value()) : Verdict::silent;
        }),
    own("w_authority_key_usage_surplus", "Kyso", "An authority's key signs certificates and CRLs and does nothing else",
        [](const Case& c, std::string&) {
          return c.ca && c.is_readable(Ext::key_usage) ? must((c.key_usage & ~(kCertSign | kCrlSign)) == 0)
                                                       : Verdict::silent;
        }),
    own("n_authority_without_crl_sign", "Kyso", "An authority signs its own CRLs",
        [](const Case& c, std::string&) {
          return c.ca && c.is_readable(Ext::key_usage) ? must((c.key_usage & kCrlSign) != 0) : Verdict::silent;
        }),
    own("w_authority_any_usage", "Kyso", "An authority's extKeyUsage is not anyExtendedKeyUsage",
        [](const Case& c, std::string&) {
          return c.ca && c.has(Ext::extended_usage) ? must(!c.has_usage(oids::kAnyUsage)) : Verdict::silent;
        }),
    own("w_authority_ocsp_signing", "Kyso",
        "An authority's extKeyUsage has no OCSPSigning: all below it would answer for its issuer",
        [](const Case& c, std::string&) {
          return c.ca && c.has(Ext::extended_usage) ? must(!c.has_usage(oids::kOcspSigning)) : Verdict::silent;
        }),
    own("w_authority_without_policies", "Kyso", "An authority below the root names the policies that it issues under",
        [](const Case& c, std::string&) { return c.ca && !is_root(c) ? must(c.has(Ext::policies)) : Verdict::silent; }),
    own("w_authority_alternative_name", "Kyso", "An authority has no subjectAltName",
        [](const Case& c, std::string&) { return c.ca ? must(!c.has(Ext::subject_alt_name)) : Verdict::silent; }),
    own("n_root_points", "Kyso", "A root has no distribution points: nobody could believe them",
        [](const Case& c, std::string&) { return is_root(c) ? must(!c.has(Ext::crl_points)) : Verdict::silent; }),
    own("e_end_entity_self_issued", "Kyso", "An end entity's certificate is issued by somebody else",
        [](const Case& c, std::string&) { return c.ca ? Verdict::silent : must(!c.is_self_issued()); }),
    own("w_end_entity_without_key_usage", "Kyso", "An end entity has keyUsage",
        [](const Case& c, std::string&) { return c.ca ? Verdict::silent : must(c.has(Ext::key_usage)); }),
    own("w_end_entity_without_purpose", "Kyso", "An end entity has extKeyUsage",
        [](const Case& c, std::string&) { return c.ca ? Verdict::silent : must(c.has(Ext::extended_usage)); }),
    own("w_end_entity_any_usage", "Kyso", "An end entity's extKeyUsage is not anyExtendedKeyUsage",
        [](const Case& c, std::string&) {
          return !c.ca && c.has(Ext::extended_usage) ? must(!c.has_usage(oids::kAnyUsage)) : Verdict::silent;
        }),
    own("w_end_entity_without_policies", "Kyso", "An end entity names the policy that it was issued under",
        [](const Case& c, std::string&) { return c.ca ? Verdict::silent : must(c.has(Ext::policies)); }),
    own("w_end_entity_any_policy", "Kyso", "An end entity's policy is not anyPolicy",
        [](const Case& c, std::string&) {
          return !c.ca && c.has(Ext::policies) ? must(!c.has_policy(oids::kAnyPolicy)) : Verdict::silent;
        }),
    own("w_end_entity_crl_sign", "Kyso", "An end entity signs no CRLs",
        [](const Case& c, std::string&) {
          return !c.ca && c.is_readable(Ext::key_usage) ? must((c.key_usage & kCrlSign) == 0) : Verdict::silent;
        }),
    own("w_signer_enciphers", "Kyso", "A key for signatures that bind does not encipher",
        [](const Case& c, std::string&) {
          if (c.ca || (c.key_usage & kNonRepudiation) == 0) return Verdict::silent;
          return must((c.key_usage & (kKeyEncipherment | kDataEncipherment | kKeyAgreement)) == 0);
        }),
    own("w_mail_without_address", "Kyso", "A certificate for emailProtection has an address",
        [](const Case& c, std::string&) {
          if (c.ca || !c.has_usage(oids::kEmailProtection)) return Verdict::silent;
          const bool has = std::ranges::any_of(c.subject_names, [](const GeneralNameView& n) {
            return n.kind == Kind::rfc822 || n.kind == Kind::other;
          });
          return must(has || c.subject.has(At::email));
        }),
    own("w_authority_key_id_with_issuer", "Kyso",
        "authorityKeyIdentifier has no issuer and serial number: renewing the issuer would break it",
        [](const Case& c, std::string&) {
          return c.is_readable(Ext::authority_key_id) ? must(!c.authority_issuer && !c.authority_serial)
                                                      : Verdict::silent;
        }),
    own("n_subject_key_id_method", "RFC 5280 4.2.1.2; RFC 7093 2",
        "The subjectKeyIdentifier is the usual digest of the key",
        [](const Case& c, std::string&) {
          return c.subject_key_id.empty() ? Verdict::silent : must(is_usual_key_id(c.subject_key_id, c.key.bits));
        }),
    own("w_key_ids_long", "Kyso", "Key identifiers have at most 32 octets",
        [](const Case& c, std::string&) {
          if (c.subject_key_id.empty() && !c.authority_key_id) return Verdict::silent;
          return must(c.subject_key_id.size() <= 32 && (!c.authority_key_id || c.authority_key_id->size() <= 32));
        }),

    own("w_lives_long_end_entity", "Kyso", "An end entity's certificate is valid for at most five years",
        [](const Case& c, std::string& why) { return lives_at_most(c, !c.ca && !is_stamping(c), 5 * 365 + 3, why); }),
    own("e_lives_too_long_end_entity", "Kyso", "An end entity's certificate is valid for at most ten years",
        [](const Case& c, std::string& why) { return lives_at_most(c, !c.ca && !is_stamping(c), 10 * 365 + 4, why); }),
    own("w_lives_long_server", "CA/B BR 6.3.2", "A web server's certificate is valid for at most 398 days",
        [](const Case& c, std::string& why) { return lives_at_most(c, is_server(c), 398, why); }),
    own("w_lives_long_responder", "RFC 6960 4.2.2.2.1",
        "The certificate of a responder that nobody asks about is valid for at most 100 days",
        [](const Case& c, std::string& why) {
          return lives_at_most(c, is_responder(c) && c.has(Ext::ocsp_no_check), 100, why);
        }),
    own("w_lives_long_authority", "Kyso", "An authority's certificate is valid for at most 30 years",
        [](const Case& c, std::string& why) { return lives_at_most(c, c.ca, 30 * 366, why); }),
    own("w_lives_too_short", "Kyso", "A certificate is valid for at least an hour",
        [](const Case& c, std::string&) {
          return c.is_validity_malformed ? Verdict::silent : must(lifetime(c) >= std::chrono::hours(1));
        }),

    own("w_responder_without_no_check", "RFC 6960 4.2.2.2.1",
        "A responder's certificate has ocsp-nocheck or says where its status is",
        [](const Case& c, std::string&) {
          return is_responder(c) ? must(c.has(Ext::ocsp_no_check) || c.has(Ext::crl_points)) : Verdict::silent;
        }),
    own("e_responder_key_usage", "RFC 6960 4.2.2.2", "A responder's key signs",
        [](const Case& c, std::string&) {
          return is_responder(c) && c.is_readable(Ext::key_usage) ? must((c.key_usage & kDigitalSignature) != 0)
                                                                  : Verdict::silent;
        }),
    own("w_stamping_key_usage", "EN 319 422 6.2",
        "A time-stamping key has digitalSignature or nonRepudiation and nothing else",
        [](const Case& c, std::string&) {
          if (!is_stamping(c) || !c.is_readable(Ext::key_usage)) return Verdict::silent;
          return must((c.key_usage & (kDigitalSignature | kNonRepudiation)) != 0 &&
                      (c.key_usage & ~(kDigitalSignature | kNonRepudiation)) == 0);
        }),
    own("n_stamping_private_period", "EN 319 421 7.6.7", "A time-stamping certificate says how long its key is used",
        [](const Case& c, std::string&) {
          return is_stamping(c) ? must(c.has(Ext::private_key_period)) : Verdict::silent;
        }),

    own("e_status_unknown", "Kyso", "A certificate says where its status is, or that there is none",
        [](const Case& c, std::string&) {
          if (is_root(c)) return Verdict::silent;
          return must(c.has(Ext::crl_points) || has_method(c, oids::kOcsp) || c.has(Ext::no_revocation) ||
                      c.has(Ext::ocsp_no_check));
        }),
    own("n_status_without_ocsp", "Kyso", "A certificate names an OCSP responder",
        [](const Case& c, std::string&) {
          if (is_root(c) || c.has(Ext::no_revocation) || c.has(Ext::ocsp_no_check)) return Verdict::silent;
          return must(has_method(c, oids::kOcsp));
        }),
    own("w_ca_issuers_absent", "Kyso", "A certificate says where its issuer's is",
        [](const Case& c, std::string&) {
          return is_root(c) ? Verdict::silent : must(has_method(c, oids::kCaIssuers));
        }),
    own("w_crl_point_not_http", "Kyso", "A distribution point has an http address: LDAP is closed in many networks",
        [](const Case& c, std::string& why) {
          return for_crl_addresses(c, why, [](std::string_view uri) { return is_http(uri) || is_https(uri); });
        }),
    own("w_crl_point_https", "RFC 5280 8", "A distribution point has no https address: checking it would need a CRL",
        [](const Case& c, std::string& why) {
          return for_crl_addresses(c, why, [](std::string_view uri) { return !is_https(uri); });
        }),
    own("w_authority_info_https", "RFC 5280 8", "authorityInfoAccess has no https addresses",
        [](const Case& c, std::string& why) {
          return each(c.authority_access, [&](const AccessView& a) {
            if (a.location.kind != Kind::uri) return Verdict::silent;
            if (!is_https(a.location.text())) return Verdict::passes;
            why = shown(a.location.text());
            return Verdict::fails;
          });
        }),
    own("w_authority_info_ldap", "Kyso", "authorityInfoAccess has no LDAP addresses",
        [](const Case& c, std::string& why) {
          return each(c.authority_access, [&](const AccessView& a) {
            if (a.location.kind != Kind::uri) return Verdict::silent;
            if (!is_ldap(a.location.text())) return Verdict::passes;
            why = shown(a.location.text());
            return Verdict::fails;
          });
        }),
    own("w_address_numeric", "Kyso", "Addresses have host names, not numbers",
        [](const Case& c, std::string& why) {
          return for_addresses(c, why, [](std::string_view uri) { return !read_uri(uri).is_literal_address; });
        }),
    own("w_address_with_user", "Kyso", "Addresses have no user name",
        [](const Case& c, std::string& why) {
          return for_addresses(c, why, [](std::string_view uri) {
            const std::size_t start = uri.find("://");
            if (start == std::string_view::npos) return true;
            const std::string_view rest = uri.substr(start + 3);
            return rest.substr(0, rest.find('/')).find('@') == std::string_view::npos;
          });
        }),
    own("w_address_local", "Kyso", "Addresses are known outside the machine",
        [](const Case& c, std::string& why) {
          return for_addresses(c, why, [](std::string_view uri) {
            const Uri read = read_uri(uri);
            return !read.has_authority ||
                   (read.host != "localhost" && read.host != "127.0.0.1" && !read.host.ends_with(".local"));
          });
        }),
    own("w_address_long", "Kyso", "Addresses have at most 256 characters",
        [](const Case& c, std::string& why) {
          return for_addresses(c, why, [](std::string_view uri) { return uri.size() <= 256; });
        }),
    own("n_crl_points_many", "Kyso", "There is at most one distribution point for each CRL: programs fetch all of them",
        [](const Case& c, std::string&) {
          return c.crl_points.empty() ? Verdict::silent : must(c.crl_points.size() <= 3);
        }),

    own("w_server_without_alternative_name", "RFC 9525 2", "A web server's certificate has its names in subjectAltName",
        [](const Case& c, std::string&) {
          return is_server(c) ? must(c.has(Ext::subject_alt_name)) : Verdict::silent;
        }),
    own("w_server_common_name_elsewhere", "RFC 9525 2", "A web server's common name is one of its alternative names",
        [](const Case& c, std::string& why) {
          const Attribute* name = is_server(c) ? c.subject.find(At::common_name) : nullptr;
          if (name == nullptr || !is_host_name(name->text, true) || name->text.find('.') == std::string_view::npos ||
              is_ipv4(name->text))
            return Verdict::silent;
          const bool found = std::ranges::any_of(c.subject_names, [&](const GeneralNameView& n) {
            return n.kind == Kind::dns && n.content.size() == name->text.size() &&
                   starts_with_ignoring_case(n.text(), name->text);
          });
          if (!found) why = shown(name->text);
          return must(found);
        }),
    own("w_dns_wildcard_bare", "RFC 9525 6.3", "A wildcard stands before a domain",
        [](const Case& c, std::string& why) {
          return for_host_names(c, why, [](std::string_view name) { return name != "*" && name != "*."; });
        }),
    own("w_dns_wildcard_inside", "RFC 9525 6.3", "A wildcard is the whole first label",
        [](const Case& c, std::string& why) {
          return for_host_names(c, why, [](std::string_view name) {
            const std::size_t star = name.rfind('*');
            return star == std::string_view::npos || (star == 0 && (name.size() == 1 || name[1] == '.'));
          });
        }),
    own("w_dns_leading_dot", "Kyso", "A dNSName begins with no dot",
        [](const Case& c, std::string& why) {
          return for_host_names(c, why, [](std::string_view name) { return !name.starts_with('.'); });
        }),
    own("e_dns_null_character", "Kyso", "A dNSName has no null character",
        [](const Case& c, std::string& why) {
          return for_host_names(c, why,
                                [](std::string_view name) { return name.find('\0') == std::string_view::npos; });
        }),
    own("n_dns_internal", "Kyso", "A dNSName is known outside",
        [](const Case& c, std::string& why) {
          return for_host_names(c, why, [](std::string_view name) {
            return name.find('.') != std::string_view::npos && !name.ends_with(".local") &&
                   !name.ends_with(".localdomain");
          });
        }),
    own("n_ip_private", "Kyso", "An iPAddress is known outside",
        [](const Case& c, std::string&) {
          return each(c.subject_names, [](const GeneralNameView& name) {
            return name.kind == Kind::ip ? must(!is_private_address(name.content)) : Verdict::silent;
          });
        }),

    own("n_netscape_extension", "Kyso", "There are no Netscape extensions",
        [](const Case& c, std::string&) {
          if (c.extensions.empty()) return Verdict::silent;
          return must(!c.has(Ext::ns_cert_type) && !c.has(Ext::ns_comment) && !c.has(Ext::ns_other));
        }),
    own("n_microsoft_template", "Kyso", "There are no templates of Windows servers",
        [](const Case& c, std::string&) {
          return c.extensions.empty() ? Verdict::silent : must(!c.has(Ext::ms_template));
        }),
    own("w_certificate_large", "Kyso", "The certificate has at most 4,096 octets: tokens and smart cards hold no more",
        [](const Case& c, std::string& why) {
          if (c.der.size() > 4096) why = fmt::format("{} octets", c.der.size());
          return must(c.der.size() <= 4096);
        }),
    own("w_extensions_many", "Kyso", "There are at most 24 extensions",
        [](const Case& c, std::string&) {
          return c.extensions.empty() ? Verdict::silent : must(c.extensions.size() <= 24);
        }),
    own("w_alternative_names_many", "Kyso", "There are at most 100 alternative names",
        [](const Case& c, std::string&) {
          return c.subject_names.empty() ? Verdict::silent : must(c.subject_names.size() <= 100);
        }),
};

}  // namespace

std::span<const Entry> own_profile_rules() {
  return kRules;
}

}  // namespace kyso::pki::lint

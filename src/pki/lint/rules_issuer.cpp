#include <algorithm>

#include "crypto/der.h"
#include "pki/lint/rule_table.h"
#include "pki/name_constraints.h"

// A certificate beside its issuer's: what RFC 5280 section 6 will ask of the pair.
namespace kyso::pki::lint {
namespace {

template <typename F>
Verdict with_issuer(const Case& c, F judge) {
  return c.authority == nullptr ? Verdict::silent : judge(c.authority->certificate(), c.authority->extensions());
}

using Certificate = crypto::Certificate;
using Extensions = CertificateExtensions;

Verdict key_fits_algorithm(const Certificate& issuer, const Case& c) {
  const ByteView oid = c.outer.oid;
  switch (issuer.public_key().type()) {
    case crypto::KeyType::rsa:
      return must(Oid("1.2.840.113549.1.1").is_above(oid));
    case crypto::KeyType::ec_p256:
    case crypto::KeyType::ec_p384:
    case crypto::KeyType::ec_p521:
      return must(Oid("1.2.840.10045.4").is_above(oid));
    case crypto::KeyType::ed25519:
      return must(oid == oids::kEd25519);
    default:
      return Verdict::silent;
  }
}

// Section 6.1.4 (l), (m): what is left for authorities below.
Verdict path_length_fits(const Case& c, const Extensions& issuer) {
  if (!c.ca || !issuer.path_length) return Verdict::silent;
  return must(c.is_self_issued() || *issuer.path_length > 0);
}

Verdict path_length_shrinks(const Case& c, const Extensions& issuer, std::string& why) {
  if (!c.ca || c.is_self_issued() || !issuer.path_length || *issuer.path_length == 0) return Verdict::silent;
  if (!c.path_length) {
    why = "no path length below a limited one";
    return Verdict::fails;
  }
  const auto own_length = crypto::der::read_integer(c.path_length->content);
  if (!own_length) return Verdict::silent;
  if (*own_length >= *issuer.path_length) why = fmt::format("{} below {}", *own_length, *issuer.path_length);
  return must(*own_length < *issuer.path_length);
}

Verdict names_are_permitted(const Case& c, const Extensions& issuer, std::string& why) {
  if (!issuer.has_name_constraints || (c.ca && c.is_self_issued())) return Verdict::silent;
  auto certificate = Certificate::from_der(c.der);
  if (!certificate) return Verdict::silent;
  std::size_t comparisons = 10'000;
  NameConstraints constraints(comparisons);
  constraints.add(issuer);
  const auto violation = constraints.find_violation(ParsedCertificate(*std::move(certificate)));
  if (violation) why = shown(*violation);
  return must(!violation);
}

Verdict purposes_are_the_issuers(const Case& c, const Certificate& issuer, std::string& why) {
  const auto& allowed = issuer.extended_key_usage();
  if (allowed.empty() || c.usages.empty() || std::ranges::find(allowed, "2.5.29.37.0") != allowed.end())
    return Verdict::silent;
  return each(c.usages, [&](ByteView usage) {
    const std::string oid = crypto::der::read_oid(usage).value_or("");
    // A delegated OCSP responder serves the issuer itself.
    if (usage == oids::kOcspSigning || std::ranges::find(allowed, oid) != allowed.end()) return Verdict::passes;
    why = oid;
    return Verdict::fails;
  });
}

Verdict policies_are_the_issuers(const Case& c, const Extensions& issuer, std::string& why) {
  if (!issuer.policies || c.policies.empty()) return Verdict::silent;
  const auto& allowed = *issuer.policies;
  if (std::ranges::find(allowed, "2.5.29.32.0") != allowed.end()) return Verdict::passes;
  return each(c.policies, [&](const PolicyView& policy) {
    const std::string oid = crypto::der::read_oid(policy.oid).value_or("");
    const bool is_mapped =
        std::ranges::any_of(issuer.policy_mappings, [&](const PolicyMapping& m) { return m.subject_domain == oid; });
    if (is_mapped || std::ranges::find(allowed, oid) != allowed.end()) return Verdict::passes;
    why = oid;
    return Verdict::fails;
  });
}

constexpr Entry kRules[] = {
    rfc("e_issuer_name_differs", "RFC 5280 6.1.3",
        "The issuer's name is the subject of the issuer's certificate, octet by octet",
        [](const Case& c, std::string&) {
          return with_issuer(c, [&](const Certificate& i, const Extensions&) {
            return must(std::ranges::equal(i.subject_der(), c.issuer.whole));
          });
        }),
    rfc("e_issuer_no_authority", "RFC 5280 6.1.4", "The issuer is an authority",
        [](const Case& c, std::string&) {
          return with_issuer(c, [](const Certificate& i, const Extensions&) { return must(i.is_ca()); });
        }),
    rfc("e_issuer_without_cert_sign", "RFC 5280 6.1.4", "The issuer's key may sign certificates",
        [](const Case& c, std::string&) {
          return with_issuer(c, [](const Certificate& i, const Extensions&) {
            return must(i.allows(crypto::KeyUsage::key_cert_sign));
          });
        }),
    rfc("e_issuer_key_id_differs", "RFC 5280 4.2.1.1",
        "The keyIdentifier of authorityKeyIdentifier is the issuer's subjectKeyIdentifier",
        [](const Case& c, std::string&) {
          return with_issuer(c, [&](const Certificate& i, const Extensions&) {
            if (!c.authority_key_id || i.subject_key_id().empty()) return Verdict::silent;
            return must(std::ranges::equal(*c.authority_key_id, i.subject_key_id()));
          });
        }),
    rfc("e_issuer_serial_differs", "RFC 5280 4.2.1.1", "authorityCertSerialNumber is the issuer's serial number",
        [](const Case& c, std::string&) {
          return with_issuer(c, [&](const Certificate& i, const Extensions&) {
            return c.authority_serial ? must(std::ranges::equal(*c.authority_serial, i.serial())) : Verdict::silent;
          });
        }),
    rfc("e_issuer_key_algorithm", "RFC 5280 4.1.1.2", "The signature algorithm is one of the issuer's key",
        [](const Case& c, std::string&) {
          return with_issuer(c, [&](const Certificate& i, const Extensions&) { return key_fits_algorithm(i, c); });
        }),
    rfc("w_begins_before_issuer", "RFC 5280 4.1.2.5", "The certificate does not begin before its issuer's",
        [](const Case& c, std::string&) {
          return with_issuer(c, [&](const Certificate& i, const Extensions&) {
            return c.not_before.instant ? must(*c.not_before.instant >= i.not_before()) : Verdict::silent;
          });
        }),
    rfc("e_ends_after_issuer", "RFC 5280 4.1.2.5", "The certificate does not end after its issuer's",
        [](const Case& c, std::string& why) {
          return with_issuer(c, [&](const Certificate& i, const Extensions&) {
            if (!c.not_after.instant) return Verdict::silent;
            if (*c.not_after.instant > i.not_after()) why = shown(c.not_after.text);
            return must(*c.not_after.instant <= i.not_after());
          });
        }),
    rfc("e_path_length_used_up", "RFC 5280 4.2.1.9", "An issuer with path length 0 certifies no authority",
        [](const Case& c, std::string&) {
          return with_issuer(c, [&](const Certificate&, const Extensions& e) { return path_length_fits(c, e); });
        }),
    rfc("w_path_length_not_shorter", "RFC 5280 4.2.1.9", "The path length is shorter than the issuer's",
        [](const Case& c, std::string& why) {
          return with_issuer(c,
                             [&](const Certificate&, const Extensions& e) { return path_length_shrinks(c, e, why); });
        }),
    rfc("e_outside_name_constraints", "RFC 5280 4.2.1.10", "The names are in what the issuer may certify",
        [](const Case& c, std::string& why) {
          return with_issuer(c,
                             [&](const Certificate&, const Extensions& e) { return names_are_permitted(c, e, why); });
        }),
    rfc("w_purpose_not_the_issuers", "RFC 5280 4.2.1.12", "The purposes are among those of the issuer's certificate",
        [](const Case& c, std::string& why) {
          return with_issuer(
              c, [&](const Certificate& i, const Extensions&) { return purposes_are_the_issuers(c, i, why); });
        }),
    rfc("w_policy_not_the_issuers", "RFC 5280 6.1.3", "The policies are among those of the issuer's certificate",
        [](const Case& c, std::string& why) {
          return with_issuer(
              c, [&](const Certificate&, const Extensions& e) { return policies_are_the_issuers(c, e, why); });
        }),
    rfc("e_same_key_as_issuer", "RFC 5280 4.1.2.7", "A certificate of another subject has another key than its issuer",
        [](const Case& c, std::string&) {
          return with_issuer(c, [&](const Certificate& i, const Extensions&) {
            return c.is_self_issued() ? Verdict::silent : must(!std::ranges::equal(i.public_key().spki(), c.key.whole));
          });
        }),
};

}  // namespace

std::span<const Entry> issuer_rules() {
  return kRules;
}

}  // namespace kyso::pki::lint

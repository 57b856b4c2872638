#include "pki/certificate_extensions.h"

#include <algorithm>
#include <array>
#include <limits>
#include <set>

#include "pki/extension_ids.h"
#include "pki/revocation_reader.h"

namespace kyso::pki {
namespace {

namespace der = crypto::der;

using Out = CertificateExtensions;

Error malformed(std::string_view what) {
  return fail("crypto.der.malformed", "{}", what);
}

// The members of the SEQUENCE that the value consists of; an empty one is malformed.
Result<der::Reader> open_list(ByteView value) {
  der::Reader outer(value);
  const der::Reader list(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(outer.finish());
  if (list.at_end()) return malformed("empty SEQUENCE");
  return list;
}

// A number that is compared with lengths of paths: anything larger than fits means "no limit" as well as the largest.
Result<std::uint32_t> read_count(ByteView content) {
  if (content.empty() || content[0] >= 0x80) return malformed("negative INTEGER");
  if (content.size() > 1 && content[0] == 0 && content[1] < 0x80) return malformed("INTEGER not minimal");
  if (content.size() > 4) return std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(KYSO_TRY(der::read_integer(content)));
}

Result<> check_bit_string(ByteView value) {
  der::Reader reader(value);
  const ByteView bits = KYSO_TRY(reader.expect(der::kBitString)).content;
  KYSO_TRY(reader.finish());
  if (bits.empty() || bits[0] > 7 || (bits.size() == 1 && bits[0] != 0)) return malformed("BIT STRING");
  return {};
}

// RFC 5280 section 4.2.1.2.
Result<> read_subject_key_id(ByteView value, Out&) {
  der::Reader reader(value);
  KYSO_TRY(reader.expect(der::kOctetString));
  return reader.finish();
}

// Section 4.2.1.1.
Result<> read_authority_key_id(ByteView value, Out& out) {
  der::Reader outer(value);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(outer.finish());
  if (const auto id = KYSO_TRY(fields.maybe(der::context(0, false))))
    out.authority_key_id = Bytes(id->content.begin(), id->content.end());
  KYSO_TRY(fields.maybe(der::context(1)));
  KYSO_TRY(fields.maybe(der::context(2, false)));
  return fields.finish();
}

// Section 4.2.1.3; crypto::Certificate keeps the value.
Result<> read_key_usage(ByteView value, Out&) {
  return check_bit_string(value);
}

// Section 4.2.1.12; crypto::Certificate keeps the value.
Result<> read_extended_key_usage(ByteView value, Out&) {
  der::Reader list = KYSO_TRY(open_list(value));
  while (!list.at_end()) KYSO_TRY(der::read_oid(KYSO_TRY(list.expect(der::kOid)).content));
  return {};
}

// Section 4.2.1.9.
Result<> read_basic_constraints(ByteView value, Out& out) {
  der::Reader outer(value);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(outer.finish());
  out.has_basic_constraints = true;
  if (const auto flag = KYSO_TRY(fields.maybe(der::kBoolean))) KYSO_TRY(read_boolean(flag->content));
  if (const auto length = KYSO_TRY(fields.maybe(der::kInteger)))
    out.path_length = KYSO_TRY(read_count(length->content));
  return fields.finish();
}

// Section 4.2.1.6.
Result<> read_subject_alternative_names(ByteView value, Out& out) {
  out.subject_alternative_names = KYSO_TRY(read_general_name_list(KYSO_TRY(open_list(value)).rest()));
  return {};
}

// Section 4.2.1.4: each policy at most once.
Result<> read_policies(ByteView value, Out& out) {
  der::Reader list = KYSO_TRY(open_list(value));
  std::vector<std::string> policies;
  std::set<std::string> seen;
  while (!list.at_end()) {
    der::Reader policy(KYSO_TRY(list.expect(der::kSequence)).content);
    policies.push_back(KYSO_TRY(der::read_oid(KYSO_TRY(policy.expect(der::kOid)).content)));
    KYSO_TRY(policy.maybe(der::kSequence));  // qualifiers: for people
    KYSO_TRY(policy.finish());
    if (!seen.insert(policies.back()).second) return malformed("policy stands twice");
  }
  out.policies = std::move(policies);
  return {};
}

// Section 4.2.1.5.
Result<> read_policy_mappings(ByteView value, Out& out) {
  der::Reader list = KYSO_TRY(open_list(value));
  while (!list.at_end()) {
    der::Reader pair(KYSO_TRY(list.expect(der::kSequence)).content);
    PolicyMapping mapping;
    mapping.issuer_domain = KYSO_TRY(der::read_oid(KYSO_TRY(pair.expect(der::kOid)).content));
    mapping.subject_domain = KYSO_TRY(der::read_oid(KYSO_TRY(pair.expect(der::kOid)).content));
    KYSO_TRY(pair.finish());
    out.policy_mappings.push_back(std::move(mapping));
  }
  return {};
}

// Section 4.2.1.11: at least one of the two fields.
Result<> read_policy_constraints(ByteView value, Out& out) {
  der::Reader fields = KYSO_TRY(open_list(value));
  if (const auto count = KYSO_TRY(fields.maybe(der::context(0, false))))
    out.require_explicit_policy = KYSO_TRY(read_count(count->content));
  if (const auto count = KYSO_TRY(fields.maybe(der::context(1, false))))
    out.inhibit_policy_mapping = KYSO_TRY(read_count(count->content));
  return fields.finish();
}

// Section 4.2.1.14.
Result<> read_inhibit_any_policy(ByteView value, Out& out) {
  der::Reader reader(value);
  out.inhibit_any_policy = KYSO_TRY(read_count(KYSO_TRY(reader.expect(der::kInteger)).content));
  return reader.finish();
}

// Section 4.2.1.10.
Result<GeneralSubtree> read_subtree(ByteView content) {
  der::Reader fields(content);
  const ByteView base = KYSO_TRY(fields.next()).whole;
  GeneralSubtree out;
  out.base = KYSO_TRY(read_general_name_list(base)).front();
  const auto minimum = KYSO_TRY(fields.maybe(der::context(0, false)));
  const auto maximum = KYSO_TRY(fields.maybe(der::context(1, false)));
  const bool counts = (minimum && KYSO_TRY(read_count(minimum->content)) != 0) || maximum;
  using enum GeneralName::Kind;
  constexpr std::array kSupported{rfc822, dns, directory, uri, ip};
  out.is_supported = !counts && std::ranges::find(kSupported, out.base.kind) != kSupported.end();
  KYSO_TRY(fields.finish());
  return out;
}

Result<> read_subtrees(const std::optional<der::Element>& element, std::vector<GeneralSubtree>& out) {
  if (!element) return {};
  der::Reader list(element->content);
  if (list.at_end()) return malformed("no subtrees inside");
  while (!list.at_end()) out.push_back(KYSO_TRY(read_subtree(KYSO_TRY(list.expect(der::kSequence)).content)));
  return {};
}

Result<> read_name_constraints(ByteView value, Out& out) {
  out.has_name_constraints = true;
  der::Reader fields = KYSO_TRY(open_list(value));
  KYSO_TRY(read_subtrees(KYSO_TRY(fields.maybe(der::context(0))), out.permitted));
  KYSO_TRY(read_subtrees(KYSO_TRY(fields.maybe(der::context(1))), out.excluded));
  return fields.finish();
}

// Section 4.2.1.13.
Result<> read_point_name(ByteView content, DistributionPoint& out) {
  der::Reader choice(content);
  if (const auto full = KYSO_TRY(choice.maybe(der::context(0)))) {
    out.full_name = KYSO_TRY(read_general_name_list(full->content));
  } else {
    const ByteView relative = KYSO_TRY(choice.expect(der::context(1))).content;
    out.relative_name = der::encode(der::kSet, relative);
  }
  return choice.finish();
}

Result<DistributionPoint> read_distribution_point(ByteView content) {
  der::Reader fields(content);
  DistributionPoint out;
  if (const auto name = KYSO_TRY(fields.maybe(der::context(0)))) KYSO_TRY(read_point_name(name->content, out));
  if (const auto reasons = KYSO_TRY(fields.maybe(der::context(1, false))))
    out.reasons = KYSO_TRY(read_reason_flags(reasons->content));
  if (const auto issuer = KYSO_TRY(fields.maybe(der::context(2))))
    out.crl_issuer = KYSO_TRY(read_general_name_list(issuer->content));
  KYSO_TRY(fields.finish());
  return out;
}

Result<> read_distribution_points(ByteView value, std::vector<DistributionPoint>& out) {
  der::Reader list = KYSO_TRY(open_list(value));
  while (!list.at_end())
    out.push_back(KYSO_TRY(read_distribution_point(KYSO_TRY(list.expect(der::kSequence)).content)));
  return {};
}

Result<> read_crl_distribution_points(ByteView value, Out& out) {
  return read_distribution_points(value, out.crl_distribution_points);
}

Result<> read_freshest_crl(ByteView value, Out& out) {
  return read_distribution_points(value, out.freshest_crl);
}

// Section 4.2.2.1.
Result<> read_authority_information(ByteView value, Out& out) {
  constexpr std::uint8_t kUri = der::context(6, false);
  der::Reader list = KYSO_TRY(open_list(value));
  while (!list.at_end()) {
    der::Reader description(KYSO_TRY(list.expect(der::kSequence)).content);
    const std::string method = KYSO_TRY(der::read_oid(KYSO_TRY(description.expect(der::kOid)).content));
    const der::Element location = KYSO_TRY(description.next());
    KYSO_TRY(description.finish());
    if (location.tag != kUri) continue;
    const std::string url(as_chars(location.content));
    if (method == "1.3.6.1.5.5.7.48.1") out.ocsp_urls.push_back(url);
    if (method == "1.3.6.1.5.5.7.48.2") out.ca_issuer_urls.push_back(url);
  }
  return {};
}

// RFC 6960 section 4.2.2.2.1. The value is NULL; its presence is what counts.
Result<> read_ocsp_no_check(ByteView, Out& out) {
  out.ocsp_no_check = true;
  return {};
}

// RFC 9608 section 2.
Result<> read_no_revocation(ByteView, Out& out) {
  out.no_revocation_available = true;
  return {};
}

// RFC 3739 section 3.2.6; ETSI EN 319 412-5 section 4.2.1.
Result<> read_qualified_statements(ByteView value, Out& out) {
  der::Reader list = KYSO_TRY(open_list(value));
  while (!list.at_end()) {
    der::Reader statement(KYSO_TRY(list.expect(der::kSequence)).content);
    if (KYSO_TRY(der::read_oid(KYSO_TRY(statement.expect(der::kOid)).content)) == "0.4.0.1862.1.1")
      out.is_qualified = true;
  }
  return {};
}

// Known, and nothing in it decides: issuerAltName (also the empty ones of the Government's first generation) and
// subjectInfoAccess.
Result<> read_nothing(ByteView, Out&) {
  return {};
}

struct Known {
  std::string_view oid;
  Result<> (*read)(ByteView, Out&);
};
constexpr std::array<Known, 19> kKnown{{
    {kSubjectKeyIdentifier, read_subject_key_id},
    {kAuthorityKeyIdentifier, read_authority_key_id},
    {kKeyUsageExtension, read_key_usage},
    {kExtendedKeyUsage, read_extended_key_usage},
    {kBasicConstraints, read_basic_constraints},
    {kSubjectAlternativeName, read_subject_alternative_names},
    {kIssuerAlternativeName, read_nothing},
    {kCertificatePolicies, read_policies},
    {kPolicyMappings, read_policy_mappings},
    {kPolicyConstraints, read_policy_constraints},
    {kInhibitAnyPolicy, read_inhibit_any_policy},
    {kNameConstraints, read_name_constraints},
    {kCrlDistributionPoints, read_crl_distribution_points},
    {kFreshestCrl, read_freshest_crl},
    {kAuthorityInfoAccess, read_authority_information},
    {kSubjectInfoAccess, read_nothing},
    {kOcspNoCheck, read_ocsp_no_check},
    {kNoRevocationAvailable, read_no_revocation},
    {kQualifiedStatements, read_qualified_statements},
}};

}  // namespace

CertificateExtensions read_extensions(const crypto::Certificate& certificate) {
  CertificateExtensions out;
  std::set<std::string_view> seen;
  std::set<std::string> faulty;
  for (const crypto::CertificateExtension& extension : certificate.extensions()) {
    // RFC 5280 section 4.2: not more than one instance of an extension.
    if (!seen.insert(extension.oid).second) {
      faulty.insert(extension.oid);
      continue;
    }
    const auto* const known = std::ranges::find(kKnown, std::string_view(extension.oid), &Known::oid);
    if (known == kKnown.end()) {
      if (extension.is_critical) out.unknown_critical.push_back(extension.oid);
    } else if (!known->read(extension.value, out)) {
      faulty.insert(extension.oid);
    }
  }
  out.malformed.assign(faulty.begin(), faulty.end());
  return out;
}

}  // namespace kyso::pki

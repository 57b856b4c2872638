#include "pki/issue/extensions.h"

#include <algorithm>
#include <bit>

#include "crypto/der.h"
#include "pki/extension_ids.h"
#include "pki/issue/name_syntax.h"
#include "pki/issue/profile_words.h"

namespace kyso::pki::issue {
namespace {

namespace der = crypto::der;

constexpr std::uint8_t kPrintableString = 0x13, kIa5String = 0x16;
constexpr std::size_t kKeyIdSize = 20;

Bytes boolean_true() {
  return {der::kBoolean, 1, 0xff};
}

Bytes extension(std::string_view oid, ByteView value, bool is_critical = false) {
  return der::sequence(der::encode_oid(oid), is_critical ? boolean_true() : Bytes(),
                       der::encode(der::kOctetString, value));
}

// Named bits without trailing zeros (X.690 section 11.2.2); bit 0 is the first of the string.
Bytes encode_key_usage(std::uint16_t usage) {
  const int last = std::bit_width(usage) - 1;
  Bytes content(2 + static_cast<std::size_t>(last) / 8);
  content[0] = static_cast<std::uint8_t>(7 - last % 8);
  for (int bit = 0; bit <= last; ++bit)
    if ((usage >> bit & 1) != 0)
      content[1 + static_cast<std::size_t>(bit) / 8] |= static_cast<std::uint8_t>(0x80U >> bit % 8);
  return der::encode(der::kBitString, content);
}

Bytes encode_oid_list(std::span<const std::string> oids) {
  Bytes list;
  for (const std::string& oid : oids) append(list, ByteView(der::encode_oid(oid)));
  return der::encode(der::kSequence, list);
}

Bytes encode_policies(std::span<const std::string> policies) {
  Bytes list;
  for (const std::string& policy : policies) append(list, ByteView(der::sequence(der::encode_oid(policy))));
  return der::encode(der::kSequence, list);
}

Bytes encode_basic_constraints(const CertificateProfile& profile) {
  return der::sequence(profile.is_ca ? boolean_true() : Bytes(),
                       profile.is_ca && profile.path_length ? der::encode_integer(*profile.path_length) : Bytes());
}

// Section 4.2.1.10: a domain name holds for all names below it; a mailbox domain only for itself unless it starts with
// a dot.
Bytes encode_name_constraints(const CertificateProfile& profile) {
  Bytes subtrees;
  for (const std::string& domain : profile.permitted_dns)
    append(subtrees, ByteView(der::sequence(der::encode(der::context(2, false), as_bytes(domain)))));
  for (const std::string& domain : profile.permitted_email)
    append(subtrees, ByteView(der::sequence(der::encode(der::context(1, false), as_bytes(domain)))));
  return der::sequence(der::encode(der::context(0), subtrees));
}

std::string with_shard(std::string url, std::size_t shard) {
  static constexpr std::string_view kPlace = "{shard}";
  const std::size_t at = url.find(kPlace);
  return at == std::string::npos ? url : url.replace(at, kPlace.size(), std::to_string(shard));
}

// One distribution point: all addresses lead to the same list (section 4.2.1.13).
Bytes encode_crl_points(const IssuerSettings& issuer, ByteView serial) {
  const std::size_t shard = issuer.crl_shards > 1 ? crl_shard_of(serial, issuer.crl_shards) : 0;
  Bytes names;
  for (const std::string& url : issuer.crl_urls) append(names, ByteView(encode_uri(with_shard(url, shard))));
  const Bytes full_name = der::encode(der::context(0), names);
  return der::sequence(der::sequence(der::encode(der::context(0), full_name)));
}

// Empty when the profile and the issuer have nothing to say.
Bytes encode_authority_information(const CertificateProfile& profile, const IssuerSettings& issuer) {
  Bytes list;
  // Whose status nobody asks, or none exists for, names no responder (RFC 6960 section 4.2.2.2.1, RFC 9608).
  if (!profile.ocsp_no_check && !profile.no_revocation_available)
    for (const std::string& url : issuer.ocsp_urls)
      append(list, ByteView(der::sequence(der::encode_oid("1.3.6.1.5.5.7.48.1"), encode_uri(url))));
  for (const std::string& url : issuer.ca_issuer_urls)
    append(list, ByteView(der::sequence(der::encode_oid("1.3.6.1.5.5.7.48.2"), encode_uri(url))));
  return list.empty() ? Bytes() : der::encode(der::kSequence, list);
}

Bytes printable(std::string_view text) {
  return der::encode(kPrintableString, as_bytes(text));
}

// EN 319 412-5 section 4; EN 319 412-1 section 5.1 for the semantics of identifiers.
Bytes encode_qualified_statements(const CertificateProfile& profile) {
  Bytes list;
  const auto add = [&](std::string_view oid, const Bytes& info) {
    append(list, ByteView(der::sequence(der::encode_oid(oid), info)));
  };
  if (!profile.qc_semantics.empty())
    add("1.3.6.1.5.5.7.11.2", der::sequence(der::encode_oid(oid_of(kSemanticsWords, profile.qc_semantics))));
  if (profile.qc_compliance) add("0.4.0.1862.1.1", {});
  if (profile.qc_sscd) add("0.4.0.1862.1.4", {});
  if (!profile.pds.empty()) {
    Bytes locations;
    for (const auto& [language, url] : profile.pds)
      append(locations, ByteView(der::sequence(der::encode(kIa5String, as_bytes(url)), printable(language))));
    add("0.4.0.1862.1.5", der::encode(der::kSequence, locations));
  }
  if (!profile.qc_types.empty()) {
    Bytes types;
    for (const std::string& word : profile.qc_types)
      append(types, ByteView(der::encode_oid(oid_of(kQcTypeWords, word))));
    add("0.4.0.1862.1.6", der::encode(der::kSequence, types));
  }
  if (!profile.qc_legislation.empty()) {
    Bytes countries;
    for (const std::string& country : profile.qc_legislation) append(countries, ByteView(printable(country)));
    add("0.4.0.1862.1.7", der::encode(der::kSequence, countries));
  }
  return list.empty() ? Bytes() : der::encode(der::kSequence, list);
}

Result<Bytes> encode_alternative_names(std::span<const GeneralName> names) {
  Bytes list;
  for (const GeneralName& name : names) append(list, ByteView(KYSO_TRY(encode_general_name(name))));
  return der::encode(der::kSequence, list);
}

// Where the certificate's status and its issuer's certificate are found.
void append_status(Bytes& out, const ExtensionInput& input) {
  const CertificateProfile& profile = input.profile;
  if (input.issuer != nullptr) {
    if (profile.crl_distribution && !input.issuer->crl_urls.empty())
      append(out, ByteView(extension(kCrlDistributionPoints, encode_crl_points(*input.issuer, input.serial))));
    const Bytes access = profile.authority_information ? encode_authority_information(profile, *input.issuer) : Bytes();
    if (!access.empty()) append(out, ByteView(extension(kAuthorityInfoAccess, access)));
  }
  const Bytes null = {der::kNull, 0};
  if (profile.ocsp_no_check) append(out, ByteView(extension(kOcspNoCheck, null)));
  if (profile.no_revocation_available) append(out, ByteView(extension(kNoRevocationAvailable, null)));
}

}  // namespace

Bytes key_identifier(const crypto::PublicKey& key) {
  // The content of subjectPublicKey, without the octet that counts unused bits.
  der::Reader outer(key.spki());
  const auto spki = outer.next();
  der::Reader fields(spki ? spki->content : ByteView());
  static_cast<void>(fields.next());
  const auto bits = fields.next();
  Bytes hash = crypto::digest(crypto::DigestAlgorithm::sha256,
                              bits && !bits->content.empty() ? bits->content.subspan(1) : key.spki());
  hash.resize(kKeyIdSize);
  return hash;
}

Bytes key_identifier(const crypto::Certificate& certificate) {
  const ByteView own = certificate.subject_key_id();
  return own.empty() ? key_identifier(certificate.public_key()) : Bytes(own.begin(), own.end());
}

Result<Bytes> encode_extensions(const ExtensionInput& input) {
  const CertificateProfile& profile = input.profile;
  Bytes out;
  out.reserve(1024);
  append(out, ByteView(extension(kAuthorityKeyIdentifier,
                                 der::sequence(der::encode(der::context(0, false), input.authority_key_id)))));
  append(out, ByteView(extension(kSubjectKeyIdentifier, der::encode(der::kOctetString, input.subject_key_id))));
  append(out, ByteView(extension(kBasicConstraints, encode_basic_constraints(profile), true)));
  append(out, ByteView(extension(kKeyUsageExtension, encode_key_usage(profile.key_usage), profile.key_usage_critical)));
  if (!profile.extended_key_usage.empty())
    append(out, ByteView(extension(kExtendedKeyUsage, encode_oid_list(profile.extended_key_usage),
                                   profile.extended_key_usage_critical)));
  if (!profile.policies.empty())
    append(out, ByteView(extension(kCertificatePolicies, encode_policies(profile.policies))));
  if (!input.alternative_names.empty())
    append(out, ByteView(extension(kSubjectAlternativeName, KYSO_TRY(encode_alternative_names(input.alternative_names)),
                                   !input.has_subject)));
  if (!profile.permitted_dns.empty() || !profile.permitted_email.empty())
    append(out, ByteView(extension(kNameConstraints, encode_name_constraints(profile), true)));
  append_status(out, input);
  const Bytes statements = encode_qualified_statements(profile);
  if (!statements.empty()) append(out, ByteView(extension(kQualifiedStatements, statements)));
  return der::encode(der::context(3), der::encode(der::kSequence, out));
}

}  // namespace kyso::pki::issue

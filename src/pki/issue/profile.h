#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/config.h"
#include "pki/issue/certificate_request.h"

// Certificate profiles: what the authority signs. One TOML file each, share/profiles/NAME.toml holds the shipped ones;
// docs/profiles.md describes the keys. The vault works with the profiles of its approved policy, nobody else's.
namespace kyso::pki::issue {

class Pattern;  // a compiled AttributeRule::pattern

struct AttributeRule {  // one kind of subject attribute, in the order of the encoded name
  std::string type;
  std::size_t min = 0, max = 1;
  std::size_t max_length = 0;  // characters; 0: the upper bound of RFC 5280
  std::string pattern;         // ECMAScript regular expression on the octets of the whole value; empty: any
  std::string fixed;           // not empty: this value and no other; needn't stand in a request
  std::shared_ptr<const Pattern> compiled = nullptr;  // parse_profile() fills it; absent: compiled at each use
};

struct CertificateProfile {
  std::string name;         // "PERSON_5Y"
  std::string description;  // for people, Vietnamese
  // person, organisation, device, service, server, software, ocsp, tsa, log, officer, sub-ca, root
  std::string kind;
  std::vector<AttributeRule> subject;
  std::vector<crypto::KeyType> keys;  // allowed kinds
  int min_rsa_bits = 2048;
  std::chrono::seconds validity{};  // greatest and default
  std::chrono::seconds backdate{};  // notBefore may lie so much before now
  std::chrono::seconds postdate{};  // and so much after
  std::uint16_t key_usage = 0;      // bits as crypto::KeyUsage
  bool key_usage_critical = true;
  std::vector<std::string> extended_key_usage;
  bool extended_key_usage_critical = false;
  std::vector<std::string> policies;  // OIDs
  bool is_ca = false;
  std::optional<std::uint32_t> path_length;
  std::vector<GeneralName::Kind> alternative_names;  // allowed kinds
  std::size_t min_alternative_names = 0, max_alternative_names = 16;
  bool ocsp_no_check = false, no_revocation_available = false;
  bool crl_distribution = true, authority_information = true;
  // EN 319 412-5 statements; empty: none.
  std::vector<std::string> qc_types;  // "esign", "eseal", "web"
  bool qc_compliance = false, qc_sscd = false;
  std::vector<std::string> qc_legislation;               // countries: "VN"; empty with qc_compliance: the EU
  std::string qc_semantics;                              // of identifiers (EN 319 412-1): "natural", "legal" or empty
  std::vector<std::pair<std::string, std::string>> pds;  // language, https address
  std::vector<std::string> permitted_dns, permitted_email;  // name constraints of sub-CAs
  std::vector<std::string> ignored_lints;                   // ids, each with its reason in the file
};

// base.config.* with line; `name` stands for the path. Refuses what could only make wrong certificates: an authority
// without keyCertSign, revocation data and "none available" together, a qualified statement without type …
Result<CertificateProfile> parse_profile(std::string_view toml, std::string_view name);
Result<std::map<std::string, CertificateProfile>> load_profiles(const std::filesystem::path& folder);
// Of share/profiles (base/file.h).
Result<std::map<std::string, CertificateProfile>> load_shipped_profiles();

// What an issuing authority writes into every certificate of its own.
struct IssuerSettings {
  std::string name;               // "CPCA_G1": as in "CPCA_G1:PERSON_5Y"
  ParsedCertificate certificate;  // of the issuer itself; for a root: not used
  crypto::SignatureScheme scheme;
  std::vector<std::string> ocsp_urls, ca_issuer_urls;
  std::vector<std::string> crl_urls;  // "{shard}" stands for the shard's number
  std::size_t crl_shards = 1;         // 1: one complete CRL
};
// The shard of a serial: the same for ever. SHA-256 of the serial's octets, the first 4 as a number, modulo shards.
std::size_t crl_shard_of(ByteView serial, std::size_t shards);

}  // namespace kyso::pki::issue

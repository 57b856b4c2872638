#pragma once
#include <filesystem>
#include <map>

#include "token/key_generation.h"
#include "vault/vault.h"

// The key ceremony: one reviewed file says which keys are made in which tokens, what their certificates say, and who
// must agree. docs/ceremony.md.
namespace kyso::vault::ceremony {

struct Operator {
  std::string person, name;
  crypto::Certificate certificate;
};

struct PlannedToken {
  std::string name;
  std::string uri;  // RFC 7512, of the token alone; "serial=" in it names the one device that is meant
};

struct PlannedKey {
  std::string name;  // also its label in the token
  std::string token;
  token::NewKey kind = token::NewKey::ec_p256;
  std::optional<KeyPurpose> purpose;  // nullopt: a root, which the vault never holds
};

struct Publication {  // what an authority writes into certificates of its own
  std::vector<std::string> ocsp_urls, ca_issuer_urls, crl_urls;
  std::size_t crl_shards = 1;
};

struct PlannedCertificate {
  std::string key;
  std::string issuer;  // key of the authority; its own name: self-signed
  pki::issue::CertificateProfile profile;
  std::vector<pki::issue::SubjectAttribute> subject;
  std::vector<pki::GeneralName> alternative_names;
  std::optional<Instant> not_before, not_after;
  crypto::SignatureScheme scheme;  // of this key, for what it signs
  Publication publication;
};

// The first list of revoked certificates of a root, empty and number 1: whoever checks a chain to its end asks for it.
// The vault makes those of the other authorities.
struct PlannedList {
  std::string issuer;
  std::chrono::seconds valid_for{};
};

// Everything that belongs to the plan, by its digest: the plan itself, operators' certificates, profiles, policy.
struct PlanPart {
  std::string name, sha256;
};

struct Plan {
  std::string name, description;
  Instant valid_from{}, valid_until{};
  std::size_t required = 2;     // M of the operators
  std::uint8_t instance = 127;  // first octet of serial numbers: no vault has this one
  std::vector<Operator> operators;
  std::vector<PlannedToken> tokens;
  std::vector<PlannedKey> keys;
  std::vector<PlannedCertificate> certificates;  // issuers before what they issue
  std::vector<PlannedList> lists;
  std::vector<PolicyFile> policy;  // the first policy of the vault; may be empty
  std::vector<PlanPart> parts;
  Bytes sha256;  // what operators sign: over all parts

  const PlannedToken& token_of(const PlannedKey& key) const;
  const PlannedKey& key_named(std::string_view name) const;
  const PlannedCertificate& certificate_of(std::string_view key) const;
};
// Files that the plan names lie beside it. base.config.* with line; those of profiles, policies and files.
Result<Plan> load_plan(const std::filesystem::path& file);

std::string word_of(
    std::optional<KeyPurpose> purpose);  // "root", "issue", "ocsp", "time_stamp", "checkpoint", "escrow"

// The key scheme of a kind that a token makes.
crypto::KeyType type_of(token::NewKey kind);

}  // namespace kyso::vault::ceremony

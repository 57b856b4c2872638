#pragma once
#include <filesystem>
#include <map>

#include "pki/revocation.h"
#include "pki/status/revocation_list_writer.h"
#include "token/key_generation.h"
#include "vault/vault.h"

// The key ceremony: one reviewed file says which keys are made in which tokens, what their certificates say, which
// lists roots sign, and who must agree. docs/ceremony.md.
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

// A root that an earlier ceremony made: it signs here once more, nothing of it is made.
struct EarlierRoot {
  PlannedKey key;  // name and token
  crypto::Certificate certificate;
  crypto::SignatureScheme scheme;
  Publication publication;  // what stands in the certificates that it issues here
};

struct PlannedRevocation {
  crypto::Certificate certificate;
  int reason = 0;
  std::optional<Instant> date;  // nullopt: when the list is made
  std::optional<Instant> invalid_since;
};

// A list of revoked certificates of a root: whoever checks a chain to its end asks for it. The vault makes those of the
// other authorities.
struct PlannedList {
  std::string issuer;
  std::chrono::seconds valid_for{};
  std::int64_t number = 1;
  // The list that it follows, of an earlier root; absent: it is the first. What stands there stays there for ever.
  std::optional<pki::RevocationList> previous;
  std::vector<pki::status::RevokedEntry> kept;
  std::vector<PlannedRevocation> revoked;  // new ones
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
  std::vector<EarlierRoot> roots;
  std::vector<PlannedKey> keys;                  // to be made
  std::vector<PlannedCertificate> certificates;  // issuers before what they issue
  std::vector<PlannedList> lists;
  std::vector<PolicyFile> policy;  // the first policy of the vault; may be empty
  std::vector<PlanPart> parts;
  Bytes sha256;  // what operators sign: over all parts

  const PlannedToken& token_of(const PlannedKey& key) const;
  const EarlierRoot* earlier_root(std::string_view wanted) const;  // nullptr: it is none
  const PlannedKey& key_named(std::string_view wanted) const;      // to be made, or an earlier root's
  const PlannedCertificate& certificate_of(std::string_view key) const;
  // How an authority signs, and what it writes into certificates.
  crypto::SignatureScheme scheme_of(std::string_view authority) const;
  const Publication& publication_of(std::string_view authority) const;
  // Names of the authorities from the issuer of `key` to the root.
  std::vector<std::string> issuers_of(std::string_view key) const;
};
// Files that the plan names lie beside it. base.config.* with line; those of profiles, policies and files.
Result<Plan> load_plan(const std::filesystem::path& file);

std::string word_of(
    std::optional<KeyPurpose> purpose);  // "root", "issue", "ocsp", "time_stamp", "checkpoint", "escrow"

// The key scheme of a kind that a token makes.
crypto::KeyType type_of(token::NewKey kind);

}  // namespace kyso::vault::ceremony

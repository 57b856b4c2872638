#include "vault/ceremony/products.h"

#include <algorithm>

#include "base/config.h"

namespace kyso::vault::ceremony {
namespace {

constexpr std::size_t kPemLine = 64;

std::string pem_of(const crypto::Certificate& certificate) {
  const std::string text = to_base64(certificate.der());
  std::string out = "-----BEGIN CERTIFICATE-----\n";
  for (std::size_t at = 0; at < text.size(); at += kPemLine) out += text.substr(at, kPemLine) + "\n";
  return out + "-----END CERTIFICATE-----\n";
}

// vault.toml (docs/vault.md). Roots stay away: the vault never needs them. PINs lie in files of their own.
std::string configuration(const Plan& plan) {
  TomlWriter toml;
  toml.comment("Made by the key ceremony " + plan.name + "; SHA-256 of its plan: " + to_hex(plan.sha256));
  toml.comment("Paths are beside this file. Put each token's PIN into its pin_file (mode 0400).");
  if (plan.roots.empty())
    toml.set("instance", 1).set("database", "vault.db").set("socket", "vault.sock");
  else
    toml.comment("To be added to the vault's configuration; a token that stands there already only once.");
  if (!plan.policy.empty()) {
    toml.set("initial_policy", "policy");
    if (const auto policy = Policy::parse(1, plan.policy)) toml.set("initial_policy_sha256", to_hex(policy->sha256()));
  }
  for (const PlannedToken& token : plan.tokens) {
    const bool is_needed =
        std::ranges::any_of(plan.keys, [&](const PlannedKey& key) { return key.purpose && key.token == token.name; });
    if (is_needed)
      toml.table_entry("token").set("name", token.name).set("uri", token.uri).set("pin_file", "pins/" + token.name);
  }
  for (const PlannedKey& key : plan.keys) {
    if (!key.purpose) continue;
    const PlannedCertificate& certificate = plan.certificate_of(key.name);
    toml.table_entry("key").set("name", key.name).set("purpose", word_of(key.purpose));
    toml.set("issuer", key.purpose == KeyPurpose::issue ? key.name : certificate.issuer);
    toml.set("tokens", std::vector<std::string>{key.token});
    toml.set("certificate", "certificates/" + key.name + ".crt");
    toml.set("scheme", std::string(crypto::name_of(certificate.scheme)));
    if (key.purpose != KeyPurpose::issue) continue;
    const Publication& publication = certificate.publication;
    toml.set("ocsp_urls", publication.ocsp_urls).set("ca_issuer_urls", publication.ca_issuer_urls);
    toml.set("crl_urls", publication.crl_urls);
    toml.set("crl_shards", static_cast<std::int64_t>(publication.crl_shards));
  }
  return toml.text();
}

}  // namespace

std::vector<Product> products_of(const Plan& plan, const std::map<std::string, crypto::Certificate>& certificates,
                                 const std::map<std::string, Bytes>& lists) {
  std::vector<Product> out;
  for (const PlannedCertificate& planned : plan.certificates) {
    std::string text = pem_of(certificates.at(planned.key));
    for (const std::string& issuer : plan.issuers_of(planned.key)) text += pem_of(certificates.at(issuer));
    out.push_back({"certificates/" + planned.key + ".crt", to_bytes(text)});
  }
  for (const auto& [issuer, list] : lists) out.push_back({"crl/" + issuer + ".crl", list});
  if (std::ranges::any_of(plan.keys, [](const PlannedKey& key) { return key.purpose.has_value(); }))
    out.push_back({"vault.toml", to_bytes(configuration(plan))});
  for (const PolicyFile& file : plan.policy) out.push_back({"policy/" + file.name, to_bytes(file.content)});
  return out;
}

}  // namespace kyso::vault::ceremony

#pragma once
#include "vault/server/key.h"
#include "vault/vault.h"

namespace kyso::vault {

// One key of the vault as its configuration says.
struct KeySetting {
  std::string name;
  KeyPurpose purpose = KeyPurpose::issue;
  std::string issuer;              // on whose behalf; for issue: the name itself
  std::vector<KeySource> sources;  // the first is preferred; empty: the key lives in memory
  std::string kind = "ec:p256";    // in memory
  // The key's certificate and its issuers up to the root. For keys in memory, and for others that have a profile, the
  // vault itself issues certificates and renews them after two thirds of their life.
  std::vector<crypto::Certificate> certificates;
  std::optional<crypto::SignatureScheme> scheme;  // absent: the usual one of the key's kind
  std::string profile;
  std::vector<pki::issue::SubjectAttribute> subject;
  std::chrono::seconds lifetime{7LL * 24 * 3600};
  // Verifying costs three P-256 signatures. A device is never trusted: each of its signatures is verified. Of keys in
  // memory every sixteenth is.
  bool verify_each = true;
  // issue: what stands in every certificate
  std::vector<std::string> ocsp_urls, ca_issuer_urls, crl_urls;
  std::size_t crl_shards = 1;
  std::vector<std::string> policies;  // time_stamp: object identifiers; empty: any
};

struct CoreOptions {
  std::string version;
  std::uint8_t instance = 1;  // 0x01 to 0x7f, of its own for each vault: the first octet of serial numbers
  std::vector<KeySetting> keys;
  std::string checkpoint_origin;           // empty: no checkpoints
  std::vector<PolicyFile> initial_policy;  // adopted as version 1 by a vault that has none
  std::chrono::seconds intent_lifetime{24LL * 3600};
  std::chrono::seconds crl_tolerance{300}, ocsp_tolerance{60}, time_stamp_tolerance{5};
  std::size_t threads = 0;  // that sign at once; 0: as many as processors
};

}  // namespace kyso::vault

#pragma once
#include "vault/server/core.h"

// Private to the vault: what its issuing works with.
namespace kyso::vault {

struct Core::Line {
  PreparedCertificate prepared;
  pki::issue::Linted linted;
};

// One request on its way through prepare().
struct Core::Work {
  const SignedRequest* input = nullptr;
  Result<std::vector<PreparedCertificate>> answer = std::vector<PreparedCertificate>();
  bool is_answered = false;
  Standing standing;
  std::optional<pki::issue::IssuerSettings> issuer;
  std::vector<Result<Line>> lines;

  void refuse(Error error) {
    answer = std::move(error);
    is_answered = true;
  }
};

}  // namespace kyso::vault

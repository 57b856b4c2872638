#pragma once
#include <functional>

#include "db/database.h"
#include "registry/ports.h"
#include "registry/public_pages/limits.h"
#include "registry/web/route.h"

namespace kyso::registry {

// A certification or time-stamping authority, as the public page shows it.
struct AuthorityEntry {
  std::string name, subject, sha256, certificate_url, tsa_url;
  Instant not_before{}, not_after{};
  std::vector<std::string> crl_urls, ocsp_urls;
};

struct PublicParts {
  db::Database& database;
  LetterVerifier& verifier;
  IssuingAuthority* authority = nullptr;  // asked for certificates that the registry has no record of
  std::vector<std::string> issuers;       // by these
  std::function<Result<std::vector<AuthorityEntry>>()> authorities;  // asked once a minute
  std::size_t verifications_at_once = 2;
  AddressLimiter::Rule look_ups{30, std::chrono::seconds(60)}, verifications{10, std::chrono::seconds(60)};
};
// Operations tagged "public" in api/openapi.yaml.
std::vector<PortalRoute> public_routes(PublicParts parts);

// /api/v1/public/content… and /api/v1/administration/content…
std::vector<PortalRoute> content_routes(db::Database& database);

}  // namespace kyso::registry

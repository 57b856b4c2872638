#pragma once
#include "base/config.h"
#include "kysod/portal_ports.h"
#include "registry/account/accounts.h"
#include "registry/desk/model.h"
#include "registry/dossier/dossiers.h"
#include "registry/notice/delivery.h"

namespace kyso::daemon {

// [portal] of kysod.toml; docs/portal.md describes every key.
struct PortalOptions {
  std::string public_url;       // "https://dichvucong.example.vn"
  std::filesystem::path pages;  // what Vite made
  std::filesystem::path calendar, notices, content;
  std::vector<std::filesystem::path> organisations;  // folders, each may build on those before
  bool seeds_organisations = true;
  registry::AccountOptions accounts;
  registry::DossierSettings dossiers;
  registry::DeskOptions desk;
  registry::DeliveryOptions delivery;
  net::MailServer mail;
  LetterVerifierOptions letters;
  std::string population_url, population_ca_file;  // empty: nobody is asked
  std::string status_url, tsa_url;                 // where certificates, lists, OCSP and time-stamps are found
};
// base.config.*; secrets are read from the files that are named.
Result<PortalOptions> read_portal_options(const TomlReader& reader, const std::string& node);

}  // namespace kyso::daemon

#pragma once
#include <sys/types.h>

#include <memory>

#include "authority/authority_test_support.h"
#include "injection.h"

// What all processes of the tests know: keys, officers, the policy, and where the databases are.
namespace kyso::faults {

// A world lasts for some hundred rounds: databases that are killed again and again.
struct World {
  std::filesystem::path folder;
  std::string database_url;
  db::Engine engine = db::Engine::sqlite;
  std::filesystem::path vault_database() const { return folder / "vault.db"; }
  std::filesystem::path socket() const { return folder / "vault.sock"; }
  std::filesystem::path acknowledgements() const { return folder / "acknowledged"; }
};

constexpr std::uint8_t kInstance = 7;
constexpr const char* kIssuer = "CPCA_G1";

// Makes keys and officers by the openssl program, once, before anything is forked.
void make_people();
const crypto::Certificate& issuer_certificate();
// The key of the audit log, which is none of the vault's here: that one can be away.
crypto::KeyHolder& log_key();

// The vault on its database, with a token that the board can take away.
struct OpenVault {
  std::unique_ptr<db::Database> database;
  std::unique_ptr<vault::Core> core;
};
Result<OpenVault> open_vault(const World& world);
Result<std::unique_ptr<db::Database>> open_database(const World& world);
// Empty databases with their tables, and the first policy.
Result<> make_databases(const World& world);

// A new key of a person, and its request.
Bytes new_request_of_key();

}  // namespace kyso::faults

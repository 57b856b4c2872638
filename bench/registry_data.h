#pragma once
#include "db/database.h"

// A registry of the size of a country, made by the engine itself (PostgreSQL).
namespace kyso::bench {

struct RegistrySize {
  std::int64_t dossiers = 1'000'000, certificates = 3'000'000;
  bool has_words = true;  // without them lists can't be searched: half of the time and of the disk
};
// Three levels of organisations: their ids by number.
inline constexpr std::int64_t kTop = 60, kMiddle = 3'600, kLow = 14'400;
std::string organisation_id(int level, std::int64_t number);
std::string certificate_serial(std::int64_t number);
// Into an empty, migrated database; dossiers of the last three years, certificates of six.
Result<> make_registry(db::Database& database, const RegistrySize& size, Instant now);

}  // namespace kyso::bench

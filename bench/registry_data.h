#pragma once
#include "db/database.h"

// A registry of the size of a country, made by the engine itself (PostgreSQL).
namespace kyso::bench {

struct RegistrySize {
  std::int64_t dossiers = 1'000'000, certificates = 3'000'000, accounts = 150'000;
};
// Three levels of organisations: their ids by number.
inline constexpr std::int64_t kTop = 60, kMiddle = 60 * kTop, kLow = 27 * kMiddle;
std::string organisation_id(int level, std::int64_t number);
std::string dossier_id(std::int64_t number);
std::string certificate_serial(std::int64_t number);
// One dossier in so many has a long list: a thousand lines.
inline constexpr std::int64_t kLong = 50'000, kLongList = 1'000;
// Dossiers of the last three years, certificates of six. Into an empty, migrated database.
Result<> make_registry(db::Database& database, const RegistrySize& size, Instant now);
// An import of a workbook of 10,000 rows that waits for its clerk, for the first of the long dossiers.
inline const std::string kImport = "import";
inline constexpr std::int64_t kImportRows = 10'000;

}  // namespace kyso::bench

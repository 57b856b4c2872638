#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "registry/organisation/organisations.h"

namespace kyso::registry {

// The end of what has no end: 1 January 10000.
inline constexpr Instant kForever{std::chrono::seconds{253'402'300'800}};
inline constexpr int kMaxLevel = 4;

// What a node is from one day to another: a row of organisation_version.
struct Version {
  std::int64_t number = 0;  // 0: not stored yet
  std::string organisation;
  Instant from{}, to = kForever;  // `to` is the first moment after it
  std::string parent;             // "" at the top
  int level = 1;
  std::string name, kind, province, code, tax_code, budget_code, address;
  std::vector<std::string> mail_domains;
  std::string sector, instrument;
  friend bool operator==(const Version&, const Version&) = default;
};

struct Alias {
  enum class Kind : std::uint8_t { code, name } kind = Kind::name;
  std::string value, note;
  friend bool operator==(const Alias&, const Alias&) = default;
};

struct Link {
  std::string predecessor, successor;
  Instant at{};
  std::string instrument;
};

}  // namespace kyso::registry

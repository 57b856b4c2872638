#pragma once
#include <span>
#include <string>
#include <string_view>

// The provinces and cities under central government since 1 July 2025 (NQ 202/2025/QH15, codes of QĐ 19/2025/QĐ-TTg).
namespace kyso::registry {

struct Province {
  std::string_view code, name;
};
std::span<const Province> provinces();  // by code
// Without "tỉnh" or "thành phố"; empty for an unknown code.
std::string_view province_name(std::string_view code);
// The code of a name as people write it: with or without "Tỉnh", "Thành phố", "TP"; also of the 63 before (what they
// became). Empty when it is none.
std::string_view province_by_name(std::string_view name);

}  // namespace kyso::registry

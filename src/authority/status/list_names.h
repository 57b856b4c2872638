#pragma once
#include <string>
#include <string_view>

namespace kyso::authority::status {

// Scopes of lists, as the database knows them; shards are called by their number.
inline constexpr std::string_view kCompleteList = "complete";
inline constexpr std::string_view kDeltaList = "delta";

// Under /crl/: "CPCA_G1.crl", "CPCA_G1-17.crl", "CPCA_G1-delta.crl".
inline std::string list_file_name(std::string_view issuer, std::string_view scope) {
  std::string out(issuer);
  if (scope != kCompleteList) out.append("-").append(scope);
  return out + ".crl";
}

}  // namespace kyso::authority::status

#include <algorithm>

#include "net/http_client.h"

namespace kyso::net {

std::string_view HttpResponse::header(std::string_view lower_case_name) const {
  const auto found = std::ranges::find_if(headers, [&](const auto& pair) { return pair.first == lower_case_name; });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace kyso::net

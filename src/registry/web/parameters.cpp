#include "registry/web/parameters.h"

#include <charconv>

#include "base/text.h"

namespace kyso::registry {

Error bad_parameter(std::string_view name) {
  return fail("registry.input.parameter").with("name", name);
}

std::string query_of(const net::ServerRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.query)
    if (key == name) return value;
  return {};
}

Result<bool> flag_of(const net::ServerRequest& request, std::string_view name) {
  const std::string text = query_of(request, name);
  if (text.empty() || text == "false") return false;
  if (text == "true") return true;
  return bad_parameter(name);
}

Result<std::optional<Instant>> day_of(const net::ServerRequest& request, std::string_view name) {
  constexpr std::size_t kDay = 10;
  const std::string text = query_of(request, name);
  if (text.empty()) return std::optional<Instant>();
  const Result<Instant> day = parse_time(text);
  if (!day || text.size() != kDay) return bad_parameter(name);
  return std::optional(*day);
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Result<std::optional<std::int64_t>> number_of(const net::ServerRequest& request, std::string_view name) {
  const std::string text = query_of(request, name);
  if (text.empty()) return std::optional<std::int64_t>();
  const std::optional<std::int64_t> number = whole_number(text);
  if (!number || *number < 0) return bad_parameter(name);
  return number;
}

std::string_view cookie_of(const net::ServerRequest& request, std::string_view name) {
  std::string_view header = request.header("cookie");
  while (!header.empty()) {
    const std::size_t end = std::min(header.find(';'), header.size());
    const std::string_view pair = trim(header.substr(0, end));
    header.remove_prefix(std::min(end + 1, header.size()));
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
      return pair.substr(name.size() + 1);
  }
  return {};
}

}  // namespace kyso::registry

#include "net/router.h"

#include <algorithm>
#include <set>

#include "net/request_head.h"

namespace kyso::net {
namespace {

// Cuts the next segment, with its slash, off the front.
std::string_view next_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

}  // namespace

Result<std::vector<Router::Segment>> Router::parse_pattern(const std::string& where) {
  std::vector<Segment> segments;
  std::set<std::string> names;
  std::string_view rest = where;
  if (!rest.starts_with('/')) return fail("net.route", "does not begin with a slash").with("route", where);
  while (!rest.empty()) {
    const std::string_view text = next_segment(rest);
    if (!text.starts_with('{')) {
      if (text.find_first_of("{}%?#") != std::string_view::npos)
        return fail("net.route", "character in a fixed segment").with("route", where);
      segments.push_back({Segment::Kind::fixed, std::string(text)});
      continue;
    }
    if (!text.ends_with('}')) return fail("net.route", "unclosed capture").with("route", where);
    std::string_view name = text.substr(1, text.size() - 2);
    const bool is_rest = name.ends_with("...");
    if (is_rest) name.remove_suffix(3);
    if (!is_token(name) || !names.insert(std::string(name)).second)
      return fail("net.route", "name of a capture").with("route", where);
    if (is_rest && !rest.empty()) return fail("net.route", "something after the rest").with("route", where);
    segments.push_back({is_rest ? Segment::Kind::rest : Segment::Kind::one, std::string(name)});
  }
  return segments;
}

Result<> Router::add(std::size_t index) {
  const Route& route = m_routes[index];
  const Error twice = fail("net.route", "twice").with("route", route.method + " " + route.where);
  std::vector<Segment> segments = KYSO_TRY(parse_pattern(route.where));
  if (!is_token(route.method) || (!route.handler && !route.later))
    return fail("net.route", "no method or no handler").with("route", route.method + " " + route.where);
  const auto same_kind = [](const Segment& a, const Segment& b) {
    return a.kind == b.kind && (a.kind != Segment::Kind::fixed || a.text == b.text);
  };
  const bool is_fixed = std::ranges::all_of(segments, [](const Segment& s) { return s.kind == Segment::Kind::fixed; });
  Place* place = nullptr;
  if (is_fixed) {
    place = &m_fixed[route.where];
  } else {
    const auto found = std::ranges::find_if(
        m_places, [&](const Place& other) { return std::ranges::equal(other.segments, segments, same_kind); });
    place = found == m_places.end() ? &m_places.emplace_back() : &*found;
  }
  if (std::ranges::any_of(place->routes, [&](std::size_t other) { return m_routes[other].method == route.method; }))
    return twice;
  // Names of captures belong to the path: two methods of one path share them.
  if (!place->routes.empty() && !std::ranges::equal(place->segments, segments, {}, &Segment::text, &Segment::text))
    return fail("net.route", "captures named in two ways").with("route", route.where);
  place->segments = std::move(segments);
  place->routes.push_back(index);
  return {};
}

Result<Router> Router::create(std::vector<Route> routes) {
  Router router;
  router.m_routes = std::move(routes);
  for (std::size_t i = 0; i < router.m_routes.size(); ++i) KYSO_TRY(router.add(i));
  // Segment by segment: a fixed word before a capture before a rest.
  std::ranges::sort(router.m_places, [](const Place& a, const Place& b) {
    return std::ranges::lexicographical_compare(a.segments, b.segments, {}, &Segment::kind, &Segment::kind);
  });
  return router;
}

bool Router::matches(const Place& place, std::string_view raw_path, Match& match) {
  match.captures.clear();
  for (const Segment& segment : place.segments) {
    if (raw_path.empty()) return false;
    if (segment.kind == Segment::Kind::rest) {
      match.captures.emplace_back(segment.text, percent_decode(raw_path.substr(1)).value_or(std::string()));
      return true;
    }
    const std::string_view text = next_segment(raw_path);
    // Fixed words are written without escapes by everybody: "%6F" for "o" is another path.
    if (segment.kind == Segment::Kind::fixed ? text != segment.text : text.empty()) return false;
    if (segment.kind == Segment::Kind::one)
      match.captures.emplace_back(segment.text, percent_decode(text).value_or(std::string()));
  }
  return raw_path.empty();
}

std::size_t Router::route_for(const Place& place, std::string_view method) const {
  const auto has = [&](std::string_view wanted) {
    return [this, wanted](std::size_t route) { return m_routes[route].method == wanted; };
  };
  auto found = std::ranges::find_if(place.routes, has(method));
  if (found == place.routes.end() && method == "HEAD") found = std::ranges::find_if(place.routes, has("GET"));
  return found == place.routes.end() ? kNone : *found;
}

Router::Match Router::find(std::string_view method, std::string_view raw_path) const {
  Match match;
  std::set<std::string> allowed;
  const auto look_at = [&](const Place& place) {
    match.route = route_for(place, method);
    if (match.route != kNone) return true;
    for (const std::size_t route : place.routes) allowed.insert(m_routes[route].method);
    return false;
  };
  const auto fixed = m_fixed.find(std::string(raw_path));
  if (fixed != m_fixed.end() && look_at(fixed->second)) return match;
  for (const Place& place : m_places)
    if (matches(place, raw_path, match) && look_at(place)) return match;
  match.captures.clear();
  if (allowed.contains("GET")) allowed.insert("HEAD");
  if (!allowed.empty()) allowed.insert("OPTIONS");
  for (const std::string& name : allowed) match.allow += (match.allow.empty() ? "" : ", ") + name;
  return match;
}

}  // namespace kyso::net

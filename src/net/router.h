#pragma once
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net/http_server.h"

namespace kyso::net {

// Router: which route a method and a path lead to. Immutable once made.
class Router {
 public:
  // net.route {route}: a pattern that is not one, or one twice.
  static Result<Router> create(std::vector<Route> routes);

  struct Match {
    std::size_t route = kNone;  // index in routes()
    std::vector<std::pair<std::string, std::string>> captures;
    std::string allow;  // when the path is known and the method is not: the methods, for Allow
  };
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  // `raw_path` has been checked: its escapes are well-formed.
  Match find(std::string_view method, std::string_view raw_path) const;
  const std::vector<Route>& routes() const { return m_routes; }

 private:
  struct Segment {
    enum class Kind { fixed, one, rest } kind;
    std::string text;  // the word, or the capture's name
  };
  struct Place {  // a path and who answers it
    std::vector<Segment> segments;
    std::vector<std::size_t> routes;
  };
  static Result<std::vector<Segment>> parse_pattern(const std::string& where);
  static bool matches(const Place& place, std::string_view raw_path, Match& match);
  std::size_t route_for(const Place& place, std::string_view method) const;
  Result<> add(std::size_t index);

  std::vector<Route> m_routes;
  std::vector<Place> m_places;                     // with captures, the most definite first
  std::unordered_map<std::string, Place> m_fixed;  // by their whole path
};

}  // namespace kyso::net

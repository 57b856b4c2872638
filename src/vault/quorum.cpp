#include "vault/quorum.h"

#include <algorithm>

namespace kyso::vault {
namespace {

// Bipartite matching by augmenting paths: places on one side, persons on the other. A place that was filled stays
// filled while later ones are tried, so that earlier steps come first.
class Matching {
 public:
  Matching(std::vector<std::string_view> places, const std::vector<const Officer*>& persons)
      : m_places(std::move(places)), m_persons(persons), m_place_of(persons.size()) {}

  bool fill(std::size_t place) {
    m_tried.assign(m_persons.size(), false);
    return augment(place);
  }

 private:
  // As deep as there are places at most, for each person is tried once and holds one place.
  bool augment(std::size_t place) {
    for (std::size_t person = 0; person < m_persons.size(); ++person) {
      if (m_tried[person] || !has_role(*m_persons[person], m_places[place])) continue;
      m_tried[person] = true;
      if (m_place_of[person] && !augment(*m_place_of[person])) continue;
      m_place_of[person] = place;
      return true;
    }
    return false;
  }

  std::vector<std::string_view> m_places;
  const std::vector<const Officer*>& m_persons;
  std::vector<std::optional<std::size_t>> m_place_of;
  std::vector<bool> m_tried;
};

}  // namespace

bool has_role(const Officer& officer, std::string_view role) {
  return std::ranges::find(officer.roles, role) != officer.roles.end();
}

bool has_part(const Officer& officer, const ApprovalRule& rule) {
  return std::ranges::any_of(rule.steps, [&](const ApprovalStep& step) {
    return std::ranges::any_of(step.parts, [&](const auto& part) { return has_role(officer, part.role); });
  });
}

std::size_t places_of(const ApprovalRule& rule) {
  std::size_t count = 0;
  for (const ApprovalStep& step : rule.steps)
    for (const auto& part : step.parts) count += part.count;
  return count;
}

std::vector<std::pair<std::string, std::size_t>> unfilled(const ApprovalRule& rule,
                                                          const std::vector<const Officer*>& persons) {
  std::vector<std::string_view> places;
  for (const ApprovalStep& step : rule.steps)
    for (const auto& part : step.parts) places.insert(places.end(), part.count, part.role);
  Matching matching(places, persons);
  std::vector<std::pair<std::string, std::size_t>> missing;
  for (std::size_t place = 0; place < places.size(); ++place) {
    if (matching.fill(place)) continue;
    const auto row = std::ranges::find(missing, places[place], [](const auto& each) { return each.first; });
    if (row == missing.end()) {
      missing.emplace_back(places[place], 1);
    } else {
      ++row->second;
    }
  }
  return missing;
}

}  // namespace kyso::vault

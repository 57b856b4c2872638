#include "registry/dossier/states.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace kyso::registry {
namespace {

DossierState state_at(std::size_t i) {
  return static_cast<DossierState>(i);
}
DossierEvent event_at(std::size_t i) {
  return static_cast<DossierEvent>(i);
}

TEST_CASE("the table of dossiers' states is this one and no other") {
  using Entry = std::tuple<std::string, std::string, std::string>;
  const std::set<Entry> wanted = {
      {"draft", "edit", "draft"},
      {"draft", "remove", "draft"},
      {"draft", "submit", "submitted"},
      {"submitted", "work", "submitted"},
      {"submitted", "receive", "processing"},
      {"submitted", "reject", "rejected"},
      {"submitted", "return", "returned"},
      {"processing", "work", "processing"},
      {"processing", "reject", "rejected"},
      {"processing", "return", "returned"},
      {"processing", "complete", "completed"},
      {"returned", "edit", "returned"},
      {"returned", "submit", "submitted"},
  };
  std::set<Entry> found;
  for (std::size_t s = 0; s < kDossierStates; ++s)
    for (std::size_t e = 0; e < kDossierEvents; ++e)
      if (const auto next = next_state(state_at(s), event_at(e)))
        found.emplace(name_of(state_at(s)), name_of(event_at(e)), name_of(*next));
  CHECK(found == wanted);
}

TEST_CASE("a line is issued only after it was approved and asked for") {
  for (std::size_t s = 0; s < kLineStates; ++s) {
    const auto state = static_cast<LineState>(s);
    INFO(name_of(state));
    CHECK(next_state(state, LineEvent::issue).has_value() == (state == LineState::requested));
    CHECK(next_state(state, LineEvent::deliver).has_value() == (state == LineState::issued));
    // What the vault has to judge, or has judged well, is no clerk's any more.
    const bool is_fixed = state == LineState::requested || state == LineState::issued || state == LineState::delivered;
    CHECK(next_state(state, LineEvent::edit).has_value() == !is_fixed);
    const bool may_be_asked_for = state == LineState::approved || state == LineState::failed;
    CHECK(next_state(state, LineEvent::request).has_value() == may_be_asked_for);
  }
}

TEST_CASE("names are read back") {
  for (std::size_t s = 0; s < kDossierStates; ++s) CHECK(dossier_state_by_name(name_of(state_at(s))) == state_at(s));
  for (std::size_t s = 0; s < kLineStates; ++s) {
    const auto state = static_cast<LineState>(s);
    CHECK(line_state_by_name(name_of(state)) == state);
  }
  for (const Box box : kBoxes) CHECK(box_by_name(name_of(box)) == box);
  CHECK(!dossier_state_by_name("gone"));
}

TEST_CASE("whatever happens, nothing is completed that was not received, and an end is an end") {
  rc::check([](const std::vector<unsigned>& events) {
    DossierState state = DossierState::draft;
    bool was_received = false, was_submitted = false;
    for (const unsigned number : events) {
      const DossierEvent event = event_at(number % kDossierEvents);
      const auto next = next_state(state, event);
      if (state == DossierState::rejected || state == DossierState::completed) RC_ASSERT(!next.has_value());
      if (!next) continue;
      if (event == DossierEvent::submit) was_submitted = true;
      if (event == DossierEvent::receive) was_received = true;
      // Only the clerk's states can be edited, and only there can a dossier be submitted.
      RC_ASSERT((event != DossierEvent::edit && event != DossierEvent::submit) || box_of(state) == Box::draft);
      state = *next;
      if (state == DossierState::completed) RC_ASSERT(was_submitted && was_received);
      if (box_of(state) != Box::draft) RC_ASSERT(was_submitted);
    }
  });
}

}  // namespace
}  // namespace kyso::registry

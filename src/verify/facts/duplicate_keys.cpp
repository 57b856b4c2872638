#include "verify/facts/duplicate_keys.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "verify/facts/object_place.h"

namespace kyso::verify {

namespace {

using pdf::Dictionary;
using pdf::Object;

constexpr std::size_t kMaxWalked = 3'000'000;

struct Duplicate {
  std::string key;
  bool is_ambiguous = false;
};

// The first key whose values differ, else the first that stands twice.
std::optional<Duplicate> duplicate_in(const Dictionary& dictionary) {
  if (!dictionary.has_duplicate_keys()) return std::nullopt;
  std::optional<Duplicate> equal;
  for (const auto& [key, value] : dictionary) {
    const Object& last = dictionary.get(key);
    if (&last == &value) continue;
    if (!(last == value)) return Duplicate{key, true};
    if (!equal) equal = Duplicate{key, false};
  }
  return equal;
}

class Search {
 public:
  Search(const StructureInput& input, const std::unordered_set<std::uint32_t>* reached, std::size_t most)
      : m_input(input), m_reached(reached), m_most(most) {}

  std::vector<Finding> run() {
    if (!m_input.first_signed_end || m_input.newest == nullptr) return {};
    for (const pdf::XrefSection& section : m_input.graph.sections()) {
      if (section.extent.offset < *m_input.first_signed_end) continue;
      look_at_trailer(section);
      for (const auto& [number, entry] : section.entries) {
        if (m_findings.size() >= m_most || m_walked >= kMaxWalked) return std::move(m_findings);
        look_at(number, entry);
      }
    }
    return std::move(m_findings);
  }

 private:
  // Of the others nothing depends that is shown.
  void look_at_trailer(const pdf::XrefSection& section) {
    constexpr std::array kDecisive = {"Root", "Encrypt", "Prev", "XRefStm", "ID"};
    const auto found = duplicate_in(section.trailer);
    if (!found) return;
    const bool is_decisive = std::ranges::any_of(kDecisive, [&](const char* key) {
      return std::ranges::any_of(section.trailer, [&](const auto& entry) {
        const Object& last = section.trailer.get(key);
        return entry.first == key && &entry.second != &last && !(entry.second == last);
      });
    });
    tell(is_decisive ? Severity::failure : Severity::warning, found->key).at(section.extent.offset);
  }

  void look_at(std::uint32_t number, const pdf::XrefEntry& entry) {
    const bool is_later = entry.kind == pdf::XrefEntry::Kind::compressed ||
                          (entry.kind == pdf::XrefEntry::Kind::plain && entry.offset >= *m_input.first_signed_end);
    if (!is_later || (m_reached != nullptr && !m_reached->contains(number))) return;
    const pdf::XrefEntry* newest = m_input.newest->entry(number);
    const bool is_newest = newest != nullptr && newest->kind == entry.kind && newest->offset == entry.offset &&
                           newest->container == entry.container;
    if (!is_newest || !m_seen.insert(number).second) return;
    const auto object = m_input.newest->get({number, entry.generation});
    if (!object) return;
    const auto found = duplicate_below(*object);
    if (!found) return;
    Finding& finding = tell(found->is_ambiguous ? Severity::failure : Severity::warning, found->key);
    finding.object = number;
    finding.offset = place_of_object(*m_input.newest, number);
  }

  std::optional<Duplicate> duplicate_below(const Object& object) {
    std::optional<Duplicate> equal;
    std::vector<const Object*> pending{&object};
    while (!pending.empty() && m_walked++ < kMaxWalked) {
      const Object& one = *pending.back();
      pending.pop_back();
      if (const pdf::Array* array = one.as_array()) {
        for (const Object& item : *array) pending.push_back(&item);
      } else if (const Dictionary* dictionary = one.as_dictionary()) {
        auto found = duplicate_in(*dictionary);
        if (found && found->is_ambiguous) return found;
        if (found && !equal) equal = std::move(found);
        for (const auto& [key, value] : *dictionary) pending.push_back(&value);
      }
    }
    return equal;
  }

  Finding& tell(Severity severity, const std::string& key) {
    m_findings.push_back(Finding("object.duplicate-key", severity).with("key", to_valid_utf8(key.substr(0, 100))));
    return m_findings.back();
  }

  const StructureInput& m_input;
  const std::unordered_set<std::uint32_t>* m_reached;
  const std::size_t m_most;
  std::size_t m_walked = 0;
  std::unordered_set<std::uint32_t> m_seen;
  std::vector<Finding> m_findings;
};

}  // namespace

std::vector<Finding> find_later_duplicate_keys(const StructureInput& input,
                                               const std::unordered_set<std::uint32_t>* reached, std::size_t most) {
  return Search(input, reached, most).run();
}

}  // namespace kyso::verify

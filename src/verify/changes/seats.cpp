#include "verify/changes/seats.h"

#include <algorithm>
#include <optional>

namespace kyso::verify {
namespace {

constexpr std::size_t kMaxOwners = 256;  // of one object in one role

struct Child {
  Role role;
  bool owner_is_self = false;
};

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> keys) {
  return std::ranges::find(keys, key) != keys.end();
}

Role child_of_catalog(std::string_view key) {
  if (key == "Pages") return Role::page_tree;
  if (key == "AcroForm") return Role::acro_form;
  if (key == "DSS") return Role::dss;
  if (key == "Metadata") return Role::metadata;
  if (key == "Extensions") return Role::extensions;
  if (key == "Perms") return Role::permissions;
  if (is_one_of(key, {"Names", "Dests"})) return Role::names;
  if (key == "Outlines") return Role::outline;
  if (is_one_of(key, {"OpenAction", "AA", "URI"})) return Role::action;
  if (is_one_of(key, {"StructTreeRoot", "MarkInfo"})) return Role::structure;
  if (key == "OCProperties") return Role::optional_content;
  if (key == "OutputIntents") return Role::output_intent;
  if (is_one_of(key, {"AF", "Collection"})) return Role::embedded_file;
  if (is_one_of(key, {"ViewerPreferences", "PageLabels", "PageLayout", "PageMode"})) return Role::viewer;
  return Role::other;
}

std::optional<Child> child_of_field(std::string_view key) {
  if (is_one_of(key, {"Parent", "P"})) return std::nullopt;
  if (key == "Kids") return Child{Role::fields, true};
  if (key == "V") return Child{Role::value, true};
  if (key == "AP") return Child{Role::appearances, true};
  if (is_one_of(key, {"Lock", "SV"})) return Child{Role::lock, true};
  if (key == "OC") return Child{Role::optional_content, true};
  return Child{Role::field_part, true};
}

std::optional<Child> child_of_annotation(std::string_view key) {
  if (is_one_of(key, {"Parent", "P", "IRT", "Popup"})) return std::nullopt;
  if (key == "AP") return Child{Role::appearances, true};
  if (key == "OC") return Child{Role::optional_content, true};
  return Child{Role::annotation_part, true};
}

std::optional<Child> child_of_page(std::string_view key) {
  if (key == "Parent") return std::nullopt;
  if (key == "Annots") return Child{Role::annotations, true};
  if (key == "Contents") return Child{Role::content, true};
  if (key == "Resources") return Child{Role::resources, true};
  if (key == "AA") return Child{Role::action, true};
  if (key == "AF") return Child{Role::embedded_file, true};
  return Child{Role::page_part, true};
}

std::optional<Child> child_of(Role role, std::string_view key, bool is_stream) {
  switch (role) {
    case Role::catalog:
      return Child{child_of_catalog(key)};
    case Role::acro_form:
      return Child{key == "Fields" ? Role::fields : key == "DR" ? Role::form_resources : Role::form_part};
    case Role::field:
      return child_of_field(key);
    case Role::annotation:
      return child_of_annotation(key);
    case Role::page:
      return child_of_page(key);
    case Role::page_tree:
      if (key == "Parent") return std::nullopt;
      return Child{key == "Kids" ? Role::page_tree : key == "Resources" ? Role::resources : Role::page_part};
    case Role::resources:
      return Child{key == "Font" ? Role::font : key == "XObject" ? Role::x_object : Role::resources};
    case Role::font:
    case Role::x_object:
      return Child{key == "Resources" ? Role::resources : role};
    case Role::appearances:
      return Child{Role::appearance};
    case Role::appearance:
      return Child{is_stream ? Role::appearance_part : Role::appearance};
    case Role::value:
    case Role::value_part:  // /Data of a signature reference leads to the catalog
      if (key == "Data") return std::nullopt;
      return Child{Role::value_part};
    case Role::structure:
      if (is_one_of(key, {"Pg", "Obj", "P"})) return std::nullopt;
      return Child{Role::structure};
    case Role::outline:
      return Child{key == "A" ? Role::action : Role::outline};
    case Role::names:
      return Child{key == "JavaScript" ? Role::action : key == "EmbeddedFiles" ? Role::embedded_file : Role::names};
    case Role::permissions:  // leads to signatures, which have their own role
      return std::nullopt;
    default:
      return Child{role};
  }
}

// Owners tell roles of the same kind apart where the rules need them.
bool counts_owners(Role role) {
  return role == Role::annotation || role == Role::annotations || role == Role::appearances ||
         role == Role::appearance || role == Role::value;
}

}  // namespace

bool is_skeleton(Role role) {
  return role <= Role::annotation;
}

pdf::Object object_at(const pdf::ObjectView& view, std::uint32_t number) {
  const pdf::XrefEntry* entry = view.entry(number);
  if (entry == nullptr) return {};
  return view.get({number, entry->generation}).value_or(pdf::Object());
}

pdf::Object resolved(const pdf::ObjectView& view, const pdf::Object& value) {
  return view.resolve(value).value_or(pdf::Object());
}

pdf::Object resolved(const pdf::ObjectView& view, const pdf::Dictionary& dictionary, std::string_view key) {
  return resolved(view, dictionary.get(key));
}

const std::vector<Seat>& Seats::of(std::uint32_t number) const {
  static const std::vector<Seat> kNone;
  const auto found = m_seats.find(number);
  return found != m_seats.end() ? found->second : kNone;
}

const Seat* Seats::find(std::uint32_t number, Role role) const {
  const std::vector<Seat>& seats = of(number);
  const auto found = std::ranges::find(seats, role, &Seat::role);
  return found != seats.end() ? &*found : nullptr;
}

std::vector<std::uint32_t> Seats::fonts_before(std::uint32_t revision) const {
  std::vector<std::uint32_t> out;
  if (!m_work.spend(m_seats.size() / 4)) return out;
  for (const auto& [number, seats] : m_seats) {
    const bool may_be = std::ranges::any_of(seats, [&](const Seat& seat) {
      return seat.since < revision &&
             (seat.role == Role::font || seat.role == Role::form_resources || seat.role == Role::appearance_part);
    });
    if (may_be) out.push_back(number);
  }
  std::ranges::sort(out);
  return out;
}

void Seats::start(const pdf::ObjectView& view, std::uint32_t revision) {
  m_revision = revision;
  const auto root = [&](std::string_view key, Role role) {
    const pdf::Object& entry = view.trailer().get(key);
    if (const auto id = entry.as_reference()) {
      add(id->number, role, 0);
    } else {
      spread(entry, role, 0, 0);
    }
  };
  root("Root", Role::catalog);
  root("Info", Role::info);
  root("Encrypt", Role::encrypt);
}

void Seats::add(std::uint32_t number, Role role, std::uint32_t owner) {
  if (!m_work.spend(1) || !is_news(number, role, owner)) return;
  const Seat seat{role, owner, m_revision};
  if (!is_skeleton(role)) {  // recorded when its turn comes: the skeleton may have reached the object by then
    m_parts.push_back({number, seat});
    return;
  }
  m_seats[number].push_back(seat);
  if (role == Role::field) m_new_fields.push_back(number);
  m_skeleton.push_back({number, seat});
}

bool Seats::is_news(std::uint32_t number, Role role, std::uint32_t owner) const {
  std::size_t same = 0;
  for (const Seat& seat : of(number)) {
    if (!is_skeleton(role) && is_skeleton(seat.role)) return false;
    if (seat.role != role) continue;
    if (!counts_owners(role) || seat.owner == owner) return false;
    ++same;
  }
  return same < kMaxOwners;
}

void Seats::walk(const pdf::ObjectView& view) {
  while (!m_work.is_spent() && (!m_skeleton.empty() || !m_parts.empty())) {
    if (!m_skeleton.empty()) {
      const Visit next = m_skeleton.front();
      m_skeleton.pop_front();
      visit(view, next);
      continue;
    }
    const Visit next = m_parts.front();
    m_parts.pop_front();
    if (!is_news(next.number, next.seat.role, next.seat.owner)) continue;
    m_seats[next.number].push_back(next.seat);
    visit(view, next);
  }
}

void Seats::revisit(const pdf::ObjectView& view, std::uint32_t number, const Seat& seat) {
  visit(view, {number, seat});
}

void Seats::visit(const pdf::ObjectView& view, const Visit& visit) {
  const pdf::Object value = object_at(view, visit.number);
  const pdf::Dictionary* dictionary = value.as_dictionary();
  const Role role = visit.seat.role;
  if (role == Role::page_tree && dictionary != nullptr &&
      (dictionary->get("Kids").is_null() || resolved(view, *dictionary, "Type").is_name("Page"))) {
    if (dictionary->get("Type").is_name("Pages")) return;
    add(visit.number, Role::page, 0);
    return;
  }
  if (role == Role::annotation && dictionary != nullptr && resolved(view, *dictionary, "Subtype").is_name("Widget")) {
    return visit_annotation(view, visit, *dictionary);
  }
  spread(value, role, visit.seat.owner, visit.number);
}

// A widget is judged with its field; one that no field leads to is a field of its own, as viewers take it.
void Seats::visit_annotation(const pdf::ObjectView& view, const Visit& visit, const pdf::Dictionary& annotation) {
  if (find(visit.number, Role::field) != nullptr) return;
  const auto parent = annotation.get("Parent").as_reference();
  const bool has_parent = parent && object_at(view, parent->number).as_dictionary() != nullptr;
  if (has_parent && find(parent->number, Role::field) == nullptr) add(parent->number, Role::field, 0);
  add(visit.number, Role::field, has_parent ? parent->number : 0);
}

void Seats::spread(const pdf::Object& value, Role role, std::uint32_t owner, std::uint32_t self) {
  if (!m_work.spend(1)) return;
  if (const auto id = value.as_reference()) {
    add(id->number, role, owner);
    return;
  }
  if (const pdf::Array* array = value.as_array()) {
    const Role member = role == Role::fields ? Role::field : role == Role::annotations ? Role::annotation : role;
    for (const pdf::Object& item : *array) spread(item, member, owner, 0);
    return;
  }
  const pdf::Dictionary* dictionary = value.as_dictionary();
  if (dictionary == nullptr) return;
  const bool is_stream = value.as_stream() != nullptr;
  for (const auto& [key, entry] : *dictionary) {
    const auto child = child_of(role, key, is_stream);
    if (child) spread(entry, child->role, child->owner_is_self ? self : owner, self);
  }
}

}  // namespace kyso::verify

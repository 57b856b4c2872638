#include "verify/changes/change_finder.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace kyso::verify {
namespace {

constexpr std::size_t kDepth = 64;             // of values compared
constexpr std::size_t kBriefLength = 200;      // characters
constexpr std::size_t kLeastWork = 4'000'000;  // values; and some for each byte of the file
constexpr std::size_t kMostWork = 40'000'000;

std::string code_of(Role role) {
  switch (role) {
    case Role::content:
      return "change.content-stream";
    case Role::resources:
      return "change.resources";
    case Role::font:
      return "change.font";
    case Role::x_object:
      return "change.xobject";
    case Role::page_tree:
      return "change.page-tree";
    case Role::page_part:
      return "change.page";
    case Role::action:
      return "change.action";
    case Role::names:
      return "change.names";
    case Role::outline:
      return "change.outline";
    case Role::structure:
      return "change.structure";
    case Role::optional_content:
      return "change.optional-content";
    case Role::output_intent:
      return "change.output-intent";
    case Role::embedded_file:
      return "change.embedded-file";
    case Role::viewer:
      return "change.viewer-preferences";
    case Role::permissions:
      return "change.permissions";
    default:
      return "change.catalog";
  }
}

bool is_structural_stream(const pdf::Object& value) {  // of the file, not of the document
  const pdf::Stream* stream = value.as_stream();
  return stream != nullptr &&
         (stream->dictionary->get("Type").is_name("ObjStm") || stream->dictionary->get("Type").is_name("XRef"));
}

bool is_same_entry(const pdf::XrefEntry* a, const pdf::XrefEntry* b) {
  if (a == nullptr || b == nullptr) return a == b;
  if (a->kind != b->kind || a->generation != b->generation) return false;
  if (a->kind == pdf::XrefEntry::Kind::plain) return a->offset == b->offset;
  return a->kind == pdf::XrefEntry::Kind::free || (a->container == b->container && a->index == b->index);
}

bool is_used(const pdf::XrefEntry* entry) {
  return entry != nullptr && entry->kind != pdf::XrefEntry::Kind::free;
}

}  // namespace

std::string shortened(std::string text) {
  text = to_valid_utf8(text);
  const std::u32string characters = to_utf32(text);
  if (characters.size() <= kBriefLength) return text;
  return to_utf8(std::u32string_view(characters).substr(0, kBriefLength - 1)) + "…";
}

std::string brief(const pdf::ObjectView& view, const pdf::Object& value) {
  if (value.is_null()) return {};
  const pdf::Object found = resolved(view, value);
  if (found.as_string() != nullptr) return shortened(pdf::text_of(*found.as_string()));
  if (found.as_name() != nullptr) return shortened(*found.as_name());
  if (const pdf::Dictionary* dictionary = found.as_dictionary(); dictionary != nullptr && dictionary->size() > 12) {
    return fmt::format("<<{}>>", dictionary->size());
  }
  if (const pdf::Array* array = found.as_array(); array != nullptr && array->size() > 64) {
    return fmt::format("[{}]", array->size());
  }
  if (found.as_stream() != nullptr) return "stream";
  return shortened(pdf::serialize(found));
}

ChangeFinder::ChangeFinder(std::shared_ptr<const pdf::RevisionGraph> graph, pdf::ObjectView before,
                           pdf::ObjectView after, const ChangeLimits& limits)
    : m_graph(std::move(graph)),
      m_before(std::move(before)),
      m_after(std::move(after)),
      m_limits(limits),
      m_work{std::clamp<std::size_t>(static_cast<std::size_t>(m_graph->source().size()) * 4, kLeastWork, kMostWork)},
      m_seats(m_work),
      m_paint(m_work, m_limits.operators) {}

ChangeReport ChangeFinder::run() {
  start();
  while (!m_report.limit_exceeded && m_after.advance()) {
    ++m_revision;
    step();
    (void)m_before.advance(&m_after);
    const char* limit = m_work.is_spent()                                     ? "values"
                        : m_limits.operators == 0                             ? "operators"
                        : m_before.has_met_limit() || m_after.has_met_limit() ? "work"
                        : m_report.changes.size() >= m_limits.changes         ? "changes"
                                                                              : nullptr;
    if (limit == nullptr) continue;
    m_report.limit_exceeded = true;
    m_report.limit = limit;
  }
  if (m_report.changes.size() > m_limits.changes) m_report.changes.resize(m_limits.changes);
  return std::move(m_report);
}

void ChangeFinder::start() {
  m_revision = static_cast<std::uint32_t>(m_before.revision());
  for (const std::size_t index : m_graph->revisions()[m_revision].sections)
    index_members(m_before, m_graph->sections()[index]);
  m_seats.start(m_before, m_revision);
  m_seats.walk(m_before);
  if (auto pages = pdf::PageTree::open(m_before)) m_pages.emplace(*std::move(pages));
  // What earlier signatures look like.
  for (const std::uint32_t number : m_seats.take_new_fields()) {
    if (unit_of(number) != number) continue;
    const FieldState field = read_field(m_before, number);
    if (!field.is_signed()) continue;
    for (const WidgetState& widget : field.widgets) {
      m_paint.remember(m_paint.likeness_of(m_before, widget.appearance), shortened(field.name));
    }
  }
}

void ChangeFinder::index_members(const pdf::ObjectView& view, const pdf::XrefSection& section) {
  std::set<std::uint32_t> containers;
  for (const auto& [number, entry] : section.entries) {
    if (entry.kind != pdf::XrefEntry::Kind::compressed) continue;
    m_members[entry.container].push_back(number);
    containers.insert(entry.container);
  }
  for (const std::uint32_t number : containers) note_container(view, number);
}

// Where an object stream's length, or where its first object stands, is an object of its own, whoever changes that
// changes what the stream holds.
void ChangeFinder::note_container(const pdf::ObjectView& view, std::uint32_t number) {
  const pdf::Object container = object_at(view, number);
  if (container.as_stream() == nullptr || !m_work.spend(1)) return;
  for (const auto& [key, value] : *container.as_dictionary()) {
    if (const auto id = value.as_reference()) m_seats.add(id->number, Role::container_part, number);
    if (const pdf::Array* array = value.as_array(); array != nullptr && m_work.spend(array->size())) {
      for (const pdf::Object& item : *array) {
        if (const auto id = item.as_reference()) m_seats.add(id->number, Role::container_part, number);
      }
    }
  }
}

void ChangeFinder::step() {
  m_seats.set_revision(m_revision);
  m_differences.clear();
  m_order.clear();
  m_fields.clear();
  m_annotations.clear();
  m_direct_annotations.clear();
  m_new_locks.clear();
  m_read_only.clear();
  m_done.clear();
  m_font_truths.clear();
  m_has_validation_data = false;
  collect();
  compare_trailers();
  for (const std::uint32_t number : m_order) judge(number, m_differences.at(number));
  // The roles of what is new, from what changed; with them the new fields are known.
  for (const std::uint32_t number : m_order) {
    const std::vector<Seat> seats = m_seats.of(number);
    for (const Seat& seat : seats) m_seats.revisit(m_after, number, seat);
  }
  m_seats.walk(m_after);
  for (const std::uint32_t number : m_seats.take_new_fields()) m_fields[unit_of(number)];
  evaluate_fields();
  evaluate_annotations();
}

// What the revision's own sections name; and the members of object streams that it replaced.
void ChangeFinder::collect() {
  const auto revisions = m_graph->revisions();
  const std::size_t begin = revisions[m_revision].sections.front(), end = revisions[m_revision - 1].sections.front();
  std::vector<std::uint32_t> numbers;
  for (std::size_t index = begin; index < end; ++index) {
    const pdf::XrefSection& section = m_graph->sections()[index];
    if (!m_work.spend(section.entries.size() / 4 + 1)) return;
    for (const auto& [number, entry] : section.entries) numbers.push_back(number);
    index_members(m_after, section);
  }
  for (std::size_t i = 0; i < numbers.size() && !m_work.is_spent(); ++i) {
    const std::uint32_t number = numbers[i];
    if (number == 0 || m_differences.contains(number)) continue;
    const pdf::XrefEntry *before = m_before.entry(number), *after = m_after.entry(number);
    const bool is_moved = !is_same_entry(before, after);
    if (const auto members = m_members.find(number); is_moved && members != m_members.end()) {
      if (!m_work.spend(members->second.size())) return;
      note_container(m_after, number);
      for (const std::uint32_t member : members->second) {
        const pdf::XrefEntry* entry = m_after.entry(member);
        if (entry != nullptr && entry->kind == pdf::XrefEntry::Kind::compressed && entry->container == number) {
          take(member, m_before.entry(member), entry);
        }
      }
    }
    if (is_moved) take(number, before, after);
  }
  std::ranges::sort(m_order);
}

void ChangeFinder::take(std::uint32_t number, const pdf::XrefEntry* before, const pdf::XrefEntry* after) {
  if (m_differences.contains(number)) return;
  Difference difference;
  difference.before = object_at(m_before, number);
  difference.after = object_at(m_after, number);
  if (is_structural_stream(difference.after) &&
      (difference.before.is_null() || is_structural_stream(difference.before)))
    return;
  if (is_used(after)) {
    const pdf::XrefEntry* place =
        after->kind == pdf::XrefEntry::Kind::compressed ? m_after.entry(after->container) : after;
    if (place != nullptr && place->kind == pdf::XrefEntry::Kind::plain) difference.offset = place->offset;
  }
  difference.is_other_generation = is_used(before) && is_used(after) && before->generation != after->generation;
  if (!difference.is_other_generation && is_equal(difference.before, difference.after)) {
    if (is_used(before) && is_used(after)) {
      Change& change = add(ChangeKind::none, "change.none", number);
      change.offset = difference.offset;
    }
    return;
  }
  m_paint.forget_object(number);
  m_differences.emplace(number, std::move(difference));
  m_order.push_back(number);
}

// ISO 32000-2 section 7.5.5. /Size, /Prev, /XRefStm and the entries of a cross-reference stream describe the file.
void ChangeFinder::compare_trailers() {
  const pdf::Dictionary &before = m_before.trailer(), &after = m_after.trailer();
  const auto old_root = before.get("Root").as_reference(), new_root = after.get("Root").as_reference();
  if (old_root != new_root) {
    Change& change = add(ChangeKind::content, "change.root", new_root ? new_root->number : 0);
    change.path = "Root";
    if (new_root) m_seats.add(new_root->number, Role::catalog, 0);
    const pdf::Object old_catalog = resolved(m_before, before, "Root"), catalog = resolved(m_after, after, "Root");
    if (old_catalog.as_dictionary() != nullptr && catalog.as_dictionary() != nullptr) {
      compare_catalogs(new_root ? new_root->number : 0, *old_catalog.as_dictionary(), *catalog.as_dictionary());
    }
  }
  if (!is_equal(before.get("Encrypt"), after.get("Encrypt"))) {
    add(ChangeKind::encryption, "change.encryption", 0).path = "Encrypt";
  }
  const pdf::Object &old_info = before.get("Info"), &new_info = after.get("Info");
  if (!is_equal(old_info, new_info)) {
    const auto id = new_info.as_reference();
    compare_information(id ? id->number : 0);
    if (id) m_seats.add(id->number, Role::info, 0);
  }
  const auto first_id = [](const pdf::ObjectView& view) {
    const pdf::Object id = resolved(view, view.trailer(), "ID");
    return id.as_array() != nullptr && !id.as_array()->empty() ? resolved(view, id.as_array()->front()) : pdf::Object();
  };
  const pdf::Object old_id = first_id(m_before), new_id = first_id(m_after);
  if (!old_id.is_null() && !(old_id == new_id)) {
    // The first identifier is part of the key of an encrypted file (section 7.6.4.3).
    const bool is_encrypted = !before.get("Encrypt").is_null();
    add(is_encrypted ? ChangeKind::encryption : ChangeKind::metadata,
        is_encrypted ? "change.encryption" : "change.metadata", 0)
        .path = "ID[0]";
  }
}

void ChangeFinder::judge(std::uint32_t number, const Difference& difference) {
  const std::vector<Seat> seats = m_seats.of(number);
  for (const Seat& seat : seats) {
    if (is_new_seat(seat)) continue;
    if (difference.is_other_generation) {
      add(ChangeKind::unknown, "change.unknown", number).new_value = "generation";
      return;
    }
    judge(number, difference, seat);
  }
}

void ChangeFinder::judge(std::uint32_t number, const Difference& difference, const Seat& seat) {
  const pdf::Object &before = difference.before, &after = difference.after;
  switch (seat.role) {
    case Role::catalog: {
      // One that the trailer no longer names is not the catalog now.
      const auto root = m_after.trailer().get("Root").as_reference();
      if (!root || root->number != number) return;
      static const pdf::Dictionary kEmpty;
      compare_catalogs(number, before.as_dictionary() != nullptr ? *before.as_dictionary() : kEmpty,
                       after.as_dictionary() != nullptr ? *after.as_dictionary() : kEmpty);
      return;
    }
    case Role::acro_form:
      return compare_forms(before, after);
    case Role::fields:
      if (seat.owner != 0) {
        m_fields[unit_of(seat.owner)];
      } else if (m_done.emplace(number, static_cast<std::uint8_t>(Role::fields)).second) {
        compare_kids(before, after);
      }
      return;
    case Role::page_tree:
      if (m_seats.find(number, Role::page) == nullptr) add_content("change.page-tree", number, "Root/Pages");
      return;
    case Role::page:
      return compare_pages(number, before, after);
    case Role::annotations:
      return compare_annotations(seat.owner, before, after);
    case Role::annotation:
      if (m_seats.find(number, Role::field) == nullptr) m_annotations[number].is_changed = true;
      return;
    case Role::annotation_part:
      m_annotations[seat.owner].is_changed = true;
      return;
    case Role::info:
      return compare_information(number);
    case Role::metadata:
      return compare_metadata(number);
    case Role::encrypt:
      add(ChangeKind::encryption, "change.encryption", number).path = "Encrypt";
      return;
    case Role::dss:
      return note_validation_data(number, "Root/DSS");
    case Role::extensions:
      return compare_extensions(number, before, after);
    case Role::permissions:
      return compare_permissions(number, before, after);
    case Role::structure:
      return compare_structure(number, before, after);
    case Role::form_resources:
      return compare_form_resources(before, after, "Root/AcroForm/DR", 0);
    case Role::form_part: {
      Change& change = add(ChangeKind::form_undefined, "form.undefined-change", number);
      change.path = "Root/AcroForm";
      return;
    }
    case Role::container_part:
      add(ChangeKind::unknown, "change.unknown", number).path = fmt::format("ObjStm({})", seat.owner);
      return;
    case Role::field:
    case Role::value:
    case Role::value_part:
    case Role::lock:
    case Role::field_part:
    case Role::appearances:
    case Role::appearance:
    case Role::appearance_part:
      return judge_field_seat(number, difference, seat);
    default: {
      Change& change = add_content(code_of(seat.role), number, {});
      if (m_pages && seat.owner != 0) {
        const pdf::XrefEntry* entry = m_before.entry(seat.owner);
        if (entry != nullptr) change.page = m_pages->index_of({seat.owner, entry->generation});
      }
      m_paint.forget_content();
      return;
    }
  }
}

void ChangeFinder::judge_field_seat(std::uint32_t number, const Difference&, const Seat& seat) {
  const auto is_field = [&](std::uint32_t owner) { return m_seats.find(owner, Role::field) != nullptr; };
  switch (seat.role) {
    case Role::field:
      m_fields[unit_of(number)];
      return;
    case Role::value:
      m_fields[unit_of(seat.owner)].value = true;
      return;
    case Role::value_part:
      m_fields[unit_of(seat.owner)].value_part = true;
      return;
    case Role::lock:
    case Role::field_part: {
      const std::uint32_t unit = unit_of(seat.owner);
      const FieldState field = read_field(m_before, unit);
      const bool is_lock = seat.role == Role::lock;
      Change& change = add_field(is_lock             ? ChangeKind::lock_changed
                                 : field.is_signed() ? ChangeKind::signature_redefined
                                                     : ChangeKind::form_undefined,
                                 is_lock             ? "lock.violated"
                                 : field.is_signed() ? "sigdict.redefined"
                                                     : "form.undefined-change",
                                 field);
      change.object = number;
      change.offset = m_differences.at(number).offset;
      return;
    }
    default:
      if (is_field(seat.owner)) {
        m_fields[unit_of(seat.owner)].appearance = true;
      } else {
        m_annotations[seat.owner].appearance = true;
      }
  }
}

bool ChangeFinder::is_equal(const pdf::Object& before, const pdf::Object& after, std::size_t depth) {
  if (!m_work.spend(1) || depth > kDepth) return false;
  if (const pdf::Stream* stream = before.as_stream()) {
    return after.as_stream() != nullptr && is_equal_stream(*stream, *after.as_stream());
  }
  if (after.as_stream() != nullptr) return false;
  if (const pdf::Array* array = before.as_array()) {
    const pdf::Array* other = after.as_array();
    if (other == nullptr || other->size() != array->size()) return false;
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (!is_equal((*array)[i], (*other)[i], depth + 1)) return false;
    }
    return true;
  }
  if (const pdf::Dictionary* dictionary = before.as_dictionary()) {
    const pdf::Dictionary* other = after.as_dictionary();
    if (other == nullptr || dictionary->has_duplicate_keys() != other->has_duplicate_keys()) return false;
    // An entry whose value is null is no entry (ISO 32000-2 section 7.3.7).
    for (const auto& [key, value] : *dictionary) {
      if (!is_equal(dictionary->get(key), other->get(key), depth + 1)) return false;
    }
    return std::ranges::all_of(
        *other, [&](const auto& entry) { return entry.second.is_null() || !dictionary->get(entry.first).is_null(); });
  }
  const auto a = before.as_number(), b = after.as_number();
  if (a && b && !(before.as_integer() && after.as_integer())) {
    // Programs that write an object again keep six or seven digits of its reals.
    constexpr double kRounding = 1e-6;
    return std::abs(*a - *b) <= kRounding * std::max(std::abs(*a), std::abs(*b));
  }
  return before == after;
}

bool ChangeFinder::is_equal_stream(const pdf::Stream& before, const pdf::Stream& after) {
  pdf::Dictionary a = *before.dictionary, b = *after.dictionary;
  const bool is_same_coding =
      is_equal(a.get("Filter"), b.get("Filter")) && is_equal(a.get("DecodeParms"), b.get("DecodeParms"));
  for (const std::string_view key : {"Length", "Filter", "DecodeParms", "DL"}) {
    a.erase(key);
    b.erase(key);
  }
  if (!is_equal(pdf::Object(a), pdf::Object(b))) return false;
  if (is_same_coding && before.data == after.data && before.id == after.id) return true;
  if (is_same_coding) {
    const auto x = m_before.raw(before), y = m_after.raw(after);
    if (x && y && *x == *y) {
      (void)m_work.spend(x->size() / 256);
      return true;
    }
  }
  const auto x = m_before.decode(before), y = m_after.decode(after);
  if (x) (void)m_work.spend(x->size() / 256);
  return x && y && *x == *y;
}

bool ChangeFinder::is_equal_resolved(const pdf::Object& before, const pdf::Object& after) {
  const auto a = before.as_reference(), b = after.as_reference();
  if (a && b && *a == *b && !is_changed(a->number)) return true;
  return is_equal(resolved(m_before, before), resolved(m_after, after));
}

Change& ChangeFinder::add(ChangeKind kind, std::string code, std::uint32_t object) {
  if (m_report.changes.size() > m_limits.changes) m_report.changes.pop_back();  // the run ends after this revision
  Change change;
  change.revision = m_revision;
  change.kind = kind;
  change.code = std::move(code);
  change.object = object;
  if (const auto found = m_differences.find(object); object != 0 && found != m_differences.end()) {
    change.offset = found->second.offset;
  } else if (const pdf::XrefEntry* entry = object != 0 ? m_after.entry(object) : nullptr;
             entry != nullptr && entry->kind == pdf::XrefEntry::Kind::plain) {
    change.offset = entry->offset;
  } else {
    change.offset = m_graph->sections()[m_graph->revisions()[m_revision].sections.front()].extent.offset;
  }
  m_report.changes.push_back(std::move(change));
  return m_report.changes.back();
}

Change& ChangeFinder::add_content(std::string code, std::uint32_t object, std::string path) {
  Change& change = add(ChangeKind::content, std::move(code), object);
  change.path = std::move(path);
  if (const auto found = m_differences.find(object); found != m_differences.end()) {
    change.old_value = brief(m_before, found->second.before);
    change.new_value = brief(m_after, found->second.after);
  }
  return change;
}

ChangeReport find_changes(std::shared_ptr<const pdf::RevisionGraph> graph, std::size_t first, const Secret* password,
                          const ChangeLimits& limits) {
  ChangeReport report;
  if (graph == nullptr || first + 1 >= graph->revisions().size()) return report;
  auto before = pdf::ObjectView::open(graph, first, password);
  auto after = pdf::ObjectView::open(graph, first, password);
  if (!before || !after) {
    // Without its catalog a revision shows nothing that later ones could be compared with.
    Change change;
    change.revision = first + 1;
    change.code = "change.unknown";
    report.changes.push_back(std::move(change));
    return report;
  }
  return ChangeFinder(std::move(graph), *std::move(before), *std::move(after), limits).run();
}

}  // namespace kyso::verify

#include "verify/facts/form_tracker.h"

#include <algorithm>

#include "base/text.h"
#include "verify/facts/object_place.h"

namespace kyso::verify {

namespace {

using pdf::Dictionary;
using pdf::Object;
using pdf::ObjectView;

constexpr std::uint32_t kDirect = 0xFFFF0000U;  // keys of items that are direct objects
constexpr std::size_t kMaxDirect = 1000;
constexpr std::size_t kMaxSignatures = 20'000;
constexpr std::size_t kMaxWidgets = 1000;
constexpr std::size_t kMaxFindings = 1000;

Object resolved(const ObjectView& view, const Object& object) {
  return view.resolve(object).value_or(Object());
}

Finding limit_finding(std::string_view limit) {
  return Finding("resource.limit", Severity::failure).with("limit", limit);
}

// Where an object stands: equal for equal bytes. Empty: nowhere.
std::string place_of(const ObjectView& view, pdf::ObjectId id) {
  const pdf::XrefEntry* entry = view.entry(id.number);
  if (entry == nullptr || entry->kind == pdf::XrefEntry::Kind::free || entry->generation != id.generation) return {};
  if (entry->kind == pdf::XrefEntry::Kind::plain) return fmt::format("{}@{}", id.number, entry->offset);
  const pdf::XrefEntry* container = view.entry(entry->container);
  return fmt::format("{}@{}/{}", id.number, container != nullptr ? container->offset : 0, entry->container);
}

// Says that it is a signature although it can't be parsed.
bool looks_like_signature(const RawDictionary& raw) {
  return raw.find("ByteRange") != nullptr || (raw.find("Contents") != nullptr && raw.find("Filter") != nullptr);
}

bool has_same_slot(const Dictionary& a, const Dictionary& b) {
  return a.get("ByteRange") == b.get("ByteRange") && a.get("Contents") == b.get("Contents");
}

}  // namespace

struct FormTracker::Walk {
  const ObjectView& view;
  std::uint32_t key = 0;
  Item item;
};

bool FormTracker::spend(std::size_t work) {
  if (m_work_left >= work) {
    m_work_left -= work;
    return true;
  }
  if (m_work_left > 0) m_findings.push_back(limit_finding("fields"));
  m_work_left = 0;
  return false;
}

void FormTracker::use(Walk& walk, const Object& object) {
  if (const auto id = object.as_reference(); id && walk.item.uses.insert(id->number).second) {
    m_used_by[id->number].insert(walk.key);
  }
}

void FormTracker::update(const ObjectView& view, std::size_t revision, const std::vector<std::uint32_t>& touched) {
  m_revision = revision;
  bool is_list_touched = revision == 0 || m_catalog != view.catalog_id();
  std::unordered_set<std::uint32_t> dirty;
  for (const std::uint32_t number : touched) {
    is_list_touched = is_list_touched || m_list_objects.contains(number);
    const auto users = m_used_by.find(number);
    if (users != m_used_by.end()) dirty.insert(users->second.begin(), users->second.end());
  }
  for (const std::uint32_t key : dirty) {
    const auto item = m_items.find(key);
    if (key < kDirect && item != m_items.end()) walk_item(view, key, Object(item->second.root));
    is_list_touched = is_list_touched || key >= kDirect;
  }
  if (is_list_touched) read_list(view);
  for (SignatureRecord& record : m_records) {
    if (record.fields == 0 && !record.facts.removed_in && record.facts.first_revision < revision) {
      record.facts.removed_in = revision;
    }
    if (record.fields > 0) record.facts.removed_in.reset();
  }
}

// /Fields of the form, and what lies on the way to it.
void FormTracker::read_list(const ObjectView& view) {
  m_catalog = view.catalog_id();
  m_list_objects.clear();
  const auto note = [this](const Object& object) {
    if (const auto id = object.as_reference()) m_list_objects.insert(id->number);
  };
  if (m_catalog) m_list_objects.insert(m_catalog->number);
  const auto catalog = view.catalog();
  const Object form = catalog ? resolved(view, catalog->get("AcroForm")) : Object();
  if (catalog) note(catalog->get("AcroForm"));
  const Object fields =
      form.as_dictionary() != nullptr ? resolved(view, form.as_dictionary()->get("Fields")) : Object();
  if (form.as_dictionary() != nullptr) note(form.as_dictionary()->get("Fields"));
  static const pdf::Array kNone;
  const pdf::Array& list = fields.as_array() != nullptr ? *fields.as_array() : kNone;
  if (!spend(list.size() + m_items.size())) return;
  for (auto& [key, item] : m_items) item.is_listed = false;
  std::uint32_t direct = kDirect;
  for (const Object& member : list) {
    const auto id = member.as_reference();
    if (!id && direct - kDirect >= kMaxDirect) continue;
    const std::uint32_t key = id ? id->number : direct++;
    if (!m_items.contains(key) || !id) walk_item(view, key, member);
    m_items[key].is_listed = true;
  }
  std::erase_if(m_items, [this](const auto& entry) {
    if (!entry.second.is_listed) release(entry.second);
    return !entry.second.is_listed;
  });
}

void FormTracker::release(const Item& item) {
  for (const std::size_t record : item.records) --m_records[record].fields;
}

void FormTracker::walk_item(const ObjectView& view, std::uint32_t key, const Object& root) {
  Walk walk{view, key, {}};
  walk.item.root = root;
  walk_node(walk, root, {}, 0);
  for (const std::size_t record : walk.item.records) ++m_records[record].fields;
  Item& item = m_items[key];
  release(item);
  walk.item.is_listed = item.is_listed;
  item = std::move(walk.item);
}

void FormTracker::note_limit(const Walk& walk, std::string_view limit, std::uint32_t number) {
  if (m_findings.size() >= kMaxFindings) return;
  Finding finding = limit_finding(limit);
  finding.object = number < kDirect ? number : m_catalog.value_or(pdf::ObjectId{}).number;
  finding.offset = place_of_object(walk.view, *finding.object);
  m_findings.push_back(std::move(finding));
}

// Told once: later revisions may write the field again.
void FormTracker::note_duplicate_keys(const Walk& walk, std::uint32_t number) {
  if (number >= kDirect) number = m_catalog.value_or(pdf::ObjectId{}).number;
  if (m_findings.size() >= kMaxFindings || !m_with_duplicate_keys.insert(number).second) return;
  Finding finding("object.duplicate-key", Severity::warning);
  finding.object = number;
  finding.offset = place_of_object(walk.view, number);
  m_findings.push_back(std::move(finding));
}

// A kid with a name is a field of its own, one without is a widget of this field (ISO 32000-2 section 12.7.4.1).
void FormTracker::walk_node(Walk& walk, const Object& node, const Inherited& from, std::size_t depth) {
  if (!spend(1)) return;
  const auto id = node.as_reference();
  if (id && walk.item.uses.contains(id->number)) {
    return note_limit(walk, "field-tree-loop", id->number);
  }
  if (depth > m_graph.limits().tree_depth) {
    return note_limit(walk, "tree_depth", id ? id->number : walk.key);
  }
  use(walk, node);
  const Object value = resolved(walk.view, node);
  const Dictionary* dictionary = value.as_dictionary();
  if (dictionary == nullptr) return;
  Inherited inherited = from;
  const Object partial = resolved(walk.view, dictionary->get("T"));
  if (partial.as_string() != nullptr) {
    if (!inherited.name.empty()) inherited.name += '.';
    inherited.name += to_nfc(text_of(*partial.as_string()));
  }
  if (dictionary->has("FT")) inherited.type = resolved(walk.view, dictionary->get("FT"));
  if (dictionary->has("V")) {
    inherited.value = dictionary->get("V");
    inherited.value_holder = id.value_or(pdf::ObjectId{});
  }
  if (dictionary->has_duplicate_keys()) note_duplicate_keys(walk, id ? id->number : walk.key);
  const Object& kids_entry = dictionary->get("Kids");
  use(walk, kids_entry);
  const Object kids = resolved(walk.view, kids_entry);
  if (kids.as_array() == nullptr || kids.as_array()->empty()) {
    return end_field(walk, node, *dictionary, inherited, kids);
  }
  if (!spend(kids.as_array()->size())) return;
  const bool has_fields = std::ranges::any_of(*kids.as_array(), [&](const Object& kid) {
    const Object one = resolved(walk.view, kid);
    const Dictionary* child = one.as_dictionary();
    return child != nullptr && (child->has("T") || (child->has("Kids") && !child->has("Subtype")));
  });
  if (!has_fields) return end_field(walk, node, *dictionary, inherited, kids);
  for (const Object& kid : *kids.as_array()) walk_node(walk, kid, inherited, depth + 1);
}

void FormTracker::end_field(Walk& walk, const Object& node, const Dictionary& dictionary, const Inherited& inherited,
                            const Object& kids) {
  const auto id = node.as_reference();
  walk.item.names.emplace_back(inherited.name, id ? id->number : walk.key);
  if (!inherited.type.is_name("Sig")) return;
  std::vector<std::pair<std::optional<pdf::ObjectId>, Dictionary>> widgets;
  if (kids.as_array() == nullptr) {
    if (dictionary.has("Rect") || dictionary.get("Subtype").is_name("Widget")) widgets.emplace_back(id, dictionary);
  } else {
    for (const Object& kid : *kids.as_array()) {
      use(walk, kid);
      const Object widget = resolved(walk.view, kid);
      if (widget.as_dictionary() == nullptr || widgets.size() >= kMaxWidgets) continue;
      widgets.emplace_back(kid.as_reference(), *widget.as_dictionary());
    }
  }
  const std::size_t before = m_records.size();
  const auto found = record_of(walk, inherited);
  if (!found) return;
  walk.item.records.push_back(*found);
  SignatureRecord& record = m_records[*found];
  if (*found < before) {
    const bool is_new_name =
        record.facts.field != inherited.name && record.facts.shared_fields.size() < 100 &&
        std::ranges::find(record.facts.shared_fields, inherited.name) == record.facts.shared_fields.end();
    if (is_new_name) record.facts.shared_fields.push_back(inherited.name);
    return;
  }
  record.facts.field = inherited.name;
  record.facts.first_revision = m_revision;
  record.field_lock = resolved(walk.view, dictionary.get("Lock"));
  std::vector<Dictionary> dictionaries;
  for (auto& [widget_id, widget] : widgets) {
    const Object rect = resolved(walk.view, widget.get("Rect"));
    record.widgets.push_back({widget_id, widget.get("P").as_reference(), pdf::rect_of(rect).value_or(pdf::Rect{})});
    dictionaries.push_back(std::move(widget));
  }
  m_describe(walk.view, record, dictionaries);
}

// A dictionary that stands where a known one stands is that one. One that was written again under the same number with
// the same slot is the known one redefined; with another slot it is a signature of its own.
std::optional<std::size_t> FormTracker::known_record(const ObjectView& view, const std::string& place,
                                                     std::uint32_t number, const Dictionary* value) {
  if (const auto found = m_by_place.find(place); found != m_by_place.end()) return found->second;
  const auto earlier = m_newest_by_number.find(number);
  if (earlier == m_newest_by_number.end() || value == nullptr) return std::nullopt;
  SignatureRecord& record = m_records[earlier->second];
  if (!has_same_slot(record.dictionary, *value)) return std::nullopt;
  // What readers find now is not what stands around the gap, even when it says the same (case 7).
  const bool is_equal = Object(record.dictionary) == Object(*value);
  Finding finding(is_equal ? "contents.gap-mismatch" : "sigdict.redefined", Severity::failure);
  finding.object = number;
  finding.revision = m_revision + 1;
  finding.offset = place_of_object(view, number);
  if (std::ranges::find(record.facts.findings, finding) == record.facts.findings.end()) {
    record.facts.findings.push_back(std::move(finding));
  }
  m_by_place.emplace(place, earlier->second);
  return earlier->second;
}

std::optional<std::size_t> FormTracker::record_of(Walk& walk, const Inherited& inherited) {
  use(walk, inherited.value);
  const auto reference = inherited.value.as_reference();
  const pdf::ObjectId home = reference.value_or(inherited.value_holder);  // the object in which it stands
  std::string place = place_of(walk.view, home);
  if (place.empty() && reference) return std::nullopt;
  const auto value = walk.view.resolve(inherited.value);
  const Dictionary* dictionary = value ? value->as_dictionary() : nullptr;
  if (value && dictionary == nullptr) return std::nullopt;
  if (const auto known = known_record(walk.view, place, home.number, dictionary)) return known;
  if (m_records.size() >= kMaxSignatures) {
    spend(m_work_left + 1);
    return std::nullopt;
  }
  SignatureRecord record;
  record.facts.object = reference ? home.number : 0;
  const pdf::XrefEntry* entry = walk.view.entry(home.number);
  const bool is_plain = entry != nullptr && entry->kind == pdf::XrefEntry::Kind::plain;
  if (is_plain) {
    const pdf::Source& source = m_graph.source();
    auto begin = value_of_object_at(source, entry->offset);
    if (begin && !reference) {
      const auto holder = read_raw_dictionary(source, *begin, m_graph.limits());
      const RawEntry* direct = holder ? holder->find("V") : nullptr;
      begin = direct != nullptr ? std::optional(direct->value.offset) : std::nullopt;
    }
    if (begin) record.raw = read_raw_dictionary(source, *begin, m_graph.limits());
    record.facts.offset = record.raw ? record.raw->extent.offset : entry->offset;
  } else if (entry != nullptr) {
    const pdf::XrefEntry* container = walk.view.entry(entry->container);
    record.facts.offset = container != nullptr ? container->offset : 0;
    Finding finding("sigdict.compressed", Severity::failure);
    finding.at(record.facts.offset).object = home.number;
    record.facts.findings.push_back(finding);
  }
  if (dictionary == nullptr && !(record.raw && looks_like_signature(*record.raw))) return std::nullopt;
  if (dictionary != nullptr) record.dictionary = *dictionary;
  m_by_place.emplace(std::move(place), m_records.size());
  m_newest_by_number.insert_or_assign(home.number, m_records.size());
  m_records.push_back(std::move(record));
  return m_records.size() - 1;
}

void FormTracker::add_orphan(const ObjectView& view, pdf::ObjectId widget, std::size_t revision) {
  if (m_used_by.contains(widget.number) || m_items.contains(widget.number)) return;
  m_revision = revision;
  Object node(widget);
  const Object value = resolved(view, node);
  const Dictionary* dictionary = value.as_dictionary();
  if (dictionary == nullptr) return;
  if (!dictionary->has("T") && dictionary->get("Parent").as_reference()) {  // a kid: its field counts
    node = dictionary->get("Parent");
    if (m_used_by.contains(node.as_reference()->number)) return;
  }
  const std::uint32_t key = node.as_reference()->number;
  const std::size_t before = m_records.size();
  walk_item(view, key, node);
  for (std::size_t i = before; i < m_records.size(); ++i) {
    const auto revisions = m_graph.revisions();
    const auto found = std::ranges::upper_bound(revisions, m_records[i].facts.offset, {}, &pdf::Revision::end);
    m_records[i].facts.first_revision =
        std::min<std::size_t>(static_cast<std::size_t>(found - revisions.begin()), revisions.size() - 1);
    m_records[i].facts.findings.push_back(
        Finding("field.unlisted", Severity::warning).with("field", m_records[i].facts.field));
  }
}

std::unordered_set<std::string> FormTracker::duplicate_names() const {
  std::unordered_map<std::string, std::uint32_t> seen;
  std::unordered_set<std::string> twice;
  for (const auto& [key, item] : m_items) {
    for (const auto& [name, number] : item.names) {
      const auto [known, is_new] = seen.emplace(name, number);
      if (!is_new && known->second != number) twice.insert(name);
    }
  }
  return twice;
}

}  // namespace kyso::verify

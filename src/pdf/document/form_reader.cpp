#include "pdf/document/form_reader.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"

namespace kyso::pdf {

namespace {

constexpr std::array<std::string_view, 6> kInheritable{"FT", "V", "DA", "Ff", "Q", "MaxLen"};
constexpr std::int64_t kReadOnly = 1;

// Object, or null where it cannot be read: one broken field must not hide the others.
Object resolved(const ObjectView& view, const Object& object) {
  return view.resolve(object).value_or(Object());
}
Object resolved(const ObjectView& view, const Dictionary& dictionary, std::string_view key) {
  return resolved(view, dictionary.get(key));
}

std::optional<Rect> rect_at(const ObjectView& view, const Dictionary& widget) {
  const Object value = resolved(view, widget, "Rect");
  if (value.as_array() == nullptr) return std::nullopt;
  Array numbers;
  for (const Object& item : *value.as_array()) {
    if (numbers.size() == 4) break;
    numbers.push_back(resolved(view, item));
  }
  return rect_of(Object(std::move(numbers)));
}

FieldKind kind_of(const Object& type) {
  if (type.is_name("Sig")) return FieldKind::signature;
  if (type.is_name("Tx")) return FieldKind::text;
  if (type.is_name("Btn")) return FieldKind::button;
  if (type.is_name("Ch")) return FieldKind::choice;
  return FieldKind::unknown;
}

std::string value_text(const ObjectView& view, const Object& value) {
  if (const String* string = value.as_string()) return text_of(*string);
  if (const std::string* name = value.as_name()) return *name;
  if (const Stream* stream = value.as_stream()) {
    auto bytes = view.decode(*stream);
    return bytes ? text_of(String{std::string(as_chars(*bytes)), false}) : std::string();
  }
  std::string joined;
  if (const Array* array = value.as_array()) {  // a choice field with several selections
    for (const Object& item : *array) {
      const Object one = resolved(view, item);
      if (one.as_string() == nullptr) continue;
      if (!joined.empty()) joined += ", ";
      joined += text_of(*one.as_string());
    }
  }
  return joined;
}

// FieldReader: the walk through the field hierarchy with its budget.
class FieldReader {
 public:
  FieldReader(const ObjectView& view, const PageTree& pages) : m_view(view), m_pages(pages) {}

  Result<std::vector<Field>> read() {
    KYSO_TRY(collect_page_widgets());
    Inherited root;
    Array top;
    if (const auto form = KYSO_TRY(m_view.dictionary_at(KYSO_TRY(m_view.catalog()), "AcroForm"))) {
      // ISO 32000-2 table 224: the form's /DA and /Q are defaults for text fields.
      for (const std::string_view key : {"DA", "Q"}) root.values.set(key, form->get(key));
      const Object fields = KYSO_TRY(m_view.resolve(*form, "Fields"));
      if (fields.as_array() != nullptr) top = *fields.as_array();
    }
    for (const Object& item : top) KYSO_TRY(walk(item, root, 0));
    for (const auto& [id, page] : m_widget_order) KYSO_TRY(add_orphan(id, root));
    return std::move(m_fields);
  }

 private:
  struct Inherited {
    std::string name;
    Dictionary values;
  };

  // Which page shows which widget. A shared /Annots array is looked at once.
  Result<> collect_page_widgets() {
    std::set<ObjectId> arrays, pages;
    for (std::size_t i = 0; i < m_pages.count(); ++i) {
      auto page = m_pages.page(i);
      if (!page || !pages.insert(page->id).second) continue;
      const Object& entry = page->dictionary.get("Annots");
      if (entry.is_null()) continue;
      if (const auto id = entry.as_reference(); id && !arrays.insert(*id).second) continue;
      const Object annotations = resolved(m_view, entry);
      if (annotations.as_array() == nullptr) continue;
      for (const Object& item : *annotations.as_array()) {
        const auto id = item.as_reference();
        if (!id || m_widget_pages.contains(*id)) continue;
        const Object annotation = resolved(m_view, item);
        if (annotation.as_dictionary() == nullptr) continue;
        if (!resolved(m_view, *annotation.as_dictionary(), "Subtype").is_name("Widget")) continue;
        if (m_widget_pages.size() >= m_view.graph().limits().fields) return fail("pdf.limit").with("limit", "fields");
        m_widget_pages.emplace(*id, i);
        m_widget_order.emplace_back(*id, i);
      }
    }
    return {};
  }

  Inherited descend(const Dictionary& node, const Inherited& from) const {
    Inherited inherited = from;
    const Object partial = resolved(m_view, node, "T");
    if (partial.as_string() != nullptr) {
      if (!inherited.name.empty()) inherited.name += '.';
      inherited.name += text_of(*partial.as_string());
    }
    for (const std::string_view key : kInheritable) {
      if (!node.get(key).is_null()) inherited.values.set(key, node.get(key));
    }
    return inherited;
  }

  // A kid with a name is a field of its own, one without is a widget of this field (ISO 32000-2 section 12.7.4.1).
  bool is_field(const Object& kid) const {
    const Object value = resolved(m_view, kid);
    if (value.as_dictionary() == nullptr) return false;
    if (value.as_dictionary()->has("T")) return true;
    return value.as_dictionary()->has("Kids") && !value.as_dictionary()->has("Subtype");
  }

  Result<> walk(const Object& item, const Inherited& from, std::size_t depth) {
    if (depth > m_view.graph().limits().tree_depth) return fail("pdf.limit").with("limit", "tree_depth");
    const auto id = item.as_reference();
    const Object value = resolved(m_view, item);
    const Dictionary* node = value.as_dictionary();
    if (node == nullptr || (id && !m_visited.insert(*id).second)) return {};
    const Inherited inherited = descend(*node, from);
    const Object kids = resolved(m_view, *node, "Kids");
    // Many fields may share one long array of kids: what is looked at counts, not what stands in the file.
    m_looked += 1 + (kids.as_array() != nullptr ? kids.as_array()->size() : 0);
    if (m_looked > 10 * m_view.graph().limits().fields) return fail("pdf.limit").with("limit", "fields");
    const bool has_fields = kids.as_array() != nullptr &&
                            std::ranges::any_of(*kids.as_array(), [this](const Object& kid) { return is_field(kid); });
    if (has_fields) {
      for (const Object& kid : *kids.as_array()) KYSO_TRY(walk(kid, inherited, depth + 1));
      return {};
    }
    return add_field(id, *node, inherited, kids);
  }

  Result<> add_field(std::optional<ObjectId> id, const Dictionary& node, const Inherited& inherited,
                     const Object& kids) {
    if (m_fields.size() >= m_view.graph().limits().fields) return fail("pdf.limit").with("limit", "fields");
    Field field;
    field.id = id;
    field.name = to_nfc(inherited.name);
    field.dictionary = node;
    for (const auto& [key, value] : inherited.values) field.dictionary.set(key, value);
    field.kind = kind_of(resolved(m_view, field.dictionary, "FT"));
    field.is_read_only = (resolved(m_view, field.dictionary, "Ff").as_integer().value_or(0) & kReadOnly) != 0;
    if (field.kind != FieldKind::signature) {
      field.value = value_text(m_view, resolved(m_view, field.dictionary, "V"));
    }
    if (kids.as_array() == nullptr) {
      if (node.has("Rect") || node.get("Subtype").is_name("Widget")) add_widget(field, id, node);
    } else {
      for (const Object& kid : *kids.as_array()) {
        const auto kid_id = kid.as_reference();
        if (kid_id && !m_visited.insert(*kid_id).second) continue;
        const Object value = resolved(m_view, kid);
        if (value.as_dictionary() != nullptr) add_widget(field, kid_id, *value.as_dictionary());
      }
    }
    if (id) m_field_index.emplace(*id, m_fields.size());
    m_fields.push_back(std::move(field));
    return {};
  }

  // Where a page shows the widget counts; its /P is a hint.
  void add_widget(Field& field, std::optional<ObjectId> id, const Dictionary& dictionary) const {
    Widget widget;
    widget.id = id;
    widget.rect = rect_at(m_view, dictionary).value_or(Rect{});
    if (id) {
      if (const auto found = m_widget_pages.find(*id); found != m_widget_pages.end()) widget.page = found->second;
    }
    const auto page_id = dictionary.get("P").as_reference();
    if (widget.page == kNoPage && page_id) widget.page = m_pages.index_of(*page_id);
    field.widgets.push_back(widget);
  }

  // A widget that /Fields doesn't lead to: office suites and forms cut from larger documents leave such.
  Result<> add_orphan(ObjectId id, const Inherited& root) {
    if (m_visited.contains(id)) return {};
    const Object value = resolved(m_view, Object(id));
    if (value.as_dictionary() == nullptr) return {};
    std::vector<Dictionary> line{*value.as_dictionary()};  // the widget, then its ancestors
    std::set<ObjectId> seen{id};
    ObjectId field_id = id;
    while (line.size() <= m_view.graph().limits().tree_depth) {
      const auto parent_id = line.back().get("Parent").as_reference();
      if (!parent_id || !seen.insert(*parent_id).second) break;
      const Object parent = resolved(m_view, Object(*parent_id));
      if (parent.as_dictionary() == nullptr) break;
      if (line.size() == 1 && !line[0].has("T")) field_id = *parent_id;
      line.push_back(*parent.as_dictionary());
    }
    m_visited.insert(id);
    const auto known = m_field_index.find(field_id);
    if (known != m_field_index.end()) {  // a kid that its parent doesn't name
      add_widget(m_fields[known->second], id, line[0]);
      return {};
    }
    Inherited inherited = root;
    for (std::size_t i = line.size(); i-- > 0;) inherited = descend(line[i], inherited);
    if (inherited.name.empty() || inherited.values.get("FT").is_null()) return {};
    const bool merged = field_id == id;
    if (!merged) m_visited.insert(field_id);
    KYSO_TRY(add_field(field_id, merged ? line[0] : line[1], inherited, merged ? Object() : Object(Array{})));
    if (!merged) add_widget(m_fields.back(), id, line[0]);
    return {};
  }

  const ObjectView& m_view;
  const PageTree& m_pages;
  std::map<ObjectId, std::size_t> m_widget_pages;
  std::vector<std::pair<ObjectId, std::size_t>> m_widget_order;
  std::set<ObjectId> m_visited;
  std::size_t m_looked = 0;
  std::map<ObjectId, std::size_t> m_field_index;
  std::vector<Field> m_fields;
};

}  // namespace

Result<std::vector<Field>> read_fields(const ObjectView& view, const PageTree& pages) {
  return FieldReader(view, pages).read();
}

namespace {

std::string text_at(const ObjectView& view, const Dictionary& dictionary, std::string_view key) {
  const Object value = resolved(view, dictionary, key);
  return value.as_string() != nullptr ? text_of(*value.as_string()) : std::string();
}

std::string name_at(const ObjectView& view, const Dictionary& dictionary, std::string_view key) {
  const Object value = resolved(view, dictionary, key);
  return value.as_name() != nullptr ? *value.as_name() : std::string();
}

std::vector<std::int64_t> integers_at(const ObjectView& view, const Dictionary& dictionary, std::string_view key) {
  constexpr std::size_t kMost = 1024;  // nobody means more; the verifier looks at the dictionary itself
  const Object value = resolved(view, dictionary, key);
  std::vector<std::int64_t> numbers;
  if (value.as_array() == nullptr || value.as_array()->size() > kMost) return {};
  for (const Object& item : *value.as_array()) {
    const auto number = item.as_integer();
    if (!number) return {};
    numbers.push_back(*number);
  }
  return numbers;
}

// A range reaches a revision when it ends behind its startxref and not behind its end: writers differ in whether the
// end of line after %%EOF belongs to it.
std::size_t revision_reached(const RevisionGraph& graph, const std::vector<std::int64_t>& range) {
  const std::size_t none = static_cast<std::size_t>(-1);
  if (range.size() < 2 || range.size() % 2 != 0) return none;
  const std::int64_t start = range[range.size() - 2], length = range.back();
  if (start < 0 || length < 0 || start > INT64_MAX - length) return none;
  const auto end = static_cast<std::uint64_t>(start + length);
  const auto revisions = graph.revisions();
  const auto found = std::ranges::lower_bound(revisions, end, {}, &Revision::end);
  if (found != revisions.end() && end > found->startxref_offset) {
    return static_cast<std::size_t>(found - revisions.begin());
  }
  return none;
}

// ISO 32000-2 table 257: P may be missing (2). A value that the standard doesn't know permits nothing.
int docmdp_level(const ObjectView& view, const Dictionary& reference) {
  const Object parameters = resolved(view, reference, "TransformParams");
  if (parameters.as_dictionary() == nullptr) return 2;
  const Object level = resolved(view, *parameters.as_dictionary(), "P");
  if (level.is_null()) return 2;
  const auto value = level.as_integer().value_or(0);
  return value >= 1 && value <= 3 ? static_cast<int>(value) : 1;
}

void read_references(const ObjectView& view, SignatureInfo& info) {
  const Object references = resolved(view, info.dictionary, "Reference");
  if (references.as_array() == nullptr) return;
  for (const Object& item : *references.as_array()) {
    const Object value = resolved(view, item);
    if (value.as_dictionary() == nullptr) continue;
    const Dictionary& reference = *value.as_dictionary();
    const std::string method = name_at(view, reference, "TransformMethod");
    if (method == "DocMDP" && !info.certification) info.certification = docmdp_level(view, reference);
    if (method == "FieldMDP" && !info.field_mdp) {
      const Object parameters = resolved(view, reference, "TransformParams");
      if (parameters.as_dictionary() != nullptr) info.field_mdp = read_lock(view, *parameters.as_dictionary());
    }
  }
}

}  // namespace

Result<std::optional<SignatureInfo>> read_signature(const ObjectView& view, const Field& field) {
  const Object& entry = field.dictionary.get("V");
  const Object value = resolved(view, entry);
  if (value.as_dictionary() == nullptr) return std::optional<SignatureInfo>();
  SignatureInfo info;
  info.field = field.name;
  info.field_id = field.id.value_or(ObjectId{});
  info.value_id = entry.as_reference();
  info.dictionary = *value.as_dictionary();
  info.filter = name_at(view, info.dictionary, "Filter");
  info.sub_filter = name_at(view, info.dictionary, "SubFilter");
  info.byte_range = integers_at(view, info.dictionary, "ByteRange");
  const Object contents = resolved(view, info.dictionary, "Contents");
  if (contents.as_string() != nullptr) info.contents = contents.as_string()->bytes;
  info.name = text_at(view, info.dictionary, "Name");
  info.reason = text_at(view, info.dictionary, "Reason");
  info.location = text_at(view, info.dictionary, "Location");
  info.claimed_time = text_at(view, info.dictionary, "M");
  info.is_time_stamp = info.sub_filter == "ETSI.RFC3161" || name_at(view, info.dictionary, "Type") == "DocTimeStamp";
  info.covered_revision = revision_reached(view.graph(), info.byte_range);
  read_references(view, info);
  return std::optional(std::move(info));
}

// ISO 32000-2 section 12.8.4: /Perms names the certification signature. One that is not named there still binds a
// careful signer, for there are readers that only look at the reference.
Result<> find_certification(const ObjectView& view, std::vector<SignatureInfo>& signatures) {
  const auto permissions = KYSO_TRY(view.dictionary_at(KYSO_TRY(view.catalog()), "Perms"));
  const auto named = permissions ? permissions->get("DocMDP").as_reference() : std::nullopt;
  bool found = false;
  for (SignatureInfo& info : signatures) {
    info.is_in_permissions = named && info.value_id == named;
    found = found || info.is_in_permissions;
  }
  if (!found) return {};
  for (SignatureInfo& info : signatures) {
    if (info.is_in_permissions && !info.certification) info.certification = 2;
    if (!info.is_in_permissions) info.certification.reset();
  }
  return {};
}

}  // namespace kyso::pdf

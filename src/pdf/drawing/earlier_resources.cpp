#include "pdf/drawing/earlier_resources.h"

#include <algorithm>
#include <ranges>
#include <set>

namespace kyso::pdf {
namespace {

constexpr std::size_t kMaxAppearances = 1'000;
constexpr std::size_t kMaxFound = 256;  // of fonts and of images
constexpr int kMaxDepth = 3;            // forms in forms

class Collector {
 public:
  explicit Collector(const ObjectView& view) : m_view(view) {}

  // /N of a widget: a form, or one form for each state.
  void appearances(ObjectId widget) {
    const auto object = m_view.get(widget);
    if (!object || object->as_dictionary() == nullptr) return;
    const auto appearance = m_view.dictionary_at(*object->as_dictionary(), "AP");
    if (!appearance || !*appearance) return;
    const auto normal = m_view.resolve(**appearance, "N");
    if (!normal) return;
    if (normal->as_stream() != nullptr) {
      form(*normal, 0);
    } else if (const Dictionary* states = normal->as_dictionary()) {
      for (const auto& [name, state] : *states) form(state, 0);
    }
  }
  bool is_full() const { return m_forms >= kMaxAppearances; }
  EarlierResources take() { return std::move(m_found); }

 private:
  void form(const Object& reference, int depth) {
    if (is_full() || depth >= kMaxDepth) return;
    ++m_forms;
    const auto object = m_view.resolve(reference);
    if (!object || object->as_stream() == nullptr) return;
    const auto resources = m_view.dictionary_at(*object->as_dictionary(), "Resources");
    if (!resources || !*resources) return;
    for (const ObjectId id : references(**resources, "Font")) note(m_found.fonts, id);
    for (const ObjectId id : references(**resources, "XObject")) x_object(id, depth);
  }

  void x_object(ObjectId id, int depth) {
    const auto object = m_view.get(id);
    if (!object || object->as_stream() == nullptr) return;
    const Object& subtype = object->as_dictionary()->get("Subtype");
    if (subtype.is_name("Image")) note(m_found.images, id);
    if (subtype.is_name("Form") && m_seen.insert(id).second) form(*object, depth + 1);
  }

  void note(std::vector<ObjectId>& list, ObjectId id) {
    if (list.size() < kMaxFound && m_seen.insert(id).second) list.push_back(id);
  }

  std::vector<ObjectId> references(const Dictionary& resources, std::string_view kind) const {
    std::vector<ObjectId> ids;
    const auto entries = m_view.dictionary_at(resources, kind);
    if (!entries || !*entries) return ids;
    for (const auto& [name, value] : **entries) {
      if (const auto id = value.as_reference()) ids.push_back(*id);
    }
    return ids;
  }

  const ObjectView& m_view;
  EarlierResources m_found;
  std::set<ObjectId> m_seen;
  std::size_t m_forms = 0;
};

bool is_same_plan(const ObjectView& view, const Object& object, const ImagePlan& plan, bool wants_mask) {
  const Stream* stream = object.as_stream();
  if (stream == nullptr) return false;
  Dictionary dictionary = *stream->dictionary;
  for (const std::string_view key : {"Length", "Filter", "DecodeParms"}) dictionary.erase(key);
  if (wants_mask) {
    for (const std::string_view key : {"SMask", "Mask"}) dictionary.erase(key);
  }
  if (Object(std::move(dictionary)) != Object(plan.dictionary)) return false;
  const auto samples = view.decode(*stream);
  return samples && *samples == plan.samples;
}

}  // namespace

EarlierResources find_earlier_resources(const Document& document) {
  Collector collector(document.view());
  const auto fields = document.form().fields();
  for (const Field& field : fields | std::views::reverse) {
    for (const Widget& widget : field.widgets) {
      if (widget.id) collector.appearances(*widget.id);
    }
    if (collector.is_full()) break;
  }
  return collector.take();
}

bool is_same_image(const ObjectView& view, ObjectId id, const ImageParts& parts) {
  const auto object = view.get(id);
  if (!object || object->as_stream() == nullptr) return false;
  const Dictionary& dictionary = *object->as_dictionary();
  const std::string_view key = parts.is_soft_mask ? "SMask" : "Mask";
  if (dictionary.has("SMask") && dictionary.has("Mask")) return false;
  if (parts.mask.has_value() != dictionary.has(key)) return false;
  if (!is_same_plan(view, *object, parts.base, parts.mask.has_value())) return false;
  if (!parts.mask) return true;
  const auto mask = view.resolve(dictionary, key);
  return mask && is_same_plan(view, *mask, *parts.mask, false);
}

}  // namespace kyso::pdf

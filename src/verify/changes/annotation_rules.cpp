#include <algorithm>

#include "verify/changes/change_finder.h"

// Annotations other than widgets (ISO 32000-2 section 12.5), and which of all annotations a page shows.
namespace kyso::verify {
namespace {

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> keys) {
  return std::ranges::find(keys, key) != keys.end();
}

bool has_interior(const pdf::ObjectView& view, const pdf::Dictionary& annotation) {
  const pdf::Object colour = resolved(view, annotation, "IC");
  return colour.as_array() != nullptr && !colour.as_array()->empty();
}

double border_width(const pdf::ObjectView& view, const pdf::Dictionary& annotation) {
  const pdf::Object style = resolved(view, annotation, "BS");
  if (style.as_dictionary() != nullptr) return resolved(view, *style.as_dictionary(), "W").as_number().value_or(1);
  const pdf::Object border = resolved(view, annotation, "Border");
  if (border.as_array() != nullptr && border.as_array()->size() >= 3)
    return (*border.as_array())[2].as_number().value_or(1);
  return 1;
}

// Kinds that stand beside the content or mark it, as everybody knows them.
bool is_harmless(const pdf::ObjectView& view, const pdf::Dictionary& annotation, std::string_view subtype) {
  if (is_one_of(subtype, {"Text", "Popup", "Highlight", "Underline", "Squiggly", "StrikeOut", "Link", "Caret"}))
    return true;
  constexpr double kThick = 3;  // points
  return is_one_of(subtype, {"Square", "Circle", "Polygon", "PolyLine", "Line", "Ink"}) &&
         !has_interior(view, annotation) && border_width(view, annotation) <= kThick;
}

// What a viewer draws where there is no appearance stream.
bool is_drawn_opaque(const pdf::ObjectView& view, const pdf::Dictionary& annotation, std::string_view subtype) {
  if (is_one_of(subtype, {"Text", "Popup", "Highlight", "Underline", "Squiggly", "StrikeOut", "Link", "Caret"}))
    return false;
  return !is_harmless(view, annotation, subtype);
}

}  // namespace

// Which annotations a page shows, and in which order: later ones lie on top.
void ChangeFinder::compare_annotations(std::uint32_t page, const pdf::Object& before, const pdf::Object& after) {
  if (!m_done.emplace(page, static_cast<std::uint8_t>(Role::annotations)).second) return;
  static const pdf::Array kEmpty;
  const pdf::Array& old = before.as_array() != nullptr ? *before.as_array() : kEmpty;
  const pdf::Array& now = after.as_array() != nullptr ? *after.as_array() : kEmpty;
  if (!m_work.spend(old.size() / 4 + now.size() / 4 + 1)) return;
  std::unordered_map<std::uint32_t, std::size_t> was, is;
  for (std::size_t i = 0; i < old.size(); ++i) {
    if (const auto id = old[i].as_reference()) was.try_emplace(id->number, i);
  }
  std::vector<std::size_t> order;
  for (const pdf::Object& item : now) {
    const auto id = item.as_reference();
    if (!id) {
      if (item.as_dictionary() != nullptr && std::ranges::find(old, item) == old.end()) {
        AnnotationEvents events;
        events.added_on = page;
        events.direct = item;
        m_direct_annotations.emplace_back(0, std::move(events));
      }
      continue;
    }
    if (!is.try_emplace(id->number, 0).second) continue;
    if (const auto found = was.find(id->number); found != was.end()) {
      order.push_back(found->second);
      continue;
    }
    const pdf::Object annotation = object_at(m_after, id->number);
    const bool is_widget = annotation.as_dictionary() != nullptr &&
                           resolved(m_after, *annotation.as_dictionary(), "Subtype").is_name("Widget");
    if (!is_widget) {
      m_annotations[id->number].added_on = page;
    } else if (was_field(id->number)) {
      m_fields[unit_of(id->number)].shown.push_back(id->number);
    }
  }
  for (const pdf::Object& item : old) {
    const auto id = item.as_reference();
    if (!id) {
      if (item.as_dictionary() != nullptr && std::ranges::find(now, item) == now.end()) {
        AnnotationEvents events;
        events.removed_from = page;
        events.direct = item;
        m_direct_annotations.emplace_back(0, std::move(events));
      }
    } else if (!is.contains(id->number)) {
      if (was_field(id->number)) {
        m_fields[unit_of(id->number)].hidden.push_back(id->number);
      } else {
        m_annotations[id->number].removed_from = page;
      }
    }
  }
  if (!std::ranges::is_sorted(order)) {
    Change& change = add(ChangeKind::unknown, "change.unknown", page);
    change.path = "Page/Annots";
    change.new_value = "order";
  }
}

void ChangeFinder::evaluate_annotations() {
  for (const auto& [number, events] : m_annotations) {
    if (m_work.is_spent() || m_report.changes.size() > m_limits.changes) return;
    evaluate_annotation(number, events);
  }
  for (const auto& [number, events] : m_direct_annotations) {
    if (m_work.is_spent() || m_report.changes.size() > m_limits.changes) return;
    evaluate_annotation(number, events);
  }
}

void ChangeFinder::evaluate_annotation(std::uint32_t number, const AnnotationEvents& events) {
  (void)m_work.spend(8);
  pdf::Object before = object_at(m_before, number), after = object_at(m_after, number);
  if (events.direct.as_dictionary() != nullptr) {
    before = events.removed_from ? events.direct : pdf::Object();
    after = events.added_on ? events.direct : pdf::Object();
  }
  const Seat* seat = m_seats.find(number, Role::annotation);
  const std::uint32_t page = events.added_on       ? *events.added_on
                             : events.removed_from ? *events.removed_from
                             : seat != nullptr     ? seat->owner
                                                   : 0;
  ChangeKind kind = ChangeKind::annotation_changed;
  if (events.removed_from && !events.added_on) kind = ChangeKind::annotation_removed;
  if (events.added_on && !events.removed_from) kind = ChangeKind::annotation_added;
  if (after.as_dictionary() == nullptr) kind = ChangeKind::annotation_removed;
  const pdf::Dictionary* dictionary =
      kind == ChangeKind::annotation_removed ? before.as_dictionary() : after.as_dictionary();
  Change& change = add(kind, "change.annotation", number);
  change.path = "Page/Annots";
  const pdf::XrefEntry* entry = page != 0 ? m_after.entry(page) : nullptr;
  if (m_pages && entry != nullptr) change.page = m_pages->index_of({page, entry->generation});
  if (change.page != pdf::kNoPage) m_paint.forget_annotations(change.page);
  if (dictionary == nullptr) {  // a page lists what is no annotation
    change.kind = ChangeKind::unknown;
    change.code = "change.unknown";
    return;
  }
  if (kind == ChangeKind::annotation_removed) {
    const pdf::Object subtype = resolved(m_before, *dictionary, "Subtype");
    if (subtype.as_name() != nullptr) change.subtype = shortened(*subtype.as_name());
    change.rect = pdf::rect_of(resolved(m_before, *dictionary, "Rect")).value_or(pdf::Rect{});
    change.old_value = brief(m_before, dictionary->get("Contents"));
    return;
  }
  describe_annotation(change, *dictionary, number);
  if (kind != ChangeKind::annotation_changed || before.as_dictionary() == nullptr) return;
  change.is_harmless_kind =
      change.is_harmless_kind && resolved(m_before, *before.as_dictionary(), "Subtype").is_name(change.subtype);
  change.old_value = brief(m_before, before.as_dictionary()->get("Contents"));
  const pdf::Object old_optional = before.as_dictionary()->get("OC"), optional = dictionary->get("OC");
  if (!is_equal(old_optional, optional)) {
    change.kind = ChangeKind::content;
    change.code = "change.optional-content";
  }
}

bool ChangeFinder::has_action(const pdf::Dictionary& annotation, bool& is_script) {
  bool found = false;
  std::size_t left = 256;
  const auto look = [&](const auto& self, const pdf::Object& value, int depth) -> void {
    const pdf::Object object = resolved(m_after, value);
    if (depth > 6 || left == 0) {  // an action that can't be looked through is taken for the worst
      is_script = true;
      return;
    }
    --left;
    if (const pdf::Array* array = object.as_array()) {
      for (const pdf::Object& item : *array) self(self, item, depth + 1);
      return;
    }
    const pdf::Dictionary* action = object.as_dictionary();
    if (action == nullptr) return;
    if (resolved(m_after, *action, "S").is_name("JavaScript") || action->has("JS")) is_script = true;
    self(self, action->get("Next"), depth + 1);
  };
  for (const std::string_view key : {"A", "PA"}) {
    const pdf::Object action = resolved(m_after, annotation, key);
    if (action.as_dictionary() == nullptr) continue;
    if (!resolved(m_after, *action.as_dictionary(), "S").is_name("GoTo") || action.as_dictionary()->has("Next"))
      found = true;
    look(look, action, 0);
  }
  const pdf::Object additional = resolved(m_after, annotation, "AA");
  if (const pdf::Dictionary* triggers = additional.as_dictionary()) {
    found = true;
    for (const auto& [trigger, action] : *triggers) {
      if (left > 0) look(look, action, 0);
    }
  }
  return found || is_script;
}

void ChangeFinder::describe_annotation(Change& change, const pdf::Dictionary& annotation, std::uint32_t number) {
  const pdf::Object subtype = resolved(m_after, annotation, "Subtype");
  if (subtype.as_name() != nullptr) change.subtype = shortened(*subtype.as_name());
  change.new_value = brief(m_after, annotation.get("Contents"));
  change.is_harmless_kind = is_harmless(m_after, annotation, change.subtype);
  bool is_script = false;
  change.has_action = has_action(annotation, is_script);
  if (is_script || annotation.has("OC")) change.is_harmless_kind = false;
  if (is_script) change.code = "change.action";
  change.rect = pdf::rect_of(resolved(m_after, annotation, "Rect")).value_or(pdf::Rect{});
  change.is_visible = change.rect.area() > 0;
  // Hidden ones are judged as if they were seen: a later click may show them.
  if (!m_pages || change.page == pdf::kNoPage || !change.is_visible || change.subtype == "Popup") return;
  const auto page = m_pages->page(change.page);
  if (!page) return;
  const pdf::Object appearance = pdf::normal_appearance(m_after, annotation);
  if (appearance.as_stream() == nullptr) {
    if (is_drawn_opaque(m_after, annotation, change.subtype)) {
      change.covering = m_paint.judge_covered(m_before, *page, change.rect, number);
    }
  } else {
    const PagePaint::Judgement judged = m_paint.judge(m_before, m_after, *page, appearance, change.rect, number);
    change.covering = judged.is_degenerate ? Covering::hides : judged.covering;
    if (m_paint.imitated(m_paint.likeness_of(m_after, appearance), {})) change.imitates_signature = true;
    // What a highlight tints is no matter as long as it is read: its kind says so.
    const bool is_markup = is_one_of(change.subtype, {"Highlight", "Underline", "Squiggly", "StrikeOut"});
    if (is_markup && change.covering == Covering::see_through) change.covering = Covering::nothing;
  }
  if (change.covering == Covering::hides) {
    change.is_harmless_kind = false;
    if (!is_script) change.code = "change.overlay";
  }
}

}  // namespace kyso::verify

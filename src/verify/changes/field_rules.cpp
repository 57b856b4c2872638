#include <algorithm>

#include "verify/changes/change_finder.h"

// Fields of the interactive form and their widgets (ISO 32000-2 sections 12.7 and 12.8).
namespace kyso::verify {
namespace {

constexpr std::int64_t kPassword = 1 << 13;
// Print, Locked, LockedContents and ReadOnly say what people may do with a widget, not whether they see it.
constexpr std::int64_t kHarmlessFlags = 4 | 64 | 128 | 512;

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> keys) {
  return std::ranges::find(keys, key) != keys.end();
}

bool is_time_stamp(const pdf::ObjectView& view, const pdf::Dictionary& signature) {
  return resolved(view, signature, "SubFilter").is_name("ETSI.RFC3161") ||
         resolved(view, signature, "Type").is_name("DocTimeStamp");
}

std::vector<const WidgetState*> widgets_of(const FieldState& field) {
  std::vector<const WidgetState*> all;
  for (const WidgetState& widget : field.widgets) all.push_back(&widget);
  return all;
}

const WidgetState* widget_of(const FieldState& field, const WidgetState& like) {
  for (const WidgetState& widget : field.widgets) {
    if (widget.number == like.number &&
        (widget.number != 0 || widget.dictionary.get("Rect") == like.dictionary.get("Rect")))
      return &widget;
  }
  return nullptr;
}

}  // namespace

// Members of /Fields, or kids that are fields.
void ChangeFinder::compare_kids(const pdf::Object& before, const pdf::Object& after) {
  static const pdf::Array kEmpty;
  const pdf::Array& old = before.as_array() != nullptr ? *before.as_array() : kEmpty;
  const pdf::Array& now = after.as_array() != nullptr ? *after.as_array() : kEmpty;
  if (!m_work.spend(old.size() / 4 + now.size() / 4 + 1)) return;
  std::unordered_set<std::uint32_t> was, is;
  for (const pdf::Object& item : old) {
    if (const auto id = item.as_reference()) was.insert(id->number);
  }
  for (const pdf::Object& item : now) {
    const auto id = item.as_reference();
    if (id) {
      if (is.insert(id->number).second && !was.contains(id->number)) m_fields[id->number].is_new = true;
    } else if (std::ranges::find(old, item) == old.end()) {
      add(ChangeKind::field_added, "form.undefined-change", 0).path = "Root/AcroForm/Fields";
    }
  }
  for (const pdf::Object& item : old) {
    const auto id = item.as_reference();
    if (id) {
      if (!is.contains(id->number)) m_fields[id->number].is_removed = true;
    } else if (std::ranges::find(now, item) == now.end()) {
      const pdf::Dictionary* field = item.as_dictionary();
      const bool is_signed = field != nullptr && resolved(m_before, *field, "FT").is_name("Sig") && field->has("V");
      add(is_signed ? ChangeKind::signature_removed : ChangeKind::field_removed,
          is_signed ? "signature.removed" : "form.undefined-change", 0)
          .path = "Root/AcroForm/Fields";
    }
  }
}

void ChangeFinder::evaluate_fields() {
  std::unordered_set<std::uint32_t> done;
  while (!m_fields.empty() && !m_work.is_spent() && m_report.changes.size() <= m_limits.changes) {
    const auto [number, events] = *m_fields.begin();
    m_fields.erase(m_fields.begin());
    if (!done.insert(number).second && !events.is_new && !events.is_removed) continue;
    evaluate_field(number, events);
  }
  judge_read_only_fields();
}

// Programs mark the fields that their signature locks as read-only, so that people see it.
void ChangeFinder::judge_read_only_fields() {
  for (const FieldState& field : m_read_only) {
    if (std::ranges::any_of(m_new_locks, [&](const pdf::FieldLock& lock) { return lock.locks(field.name); })) continue;
    Change& change = add_field(ChangeKind::form_undefined, "form.undefined-change", field, "Ff");
    change.new_value = fmt::format("{}", field.flags);
  }
}

// FieldMDP (ISO 32000-2 section 12.8.2.4).
void ChangeFinder::note_locks(const pdf::Dictionary& signature) {
  constexpr std::size_t kMost = 8, kMostNames = 10'000;
  const pdf::Object references = resolved(m_after, signature, "Reference");
  if (references.as_array() == nullptr || references.as_array()->size() > kMost) return;
  for (const pdf::Object& item : *references.as_array()) {
    const pdf::Object reference = resolved(m_after, item);
    if (reference.as_dictionary() == nullptr) continue;
    if (!resolved(m_after, *reference.as_dictionary(), "TransformMethod").is_name("FieldMDP")) continue;
    const pdf::Object parameters = resolved(m_after, *reference.as_dictionary(), "TransformParams");
    if (parameters.as_dictionary() == nullptr) continue;
    const pdf::Object action = resolved(m_after, *parameters.as_dictionary(), "Action");
    const pdf::Object names = resolved(m_after, *parameters.as_dictionary(), "Fields");
    pdf::FieldLock lock;
    lock.action = action.is_name("All")       ? pdf::LockAction::all
                  : action.is_name("Exclude") ? pdf::LockAction::exclude
                                              : pdf::LockAction::include;
    if (names.as_array() != nullptr && names.as_array()->size() <= kMostNames) {
      for (const pdf::Object& name : *names.as_array())
        lock.fields.push_back(text_of_value(m_after, resolved(m_after, name)));
    }
    m_new_locks.push_back(std::move(lock));
  }
}

void ChangeFinder::evaluate_field(std::uint32_t number, const FieldEvents& events) {
  (void)m_work.spend(8);
  const bool was_there = was_field(number) && !events.is_new;
  FieldState before, after = read_field(m_after, number);
  if (was_field(number)) before = read_field(m_before, number);
  if (events.is_removed || !after.exists) {
    if (before.exists) evaluate_removed_field(before, 0);
    return;
  }
  if (!was_there) {
    if (after.is_terminal) evaluate_new_field(after);
    return;
  }
  if (!before.is_terminal || !after.is_terminal) {
    compare_kids(resolved(m_before, before.dictionary, "Kids"), resolved(m_after, after.dictionary, "Kids"));
    for_differences(before, after,
                    [&](const WidgetState*, const std::string& key, const pdf::Object& a, const pdf::Object& b) {
                      if (key == "Kids" || judge_common_entry(after, number, key, a, b)) return;
                      Change& change = add_field(ChangeKind::form_undefined, "form.undefined-change", after, key);
                      change.old_value = brief(m_before, a);
                      change.new_value = brief(m_after, b);
                    });
    return;
  }
  if (before.is_signed()) return evaluate_signed_field(before, after, events);
  if (before.is_signature() && after.is_signature()) return evaluate_empty_signature(before, after, events);
  evaluate_form_field(before, after, events);
}

// The dictionary is another field's signature already.
bool ChangeFinder::is_signed_elsewhere(const FieldState& field) const {
  if (!field.value_object) return false;
  const std::vector<Seat>& seats = m_seats.of(*field.value_object);
  return std::ranges::any_of(seats, [&](const Seat& seat) {
    return seat.role == Role::value && !is_new_seat(seat) && seat.owner != field.number;
  });
}

void ChangeFinder::evaluate_new_field(const FieldState& field) {
  for (const WidgetState& widget : field.widgets) {
    for (const std::string_view key : {"A", "AA"}) {
      if (!widget.dictionary.has(key)) continue;
      Change& change = add_field(ChangeKind::content, "change.action", field, std::string(key));
      change.has_action = true;
    }
  }
  if (!field.is_signature()) {
    Change& change = add_field(ChangeKind::field_added, "form.undefined-change", field);
    change.new_value = shortened(text_of_value(m_after, field.value));
    for (const WidgetState& widget : field.widgets) measure(change, widget, false);
    return;
  }
  const std::vector<const WidgetState*> widgets = widgets_of(field);
  const bool is_visible = std::ranges::any_of(widgets, [](const WidgetState* w) { return w->is_visible(); });
  if (field.is_signed()) note_locks(*field.value.as_dictionary());
  if (!field.is_signed() || is_signed_elsewhere(field)) {
    return add_widgets(ChangeKind::signature_field_added, "change.signature-field", field, widgets);
  }
  if (is_time_stamp(m_after, *field.value.as_dictionary()) && !is_visible) {
    add_field(ChangeKind::document_time_stamp, "change.lta", field).is_visible = false;
    return;
  }
  add_widgets(ChangeKind::signature_added, "change.signature", field, widgets);
}

void ChangeFinder::evaluate_removed_field(const FieldState& field, int depth) {
  if (field.is_terminal || depth > 32) {
    const bool is_signed = field.is_signed();
    Change& change = add_field(is_signed ? ChangeKind::signature_removed : ChangeKind::field_removed,
                               is_signed ? "signature.removed" : "form.undefined-change", field);
    if (!is_signed) change.old_value = shortened(text_of_value(m_before, field.value));
    return;
  }
  const pdf::Object kids = resolved(m_before, field.dictionary, "Kids");
  for (const pdf::Object& kid : *kids.as_array()) {
    const auto id = kid.as_reference();
    if (id && was_field(id->number) && m_work.spend(1))
      evaluate_removed_field(read_field(m_before, id->number), depth + 1);
  }
}

template <typename Visit>
void ChangeFinder::for_differences(const FieldState& before, const FieldState& after, Visit visit) {
  const auto compare = [&](const WidgetState* widget, const pdf::Dictionary& a, const pdf::Dictionary& b) {
    if (b.has_duplicate_keys() && !a.has_duplicate_keys()) {
      visit(widget, std::string("duplicate key"), pdf::Object(), pdf::Object());
    }
    std::set<std::string> keys;
    for (const auto& [key, value] : a) keys.insert(key);
    for (const auto& [key, value] : b) keys.insert(key);
    (void)m_work.spend(keys.size());
    for (const std::string& key : keys) {
      if (!is_equal(a.get(key), b.get(key))) visit(widget, key, a.get(key), b.get(key));
    }
  };
  compare(nullptr, before.dictionary, after.dictionary);
  for (const WidgetState& widget : after.widgets) {
    if (widget.number == after.number) continue;
    if (const WidgetState* old = widget_of(before, widget)) compare(&widget, old->dictionary, widget.dictionary);
  }
}

// Entries whose change means the same in every field.
bool ChangeFinder::judge_common_entry(const FieldState& field, std::uint32_t object, std::string_view key,
                                      const pdf::Object& before, const pdf::Object& after) {
  ChangeKind kind = ChangeKind::content;
  std::string code;
  if (is_one_of(key, {"A", "AA"})) code = "change.action";
  if (key == "OC") code = "change.optional-content";
  if (is_one_of(key, {"Lock", "SV"})) {
    kind = ChangeKind::lock_changed;
    code = "lock.violated";
  }
  if (code.empty()) return false;
  Change& change = add_field(kind, code, field, std::string(key));
  change.object = object;
  change.has_action = code == "change.action";
  change.old_value = brief(m_before, before);
  change.new_value = brief(m_after, after);
  return true;
}

// Widgets that the field has now or no longer.
bool ChangeFinder::have_widgets_changed(const FieldState& before, const FieldState& after, ChangeKind added,
                                        ChangeKind removed, std::string_view code) {
  std::vector<const WidgetState*> more;
  bool is_less = false;
  for (const WidgetState& widget : after.widgets) {
    if (widget_of(before, widget) == nullptr) more.push_back(&widget);
  }
  for (const WidgetState& widget : before.widgets) is_less = is_less || widget_of(after, widget) == nullptr;
  if (!more.empty()) add_widgets(added, std::string(code), after, more, "Kids");
  if (is_less)
    add_field(removed, removed == ChangeKind::signature_redefined ? "sigdict.redefined" : std::string(code), before,
              "Kids");
  return is_less || !more.empty();
}

// Nothing of a field that was signed may change, nor of its widgets and appearances (case 13).
void ChangeFinder::evaluate_signed_field(const FieldState& before, const FieldState& after, const FieldEvents& events) {
  const auto redefined = [&](std::string path) -> Change& {
    return add_field(ChangeKind::signature_redefined, "sigdict.redefined", before, std::move(path));
  };
  if (after.value.as_dictionary() == nullptr) {
    add_field(ChangeKind::signature_removed, "signature.removed", before, "V");
    return;
  }
  if (before.value_object != after.value_object || events.value || events.value_part ||
      !is_equal(before.value, after.value)) {
    Change& change = redefined("V");
    if (after.value_object) change.object = *after.value_object;
  }
  for_differences(before, after,
                  [&](const WidgetState* widget, const std::string& key, const pdf::Object& a, const pdf::Object& b) {
                    if (key == "Kids" || key == "V") return;
                    if (judge_common_entry(after, widget != nullptr ? widget->number : after.number, key, a, b)) return;
                    if (key == "AP" && events.appearance && is_equal_resolved(a, b)) return;
                    Change& change = redefined(key);
                    change.old_value = brief(m_before, a);
                    change.new_value = brief(m_after, b);
                  });
  if (events.appearance) redefined("AP");
  have_widgets_changed(before, after, ChangeKind::signature_widget_added, ChangeKind::signature_redefined,
                       "change.signature-field");
  if (!events.hidden.empty()) redefined("Annots");
  if (!events.shown.empty()) {
    add_field(ChangeKind::signature_widget_added, "change.signature-field", after, "Annots");
  }
}

// An empty field: it may be signed, with its own appearance, where it stands.
void ChangeFinder::evaluate_empty_signature(const FieldState& before, const FieldState& after,
                                            const FieldEvents& events) {
  const bool is_filled = after.is_signed();
  bool is_drawn = events.appearance;
  for_differences(
      before, after,
      [&](const WidgetState* widget, const std::string& key, const pdf::Object& a, const pdf::Object& b) {
        const std::uint32_t object = widget != nullptr && widget->number != 0 ? widget->number : after.number;
        if (is_one_of(key, {"Kids", "V", "AS", "M", "Type", "StructParent"})) return;
        if (key == "AP") {
          is_drawn = true;
          return;
        }
        if (judge_common_entry(after, object, key, a, b)) return;
        if (is_filled && is_one_of(key, {"MK", "DA", "Q", "Border", "BS"})) return;
        if (key == "F") {
          const auto x = resolved(m_before, a).as_integer().value_or(0),
                     y = resolved(m_after, b).as_integer().value_or(0);
          if (is_filled || ((x ^ y) & ~kHarmlessFlags) == 0) return;
        }
        if (key == "FT" && widget != nullptr && resolved(m_after, b).is_name("Sig")) return;
        if (key == "P" && resolved(m_before, a).is_null()) {
          const auto page = b.as_reference();
          const WidgetState* own = widget != nullptr       ? widget
                                   : after.widgets.empty() ? nullptr
                                                           : &after.widgets.front();
          const pdf::XrefEntry* entry = page ? m_after.entry(page->number) : nullptr;
          if (own != nullptr && entry != nullptr && m_pages &&
              m_pages->index_of({page->number, entry->generation}) == own->page)
            return;
        }
        const bool is_moved = is_one_of(key, {"Rect", "P"});
        Change& change = add_field(is_moved ? ChangeKind::signature_field_moved : ChangeKind::form_undefined,
                                   is_moved ? "change.signature-field" : "form.undefined-change", after, key);
        change.object = object;
        change.old_value = brief(m_before, a);
        change.new_value = brief(m_after, b);
      });
  have_widgets_changed(before, after, ChangeKind::signature_widget_added, ChangeKind::signature_field_moved,
                       "change.signature-field");
  if (!events.hidden.empty()) add_field(ChangeKind::signature_field_moved, "change.signature-field", before, "Annots");
  if (!events.shown.empty()) add_field(ChangeKind::signature_widget_added, "change.signature-field", after, "Annots");
  if (!is_filled) {
    if (!after.value.is_null() && !is_equal(before.value, after.value)) {
      add_field(ChangeKind::form_mismatch, "form.value-appearance-mismatch", after, "V");
    } else if (is_drawn) {
      Change& change = add_field(ChangeKind::form_mismatch, "form.value-appearance-mismatch", after, "AP");
      for (const WidgetState& widget : after.widgets) measure(change, widget, true);
    }
    return;
  }
  note_locks(*after.value.as_dictionary());
  std::vector<const WidgetState*> widgets;
  for (const WidgetState& widget : after.widgets) {
    if (widget_of(before, widget) != nullptr) widgets.push_back(&widget);
  }
  const bool is_visible = std::ranges::any_of(widgets, [](const WidgetState* w) { return w->is_visible(); });
  if (is_signed_elsewhere(after)) {
    add_widgets(ChangeKind::signature_field_added, "change.signature-field", after, widgets);
  } else if (is_time_stamp(m_after, *after.value.as_dictionary()) && !is_visible) {
    add_field(ChangeKind::document_time_stamp, "change.lta", after).is_visible = false;
  } else {
    add_widgets(ChangeKind::signature_filled, "change.signature", after, widgets);
  }
}

void ChangeFinder::evaluate_form_field(const FieldState& before, const FieldState& after, const FieldEvents& events) {
  have_widgets_changed(before, after, ChangeKind::field_added, ChangeKind::field_removed, "form.undefined-change");
  compare_form_field(before, after, events);
  for (const std::uint32_t widget : events.shown) {
    add_field(ChangeKind::form_undefined, "form.undefined-change", after, "Annots").object = widget;
  }
  for (const std::uint32_t widget : events.hidden) {
    add_field(ChangeKind::form_undefined, "form.undefined-change", before, "Annots").object = widget;
  }
}

void ChangeFinder::compare_form_field(const FieldState& before, const FieldState& after, const FieldEvents& events) {
  bool is_drawn = events.appearance, is_switched = false;
  for_differences(before, after,
                  [&](const WidgetState* widget, const std::string& key, const pdf::Object& a, const pdf::Object& b) {
                    const std::uint32_t object =
                        widget != nullptr && widget->number != 0 ? widget->number : after.number;
                    if (is_one_of(key, {"Kids", "V", "M", "I", "StructParent"})) return;
                    is_drawn = is_drawn || key == "AP";
                    is_switched = is_switched || key == "AS";
                    if (key == "AP" || key == "AS" || judge_common_entry(after, object, key, a, b)) return;
                    if (key == "F") {
                      const auto x = resolved(m_before, a).as_integer().value_or(0),
                                 y = resolved(m_after, b).as_integer().value_or(0);
                      if (((x ^ y) & ~kHarmlessFlags) == 0) return;
                    }
                    if (key == "Ff" && widget == nullptr && (before.flags | 1) == after.flags) {
                      m_read_only.push_back(after);
                      return;
                    }
                    Change& change = add_field(ChangeKind::form_undefined, "form.undefined-change", after, key);
                    change.object = object;
                    change.old_value = brief(m_before, a);
                    change.new_value = brief(m_after, b);
                  });
  const bool is_said = events.value || events.value_part || !is_equal(before.value, after.value);
  if (!is_said && !is_drawn && !is_switched) return;

  Change& change = add_field(ChangeKind::form_filled, "form.filled", after);
  const bool is_secret = (after.flags & kPassword) != 0;
  change.old_value = is_secret ? "•" : shortened(text_of_value(m_before, before.value));
  change.new_value = is_secret ? "•" : shortened(text_of_value(m_after, after.value));
  for (const WidgetState& widget : after.widgets) {
    if (!widget.is_visible()) continue;
    const pdf::Rect rect = change.rect;
    const std::size_t page = change.page;
    measure(change, widget, false);
    if (rect.area() > 0) {
      change.rect = rect;
      change.page = page;
      change.is_visible = true;
    }
    if (widget.page != pdf::kNoPage) m_paint.forget_annotations(widget.page);
  }
  const auto mismatch = [&](std::string_view code) {
    change.kind = ChangeKind::form_mismatch;
    change.code = code;
  };
  if (after.is_push_button()) {
    // A picture for a button that stood there before (a page-edge seal): it has no value to compare with.
    if (is_said) return mismatch("form.value-appearance-mismatch");
    if (change.covering == Covering::hides) return mismatch("change.overlay");
    return;
  }
  const bool is_shown = std::ranges::any_of(after.widgets, [](const WidgetState& w) { return w.is_visible(); });
  const bool is_plausible = after.type == "Btn" ? !is_drawn && (is_switched || !is_said || !is_shown)
                            : is_said           ? is_drawn || !is_shown
                                                : is_shown_as_said(m_before, before);
  bool is_unverified = false;
  if (!is_plausible || !is_shown_as_said(m_after, after, &is_unverified) || change.code == "change.overlay") {
    mismatch("form.value-appearance-mismatch");
  } else if (is_unverified) {
    change.code = "form.unverified-font";
  }
}

}  // namespace kyso::verify

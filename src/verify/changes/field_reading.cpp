#include <algorithm>
#include <array>

#include "base/text.h"
#include "verify/changes/change_finder.h"

// Fields as they stand in a revision, and changes of them as they are reported.
namespace kyso::verify {
namespace {

constexpr int kDepth = 64;

std::string state_of(const pdf::ObjectView& view, const WidgetState& widget) {
  const pdf::Object state = resolved(view, widget.dictionary, "AS");
  return state.as_name() != nullptr ? *state.as_name() : "Off";
}

}  // namespace

bool ChangeFinder::was_field(std::uint32_t number) const {
  const Seat* seat = m_seats.find(number, Role::field);
  return seat != nullptr && !is_new_seat(*seat) && object_at(m_before, number).as_dictionary() != nullptr;
}

// The field that a widget belongs to: the nearest ancestor with a name of its own.
std::uint32_t ChangeFinder::unit_of(std::uint32_t number) const {
  for (int depth = 0; depth < kDepth; ++depth) {
    const Seat* seat = m_seats.find(number, Role::field);
    if (seat == nullptr || seat->owner == 0 || seat->owner == number) return number;
    pdf::Object value = object_at(m_before, number);
    if (value.as_dictionary() == nullptr) value = object_at(m_after, number);
    if (value.as_dictionary() != nullptr && value.as_dictionary()->has("T")) return number;
    number = seat->owner;
  }
  return number;
}

std::size_t ChangeFinder::page_of(std::uint32_t widget, const pdf::Dictionary& dictionary) const {
  if (!m_pages) return pdf::kNoPage;
  const auto index = [&](std::uint32_t page) {
    const pdf::XrefEntry* entry = m_after.entry(page);
    return entry != nullptr ? m_pages->index_of({page, entry->generation}) : pdf::kNoPage;
  };
  const std::vector<Seat>& seats = m_seats.of(widget);
  for (std::size_t i = seats.size(); widget != 0 && i-- > 0;) {
    if (seats[i].role == Role::annotation) return index(seats[i].owner);
  }
  const auto page = dictionary.get("P").as_reference();
  return page ? index(page->number) : pdf::kNoPage;
}

FieldState ChangeFinder::read_field(const pdf::ObjectView& view, std::uint32_t number) {
  FieldState field;
  field.number = number;
  const pdf::Object value = object_at(view, number);
  if (value.as_dictionary() == nullptr) return field;
  field.exists = true;
  field.dictionary = *value.as_dictionary();

  // Names and inheritable values from the field upwards (section 12.7.4.1).
  std::vector<pdf::Dictionary> line{field.dictionary};
  for (std::uint32_t at = number; line.size() < kDepth;) {
    const Seat* seat = m_seats.find(at, Role::field);
    if (seat == nullptr || seat->owner == 0 || seat->owner == at) break;
    at = seat->owner;
    const pdf::Object parent = object_at(view, at);
    if (parent.as_dictionary() == nullptr) break;
    line.push_back(*parent.as_dictionary());
  }
  const auto inherited = [&](std::string_view key) -> const pdf::Object& {
    for (const pdf::Dictionary& node : line) {
      if (!node.get(key).is_null()) return node.get(key);
    }
    return line.front().get(key);
  };
  for (std::size_t i = line.size(); i-- > 0;) {
    const pdf::Object name = resolved(view, line[i], "T");
    if (name.as_string() == nullptr) continue;
    field.name += (field.name.empty() ? "" : ".") + pdf::text_of(*name.as_string());
  }
  field.name = to_nfc(field.name);
  const pdf::Object type = resolved(view, inherited("FT"));
  if (type.as_name() != nullptr) field.type = *type.as_name();
  field.flags = resolved(view, inherited("Ff")).as_integer().value_or(0);
  field.max_length = resolved(view, inherited("MaxLen")).as_integer();
  const pdf::Object& entry = inherited("V");
  field.value = resolved(view, entry);
  if (const auto id = entry.as_reference()) field.value_object = id->number;

  const auto add_widget = [&](std::uint32_t id, const pdf::Dictionary& dictionary) {
    WidgetState widget;
    widget.number = id;
    widget.dictionary = dictionary;
    const pdf::Object rect = resolved(view, dictionary, "Rect");
    pdf::Array numbers;
    for (std::size_t i = 0; rect.as_array() != nullptr && i < std::min<std::size_t>(4, rect.as_array()->size()); ++i) {
      numbers.push_back(resolved(view, (*rect.as_array())[i]));
    }
    widget.rect = pdf::rect_of(pdf::Object(numbers)).value_or(pdf::Rect{});
    widget.flags = resolved(view, dictionary, "F").as_integer().value_or(0);
    widget.page = page_of(id, dictionary);
    widget.appearance = pdf::normal_appearance(view, dictionary);
    field.widgets.push_back(std::move(widget));
  };
  const pdf::Object kids = resolved(view, field.dictionary, "Kids");
  if (kids.as_array() == nullptr) {
    if (field.dictionary.has("Rect") || field.dictionary.get("Subtype").is_name("Widget")) {
      add_widget(number, field.dictionary);
    }
    return field;
  }
  (void)m_work.spend(kids.as_array()->size());
  for (const pdf::Object& kid : *kids.as_array()) {
    if (m_work.is_spent()) break;
    const pdf::Object node = resolved(view, kid);
    if (node.as_dictionary() == nullptr) continue;
    if (node.as_dictionary()->has("T")) {
      field.is_terminal = false;
      continue;
    }
    const auto id = kid.as_reference();
    add_widget(id ? id->number : 0, *node.as_dictionary());
  }
  return field;
}

Change& ChangeFinder::add_field(ChangeKind kind, std::string code, const FieldState& field, std::string path) {
  Change& change = add(kind, std::move(code), field.number);
  change.field = shortened(field.name);
  change.path = shortened(fmt::format("Field({}){}{}", field.name, path.empty() ? "" : "/", path));
  for (const WidgetState& widget : field.widgets) {
    change.page = widget.page;
    if (!widget.is_visible()) continue;
    change.rect = widget.rect;
    change.is_visible = true;
    break;
  }
  return change;
}

Likeness ChangeFinder::measure(Change& change, const WidgetState& widget, bool is_signature) {
  change.page = widget.page;
  change.is_visible = widget.is_visible();
  if (!change.is_visible) {
    change.rect = {};
    return {};
  }
  change.rect = widget.rect;
  if (!m_pages || widget.page == pdf::kNoPage) return {};
  const auto page = m_pages->page(widget.page);
  if (!page) return {};
  const PagePaint::Judgement judged =
      m_paint.judge(m_before, m_after, *page, widget.appearance, widget.rect, widget.number);
  change.covering = std::max(change.covering, judged.covering);
  if (judged.is_degenerate) {
    change.covering = Covering::hides;
    change.code = "change.overlay";
  }
  if (!is_signature) return {};
  Likeness likeness = m_paint.likeness_of(m_after, widget.appearance);
  if (const auto original = m_paint.imitated(likeness, change.field)) {
    change.imitates_signature = true;
    change.old_value = original->field;
    if (original->match == Likeness::Match::text) change.new_value = shortened(likeness.text);
  }
  return likeness;
}

// One change for each widget that may be seen; one for all when none is.
void ChangeFinder::add_widgets(ChangeKind kind, std::string code, const FieldState& field,
                               const std::vector<const WidgetState*>& widgets, std::string path) {
  std::vector<Likeness> shown;
  for (const WidgetState* widget : widgets) {
    if (!widget->is_visible()) continue;
    Change& change = add_field(kind, code, field, path);
    if (widget->number != 0) change.object = widget->number;
    shown.push_back(measure(change, *widget, true));
  }
  if (shown.empty()) {
    Change& change = add_field(kind, code, field, path);
    change.is_visible = false;
  }
  if (!field.is_signed()) return;
  for (Likeness& likeness : shown) m_paint.remember(std::move(likeness), shortened(field.name));
}

FontTruth ChangeFinder::truth_of_font(std::uint32_t font) {
  const auto [known, is_new] = m_font_truths.try_emplace(font, FontTruth::unverified);
  if (!is_new || m_fonts_left == 0) return known->second;
  --m_fonts_left;
  std::vector<std::uint32_t> earlier = m_seats.fonts_before(m_revision);
  std::erase_if(earlier, [&](std::uint32_t number) { return is_changed(number); });
  return known->second = truth_of(m_after, font, earlier, m_work);
}

bool ChangeFinder::is_shown_as_said(const pdf::ObjectView& view, const FieldState& field, bool* is_unverified) {
  if (field.type == "Btn") {  // section 12.7.5.2.3: each widget in the state that the value names, else Off
    const std::string value = text_of_value(view, field.value);
    bool is_known = value.empty() || value == "Off";
    for (const WidgetState& widget : field.widgets) {
      const pdf::Object appearances = resolved(view, widget.dictionary, "AP");
      pdf::Object states;
      if (appearances.as_dictionary() != nullptr) states = resolved(view, *appearances.as_dictionary(), "N");
      const bool has_state =
          states.as_dictionary() != nullptr && states.as_stream() == nullptr && states.as_dictionary()->has(value);
      is_known = is_known || has_state;
      const std::string expected = has_state && !value.empty() ? value : "Off";
      if (widget.is_visible() && state_of(view, widget) != expected) return false;
    }
    return is_known;
  }
  if (field.type != "Tx" && field.type != "Ch") return false;
  const auto is_known = [&](std::uint32_t number) {
    return !is_changed(number) &&
           std::ranges::any_of(m_seats.of(number), [&](const Seat& s) { return !is_new_seat(s); });
  };
  const FontJudge fonts{is_known, [&](std::uint32_t number) { return truth_of_font(number); }};
  // What it shows below the pointer or pressed would be something else.
  const auto has_other_look = [&](const WidgetState& widget) {
    const pdf::Object appearances = resolved(view, widget.dictionary, "AP");
    const pdf::Dictionary* looks = appearances.as_dictionary();
    return looks != nullptr && std::ranges::any_of(std::array{"R", "D"}, [&](const char* look) {
             return looks->has(look) && !is_equal(resolved(view, *looks, "N"), resolved(view, *looks, look));
           });
  };
  for (const WidgetState& widget : field.widgets) {
    if (!widget.is_visible()) continue;
    const Shown shown = has_other_look(widget) ? Shown::no : shows_text(view, widget, field, fonts, m_limits.operators);
    if (shown == Shown::no) return false;
    if (shown == Shown::by_unverified_font && is_unverified != nullptr) *is_unverified = true;
  }
  return true;
}

}  // namespace kyso::verify

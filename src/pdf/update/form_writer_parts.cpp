#include <algorithm>

#include "base/text.h"
#include "pdf/update/form_writer_state.h"
#include "pdf/update/structure_writer.h"

// Parts of an update beside signature fields: buttons, further widgets, stamps, page content.
namespace kyso::pdf {

// One terminal field with its widget for each page, below a common parent: validators check a field together with its
// widget, but not a widget that is a mere kid, when its picture is set after a signature.
Result<ObjectId> FormWriter::add_button_field(const std::string& given_name, const std::vector<ButtonWidget>& widgets) {
  State& state = *m_state;
  const std::string name = to_nfc(given_name);
  KYSO_TRY(state.permit(State::Change::new_field));
  KYSO_TRY(state.check_new_name(name));
  const ObjectId parent = state.writer.reserve();
  Array kids;
  for (std::size_t i = 0; i < widgets.size(); ++i) {
    const Page page = KYSO_TRY(state.document.pages().page(widgets[i].page));
    const Rect& rect = widgets[i].rect;
    const ObjectId appearance = widgets[i].appearance ? *widgets[i].appearance
                                                      : add_empty_appearance(state.writer, rect.width(), rect.height());
    Dictionary kid = state.annotation("Widget", page, {widgets[i].page, rect, appearance}, kPrintLocked);
    const std::string partial = fmt::format("{}", i + 1);
    kid.set("T", text_string(partial));
    if (state.document.conformance().is_tagged) kid.set("TU", text_string(name));
    kid.set("Parent", parent);
    kid.set("FT", Name{"Btn"});
    kid.set("Ff", kPushButton | kFieldReadOnly);
    const ObjectId id = state.writer.add(std::move(kid));
    KYSO_TRY(state.set_appearance(id, appearance, true));
    KYSO_TRY(state.add_to_page(page, id, "Form", name));
    state.created.emplace(name + "." + partial, id);
    kids.emplace_back(id);
  }
  state.writer.set(parent, Dictionary{{"T", text_string(name)}, {"Kids", std::move(kids)}});
  KYSO_TRY(state.add_to_form(parent, false));
  return parent;
}

Result<> FormWriter::set_button_appearances(const std::string& given_name, const std::vector<ObjectId>& appearances) {
  State& state = *m_state;
  const std::string name = to_nfc(given_name);
  std::vector<ObjectId> widgets;
  // Made by add_button_field: name.1, name.2, …; made by other programs: one field with several widgets.
  if (auto whole = state.field(name)) {
    if (whole->kind == FieldKind::button) {
      for (const Widget& widget : whole->widgets) widgets.push_back(widget.id.value_or(ObjectId{}));
    }
  } else {
    for (std::size_t i = 1; i <= appearances.size(); ++i) {
      const Field part = KYSO_TRY(state.field(fmt::format("{}.{}", name, i)));
      if (part.kind == FieldKind::button && part.widgets.size() == 1 && part.widgets[0].id) {
        widgets.push_back(*part.widgets[0].id);
      }
    }
    if (state.field(fmt::format("{}.{}", name, appearances.size() + 1))) widgets.clear();
  }
  if (widgets.size() != appearances.size() || std::ranges::find(widgets, ObjectId{}) != widgets.end()) {
    return fail("pdf.field.not_button").with("field", name).with("count", appearances.size());
  }
  for (std::size_t i = 0; i < widgets.size(); ++i) {
    KYSO_TRY(state.permit(State::Change::fill, fmt::format("{}.{}", name, i + 1)));
    KYSO_TRY(state.set_appearance(widgets[i], appearances[i], true));
  }
  return {};
}

namespace {

constexpr std::array<std::string_view, 8> kWidgetKeys{"Type", "Subtype", "Rect", "F", "P", "AP", "StructParent", "MK"};

// Splits a merged field and widget: the object stays the field, its widget becomes a kid.
Result<ObjectId> split_widget(IncrementalWriter& writer, ObjectId field_id, Dictionary& field) {
  Dictionary widget;
  for (const std::string_view key : kWidgetKeys) {
    if (field.get(key).is_null()) continue;
    widget.set(key, field.get(key));
    field.erase(key);
  }
  widget.set("Parent", field_id);
  return writer.add(std::move(widget));
}

// Puts one reference in another's place in an array that may be an object of its own.
Result<> replace_item(IncrementalWriter& writer, ObjectId owner_id, std::string_view key, ObjectId from, ObjectId to) {
  Dictionary owner = KYSO_TRY(dictionary_of(writer, owner_id));
  const Place place = KYSO_TRY(follow(writer, owner.get(key)));
  if (place.value.as_array() == nullptr) return {};
  Array items = *place.value.as_array();
  for (Object& item : items) {
    if (item.as_reference() == from) item = Object(to);
  }
  if (place.id) {
    writer.set(*place.id, std::move(items));
  } else {
    owner.set(key, std::move(items));
    writer.set(owner_id, std::move(owner));
  }
  return {};
}

}  // namespace

// ISO 32000-2 section 12.7.5.5 wants one widget for a signature field; people want the same signature seen on several
// pages, and validators accept it as long as no widget is added later.
Result<> FormWriter::add_widget(ObjectId field_id, const WidgetPlan& plan) {
  State& state = *m_state;
  const bool is_new = std::ranges::any_of(state.created, [&](const auto& entry) { return entry.second == field_id; });
  if (!is_new) return fail("pdf.field.missing").with("field", field_id.number);
  const Page page = KYSO_TRY(state.document.pages().page(plan.page));
  Dictionary field = KYSO_TRY(dictionary_of(state.writer, field_id));
  if (field.has("Subtype")) {
    const auto first_page = field.get("P").as_reference();
    const ObjectId first = KYSO_TRY(split_widget(state.writer, field_id, field));
    field.set("Kids", Array{first});
    if (first_page) KYSO_TRY(replace_item(state.writer, *first_page, "Annots", field_id, first));
    if (const auto element = state.elements.find(field_id); element != state.elements.end()) {
      KYSO_TRY(redirect_structure_element(state.writer, element->second, first));
    }
  }
  Dictionary widget = state.annotation("Widget", page, plan, kPrintLocked);
  widget.set("Parent", field_id);
  const ObjectId id = state.writer.add(std::move(widget));
  KYSO_TRY(append_item(state.writer, field, "Kids", id));
  const std::string description = field.get("T").as_string() != nullptr ? text_of(*field.get("T").as_string()) : "";
  state.writer.set(field_id, std::move(field));
  return state.add_to_page(page, id, "Form", description);
}

Result<ObjectId> FormWriter::add_stamp(const WidgetPlan& stamp, std::string_view contents) {
  State& state = *m_state;
  KYSO_TRY(state.permit(State::Change::annotate));
  const Page page = KYSO_TRY(state.document.pages().page(stamp.page));
  Dictionary annotation = state.annotation("Stamp", page, stamp, kPrintLocked);
  annotation.set("Contents", text_string(contents));
  const ObjectId id = state.writer.add(std::move(annotation));
  KYSO_TRY(state.add_to_page(page, id, "Annot", std::string(contents)));
  return id;
}

namespace {

std::string number(double value) {
  return serialize(Object(value));
}

// The page's resources as a copy of its own with one more XObject; names that others use stay theirs.
Result<std::string> add_xobject(IncrementalWriter& writer, Dictionary& resources, ObjectId form) {
  const Object old = KYSO_TRY(writer.resolve(resources.get("XObject")));
  Dictionary objects = old.as_dictionary() != nullptr ? *old.as_dictionary() : Dictionary();
  std::string name;
  for (int i = 1; name.empty() || objects.has(name); ++i) name = fmt::format("Kyso{}", i);
  objects.set(name, form);
  resources.set("XObject", std::move(objects));
  return name;
}

}  // namespace

Result<> FormWriter::paint_on_page(std::size_t page_index, ObjectId form_xobject, const Matrix& placement) {
  State& state = *m_state;
  KYSO_TRY(state.permit(State::Change::paint));
  const Page page = KYSO_TRY(state.document.pages().page(page_index));
  Dictionary dictionary = KYSO_TRY(dictionary_of(state.writer, page.id));
  // Once painted on, the page has resources of its own; before, they may be inherited or shared.
  const Object own = KYSO_TRY(state.writer.resolve(dictionary.get("Resources")));
  Dictionary resources = own.as_dictionary() != nullptr ? *own.as_dictionary() : page.resources;
  const std::string name = KYSO_TRY(add_xobject(state.writer, resources, form_xobject));
  dictionary.set("Resources", std::move(resources));

  const bool tagged = state.document.conformance().is_tagged;
  const Matrix& m = placement;
  const std::string paint =
      fmt::format("Q\n{}q {} {} {} {} {} {} cm /{} Do Q\n{}", tagged ? "/Artifact BMC\n" : "", number(m.a), number(m.b),
                  number(m.c), number(m.d), number(m.e), number(m.f), name, tagged ? "EMC\n" : "");
  const Place old = KYSO_TRY(follow(state.writer, dictionary.get("Contents")));
  Array contents;
  if (old.value.as_array() != nullptr) contents = *old.value.as_array();
  if (old.value.as_stream() != nullptr && old.id) contents.emplace_back(*old.id);
  // Whatever state the content leaves behind, ours begins from the page's own.
  contents.insert(contents.begin(), Object(state.writer.add_stream({}, to_bytes("q\n"))));
  contents.emplace_back(state.writer.add_stream({}, to_bytes(paint)));
  dictionary.set("Contents", std::move(contents));
  state.writer.set(page.id, std::move(dictionary));
  return {};
}

}  // namespace kyso::pdf

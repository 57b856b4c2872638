#include "pdf/update/form_writer.h"

#include <algorithm>

#include "base/text.h"
#include "pdf/update/form_writer_state.h"
#include "pdf/update/structure_writer.h"

namespace kyso::pdf {

FormWriter::FormWriter(const Document& document, IncrementalWriter& writer, ResourceWriter* resources)
    : m_state(std::make_unique<State>(document, writer, resources)) {}
FormWriter::~FormWriter() = default;
FormWriter::FormWriter(FormWriter&&) noexcept = default;

// Encryption: ISO 32000-2 table 22 (bit 4 modify, 6 annotate, 9 fill). Certification: section 12.8.2.2, and stricter
// where validators are: a visible field that appears after certification is refused by them.
Result<> FormWriter::State::permit(Change change, std::string_view field, bool is_visible) const {
  if (const auto& encryption = document.view().encryption(); encryption && !encryption->opened_as_owner) {
    const bool may_annotate = encryption->may_annotate;
    bool allowed = false;
    if (change == Change::fill || change == Change::sign || change == Change::time_stamp)
      allowed = encryption->may_fill_forms || may_annotate;
    if (change == Change::annotate) allowed = may_annotate;
    if (change == Change::paint) allowed = encryption->may_modify;
    if (change == Change::new_field || change == Change::new_signature_field) {
      allowed = may_annotate && encryption->may_modify;
    }
    if (!allowed) return fail("pdf.encrypted.forbids");
  }
  if (change == Change::time_stamp) return {};
  const auto level = permissions.level();
  if (level == 1) return fail("pdf.certified.forbids").with("level", *level);
  const bool adds = change == Change::new_field || change == Change::annotate || change == Change::paint;
  if (adds && permissions.is_signed) return fail("pdf.signed.forbids");
  if (change == Change::new_signature_field && level && is_visible) return fail("pdf.certified.new_visible_field");
  if (!adds && permissions.is_field_locked(field)) return fail("pdf.field.locked").with("field", field);
  return {};
}

Result<> FormWriter::State::check_new_name(const std::string& name) const {
  // A full stop separates the names of a hierarchy (ISO 32000-2 section 12.7.4.2).
  if (name.empty() || name.find('.') != std::string::npos) {
    return fail("pdf.field.name_invalid").with("field", name);
  }
  const auto clashes = [&](std::string_view other) {
    return other == name || (other.starts_with(name) && other[name.size()] == '.');
  };
  const bool exists = std::ranges::any_of(document.form().fields(), [&](const Field& f) { return clashes(f.name); }) ||
                      std::ranges::any_of(created, [&](const auto& entry) { return clashes(entry.first); });
  if (exists) return fail("pdf.field.exists").with("field", name);
  return {};
}

namespace {

FieldKind kind_of(const Dictionary& field) {
  if (field.get("FT").is_name("Sig")) return FieldKind::signature;
  if (field.get("FT").is_name("Tx")) return FieldKind::text;
  return field.get("FT").is_name("Btn") ? FieldKind::button : FieldKind::unknown;
}

}  // namespace

Result<Field> FormWriter::State::field(std::string_view name) const {
  const std::string wanted = to_nfc(name);
  if (const Field* known = document.form().find(wanted)) return *known;
  const auto made = created.find(wanted);
  if (made == created.end()) return fail("pdf.field.missing").with("field", name);
  Field field;
  field.name = wanted;
  field.id = made->second;
  field.dictionary = KYSO_TRY(dictionary_of(writer, made->second));
  field.kind = kind_of(field.dictionary);
  field.is_signed = field.kind == FieldKind::signature && field.dictionary.has("V");
  Array widgets{Object(made->second)};
  if (const Array* kids = field.dictionary.get("Kids").as_array()) widgets = *kids;
  for (const Object& item : widgets) {
    const ObjectId id = item.as_reference().value_or(ObjectId{});
    const Dictionary widget = KYSO_TRY(dictionary_of(writer, id));
    const auto page = widget.get("P").as_reference();
    field.widgets.push_back(
        {id, rect_of(widget.get("Rect")).value_or(Rect{}), page ? document.pages().index_of(*page) : kNoPage});
  }
  return field;
}

Dictionary FormWriter::State::annotation(std::string_view subtype, const Page& page, const WidgetPlan& plan,
                                         int flags) {
  Dictionary dictionary{{"Type", Name{"Annot"}}, {"Subtype", Name{std::string(subtype)}}};
  dictionary.set("Rect", to_object(plan.rect));
  dictionary.set("F", flags);
  dictionary.set("P", page.id);
  std::optional<ObjectId> appearance = plan.appearance;
  // ISO 19005-1 section 6.5.3 wants a normal appearance even where nothing is seen.
  if (!appearance && (document.conformance().pdfa_part == 1 || plan.rect.area() > 0)) {
    appearance = add_empty_appearance(writer, plan.rect.width(), plan.rect.height());
  }
  if (appearance) dictionary.set("AP", Dictionary{{"N", *appearance}});
  return dictionary;
}

Result<> FormWriter::State::add_to_form(ObjectId field, bool is_signature) {
  return edit_catalog_entry(writer, "AcroForm", Create::indirect, [&](Dictionary& form) -> Result<> {
    const auto flags = form.get("SigFlags").as_integer().value_or(0);
    if (is_signature && (flags & 1) == 0) form.set("SigFlags", flags | 1);
    return append_item(writer, form, "Fields", field);
  });
}

std::size_t FormWriter::State::pages_sharing(ObjectId annotations) {
  if (!annotation_arrays) {
    annotation_arrays.emplace();
    for (std::size_t i = 0; i < document.pages().count(); ++i) {
      auto page = document.pages().page(i);
      const auto id = page ? page->dictionary.get("Annots").as_reference() : std::nullopt;
      if (id) ++(*annotation_arrays)[*id];
    }
  }
  return (*annotation_arrays)[annotations];
}

Result<> FormWriter::State::add_to_page(const Page& page, ObjectId annotation, std::string_view role,
                                        const std::string& description) {
  Dictionary dictionary = KYSO_TRY(dictionary_of(writer, page.id));
  const auto shared = dictionary.get("Annots").as_reference();
  if (shared && pages_sharing(*shared) > 1) {
    // Another page has the same array: the annotation would be seen there too.
    const Object value = KYSO_TRY(writer.resolve(Object(*shared)));
    dictionary.set("Annots", value.as_array() != nullptr ? *value.as_array() : Array());
  }
  KYSO_TRY(append_item(writer, dictionary, "Annots", annotation));
  const bool adds_structure = document.conformance().is_tagged && !permissions.is_signed;
  // ISO 14289-1 section 7.18.3: pages with annotations declare the structure as their tab order.
  if (adds_structure && !dictionary.has("Tabs")) dictionary.set("Tabs", Name{"S"});
  writer.set(page.id, std::move(dictionary));
  if (!adds_structure) return {};
  const auto element = KYSO_TRY(add_structure_element(writer, annotation, page.id, role, description));
  if (element) elements.emplace(annotation, *element);
  return {};
}

Result<> FormWriter::State::set_appearance(ObjectId widget, ObjectId appearance, bool is_button) {
  // ISO 19005-2 section 6.3.3: only /N, and for a button a dictionary of states.
  if (!is_button || document.conformance().pdfa_part == 0) {
    return writer.update_entry(widget, "AP", Dictionary{{"N", appearance}});
  }
  KYSO_TRY(writer.update_entry(widget, "AS", Name{"On"}));
  return writer.update_entry(widget, "AP", Dictionary{{"N", Dictionary{{"On", appearance}}}});
}

namespace {

Dictionary lock_dictionary(const FieldLock& lock, std::string_view type) {
  Dictionary dictionary{{"Type", Name{std::string(type)}}};
  const std::string_view action = lock.action == LockAction::all       ? "All"
                                  : lock.action == LockAction::include ? "Include"
                                                                       : "Exclude";
  dictionary.set("Action", Name{std::string(action)});
  if (lock.action != LockAction::all) {
    Array fields;
    for (const std::string& field : lock.fields) fields.emplace_back(text_string(field));
    dictionary.set("Fields", std::move(fields));
  }
  if (lock.permissions) dictionary.set("P", *lock.permissions);
  return dictionary;
}

// What both locks together lock.
FieldLock united(const FieldLock& a, const FieldLock& b) {
  FieldLock both;
  if (a.permissions || b.permissions) both.permissions = std::min(a.permissions.value_or(3), b.permissions.value_or(3));
  if (a.action == LockAction::all || b.action == LockAction::all) {
    both.action = LockAction::all;
  } else if (a.action == LockAction::include && b.action == LockAction::include) {
    both.action = LockAction::include;
    both.fields = a.fields;
    for (const std::string& field : b.fields) {
      if (std::ranges::find(both.fields, field) == both.fields.end()) both.fields.push_back(field);
    }
  } else {  // what stays free is free in both
    both.action = LockAction::exclude;
    const FieldLock& free = a.action == LockAction::exclude ? a : b;
    const FieldLock& other = a.action == LockAction::exclude ? b : a;
    std::ranges::copy_if(free.fields, std::back_inserter(both.fields),
                         [&](const std::string& field) { return !other.locks(field); });
  }
  return both;
}

}  // namespace

Result<ObjectId> FormWriter::State::add_signature_field(const std::string& name, const WidgetPlan& plan,
                                                        const std::optional<FieldLock>& lock) {
  KYSO_TRY(check_new_name(name));
  const Page page = KYSO_TRY(document.pages().page(plan.page));
  Dictionary dictionary = annotation("Widget", page, plan, kPrintLocked);
  dictionary.set("FT", Name{"Sig"});
  dictionary.set("T", text_string(name));
  // ISO 14289-1 section 7.18.4: a field has a description for those who cannot see it.
  if (document.conformance().is_tagged) dictionary.set("TU", text_string(name));
  // ISO 32000-2 table 235: /Lock is an indirect reference.
  if (lock) dictionary.set("Lock", writer.add(lock_dictionary(*lock, "SigFieldLock")));
  const ObjectId id = writer.add(std::move(dictionary));
  KYSO_TRY(add_to_form(id, true));
  KYSO_TRY(add_to_page(page, id, "Form", name));
  created.emplace(name, id);
  return id;
}

Result<ObjectId> FormWriter::add_signature_field(const std::string& given_name, const WidgetPlan& widget,
                                                 const std::optional<FieldLock>& lock) {
  const std::string name = to_nfc(given_name);
  KYSO_TRY(m_state->permit(State::Change::new_signature_field, name, widget.rect.area() > 0));
  return m_state->add_signature_field(name, widget, lock);
}

Result<ObjectId> FormWriter::add_time_stamp_field(const std::string& given_name) {
  KYSO_TRY(m_state->permit(State::Change::time_stamp));
  const ObjectId id = KYSO_TRY(m_state->add_signature_field(to_nfc(given_name), {}, std::nullopt));
  m_state->time_stamps.insert(id);
  return id;
}

Result<ObjectId> FormWriter::use_signature_field(const std::string& name, std::optional<ObjectId> appearance) {
  State& state = *m_state;
  const Field field = KYSO_TRY(state.field(name));
  if (field.kind != FieldKind::signature || !field.id) return fail("pdf.field.not_signature").with("field", name);
  if (field.is_signed) return fail("pdf.field.signed").with("field", name);
  KYSO_TRY(state.permit(State::Change::sign, field.name));
  for (const Widget& widget : field.widgets) {
    if (!widget.id) continue;
    if (appearance) {
      KYSO_TRY(state.set_appearance(*widget.id, *appearance));
    } else if (state.document.conformance().pdfa_part == 1 &&
               !KYSO_TRY(dictionary_of(state.writer, *widget.id)).has("AP")) {
      const Rect& rect = widget.rect;
      KYSO_TRY(state.set_appearance(*widget.id, add_empty_appearance(state.writer, rect.width(), rect.height())));
    }
  }
  return *field.id;
}

Result<Object> FormWriter::bind_signature(ObjectId field, ObjectId signature, const SignatureReferences& references) {
  State& state = *m_state;
  const Dictionary dictionary = KYSO_TRY(dictionary_of(state.writer, field));
  const bool is_time_stamp = state.time_stamps.contains(field);
  if (state.permissions.level() == 1 && !is_time_stamp) return fail("pdf.certified.forbids").with("level", 1);
  if (references.certify && state.permissions.is_signed) return fail("pdf.certify.not_first");
  KYSO_TRY(state.writer.update_entry(field, "V", signature));
  // Widgets of a field that shows its signature on several pages repeat the inherited type and value: some readers look
  // for them there. Only a field made in this update has its widgets changed.
  const Array* kids = dictionary.get("Kids").as_array();
  const bool is_new = std::ranges::any_of(state.created, [&](const auto& entry) { return entry.second == field; });
  for (const Object& kid : kids != nullptr && is_new ? *kids : Array{}) {
    KYSO_TRY(state.writer.update_entry(*kid.as_reference(), "FT", Name{"Sig"}));
    KYSO_TRY(state.writer.update_entry(*kid.as_reference(), "V", signature));
  }

  // The field's own lock binds whoever signs in it (ISO 32000-2 section 12.7.5.5).
  std::optional<FieldLock> lock = references.field_mdp;
  Field lookup;
  lookup.dictionary = dictionary;
  const Object own = KYSO_TRY(state.writer.resolve(dictionary.get("Lock")));
  if (own.as_dictionary() != nullptr) {
    lookup.dictionary.set("Lock", own);
    if (const auto own_lock = KYSO_TRY(Form::lock_of(state.document.view(), lookup))) {
      lock = lock ? united(*lock, *own_lock) : *own_lock;
    }
  }
  // A signed form keeps its flags unless they are senseless: rewriting it gives strict validators pause.
  KYSO_TRY(edit_catalog_entry(state.writer, "AcroForm", Create::indirect, [&](Dictionary& form) -> Result<> {
    const auto flags = form.get("SigFlags").as_integer().value_or(0);
    if (!state.permissions.is_signed || (flags & 1) == 0) form.set("SigFlags", flags | 3);
    return {};
  }));

  Array list;
  const auto reference = [](std::string_view method, Dictionary parameters) {
    parameters.set("V", Name{"1.2"});
    return Dictionary{{"Type", Name{"SigRef"}},
                      {"TransformMethod", Name{std::string(method)}},
                      {"TransformParams", std::move(parameters)}};
  };
  if (references.certify) {
    list.emplace_back(reference("DocMDP", {{"Type", Name{"TransformParams"}}, {"P", *references.certify}}));
    KYSO_TRY(edit_catalog_entry(state.writer, "Perms", Create::direct, [&](Dictionary& permissions) -> Result<> {
      permissions.set("DocMDP", signature);
      return {};
    }));
  }
  if (lock) {
    // The level of a lock stands in the parameters, where the common viewers write and look for it.
    Dictionary field_mdp = reference("FieldMDP", lock_dictionary(*lock, "TransformParams"));
    field_mdp.set("Data", state.document.view().catalog_id().value_or(ObjectId{}));
    list.emplace_back(std::move(field_mdp));
  }
  return list.empty() ? Object() : Object(std::move(list));
}

namespace {

int version_number(std::string_view version) {  // "1.7" -> 17
  return version.size() == 3 && version[1] == '.' ? (version[0] - '0') * 10 + (version[2] - '0') : 0;
}

bool declares(const Object& extension, std::string_view base_version, int level) {
  const Dictionary* dictionary = extension.as_dictionary();
  if (dictionary == nullptr || dictionary->get("ExtensionLevel").as_integer().value_or(-1) < level) return false;
  const std::string* base = dictionary->get("BaseVersion").as_name();
  return base != nullptr && version_number(*base) >= version_number(base_version);
}

}  // namespace

// ISO 32000-2 section 7.12: one developer may have several extensions as an array since PDF 2.0, before only one.
Result<> FormWriter::declare_extension(std::string_view prefix, std::string_view base_version, int level) {
  State& state = *m_state;
  if (state.document.version() > version_number(base_version)) return {};  // part of the language by then
  const Dictionary extension{{"Type", Name{"DeveloperExtensions"}},
                             {"BaseVersion", Name{std::string(base_version)}},
                             {"ExtensionLevel", level}};
  return edit_catalog_entry(state.writer, "Extensions", Create::direct, [&](Dictionary& extensions) -> Result<> {
    const Object old = KYSO_TRY(state.writer.resolve(extensions.get(prefix)));
    const bool several = state.document.version() >= 20;
    Array known;
    if (old.as_array() != nullptr) known = *old.as_array();
    if (old.as_dictionary() != nullptr) known.push_back(old);
    bool is_declared = false;
    for (const Object& item : known) {
      const Object value = KYSO_TRY(state.writer.resolve(item));
      // Levels of ISO_ are numbers of specifications, not steps: each is declared by itself.
      is_declared =
          is_declared || (prefix == "ISO_" ? value.as_dictionary() != nullptr &&
                                                 value.as_dictionary()->get("ExtensionLevel").as_integer() == level
                                           : declares(value, base_version, level));
    }
    if (is_declared) return {};
    if (prefix == "ISO_" && several && !known.empty()) {
      known.emplace_back(extension);
      extensions.set(prefix, std::move(known));
    } else {
      extensions.set(prefix, extension);
    }
    return {};
  });
}

}  // namespace kyso::pdf

#include <algorithm>
#include <array>

#include "verify/changes/change_finder.h"
#include "verify/changes/xmp.h"

// The catalog and what hangs on it beside fields and annotations.
namespace kyso::verify {
namespace {

const pdf::Dictionary& dictionary_of(const pdf::Object& value) {
  static const pdf::Dictionary kEmpty;
  return value.as_dictionary() != nullptr ? *value.as_dictionary() : kEmpty;
}

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> keys) {
  return std::ranges::find(keys, key) != keys.end();
}

// All keys of both, each once, in the order of the new one.
std::vector<std::string> keys_of(const pdf::Dictionary& before, const pdf::Dictionary& after) {
  std::vector<std::string> keys;
  std::set<std::string_view> seen;
  for (const pdf::Dictionary* dictionary : {&after, &before}) {
    for (const auto& [key, value] : *dictionary) {
      if (seen.insert(key).second) keys.push_back(key);
    }
  }
  return keys;
}

std::string_view code_of_catalog_entry(std::string_view key) {
  if (key == "Pages") return "change.page-tree";
  if (is_one_of(key, {"Names", "Dests"})) return "change.names";
  if (key == "Outlines") return "change.outline";
  if (is_one_of(key, {"OpenAction", "AA", "URI"})) return "change.action";
  if (is_one_of(key, {"StructTreeRoot", "MarkInfo"})) return "change.structure";
  if (key == "OCProperties") return "change.optional-content";
  if (key == "OutputIntents") return "change.output-intent";
  if (is_one_of(key, {"AF", "Collection"})) return "change.embedded-file";
  if (is_one_of(key, {"ViewerPreferences", "PageLabels", "PageLayout", "PageMode"})) return "change.viewer-preferences";
  return "change.catalog";
}

int version_of(const pdf::Object& name) {  // "2.0" -> 20
  const std::string* text = name.as_name();
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text == nullptr || text->size() != 3 || !is_digit((*text)[0]) || (*text)[1] != '.' || !is_digit((*text)[2]))
    return 0;
  return ((*text)[0] - '0') * 10 + ((*text)[2] - '0');
}

// What programs that sign or update a file renew in /Info.
bool is_renewed(std::string_view key) {
  return is_one_of(key, {"ModDate", "Producer"});
}

// The properties that only one of two sorted lists has, for people.
std::string properties_without(const std::vector<XmpProperty>& list, const std::vector<XmpProperty>& other) {
  std::vector<XmpProperty> only;
  std::ranges::set_difference(list, other, std::back_inserter(only));
  std::string out;
  for (const XmpProperty& property : only) out += (out.empty() ? "" : "; ") + property.text;
  return shortened(out);
}

// Programs that write the dictionary again choose their own encoding of its strings.
bool is_same_text(const pdf::Object& a, const pdf::Object& b) {
  return a.as_string() != nullptr && b.as_string() != nullptr &&
         pdf::text_of(*a.as_string()) == pdf::text_of(*b.as_string());
}

}  // namespace

void ChangeFinder::compare_catalogs(std::uint32_t number, const pdf::Dictionary& before, const pdf::Dictionary& after) {
  if (after.has_duplicate_keys() && !before.has_duplicate_keys()) {
    add(ChangeKind::unknown, "change.unknown", number).path = "Root";
  }
  for (const std::string& key : keys_of(before, after)) {
    if (is_equal(before.get(key), after.get(key))) continue;
    compare_catalog_entry(number, key, before.get(key), after.get(key));
  }
}

void ChangeFinder::compare_catalog_entry(std::uint32_t number, std::string_view key, const pdf::Object& before,
                                         const pdf::Object& after) {
  if (key == "AcroForm") return compare_forms(resolved(m_before, before), resolved(m_after, after));
  if (key == "DSS") return note_validation_data(number, "Root/DSS");
  if (key == "Extensions") return compare_extensions(number, before, after);
  if (key == "Perms") return compare_permissions(number, before, after);
  if (key == "Metadata") return compare_metadata(number);
  if (key == "Version" && version_of(resolved(m_after, after)) > version_of(resolved(m_before, before))) {
    const std::string& header = m_graph->header_version();
    if (version_of(resolved(m_after, after)) >= version_of(pdf::Object(pdf::Name{header}))) {
      return note_validation_data(number, "Root/Version");
    }
  }
  if (is_equal_resolved(before, after) && key != "Pages") return;
  Change& change = add(ChangeKind::content, std::string(code_of_catalog_entry(key)), number);
  change.path = fmt::format("Root/{}", key);
  change.old_value = brief(m_before, before);
  change.new_value = brief(m_after, after);
  m_paint.forget_content();
}

void ChangeFinder::note_validation_data(std::uint32_t number, std::string path) {
  if (std::exchange(m_has_validation_data, true)) return;  // one for each revision is enough
  add(ChangeKind::validation_data, "change.lta", number).path = std::move(path);
}

// ISO 32000-2 section 7.12: PAdES and the ISO extensions for algorithms declare themselves there.
void ChangeFinder::compare_extensions(std::uint32_t number, const pdf::Object& before, const pdf::Object& after) {
  const pdf::Object a = resolved(m_before, before), b = resolved(m_after, after);
  const pdf::Dictionary &old = dictionary_of(a), &now = dictionary_of(b);
  const bool is_known = (b.as_dictionary() != nullptr || now.size() > 0) &&
                        std::ranges::all_of(keys_of(old, now), [&](const std::string& key) {
                          return is_equal_resolved(old.get(key), now.get(key)) || key == "Type" ||
                                 (is_one_of(key, {"ESIC", "ADBE", "ISO_"}) && !now.get(key).is_null());
                        });
  // A developer's own dictionary that changed below.
  const bool is_part = a.as_dictionary() != nullptr && old.has("BaseVersion");
  if (is_known || is_part) return note_validation_data(number, "Root/Extensions");
  add_content("change.catalog", number, "Root/Extensions");
}

// /DocMDP may be set by the signature that certifies, which then is in this revision.
void ChangeFinder::compare_permissions(std::uint32_t number, const pdf::Object& before, const pdf::Object& after) {
  const pdf::Object a = resolved(m_before, before), b = resolved(m_after, after);
  const pdf::Dictionary &old = dictionary_of(a), &now = dictionary_of(b);
  for (const std::string& key : keys_of(old, now)) {
    if (is_equal(old.get(key), now.get(key))) continue;
    const auto signature = now.get(key).as_reference();
    const bool is_of_new_signature = key == "DocMDP" && old.get(key).is_null() && signature &&
                                     is_changed(signature->number) &&
                                     m_differences.at(signature->number).before.is_null();
    if (is_of_new_signature) continue;
    Change& change = add(ChangeKind::content, "change.permissions", number);
    change.path = fmt::format("Root/Perms/{}", key);
  }
}

// Dates and the writing program's name may be renewed; title, author and the like are what was signed.
void ChangeFinder::compare_information(std::uint32_t number) {
  if (!m_done.emplace(0, static_cast<std::uint8_t>(Role::info)).second) return;
  const pdf::Object before = resolved(m_before, m_before.trailer(), "Info");
  const pdf::Object after = resolved(m_after, m_after.trailer(), "Info");
  const pdf::Dictionary &old = dictionary_of(before), &now = dictionary_of(after);
  if (now.has_duplicate_keys() && !old.has_duplicate_keys()) add_content("change.document-info", number, "Info");
  std::size_t listed = 0;
  for (const std::string& key : keys_of(old, now)) {
    const pdf::Object a = resolved(m_before, old.get(key)), b = resolved(m_after, now.get(key));
    if (is_equal(a, b) || is_same_text(a, b)) continue;
    constexpr std::size_t kMostListed = 32;
    if (is_renewed(key) && ++listed > kMostListed) continue;
    Change& change = is_renewed(key) ? add(ChangeKind::metadata, "change.metadata", number)
                                     : add(ChangeKind::content, "change.document-info", number);
    change.path = shortened(fmt::format("Info/{}", key));
    change.old_value = brief(m_before, a);
    change.new_value = brief(m_after, b);
  }
}

// Root/Metadata, wherever in it the change is.
void ChangeFinder::compare_metadata(std::uint32_t number) {
  if (!m_done.emplace(0, static_cast<std::uint8_t>(Role::metadata)).second) return;
  const auto stream_in = [](const pdf::ObjectView& view) {
    const pdf::Object catalog = resolved(view, view.trailer(), "Root");
    return catalog.as_dictionary() != nullptr ? resolved(view, *catalog.as_dictionary(), "Metadata") : pdf::Object();
  };
  const pdf::Object before = stream_in(m_before), after = stream_in(m_after);
  if (is_equal(before, after)) return;
  const auto properties = [&](const pdf::ObjectView& view,
                              const pdf::Object& value) -> std::optional<std::vector<XmpProperty>> {
    if (value.is_null()) return std::vector<XmpProperty>();
    const auto bytes =
        value.as_stream() != nullptr ? view.decode(*value.as_stream()) : Result<Bytes>(fail("pdf.limit"));
    if (!bytes) return std::nullopt;
    (void)m_work.spend(bytes->size() / 16);
    return read_xmp(as_chars(*bytes));
  };
  const auto old = properties(m_before, before), now = properties(m_after, after);
  const bool is_same = old && now && *old == *now;
  Change& change =
      is_same ? add(ChangeKind::metadata, "change.metadata", number) : add(ChangeKind::content, "change.xmp", number);
  change.path = "Root/Metadata";
  if (is_same || !old || !now) return;
  change.old_value = properties_without(*old, *now);
  change.new_value = properties_without(*now, *old);
}

// The interactive form's own entries (ISO 32000-2 table 224).
void ChangeFinder::compare_forms(const pdf::Object& before, const pdf::Object& after) {
  if (!m_done.emplace(0, static_cast<std::uint8_t>(Role::acro_form)).second) return;
  const pdf::Dictionary &old = dictionary_of(before), &now = dictionary_of(after);
  const pdf::Object old_fields = resolved(m_before, old, "Fields");
  const bool had_fields = old_fields.as_array() != nullptr && !old_fields.as_array()->empty();
  const auto undefined = [&](std::string_view key) {
    Change& change = add(ChangeKind::form_undefined, "form.undefined-change", 0);
    change.path = fmt::format("Root/AcroForm/{}", key);
    change.old_value = brief(m_before, old.get(key));
    change.new_value = brief(m_after, now.get(key));
  };
  if (now.has_duplicate_keys() && !old.has_duplicate_keys()) undefined("duplicate key");
  for (const std::string& key : keys_of(old, now)) {
    if (key == "Fields") {
      const auto a = old.get(key).as_reference(), b = now.get(key).as_reference();
      const bool is_same = a && b && *a == *b;
      if (is_same && !is_changed(a->number)) continue;
      if (b && !m_done.emplace(b->number, static_cast<std::uint8_t>(Role::fields)).second) continue;
      compare_kids(old_fields, resolved(m_after, now.get(key)));
      continue;
    }
    if (is_equal_resolved(old.get(key), now.get(key))) continue;
    if (key == "SigFlags") {
      const auto a = resolved(m_before, old.get(key)).as_integer().value_or(0);
      const auto b = resolved(m_after, now.get(key)).as_integer().value_or(0);
      if ((a & ~b) == 0 && (b & ~3) == (a & ~3)) continue;
      undefined(key);
    } else if (key == "DR") {
      const pdf::Object a = resolved(m_before, old.get(key)), b = resolved(m_after, now.get(key));
      compare_form_resources(a, b, "Root/AcroForm/DR", 0);
    } else if (key == "DA" && !had_fields && old.get(key).is_null()) {
      continue;  // the first form of the document
    } else if (key == "NeedAppearances" && !resolved(m_before, old.get(key)).as_bool().value_or(false) &&
               !resolved(m_after, now.get(key)).as_bool().value_or(false)) {
      continue;  // false is what a missing one means
    } else {
      undefined(key);
    }
  }
}

// Default resources may be added; those that were there draw the fields that were signed.
void ChangeFinder::compare_form_resources(const pdf::Object& before, const pdf::Object& after, const std::string& path,
                                          int depth) {
  const bool are_dictionaries =
      (before.is_null() || (before.as_dictionary() != nullptr && before.as_stream() == nullptr)) &&
      after.as_dictionary() != nullptr && after.as_stream() == nullptr;
  const bool is_font =
      are_dictionaries && (dictionary_of(before).has("BaseFont") || dictionary_of(before).has("Subtype"));
  if (!are_dictionaries || is_font || depth > 3) {
    Change& change = add(ChangeKind::form_undefined, "form.undefined-change", 0);
    change.path = path;
    return;
  }
  const pdf::Dictionary &old = dictionary_of(before), &now = dictionary_of(after);
  for (const auto& [key, value] : old) {
    if (is_equal_resolved(value, now.get(key))) continue;
    const pdf::Object a = resolved(m_before, value), b = resolved(m_after, now.get(key));
    if (a.as_array() != nullptr && key == "ProcSet") continue;  // obsolete, without effect (section 14.2)
    compare_form_resources(a, b, fmt::format("{}/{}", path, key), depth + 1);
  }
}

void ChangeFinder::compare_pages(std::uint32_t number, const pdf::Object& before, const pdf::Object& after) {
  if (!m_done.emplace(number, static_cast<std::uint8_t>(Role::page)).second) return;
  const pdf::Dictionary &old = dictionary_of(before), &now = dictionary_of(after);
  const pdf::XrefEntry* entry = m_before.entry(number);
  const std::size_t index = m_pages && entry != nullptr ? m_pages->index_of({number, entry->generation}) : pdf::kNoPage;
  const auto content = [&](std::string_view code, std::string_view key) {
    Change& change = add(ChangeKind::content, std::string(code), number);
    change.page = index;
    change.path = fmt::format("Page/{}", key);
    change.old_value = brief(m_before, old.get(key));
    change.new_value = brief(m_after, now.get(key));
    m_paint.forget_content();
  };
  if (after.as_dictionary() == nullptr) return content("change.page-tree", "Type");
  if (now.has_duplicate_keys() && !old.has_duplicate_keys()) content("change.page", "duplicate key");
  for (const std::string& key : keys_of(old, now)) {
    if (key == "Annots") {
      const auto a = old.get(key).as_reference(), b = now.get(key).as_reference();
      if (a && b && *a == *b && !is_changed(a->number)) continue;
      if (!is_equal(old.get(key), now.get(key)) || (b && is_changed(b->number))) {
        compare_annotations(number, resolved(m_before, old.get(key)), resolved(m_after, now.get(key)));
      }
      continue;
    }
    if (is_equal(old.get(key), now.get(key))) continue;
    if (key == "LastModified") {
      add(ChangeKind::metadata, "change.metadata", number).path = fmt::format("Page/{}", key);
      continue;
    }
    // The order in which tabulators visit new widgets (ISO 14289-1 section 7.18.3).
    if (key == "Tabs" && old.get(key).is_null() && now.get(key).as_name() != nullptr) continue;
    if (is_equal_resolved(old.get(key), now.get(key))) continue;
    if (key == "Contents")
      content("change.page-content", key);
    else if (key == "Resources")
      content("change.resources", key);
    else if (is_one_of(key, {"MediaBox", "CropBox", "BleedBox", "TrimBox", "ArtBox", "Rotate", "UserUnit"}))
      content("change.page-box", key);
    else if (key == "AA")
      content("change.action", key);
    else if (is_one_of(key, {"Parent", "Type", "Kids", "Count"}))
      content("change.page-tree", key);
    else if (is_one_of(key, {"StructParents"}))
      content("change.structure", key);
    else if (key == "AF")
      content("change.embedded-file", key);
    else
      content("change.page", key);
  }
}

// A tagged document tells where its widgets belong (ISO 32000-2 section 14.7.5.3): an element that names a widget of
// this revision may be added, nothing that was there may change.
void ChangeFinder::compare_structure(std::uint32_t number, const pdf::Object& before, const pdf::Object& after) {
  m_seats.revisit(m_after, number, *m_seats.find(number, Role::structure));
  if (only_adds_widgets(before, after, 0)) return;
  add_content("change.structure", number, "Root/StructTreeRoot");
}

bool ChangeFinder::only_adds_widgets(const pdf::Object& before, const pdf::Object& after, int depth) {
  if (depth > 4 || !m_work.spend(1)) return false;
  const auto is_addition = [&](const pdf::Array& old, const pdf::Array& now) {
    if (now.size() < old.size()) return false;
    for (std::size_t i = 0; i < old.size(); ++i) {
      if (!is_equal(old[i], now[i])) return false;
    }
    return std::ranges::all_of(now.begin() + static_cast<std::ptrdiff_t>(old.size()), now.end(),
                               [&](const pdf::Object& item) { return registers_new_widget(item); });
  };
  if (before.as_array() != nullptr && after.as_array() != nullptr) {
    return is_addition(*before.as_array(), *after.as_array());
  }
  if (before.as_dictionary() == nullptr || after.as_dictionary() == nullptr) return false;
  const pdf::Dictionary &old = *before.as_dictionary(), &now = *after.as_dictionary();
  return std::ranges::all_of(keys_of(old, now), [&](const std::string& key) {
    const pdf::Object &a = old.get(key), &b = now.get(key);
    if (is_equal(a, b)) return true;
    if (key == "ParentTreeNextKey") return b.as_integer().value_or(-1) > a.as_integer().value_or(0);
    if (key == "Limits") return b.as_array() != nullptr;
    if (key == "K" || key == "Nums" || key == "Kids") {
      const pdf::Object x = resolved(m_before, a), y = resolved(m_after, b);
      if (y.as_array() == nullptr) return false;
      if (x.as_array() != nullptr) return is_addition(*x.as_array(), *y.as_array());
      return is_addition(a.is_null() ? pdf::Array{} : pdf::Array{a}, *y.as_array());
    }
    return key == "ParentTree" && only_adds_widgets(resolved(m_before, a), resolved(m_after, b), depth + 1);
  });
}

// An item that was added to the structure: a number, a leaf of the number tree, or an element with a new widget.
bool ChangeFinder::registers_new_widget(const pdf::Object& item, int depth) {
  if (item.as_integer()) return true;
  if (depth > 2) return false;
  const auto id = item.as_reference();
  if (!id || !is_changed(id->number) || !m_differences.at(id->number).before.is_null()) return false;
  const pdf::Object value = object_at(m_after, id->number);
  const pdf::Dictionary* element = value.as_dictionary();
  if (element == nullptr) return false;
  if (element->has("Nums") && !element->has("Kids")) {
    const pdf::Object numbers = resolved(m_after, *element, "Nums");
    return numbers.as_array() != nullptr && numbers.as_array()->size() <= 64 &&
           std::ranges::all_of(*numbers.as_array(), [&](const pdf::Object& n) {
             return n.as_integer() ||
                    (n.as_reference() && n.as_reference() != id && registers_new_widget(n, depth + 1));
           });
  }
  constexpr std::array<std::string_view, 9> kAllowed{"Type", "S", "P", "Pg", "K", "Alt", "T", "Lang", "ID"};
  const bool has_other = std::ranges::any_of(
      *element, [&](const auto& entry) { return std::ranges::find(kAllowed, entry.first) == kAllowed.end(); });
  const pdf::Object kid = resolved(m_after, *element, "K");
  const pdf::Dictionary* reference = kid.as_dictionary();
  if (has_other || !element->get("S").is_name("Form") || reference == nullptr) return false;
  const auto widget = reference->get("Obj").as_reference();
  return reference->get("Type").is_name("OBJR") && widget && is_changed(widget->number) &&
         m_differences.at(widget->number).before.is_null();
}

}  // namespace kyso::verify

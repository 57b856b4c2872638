#include "pdf/update/structure_writer.h"

#include <algorithm>

#include "pdf/update/form_edit.h"

namespace kyso::pdf {

namespace {

constexpr std::size_t kMaxTreeEntries = 2'000'000;

// The highest key of a number tree; -1 when it is empty. /Limits say it where they can be believed: a leaf's own
// numbers count, not what its parents promise.
Result<std::int64_t> highest_key(const IncrementalWriter& writer, const Dictionary& root) {
  std::int64_t highest = -1;
  std::vector<std::pair<Dictionary, std::size_t>> pending{{root, 0}};
  std::size_t looked = 0;
  while (!pending.empty()) {
    const auto [node, depth] = std::move(pending.back());
    pending.pop_back();
    const Object numbers = KYSO_TRY(writer.resolve(node.get("Nums")));
    looked += 1 + (numbers.as_array() != nullptr ? numbers.as_array()->size() : 0);
    if (looked > kMaxTreeEntries || depth > writer.view().graph().limits().tree_depth) {
      return fail("pdf.limit").with("limit", "number_tree");
    }
    if (const Array* array = numbers.as_array()) {
      for (std::size_t i = 0; i < array->size(); i += 2) {
        highest = std::max(highest, (*array)[i].as_integer().value_or(-1));
      }
    }
    const Object kids = KYSO_TRY(writer.resolve(node.get("Kids")));
    if (kids.as_array() == nullptr) continue;
    looked += kids.as_array()->size();
    if (looked > kMaxTreeEntries) return fail("pdf.limit").with("limit", "number_tree");
    for (const Object& kid : *kids.as_array()) {
      const Object value = KYSO_TRY(writer.resolve(kid));
      if (value.as_dictionary() != nullptr) pending.emplace_back(*value.as_dictionary(), depth + 1);
    }
  }
  return highest;
}

// The key is above all others, so it goes to the end: into the root's own numbers, or as a new leaf behind its kids.
Result<> append_number(IncrementalWriter& writer, Dictionary& tree, std::int64_t key, ObjectId value) {
  if (!tree.has("Kids")) {
    KYSO_TRY(append_item(writer, tree, "Nums", key));
    return append_item(writer, tree, "Nums", value);
  }
  const ObjectId leaf = writer.add(Dictionary{{"Limits", Array{key, key}}, {"Nums", Array{key, value}}});
  return append_item(writer, tree, "Kids", leaf);
}

// Where a new element hangs: in the one Document element when there is such, else directly under the root.
Result<std::optional<ObjectId>> document_element(const IncrementalWriter& writer, const Dictionary& root) {
  const Object kids = KYSO_TRY(writer.resolve(root.get("K")));
  Array candidates;
  if (kids.as_array() != nullptr) {
    candidates = *kids.as_array();
  } else {
    candidates.push_back(root.get("K"));
  }
  constexpr std::size_t kLooked = 64;
  for (std::size_t i = 0; i < std::min(candidates.size(), kLooked); ++i) {
    const auto id = candidates[i].as_reference();
    const Object value = KYSO_TRY(writer.resolve(candidates[i]));
    if (id && value.as_dictionary() != nullptr && value.as_dictionary()->get("S").is_name("Document")) return id;
  }
  return std::optional<ObjectId>();
}

// /K is one kid or an array of kids.
Result<> append_kid(IncrementalWriter& writer, Dictionary& parent, ObjectId kid) {
  const Place place = KYSO_TRY(follow(writer, parent.get("K")));
  if (place.value.is_null() || place.value.as_array() != nullptr) return append_item(writer, parent, "K", kid);
  parent.set("K", Array{parent.get("K"), kid});
  return {};
}

}  // namespace

Result<std::optional<ObjectId>> add_structure_element(IncrementalWriter& writer, ObjectId annotation, ObjectId page,
                                                      std::string_view role, const std::string& description) {
  const auto catalog_id = writer.view().catalog_id();
  if (!catalog_id) return fail("pdf.catalog.missing");
  const Place root_place = KYSO_TRY(follow(writer, KYSO_TRY(dictionary_of(writer, *catalog_id)).get("StructTreeRoot")));
  if (!root_place.id || root_place.value.as_dictionary() == nullptr) return std::optional<ObjectId>();
  Dictionary root = *root_place.value.as_dictionary();

  const auto container = KYSO_TRY(document_element(writer, root));
  Dictionary element{{"Type", Name{"StructElem"}}, {"S", Name{std::string(role)}}};
  element.set("P", container.value_or(*root_place.id));
  element.set("Pg", page);
  element.set("K", Dictionary{{"Type", Name{"OBJR"}}, {"Obj", annotation}, {"Pg", page}});
  if (!description.empty()) element.set("Alt", text_string(description));
  const ObjectId id = writer.add(std::move(element));
  if (container) {
    Dictionary parent = KYSO_TRY(dictionary_of(writer, *container));
    KYSO_TRY(append_kid(writer, parent, id));
    writer.set(*container, std::move(parent));
  } else {
    KYSO_TRY(append_kid(writer, root, id));
  }

  std::int64_t key = root.get("ParentTreeNextKey").as_integer().value_or(0);
  KYSO_TRY(edit_entry(writer, root, "ParentTree", Create::indirect, [&](Dictionary& tree) -> Result<> {
    key = std::max(key, KYSO_TRY(highest_key(writer, tree)) + 1);
    return append_number(writer, tree, key, id);
  }));
  root.set("ParentTreeNextKey", key + 1);
  writer.set(*root_place.id, std::move(root));
  KYSO_TRY(writer.update_entry(annotation, "StructParent", key));
  return std::optional(id);
}

Result<> redirect_structure_element(IncrementalWriter& writer, ObjectId element, ObjectId annotation) {
  const Dictionary dictionary = KYSO_TRY(dictionary_of(writer, element));
  if (dictionary.get("K").as_dictionary() == nullptr) return {};
  Dictionary reference = *dictionary.get("K").as_dictionary();
  reference.set("Obj", annotation);
  return writer.update_entry(element, "K", std::move(reference));
}

}  // namespace kyso::pdf

#pragma once
#include "pdf/document/document.h"

// Private to the module: edits of nested values that may stand directly in their owner or as objects of their own.
namespace kyso::pdf {

// The dictionary of an object as the revision will have it: pdf.object.not_dictionary {number}.
Result<Dictionary> dictionary_of(const IncrementalWriter& writer, ObjectId id);

// A value followed through references, and the last object it stands in (nullopt: direct in its owner).
struct Place {
  Object value;
  std::optional<ObjectId> id;
};
Result<Place> follow(const IncrementalWriter& writer, const Object& object);

// Appends to the array `owner[key]`, wherever it stands; a missing array is created in `owner`. `owner` is the caller's
// copy: it changes only when the array is direct.
Result<> append_item(IncrementalWriter& writer, Dictionary& owner, std::string_view key, Object item);

// Calls edit(Dictionary&) -> Result<> on the dictionary `owner[key]`, wherever it stands, and keeps what it did. A
// missing one is created, as an object of its own when `Create` says so.
enum class Create { direct, indirect };
template <typename Edit>
Result<> edit_entry(IncrementalWriter& writer, Dictionary& owner, std::string_view key, Create create, Edit&& edit) {
  const Place place = KYSO_TRY(follow(writer, owner.get(key)));
  if (!place.value.is_null() && place.value.as_dictionary() == nullptr) {
    return fail("pdf.form.broken", "/{} is no dictionary", key);
  }
  Dictionary dictionary = place.value.is_null() ? Dictionary() : *place.value.as_dictionary();
  KYSO_TRY(edit(dictionary));
  if (place.id && !place.value.is_null()) {
    writer.set(*place.id, std::move(dictionary));
  } else if (place.value.is_null() && create == Create::indirect) {
    owner.set(key, writer.add(std::move(dictionary)));
  } else {
    owner.set(key, std::move(dictionary));
  }
  return {};
}

// The same for the catalog as owner: it is written only when it changes itself.
template <typename Edit>
Result<> edit_catalog_entry(IncrementalWriter& writer, std::string_view key, Create create, Edit&& edit) {
  const auto id = writer.view().catalog_id();
  if (!id) return fail("pdf.catalog.missing");
  Dictionary catalog = KYSO_TRY(dictionary_of(writer, *id));
  KYSO_TRY(edit_entry(writer, catalog, key, create, std::forward<Edit>(edit)));
  writer.set(*id, std::move(catalog));
  return {};
}

// A form XObject that paints nothing.
ObjectId add_empty_appearance(IncrementalWriter& writer, double width, double height);

}  // namespace kyso::pdf

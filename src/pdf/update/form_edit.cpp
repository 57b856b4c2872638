#include "pdf/update/form_edit.h"

namespace kyso::pdf {

Result<Dictionary> dictionary_of(const IncrementalWriter& writer, ObjectId id) {
  const Object object = KYSO_TRY(writer.get(id));
  if (object.as_dictionary() == nullptr) return fail("pdf.object.not_dictionary").with("number", id.number);
  return *object.as_dictionary();
}

Result<Place> follow(const IncrementalWriter& writer, const Object& object) {
  constexpr int kSteps = 32;
  Place place{object, std::nullopt};
  for (int step = 0; step < kSteps; ++step) {
    const auto id = place.value.as_reference();
    if (!id) return place;
    place = {KYSO_TRY(writer.get(*id)), id};
  }
  return fail("pdf.object.loop").with("number", place.id ? place.id->number : 0);
}

Result<> append_item(IncrementalWriter& writer, Dictionary& owner, std::string_view key, Object item) {
  const Place place = KYSO_TRY(follow(writer, owner.get(key)));
  Array array = place.value.as_array() != nullptr ? *place.value.as_array() : Array();
  array.push_back(std::move(item));
  if (place.id && place.value.as_array() != nullptr) {
    writer.set(*place.id, std::move(array));
  } else {
    owner.set(key, std::move(array));
  }
  return {};
}

ObjectId add_empty_appearance(IncrementalWriter& writer, double width, double height) {
  Dictionary form{{"Type", Name{"XObject"}}, {"Subtype", Name{"Form"}}};
  form.set("BBox", to_object(Rect{0, 0, width, height}));
  form.set("Resources", Dictionary());
  return writer.add_stream(std::move(form), {});
}

}  // namespace kyso::pdf

#include <algorithm>

#include "pdf/file/object_view_state.h"
#include "pdf/file/xref_section.h"

namespace kyso::pdf {

namespace {

constexpr std::size_t kContainersKept = 64U << 20U;
constexpr std::size_t kEntryCost = 8;  // of an object stream's header, in decoded bytes
constexpr std::size_t kMaxDepth = 16;  // lengths of streams in object streams whose length is …

Error broken(std::uint32_t number, std::string_view why) {
  return fail("pdf.object.broken", "{}: {}", number, why).with("number", number);
}

// ISO 32000-2 section 7.6.2: /Contents of a signature is not encrypted.
bool is_signature(const Dictionary& dictionary) {
  const Object& type = dictionary.get("Type");
  return type.is_name("Sig") || type.is_name("DocTimeStamp") ||
         (dictionary.has("ByteRange") && dictionary.has("Contents"));
}

}  // namespace

const ObjectView::State::Known& ObjectView::State::read(std::uint32_t number, const XrefEntry& entry) {
  if (const auto found = known.find(number); found != known.end()) return found->second;
  static const Known kCircle{Error("pdf.object.loop"), {}};
  if (depth >= kMaxDepth || !in_progress.try_emplace(number, true).second) return kCircle;
  ++depth;
  Known result =
      entry.kind == XrefEntry::Kind::plain ? read_plain(number, entry) : Known{read_compressed(number, entry), {}};
  --depth;
  in_progress.erase(number);
  has_met_limit = has_met_limit || (!result.object && result.object.error().code == "pdf.limit");
  return known.insert_or_assign(number, std::move(result)).first->second;
}

std::optional<std::int64_t> ObjectView::State::length_of(ObjectId id, std::uint32_t stream) {
  length_users.emplace(id.number, stream);
  const auto value = get(id);
  return value ? value->as_integer() : std::nullopt;
}

ObjectView::State::Known ObjectView::State::read_plain(std::uint32_t number, const XrefEntry& entry) {
  const auto header = object_header_at(graph->source(), entry.offset);
  if (!header || header->id.number != number || header->id.generation != entry.generation) {
    return {broken(number, "another object or none stands at its offset"), {}};
  }
  auto object = read_file_object(graph->source(), entry.offset, graph->limits(), budget,
                                 [&](ObjectId id) { return length_of(id, number); });
  if (!object) {
    if (object.error().code == "pdf.limit") return {std::move(object).error(), {}};
    return {broken(number, object.error().detail), {}};
  }
  return {decrypted(object->object, object->id), object->extent};
}

Object ObjectView::State::decrypted(const Object& object, ObjectId id) const {
  if (!security) return object;
  if (const String* string = object.as_string()) {
    return String{security->decrypt_string(id, string->bytes), string->hexadecimal};
  }
  if (const Array* array = object.as_array()) {
    Array items;
    items.reserve(array->size());
    for (const Object& item : *array) items.push_back(decrypted(item, id));
    return items;
  }
  const Dictionary* dictionary = object.as_dictionary();
  if (dictionary == nullptr) return object;
  const Stream* stream = object.as_stream();
  if (stream != nullptr && dictionary->get("Type").is_name("XRef")) return object;
  const bool keeps_contents = stream == nullptr && is_signature(*dictionary);
  Dictionary entries_of;
  for (const auto& [key, value] : *dictionary) {
    entries_of.add(key, keeps_contents && key == "Contents" ? value : decrypted(value, id));
  }
  if (stream == nullptr) return entries_of;
  return Stream{std::make_shared<const Dictionary>(std::move(entries_of)), stream->data, stream->id};
}

Result<std::shared_ptr<ObjectView::State::Container>> ObjectView::State::container(std::uint32_t number) {
  if (const auto found = containers.find(number); found != containers.end()) return found->second;
  const XrefEntry* entry = entries.find(number);
  // ISO 32000-2 section 7.5.7: streams, and so object streams, are never inside one.
  if (entry == nullptr || entry->kind != XrefEntry::Kind::plain) return broken(number, "no object stream");
  const Object object = KYSO_TRY(read(number, *entry).object);
  const Stream* stream = object.as_stream();
  if (stream == nullptr || stream->dictionary->get("Type").is_name("XRef")) return broken(number, "no object stream");
  auto loaded = std::make_shared<Container>();
  loaded->data = KYSO_TRY(decode(*stream, std::min(graph->limits().decoded_stream, kMaxObjectStream)));
  Dictionary header{{"N", KYSO_TRY(resolve(stream->dictionary->get("N")))},
                    {"First", KYSO_TRY(resolve(stream->dictionary->get("First")))}};
  loaded->index = ObjectStreamIndex::of(header, loaded->data);
  if (loaded->index.objects.size() >= ObjectStreamIndex::kMost) {
    return fail("pdf.limit", "object stream {}", number).with("limit", "object_stream");
  }
  KYSO_TRY(spend_decoded(kEntryCost * loaded->index.objects.size()));
  loaded->budget.bytes = 4 * loaded->data.size() + (64U << 10U);
  if (containers_size + loaded->size() > kContainersKept) {
    containers.clear();
    containers_size = 0;
    has_dropped_containers = true;
  }
  containers_size += loaded->size();
  containers.emplace(number, loaded);
  return loaded;
}

Result<Object> ObjectView::State::read_compressed(std::uint32_t number, const XrefEntry& entry) {
  if (entry.container == number) return broken(number, "inside itself");
  const std::shared_ptr<Container> loaded = KYSO_TRY(container(entry.container));
  const auto& objects = loaded->index.objects;
  std::size_t position = entry.index;
  if (position >= objects.size() || objects[position].first != number) {
    if (loaded->positions.empty()) {
      containers_size -= std::min(containers_size, loaded->size());
      for (std::size_t i = 0; i < objects.size(); ++i) loaded->positions.try_emplace(objects[i].first, i);
      containers_size += loaded->size();
    }
    const auto found = loaded->positions.find(number);
    if (found == loaded->positions.end()) return broken(number, "not in its object stream");
    position = found->second;
  }
  if (objects[position].second == ObjectStreamIndex::kNowhere) return broken(number, "outside its object stream");
  Lexer lexer(loaded->data, objects[position].second);
  const std::size_t allowed = std::min(graph->limits().values, budget.values);
  std::size_t values = allowed;
  auto object = parse_object(lexer, graph->limits(), values);
  budget.values -= allowed - values;
  KYSO_TRY(loaded->budget.spend(lexer.position() - objects[position].second));
  if (!object && object.error().code != "pdf.limit") return broken(number, object.error().detail);
  return object;
}

Result<> ObjectView::State::spend_decoded(std::uint64_t count) {
  if (count > decoded_left) {
    decoded_left = 0;
    has_met_limit = true;
    return fail("pdf.limit", "all streams").with("limit", "decoded_total");
  }
  decoded_left -= count;
  return {};
}

Result<std::vector<FilterStep>> ObjectView::State::filters_of(const Dictionary& dictionary,
                                                              std::optional<std::string>& crypt_filter) {
  const Object filter = KYSO_TRY(resolve(dictionary.get("Filter")));
  const Object parameters =
      KYSO_TRY(resolve(dictionary.has("DecodeParms") ? dictionary.get("DecodeParms") : dictionary.get("DP")));
  Array names;
  if (filter.as_name() != nullptr) names.push_back(filter);
  if (const Array* array = filter.as_array()) names = *array;
  if (names.size() > graph->limits().filters)
    return fail("pdf.limit", "{} filters", names.size()).with("limit", "filters");
  std::vector<FilterStep> steps;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Object name = KYSO_TRY(resolve(names[i]));
    if (name.as_name() == nullptr) return fail("pdf.stream.broken", "filter is no name");
    Object own = parameters;
    if (const Array* all = parameters.as_array()) own = i < all->size() ? KYSO_TRY(resolve((*all)[i])) : Object();
    Dictionary values;
    if (own.as_dictionary() != nullptr) values = KYSO_TRY(resolved_values(*own.as_dictionary(), 4));
    if (name.is_name("Crypt")) {
      const std::string* crypt = values.get("Name").as_name();
      crypt_filter = crypt != nullptr ? *crypt : "Identity";
    }
    steps.push_back({*name.as_name(), FilterParameters::of(&values)});
  }
  return steps;
}

Result<Bytes> ObjectView::State::raw(const Stream& stream, const std::optional<std::string>& crypt_filter) {
  if (const auto* memory = std::get_if<std::shared_ptr<const Bytes>>(&stream.data)) {
    return *memory != nullptr ? **memory : Bytes();
  }
  const Extent extent = std::get<Extent>(stream.data);
  if (extent.offset > graph->source().size() || extent.length > graph->source().size() - extent.offset) {
    return fail("pdf.stream.broken", "outside the file");
  }
  if (extent.length > 4 * graph->limits().decoded_stream) {
    return fail("pdf.limit", "{} bytes", extent.length).with("limit", "decoded_stream");
  }
  KYSO_TRY(spend_decoded(extent.length));
  Bytes bytes(static_cast<std::size_t>(extent.length));
  (void)KYSO_TRY(graph->source().read(extent.offset, bytes));
  if (!security) return bytes;
  return security->decrypt(stream.id, std::move(bytes), security->method_of(*stream.dictionary, crypt_filter));
}

Result<Bytes> ObjectView::State::decode(const Stream& stream, std::size_t limit) {
  std::optional<std::string> crypt_filter;
  const std::vector<FilterStep> steps = KYSO_TRY(filters_of(*stream.dictionary, crypt_filter));
  for (const FilterStep& step : steps) {  // before time is spent on the others
    if (!is_supported(step.name)) return fail("pdf.filter.unsupported").with("filter", step.name);
  }
  Bytes bytes = KYSO_TRY(raw(stream, crypt_filter));
  for (const FilterStep& step : steps) {
    bytes = KYSO_TRY(decode_filter(step, bytes, std::min<std::uint64_t>(limit, decoded_left)));
    KYSO_TRY(spend_decoded(bytes.size()));
  }
  if (bytes.size() > limit) return fail("pdf.limit", "stream").with("limit", "decoded_stream");
  return bytes;
}

}  // namespace kyso::pdf

#include "pdf/file/object_view.h"

#include <algorithm>

#include "pdf/file/object_view_state.h"

namespace kyso::pdf {

namespace {

constexpr std::size_t kMergedUpTo = 512;  // entries of a section that is merged rather than searched
constexpr std::size_t kLargeSections = 12;
constexpr int kMaxSteps = 32;

}  // namespace

EntryIndex::EntryIndex(const RevisionGraph& graph, const Revision& revision) {
  for (const std::size_t index : revision.sections) {
    const XrefSection& section = graph.sections()[index];
    const auto rank = static_cast<std::ptrdiff_t>(index);
    if (section.entries.empty()) continue;
    m_highest = std::max(m_highest, section.entries.back().first);
    if (section.entries.size() > kMergedUpTo && m_large.size() < kLargeSections) {
      m_large.emplace_back(rank, &section);
      continue;
    }
    for (const auto& [number, entry] : section.entries) m_merged.try_emplace(number, Ranked{rank, entry});
  }
}

const XrefEntry* EntryIndex::find(std::uint32_t number) const {
  const auto merged = m_merged.find(number);
  for (const auto& [rank, section] : m_large) {
    if (merged != m_merged.end() && merged->second.rank < rank) break;
    const auto found =
        std::ranges::lower_bound(section->entries, number, {}, &std::pair<std::uint32_t, XrefEntry>::first);
    if (found != section->entries.end() && found->first == number) return &found->second;
  }
  return merged != m_merged.end() ? &merged->second.entry : nullptr;
}

void EntryIndex::add_newer(const XrefSection& section, std::size_t index) {
  if (section.entries.empty()) return;
  const auto rank = static_cast<std::ptrdiff_t>(index);
  m_highest = std::max(m_highest, section.entries.back().first);
  if (section.entries.size() > kMergedUpTo && m_large.size() < kLargeSections) {
    m_large.emplace(m_large.begin(), rank, &section);
    return;
  }
  for (const auto& [number, entry] : section.entries) m_merged.insert_or_assign(number, Ranked{rank, entry});
}

void EntryIndex::override_entry(std::uint32_t number, const XrefEntry& entry) {
  m_merged.insert_or_assign(number, Ranked{-1, entry});
  m_highest = std::max(m_highest, number);
}

ObjectView::ObjectView(std::shared_ptr<State> state) : m_state(std::move(state)) {}

Result<ObjectView> ObjectView::open(std::shared_ptr<const RevisionGraph> graph, std::optional<std::size_t> revision,
                                    const Secret* password) {
  if (graph == nullptr || graph->revisions().empty()) return fail("pdf.catalog.missing", "no revision");
  auto state = std::make_shared<State>();
  state->revision = std::min(revision.value_or(graph->revisions().size() - 1), graph->revisions().size() - 1);
  state->entries = EntryIndex(*graph, graph->revisions()[state->revision]);
  state->budget = WorkBudget::of(graph->source());
  state->decoded_left = std::max<std::uint64_t>(graph->limits().decoded_total, 64 * graph->source().size());
  state->graph = std::move(graph);
  state->merge_trailer();
  KYSO_TRY(state->open_encryption(password));
  state->list_unread_containers();
  ObjectView view(std::move(state));
  KYSO_TRY(view.catalog());
  return view;
}

bool ObjectView::advance(const ObjectView* sibling) {
  return m_state->advance(sibling != nullptr ? sibling->m_state.get() : nullptr);
}
bool ObjectView::has_met_limit() const {
  return m_state->has_met_limit;
}

const RevisionGraph& ObjectView::graph() const {
  return *m_state->graph;
}
std::shared_ptr<const RevisionGraph> ObjectView::shared_graph() const {
  return m_state->graph;
}
std::size_t ObjectView::revision() const {
  return m_state->revision;
}
const Dictionary& ObjectView::trailer() const {
  return m_state->trailer;
}
std::optional<ObjectId> ObjectView::catalog_id() const {
  return m_state->trailer.get("Root").as_reference();
}

std::uint32_t ObjectView::size() const {
  // Numbers below /Size may be referred to although nothing defines them: they must not come to mean a new object.
  const std::int64_t announced = m_state->trailer.get("Size").as_integer().value_or(0);
  const auto limit = static_cast<std::int64_t>(m_state->graph->limits().objects);
  const std::uint32_t used = m_state->entries.highest() + 1;
  return announced > used && announced <= limit ? static_cast<std::uint32_t>(announced) : used;
}

Result<Object> ObjectView::get(ObjectId id) const {
  return m_state->get(id);
}
Result<Object> ObjectView::resolve(const Object& object) const {
  return m_state->resolve(object);
}

Result<Object> ObjectView::resolve(const Dictionary& dictionary, std::string_view key) const {
  return m_state->resolve(dictionary.get(key));
}

Result<std::optional<Dictionary>> ObjectView::dictionary_at(const Dictionary& dictionary, std::string_view key) const {
  const Object value = KYSO_TRY(resolve(dictionary, key));
  const Dictionary* found = value.as_dictionary();
  return found != nullptr ? std::optional(*found) : std::optional<Dictionary>();
}

Result<Dictionary> ObjectView::catalog() const {
  auto root = m_state->resolve(m_state->trailer.get("Root"));
  if (!root) return fail("pdf.catalog.missing", "{}: {}", root.error().code, root.error().detail);
  const Dictionary* dictionary = root->as_dictionary();
  if (dictionary == nullptr) return fail("pdf.catalog.missing", "no dictionary");
  return *dictionary;
}

const XrefEntry* ObjectView::entry(std::uint32_t number) const {
  return m_state->entries.find(number);
}

Result<Extent> ObjectView::extent_of(ObjectId id) const {
  const XrefEntry* found = m_state->entries.find(id.number);
  if (found == nullptr || found->kind != XrefEntry::Kind::plain || found->generation != id.generation) {
    return fail("pdf.object.broken", "{} {} is no plain object", id.number, id.generation).with("number", id.number);
  }
  const State::Known& known = m_state->read(id.number, *found);
  if (!known.object) return known.object.error();
  return known.extent;
}

Result<Bytes> ObjectView::decode(const Stream& stream) const {
  return m_state->decode(stream, graph().limits().decoded_stream);
}

Result<Bytes> ObjectView::raw(const Stream& stream) const {
  std::optional<std::string> crypt_filter;
  (void)KYSO_TRY(m_state->filters_of(*stream.dictionary, crypt_filter));
  return m_state->raw(stream, crypt_filter);
}

const std::optional<EncryptionInfo>& ObjectView::encryption() const {
  return m_state->encryption;
}
const Encryptor* ObjectView::encryptor() const {
  return m_state->security.get();
}

// An update's trailer repeats these (ISO 32000-2 section 7.5.5); where a careless writer left one out, the older one
// holds.
void ObjectView::State::merge_trailer() {
  bool is_first = true;
  for (const std::size_t rank : graph->revisions()[revision].sections) {
    const Dictionary& own = graph->sections()[rank].trailer;
    if (std::exchange(is_first, false)) {
      trailer = own;
      continue;
    }
    bool is_complete = true;
    for (const std::string_view key : {"Root", "Encrypt", "ID", "Info"}) {
      if (!trailer.has(key) && own.has(key)) trailer.set(key, own.get(key));
      is_complete = is_complete && trailer.has(key);
    }
    if (is_complete) return;
  }
}

bool ObjectView::State::advance(const State* sibling) {
  const auto revisions = graph->revisions();
  if (revision + 1 >= revisions.size()) return false;
  const std::size_t begin = revisions[revision + 1].sections.front(), end = revisions[revision].sections.front();
  ++revision;
  for (std::size_t index = end; index-- > begin;) {
    const XrefSection& section = graph->sections()[index];
    entries.add_newer(section, index);
    Dictionary merged = section.trailer;
    for (const std::string_view key : {"Root", "Encrypt", "ID", "Info"}) {
      if (!merged.has(key) && trailer.has(key)) merged.set(key, trailer.get(key));
    }
    trailer = std::move(merged);
    for (const auto& [number, entry] : section.entries) forget(number);
  }
  if (sibling == nullptr || sibling->revision != revision || sibling->graph != graph) return true;
  for (std::size_t index = begin; index < end; ++index) {
    for (const auto& [number, entry] : graph->sections()[index].entries) {
      const auto read = sibling->known.find(number);
      if (read == sibling->known.end()) continue;
      // A stream whose length stands elsewhere has to be read again when that changes.
      const Dictionary* dictionary = read->second.object ? read->second.object->as_dictionary() : nullptr;
      if (dictionary != nullptr && dictionary->get("Length").as_reference()) continue;
      known.try_emplace(number, read->second);
    }
  }
  return true;
}

void ObjectView::State::forget(std::uint32_t number) {
  std::vector<std::uint32_t> pending{number};
  while (!pending.empty()) {
    number = pending.back();
    pending.pop_back();
    const bool was_known = known.erase(number) > 0;
    if (const auto found = containers.find(number); found != containers.end()) {
      for (const auto& [member, offset] : found->second->index.objects) known.erase(member);
      containers_size -= std::min(containers_size, found->second->size());
      containers.erase(found);
    } else if (was_known && has_dropped_containers) {
      std::erase_if(known, [&](const auto& item) {
        const XrefEntry* entry = entries.find(item.first);
        return entry == nullptr || entry->kind == XrefEntry::Kind::compressed;
      });
    }
    const auto [first, last] = length_users.equal_range(number);
    for (auto user = first; user != last; ++user) pending.push_back(user->second);
    length_users.erase(first, last);
  }
}

Result<> ObjectView::State::open_encryption(const Secret* password) {
  const Object& written = trailer.get("Encrypt");
  if (written.is_null()) return {};
  // Read before there is a key, so that its strings stay as they are (ISO 32000-2 section 7.6.2).
  const Object object = KYSO_TRY(resolve(written));
  if (object.is_null()) return {};
  if (object.as_dictionary() == nullptr) return fail("pdf.encrypted.unsupported", "/Encrypt").with("filter", "?");
  const Dictionary dictionary = KYSO_TRY(resolved_values(*object.as_dictionary(), 0));
  const Object id = KYSO_TRY(resolve(trailer.get("ID")));
  const String* first = nullptr;
  Object first_object;
  if (const Array* array = id.as_array(); array != nullptr && !array->empty()) {
    first_object = KYSO_TRY(resolve(array->front()));
    first = first_object.as_string();
  }
  security = KYSO_TRY(SecurityHandler::open(dictionary, first != nullptr ? first->bytes : std::string(), password));
  encryption = security->info();
  const auto reference = written.as_reference();
  std::erase_if(known, [&](const auto& item) { return !reference || item.first != reference->number; });
  containers.clear();
  containers_size = 0;
  return {};
}

Result<Dictionary> ObjectView::State::resolved_values(const Dictionary& dictionary, std::size_t level) {
  Dictionary result;
  for (const auto& [key, value] : dictionary) {
    Object resolved = KYSO_TRY(resolve(value));
    if (const Dictionary* inner = resolved.as_dictionary(); inner != nullptr && level < 4) {
      resolved = Object(KYSO_TRY(resolved_values(*inner, level + 1)));
    }
    result.set(key, std::move(resolved));
  }
  return result;
}

// A rebuilt cross-reference of an encrypted file: what its object streams hold can be listed only now.
void ObjectView::State::list_unread_containers() {
  for (const std::uint32_t number : graph->m_unread_containers) {
    const XrefEntry* own = entries.find(number);
    if (own == nullptr || own->kind != XrefEntry::Kind::plain) continue;
    const std::uint64_t offset = own->offset;
    const auto loaded = container(number);
    if (!loaded) continue;
    for (std::uint32_t i = 0; i < (*loaded)->index.objects.size(); ++i) {
      const std::uint32_t member = (*loaded)->index.objects[i].first;
      if (member == 0 || member > graph->limits().objects) continue;
      const XrefEntry* other = entries.find(member);
      if (other != nullptr && other->kind == XrefEntry::Kind::plain && other->offset > offset) continue;
      XrefEntry entry;
      entry.kind = XrefEntry::Kind::compressed;
      entry.container = number;
      entry.index = i;
      entries.override_entry(member, entry);
    }
  }
}

Result<Object> ObjectView::State::get(ObjectId id) {
  const XrefEntry* entry = entries.find(id.number);
  if (entry == nullptr || entry->kind == XrefEntry::Kind::free || id.number == 0) return Object();
  if (entry->generation != id.generation) return Object();
  return read(id.number, *entry).object;
}

Result<Object> ObjectView::State::resolve(const Object& object) {
  Object value = object;
  for (int step = 0; step < kMaxSteps; ++step) {
    const auto reference = value.as_reference();
    if (!reference) return value;
    value = KYSO_TRY(get(*reference));
  }
  const auto reference = object.as_reference();
  return fail("pdf.object.loop", "more than {} references", kMaxSteps)
      .with("number", reference ? reference->number : 0);
}

}  // namespace kyso::pdf

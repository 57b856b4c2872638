#include "pdf/update/incremental_writer.h"

#include <algorithm>
#include <optional>
#include <string>

#include "pdf/file/deflate.h"
#include "pdf/update/revision_body.h"

namespace kyso::pdf {

namespace {

constexpr int kReferenceSteps = 32;
constexpr std::uint64_t kMaxTableOffset = 9'999'999'999;  // ISO 32000-2 section 7.5.4: ten digits

int version_number(std::string_view version) {  // "1.7" -> 17
  if (version.size() < 3 || version[1] != '.') return 0;
  return (version[0] - '0') * 10 + (version[2] - '0');
}

}  // namespace

std::array<std::uint64_t, 4> SignatureSlot::byte_range() const {
  const std::uint64_t after = contents_offset + contents_length;
  return {0, contents_offset, after, file_size - after};
}

struct IncrementalWriter::State {
  struct Signature {
    ObjectId id;
    Dictionary dictionary;
    std::size_t capacity = 0;
  };

  explicit State(ObjectView v) : view(std::move(v)) {
    next_number = std::max<std::uint32_t>(view.size(), 1);
    // Numbers below an old /Size that no entry uses might have been meant for something: they are left alone.
    const auto declared = view.trailer().get("Size").as_integer().value_or(0);
    if (declared > next_number && declared <= static_cast<std::int64_t>(view.graph().limits().objects)) {
      next_number = static_cast<std::uint32_t>(declared);
    }
  }

  ObjectView view;
  std::uint32_t next_number = 1;
  std::map<ObjectId, Object> changes;
  std::optional<Signature> signature;
  bool is_full_section() const;
};

// A section that only adds to broken ones would leave the file unreadable for strict readers. Where merely startxref
// missed its section, /Prev leads there and nothing else is wrong.
bool IncrementalWriter::State::is_full_section() const {
  if (view.graph().was_rebuilt()) return true;
  return std::ranges::any_of(view.graph().notes(), [](const StructureNote& note) {
    return note.repair && !note.code.starts_with("startxref.");
  });
}

IncrementalWriter::IncrementalWriter(ObjectView view) : m_state(std::make_unique<State>(std::move(view))) {}
IncrementalWriter::~IncrementalWriter() = default;
IncrementalWriter::IncrementalWriter(IncrementalWriter&&) noexcept = default;

const ObjectView& IncrementalWriter::view() const {
  return m_state->view;
}

ObjectId IncrementalWriter::reserve() {
  return {m_state->next_number++, 0};
}

ObjectId IncrementalWriter::add(Object object) {
  const ObjectId id = reserve();
  m_state->changes.insert_or_assign(id, std::move(object));
  return id;
}

void IncrementalWriter::set(ObjectId id, Object object) {
  if (m_state->view.entry(id.number) != nullptr) {
    auto old = m_state->view.get(id);
    if (old && *old == object) {
      m_state->changes.erase(id);
      return;
    }
  }
  m_state->changes.insert_or_assign(id, std::move(object));
}

Result<Object> IncrementalWriter::get(ObjectId id) const {
  if (m_state->signature && m_state->signature->id == id) return Object(m_state->signature->dictionary);
  const auto found = m_state->changes.find(id);
  if (found != m_state->changes.end()) return found->second;
  return m_state->view.get(id);
}

Result<Object> IncrementalWriter::resolve(const Object& object) const {
  Object value = object;
  for (int step = 0; step < kReferenceSteps; ++step) {
    const auto id = value.as_reference();
    if (!id) return value;
    value = KYSO_TRY(get(*id));
  }
  const auto start = object.as_reference().value_or(ObjectId{});
  return fail("pdf.object.loop").with("number", start.number);
}

ObjectId IncrementalWriter::add_stream(Dictionary dictionary, Bytes plain_data) {
  if (!dictionary.has("Filter")) {
    Bytes smaller = deflated(plain_data);
    if (!smaller.empty() && smaller.size() + 20 < plain_data.size()) {  // 20: what "/Filter /FlateDecode" costs
      plain_data = std::move(smaller);
      dictionary.set("Filter", Name{"FlateDecode"});
    }
  }
  dictionary.set("Length", static_cast<std::int64_t>(plain_data.size()));
  return add(Stream{std::make_shared<const Dictionary>(std::move(dictionary)),
                    std::make_shared<const Bytes>(std::move(plain_data)),
                    {}});
}

Result<> IncrementalWriter::update_entry(ObjectId id, std::string_view key, Object value) {
  const Object object = KYSO_TRY(get(id));
  if (object.as_dictionary() == nullptr) {
    return fail("pdf.object.not_dictionary", "object {} has no /{}", id.number, key).with("number", id.number);
  }
  Dictionary dictionary = *object.as_dictionary();
  if (value.is_null()) {
    dictionary.erase(key);
  } else {
    dictionary.set(key, std::move(value));
  }
  if (const Stream* stream = object.as_stream()) {
    set(id, Stream{std::make_shared<const Dictionary>(std::move(dictionary)), stream->data, stream->id});
  } else {
    set(id, std::move(dictionary));
  }
  return {};
}

bool IncrementalWriter::is_empty() const {
  return m_state->changes.empty() && !m_state->signature;
}

void IncrementalWriter::set_signature(ObjectId id, Dictionary dictionary, std::size_t contents_capacity) {
  dictionary.erase("Contents");
  dictionary.erase("ByteRange");
  m_state->changes.erase(id);
  m_state->signature = State::Signature{id, std::move(dictionary), contents_capacity};
}

namespace {

// All objects as they were, for a section that stands alone. Free numbers are left out.
void add_existing(const ObjectView& view, XrefRows& rows) {
  for (std::uint32_t number = 1; number < view.size(); ++number) {
    const XrefEntry* entry = view.entry(number);
    if (entry == nullptr || entry->kind == XrefEntry::Kind::free || rows.contains(number)) continue;
    if (entry->kind == XrefEntry::Kind::plain) {
      rows[number] = {entry->kind, entry->generation, entry->offset - view.graph().header_offset()};
    } else {
      rows[number] = {entry->kind, 0, entry->container, entry->index};
    }
  }
}

// ISO 32000-2 section 14.4: the first identifier stays for good, the second tells versions apart.
Object file_identifier(const ObjectView& view, ByteView random_id) {
  const String fresh{std::string(as_chars(random_id)), true};
  auto old = view.resolve(view.trailer(), "ID");
  const Array* pair = old ? old->as_array() : nullptr;
  if (pair != nullptr && !pair->empty() && pair->front().as_string() != nullptr) {
    return Array{String{pair->front().as_string()->bytes, true}, fresh};
  }
  // The key of the older encryptions is made of ID[0]: a file that opened without one must stay without.
  if (view.encryption() && view.encryption()->revision < 5) return {};
  return Array{fresh, fresh};
}

Dictionary new_trailer(const ObjectView& view, std::uint32_t size, bool is_full, ByteView random_id) {
  const Dictionary& old = view.trailer();
  Dictionary trailer;
  trailer.set("Size", static_cast<std::int64_t>(size));
  for (const std::string_view key : {"Root", "Info", "Encrypt"}) {
    if (!old.get(key).is_null()) trailer.set(key, old.get(key));
  }
  if (Object id = file_identifier(view, random_id); !id.is_null()) trailer.set("ID", std::move(id));
  const RevisionGraph& graph = view.graph();
  if (!is_full && !graph.sections().empty()) {
    const std::uint64_t previous = graph.sections().front().extent.offset - graph.header_offset();
    trailer.set("Prev", static_cast<std::int64_t>(previous));
  }
  return trailer;
}

void fill_byte_range(Bytes& bytes, const RevisionBody::Placeholders& at, const SignatureSlot& slot) {
  const auto range = slot.byte_range();
  const std::string text = fmt::format("[{} {} {} {}", range[0], range[1], range[2], range[3]);
  std::copy(text.begin(), text.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at.byte_range));
  bytes[at.byte_range + at.byte_range_length - 1] = ']';
}

bool has_compressed(const XrefRows& rows) {
  return std::ranges::any_of(rows, [](const auto& row) { return row.second.kind == XrefEntry::Kind::compressed; });
}

bool fits_table(const XrefRows& rows) {
  return !has_compressed(rows) &&
         std::ranges::all_of(rows, [](const auto& row) { return row.second.value <= kMaxTableOffset; });
}

}  // namespace

Result<IncrementalWriter::Appendix> IncrementalWriter::finish(ByteView random_id) {
  State& state = *m_state;
  // The document MAC of ISO/TS 32004 would have to be made anew; without it a reader that checks it refuses the file.
  if (state.view.trailer().has("AuthCode")) {
    return fail("pdf.encrypted.unsupported").with("filter", "ISO/TS 32004");
  }
  const RevisionGraph& graph = state.view.graph();
  const std::uint64_t base = graph.source().size();
  const bool is_full = state.is_full_section();
  bool as_stream = !graph.sections().empty() && graph.sections().front().kind == XrefKind::stream;

  // Whether offsets fit a table is known when all is laid out; a stream may then need a newer version in the catalog.
  for (int attempt = 0;; ++attempt) {
    RevisionBody body(state.view, base);
    for (const auto& [id, object] : state.changes) KYSO_TRY(body.write(id, object));
    std::optional<RevisionBody::Placeholders> at;
    if (state.signature) {
      at = KYSO_TRY(body.write_signature(state.signature->id, state.signature->dictionary, state.signature->capacity));
    }
    if (is_full) add_existing(state.view, body.rows());
    if (!as_stream && attempt == 0 && !fits_table(body.rows())) {
      as_stream = true;
      KYSO_TRY(raise_version(15));
      continue;
    }
    std::uint32_t size = state.next_number;
    const std::uint64_t section = body.position();
    std::optional<ObjectId> stream_id;
    if (as_stream) {
      stream_id = ObjectId{size++, 0};
      body.rows()[stream_id->number] = {XrefEntry::Kind::plain, 0, body.xref_offset(section)};
    }
    if (is_full) body.rows()[0] = {XrefEntry::Kind::free, 65535, 0};
    Dictionary trailer = new_trailer(state.view, size, is_full, random_id);
    if (as_stream) {
      write_xref_stream(*stream_id, body.rows(), std::move(trailer), body.bytes());
    } else {
      write_xref_table(body.rows(), trailer, body.bytes());
    }
    append(body.bytes(), fmt::format("startxref\n{}\n%%EOF\n", body.xref_offset(section)));

    Appendix appendix;
    if (at) {
      SignatureSlot slot;
      slot.contents_offset = base + at->contents;
      slot.capacity = state.signature->capacity;
      slot.contents_length = 2 * slot.capacity + 2;
      slot.file_size = base + body.bytes().size();
      fill_byte_range(body.bytes(), *at, slot);
      appendix.slot = slot;
    }
    appendix.bytes = std::move(body.bytes());
    return appendix;
  }
}

Result<> IncrementalWriter::raise_version(int version) {
  const auto catalog_id = m_state->view.catalog_id();
  if (!catalog_id) return fail("pdf.catalog.missing");
  const Object object = KYSO_TRY(get(*catalog_id));
  if (object.as_dictionary() == nullptr) return fail("pdf.catalog.missing");
  const std::string* declared = object.as_dictionary()->get("Version").as_name();
  const int current = std::max(version_number(m_state->view.graph().header_version()),
                               declared != nullptr ? version_number(*declared) : 0);
  if (current >= version) return {};
  return update_entry(*catalog_id, "Version", Name{fmt::format("{}.{}", version / 10, version % 10)});
}

}  // namespace kyso::pdf

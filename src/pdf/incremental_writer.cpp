#include "pdf/incremental_writer.h"

#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>

#include "pdf/xref_section_writer.h"

namespace kyso::pdf {

namespace {

constexpr int kReferenceSteps = 32;
constexpr std::size_t kMaxNesting = 256;                  // deeper than any parsed object
constexpr std::uint64_t kMaxTableOffset = 9'999'999'999;  // ISO 32000-2 section 7.5.4: ten digits

Bytes deflated(ByteView plain) {
  uLongf size = compressBound(plain.size());
  Bytes out(size);
  const int level = plain.size() > (4U << 20U) ? 6 : 9;
  if (compress2(out.data(), &size, plain.data(), plain.size(), level) != Z_OK) return {};
  out.resize(size);
  return out;
}

// Streams whose data an encrypted file keeps plain (ISO 32000-2 sections 7.6.2, 7.6.5 and table 20).
bool stays_plain(const Dictionary& dictionary, const EncryptionInfo& encryption) {
  if (dictionary.get("Type").is_name("XRef")) return true;
  if (dictionary.get("Type").is_name("Metadata") && !encryption.encrypts_metadata) return true;
  const auto is_crypt = [](const Object& filter) { return filter.is_name("Crypt"); };
  const Object& filter = dictionary.get("Filter");
  return is_crypt(filter) ||
         (filter.as_array() != nullptr && !filter.as_array()->empty() && is_crypt(filter.as_array()->front()));
}

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

// The shortest digits that give the same number again, without exponent (ISO 32000-2 section 7.3.3).
void write_real(double value, std::string& out) {
  char digits[400];  // the largest double has 309
  if (!std::isfinite(value)) value = 0;
  const auto end = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed);
  out.append(digits, end.ec == std::errc() ? end.ptr : digits);
}

// RevisionBody: the objects of one revision as bytes, and where each begins.
class RevisionBody {
 public:
  RevisionBody(const ObjectView& view, std::uint64_t base) : m_view(view), m_base(base) {
    // A comment-like tail without end of line must not swallow the first object.
    const ByteView last = m_base == 0 ? ByteView{} : view.graph().source().view(m_base - 1, 1);
    if (!last.empty() && last[0] != '\n' && last[0] != '\r') m_bytes.push_back('\n');
  }

  std::uint64_t position() const { return m_base + m_bytes.size(); }
  std::uint64_t xref_offset(std::uint64_t absolute) const { return absolute - m_view.graph().header_offset(); }
  Bytes& bytes() { return m_bytes; }
  XrefRows& rows() { return m_rows; }

  Result<> write(ObjectId id, const Object& object) {
    begin(id);
    if (const Stream* stream = object.as_stream()) {
      KYSO_TRY(write_stream(id, *stream));
    } else {
      std::string text;
      KYSO_TRY(write_value(object, id, 0, text));
      append(m_bytes, text);
    }
    append(m_bytes, "\nendobj\n");
    return {};
  }

  // The dictionary with /ByteRange and /Contents as the last entries; returns where their values stand in bytes().
  struct Placeholders {
    std::size_t byte_range = 0, byte_range_length = 0, contents = 0;
  };
  Result<Placeholders> write_signature(ObjectId id, const Dictionary& dictionary, std::size_t capacity) {
    begin(id);
    std::string text;
    KYSO_TRY(write_value(Object(dictionary), id, 0, text));
    text.resize(text.rfind(">>"));
    append(m_bytes, text);
    Placeholders at;
    append(m_bytes, "\n/ByteRange ");
    at.byte_range = m_bytes.size();
    // Room for three numbers below ten times the file's size, and three blanks, in brackets.
    const std::size_t digits = std::max<std::size_t>(10, std::to_string(position() + capacity).size() + 1);
    at.byte_range_length = 3 + 3 * (digits + 1);
    m_bytes.resize(m_bytes.size() + at.byte_range_length, ' ');
    append(m_bytes, "\n/Contents <");
    at.contents = m_bytes.size() - 1;
    m_bytes.resize(m_bytes.size() + 2 * capacity, '0');
    append(m_bytes, ">\n>>\nendobj\n");
    return at;
  }

 private:
  void begin(ObjectId id) {
    m_rows[id.number] = {XrefEntry::Kind::plain, id.generation, xref_offset(position())};
    append(m_bytes, fmt::format("{} {} obj\n", id.number, id.generation));
  }

  // Strings are encrypted one by one (ISO 32000-2 section 7.6.2). Numbers keep every digit: most values are carried
  // over from the file, and a page box that is rounded is a changed box to validators.
  Result<> write_value(const Object& object, ObjectId id, std::size_t depth, std::string& out) const {
    if (depth > kMaxNesting) return fail("pdf.limit").with("limit", "nesting");
    const String* string = object.as_string();
    if (string != nullptr && m_view.encryptor() != nullptr) {
      const Bytes cipher = m_view.encryptor()->encrypt_string(id, as_bytes(string->bytes));
      serialize(Object(String{std::string(as_chars(cipher)), true}), out);
    } else if (const Array* array = object.as_array()) {
      out += '[';
      for (const Object& item : *array) {
        if (&item != &array->front()) out += ' ';
        KYSO_TRY(write_value(item, id, depth + 1, out));
      }
      out += ']';
    } else if (const Dictionary* dictionary = object.as_dictionary()) {
      out += "<<";
      for (const auto& [key, value] : *dictionary) {
        out += ' ';
        serialize(Object(Name{key}), out);
        out += ' ';
        KYSO_TRY(write_value(value, id, depth + 1, out));
      }
      out += " >>";
    } else if (const auto real = object.as_number(); real && !object.as_integer()) {
      write_real(*real, out);
    } else {
      serialize(object, out);
    }
    return {};
  }

  Result<Bytes> stream_bytes(ObjectId id, const Stream& stream) const {
    if (const Extent* extent = std::get_if<Extent>(&stream.data); extent != nullptr && stream.id == id) {
      Bytes raw(extent->length);  // as it is: encrypted for this very object, or plain
      const std::size_t got = KYSO_TRY(m_view.graph().source().read(extent->offset, raw));
      if (got != raw.size()) return fail("pdf.file.changed");
      return raw;
    }
    Bytes plain = KYSO_TRY(m_view.raw(stream));
    if (m_view.encryptor() == nullptr || stays_plain(*stream.dictionary, *m_view.encryption())) return plain;
    return m_view.encryptor()->encrypt_stream(id, plain);
  }

  Result<> write_stream(ObjectId id, const Stream& stream) {
    const Bytes data = KYSO_TRY(stream_bytes(id, stream));
    Dictionary dictionary = *stream.dictionary;
    dictionary.set("Length", static_cast<std::int64_t>(data.size()));
    std::string text;
    KYSO_TRY(write_value(Object(std::move(dictionary)), id, 0, text));
    append(m_bytes, text);
    append(m_bytes, "\nstream\n");
    append(m_bytes, data);
    append(m_bytes, "\nendstream");
    return {};
  }

  const ObjectView& m_view;
  std::uint64_t m_base;
  Bytes m_bytes;
  XrefRows m_rows;
};

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

namespace {

constexpr std::size_t kPiece = 256U << 10U;

// Copies the source to the output, and through the digest when there is one: one reading pass, one buffer.
Result<> copy_source(const Source& source, crypto::Digester* digester, OutputFile& out) {
  Bytes buffer(kPiece);
  for (std::uint64_t offset = 0; offset < source.size();) {
    const std::size_t want = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, source.size() - offset));
    const std::size_t got = KYSO_TRY(source.read(offset, std::span(buffer).first(want)));
    if (got == 0) return fail("pdf.file.changed");
    const ByteView piece = ByteView(buffer).first(got);
    if (digester != nullptr) digester->update(piece);
    KYSO_TRY(out.write(piece));
    offset += got;
  }
  if (digester == nullptr) return {};
  // An empty extent digests nothing, but says whether the file is still the one that was parsed.
  return source.digest_into(*digester, {source.size(), 0});
}

}  // namespace

Result<Bytes> write_signed_revision(const Source& source, const IncrementalWriter::Appendix& appendix,
                                    crypto::DigestAlgorithm algorithm, OutputFile& out) {
  if (!appendix.slot) return fail("base.internal", "no signature in this revision");
  crypto::Digester digester(algorithm);
  KYSO_TRY(copy_source(source, &digester, out));
  const auto range = appendix.slot->byte_range();
  const ByteView bytes = appendix.bytes;
  digester.update(bytes.first(range[1] - source.size()));
  digester.update(bytes.subspan(range[2] - source.size()));
  KYSO_TRY(out.write(bytes));
  return digester.finish();
}

Result<> write_revision(const Source& source, const IncrementalWriter::Appendix& appendix, OutputFile& out) {
  if (source.descriptor() >= 0) {
    KYSO_TRY(out.append_from(source.descriptor(), 0, source.size()));
  } else {
    KYSO_TRY(copy_source(source, nullptr, out));
  }
  return out.write(appendix.bytes);
}

}  // namespace kyso::pdf

#include "pdf/update/revision_body.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace kyso::pdf {

namespace {

constexpr std::size_t kMaxNesting = 256;  // deeper than any parsed object

// Streams whose data an encrypted file keeps plain (ISO 32000-2 sections 7.6.2, 7.6.5 and table 20).
bool stays_plain(const Dictionary& dictionary, const EncryptionInfo& encryption) {
  if (dictionary.get("Type").is_name("XRef")) return true;
  if (dictionary.get("Type").is_name("Metadata") && !encryption.encrypts_metadata) return true;
  const auto is_crypt = [](const Object& filter) { return filter.is_name("Crypt"); };
  const Object& filter = dictionary.get("Filter");
  return is_crypt(filter) ||
         (filter.as_array() != nullptr && !filter.as_array()->empty() && is_crypt(filter.as_array()->front()));
}

// The shortest digits that give the same number again, without exponent (ISO 32000-2 section 7.3.3).
void write_real(double value, std::string& out) {
  char digits[400];  // the largest double has 309
  if (!std::isfinite(value)) value = 0;
  const auto end = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed);
  out.append(digits, end.ec == std::errc() ? end.ptr : digits);
}

}  // namespace

RevisionBody::RevisionBody(const ObjectView& view, std::uint64_t base) : m_view(view), m_base(base) {
  // A comment-like tail without end of line must not swallow the first object.
  const ByteView last = m_base == 0 ? ByteView{} : view.graph().source().view(m_base - 1, 1);
  if (!last.empty() && last[0] != '\n' && last[0] != '\r') m_bytes.push_back('\n');
}

Result<> RevisionBody::write(ObjectId id, const Object& object) {
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

Result<RevisionBody::Placeholders> RevisionBody::write_signature(ObjectId id, const Dictionary& dictionary,
                                                                 std::size_t capacity) {
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

void RevisionBody::begin(ObjectId id) {
  m_rows[id.number] = {XrefEntry::Kind::plain, id.generation, xref_offset(position())};
  append(m_bytes, fmt::format("{} {} obj\n", id.number, id.generation));
}

// Strings are encrypted one by one (ISO 32000-2 section 7.6.2). Numbers keep every digit: most values are carried
// over from the file, and a page box that is rounded is a changed box to validators.
Result<> RevisionBody::write_value(const Object& object, ObjectId id, std::size_t depth, std::string& out) const {
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

Result<Bytes> RevisionBody::stream_bytes(ObjectId id, const Stream& stream) const {
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

Result<> RevisionBody::write_stream(ObjectId id, const Stream& stream) {
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

}  // namespace kyso::pdf

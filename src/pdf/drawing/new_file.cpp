#include "pdf/drawing/new_file.h"

#include <fmt/format.h>

#include "crypto/algorithm.h"
#include "pdf/file/deflate.h"
#include "pdf/update/xref_section_writer.h"

namespace kyso::pdf {
namespace {

constexpr std::size_t kObjectsPerStream = 200;  // a reader unpacks a whole stream for one object

// Codes the data where that is smaller; the dictionary says how.
Bytes coded(Dictionary& dictionary, Bytes plain) {
  if (!dictionary.has("Filter")) {
    Bytes smaller = deflated(plain);
    if (!smaller.empty() && smaller.size() + 20 < plain.size()) {
      plain = std::move(smaller);
      dictionary.set("Filter", Name{"FlateDecode"});
    }
  }
  dictionary.set("Length", static_cast<std::int64_t>(plain.size()));
  return plain;
}

void append_stream(Bytes& out, std::uint32_t number, std::string_view dictionary, ByteView data) {
  append(out, fmt::format("{} 0 obj\n", number));
  append(out, dictionary);
  append(out, "\nstream\n");
  append(out, data);
  append(out, "\nendstream\nendobj\n");
}

}  // namespace

ObjectId NewFile::reserve() {
  m_slots.emplace_back();
  return {static_cast<std::uint32_t>(m_slots.size()), 0};
}

ObjectId NewFile::add(Object object) {
  const ObjectId id = reserve();
  set(id, std::move(object));
  return id;
}

void NewFile::set(ObjectId id, Object object) {
  set_syntax(id, serialize(object));
}

void NewFile::set_syntax(ObjectId id, std::string syntax) {
  slot(id).syntax = std::move(syntax);
}

ObjectId NewFile::add_stream(Dictionary dictionary, Bytes plain_data) {
  const ObjectId id = reserve();
  Bytes data = coded(dictionary, std::move(plain_data));
  slot(id) = {serialize(Object(std::move(dictionary))), std::move(data), true};
  return id;
}

Bytes NewFile::finish(ObjectId catalog, ObjectId information) {
  Bytes out = to_bytes("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n");
  XrefRows rows;
  rows[0] = {XrefEntry::Kind::free, 65535, 0};
  auto next = static_cast<std::uint32_t>(m_slots.size() + 1);  // object streams come behind what they hold
  std::string index, objects;
  std::vector<std::uint32_t> held;
  const auto flush = [&] {
    if (held.empty()) return;
    Dictionary dictionary{{"Type", Name{"ObjStm"}},
                          {"N", static_cast<std::int64_t>(held.size())},
                          {"First", static_cast<std::int64_t>(index.size())}};
    const Bytes data = coded(dictionary, to_bytes(index + objects));
    for (std::uint32_t i = 0; i < held.size(); ++i) rows[held[i]] = {XrefEntry::Kind::compressed, 0, next, i};
    rows[next] = {XrefEntry::Kind::plain, 0, out.size()};
    append_stream(out, next++, serialize(Object(std::move(dictionary))), data);
    index.clear();
    objects.clear();
    held.clear();
  };
  for (std::uint32_t number = 1; number <= m_slots.size(); ++number) {
    const Slot& slot = m_slots[number - 1];
    if (slot.is_stream) {
      rows[number] = {XrefEntry::Kind::plain, 0, out.size()};
      append_stream(out, number, slot.syntax, slot.stream);
      continue;
    }
    index += fmt::format("{} {} ", number, objects.size());
    objects += slot.syntax.empty() ? "null" : slot.syntax;
    objects += '\n';
    held.push_back(number);
    if (held.size() == kObjectsPerStream) flush();
  }
  flush();
  const std::size_t section = out.size();
  rows[next] = {XrefEntry::Kind::plain, 0, section};
  const Bytes digest = crypto::digest(crypto::DigestAlgorithm::sha256, out);
  const String id{std::string(as_chars(ByteView(digest).first(16))), true};
  const Dictionary trailer{
      {"Size", static_cast<std::int64_t>(next) + 1}, {"Root", catalog}, {"Info", information}, {"ID", Array{id, id}}};
  write_xref_stream({next, 0}, rows, trailer, out);
  append(out, fmt::format("startxref\n{}\n%%EOF\n", section));
  return out;
}

}  // namespace kyso::pdf

#include "sheet/zip_archive.h"

#include <zip.h>

#include <algorithm>
#include <array>
#include <map>

#include "sheet/sheet_error.h"

namespace kyso::sheet {
namespace {

struct Discard {
  void operator()(zip_t* archive) const { ::zip_discard(archive); }
};
using Handle = std::unique_ptr<zip_t, Discard>;

Result<Handle> open_handle(ByteView file) {
  zip_error_t error;
  ::zip_error_init(&error);
  zip_source_t* source = ::zip_source_buffer_create(file.data(), file.size(), 0, &error);
  zip_t* archive = source == nullptr ? nullptr : ::zip_open_from_source(source, ZIP_RDONLY, &error);
  if (archive == nullptr && source != nullptr) ::zip_source_free(source);
  const int code = ::zip_error_code_zip(&error);
  ::zip_error_fini(&error);
  if (archive == nullptr) return malformed(fmt::format("ZIP error {}", code));
  return Handle(archive);
}

}  // namespace

struct ZipArchive::State {
  Handle handle;
  ZipLimits limits;
  std::vector<ZipEntry> entries;
  std::map<std::string, std::size_t> places;      // by folded name
  std::map<std::uint64_t, std::uint64_t> counts;  // unpacked of each entry, however often it is read
  std::uint64_t total = 0;

  void count(std::uint64_t index, std::uint64_t bytes) {
    std::uint64_t& known = counts[index];
    if (bytes > known) total += bytes - known;
    known = std::max(known, bytes);
  }
};

void ZipArchive::Stream::Close::operator()(zip_file* file) const {
  ::zip_fclose(file);
}

Result<ZipArchive> ZipArchive::open(ByteView file, const ZipLimits& limits) {
  auto state = std::make_shared<State>();
  state->limits = limits;
  state->entries = KYSO_TRY(read_zip_directory(file, limits.max_entries));
  state->handle = KYSO_TRY(open_handle(file));
  for (std::size_t i = 0; i < state->entries.size(); ++i) state->places[fold_part_name(state->entries[i].name)] = i;
  return ZipArchive(std::move(state));
}

const std::vector<ZipEntry>& ZipArchive::entries() const {
  return m_state->entries;
}

const ZipEntry* ZipArchive::find(std::string_view name) const {
  const auto found = m_state->places.find(fold_part_name(name));
  return found == m_state->places.end() ? nullptr : &m_state->entries[found->second];
}

Result<ZipArchive::Stream> ZipArchive::stream(const ZipEntry& entry) {
  if (entry.is_encrypted) return fail("sheet.encrypted", "ZIP entry {}", entry.name);
  if (entry.method != ZIP_CM_STORE && entry.method != ZIP_CM_DEFLATE)
    return malformed(fmt::format("{}: compression method {}", entry.name, entry.method));
  zip_stat_t seen;
  ::zip_stat_init(&seen);
  // The library must mean the same entry as the checked directory.
  if (::zip_stat_index(m_state->handle.get(), entry.index, ZIP_FL_ENC_RAW, &seen) != 0 || seen.name == nullptr ||
      seen.name != entry.name || seen.size != entry.unpacked || seen.comp_size != entry.packed)
    return malformed("ZIP directory ambiguous: " + entry.name);
  Stream stream;
  stream.m_file.reset(::zip_fopen_index(m_state->handle.get(), entry.index, 0));
  if (stream.m_file == nullptr)
    return malformed(
        fmt::format("{}: ZIP error {}", entry.name, ::zip_error_code_zip(::zip_get_error(m_state->handle.get()))));
  stream.m_state = m_state.get();
  stream.m_entry = &entry;
  return stream;
}

Result<std::size_t> ZipArchive::Stream::read(std::span<std::uint8_t> buffer) {
  const zip_int64_t got = ::zip_fread(m_file.get(), buffer.data(), buffer.size());
  if (got < 0)
    return malformed(fmt::format("{}: ZIP error {}", name(), ::zip_error_code_zip(::zip_file_get_error(m_file.get()))));
  m_count += static_cast<std::uint64_t>(got);
  if (m_count > m_entry->unpacked || (got == 0 && m_count != m_entry->unpacked && !buffer.empty()))
    return malformed(name() + ": not of the size that the ZIP directory says");
  m_state->count(m_entry->index, m_count);
  if (m_state->total > m_state->limits.max_unpacked) return too_large(m_state->limits.max_unpacked);
  if (m_count > kRatioFrom && m_count / m_state->limits.max_ratio > m_entry->packed)
    return fail("sheet.bomb", "{} unpacks to more than {} times its size", name(), m_state->limits.max_ratio);
  return static_cast<std::size_t>(got);
}

Result<Bytes> ZipArchive::read(const ZipEntry& entry) {
  Stream part = KYSO_TRY(stream(entry));
  Bytes content;
  std::array<std::uint8_t, 1U << 16U> buffer;
  for (;;) {
    const std::size_t got = KYSO_TRY(part.read(buffer));
    if (got == 0) return content;
    append(content, ByteView(buffer).first(got));
  }
}

}  // namespace kyso::sheet

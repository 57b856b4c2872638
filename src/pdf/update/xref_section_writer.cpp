#include "pdf/update/xref_section_writer.h"

#include <zlib.h>

#include <algorithm>

namespace kyso::pdf {

namespace {

// Runs of consecutive object numbers: first and count.
std::vector<std::pair<std::uint32_t, std::uint32_t>> subsections(const XrefRows& rows) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> runs;
  for (const auto& [number, row] : rows) {
    if (!runs.empty() && runs.back().first + runs.back().second == number) {
      ++runs.back().second;
    } else {
      runs.emplace_back(number, 1);
    }
  }
  return runs;
}

std::size_t bytes_for(std::uint64_t value) {
  std::size_t count = 1;
  while (value > 0xFF) {
    value >>= 8U;
    ++count;
  }
  return count;
}

void append_big_endian(Bytes& out, std::uint64_t value, std::size_t width) {
  for (std::size_t i = width; i-- > 0;) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

std::uint64_t last_field(const XrefRow& row) {
  return row.kind == XrefEntry::Kind::compressed ? row.index : row.generation;
}

}  // namespace

void write_xref_table(const XrefRows& rows, const Dictionary& trailer, Bytes& out) {
  append(out, rows.empty() ? "xref\n0 0\n" : "xref\n");
  auto row = rows.begin();
  for (const auto& [first, count] : subsections(rows)) {
    append(out, fmt::format("{} {}\n", first, count));
    for (std::uint32_t i = 0; i < count; ++i, ++row) {
      const bool in_use = row->second.kind != XrefEntry::Kind::free;
      append(out, fmt::format("{:010} {:05} {} \n", row->second.value, row->second.generation, in_use ? 'n' : 'f'));
    }
  }
  append(out, "trailer\n");
  append(out, serialize(Object(trailer)));
  append(out, "\n");
}

void write_xref_stream(ObjectId id, const XrefRows& rows, Dictionary trailer, Bytes& out) {
  std::uint64_t largest = 0, last = 0;
  for (const auto& [number, row] : rows) {
    largest = std::max(largest, row.value);
    last = std::max(last, last_field(row));
  }
  const std::size_t width = bytes_for(largest), last_width = bytes_for(last);
  Bytes data;
  for (const auto& [number, row] : rows) {
    data.push_back(row.kind == XrefEntry::Kind::free ? 0 : row.kind == XrefEntry::Kind::plain ? 1 : 2);
    append_big_endian(data, row.value, width);
    append_big_endian(data, last_field(row), last_width);
  }
  Array index;
  for (const auto& [first, count] : subsections(rows)) {
    index.emplace_back(static_cast<std::int64_t>(first));
    index.emplace_back(static_cast<std::int64_t>(count));
  }
  trailer.set("Type", Name{"XRef"});
  trailer.set("W", Array{1, static_cast<std::int64_t>(width), static_cast<std::int64_t>(last_width)});
  trailer.set("Index", std::move(index));

  uLongf size = compressBound(data.size());
  Bytes packed(size);
  if (compress2(packed.data(), &size, data.data(), data.size(), 9) == Z_OK && size + 20 < data.size()) {
    packed.resize(size);
    data = std::move(packed);
    trailer.set("Filter", Name{"FlateDecode"});
  }
  trailer.set("Length", static_cast<std::int64_t>(data.size()));
  append(out, fmt::format("{} {} obj\n", id.number, id.generation));
  append(out, serialize(Object(std::move(trailer))));
  append(out, "\nstream\n");
  append(out, data);
  append(out, "\nendstream\nendobj\n");
}

}  // namespace kyso::pdf

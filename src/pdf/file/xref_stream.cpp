#include <algorithm>
#include <array>

#include "pdf/file/filters.h"
#include "pdf/file/xref_section.h"

namespace kyso::pdf {

namespace {

Error broken(std::uint64_t offset, std::string_view why) {
  return fail("pdf.xref.broken", "{} at {}", why, offset).with("offset", offset);
}

// Filters of a cross-reference stream: everything is direct (ISO 32000-2 section 7.5.8.2).
std::vector<FilterStep> direct_filters(const Dictionary& dictionary) {
  const Object& filter = dictionary.get("Filter");
  const Object& parameters = dictionary.get("DecodeParms");
  if (const std::string* name = filter.as_name()) {
    const Array* array = parameters.as_array();
    const Object& of_first = array != nullptr && !array->empty() ? array->front() : parameters;
    return {{*name, FilterParameters::of(of_first.as_dictionary())}};
  }
  std::vector<FilterStep> steps;
  if (const Array* names = filter.as_array()) {
    const Array* all = parameters.as_array();
    for (std::size_t i = 0; i < names->size(); ++i) {
      const std::string* name = (*names)[i].as_name();
      const Dictionary* own = all != nullptr && i < all->size() ? (*all)[i].as_dictionary() : nullptr;
      if (all == nullptr && names->size() == 1) own = parameters.as_dictionary();
      steps.push_back({name != nullptr ? *name : std::string(), FilterParameters::of(own)});
    }
  }
  return steps;
}

struct Layout {
  std::array<std::size_t, 3> widths{};
  std::size_t row = 0;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> runs;  // first number, count
  std::uint64_t announced = 0;
};

Result<Layout> layout_of(const Dictionary& dictionary, std::uint64_t offset) {
  Layout layout;
  const Array* widths = dictionary.get("W").as_array();
  if (widths == nullptr || widths->size() < 3) return broken(offset, "/W missing");
  for (std::size_t i = 0; i < 3; ++i) {
    const std::int64_t width = (*widths)[i].as_integer().value_or(-1);
    if (width < 0 || width > 8) return broken(offset, "/W out of range");
    layout.widths[i] = static_cast<std::size_t>(width);
    layout.row += layout.widths[i];
  }
  if (layout.row == 0) return broken(offset, "/W is zero");
  Array index{Object(0), dictionary.get("Size")};
  if (const Array* given = dictionary.get("Index").as_array()) index = *given;
  for (std::size_t i = 0; i + 1 < index.size(); i += 2) {
    const std::int64_t first = index[i].as_integer().value_or(-1), count = index[i + 1].as_integer().value_or(-1);
    if (first < 0 || count < 0 || first > UINT32_MAX || count > UINT32_MAX) return broken(offset, "/Index or /Size");
    layout.runs.emplace_back(first, count);
    layout.announced += static_cast<std::uint64_t>(count);
  }
  return layout;
}

std::uint64_t big_endian(ByteView bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = (value << 8U) | byte;
  return value;
}

XrefEntry entry_of(ByteView row, const Layout& layout, std::uint64_t base) {
  const auto& [w0, w1, w2] = layout.widths;
  const std::uint64_t type = w0 == 0 ? 1 : big_endian(row.first(w0));
  const std::uint64_t second = big_endian(row.subspan(w0, w1)), third = big_endian(row.subspan(w0 + w1, w2));
  XrefEntry entry;  // ISO 32000-2 table 18: an unknown type is a reference to the null object, like a free one
  if (type == 1 && second != 0 && second <= static_cast<std::uint64_t>(INT64_MAX) && third <= UINT16_MAX) {
    entry.kind = XrefEntry::Kind::plain;
    entry.offset = base + second;
    entry.generation = static_cast<std::uint16_t>(third);
  } else if (type == 2 && second <= UINT32_MAX && third <= UINT32_MAX) {
    entry.kind = XrefEntry::Kind::compressed;
    entry.container = static_cast<std::uint32_t>(second);
    entry.index = static_cast<std::uint32_t>(third);
  } else {
    entry.generation = static_cast<std::uint16_t>(std::min<std::uint64_t>(third, UINT16_MAX));
  }
  return entry;
}

Result<> read_rows(XrefContext& context, const Bytes& data, const Layout& layout, XrefSection& section) {
  std::size_t position = 0;
  const auto add_note = [&](std::string code) {
    context.notes.push_back({std::move(code), section.extent.offset, {}, false});
  };
  section.entries.reserve(std::min<std::size_t>(data.size() / layout.row, context.entries_left));
  for (const auto& [first, count] : layout.runs) {
    for (std::uint64_t i = 0; i < count; ++i, position += layout.row) {
      if (position + layout.row > data.size()) {
        add_note("xref.stream.short");
        return {};
      }
      if (first + i > context.limits.objects) {
        add_note("xref.number_range");
        return {};
      }
      if (context.entries_left == 0) return fail("pdf.limit", "entries").with("limit", "xref_entries");
      --context.entries_left;
      section.entries.emplace_back(static_cast<std::uint32_t>(first + i),
                                   entry_of(ByteView(data).subspan(position, layout.row), layout, context.base));
    }
  }
  return {};
}

}  // namespace

Result<XrefSection> read_xref_stream(XrefContext& context, std::uint64_t offset) {
  auto read = read_file_object(context.source, offset, context.limits, context.budget);
  if (!read && read.error().code == "pdf.limit") return std::move(read).error();
  const Stream* stream = read ? read->object.as_stream() : nullptr;
  if (stream == nullptr || !stream->dictionary->get("Type").is_name("XRef")) return broken(offset, "no XRef stream");
  const Dictionary& dictionary = *stream->dictionary;
  const Layout layout = KYSO_TRY(layout_of(dictionary, offset));
  const std::vector<FilterStep> steps = direct_filters(dictionary);
  if (steps.size() > context.limits.filters) return fail("pdf.limit", "filters at {}", offset).with("limit", "filters");

  const Extent extent = std::get<Extent>(stream->data);
  KYSO_TRY(context.budget.spend(extent.length));
  // Room for the announced entries and the predictor's byte in each row, for a little too many, and not for a bomb.
  const std::uint64_t entries = std::min<std::uint64_t>(layout.announced + 1024, context.entries_left + 1024);
  const auto limit =
      static_cast<std::size_t>(std::min<std::uint64_t>(entries * (layout.row + 1), context.limits.decoded_stream));
  auto data = decode_filters(steps, context.source.view(extent.offset, extent.length), limit);
  if (!data && data.error().code == "pdf.limit") return std::move(data).error();
  if (!data) return broken(offset, "data");
  XrefSection section;
  section.kind = XrefKind::stream;
  section.extent = read->extent;
  section.trailer = dictionary;
  KYSO_TRY(read_rows(context, *data, layout, section));
  return section;
}

Result<Bytes> decode_direct(const Source& source, const Stream& stream, const Limits& limits, WorkBudget& budget) {
  const std::vector<FilterStep> steps = direct_filters(*stream.dictionary);
  if (steps.size() > limits.filters) return fail("pdf.limit", "filters").with("limit", "filters");
  const Extent extent = std::get<Extent>(stream.data);
  KYSO_TRY(budget.spend(extent.length));
  auto data = decode_filters(steps, source.view(extent.offset, extent.length),
                             std::min(limits.decoded_stream, kMaxObjectStream));
  if (data) KYSO_TRY(budget.spend(data->size() / 8));  // a bomb costs, an honest file stays far below
  return data;
}

}  // namespace kyso::pdf

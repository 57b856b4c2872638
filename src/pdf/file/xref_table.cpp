#include <algorithm>

#include "pdf/file/xref_section.h"

namespace kyso::pdf {

namespace {

using Entries = std::vector<std::pair<std::uint32_t, XrefEntry>>;

Error broken(std::uint64_t offset, std::string_view why) {
  return fail("pdf.xref.broken", "{} at {}", why, offset).with("offset", offset);
}

bool is_white(std::uint8_t c) {
  return c == ' ' || c == '\r' || c == '\n' || c == '\t' || c == 0 || c == '\f';
}

// "nnnnnnnnnn ggggg n" and two bytes of white space (ISO 32000-2 section 7.5.4).
bool parse_strict(ByteView line, std::uint64_t& offset, std::uint32_t& generation, char& type) {
  if (line[10] != ' ' || line[16] != ' ' || !is_white(line[18]) || !is_white(line[19])) return false;
  if (line[17] != 'n' && line[17] != 'f') return false;
  offset = 0;
  generation = 0;
  for (std::size_t i = 0; i < 10; ++i) {
    if (line[i] < '0' || line[i] > '9') return false;
    offset = offset * 10 + (line[i] - '0');
  }
  for (std::size_t i = 11; i < 16; ++i) {
    if (line[i] < '0' || line[i] > '9') return false;
    generation = generation * 10 + (line[i] - '0');
  }
  type = static_cast<char>(line[17]);
  return true;
}

class TableReader {
 public:
  TableReader(XrefContext& context, std::uint64_t offset) : m_context(context), m_start(offset), m_position(offset) {}

  Result<XrefSection> read() {
    m_position += 4;  // "xref"
    for (;;) {
      Lexer lexer(m_context.source.view(m_position, 4096));
      const Token first = lexer.next();
      if (first.kind == Token::Kind::keyword && first.text == "trailer") {
        m_position += first.end;
        break;
      }
      const Token count = lexer.next();
      if (first.kind != Token::Kind::integer || count.kind != Token::Kind::integer || first.integer < 0 ||
          count.integer < 0 || first.integer > UINT32_MAX) {
        return broken(m_position + first.offset, "no subsection");
      }
      lexer.skip_white_space();
      m_position += lexer.position();
      KYSO_TRY(subsection(static_cast<std::uint64_t>(first.integer), static_cast<std::uint64_t>(count.integer)));
    }
    XrefSection section;
    section.trailer = KYSO_TRY(trailer());
    section.extent = {m_start, m_position - m_start};
    section.entries = std::move(m_entries);
    return section;
  }

 private:
  Result<> subsection(std::uint64_t number, std::uint64_t count) {
    const std::size_t begin = m_entries.size();
    if (count > 0 && number + (count - 1) > m_context.limits.objects) note_range();
    std::uint64_t done = 0;
    for (bool is_strict = true; done < count && is_strict;) {
      const ByteView lines = m_context.source.view(m_position, std::min<std::uint64_t>(count - done, 512) * 20);
      std::size_t used = 0;
      for (; used + 20 <= lines.size(); used += 20, ++done) {
        std::uint64_t offset = 0;
        std::uint32_t generation = 0;
        char type = 0;
        is_strict = parse_strict(lines.subspan(used, 20), offset, generation, type);
        if (!is_strict) break;
        KYSO_TRY(add(number + done, offset, generation, type));
      }
      is_strict = is_strict && used > 0;
      m_position += used;
      KYSO_TRY(m_context.budget.spend(used));
    }
    if (done < count) KYSO_TRY(loose(number, done, count));
    return mend_first(begin, number);
  }

  // Entries of any width, token by token.
  Result<> loose(std::uint64_t number, std::uint64_t done, std::uint64_t count) {
    const std::uint64_t where = m_position;
    std::size_t used = 0;
    while (done < count) {
      const ByteView bytes = m_context.source.view(m_position, 8192);
      Lexer lexer(bytes);
      for (used = 0; done < count && (used + 128 < bytes.size() || bytes.size() < 8192); ++done) {
        const Token offset = lexer.next(), generation = lexer.next(), type = lexer.next();
        if (offset.kind == Token::Kind::keyword && offset.text == "trailer") {
          m_position += used;
          return note("xref.table.count", where);
        }
        const bool is_entry = offset.kind == Token::Kind::integer && generation.kind == Token::Kind::integer &&
                              generation.integer >= 0 && type.kind == Token::Kind::keyword &&
                              (type.text == "n" || type.text == "f");
        if (!is_entry) return broken(m_position + offset.offset, "no entry");
        KYSO_TRY(add(number + done, static_cast<std::uint64_t>(std::max<std::int64_t>(offset.integer, 0)),
                     static_cast<std::uint32_t>(std::min<std::int64_t>(generation.integer, UINT16_MAX)), type.text[0]));
        used = lexer.position();
      }
      if (used == 0) return broken(m_position, "no entry");
      m_position += used;
      KYSO_TRY(m_context.budget.spend(used));
    }
    return note("xref.table.entry_width", where);
  }

  Result<> add(std::uint64_t number, std::uint64_t offset, std::uint32_t generation, char type) {
    if (number > m_context.limits.objects) {
      note_range();
      return {};
    }
    if (m_context.entries_left == 0) return fail("pdf.limit", "entries").with("limit", "xref_entries");
    --m_context.entries_left;
    XrefEntry entry;
    entry.generation = static_cast<std::uint16_t>(std::min<std::uint32_t>(generation, UINT16_MAX));
    if (type == 'n' && offset != 0) {  // nothing stands at 0; some writers say "unused" so
      entry.kind = XrefEntry::Kind::plain;
      entry.offset = m_context.base + offset;
    }
    m_entries.emplace_back(static_cast<std::uint32_t>(number), entry);
    return {};
  }

  // Entries, or the announcement of entries, for numbers that no document has.
  void note_range() {
    if (!m_has_range_note) m_context.notes.push_back({"xref.number_range", m_position, {}, false});
    m_has_range_note = true;
  }

  // "xref 1 4" followed by the entry that only object 0 has: the head of the free list with generation 65535.
  Result<> mend_first(std::size_t begin, std::uint64_t number) {
    if (begin != 0 || number != 1 || m_entries.empty()) return {};
    const XrefEntry& first = m_entries.front().second;
    if (first.kind != XrefEntry::Kind::free || first.generation != UINT16_MAX) return {};
    for (auto& entry : m_entries) --entry.first;
    return note("xref.table.first_entry", m_start);
  }

  Result<> note(std::string code, std::uint64_t offset) {
    if (!m_context.mends) return broken(offset, code);
    m_context.notes.push_back({std::move(code), offset, {}, true});
    return {};
  }

  Result<Dictionary> trailer() {
    std::uint64_t end = 0;
    const auto parse = [&](Lexer& lexer) {
      auto object = parse_object(lexer, m_context.limits);
      end = lexer.position();
      return object;
    };
    auto object = parse_growing(m_context.source, m_position, m_context.limits, m_context.budget, parse);
    if (!object && object.error().code == "pdf.limit") return std::move(object).error();
    if (!object || object->as_dictionary() == nullptr) {
      return fail("pdf.trailer.broken", "at {}", m_position).with("offset", m_position);
    }
    m_position += end;
    return *object->as_dictionary();
  }

  XrefContext& m_context;
  std::uint64_t m_start, m_position;
  Entries m_entries;
  bool m_has_range_note = false;
};

// Sorted by number; of several entries for one object the first counts, as established readers have it.
void sort_entries(XrefContext& context, XrefSection& section) {
  Entries& entries = section.entries;
  const auto is_before = [](const auto& a, const auto& b) { return a.first < b.first; };
  if (std::ranges::adjacent_find(entries, [](const auto& a, const auto& b) { return a.first >= b.first; }) ==
      entries.end()) {
    return;
  }
  std::vector<std::uint64_t> order(entries.size());  // number, then position
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = (static_cast<std::uint64_t>(entries[i].first) << 32U) | i;
  std::ranges::sort(order);
  Entries sorted;
  sorted.reserve(entries.size());
  for (const std::uint64_t key : order) {
    const auto& entry = entries[key & 0xFFFFFFFFU];
    if (sorted.empty() || is_before(sorted.back(), entry)) sorted.push_back(entry);
  }
  if (sorted.size() < entries.size())
    context.notes.push_back({"xref.duplicate_entry", section.extent.offset, {}, false});
  entries = std::move(sorted);
}

bool is_same(const XrefEntry& a, const XrefEntry& b) {
  return a.kind == b.kind && a.generation == b.generation && a.offset == b.offset && a.container == b.container &&
         a.index == b.index;
}

}  // namespace

Result<XrefSection> read_xref_table(XrefContext& context, std::uint64_t offset) {
  XrefSection section = KYSO_TRY(TableReader(context, offset).read());
  sort_entries(context, section);
  return section;
}

Result<XrefSection> read_xref_section(XrefContext& context, std::uint64_t offset) {
  if (as_chars(context.source.view(offset, 4)) == "xref") return read_xref_table(context, offset);
  XrefSection section = KYSO_TRY(read_xref_stream(context, offset));
  sort_entries(context, section);
  return section;
}

void merge_hybrid(XrefContext& context, XrefSection& table, XrefSection stream) {
  sort_entries(context, stream);
  Entries merged;
  merged.reserve(table.entries.size() + stream.entries.size());
  std::optional<std::uint32_t> conflict;  // number of the first object that both define
  auto from_stream = stream.entries.begin();
  for (const auto& entry : table.entries) {
    while (from_stream != stream.entries.end() && from_stream->first < entry.first) merged.push_back(*from_stream++);
    if (from_stream == stream.entries.end() || from_stream->first != entry.first) {
      merged.push_back(entry);
      continue;
    }
    const bool is_hidden = entry.second.kind == XrefEntry::Kind::free;
    if (!conflict && !is_hidden && !is_same(entry.second, from_stream->second)) conflict = entry.first;
    merged.push_back(is_hidden ? *from_stream : entry);
    ++from_stream;
  }
  merged.insert(merged.end(), from_stream, stream.entries.end());
  table.entries = std::move(merged);
  table.kind = XrefKind::hybrid;
  table.hybrid_stream = stream.extent;
  if (conflict) {
    context.notes.push_back({"xref.hybrid.conflict", stream.extent.offset, fmt::format("{}", *conflict), false});
  }
}

bool is_section_start(const Source& source, std::uint64_t offset) {
  if (as_chars(source.view(offset, 4)) == "xref") return true;
  const auto header = object_header_at(source, offset);
  return header && header->offset == offset;
}

}  // namespace kyso::pdf

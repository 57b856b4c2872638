#include <algorithm>
#include <unordered_map>

#include "pdf/file/object_view_state.h"

namespace kyso::pdf {

namespace {

bool is_white(std::uint8_t c) {
  return c == ' ' || c == '\r' || c == '\n' || c == '\t' || c == 0 || c == '\f';
}

// Collects what is owned, then gives the rest.
class LeftoverFinder {
 public:
  LeftoverFinder(const RevisionGraph& graph, std::uint64_t from)
      : m_graph(graph),
        m_from(from),
        m_source(graph.source()),
        m_budget(WorkBudget::of(graph.source())),
        m_newest(graph, graph.revisions().back()) {}

  Result<FileInventory> find() {
    own_header();
    for (std::size_t rank = 0; rank < m_graph.sections().size(); ++rank) {
      const XrefSection& section = m_graph.sections()[rank];
      own(section.extent);
      if (section.hybrid_stream) own(*section.hybrid_stream);
      if (section.is_linearized_first_page) own_end_mark(section.extent.end());
      KYSO_TRY(own_objects(section, rank));
    }
    for (const Revision& revision : m_graph.revisions()) {
      if (revision.startxref_offset > 0) {
        own({revision.startxref_offset, revision.end - std::min(revision.end, revision.startxref_offset)});
      }
    }
    KYSO_TRY(find_rest());
    std::ranges::sort(m_result.objects, {}, [](const auto& object) { return object.extent.offset; });
    return std::move(m_result);
  }

 private:
  void own(Extent extent) {
    if (extent.length > 0 && extent.end() > m_from) m_owned.push_back(extent);
  }

  // "%PDF-1.7" and, if there is one, the comment line of high bytes after it (ISO 32000-2 section 7.5.2).
  void own_header() {
    const std::uint64_t begin = m_graph.header_position();
    const ByteView bytes = m_source.view(begin, 1024);
    std::size_t i = 0;
    for (int line = 0; line < 2 && i < bytes.size() && bytes[i] == '%'; ++line) {
      while (i < bytes.size() && bytes[i] != '\r' && bytes[i] != '\n') ++i;
      while (i < bytes.size() && is_white(bytes[i])) ++i;
    }
    own({begin, i});
  }

  // After the first section of a linearized file: "startxref 0 %%EOF".
  void own_end_mark(std::uint64_t from) {
    const ByteView bytes = m_source.view(from, 256);
    Lexer lexer(bytes);
    const Token keyword = lexer.next();
    if (keyword.kind != Token::Kind::keyword || keyword.text != "startxref") return;
    const Token number = lexer.next();
    std::size_t end = number.kind == Token::Kind::integer ? number.end : keyword.end;
    std::size_t mark = end;
    while (mark < bytes.size() && is_white(bytes[mark])) ++mark;
    if (as_chars(bytes.subspan(mark)).starts_with("%%EOF")) end = mark + 5;
    own({from + keyword.offset, end - keyword.offset});
  }

  std::optional<std::int64_t> length_of(ObjectId id) {
    // /Length is checked against "endstream" by who reads it, so that the newest value serves all revisions.
    const XrefEntry* entry = m_newest.find(id.number);
    if (entry == nullptr || entry->kind != XrefEntry::Kind::plain) return std::nullopt;
    const auto object = read_file_object(m_source, entry->offset, m_graph.limits(), m_budget);
    return object && object->id == id ? object->object.as_integer() : std::nullopt;
  }

  Result<> own_objects(const XrefSection& section, std::size_t rank) {
    for (const auto& [number, entry] : section.entries) {
      if (entry.kind != XrefEntry::Kind::plain || entry.offset < m_from) continue;
      const auto [seen, is_new] = m_seen.try_emplace(entry.offset, number);
      if (!is_new && seen->second == number) continue;
      const auto header = object_header_at(m_source, entry.offset);
      const bool is_own = header && header->id.number == number;
      if (!is_own || header->id.generation != entry.generation) {
        const std::string found = header ? fmt::format("{} {}", header->id.number, header->id.generation) : "";
        m_result.misplaced.push_back({number, rank, entry.offset, found});
      }
      if (!is_own) continue;
      seen->second = number;
      auto object = read_file_object(m_source, entry.offset, m_graph.limits(), m_budget,
                                     [this](ObjectId id) { return length_of(id); });
      if (!object && object.error().code == "pdf.limit") return std::move(object).error();
      if (!object) continue;
      own(object->extent);
      const Stream* stream = object->object.as_stream();
      const bool is_container = stream != nullptr && stream->dictionary->get("Type").is_name("ObjStm");
      m_result.objects.push_back({number, rank, object->extent, is_container});
    }
    return {};
  }

  Result<> find_rest() {
    std::ranges::sort(m_owned, {}, &Extent::offset);
    own({m_source.size(), 1});
    std::uint64_t position = m_from;
    for (const Extent& extent : m_owned) {
      if (extent.offset > position) KYSO_TRY(examine(position, extent.offset));
      position = std::max(position, extent.end());
    }
    return {};
  }

  // A gap that is not all white space is a leftover, without the white space around it.
  Result<> examine(std::uint64_t begin, std::uint64_t end) {
    std::optional<std::uint64_t> first, last;
    Bytes piece(static_cast<std::size_t>(std::min<std::uint64_t>(end - begin, 64U << 10U)));
    for (std::uint64_t position = begin; position < end;) {
      const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), end - position));
      const std::size_t got = KYSO_TRY(m_source.read(position, std::span(piece).first(wanted)));
      if (got == 0) break;
      for (std::size_t i = 0; i < got; ++i) {
        if (is_white(piece[i])) continue;
        if (!first) first = position + i;
        last = position + i;
      }
      position += got;
    }
    if (first) m_result.leftovers.push_back({*first, *last + 1 - *first});
    return {};
  }

  const RevisionGraph& m_graph;
  const std::uint64_t m_from;
  const Source& m_source;
  WorkBudget m_budget;
  EntryIndex m_newest;
  std::unordered_map<std::uint64_t, std::uint32_t> m_seen;  // offset to number
  std::vector<Extent> m_owned;
  FileInventory m_result;
};

}  // namespace

Result<FileInventory> RevisionGraph::inventory(std::uint64_t from) const {
  if (m_revisions.empty()) return FileInventory();
  return LeftoverFinder(*this, from).find();
}

Result<std::vector<Extent>> RevisionGraph::leftovers() const {
  FileInventory all = KYSO_TRY(inventory());
  return std::move(all.leftovers);
}

}  // namespace kyso::pdf

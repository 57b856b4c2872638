#include "pdf/file/revision_graph_builder.h"

#include <algorithm>

namespace kyso::pdf {

namespace {

constexpr std::uint64_t kNear = 64;          // how far beside its place a section is looked for
constexpr std::uint64_t kTail = 64U << 10U;  // how far from the end "startxref" is looked for
constexpr std::string_view kStartXref = "startxref";

Error broken(std::uint64_t offset, std::string_view why) {
  return fail("pdf.xref.broken", "{} at {}", why, offset).with("offset", offset);
}

}  // namespace

RevisionGraphBuilder::RevisionGraphBuilder(Source source, RevisionGraph::Repair repair, const Limits& limits)
    : m_repair(repair),
      m_budget(WorkBudget::of(source)),
      // A compressed entry takes a fraction of a byte, its object some bytes: more than one entry a byte is a bomb.
      m_entries_left(static_cast<std::size_t>(
          std::min<std::uint64_t>(1'000'000 + source.size(), 4 * std::uint64_t{limits.objects}))) {
  m_graph.m_source = std::move(source);
  m_graph.m_limits = limits;
}

XrefContext RevisionGraphBuilder::context() {
  return {m_graph.m_source,
          m_graph.m_limits,
          m_budget,
          m_entries_left,
          m_graph.m_notes,
          m_base,
          m_repair != RevisionGraph::Repair::refuse};
}

Result<RevisionGraph> RevisionGraphBuilder::build() {
  KYSO_TRY(find_header());
  Result<> followed = follow_chain();
  if (followed) followed = check_root();
  if (!followed && m_cut) followed = std::move(*m_cut).with("link", "Prev");  // the catalog is in what was left out
  const bool is_full = m_repair == RevisionGraph::Repair::full;
  if (!followed && !is_full) return std::move(followed).error();
  if (!followed) {
    KYSO_TRY(rebuild(followed.error()));
  } else if (is_full && !all_in_place()) {
    // Some entries lead elsewhere. The scan replaces them only when it can be done.
    RevisionGraph followed_graph = m_graph;
    const Error reason("pdf.xref.broken", "entries that lead to no object");
    if (!rebuild(reason)) m_graph = std::move(followed_graph);
  }
  return std::move(m_graph);
}

// ISO 32000-2 section 7.5.2 wants it at byte 0; readers look through 1024 bytes.
Result<> RevisionGraphBuilder::find_header() {
  const std::string_view head = as_chars(m_graph.m_source.view(0, 1024 + 16));
  const std::size_t found = head.substr(0, 1024 + 5).find("%PDF-");
  if (found == std::string_view::npos) return fail("pdf.not_pdf", "no header");
  std::string_view version = head.substr(found + 5, 8);
  version = version.substr(0, version.find_first_not_of("0123456789."));
  m_graph.m_header_version = version;
  m_graph.m_header_position = m_graph.m_header_offset = m_base = found;
  m_base_is_known = found == 0;
  if (found > 0) m_graph.m_notes.push_back({"header.junk", 0, fmt::format("{} bytes", found), false});
  return {};
}

RevisionGraphBuilder::EndMark RevisionGraphBuilder::end_mark_at(std::uint64_t keyword) const {
  EndMark mark;
  mark.keyword = keyword;
  const ByteView bytes = m_graph.m_source.view(keyword, 256);
  Lexer lexer(bytes, kStartXref.size());
  const Token number = lexer.next();
  if (number.kind == Token::Kind::integer && number.integer >= 0) mark.number = number.integer;
  const std::string_view text = as_chars(bytes);
  const std::size_t from = mark.number ? number.end : kStartXref.size();
  std::size_t end = text.find_first_not_of(std::string_view("\0\t\n\f\r ", 6), from);
  mark.has_eof = end != std::string_view::npos && text.substr(end).starts_with("%%EOF");
  end = mark.has_eof ? end + 5 : from;
  if (end < text.size() && text[end] == '\r') ++end;
  if (end < text.size() && text[end] == '\n') ++end;
  mark.end = keyword + end;
  return mark;
}

Result<> RevisionGraphBuilder::find_last_startxref() {
  const Source& source = m_graph.m_source;
  std::optional<std::uint64_t> keyword;
  for (const std::uint64_t length : {std::uint64_t{1024}, kTail}) {
    const std::uint64_t from = source.size() - std::min(source.size(), length);
    Bytes tail(static_cast<std::size_t>(source.size() - from));
    (void)KYSO_TRY(source.read(from, tail));
    const std::size_t found = as_chars(tail).rfind(kStartXref);
    if (found == std::string_view::npos) continue;
    keyword = from + found;
    if (length == kTail) m_graph.m_notes.push_back({"startxref.far_from_end", *keyword, {}, false});
    break;
  }
  if (!keyword) return fail("pdf.truncated", "no startxref");
  m_last = end_mark_at(*keyword);
  if (!m_last.has_eof) m_graph.m_notes.push_back({"eof.missing", *keyword, {}, false});
  if (!m_last.number) return broken(*keyword, "startxref without number");
  return {};
}

// Offsets count from the header, but some writers of files with something before it count from byte 0.
void RevisionGraphBuilder::find_base(std::uint64_t written) {
  if (m_base_is_known) return;
  m_base_is_known = true;
  const Source& source = m_graph.m_source;
  if (is_section_start(source, m_base + written) || !is_section_start(source, written)) return;
  m_base = m_graph.m_header_offset = 0;
  m_graph.m_notes.push_back({"header.offset_ignored", 0, {}, false});
}

std::optional<std::uint64_t> RevisionGraphBuilder::section_near(std::uint64_t offset) const {
  const Source& source = m_graph.m_source;
  const std::uint64_t from = offset - std::min(offset, kNear);
  const std::string_view text = as_chars(source.view(from, offset - from + kNear));
  std::optional<std::uint64_t> best;
  const auto distance = [&](std::uint64_t at) { return at > offset ? at - offset : offset - at; };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool starts_token = i == 0 || text[i - 1] == '\n' || text[i - 1] == '\r' || text[i - 1] == ' ';
    const bool is_candidate = text[i] == 'x' || (text[i] >= '0' && text[i] <= '9');
    if (!starts_token || !is_candidate || (best && distance(from + i) >= distance(*best))) continue;
    if (is_section_start(source, from + i)) best = from + i;
  }
  return best;
}

Result<std::uint64_t> RevisionGraphBuilder::locate(std::int64_t written, std::string_view note_code) {
  const Source& source = m_graph.m_source;
  if (written < 0 || static_cast<std::uint64_t>(written) >= source.size()) {
    // Nothing stands there: the place is where it is written.
    return broken(m_graph.m_sections.empty() ? m_last.keyword : m_graph.m_sections.back().extent.offset,
                  "outside the file");
  }
  find_base(static_cast<std::uint64_t>(written));
  const std::uint64_t offset = m_base + static_cast<std::uint64_t>(written);
  if (is_section_start(source, offset)) return offset;
  const auto near = section_near(offset);
  if (!near || m_repair == RevisionGraph::Repair::refuse) return broken(offset, "no section");
  m_graph.m_notes.push_back({std::string(note_code), offset, fmt::format("found at {}", *near), true});
  return *near;
}

Result<std::optional<std::int64_t>> RevisionGraphBuilder::previous_of(const XrefSection& section) {
  const Object& prev = section.trailer.get("Prev");
  if (prev.is_null()) return std::optional<std::int64_t>();
  const auto number = prev.as_number();
  if (!number || std::abs(*number) > 9e18) return broken(section.extent.offset, "/Prev");
  const auto offset = static_cast<std::int64_t>(*number);
  if (offset == 0) {
    m_graph.m_notes.push_back({"xref.prev.zero", section.extent.offset, {}, false});
    return std::optional<std::int64_t>();
  }
  return std::optional(offset);
}

Result<> RevisionGraphBuilder::add_hybrid_stream(XrefSection& section, std::set<std::uint64_t>& hybrids) {
  const Object& written = section.trailer.get("XRefStm");
  if (section.kind != XrefKind::table || written.is_null()) return {};
  const auto read = [&]() -> Result<XrefSection> {
    const auto number = written.as_integer();
    if (!number) return broken(section.extent.offset, "/XRefStm");
    const std::uint64_t offset = KYSO_TRY(locate(*number, "xref.hybrid.offset"));
    if (m_visited.contains(offset)) return fail("pdf.xref.loop", "/XRefStm").with("offset", offset);
    if (!hybrids.insert(offset).second) m_graph.m_notes.push_back({"xref.hybrid.stale", offset, {}, false});
    XrefContext reading = context();
    return read_xref_stream(reading, offset);
  };
  Result<XrefSection> stream = read();
  if (stream) {
    XrefContext merging = context();
    merge_hybrid(merging, section, *std::move(stream));
    return {};
  }
  const bool is_fatal = stream.error().code != "pdf.xref.broken" || m_repair == RevisionGraph::Repair::refuse;
  if (is_fatal) return std::move(stream).error();
  m_graph.m_notes.push_back({"xref.hybrid.broken", section.extent.offset, {}, true});
  return {};
}

Result<> RevisionGraphBuilder::follow_chain() {
  KYSO_TRY(find_last_startxref());
  std::optional<std::int64_t> written = static_cast<std::int64_t>(*m_last.number);
  std::set<std::uint64_t> hybrids;
  while (written) {
    auto previous = add_section(*written, hybrids);
    const bool is_cut = !previous && m_repair == RevisionGraph::Repair::cut && !m_graph.m_sections.empty() &&
                        previous.error().code != "pdf.limit";
    if (!previous && !is_cut) return std::move(previous).error();
    if (is_cut) {
      const std::uint64_t where = m_graph.m_sections.back().extent.offset;
      m_graph.m_notes.push_back({"xref.chain.cut", where, std::string(previous.error().code), true});
      m_cut = std::move(previous).error();
    }
    written = previous ? *previous : std::nullopt;
  }
  mark_linearized();
  make_revisions();
  return {};
}

// Reads one section; gives what its /Prev says.
Result<std::optional<std::int64_t>> RevisionGraphBuilder::add_section(std::int64_t written,
                                                                      std::set<std::uint64_t>& hybrids) {
  const bool is_first = m_graph.m_sections.empty();
  const std::uint64_t offset = KYSO_TRY(locate(written, is_first ? "startxref.offset" : "xref.prev.offset"));
  if (!m_visited.insert(offset).second) return fail("pdf.xref.loop", "/Prev").with("offset", offset);
  if (m_graph.m_sections.size() >= m_graph.m_limits.xref_sections) {
    return fail("pdf.limit", "sections").with("limit", "xref_sections");
  }
  XrefContext reading = context();
  auto read = read_xref_section(reading, offset);
  if (!read) {
    const auto& params = read.error().params;
    const bool has_place = std::ranges::any_of(params, [](const auto& param) { return param.first == "offset"; });
    return has_place ? std::move(read).error() : std::move(read).error().with("offset", offset);
  }
  XrefSection section = *std::move(read);
  auto hybrid = add_hybrid_stream(section, hybrids);
  if (!hybrid && m_repair != RevisionGraph::Repair::cut) return std::move(hybrid).error();
  if (!hybrid) m_graph.m_notes.push_back({"xref.chain.cut", offset, std::string(hybrid.error().code), true});
  m_graph.m_sections.push_back(std::move(section));
  auto previous = previous_of(m_graph.m_sections.back());
  if (!previous && m_repair != RevisionGraph::Repair::cut) m_graph.m_sections.pop_back();
  return previous;
}

// ISO 32000-2 Annex F: the first section of a linearized file stands before the main one, to which its /Prev leads.
void RevisionGraphBuilder::mark_linearized() {
  auto& sections = m_graph.m_sections;
  for (std::size_t i = 0; i + 1 < sections.size(); ++i) {
    if (sections[i + 1].extent.offset < sections[i].extent.offset) continue;
    bool is_linearized = false;
    if (i + 2 == sections.size()) {
      const ByteView head = m_graph.m_source.view(m_graph.m_header_position, 2048);
      const std::size_t found = as_chars(head).find("/Linearized");
      is_linearized = found != std::string_view::npos && m_graph.m_header_position + found < sections[i].extent.offset;
    }
    sections[i].is_linearized_first_page = is_linearized;
    if (!is_linearized) m_graph.m_notes.push_back({"xref.prev.forward", sections[i].extent.offset, {}, false});
  }
}

// The end mark that belongs to a section: the first one behind it that names it.
std::optional<RevisionGraphBuilder::EndMark> RevisionGraphBuilder::end_mark_after(std::uint64_t from,
                                                                                  std::uint64_t until,
                                                                                  std::uint64_t section) {
  constexpr std::size_t kPiece = 16U << 10U;
  std::optional<EndMark> first;
  Bytes piece;
  for (std::uint64_t position = from; position < until;) {
    piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(position == from ? 128 : kPiece, until - position)));
    const auto got = m_graph.m_source.read(position, piece);
    if (!got || *got == 0 || !m_budget.spend(*got)) break;
    const std::string_view text = as_chars(ByteView(piece).first(*got));
    const std::size_t found = text.find(kStartXref);
    if (found == std::string_view::npos) {
      if (position + *got >= until) break;
      position += std::max<std::size_t>(1, *got - std::min(*got - 1, kStartXref.size()));
      continue;
    }
    const EndMark mark = end_mark_at(position + found);
    if (mark.number && m_base + *mark.number == section) return mark;
    if (!first) first = mark;
    position += found + kStartXref.size();
  }
  return first;
}

void RevisionGraphBuilder::make_revisions() {
  const auto& sections = m_graph.m_sections;
  auto& revisions = m_graph.m_revisions;
  auto& notes = m_graph.m_notes;
  std::uint64_t until = m_graph.m_source.size();
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const std::size_t first = i;
    const std::size_t last = sections[i].is_linearized_first_page ? ++i : i;
    const std::uint64_t offset = sections[first].extent.offset, end = sections[last].extent.end();
    std::optional<EndMark> mark = m_last;
    if (first > 0) {
      mark = end_mark_after(end, std::max(end, until), offset);
    } else if (end < m_last.keyword) {  // what stands after the first one that names it does not belong to it
      const auto nearest = end_mark_after(end, m_last.keyword, offset);
      if (nearest && nearest->has_eof && nearest->number && m_base + *nearest->number == offset) mark = nearest;
    }
    if (!mark) {
      notes.push_back({"revision.end_missing", end, {}, false});
      mark = EndMark{end, end, std::nullopt, false};
    } else if (first > 0 && (!mark->number || m_base + *mark->number != offset)) {
      notes.push_back({"revision.startxref_mismatch", mark->keyword, {}, false});
    }
    revisions.push_back({mark->end, mark->keyword, std::views::iota(first, sections.size())});
    until = std::min(until, mark->keyword);
  }
  std::ranges::reverse(revisions);
}

const XrefEntry* RevisionGraphBuilder::newest_entry(std::uint32_t number) const {
  for (const XrefSection& section : m_graph.m_sections) {
    const auto found =
        std::ranges::lower_bound(section.entries, number, {}, &std::pair<std::uint32_t, XrefEntry>::first);
    if (found != section.entries.end() && found->first == number) return &found->second;
  }
  return nullptr;
}

bool RevisionGraphBuilder::is_in_place(std::uint32_t number) const {
  const XrefEntry* entry = newest_entry(number);
  if (entry != nullptr && entry->kind == XrefEntry::Kind::compressed) {
    number = entry->container;
    entry = newest_entry(number);
  }
  if (entry == nullptr || entry->kind != XrefEntry::Kind::plain) return false;
  const auto header = object_header_at(m_graph.m_source, entry->offset);
  return header && header->id.number == number;
}

// The catalog is what a reader needs first: where its entry leads elsewhere, the whole cross-reference is doubtful.
Result<> RevisionGraphBuilder::check_root() {
  for (const XrefSection& section : m_graph.m_sections) {
    if (!section.trailer.has("Root")) continue;
    const auto root = section.trailer.get("Root").as_reference();
    if (!root) return fail("pdf.trailer.broken", "/Root is no reference").with("offset", section.extent.offset);
    if (!is_in_place(root->number)) return broken(section.extent.offset, "/Root is not where the entry says");
    return {};
  }
  return fail("pdf.trailer.broken", "no /Root").with("offset", m_last.keyword);
}

// Repair::full only: reads a little at every entry in use.
bool RevisionGraphBuilder::all_in_place() const {
  std::unordered_map<std::uint32_t, const XrefEntry*> newest;
  for (const XrefSection& section : m_graph.m_sections) {
    for (const auto& [number, entry] : section.entries) newest.try_emplace(number, &entry);
  }
  return std::ranges::all_of(newest, [&](const auto& item) {
    const auto& [number, entry] = item;
    if (entry->kind == XrefEntry::Kind::free) return true;
    std::uint64_t offset = entry->offset;
    std::uint32_t wanted = number;
    if (entry->kind == XrefEntry::Kind::compressed) {
      const auto container = newest.find(entry->container);
      if (container == newest.end() || container->second->kind != XrefEntry::Kind::plain) return false;
      wanted = container->first;
      offset = container->second->offset;
    }
    const auto header = object_header_at(m_graph.m_source, offset);
    return header && header->id.number == wanted;
  });
}

Result<RevisionGraph> build_revision_graph(const Source& source, RevisionGraph::Repair repair, const Limits& limits) {
  return RevisionGraphBuilder(source, repair, limits).build();
}

}  // namespace kyso::pdf

#include "verify/facts/open_graph.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace kyso::verify {

namespace {

using pdf::RevisionGraph;
using Repair = RevisionGraph::Repair;

constexpr std::size_t kMarksTried = 16;
constexpr std::uint64_t kSearchedFirst = 1U << 20U;
constexpr std::uint64_t kSearched = 64U << 20U;  // bytes from the end in which end marks are looked for
constexpr std::uint64_t kScannedAfterLimit = 4U << 20U;
constexpr std::uint64_t kScannedUpTo = 256U << 20U;  // larger files are not scanned for objects

Finding failure_of(const Error& error) {
  const auto has = [&](std::string_view name, std::string_view value) {
    return std::ranges::find(error.params, std::pair(std::string(name), std::string(value))) != error.params.end();
  };
  // A chain of sections without end is a circle to who follows it (case 22).
  const bool is_loop = error.code == "pdf.xref.loop" || has("link", "Prev") || has("limit", "xref_sections");
  const bool is_limit = error.code == "pdf.limit" && !is_loop;
  Finding finding(is_limit ? "resource.limit" : is_loop ? "xref.loop" : "xref.broken", Severity::failure);
  for (const auto& [name, value] : error.params) {
    if (name == "offset") {
      std::uint64_t offset = 0;
      const auto end = std::from_chars(value.data(), value.data() + value.size(), offset);
      if (end.ec == std::errc()) finding.offset = offset;
    }
    if (name == "limit") finding.with("limit", value);
  }
  if (!is_limit && !is_loop) finding.with("cause", error.code);
  return finding;
}

// Positions of "startxref", the last one first.
std::vector<std::uint64_t> marks_from_end(const pdf::Source& source, std::uint64_t searched) {
  constexpr std::string_view kKeyword = "startxref";
  constexpr std::uint64_t kPiece = 256U << 10U;
  std::vector<std::uint64_t> marks;
  Bytes piece;
  std::uint64_t end = source.size();
  const std::uint64_t first = end - std::min(end, searched);
  while (end > first && marks.size() < kMarksTried) {
    const std::uint64_t begin = end - std::min(end - first, kPiece);
    // A keyword may stand across the border of two pieces.
    piece.resize(static_cast<std::size_t>(std::min(source.size(), end + kKeyword.size() - 1) - begin));
    const auto got = source.read(begin, piece);
    if (!got) return marks;
    const std::string_view text = as_chars(ByteView(piece).first(*got));
    for (std::size_t at = text.rfind(kKeyword); at != std::string_view::npos && marks.size() < kMarksTried;
         at = text.rfind(kKeyword, at - 1)) {
      marks.push_back(begin + at);
      if (at == 0) break;
    }
    end = begin;
  }
  return marks;
}

// Just after the mark: its number, "%%EOF" and the end of the line.
std::uint64_t end_of_mark(const pdf::Source& source, std::uint64_t keyword) {
  const std::string_view text = as_chars(source.view(keyword, 256));
  constexpr std::string_view kWhite("\0\t\n\f\r ", 6);
  std::size_t end = std::min<std::size_t>(9, text.size());
  const std::size_t number = text.find_first_not_of(kWhite, end);
  if (number != std::string_view::npos) end = std::min(text.find_first_not_of("0123456789", number), text.size());
  const std::size_t mark = text.find_first_not_of(kWhite, end);
  if (mark != std::string_view::npos && text.substr(mark).starts_with("%%EOF")) end = mark + 5;
  if (end < text.size() && text[end] == '\r') ++end;
  if (end < text.size() && text[end] == '\n') ++end;
  return keyword + end;
}

bool open_earlier(const pdf::Source& source, const pdf::Limits& limits, std::uint64_t searched, OpenedGraph& result) {
  const std::vector<std::uint64_t> marks = marks_from_end(source, searched);
  std::uint64_t previous = UINT64_MAX;
  for (const std::uint64_t mark : marks) {
    const std::uint64_t end = end_of_mark(source, mark);
    if (end >= source.size() || end == previous) continue;
    previous = end;
    auto graph = RevisionGraph::open(source.prefix(end), Repair::cut, limits);
    if (!graph) continue;
    result.graph = std::make_shared<const RevisionGraph>(*std::move(graph));
    result.cut_at = end;
    return true;
  }
  return false;
}

struct NoteRow {
  std::string_view note, code;
  Severity severity;
};
// What repairs and deviations of the cross-reference mean for who verifies (docs/verify.md).
constexpr std::array kNoteRows = {
    NoteRow{"header.offset_ignored", "header.offset", Severity::info},
    NoteRow{"startxref.far_from_end", "xref.far-from-end", Severity::info},
    NoteRow{"startxref.offset", "xref.repaired", Severity::warning},
    NoteRow{"xref.prev.offset", "xref.repaired", Severity::warning},
    NoteRow{"xref.hybrid.offset", "xref.repaired", Severity::warning},
    NoteRow{"xref.prev.zero", "xref.repaired", Severity::info},
    NoteRow{"xref.prev.forward", "xref.prev-forward", Severity::warning},
    NoteRow{"xref.table.first_entry", "xref.repaired", Severity::warning},
    NoteRow{"xref.table.entry_width", "xref.repaired", Severity::warning},
    NoteRow{"xref.table.count", "xref.repaired", Severity::warning},
    NoteRow{"xref.stream.short", "xref.repaired", Severity::warning},
    NoteRow{"xref.duplicate_entry", "xref.duplicate-entry", Severity::warning},
    NoteRow{"xref.number_range", "xref.entry-mismatch", Severity::failure},
    NoteRow{"xref.hybrid.broken", "xref.hybrid-broken", Severity::warning},
    NoteRow{"xref.hybrid.stale", "xref.hybrid-stale", Severity::warning},
};

}  // namespace

Result<OpenedGraph> open_graph(const pdf::Source& source, const pdf::Limits& limits) {
  OpenedGraph result;
  auto graph = RevisionGraph::open(source, Repair::cut, limits);
  if (graph) {
    result.graph = std::make_shared<const RevisionGraph>(*std::move(graph));
    return result;
  }
  const Error error = graph.error();
  if (error.code == "pdf.not_pdf" || error.code == "pdf.file.changed") return error;
  result.findings.push_back(failure_of(error));
  const bool is_limit = error.code == "pdf.limit";
  if (!is_limit && open_earlier(source, limits, kSearchedFirst, result)) return result;
  if (!is_limit && source.size() > kSearchedFirst && open_earlier(source, limits, kSearched, result)) return result;
  if (source.size() > (is_limit ? kScannedAfterLimit : kScannedUpTo)) return result;
  auto scanned = RevisionGraph::open(source, Repair::full, limits);
  if (scanned) result.graph = std::make_shared<const RevisionGraph>(*std::move(scanned));
  if (!scanned && scanned.error().code == "pdf.limit") result.findings.push_back(failure_of(scanned.error()));
  return result;
}

void map_notes(const RevisionGraph& graph, std::uint64_t signed_end,
               const std::optional<std::unordered_set<std::uint32_t>>& reached, std::vector<Finding>& findings) {
  for (const pdf::StructureNote& note : graph.notes()) {
    Finding finding;
    if (note.code == "header.junk") {
      // ISO 32000-2 allows it; what stood there when the file was signed is covered by the signature.
      finding = Finding("header.junk", graph.header_version().starts_with("2") ? Severity::info : Severity::warning);
      finding.at(0, graph.header_position());
    } else if (note.code == "xref.chain.cut") {
      finding = Finding("xref.loop", Severity::failure).with("cause", note.detail);
      finding.at(note.offset);
    } else if (note.code == "xref.hybrid.conflict") {
      // Readers that know /XRefStm and those that do not show different documents, when the object is used at all.
      std::uint32_t number = 0;
      (void)std::from_chars(note.detail.data(), note.detail.data() + note.detail.size(), number);
      const bool is_used = !reached || reached->contains(number);
      finding = Finding("xref.hybrid-conflict", is_used ? Severity::failure : Severity::warning);
      finding.at(note.offset).object = number;
    } else if (note.code == "eof.missing") {
      const bool is_later = note.offset >= signed_end;
      finding = Finding("tail.eof-missing", is_later ? Severity::failure : Severity::warning);
      finding.at(note.offset);
    } else if (note.code == "revision.startxref_mismatch" || note.code == "revision.end_missing") {
      finding = Finding("revision.end-missing", note.offset >= signed_end ? Severity::failure : Severity::warning);
      finding.at(note.offset);
    } else {
      const auto row = std::ranges::find(kNoteRows, note.code, &NoteRow::note);
      if (row == kNoteRows.end()) continue;
      finding = Finding(row->code, row->severity).with("cause", note.code);
      finding.at(note.offset);
    }
    findings.push_back(std::move(finding));
    if (findings.size() > 1000) return;
  }
  const auto revisions = graph.revisions();
  for (std::size_t i = 1; i < revisions.size(); ++i) {
    const pdf::XrefSection& own = graph.sections()[revisions[i].sections.front()];
    const pdf::XrefSection& before = graph.sections()[revisions[i - 1].sections.front()];
    const bool is_stream = own.kind == pdf::XrefKind::stream, was_stream = before.kind == pdf::XrefKind::stream;
    if (is_stream == was_stream) continue;
    Finding finding("xref.kind-changed", Severity::warning);
    finding.at(own.extent.offset);
    finding.revision = i + 1;
    findings.push_back(std::move(finding));
    return;
  }
}

}  // namespace kyso::verify

#pragma once
#include <map>
#include <optional>
#include <ranges>
#include <string>
#include <vector>

#include "pdf/file/source.h"
#include "pdf/syntax/limits.h"

namespace kyso::pdf {

struct XrefEntry {
  enum class Kind : std::uint8_t { free, plain, compressed };
  Kind kind = Kind::free;
  std::uint16_t generation = 0;
  std::uint64_t offset = 0;     // plain: absolute in the source (header shift applied)
  std::uint32_t container = 0;  // compressed: number of the object stream
  std::uint32_t index = 0;      // compressed: position in it
};

enum class XrefKind : std::uint8_t { table, stream, hybrid };  // hybrid: a table whose trailer has /XRefStm

struct XrefSection {
  XrefKind kind = XrefKind::table;
  Extent extent;                        // table + trailer dictionary, or the stream object
  std::optional<Extent> hybrid_stream;  // of /XRefStm
  Dictionary trailer;
  std::vector<std::pair<std::uint32_t, XrefEntry>> entries;  // sorted by object number; hybrid: the stream's added
  bool is_linearized_first_page = false;                     // not a revision of its own (ISO 32000-2 Annex F)
};

// A revision: what the file was when its bytes ended at `end`.
struct Revision {
  std::uint64_t end = 0;               // just after %%EOF and its end of line, or the end of the file
  std::uint64_t startxref_offset = 0;  // where the keyword stands
  // Indexes into sections(), newest first: its own section(s) before those it builds on.
  std::ranges::iota_view<std::size_t, std::size_t> sections;
};

// Something in the file's structure that is not as the standard wants it, but could be read. "*": marked as `repair`.
//   header.junk               bytes stand before "%PDF-"; header.offset_ignored: and offsets count from byte 0 all the
//   same startxref.far_from_end    more than 1024 bytes follow it; eof.missing: no %%EOF after it startxref.offset * it
//   points a few bytes beside a section; xref.prev.offset *, xref.hybrid.offset *: so does /Prev xref.prev.zero /Prev 0
//   in the oldest section, ignored; xref.prev.forward: it leads towards the end of the file xref.table.first_entry *
//   the table says that it begins at object 1, but begins with the entry of object 0 xref.table.entry_width *  entries
//   that are not 20 bytes; xref.table.count *: fewer of them than announced xref.stream.short         fewer entries
//   than /Index or /Size announce xref.duplicate_entry      two entries for one object in one section; the first counts
//   xref.number_range         entries, or a table that announces some, for object numbers beyond the limit; ignored
//   xref.hybrid.conflict      table and /XRefStm of one section define an object differently; the table counts;
//   detail: the number of the first such object
//   xref.hybrid.broken *      /XRefStm leads to nothing readable, ignored; xref.hybrid.stale: two sections name the
//   same one revision.startxref_mismatch, revision.end_missing: the lines after an older section do not name it or are
//   not there xref.rebuilt *            the file was scanned for objects; detail says why
//   xref.chain.cut *          Repair::cut: older sections are left out; detail says why
struct StructureNote {
  std::string code;  // e.g. "xref.table.first_entry", "startxref.off_by_one", "header.junk"; stable ids
  std::uint64_t offset = 0;
  std::string detail;
  bool repair = false;  // true: the cross-reference had to be found or rebuilt in memory
};

// What a file's sections lead to.
struct FileInventory {
  struct PlacedObject {
    std::uint32_t number = 0;
    std::size_t section = 0;  // of RevisionGraph::sections()
    Extent extent;
    bool is_object_stream = false;
  };
  struct Misplaced {  // an entry in use that leads to no object or to another one
    std::uint32_t number = 0;
    std::size_t section = 0;
    std::uint64_t offset = 0;
    std::string found;  // "8 0", or empty
  };
  std::vector<PlacedObject> objects;  // by offset
  std::vector<Misplaced> misplaced;
  std::vector<Extent> leftovers;
};

// RevisionGraph: every cross-reference section of a file and the revisions they form; built once.
//
// Opening reads the end of the file and follows /Prev and /XRefStm with a visited set and budgets; nothing else is
// read. When that fails and `repair` is allowed, objects are found by scanning and one section is rebuilt in memory.
class RevisionGraph {
 public:
  enum class Repair {
    refuse,  // any deviation that needs a rebuilt cross-reference is an error
    minor,   // a wrong first entry, short lines, startxref a few bytes off: mended in memory, noted
    full,    // scan the file for objects
    // For verification. As `minor`; where /Prev leads nowhere or into a circle, older sections are left out (note
    // xref.chain.cut, detail: the error's code). When the catalog is among them, the error has {link} = "Prev".
    cut,
  };
  // `full` opens a file as `minor` does when every entry leads to its object, and scans only otherwise.
  // Errors: pdf.not_pdf, pdf.truncated, pdf.xref.broken {offset}, pdf.xref.loop {offset}, pdf.trailer.broken,
  // pdf.limit. Except for `cut`: where a fuller repair would help, the error has the parameter {repairable} = "yes" (it
  // was tried; not for files above 1 GiB, which carry no such parameter). Where none would, it is pdf.unrepairable
  // {reason}.
  static Result<RevisionGraph> open(Source source, Repair repair = Repair::minor, const Limits& limits = {});

  const Source& source() const { return m_source; }
  const Limits& limits() const { return m_limits; }
  std::uint64_t header_offset() const {
    return m_header_offset;
  }  // xref offsets count from there: "%PDF-", seldom byte 0
  std::uint64_t header_position() const { return m_header_position; }  // where "%PDF-" really stands
  // "1.7"
  const std::string& header_version() const { return m_header_version; }
  std::span<const XrefSection> sections() const { return m_sections; }  // newest first
  std::span<const Revision> revisions() const { return m_revisions; }   // oldest first
  std::span<const StructureNote> notes() const { return m_notes; }
  bool was_repaired() const;
  bool was_rebuilt() const { return m_rebuilt; }  // by a full scan
  // Bytes that no revision's objects, sections, end marks, header or white space own (comments between objects are
  // such); found by reading every object. For verification. pdf.limit, pdf.file.changed.
  Result<std::vector<Extent>> leftovers() const;
  // The same with the objects, for verification. Only what stands at or after `from` is looked at.
  Result<FileInventory> inventory(std::uint64_t from = 0) const;

 private:
  friend class RevisionGraphBuilder;
  friend class ObjectView;
  Source m_source;
  Limits m_limits;
  std::uint64_t m_header_offset = 0, m_header_position = 0;
  std::string m_header_version;
  std::vector<XrefSection> m_sections;
  std::vector<Revision> m_revisions;
  std::vector<StructureNote> m_notes;
  bool m_rebuilt = false;
  std::vector<std::uint32_t> m_unread_containers;  // rebuilt and encrypted: object streams to be listed by the view
};

}  // namespace kyso::pdf

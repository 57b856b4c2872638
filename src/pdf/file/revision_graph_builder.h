#pragma once
#include <set>
#include <unordered_map>

#include "pdf/file/xref_section.h"

namespace kyso::pdf {

// Builds a RevisionGraph. Private to the module.
class RevisionGraphBuilder {
 public:
  RevisionGraphBuilder(Source source, RevisionGraph::Repair repair, const Limits& limits);
  Result<RevisionGraph> build();

 private:
  struct EndMark {  // "startxref", its number and the end of "%%EOF" and its line
    std::uint64_t keyword = 0, end = 0;
    std::optional<std::uint64_t> number;
    bool has_eof = false;
  };
  struct Scan;

  Result<> find_header();
  Result<> follow_chain();
  Result<std::optional<std::int64_t>> add_section(std::int64_t written, std::set<std::uint64_t>& hybrids);
  Result<> find_last_startxref();
  // Where the section is that the file says is at `written`; a few bytes beside it only with a note.
  Result<std::uint64_t> locate(std::int64_t written, std::string_view note_code);
  std::optional<std::uint64_t> section_near(std::uint64_t offset) const;
  void find_base(std::uint64_t written);
  Result<> add_hybrid_stream(XrefSection& section, std::set<std::uint64_t>& hybrids);
  Result<std::optional<std::int64_t>> previous_of(const XrefSection& section);
  void mark_linearized();
  void make_revisions();
  EndMark end_mark_at(std::uint64_t keyword) const;
  std::optional<EndMark> end_mark_after(std::uint64_t from, std::uint64_t until, std::uint64_t section);

  Result<> check_root();
  bool is_in_place(std::uint32_t number) const;
  const XrefEntry* newest_entry(std::uint32_t number) const;
  bool all_in_place() const;

  // Repair::full.
  Result<> rebuild(const Error& reason);
  Result<> scan_objects(Scan& scan);
  void note_object(Scan& scan, const FileObject& object);
  void note_trailer(Scan& scan, std::uint64_t offset, std::uint64_t& position);
  void list_containers(Scan& scan);
  bool choose_root(Scan& scan);
  void reset();

  XrefContext context();

  RevisionGraph::Repair m_repair;
  WorkBudget m_budget;
  std::size_t m_entries_left;
  std::uint64_t m_base = 0;
  bool m_base_is_known = false;
  EndMark m_last;
  std::set<std::uint64_t> m_visited;
  std::optional<Error> m_cut;  // why the chain of sections was cut
  RevisionGraph m_graph;
};

// One way to open, without trying whether another would help.
Result<RevisionGraph> build_revision_graph(const Source& source, RevisionGraph::Repair repair, const Limits& limits);

}  // namespace kyso::pdf

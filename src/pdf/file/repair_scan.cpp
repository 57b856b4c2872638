#include <algorithm>

#include "pdf/file/filters.h"
#include "pdf/file/object_stream.h"
#include "pdf/file/revision_graph_builder.h"

namespace kyso::pdf {

// What a scan of the whole file finds.
struct RevisionGraphBuilder::Scan {
  struct Found {
    XrefEntry entry;
    std::uint64_t position = 0;  // where it is defined: the last definition counts
  };
  std::unordered_map<std::uint32_t, Found> objects;
  std::vector<Dictionary> trailers;       // in file order
  std::vector<std::uint32_t> containers;  // object streams, in file order
  std::vector<std::uint32_t> catalogs;
  Dictionary trailer;        // merged
  bool has_streams = false;  // cross-reference streams were used
};

namespace {

constexpr std::size_t kPiece = 256U << 10U;
constexpr std::size_t kLookBack = 32;  // longest "n g " before "obj" that is understood

bool is_white(char c) {
  return c == ' ' || c == '\r' || c == '\n' || c == '\t' || c == '\0' || c == '\f';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Where "n g obj" begins when its "obj" stands at `keyword`.
std::optional<std::size_t> header_start(std::string_view text, std::size_t keyword) {
  std::size_t i = keyword;
  for (const std::size_t max_digits : {5U, 10U}) {
    const std::size_t blanks = i;
    while (i > 0 && is_white(text[i - 1])) --i;
    const std::size_t digits = i;
    while (i > 0 && is_digit(text[i - 1]) && digits - i < max_digits) --i;
    if (digits == blanks || i == digits) return std::nullopt;
  }
  return i;
}

// Reads the file forwards and keeps only one piece.
class PieceReader {
 public:
  explicit PieceReader(const Source& source) : m_source(source) {}

  struct Hit {
    bool is_trailer = false;
    std::uint64_t offset = 0;  // of "trailer", or of "n g obj"
    std::uint64_t next = 0;    // where to go on when it turns out to be nothing
  };
  // The next "n g obj" or "trailer" at or after `from`.
  Result<std::optional<Hit>> next(std::uint64_t from) {
    for (;;) {
      if (from >= m_source.size()) return std::optional<Hit>();
      if (from < m_begin + std::min<std::uint64_t>(m_begin, kLookBack) || from + kLookBack > m_begin + m_length) {
        KYSO_TRY(load(from));
      }
      const std::string_view text = as_chars(ByteView(m_piece).first(m_length));
      const std::size_t start = static_cast<std::size_t>(from - m_begin);
      const std::size_t object = text.find("obj", start);
      if (m_trailer <= start) m_trailer = text.find("trailer", start);
      const std::size_t trailer = m_trailer;
      if (object == std::string_view::npos && trailer == std::string_view::npos) {
        if (m_begin + m_length >= m_source.size()) return std::optional<Hit>();
        from = m_begin + m_length - 8;  // a keyword may stand across the border
        continue;
      }
      if (trailer < object) return std::optional(Hit{true, m_begin + trailer, m_begin + trailer + 7});
      if (const auto header = header_start(text, object); header) {
        return std::optional(Hit{false, m_begin + *header, m_begin + object + 3});
      }
      from = m_begin + object + 3;
    }
  }

 private:
  Result<> load(std::uint64_t from) {
    m_begin = from - std::min<std::uint64_t>(from, kLookBack);
    m_piece.resize(kPiece);
    m_length = KYSO_TRY(m_source.read(m_begin, m_piece));
    m_trailer = 0;
    if (m_begin + m_length <= from) return fail("pdf.file.changed", "nothing at {}", from);
    return {};
  }

  const Source& m_source;
  Bytes m_piece;
  std::uint64_t m_begin = 0;
  std::size_t m_length = 0;
  std::size_t m_trailer = 0;  // the next "trailer" in the piece, or npos; out of date when before the start
};

}  // namespace

void RevisionGraphBuilder::reset() {
  m_budget = WorkBudget::of(m_graph.m_source);
  m_graph.m_sections.clear();
  m_graph.m_revisions.clear();
  std::erase_if(m_graph.m_notes, [](const StructureNote& note) { return !note.code.starts_with("header."); });
}

void RevisionGraphBuilder::note_object(Scan& scan, const FileObject& object) {
  XrefEntry entry;
  entry.kind = XrefEntry::Kind::plain;
  entry.generation = object.id.generation;
  entry.offset = object.extent.offset;
  const bool is_possible = object.id.number > 0 && object.id.number <= m_graph.m_limits.objects;
  if (is_possible) scan.objects.insert_or_assign(object.id.number, Scan::Found{entry, entry.offset});
  const Dictionary* dictionary = object.object.as_dictionary();
  if (dictionary == nullptr || !is_possible) return;
  const Object& type = dictionary->get("Type");
  if (type.is_name("Catalog")) scan.catalogs.push_back(object.id.number);
  if (object.object.as_stream() == nullptr) return;
  if (type.is_name("ObjStm")) scan.containers.push_back(object.id.number);
  if (type.is_name("XRef")) {
    scan.trailers.push_back(*dictionary);
    scan.has_streams = true;
  }
}

void RevisionGraphBuilder::note_trailer(Scan& scan, std::uint64_t offset, std::uint64_t& position) {
  std::uint64_t end = 0;
  const auto parse = [&](Lexer& lexer) {
    auto object = parse_object(lexer, m_graph.m_limits);
    end = lexer.position();
    return object;
  };
  const auto object = parse_growing(m_graph.m_source, offset + 7, m_graph.m_limits, m_budget, parse);
  if (!object || object->as_dictionary() == nullptr) return;
  scan.trailers.push_back(*object->as_dictionary());
  position = offset + 7 + end;
}

Result<> RevisionGraphBuilder::scan_objects(Scan& scan) {
  const Source& source = m_graph.m_source;
  PieceReader reader(source);
  for (std::uint64_t position = m_graph.m_header_position; position < source.size();) {
    const auto hit = KYSO_TRY(reader.next(position));
    if (!hit) break;
    position = hit->next;
    if (hit->is_trailer) {
      note_trailer(scan, hit->offset, position);
      continue;
    }
    // A whole object is skipped with its stream: what looks like an object inside belongs to it.
    auto object = read_file_object(source, hit->offset, m_graph.m_limits, m_budget);
    if (!object && object.error().code == "pdf.limit") {
      if (m_budget.bytes == 0 || m_budget.values == 0) return std::move(object).error();
      continue;
    }
    if (!object) continue;
    note_object(scan, *object);
    position = std::max(position, object->extent.end());
    if (scan.objects.size() > m_entries_left) return fail("pdf.limit", "objects").with("limit", "xref_entries");
  }
  return {};
}

// Object streams of a file that is not encrypted: their objects count unless a later plain one has the same number.
void RevisionGraphBuilder::list_containers(Scan& scan) {
  for (const std::uint32_t container : scan.containers) {
    const auto found = scan.objects.find(container);
    if (found == scan.objects.end() || found->second.entry.kind != XrefEntry::Kind::plain) continue;
    const std::uint64_t position = found->second.position;
    const auto object = read_file_object(m_graph.m_source, position, m_graph.m_limits, m_budget);
    const Stream* stream = object ? object->object.as_stream() : nullptr;
    if (stream == nullptr) continue;
    const auto decoded = decode_direct(m_graph.m_source, *stream, m_graph.m_limits, m_budget);
    if (!decoded) continue;
    const ObjectStreamIndex index = ObjectStreamIndex::of(*stream->dictionary, *decoded);
    for (std::uint32_t i = 0; i < index.objects.size(); ++i) {
      const std::uint32_t number = index.objects[i].first;
      if (number == 0 || number > m_graph.m_limits.objects || scan.objects.size() > m_entries_left) continue;
      XrefEntry entry;
      entry.kind = XrefEntry::Kind::compressed;
      entry.container = container;
      entry.index = i;
      const auto known = scan.objects.find(number);
      if (known != scan.objects.end() && known->second.position > position) continue;
      scan.objects.insert_or_assign(number, Scan::Found{entry, position});
      Lexer lexer(*decoded, std::min<std::uint64_t>(index.objects[i].second, decoded->size()));
      if (index.objects[i].second == ObjectStreamIndex::kNowhere || lexer.peek().kind != Token::Kind::dict_begin)
        continue;
      const auto member = parse_object(lexer, m_graph.m_limits);
      if (!m_budget.spend(lexer.position() - std::min(lexer.position(), index.objects[i].second))) return;
      const Dictionary* dictionary = member ? member->as_dictionary() : nullptr;
      if (dictionary != nullptr && dictionary->get("Type").is_name("Catalog")) scan.catalogs.push_back(number);
    }
  }
}

// The newest trailer's /Root that exists, else the last catalog in the file.
bool RevisionGraphBuilder::choose_root(Scan& scan) {
  const bool is_encrypted = scan.trailer.has("Encrypt");
  for (auto trailer = scan.trailers.rbegin(); trailer != scan.trailers.rend(); ++trailer) {
    const auto root = trailer->get("Root").as_reference();
    // The objects in object streams of an encrypted file are not known before its password is.
    if (!root || (!scan.objects.contains(root->number) && !(is_encrypted && !scan.containers.empty()))) continue;
    scan.trailer.set("Root", *root);
    return true;
  }
  for (auto number = scan.catalogs.rbegin(); number != scan.catalogs.rend(); ++number) {
    const auto found = scan.objects.find(*number);
    if (found == scan.objects.end()) continue;
    scan.trailer.set("Root", ObjectId{*number, found->second.entry.generation});
    return true;
  }
  return false;
}

Result<> RevisionGraphBuilder::rebuild(const Error& reason) {
  reset();
  Scan scan;
  KYSO_TRY(scan_objects(scan));
  for (const Dictionary& trailer : scan.trailers) {
    for (const std::string_view key : {"Info", "ID", "Encrypt"}) {
      if (trailer.has(key)) scan.trailer.set(key, trailer.get(key));
    }
  }
  if (scan.trailer.has("Encrypt")) {
    m_graph.m_unread_containers = scan.containers;
  } else {
    list_containers(scan);
  }
  if (!choose_root(scan)) {
    return fail("pdf.unrepairable", "{}: {}", reason.code, reason.detail).with("reason", reason.code);
  }
  XrefSection section;
  section.kind = scan.has_streams || !scan.containers.empty() ? XrefKind::stream : XrefKind::table;
  std::uint32_t size = 1;
  section.entries.reserve(scan.objects.size());
  for (const auto& [number, found] : scan.objects) {
    section.entries.emplace_back(number, found.entry);
    size = std::max(size, number + 1);
  }
  std::ranges::sort(section.entries, {}, &std::pair<std::uint32_t, XrefEntry>::first);
  scan.trailer.set("Size", static_cast<std::int64_t>(size));
  section.trailer = std::move(scan.trailer);
  m_graph.m_sections.push_back(std::move(section));
  m_graph.m_revisions.push_back(
      {m_graph.m_source.size(), m_last.keyword, std::views::iota(std::size_t{0}, std::size_t{1})});
  m_graph.m_notes.push_back({"xref.rebuilt", 0, fmt::format("{}: {}", reason.code, reason.detail), true});
  m_graph.m_rebuilt = true;
  return {};
}

}  // namespace kyso::pdf

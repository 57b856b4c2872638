#include "verify/facts/structure.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "verify/facts/duplicate_keys.h"
#include "verify/facts/geometry.h"
#include "verify/facts/object_place.h"
#include "verify/facts/object_streams.h"

namespace kyso::verify {

namespace {

using pdf::Object;

// Files up to these are looked at entirely: honest letters are far below, and no check may cost more than reading.
constexpr std::uint64_t kSmallFile = 8U << 20U;
constexpr std::size_t kFewEntries = 4000;
constexpr std::uint64_t kClassified = 8U << 20U;
constexpr std::size_t kMaxFindings = 200;  // of one kind of trouble
constexpr std::size_t kMaxWalked = 3'000'000;
constexpr std::uint64_t kHuge = 1U << 30U;
constexpr std::uint64_t kProbed = 2U << 20U;  // bytes of streams that are decoded to see whether they are bombs

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_blank(char c) {
  return c == ' ' || c == '\r' || c == '\n' || c == '\t' || c == '\0' || c == '\f';
}

// "n g obj" before `keyword` (the position of "obj"): its number and where it begins.
std::optional<std::pair<std::uint32_t, std::size_t>> header_before(std::string_view text, std::size_t keyword) {
  std::size_t i = keyword;
  std::uint64_t number = 0;
  for (int part = 0; part < 2; ++part) {
    const std::size_t blanks = i;
    while (i > 0 && is_blank(text[i - 1])) --i;
    if (i == blanks) return std::nullopt;
    const std::size_t end = i;
    while (i > 0 && is_digit(text[i - 1]) && end - i < 10) --i;
    if (i == end) return std::nullopt;
    number = 0;
    for (std::size_t k = i; k < end; ++k) number = number * 10 + static_cast<std::uint64_t>(text[k] - '0');
  }
  if (number > UINT32_MAX) return std::nullopt;
  return std::pair{static_cast<std::uint32_t>(number), i};
}

class Structure {
 public:
  explicit Structure(const StructureInput& input) : m_input(input), m_graph(input.graph) {}

  Result<StructureFacts> examine() {
    std::size_t entries = 0;
    for (const pdf::XrefSection& section : m_graph.sections()) entries += section.entries.size();
    const bool is_small = m_input.source.size() <= kSmallFile || entries <= kFewEntries;
    if (is_small && m_input.newest != nullptr) walk_objects();
    KYSO_TRY(take_inventory(is_small));
    find_tails();
    check_encryption();
    const bool has_reached = is_small && m_input.newest != nullptr;
    for (Finding& finding : find_later_duplicate_keys(m_input, has_reached ? &m_reached : nullptr, kMaxFindings))
      m_result.findings.push_back(std::move(finding));
    if (is_small) {
      check_entries();
      check_object_streams();
      if (m_input.newest != nullptr) m_result.reached = std::move(m_reached);
    }
    return std::move(m_result);
  }

 private:
  Finding& add(std::string_view code, Severity severity) {
    m_result.findings.emplace_back(code, severity);
    return m_result.findings.back();
  }
  bool is_reachable(std::uint32_t number) const { return m_input.newest == nullptr || m_reached.contains(number); }

  // Everything that the newest revision's trailer leads to; circles in trees on the way.
  void walk_objects() {
    std::vector<Object> pending{m_input.newest->trailer().get("Root"), m_input.newest->trailer().get("Info")};
    std::size_t walked = 0;
    while (!pending.empty() && walked < kMaxWalked) {
      const Object object = std::move(pending.back());
      pending.pop_back();
      ++walked;
      if (const auto id = object.as_reference()) {
        reach(*id, pending);
      } else if (const pdf::Array* array = object.as_array()) {
        for (const Object& item : *array) push(item, pending);
      } else if (const pdf::Dictionary* dictionary = object.as_dictionary()) {
        for (const auto& [key, value] : *dictionary) push(value, pending);
      }
    }
    find_circles();
  }
  static void push(const Object& value, std::vector<Object>& pending) {
    if (value.as_reference() || value.as_array() != nullptr || value.as_dictionary() != nullptr)
      pending.push_back(value);
  }

  void reach(pdf::ObjectId id, std::vector<Object>& pending) {
    const pdf::XrefEntry* entry = m_input.newest->entry(id.number);
    const bool is_used = entry != nullptr && entry->kind != pdf::XrefEntry::Kind::free;
    if (is_used && entry->generation != id.generation && m_mismatches++ < kMaxFindings) {
      Finding& finding = add("xref.entry-mismatch", Severity::failure);
      finding.at(entry->offset).object = id.number;
      finding.with("found", fmt::format("{} {}", id.number, id.generation));
    }
    if (!m_reached.insert(id.number).second) return;
    if (!is_used && entry != nullptr) m_reached_free.insert(id.number);
    auto object = m_input.newest->get(id);
    if (!object) return note_unreadable(id.number, *entry, object.error());
    note_branches(id.number, *object);
    if (object->as_stream() != nullptr) probe(id.number, *object->as_stream());
    pending.push_back(*std::move(object));
  }

  void note_unreadable(std::uint32_t number, const pdf::XrefEntry& entry, const Error& error) {
    if (m_unreadable++ >= kMaxFindings) return;
    if (error.code == "pdf.limit") {
      std::string limit = "object";
      for (const auto& [name, value] : error.params) {
        if (name == "limit") limit = value;
      }
      Finding& finding = add("resource.limit", Severity::failure).with("limit", limit);
      finding.object = number;
      finding.offset = place_of_object(*m_input.newest, number);
      return;
    }
    if (entry.kind == pdf::XrefEntry::Kind::compressed) {
      Finding& finding = add("objstm.broken", Severity::failure);
      finding.object = number;
      finding.offset = place_of_object(*m_input.newest, number);
      finding.with("container", fmt::format("{}", entry.container));
      m_broken.insert(number);
      return;
    }
    m_broken.insert(number);
    add("object.broken", Severity::failure).at(entry.offset).object = number;
  }

  // Decodes a stream that might become too large for any reader; how much is decoded in all is bounded.
  void probe(std::uint32_t number, const pdf::Stream& stream) {
    constexpr std::uint64_t kMostExpansion = 1032;  // of Flate
    const auto* extent = std::get_if<pdf::Extent>(&stream.data);
    if (extent == nullptr || extent->length > m_probed_left || !stream.dictionary->has("Filter")) return;
    const pdf::Array* chain = stream.dictionary->get("Filter").as_array();
    std::uint64_t size = extent->length;
    for (std::size_t i = 0; i < (chain != nullptr ? chain->size() : 1); ++i)
      size = std::min(size, kHuge) * kMostExpansion;
    if (size <= m_graph.limits().decoded_stream) return;
    m_probed_left -= extent->length;
    const auto decoded = m_input.newest->decode(stream);
    if (!decoded && decoded.error().code == "pdf.limit") {
      Finding& finding = add("resource.limit", Severity::failure).with("limit", "decoded_stream");
      finding.at(extent->offset, extent->length).object = number;
      m_probed_left = 0;
    }
  }

  // The edges of trees: page tree, fields, name trees, outlines, structure.
  void note_branches(std::uint32_t number, const Object& object) {
    const pdf::Dictionary* dictionary = object.as_dictionary();
    if (dictionary == nullptr || object.as_stream() != nullptr) return;
    auto& edges = m_branches[number];
    for (const std::string_view key : {"Kids", "First", "Next", "K"}) {
      const Object& value = dictionary->get(key);
      if (const auto id = value.as_reference()) edges.push_back(id->number);
      if (const pdf::Array* array = value.as_array()) {
        for (const Object& item : *array) {
          if (const auto kid = item.as_reference()) edges.push_back(kid->number);
        }
      }
    }
    if (edges.empty()) m_branches.erase(number);
  }

  void find_circles() {
    std::unordered_map<std::uint32_t, int> states;  // 1: on the path, 2: done
    for (const auto& [start, unused] : m_branches) {
      if (states.contains(start)) continue;
      std::vector<std::pair<std::uint32_t, std::size_t>> path{{start, 0}};
      states[start] = 1;
      while (!path.empty()) {
        auto& [number, next] = path.back();
        const auto edges = m_branches.find(number);
        if (edges == m_branches.end() || next >= edges->second.size()) {
          states[number] = 2;
          path.pop_back();
          continue;
        }
        const std::uint32_t kid = edges->second[next++];
        const int state = states.contains(kid) ? states[kid] : 0;
        if (state == 1) {
          add("resource.limit", Severity::failure).with("limit", "tree-loop").object = kid;
          return;
        }
        if (state == 2) continue;
        states[kid] = 1;
        path.emplace_back(kid, 0);
      }
    }
  }

  Result<> take_inventory(bool is_small) {
    std::uint64_t from = 0;
    if (!is_small) from = m_input.first_signed_end.value_or(m_graph.source().size());
    auto inventory = m_graph.inventory(from);
    if (!inventory && inventory.error().code == "pdf.file.changed") return std::move(inventory).error();
    if (inventory) {
      m_inventory = *std::move(inventory);
    } else {
      add("resource.limit", Severity::failure).with("limit", "work");
    }
    m_result.leftovers = m_inventory.leftovers;
    if (!m_input.cut_at || *m_input.cut_at >= m_input.source.size()) return {};
    if (!is_blank_from(m_input.source, *m_input.cut_at)) {
      m_result.leftovers.push_back({*m_input.cut_at, m_input.source.size() - *m_input.cut_at});
    }
    return {};
  }

  // Every byte after the signed revision belongs to a well-formed revision or is white space (case 17).
  void find_tails() {
    const std::uint64_t size = m_input.source.size();
    std::size_t count = 0;
    for (const pdf::Extent& leftover : m_result.leftovers) {
      const std::string kind = classify(leftover);
      const bool is_after = m_input.first_signed_end && leftover.end() > *m_input.first_signed_end;
      if (!is_after || count++ >= kMaxFindings) continue;
      const std::uint64_t begin = std::max(leftover.offset, *m_input.first_signed_end);
      const bool is_text = kind == "tail.bytes", is_comment = kind == "tail.comment";
      const bool is_between = is_comment && begin < m_graph.revisions().back().startxref_offset;
      Finding& finding =
          add(is_comment && !is_between ? "tail.bytes" : kind, is_between              ? Severity::info
                                                               : is_text || is_comment ? Severity::indeterminate
                                                                                       : Severity::failure);
      finding.at(begin, leftover.end() - begin);
    }
    if (!m_input.last_signed_end || count > 0) return;
    const std::uint64_t end = std::max(*m_input.last_signed_end, m_graph.revisions().back().end);
    if (end < size && is_blank_from(m_input.source, end)) add("tail.whitespace", Severity::info).at(end, size - end);
  }

  std::string classify(pdf::Extent leftover) {
    const std::string_view text =
        as_chars(m_input.source.view(leftover.offset, std::min(leftover.length, kClassified)));
    bool has_object = false;
    for (std::size_t at = text.find("obj"); at != std::string_view::npos; at = text.find("obj", at + 3)) {
      const auto header = header_before(text, at);
      if (!header) continue;
      has_object = true;
      if (m_result.hidden_objects.size() < 10'000) {
        m_result.hidden_objects.emplace_back(header->first, leftover.offset + header->second);
      }
    }
    const auto has = [&](std::string_view word) { return text.find(word) != std::string_view::npos; };
    const bool has_section = has("startxref") || has("trailer") || has("xref") || (has_object && has("/XRef"));
    if (has_section) return "tail.unreachable-revision";
    if (has_object) return "tail.objects";
    bool is_comment = true;
    for (std::size_t i = 0; i < text.size() && is_comment;) {  // every line begins with "%"
      while (i < text.size() && is_blank(text[i])) ++i;
      is_comment = i >= text.size() || text[i] == '%';
      i = text.find_first_of("\r\n", i);
      if (i == std::string_view::npos) break;
    }
    return is_comment && leftover.length <= kClassified ? "tail.comment" : "tail.bytes";
  }

  void check_entries() {
    std::size_t count = 0;
    for (const auto& misplaced : m_inventory.misplaced) {
      if (count++ >= kMaxFindings) break;
      Finding& finding =
          add("xref.entry-mismatch", is_reachable(misplaced.number) ? Severity::failure : Severity::warning);
      finding.at(misplaced.offset).object = misplaced.number;
      finding.with("found", misplaced.found);
      std::erase_if(m_result.findings, [&](const Finding& other) {
        return other.code == "object.broken" && other.object == misplaced.number;
      });
    }
    check_overlaps();
    check_numbers();
    for (const auto& [number, offset] : m_result.hidden_objects) {  // a free entry for an object in use
      if (!m_reached_free.contains(number) || count++ >= kMaxFindings) continue;
      add("xref.entry-mismatch", Severity::failure).at(offset).object = number;
    }
  }

  // An entry that leads into another object: into its string or its stream.
  void check_overlaps() {
    std::uint64_t end = 0;
    std::size_t count = 0;
    for (const auto& object : m_inventory.objects) {
      if (object.extent.offset < end && count++ < kMaxFindings) {
        Finding& finding =
            add("xref.entry-mismatch", is_reachable(object.number) ? Severity::failure : Severity::warning);
        finding.at(object.extent.offset).object = object.number;
        finding.with("found", "inside another object");
      }
      end = std::max(end, object.extent.end());
    }
  }

  // ISO 32000-2 table 15: /Size is greater than every number in use. Object 0 is never in use.
  void check_numbers() {
    for (std::size_t rank = 0; rank < m_graph.sections().size(); ++rank) {
      const pdf::XrefSection& section = m_graph.sections()[rank];
      if (m_graph.was_rebuilt() || section.entries.empty()) continue;
      const auto& [lowest, first] = section.entries.front();
      if (lowest == 0 && first.kind != pdf::XrefEntry::Kind::free) {
        add("xref.entry-mismatch", Severity::failure).at(section.extent.offset).object = 0;
        return;
      }
      const auto size = section.trailer.get("Size").as_integer();
      const auto used = std::find_if(section.entries.rbegin(), section.entries.rend(),
                                     [](const auto& entry) { return entry.second.kind != pdf::XrefEntry::Kind::free; });
      if (!size || used == section.entries.rend() || *size > static_cast<std::int64_t>(used->first)) continue;
      const bool is_first_page = section.is_linearized_first_page;  // its /Size is that of the whole file
      if (is_first_page) continue;
      Finding& finding = add("xref.entry-mismatch", is_reachable(used->first) ? Severity::failure : Severity::warning);
      finding.at(section.extent.offset).object = used->first;
      finding.with("found", fmt::format("/Size {}", *size));
      return;
    }
  }

  void check_object_streams() {
    if (m_input.newest == nullptr) return;
    const ObjectStreamInput input{*m_input.newest, m_inventory, m_reached, m_reached_free, m_broken};
    for (Finding& finding : examine_object_streams(input, kMaxFindings))
      m_result.findings.push_back(std::move(finding));
  }

  // ISO 32000-2 section 7.5.5: readers take /Encrypt from the last trailer. Where an update left it out, some show its
  // objects as they stand and some decrypt them.
  void check_encryption() {
    bool was_encrypted = false;
    for (std::size_t i = 0; i < m_graph.revisions().size(); ++i) {
      const pdf::XrefSection& own = m_graph.sections()[m_graph.revisions()[i].sections.front()];
      const bool is_encrypted = !own.trailer.get("Encrypt").is_null();
      if (was_encrypted && !is_encrypted) {
        Finding& finding = add("change.encryption", Severity::failure);
        finding.at(own.extent.offset).revision = i + 1;
        return;
      }
      was_encrypted = is_encrypted;
    }
  }

  const StructureInput& m_input;
  const pdf::RevisionGraph& m_graph;
  StructureFacts m_result;
  pdf::FileInventory m_inventory;
  std::unordered_set<std::uint32_t> m_reached, m_reached_free, m_broken;
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> m_branches;
  std::uint64_t m_probed_left = kProbed;
  std::size_t m_mismatches = 0, m_unreadable = 0;
};

}  // namespace

Result<StructureFacts> examine_structure(const StructureInput& input) {
  return Structure(input).examine();
}

}  // namespace kyso::verify

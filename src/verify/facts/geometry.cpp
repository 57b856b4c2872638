#include "verify/facts/geometry.h"

#include <algorithm>
#include <array>
#include <set>

namespace kyso::verify {

namespace {

using pdf::Token;

constexpr std::size_t kKeptNumbers = 16;
constexpr std::size_t kMaxSlot = 64U << 20U;

bool is_white(std::uint8_t c) {
  return c == ' ' || c == '\r' || c == '\n' || c == '\t' || c == 0 || c == '\f';
}
int hex_value(std::uint8_t c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// One signature under examination.
class Examination {
 public:
  Examination(const pdf::RevisionGraph& graph, const pdf::Source& source, SignatureRecord& record)
      : m_graph(graph), m_source(source), m_record(record), m_facts(record.facts) {}

  void run() {
    find_duplicate_keys();
    read_types();
    const bool has_contents = read_contents();
    if (!read_numbers()) return;
    check_order();
    check_gap(has_contents);
    check_end();
  }

 private:
  Finding& add(std::string_view code, Severity severity, std::uint64_t offset,
               std::optional<std::uint64_t> length = std::nullopt) {
    Finding finding(code, severity);
    finding.at(offset, length);
    if (m_facts.object != 0) finding.object = m_facts.object;
    m_facts.findings.push_back(std::move(finding));
    return m_facts.findings.back();
  }

  std::uint64_t offset_of(std::string_view key) const {
    const RawEntry* entry = m_record.raw ? m_record.raw->find(key) : nullptr;
    return entry != nullptr ? entry->key_offset : m_facts.offset;
  }

  // Readers differ in which of two equal keys counts.
  void find_duplicate_keys() {
    if (!m_record.raw) {
      if (m_record.dictionary.has_duplicate_keys()) add("sigdict.duplicate-key", Severity::failure, m_facts.offset);
      return;
    }
    std::set<std::string_view> seen;
    for (const RawEntry& entry : m_record.raw->entries) {
      if (seen.insert(entry.key).second) continue;
      add("sigdict.duplicate-key", Severity::failure, entry.key_offset).with("key", entry.key);
      return;
    }
  }

  // ISO 32000-2 table 255.
  void read_types() {
    constexpr std::array kKnown = {"adbe.pkcs7.detached", "ETSI.CAdES.detached", "ETSI.RFC3161"};
    const bool is_token = m_facts.sub_filter == "ETSI.RFC3161";
    m_facts.kind = is_token ? SignatureKind::document_time_stamp : SignatureKind::signature;
    if (std::ranges::find(kKnown, m_facts.sub_filter) == kKnown.end()) {
      add("subfilter.unknown", Severity::indeterminate, offset_of("SubFilter")).with("name", m_facts.sub_filter);
    }
    const pdf::Object& type = m_record.dictionary.get("Type");
    if (is_token && !type.is_name("DocTimeStamp")) {
      add("timestamp.type", Severity::warning, offset_of("Type"));
    } else if (!is_token && !type.is_null() && !type.is_name("Sig")) {
      const std::string* name = type.as_name();
      add("sigdict.type", Severity::failure, offset_of("Type")).with("type", name != nullptr ? *name : "");
    }
  }

  // /Contents must be one hexadecimal string, direct, in this dictionary.
  bool read_contents() {
    if (!m_record.raw) {
      const pdf::String* text = m_record.dictionary.get("Contents").as_string();
      if (text == nullptr) {
        add("contents.type", Severity::failure, m_facts.offset);
        return false;
      }
      m_facts.cms.assign(text->bytes.begin(), text->bytes.end());
      return true;
    }
    const RawEntry* entry = m_record.raw->find("Contents");
    if (entry == nullptr || entry->is_reference || entry->value.length > kMaxSlot) {
      add("contents.type", Severity::failure, offset_of("Contents"));
      if (entry != nullptr && entry->is_reference) add("contents.gap-mismatch", Severity::failure, entry->value.offset);
      return false;
    }
    if (entry->kind == Token::Kind::string) {
      add("contents.gap-mismatch", Severity::failure, entry->value.offset, entry->value.length);
      return false;
    }
    if (entry->kind != Token::Kind::hex_string) {
      add("contents.type", Severity::failure, entry->value.offset, entry->value.length);
      return false;
    }
    m_record.slot = entry->value;
    decode_slot(entry->value);
    return true;
  }

  void decode_slot(pdf::Extent slot) {
    const ByteView bytes = m_source.view(slot.offset + 1, slot.length - 2);
    m_facts.cms.reserve(bytes.size() / 2);
    int high = -1;
    std::optional<std::size_t> garbage;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const int value = hex_value(bytes[i]);
      if (value < 0) {
        if (!is_white(bytes[i]) && !garbage) garbage = i;
        continue;
      }
      if (high < 0) {
        high = value;
        continue;
      }
      m_facts.cms.push_back(static_cast<std::uint8_t>(high * 16 + value));
      high = -1;
    }
    if (high >= 0) m_facts.cms.push_back(static_cast<std::uint8_t>(high * 16));
    if (garbage) add("contents.not-hex", Severity::failure, slot.offset + 1 + *garbage, 1);
  }

  // Four integers that can be positions and lengths.
  bool read_numbers() {
    RawNumbers numbers;
    std::uint64_t where = offset_of("ByteRange");
    if (m_record.raw) {
      const RawEntry* entry = m_record.raw->find("ByteRange");
      if (entry == nullptr || entry->kind != Token::Kind::array_begin) {
        add("byterange.type", Severity::failure, where);
        return false;
      }
      where = entry->value.offset;
      numbers = read_raw_numbers(m_source, entry->value, kKeptNumbers);
    } else {
      const pdf::Array* array = m_record.dictionary.get("ByteRange").as_array();
      if (array == nullptr) {
        add("byterange.type", Severity::failure, where);
        return false;
      }
      numbers.count = array->size();
      for (const pdf::Object& item : *array) {
        if (numbers.first.size() < kKeptNumbers) numbers.first.push_back({item.as_integer(), false});
      }
    }
    bool is_well_typed = true;
    for (const RawNumber& number : numbers.first) {
      is_well_typed = is_well_typed && number.integer && *number.integer >= 0;
      if (number.integer && is_well_typed) m_facts.byte_range.push_back(*number.integer);
    }
    if (!is_well_typed) {
      add("byterange.type", Severity::failure, where);
      m_facts.byte_range.clear();
    }
    if (numbers.count != 4) {
      add("byterange.count", Severity::failure, where).with("count", fmt::format("{}", numbers.count));
      return false;
    }
    return is_well_typed && has_bounded_numbers(where);
  }

  bool has_bounded_numbers(std::uint64_t where) {
    const auto& range = m_facts.byte_range;
    const bool is_beyond = std::ranges::any_of(
        range, [&](std::int64_t number) { return static_cast<std::uint64_t>(number) > m_source.size(); });
    if (!is_beyond) return true;
    add("byterange.type", Severity::failure, where);
    if (range[2] <= INT64_MAX - range[3]) {
      const std::uint64_t end = static_cast<std::uint64_t>(range[2] + range[3]);
      if (end > m_source.size()) {
        add("byterange.overrun", Severity::failure, m_source.size(), end - m_source.size());
      }
    }
    return false;
  }

  std::uint64_t number(std::size_t i) const { return static_cast<std::uint64_t>(m_facts.byte_range[i]); }

  void check_order() {
    if (number(0) != 0) add("byterange.start", Severity::failure, 0, number(0));
    const std::uint64_t end = number(2) + number(3);
    if (end > m_source.size()) add("byterange.overrun", Severity::failure, m_source.size(), end - m_source.size());
    m_record.covered_end = std::min(end, m_source.size());
    const std::uint64_t gap = number(0) + number(1);
    m_facts.gap = {gap, number(2) > gap ? number(2) - gap : 0};
    if (number(2) < gap) {
      add("byterange.overlap", Severity::failure, number(2), gap - number(2));
      m_record.covered_end.reset();
    }
  }

  // The gap must be the token, no byte more and no byte less.
  void check_gap(bool has_contents) {
    if (!has_contents) return;
    if (!m_record.slot) {  // in an object stream: it can't be where the gap is
      add("contents.gap-mismatch", Severity::failure, m_facts.gap.offset, m_facts.gap.length);
      return;
    }
    const pdf::Extent gap = m_facts.gap, slot = *m_record.slot;
    if (gap == slot) return;
    const bool is_around = gap.offset <= slot.offset && gap.end() >= slot.end();
    const bool is_larger_before = gap.offset<slot.offset, is_larger_after = gap.end()> slot.end();
    if (!is_around || (is_larger_before && is_larger_after)) {
      add("contents.gap-mismatch", Severity::failure, gap.offset, gap.length);
    }
    if (!is_around) return;
    if (is_larger_before) add("byterange.hole", Severity::failure, gap.offset, slot.offset - gap.offset);
    if (is_larger_after) add("byterange.hole", Severity::failure, slot.end(), gap.end() - slot.end());
  }

  // "%%EOF" and white space stand before `end`.
  bool ends_with_mark(std::uint64_t end) const {
    const std::uint64_t from = end - std::min<std::uint64_t>(end, 1024);
    ByteView bytes = m_source.view(from, end - from);
    while (!bytes.empty() && is_white(bytes.back())) bytes = bytes.first(bytes.size() - 1);
    return as_chars(bytes).ends_with("%%EOF");
  }

  void check_end() {
    if (!m_record.covered_end) return;
    const std::uint64_t end = *m_record.covered_end;
    const auto revisions = m_graph.revisions();
    m_facts.covers_whole_document = is_blank_from(m_source, end);
    // The last revision that is covered with its end mark. White space and whatever else stood behind it when it was
    // signed may be covered too.
    std::size_t reached = revisions.size();
    const auto after = std::ranges::upper_bound(revisions, end, {}, &pdf::Revision::end);
    if (after != revisions.end() && end > after->startxref_offset && ends_with_mark(end)) {
      reached = static_cast<std::size_t>(after - revisions.begin());
    } else if (after != revisions.begin()) {
      reached = static_cast<std::size_t>(after - revisions.begin()) - 1;
    }
    const bool is_own = reached < revisions.size() && reached >= m_facts.first_revision;
    const bool is_next_begun = is_own && !m_facts.covers_whole_document && end > revisions[reached].end &&
                               !is_blank(revisions[reached].end, end);
    if (is_own && !is_next_begun) {
      m_facts.revision = reached;
      return;
    }
    const auto wanted = std::min<std::size_t>(m_facts.first_revision, revisions.size() - 1);
    const std::uint64_t full = std::max(revisions[wanted].end, end);
    if (m_facts.covers_whole_document && full == end) {
      m_facts.revision = wanted;
      return;
    }
    add("byterange.tail", Severity::failure, end, full - end);
  }

  bool is_blank(std::uint64_t from, std::uint64_t to) const {
    const ByteView bytes = m_source.view(from, std::min<std::uint64_t>(to - from, 64U << 10U));
    return bytes.size() == to - from && std::ranges::all_of(bytes, is_white);
  }

  const pdf::RevisionGraph& m_graph;
  const pdf::Source& m_source;
  SignatureRecord& m_record;
  SignatureFacts& m_facts;
};

}  // namespace

bool is_blank_from(const pdf::Source& source, std::uint64_t offset) {
  constexpr std::uint64_t kMost = 1U << 20U;
  if (offset >= source.size()) return true;
  if (source.size() - offset > kMost) return false;
  return std::ranges::all_of(source.view(offset, kMost), is_white);
}

void examine_dictionary(const pdf::RevisionGraph& graph, const pdf::Source& source, SignatureRecord& record) {
  Examination(graph, source, record).run();
}

void find_overlaps(std::vector<SignatureRecord>& records) {
  std::vector<std::pair<pdf::Extent, std::size_t>> slots;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (records[i].slot) slots.emplace_back(*records[i].slot, i);
  }
  std::ranges::sort(slots, {}, [](const auto& slot) { return slot.first.offset; });
  // What [begin, end) cuts off or leaves out of another signature's slot.
  const auto other_in = [&](std::uint64_t begin, std::uint64_t end, std::size_t self) -> std::optional<pdf::Extent> {
    auto slot = std::ranges::lower_bound(slots, begin, {}, [](const auto& s) { return s.first.offset; });
    if (slot != slots.begin() && std::prev(slot)->first.end() > begin) --slot;
    for (; slot != slots.end() && slot->first.offset < end; ++slot) {
      if (slot->second != self) return slot->first;
    }
    return std::nullopt;
  };
  for (std::size_t i = 0; i < records.size(); ++i) {
    SignatureFacts& facts = records[i].facts;
    const auto& range = facts.byte_range;
    std::optional<pdf::Extent> cut;
    for (std::size_t k = 2; k + 1 < range.size() && !cut; k += 2) {
      if (range[k - 2] > INT64_MAX - range[k - 1]) break;
      const auto begin = static_cast<std::uint64_t>(range[k - 2] + range[k - 1]);
      const auto end = static_cast<std::uint64_t>(range[k]);
      if (begin < end) cut = other_in(begin, end, i);
    }
    if (!cut && records[i].covered_end && *records[i].covered_end > 0) {  // its end stands inside another slot
      const std::uint64_t end = *records[i].covered_end;
      cut = other_in(end - 1, end, i);
      if (cut && cut->end() <= end) cut.reset();
    }
    if (!cut) continue;
    Finding finding("byterange.overlap", Severity::failure);
    finding.at(cut->offset, cut->length);
    if (facts.object != 0) finding.object = facts.object;
    facts.findings.insert(facts.findings.begin(), finding);
  }
}

}  // namespace kyso::verify

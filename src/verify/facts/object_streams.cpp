#include "verify/facts/object_streams.h"

#include <algorithm>
#include <map>

#include "pdf/syntax/lexer.h"
#include "verify/facts/object_place.h"

namespace kyso::verify {

namespace {

using pdf::Object;
using pdf::XrefEntry;

// Of all object streams together.
constexpr std::size_t kMaxExtendsSteps = 100'000;
constexpr std::size_t kMaxMembers = 2'000'000;

class ObjectStreams {
 public:
  ObjectStreams(const ObjectStreamInput& input, std::size_t most) : m_input(input), m_most(most) {}

  std::vector<Finding> run() {
    list_members();
    check_encryption();
    for (const auto& object : m_input.inventory.objects) {
      const XrefEntry* own = m_input.newest.entry(object.number);
      const bool is_current =
          own != nullptr && own->kind == XrefEntry::Kind::plain && own->offset == object.extent.offset;
      if (m_members_read >= kMaxMembers) {
        m_findings.push_back(Finding("resource.limit", Severity::failure).with("limit", "object_stream"));
        m_findings.back().at(object.extent.offset).object = object.number;
        break;
      }
      if (is_current && (object.is_object_stream || m_members.contains(object.number))) examine(object);
    }
    check_unreached();
    return std::move(m_findings);
  }

 private:
  struct Header {
    std::vector<std::uint32_t> members;
    std::string trouble;
  };

  Finding* add(std::string_view code, Severity severity, std::size_t& count) {
    if (count++ >= m_most) return nullptr;
    m_findings.emplace_back(code, severity);
    return &m_findings.back();
  }

  void broken(std::uint32_t object, std::uint32_t container, Severity severity, std::string_view cause) {
    Finding* finding = add("objstm.broken", severity, m_broken);
    if (finding == nullptr) return;
    finding->object = object;
    finding->offset = place_of_object(m_input.newest, object);
    finding->with("container", fmt::format("{}", container)).with("cause", cause);
  }

  // What the newest entries say to stand in which object stream.
  void list_members() {
    for (const pdf::XrefSection& section : m_input.newest.graph().sections()) {
      for (const auto& [number, entry] : section.entries) {
        if (entry.kind != XrefEntry::Kind::compressed) continue;
        const XrefEntry* newest = m_input.newest.entry(number);
        if (newest != nullptr && newest->kind == entry.kind && newest->container == entry.container)
          m_members[entry.container].push_back(number);
      }
    }
  }

  // ISO 32000-2 section 7.5.7: who can't decrypt the object stream can't learn from it how to.
  void check_encryption() {
    const auto id = m_input.newest.trailer().get("Encrypt").as_reference();
    const XrefEntry* entry = id ? m_input.newest.entry(id->number) : nullptr;
    if (entry != nullptr && entry->kind == XrefEntry::Kind::compressed)
      broken(id->number, entry->container, Severity::failure, "encryption");
  }

  void examine(const pdf::FileInventory::PlacedObject& object) {
    const auto value = m_input.newest.get({object.number, m_input.newest.entry(object.number)->generation});
    const pdf::Stream* stream = value ? value->as_stream() : nullptr;
    if (stream == nullptr) return;  // its members can't be read, and that is told
    Header header = read_header(*stream);
    if (header.trouble.empty() && has_extends_ring(object.number, *stream)) header.trouble = "extends";
    if (!header.trouble.empty() && !is_told(object.number)) {
      m_told.insert(object.number);
      const auto members = m_members.find(object.number);
      const bool is_used =
          members != m_members.end() &&
          std::ranges::any_of(members->second, [&](std::uint32_t member) { return m_input.reached.contains(member); });
      broken(object.number, object.number, is_used ? Severity::failure : Severity::warning, header.trouble);
    }
    for (const std::uint32_t member : header.members) compare_with_section(object, member);
  }

  // By a member that is in use and can't be read.
  bool is_told(std::uint32_t container) const {
    const auto members = m_members.find(container);
    return members != m_members.end() && std::ranges::any_of(members->second, [&](std::uint32_t member) {
             return m_input.unreadable.contains(member);
           });
  }

  // ISO 32000-2 section 7.5.7: /N pairs of numbers, offsets in increasing order; /Length not in an object stream.
  Header read_header(const pdf::Stream& stream) {
    Header header;
    const auto length = stream.dictionary->get("Length").as_reference();
    const XrefEntry* entry = length ? m_input.newest.entry(length->number) : nullptr;
    if (entry != nullptr && entry->kind == XrefEntry::Kind::compressed) header.trouble = "length";
    const auto integer = [&](std::string_view key) -> std::optional<std::int64_t> {
      const auto value = m_input.newest.resolve(*stream.dictionary, key);
      return value ? value->as_integer() : std::nullopt;
    };
    const std::int64_t count = integer("N").value_or(-1), first = integer("First").value_or(-1);
    const auto data = m_input.newest.decode(stream);
    if (!data) {
      header.trouble = "data";
      return header;
    }
    if (count < 0 || first < 0 || static_cast<std::uint64_t>(first) > data->size()) {
      header.trouble = "header";
      return header;
    }
    const ByteView bytes = *data;
    const std::uint64_t room = bytes.size() - static_cast<std::uint64_t>(first);
    pdf::Lexer lexer(bytes.first(static_cast<std::size_t>(first)));
    std::int64_t previous = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      const pdf::Token number = lexer.next(), offset = lexer.next();
      const bool are_integers = number.kind == pdf::Token::Kind::integer && offset.kind == pdf::Token::Kind::integer;
      if (!are_integers || number.integer < 0 || number.integer > UINT32_MAX) {
        header.trouble = "count";
        break;
      }
      if (offset.integer < previous || static_cast<std::uint64_t>(offset.integer) >= room) header.trouble = "offset";
      previous = std::max(previous, offset.integer);
      header.members.push_back(static_cast<std::uint32_t>(number.integer));
      if (++m_members_read >= kMaxMembers) break;
    }
    return header;
  }

  // Another copy of what the same section finds elsewhere, or says not to exist.
  void compare_with_section(const pdf::FileInventory::PlacedObject& container, std::uint32_t member) {
    const auto& entries = m_input.newest.graph().sections()[container.section].entries;
    const auto own = std::ranges::lower_bound(entries, member, {}, &std::pair<std::uint32_t, XrefEntry>::first);
    if (own == entries.end() || own->first != member) return;
    const XrefEntry& entry = own->second;
    const XrefEntry* newest = m_input.newest.entry(member);
    if (newest == nullptr || newest->kind != entry.kind || newest->offset != entry.offset ||
        newest->container != entry.container) {
      return;
    }
    const bool is_elsewhere = entry.kind == XrefEntry::Kind::plain ||
                              (entry.kind == XrefEntry::Kind::compressed && entry.container != container.number);
    const bool is_denied = entry.kind == XrefEntry::Kind::free && m_input.reached_free.contains(member);
    if (!is_elsewhere && !is_denied) return;
    Finding* finding = is_denied ? add("xref.entry-mismatch", Severity::failure, m_denied)
                                 : add("objstm.shadow-copy", Severity::warning, m_copies);
    if (finding == nullptr) return;
    finding->at(container.extent.offset).object = member;
    finding->with("container", fmt::format("{}", container.number));
  }

  bool has_extends_ring(std::uint32_t number, const pdf::Stream& stream) {
    std::unordered_set<std::uint32_t> seen{number};
    Object next = stream.dictionary->get("Extends");
    while (const auto id = next.as_reference()) {
      if (!seen.insert(id->number).second) return true;
      if (m_extends_steps++ > kMaxExtendsSteps) return false;
      const auto value = m_input.newest.get(*id);
      if (!value || value->as_dictionary() == nullptr) return false;
      next = value->as_dictionary()->get("Extends");
    }
    return false;
  }

  // Members that can't be read and that nothing refers to.
  void check_unreached() {
    for (const auto& [container, members] : m_members) {
      if (m_told.contains(container)) continue;
      for (const std::uint32_t member : members) {
        if (m_broken >= m_most) return;
        if (m_input.reached.contains(member) || m_input.unreadable.contains(member)) continue;
        if (!m_input.newest.get({member, 0})) broken(member, container, Severity::warning, "member");
      }
    }
  }

  const ObjectStreamInput& m_input;
  const std::size_t m_most;
  std::vector<Finding> m_findings;
  std::map<std::uint32_t, std::vector<std::uint32_t>> m_members;  // by container
  std::unordered_set<std::uint32_t> m_told;                       // containers
  std::size_t m_broken = 0, m_copies = 0, m_denied = 0, m_extends_steps = 0, m_members_read = 0;
};

}  // namespace

std::vector<Finding> examine_object_streams(const ObjectStreamInput& input, std::size_t most) {
  return ObjectStreams(input, most).run();
}

}  // namespace kyso::verify

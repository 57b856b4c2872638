#include "webauthn/cbor.h"

#include <algorithm>

#include "base/text.h"

namespace kyso::webauthn::cbor {
namespace {

Error malformed(std::string_view what, std::source_location where = std::source_location::current()) {
  return Error("webauthn.malformed", std::string(what), where).with("reason", fmt::format("CBOR: {}", what));
}

enum Major : std::uint8_t { kUnsigned, kNegative, kBytes, kText, kArray, kMap, kTag, kOther };

struct Head {
  std::uint8_t major = 0, information = 0;
  std::uint64_t argument = 0;
};

class Reader {
 public:
  explicit Reader(ByteView bytes) : m_rest(bytes) {}

  Result<Item> item(int depth) {
    if (depth > kMaxDepth) return malformed("depth");
    if (++m_items > kMaxItems) return malformed("number of items");
    const ByteView start = m_rest;
    const Head head = KYSO_TRY(read_head());
    Item item;
    item.argument = head.argument;
    KYSO_TRY(read_content(head, item, depth));
    item.whole = start.first(start.size() - m_rest.size());
    return item;
  }
  ByteView rest() const { return m_rest; }

 private:
  Result<Head> read_head();
  Result<> read_content(const Head& head, Item& item, int depth);
  Result<> read_string(const Head& head, Item& item);
  Result<> read_map(std::uint64_t pairs, Item& item, int depth);
  static Result<> read_simple(const Head& head);

  ByteView m_rest;
  std::size_t m_items = 0;
};

// RFC 8949 section 3; shortest form: CTAP2 section 6, "CTAP2 canonical CBOR encoding form".
Result<Head> Reader::read_head() {
  if (m_rest.empty()) return malformed("it ends early");
  Head head{static_cast<std::uint8_t>(m_rest[0] >> 5U), static_cast<std::uint8_t>(m_rest[0] & 0x1FU), 0};
  m_rest = m_rest.subspan(1);
  if (head.information < 24) {
    head.argument = head.information;
    return head;
  }
  if (head.information > 27) return malformed("indefinite or reserved length");
  const std::size_t size = std::size_t{1} << (head.information - 24U);
  if (m_rest.size() < size) return malformed("it ends early");
  for (std::size_t i = 0; i < size; ++i) head.argument = head.argument << 8U | m_rest[i];
  m_rest = m_rest.subspan(size);
  const std::uint64_t least = size == 1 ? 24 : std::uint64_t{1} << (4 * size);  // what the shorter form can't hold
  if (head.major != kOther && head.argument < least) return malformed("a number is not in its shortest form");
  return head;
}

Result<> Reader::read_content(const Head& head, Item& item, int depth) {
  switch (head.major) {
    case kUnsigned:
      item.kind = Kind::unsigned_number;
      return {};
    case kNegative:
      item.kind = Kind::negative_number;
      return {};
    case kBytes:
    case kText:
      return read_string(head, item);
    case kArray:
      item.kind = Kind::array;
      // Every element takes a byte at least: a length that lies reserves nothing.
      if (head.argument > m_rest.size()) return malformed("it ends early");
      for (std::uint64_t i = 0; i < head.argument; ++i) item.elements.push_back(KYSO_TRY(this->item(depth + 1)));
      return {};
    case kMap:
      return read_map(head.argument, item, depth);
    case kTag:
      return malformed("tag");
    default:
      item.kind = Kind::simple;
      return read_simple(head);
  }
}

Result<> Reader::read_string(const Head& head, Item& item) {
  item.kind = head.major == kText ? Kind::text : Kind::bytes;
  if (head.argument > m_rest.size()) return malformed("it ends early");
  item.bytes = m_rest.first(static_cast<std::size_t>(head.argument));
  m_rest = m_rest.subspan(item.bytes.size());
  if (item.kind == Kind::text && !is_valid_utf8(item.text())) return malformed("text is not UTF-8");
  return {};
}

// The order of keys in CTAP2: kind, then length, then value of the octets. The kind stands in the first octet, and keys
// of one kind and of different lengths are compared by length.
bool is_before(ByteView a, ByteView b) {
  if (a[0] >> 5U != b[0] >> 5U) return a[0] < b[0];
  if (a.size() != b.size()) return a.size() < b.size();
  return std::ranges::lexicographical_compare(a, b);
}

Result<> Reader::read_map(std::uint64_t pairs, Item& item, int depth) {
  item.kind = Kind::map;
  if (pairs > m_rest.size() / 2) return malformed("it ends early");
  ByteView former;
  for (std::uint64_t i = 0; i < pairs; ++i) {
    Item key = KYSO_TRY(this->item(depth + 1));
    if (key.kind > Kind::text) return malformed("key of a map");
    if (!former.empty() && !is_before(former, key.whole)) return malformed("keys of a map are not in order");
    former = key.whole;
    item.elements.push_back(std::move(key));
    item.elements.push_back(KYSO_TRY(this->item(depth + 1)));
  }
  return {};
}

// false, true, null, undefined and floats.
Result<> Reader::read_simple(const Head& head) {
  if (head.information >= 20 && head.information <= 23) return {};
  if (head.information >= 25) return {};
  return malformed("simple value");
}

}  // namespace

const Item* Item::find(std::string_view key) const {
  if (kind != Kind::map) return nullptr;
  for (std::size_t i = 0; i + 1 < elements.size(); i += 2)
    if (elements[i].kind == Kind::text && elements[i].text() == key) return &elements[i + 1];
  return nullptr;
}

const Item* Item::find(std::int64_t key) const {
  if (kind != Kind::map) return nullptr;
  const Kind wanted = key < 0 ? Kind::negative_number : Kind::unsigned_number;
  const auto number = static_cast<std::uint64_t>(key < 0 ? -1 - key : key);
  for (std::size_t i = 0; i + 1 < elements.size(); i += 2)
    if (elements[i].kind == wanted && elements[i].argument == number) return &elements[i + 1];
  return nullptr;
}

Result<Item> read_first(ByteView bytes) {
  if (bytes.size() > kMaxSize) return malformed("size");
  Reader reader(bytes);
  return reader.item(1);
}

Result<Item> read(ByteView bytes) {
  Item item = KYSO_TRY(read_first(bytes));
  if (item.whole.size() != bytes.size()) return malformed("bytes are left after it");
  return item;
}

}  // namespace kyso::webauthn::cbor

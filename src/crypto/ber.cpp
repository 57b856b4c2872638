#include "crypto/ber.h"

#include <algorithm>
#include <optional>

#include "crypto/der.h"

namespace kyso::crypto {
namespace {

constexpr int kMaxDepth = 32;
constexpr std::size_t kMaxInput = 64U << 20U;
constexpr std::uint8_t kConstructed = 0x20;
constexpr std::uint8_t kConstructedOctetString = der::kOctetString | kConstructed;

Error malformed(std::string_view what) {
  return fail("crypto.der.malformed", "{}", what);
}

struct Header {
  std::uint8_t tag;
  std::size_t size;
  std::optional<std::size_t> length;  // nullopt: indefinite
  bool is_minimal;
};

// X.690 section 8.1.3.
Result<Header> read_header(ByteView bytes) {
  if (bytes.size() < 2) return malformed("truncated header");
  const std::uint8_t tag = bytes[0];
  if ((tag & 0x1fU) == 0x1fU) return malformed("tag number above 30");
  const std::uint8_t first = bytes[1];
  if (first < 0x80) return Header{tag, 2, first, true};
  if (first == 0x80) {
    if ((tag & kConstructed) == 0) return malformed("indefinite length of a primitive element");
    return Header{tag, 2, std::nullopt, false};
  }
  const std::size_t count = first & 0x7fU;
  if (bytes.size() < 2 + count) return malformed("truncated length");
  std::size_t length = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (length > kMaxInput) return malformed("length");
    length = length << 8U | bytes[2 + i];
  }
  return Header{tag, 2 + count, length, length >= 0x80 && bytes[2] != 0};
}

// One pass; children are collected per level and appended once, so the cost is size times depth at most.
class Normaliser {
 public:
  struct Output {
    Bytes bytes;
    std::vector<std::size_t> rewritten;
  };

  // Reads one element from the front of `input`, appends it to `out`.
  Result<> element(ByteView& input, Output& out, int depth) {
    if (depth > kMaxDepth) return malformed("nested too deeply");
    const Header header = KYSO_TRY(read_header(input));
    input = input.subspan(header.size);
    if (header.length && *header.length > input.size()) return malformed("content truncated");
    if ((header.tag & kConstructed) == 0) {
      emit(header.tag, input.first(*header.length), {}, header.is_minimal, out);
      input = input.subspan(*header.length);
      return {};
    }
    Output children;
    if (header.length) {
      ByteView content = input.first(*header.length);
      input = input.subspan(*header.length);
      while (!content.empty()) KYSO_TRY(element(content, children, depth + 1));
    } else {
      while (!at_end_of_contents(input)) KYSO_TRY(element(input, children, depth + 1));
      input = input.subspan(2);
    }
    if (header.tag == kConstructedOctetString) {
      emit(der::kOctetString, KYSO_TRY(join(children.bytes)), {}, false, out);
    } else {
      emit(header.tag, children.bytes, children.rewritten, header.is_minimal, out);
    }
    return {};
  }

 private:
  static bool at_end_of_contents(ByteView input) { return input.size() >= 2 && input[0] == 0 && input[1] == 0; }

  static Result<Bytes> join(ByteView pieces) {
    Bytes out;
    der::Reader reader(pieces);
    while (!reader.at_end()) append(out, KYSO_TRY(reader.expect(der::kOctetString)).content);
    return out;
  }

  static void emit(std::uint8_t tag, ByteView content, const std::vector<std::size_t>& rewritten, bool is_minimal,
                   Output& out) {
    const std::size_t begin = out.bytes.size();
    append(out.bytes, ByteView(der::encode(tag, content)));
    const std::size_t content_begin = out.bytes.size() - content.size();
    if (!is_minimal) out.rewritten.push_back(begin);
    for (const std::size_t position : rewritten) out.rewritten.push_back(content_begin + position);
  }
};

}  // namespace

Result<NormalisedBer> normalise_ber(ByteView input) {
  if (input.size() > kMaxInput) input = input.first(kMaxInput);
  ByteView rest = input;
  Normaliser::Output out;
  KYSO_TRY(Normaliser().element(rest, out, 0));
  return NormalisedBer{std::move(out.bytes), input.size() - rest.size(), std::move(out.rewritten)};
}

}  // namespace kyso::crypto

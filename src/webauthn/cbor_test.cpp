#include "webauthn/cbor.h"

#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/test_support.h"

namespace kyso::webauthn::cbor {
namespace {

Result<Item> read_hex(std::string_view hex, Bytes& keep) {
  keep = must(from_hex(hex));
  return read(keep);
}

std::string problem_of(std::string_view hex) {
  Bytes keep;
  const auto item = read_hex(hex, keep);
  return item ? "ok" : parameter(item.error(), "reason");
}

void write_head(Bytes& out, unsigned major, std::uint64_t argument) {
  if (argument < 24) return out.push_back(static_cast<std::uint8_t>(major << 5U | argument));
  unsigned size = 0;
  while (size < 3 && argument >> (8U << size) != 0) ++size;
  out.push_back(static_cast<std::uint8_t>(major << 5U | (24 + size)));
  for (unsigned byte = 1U << size; byte > 0; --byte)
    out.push_back(static_cast<std::uint8_t>(argument >> 8U * (byte - 1)));
}

// Appendix A of RFC 8949.
TEST_CASE("values of RFC 8949 are read") {
  Bytes keep;
  CHECK(must(read_hex("00", keep)).argument == 0);
  CHECK(must(read_hex("17", keep)).argument == 23);
  CHECK(must(read_hex("1818", keep)).argument == 24);
  CHECK(must(read_hex("1903e8", keep)).argument == 1000);
  CHECK(must(read_hex("1a000f4240", keep)).argument == 1'000'000);
  CHECK(must(read_hex("1bffffffffffffffff", keep)).argument == 18'446'744'073'709'551'615U);
  const Item negative = must(read_hex("3903e7", keep));
  CHECK(negative.kind == Kind::negative_number);
  CHECK(negative.argument == 999);
  CHECK(must(read_hex("6449455446", keep)).text() == "IETF");
  CHECK(must(read_hex("62c3bc", keep)).text() == "ü");
  CHECK(to_hex(must(read_hex("4401020304", keep)).bytes) == "01020304");
  const Item array = must(read_hex("8301820203820405", keep));
  REQUIRE(array.elements.size() == 3);
  CHECK(array.elements[1].elements[1].argument == 3);
  CHECK(to_hex(array.elements[1].whole) == "820203");
  const Item map = must(read_hex("a26161016162820203", keep));
  REQUIRE(map.find("b") != nullptr);
  CHECK(map.find("b")->elements.size() == 2);
  CHECK(map.find("c") == nullptr);
  CHECK(map.find(std::int64_t{1}) == nullptr);
  for (const std::string_view simple : {"f4", "f5", "f6", "f7", "f93c00", "fa47c35000", "fb3ff199999999999a"})
    CHECK(must(read_hex(simple, keep)).kind == Kind::simple);
}

TEST_CASE("what is not canonical, or too much, is refused with its reason") {
  const std::array<std::pair<std::string_view, std::string_view>, 31> cases{{
      {"", "CBOR: it ends early"},
      {"18", "CBOR: it ends early"},
      {"1a0000", "CBOR: it ends early"},
      {"4401", "CBOR: it ends early"},
      {"5bffffffffffffffff", "CBOR: it ends early"},
      {"9bffffffffffffffff", "CBOR: it ends early"},
      {"bbffffffffffffffff", "CBOR: it ends early"},
      {"8201", "CBOR: it ends early"},
      {"a101", "CBOR: it ends early"},
      {"1817", "CBOR: a number is not in its shortest form"},
      {"1900ff", "CBOR: a number is not in its shortest form"},
      {"1a0000ffff", "CBOR: a number is not in its shortest form"},
      {"1b00000000ffffffff", "CBOR: a number is not in its shortest form"},
      {"5800", "CBOR: a number is not in its shortest form"},
      {"5f4101ff", "CBOR: indefinite or reserved length"},
      {"9f01ff", "CBOR: indefinite or reserved length"},
      {"bf6161f5ff", "CBOR: indefinite or reserved length"},
      {"1c", "CBOR: indefinite or reserved length"},
      {"c074323031", "CBOR: tag"},
      {"d9d9f700", "CBOR: tag"},
      {"61ff", "CBOR: text is not UTF-8"},
      {"63edb080", "CBOR: text is not UTF-8"},
      {"a2616101616102", "CBOR: keys of a map are not in order"},    // twice
      {"a2616201616101", "CBOR: keys of a map are not in order"},    // b before a
      {"a262616101616202", "CBOR: keys of a map are not in order"},  // the longer first
      {"a220010101", "CBOR: keys of a map are not in order"},        // negative before positive
      {"a1800000", "CBOR: key of a map"},
      {"e0", "CBOR: simple value"},
      {"f818", "CBOR: simple value"},
      {"ff", "CBOR: indefinite or reserved length"},
      {"0000", "CBOR: bytes are left after it"},
  }};
  for (const auto& [hex, reason] : cases) CHECK_MESSAGE(problem_of(hex) == reason, hex);
}

TEST_CASE("depth, items and size have limits") {
  const auto nested = [](int arrays) {
    Bytes out(static_cast<std::size_t>(arrays), 0x81);
    out.push_back(0x00);
    return out;
  };
  CHECK(code_of(read(nested(kMaxDepth - 1))) == "ok");
  CHECK(code_of(read(nested(kMaxDepth))) == "webauthn.malformed");
  CHECK(code_of(read(nested(60'000))) == "webauthn.malformed");
  const auto many = [](std::size_t count) {
    Bytes out;
    write_head(out, 4, count);
    out.resize(out.size() + count);
    return out;
  };
  CHECK(code_of(read(many(kMaxItems - 1))) == "ok");
  CHECK(code_of(read(many(kMaxItems))) == "webauthn.malformed");
  Bytes large;
  write_head(large, 2, kMaxSize);
  large.resize(large.size() + kMaxSize);
  CHECK(code_of(read(large)) == "webauthn.malformed");
}

// A map of numbers to strings, as an encoder writes it.
TEST_CASE("what an encoder writes is read, and nothing shorter") {
  rc::check("maps", [](const std::map<std::uint64_t, std::vector<std::uint8_t>>& content) {
    Bytes encoded;
    write_head(encoded, 5, content.size());
    for (const auto& [key, value] : content) {
      write_head(encoded, 0, key);
      write_head(encoded, 2, value.size());
      append(encoded, value);
    }
    const auto map = read(encoded);
    RC_ASSERT(map.has_value());
    RC_ASSERT(map->elements.size() == 2 * content.size());
    std::size_t at = 0;
    for (const auto& [key, value] : content) {
      RC_ASSERT(map->elements[at].argument == key);
      RC_ASSERT(std::ranges::equal(map->elements[at + 1].bytes, value));
      at += 2;
    }
    for (std::size_t cut = 0; cut < encoded.size(); ++cut) RC_ASSERT(!read(ByteView(encoded).first(cut)));
  });
}

}  // namespace
}  // namespace kyso::webauthn::cbor

#include "crypto/ber.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "crypto/der.h"

namespace kyso::crypto {
namespace {

Result<NormalisedBer> normalise(std::string_view hex) {
  return normalise_ber(*from_hex(hex));
}

// A random tree of elements, written as DER and, with indefinite and long lengths, as BER.
struct Tree {
  Bytes der;
  Bytes ber;
};
Tree grow(int depth) {
  const int children = depth == 0 ? 0 : *rc::gen::inRange(0, 4);
  if (children == 0) {
    const auto content = *rc::gen::arbitrary<Bytes>();
    const Bytes der = der::encode(der::kOctetString, content);
    Bytes ber = *from_hex(fmt::format("0484{:08x}", content.size()));
    append(ber, ByteView(content));
    return {der, *rc::gen::element(der, ber)};
  }
  Bytes der_content, ber;
  ber = *from_hex("3080");
  for (int i = 0; i < children; ++i) {
    const Tree child = grow(depth - 1);
    append(der_content, ByteView(child.der));
    append(ber, ByteView(child.ber));
  }
  append(ber, ByteView(*from_hex("0000")));
  return {der::encode(der::kSequence, der_content), ber};
}

}  // namespace

TEST_CASE("lengths become DER and pieces are joined") {
  CHECK(to_hex(normalise("30800201010000")->der) == "3003020101");
  CHECK(normalise("30800201010000ffff")->consumed == 7);
  CHECK(to_hex(normalise("308103020101")->der) == "3003020101");
  CHECK(to_hex(normalise("308400000003020101")->der) == "3003020101");
  CHECK(to_hex(normalise("a08024800402010204010300000000")->der) == "a0050403010203");
  CHECK(normalise("3003020101")->rewritten.empty());
  CHECK(normalise("300702010130800000")->rewritten == std::vector<std::size_t>{5});
}

TEST_CASE("any BER gives the DER of the same tree") {
  CHECK(rc::check([] {
    const Tree tree = grow(4);
    const auto normalised = normalise_ber(tree.ber);
    RC_ASSERT(normalised.has_value());
    RC_ASSERT(normalised->der == tree.der);
    RC_ASSERT(normalised->consumed == tree.ber.size());
    RC_ASSERT(normalised->rewritten.empty() == (tree.ber == tree.der));
    const auto again = normalise_ber(normalised->der);
    RC_ASSERT(again.has_value());
    RC_ASSERT(again->der == tree.der);
    RC_ASSERT(again->rewritten.empty());
  }));
}

TEST_CASE("what isn't BER or goes too far is refused") {
  for (const char* bad : {"", "30", "3080", "308002", "04800000", "30020101", "3005020101", "3f0100",
                          "2480020101"
                          "0000",
                          "30ff", "3088ffffffffffffffff"}) {
    const auto normalised = normalise(bad);
    REQUIRE_FALSE(normalised);
    CHECK(normalised.error().code == "crypto.der.malformed");
  }
  Bytes deep;
  for (int i = 0; i < 100'000; ++i) append(deep, ByteView(*from_hex("3080")));
  CHECK_FALSE(normalise_ber(deep));
}

}  // namespace kyso::crypto

#include "pdf/file/filters.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>
#include <zlib.h>

namespace kyso::pdf {
namespace {

constexpr std::size_t kLimit = 1U << 20U;

Bytes deflate(ByteView plain) {
  Bytes out(compressBound(plain.size()));
  uLongf length = out.size();
  REQUIRE(compress2(out.data(), &length, plain.data(), plain.size(), 9) == Z_OK);
  out.resize(length);
  return out;
}

Result<Bytes> decode(std::string name, ByteView data, std::size_t limit = kLimit, FilterParameters parameters = {}) {
  return decode_filter({std::move(name), parameters}, data, limit);
}

// PNG filters as an encoder applies them, row by row.
Bytes png_encode(ByteView plain, std::size_t row, std::size_t pixel, const std::vector<int>& types) {
  Bytes out;
  for (std::size_t start = 0, line = 0; start < plain.size(); start += row, ++line) {
    const int type = types.empty() ? 0 : types[line % types.size()];
    out.push_back(static_cast<std::uint8_t>(type));
    for (std::size_t i = start; i < std::min(start + row, plain.size()); ++i) {
      const int left = i - start >= pixel ? plain[i - pixel] : 0;
      const int up = start > 0 ? plain[i - row] : 0;
      const int corner = i - start >= pixel && start > 0 ? plain[i - row - pixel] : 0;
      const int estimate = left + up - corner;
      const int dl = std::abs(estimate - left), du = std::abs(estimate - up), dc = std::abs(estimate - corner);
      const int paeth = dl <= du && dl <= dc ? left : du <= dc ? up : corner;
      const int predictions[] = {0, left, up, (left + up) / 2, paeth};
      out.push_back(static_cast<std::uint8_t>(plain[i] - predictions[type]));
    }
  }
  return out;
}

}  // namespace

TEST_CASE("Flate: round trip, cut-off tail, wrong checksum, nonsense, bomb") {
  CHECK(rc::check([](const Bytes& plain) {
    const auto decoded = decode("FlateDecode", deflate(plain));
    RC_ASSERT(bool(decoded));
    RC_ASSERT(*decoded == plain);
  }));
  const Bytes plain(5000, 'k');
  Bytes packed = deflate(plain);
  packed.back() ^= 1;
  CHECK(*decode("FlateDecode", packed) == plain);
  packed.resize(packed.size() - 6);
  const auto cut = decode("Fl", packed);
  REQUIRE(cut);
  CHECK(!cut->empty());
  CHECK(decode("FlateDecode", as_bytes("no zlib data")).error().code == "pdf.stream.broken");
  CHECK(decode("FlateDecode", {})->empty());
  const Bytes bomb = deflate(Bytes(10U << 20U));
  CHECK(bomb.size() < 20'000);
  CHECK(decode("FlateDecode", bomb).error().code == "pdf.limit");
  CHECK(decode("FlateDecode", bomb, 10U << 20U)->size() == 10U << 20U);
}

TEST_CASE("PNG predictors undo what an encoder did") {
  CHECK(rc::check([](const Bytes& plain) {
    const auto colors = *rc::gen::inRange(1, 5);
    const auto columns = *rc::gen::inRange(1, 9);
    const auto types = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 5));
    FilterParameters parameters;
    parameters.predictor = 15;
    parameters.colors = colors;
    parameters.columns = columns;
    const auto row = static_cast<std::size_t>(colors * columns);
    const auto decoded = decode("FlateDecode", deflate(png_encode(plain, row, static_cast<std::size_t>(colors), types)),
                                kLimit, parameters);
    RC_ASSERT(bool(decoded));
    RC_ASSERT(*decoded == plain);
  }));
}

TEST_CASE("TIFF predictor for 8, 16, 4 and 1 bits") {
  FilterParameters p;
  p.predictor = 2;
  p.columns = 4;
  CHECK(*decode("FlateDecode", deflate(Bytes{1, 1, 1, 1, 5, 255, 1, 0}), kLimit, p) == Bytes{1, 2, 3, 4, 5, 4, 5, 5});
  p.bits_per_component = 16;
  p.columns = 2;
  CHECK(*decode("FlateDecode", deflate(Bytes{0, 255, 0, 1}), kLimit, p) == Bytes{0, 255, 1, 0});
  p.bits_per_component = 4;
  p.columns = 4;
  CHECK(*decode("FlateDecode", deflate(Bytes{0x11, 0x1F}), kLimit, p) == Bytes{0x12, 0x32});
  p.bits_per_component = 1;
  p.columns = 8;
  CHECK(*decode("FlateDecode", deflate(Bytes{0b11000000}), kLimit, p) == Bytes{0b10000000});
}

TEST_CASE("hostile predictors cost nothing") {
  FilterParameters p;
  p.predictor = 12;
  p.columns = INT32_MAX;
  p.colors = 1024;
  p.bits_per_component = 16;
  CHECK(decode("FlateDecode", deflate(Bytes(100)), kLimit, p).error().code == "pdf.limit");
  p.columns = 500'000;  // a row may be wider than what there is
  p.colors = 1;
  CHECK(decode("FlateDecode", deflate(Bytes(100)), kLimit, p)->size() == 99);
  p.columns = INT64_MAX;
  CHECK(decode("FlateDecode", deflate(Bytes(100)), kLimit, p).error().code == "pdf.stream.broken");
  p.columns = 0;
  CHECK(decode("FlateDecode", deflate(Bytes(100)), kLimit, p).error().code == "pdf.stream.broken");
}

TEST_CASE("LZW: the standard's example, both kinds of early change, damage") {
  // ISO 32000-2 section 7.4.4.2, example 2.
  const Bytes example = {0x80, 0x0B, 0x60, 0x50, 0x22, 0x0C, 0x0C, 0x85, 0x01};
  CHECK(*decode("LZWDecode", example) == Bytes{45, 45, 45, 45, 45, 65, 45, 45, 45, 66});
  CHECK(decode("LZWDecode", Bytes{0xFF, 0xFF, 0xFF}).error().code == "pdf.stream.broken");
  // 600 different codes in a row: 9 bits become 10 at the code that early change says.
  for (const int early : {0, 1}) {
    Bytes packed, plain;
    std::uint32_t buffer = 0;
    unsigned bits = 0, count = 258, width = 9;
    const auto put = [&](unsigned code) {
      buffer = (buffer << width) | code;
      for (bits += width; bits >= 8; bits -= 8) packed.push_back(static_cast<std::uint8_t>(buffer >> (bits - 8)));
    };
    put(256);
    for (int i = 0; i < 600; ++i) {
      put(static_cast<unsigned>(i % 256));
      plain.push_back(static_cast<std::uint8_t>(i));
      if (i > 0) ++count;
      if (count + static_cast<unsigned>(early) >= (1U << width) && width < 12) ++width;
    }
    put(257);
    packed.push_back(static_cast<std::uint8_t>(buffer << (8 - bits)));
    FilterParameters p;
    p.early_change = early;
    CHECK(*decode("LZW", packed, kLimit, p) == plain);
  }
}

TEST_CASE("ASCII filters and run lengths") {
  CHECK(*decode("ASCIIHexDecode", as_bytes("4b 79\n736>ignored")) == to_bytes("Kys`"));
  CHECK(decode("AHx", as_bytes("4x")).error().code == "pdf.stream.broken");
  CHECK(*decode("ASCII85Decode", as_bytes("87cURD]i,\"Ebo80~>")) == to_bytes("Hello World!"));
  CHECK(*decode("A85", as_bytes("<~z87cUR~>")) == Bytes({0, 0, 0, 0, 'H', 'e', 'l', 'l'}));
  CHECK(*decode("A85", as_bytes("5l~>")) == to_bytes("A"));
  CHECK(*decode("RunLengthDecode", Bytes{2, 'a', 'b', 'c', 254, 'x', 128, 'z'}) == to_bytes("abcxxx"));
  CHECK(decode("RL", Bytes(60, 129), 100).error().code == "pdf.limit");
  CHECK(decode("DCTDecode", {}).error().code == "pdf.filter.unsupported");
  const std::vector<FilterStep> chain = {{"AHx", {}}, {"Fl", {}}};
  CHECK(*decode_filters(chain, as_bytes(to_hex(deflate(to_bytes("chain"))) + ">"), kLimit) == to_bytes("chain"));
}

TEST_CASE("no filter is surprised by any bytes") {
  CHECK(rc::check([](const Bytes& bytes) {
    for (const char* name : {"FlateDecode", "LZWDecode", "ASCIIHexDecode", "ASCII85Decode", "RunLengthDecode"}) {
      const auto decoded = decode(name, bytes, 64);
      const std::size_t size = decoded ? decoded->size() : 0;
      RC_ASSERT(size <= 64U);
    }
  }));
}

}  // namespace kyso::pdf

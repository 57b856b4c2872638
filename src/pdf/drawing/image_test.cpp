#include <doctest/doctest.h>
#include <sys/resource.h>

#include <cmath>

#include "base/file.h"
#include "base/test_support.h"
#include "pdf/drawing/appearance.h"
#include "pdf/drawing/image_stream.h"
#include "pdf/drawing/test_png.h"

namespace kyso::pdf {
namespace {

using test::PngKind;
using test::Samples;

using Pixel = std::array<int, 4>;

Pixel pixel(const Image& image, std::size_t index) {
  Pixel p{};
  if (image.is_one_ink()) {
    p = {static_cast<int>(std::lround(image.ink().r * 255)), static_cast<int>(std::lround(image.ink().g * 255)),
         static_cast<int>(std::lround(image.ink().b * 255)), 255};
  } else {
    for (std::size_t c = 0; c < 3; ++c) p[c] = image.rgb()[index * 3 + c];
  }
  p[3] = image.has_transparency() ? image.alpha()[index] : 255;
  return p;
}

// What the standard says a pixel of these samples looks like.
Pixel expected(const PngKind& kind, const Samples& samples, std::size_t index, const Bytes& palette) {
  const auto n = static_cast<std::size_t>(test::channels(kind.colour_type));
  const double most = (1U << kind.depth) - 1;
  std::array<int, 4> s{};
  for (std::size_t c = 0; c < n; ++c) s[c] = static_cast<int>(std::lround(samples[index * n + c] / most * 255));
  switch (kind.colour_type) {
    case 0:
      return {s[0], s[0], s[0], 255};
    case 2:
      return {s[0], s[1], s[2], 255};
    case 3: {
      const std::size_t entry = samples[index] * std::size_t{3};
      return {palette[entry], palette[entry + 1], palette[entry + 2], 255};
    }
    case 4:
      return {s[0], s[0], s[0], s[1]};
    default:
      return {s[0], s[1], s[2], s[3]};
  }
}

Samples random_samples(const PngKind& kind, std::mt19937& random) {
  Samples samples(std::size_t{kind.width} * kind.height * static_cast<std::size_t>(test::channels(kind.colour_type)));
  for (auto& sample : samples) sample = static_cast<std::uint16_t>(random() & ((1U << kind.depth) - 1));
  return samples;
}

TEST_CASE("every colour type, bit depth and interlacing gives the pixels that the standard says") {
  std::mt19937 random(7);
  const std::vector<std::pair<int, std::vector<int>>> kinds = {
      {0, {1, 2, 4, 8, 16}}, {2, {8, 16}}, {3, {1, 2, 4, 8}}, {4, {8, 16}}, {6, {8, 16}}};
  for (const auto& [type, depths] : kinds) {
    for (const int depth : depths) {
      for (const bool interlaced : {false, true}) {
        for (const std::uint32_t width : {1U, 5U, 33U}) {
          CAPTURE(type);
          CAPTURE(depth);
          CAPTURE(interlaced);
          const PngKind kind{width, 9, static_cast<std::uint8_t>(depth), static_cast<std::uint8_t>(type), interlaced};
          const Samples samples = random_samples(kind, random);
          Bytes palette(type == 3 ? 3U << static_cast<unsigned>(depth) : 0U);
          for (auto& byte : palette) byte = static_cast<std::uint8_t>(random());
          std::vector<std::pair<std::string_view, Bytes>> extra;
          if (type == 3) extra.emplace_back("PLTE", palette);
          const auto image = Image::from_png(test::make_png(kind, samples, extra));
          REQUIRE(code_of(image) == "ok");
          REQUIRE(image->width() == static_cast<int>(width));
          REQUIRE(image->height() == 9);
          for (std::size_t i = 0; i < std::size_t{width} * 9; ++i) {
            const Pixel got = pixel(*image, i), want = expected(kind, samples, i, palette);
            REQUIRE(got[3] == want[3]);
            for (std::size_t c = 0; c < 3; ++c) REQUIRE(std::abs(got[c] - want[c]) * want[3] <= 2 * 255);
          }
        }
      }
    }
  }
}

TEST_CASE("tRNS becomes alpha, in palettes and for one colour") {
  const Bytes palette{255, 0, 0, 0, 0, 255};
  const auto indexed =
      Image::from_png(test::make_png({2, 1, 8, 3, false}, {0, 1}, {{"PLTE", palette}, {"tRNS", Bytes{128, 255}}}));
  REQUIRE(indexed);
  CHECK(pixel(*indexed, 0) == Pixel{255, 0, 0, 128});
  CHECK(pixel(*indexed, 1) == Pixel{0, 0, 255, 255});
  const auto gray = Image::from_png(test::make_png({2, 1, 8, 0, false}, {255, 9}, {{"tRNS", Bytes{0, 255}}}));
  REQUIRE(gray);
  CHECK(gray->is_one_ink());
  CHECK(pixel(*gray, 0)[3] == 0);
  CHECK(pixel(*gray, 1) == Pixel{9, 9, 9, 255});
}

TEST_CASE("gamma, profile and text chunks change nothing") {
  Bytes gamma;
  test::append32(gamma, 100000);  // linear light: a colour-managed reader would brighten it
  const auto image = Image::from_png(test::make_png(
      {1, 1, 8, 2, false}, {100, 50, 25},
      {{"gAMA", gamma}, {"iCCP", to_bytes(std::string_view("x\0\0broken", 9))}, {"tEXt", to_bytes("Comment")}}));
  REQUIRE(image);
  CHECK(pixel(*image, 0) == Pixel{100, 50, 25, 255});
}

TEST_CASE("one ink is found, with rounding noise in faint pixels, and only then") {
  const auto ink = Image::from_png(test::rgba_png(4, 1, {200, 0, 0, 255, 201, 1, 0, 200, 90, 60, 30, 2, 7, 7, 7, 0}));
  REQUIRE(ink);
  CHECK(ink->is_one_ink());
  CHECK(ink->has_transparency());
  CHECK(ink->rgb().empty());
  CHECK(ink->ink() == Colour{200 / 255.0, 0, 0});
  const auto two = Image::from_png(test::rgba_png(2, 1, {200, 0, 0, 255, 0, 0, 200, 255}));
  REQUIRE(two);
  CHECK_FALSE(two->is_one_ink());
  CHECK_FALSE(two->has_transparency());
  CHECK(two->alpha().empty());
}

TEST_CASE("empty margins are those of the ink, on transparent and on white ground") {
  Bytes clear(std::size_t{10} * 20 * 4), paper(std::size_t{10} * 20 * 4, 255);
  for (const std::size_t y : {4U, 9U}) {
    for (std::size_t x = 2; x < 9; ++x) {
      for (std::size_t c = 0; c < 4; ++c) {
        clear[(y * 10 + x) * 4 + c] = c == 3 ? 255 : 10;
        paper[(y * 10 + x) * 4 + c] = c == 3 ? 255 : 10;
      }
    }
  }
  for (const Bytes& rgba : {clear, paper}) {
    const auto image = Image::from_png(test::rgba_png(10, 20, rgba));
    REQUIRE(image);
    const auto margins = image->empty_margins();
    CHECK(margins[0] == doctest::Approx(0.2));
    CHECK(margins[1] == doctest::Approx(0.5));
    CHECK(margins[2] == doctest::Approx(0.1));
    CHECK(margins[3] == doctest::Approx(0.2));
  }
}

TEST_CASE("the sample signature and seal are one ink, blue and red") {
  const std::filesystem::path data = KYSO_SOURCE_DIR "/tests/data/pdf";
  const auto signature = Image::from_png(*read_file(data / "sample-signature-blue.png"));
  const auto seal = Image::from_png(*read_file(data / "sample-seal-red-37mm.png"));
  REQUIRE(signature);
  REQUIRE(seal);
  CHECK(signature->is_one_ink());
  CHECK(signature->ink().b > signature->ink().r);
  CHECK(seal->is_one_ink());
  CHECK(seal->ink().r > 2 * seal->ink().b);
  CHECK(seal->width() == 437);
}

TEST_CASE("damaged files are refused by name, never decoded beyond their limits") {
  const Bytes good = test::rgba_png(3, 3, Bytes(36, 200));
  REQUIRE(Image::from_png(good));
  CHECK(code_of(Image::from_png({})) == "pdf.image.not_png");
  CHECK(code_of(Image::from_png(as_bytes("\xff\xd8\xff\xe0 JFIF, a photograph"))) == "pdf.image.not_png");
  for (std::size_t length = 8; length < good.size(); ++length) {
    CAPTURE(length);
    CHECK(code_of(Image::from_png(ByteView(good).first(length))) == "pdf.image.malformed");
  }
  Bytes bad_crc = good;
  bad_crc[good.size() - 20] ^= 0x55;
  CHECK(code_of(Image::from_png(bad_crc)) == "pdf.image.malformed");
  CHECK(code_of(Image::from_png(test::rgba_png(2, 1, Bytes(8, 0)))) == "pdf.image.empty");
}

TEST_CASE("bombs cost no memory") {
  const auto peak = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;  // kB
  };
  const auto claim = [](std::uint32_t width, std::uint32_t height) {
    Bytes png = test::png_start({width, height, 8, 6, false});
    test::append_chunk(png, "IDAT", test::zlib_compress(Bytes(1000, 0)));
    test::append_chunk(png, "IEND", {});
    return png;
  };
  const long before = peak();
  CHECK(code_of(Image::from_png(claim(60'000, 60'000))) == "pdf.image.too_large");
  CHECK(code_of(Image::from_png(claim(0x7fffffff, 1))) == "pdf.image.too_large");
  CHECK(code_of(Image::from_png(claim(0xffffffff, 0xffffffff))) == "pdf.image.too_large");
  CHECK(code_of(Image::from_png(claim(16'384, 16'384))) == "pdf.image.too_large");
  CHECK(code_of(Image::from_png(claim(0, 5))) == "pdf.image.malformed");
  // 64 MB of zeros in a text, a profile and a chunk that nobody knows; and behind the pixels of a small picture.
  const Bytes zeros = test::zlib_compress(Bytes(64U << 20U, 0));
  const long after_making = peak();
  Bytes text = to_bytes(std::string_view("x\0\0", 3));
  append(text, zeros);
  for (const std::string_view type : {"zTXt", "iCCP", "kyZo"}) {
    const auto image = Image::from_png(test::make_png({1, 1, 8, 2, false}, {1, 2, 3}, {{type, text}}));
    CHECK(code_of(image) == "ok");
  }
  Bytes long_data = test::png_start({4, 4, 8, 6, false});
  test::append_chunk(long_data, "IDAT", zeros);
  test::append_chunk(long_data, "IEND", {});
  CHECK(code_of(Image::from_png(long_data)) != "ok");
  CHECK(peak() - after_making < 20'000);
  CHECK(after_making >= before);
}

TEST_CASE("the error names the size that was refused") {
  const auto image = Image::from_png(test::png_start({20'000, 30'000, 8, 6, false}));
  REQUIRE_FALSE(image);
  REQUIRE(image.error().params.size() == 2);
  CHECK(image.error().params[0].second == "20000");
  CHECK(image.error().params[1].second == "30000");
}

TEST_CASE("no alpha is moved by more than 2 levels in a soft mask, and none becomes or stops being opaque or clear") {
  Bytes rgba(256 * 4);
  for (std::size_t i = 0; i < 256; ++i) rgba[i * 4 + 3] = static_cast<std::uint8_t>(i);
  const auto image = *Image::from_png(test::rgba_png(256, 1, rgba));
  const Bytes mask = plan_image(image, {true, Name{"DeviceRGB"}}).mask->samples;
  for (int i = 0; i < 256; ++i) CHECK(std::abs(mask[static_cast<std::size_t>(i)] - i) <= 2);
  CHECK(mask.front() == 0);
  CHECK(mask.back() == 255);
}

TEST_CASE("soft mask, stencil and explicit mask follow what the document allows") {
  const Object rgb = Name{"DeviceRGB"};
  const auto ink = *Image::from_png(test::rgba_png(3, 1, {200, 0, 0, 255, 200, 0, 0, 127, 200, 0, 0, 128}));
  const ImageParts soft = plan_image(ink, {true, rgb});
  CHECK(soft.base.samples == Bytes{200, 0, 0});
  REQUIRE(soft.mask);
  CHECK(soft.mask->samples == Bytes{255, 125, 130});
  const ImageParts stencil = plan_image(ink, {false, rgb});
  CHECK(stencil.is_stencil);
  CHECK_FALSE(stencil.mask);
  CHECK(stencil.base.samples == Bytes{0b0100'0000});
  const auto two = *Image::from_png(test::rgba_png(2, 1, {200, 0, 0, 255, 0, 0, 200, 20}));
  const ImageParts masked = plan_image(two, {false, rgb});
  CHECK_FALSE(masked.is_stencil);
  REQUIRE(masked.mask);
  CHECK(masked.mask->samples == Bytes{0b0100'0000});
  CHECK(masked.base.samples == Bytes{200, 0, 0, 0, 0, 200});
}

TEST_CASE(
    "a smooth picture is coded with prediction, a flat one without, noise not at all; the second time from memory") {
  const auto plan = [](const auto& value) {
    Bytes rgba;
    for (unsigned y = 0; y < 64; ++y) {
      for (unsigned x = 0; x < 64; ++x) {
        for (unsigned c = 0; c < 3; ++c) rgba.push_back(static_cast<std::uint8_t>(value(x, y, c)));
        rgba.push_back(255);
      }
    }
    return plan_image(*Image::from_png(test::rgba_png(64, 64, rgba)), {true, Name{"DeviceRGB"}}).base;
  };
  std::mt19937 random(3);
  const Stream smooth = encode_image(plan([](auto x, auto y, auto c) { return x * x / 16 + y * (c + 1); }));
  CHECK(smooth.dictionary->has("DecodeParms"));
  const ImagePlan flat_plan = plan([](auto x, auto, auto) { return x < 32 ? 0 : 255; });
  const Stream flat = encode_image(flat_plan);
  CHECK(flat.dictionary->get("Filter").is_name("FlateDecode"));
  CHECK_FALSE(flat.dictionary->has("DecodeParms"));
  CHECK_FALSE(encode_image(plan([&](auto, auto, auto) { return random(); })).dictionary->has("Filter"));
  CHECK(std::get<1>(encode_image(flat_plan).data) == std::get<1>(flat.data));
}

}  // namespace
}  // namespace kyso::pdf

#include <zlib.h>

#include <cstdlib>

#include "pdf/drawing/appearance.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

// Pictures come from whoever signs. Beyond not crashing: what was read is as large as it says.
namespace {

constexpr std::uint64_t kPixels = 1'000'000;  // larger ones only take longer

std::uint32_t big_endian(const std::uint8_t* at) {
  return static_cast<std::uint32_t>(at[0]) << 24U | static_cast<std::uint32_t>(at[1]) << 16U |
         static_cast<std::uint32_t>(at[2]) << 8U | at[3];
}

std::uint64_t pixels_of(kyso::ByteView file) {
  if (file.size() < 24) return 0;
  return std::uint64_t{big_endian(file.data() + 16)} * big_endian(file.data() + 20);
}

}  // namespace

// Wrong checksums end a file's reading at once: most mutants get right ones, so that what is behind them is tried too.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  size = LLVMFuzzerMutate(data, size, max_size);
  if (seed % 8 == 0) return size;
  for (std::size_t at = 8; at + 12 <= size;) {
    const std::size_t length = big_endian(data + at);
    if (length > size - at - 12) break;
    const auto sum = static_cast<std::uint32_t>(crc32(0, data + at + 4, static_cast<uInt>(length + 4)));
    for (unsigned i = 0; i < 4; ++i) data[at + 8 + length + i] = static_cast<std::uint8_t>(sum >> (24 - 8 * i));
    at += length + 12;
  }
  return size;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const kyso::ByteView file(data, size);
  const std::uint64_t claimed = pixels_of(file);
  if (claimed > kPixels && claimed <= kyso::pdf::Image::kMaxPixels) return 0;
  const auto image = kyso::pdf::Image::from_png(file);
  if (!image) return 0;
  const auto pixels = static_cast<std::size_t>(image->width()) * static_cast<std::size_t>(image->height());
  if (image->rgb().size() != (image->is_one_ink() ? 0 : pixels * 3)) std::abort();
  if (image->alpha().size() != (image->has_transparency() ? pixels : 0)) std::abort();
  for (const double margin : image->empty_margins()) {
    if (!(margin >= 0 && margin <= 1)) std::abort();
  }
  return 0;
}

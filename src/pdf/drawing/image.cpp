#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstdlib>
#include <cstring>

#include "pdf/drawing/appearance.h"

namespace kyso::pdf {
namespace {

constexpr std::array<std::uint8_t, 8> kSignature{0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

std::uint32_t big_endian(ByteView bytes, std::size_t at) {
  return static_cast<std::uint32_t>(bytes[at]) << 24U | static_cast<std::uint32_t>(bytes[at + 1]) << 16U |
         static_cast<std::uint32_t>(bytes[at + 2]) << 8U | bytes[at + 3];
}

struct Size {
  std::uint32_t width, height;
};

// Signature and IHDR have fixed places (ISO/IEC 15948 sections 5.2 and 11.2.2): the limits are checked on them before
// anything is allocated.
Result<Size> read_header(ByteView file) {
  if (file.size() < kSignature.size() || !std::equal(kSignature.begin(), kSignature.end(), file.begin())) {
    return fail("pdf.image.not_png");
  }
  if (file.size() < 33 || big_endian(file, 8) != 13 || as_chars(file.subspan(12, 4)) != "IHDR") {
    return fail("pdf.image.malformed", "no IHDR");
  }
  const Size size{big_endian(file, 16), big_endian(file, 20)};
  if (size.width == 0 || size.height == 0) return fail("pdf.image.malformed", "no pixels");
  const std::uint64_t pixels = std::uint64_t{size.width} * size.height;
  if (size.width > Image::kMaxSide || size.height > Image::kMaxSide || pixels > Image::kMaxPixels ||
      file.size() > Image::kMaxFile) {
    return fail("pdf.image.too_large", "{} bytes, {} x {}", file.size(), size.width, size.height)
        .with("width", size.width)
        .with("height", size.height);
  }
  return size;
}

// What the callbacks of libpng share. libpng leaves errors by longjmp: the frames that it may skip hold no C++ objects.
struct Reader {
  const std::uint8_t* data;
  std::size_t left;
  char message[96];
};

void copy_message(Reader& reader, const char* message) {
  std::strncpy(reader.message, message, sizeof reader.message - 1);
  reader.message[sizeof reader.message - 1] = '\0';
}

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
  copy_message(*static_cast<Reader*>(png_get_error_ptr(png)), message);
  png_longjmp(png, 1);
  std::abort();
}

void on_warning(png_structp, png_const_charp) {}

void on_read(png_structp png, png_bytep out, png_size_t count) {
  auto& reader = *static_cast<Reader*>(png_get_io_ptr(png));
  if (count > reader.left) png_error(png, "file is cut off");
  std::memcpy(out, reader.data, count);
  reader.data += count;
  reader.left -= count;
}

// Chunks that only cost memory and time: texts, profiles, times, suggested palettes.
void ignore_ancillary_chunks(png_structp png) {
  static constexpr png_byte kIgnored[] =
      "acTL\0bKGD\0cHRM\0eXIf\0gAMA\0hIST\0iCCP\0iTXt\0oFFs\0pCAL\0pHYs\0"
      "sBIT\0sCAL\0sPLT\0sRGB\0tEXt\0tIME\0zTXt";
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, 0);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, kIgnored, sizeof kIgnored / 5);
  png_set_chunk_cache_max(png, 64);
  png_set_chunk_malloc_max(png, 1U << 20U);
  png_set_user_limits(png, Image::kMaxSide, Image::kMaxSide);
}

// Whatever the file has, rows of RGBA with 8 bits come out.
void ask_for_rgba(png_structp png) {
  png_set_expand(png);  // palettes, less than 8 bits, tRNS
  png_set_scale_16(png);
  png_set_gray_to_rgb(png);
  png_set_add_alpha(png, 0xff, PNG_FILLER_AFTER);
  png_set_interlace_handling(png);
}

// Only plain values here: longjmp comes back into this frame. False: the reason is in reader.message.
bool decode(Reader* reader, png_bytepp rows, std::uint32_t width, std::uint32_t height) {
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, reader, on_error, on_warning);
  if (png == nullptr) return false;
  png_infop info = png_create_info_struct(png);
  if (info == nullptr || setjmp(png_jmpbuf(png)) != 0) {
    png_destroy_read_struct(&png, &info, nullptr);
    return false;
  }
  png_set_read_fn(png, reader, on_read);
  ignore_ancillary_chunks(png);
  png_read_info(png, info);
  ask_for_rgba(png);
  png_read_update_info(png, info);
  if (png_get_image_width(png, info) != width || png_get_image_height(png, info) != height ||
      png_get_rowbytes(png, info) != std::size_t{width} * 4) {
    png_error(png, "unexpected row size");
  }
  png_read_image(png, rows);
  png_read_end(png, nullptr);
  png_destroy_read_struct(&png, &info, nullptr);
  return true;
}

// The mean colour of the pixels with the highest alpha.
std::array<int, 3> dominant_colour(const Bytes& rgba, std::uint8_t highest_alpha) {
  std::array<std::uint64_t, 3> sum{};
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < rgba.size(); i += 4) {
    if (rgba[i + 3] != highest_alpha) continue;
    for (std::size_t c = 0; c < 3; ++c) sum[c] += rgba[i + c];
    ++count;
  }
  std::array<int, 3> mean{};
  for (std::size_t c = 0; c < 3; ++c) mean[c] = static_cast<int>((sum[c] + count / 2) / count);
  return mean;
}

// One ink: no pixel would look different by more than 2 of 255 levels if it had the ink's colour. (A faint pixel may
// have any colour: editors leave rounding noise there.)
bool has_one_ink(const Bytes& rgba, const std::array<int, 3>& ink) {
  for (std::size_t i = 0; i < rgba.size(); i += 4) {
    for (std::size_t c = 0; c < 3; ++c) {
      if (std::abs(rgba[i + c] - ink[c]) * rgba[i + 3] > 2 * 255) return false;
    }
  }
  return true;
}

}  // namespace

void Image::classify(Bytes rgba) {
  std::uint8_t lowest = 255;
  std::uint8_t highest = 0;
  for (std::size_t i = 3; i < rgba.size(); i += 4) {
    lowest = std::min(lowest, rgba[i]);
    highest = std::max(highest, rgba[i]);
  }
  const auto ink = dominant_colour(rgba, highest);
  m_ink = {ink[0] / 255.0, ink[1] / 255.0, ink[2] / 255.0};
  m_one_ink = has_one_ink(rgba, ink);
  m_has_alpha = lowest < 255;
  const std::size_t pixels = rgba.size() / 4;
  if (m_has_alpha) {
    m_alpha.resize(pixels);
    for (std::size_t i = 0; i < pixels; ++i) m_alpha[i] = rgba[i * 4 + 3];
  }
  if (m_one_ink) return;
  for (std::size_t i = 0; i < pixels; ++i) std::memmove(&rgba[i * 3], &rgba[i * 4], 3);
  rgba.resize(pixels * 3);
  rgba.shrink_to_fit();
  m_rgb = std::move(rgba);
}

Result<Image> Image::from_png(ByteView file) {
  const Size size = KYSO_TRY(read_header(file));
  Bytes rgba(std::size_t{size.width} * size.height * 4);
  std::vector<png_bytep> rows(size.height);
  for (std::size_t y = 0; y < rows.size(); ++y) rows[y] = rgba.data() + y * size.width * 4;
  Reader reader{file.data(), file.size(), "libpng"};
  if (!decode(&reader, rows.data(), size.width, size.height)) return fail("pdf.image.malformed", "{}", reader.message);
  bool visible = false;
  for (std::size_t i = 3; i < rgba.size() && !visible; i += 4) visible = rgba[i] != 0;
  if (!visible) return fail("pdf.image.empty");
  Image image;
  image.m_width = static_cast<int>(size.width);
  image.m_height = static_cast<int>(size.height);
  image.classify(std::move(rgba));
  return image;
}

std::array<double, 4> Image::empty_margins() const {
  constexpr std::uint8_t kVisible = 8;   // fainter is rounding noise
  constexpr std::uint8_t kPaper = 0xf5;  // a scanner's white
  const auto has_ink = [this](std::size_t i) {
    if (m_has_alpha) return m_alpha[i] >= kVisible;
    return m_one_ink || std::min({m_rgb[i * 3], m_rgb[i * 3 + 1], m_rgb[i * 3 + 2]}) < kPaper;
  };
  int left = m_width, right = -1, top = m_height, bottom = -1;
  std::size_t i = 0;
  for (int y = 0; y < m_height; ++y) {
    for (int x = 0; x < m_width; ++x, ++i) {
      if (!has_ink(i)) continue;
      left = std::min(left, x);
      right = std::max(right, x);
      top = std::min(top, y);
      bottom = y;
    }
  }
  if (right < 0) return {0, 0, 0, 0};  // nothing but paper: there is nothing to cut off
  const double w = m_width;
  const double h = m_height;
  return {left / w, (m_height - 1 - bottom) / h, (m_width - 1 - right) / w, top / h};
}

}  // namespace kyso::pdf

#include "pdf/file/predictor.h"

#include <algorithm>

namespace kyso::pdf {

namespace {

constexpr std::size_t kMaxRow = 64U << 20U;  // bytes; the widest pictures have some hundred thousand

// One PNG row in place; `previous` is the decoded row above, empty for the first.
void undo_png_row(unsigned type, std::span<std::uint8_t> row, ByteView previous, std::size_t pixel) {
  const auto above = [&](std::size_t i) { return i < previous.size() ? previous[i] : std::uint8_t{0}; };
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::uint8_t left = i >= pixel ? row[i - pixel] : std::uint8_t{0};
    const std::uint8_t corner = i >= pixel ? above(i - pixel) : std::uint8_t{0};
    unsigned prediction = 0;
    switch (type) {
      case 1:
        prediction = left;
        break;
      case 2:
        prediction = above(i);
        break;
      case 3:
        prediction = (unsigned{left} + above(i)) / 2;
        break;
      case 4:
        prediction = paeth(left, above(i), corner);
        break;
      default:
        return;  // 0 and what does not exist: as it is
    }
    row[i] = static_cast<std::uint8_t>(row[i] + prediction);
  }
}

// Decodes towards the front of the same memory: every row loses its type byte.
Bytes undo_png(Bytes data, std::size_t row_bytes, std::size_t pixel) {
  std::size_t written = 0, previous_start = 0, previous_length = 0;
  for (std::size_t read = 0; read < data.size();) {
    const unsigned type = data[read++];
    const std::size_t length = std::min(row_bytes, data.size() - read);
    std::copy_n(data.begin() + static_cast<std::ptrdiff_t>(read), length,
                data.begin() + static_cast<std::ptrdiff_t>(written));
    undo_png_row(type, std::span(data).subspan(written, length),
                 ByteView(data).subspan(previous_start, previous_length), pixel);
    previous_start = written;
    previous_length = length;
    written += length;
    read += length;
  }
  data.resize(written);
  return data;
}

void undo_tiff_row(std::span<std::uint8_t> row, std::size_t colors, std::size_t bits) {
  if (bits == 8) {
    for (std::size_t i = colors; i < row.size(); ++i) row[i] = static_cast<std::uint8_t>(row[i] + row[i - colors]);
    return;
  }
  if (bits == 16) {
    for (std::size_t i = 2 * colors; i + 1 < row.size(); i += 2) {
      const std::size_t before = i - 2 * colors;
      const unsigned sum = (row[i] * 256U + row[i + 1]) + (row[before] * 256U + row[before + 1]);
      row[i] = static_cast<std::uint8_t>(sum >> 8U);
      row[i + 1] = static_cast<std::uint8_t>(sum);
    }
    return;
  }
  const unsigned mask = (1U << bits) - 1;
  const auto shift = [&](std::size_t sample) { return 8 - bits - (sample * bits) % 8; };
  const std::size_t samples = row.size() * 8 / bits;
  for (std::size_t i = colors; i < samples; ++i) {
    std::uint8_t& byte = row[i * bits / 8];
    const unsigned before = (static_cast<unsigned>(row[(i - colors) * bits / 8]) >> shift(i - colors)) & mask;
    const unsigned sum = ((static_cast<unsigned>(byte) >> shift(i)) + before) & mask;
    byte = static_cast<std::uint8_t>((byte & ~(mask << shift(i))) | (sum << shift(i)));
  }
}

}  // namespace

Result<Bytes> undo_predictor(Bytes data, const FilterParameters& parameters) {
  if (parameters.predictor <= 1) return data;
  const auto bits = parameters.bits_per_component;
  const bool is_possible = (bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16) && parameters.colors >= 1 &&
                           parameters.colors <= 1024 && parameters.columns >= 1 && parameters.columns <= INT32_MAX;
  if (!is_possible) {
    return fail("pdf.stream.broken", "predictor with {} colours, {} bits, {} columns", parameters.colors, bits,
                parameters.columns);
  }
  const auto pixel_bits = static_cast<std::size_t>(parameters.colors * bits);
  const std::size_t row_bytes = (static_cast<std::size_t>(parameters.columns) * pixel_bits + 7) / 8;
  if (row_bytes > kMaxRow) return fail("pdf.limit", "predictor row of {} bytes", row_bytes).with("limit", "predictor");
  if (parameters.predictor >= 10) return undo_png(std::move(data), row_bytes, std::max<std::size_t>(1, pixel_bits / 8));
  if (parameters.predictor != 2) return fail("pdf.stream.broken", "predictor {}", parameters.predictor);
  for (std::size_t start = 0; start < data.size(); start += row_bytes) {
    undo_tiff_row(std::span(data).subspan(start, std::min(row_bytes, data.size() - start)),
                  static_cast<std::size_t>(parameters.colors), static_cast<std::size_t>(bits));
  }
  return data;
}

}  // namespace kyso::pdf

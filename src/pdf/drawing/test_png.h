#pragma once
#include <zlib.h>

#include <random>

#include "base/bytes.h"

// PNG files made chunk by chunk, for tests: every kind that ISO/IEC 15948 allows, and some that it does not.
namespace kyso::pdf::test {

inline void append32(Bytes& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
}

inline void append_chunk(Bytes& png, std::string_view type, ByteView data) {
  append32(png, static_cast<std::uint32_t>(data.size()));
  const std::size_t start = png.size();
  append(png, type);
  append(png, data);
  append32(png, static_cast<std::uint32_t>(crc32(0, png.data() + start, static_cast<uInt>(png.size() - start))));
}

inline Bytes zlib_compress(ByteView data) {
  uLongf size = compressBound(data.size());
  Bytes out(size);
  compress2(out.data(), &size, data.data(), data.size(), 6);
  out.resize(size);
  return out;
}

struct PngKind {
  std::uint32_t width = 1, height = 1;
  std::uint8_t depth = 8, colour_type = 6;
  bool interlaced = false;
};

inline int channels(std::uint8_t colour_type) {
  switch (colour_type) {
    case 2:
      return 3;
    case 4:
      return 2;
    case 6:
      return 4;
    default:
      return 1;
  }
}

inline Bytes png_start(const PngKind& kind) {
  Bytes png{0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  Bytes header;
  append32(header, kind.width);
  append32(header, kind.height);
  append(header, Bytes{kind.depth, kind.colour_type, 0, 0, static_cast<std::uint8_t>(kind.interlaced ? 1 : 0)});
  append_chunk(png, "IHDR", header);
  return png;
}

// Samples of one pixel, each kind.depth wide; pixels row by row.
using Samples = std::vector<std::uint16_t>;

// The pixels x = x0, x0 + dx, … of the rows y = y0, y0 + dy, … with filter type 0.
inline void append_pass(Bytes& out, const PngKind& kind, const Samples& samples, std::array<std::uint32_t, 4> pass) {
  const auto n = static_cast<std::size_t>(channels(kind.colour_type));
  if (pass[0] >= kind.width) return;
  for (std::uint32_t y = pass[1]; y < kind.height; y += pass[3]) {
    out.push_back(0);
    unsigned held = 0, bits = 0;
    for (std::uint32_t x = pass[0]; x < kind.width; x += pass[2]) {
      for (std::size_t c = 0; c < n; ++c) {
        const std::uint16_t sample = samples[(std::size_t{y} * kind.width + x) * n + c];
        if (kind.depth == 16) {
          out.push_back(static_cast<std::uint8_t>(sample >> 8U));
          out.push_back(static_cast<std::uint8_t>(sample));
          continue;
        }
        held = held << kind.depth | sample;
        bits += kind.depth;
        if (bits == 8) {
          out.push_back(static_cast<std::uint8_t>(held));
          held = bits = 0;
        }
      }
    }
    if (bits != 0) out.push_back(static_cast<std::uint8_t>(held << (8 - bits)));
  }
}

// `extra`: PLTE and tRNS chunks with their contents.
inline Bytes make_png(const PngKind& kind, const Samples& samples,
                      const std::vector<std::pair<std::string_view, Bytes>>& extra = {}) {
  Bytes png = png_start(kind);
  for (const auto& [type, data] : extra) append_chunk(png, type, data);
  Bytes raw;
  if (kind.interlaced) {  // Adam7
    for (const std::array<std::uint32_t, 4> pass : {std::array<std::uint32_t, 4>{0, 0, 8, 8},
                                                    {4, 0, 8, 8},
                                                    {0, 4, 4, 8},
                                                    {2, 0, 4, 4},
                                                    {0, 2, 2, 4},
                                                    {1, 0, 2, 2},
                                                    {0, 1, 1, 2}}) {
      append_pass(raw, kind, samples, pass);
    }
  } else {
    append_pass(raw, kind, samples, {0, 0, 1, 1});
  }
  append_chunk(png, "IDAT", zlib_compress(raw));
  append_chunk(png, "IEND", {});
  return png;
}

inline Bytes rgba_png(std::uint32_t width, std::uint32_t height, const Bytes& rgba) {
  return make_png({width, height, 8, 6, false}, Samples(rgba.begin(), rgba.end()));
}

}  // namespace kyso::pdf::test

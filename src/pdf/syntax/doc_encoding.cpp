#include "pdf/syntax/doc_encoding.h"

#include <array>

namespace kyso::pdf {

namespace {

constexpr std::array<char32_t, 8> kFrom18 = {0x02D8, 0x02C7, 0x02C6, 0x02D9, 0x02DD, 0x02DB, 0x02DA, 0x02DC};
constexpr std::array<char32_t, 33> kFrom80 = {0x2022, 0x2020, 0x2021, 0x2026, 0x2014, 0x2013, 0x0192, 0x2044, 0x2039,
                                              0x203A, 0x2212, 0x2030, 0x201E, 0x201C, 0x201D, 0x2018, 0x2019, 0x201A,
                                              0x2122, 0xFB01, 0xFB02, 0x0141, 0x0152, 0x0160, 0x0178, 0x017D, 0x0131,
                                              0x0142, 0x0153, 0x0161, 0x017E, 0xFFFD, 0x20AC};

}  // namespace

char32_t from_doc_encoding(std::uint8_t byte) {
  if (byte >= 0x18 && byte < 0x20) return kFrom18[byte - 0x18];
  if (byte >= 0x80 && byte <= 0xA0) return kFrom80[byte - 0x80];
  return byte == 0x7F || byte == 0xAD ? char32_t{0xFFFD} : char32_t{byte};
}

std::optional<std::uint8_t> to_doc_encoding(char32_t code_point) {
  if (code_point == 0xFFFD) return std::nullopt;
  for (unsigned byte = 0; byte < 256; ++byte) {
    if (from_doc_encoding(static_cast<std::uint8_t>(byte)) == code_point) return static_cast<std::uint8_t>(byte);
  }
  return std::nullopt;
}

}  // namespace kyso::pdf

#pragma once
#include <cstdint>
#include <optional>

// PDFDocEncoding (ISO 32000-2 Annex D.3). Private to the module.
namespace kyso::pdf {

char32_t from_doc_encoding(std::uint8_t byte);  // U+FFFD when the byte stands for nothing
std::optional<std::uint8_t> to_doc_encoding(char32_t code_point);

}  // namespace kyso::pdf

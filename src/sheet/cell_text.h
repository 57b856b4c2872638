#pragma once
#include <string>
#include <string_view>

namespace kyso::sheet {

// A cell's text as people mean it: NFC, one kind of line end, no blanks and invisible characters around it, "_x000D_"
// (ISO/IEC 29500-1 section 22.9.2.19) decoded where asked.
std::string clean_text(std::string_view text);
std::string decode_escapes(std::string_view text);
bool is_escape(std::string_view text);  // begins with one
// Code points of valid UTF-8.
std::size_t count_characters(std::string_view text);

}  // namespace kyso::sheet

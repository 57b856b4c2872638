#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

// Unicode text. Inside Kyso a std::string is UTF-8; text that is stored, compared, searched or drawn is NFC.
namespace kyso {

bool is_valid_utf8(std::string_view text);
// The text itself, with U+FFFD for each ill-formed sequence.
std::string to_valid_utf8(std::string_view text);
// Code points; ill-formed sequences become U+FFFD.
std::u32string to_utf32(std::string_view utf8);
std::string to_utf8(std::u32string_view text);
void append_utf8(std::string& out, char32_t code_point);

// Canonical composition. Half-composed Vietnamese (a letter with its hat + a combining tone) becomes one letter too.
std::string to_nfc(std::string_view utf8);
std::string to_nfd(std::string_view utf8);
// For search only: NFC, lower case, marks removed, d for "đ", runs of white space as one blank, ends trimmed.
// "Nguyễn  Thị Đào" -> "nguyen thi dao".
std::string fold_accents(std::string_view utf8);
// NFC, case-folded, white space runs as one blank, ends trimmed; accents kept.
std::string fold_case(std::string_view utf8);
std::string to_upper(std::string_view utf8);
std::string_view trim(std::string_view text);

// PDF text strings (ISO 32000-1 section 7.9.2.2): UTF-16BE with byte order mark.
Bytes to_utf16be_bom(std::string_view utf8);
std::string from_utf16be(ByteView bytes);  // without byte order mark; lone surrogates become U+FFFD

}  // namespace kyso

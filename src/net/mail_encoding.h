#pragma once
#include <string>
#include <string_view>

#include "base/bytes.h"

// Private to the module: how text and bytes travel in a mail of 7-bit lines.
namespace kyso::net {

// Encoded words of an unstructured header field or a phrase (RFC 2047, "B"), folded; no word splits a character.
// `used`: characters that stand on the first line already.
std::string encoded_words(std::string_view utf8, std::size_t used);
// RFC 2045 section 6.7; line ends of any kind become CRLF, and the last line has one.
std::string quoted_printable(std::string_view text);
// RFC 2045 section 6.8: lines of 76 characters, each ended by CRLF.
std::string base64_lines(ByteView bytes);
// "; filename=…" on lines of its own: quoted when it is short ASCII, else RFC 2231 (UTF-8, continued where it is long).
std::string parameter_lines(std::string_view name, std::string_view value);

}  // namespace kyso::net

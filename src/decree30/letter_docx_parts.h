#pragma once
#include <string>
#include <vector>

#include "decree30/letter.h"
#include "sheet/package.h"

// Private to the module: the parts of a word processor's document (ISO/IEC 29500-1) beside its text.
namespace kyso::decree30 {

// All parts; `document` is the content of w:body.
std::vector<sheet::PackagePart> docx_parts(const std::string& document, const std::string& title,
                                           const LetterOptions& options);
// Name of the header with the page number, for section properties.
inline constexpr std::string_view kNumberedHeader = "rId4";

}  // namespace kyso::decree30

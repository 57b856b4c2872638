#pragma once
#include <filesystem>

#include "pdf/document/document.h"
#include "verify/report/report.h"

namespace kyso::app {

// Pictures of the pages on which something was signed or changed later (at most `limit`), made by pdftoppm in a process
// of its own with limits on time and memory: a hostile page costs a picture, not the program. Where content was
// changed, the page is compared with what it looked like before. None when pdftoppm isn't installed, or when the
// document needs a password (it would show in the process list).
std::vector<verify::PagePicture> picture_pages(const std::filesystem::path& file, const pdf::Document& document,
                                               const verify::DocumentFacts& facts, std::size_t limit = 20);

}  // namespace kyso::app

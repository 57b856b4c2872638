#pragma once
#include "base/bytes.h"

namespace kyso::sheet {

enum class FileKind { zip, text };

// What a file is by its content: a ZIP archive, text, or an answer that names what else it is. sheet.empty, sheet.kind,
// sheet.encrypted, sheet.malformed. Text that is no table (HTML, XML) is refused too.
Result<FileKind> kind_of(ByteView file);

}  // namespace kyso::sheet

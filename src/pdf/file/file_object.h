#pragma once
#include <functional>

#include "pdf/syntax/lexer.h"

// Indirect objects as they stand in a file. Private to the module.
namespace kyso::pdf {

// What reading may cost in all. An honest file is parsed about once; a hostile one makes objects overlap (strings that
// contain objects that contain strings …), which would cost quadratic time and memory.
struct WorkBudget {
  std::uint64_t bytes = 0;
  std::size_t values = 0;
  static WorkBudget of(const Source& source);
  Result<> spend(std::uint64_t count);  // pdf.limit
};

struct FileObject {
  ObjectId id;
  Object object;
  Extent extent;           // "n g obj" to after "endobj"; where that is missing to the end of the value
  bool is_closed = false;  // "endobj" was there
};

// Gives the value of an indirect /Length, or nothing.
using LengthOf = std::function<std::optional<std::int64_t>(ObjectId)>;

// Reads "n g obj … endobj" at `offset` (white space before it is skipped). The data of a stream ends where /Length says
// when "endstream" follows there, else before the next "endstream". pdf.object.broken {number}, pdf.limit.
Result<FileObject> read_file_object(const Source& source, std::uint64_t offset, const Limits& limits,
                                    WorkBudget& budget, const LengthOf& length_of = {});

// "n g obj" at exactly this offset, white space before it skipped.
struct ObjectHeader {
  ObjectId id;
  std::uint64_t offset = 0;  // of n
};
std::optional<ObjectHeader> object_header_at(const Source& source, std::uint64_t offset);

// Runs `parse` over ever larger views from `offset`, until it did not run into the end of the view: syntax has no
// length that is known beforehand. `parse` is given a Lexer and returns a Result.
template <typename Parse>
auto parse_growing(const Source& source, std::uint64_t offset, const Limits& limits, WorkBudget& budget, Parse parse)
    -> decltype(parse(std::declval<Lexer&>())) {
  std::uint64_t window = 2048;
  for (;;) {
    const ByteView bytes = source.view(offset, window);
    Lexer lexer(bytes);
    auto result = parse(lexer);
    if (auto spent = budget.spend(std::min<std::uint64_t>(lexer.position(), bytes.size())); !spent) {
      return std::move(spent).error();
    }
    const bool is_whole = bytes.size() < window || offset + bytes.size() >= source.size();
    if (is_whole || !lexer.reached_end()) return result;
    if (window >= limits.object_syntax) return fail("pdf.limit", "object at {}", offset).with("limit", "object_syntax");
    window = std::min<std::uint64_t>(window * 4, limits.object_syntax);
  }
}

}  // namespace kyso::pdf

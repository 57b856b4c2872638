#pragma once
#include <optional>
#include <span>
#include <string_view>

#include "base/error_text.h"

namespace kyso::decree30 {

// What a person should be told about a plan. Ids are stable ("decree30.number.fields"); sign::Plan::notes carries them.
struct NoteRow {
  std::string_view id;
  bool is_warning;  // false: information
  std::string_view vietnamese, english;
};
std::span<const NoteRow> note_table();  // sorted by id
const NoteRow* find_note(std::string_view id);
// The sentence in a language; the id itself when it has no row.
std::string_view note_text(std::string_view id, Language language);

}  // namespace kyso::decree30

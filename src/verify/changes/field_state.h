#pragma once
#include <optional>
#include <string>
#include <vector>

#include "pdf/document/form.h"
#include "verify/changes/seats.h"

namespace kyso::verify {

struct WidgetState {
  std::uint32_t number = 0;
  pdf::Dictionary dictionary;
  pdf::Rect rect;
  std::int64_t flags = 0;
  std::size_t page = pdf::kNoPage;
  pdf::Object appearance;  // the stream that is shown
  // Somebody may see it, on the screen or on paper.
  bool is_visible() const;
};

// One field as it stands in a revision.
struct FieldState {
  std::uint32_t number = 0;
  bool exists = false;
  bool is_terminal = true;
  std::string name;  // fully qualified, NFC
  std::string type;  // Sig, Tx, Btn, Ch
  std::int64_t flags = 0;
  std::optional<std::int64_t> max_length;
  pdf::Dictionary dictionary;
  pdf::Object value;  // resolved
  std::optional<std::uint32_t> value_object;
  std::vector<WidgetState> widgets;
  bool is_signature() const { return type == "Sig"; }
  bool is_signed() const { return is_signature() && value.as_dictionary() != nullptr; }
  bool is_push_button() const { return type == "Btn" && (flags & (1 << 16)) != 0; }
};

// What a value says to people.
std::string text_of_value(const pdf::ObjectView& view, const pdf::Object& value);

}  // namespace kyso::verify

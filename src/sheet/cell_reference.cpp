#include "sheet/cell_reference.h"

namespace kyso::sheet {

std::optional<CellReference> parse_reference(std::string_view text) {
  CellReference place;
  std::size_t at = text.starts_with('$') ? 1 : 0;
  for (; at < text.size(); ++at) {
    const char c = text[at] >= 'a' && text[at] <= 'z' ? static_cast<char>(text[at] - 'a' + 'A') : text[at];
    if (c < 'A' || c > 'Z') break;
    place.column = place.column * 26 + static_cast<std::uint32_t>(c - 'A' + 1);
    if (place.column > kMaxColumnNumber) return std::nullopt;
  }
  if (at < text.size() && text[at] == '$') ++at;
  for (; at < text.size(); ++at) {
    if (text[at] < '0' || text[at] > '9') return std::nullopt;
    place.row = place.row * 10 + static_cast<std::uint32_t>(text[at] - '0');
    if (place.row > kMaxRowNumber) return std::nullopt;
  }
  if (place.row == 0 || place.column == 0) return std::nullopt;
  return place;
}

std::optional<CellRange> parse_range(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto first = parse_reference(text.substr(0, colon));
  const auto last = colon == std::string_view::npos ? first : parse_reference(text.substr(colon + 1));
  if (!first || !last || last->row < first->row || last->column < first->column) return std::nullopt;
  return CellRange{*first, *last};
}

}  // namespace kyso::sheet

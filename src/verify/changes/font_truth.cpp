#include "verify/changes/font_truth.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/file.h"
#include "pdf/text/glyph_outlines.h"

namespace kyso::verify {
namespace {

constexpr std::size_t kMostFonts = 4;  // compared with

bool is_blank(char32_t c) {
  return c == 0x20 || c == 0xA0;
}

// What letters look like in fonts of one name.
class Pattern {
 public:
  void add(char32_t letter, Bytes shape) {
    m_letters[shape].insert(letter);
    m_shapes[letter].insert(std::move(shape));
  }
  FontTruth judge(char32_t letter, const Bytes& shape) const {
    if (is_blank(letter)) return shape.empty() ? FontTruth::shows : FontTruth::lies;
    const auto known = m_shapes.find(letter);
    if (known == m_shapes.end()) return FontTruth::unverified;
    if (known->second.contains(shape)) return FontTruth::shows;
    return shape.empty() || m_letters.contains(shape) ? FontTruth::lies : FontTruth::unverified;
  }

 private:
  std::map<char32_t, std::set<Bytes>> m_shapes;
  std::map<Bytes, std::set<char32_t>> m_letters;
};

// The fonts that Kyso draws with are those that most other signing programs have, too.
void add_shipped(const std::string& family, const pdf::LetterShapes& letters, Pattern& pattern) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kShipped{
      {{"LiberationSerif", "LiberationSerif-Regular.ttf"},
       {"LiberationSerif-Bold", "LiberationSerif-Bold.ttf"},
       {"LiberationSerif-Italic", "LiberationSerif-Italic.ttf"},
       {"LiberationSerif-BoldItalic", "LiberationSerif-BoldItalic.ttf"}}};
  const auto found = std::ranges::find(kShipped, family, &std::pair<std::string_view, std::string_view>::first);
  if (found == kShipped.end()) return;
  constexpr std::size_t kLargest = 64U << 20U;
  auto file = read_file(share_folder() / "fonts" / found->second, kLargest);
  if (!file) return;
  const auto outlines = pdf::GlyphOutlines::open(*std::move(file));
  if (!outlines) return;
  std::set<char32_t> wanted;
  for (char32_t c = 0x21; c < 0x7F; ++c) wanted.insert(c);
  for (const auto& [text, shape] : letters) {
    if (text.size() == 1) wanted.insert(text.front());
  }
  for (const char32_t letter : wanted) {
    const std::uint32_t glyph = outlines->glyph_of(letter);
    if (glyph == 0) continue;
    if (auto shape = outlines->shape(glyph)) pattern.add(letter, *std::move(shape));
  }
}

}  // namespace

FontTruth truth_of(const pdf::ObjectView& view, std::uint32_t font, std::span<const std::uint32_t> earlier,
                   Work& work) {
  const pdf::Object object = object_at(view, font);
  if (object.as_dictionary() == nullptr) return FontTruth::unverified;
  const auto letters = pdf::letter_shapes(view, *object.as_dictionary());
  constexpr std::size_t kCost = 20'000;
  if (!letters || !work.spend(letters->size() + kCost)) return FontTruth::unverified;
  const std::string family = pdf::family_of(view, *object.as_dictionary());
  Pattern pattern;
  add_shipped(family, *letters, pattern);
  std::size_t compared = 0;
  for (const std::uint32_t number : earlier) {
    if (compared >= kMostFonts || !work.spend(1)) break;
    const pdf::Object other = object_at(view, number);
    if (other.as_dictionary() == nullptr || pdf::family_of(view, *other.as_dictionary()) != family) continue;
    ++compared;
    const auto shapes = pdf::letter_shapes(view, *other.as_dictionary());
    if (!shapes || !work.spend(shapes->size() + kCost)) continue;
    for (const auto& [text, shape] : *shapes) {
      if (text.size() == 1) pattern.add(text.front(), shape);
    }
  }
  FontTruth worst = FontTruth::shows;
  for (const auto& [text, shape] : *letters) {
    worst = std::max(worst, text.size() == 1 ? pattern.judge(text.front(), shape) : FontTruth::unverified);
  }
  return worst;
}

}  // namespace kyso::verify

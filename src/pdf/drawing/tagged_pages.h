#pragma once
#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "pdf/drawing/appearance.h"

// A new PDF with a logical structure (ISO 32000-2 section 14.7): what is put on a page belongs to an element of it or
// is an artifact.
namespace kyso::pdf {

// Typeface: a shipped font as one new document uses it. Texts are measured and coded letter by letter.
class Typeface {
 public:
  static Result<Typeface> shipped(FontStyle style);
  // The text as NFC, white space as blanks; a letter that the font cannot show plainly becomes U+FFFD or "?".
  std::u32string drawable(std::string_view utf8) const;
  double width(char32_t letter) const;  // 1/1000 em
  double width(std::u32string_view letters, double size) const;
  std::uint16_t code(char32_t letter);  // in this document; may be asked for 60,000 different letters
  const FontFace& face() const { return *m_face; }
  const std::u32string& letters() const { return m_letters; }  // in the order of their codes

 private:
  explicit Typeface(std::shared_ptr<const FontFace> face) : m_face(std::move(face)), m_near(kNear) {}
  static constexpr std::size_t kNear = 0x2100;
  struct Letter {
    std::int32_t width = -1;
    std::uint16_t code = 0;
  };
  Letter& letter(char32_t c) const;
  std::shared_ptr<const FontFace> m_face;
  mutable std::vector<Letter> m_near;  // below U+2100: all but a few
  mutable std::map<char32_t, Letter> m_far;
  std::u32string m_letters;
};

// TaggedPages: pages and their structure, filled in any order of pages, finished once.
class TaggedPages {
 public:
  static Result<TaggedPages> create();
  ~TaggedPages();
  TaggedPages(TaggedPages&&) noexcept;

  Typeface& typeface(FontStyle style);

  using Element = std::size_t;
  static constexpr Element kDocument = 0, kArtifact = static_cast<std::size_t>(-1);
  // `attributes` is a dictionary as syntax, e.g. "<</O/Table/Scope/Column>>", or empty.
  Element element(Element parent, std::string_view role, std::string_view attributes = {});

  std::size_t add_page(double width, double height);
  std::size_t count() const;
  std::pair<double, double> size_of(std::size_t page) const;  // width, height
  void use_page(std::size_t page);

  // What follows on this page belongs to the element, or is an artifact.
  void belong_to(Element element);
  // One line with its baseline at y. Every blank is widened by `more_blank` points. Letters must be drawable().
  void text(FontStyle style, double size, std::u32string_view letters, double x, double y, double more_blank = 0);
  // Straight lines, each {x0, y0, x1, y1}: artifacts.
  void lines(const std::vector<std::array<double, 4>>& strokes, double line_width);

  struct Information {
    std::string title, language = "vi-VN";
    Instant made{};
    std::vector<std::pair<std::string, std::string>> entries;  // more of the information dictionary, names and texts
  };
  Result<Bytes> finish(const Information& information);

 private:
  TaggedPages();
  struct State;
  std::unique_ptr<State> m_state;
};

}  // namespace kyso::pdf

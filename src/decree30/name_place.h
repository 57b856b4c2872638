#pragma once
#include "decree30/roles.h"
#include "decree30/sheet.h"

// Where the leader's signature belongs: between boxes 7a (title) and 7b (name) of Decree 30/2020/NĐ-CP, Appendix I.
namespace kyso::decree30 {

// "KT. GIÁM ĐỐC", "TM. ỦY BAN NHÂN DÂN", "CHÁNH VĂN PHÒNG": capitals, with a capacity of article 13, a word of rank, or
// bold.
bool is_title_line(const Segment& segment);
// The same without lines that are only bold: by its capacity or a word of rank.
bool names_a_rank(const Segment& segment);
// Two to six words, each beginning with a capital: "Nguyễn Văn A".
bool looks_like_name(const Segment& segment);
// A title that heads the segment `name`: nearest text above in its column within 200 pt. Index into sheet.segments.
std::optional<std::size_t> title_above(const Sheet& sheet, const Segment& name);

// A name where somebody signs.
struct NamePlace {
  std::size_t page = 0;
  pdf::Rect name;                  // visible space
  std::optional<pdf::Rect> title;  // the lowest title line
  bool exact = true;               // false: found only without accents
  bool several_pages = false;      // other pages had one as good; the last was taken
};

enum class Wanted {
  signature_place,  // a mention in running text is not one
  any_mention,      // the user named the text
};
// Errors: decree30.name.not_found {text}, decree30.name.ambiguous {text} {places}.
Result<NamePlace> find_name(SheetReader& reader, std::string_view name, std::optional<std::size_t> page, Wanted wanted);
// The last pair of a title line and a bold or lone name under it, when nobody said whose name it is.
Result<std::optional<NamePlace>> find_titled_name(SheetReader& reader, std::optional<std::size_t> page);

// The signature's box between title and name: centred, as large as the template wants and the free block allows, at
// least 40 % of it. nullopt: no room. Visible space.
std::optional<pdf::Rect> signature_box(const Sheet& sheet, const NamePlace& place, const Template& tmpl);

// Fractions of a one-page letter from the top left (7c, 8), for pages whose text cannot be read.
pdf::Rect prior_box(const Sheet& sheet, double width, double height);

}  // namespace kyso::decree30

#include "decree30/name_place.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string>

#include "base/text.h"

namespace kyso::decree30 {
namespace {

constexpr double kTitleReach = 200;           // points between a name and its title
constexpr double kSmallestShare = 0.4;        // of the wished size
constexpr std::size_t kMostCandidates = 500;  // on one page; more are no letter
constexpr double kAir = 2;                    // points between text and signature

// Article 13: thay mặt, ký thay, thừa lệnh, thừa ủy quyền, quyền.
constexpr std::array<std::string_view, 5> kCapacities{"TM.", "KT.", "TL.", "TUQ.", "Q."};
constexpr std::array<std::string_view, 20> kRanks{
    "GIÁM ĐỐC", "CHỦ TỊCH",   "BỘ TRƯỞNG", "THỨ TRƯỞNG", "CỤC TRƯỞNG",  "VỤ TRƯỞNG",   "CHI CỤC TRƯỞNG",
    "TRƯỞNG",   "PHÓ TRƯỞNG", "CHÁNH",     "PHÓ CHÁNH",  "HIỆU TRƯỞNG", "VIỆN TRƯỞNG", "TỔNG",
    "BÍ THƯ",   "THỦ TƯỚNG",  "CHỦ NHIỆM", "THỦ TRƯỞNG", "PHÓ",         "QUYỀN"};

bool is_capitals(std::string_view text) {
  return text == to_upper(text) && fold_accents(text) != text;  // at least one letter, none of them small
}

bool has_digit(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

double overlap_x(const pdf::Rect& a, const pdf::Rect& b) {
  return std::min(a.x1, b.x1) - std::max(a.x0, b.x0);
}

std::size_t letters(std::string_view text) {
  return to_utf32(fold_accents(text)).size();
}

}  // namespace

namespace {

bool starts_with_one_of(const std::string& text, std::span<const std::string_view> prefixes) {
  return std::ranges::any_of(prefixes, [&](std::string_view prefix) { return text.starts_with(prefix); });
}

}  // namespace

bool is_title_line(const Segment& segment) {
  const std::string text = to_nfc(segment.text());
  if (segment.words.size() > 12 || letters(text) < 3 || !is_capitals(text)) return false;
  if (starts_with_one_of(text, kCapacities)) return true;
  // Box 1 and headings of forms are capitals too; a title holds no number and no colon.
  if (has_digit(text) || text.ends_with(':') || text.starts_with('-') || text.starts_with("CỘNG HÒA")) return false;
  return starts_with_one_of(text, kRanks) || (segment.bold() && segment.words.size() >= 2);
}

bool names_a_rank(const Segment& segment) {
  const std::string text = to_nfc(segment.text());
  return is_title_line(segment) && (starts_with_one_of(text, kCapacities) || starts_with_one_of(text, kRanks));
}

bool looks_like_name(const Segment& segment) {
  if (segment.words.size() < 2 || segment.words.size() > 6 || has_digit(segment.text())) return false;
  return std::ranges::all_of(segment.words, [](const SheetWord& word) {
    const std::u32string letters32 = to_utf32(word.text);
    const std::string first = to_utf8(letters32.substr(0, 1));
    const bool ends_well = letters32.back() != U':' && letters32.back() != U';' && letters32.back() != U',';
    return ends_well && to_upper(first) == first && fold_case(first) != first;
  });
}

std::optional<std::size_t> title_above(const Sheet& sheet, const Segment& name) {
  std::vector<std::size_t> above;
  for (std::size_t i = 0; i < sheet.segments.size(); ++i) {
    const Segment& other = sheet.segments[i];
    const double distance = other.box.y0 - name.box.y1;
    const bool in_column = other.box.x0 - 10 < name.centre() && name.centre() < other.box.x1 + 10;
    if (&other != &name && in_column && distance > -0.3 * name.box.height() && distance < kTitleReach)
      above.push_back(i);
  }
  std::ranges::sort(above, {}, [&](std::size_t i) { return sheet.segments[i].box.y0; });
  int skipped = 0;
  for (const std::size_t i : above) {
    const Segment& candidate = sheet.segments[i];
    if (is_title_line(candidate)) return i;
    // "(Đã ký)", "(Ký, ghi rõ họ tên)": one remark may stand between.
    if (++skipped > 1 || !candidate.text().starts_with('(')) break;
  }
  return std::nullopt;
}

namespace {

struct Candidate {
  NamePlace place;
  int score = 0;
  bool acceptable = false;
};

const Segment* segment_at(const Sheet& sheet, const pdf::Rect& box) {
  const Segment* best = nullptr;
  double most = 0;
  for (const Segment& segment : sheet.segments) {
    const double area = segment.box.intersection(box).area();
    if (area > most) {
      most = area;
      best = &segment;
    }
  }
  return best;
}

Candidate weigh(const Sheet& sheet, const pdf::TextMatch& match) {
  Candidate out;
  out.place.page = match.page;
  out.place.name = sheet.to_visible(match.box);
  out.place.exact = match.exact;
  if (match.exact) out.score += 3;
  const Segment* segment = segment_at(sheet, out.place.name);
  if (segment == nullptr) return out;
  const std::string text = segment->text();
  const bool whole = static_cast<double>(letters(match.text)) >= 0.75 * static_cast<double>(letters(text));
  const bool listed = text.starts_with('-') || text.starts_with("–") || text.starts_with('+');
  if (whole) out.score += 8;
  if (whole && segment->bold()) out.score += 4;
  if (listed) out.score -= 8;
  if (const auto title = title_above(sheet, *segment)) {
    const Segment& head = sheet.segments[*title];
    out.place.title = head.box;
    out.score += 16;
    if (std::abs(head.centre() - segment->centre()) < 15) out.score += 2;
  }
  out.acceptable = whole && !listed && (out.place.title || segment->bold() || sheet.segments.size() < 5);
  return out;
}

std::string place_list(const std::vector<Candidate>& candidates) {
  std::string out;
  for (std::size_t i = 0; i < candidates.size() && i < 8; ++i) {
    const NamePlace& p = candidates[i].place;
    out += fmt::format("{}{} ({:.0f}, {:.0f})", i == 0 ? "" : "; ", p.page + 1, p.name.x0, p.name.y0);
  }
  return candidates.size() > 8 ? out + "; …" : out;
}

Result<NamePlace> choose(std::vector<Candidate> candidates, std::string_view name) {
  const int best = std::ranges::max(candidates, {}, &Candidate::score).score;
  std::erase_if(candidates, [&](const Candidate& c) { return c.score < best; });
  NamePlace chosen = candidates.back().place;
  const auto on_last_page =
      std::ranges::count_if(candidates, [&](const Candidate& c) { return c.place.page == chosen.page; });
  // The last page with a title wins over earlier ones; two equal places on one page nobody can tell apart.
  if (on_last_page > 1 || (candidates.size() > 1 && !chosen.title))
    return fail("decree30.name.ambiguous").with("text", name).with("places", place_list(candidates));
  chosen.several_pages = candidates.size() > 1;
  return chosen;
}

}  // namespace

Result<NamePlace> find_name(SheetReader& reader, std::string_view name, std::optional<std::size_t> page,
                            Wanted wanted) {
  std::vector<Candidate> found;
  const std::size_t first = page.value_or(0), last = page ? *page + 1 : reader.count();
  for (std::size_t i = first; i < last; ++i) {
    const pdf::PageText& text = *KYSO_TRY(reader.text(i));
    const Sheet& sheet = *KYSO_TRY(reader.sheet(i));
    // Both ways: the place may be printed in capitals or without accents while running text has the exact name.
    std::vector<pdf::TextMatch> matches = pdf::find_text(text, i, name, pdf::MatchMode::exact);
    if (matches.size() > kMostCandidates) matches.resize(kMostCandidates);
    for (pdf::TextMatch& match : pdf::find_text(text, i, name, pdf::MatchMode::folded)) {
      const bool known = std::ranges::any_of(
          matches, [&](const pdf::TextMatch& m) { return m.box.intersection(match.box).area() > 0; });
      if (known || matches.size() > kMostCandidates) continue;
      match.exact = false;
      matches.push_back(std::move(match));
    }
    for (const pdf::TextMatch& match : matches) {
      if (sheet.to_visible(match.box).intersection(sheet.bounds()).area() <= 0) continue;
      Candidate candidate = weigh(sheet, match);
      if (candidate.acceptable || wanted == Wanted::any_mention) found.push_back(std::move(candidate));
    }
  }
  if (found.empty()) return fail("decree30.name.not_found").with("text", name);
  return choose(std::move(found), name);
}

Result<std::optional<NamePlace>> find_titled_name(SheetReader& reader, std::optional<std::size_t> page) {
  const std::size_t first = page.value_or(0), last = page ? *page + 1 : reader.count();
  for (std::size_t i = last; i-- > first;) {
    const Sheet& sheet = *KYSO_TRY(reader.sheet(i));
    std::size_t candidates = 0;
    for (std::size_t s = sheet.segments.size(); s-- > 0 && candidates < kMostCandidates;) {
      const Segment& segment = sheet.segments[s];
      if (!looks_like_name(segment) || is_title_line(segment)) continue;
      ++candidates;
      const auto title = title_above(sheet, segment);
      if (!title) continue;
      const pdf::Rect& head = sheet.segments[*title].box;
      // A signature needs room: text that follows directly under capitals is a heading's second line.
      if (head.y0 - segment.box.y1 < 25) continue;
      return std::optional<NamePlace>(NamePlace{i, segment.box, head, true, false});
    }
  }
  return std::optional<NamePlace>();
}

namespace {

// The free block above the name in its column, up to the next text.
pdf::Rect free_block(const Sheet& sheet, const NamePlace& place, double centre) {
  double top = std::min(sheet.height - kAir, place.name.y1 + kTitleReach);
  const pdf::Rect column{centre - 30, place.name.y1, centre + 30, sheet.height};
  for (const Segment& segment : sheet.segments)
    if (overlap_x(segment.box, column) > 0 && segment.box.y0 > place.name.y1 - 0.3 * place.name.height() &&
        segment.box.y1 > place.name.y1 + 1)
      top = std::min(top, segment.box.y0);
  return {0, place.name.y1, sheet.width, top};
}

double axis_of(const NamePlace& place) {
  const double name = (place.name.x0 + place.name.x1) / 2;
  if (!place.title) return name;
  const double title = (place.title->x0 + place.title->x1) / 2;
  return std::abs(title - name) <= 20 ? (title + name) / 2 : name;
}

}  // namespace

std::optional<pdf::Rect> signature_box(const Sheet& sheet, const NamePlace& place, const Template& tmpl) {
  const double axis = axis_of(place);
  const pdf::Rect block = free_block(sheet, place, axis);
  const double room = block.height() - 2 * kAir;
  for (double share = std::min(1.0, room / tmpl.height); share >= kSmallestShare; share -= 0.05) {
    const double width = tmpl.width * share, height = tmpl.height * share;
    // Under a title the box stands in the middle of the block; without one, `gap` above the text.
    double bottom =
        place.title ? block.y0 + (block.height() - height) / 2 : block.y0 + std::min(tmpl.gap, room - height);
    bottom = std::clamp(bottom + tmpl.offset, block.y0 + kAir, block.y1 - kAir - height);
    const pdf::Rect box{axis - width / 2, bottom, axis + width / 2, bottom + height};
    if (sheet.bounds().contains(box) && !sheet.covers_text(box)) return box;
  }
  return std::nullopt;
}

pdf::Rect prior_box(const Sheet& sheet, double width, double height) {
  // Middle of .52–.93 × .68–.91 of the page, from the top left.
  const double x = 0.725 * sheet.width - width / 2, y = (1 - 0.795) * sheet.height - height / 2;
  const double left = std::clamp(x, 0.0, std::max(0.0, sheet.width - width));
  const double bottom = std::clamp(y, 0.0, std::max(0.0, sheet.height - height));
  return {left, bottom, left + std::min(width, sheet.width), bottom + std::min(height, sheet.height)};
}

}  // namespace kyso::decree30

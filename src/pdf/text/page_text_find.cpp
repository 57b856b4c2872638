#include <algorithm>
#include <unordered_map>

#include "base/text.h"
#include "pdf/text/page_text.h"

// Finding a text among the words of a line.
namespace kyso::pdf {
namespace {

enum class Level { exact, any_case, folded };  // each allows more than the one before

// One spelling for characters that look alike in print.
char32_t plain(char32_t c) {
  switch (c) {
    case U'\u2010':
    case U'\u2011':
    case U'\u2012':
    case U'\u2013':
    case U'\u2212':
      return U'-';
    case U'\u2018':
    case U'\u2019':
      return U'\'';
    case U'\u201C':
    case U'\u201D':
      return U'"';
    case U'\u00A0':
    case U'\u202F':
    case U'\u2007':
    case U'\t':
    case U'\n':
    case U'\r':
      return U' ';
    default:
      return c;
  }
}

// What a character is compared by; remembered, because a page uses few different ones.
class Folder {
 public:
  explicit Folder(Level level) : m_level(level) {}

  const std::u32string& fold(char32_t c) {
    auto [entry, is_new] = m_known.try_emplace(c);
    if (is_new) entry->second = compute(plain(c));
    return entry->second;
  }

 private:
  std::u32string compute(char32_t c) const {
    if (m_level == Level::exact || c == U' ') return std::u32string(1, c);
    std::string one;
    append_utf8(one, c);
    return to_utf32(m_level == Level::any_case ? fold_case(one) : fold_accents(one));
  }

  Level m_level;
  std::unordered_map<char32_t, std::u32string> m_known;
};

// Letters, digits and marks: what words are made of.
bool is_word_character(char32_t c) {
  if (c < 0x80) return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  return c >= 0xC0 ? c != 0xD7 && c != 0xF7 && !(c >= 0x2000 && c <= 0x2BFF) && !(c >= 0x3000 && c <= 0x303F) &&
                         c != 0xFFFD && !(c >= 0xFE30 && c <= 0xFE6F)
                   : c == 0xAA || c == 0xB5 || c == 0xBA;
}

std::u32string folded(Folder& folder, std::u32string_view text) {
  std::u32string out;
  for (char32_t c : text) {
    const std::u32string& piece = folder.fold(c);
    const bool is_second_blank = piece == U" " && (out.empty() || out.back() == U' ');
    if (!is_second_blank) out += piece;
  }
  while (!out.empty() && out.back() == U' ') out.pop_back();
  return out;
}

// A line's text in comparable form, each character with the word that it stands in.
struct LineIndex {
  struct Place {
    std::size_t word, character;  // within the word
  };
  std::u32string text;
  std::vector<Place> places;
  std::vector<std::u32string> words;  // as they stand

  LineIndex(const Line& line, Folder& folder) {
    for (std::size_t w = 0; w < line.words.size(); ++w) {
      words.push_back(to_utf32(to_nfc(line.words[w].text)));
      if (!text.empty()) push(U" ", {w, 0});
      for (std::size_t i = 0; i < words.back().size(); ++i) push(folder.fold(words.back()[i]), {w, i});
    }
  }

 private:
  void push(std::u32string_view piece, Place place) {
    text += piece;
    places.insert(places.end(), piece.size(), place);
  }
};

// The part of a word's box that some of its characters take, by equal shares.
Rect part_of(const Word& word, std::size_t first, std::size_t end, std::size_t count) {
  if (count == 0 || (first == 0 && end >= count)) return word.box;
  // The longer side is the one along which a word is written; a single letter is never cut.
  const double from = static_cast<double>(first) / static_cast<double>(count);
  const double to = static_cast<double>(end) / static_cast<double>(count);
  Rect box = word.box;
  if (box.width() >= box.height()) {
    box = {word.box.x0 + from * word.box.width(), box.y0, word.box.x0 + to * word.box.width(), box.y1};
  }
  return box;
}

Rect united(const Rect& a, const Rect& b) {
  return {std::min(a.x0, b.x0), std::min(a.y0, b.y0), std::max(a.x1, b.x1), std::max(a.y1, b.y1)};
}

class Search {
 public:
  Search(const PageText& page, std::size_t page_index, std::string_view text)
      : m_page(page), m_index(page_index), m_query(to_utf32(to_nfc(text))) {}

  std::vector<TextMatch> run(Level level) const {
    Folder folder(level);
    const std::u32string query = folded(folder, m_query);
    std::vector<TextMatch> out;
    if (query.empty()) return out;
    for (const Line& line : m_page.lines) search_line(line, query, folder, out);
    return out;
  }

 private:
  void search_line(const Line& line, const std::u32string& query, Folder& folder, std::vector<TextMatch>& out) const {
    const LineIndex index(line, folder);
    for (std::size_t at = index.text.find(query); at != index.text.npos; at = index.text.find(query, at)) {
      const std::size_t end = at + query.size();
      if (!is_bordered(index, query, at, end)) {
        ++at;
        continue;
      }
      out.push_back(match(line, index, at, end));
      at = end;
    }
  }

  // A match begins and ends where words do, and never within what is one character on the page.
  static bool is_bordered(const LineIndex& index, const std::u32string& query, std::size_t at, std::size_t end) {
    const auto same = [&](std::size_t a, std::size_t b) {
      return index.places[a].word == index.places[b].word && index.places[a].character == index.places[b].character;
    };
    if (at > 0) {
      if (index.text[at - 1] != U' ' && same(at - 1, at)) return false;
      if (is_word_character(query.front()) && is_word_character(index.text[at - 1])) return false;
    }
    if (end < index.text.size()) {
      if (index.text[end] != U' ' && same(end, end - 1)) return false;
      if (is_word_character(query.back()) && is_word_character(index.text[end])) return false;
    }
    return true;
  }

  TextMatch match(const Line& line, const LineIndex& index, std::size_t at, std::size_t end) const {
    TextMatch out;
    out.page = m_index;
    const auto first = index.places[at], last = index.places[end - 1];
    for (std::size_t w = first.word; w <= last.word; ++w) {
      const std::size_t count = index.words[w].size();
      const std::size_t from = w == first.word ? first.character : 0;
      const std::size_t to = w == last.word ? last.character + 1 : count;
      const Rect box = part_of(line.words[w], from, to, count);
      out.box = w == first.word ? box : united(out.box, box);
      if (!out.text.empty()) out.text += ' ';
      out.text += to_utf8(std::u32string_view(index.words[w]).substr(from, to - from));
    }
    Folder any_case(Level::any_case);
    out.exact = folded(any_case, to_utf32(out.text)) == folded(any_case, m_query);
    return out;
  }

  const PageText& m_page;
  std::size_t m_index;
  std::u32string m_query;
};

}  // namespace

std::vector<TextMatch> find_text(const PageText& page, std::size_t page_index, std::string_view text, MatchMode mode) {
  const Search search(page, page_index, text);
  if (mode == MatchMode::folded) return search.run(Level::folded);
  std::vector<TextMatch> found = search.run(Level::exact);
  if (found.empty()) found = search.run(Level::any_case);
  if (found.empty() && mode == MatchMode::exact_then_folded) found = search.run(Level::folded);
  return found;
}

}  // namespace kyso::pdf

#include <algorithm>
#include <map>

#include "kyso/authority_text.h"

namespace kyso::app {
namespace {

// Beyond this the middle is shown as replaced as a whole.
constexpr std::size_t kMaxCells = 4'000'000;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

struct Range {
  std::size_t begin, end;
  std::size_t size() const { return end - begin; }
};

// The longest common subsequence, by the classic table from the end.
class Comparison {
 public:
  Comparison(const std::vector<std::string_view>& before, const std::vector<std::string_view>& after)
      : m_before(before), m_after(after) {}

  std::vector<std::string> run() {
    Range a{0, m_before.size()}, b{0, m_after.size()};
    while (a.size() > 0 && b.size() > 0 && m_before[a.begin] == m_after[b.begin]) ++a.begin, ++b.begin;
    while (a.size() > 0 && b.size() > 0 && m_before[a.end - 1] == m_after[b.end - 1]) --a.end, --b.end;
    if ((a.size() + 1) * (b.size() + 1) > kMaxCells) {
      for (std::size_t i = a.begin; i < a.end; ++i) say('-', i, m_before[i]);
      for (std::size_t j = b.begin; j < b.end; ++j) say('+', j, m_after[j]);
    } else {
      walk(a, b);
    }
    return std::move(m_out);
  }

 private:
  void walk(Range a, Range b) {
    const std::size_t width = b.size() + 1;
    std::vector<std::uint32_t> common((a.size() + 1) * width);
    for (std::size_t i = a.size(); i-- > 0;)
      for (std::size_t j = b.size(); j-- > 0;)
        common[i * width + j] = m_before[a.begin + i] == m_after[b.begin + j]
                                    ? common[(i + 1) * width + j + 1] + 1
                                    : std::max(common[(i + 1) * width + j], common[i * width + j + 1]);
    std::size_t i = 0, j = 0;
    while (i < a.size() || j < b.size()) {
      const bool has_both = i < a.size() && j < b.size();
      if (has_both && m_before[a.begin + i] == m_after[b.begin + j]) {
        ++i, ++j;
      } else if (j == b.size() || (has_both && common[(i + 1) * width + j] >= common[i * width + j + 1])) {
        say('-', a.begin + i, m_before[a.begin + i]), ++i;
      } else {
        say('+', b.begin + j, m_after[b.begin + j]), ++j;
      }
    }
  }
  void say(char sign, std::size_t index, std::string_view line) {
    m_out.push_back(fmt::format("{} {:>4}  {}", sign, index + 1, line));
  }

  const std::vector<std::string_view>&m_before, &m_after;
  std::vector<std::string> m_out;
};

}  // namespace

std::vector<std::string> changed_lines(std::string_view before, std::string_view after) {
  const auto a = lines_of(before), b = lines_of(after);
  return Comparison(a, b).run();
}

std::string policy_changes(const std::vector<vault::PolicyFile>& before, const std::vector<vault::PolicyFile>& after,
                           const Console& console) {
  std::map<std::string_view, std::pair<std::string_view, std::string_view>> files;
  std::map<std::string_view, int> sides;  // 1: before, 2: after
  for (const auto& file : before) files[file.name].first = file.content, sides[file.name] |= 1;
  for (const auto& file : after) files[file.name].second = file.content, sides[file.name] |= 2;
  std::string out;
  for (const auto& [name, contents] : files) {
    if (sides[name] == 3 && contents.first == contents.second) continue;
    const char* what = sides[name] == 1   ? console.pick("bỏ", "removed")
                       : sides[name] == 2 ? console.pick("thêm", "added")
                                          : console.pick("sửa", "changed");
    out += fmt::format("  {} ({})\n", shown(name), what);
    for (const std::string& line : changed_lines(contents.first, contents.second)) out += "    " + shown(line) + "\n";
  }
  return out;
}

}  // namespace kyso::app

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "verify/report/finding_row.h"
#include "verify/report/report.h"
#include "verify/report/wording.h"

namespace kyso::verify {
namespace {

constexpr FindingRow kRows[] = {
#include "verify/report/finding_table.inc"
};

constexpr std::size_t kMaxValue = 120;  // characters of a parameter in a sentence

// Parameters that are times are written as people write them, whatever form the finding gave them.
std::string parameter_text(std::string_view value) {
  if (value.size() >= 19 && value.size() <= 30 && value[4] == '-' && value[10] == 'T') {
    if (const auto time = parse_time(value)) return time_text(*time);
  }
  return safe_text(value, kMaxValue);
}

// "Nguyễn Văn A" of "CN=Nguyễn Văn A,O=Sở Nội vụ,C=VN" (RFC 4514); the whole text when it has no common name.
std::string common_name_of(std::string_view name) {
  std::size_t start = name.starts_with("CN=") ? 0 : name.find(",CN=");
  if (start == std::string_view::npos) return std::string(name);
  start += start == 0 && name.starts_with("CN=") ? 3 : 4;
  std::string value;
  for (std::size_t i = start; i < name.size() && name[i] != ','; ++i) {
    if (name[i] == '\\' && i + 1 < name.size()) ++i;
    value += name[i];
  }
  return value;
}

template <typename Number>
std::optional<std::string> as_text(const std::optional<Number>& number) {
  return number ? std::optional(fmt::format("{}", *number)) : std::nullopt;
}

std::optional<std::string> value_of(const Finding& finding, std::string_view name) {
  const auto found = std::ranges::find_if(finding.parameters, [&](const auto& pair) { return pair.first == name; });
  if (found != finding.parameters.end()) {
    if (found->second.empty()) return std::nullopt;
    return parameter_text(name == "subject" || name == "issuer" ? common_name_of(found->second) : found->second);
  }
  if (name == "code") return safe_text(finding.code, kMaxValue);
  if (name == "offset") return as_text(finding.offset);
  if (name == "length") return as_text(finding.length);
  if (name == "object") return as_text(finding.object);
  if (name == "revision") return as_text(finding.revision);
  if (name == "page") return as_text(finding.page);
  return std::nullopt;
}

// Fills the places of a piece without brackets; false when a value is missing.
bool fill_places(std::string_view piece, const Finding& finding, std::string& out) {
  bool complete = true;
  while (!piece.empty()) {
    const std::size_t open = piece.find('{');
    const std::size_t close = open == std::string_view::npos ? open : piece.find('}', open);
    if (close == std::string_view::npos) break;
    out += piece.substr(0, open);
    const auto value = value_of(finding, piece.substr(open + 1, close - open - 1));
    out += value.value_or("?");
    complete = complete && value.has_value();
    piece.remove_prefix(close + 1);
  }
  out += piece;
  return complete;
}

std::string fill(std::string_view sentence, const Finding& finding) {
  std::string text;
  while (!sentence.empty()) {
    const std::size_t open = sentence.find('[');
    const std::size_t close = open == std::string_view::npos ? open : sentence.find(']', open);
    if (close == std::string_view::npos) break;
    fill_places(sentence.substr(0, open), finding, text);
    std::string part;
    if (fill_places(sentence.substr(open + 1, close - open - 1), finding, part)) text += part;
    sentence.remove_prefix(close + 1);
  }
  fill_places(sentence, finding, text);
  return text;
}

}  // namespace

std::span<const FindingRow> finding_table() {
  static const std::vector<FindingRow> table = [] {
    std::vector<FindingRow> rows(std::begin(kRows), std::end(kRows));
    std::ranges::sort(rows, {}, &FindingRow::code);
    return rows;
  }();
  return table;
}

const FindingRow* find_finding_row(std::string_view code) {
  const auto table = finding_table();
  const auto found = std::ranges::lower_bound(table, code, {}, &FindingRow::code);
  return found != table.end() && found->code == code ? &*found : nullptr;
}

bool has_explanation(std::string_view code) {
  return !code.ends_with('*') && !code.ends_with('!') && find_finding_row(code) != nullptr;
}

Explanation explain(const Finding& finding, Language language) {
  // The code's own row (that of a grave finding first), else that of the nearest family: "a.b.c", "a.b.*", "a.*", "*".
  const FindingRow* row = nullptr;
  if (finding.severity >= Severity::indeterminate) row = find_finding_row(finding.code + '!');
  if (row == nullptr && has_explanation(finding.code)) row = find_finding_row(finding.code);
  for (std::string_view stem = finding.code; row == nullptr;) {
    const std::size_t dot = stem.rfind('.');
    stem = dot == std::string_view::npos ? std::string_view() : stem.substr(0, dot);
    row = find_finding_row(stem.empty() ? "*" : std::string(stem) + ".*");
  }
  return {fill(in(language, row->vietnamese, row->english), finding),
          fill(in(language, row->vietnamese_next, row->english_next), finding)};
}

}  // namespace kyso::verify

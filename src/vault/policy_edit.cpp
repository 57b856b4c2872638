#include "vault/policy_edit.h"

#include <algorithm>

#include "base/config.h"
#include "base/text.h"
#include "jose/base64url.h"
#include "vault/policy_reader.h"

namespace kyso::vault {
namespace {

constexpr std::string_view kWhite = " \t\r\n";

// Goes through a TOML text line by line and knows which lines stand inside a text of several lines.
class Lines {
 public:
  explicit Lines(std::string_view text) : m_text(text) {}
  struct Line {
    std::size_t begin = 0, end = 0;  // behind its "\n"
    bool is_header = false;          // of a table
    std::string_view text;
  };
  std::optional<Line> next() {
    if (m_at >= m_text.size()) return std::nullopt;
    Line line;
    line.begin = m_at;
    const std::size_t end = m_text.find('\n', m_at);
    line.end = end == std::string_view::npos ? m_text.size() : end + 1;
    line.text = m_text.substr(line.begin, line.end - line.begin);
    const std::size_t first = line.text.find_first_not_of(kWhite);
    const bool is_inside = !m_quote.empty();
    pass_quotes(line.text);
    // An array of several lines may have lines that begin so, but not with a name behind the bracket.
    if (!is_inside && first != std::string_view::npos && line.text[first] == '[') {
      line.text.remove_prefix(first);
      const std::size_t name = line.text.find_first_not_of("[ \t");
      line.is_header = name != std::string_view::npos && line.text[name] != '"' && line.text[name] != '\'';
    }
    m_at = line.end;
    return line;
  }

 private:
  void pass_quotes(std::string_view line) {
    for (std::size_t at = 0; at < line.size();) {
      if (!m_quote.empty()) {
        const std::size_t end = line.find(m_quote, at);
        if (end == std::string_view::npos) return;
        at = end + m_quote.size();
        m_quote = {};
        continue;
      }
      const std::size_t begin = line.find_first_of("\"'#", at);
      if (begin == std::string_view::npos || line[begin] == '#') return;
      const std::string_view three = line.substr(begin, 3);
      if (three == "\"\"\"" || three == "'''") {
        m_quote = three == "'''" ? "'''" : "\"\"\"";
        at = begin + 3;
        continue;
      }
      at = begin + 1;
      while (at < line.size() && line[at] != line[begin]) at += line[begin] == '"' && line[at] == '\\' ? 2 : 1;
      ++at;
    }
  }

  std::string_view m_text;
  std::size_t m_at = 0;
  std::string_view m_quote;
};

bool is_header_of(std::string_view line, std::string_view name) {
  if (!line.starts_with("[[")) return false;
  const std::size_t end = line.find("]]");
  if (end == std::string_view::npos) return false;
  std::string_view found = line.substr(2, end - 2);
  while (!found.empty() && kWhite.contains(found.front())) found.remove_prefix(1);
  while (!found.empty() && kWhite.contains(found.back())) found.remove_suffix(1);
  return found == name;
}

// Where the tables of the officer with this number end.
std::optional<std::size_t> end_of_officer(std::string_view text, std::size_t index) {
  Lines lines(text);
  std::size_t officers = 0;
  while (const auto line = lines.next()) {
    if (!line->is_header) continue;
    if (officers == index + 1 && !is_header_of(line->text, "officer.passkey")) return line->begin;
    if (is_header_of(line->text, "officer")) ++officers;
  }
  return officers == index + 1 ? std::optional(text.size()) : std::nullopt;
}

std::string entry_of(const Passkey& passkey) {
  TomlWriter toml;
  toml.set("credential", jose::to_base64url(passkey.credential));
  toml.set("public_key", jose::to_base64url(passkey.public_key));
  toml.set("label", to_nfc(passkey.label)).set("added", passkey.added);
  return "[[officer.passkey]]\n" + toml.text();
}

bool is_as_wanted(const OfficersFile& before, const OfficersFile& after, std::size_t index, const Passkey& passkey) {
  if (before.officers.size() != after.officers.size()) return false;
  for (std::size_t i = 0; i < after.officers.size(); ++i) {
    auto wanted = before.officers[i].passkeys;
    if (i == index) wanted.push_back(passkey);
    const Officer &old = before.officers[i], &now = after.officers[i];
    if (now.passkeys != wanted || now.person != old.person || now.roles != old.roles ||
        now.certificates.size() != old.certificates.size())
      return false;
  }
  return true;
}

}  // namespace

Result<std::string> with_passkey(std::string_view officers_toml, std::string_view person, const Passkey& passkey) {
  const OfficersFile before = KYSO_TRY(read_officers(officers_toml));
  const auto officer = std::ranges::find(before.officers, person, &Officer::person);
  if (officer == before.officers.end()) return fail("vault.policy.person").with("person", person);
  const auto index = static_cast<std::size_t>(officer - before.officers.begin());
  const auto toml = KYSO_TRY(TomlReader::parse(officers_toml, "officers.toml"));
  const auto unfit = [&] { return toml.invalid(fmt::format("officer[{}].person", index), "[[officer]]"); };
  const auto end = end_of_officer(officers_toml, index);
  if (!end) return unfit();
  // Comments above the next table are the next table's.
  std::string_view own = officers_toml.substr(0, *end);
  for (;;) {
    const std::size_t last = own.find_last_not_of(kWhite);
    own = own.substr(0, last == std::string_view::npos ? 0 : last + 1);
    const std::size_t line = own.find_last_of('\n');
    const std::size_t begin = line == std::string_view::npos ? 0 : line + 1;
    if (*end == officers_toml.size() || begin >= own.size() || own[begin] != '#') break;
    own = own.substr(0, begin);
  }
  std::string out(own);
  out += "\n\n" + entry_of(passkey);
  std::string_view rest = officers_toml.substr(own.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(kWhite), rest.size()));
  if (!rest.empty()) out += "\n" + std::string(rest);
  // What the lines looked like proves nothing: what is read counts.
  Passkey wanted = passkey;
  wanted.label = to_nfc(passkey.label);
  if (!is_as_wanted(before, KYSO_TRY(read_officers(out)), index, wanted)) return unfit();
  return out;
}

}  // namespace kyso::vault

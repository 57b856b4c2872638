#include "registry/notice/templates.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "base/text.h"

namespace kyso::registry {
namespace {

constexpr std::string_view kSubject = "Subject: ";
constexpr std::size_t kMaxTemplate = 256U << 10U;

Error bad_template(std::string_view kind, std::string_view problem) {
  return fail("registry.notice.template").with("kind", kind).with("problem", problem);
}

using Values = std::map<std::string, std::string>;

// Line ends in a value would begin a header or another paragraph's trick in a subject.
std::string on_one_line(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return out;
}

bool is_place(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

// One pass: what a value holds is never read as a place again.
template <typename Escape>
Result<std::string> fill(std::string_view kind, std::string_view text, const Values& values, const Escape& escape) {
  std::string out;
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    const std::size_t close = open == std::string_view::npos ? open : text.find('}', open);
    if (close == std::string_view::npos) break;
    const std::string_view name = text.substr(open + 1, close - open - 1);
    if (!is_place(name)) {
      out += text.substr(0, open + 1);
      text.remove_prefix(open + 1);
      continue;
    }
    const auto found = values.find(std::string(name));
    if (found == values.end()) return bad_template(kind, name);
    out += text.substr(0, open);
    out += escape(found->second);
    text.remove_prefix(close + 1);
  }
  return out.append(text);
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

Result<NoticeTemplates> NoticeTemplates::load(const std::filesystem::path& folder) {
  NoticeTemplates out;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string(), ending = entry.path().extension().string();
    if (ending != ".txt" && ending != ".html" && ending != ".sms") continue;
    const Bytes content = KYSO_TRY(read_file(entry.path(), kMaxTemplate));
    std::string text(as_chars(content));
    if (!is_valid_utf8(text)) return bad_template(name, "UTF-8");
    if (ending == ".txt" && (!text.starts_with(kSubject) || text.find("\n\n") == std::string::npos))
      return bad_template(name, "Subject");
    out.m_files.emplace(name, to_nfc(text));
  }
  if (error || out.m_files.empty()) return bad_template(folder.string(), "folder");
  return out;
}

const std::string* NoticeTemplates::find(const Notice& notice, std::string_view ending) const {
  for (const std::string_view language : {std::string_view(notice.language), std::string_view("vi")}) {
    const auto found = m_files.find(fmt::format("{}.{}.{}", notice.kind, language, ending));
    if (found != m_files.end()) return &found->second;
  }
  return nullptr;
}

Result<RenderedNotice> NoticeTemplates::render(const Notice& notice, const Values& always) const {
  Values values = notice.values;
  for (const auto& [name, value] : always) values[name] = value;
  const auto plain = [](std::string_view value) { return std::string(value); };
  RenderedNotice out;
  if (notice.channel == Notice::Channel::sms) {
    const std::string* text = find(notice, "sms");
    if (text == nullptr) return bad_template(notice.kind, "sms");
    out.text = std::string(trim(KYSO_TRY(fill(notice.kind, *text, values, on_one_line))));
    return out;
  }
  const std::string* text = find(notice, "txt");
  if (text == nullptr) return bad_template(notice.kind, "txt");
  const std::size_t line = text->find('\n');
  out.subject = KYSO_TRY(fill(notice.kind, text->substr(kSubject.size(), line - kSubject.size()), values, on_one_line));
  out.text = KYSO_TRY(fill(notice.kind, std::string(trim(text->substr(line))) + "\n", values, plain));
  const std::string* fragment = find(notice, "html");
  const auto layout = m_files.find("layout.html");
  if (fragment == nullptr || layout == m_files.end()) return out;
  Values outer = always;
  outer["language"] = notice.language == "en" ? "en" : "vi";
  outer["subject"] = escape_html(out.subject);
  for (auto& [name, value] : outer)
    if (name != "subject") value = escape_html(value);
  outer["content"] = KYSO_TRY(fill(notice.kind, *fragment, values, escape_html));
  out.html = KYSO_TRY(fill("layout", layout->second, outer, plain));
  return out;
}

}  // namespace kyso::registry

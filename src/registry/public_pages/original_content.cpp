#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/file.h"
#include "base/text.h"
#include "crypto/password.h"
#include "registry/public_pages/content.h"

namespace kyso::registry {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFile = 64U << 10U;
constexpr std::string_view kVietnamese = ".vi.md", kEnglish = ".en.md";

struct Page {
  std::map<std::string, std::string, std::less<>> head;
  std::string text;
};

Error bad(const fs::path& path, std::string_view problem) {
  return fail("registry.content.origin").with("path", path.string()).with("problem", problem);
}

Result<Page> read_page(const fs::path& path) {
  const Bytes bytes = KYSO_TRY(read_file(path, kMaxFile));
  std::string_view rest = as_chars(bytes);
  if (!is_valid_utf8(rest)) return bad(path, "UTF-8");
  Page out;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (trim(line).empty()) break;
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos) return bad(path, line);
    out.head[std::string(line.substr(0, colon))] = to_nfc(trim(line.substr(colon + 2)));
  }
  out.text = to_nfc(trim(rest));
  return out;
}

std::string value_of(const Page& page, std::string_view name) {
  const auto found = page.head.find(name);
  return found == page.head.end() ? std::string() : found->second;
}

Result<Content> read_content(const fs::path& vietnamese, const fs::path& english) {
  const Page vi = KYSO_TRY(read_page(vietnamese)), en = KYSO_TRY(read_page(english));
  Content out;
  out.kind = value_of(vi, "Kind");
  out.title = value_of(vi, "Title");
  out.title_en = value_of(en, "Title");
  out.text = vi.text;
  out.text_en = en.text;
  out.group = value_of(vi, "Group");
  out.link = value_of(vi, "Link");
  if (!is_content_kind(out.kind)) return bad(vietnamese, "Kind");
  if (out.title.empty()) return bad(vietnamese, "Title");
  if (out.title_en.empty()) return bad(english, "Title");
  if (!out.link.empty() && !check_link(out.link)) return bad(vietnamese, "Link");
  if (!check_markup(out.text)) return bad(vietnamese, "HTML");
  if (!check_markup(out.text_en)) return bad(english, "HTML");
  return out;
}

}  // namespace

Result<std::size_t> add_original_content(db::Database& database, const fs::path& folder, Instant now) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (const std::string name = entry.path().filename().string(); name.ends_with(kVietnamese))
      names.push_back(name.substr(0, name.size() - kVietnamese.size()));
  if (error) return bad(folder, error.message());
  std::ranges::sort(names);
  std::vector<std::pair<std::string, Content>> all;
  for (const std::string& name : names)
    all.emplace_back(name, KYSO_TRY(read_content(folder / (name + std::string(kVietnamese)),
                                                 folder / (name + std::string(kEnglish)))));
  return database.write([&](db::Transaction& transaction) -> Result<std::size_t> {
    std::size_t added = 0, place = 0;
    for (auto& [name, content] : all) {
      // Lists show the newest first: the first name comes first.
      const Instant published = now - std::chrono::seconds(place++);
      if (!KYSO_TRY(content_store::take_origin(transaction, name, now))) continue;
      content.id = crypto::random_uuid();
      content.published = published;
      KYSO_TRY(content_store::insert(transaction, content));
      ++added;
    }
    return added;
  });
}

}  // namespace kyso::registry

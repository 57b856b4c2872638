#include "decree30/letter.h"
#include "pdf/document/document.h"

namespace kyso::decree30 {
namespace {

constexpr std::string_view kPrefix = "Kyso";
constexpr std::size_t kMost = 64;  // more are none of ours
constexpr std::size_t kLongest = 1U << 16U;

}  // namespace

Result<std::vector<std::pair<std::string, std::string>>> read_letter_marks(const pdf::Source& file) {
  std::vector<std::pair<std::string, std::string>> marks;
  const auto document = KYSO_TRY(pdf::Document::open(file));
  const auto information = KYSO_TRY(document.view().dictionary_at(document.view().trailer(), "Info"));
  if (!information) return marks;
  for (const auto& [key, value] : *information) {
    if (!key.starts_with(kPrefix) || key.size() == kPrefix.size() || marks.size() == kMost) continue;
    const pdf::Object text = KYSO_TRY(document.view().resolve(value));
    if (text.as_string() == nullptr || text.as_string()->bytes.size() > kLongest) continue;
    marks.emplace_back(key.substr(kPrefix.size()), pdf::text_of(*text.as_string()));
  }
  return marks;
}

}  // namespace kyso::decree30

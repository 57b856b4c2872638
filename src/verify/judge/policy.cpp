#include "verify/judge/policy.h"

#include <algorithm>

#include "base/file.h"
#include "verify/judge/policy_text.h"

namespace kyso::verify {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPartMark = "#--- policy ";
constexpr std::size_t kMaxBases = 8;
constexpr std::size_t kMaxSize = 1U << 20U;

bool is_policy_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 &&
         std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

std::string known_policies(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
  std::ranges::sort(names);
  std::string out;
  for (const std::string& name : names) out += fmt::format("{}{}", out.empty() ? "" : ", ", name);
  return out;
}

struct Part {
  std::string name, text;
};

Result<Part> read_named(const std::string& name, const fs::path& folder) {
  const fs::path file = folder / (name + ".toml");
  std::error_code ignored;
  if (!is_policy_name(name) || !fs::exists(file, ignored))
    return fail("verify.policy.unknown", "{}", file.string()).with("name", name).with("known", known_policies(folder));
  const Bytes bytes = KYSO_TRY(read_file(file, kMaxSize));
  return Part{name, std::string(as_chars(bytes))};
}

// A line that looks like the mark of a part would make `source` ambiguous.
bool has_part_mark(std::string_view text) {
  return text.starts_with(kPartMark) || text.find(fmt::format("\n{}", kPartMark)) != std::string_view::npos;
}

Result<> apply(const Part& part, Policy& policy) {
  KYSO_TRY(apply_policy_text(part.text, part.name, policy));
  policy.id = part.name;
  policy.source += fmt::format("{}{}\n{}{}", kPartMark, part.name, part.text, part.text.ends_with('\n') ? "" : "\n");
  return {};
}

Error invalid(std::string_view path, std::string_view problem) {
  return fail("verify.policy.invalid", "{}", problem).with("path", path).with("problem", problem);
}

}  // namespace

Result<Policy> Policy::from_toml(std::string_view text, std::string_view name, const fs::path& policies_folder) {
  if (name.find_first_of("\r\n") != std::string_view::npos) return invalid("policy", "name");
  std::vector<Part> parts{{std::string(name), std::string(text)}};
  while (true) {
    if (has_part_mark(parts.back().text)) return invalid(parts.back().name, fmt::format("\"{}\"", kPartMark));
    const std::string base = KYSO_TRY(base_of_policy(parts.back().text, parts.back().name));
    if (base.empty()) break;
    if (parts.size() > kMaxBases) return invalid(name, fmt::format("extends = \"{}\"", base));
    parts.push_back(KYSO_TRY(read_named(base, policies_folder)));
  }
  Policy policy;
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) KYSO_TRY(apply(*part, policy));
  return policy;
}

Result<Policy> Policy::load(std::string_view name_or_path, const fs::path& policies_folder) {
  const bool is_path = name_or_path.find('/') != std::string_view::npos || name_or_path.ends_with(".toml");
  if (!is_path) {
    const Part part = KYSO_TRY(read_named(std::string(name_or_path), policies_folder));
    return from_toml(part.text, part.name, policies_folder);
  }
  const fs::path path(name_or_path);
  const Bytes bytes = KYSO_TRY(read_file(path, kMaxSize));
  return from_toml(as_chars(bytes), path.stem().string(), policies_folder);
}

Result<Policy> Policy::from_source(std::string_view source) {
  Policy policy;
  while (!source.empty()) {
    if (!source.starts_with(kPartMark)) return invalid("policy", "source");
    source.remove_prefix(kPartMark.size());
    const std::size_t line = std::min(source.find('\n'), source.size());
    Part part{std::string(source.substr(0, line)), {}};
    source.remove_prefix(std::min(line + 1, source.size()));
    const std::size_t next = source.starts_with(kPartMark) ? 0 : source.find(fmt::format("\n{}", kPartMark));
    const std::size_t size = next == 0 ? 0 : next == std::string_view::npos ? source.size() : next + 1;
    part.text = source.substr(0, size);
    source.remove_prefix(size);
    KYSO_TRY(apply(part, policy));
  }
  return policy;
}

}  // namespace kyso::verify

#include <algorithm>
#include <system_error>

#include "base/file.h"
#include "base/text.h"
#include "decree30/template.h"

namespace kyso::decree30 {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kImageLimit = 64U << 20U;

struct Loaded {
  TemplateStore::Entry entry;
  Result<Template> value;
};

// The *.toml files of a folder by name; a folder that is not there has none.
std::vector<Loaded> load_folder(const fs::path& folder, bool shipped) {
  std::vector<Loaded> out;
  std::error_code problem;
  for (fs::directory_iterator it(folder, problem), end; !problem && it != end; it.increment(problem)) {
    if (it->path().extension() != ".toml") continue;
    Loaded loaded{{to_nfc(it->path().stem().string()), Role::plain, it->path(), shipped}, load_template(it->path())};
    if (loaded.value) loaded.entry.role = loaded.value->role;
    if (loaded.value) loaded.value->name = loaded.entry.name;
    out.push_back(std::move(loaded));
  }
  std::ranges::sort(out, {}, [](const Loaded& l) { return l.entry.name; });
  return out;
}

// A template's name is a file name: no separators, no leading dot.
bool is_usable_name(std::string_view name) {
  return !name.empty() && name.size() <= 100 && name.front() != '.' && is_valid_utf8(name) &&
         std::ranges::none_of(name, [](unsigned char c) { return c == '/' || c == '\\' || c < 0x20; });
}

Result<> write_whole(const fs::path& path, ByteView bytes) {
  OutputFile out = KYSO_TRY(OutputFile::create(path, OutputFile::Existing::keep));
  KYSO_TRY(out.write(bytes));
  return out.commit();
}

}  // namespace

TemplateStore::TemplateStore(fs::path user_folder, fs::path shipped_folder)
    : m_user(std::move(user_folder)), m_shipped(std::move(shipped_folder)) {}

std::vector<TemplateStore::Entry> TemplateStore::list() const {
  std::vector<Entry> out;
  for (Loaded& loaded : load_folder(m_user, false))
    if (loaded.value) out.push_back(std::move(loaded.entry));
  for (Loaded& loaded : load_folder(m_shipped, true)) {
    const bool hidden = std::ranges::any_of(out, [&](const Entry& e) { return e.name == loaded.entry.name; });
    if (loaded.value && !hidden) out.push_back(std::move(loaded.entry));
  }
  return out;
}

std::vector<Error> TemplateStore::problems() const {
  std::vector<Error> out;
  for (const auto& [folder, shipped] : {std::pair{m_user, false}, std::pair{m_shipped, true}})
    for (const Loaded& loaded : load_folder(folder, shipped))
      if (!loaded.value) out.push_back(loaded.value.error());
  return out;
}

Result<Template> TemplateStore::find(std::string_view name) const {
  if (!is_usable_name(name)) return fail("decree30.template.missing").with("name", name);
  for (const fs::path& folder : {m_user, m_shipped}) {
    const fs::path path = folder / (std::string(name) + ".toml");
    std::error_code ignored;
    if (!fs::exists(path, ignored)) continue;
    Template found = KYSO_TRY(load_template(path));
    found.name = to_nfc(name);
    return found;
  }
  return fail("decree30.template.missing").with("name", name);
}

Result<Template> TemplateStore::for_role(Role role) const {
  std::vector<Template> own;
  for (Loaded& loaded : load_folder(m_user, false))
    if (loaded.value && loaded.value->role == role) own.push_back(*std::move(loaded.value));
  for (const std::string& name : {"default-" + std::string(name_of(role)), std::string("default")})
    if (const auto it = std::ranges::find(own, name, &Template::name); it != own.end()) return *it;
  if (own.size() == 1) return own.front();
  for (Loaded& loaded : load_folder(m_shipped, true))
    if (loaded.value && loaded.value->role == role) return *std::move(loaded.value);
  return fail("decree30.template.missing").with("name", name_of(role));
}

Result<fs::path> TemplateStore::create(const std::string& name, const Template& from,
                                       const std::optional<fs::path>& image) const {
  if (!is_usable_name(name)) return fail("decree30.template.name").with("name", name);
  const fs::path path = m_user / (to_nfc(name) + ".toml");
  std::error_code problem;
  if (fs::exists(path, problem)) return fail("decree30.template.exists").with("name", name);
  fs::create_directories(m_user, problem);
  if (problem) return fail("base.file.unwritable", "{}", problem.message()).with("path", m_user.string());

  Template copy = from;
  copy.name = to_nfc(name);
  const fs::path source = image ? *image : from.image;
  if (!source.empty()) {
    const Bytes png = KYSO_TRY(read_file(source, kImageLimit));
    KYSO_TRY(pdf::Image::from_png(png));  // a broken picture is better refused now than at every signature
    copy.image = to_nfc(name) + ".png";
    std::error_code ignored;
    fs::remove(m_user / copy.image, ignored);
    KYSO_TRY(write_whole(m_user / copy.image, png));
  }
  KYSO_TRY(write_whole(path, as_bytes(to_toml(copy))));
  return path;
}

}  // namespace kyso::decree30

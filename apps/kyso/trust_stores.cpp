#include "kyso/trust_stores.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/config.h"
#include "base/file.h"

namespace kyso::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kList = "trust.toml";  // beside the user's certificates, read by TrustStore
constexpr std::string_view kRemoved = "removed.toml";

Result<> write_text(const fs::path& path, ByteView bytes) {
  std::error_code failed;
  fs::create_directories(path.parent_path(), failed);
  OutputFile out = KYSO_TRY(OutputFile::create(path));
  KYSO_TRY(out.write(bytes));
  return out.commit();
}

}  // namespace

Result<TrustFolderLock> TrustFolderLock::take() {
  std::error_code failed;
  fs::create_directories(user_trust_folder(), failed);
  const int descriptor = ::open(user_trust_folder().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0 || ::flock(descriptor, LOCK_EX) != 0) {
    if (descriptor >= 0) ::close(descriptor);
    return fail("base.file.unwritable").with("path", user_trust_folder().string());
  }
  return TrustFolderLock(descriptor);
}

TrustFolderLock::~TrustFolderLock() {
  if (m_descriptor >= 0) ::close(m_descriptor);
}

Result<std::vector<RemovedAuthority>> load_removed() {
  std::vector<RemovedAuthority> list;
  const fs::path path = user_trust_folder() / kRemoved;
  std::error_code failed;
  if (!fs::exists(path, failed)) return list;
  const TomlReader toml = KYSO_TRY(TomlReader::load(path));
  for (std::size_t i = 0; i < toml.count("removed"); ++i) {
    const std::string prefix = fmt::format("removed[{}].", i);
    RemovedAuthority entry;
    entry.sha256 = KYSO_TRY(toml.require_string(prefix + "sha256"));
    entry.name = KYSO_TRY(toml.get_string(prefix + "name")).value_or("");
    entry.reason = KYSO_TRY(toml.get_string(prefix + "reason")).value_or("");
    entry.removed = KYSO_TRY(toml.get_string(prefix + "removed")).value_or("");
    list.push_back(std::move(entry));
  }
  KYSO_TRY(toml.refuse_unknown_keys());
  return list;
}

Result<> save_removed(const std::vector<RemovedAuthority>& list) {
  TomlWriter toml;
  toml.comment("Authorities that this user does not trust, shipped with Kyso or not; written by: kyso trust remove");
  for (const RemovedAuthority& entry : list)
    toml.table_entry("removed")
        .set("sha256", entry.sha256)
        .set("name", entry.name)
        .set("reason", entry.reason)
        .set("removed", entry.removed);
  return write_text(user_trust_folder() / kRemoved, as_bytes(toml.text()));
}

std::string own_file_of(const std::string& sha256) {
  return sha256.substr(0, 16) + ".der";
}

Result<std::vector<OwnAuthority>> load_own() {
  std::vector<OwnAuthority> entries;
  const fs::path path = user_trust_folder() / kList;
  std::error_code failed;
  if (!fs::exists(path, failed)) return entries;
  const TomlReader toml = KYSO_TRY(TomlReader::load(path));
  for (std::size_t i = 0; i < toml.count("certificate"); ++i) {
    const std::string prefix = fmt::format("certificate[{}].", i);
    OwnAuthority entry;
    for (const auto& [key, value] :
         std::initializer_list<std::pair<const char*, std::string*>>{{"file", &entry.file},
                                                                     {"role", &entry.role},
                                                                     {"name", &entry.name},
                                                                     {"reason", &entry.reason},
                                                                     {"added", &entry.added},
                                                                     {"trusted_from", &entry.trusted_from},
                                                                     {"trusted_until", &entry.trusted_until},
                                                                     {"revocation", &entry.revocation}})
      *value = KYSO_TRY(toml.get_string(prefix + key)).value_or("");
    entries.push_back(std::move(entry));
  }
  return entries;
}

Result<> save_own(const std::vector<OwnAuthority>& entries) {
  TomlWriter toml;
  toml.comment("Certification authorities that this user trusts; written by: kyso trust add");
  for (const OwnAuthority& entry : entries) {
    toml.table_entry("certificate").set("file", entry.file).set("role", entry.role).set("group", "user");
    for (const auto& [key, value] : {std::pair{"name", &entry.name},
                                     {"reason", &entry.reason},
                                     {"added", &entry.added},
                                     {"trusted_from", &entry.trusted_from},
                                     {"trusted_until", &entry.trusted_until},
                                     {"revocation", &entry.revocation}})
      if (!value->empty()) toml.set(key, *value);
  }
  return write_text(user_trust_folder() / kList, as_bytes(toml.text()));
}

fs::path user_trust_folder() {
  return config_folder() / "trust";
}

fs::path shipped_trust_folder() {
  return share_folder() / "trust";
}

Result<pki::TrustStore> load_trust_stores() {
  pki::TrustStore store;
  KYSO_TRY(
      store.load_folder(shipped_trust_folder(), {.group = "shipped", .revocation = pki::RevocationDuty::required}));
  std::error_code failed;
  if (fs::is_directory(user_trust_folder(), failed)) KYSO_TRY(store.load_folder(user_trust_folder(), {}));
  for (const RemovedAuthority& entry : KYSO_TRY(load_removed())) {
    const auto fingerprint = from_hex(entry.sha256);
    if (fingerprint) store.remove(*fingerprint);
  }
  return store;
}

Result<> save_certificate(const std::string& file, ByteView der) {
  return write_text(user_trust_folder() / file, der);
}

}  // namespace kyso::app

#include "vault/server/configuration.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>

#include "base/file.h"
#include "base/file_descriptor.h"

namespace kyso::vault {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxPin = 4'096;
constexpr std::string_view kCredentials = "${CREDENTIALS_DIRECTORY}/";

std::optional<fs::path> credentials_folder() {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  return folder != nullptr && *folder == '/' ? std::optional(fs::path(folder)) : std::nullopt;
}

// Where the tokens are and how they are opened.
struct TokenSetting {
  std::string uri;  // without object
  fs::path pin_file;
  std::size_t sessions = 4;
};

class Reading {
 public:
  Reading(const TomlReader& toml, fs::path folder) : m_toml(toml), m_folder(std::move(folder)) {}
  Result<Configuration> read();

 private:
  fs::path near(const std::string& path) const { return (m_folder / path).lexically_normal(); }
  Result<std::int64_t> number(const std::string& key, std::int64_t otherwise, std::int64_t least, std::int64_t most);
  Result<std::string> text(const std::string& key, std::string otherwise = {}) {
    return KYSO_TRY(m_toml.get_string(key)).value_or(std::move(otherwise));
  }
  Result<std::vector<std::string>> texts(const std::string& key) {
    return KYSO_TRY(m_toml.get_strings(key)).value_or(std::vector<std::string>());
  }
  Result<fs::path> pin_file(const std::string& table);
  Result<> read_token(std::size_t index);
  Result<KeySetting> read_key(std::size_t index);
  Result<KeyPurpose> read_purpose(const std::string& key);
  Result<std::vector<KeySource>> read_sources(const std::string& table, const KeySetting& setting);
  Result<KeySource> source(const std::string& name, const std::string& uri, const TokenSetting& token,
                           const KeySetting& setting);
  Result<std::vector<pki::issue::SubjectAttribute>> read_subject(const std::string& key);
  Result<> read_users(Configuration& out);
  Result<std::vector<PolicyFile>> read_policy();

  const TomlReader& m_toml;
  const fs::path m_folder;
  std::map<std::string, TokenSetting> m_tokens;
};

Result<std::int64_t> Reading::number(const std::string& key, std::int64_t otherwise, std::int64_t least,
                                     std::int64_t most) {
  const auto value = KYSO_TRY(m_toml.get_int(key)).value_or(otherwise);
  if (value < least || value > most)
    return m_toml.invalid(key, fmt::format("{} = {} ({}…{})", key, value, least, most));
  return value;
}

Result<fs::path> Reading::pin_file(const std::string& table) {
  const auto file = KYSO_TRY(m_toml.get_string(table + "pin_file"));
  const auto credential = KYSO_TRY(m_toml.get_string(table + "credential"));
  if (file && credential) return m_toml.invalid(table + "credential", "pin_file, credential");
  std::string name;
  if (credential) {
    name = *credential;
  } else if (file && file->starts_with(kCredentials)) {
    name = file->substr(kCredentials.size());
  } else {
    return file ? near(*file) : fs::path();
  }
  const std::string& key = table + (credential ? "credential" : "pin_file");
  if (name.empty() || name.contains('/') || name.starts_with('.')) return m_toml.invalid(key, name);
  const auto folder = credentials_folder();
  if (!folder) return m_toml.invalid(key, "CREDENTIALS_DIRECTORY");
  return *folder / name;
}

Result<> Reading::read_token(std::size_t index) {
  const std::string table = fmt::format("token[{}].", index);
  const auto name = KYSO_TRY(m_toml.require_string(table + "name"));
  if (name.empty() || m_tokens.contains(name)) return m_toml.invalid(table + "name", name);
  TokenSetting token;
  token.pin_file = KYSO_TRY(pin_file(table));
  token.sessions = static_cast<std::size_t>(KYSO_TRY(number(table + "sessions", 4, 1, 256)));
  const auto uri = KYSO_TRY(m_toml.get_string(table + "uri"));
  if (uri) {
    token.uri = *uri;
  } else {
    const auto label = KYSO_TRY(m_toml.require_string(table + "label"));
    const auto module = KYSO_TRY(m_toml.require_string(table + "module"));
    token.uri = "pkcs11:token=" + token::uri_escaped(label) + "?module-path=" + module;
  }
  if (!token.uri.starts_with("pkcs11:")) return m_toml.invalid(table + "uri", "pkcs11:…");
  m_tokens.emplace(name, std::move(token));
  return {};
}

Result<KeyPurpose> Reading::read_purpose(const std::string& key) {
  const auto name = KYSO_TRY(m_toml.require_string(key));
  if (name == "issue") return KeyPurpose::issue;
  if (name == "ocsp") return KeyPurpose::ocsp;
  if (name == "time_stamp") return KeyPurpose::time_stamp;
  if (name == "checkpoint") return KeyPurpose::checkpoint;
  if (name == "escrow") return KeyPurpose::escrow;
  return m_toml.invalid(key, fmt::format("\"{}\" (issue, ocsp, time_stamp, checkpoint, escrow)", name));
}

Result<KeySource> Reading::source(const std::string& name, const std::string& uri, const TokenSetting& token,
                                  const KeySetting& setting) {
  token::Options options{
      .max_sessions = token.sessions, .certificate = setting.certificates.front(), .may_restart_shared_library = true};
  const auto pin = [file = token.pin_file](const token::TokenInfo& info) -> Result<Secret> {
    if (file.empty()) return fail("vault.secret.missing").with("path", "pin_file");
    if (info.pin_state == token::PinState::final_try) return fail("vault.secret.final_try").with("token", info.label);
    return read_pin(file);
  };
  KeySource out{.name = name,
                .open = [uri, pin, options] { return token::open_pkcs11(uri, pin, options); },
                .check = [](crypto::KeyHolder& holder) { return token::check_reachable(holder); }};
  if (setting.purpose == KeyPurpose::escrow)
    out.decrypt = [](crypto::KeyHolder& holder, ByteView input) { return token::decrypt_oaep(holder, input); };
  return out;
}

// Either `tokens` (by name, the key under the same label in each) or `uris`.
Result<std::vector<KeySource>> Reading::read_sources(const std::string& table, const KeySetting& setting) {
  std::vector<KeySource> out;
  const auto tokens = KYSO_TRY(texts(table + "tokens"));
  const auto object = KYSO_TRY(text(table + "object", setting.name));
  for (const auto& name : tokens) {
    const auto token = m_tokens.find(name);
    if (token == m_tokens.end()) return m_toml.invalid(table + "tokens", name);
    std::string uri = token->second.uri;
    const auto query = std::min(uri.find('?'), uri.size());
    const bool has_path = query > std::string_view("pkcs11:").size();
    uri.insert(query, (has_path ? ";object=" : "object=") + token::uri_escaped(object) + ";type=private");
    out.push_back(KYSO_TRY(source(name, uri, token->second, setting)));
  }
  const auto uris = KYSO_TRY(texts(table + "uris"));
  if (!uris.empty() && !tokens.empty()) return m_toml.invalid(table + "uris", "tokens, uris");
  TokenSetting own;
  own.pin_file = KYSO_TRY(pin_file(table));
  own.sessions = static_cast<std::size_t>(KYSO_TRY(number(table + "sessions", 4, 1, 256)));
  for (const auto& uri : uris) {
    if (!uri.starts_with("pkcs11:")) return m_toml.invalid(table + "uris", "pkcs11:…");
    out.push_back(KYSO_TRY(source(fmt::format("uris[{}]", out.size()), uri, own, setting)));
  }
  return out;
}

// ["C=VN", "O=…", "CN=…"], from the country down.
Result<std::vector<pki::issue::SubjectAttribute>> Reading::read_subject(const std::string& key) {
  std::vector<pki::issue::SubjectAttribute> out;
  for (const auto& line : KYSO_TRY(texts(key))) {
    const auto sign = line.find('=');
    if (sign == std::string::npos || sign == 0) return m_toml.invalid(key, line);
    out.push_back({line.substr(0, sign), line.substr(sign + 1)});
  }
  return out;
}

Result<KeySetting> Reading::read_key(std::size_t index) {
  const std::string table = fmt::format("key[{}].", index);
  KeySetting key;
  key.name = KYSO_TRY(m_toml.require_string(table + "name"));
  key.purpose = KYSO_TRY(read_purpose(table + "purpose"));
  const bool issues = key.purpose == KeyPurpose::issue;
  key.issuer = KYSO_TRY(text(table + "issuer", issues ? key.name : ""));
  if (issues && key.issuer != key.name) return m_toml.invalid(table + "issuer", key.issuer);
  const bool in_memory = KYSO_TRY(m_toml.get_bool(table + "memory")).value_or(false);
  if (const auto file = KYSO_TRY(m_toml.get_string(table + "certificate"))) {
    const auto pem = KYSO_TRY(read_file(near(*file), 1U << 20U));
    auto read = crypto::Certificate::from_pem(as_chars(pem));
    if (!read) return m_toml.invalid(table + "certificate", near(*file).string());
    key.certificates = *std::move(read);
  } else if (!in_memory) {
    return m_toml.require_string(table + "certificate").error();
  }
  if (in_memory) {
    if (key.purpose != KeyPurpose::ocsp && key.purpose != KeyPurpose::checkpoint)
      return m_toml.invalid(table + "memory", "ocsp, checkpoint");
    key.kind = KYSO_TRY(text(table + "kind", key.kind));
    key.verify_each = false;
  } else {
    key.sources = KYSO_TRY(read_sources(table, key));
    if (key.sources.empty()) return m_toml.require_string(table + "tokens").error();
  }
  if (const auto name = KYSO_TRY(m_toml.get_string(table + "scheme"))) {
    key.scheme = crypto::scheme_by_name(*name);
    if (!key.scheme || !crypto::is_for_signing(*key.scheme)) return m_toml.invalid(table + "scheme", *name);
  }
  if (key.purpose == KeyPurpose::ocsp || key.purpose == KeyPurpose::checkpoint) {
    key.profile = in_memory ? KYSO_TRY(m_toml.require_string(table + "profile")) : KYSO_TRY(text(table + "profile"));
    key.subject = KYSO_TRY(read_subject(table + "subject"));
    key.lifetime = std::chrono::hours(KYSO_TRY(number(table + "lifetime_hours", 7 * 24, 1, 10 * 366 * 24)));
    if (!key.profile.empty() && key.issuer.empty()) return m_toml.require_string(table + "issuer").error();
  }
  if (key.purpose == KeyPurpose::ocsp || key.purpose == KeyPurpose::time_stamp)
    key.verify_each = KYSO_TRY(m_toml.get_bool(table + "verify_each")).value_or(key.verify_each);
  if (key.purpose == KeyPurpose::escrow && key.issuer.empty()) return m_toml.require_string(table + "issuer").error();
  if (key.purpose == KeyPurpose::time_stamp) key.policies = KYSO_TRY(texts(table + "policies"));
  if (issues) {
    key.ocsp_urls = KYSO_TRY(texts(table + "ocsp_urls"));
    key.ca_issuer_urls = KYSO_TRY(texts(table + "ca_issuer_urls"));
    key.crl_urls = KYSO_TRY(texts(table + "crl_urls"));
    key.crl_shards = static_cast<std::size_t>(KYSO_TRY(number(table + "crl_shards", 1, 1, 65'536)));
  }
  return key;
}

Result<> Reading::read_users(Configuration& out) {
  for (const auto& name : out.allowed_users) {
    const passwd* entry = ::getpwnam(name.c_str());
    if (entry == nullptr) return fail("vault.user").with("user", name);
    out.server.users.push_back(entry->pw_uid);
  }
  if (out.socket_group.empty()) return {};
  const group* entry = ::getgrnam(out.socket_group.c_str());
  if (entry == nullptr) return fail("vault.user", "group").with("user", out.socket_group);
  out.server.socket_group = entry->gr_gid;
  return {};
}

// The files below the folder, by their names as a policy has them: "officers.toml", "profiles/PERSON_5Y.toml".
Result<std::vector<PolicyFile>> Reading::read_policy() {
  const auto name = KYSO_TRY(m_toml.get_string("initial_policy"));
  std::vector<PolicyFile> out;
  if (!name) return out;
  const fs::path folder = near(*name);
  std::error_code failed;
  for (fs::recursive_directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed)) {
    const auto relative = entry->path().lexically_relative(folder);
    const bool is_hidden =
        std::ranges::any_of(relative, [](const auto& part) { return part.native().starts_with('.'); });
    if (!entry->is_regular_file() || is_hidden || out.size() >= 1'000) continue;
    const auto content = KYSO_TRY(read_file(entry->path(), 1U << 20U));
    out.push_back({relative.generic_string(), std::string(as_chars(content))});
  }
  if (failed) return m_toml.invalid("initial_policy", folder.string());
  std::ranges::sort(out, {}, &PolicyFile::name);
  if (const auto wanted = KYSO_TRY(m_toml.get_string("initial_policy_sha256"))) {
    const auto policy = KYSO_TRY(Policy::parse(1, out));
    if (to_hex(policy.sha256()) != *wanted) return m_toml.invalid("initial_policy_sha256", to_hex(policy.sha256()));
  }
  return out;
}

Result<Configuration> Reading::read() {
  Configuration out;
  out.core.instance = static_cast<std::uint8_t>(KYSO_TRY(number("instance", 1, 1, 127)));
  out.core.threads = static_cast<std::size_t>(KYSO_TRY(number("threads", 0, 0, 1'024)));
  out.core.intent_lifetime = std::chrono::hours(KYSO_TRY(number("intent_lifetime_hours", 24, 1, 24 * 366)));
  out.core.crl_tolerance = std::chrono::seconds(KYSO_TRY(number("clock.crl_seconds", 300, 1, 86'400)));
  out.core.ocsp_tolerance = std::chrono::seconds(KYSO_TRY(number("clock.ocsp_seconds", 60, 1, 3'600)));
  out.core.time_stamp_tolerance = std::chrono::seconds(KYSO_TRY(number("clock.time_stamp_seconds", 5, 1, 60)));
  out.core.checkpoint_origin = KYSO_TRY(text("checkpoint.origin"));
  out.server.socket = near(KYSO_TRY(text("socket", out.server.socket.string())));
  out.server.max_connections = static_cast<std::size_t>(KYSO_TRY(number("max_connections", 64, 1, 4'096)));
  out.database = near(KYSO_TRY(m_toml.require_string("database")));
  out.allowed_users = KYSO_TRY(texts("allowed_users"));
  out.socket_group = KYSO_TRY(text("socket_group"));
  out.sandbox.user = KYSO_TRY(text("user"));
  out.sandbox.allow_network = KYSO_TRY(m_toml.get_bool("network")).value_or(false);
  out.verify_journal = KYSO_TRY(m_toml.get_bool("verify_journal_at_start")).value_or(false);
  out.log_file = KYSO_TRY(text("log.file"));
  out.log_level = KYSO_TRY(text("log.level", "info"));
  if (out.log_level != "debug" && out.log_level != "info" && out.log_level != "warning" && out.log_level != "error")
    return m_toml.invalid("log.level", out.log_level);
  for (std::size_t i = 0; i < m_toml.count("token"); ++i) KYSO_TRY(read_token(i));
  for (std::size_t i = 0; i < m_toml.count("key"); ++i) out.core.keys.push_back(KYSO_TRY(read_key(i)));
  out.core.initial_policy = KYSO_TRY(read_policy());
  KYSO_TRY(m_toml.refuse_unknown_keys());
  KYSO_TRY(read_users(out));
  return out;
}

}  // namespace

Result<Configuration> load_configuration(const fs::path& path) {
  const auto toml = KYSO_TRY(TomlReader::load(path));
  return Reading(toml, fs::absolute(path).parent_path()).read();
}

Result<Secret> read_pin(const fs::path& path) {
  const auto missing = [&](std::string_view why) {
    return fail("vault.secret.missing", "{}", why).with("path", path.string());
  };
  const auto credentials = credentials_folder();
  const bool is_credential = credentials && path.parent_path() == *credentials;
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!file) return missing(std::strerror(errno));
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return missing(std::strerror(errno));
  const bool is_private =
      S_ISREG(status.st_mode) && (status.st_mode & 077U) == 0 && (status.st_uid == ::geteuid() || status.st_uid == 0);
  if (!is_private && !(is_credential && S_ISREG(status.st_mode)))
    return fail("vault.secret.mode", "mode {:o}, user {}", status.st_mode, status.st_uid).with("path", path.string());
  std::string pin(kMaxPin, '\0');
  const ssize_t got = ::read(file.get(), pin.data(), pin.size());
  Secret whole(std::move(pin));  // wiped whatever comes
  if (got <= 0) return missing("empty");
  auto shown = whole.reveal().substr(0, static_cast<std::size_t>(got));
  if (shown.ends_with('\n')) shown.remove_suffix(1);
  if (shown.ends_with('\r')) shown.remove_suffix(1);
  if (shown.empty()) return missing("empty");
  return Secret(std::string(shown));
}

}  // namespace kyso::vault

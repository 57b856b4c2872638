#include "registry/organisation/seed.h"

#include <algorithm>
#include <vector>

#include "audit/audit.h"
#include "base/config.h"
#include "crypto/algorithm.h"
#include "registry/checks/checks.h"
#include "registry/organisation/names.h"
#include "registry/organisation/store.h"
#include "registry/organisation/tree_edit.h"

namespace kyso::registry {
namespace {

struct Seed {
  std::string id;
  std::vector<Version> versions;
  std::vector<Alias> aliases;
  std::vector<Link> links;
};

// SeedFile: one file, read whole before anything is written.
class SeedFile {
 public:
  static Result<std::vector<Seed>> read(const std::filesystem::path& path) {
    SeedFile file(KYSO_TRY(TomlReader::load(path)));
    std::vector<Seed> seeds;
    const Instant from = KYSO_TRY(file.day("from")).value_or(Instant{});
    for (std::size_t i = 0; i < file.m_toml.count("organisation"); ++i)
      seeds.push_back(KYSO_TRY(file.seed(fmt::format("organisation[{}].", i), from)));
    KYSO_TRY(file.m_toml.refuse_unknown_keys());
    return seeds;
  }

 private:
  explicit SeedFile(TomlReader toml) : m_toml(std::move(toml)) {}

  Result<std::optional<Instant>> day(const std::string& key) const {
    const auto text = KYSO_TRY(m_toml.get_string(key));
    if (!text) return std::optional<Instant>();
    const auto found = parse_day(*text);
    if (!found) return m_toml.invalid(key, fmt::format("{} = {} (YYYY-MM-DD)", key, *text));
    return std::optional(start_of(*found));
  }
  Result<> text(const std::string& key, std::string& out) const {
    if (const auto found = KYSO_TRY(m_toml.get_string(key))) out = tidy_name(*found);
    return {};
  }
  Result<> fill(const std::string& at, Version& version) const {
    if (const auto from = KYSO_TRY(day(at + "from"))) version.from = *from;
    std::string parent;
    KYSO_TRY(text(at + "parent", parent));
    if (!parent.empty()) version.parent = seeded_id(parent);
    for (const auto& [name, member] :
         {std::pair("name", &Version::name), std::pair("kind", &Version::kind),
          std::pair("province", &Version::province), std::pair("code", &Version::code),
          std::pair("tax_code", &Version::tax_code), std::pair("budget_code", &Version::budget_code),
          std::pair("address", &Version::address), std::pair("sector", &Version::sector),
          std::pair("instrument", &Version::instrument)})
      KYSO_TRY(text(at + name, version.*member));
    if (const auto domains = KYSO_TRY(m_toml.get_strings(at + "mail_domains"))) version.mail_domains = *domains;
    return {};
  }
  Result<Seed> seed(const std::string& at, Instant from) const {
    Seed out;
    out.id = seeded_id(KYSO_TRY(m_toml.require_string(at + "key")));
    Version version;
    version.organisation = out.id;
    version.from = from;
    KYSO_TRY(m_toml.require_string(at + "name"));
    KYSO_TRY(fill(at, version));
    if (!is_organisation_kind(version.kind)) return m_toml.invalid(at + "kind", "kind = " + version.kind);
    out.versions.push_back(version);
    for (std::size_t i = 0; i < m_toml.count(at + "version"); ++i) {
      version.instrument.clear();
      KYSO_TRY(fill(fmt::format("{}version[{}].", at, i), version));
      out.versions.back().to = version.from;
      out.versions.push_back(version);
    }
    if (const auto last = KYSO_TRY(day(at + "to"))) out.versions.back().to = *last + std::chrono::days(1);
    KYSO_TRY(aliases(at, out));
    KYSO_TRY(links(at, out));
    return out;
  }
  Result<> aliases(const std::string& at, Seed& seed) const {
    for (const std::string& name : KYSO_TRY(m_toml.get_strings(at + "aliases")).value_or(std::vector<std::string>()))
      seed.aliases.push_back({Alias::Kind::name, tidy_name(name), {}});
    for (const std::string& code :
         KYSO_TRY(m_toml.get_strings(at + "former_codes")).value_or(std::vector<std::string>()))
      seed.aliases.push_back({Alias::Kind::code, tidy_name(code), "QĐ 20/2020/QĐ-TTg"});
    return {};
  }
  Result<> links(const std::string& at, Seed& seed) const {
    std::string instrument;
    KYSO_TRY(text(at + "instrument_of_end", instrument));
    for (const std::string& key : KYSO_TRY(m_toml.get_strings(at + "successors")).value_or(std::vector<std::string>()))
      seed.links.push_back({seed.id, seeded_id(key), seed.versions.back().to, instrument});
    return {};
  }

  TomlReader m_toml;
};

Result<std::vector<Seed>> read_folder(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    if (at->path().extension() == ".toml") files.push_back(at->path());
  if (error) return fail("base.file.missing").with("path", folder.string());
  std::ranges::sort(files);
  std::vector<Seed> seeds;
  for (const auto& file : files)
    for (Seed& seed : KYSO_TRY(SeedFile::read(file))) seeds.push_back(std::move(seed));
  return seeds;
}

Result<SeedReport> plant(db::Transaction& transaction, const std::vector<Seed>& seeds, Instant now) {
  SeedReport report;
  const ChangeBy by{"system:kysod", now, false};
  TreeEdit edit(transaction, "seed", {}, now, by);
  std::vector<Seed> fresh;
  for (const Seed& seed : seeds) {
    const bool is_known = KYSO_TRY(store::exists(transaction, seed.id));
    ++(is_known ? report.known : report.added);
    if (is_known) continue;
    KYSO_TRY(edit.plant(seed.id, seed.versions));
    fresh.push_back(seed);
  }
  if (fresh.empty()) return report;
  KYSO_TRY(edit.prove());
  KYSO_TRY(edit.write_nodes());
  for (const Seed& seed : fresh) {
    if (!seed.aliases.empty()) KYSO_TRY(store::put_aliases(transaction, seed.id, seed.aliases));
    KYSO_TRY(store::add_links(transaction, seed.links, {}));
  }
  json::Value details = json::Value::object();
  details.set("organisations", report.added);
  KYSO_TRY(audit::append(transaction, {"organisation.seeded", by.actor, "", std::move(details)}, now));
  return report;
}

}  // namespace

std::string seeded_id(std::string_view key) {
  // RFC 9562 version 8: bits of our own, from the key.
  const std::string text = "kyso:organisation:" + std::string(key);
  std::string hex = to_hex(crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(text))).substr(0, 32);
  hex[12] = '8';
  hex[16] = "89ab"[(hex[16] < 'a' ? hex[16] - '0' : hex[16] - 'a' + 10) % 4];
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4),
                     hex.substr(20));
}

Result<SeedReport> seed_organisations(db::Database& database, const std::filesystem::path& folder, const Clock& clock) {
  const std::vector<Seed> seeds = KYSO_TRY(read_folder(folder));
  const Instant now = clock.now();
  return database.write([&](db::Transaction& transaction) { return plant(transaction, seeds, now); });
}

}  // namespace kyso::registry

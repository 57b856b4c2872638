#include "kysod/portal_configuration.h"

#include <algorithm>
#include <array>

#include "base/file.h"
#include "base/text.h"
#include "registry/organisation/seed.h"

namespace kyso::daemon {
namespace {

constexpr std::size_t kMaxSecret = 4'096;

Result<> read_text(const TomlReader& reader, const std::string& key, std::string& out) {
  if (auto value = KYSO_TRY(reader.get_string(key))) out = *std::move(value);
  return {};
}

Result<> read_path(const TomlReader& reader, const std::string& key, std::filesystem::path& out) {
  if (const auto value = KYSO_TRY(reader.get_string(key))) out = *value;
  return {};
}

Result<std::optional<std::int64_t>> read_number(const TomlReader& reader, const std::string& key, std::int64_t least,
                                                std::int64_t most) {
  const auto value = KYSO_TRY(reader.get_int(key));
  if (value && (*value < least || *value > most))
    return reader.invalid(key, fmt::format("{} = {} ({}…{})", key, *value, least, most));
  return value;
}

template <typename Duration>
Result<> read_duration(const TomlReader& reader, const std::string& key, std::int64_t most, Duration& out) {
  if (const auto value = KYSO_TRY(read_number(reader, key, 1, most))) out = Duration(*value);
  return {};
}

// The first line of a file: secrets stand in no configuration.
Result<Secret> read_secret(const TomlReader& reader, const std::string& key) {
  const auto path = KYSO_TRY(reader.get_string(key));
  if (!path) return Secret();
  const Bytes content = KYSO_TRY(read_file(*path, kMaxSecret));
  const std::string_view text = as_chars(content);
  return Secret(std::string(trim(text.substr(0, text.find('\n')))));
}

std::string host_of(std::string_view url) {
  url.remove_prefix(url.find("://") == std::string_view::npos ? 0 : url.find("://") + 3);
  return std::string(url.substr(0, url.find_first_of(":/")));
}

Result<> read_accounts(const TomlReader& reader, PortalOptions& out) {
  registry::AccountOptions& accounts = out.accounts;
  accounts.public_url = out.public_url;
  accounts.sign_in_path = "/dang-nhap";
  accounts.authority_organisation = out.desk.receiving_organisation;
  accounts.relying_party.id = host_of(out.public_url);
  accounts.relying_party.origins = {out.public_url};
  KYSO_TRY(read_text(reader, "portal.passkeys.rp_id", accounts.relying_party.id));
  KYSO_TRY(read_text(reader, "portal.passkeys.name", accounts.relying_party_name));
  accounts.admits_first_account =
      KYSO_TRY(reader.get_bool("portal.accounts.admits_first_account")).value_or(accounts.admits_first_account);
  if (const auto bits =
          KYSO_TRY(read_number(reader, "portal.accounts.captcha_difficulty", 1, registry::kMaxDifficulty)))
    accounts.captcha_difficulty = static_cast<int>(*bits);
  using std::chrono::minutes;
  minutes idle{}, officer_idle{};
  KYSO_TRY(read_duration(reader, "portal.sessions.idle_minutes", 24 * 60, idle));
  KYSO_TRY(read_duration(reader, "portal.sessions.officer_idle_minutes", 24 * 60, officer_idle));
  if (idle.count() > 0) accounts.sessions.idle = idle;
  if (officer_idle.count() > 0) accounts.sessions.officer_idle = officer_idle;
  if (!reader.contains("portal.oidc")) return {};
  registry::OidcOptions oidc;
  oidc.issuer = KYSO_TRY(reader.require_string("portal.oidc.issuer"));
  oidc.client_id = KYSO_TRY(reader.require_string("portal.oidc.client_id"));
  oidc.client_secret = KYSO_TRY(read_secret(reader, "portal.oidc.client_secret_file"));
  KYSO_TRY(read_text(reader, "portal.oidc.ca_file", oidc.ca_file));
  for (const std::string& sub : reader.children("portal.oidc.accounts"))
    oidc.accounts[sub] = KYSO_TRY(reader.require_string("portal.oidc.accounts." + sub));
  oidc.trusts_addresses = KYSO_TRY(reader.get_bool("portal.oidc.trusts_addresses")).value_or(false);
  accounts.oidc = std::move(oidc);
  return {};
}

Result<> read_desk(const TomlReader& reader, PortalOptions& out) {
  registry::DeskOptions& desk = out.desk;
  // An id, or the key of an organisation that came with Kyso: "central/bcy/cts".
  desk.receiving_organisation = KYSO_TRY(reader.require_string("portal.authority_organisation"));
  if (desk.receiving_organisation.find('/') != std::string::npos)
    desk.receiving_organisation = registry::seeded_id(desk.receiving_organisation);
  out.dossiers.receiving_organisation = desk.receiving_organisation;
  KYSO_TRY(read_text(reader, "portal.issuer", desk.issuer));
  KYSO_TRY(read_text(reader, "portal.addressee", out.dossiers.addressee));
  if (const auto days = KYSO_TRY(read_number(reader, "portal.deadlines.working_days", 1, 60)))
    desk.working_days = static_cast<int>(*days);
  KYSO_TRY(read_duration(reader, "portal.deadlines.revocation_hours", 24 * 30, desk.revocation_hours));
  KYSO_TRY(read_duration(reader, "portal.deadlines.soon_hours", 24 * 30, desk.soon));
  KYSO_TRY(read_duration(reader, "portal.deadlines.revocation_soon_hours", 24 * 30, desk.revocation_soon));
  for (const std::string& kind : reader.children("portal.profiles"))
    desk.profiles[kind] = KYSO_TRY(reader.require_string("portal.profiles." + kind));
  for (const std::string& kind : reader.children("portal.renewal_profiles"))
    desk.renewal_profiles[kind] = KYSO_TRY(reader.require_string("portal.renewal_profiles." + kind));
  if (auto models = KYSO_TRY(reader.get_strings("portal.old_token_models"))) desk.old_token_models = *std::move(models);
  return {};
}

Result<> read_mail(const TomlReader& reader, PortalOptions& out) {
  KYSO_TRY(read_text(reader, "portal.mail.host", out.mail.host));
  if (const auto port = KYSO_TRY(read_number(reader, "portal.mail.port", 1, 65'535)))
    out.mail.port = static_cast<std::uint16_t>(*port);
  if (const auto tls = KYSO_TRY(reader.get_string("portal.mail.tls"))) {
    using Tls = net::MailServer::Tls;
    static constexpr std::array<std::pair<std::string_view, Tls>, 3> kWays = {
        {{"none", Tls::none}, {"starttls", Tls::starttls}, {"implicit", Tls::implicit}}};
    const auto* way = std::ranges::find(kWays, *tls, [](const auto& row) { return row.first; });
    if (way == kWays.end()) return reader.invalid("portal.mail.tls", *tls);
    out.mail.tls = way->second;
  }
  KYSO_TRY(read_text(reader, "portal.mail.user", out.mail.user));
  out.mail.password = KYSO_TRY(read_secret(reader, "portal.mail.password_file"));
  KYSO_TRY(read_text(reader, "portal.mail.ca_file", out.mail.ca_file));
  out.delivery.from = KYSO_TRY(reader.require_string("portal.mail.from"));
  if (!net::is_mail_address(out.delivery.from)) return reader.invalid("portal.mail.from", out.delivery.from);
  out.delivery.from_name = KYSO_TRY(reader.get_string("portal.mail.from_name")).value_or("Kyso");
  out.delivery.portal_name = KYSO_TRY(reader.get_string("portal.name")).value_or("Cổng dịch vụ công trực tuyến");
  out.delivery.portal_url = out.public_url;
  return {};
}

Result<> read_verification(const TomlReader& reader, PortalOptions& out) {
  if (const auto files = KYSO_TRY(reader.get_strings("portal.verification.trust")))
    out.letters.trust.assign(files->begin(), files->end());
  out.letters.has_shipped_trust = KYSO_TRY(reader.get_bool("portal.verification.shipped_trust")).value_or(true);
  KYSO_TRY(read_text(reader, "portal.verification.policy", out.letters.policy));
  if (auto hosts = KYSO_TRY(reader.get_strings("portal.verification.hosts"))) out.letters.hosts = *std::move(hosts);
  return {};
}

}  // namespace

Result<PortalOptions> read_portal_options(const TomlReader& reader, const std::string& node) {
  PortalOptions out;
  out.public_url = KYSO_TRY(reader.require_string("portal.public_url"));
  const bool is_address = out.public_url.starts_with("https://") || out.public_url.starts_with("http://");
  if (!is_address || out.public_url.ends_with('/')) return reader.invalid("portal.public_url", out.public_url);
  out.pages = share_folder() / "portal";
  out.calendar = share_folder() / "calendar" / "holidays.toml";
  out.notices = share_folder() / "notices";
  out.organisations = {share_folder() / "organisations"};
  out.content = share_folder() / "content";
  KYSO_TRY(read_path(reader, "portal.pages", out.pages));
  KYSO_TRY(read_path(reader, "portal.calendar", out.calendar));
  KYSO_TRY(read_path(reader, "portal.notices", out.notices));
  if (const auto folders = KYSO_TRY(reader.get_strings("portal.organisations")))
    out.organisations.assign(folders->begin(), folders->end());
  KYSO_TRY(read_path(reader, "portal.content", out.content));
  out.seeds_organisations = KYSO_TRY(reader.get_bool("portal.seeds_organisations")).value_or(true);
  KYSO_TRY(read_desk(reader, out));
  KYSO_TRY(read_accounts(reader, out));
  KYSO_TRY(read_mail(reader, out));
  KYSO_TRY(read_verification(reader, out));
  KYSO_TRY(read_text(reader, "portal.population.url", out.population_url));
  KYSO_TRY(read_text(reader, "portal.population.ca_file", out.population_ca_file));
  KYSO_TRY(read_text(reader, "portal.status_url", out.status_url));
  KYSO_TRY(read_text(reader, "portal.tsa_url", out.tsa_url));
  out.accounts.node = out.delivery.node = node;
  return out;
}

}  // namespace kyso::daemon

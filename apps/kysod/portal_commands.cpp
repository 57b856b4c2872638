#include "kysod/portal_commands.h"

#include "base/file.h"
#include "base/text.h"
#include "db/migration.h"
#include "kysod/portal.h"
#include "registry/organisation/seed.h"

namespace kyso::daemon {
namespace {

constexpr std::size_t kMaxPassword = 4'096;

// The portal over the configured database, serving nobody.
struct Opened {
  std::unique_ptr<db::Database> database;
  std::unique_ptr<vault::Vault> vault;
  std::unique_ptr<authority::Authority> authority;
  std::unique_ptr<Portal> portal;
};

Result<Opened> open_portal(Configuration configuration) {
  if (!configuration.portal) return fail("kysod.portal.missing");
  Opened out;
  out.database = KYSO_TRY(db::Database::open(configuration.database));
  if (configuration.migrate)
    KYSO_TRY(db::migrate(*out.database, configuration.migrations, system_clock()));
  else
    KYSO_TRY(db::check_migrations(*out.database, configuration.migrations));
  out.vault = vault::connect(configuration.vault);
  out.authority =
      std::make_unique<authority::Authority>(*out.database, *out.vault, system_clock(), configuration.authority);
  out.portal = KYSO_TRY(Portal::create(std::move(*configuration.portal), *out.database, *out.authority, *out.vault));
  return out;
}

Result<Secret> read_password(const std::filesystem::path& path) {
  if (path.empty()) return Secret();
  const Bytes content = KYSO_TRY(read_file(path, kMaxPassword));
  const std::string_view text = as_chars(content);
  return Secret(std::string(trim(text.substr(0, text.find('\n')))));
}

json::Value access_of(const registry::Access& access) {
  using Kind = registry::Access::Kind;
  if (access.kind == Kind::public_) return "public";
  if (access.kind == Kind::signed_in) return "signed-in";
  json::Value out = json::Value::array();
  for (const registry::Role role : access.roles) out.push_back(registry::name_of(role));
  return out;
}

}  // namespace

Result<int> create_account(Configuration configuration, const AccountOrder& order, const app::Console& console) {
  registry::NewAccount wanted;
  wanted.email = order.email;
  wanted.name = order.name;
  wanted.phone = order.phone;
  wanted.person = order.person;
  wanted.organisation =
      order.organisation.find('/') == std::string::npos ? order.organisation : registry::seeded_id(order.organisation);
  for (const std::string& name : order.roles) {
    const auto role = registry::role_by_name(name);
    if (!role) return fail("kysod.portal.role").with("role", name);
    wanted.roles.insert(*role);
  }
  wanted.password = KYSO_TRY(read_password(order.password_file));
  const Opened opened = KYSO_TRY(open_portal(std::move(configuration)));
  const registry::Account made = KYSO_TRY(opened.portal->create_account(wanted));
  console.say("Đã lập tài khoản {} ({}).", "Made the account {} ({}).", made.email, made.id);
  return 0;
}

Result<int> list_routes(Configuration configuration, const app::Console& console) {
  // Routes do not depend on what is kept: a database of its own, that nobody's data is opened or migrated for it.
  configuration.database = {};
  configuration.database.url = "sqlite::memory:";
  configuration.migrate = true;
  if (configuration.portal) configuration.portal->seeds_organisations = false;
  const Opened opened = KYSO_TRY(open_portal(std::move(configuration)));
  json::Value out = json::Value::array();
  for (const registry::PortalRoute& route : opened.portal->interface()) {
    json::Value entry = json::Value::object();
    entry.set("method", route.method).set("path", route.where).set("access", access_of(route.access));
    out.push_back(std::move(entry));
  }
  console.print(json::serialize(out, json::Style::indented) + "\n");
  return 0;
}

}  // namespace kyso::daemon

#include "kysod/configuration.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/file.h"

namespace kyso::daemon {
namespace {

constexpr std::array<std::pair<std::string_view, Part>, 6> kParts = {{{"status", Part::status},
                                                                      {"tsa", Part::tsa},
                                                                      {"officers", Part::officers},
                                                                      {"audit", Part::audit},
                                                                      {"metrics", Part::metrics},
                                                                      {"portal", Part::portal}}};
constexpr std::array<std::pair<std::string_view, log::Level>, 4> kLevels = {{{"debug", log::Level::debug},
                                                                             {"info", log::Level::info},
                                                                             {"warning", log::Level::warning},
                                                                             {"error", log::Level::error}}};

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "kysod";
}

// A whole number of some unit within limits, or what the setting is without the key.
template <typename Duration>
Result<> read_duration(const TomlReader& reader, const std::string& key, Duration& out, std::int64_t least = 1,
                       std::int64_t most = 10LL * 366 * 86'400) {
  const std::optional<std::int64_t> value = KYSO_TRY(reader.get_int(key));
  if (!value) return {};
  if (*value < least || *value > most)
    return reader.invalid(key, fmt::format("{} = {} ({}…{})", key, *value, least, most));
  out = Duration(*value);
  return {};
}

template <typename Number>
Result<> read_number(const TomlReader& reader, const std::string& key, Number& out, std::int64_t least,
                     std::int64_t most) {
  const std::optional<std::int64_t> value = KYSO_TRY(reader.get_int(key));
  if (!value) return {};
  if (*value < least || *value > most)
    return reader.invalid(key, fmt::format("{} = {} ({}…{})", key, *value, least, most));
  out = static_cast<Number>(*value);
  return {};
}

Result<> read_path(const TomlReader& reader, const std::string& key, std::filesystem::path& out) {
  if (const std::optional<std::string> value = KYSO_TRY(reader.get_string(key))) out = *value;
  return {};
}

Result<Listener> read_listener(const TomlReader& reader, const std::string& at) {
  Listener out;
  net::ServerOptions& server = out.server;
  server.address = KYSO_TRY(reader.get_string(at + ".address")).value_or("127.0.0.1");
  KYSO_TRY(read_number(reader, at + ".port", server.port, 0, 65'535));
  server.allowed_hosts = KYSO_TRY(reader.get_strings(at + ".hosts")).value_or(std::vector<std::string>());
  KYSO_TRY(read_path(reader, at + ".tls_certificate", server.tls_certificate));
  KYSO_TRY(read_path(reader, at + ".tls_key", server.tls_key));
  if (server.tls_certificate.empty() != server.tls_key.empty()) return reader.invalid(at, "tls_certificate, tls_key");
  KYSO_TRY(read_number(reader, at + ".io_threads", server.io_threads, 1, 64));
  KYSO_TRY(read_number(reader, at + ".workers", server.workers, 1, 1'024));
  KYSO_TRY(read_number(reader, at + ".max_connections", server.max_connections, 1, 1'000'000));
  KYSO_TRY(read_number(reader, at + ".max_per_address", server.max_per_address, 0, 1'000'000));
  KYSO_TRY(read_number(reader, at + ".burst", server.burst, 1, 1'000'000));
  if (const auto rate = KYSO_TRY(reader.get_double(at + ".requests_per_second"))) server.requests_per_second = *rate;
  if (auto proxies = KYSO_TRY(reader.get_strings(at + ".trusted_proxies")))
    server.trusted_proxies = *std::move(proxies);
  server.access_log = KYSO_TRY(reader.get_bool(at + ".access_log")).value_or(true);
  for (const std::string& name : KYSO_TRY(reader.get_strings(at + ".serves")).value_or(std::vector<std::string>())) {
    const auto* part = std::ranges::find(kParts, name, [](const auto& row) { return row.first; });
    if (part == kParts.end()) return reader.invalid(at + ".serves", name);
    out.parts.push_back(part->second);
  }
  KYSO_TRY(read_path(reader, at + ".public_folder", out.public_folder));
  if (out.parts.empty()) return reader.invalid(at + ".serves", "serves = []");
  return out;
}

Result<> read_schedule(const TomlReader& reader, const std::string& at, authority::status::CrlSchedule& out) {
  KYSO_TRY(read_duration(reader, at + ".every_seconds", out.every));
  KYSO_TRY(read_duration(reader, at + ".validity_seconds", out.validity));
  KYSO_TRY(read_duration(reader, at + ".complete_every_seconds", out.complete_every));
  KYSO_TRY(read_duration(reader, at + ".complete_validity_seconds", out.complete_validity));
  KYSO_TRY(read_duration(reader, at + ".delta_every_seconds", out.delta_every));
  KYSO_TRY(read_duration(reader, at + ".delta_validity_seconds", out.delta_validity));
  if (auto urls = KYSO_TRY(reader.get_strings(at + ".delta_urls"))) out.delta_urls = *std::move(urls);
  out.keep_expired = KYSO_TRY(reader.get_bool(at + ".keep_expired")).value_or(out.keep_expired);
  if (out.validity <= out.every) return reader.invalid(at, "validity_seconds ≤ every_seconds");
  if (out.complete_validity <= out.complete_every)
    return reader.invalid(at, "complete_validity_seconds ≤ complete_every_seconds");
  return {};
}

Result<> read_status(const TomlReader& reader, authority::status::StatusOptions& out) {
  const std::string at = "status";
  KYSO_TRY(read_duration(reader, at + ".poll_milliseconds", out.directory.poll_every, 10, 10'000));
  KYSO_TRY(read_duration(reader, at + ".max_silence_milliseconds", out.directory.max_silence, 100, 3'600'000));
  KYSO_TRY(read_duration(reader, at + ".ocsp_validity_seconds", out.ocsp.validity, 10));
  KYSO_TRY(read_duration(reader, at + ".ocsp_max_age_seconds", out.ocsp.max_age, 0));
  KYSO_TRY(read_number(reader, at + ".ocsp_cache_mib", out.ocsp.cache_octets, 1, 65'536));
  if (reader.contains(at + ".ocsp_cache_mib")) out.ocsp.cache_octets <<= 20U;
  if (const auto way = KYSO_TRY(reader.get_string(at + ".not_issued"))) {
    if (*way != "unknown" && *way != "revoked") return reader.invalid(at + ".not_issued", *way);
    using NotIssued = authority::status::OcspOptions::NotIssued;
    out.ocsp.not_issued = *way == "revoked" ? NotIssued::revoked : NotIssued::unknown;
  }
  out.publishes_lists = KYSO_TRY(reader.get_bool(at + ".publishes_lists")).value_or(true);
  KYSO_TRY(read_duration(reader, at + ".list_max_age_seconds", out.list_max_age, 0));
  KYSO_TRY(read_schedule(reader, "crl", out.crl.schedule));
  for (std::size_t i = 0; i < reader.count("crl_of"); ++i) {
    const std::string entry = fmt::format("crl_of[{}]", i);
    authority::status::CrlSchedule schedule = out.crl.schedule;
    KYSO_TRY(read_schedule(reader, entry, schedule));
    out.crl.by_issuer[KYSO_TRY(reader.require_string(entry + ".issuer"))] = schedule;
  }
  return {};
}

Result<> read_authority(const TomlReader& reader, authority::AuthorityOptions& out) {
  const auto days = KYSO_TRY(reader.get_doubles("authority.warning_days"));
  if (!days) return {};
  out.warning_days.clear();
  for (const double day : *days) {
    if (day < 1 || day > 3'660) return reader.invalid("authority.warning_days", fmt::format("{}", day));
    out.warning_days.push_back(static_cast<int>(day));
  }
  return {};
}

}  // namespace

Result<Configuration> load_configuration(const std::filesystem::path& path) {
  const TomlReader reader = KYSO_TRY(TomlReader::load(path));
  Configuration out;
  out.node = KYSO_TRY(reader.get_string("node")).value_or(host_name());
  out.database.url = KYSO_TRY(reader.require_string("database.url"));
  KYSO_TRY(read_number(reader, "database.connections", out.database.connections, 1, 1'024));
  out.migrate = KYSO_TRY(reader.get_bool("database.migrate")).value_or(true);
  out.migrations = share_folder() / "migrations" / "platform";
  KYSO_TRY(read_path(reader, "database.migrations", out.migrations));
  KYSO_TRY(read_path(reader, "vault.socket", out.vault.socket));
  KYSO_TRY(read_number(reader, "vault.connections", out.vault.connections, 1, 256));
  KYSO_TRY(read_duration(reader, "vault.timeout_milliseconds", out.vault.timeout, 100, 600'000));
  for (std::size_t i = 0; i < reader.count("listen"); ++i)
    out.listeners.push_back(KYSO_TRY(read_listener(reader, fmt::format("listen[{}]", i))));
  if (out.listeners.empty()) return reader.invalid("listen", "[[listen]]");
  KYSO_TRY(read_authority(reader, out.authority));
  out.authority.node = out.node;
  out.status.crl.node = out.node;
  KYSO_TRY(read_status(reader, out.status));
  out.tsa = KYSO_TRY(authority::tsa::read_tsa_options(reader));
  if (reader.contains("clock")) out.clock = KYSO_TRY(authority::tsa::read_clock_options(reader));
  out.audit.origin = KYSO_TRY(reader.get_string("audit.origin")).value_or(out.audit.origin);
  KYSO_TRY(read_duration(reader, "audit.checkpoint_seconds", out.audit.checkpoint_every, 1, 86'400));
  KYSO_TRY(read_path(reader, "audit.folder", out.audit.folder));
  if (reader.contains("portal")) out.portal = KYSO_TRY(read_portal_options(reader, out.node));
  for (const Listener& listener : out.listeners)
    if (!out.portal && std::ranges::find(listener.parts, Part::portal) != listener.parts.end())
      return reader.invalid("listen", "portal: [portal]");
  out.log_file = KYSO_TRY(reader.get_string("log.file")).value_or("");
  if (const auto level = KYSO_TRY(reader.get_string("log.level"))) {
    const auto* row = std::ranges::find(kLevels, *level, [](const auto& entry) { return entry.first; });
    if (row == kLevels.end()) return reader.invalid("log.level", *level);
    out.log_level = row->second;
  }
  KYSO_TRY(reader.refuse_unknown_keys());
  return out;
}

}  // namespace kyso::daemon

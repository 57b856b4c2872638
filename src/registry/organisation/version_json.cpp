#include "registry/organisation/version_json.h"

#include <algorithm>

#include "json/json.h"

namespace kyso::registry {
namespace {

constexpr std::pair<std::string_view, std::string Version::*> kTexts[] = {
    {"parent", &Version::parent},           {"name", &Version::name},       {"kind", &Version::kind},
    {"province", &Version::province},       {"code", &Version::code},       {"tax_code", &Version::tax_code},
    {"budget_code", &Version::budget_code}, {"address", &Version::address}, {"sector", &Version::sector},
    {"instrument", &Version::instrument},
};

Result<Version> version_from(const json::Value& value, const std::string& organisation) {
  Version out;
  out.organisation = organisation;
  out.from = Instant(std::chrono::seconds(KYSO_TRY(json::require_integer(value, "from"))));
  out.to = Instant(std::chrono::seconds(KYSO_TRY(json::require_integer(value, "to"))));
  out.level = static_cast<int>(KYSO_TRY(json::require_integer(value, "level")));
  for (const auto& [name, member] : kTexts) {
    if (const json::Value* text = value.find(name); text != nullptr) out.*member = text->as_string().value_or("");
  }
  if (const json::Value* domains = value.find("mail_domains"); domains != nullptr && domains->as_array() != nullptr)
    for (const json::Value& domain : *domains->as_array())
      out.mail_domains.emplace_back(domain.as_string().value_or(""));
  return out;
}

}  // namespace

std::string versions_to_json(const std::vector<Version>& versions) {
  json::Value out = json::Value::array();
  for (const Version& version : versions) {
    json::Value item = json::Value::object();
    item.set("from", std::int64_t{version.from.time_since_epoch().count()})
        .set("to", std::int64_t{version.to.time_since_epoch().count()})
        .set("level", version.level);
    for (const auto& [name, member] : kTexts)
      if (!(version.*member).empty()) item.set(std::string(name), version.*member);
    if (!version.mail_domains.empty()) {
      json::Value domains = json::Value::array();
      for (const std::string& domain : version.mail_domains) domains.push_back(domain);
      item.set("mail_domains", std::move(domains));
    }
    out.push_back(std::move(item));
  }
  return json::serialize(out);
}

Result<std::vector<Version>> versions_from_json(std::string_view text, const std::string& organisation) {
  const json::Value value = KYSO_TRY(json::parse(text));
  std::vector<Version> out;
  if (value.as_array() == nullptr) return out;
  for (const json::Value& item : *value.as_array()) out.push_back(KYSO_TRY(version_from(item, organisation)));
  return out;
}

bool same_versions(const std::vector<Version>& a, const std::vector<Version>& b) {
  return std::ranges::equal(a, b, [](Version left, Version right) {
    left.number = right.number = 0;
    return left == right;
  });
}

}  // namespace kyso::registry

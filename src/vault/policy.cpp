#include "vault/policy.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/config.h"
#include "vault/policy_reader.h"
#include "vault/quorum.h"
#include "vault/statement_json.h"
#include "vault/statement_memory.h"

namespace kyso::vault {
namespace {

// Over the digests of names and contents, so that nothing can move from one to the other.
Bytes digest_of(const std::vector<PolicyFile>& files) {
  crypto::Digester all(crypto::DigestAlgorithm::sha256);
  for (const PolicyFile& file : files) {
    all.update(crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(file.name)));
    all.update(crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(file.content)));
  }
  return all.finish();
}

Result<> check_names(const std::vector<PolicyFile>& files) {
  for (std::size_t i = 0; i < files.size(); ++i)
    if (!is_policy_file_name(files[i].name) || (i > 0 && files[i].name == files[i - 1].name))
      return fail("vault.policy.file").with("name", files[i].name);
  return {};
}

Result<std::string_view> content_of(const std::vector<PolicyFile>& files, std::string_view name) {
  const auto file = std::ranges::find(files, name, &PolicyFile::name);
  if (file == files.end()) return fail("base.file.missing").with("path", name);
  return std::string_view(file->content);
}

bool needs_two(Act act) {
  return act == Act::issue || act == Act::change_policy || act == Act::destroy_key || act == Act::recover_token;
}

bool may_request(const Officer& officer, const ApprovalRule& rule) {
  return std::ranges::any_of(rule.requester_roles, [&](const auto& role) { return has_role(officer, role); });
}

Error unreachable(const ApprovalRule& rule, std::string_view role) {
  return fail("vault.policy.unreachable").with("act", name_of(rule.act)).with("role", role);
}

// At least one person can request what the others can approve; who has neither certificate nor passkey can do neither.
Result<> check_reachable(const ApprovalRule& rule, const std::vector<Officer>& officers) {
  std::vector<const Officer*> all;
  for (const Officer& officer : officers)
    if (!officer.certificates.empty() || !officer.passkeys.empty()) all.push_back(&officer);
  if (const auto missing = unfilled(rule, all); !missing.empty()) return unreachable(rule, missing.front().first);
  std::string lacking = rule.requester_roles.front();
  for (const Officer* requester : all) {
    if (!may_request(*requester, rule)) continue;
    std::vector<const Officer*> others = all;
    std::erase(others, requester);
    const auto missing = unfilled(rule, others);
    if (missing.empty()) return {};
    lacking = missing.front().first;
  }
  return unreachable(rule, lacking);
}

Result<> check_rules(const std::vector<ApprovalRule>& rules, const std::vector<Officer>& officers) {
  for (const ApprovalRule& rule : rules) {
    if (places_of(rule) < (needs_two(rule.act) ? 2U : 1U))
      return fail("vault.policy.quorum").with("act", name_of(rule.act));
    KYSO_TRY(check_reachable(rule, officers));
  }
  if (std::ranges::find(rules, Act::change_policy, &ApprovalRule::act) == rules.end())
    return fail("vault.policy.act").with("act", name_of(Act::change_policy));
  return {};
}

}  // namespace

void Policy::index_officers() {
  for (std::size_t officer = 0; officer < m_officers.size(); ++officer) {
    for (std::size_t i = 0; i < m_officers[officer].certificates.size(); ++i)
      m_prints.push_back({m_officers[officer].certificates[i].sha256(), officer, i});
    for (std::size_t i = 0; i < m_officers[officer].passkeys.size(); ++i)
      m_passkeys.emplace(m_officers[officer].passkeys[i].credential, Place{officer, i});
  }
  std::ranges::sort(m_prints, {}, &Print::sha256);
}

Result<Policy> Policy::parse(std::int64_t version, std::vector<PolicyFile> files) {
  std::ranges::sort(files, {}, &PolicyFile::name);
  KYSO_TRY(check_names(files));
  Policy policy;
  policy.m_version = version;
  policy.m_sha256 = digest_of(files);
  policy.m_memory = std::make_shared<StatementMemory>();
  OfficersFile officers = KYSO_TRY(read_officers(KYSO_TRY(content_of(files, "officers.toml"))));
  policy.m_officers = std::move(officers.officers);
  policy.m_relying_party = std::move(officers.relying_party);
  policy.index_officers();
  for (const PolicyFile& file : files)
    if (file.name.starts_with("profiles/")) {
      auto profile = KYSO_TRY(pki::issue::parse_profile(file.content, file.name));
      const std::string name = file.name.substr(9, file.name.size() - 14);  // without "profiles/" and ".toml"
      if (profile.name != name)
        return KYSO_TRY(TomlReader::parse(file.content, file.name)).invalid("name", profile.name);
      policy.m_profiles.emplace(name, std::move(profile));
    }
  std::set<std::string, std::less<>> profiles;
  for (const auto& [name, profile] : policy.m_profiles) profiles.insert(name);
  policy.m_rules = KYSO_TRY(read_rules(KYSO_TRY(content_of(files, "approval.toml")), profiles));
  KYSO_TRY(check_rules(policy.m_rules, policy.m_officers));
  if (const auto blocked = content_of(files, "blocked-keys.txt"))
    policy.m_blocked = KYSO_TRY(pki::issue::BlockedKeys::load(*blocked));
  policy.m_files = std::move(files);
  return policy;
}

const Policy::Print* Policy::find_print(ByteView certificate_sha256) const {
  const auto print = std::ranges::lower_bound(
      m_prints, certificate_sha256, [](ByteView a, ByteView b) { return std::ranges::lexicographical_compare(a, b); },
      &Print::sha256);
  const bool is_found = print != m_prints.end() && std::ranges::equal(print->sha256, certificate_sha256);
  return is_found ? &*print : nullptr;
}

const Officer* Policy::officer_of(ByteView certificate_sha256) const {
  const Print* print = find_print(certificate_sha256);
  return print == nullptr ? nullptr : &m_officers[print->officer];
}

const crypto::Certificate* Policy::certificate_of(ByteView certificate_sha256) const {
  const Print* print = find_print(certificate_sha256);
  return print == nullptr ? nullptr : &m_officers[print->officer].certificates[print->certificate];
}

const Officer* Policy::officer_of_passkey(ByteView credential) const {
  const auto place = m_passkeys.find(Bytes(credential.begin(), credential.end()));
  return place == m_passkeys.end() ? nullptr : &m_officers[place->second.officer];
}

const Passkey* Policy::passkey_of(ByteView credential) const {
  const auto place = m_passkeys.find(Bytes(credential.begin(), credential.end()));
  return place == m_passkeys.end() ? nullptr : &m_officers[place->second.officer].passkeys[place->second.passkey];
}

Result<std::vector<const ApprovalRule*>> Policy::rules_of(const Request& request) const {
  std::vector<const ApprovalRule*> found;
  const auto add = [&](std::string_view profile) {
    const ApprovalRule* rule = nullptr;
    for (const ApprovalRule& each : m_rules) {
      if (each.act != request.act) continue;
      const bool is_named = std::ranges::find(each.profiles, profile) != each.profiles.end();
      if (is_named || (each.profiles.empty() && rule == nullptr)) rule = &each;
    }
    if (rule != nullptr && std::ranges::find(found, rule) == found.end()) found.push_back(rule);
    return rule != nullptr;
  };
  const auto no_rule = [&] { return fail("vault.policy.act").with("act", name_of(request.act)); };
  if (request.act != Act::issue) {
    if (!add({})) return no_rule();
    return found;
  }
  for (const auto& line : request.certificates) {
    if (!m_profiles.contains(line.profile)) return fail("vault.policy.profile").with("profile", line.profile);
    if (!add(line.profile)) return no_rule();
  }
  return found;
}

}  // namespace kyso::vault

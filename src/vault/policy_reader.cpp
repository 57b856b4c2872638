#include "vault/policy_reader.h"

#include <algorithm>
#include <charconv>

#include "base/config.h"
#include "base/text.h"
#include "vault/officer_passkeys.h"
#include "vault/quorum.h"
#include "vault/statement_json.h"

namespace kyso::vault {
namespace {

constexpr std::size_t kMaxNameSize = 200;
constexpr std::size_t kMaxPlaces = 32;
constexpr std::chrono::seconds kShortest = std::chrono::minutes(1), kLongest = std::chrono::days(366);
constexpr int kMinRsaBits = 2048;

// What makes a certificate of no use for signing statements.
std::optional<std::string> problem_of(const crypto::Certificate& certificate) {
  const crypto::PublicKey& key = certificate.public_key();
  const bool is_known = key.type() == crypto::KeyType::ec_p256 || key.type() == crypto::KeyType::ec_p384 ||
                        key.type() == crypto::KeyType::rsa;
  if (!is_known || (key.type() == crypto::KeyType::rsa && key.bits() < kMinRsaBits))
    return fmt::format("{} (P-256, P-384, RSA ≥ {})", key.algorithm(), kMinRsaBits);
  if (certificate.is_ca()) return "basicConstraints: CA";
  using crypto::KeyUsage;
  if (!certificate.allows(KeyUsage::digital_signature) && !certificate.allows(KeyUsage::non_repudiation))
    return "keyUsage";
  return std::nullopt;
}

class OfficerReader {
 public:
  explicit OfficerReader(const TomlReader& toml) : m_toml(toml), m_passkeys(toml) {}

  Result<Officer> read(std::size_t index) {
    const std::string at = fmt::format("officer[{}].", index);
    Officer officer;
    officer.person = KYSO_TRY(m_toml.require_string(at + "person"));
    if (!is_plain_name(officer.person)) return m_toml.invalid(at + "person", "A-Z a-z 0-9 _ - .");
    if (!m_persons.insert(officer.person).second) return m_toml.invalid(at + "person", "2 × " + officer.person);
    officer.name = to_nfc(KYSO_TRY(m_toml.require_string(at + "name")));
    if (!check_text("name", officer.name, {.max = kMaxNameSize, .min = 1}))
      return m_toml.invalid(at + "name", fmt::format("1 … {}", kMaxNameSize));
    officer.roles = KYSO_TRY(read_roles(at + "roles"));
    officer.certificates = KYSO_TRY(read_certificates(at + "certificates"));
    officer.passkeys = KYSO_TRY(m_passkeys.read(at));
    return officer;
  }
  // When all were read: no passkey has the key of a certificate.
  Result<> finish() const {
    for (const auto& [spki, place] : m_keys)
      if (m_passkeys.has_key(spki)) return m_toml.invalid(place, "COSE_Key = SubjectPublicKeyInfo");
    return {};
  }

 private:
  Result<std::vector<std::string>> read_roles(const std::string& key) {
    auto roles = KYSO_TRY(m_toml.get_strings(key)).value_or(std::vector<std::string>());
    std::set<std::string_view> seen;
    for (const std::string& role : roles) {
      if (!is_plain_name(role)) return m_toml.invalid(key, "A-Z a-z 0-9 _ - .");
      if (!seen.insert(role).second) return m_toml.invalid(key, "2 × " + role);
    }
    return roles;
  }

  // A certificate or a key that two persons had would let one of them count twice.
  Result<std::vector<crypto::Certificate>> read_certificates(const std::string& key) {
    std::vector<crypto::Certificate> out;
    const auto texts = KYSO_TRY(m_toml.get_strings(key)).value_or(std::vector<std::string>());
    for (const std::string& text : texts) {
      const auto read = crypto::Certificate::from_pem(text);
      if (!read || read->size() != 1) return m_toml.invalid(key, "PEM: 1 × CERTIFICATE");
      const crypto::Certificate& certificate = read->front();
      if (const auto problem = problem_of(certificate)) return m_toml.invalid(key, *problem);
      if (!m_keys.emplace(to_bytes(as_chars(certificate.public_key().spki())), key).second)
        return m_toml.invalid(key, "2 × SubjectPublicKeyInfo: " + certificate.subject_text());
      out.push_back(certificate);
    }
    return out;
  }

  const TomlReader& m_toml;
  std::set<std::string> m_persons;
  std::map<Bytes, std::string> m_keys;  // of certificates, and where they stand
  PasskeyReader m_passkeys;
};

// "90m", "12h", "7d".
std::optional<std::chrono::seconds> read_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failed != std::errc() || text.data() + text.size() != end + 1 || count <= 0 || count > 1'000'000)
    return std::nullopt;
  switch (*end) {
    case 'm':
      return std::chrono::minutes(count);
    case 'h':
      return std::chrono::hours(count);
    case 'd':
      return std::chrono::days(count);
    default:
      return std::nullopt;
  }
}

class RuleReader {
 public:
  RuleReader(const TomlReader& toml, const std::set<std::string, std::less<>>& profiles)
      : m_toml(toml), m_profiles(profiles) {}

  Result<ApprovalRule> read(std::size_t index) {
    const std::string at = fmt::format("rule[{}].", index);
    ApprovalRule rule;
    const std::string act = KYSO_TRY(m_toml.require_string(at + "act"));
    const auto known = act_by_name(act);
    if (!known) return m_toml.invalid(at + "act", act);
    rule.act = *known;
    rule.profiles = KYSO_TRY(read_profiles(at + "profiles", rule.act));
    rule.requester_roles = KYSO_TRY(read_roles(at + "requester_roles"));
    const std::string valid_for = KYSO_TRY(m_toml.require_string(at + "valid_for"));
    const auto duration = read_duration(valid_for);
    if (!duration || *duration < kShortest || *duration > kLongest)
      return m_toml.invalid(at + "valid_for", valid_for + " (90m, 12h, 7d; 1m … 366d)");
    rule.valid_for = *duration;
    for (std::size_t step = 0; step < m_toml.count(at + "step"); ++step)
      rule.steps.push_back(KYSO_TRY(read_step(fmt::format("{}step[{}].parts", at, step))));
    if (places_of(rule) > kMaxPlaces) return m_toml.invalid(at + "act", fmt::format("parts ≤ {}", kMaxPlaces));
    return rule;
  }

 private:
  Result<std::vector<std::string>> read_roles(const std::string& key) {
    auto roles = KYSO_TRY(m_toml.get_strings(key)).value_or(std::vector<std::string>());
    if (roles.empty()) return m_toml.invalid(key, "[]");
    for (const std::string& role : roles)
      if (!is_plain_name(role)) return m_toml.invalid(key, "A-Z a-z 0-9 _ - .");
    return roles;
  }

  // Each profile has one rule at most, and so has everything else.
  Result<std::vector<std::string>> read_profiles(const std::string& key, Act act) {
    auto profiles = KYSO_TRY(m_toml.get_strings(key)).value_or(std::vector<std::string>());
    if (!profiles.empty() && act != Act::issue) return m_toml.invalid(key, std::string(name_of(act)));
    for (const std::string& profile : profiles) {
      if (!m_profiles.contains(profile)) return m_toml.invalid(key, "profiles/" + profile + ".toml");
      if (!m_ruled.emplace(act, profile).second) return m_toml.invalid(key, "2 × " + profile);
    }
    if (profiles.empty() && !m_ruled.emplace(act, std::string()).second)
      return m_toml.invalid(key, "2 × " + std::string(name_of(act)));
    return profiles;
  }

  // A role that stands twice is needed twice.
  Result<ApprovalStep> read_step(const std::string& key) {
    ApprovalStep step;
    for (const std::string& role : KYSO_TRY(read_roles(key))) {
      const auto part = std::ranges::find(step.parts, role, &ApprovalStep::Part::role);
      if (part == step.parts.end()) {
        step.parts.push_back({role, 1});
      } else {
        ++part->count;
      }
    }
    return step;
  }

  const TomlReader& m_toml;
  const std::set<std::string, std::less<>>& m_profiles;
  std::set<std::pair<Act, std::string>> m_ruled;
};

}  // namespace

Result<OfficersFile> read_officers(std::string_view text) {
  const TomlReader toml = KYSO_TRY(TomlReader::parse(text, "officers.toml"));
  OfficerReader reader(toml);
  OfficersFile out;
  out.relying_party = KYSO_TRY(read_relying_party(toml));
  for (std::size_t i = 0; i < toml.count("officer"); ++i) {
    out.officers.push_back(KYSO_TRY(reader.read(i)));
    // A passkey is one of a site: without it nothing that it signs can be judged.
    if (!out.relying_party && !out.officers.back().passkeys.empty())
      return toml.invalid(fmt::format("officer[{}].passkey", i), "[webauthn]");
  }
  KYSO_TRY(reader.finish());
  KYSO_TRY(toml.refuse_unknown_keys());
  return out;
}

Result<std::vector<ApprovalRule>> read_rules(std::string_view text,
                                             const std::set<std::string, std::less<>>& profiles) {
  const TomlReader toml = KYSO_TRY(TomlReader::parse(text, "approval.toml"));
  RuleReader reader(toml, profiles);
  std::vector<ApprovalRule> rules;
  for (std::size_t i = 0; i < toml.count("rule"); ++i) rules.push_back(KYSO_TRY(reader.read(i)));
  KYSO_TRY(toml.refuse_unknown_keys());
  return rules;
}

}  // namespace kyso::vault

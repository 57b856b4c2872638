#include "verify/judge/policy_text.h"

#include <algorithm>
#include <array>

#include "base/config.h"

namespace kyso::verify {
namespace {

template <typename T, std::size_t N>
using Names = std::array<std::pair<std::string_view, T>, N>;

constexpr Names<Severity, 5> kSeverities{{{"note", Severity::note},
                                          {"info", Severity::info},
                                          {"warning", Severity::warning},
                                          {"indeterminate", Severity::indeterminate},
                                          {"failure", Severity::failure}}};
constexpr Names<Policy::TimeStamp, 3> kTimeStampDuties{{{"optional", Policy::TimeStamp::optional},
                                                        {"expected", Policy::TimeStamp::expected},
                                                        {"required", Policy::TimeStamp::required}}};
constexpr Names<Policy::Revocation, 3> kRevocationDuties{
    {{"by-anchor", Policy::Revocation::by_anchor},
     {"required", Policy::Revocation::required},
     {"warn-when-missing", Policy::Revocation::warn_when_missing}}};
constexpr std::array<std::string_view, 3> kUses{"signature", "chain", "time-stamp"};
constexpr std::array<std::string_view, 6> kKeyTypes{"rsa", "rsa-pkcs1", "rsa-pss", "dsa", "ec", "ed25519"};

class PolicyText {
 public:
  PolicyText(const TomlReader& toml, Policy& policy) : m_toml(toml), m_policy(policy) {}

  Result<> read() {
    KYSO_TRY(m_toml.get_string("extends"));
    KYSO_TRY(read_text("title.vi", m_policy.title_vi));
    KYSO_TRY(read_text("title.en", m_policy.title_en));
    KYSO_TRY(read_digests());
    KYSO_TRY(read_keys());
    KYSO_TRY(read_name("time_stamp.duty", kTimeStampDuties, m_policy.time_stamp));
    KYSO_TRY(read_duration("time_stamp.clock_tolerance_seconds", std::chrono::seconds(1), m_policy.clock_tolerance));
    KYSO_TRY(read_name("revocation.duty", kRevocationDuties, m_policy.revocation));
    KYSO_TRY(read_duration("revocation.grace_period_seconds", std::chrono::seconds(1), m_policy.grace_period));
    KYSO_TRY(read_duration("revocation.max_answer_age_hours", std::chrono::hours(1), m_policy.max_answer_age));
    if (const auto value = KYSO_TRY(m_toml.get_bool("signer.organisation_for_seal")))
      m_policy.require_organisation_for_seal = *value;
    KYSO_TRY(read_weights());
    return m_toml.refuse_unknown_keys();
  }

 private:
  Result<> read_text(std::string_view key, std::string& out) {
    if (auto value = KYSO_TRY(m_toml.get_string(key))) out = *std::move(value);
    return {};
  }

  template <typename T, std::size_t N>
  Result<T> by_name(std::string_view key, const std::string& value, const Names<T, N>& names) {
    for (const auto& [name, meaning] : names)
      if (name == value) return meaning;
    std::string known;
    for (const auto& [name, meaning] : names) known += fmt::format("{}{}", known.empty() ? "" : ", ", name);
    return m_toml.invalid(key, fmt::format("{} = \"{}\" ({})", key, value, known));
  }
  template <typename T, std::size_t N>
  Result<> read_name(std::string_view key, const Names<T, N>& names, T& out) {
    if (const auto value = KYSO_TRY(m_toml.get_string(key))) out = KYSO_TRY(by_name(key, *value, names));
    return {};
  }

  Result<> read_duration(std::string_view key, std::chrono::seconds unit, std::chrono::seconds& out) {
    constexpr std::int64_t kMost = 1'000'000;
    const auto value = KYSO_TRY(m_toml.get_int(key));
    if (!value) return {};
    if (*value < 0 || *value > kMost) return m_toml.invalid(key, fmt::format("{} = {} (0…{})", key, *value, kMost));
    out = *value * unit;
    return {};
  }

  Result<std::optional<Instant>> read_until(const std::string& key) {
    const auto text = KYSO_TRY(m_toml.get_string(key));
    if (!text) return std::optional<Instant>();
    const auto time = parse_time(*text);
    if (!time) return m_toml.invalid(key, fmt::format("{} = \"{}\" (2030-03-05)", key, *text));
    return std::optional<Instant>(*time);
  }

  // Calls `add` for each set of rules that the entry is for; all, when it doesn't say.
  template <typename Add>
  Result<> for_each_use(const std::string& key, const Add& add) {
    const auto uses = KYSO_TRY(m_toml.get_strings(key));
    if (uses)
      for (const std::string& use : *uses)
        if (std::ranges::find(kUses, use) == kUses.end())
          return m_toml.invalid(key, fmt::format("{} = \"{}\" (signature, chain, time-stamp)", key, use));
    const std::array<pki::AlgorithmRules*, 3> rules{&m_policy.algorithms, &m_policy.chain_algorithms,
                                                    &m_policy.time_stamp_algorithms};
    for (std::size_t i = 0; i < rules.size(); ++i)
      if (!uses || std::ranges::find(*uses, kUses[i]) != uses->end()) add(*rules[i]);
    return {};
  }

  // Entries replace all that were inherited: a list that could only grow would hide what is trusted.
  Result<> read_digests() {
    const std::size_t count = m_toml.count("digest");
    if (count > 0)
      for (auto* rules : {&m_policy.algorithms, &m_policy.chain_algorithms, &m_policy.time_stamp_algorithms})
        rules->digests.clear();
    for (std::size_t i = 0; i < count; ++i) {
      const std::string entry = fmt::format("digest[{}]", i);
      pki::AlgorithmRules::Digest digest;
      digest.name = KYSO_TRY(m_toml.require_string(entry + ".name"));
      if (digest.name != "*" && !crypto::digest_by_name(digest.name))
        return m_toml.invalid(entry + ".name", fmt::format("{}.name = \"{}\" (sha256)", entry, digest.name));
      digest.until = KYSO_TRY(read_until(entry + ".until"));
      KYSO_TRY(for_each_use(entry + ".use", [&](pki::AlgorithmRules& rules) { rules.digests.push_back(digest); }));
    }
    return {};
  }

  Result<> read_keys() {
    const std::size_t count = m_toml.count("key");
    if (count > 0)
      for (auto* rules : {&m_policy.algorithms, &m_policy.chain_algorithms, &m_policy.time_stamp_algorithms})
        rules->keys.clear();
    for (std::size_t i = 0; i < count; ++i) {
      const std::string entry = fmt::format("key[{}]", i);
      pki::AlgorithmRules::Key key;
      key.type = KYSO_TRY(m_toml.require_string(entry + ".type"));
      if (std::ranges::find(kKeyTypes, key.type) == kKeyTypes.end())
        return m_toml.invalid(
            entry + ".type",
            fmt::format("{}.type = \"{}\" (rsa, rsa-pkcs1, rsa-pss, dsa, ec, ed25519)", entry, key.type));
      const auto bits = KYSO_TRY(m_toml.get_int(entry + ".min_bits"));
      if (bits && (*bits < 0 || *bits > 1'000'000))
        return m_toml.invalid(entry + ".min_bits", fmt::format("{}.min_bits = {}", entry, *bits));
      key.min_bits = static_cast<int>(bits.value_or(0));
      key.until = KYSO_TRY(read_until(entry + ".until"));
      KYSO_TRY(for_each_use(entry + ".use", [&](pki::AlgorithmRules& rules) { rules.keys.push_back(key); }));
    }
    return {};
  }

  Result<> read_weights() {
    for (std::size_t i = 0; i < m_toml.count("weight"); ++i) {
      const std::string entry = fmt::format("weight[{}]", i);
      const std::string code = KYSO_TRY(m_toml.require_string(entry + ".code"));
      Policy::Weight weight;
      weight.severity =
          KYSO_TRY(by_name(entry + ".severity", KYSO_TRY(m_toml.require_string(entry + ".severity")), kSeverities));
      if (const auto name = KYSO_TRY(m_toml.get_string(entry + ".sub_indication"))) {
        const auto sub = sub_indication_by_name(*name);
        if (!sub)
          return m_toml.invalid(entry + ".sub_indication", fmt::format("{}.sub_indication = \"{}\"", entry, *name));
        weight.sub_indication = *sub;
      }
      m_policy.weights[code] = weight;
    }
    return {};
  }

  const TomlReader& m_toml;
  Policy& m_policy;
};

}  // namespace

Result<> apply_policy_text(std::string_view text, std::string_view name, Policy& policy) {
  const TomlReader toml = KYSO_TRY(TomlReader::parse(text, name));
  return PolicyText(toml, policy).read();
}

Result<std::string> base_of_policy(std::string_view text, std::string_view name) {
  const TomlReader toml = KYSO_TRY(TomlReader::parse(text, name));
  return KYSO_TRY(toml.get_string("extends")).value_or("");
}

}  // namespace kyso::verify

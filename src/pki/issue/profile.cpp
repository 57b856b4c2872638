#include "pki/issue/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "base/file.h"
#include "base/text.h"
#include "pki/issue/name_syntax.h"
#include "pki/issue/profile_words.h"
#include "pki/issue/subject.h"

namespace kyso::pki::issue {
namespace {

using crypto::KeyType;
using std::chrono::days;
using std::chrono::seconds;

constexpr seconds kMaxValidity = days(50 * 366);
constexpr seconds kMaxServerValidity = days(398);  // CA/B Baseline Requirements 6.3.2; browsers refuse more
constexpr std::size_t kMaxProfiles = 1000;

// "5y", "397d", "12h", "30m". A year is 365.25 days, cut to whole days: never more than as many calendar years.
std::optional<seconds> parse_duration(std::string_view text) {
  if (text.size() < 2 || text.size() > 7) return std::nullopt;
  std::int64_t count = 0;
  const char* end = text.data() + text.size() - 1;
  const auto parsed = std::from_chars(text.data(), end, count);
  if (parsed.ec != std::errc{} || parsed.ptr != end || count < 0) return std::nullopt;
  switch (text.back()) {
    case 'y':
      return days(count * 1461 / 4);
    case 'd':
      return days(count);
    case 'h':
      return std::chrono::hours(count);
    case 'm':
      return std::chrono::minutes(count);
    default:
      return std::nullopt;
  }
}

std::string in_quotes(std::string_view text) {
  return fmt::format("\"{}\"", to_valid_utf8(text));
}

class Loader {
 public:
  explicit Loader(const TomlReader& toml) : m_toml(toml) {}
  Result<CertificateProfile> run() {
    KYSO_TRY(head());
    KYSO_TRY(times());
    KYSO_TRY(keys());
    KYSO_TRY(usages());
    for (std::size_t i = 0; i < m_toml.count("subject"); ++i) KYSO_TRY(subject(fmt::format("subject[{}]", i)));
    if (m_toml.contains("subject") && m_toml.count("subject") == 0) return m_toml.invalid("subject", "[[subject]]");
    KYSO_TRY(names());
    KYSO_TRY(authority());
    KYSO_TRY(status());
    KYSO_TRY(qualified());
    KYSO_TRY(ignored());
    KYSO_TRY(m_toml.refuse_unknown_keys());
    KYSO_TRY(check_authority());
    KYSO_TRY(check_purposes());
    return std::move(m_out);
  }

 private:
  Result<> flag(std::string_view key, bool& value) {
    if (const auto found = KYSO_TRY(m_toml.get_bool(key))) value = *found;
    return {};
  }
  Result<> text(std::string_view key, std::string& value) {
    if (const auto found = KYSO_TRY(m_toml.get_string(key))) value = to_nfc(to_valid_utf8(*found));
    return {};
  }
  Result<> texts(std::string_view key, std::vector<std::string>& value) {
    if (const auto found = KYSO_TRY(m_toml.get_strings(key))) value = *found;
    const std::set<std::string_view> distinct(value.begin(), value.end());
    if (distinct.size() != value.size()) return m_toml.invalid(key, "=");
    return {};
  }
  Result<> number(std::string_view key, std::int64_t low, std::int64_t high, auto& value) {
    const auto found = KYSO_TRY(m_toml.get_int(key));
    if (!found) return {};
    if (*found < low || *found > high) return m_toml.invalid(key, fmt::format("{} ({}…{})", *found, low, high));
    value = static_cast<std::remove_reference_t<decltype(value)>>(*found);
    return {};
  }
  Result<> duration(std::string_view key, seconds low, seconds high, seconds& value) {
    const auto found = KYSO_TRY(m_toml.get_string(key));
    if (!found) return {};
    const auto parsed = parse_duration(*found);
    if (!parsed || *parsed < low || *parsed > high)
      return m_toml.invalid(key, fmt::format("{} (\"5y\", \"397d\", \"12h\", \"30m\")", in_quotes(*found)));
    value = *parsed;
    return {};
  }
  template <std::size_t N>
  Result<> words(std::string_view key, const std::array<OidWord, N>& known, std::vector<std::string>& value) {
    KYSO_TRY(texts(key, value));
    for (const std::string& word : value)
      if (oid_of(known, word).empty())
        return m_toml.invalid(key, fmt::format("{} ({})", in_quotes(word), all_words(known)));
    return {};
  }
  // A word of the table or any OID, as OIDs.
  Result<> oids(std::string_view key, std::vector<std::string>& value) {
    KYSO_TRY(texts(key, value));
    for (std::string& entry : value) {
      if (const std::string_view known = oid_of(kPurposeWords, entry); !known.empty())
        entry = known;
      else if (!is_oid(entry))
        return m_toml.invalid(key, fmt::format("{} ({}, 1.2.3)", in_quotes(entry), all_words(kPurposeWords)));
    }
    return {};
  }
  Result<> head() {
    m_out.name = KYSO_TRY(m_toml.require_string("name"));
    const bool is_good = !m_out.name.empty() && m_out.name.size() <= 64 && std::ranges::all_of(m_out.name, [](char c) {
      return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
    if (!is_good) return m_toml.invalid("name", fmt::format("{} (A-Z, 0-9, _)", in_quotes(m_out.name)));
    KYSO_TRY(m_toml.require_string("description"));
    KYSO_TRY(text("description", m_out.description));
    m_out.kind = KYSO_TRY(m_toml.require_string("kind"));
    if (std::ranges::find(kProfileKinds, m_out.kind) == kProfileKinds.end())
      return m_toml.invalid("kind", fmt::format("{} ({})", in_quotes(m_out.kind), fmt::join(kProfileKinds, ", ")));
    return {};
  }
  Result<> times() {
    KYSO_TRY(m_toml.require_string("validity"));
    KYSO_TRY(duration("validity", std::chrono::minutes(1), kMaxValidity, m_out.validity));
    KYSO_TRY(duration("backdate", seconds(0), days(366), m_out.backdate));
    return duration("postdate", seconds(0), days(366), m_out.postdate);
  }
  Result<> keys() {
    std::vector<std::string> kinds;
    KYSO_TRY(texts("keys", kinds));
    if (kinds.empty()) return m_toml.invalid("keys", "rsa, p256, p384, ed25519");
    for (const std::string& kind : kinds) {
      const auto type = key_type(kind);
      if (!type) return m_toml.invalid("keys", fmt::format("{} (rsa, p256, p384, ed25519)", in_quotes(kind)));
      m_out.keys.push_back(*type);
    }
    return number("min_rsa_bits", 2048, 8192, m_out.min_rsa_bits);
  }
  static std::optional<KeyType> key_type(std::string_view word) {
    if (word == "rsa") return KeyType::rsa;
    if (word == "p256") return KeyType::ec_p256;
    if (word == "p384") return KeyType::ec_p384;
    if (word == "ed25519") return KeyType::ed25519;
    return std::nullopt;
  }
  Result<> usages() {
    std::vector<std::string> usages;
    KYSO_TRY(texts("key_usage", usages));
    for (const std::string& word : usages) {
      const auto* const row = std::ranges::find(kUsageWords, word, &UsageWord::word);
      if (row == kUsageWords.end()) return m_toml.invalid("key_usage", in_quotes(word));
      m_out.key_usage = static_cast<std::uint16_t>(m_out.key_usage | row->bit);
    }
    // RFC 5280 section 4.2.1.3: at least one bit; Kyso's certificates always say what their key is for.
    if (m_out.key_usage == 0) return m_toml.invalid("key_usage", "[]");
    KYSO_TRY(flag("key_usage_critical", m_out.key_usage_critical));
    KYSO_TRY(oids("extended_key_usage", m_out.extended_key_usage));
    KYSO_TRY(flag("extended_key_usage_critical", m_out.extended_key_usage_critical));
    KYSO_TRY(texts("policies", m_out.policies));
    for (const std::string& policy : m_out.policies)
      if (!is_oid(policy)) return m_toml.invalid("policies", in_quotes(policy));
    return {};
  }
  Result<> subject(const std::string& table) {
    AttributeRule rule;
    const std::string type_key = table + ".type";
    rule.type = KYSO_TRY(m_toml.require_string(type_key));
    if (!is_attribute_type(rule.type)) return m_toml.invalid(type_key, in_quotes(rule.type));
    if (std::ranges::find(m_out.subject, rule.type, &AttributeRule::type) != m_out.subject.end())
      return m_toml.invalid(type_key, in_quotes(rule.type) + " =");
    KYSO_TRY(number(table + ".min", 0, 16, rule.min));
    rule.max = std::max<std::size_t>(rule.min, 1);
    KYSO_TRY(number(table + ".max", 1, 16, rule.max));
    if (rule.min > rule.max) return m_toml.invalid(table + ".max", fmt::format("{} < {}", rule.max, rule.min));
    const AttributeType* known = attribute_type(rule.type);
    KYSO_TRY(number(table + ".max_length", 1, known != nullptr ? static_cast<std::int64_t>(known->upper_bound) : 256,
                    rule.max_length));
    KYSO_TRY(text(table + ".pattern", rule.pattern));
    if (!rule.pattern.empty() && !(rule.compiled = Pattern::compile(rule.pattern)))
      return m_toml.invalid(table + ".pattern", in_quotes(rule.pattern));
    KYSO_TRY(text(table + ".fixed", rule.fixed));
    m_out.subject.push_back(std::move(rule));
    return {};
  }
  Result<> names() {
    std::vector<std::string> kinds;
    KYSO_TRY(texts("names.kinds", kinds));
    for (const std::string& word : kinds) {
      const auto kind = kind_by_word(word);
      if (!kind) return m_toml.invalid("names.kinds", in_quotes(word) + " (email, dns, ip, uri, directory)");
      m_out.alternative_names.push_back(*kind);
    }
    if (kinds.empty()) m_out.max_alternative_names = 0;
    KYSO_TRY(number("names.min", 0, 256, m_out.min_alternative_names));
    KYSO_TRY(number("names.max", 0, 256, m_out.max_alternative_names));
    if (m_out.min_alternative_names > m_out.max_alternative_names) return m_toml.invalid("names.max", "min > max");
    return {};
  }
  Result<> authority() {
    m_out.is_ca = m_out.kind == "sub-ca" || m_out.kind == "root";
    if (!m_out.is_ca) return {};
    if (m_toml.contains("authority.path_length")) {
      std::uint32_t length = 0;
      KYSO_TRY(number("authority.path_length", 0, 16, length));
      m_out.path_length = length;
    }
    KYSO_TRY(texts("authority.permitted_dns", m_out.permitted_dns));
    for (const std::string& domain : m_out.permitted_dns)
      if (!is_dns_label(domain) && (!is_dns_name(domain) || domain.starts_with('*')))
        return m_toml.invalid("authority.permitted_dns", in_quotes(domain));
    KYSO_TRY(texts("authority.permitted_email", m_out.permitted_email));
    for (const std::string& domain : m_out.permitted_email)
      if (!is_mailbox(domain) && !is_dns_name(domain.starts_with('.') ? domain.substr(1) : domain))
        return m_toml.invalid("authority.permitted_email", in_quotes(domain));
    return {};
  }
  Result<> status() {
    KYSO_TRY(flag("status.crl", m_out.crl_distribution));
    KYSO_TRY(flag("status.authority_information", m_out.authority_information));
    KYSO_TRY(flag("status.ocsp_no_check", m_out.ocsp_no_check));
    return flag("status.none_available", m_out.no_revocation_available);
  }
  Result<> qualified() {
    KYSO_TRY(words("qualified.types", kQcTypeWords, m_out.qc_types));
    KYSO_TRY(flag("qualified.compliance", m_out.qc_compliance));
    KYSO_TRY(flag("qualified.sscd", m_out.qc_sscd));
    KYSO_TRY(texts("qualified.legislation", m_out.qc_legislation));
    for (const std::string& country : m_out.qc_legislation)
      if (!is_country(country)) return m_toml.invalid("qualified.legislation", in_quotes(country));
    KYSO_TRY(text("qualified.semantics", m_out.qc_semantics));
    if (!m_out.qc_semantics.empty() && oid_of(kSemanticsWords, m_out.qc_semantics).empty())
      return m_toml.invalid("qualified.semantics", in_quotes(m_out.qc_semantics) + " (natural, legal)");
    for (std::size_t i = 0; i < m_toml.count("qualified.pds"); ++i)
      KYSO_TRY(disclosure(fmt::format("qualified.pds[{}]", i)));
    // EN 319 412-5 sections 4.2 and 4.3: one type; the other statements are about it.
    const bool has_others = m_out.qc_compliance || m_out.qc_sscd || !m_out.pds.empty() || !m_out.qc_legislation.empty();
    if (m_out.qc_types.size() > 1 || (m_out.qc_types.empty() && has_others))
      return m_toml.invalid("qualified.types", fmt::format("[{}]", fmt::join(m_out.qc_types, ", ")));
    return {};
  }
  Result<> disclosure(const std::string& table) {
    std::string language = KYSO_TRY(m_toml.require_string(table + ".language"));
    const bool is_code =
        language.size() == 2 && std::ranges::all_of(language, [](char c) { return c >= 'a' && c <= 'z'; });
    if (!is_code) return m_toml.invalid(table + ".language", in_quotes(language));
    std::string url = KYSO_TRY(m_toml.require_string(table + ".url"));
    if (!is_http_uri(url) || !url.starts_with("https://")) return m_toml.invalid(table + ".url", in_quotes(url));
    m_out.pds.emplace_back(std::move(language), std::move(url));
    return {};
  }
  Result<> ignored() {
    for (std::size_t i = 0; i < m_toml.count("ignore"); ++i) {
      m_out.ignored_lints.push_back(KYSO_TRY(m_toml.require_string(fmt::format("ignore[{}].lint", i))));
      const std::string reason_key = fmt::format("ignore[{}].reason", i);
      if (trim(KYSO_TRY(m_toml.require_string(reason_key))).empty()) return m_toml.invalid(reason_key, "\"\"");
    }
    return {};
  }
  // RFC 5280 sections 4.2.1.3 and 4.2.1.9.
  Result<> check_authority() {
    const bool signs_certificates = (m_out.key_usage & kCertSign) != 0;
    if (m_out.is_ca != signs_certificates) return m_toml.invalid("key_usage", m_out.kind + ": keyCertSign");
    if (!m_out.is_ca && (m_out.key_usage & kCrlSign) != 0) return m_toml.invalid("key_usage", m_out.kind + ": cRLSign");
    if (m_out.is_ca && !m_out.key_usage_critical) return m_toml.invalid("key_usage_critical", "false");
    if (!m_out.no_revocation_available) return {};
    // RFC 9608 section 3.
    if (m_out.is_ca || m_out.crl_distribution) return m_toml.invalid("status.none_available", "status.crl");
    return {};
  }
  bool has_purpose(std::string_view oid) const {
    return std::ranges::find(m_out.extended_key_usage, oid) != m_out.extended_key_usage.end();
  }
  Result<> check_purposes() {
    // RFC 3161 section 2.3: this purpose alone, and critical.
    if (has_purpose(kTimeStamping) && (m_out.extended_key_usage.size() != 1 || !m_out.extended_key_usage_critical))
      return m_toml.invalid("extended_key_usage", "timeStamping: RFC 3161 2.3");
    if (has_purpose(kAnyUsage)) return m_toml.invalid("extended_key_usage", std::string(kAnyUsage));
    if (!m_out.is_ca && has_purpose(kOcspSigning) && m_out.extended_key_usage.size() != 1)
      return m_toml.invalid("extended_key_usage", "OCSPSigning: RFC 6960 4.2.2.2");
    if (m_out.is_ca || !has_purpose(kServerAuth)) return {};
    // CA/B Baseline Requirements 7.1.2.7: browsers look at these names alone.
    const bool takes_dns = std::ranges::find(m_out.alternative_names, NameKind::dns) != m_out.alternative_names.end();
    if (!takes_dns || m_out.min_alternative_names == 0) return m_toml.invalid("names.min", "serverAuth: dns");
    if (m_out.validity > kMaxServerValidity) return m_toml.invalid("validity", "serverAuth: 398d");
    return {};
  }
  static bool is_country(std::string_view text) {
    return text.size() == 2 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
  }
  static bool is_oid(std::string_view text) {
    return is_attribute_type(text) && text.find('.') != std::string_view::npos;
  }

  const TomlReader& m_toml;
  CertificateProfile m_out;
};

}  // namespace

Result<CertificateProfile> parse_profile(std::string_view toml, std::string_view name) {
  const TomlReader reader = KYSO_TRY(TomlReader::parse(toml, name));
  return Loader(reader).run();
}

Result<std::map<std::string, CertificateProfile>> load_profiles(const std::filesystem::path& folder) {
  std::map<std::string, CertificateProfile> out;
  std::error_code problem;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator entry(folder, problem), end; !problem && entry != end;
       entry.increment(problem))
    if (entry->path().extension() == ".toml") files.push_back(entry->path());
  if (problem) return fail("base.file.unreadable", "{}", problem.message()).with("path", folder.string());
  std::ranges::sort(files);
  if (files.size() > kMaxProfiles)
    return fail("base.file.too_large", "{} profiles", files.size())
        .with("path", folder.string())
        .with("limit", kMaxProfiles);
  for (const std::filesystem::path& file : files) {
    const TomlReader reader = KYSO_TRY(TomlReader::load(file));
    CertificateProfile profile = KYSO_TRY(Loader(reader).run());
    if (profile.name != file.stem()) return reader.invalid("name", in_quotes(profile.name));
    out.emplace(profile.name, std::move(profile));
  }
  return out;
}

Result<std::map<std::string, CertificateProfile>> load_shipped_profiles() {
  return load_profiles(share_folder() / "profiles");
}

}  // namespace kyso::pki::issue

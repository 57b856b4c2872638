#include "vault/ceremony/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/config.h"
#include "base/file.h"
#include "base/text.h"
#include "json/json.h"

namespace kyso::vault::ceremony {
namespace {

namespace fs = std::filesystem;
using crypto::DigestAlgorithm;
using crypto::KeyType;

constexpr std::size_t kMaxEntries = 64;
constexpr std::size_t kMinOperators = 2;

struct PurposeRow {
  std::string_view word;
  std::optional<KeyPurpose> purpose;
  std::string_view profile_kind;
};
constexpr std::array<PurposeRow, 6> kPurposes{{{"root", std::nullopt, "root"},
                                               {"issue", KeyPurpose::issue, "sub-ca"},
                                               {"ocsp", KeyPurpose::ocsp, "ocsp"},
                                               {"time_stamp", KeyPurpose::time_stamp, "tsa"},
                                               {"checkpoint", KeyPurpose::checkpoint, "log"},
                                               {"escrow", KeyPurpose::escrow, "service"}}};
const PurposeRow& row_of(std::optional<KeyPurpose> purpose) {
  return *std::ranges::find(kPurposes, purpose, &PurposeRow::purpose);
}

std::string in_quotes(std::string_view text) {
  return fmt::format("\"{}\"", to_valid_utf8(text));
}
std::string sha256_hex(ByteView bytes) {
  return to_hex(crypto::digest(DigestAlgorithm::sha256, bytes));
}

// Names become labels in tokens, file names and parts of configuration files.
bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && text.front() != '-' && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

class Loader {
 public:
  Loader(const TomlReader& toml, fs::path folder) : m_toml(toml), m_folder(std::move(folder)) {}
  Result<Plan> run(ByteView text) {
    m_out.parts.push_back({"plan", sha256_hex(text)});
    KYSO_TRY(head());
    KYSO_TRY(each("operator", kMinOperators, [this](const std::string& table) { return read_operator(table); }));
    if (m_out.required > m_out.operators.size())
      return m_toml.invalid("required", fmt::format("{} > {}", m_out.required, m_out.operators.size()));
    KYSO_TRY(each("token", 1, [this](const std::string& table) { return read_token(table); }));
    KYSO_TRY(each("root", 0, [this](const std::string& table) { return read_root(table); }));
    // Without a root of an earlier ceremony there is nothing that could be done but making keys.
    const std::size_t least = m_out.roots.empty() ? 1 : 0;
    KYSO_TRY(each("key", least, [this](const std::string& table) { return read_key(table); }));
    KYSO_TRY(each("certificate", least, [this](const std::string& table) { return read_certificate(table); }));
    KYSO_TRY(each("crl", 0, [this](const std::string& table) { return read_list(table); }));
    KYSO_TRY(policy());
    KYSO_TRY(m_toml.refuse_unknown_keys());
    KYSO_TRY(check());
    m_out.sha256 = digest();
    return std::move(m_out);
  }

 private:
  template <typename F>
  Result<> each(const std::string& array, std::size_t least, const F& read) {
    const std::size_t count = m_toml.count(array);
    if (count < least || count > kMaxEntries)
      return m_toml.invalid(array, fmt::format("[[{}]]: {} ({}…{})", array, count, least, kMaxEntries));
    for (std::size_t i = 0; i < count; ++i) KYSO_TRY(read(fmt::format("{}[{}]", array, i)));
    return {};
  }
  Result<std::string> name(const std::string& key) {
    std::string value = KYSO_TRY(m_toml.require_string(key));
    if (!is_name(value)) return m_toml.invalid(key, in_quotes(value) + " (a-z, A-Z, 0-9, _, -)");
    return value;
  }
  Result<std::string> text(const std::string& key) {
    std::string value = to_nfc(to_valid_utf8(KYSO_TRY(m_toml.require_string(key))));
    if (trim(value).empty()) return m_toml.invalid(key, "\"\"");
    return value;
  }
  Result<std::optional<Instant>> time(const std::string& key) {
    const auto value = KYSO_TRY(m_toml.get_string(key));
    if (!value) return std::optional<Instant>();
    const auto parsed = parse_time(*value);
    if (!parsed) return m_toml.invalid(key, in_quotes(*value) + " (2026-12-31, 2026-12-31T08:00:00+07:00)");
    return std::optional<Instant>(*parsed);
  }
  Result<std::int64_t> number(const std::string& key, std::int64_t low, std::int64_t high, std::int64_t otherwise) {
    const std::int64_t value = KYSO_TRY(m_toml.get_int(key)).value_or(otherwise);
    if (value < low || value > high) return m_toml.invalid(key, fmt::format("{} ({}…{})", value, low, high));
    return value;
  }
  Result<std::vector<std::string>> texts(const std::string& key) {
    return KYSO_TRY(m_toml.get_strings(key)).value_or(std::vector<std::string>());
  }
  Result<Bytes> file(const std::string& key, const fs::path& path) {
    auto content = read_file(path, 1U << 20U);
    if (!content) return m_toml.invalid(key, in_quotes(path.string()));
    return content;
  }

  Result<std::vector<crypto::Certificate>> pem_file(const std::string& key) {
    const Bytes content = KYSO_TRY(file(key, m_folder / KYSO_TRY(m_toml.require_string(key))));
    auto certificates = crypto::Certificate::from_pem(as_chars(content));
    if (!certificates || certificates->empty()) return m_toml.invalid(key, "PEM, CERTIFICATE");
    return certificates;
  }
  void add_part(std::string name, ByteView content) { m_out.parts.push_back({std::move(name), sha256_hex(content)}); }

  Result<> head() {
    m_out.name = KYSO_TRY(name("name"));
    m_out.description = KYSO_TRY(text("description"));
    KYSO_TRY(m_toml.require_string("valid_from"));
    KYSO_TRY(m_toml.require_string("valid_until"));
    m_out.valid_from = *KYSO_TRY(time("valid_from"));
    m_out.valid_until = *KYSO_TRY(time("valid_until"));
    if (m_out.valid_until <= m_out.valid_from) return m_toml.invalid("valid_until", "valid_until <= valid_from");
    m_out.required = static_cast<std::size_t>(
        KYSO_TRY(number("required", kMinOperators, kMaxEntries, static_cast<std::int64_t>(kMinOperators))));
    m_out.instance = static_cast<std::uint8_t>(KYSO_TRY(number("instance", 1, 127, 127)));
    return profiles();
  }
  // Beside the plan, or those that are shipped.
  Result<> profiles() {
    const auto folder = KYSO_TRY(m_toml.get_string("profiles"));
    m_profiles_folder = folder ? m_folder / *folder : share_folder() / "profiles";
    m_profiles = KYSO_TRY(pki::issue::load_profiles(m_profiles_folder));
    return {};
  }
  Result<> read_operator(const std::string& table) {
    const std::string person = KYSO_TRY(name(table + ".person"));
    const std::string title = KYSO_TRY(text(table + ".name"));
    const std::string key = table + ".certificate";
    const auto certificates = KYSO_TRY(pem_file(key));
    if (certificates.size() != 1) return m_toml.invalid(key, "PEM, 1 CERTIFICATE");
    const crypto::Certificate& certificate = certificates.front();
    for (const Operator& other : m_out.operators) {
      if (other.person == person) return m_toml.invalid(table + ".person", in_quotes(person) + " =");
      // Nobody counts twice: neither by his certificate nor by its key in another one.
      if (std::ranges::equal(other.certificate.public_key().spki(), certificate.public_key().spki()))
        return m_toml.invalid(key, "=");
    }
    add_part("operator/" + person, certificate.der());
    m_out.operators.push_back({person, title, certificate});
    return {};
  }
  Result<> read_token(const std::string& table) {
    PlannedToken out;
    out.name = KYSO_TRY(name(table + ".name"));
    out.uri = KYSO_TRY(text(table + ".uri"));
    if (!out.uri.starts_with("pkcs11:")) return m_toml.invalid(table + ".uri", in_quotes(out.uri));
    if (std::ranges::find(m_out.tokens, out.name, &PlannedToken::name) != m_out.tokens.end())
      return m_toml.invalid(table + ".name", in_quotes(out.name) + " =");
    if (std::ranges::find(m_out.tokens, out.uri, &PlannedToken::uri) != m_out.tokens.end())
      return m_toml.invalid(table + ".uri", "=");
    m_out.tokens.push_back(std::move(out));
    return {};
  }
  // Name and token of a key, which is to be made or there already.
  Result<PlannedKey> read_place(const std::string& table) {
    PlannedKey out;
    out.name = KYSO_TRY(name(table + ".name"));
    if (m_out.earlier_root(out.name) != nullptr ||
        std::ranges::find(m_out.keys, out.name, &PlannedKey::name) != m_out.keys.end())
      return m_toml.invalid(table + ".name", in_quotes(out.name) + " =");
    out.token = KYSO_TRY(name(table + ".token"));
    if (std::ranges::find(m_out.tokens, out.token, &PlannedToken::name) == m_out.tokens.end())
      return m_toml.invalid(table + ".token", in_quotes(out.token));
    return out;
  }
  // The file that its ceremony wrote, or any other with the root's certificate first.
  Result<> read_root(const std::string& table) {
    PlannedKey key = KYSO_TRY(read_place(table));
    const std::string file = table + ".certificate";
    const crypto::Certificate certificate = KYSO_TRY(pem_file(file)).front();
    if (!certificate.is_ca() || !certificate.is_self_issued() || !certificate.is_issued_by(certificate))
      return m_toml.invalid(file, in_quotes(certificate.subject_text()));
    if (certificate.not_after() <= m_out.valid_from)
      return m_toml.invalid(file, "notAfter: " + display_vietnam(certificate.not_after()));
    EarlierRoot out{std::move(key), certificate, {}, {}};
    // As it signed itself, unless that is done no more.
    const KeyType type = certificate.public_key().type();
    const auto own = certificate.signature_scheme(type);
    out.scheme = KYSO_TRY(
        read_scheme(table + ".scheme", own && crypto::is_for_signing(*own) ? *own : crypto::default_scheme(type)));
    KYSO_TRY(read_publication(table + ".publish.", out.publication));
    add_part("root/" + out.key.name, certificate.der());
    m_out.roots.push_back(std::move(out));
    return {};
  }
  Result<> read_key(const std::string& table) {
    PlannedKey out = KYSO_TRY(read_place(table));
    const std::string kind = KYSO_TRY(m_toml.require_string(table + ".kind"));
    const auto known = token::new_key_by_name(kind);
    if (!known)
      return m_toml.invalid(table + ".kind", in_quotes(kind) + " (rsa:2048, rsa:3072, rsa:4096, ec:p256, ec:p384)");
    out.kind = *known;
    const std::string purpose = KYSO_TRY(m_toml.require_string(table + ".purpose"));
    const auto* const row = std::ranges::find(kPurposes, purpose, &PurposeRow::word);
    if (row == kPurposes.end())
      return m_toml.invalid(table + ".purpose",
                            in_quotes(purpose) + " (root, issue, ocsp, time_stamp, checkpoint, escrow)");
    out.purpose = row->purpose;
    const bool is_strong = out.kind == token::NewKey::rsa_3072 || out.kind == token::NewKey::rsa_4096;
    if (out.purpose == KeyPurpose::escrow && !is_strong)
      return m_toml.invalid(table + ".kind", in_quotes(kind) + " (escrow: rsa:3072, rsa:4096)");
    m_out.keys.push_back(std::move(out));
    return {};
  }
  Result<const pki::issue::CertificateProfile*> profile(const std::string& key) {
    const std::string wanted = KYSO_TRY(m_toml.require_string(key));
    const auto found = m_profiles.find(wanted);
    if (found == m_profiles.end()) return m_toml.invalid(key, in_quotes(wanted));
    const std::string part = "profiles/" + wanted + ".toml";
    if (std::ranges::find(m_out.parts, part, &PlanPart::name) == m_out.parts.end())
      add_part(part, KYSO_TRY(file(key, m_profiles_folder / (wanted + ".toml"))));
    return &found->second;
  }
  Result<> read_certificate(const std::string& table) {
    PlannedCertificate out;
    out.key = KYSO_TRY(name(table + ".key"));
    const auto key = std::ranges::find(m_out.keys, out.key, &PlannedKey::name);
    if (key == m_out.keys.end()) return m_toml.invalid(table + ".key", in_quotes(out.key));
    if (std::ranges::find(m_out.certificates, out.key, &PlannedCertificate::key) != m_out.certificates.end())
      return m_toml.invalid(table + ".key", in_quotes(out.key) + " =");
    out.profile = *KYSO_TRY(profile(table + ".profile"));
    if (out.profile.kind != row_of(key->purpose).profile_kind)
      return m_toml.invalid(table + ".profile", fmt::format("{}: {}", row_of(key->purpose).word, out.profile.kind));
    KYSO_TRY(read_issuer(table, *key, out));
    KYSO_TRY(read_subject(table, out));
    out.not_before = KYSO_TRY(time(table + ".not_before"));
    out.not_after = KYSO_TRY(time(table + ".not_after"));
    out.scheme = KYSO_TRY(read_scheme(table + ".scheme", crypto::default_scheme(type_of(key->kind))));
    KYSO_TRY(read_publication(table + ".publish.", out.publication));
    m_out.certificates.push_back(std::move(out));
    return {};
  }
  Result<> read_issuer(const std::string& table, const PlannedKey& key, PlannedCertificate& out) {
    out.issuer = KYSO_TRY(name(table + ".issuer"));
    const bool is_root = !key.purpose;
    if (is_root != (out.issuer == out.key)) return m_toml.invalid(table + ".issuer", in_quotes(out.issuer));
    if (is_root || m_out.earlier_root(out.issuer) != nullptr) return {};
    const auto issuer = std::ranges::find(m_out.certificates, out.issuer, &PlannedCertificate::key);
    if (issuer == m_out.certificates.end() || !issuer->profile.is_ca)
      return m_toml.invalid(table + ".issuer", in_quotes(out.issuer));
    return {};
  }
  Result<> read_list(const std::string& table) {
    PlannedList out;
    out.issuer = KYSO_TRY(name(table + ".issuer"));
    const EarlierRoot* root = m_out.earlier_root(out.issuer);
    const auto key = std::ranges::find(m_out.keys, out.issuer, &PlannedKey::name);
    const bool is_root = root != nullptr || (key != m_out.keys.end() && !key->purpose);
    const bool is_taken = std::ranges::find(m_out.lists, out.issuer, &PlannedList::issuer) != m_out.lists.end();
    if (!is_root || is_taken) return m_toml.invalid(table + ".issuer", in_quotes(out.issuer));
    out.valid_for = std::chrono::days(KYSO_TRY(number(table + ".valid_days", 1, 3660, 366)));
    if (root != nullptr) KYSO_TRY(read_later_list(table, *root, out));
    m_out.lists.push_back(std::move(out));
    return {};
  }
  // A list that follows one is told which: with another one before it, what was revoked since would be forgotten.
  Result<> read_later_list(const std::string& table, const EarlierRoot& root, PlannedList& out) {
    const std::string previous = table + ".previous";
    const bool is_first = KYSO_TRY(m_toml.get_bool(table + ".first")).value_or(false);
    if (is_first == m_toml.contains(previous)) return m_toml.invalid(table, "previous = \"….crl\" / first = true");
    std::int64_t last = 0;
    if (!is_first) last = KYSO_TRY(read_previous(previous, root, out));
    out.number = KYSO_TRY(number(table + ".number", last + 1, std::numeric_limits<std::int64_t>::max(), last + 1));
    const std::size_t count = m_toml.count(table + ".revoked");
    if (count > kMaxEntries) return m_toml.invalid(table + ".revoked", fmt::format("{} (0…{})", count, kMaxEntries));
    for (std::size_t i = 0; i < count; ++i)
      KYSO_TRY(read_revocation(fmt::format("{}.revoked[{}]", table, i), root, out));
    return {};
  }
  // Its number.
  Result<std::int64_t> read_previous(const std::string& key, const EarlierRoot& root, PlannedList& out) {
    const Bytes content = KYSO_TRY(file(key, m_folder / KYSO_TRY(m_toml.require_string(key))));
    const auto list = pki::RevocationList::from_der(content);
    if (!list) return m_toml.invalid(key, "CRL");
    out.previous = *list;
    if (!out.previous->is_signed_by(root.certificate))
      return m_toml.invalid(key, in_quotes(root.certificate.subject_text()));
    const auto number = out.previous->number();
    if (!number || *number == std::numeric_limits<std::int64_t>::max() || !out.previous->is_complete())
      return m_toml.invalid(key, "cRLNumber, deltaCRLIndicator, issuingDistributionPoint");
    out.kept = pki::status::entries_of(*out.previous);
    add_part("crl/" + root.key.name, out.previous->der());
    return *number;
  }
  Result<> read_revocation(const std::string& table, const EarlierRoot& root, PlannedList& out) {
    const std::string file = table + ".certificate";
    PlannedRevocation one{.certificate = KYSO_TRY(pem_file(file)).front()};
    const auto is_same = [&](const crypto::Certificate& each) { return each.sha256() == one.certificate.sha256(); };
    if (!one.certificate.is_issued_by(root.certificate) || is_same(root.certificate))
      return m_toml.invalid(file, in_quotes(one.certificate.issuer_text()));
    if ((out.previous && out.previous->contains(one.certificate)) ||
        std::ranges::any_of(out.revoked, is_same, &PlannedRevocation::certificate))
      return m_toml.invalid(file, one.certificate.serial_hex() + " =");
    const std::string reason = KYSO_TRY(m_toml.require_string(table + ".reason"));
    const auto known = pki::reason_by_name(reason);
    // What a root revokes stays revoked.
    if (!known || *known == pki::kCertificateHold || *known == pki::kRemoveFromCrl)
      return m_toml.invalid(table + ".reason", in_quotes(reason) +
                                                   " (unspecified, keyCompromise, cACompromise, affiliationChanged, "
                                                   "superseded, cessationOfOperation, privilegeWithdrawn)");
    one.reason = *known;
    one.date = KYSO_TRY(time(table + ".date"));
    // In the past, whenever the plan is carried out.
    if (one.date && *one.date > m_out.valid_from) return m_toml.invalid(table + ".date", "> valid_from");
    one.invalid_since = KYSO_TRY(time(table + ".invalid_since"));
    if (one.invalid_since && *one.invalid_since > one.date.value_or(m_out.valid_from))
      return m_toml.invalid(table + ".invalid_since", "> date");
    add_part("revoked/" + one.certificate.serial_hex(), one.certificate.der());
    out.revoked.push_back(std::move(one));
    return {};
  }
  // An attribute is one text, or a list of them.
  Result<> read_subject(const std::string& table, PlannedCertificate& out) {
    for (const std::string& type : m_toml.children(table + ".subject")) {
      const std::string key = table + ".subject." + type;
      if (const auto one = m_toml.get_string(key)) {
        if (*one) out.subject.push_back({type, **one});
        continue;
      }
      for (const std::string& value : KYSO_TRY(texts(key))) out.subject.push_back({type, value});
    }
    for (const std::string& value : KYSO_TRY(texts(table + ".names.dns")))
      out.alternative_names.push_back({pki::GeneralName::Kind::dns, to_bytes(value)});
    for (const std::string& value : KYSO_TRY(texts(table + ".names.email")))
      out.alternative_names.push_back({pki::GeneralName::Kind::rfc822, to_bytes(value)});
    return {};
  }
  Result<crypto::SignatureScheme> read_scheme(const std::string& key, crypto::SignatureScheme otherwise) {
    const auto word = KYSO_TRY(m_toml.get_string(key));
    if (!word) return otherwise;
    const auto scheme = crypto::scheme_by_name(*word);
    if (!scheme || scheme->key != otherwise.key || !crypto::is_for_signing(*scheme))
      return m_toml.invalid(key, in_quotes(*word));
    return *scheme;
  }
  Result<> read_publication(const std::string& prefix, Publication& out) {
    out.ocsp_urls = KYSO_TRY(texts(prefix + "ocsp_urls"));
    out.ca_issuer_urls = KYSO_TRY(texts(prefix + "ca_issuer_urls"));
    out.crl_urls = KYSO_TRY(texts(prefix + "crl_urls"));
    out.crl_shards = static_cast<std::size_t>(KYSO_TRY(number(prefix + "crl_shards", 1, 65536, 1)));
    for (const auto* urls : {&out.ocsp_urls, &out.ca_issuer_urls, &out.crl_urls})
      for (const std::string& url : *urls)
        if (!url.starts_with("http://") && !url.starts_with("https://"))
          return m_toml.invalid(prefix + "crl_urls", in_quotes(url));
    return {};
  }
  Result<> policy() {
    const auto wanted = KYSO_TRY(m_toml.get_string("policy"));
    if (!wanted) return {};
    const fs::path folder = m_folder / *wanted;
    std::error_code problem;
    std::vector<fs::path> files;
    for (fs::recursive_directory_iterator entry(folder, problem), end; !problem && entry != end;
         entry.increment(problem))
      if (entry->is_regular_file(problem)) files.push_back(entry->path());
    if (problem || files.size() > 1000) return m_toml.invalid("policy", in_quotes(folder.string()));
    std::ranges::sort(files);
    for (const fs::path& path : files) {
      const Bytes content = KYSO_TRY(file("policy", path));
      const std::string name = path.lexically_relative(folder).generic_string();
      m_out.policy.push_back({name, std::string(as_chars(content))});
      add_part("policy/" + name, content);
    }
    KYSO_TRY(Policy::parse(1, m_out.policy));
    return {};
  }
  Result<> check() {
    for (const PlannedKey& key : m_out.keys)
      if (std::ranges::find(m_out.certificates, key.name, &PlannedCertificate::key) == m_out.certificates.end())
        return m_toml.invalid("certificate", fmt::format("[[certificate]] key = {}", in_quotes(key.name)));
    if (m_out.certificates.empty() && m_out.lists.empty()) return m_toml.invalid("crl", "[[certificate]], [[crl]]");
    // A root's token is taken away after the ceremony: nothing that is needed later may lie in it.
    std::vector<PlannedKey> all = m_out.keys;
    for (const EarlierRoot& root : m_out.roots) all.push_back(root.key);
    for (const PlannedKey& root : all)
      for (const PlannedKey& other : all)
        if (!root.purpose && other.purpose && root.token == other.token)
          return m_toml.invalid("key", fmt::format("{}: {} = {}", in_quotes(root.token), root.name, other.name));
    return {};
  }
  Bytes digest() const {
    json::Value object = json::Value::object();
    object.set("format", "kyso-ceremony/1");
    json::Value parts = json::Value::array();
    for (const PlanPart& part : m_out.parts) {
      json::Value entry = json::Value::object();
      parts.push_back(entry.set("name", part.name).set("sha256", part.sha256));
    }
    return crypto::digest(DigestAlgorithm::sha256, as_bytes(json::serialize(object.set("parts", parts))));
  }

  const TomlReader& m_toml;
  fs::path m_folder, m_profiles_folder;
  std::map<std::string, pki::issue::CertificateProfile> m_profiles;
  Plan m_out;
};

}  // namespace

std::string word_of(std::optional<KeyPurpose> purpose) {
  return std::string(row_of(purpose).word);
}

KeyType type_of(token::NewKey kind) {
  switch (kind) {
    case token::NewKey::ec_p256:
      return KeyType::ec_p256;
    case token::NewKey::ec_p384:
      return KeyType::ec_p384;
    case token::NewKey::rsa_2048:
    case token::NewKey::rsa_3072:
    case token::NewKey::rsa_4096:
      break;
  }
  return KeyType::rsa;
}

// What load_plan() has checked exists.
const PlannedToken& Plan::token_of(const PlannedKey& key) const {
  return *std::ranges::find(tokens, key.token, &PlannedToken::name);
}
const EarlierRoot* Plan::earlier_root(std::string_view wanted) const {
  const auto found = std::ranges::find(roots, wanted, [](const EarlierRoot& root) { return root.key.name; });
  return found == roots.end() ? nullptr : &*found;
}
const PlannedKey& Plan::key_named(std::string_view wanted) const {
  const EarlierRoot* root = earlier_root(wanted);
  return root != nullptr ? root->key : *std::ranges::find(keys, wanted, &PlannedKey::name);
}
const PlannedCertificate& Plan::certificate_of(std::string_view key) const {
  return *std::ranges::find(certificates, key, &PlannedCertificate::key);
}
crypto::SignatureScheme Plan::scheme_of(std::string_view authority) const {
  const EarlierRoot* root = earlier_root(authority);
  return root != nullptr ? root->scheme : certificate_of(authority).scheme;
}
const Publication& Plan::publication_of(std::string_view authority) const {
  const EarlierRoot* root = earlier_root(authority);
  return root != nullptr ? root->publication : certificate_of(authority).publication;
}
std::vector<std::string> Plan::issuers_of(std::string_view key) const {
  std::vector<std::string> out;
  std::string at(key);
  while (earlier_root(at) == nullptr && certificate_of(at).issuer != at) {
    at = certificate_of(at).issuer;
    out.push_back(at);
  }
  return out;
}

Result<Plan> load_plan(const std::filesystem::path& file) {
  const Bytes text = KYSO_TRY(read_file(file, 1U << 20U));
  const TomlReader toml = KYSO_TRY(TomlReader::parse(as_chars(text), file.string()));
  return Loader(toml, file.parent_path()).run(text);
}

}  // namespace kyso::vault::ceremony

#include "vault/officer_passkeys.h"

#include <algorithm>

#include "base/text.h"
#include "jose/base64url.h"
#include "vault/statement_json.h"

namespace kyso::vault {
namespace {

constexpr std::size_t kMaxCredential = 1023;  // Web Authentication Level 2, section 4, "Credential ID"
constexpr std::size_t kMinCredential = 16;
constexpr std::size_t kMaxPasskeys = 16;  // of one officer
constexpr std::size_t kMaxLabel = 200;
constexpr std::size_t kMaxOrigins = 16;
constexpr std::size_t kMaxHost = 253;

// What tells one key from another: x of a point, n of RSA. Only the canonical form of a COSE_Key with nothing but the
// key (Web Authentication Level 2, section 6.5.1.1) is taken, so that a key cannot stand twice in two spellings.
std::optional<ByteView> material_of(ByteView cose) {
  static constexpr std::uint8_t kEs256[] = {0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20};
  static constexpr std::uint8_t kEdDsa[] = {0xA4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20};
  static constexpr std::uint8_t kRs256[] = {0xA4, 0x01, 0x03, 0x03, 0x39, 0x01, 0x00, 0x20, 0x59};
  static constexpr std::uint8_t kExponent[] = {0x21, 0x43, 0x01, 0x00, 0x01};  // 65537
  static constexpr std::uint8_t kY[] = {0x22, 0x58, 0x20};
  constexpr std::size_t kCoordinate = 32, kLength = 2;
  const auto starts = [](ByteView bytes, ByteView with) {
    return bytes.size() >= with.size() && std::ranges::equal(bytes.first(with.size()), with);
  };
  if (starts(cose, kEdDsa) && cose.size() == std::size(kEdDsa) + kCoordinate) return cose.subspan(std::size(kEdDsa));
  if (starts(cose, kEs256) && cose.size() == std::size(kEs256) + 2 * kCoordinate + std::size(kY) &&
      starts(cose.subspan(std::size(kEs256) + kCoordinate), kY))
    return cose.subspan(std::size(kEs256), kCoordinate);
  if (starts(cose, kRs256) && cose.size() > std::size(kRs256) + kLength) {
    const std::size_t size = cose[std::size(kRs256)] * 256U + cose[std::size(kRs256) + 1];
    const ByteView rest = cose.subspan(std::size(kRs256) + kLength);
    if (rest.size() == size + std::size(kExponent) && std::ranges::equal(rest.subspan(size), ByteView(kExponent)))
      return rest.first(size);
  }
  return std::nullopt;
}

bool is_host(std::string_view text) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  return !text.empty() && text.size() <= kMaxHost && std::ranges::all_of(text, is_letter) && text.front() != '.' &&
         text.back() != '.' && text.find("..") == std::string_view::npos;
}

// "https://ca.example.vn", "https://ca.example.vn:8443", "http://localhost:8080": of this party, and such as browsers
// give passkeys to.
bool is_origin_of(std::string_view origin, std::string_view id) {
  const bool is_secure = origin.starts_with("https://");
  if (!is_secure && !origin.starts_with("http://")) return false;
  std::string_view host = origin.substr(is_secure ? 8 : 7);
  if (const std::size_t colon = host.find(':'); colon != std::string_view::npos) {
    const std::string_view port = host.substr(colon + 1);
    const bool is_number = std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
    if (port.empty() || port.size() > 5 || !is_number) return false;
    host = host.substr(0, colon);
  }
  if (!is_host(host)) return false;
  const bool is_local = host == "localhost" || host.ends_with(".localhost");
  return (is_secure || is_local) && (host == id || host.ends_with("." + std::string(id)));
}

// "2026-11-20"
bool is_day(std::string_view text) {
  return text.size() == 10 && parse_time(std::string(text) + "T00:00:00+07:00").has_value();
}

Result<Bytes> read_base64url(const TomlReader& toml, const std::string& key) {
  const auto bytes = jose::from_base64url(KYSO_TRY(toml.require_string(key)));
  if (!bytes) return toml.invalid(key, "base64url");
  return to_bytes(*bytes);
}

}  // namespace

Result<std::optional<webauthn::RelyingParty>> read_relying_party(const TomlReader& toml) {
  if (!toml.contains("webauthn")) return std::optional<webauthn::RelyingParty>();
  webauthn::RelyingParty party;
  party.id = KYSO_TRY(toml.require_string("webauthn.rp_id"));
  if (!is_host(party.id)) return toml.invalid("webauthn.rp_id", party.id);
  party.origins = KYSO_TRY(toml.get_strings("webauthn.origins")).value_or(std::vector<std::string>());
  if (party.origins.empty() || party.origins.size() > kMaxOrigins)
    return toml.invalid("webauthn.origins", fmt::format("1 … {}", kMaxOrigins));
  for (const std::string& origin : party.origins)
    if (!is_origin_of(origin, party.id)) return toml.invalid("webauthn.origins", origin);
  return std::optional(std::move(party));
}

Result<std::vector<Passkey>> PasskeyReader::read(const std::string& at) {
  std::vector<Passkey> out;
  const std::size_t count = m_toml.count(at + "passkey");
  if (count > kMaxPasskeys) return m_toml.invalid(at + "person", fmt::format("passkey ≤ {}", kMaxPasskeys));
  for (std::size_t i = 0; i < count; ++i) out.push_back(KYSO_TRY(read_one(fmt::format("{}passkey[{}].", at, i))));
  return out;
}

Result<Passkey> PasskeyReader::read_one(const std::string& at) {
  Passkey passkey;
  passkey.credential = KYSO_TRY(read_base64url(m_toml, at + "credential"));
  if (passkey.credential.size() < kMinCredential || passkey.credential.size() > kMaxCredential)
    return m_toml.invalid(at + "credential", fmt::format("{} … {}", kMinCredential, kMaxCredential));
  if (!m_credentials.insert(passkey.credential).second) return m_toml.invalid(at + "credential", "2 ×");
  passkey.public_key = KYSO_TRY(read_base64url(m_toml, at + "public_key"));
  if (const auto checked = webauthn::check_public_key(passkey.public_key); !checked)
    return m_toml.invalid(at + "public_key", fmt::format("COSE_Key: {}", checked.error().code));
  const auto material = material_of(passkey.public_key);
  if (!material) return m_toml.invalid(at + "public_key", "COSE_Key: ES256, RS256, EdDSA");
  if (!m_keys.insert(Bytes(material->begin(), material->end())).second)
    return m_toml.invalid(at + "public_key", "2 × COSE_Key");
  passkey.label = to_nfc(KYSO_TRY(m_toml.require_string(at + "label")));
  if (!check_text("label", passkey.label, {.max = kMaxLabel, .min = 1}))
    return m_toml.invalid(at + "label", fmt::format("1 … {}", kMaxLabel));
  passkey.added = KYSO_TRY(m_toml.require_string(at + "added"));
  if (!is_day(passkey.added)) return m_toml.invalid(at + "added", "2026-11-20");
  return passkey;
}

// The coordinate, or the modulus, stands in a SubjectPublicKeyInfo as it does in a COSE_Key.
bool PasskeyReader::has_key(ByteView spki) const {
  return std::ranges::any_of(m_keys, [&](const Bytes& key) { return !std::ranges::search(spki, key).empty(); });
}

}  // namespace kyso::vault

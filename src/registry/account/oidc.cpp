#include "registry/account/oidc.h"

#include <algorithm>

#include "base/log.h"
#include "json/json.h"

namespace kyso::registry {
namespace {

constexpr std::chrono::hours kKeepMetadata{1};
constexpr std::chrono::hours kKeepKeys{6};
// A token with an unknown key makes us look at the keys again, but not as often as somebody likes.
constexpr std::chrono::seconds kLookAgainAfter{30};

Error refused(std::string_view what) {
  return fail("registry.oidc.refused", "{}", what);
}

// RFC 3986 section 2.3.
std::string encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
                          c == '.' || c == '_' || c == '~';
    out += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string form_of(const std::vector<std::pair<std::string_view, std::string_view>>& members) {
  std::string out;
  for (const auto& [name, value] : members) {
    if (!out.empty()) out += '&';
    out += fmt::format("{}={}", name, encoded(value));
  }
  return out;
}

bool contains(const json::Value* list, std::string_view wanted) {
  if (list == nullptr || list->as_array() == nullptr) return false;
  return std::ranges::any_of(*list->as_array(), [&](const json::Value& value) { return value.as_string() == wanted; });
}

// Codes and keys go to the provider itself: never to an address without https that somebody put into its answer.
Result<std::string> endpoint(const json::Value& metadata, std::string_view member, std::string_view issuer) {
  auto url = json::require_string(metadata, member);
  if (!url) return refused(member);
  if (issuer.starts_with("https://") && !url->starts_with("https://")) return refused(member);
  return url;
}

}  // namespace

Result<json::Value> OidcProvider::fetch(const net::HttpRequest& request) {
  const auto answer = m_options.exchange(request);
  if (!answer) {
    log::write(log::Level::warning, "oidc.unavailable", answer.error());
    return fail("registry.oidc.unavailable", "{}", answer.error().code);
  }
  if (answer->status >= 500) return fail("registry.oidc.unavailable", "status {}", answer->status);
  auto value = json::parse(as_chars(answer->body));
  if (!value || value->as_object() == nullptr) return refused("an answer that is not JSON");
  if (answer->status != 200) {
    const json::Value* error = value->find("error");
    return fail("registry.oidc.refused", "status {} {}", answer->status,
                error == nullptr ? "" : error->as_string().value_or(""));
  }
  return value;
}

Result<OidcProvider::Metadata> OidcProvider::metadata(Instant now) {
  {
    const std::lock_guard lock(m_mutex);
    if (m_metadata && m_metadata_until > now) return *m_metadata;
  }
  net::HttpRequest request;
  const bool has_slash = m_options.issuer.ends_with('/');
  request.url = m_options.issuer + (has_slash ? "" : "/") + ".well-known/openid-configuration";
  request.accept = "application/json";
  request.ca_file = m_options.ca_file;
  const json::Value value = KYSO_TRY(fetch(request));
  // OpenID Connect Discovery 1.0 section 4.3.
  if (const auto issuer = json::require_string(value, "issuer"); !issuer || *issuer != m_options.issuer)
    return refused("issuer");
  Metadata out;
  out.authorization_endpoint = KYSO_TRY(endpoint(value, "authorization_endpoint", m_options.issuer));
  out.token_endpoint = KYSO_TRY(endpoint(value, "token_endpoint", m_options.issuer));
  out.jwks_uri = KYSO_TRY(endpoint(value, "jwks_uri", m_options.issuer));
  if (value.find("userinfo_endpoint") != nullptr)
    out.userinfo_endpoint = KYSO_TRY(endpoint(value, "userinfo_endpoint", m_options.issuer));
  const json::Value* sends = value.find("authorization_response_iss_parameter_supported");
  out.sends_issuer = sends != nullptr && sends->as_bool().value_or(false);
  const json::Value* methods = value.find("token_endpoint_auth_methods_supported");
  out.takes_basic = methods == nullptr || contains(methods, "client_secret_basic");
  const std::lock_guard lock(m_mutex);
  m_metadata = out;
  m_metadata_until = now + kKeepMetadata;
  return out;
}

Result<std::shared_ptr<const jose::KeySet>> OidcProvider::keys(Instant not_before, Instant now) {
  {
    const std::lock_guard lock(m_mutex);
    if (m_keys.set && m_keys.fetched >= not_before && m_keys.fetched + kKeepKeys > now) return m_keys.set;
  }
  net::HttpRequest request;
  request.url = KYSO_TRY(metadata(now)).jwks_uri;
  request.accept = "application/json";
  request.ca_file = m_options.ca_file;
  const json::Value value = KYSO_TRY(fetch(request));
  auto parsed = jose::KeySet::parse(json::serialize(value));
  if (!parsed) return refused("keys");
  auto set = std::make_shared<const jose::KeySet>(*std::move(parsed));
  const std::lock_guard lock(m_mutex);
  m_keys = {set, now};
  return set;
}

Result<std::string> OidcProvider::authorization_url(std::string_view state, std::string_view nonce,
                                                    std::string_view challenge, Instant now) {
  const Metadata provider = KYSO_TRY(metadata(now));
  const char separator = provider.authorization_endpoint.find('?') == std::string::npos ? '?' : '&';
  return provider.authorization_endpoint + separator +
         form_of({{"response_type", "code"},
                  {"client_id", m_options.client_id},
                  {"redirect_uri", m_redirect_uri},
                  {"scope", m_options.scope},
                  {"state", state},
                  {"nonce", nonce},
                  {"code_challenge", challenge},
                  {"code_challenge_method", "S256"}});
}

Result<> OidcProvider::check_issuer(std::string_view issuer, Instant now) {
  const Metadata provider = KYSO_TRY(metadata(now));
  if ((provider.sends_issuer || !issuer.empty()) && issuer != m_options.issuer) return refused("iss of the callback");
  return {};
}

Result<OidcProvider::Tokens> OidcProvider::tokens(std::string_view code, std::string_view verifier, Instant now) {
  const Metadata provider = KYSO_TRY(metadata(now));
  std::vector<std::pair<std::string_view, std::string_view>> members = {{"grant_type", "authorization_code"},
                                                                        {"code", code},
                                                                        {"redirect_uri", m_redirect_uri},
                                                                        {"code_verifier", verifier}};
  net::HttpRequest request;
  request.url = provider.token_endpoint;
  request.method = "POST";
  request.content_type = "application/x-www-form-urlencoded";
  request.accept = "application/json";
  request.ca_file = m_options.ca_file;
  const std::string_view secret = m_options.client_secret.reveal();
  if (!secret.empty() && provider.takes_basic) {
    // RFC 6749 section 2.3.1: both are encoded before they are joined.
    const std::string pair = encoded(m_options.client_id) + ":" + encoded(secret);
    request.headers.emplace_back("Authorization", "Basic " + to_base64(as_bytes(pair)));
  } else {
    members.emplace_back("client_id", m_options.client_id);
    if (!secret.empty()) members.emplace_back("client_secret", secret);
  }
  request.body = to_bytes(form_of(members));
  const json::Value value = KYSO_TRY(fetch(request));
  auto token = json::require_string(value, "id_token");
  if (!token) return refused("no ID token");
  const json::Value* access = value.find("access_token");
  return Tokens{*std::move(token), std::string(access == nullptr ? "" : access->as_string().value_or(""))};
}

Result<> OidcProvider::ask_for_address(jose::IdToken& token, const std::string& access_token, Instant now) {
  const Metadata provider = KYSO_TRY(metadata(now));
  if (provider.userinfo_endpoint.empty() || access_token.empty()) return {};
  net::HttpRequest request;
  request.url = provider.userinfo_endpoint;
  request.accept = "application/json";
  request.ca_file = m_options.ca_file;
  request.headers.emplace_back("Authorization", "Bearer " + access_token);
  const json::Value value = KYSO_TRY(fetch(request));
  // OpenID Connect Core 1.0 section 5.3.2: it must be about the same person.
  if (const auto subject = json::require_string(value, "sub"); !subject || *subject != token.subject)
    return refused("sub of the UserInfo answer");
  const json::Value *email = value.find("email"), *verified = value.find("email_verified");
  if (email != nullptr && email->as_string()) token.email = std::string(*email->as_string());
  token.is_email_verified = verified != nullptr && verified->as_bool().value_or(false);
  return {};
}

Result<jose::IdToken> OidcProvider::redeem(std::string_view code, std::string_view verifier, std::string_view nonce,
                                           Instant now) {
  const Tokens given = KYSO_TRY(tokens(code, verifier, now));
  jose::IdTokenExpectations expected;
  expected.issuer = m_options.issuer;
  expected.client_id = m_options.client_id;
  expected.nonce = nonce;
  expected.now = now;
  expected.access_token = given.access;
  auto verified = jose::verify_id_token(given.id, *KYSO_TRY(keys({}, now)), expected);
  if (!verified && (verified.error().code == "jose.key.unknown" || verified.error().code == "jose.signature"))
    verified = jose::verify_id_token(given.id, *KYSO_TRY(keys(now - kLookAgainAfter, now)), expected);
  if (!verified) {
    log::write(log::Level::warning, "oidc.refused", verified.error());
    return fail("registry.oidc.refused", "{} {}", verified.error().code, verified.error().detail);
  }
  if (!verified->email && !m_options.accounts.contains(verified->subject))
    KYSO_TRY(ask_for_address(*verified, given.access, now));
  return verified;
}

}  // namespace kyso::registry

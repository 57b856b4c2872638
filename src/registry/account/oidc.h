#pragma once
#include <functional>
#include <map>
#include <mutex>

#include "base/secret.h"
#include "jose/open_id.h"
#include "net/http_client.h"

// An identity provider ("ĐĂNG NHẬP IAM"): OpenID Connect Discovery 1.0, code flow with PKCE.
namespace kyso::registry {

struct OidcOptions {
  std::string issuer, client_id;
  Secret client_secret;  // empty: a public client
  std::string ca_file;
  std::string scope = "openid email profile";
  // sub → e-mail of the account here, for providers whose e-mail addresses are not those of the accounts.
  std::map<std::string, std::string> accounts;
  // Some providers never say email_verified although they give the addresses themselves.
  bool trusts_addresses = false;
  // How its answers are fetched: for tests.
  std::function<Result<net::HttpResponse>(const net::HttpRequest&)> exchange = net::http_exchange;
};

// OidcProvider: what a provider says of itself and its keys, kept for a while. Thread-safe.
// Errors: registry.oidc.unavailable (no answer), registry.oidc.refused (an answer that can't be used).
class OidcProvider {
 public:
  OidcProvider(OidcOptions options, std::string redirect_uri)
      : m_options(std::move(options)), m_redirect_uri(std::move(redirect_uri)) {}
  const OidcOptions& options() const { return m_options; }
  Result<std::string> authorization_url(std::string_view state, std::string_view nonce, std::string_view challenge,
                                        Instant now);
  // RFC 9207: the `iss` of a callback, where the provider promises it.
  Result<> check_issuer(std::string_view issuer, Instant now);
  // Trades the code and verifies the ID token; an address that is not in it is asked for (OpenID Connect Core 5.3: with
  // the code flow a provider may tell it at the UserInfo endpoint alone).
  Result<jose::IdToken> redeem(std::string_view code, std::string_view verifier, std::string_view nonce, Instant now);

 private:
  struct Metadata {
    std::string authorization_endpoint, token_endpoint, jwks_uri, userinfo_endpoint;
    bool sends_issuer = false, takes_basic = true;
  };
  struct Keys {
    std::shared_ptr<const jose::KeySet> set;
    Instant fetched{};
  };
  Result<Metadata> metadata(Instant now);
  Result<std::shared_ptr<const jose::KeySet>> keys(Instant not_before, Instant now);
  Result<json::Value> fetch(const net::HttpRequest& request);
  struct Tokens {
    std::string id, access;
  };
  Result<Tokens> tokens(std::string_view code, std::string_view verifier, Instant now);
  Result<> ask_for_address(jose::IdToken& token, const std::string& access_token, Instant now);

  OidcOptions m_options;
  std::string m_redirect_uri;
  std::mutex m_mutex;
  std::optional<Metadata> m_metadata;
  Instant m_metadata_until{};
  Keys m_keys;
};

}  // namespace kyso::registry

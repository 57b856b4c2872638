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
};

// OidcProvider: what a provider says of itself and its keys, kept for a while. Thread-safe.
// Errors: registry.oidc.unavailable (no answer), registry.oidc.refused (an answer that can't be used).
class OidcProvider {
 public:
  using Exchange = std::function<Result<net::HttpResponse>(const net::HttpRequest&)>;
  OidcProvider(OidcOptions options, std::string redirect_uri, Exchange exchange = net::http_exchange)
      : m_options(std::move(options)), m_redirect_uri(std::move(redirect_uri)), m_exchange(std::move(exchange)) {}
  const OidcOptions& options() const { return m_options; }
  Result<std::string> authorization_url(std::string_view state, std::string_view nonce, std::string_view challenge,
                                        Instant now);
  // RFC 9207: the `iss` of a callback, where the provider promises it.
  Result<> check_issuer(std::string_view issuer, Instant now);
  // Trades the code and verifies the ID token.
  Result<jose::IdToken> redeem(std::string_view code, std::string_view verifier, std::string_view nonce, Instant now);

 private:
  struct Metadata {
    std::string authorization_endpoint, token_endpoint, jwks_uri;
    bool sends_issuer = false, takes_basic = true;
  };
  struct Keys {
    std::shared_ptr<const jose::KeySet> set;
    Instant fetched{};
  };
  Result<Metadata> metadata(Instant now);
  Result<std::shared_ptr<const jose::KeySet>> keys(Instant not_before, Instant now);
  Result<json::Value> fetch(const net::HttpRequest& request);
  Result<std::string> id_token(std::string_view code, std::string_view verifier, Instant now);

  OidcOptions m_options;
  std::string m_redirect_uri;
  Exchange m_exchange;
  std::mutex m_mutex;
  std::optional<Metadata> m_metadata;
  Instant m_metadata_until{};
  Keys m_keys;
};

}  // namespace kyso::registry

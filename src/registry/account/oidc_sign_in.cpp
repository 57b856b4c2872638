#include "registry/account/accounts.h"
#include "registry/account/support.h"

// Signing in at an identity provider. Nothing is kept meanwhile: the state is a sealed ticket that only the browser
// with the short cookie can redeem, nonce and PKCE verifier are derived from both.
namespace kyso::registry {
namespace {

constexpr std::string_view kPurpose = "oidc";
constexpr std::chrono::minutes kLife{10};
constexpr std::size_t kMaxBrowser = 100, kMaxCode = 4'000;

}  // namespace

Result<Accounts::OidcStart> Accounts::start_oidc(std::string_view return_to, Instant now) {
  if (m_provider == nullptr) return fail("registry.oidc.absent");
  OidcStart out;
  out.browser = crypto::random_token();
  const std::string state = KYSO_TRY(m_tickets.issue(kPurpose, out.browser, safe_return(return_to), now + kLife));
  const std::string both = state + "\n" + out.browser;
  const std::string nonce = KYSO_TRY(m_tickets.derive("oidc nonce", both));
  const std::string verifier = KYSO_TRY(m_tickets.derive("oidc verifier", both));
  out.location = KYSO_TRY(m_provider->authorization_url(state, nonce, jose::pkce_challenge(verifier), now));
  return out;
}

// By the identity that was bound before; the first time by what the configuration says, or the confirmed address.
Result<Account> Accounts::account_of_token(db::Transaction& transaction, const jose::IdToken& token, Instant now) {
  const OidcOptions& provider = m_provider->options();
  if (const auto id = KYSO_TRY(account_store::account_of_identity(transaction, provider.issuer, token.subject))) {
    const auto found = KYSO_TRY(account_store::find(transaction, *id));
    if (!found) return fail("registry.oidc.account");
    return found->account;
  }
  std::string email;
  if (const auto mapped = provider.accounts.find(token.subject); mapped != provider.accounts.end()) {
    email = mapped->second;
  } else if (token.email && (token.is_email_verified || provider.trusts_addresses)) {
    email = *token.email;
  }
  const auto found = email.empty() ? std::nullopt : KYSO_TRY(account_store::find_by_email(transaction, email));
  // An address that went to another person there does not open the former owner's account here.
  if (!found || KYSO_TRY(account_store::is_bound(transaction, provider.issuer, found->account.id)))
    return fail("registry.oidc.account");
  if (found->account.state != AccountState::active) return found->account;
  KYSO_TRY(account_store::bind_identity(transaction, provider.issuer, token.subject, found->account.id, now));
  json::Value details = json::Value::object();
  details.set("issuer", provider.issuer);
  KYSO_TRY(record(transaction, "account.identity_bound", found->account.id, std::move(details), now));
  return found->account;
}

Result<Accounts::OidcDone> Accounts::finish_oidc(const OidcCallback& callback, const Visitor& visitor, Instant now) {
  if (m_provider == nullptr) return fail("registry.oidc.absent");
  if (callback.browser.empty() || callback.browser.size() > kMaxBrowser) return fail("registry.oidc.state");
  const auto ticket = m_tickets.check(kPurpose, callback.browser, callback.state, now);
  if (!ticket && ticket.error().code != "registry.ticket.invalid") return ticket.error();
  if (!ticket) return fail("registry.oidc.state", "{}", ticket.error().detail);
  const Result<> spent = m_database.write(
      [&](db::Transaction& transaction) { return Tickets::spend(transaction, callback.state, ticket->expires); });
  if (!spent && spent.error().code == "registry.ticket.used") return fail("registry.oidc.state", "used");
  if (!spent) return spent.error();
  KYSO_TRY(m_provider->check_issuer(callback.issuer, now));
  if (!callback.error.empty()) return fail("registry.oidc.denied");
  if (callback.code.empty() || callback.code.size() > kMaxCode) return fail("registry.oidc.refused", "code");
  const std::string both = callback.state + "\n" + callback.browser;
  const std::string nonce = KYSO_TRY(m_tickets.derive("oidc nonce", both));
  const std::string verifier = KYSO_TRY(m_tickets.derive("oidc verifier", both));
  const jose::IdToken token = KYSO_TRY(m_provider->redeem(callback.code, verifier, nonce, now));
  OidcDone out;
  out.return_to = safe_return(ticket->content);
  out.signed_in = KYSO_TRY(m_database.write([&](db::Transaction& transaction) -> Result<SignedIn> {
    const Account account = KYSO_TRY(account_of_token(transaction, token, now));
    if (account.state == AccountState::waiting) return fail("registry.account.waiting");
    if (account.state != AccountState::active) return fail("registry.account.closed");
    return admit(transaction, account, SignInWay::oidc, visitor, now);
  }));
  return out;
}

}  // namespace kyso::registry

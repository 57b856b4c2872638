#pragma once
#include "crypto/password.h"
#include "db/job.h"
#include "registry/account/attempt_store.h"
#include "registry/account/captcha.h"
#include "registry/account/oidc.h"
#include "registry/account/rules.h"
#include "registry/account/sessions.h"
#include "registry/account/store.h"
#include "registry/ports.h"
#include "webauthn/webauthn.h"

// Accounts: registration, signing in, what people change themselves, what administrators change. docs/accounts.md.
namespace kyso::registry {

struct AccountOptions {
  std::string public_url;              // without "/" at its end
  std::string authority_organisation;  // id: its accounts may be officers
  webauthn::RelyingParty relying_party;
  std::string relying_party_name = "Kyso";
  crypto::PasswordCost password_cost;
  SessionLimits sessions;
  AttemptRules attempts;
  int captcha_difficulty = 17;
  std::chrono::seconds activation_life = std::chrono::hours(24), reset_life = std::chrono::hours(1);
  // The first account of an organisation becomes its clerk by itself when its address is in the organisation's mail
  // domains; false: every account waits for an administrator.
  bool admits_first_account = true;
  // A passkey may be added only so long after signing in.
  std::chrono::seconds fresh_session = std::chrono::hours(1);
  std::optional<OidcOptions> oidc;
  std::string sign_in_path = "/dang-nhap";  // of the portal: where ?error= of a sign-in elsewhere is shown
  std::string node = "kysod";
};

struct RegistrationForm {
  std::string organisation, name, phone, email, language;
  Secret password;
  bool has_agreed = false;
  std::optional<CaptchaAnswer> captcha;
};
struct SignInForm {
  std::string email;
  Secret password;
  std::optional<CaptchaAnswer> captcha;
};
// Who asks, when nobody has signed in yet.
struct Visitor {
  std::string address, agent;
  std::string session;  // that this browser has already, or empty
};
struct SignedIn {
  Account account;
  OpenedSession session;
};

struct MailWish;

struct Delegation {
  std::string id, organisation, account, account_email, account_name, basis;
  Instant valid_from{}, valid_to{};  // valid_to: the first moment after it
  std::optional<Instant> ended;
};
// Whether this account may submit for that organisation now, by a delegation. Its id, for the dossier.
Result<std::optional<std::string>> delegation_for(db::Transaction& transaction, const std::string& account,
                                                  const std::string& organisation, Instant now);

// Of the account with this address; "vi" where there is none.
Result<std::string> language_of(db::Transaction& transaction, std::string_view email);

class Accounts {
 public:
  // `authority` may be null: then no passkey is known to be in the vault's policy.
  Accounts(db::Database& database, AccountOptions options, IssuingAuthority* authority = nullptr);
  const AccountOptions& options() const { return m_options; }
  Tickets& tickets() { return m_tickets; }

  // ---- registration (registration.cpp)
  // Every field that is wrong, before anything is done. registry.captcha.* as an error. When all is well: a mail will
  // come, whoever has the address already; what it says differs.
  Result<std::vector<FieldProblem>> register_account(const RegistrationForm& form, const Visitor& visitor, Instant now);
  // The link of the mail. registry.account.link: used, over, or none of ours.
  Result<Account> activate(std::string_view token, Instant now);
  // Both answer alike whatever the address; captcha is needed.
  Result<> ask_for_activation_mail(const std::string& email, const std::optional<CaptchaAnswer>& captcha, Instant now);
  Result<> ask_for_reset_mail(const std::string& email, const std::optional<CaptchaAnswer>& captcha, Instant now);

  // ---- signing in (sign_in.cpp, passkeys.cpp, oidc_sign_in.cpp)
  Result<Captcha> captcha(const std::string& address, Instant now);
  Result<bool> needs_captcha(const std::string& address, Instant now);
  // registry.account.sign_in (whatever was wrong), registry.account.locked {minutes}, registry.captcha.needed,
  // registry.captcha.wrong, registry.limit.rate {seconds}; who knows the password also learns
  // registry.account.waiting, registry.account.closed.
  Result<SignedIn> sign_in(const SignInForm& form, const Visitor& visitor, Instant now);
  Result<> sign_out(const Caller& caller, Instant now);

  Result<std::string> passkey_challenge(Instant now);  // base64url
  // registry.passkey.unknown, registry.passkey.cloned, registry.ticket.*, webauthn.*
  Result<SignedIn> sign_in_with_passkey(std::string_view challenge, const webauthn::Assertion& assertion,
                                        const Visitor& visitor, Instant now);

  struct OidcStart {
    std::string location, browser;  // where to, and the secret for the short cookie
  };
  Result<OidcStart> start_oidc(std::string_view return_to, Instant now);
  struct OidcCallback {
    std::string code, state, error, issuer, browser;
  };
  struct OidcDone {
    SignedIn signed_in;
    std::string return_to;
  };
  // registry.oidc.*
  Result<OidcDone> finish_oidc(const OidcCallback& callback, const Visitor& visitor, Instant now);

  // ---- passwords (passwords.cpp)
  Result<> reset_password(std::string_view token, const Secret& password, Instant now);
  Result<> change_password(const Caller& caller, const Secret& present, const Secret& password, const Visitor& visitor,
                           Instant now);

  // ---- the own account (own_account.cpp, passkeys.cpp)
  Result<Account> account(const std::string& id);
  struct OwnChange {
    std::optional<std::string> name, phone, language;
  };
  Result<Account> change_own(const Caller& caller, const OwnChange& change, Instant now);
  Result<std::vector<account_store::SessionRow>> sessions_of(const Caller& caller, Instant now);
  Result<> end_session(const Caller& caller, const std::string& id, Instant now);
  Result<> end_other_sessions(const Caller& caller, Instant now);

  Result<std::string> creation_challenge(const Caller& caller, Instant now);
  Result<std::vector<account_store::PasskeyRow>> passkeys_of(const Caller& caller);
  // registry.passkey.known, .limit {max}, .stale (signed in too long ago), .algorithm, registry.ticket.*, webauthn.*
  Result<account_store::PasskeyRow> add_passkey(const Caller& caller, const std::string& label,
                                                const webauthn::Registration& registration, Instant now);
  Result<> remove_passkey(const Caller& caller, const std::string& id, Instant now);
  // True when the vault's policy knows this passkey as this officer's.
  bool is_in_policy(const std::string& person, ByteView credential);
  Result<std::vector<account_store::OfficerPasskey>> officer_passkeys();

  // ---- administration (administration.cpp)
  struct Change {
    std::optional<Roles> roles;
    std::optional<std::optional<std::string>> person;
    std::optional<AccountState> state;
  };
  // A head may admit who waits in the own organisation, as a clerk: registry.access.forbidden for all else.
  // registry.account.missing, .self, .roles.*, .person, .state
  Result<Account> change_account(const Caller& caller, const std::string& id, const Change& change, Instant now);
  Result<account_store::AccountPage> list(const account_store::ListFilter& filter);

  // ---- delegations (delegations.cpp)
  struct NewDelegation {
    std::string account_email, basis;
    Instant valid_from{}, valid_to{};  // days; valid_to is the last one
  };
  Result<Delegation> delegate(const Caller& caller, const NewDelegation& wanted, Instant now);
  Result<> end_delegation(const Caller& caller, const std::string& id, Instant now);
  // Those of the caller's organisation and those that he received, newest first.
  Result<std::vector<Delegation>> delegations(const Caller& caller);

  // ---- what runs by itself (mail_jobs.cpp)
  // Writes the next mail that was asked for; false: none was.
  Result<bool> run_one(Instant now);
  // Once an hour or so: removes what is over.
  Result<> forget(Instant now);

 private:
  Result<> ask_for_mail(std::string_view what, const std::string& email, const std::optional<CaptchaAnswer>& captcha,
                        Instant now);
  Result<> write_registration_mail(db::Transaction& transaction, const MailWish& wish, Instant now);
  Result<> write_activation_mail(db::Transaction& transaction, const account_store::Registration& registration,
                                 Instant now);
  Result<> write_reset_mail(db::Transaction& transaction, const MailWish& wish, Instant now);
  Result<Attempts> count_attempt(const std::string& email, const std::string& address,
                                 const std::optional<CaptchaAnswer>& captcha,
                                 const std::optional<Tickets::Ticket>& ticket, Instant now);
  Result<SignedIn> admit(db::Transaction& transaction, const Account& account, SignInWay way, const Visitor& visitor,
                         Instant now);
  Result<> tell_administrators(db::Transaction& transaction, const std::string& kind, const Account& about,
                               const std::string& but_not, Instant now);
  Result<> tell_who_may_admit(db::Transaction& transaction, const Account& about, Instant now);
  Result<Account> account_of_token(db::Transaction& transaction, const jose::IdToken& token, Instant now);

  db::Database& m_database;
  AccountOptions m_options;
  IssuingAuthority* m_authority;
  Tickets m_tickets;
  std::unique_ptr<OidcProvider> m_provider;
};

// For the first administrator, for samples and for tests: an active account at once.
struct NewAccount {
  std::string email, name, phone, organisation, language = "vi";
  Roles roles;
  std::string person;
  Secret password;  // empty: none yet; "forgotten password" sets one
};
// registry.account.exists, .email, .name, .phone, .password.*, .roles.*, .organisation
Result<Account> create_account(db::Database& database, const AccountOptions& options, const NewAccount& wanted,
                               Instant now);

// All routes of sessions, accounts, delegations and officers' passkeys.
std::vector<PortalRoute> account_routes(Accounts& accounts, db::Database& database);

}  // namespace kyso::registry

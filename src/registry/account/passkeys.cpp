#include "base/text.h"
#include "jose/base64url.h"
#include "registry/account/accounts.h"
#include "registry/account/support.h"

// Passkeys (Web Authentication Level 2): signing in without a password, and what officers sign statements with.
namespace kyso::registry {
namespace {

constexpr std::string_view kSignIn = "passkey sign-in", kCreation = "passkey creation";
constexpr std::chrono::minutes kLife{5};
constexpr std::size_t kMaxPasskeys = 20, kMaxLabel = 100;

Result<Bytes> challenge_bytes(std::string_view challenge) {
  const auto bytes = jose::from_base64url(challenge);
  if (!bytes) return fail("registry.ticket.invalid");
  return to_bytes(*bytes);
}

// The challenge that a browser says it answers; whether it is ours is checked by its seal.
Result<std::string> challenge_in(ByteView client_data) {
  const auto value = json::parse(as_chars(client_data));
  if (!value || value->as_object() == nullptr) return fail("webauthn.malformed").with("reason", "clientDataJSON");
  const json::Value* challenge = value->find("challenge");
  if (challenge == nullptr || !challenge->as_string())
    return fail("webauthn.malformed").with("reason", "clientDataJSON");
  return std::string(*challenge->as_string());
}

std::string context_of(const Caller& caller) {
  return caller.account + "\n" + caller.session;
}

// Section 6.1.1: a counter that does not rise tells of a copy.
bool is_rolled_back(std::uint32_t kept, std::uint32_t told) {
  return (kept != 0 || told != 0) && told <= kept;
}

}  // namespace

Result<std::string> Accounts::passkey_challenge(Instant now) {
  return m_tickets.issue(kSignIn, "", "", now + kLife);
}

Result<SignedIn> Accounts::sign_in_with_passkey(std::string_view challenge, const webauthn::Assertion& assertion,
                                                const Visitor& visitor, Instant now) {
  const Tickets::Ticket ticket = KYSO_TRY(m_tickets.check(kSignIn, "", challenge, now));
  const Bytes bytes = KYSO_TRY(challenge_bytes(challenge));
  const auto known = KYSO_TRY(m_database.read([&](db::Transaction& transaction) {
    return account_store::passkey_by_credential(transaction, assertion.credential_id);
  }));
  if (!known) return fail("registry.passkey.unknown");
  const auto facts = KYSO_TRY(webauthn::verify_assertion(m_options.relying_party, bytes, known->public_key, assertion,
                                                         webauthn::UserVerification::required));
  struct Outcome {
    std::optional<SignedIn> signed_in;
    std::optional<Error> refusal;
  };
  Outcome outcome = KYSO_TRY(m_database.write([&](db::Transaction& transaction) -> Result<Outcome> {
    KYSO_TRY(Tickets::spend(transaction, challenge, ticket.expires));
    const auto passkey = KYSO_TRY(account_store::passkey_by_credential(transaction, assertion.credential_id));
    const auto found = passkey ? KYSO_TRY(account_store::find(transaction, passkey->account)) : std::nullopt;
    if (!found) return fail("registry.passkey.unknown");
    Outcome out;
    if (is_rolled_back(passkey->sign_count, facts.sign_count)) {
      json::Value details = json::Value::object();
      details.set("passkey", passkey->id).set("address", visitor.address);
      KYSO_TRY(record(transaction, "account.passkey_cloned", found->account.id, std::move(details), now, "visitor"));
      KYSO_TRY(write_to(transaction, "account.passkey_cloned", found->account, {{"label", passkey->label}}, now));
      out.refusal = fail("registry.passkey.cloned");
      return out;
    }
    KYSO_TRY(account_store::use_passkey(transaction, passkey->id, facts.sign_count, now));
    if (found->account.state == AccountState::waiting) out.refusal = fail("registry.account.waiting");
    if (found->account.state == AccountState::locked || found->account.state == AccountState::closed)
      out.refusal = fail("registry.account.closed");
    if (!out.refusal) out.signed_in = KYSO_TRY(admit(transaction, found->account, SignInWay::passkey, visitor, now));
    return out;
  }));
  if (outcome.refusal) return *outcome.refusal;
  return *std::move(outcome.signed_in);
}

Result<std::string> Accounts::creation_challenge(const Caller& caller, Instant now) {
  return m_tickets.issue(kCreation, context_of(caller), "", now + kLife);
}

Result<std::vector<account_store::PasskeyRow>> Accounts::passkeys_of(const Caller& caller) {
  return m_database.read(
      [&](db::Transaction& transaction) { return account_store::passkeys_of(transaction, caller.account); });
}

Result<account_store::PasskeyRow> Accounts::add_passkey(const Caller& caller, const std::string& label,
                                                        const webauthn::Registration& registration, Instant now) {
  const std::string challenge = KYSO_TRY(challenge_in(registration.client_data_json));
  const Tickets::Ticket ticket = KYSO_TRY(m_tickets.check(kCreation, context_of(caller), challenge, now));
  auto credential = webauthn::verify_registration(m_options.relying_party, KYSO_TRY(challenge_bytes(challenge)),
                                                  registration, webauthn::UserVerification::required);
  if (!credential && credential.error().code == "webauthn.algorithm") return fail("registry.passkey.algorithm");
  if (!credential) return credential.error();
  account_store::PasskeyRow row;
  row.id = crypto::random_uuid();
  row.account = caller.account;
  row.label = to_nfc(trim(label));
  if (row.label.empty() || to_utf32(row.label).size() > kMaxLabel)
    return fail("registry.input.long").with("field", "label").with("max", kMaxLabel);
  row.credential = std::move(credential->id);
  row.public_key = std::move(credential->public_key);
  row.sign_count = credential->sign_count;
  row.created = now;
  KYSO_TRY(m_database.write([&](db::Transaction& transaction) -> Result<> {
    KYSO_TRY(Tickets::spend(transaction, challenge, ticket.expires));
    const auto found = KYSO_TRY(account_store::find(transaction, caller.account));
    if (!found) return fail("registry.account.missing");
    // Who finds a forgotten browser shall not make himself at home.
    bool is_fresh = false;
    for (const auto& session : KYSO_TRY(account_store::sessions_of(transaction, caller.account, now)))
      is_fresh = is_fresh || (session.id == caller.session && session.created + m_options.fresh_session > now);
    if (!is_fresh) return fail("registry.passkey.stale");
    if (KYSO_TRY(account_store::passkeys_of(transaction, caller.account)).size() >= kMaxPasskeys)
      return fail("registry.passkey.limit").with("max", kMaxPasskeys);
    if (!KYSO_TRY(account_store::insert_passkey(transaction, row))) return fail("registry.passkey.known");
    json::Value details = json::Value::object();
    details.set("passkey", row.id).set("credential", jose::to_base64url(row.credential));
    KYSO_TRY(record(transaction, "account.passkey_added", caller.account, std::move(details), now));
    return write_to(transaction, "account.passkey_added", found->account, {{"label", row.label}}, now);
  }));
  return row;
}

Result<> Accounts::remove_passkey(const Caller& caller, const std::string& id, Instant now) {
  return m_database.write([&](db::Transaction& transaction) -> Result<> {
    std::string label;
    for (const auto& passkey : KYSO_TRY(account_store::passkeys_of(transaction, caller.account)))
      if (passkey.id == id) label = passkey.label;
    if (!KYSO_TRY(account_store::delete_passkey(transaction, caller.account, id)))
      return fail("registry.passkey.missing");
    const auto found = KYSO_TRY(account_store::find(transaction, caller.account));
    json::Value details = json::Value::object();
    details.set("passkey", id);
    KYSO_TRY(record(transaction, "account.passkey_removed", caller.account, std::move(details), now));
    return write_to(transaction, "account.passkey_removed", found->account, {{"label", label}}, now);
  });
}

bool Accounts::is_in_policy(const std::string& person, ByteView credential) {
  if (m_authority == nullptr || person.empty()) return false;
  const auto policy = m_authority->policy();
  if (!policy || *policy == nullptr) return false;
  const vault::Officer* officer = (*policy)->officer_of_passkey(credential);
  return officer != nullptr && officer->person == person;
}

Result<std::vector<account_store::OfficerPasskey>> Accounts::officer_passkeys() {
  return m_database.read(account_store::officer_passkeys);
}

}  // namespace kyso::registry

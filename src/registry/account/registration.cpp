#include "registry/account/accounts.h"
#include "registry/account/mail_wish.h"
#include "registry/account/support.h"

// Opening an account.
namespace kyso::registry {
namespace {

void require(std::vector<FieldProblem>& problems, std::string field, const std::optional<Error>& error) {
  if (error) problems.push_back({std::move(field), *error});
}

template <typename T>
std::optional<Error> error_of(const Result<T>& result) {
  return result ? std::nullopt : std::optional(result.error());
}

std::optional<Error> missing(std::string_view field, std::string_view value) {
  if (!value.empty()) return std::nullopt;
  return fail("registry.input.missing").with("field", field);
}

std::vector<FieldProblem> problems_of(const RegistrationForm& form) {
  std::vector<FieldProblem> out;
  const auto text = [&](std::string field, std::string_view label, std::string_view value, auto&& check) {
    const auto absent = missing(label, value);
    require(out, std::move(field), absent ? absent : error_of(check(value)));
  };
  require(out, "organisation", missing("Cơ quan, tổ chức", form.organisation));
  text("name", "Họ và tên", form.name, normalised_name);
  text("phone", "Số điện thoại", form.phone, normalised_phone);
  text("email", "Email", form.email, normalised_email);
  require(out, "password", error_of(check_password_rules(form.password, form.email, form.name)));
  if (!form.has_agreed) require(out, "agreed", fail("registry.account.agreement"));
  return out;
}

std::string language_of(std::string_view wanted) {
  return wanted == "en" ? "en" : "vi";
}

}  // namespace

Result<std::vector<FieldProblem>> Accounts::register_account(const RegistrationForm& form, const Visitor& visitor,
                                                             Instant now) {
  std::vector<FieldProblem> problems = problems_of(form);
  if (!form.organisation.empty()) {
    const auto organisation = Organisations(m_database).find(form.organisation, now);
    if (!organisation && organisation.error().code != "registry.organisation.missing") return organisation.error();
    if (!organisation) problems.push_back({"organisation", fail("registry.account.organisation")});
  }
  if (!problems.empty()) return problems;
  if (!form.captcha) return fail("registry.captcha.needed");
  const Tickets::Ticket ticket = KYSO_TRY(check_captcha(m_tickets, *form.captcha, now));
  // Spent before the expensive part, so that one solution buys one calculation.
  KYSO_TRY(m_database.write(
      [&](db::Transaction& transaction) { return spend_captcha(transaction, *form.captcha, ticket); }));

  account_store::Registration registration;
  registration.id = crypto::random_uuid();
  registration.email = KYSO_TRY(normalised_email(form.email));
  registration.name = KYSO_TRY(normalised_name(form.name));
  registration.phone = KYSO_TRY(normalised_phone(form.phone));
  registration.organisation = form.organisation;
  registration.language = language_of(form.language);
  registration.password = KYSO_TRY(crypto::hash_password(form.password, m_options.password_cost));
  registration.created = now;
  registration.expires = now + m_options.activation_life;
  KYSO_TRY(m_database.write([&](db::Transaction& transaction) -> Result<> {
    KYSO_TRY(account_store::insert_registration(transaction, registration));
    json::Value details = json::Value::object();
    details.set("organisation", registration.organisation).set("address", visitor.address);
    KYSO_TRY(audit::append(
        transaction, {"account.registered", "visitor", "registration:" + registration.id, std::move(details)}, now));
    // Whether the address is known is found out later, where nobody can measure how long it takes.
    return enqueue_wish(transaction, {"registration", registration.id, ""}, now);
  }));
  return problems;
}

Result<Account> Accounts::activate(std::string_view token, Instant now) {
  const Bytes hash = token_hash(token);
  return m_database.write([&](db::Transaction& transaction) -> Result<Account> {
    const auto registration = KYSO_TRY(account_store::registration_of_token(transaction, hash, now));
    if (!registration) return fail("registry.account.link");
    const auto organisation = Organisations::find(transaction, registration->organisation, now);
    if (!organisation) return fail("registry.account.organisation");
    // Who confirms an address of the organisation itself, and is the first, becomes its clerk; everybody else could be
    // anybody, and a clerk sees the organisation's dossiers.
    const bool is_first = !KYSO_TRY(account_store::has_admitted_account(transaction, registration->organisation));
    const bool is_admitted =
        m_options.admits_first_account && is_first && is_official(registration->email, *organisation);
    Account account;
    account.id = crypto::random_uuid();
    account.email = registration->email;
    account.name = registration->name;
    account.phone = registration->phone;
    account.organisation = registration->organisation;
    account.language = registration->language;
    account.state = is_admitted ? AccountState::active : AccountState::waiting;
    if (is_admitted) account.roles = {Role::clerk};
    account.created = now;
    if (!KYSO_TRY(account_store::insert(transaction, account, registration->password)))
      return fail("registry.account.link");
    KYSO_TRY(account_store::delete_registrations(transaction, account.email));
    json::Value details = json::Value::object();
    details.set("organisation", account.organisation).set("state", name_of(account.state));
    KYSO_TRY(record(transaction, "account.activated", account.id, std::move(details), now));
    if (is_admitted) return account;
    KYSO_TRY(write_to(transaction, "account.waiting", account, {{"organisation", chain_text(*organisation)}}, now));
    KYSO_TRY(tell_who_may_admit(transaction, account, now));
    return account;
  });
}

Result<Account> create_account(db::Database& database, const AccountOptions& options, const NewAccount& wanted,
                               Instant now) {
  Account account;
  account.id = crypto::random_uuid();
  account.email = KYSO_TRY(normalised_email(wanted.email));
  account.name = KYSO_TRY(normalised_name(wanted.name));
  account.phone = KYSO_TRY(normalised_phone(wanted.phone));
  account.organisation = wanted.organisation;
  account.language = language_of(wanted.language);
  account.roles = wanted.roles;
  account.person = wanted.person;
  account.created = now;
  std::optional<std::string> password;
  if (!wanted.password.empty()) {
    KYSO_TRY(check_password_rules(wanted.password, account.email, account.name));
    password = KYSO_TRY(crypto::hash_password(wanted.password, options.password_cost));
  }
  const Result<> created = database.write([&](db::Transaction& transaction) -> Result<> {
    if (!Organisations::find(transaction, account.organisation, now)) return fail("registry.account.organisation");
    const bool is_authority =
        KYSO_TRY(Organisations::is_within(transaction, account.organisation, options.authority_organisation, now));
    KYSO_TRY(check_roles(account.roles, is_authority));
    if (!KYSO_TRY(account_store::insert(transaction, account, password))) return fail("registry.account.exists");
    json::Value details = json::Value::object();
    details.set("organisation", account.organisation).set("roles", roles_text(account.roles, "en"));
    return record(transaction, "account.created", account.id, std::move(details), now, "system:kysod");
  });
  if (!created) return explained(created.error());
  return account;
}

}  // namespace kyso::registry

#include "registry/account/delegation_store.h"

#include <fmt/format.h>

namespace kyso::registry::delegation_store {
namespace {

constexpr std::string_view kSelect =
    "SELECT d.id, d.organisation, d.account, a.email, a.name, d.basis, d.valid_from, d.valid_to, d.ended "
    "FROM delegation d JOIN account a ON a.id = d.account ";

Result<Delegation> read(const db::Row& row) {
  Delegation out;
  out.id = KYSO_TRY(row.get<std::string>(0));
  out.organisation = KYSO_TRY(row.get<std::string>(1));
  out.account = KYSO_TRY(row.get<std::string>(2));
  out.account_email = KYSO_TRY(row.get<std::string>(3));
  out.account_name = KYSO_TRY(row.get<std::string>(4));
  out.basis = KYSO_TRY(row.get<std::string>(5));
  out.valid_from = KYSO_TRY(row.get<Instant>(6));
  out.valid_to = KYSO_TRY(row.get<Instant>(7));
  out.ended = KYSO_TRY(row.get<std::optional<Instant>>(8));
  return out;
}

}  // namespace

Result<> insert(db::Transaction& transaction, const Delegation& delegation, const std::string& by, Instant now) {
  KYSO_TRY(transaction.execute(
      "INSERT INTO delegation (id, organisation, account, valid_from, valid_to, basis, created, created_by) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      {delegation.id, delegation.organisation, delegation.account, delegation.valid_from, delegation.valid_to,
       delegation.basis, now, by}));
  return {};
}

Result<std::optional<Delegation>> find(db::Transaction& transaction, const std::string& id) {
  const auto row = KYSO_TRY(transaction.maybe(fmt::format("{} WHERE d.id = ?", kSelect), {id}));
  if (!row) return std::optional<Delegation>();
  return std::optional(KYSO_TRY(read(*row)));
}

Result<> end(db::Transaction& transaction, const std::string& id, Instant now) {
  KYSO_TRY(transaction.execute("UPDATE delegation SET ended = ? WHERE id = ? AND ended IS NULL", {now, id}));
  return {};
}

Result<std::size_t> count_live(db::Transaction& transaction, const std::string& organisation, Instant now) {
  const db::Row row = KYSO_TRY(
      transaction.one("SELECT COUNT(*) FROM delegation WHERE organisation = ? AND ended IS NULL AND valid_to > ?",
                      {organisation, now}));
  return static_cast<std::size_t>(KYSO_TRY(row.get<std::int64_t>(0)));
}

Result<std::optional<std::string>> live_one(db::Transaction& transaction, const std::string& account,
                                            const std::string& organisation, Instant now) {
  const auto row = KYSO_TRY(transaction.maybe(
      "SELECT id FROM delegation WHERE account = ? AND organisation = ? AND ended IS NULL AND valid_from <= ? AND "
      "valid_to > ? ORDER BY valid_to DESC, id LIMIT 1",
      {account, organisation, now, now}));
  if (!row) return std::optional<std::string>();
  return std::optional(KYSO_TRY(row->get<std::string>(0)));
}

Result<std::vector<Delegation>> list(db::Transaction& transaction, const std::string& organisation,
                                     const std::string& account) {
  std::vector<Delegation> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(
           fmt::format("{} WHERE d.organisation = ? OR d.account = ? ORDER BY d.created DESC, d.id DESC LIMIT 500",
                       kSelect),
           {organisation, account})))
    out.push_back(KYSO_TRY(read(row)));
  return out;
}

}  // namespace kyso::registry::delegation_store

#include "registry/account/support.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "crypto/algorithm.h"
#include "registry/account/accounts.h"

namespace kyso::registry {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, kRoles> kRoleWords = {
    {{"Cán bộ đầu mối", "clerk"},
     {"Thủ trưởng", "head"},
     {"Chuyên viên tiếp nhận", "receiving officer"},
     {"Cán bộ thẩm tra", "checking officer"},
     {"Cán bộ phê duyệt", "approving officer"},
     {"Kiểm toán viên", "auditor"},
     {"Quản trị hệ thống", "administrator"}}};
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kStateWords = {
    {{"Chờ chấp nhận", "waiting"}, {"Hoạt động", "active"}, {"Bị khóa", "locked"}, {"Đã đóng", "closed"}}};

}  // namespace

Bytes token_hash(std::string_view token) {
  return crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(token));
}

Result<std::string> language_of(db::Transaction& transaction, std::string_view email) {
  const auto found = KYSO_TRY(account_store::find_by_email(transaction, email));
  return found ? found->account.language : std::string("vi");
}

Result<> record(db::Transaction& transaction, std::string_view kind, const std::string& account, json::Value details,
                Instant now, const std::string& actor) {
  const std::string subject = "account:" + account;
  KYSO_TRY(audit::append(transaction, {std::string(kind), actor.empty() ? subject : actor, subject, std::move(details)},
                         now));
  return {};
}

Result<> write_to(db::Transaction& transaction, std::string_view kind, const Account& account,
                  std::map<std::string, std::string> values, Instant now) {
  Notice notice;
  notice.kind = kind;
  notice.to = account.email;
  notice.language = account.language;
  notice.values = std::move(values);
  notice.values["name"] = account.name;
  notice.about = account.id;
  return notify(transaction, notice, now);
}

std::string chain_text(const Organisation& organisation) {
  return organisation.chain.empty() ? organisation.name : fmt::format("{}", fmt::join(organisation.chain, "; "));
}

std::string roles_text(const Roles& roles, std::string_view language) {
  std::string out;
  for (const Role role : roles) {
    if (!out.empty()) out += ", ";
    const auto& [vietnamese, english] = kRoleWords[static_cast<std::size_t>(role)];
    out += language == "en" ? english : vietnamese;
  }
  return out.empty() ? "–" : out;
}

std::string state_text(AccountState state, std::string_view language) {
  const auto& [vietnamese, english] = kStateWords[static_cast<std::size_t>(state)];
  return std::string(language == "en" ? english : vietnamese);
}

Error explained(const Error& error) {
  const bool is_person = error.code == "db.constraint" && std::ranges::any_of(error.params, [](const auto& parameter) {
                           return parameter.second == "account_person_key";
                         });
  return is_person ? fail("registry.account.person") : error;
}

}  // namespace kyso::registry

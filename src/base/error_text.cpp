#include "base/error_text.h"

#include <algorithm>
#include <vector>

namespace kyso {
namespace {

constexpr ErrorRow kRows[] = {
#include "base/error_table/audit.inc"
#include "base/error_table/authority.inc"
#include "base/error_table/base.inc"
#include "base/error_table/cms.inc"
#include "base/error_table/crypto.inc"
#include "base/error_table/db.inc"
#include "base/error_table/decree30.inc"
#include "base/error_table/issue.inc"
#include "base/error_table/jose.inc"
#include "base/error_table/json.inc"
#include "base/error_table/kyso.inc"
#include "base/error_table/kysod.inc"
#include "base/error_table/net.inc"
#include "base/error_table/pdf.inc"
#include "base/error_table/pki.inc"
#include "base/error_table/registry.inc"
#include "base/error_table/registry_account.inc"
#include "base/error_table/registry_checks.inc"
#include "base/error_table/registry_desk.inc"
#include "base/error_table/registry_dossier.inc"
#include "base/error_table/registry_notice.inc"
#include "base/error_table/registry_organisation.inc"
#include "base/error_table/registry_public.inc"
#include "base/error_table/registry_report.inc"
#include "base/error_table/sheet.inc"
#include "base/error_table/sign.inc"
#include "base/error_table/token.inc"
#include "base/error_table/vault.inc"
#include "base/error_table/verify.inc"
#include "base/error_table/webauthn.inc"
};

// A parameter that is a word itself has a second one for Vietnamese sentences: "role" and "role.vi".
std::string_view parameter(const Error& error, std::string_view name, Language language) {
  const auto named = [&](const std::string& wanted) {
    return std::ranges::find(error.params, wanted, [](const auto& p) { return std::string_view(p.first); });
  };
  auto found = language == Language::vietnamese ? named(fmt::format("{}.vi", name)) : error.params.end();
  if (found == error.params.end()) found = named(std::string(name));
  if (found != error.params.end()) return found->second;
  return name == "code" ? error.code : std::string_view("?");
}

std::string fill_places(std::string_view sentence, const Error& error, Language language) {
  std::string text;
  while (!sentence.empty()) {
    const std::size_t open = sentence.find('{');
    const std::size_t close = open == std::string_view::npos ? open : sentence.find('}', open);
    if (close == std::string_view::npos) break;
    text += sentence.substr(0, open);
    text += parameter(error, sentence.substr(open + 1, close - open - 1), language);
    sentence.remove_prefix(close + 1);
  }
  return text.append(sentence);
}

}  // namespace

std::span<const ErrorRow> error_table() {
  static const std::vector<ErrorRow> table = [] {
    std::vector<ErrorRow> rows(std::begin(kRows), std::end(kRows));
    std::ranges::sort(rows, {}, &ErrorRow::code);
    return rows;
  }();
  return table;
}

const ErrorRow* find_error_row(std::string_view code) {
  const auto table = error_table();
  const auto found = std::ranges::lower_bound(table, code, {}, &ErrorRow::code);
  return found != table.end() && found->code == code ? &*found : nullptr;
}

ErrorText describe(const Error& error, Language language) {
  const ErrorRow* row = find_error_row(error.code);
  if (row == nullptr) row = find_error_row("base.internal");
  const bool vietnamese = language == Language::vietnamese;
  return {fill_places(vietnamese ? row->vietnamese : row->english, error, language),
          fill_places(vietnamese ? row->vietnamese_next : row->english_next, error, language), row->exit_code};
}

}  // namespace kyso

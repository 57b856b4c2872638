#pragma once
#include <string>

#include "shared/console.h"
#include "vault/policy.h"

// Requests as officers read them before they sign. Everything in them may be hostile: it is shown piece by piece.
namespace kyso::app {

// All that the request decides. `policy`, where it is known, adds what the profiles mean and what a new policy changes.
std::string request_text(const vault::Request& request, const vault::Policy* policy, const Console& console);
// Who asked, who approved, who is missing, until when.
std::string standing_text(const vault::Standing& standing, const vault::Policy& policy, const Console& console);
// Why the request can't be approved as it stands: a key without proof of possession, not DER. Errors issue.*.
Result<> check_keys(const vault::Request& request);

std::string act_text(vault::Act act, const Console& console);
std::string act_text(std::string_view name, const Console& console);
std::string state_text(std::string_view state, const Console& console);  // of requests and certificates
std::string missing_text(const std::vector<std::pair<std::string, std::size_t>>& missing);

// CRLReason by its name in RFC 5280 section 5.3.1 or number, letter case aside.
std::optional<int> reason_by_name(std::string_view name);
std::string reason_text(int reason, const Console& console);

// What to do to turn one text into the other: "-" and "+" lines with their numbers.
std::vector<std::string> changed_lines(std::string_view before, std::string_view after);
// The same for whole policies, file by file; empty when they are equal.
std::string policy_changes(const std::vector<vault::PolicyFile>& before, const std::vector<vault::PolicyFile>& after,
                           const Console& console);

// One line of a table; the columns stand two blanks apart, the last is as long as it is.
class Table {
 public:
  explicit Table(std::vector<std::string> heading) { add(std::move(heading)); }
  void add(std::vector<std::string> row);  // cells are made harmless
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> m_rows;
};

}  // namespace kyso::app

#pragma once
#include <fmt/format.h>

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "pki/lint/key_numbers.h"
#include "pki/lint/lint.h"
#include "pki/lint/syntax.h"
#include "pki/lint/view.h"

// Private to the module: how rules are written. One file for each topic has a table of them.
namespace kyso::pki::lint {

enum class Verdict : std::uint8_t {
  silent,  // the rule says nothing about such a certificate
  passes,
  fails,
};
inline Verdict must(bool holds) {
  return holds ? Verdict::passes : Verdict::fails;
}

// What is examined; `why` takes the value that breaks a rule, only where there is one to show.
struct Case : View {
  const ParsedCertificate* authority = nullptr;  // the issuer's certificate, where known
  ModulusFacts modulus;                          // of an RSA key, where Family::kyso is asked for
};
using Check = Verdict (*)(const Case&, std::string& why);

struct Entry {
  Rule rule;
  Check check = nullptr;
};

consteval Weight weight_of(std::string_view id) {
  return id[0] == 'e' ? Weight::error : id[0] == 'w' ? Weight::warning : Weight::notice;
}
consteval Entry rfc(std::string_view id, std::string_view source, std::string_view title, Check check,
                    Instant since = {}) {
  return {{id, Family::rfc5280, weight_of(id), source, title, since}, check};
}
consteval Entry etsi(std::string_view id, std::string_view source, std::string_view title, Check check,
                     Instant since = {}) {
  return {{id, Family::etsi, weight_of(id), source, title, since}, check};
}
consteval Entry own(std::string_view id, std::string_view source, std::string_view title, Check check,
                    Instant since = {}) {
  return {{id, Family::kyso, weight_of(id), source, title, since}, check};
}

constexpr Instant day(int year, unsigned month, unsigned of_month) {
  return std::chrono::sys_days(
      std::chrono::year_month_day{std::chrono::year(year), std::chrono::month(month), std::chrono::day(of_month)});
}
// When the standards came into force.
inline constexpr Instant kRfc2459 = day(1999, 1, 1);
inline constexpr Instant kRfc3280 = day(2002, 4, 1);
inline constexpr Instant kRfc5280 = day(2008, 5, 1);
inline constexpr Instant kRfc6818 = day(2013, 1, 1);

// Stops at the first element that breaks the rule; silent when there is nothing to judge.
template <typename Range, typename F>
Verdict each(const Range& range, F keeps) {
  Verdict verdict = Verdict::silent;
  for (const auto& element : range) {
    const Verdict one = keeps(element);
    if (one == Verdict::fails) return one;
    if (one == Verdict::passes) verdict = one;
  }
  return verdict;
}

// The tables, in the order of rules().
std::span<const Entry> structure_rules();
std::span<const Entry> algorithm_rules();
std::span<const Entry> name_rules();
std::span<const Entry> key_rules();
std::span<const Entry> extension_rules();
std::span<const Entry> usage_rules();
std::span<const Entry> alternative_name_rules();
std::span<const Entry> constraint_rules();
std::span<const Entry> location_rules();
std::span<const Entry> issuer_rules();
std::span<const Entry> etsi_name_rules();
std::span<const Entry> etsi_statement_rules();
std::span<const Entry> etsi_extension_rules();
std::span<const Entry> own_key_rules();
std::span<const Entry> own_name_rules();
std::span<const Entry> own_profile_rules();

// All entries, in the order of rules().
const std::vector<Entry>& entries();

}  // namespace kyso::pki::lint

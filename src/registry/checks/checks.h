#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"

// Checks of what people enter in dossiers: pure functions, the same in forms, imports and at the desk. Sentences come
// from the error table through finding.error(); no finding carries a whole identity number.
namespace kyso::registry {

enum class CheckLevel : std::uint8_t { info, warn, block };
std::string_view name_of(CheckLevel level);  // "info", "warn", "block"

struct CheckFinding {
  std::string_view code;  // "registry.check.…", a row of the error table
  CheckLevel level = CheckLevel::block;
  std::vector<std::pair<std::string, std::string>> params = {};
  CheckFinding& with(std::string name, std::string value) {
    params.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  Error error() const;  // for base/error_text.h
  friend bool operator==(const CheckFinding&, const CheckFinding&) = default;
};
using CheckFindings = std::vector<CheckFinding>;
bool has_block(const CheckFindings& findings);

// A value as it is kept, and what is to be said about it. Blocked: `value` is what was entered, tidied up.
struct Checked {
  std::string value;
  CheckFindings findings;
  bool is_blocked() const { return has_block(findings); }
};

// ---- days -----------------------------------------------------------------------------------------------------------
using Day = std::chrono::year_month_day;
enum class Gender : std::uint8_t { male, female };

// "12/07/1987", "12.7.1987", "12-07-1987", "1987-07-12"; nullopt for anything else and for days that don't exist.
std::optional<Day> parse_day(std::string_view text);
std::string iso_day(const Day& day);      // "1987-07-12"
std::string display_day(const Day& day);  // "12/07/1987"
Day vietnam_day(Instant instant);
Instant start_of(const Day& day);  // 00:00 in Viet Nam

// Unreadable or in the future: block; older than 120 years or younger than 15: warn.
CheckFindings check_birth(std::string_view text, const Day& today);
// Of an identity paper. Unreadable: block; in the future or not after the birth: warn.
CheckFindings check_issue_day(std::string_view text, const std::optional<Day>& birth, const Day& today);

// ---- persons --------------------------------------------------------------------------------------------------------
// Personal number (12 digits), CMND (9), passport (letter and 7 digits). Blanks, dots and hyphens are taken out.
Checked check_identity(std::string_view number, const std::optional<Day>& date_of_birth,
                       std::optional<Gender> gender = std::nullopt);
// NFC, one blank between words. Digits, other signs, letters of several scripts: warn. Empty, or with characters that
// can't be seen: block.
Checked check_person_name(std::string_view name);
// Any text that a certificate will bear: NFC, one blank between words. The vault refuses what can't be seen or turns
// the text around, so it blocks here: registry.check.text.hidden {place} (from 1) {before} {character}.
Checked check_printed(std::string_view text);
// Equal without case, accents and blanks; d and đ are two letters.
bool same_person_name(std::string_view a, std::string_view b);

// ---- telephone and SIM ----------------------------------------------------------------------------------------------
// "84912345678" from "0912 345 678", "+84 912…", "84912…"; numbers of 11 digits before 2018 are mapped, with a warning.
Checked check_msisdn(std::string_view number);
enum class Operator : std::uint8_t { viettel, mobifone, vinaphone, vietnamobile, gmobile, itel };
std::string_view name_of(Operator carrier);                       // "Viettel", "MobiFone", "VinaPhone", …
std::string_view network_code(Operator carrier);                  // "452-04"; empty where it is unknown
std::optional<Operator> operator_by_name(std::string_view name);  // as people write it: "vina phone", "MOBIFONE"
std::optional<Operator> operator_of(std::string_view msisdn);     // by the prefix of an 84… number
// The column "SIM PKI": "Viettel", "Viettel/cs" (keeps the number), "" (none).
struct SimChoice {
  std::optional<Operator> carrier;
  bool keeps_number = false;
  CheckFindings findings;
};
SimChoice check_sim_choice(std::string_view text, std::string_view msisdn);
Checked check_iccid(std::string_view number);
// Whether the last digit is Luhn's check digit of those before.
bool has_luhn_digit(std::string_view digits);

// ---- organisations --------------------------------------------------------------------------------------------------
Checked check_tax_code(std::string_view code);           // MST: 10, 10-3 or 12 digits
Checked check_budget_code(std::string_view code);        // mã quan hệ ngân sách: 7 digits
Checked check_organisation_code(std::string_view code);  // upper case: "H37.05", "000.00.13.H53"

// ---- certificates ---------------------------------------------------------------------------------------------------
// Hexadecimal in upper case without leading zeros; blanks, colons and "0x" are taken out.
Checked check_serial(std::string_view serial);

// ---- e-mail ---------------------------------------------------------------------------------------------------------
// An official address: its domain is one of `domains` or lies under one. Lower case. An officer may let it pass
// (`registry.check.mail.domain`, `registry.check.mail.public`), never a malformed one.
Checked check_official_mail(std::string_view address, const std::vector<std::string>& domains);
bool is_mail_address(std::string_view address);
// gmail.com, yahoo.com.vn, hotmail.com …
bool is_public_mail_domain(std::string_view domain);

// ---- lists ----------------------------------------------------------------------------------------------------------
// The same number twice in one list. `line` counts from 0; the finding names the other line ({other}, from 1).
struct ListLine {
  std::string identity, organisation, msisdn, iccid, serial;  // normalised; empty ones are not compared
};
struct LineFinding {
  std::size_t line = 0;
  std::string_view field;  // "identity", "msisdn", "iccid", "serial"
  CheckFinding finding;
};
std::vector<LineFinding> check_duplicates(const std::vector<ListLine>& lines);
// "Số lượng YC" = lines = the number in the letter (absent when it is not known).
CheckFindings check_count(std::size_t stated, std::size_t lines, std::optional<std::size_t> in_letter = std::nullopt);

}  // namespace kyso::registry

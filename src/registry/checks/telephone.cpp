#include <algorithm>
#include <array>
#include <iterator>

#include "base/text.h"
#include "registry/checks/checks.h"
#include "registry/checks/digits.h"

namespace kyso::registry {
namespace {

struct Carrier {
  Operator id;
  std::string_view name, network;  // MCC-MNC
};
constexpr Carrier kCarriers[] = {
    {Operator::viettel, "Viettel", "452-04"},     {Operator::mobifone, "MobiFone", "452-01"},
    {Operator::vinaphone, "VinaPhone", "452-02"}, {Operator::vietnamobile, "Vietnamobile", ""},
    {Operator::gmobile, "Gmobile", ""},           {Operator::itel, "iTel", ""},
};

struct Prefix {
  std::string_view digits;  // behind 0 or 84
  Operator carrier;
};
constexpr Prefix kPrefixes[] = {
    {"32", Operator::viettel},      {"33", Operator::viettel},      {"34", Operator::viettel},
    {"35", Operator::viettel},      {"36", Operator::viettel},      {"37", Operator::viettel},
    {"38", Operator::viettel},      {"39", Operator::viettel},      {"86", Operator::viettel},
    {"96", Operator::viettel},      {"97", Operator::viettel},      {"98", Operator::viettel},
    {"70", Operator::mobifone},     {"76", Operator::mobifone},     {"77", Operator::mobifone},
    {"78", Operator::mobifone},     {"79", Operator::mobifone},     {"89", Operator::mobifone},
    {"90", Operator::mobifone},     {"93", Operator::mobifone},     {"81", Operator::vinaphone},
    {"82", Operator::vinaphone},    {"83", Operator::vinaphone},    {"84", Operator::vinaphone},
    {"85", Operator::vinaphone},    {"88", Operator::vinaphone},    {"91", Operator::vinaphone},
    {"94", Operator::vinaphone},    {"52", Operator::vietnamobile}, {"56", Operator::vietnamobile},
    {"58", Operator::vietnamobile}, {"92", Operator::vietnamobile}, {"59", Operator::gmobile},
    {"99", Operator::gmobile},      {"87", Operator::itel},
};

// Numbers of 11 digits were changed in September 2018.
constexpr std::pair<std::string_view, std::string_view> kOldPrefixes[] = {
    {"162", "32"}, {"163", "33"}, {"164", "34"}, {"165", "35"}, {"166", "36"}, {"167", "37"}, {"168", "38"},
    {"169", "39"}, {"120", "70"}, {"121", "79"}, {"122", "77"}, {"126", "76"}, {"128", "78"}, {"123", "83"},
    {"124", "84"}, {"125", "85"}, {"127", "81"}, {"129", "82"}, {"186", "56"}, {"188", "58"}, {"199", "59"},
};

const Carrier& carrier_of(Operator id) {
  return *std::ranges::find(kCarriers, id, &Carrier::id);
}

// What stands behind the 0 or 84; empty when neither is there.
std::string_view national_part(std::string_view digits) {
  if (digits.starts_with("0084")) return digits.substr(4);
  if (digits.starts_with("840") && digits.size() > 11) return digits.substr(3);  // "+84 0912 …"
  if (digits.starts_with("84") && digits.size() > 10) return digits.substr(2);
  return digits.starts_with('0') ? digits.substr(1) : std::string_view();
}

Checked blocked(std::string value, CheckFinding finding) {
  return {std::move(value), {std::move(finding)}};
}

}  // namespace

Checked check_msisdn(std::string_view number) {
  std::string digits = without_separators(number, " .-()\t\n\r");
  if (digits.starts_with('+')) digits.erase(0, 1);
  if (!is_all_digits(digits)) return blocked(std::move(digits), {"registry.check.msisdn.characters"});
  if (digits == "0123456789" || digits == "841234567890") return blocked(digits, {"registry.check.msisdn.placeholder"});
  const std::string_view national = national_part(digits);
  if (national.size() == 10) {
    const auto* old =
        std::ranges::find_if(kOldPrefixes, [&](const auto& pair) { return pair.first == national.substr(0, 3); });
    if (old != std::end(kOldPrefixes)) {
      Checked out{"84" + std::string(old->second) + std::string(national.substr(3)), {}};
      out.findings.push_back(CheckFinding{"registry.check.msisdn.old", CheckLevel::warn, {}}
                                 .with("old", "0" + std::string(old->first))
                                 .with("new", "0" + std::string(old->second)));
      return out;
    }
  }
  if (national.size() != 9)
    return blocked(digits, CheckFinding{"registry.check.msisdn.length"}.with("length", std::to_string(digits.size())));
  if (std::string_view("35789").find(national[0]) == std::string_view::npos)
    return blocked(digits, CheckFinding{"registry.check.msisdn.first"}.with("digit", std::string(1, national[0])));
  return {"84" + std::string(national), {}};
}

std::string_view name_of(Operator carrier) {
  return carrier_of(carrier).name;
}

std::string_view network_code(Operator carrier) {
  return carrier_of(carrier).network;
}

std::optional<Operator> operator_by_name(std::string_view name) {
  const std::string wanted = without_separators(fold_accents(name), " -_.");
  for (const Carrier& carrier : kCarriers)
    if (wanted == fold_accents(carrier.name)) return carrier.id;
  return std::nullopt;
}

std::optional<Operator> operator_of(std::string_view msisdn) {
  if (msisdn.size() != 11 || !msisdn.starts_with("84")) return std::nullopt;
  const auto* found = std::ranges::find(kPrefixes, msisdn.substr(2, 2), &Prefix::digits);
  return found == std::end(kPrefixes) ? std::nullopt : std::optional(found->carrier);
}

SimChoice check_sim_choice(std::string_view text, std::string_view msisdn) {
  SimChoice out;
  std::string_view name = trim(text);
  if (name.empty()) return out;
  if (const std::size_t slash = name.find('/'); slash != std::string_view::npos) {
    out.keeps_number = fold_accents(name.substr(slash + 1)) == "cs";
    if (!out.keeps_number) out.findings.push_back({"registry.check.sim.choice"});
    name = name.substr(0, slash);
  }
  out.carrier = operator_by_name(name);
  const bool has_sim_pki = out.carrier && !network_code(*out.carrier).empty();
  if (!has_sim_pki) {
    out.findings.push_back({"registry.check.sim.operator"});
    return out;
  }
  const auto by_prefix = operator_of(msisdn);
  // Numbers move between operators, so that this is no more than a hint.
  if (by_prefix && by_prefix != out.carrier)
    out.findings.push_back(CheckFinding{"registry.check.sim.prefix", CheckLevel::warn, {}}
                               .with("prefix", std::string(name_of(*by_prefix)))
                               .with("operator", std::string(name_of(*out.carrier))));
  out.findings.push_back(CheckFinding{"registry.check.sim.network", CheckLevel::info, {}}
                             .with("operator", std::string(name_of(*out.carrier)))
                             .with("network", std::string(network_code(*out.carrier))));
  return out;
}

bool has_luhn_digit(std::string_view digits) {
  if (!is_all_digits(digits)) return false;
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    int digit = digits[digits.size() - 1 - i] - '0';
    if (i % 2 == 1) digit = digit > 4 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return sum % 10 == 0;
}

Checked check_iccid(std::string_view number) {
  Checked out{without_separators(number), {}};
  const std::string& digits = out.value;
  // ITU-T E.118; 19 digits: without the check digit.
  if (!is_all_digits(digits) || (digits.size() != 19 && digits.size() != 20)) {
    out.findings.push_back(CheckFinding{"registry.check.iccid.length"}.with("length", std::to_string(digits.size())));
  } else if (!digits.starts_with("8984")) {
    out.findings.push_back({"registry.check.iccid.country"});
  } else if (digits.size() == 20 && !has_luhn_digit(digits)) {
    out.findings.push_back({"registry.check.iccid.digit"});
  }
  return out;
}

}  // namespace kyso::registry

#include <algorithm>
#include <map>
#include <tuple>

#include "base/text.h"
#include "registry/checks/checks.h"
#include "registry/checks/digits.h"

namespace kyso::registry {
namespace {

// The tenth digit of a tax code: 10 − (Σ mod 11), 10 being impossible.
bool has_tax_digit(std::string_view digits) {
  constexpr int kWeights[] = {31, 29, 23, 19, 17, 13, 7, 5, 3};
  int sum = 0;
  for (std::size_t i = 0; i < std::size(kWeights); ++i) sum += kWeights[i] * (digits[i] - '0');
  const int digit = 10 - sum % 11;
  return digit != 10 && digit == digits[9] - '0';
}

std::vector<std::string_view> split_dots(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t dot = text.find('.'); dot != std::string_view::npos; dot = text.find('.')) {
    parts.push_back(text.substr(0, dot));
    text.remove_prefix(dot + 1);
  }
  parts.push_back(text);
  return parts;
}

// "G12" (central) or "H26" (province).
bool is_first_level(std::string_view part) {
  return part.size() == 3 && (part[0] == 'G' || part[0] == 'H') && is_all_digits(part.substr(1));
}

bool is_lower_level(std::string_view part) {
  const auto is_sign = [](char c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); };
  return part.size() >= 2 && part.size() <= 3 && std::ranges::all_of(part, is_sign);
}

// QĐ 20/2020/QĐ-TTg: "H37.DN.002"; QCVN 102:2016: "000.00.13.H53".
bool is_organisation_code(std::string_view code) {
  const auto parts = split_dots(code);
  const bool is_old = parts.size() == 4 && parts[0].size() == 3 && parts[1].size() == 2 && parts[2].size() == 2 &&
                      is_all_digits(parts[0]) && is_all_digits(parts[1]) && is_all_digits(parts[2]) &&
                      is_first_level(parts[3]);
  return is_old ||
         (parts.size() <= 6 && is_first_level(parts[0]) && std::all_of(parts.begin() + 1, parts.end(), is_lower_level));
}

constexpr std::string_view kPublicMail[] = {
    "gmail.com",   "googlemail.com", "yahoo.com",      "yahoo.com.vn",   "ymail.com",    "rocketmail.com",
    "hotmail.com", "hotmail.com.vn", "outlook.com",    "outlook.com.vn", "live.com",     "msn.com",
    "icloud.com",  "me.com",         "mac.com",        "aol.com",        "gmx.com",      "gmx.net",
    "mail.com",    "mail.ru",        "yandex.com",     "yandex.ru",      "qq.com",       "163.com",
    "126.com",     "proton.me",      "protonmail.com", "zoho.com",       "tutanota.com", "fpt.vn",
};

bool is_domain(std::string_view domain) {
  if (domain.size() > 253) return false;
  const auto parts = split_dots(domain);
  return parts.size() >= 2 && std::ranges::all_of(parts, [](std::string_view part) {
           const auto is_sign = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-'; };
           return !part.empty() && part.size() <= 63 && part.front() != '-' && part.back() != '-' &&
                  std::ranges::all_of(part, is_sign);
         });
}

bool is_under(std::string_view domain, std::string_view above) {
  return domain == above ||
         (domain.size() > above.size() && domain.ends_with(above) && domain[domain.size() - above.size() - 1] == '.');
}

}  // namespace

Checked check_tax_code(std::string_view code) {
  const std::string digits = without_separators(code);
  Checked out{digits, {}};
  if (!is_all_digits(digits) || (digits.size() != 10 && digits.size() != 12 && digits.size() != 13)) {
    out.findings.push_back({"registry.check.tax_code.length"});
  } else if (digits.size() == 12) {
    // Since 1 July 2025 persons use their personal number.
    out.findings.push_back({"registry.check.tax_code.person", CheckLevel::info, {}});
  } else if (!has_tax_digit(digits)) {
    out.findings.push_back({"registry.check.tax_code.digit"});
  } else if (digits.size() == 13) {
    out.value.insert(10, "-");
  }
  return out;
}

Checked check_budget_code(std::string_view code) {
  Checked out{without_separators(code), {}};
  if (!is_all_digits(out.value) || out.value.size() != 7 || out.value[0] == '0')
    out.findings.push_back({"registry.check.budget_code.shape", CheckLevel::warn, {}});
  return out;
}

Checked check_organisation_code(std::string_view code) {
  Checked out{to_upper(without_separators(code, " \t\n\r")), {}};
  if (!is_organisation_code(out.value))
    out.findings.push_back({"registry.check.organisation_code.shape", CheckLevel::warn, {}});
  return out;
}

Checked check_serial(std::string_view serial) {
  std::string hex = to_upper(without_separators(serial, " :-\t\n\r"));
  if (hex.starts_with("0X")) hex.erase(0, 2);
  const auto is_hex = [](char c) { return is_digit(c) || (c >= 'A' && c <= 'F'); };
  const bool is_number = !hex.empty() && std::ranges::all_of(hex, is_hex);
  if (is_number) hex.erase(0, std::min(hex.find_first_not_of('0'), hex.size()));
  Checked out{std::move(hex), {}};
  // RFC 5280 section 4.1.2.2: positive, at most 20 bytes.
  if (!is_number || out.value.empty() || out.value.size() > 40) out.findings.push_back({"registry.check.serial.shape"});
  return out;
}

bool is_public_mail_domain(std::string_view domain) {
  return std::ranges::any_of(kPublicMail, [&](std::string_view known) { return is_under(domain, known); });
}

bool is_mail_address(std::string_view address) {
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos || at == 0 || at > 64 || address.size() > 254) return false;
  const std::string_view local = address.substr(0, at);
  const auto is_sign = [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
  };
  const bool has_odd_dots = local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos;
  std::string domain;
  for (const char c : address.substr(at + 1)) domain += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return std::ranges::all_of(local, is_sign) && !has_odd_dots && is_domain(domain);
}

Checked check_official_mail(std::string_view address, const std::vector<std::string>& domains) {
  Checked out{fold_case(address), {}};
  if (!is_mail_address(out.value)) {
    out.value = std::string(trim(address));
    out.findings.push_back({"registry.check.mail.malformed"});
    return out;
  }
  const std::string domain = out.value.substr(out.value.rfind('@') + 1);
  // Mẫu 01, note 2: an address that a state agency gave; gmail, yahoo, hotmail … are refused.
  if (is_public_mail_domain(domain)) {
    out.findings.push_back(CheckFinding{"registry.check.mail.public"}.with("domain", domain));
    return out;
  }
  static const std::vector<std::string> usual = {"gov.vn"};
  const auto& allowed = domains.empty() ? usual : domains;
  if (std::ranges::none_of(allowed, [&](const std::string& above) { return is_under(domain, above); })) {
    std::string list;
    for (const std::string& above : allowed) list += (list.empty() ? "" : ", ") + above;
    out.findings.push_back(CheckFinding{"registry.check.mail.domain"}.with("domain", domain).with("domains", list));
  }
  return out;
}

std::vector<LineFinding> check_duplicates(const std::vector<ListLine>& lines) {
  std::vector<LineFinding> out;
  std::map<std::pair<std::string_view, std::string>, std::size_t> seen;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const ListLine& line = lines[i];
    const std::string person = line.identity.empty() ? std::string() : line.identity + '\n' + line.organisation;
    for (const auto& [field, value] : {std::pair<std::string_view, const std::string&>{"identity", person},
                                       {"msisdn", line.msisdn},
                                       {"iccid", line.iccid},
                                       {"serial", line.serial}}) {
      if (value.empty()) continue;
      const auto [first, is_new] = seen.emplace(std::pair(field, value), i);
      if (is_new) continue;
      out.push_back(
          {i, field, CheckFinding{"registry.check.list.twice"}.with("other", std::to_string(first->second + 1))});
    }
  }
  return out;
}

CheckFindings check_count(std::size_t stated, std::size_t lines, std::optional<std::size_t> in_letter) {
  CheckFindings out;
  if (stated != lines)
    out.push_back(CheckFinding{"registry.check.count.lines"}
                      .with("stated", std::to_string(stated))
                      .with("lines", std::to_string(lines)));
  if (in_letter && *in_letter != lines)
    out.push_back(CheckFinding{"registry.check.count.letter"}
                      .with("letter", std::to_string(*in_letter))
                      .with("lines", std::to_string(lines)));
  return out;
}

}  // namespace kyso::registry

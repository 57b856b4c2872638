#include "registry/account/rules.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/character.h"
#include "base/text.h"
#include "net/mail.h"
#include "registry/account/support.h"

namespace kyso::registry {
namespace {

// What people choose when ten characters are asked for: words that stand alone or with digits and signs around.
constexpr std::array kCommonWords = std::to_array<std::string_view>(
    {"password", "passw0rd", "matkhau",    "matkhaumoi", "admin",   "administrator", "quantri",  "quantrivien",
     "qwerty",   "qwertyui", "qwertyuiop", "asdfghjkl",  "zxcvbnm", "iloveyou",      "letmein",  "welcome",
     "vietnam",  "hanoi",    "saigon",     "kyso",       "chukyso", "chungthuso",    "vanthu",   "uyban",
     "ubnd",     "anhyeuem", "emyeuanh",   "secret",     "congvan", "coquan",        "tochuc",   "abc",
     "abcd",     "abcdef",   "changeme",   "default",    "monkey",  "dragon",        "football", "sunshine",
     "princess", "computer", "internet",   "dichvucong", "banco",   "bancoyeu",      "test",     "guest"});
constexpr std::size_t kFewestDifferent = 5;

bool is_letter(char32_t c) {
  return (c >= U'a' && c <= U'z') || c > 0x7F;
}

// "Matkhau@2026!" -> "matkhau".
std::string word_within(std::string_view folded) {
  std::string out;
  for (const char c : folded)
    if (is_letter(static_cast<unsigned char>(c)) || (c == '0' && !out.empty())) out += c;
  while (out.ends_with('0')) out.pop_back();
  return out;
}

bool is_one_row(std::u32string_view text) {
  bool rises = true, falls = true;
  for (std::size_t i = 1; i < text.size(); ++i) {
    // 1234567890: the keyboard's row ends with zero.
    rises = rises && (text[i] == text[i - 1] + 1 || (text[i] == U'0' && text[i - 1] == U'9'));
    falls = falls && text[i] + 1 == text[i - 1];
  }
  return rises || falls;
}

bool is_common(std::string_view folded) {
  const std::u32string text = to_utf32(folded);
  if (std::set<char32_t>(text.begin(), text.end()).size() < kFewestDifferent || is_one_row(text)) return true;
  const std::string word = word_within(folded);
  if (word.empty()) return text.size() < kMinPassword + 4;  // digits and signs alone
  return std::ranges::find(kCommonWords, std::string_view(word)) != kCommonWords.end();
}

std::string without_blanks(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '.' || c == '_' || c == '-'; });
  return text;
}

bool is_personal(std::string_view password, std::string_view email, std::string_view name) {
  const std::string text = without_blanks(fold_accents(password));
  const std::string local = without_blanks(fold_accents(email.substr(0, email.find('@'))));
  const std::string who = without_blanks(fold_accents(name));
  return (local.size() >= 4 && text.find(local) != std::string::npos) ||
         (who.size() >= 4 && text.find(who) != std::string::npos);
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_desk(Role role) {
  return role == Role::receiving || role == Role::checking || role == Role::approving;
}

Error not_together(Role a, Role b) {
  return fail("registry.account.roles.together")
      .with("role", roles_text({a}, "en"))
      .with("role.vi", roles_text({a}, "vi"))
      .with("other", roles_text({b}, "en"))
      .with("other.vi", roles_text({b}, "vi"));
}

}  // namespace

Result<> check_password_rules(const Secret& password, std::string_view email, std::string_view name) {
  if (password.empty()) return fail("registry.account.password.missing");
  if (!is_valid_utf8(password.reveal())) return fail("registry.account.password.common");
  const std::size_t length = to_utf32(to_nfc(password.reveal())).size();
  if (length < kMinPassword) return fail("registry.account.password.short").with("min", kMinPassword);
  if (length > kMaxPassword) return fail("registry.account.password.long").with("max", kMaxPassword);
  if (is_personal(password.reveal(), email, name)) return fail("registry.account.password.personal");
  if (is_common(fold_accents(password.reveal()))) return fail("registry.account.password.common");
  return {};
}

Result<std::string> normalised_phone(std::string_view phone) {
  std::string digits;
  for (const char c : trim(phone)) {
    if (is_digit(c)) {
      digits += c;
    } else if (std::string_view(" .-()+").find(c) == std::string_view::npos) {
      return fail("registry.account.phone");
    }
  }
  if (digits.starts_with('0')) digits.replace(0, 1, "84");
  // 9 digits after the country's: mobile; 10: fixed with its area.
  const bool has_length = digits.size() == 11 || digits.size() == 12;
  if (!has_length || !digits.starts_with("84") || digits[2] == '0' || digits[2] == '1')
    return fail("registry.account.phone");
  return digits;
}

Result<std::string> normalised_email(std::string_view email) {
  std::string out(trim(email));
  if (out.size() > 254 || !net::is_mail_address(out)) return fail("registry.account.email");
  return out;
}

Result<std::string> normalised_name(std::string_view name) {
  const std::string out = to_nfc(trim(name));
  const std::u32string text = to_utf32(out);
  const bool is_plain = std::ranges::all_of(text, [](char32_t c) {
    const char32_t lower = c >= U'A' && c <= U'Z' ? c + 32 : c;
    return (is_letter(lower) && !is_treacherous(c)) || c == U' ' || c == U'\'' || c == U'-' || c == U'.';
  });
  // "TS. Nguyễn Văn A" is a name; what a mail program would make a link is not.
  bool has_link = false;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) has_link = has_link || (text[i] == U'.' && text[i + 1] != U' ');
  if (text.size() < 2 || text.size() > 100 || !is_plain || has_link) return fail("registry.account.name");
  return out;
}

bool is_official(std::string_view email, const Organisation& organisation) {
  const std::string key = email_key(email);
  const std::size_t at = key.rfind('@');
  if (at == std::string::npos) return false;
  const std::string_view domain = std::string_view(key).substr(at + 1);
  return std::ranges::any_of(organisation.mail_domains, [&](const std::string& own) {
    const std::string wanted = fold_case(own);
    return domain == wanted || (!wanted.empty() && domain.ends_with("." + wanted));
  });
}

Result<> check_roles(const Roles& roles, bool is_of_authority_organisation) {
  for (const Role role : roles)
    if (is_of_authority(role) && !is_of_authority_organisation)
      return fail("registry.account.roles.authority")
          .with("role", roles_text({role}, "en"))
          .with("role.vi", roles_text({role}, "vi"));
  // Who gives roles must not use them, who reads everything must not change it, and an officer must not submit what he
  // decides.
  for (const Role role : roles)
    for (const Role other : roles) {
      if (role == other) continue;
      if (role == Role::administrator || role == Role::auditor) return not_together(role, other);
      if (is_desk(role) && !is_of_authority(other)) return not_together(role, other);
    }
  return {};
}

std::string safe_return(std::string_view path) {
  const bool is_local = path.starts_with('/') && !path.starts_with("//") && path.size() <= 500;
  const bool is_plain = std::ranges::all_of(path, [](char c) { return c > ' ' && c < 0x7F && c != '\\'; });
  return is_local && is_plain ? std::string(path) : "/";
}

}  // namespace kyso::registry

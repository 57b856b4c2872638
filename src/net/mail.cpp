#include "net/mail.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "net/mail_encoding.h"

namespace kyso::net {
namespace {

constexpr std::size_t kMaxLocalPart = 64, kMaxAddress = 254;  // RFC 5321 section 4.5.3.1
constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kMaxRecipients = 100;
constexpr std::size_t kMaxContent = 30U << 20U;
constexpr std::size_t kMaxPlainHeader = 60;
// Nothing encoded here contains "=_" (RFC 2045 section 6.7), so that the boundaries need not be random and a second
// attempt sends the same bytes.
constexpr std::string_view kMixed = "=_kyso_mixed", kAlternative = "=_kyso_alternative";

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// RFC 5322 section 3.2.3.
bool is_dot_atom(std::string_view text) {
  if (text.empty() || text.front() == '.' || text.back() == '.' || text.find("..") != std::string_view::npos)
    return false;
  return std::ranges::all_of(text, [](char c) {
    return is_letter_or_digit(c) || std::string_view(".!#$%&'*+/=?^_`{|}~-").find(c) != std::string_view::npos;
  });
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kMaxLabel && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

bool is_domain(std::string_view domain) {
  while (true) {
    const std::size_t dot = domain.find('.');
    if (!is_label(domain.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    domain.remove_prefix(dot + 1);
  }
}

bool is_printable_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

// Also what Unicode calls controls and line ends: some program would break the line there.
bool has_control(std::string_view text) {
  return std::ranges::any_of(
      to_utf32(text), [](char32_t c) { return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029; });
}

// RFC 2045 section 5.1: type/subtype, without parameters.
bool is_content_type(std::string_view text) {
  const auto is_token = [](std::string_view part) {
    return !part.empty() && part.size() <= kMaxLabel && std::ranges::all_of(part, [](char c) {
      return is_letter_or_digit(c) || std::string_view("!#$%&'*+-.^_`|~{}").find(c) != std::string_view::npos;
    });
  };
  const std::size_t slash = text.find('/');
  return slash != std::string_view::npos && is_token(text.substr(0, slash)) && is_token(text.substr(slash + 1));
}

bool is_message_id(std::string_view id) {
  const std::size_t at = id.find('@');
  return at != std::string_view::npos && id.size() <= kMaxAddress && is_dot_atom(id.substr(0, at)) &&
         is_dot_atom(id.substr(at + 1));
}

Error wrong_field(std::string_view field, std::source_location where = std::source_location::current()) {
  return fail("net.mail.field", where).with("field", field);
}

Result<> check_sizes(const MailMessage& message) {
  std::size_t size = message.text.size() + message.html.size();
  for (const MailAttachment& each : message.attachments) size += each.content.size();
  if (size <= kMaxContent) return {};
  return fail("net.mail.too_large").with("limit", fmt::format("{} MiB", kMaxContent >> 20U));
}

Result<> check(const MailMessage& message) {
  const auto bad_address = [](std::string_view address) {
    return fail("net.mail.address").with("address", to_valid_utf8(address.substr(0, kMaxAddress)));
  };
  if (!is_mail_address(message.from)) return bad_address(message.from);
  if (message.to.empty()) return bad_address("");
  if (message.to.size() > kMaxRecipients) return wrong_field("To");
  for (const std::string& address : message.to)
    if (!is_mail_address(address)) return bad_address(address);
  if (has_control(message.from_name)) return wrong_field("From");
  if (has_control(message.subject)) return wrong_field("Subject");
  if (!is_message_id(message.message_id)) return wrong_field("Message-ID");
  for (const MailAttachment& each : message.attachments) {
    if (!is_content_type(each.content_type)) return wrong_field("Content-Type");
    if (has_control(each.name)) return wrong_field("filename");
  }
  return check_sizes(message);
}

// RFC 5322 section 3.3: "Fri, 20 Nov 2026 20:00:00 +0700".
std::string date_text(Instant instant) {
  constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const CivilTime time = vietnam_time(instant);
  const std::chrono::weekday weekday(std::chrono::floor<std::chrono::days>(instant + kVietNamOffset));
  return fmt::format("{}, {} {} {} {:02}:{:02}:{:02} +0700", kDays.at(weekday.c_encoding()), time.day,
                     kMonths.at(static_cast<std::size_t>(time.month - 1)), time.year, time.hour, time.minute,
                     time.second);
}

std::string subject_text(std::string_view subject) {
  const bool is_plain = is_printable_ascii(subject) && subject.size() <= kMaxPlainHeader &&
                        subject.find("=?") == std::string_view::npos && trim(subject) == subject;
  return is_plain ? std::string(subject) : encoded_words(to_nfc(subject), std::string_view("Subject: ").size());
}

std::string from_text(const MailMessage& message) {
  if (message.from_name.empty()) return message.from;
  const std::string& name = message.from_name;
  if (!is_printable_ascii(name) || name.size() > kMaxPlainHeader || name.find("=?") != std::string::npos)
    return fmt::format("{}\r\n <{}>", encoded_words(to_nfc(name), std::string_view("From: ").size()), message.from);
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return fmt::format("{}\"\r\n <{}>", quoted, message.from);
}

// The name as it may stand on a disk.
std::string file_name(std::string_view name) {
  std::string out = to_nfc(name);
  std::ranges::replace(out, '/', '_');
  std::ranges::replace(out, '\\', '_');
  return out.empty() ? "attachment" : out;
}

std::string text_part(std::string_view kind, std::string_view text) {
  return fmt::format("Content-Type: text/{}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{}",
                     kind, quoted_printable(to_nfc(text)));
}

std::string attachment_part(const MailAttachment& attachment) {
  return fmt::format(
      "Content-Type: {}\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment{}\r\n\r\n{}",
      attachment.content_type, parameter_lines("filename", file_name(attachment.name)),
      base64_lines(attachment.content));
}

std::string multipart(std::string_view kind, std::string_view boundary, const std::vector<std::string>& parts) {
  std::string out = fmt::format("Content-Type: multipart/{};\r\n boundary=\"{}\"\r\n\r\n", kind, boundary);
  for (const std::string& part : parts) out += fmt::format("--{}\r\n{}\r\n", boundary, part);
  return out + fmt::format("--{}--\r\n", boundary);
}

std::string body(const MailMessage& message) {
  if (message.html.empty()) return text_part("plain", message.text);
  if (message.text.empty()) return text_part("html", message.html);
  return multipart("alternative", kAlternative, {text_part("plain", message.text), text_part("html", message.html)});
}

}  // namespace

bool is_mail_address(std::string_view text) {
  const std::size_t at = text.find('@');
  return at != std::string_view::npos && at <= kMaxLocalPart && text.size() <= kMaxAddress &&
         is_dot_atom(text.substr(0, at)) && is_domain(text.substr(at + 1));
}

Result<std::string> compose(const MailMessage& message) {
  KYSO_TRY(check(message));
  std::string out = fmt::format("Date: {}\r\nFrom: {}\r\nTo: {}\r\nSubject: {}\r\nMessage-ID: <{}>\r\n",
                                date_text(message.date), from_text(message), fmt::join(message.to, ",\r\n "),
                                subject_text(message.subject), message.message_id);
  // RFC 3834 section 5: nobody's "out of office" answers.
  out += "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n";
  if (message.attachments.empty()) return out + body(message);
  std::vector<std::string> parts{body(message)};
  for (const MailAttachment& each : message.attachments) parts.push_back(attachment_part(each));
  return out + multipart("mixed", kMixed, parts);
}

}  // namespace kyso::net

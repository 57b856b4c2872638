#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/secret.h"
#include "base/time.h"

// Outgoing mail: messages (RFC 5322, RFC 2045–2047, UTF-8) and one delivery to a server (RFC 5321).
namespace kyso::net {

struct MailAttachment {
  std::string name, content_type;
  Bytes content;
};
struct MailMessage {
  std::string from, from_name;
  std::vector<std::string> to;
  std::string subject, text, html;  // html may be empty
  std::string message_id;           // without angle brackets; the same for every attempt
  Instant date{};
  std::vector<MailAttachment> attachments;
};
// Addresses are checked (one mailbox of ASCII, no line ends anywhere): net.mail.address {address}.
Result<std::string> compose(const MailMessage& message);
bool is_mail_address(std::string_view text);

struct MailServer {
  std::string host = "127.0.0.1";
  std::uint16_t port = 25;
  enum class Tls : std::uint8_t { none, starttls, implicit } tls = Tls::none;
  std::string user;  // empty: without login
  Secret password;
  std::string ca_file;
  std::chrono::milliseconds timeout{20'000};
};
// net.mail.unreachable {host} and net.mail.later {answer} (4yz): try again; net.mail.refused {answer} (5yz): don't.
Result<> deliver(const MailServer& server, const MailMessage& message);

}  // namespace kyso::net

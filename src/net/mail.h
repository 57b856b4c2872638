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
// Addresses are checked (one mailbox of ASCII, no line ends anywhere): net.mail.address {address}. A control character
// or line end in a subject, name or type, a message id that is none, and more than 100 recipients are net.mail.field
// {field}; more than 30 MiB of content is net.mail.too_large {limit}. The same message gives the same bytes. All lines
// are ASCII and of at most 78 characters, but for long addresses and content types.
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
// net.mail.unreachable {host} and net.mail.later {answer} (4yz): try again; net.mail.refused {answer} (5yz about this
// mail or one of its addresses): don't; a 5yz before that (greeting, TLS, login) says nothing about the mail and is
// net.mail.later. Nobody gets the mail when one address is refused. With Tls::starttls nothing is sent without TLS;
// a login without TLS is for this machine only: net.mail.insecure {host}.
Result<> deliver(const MailServer& server, const MailMessage& message);

}  // namespace kyso::net

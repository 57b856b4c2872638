#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <thread>

#include "net/mail.h"
#include "net/server_test_support.h"

namespace kyso::net {
namespace {

using namespace std::chrono_literals;

// Certificate of 127.0.0.1, and its own root.
class TestCertificate {
 public:
  TestCertificate() {
    output_of(
        fmt::format("cd {} && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 "
                    "-subj /CN=mail -addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out cert.pem 2>&1",
                    m_folder.path().string()));
  }
  std::string certificate() const { return (m_folder / "cert.pem").string(); }
  std::string key() const { return (m_folder / "key.pem").string(); }

 private:
  TestFolder m_folder;
};

const TestCertificate& test_certificate() {
  static const TestCertificate made;
  return made;
}

// A mail server for one connection after the other that says what it is told to.
class SmtpServer {
 public:
  using Replies = std::map<std::string, std::string>;
  explicit SmtpServer(Replies replies = {}, bool is_implicit_tls = false)
      : m_replies(std::move(replies)), m_is_implicit_tls(is_implicit_tls) {
    const TestCertificate& certificate = test_certificate();
    m_tls.reset(SSL_CTX_new(TLS_server_method()));
    REQUIRE(SSL_CTX_use_certificate_chain_file(m_tls.get(), certificate.certificate().c_str()) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey_file(m_tls.get(), certificate.key().c_str(), SSL_FILETYPE_PEM) == 1);
    m_listener = FileDescriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(m_listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(m_listener.get(), 5) == 0);
    socklen_t size = sizeof address;
    ::getsockname(m_listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
    m_port = ntohs(address.sin_port);
    m_thread = std::thread([this] { serve(); });
  }
  ~SmtpServer() { stop(); }

  MailServer settings() const {
    MailServer server;
    server.port = m_port;
    server.ca_file = test_certificate().certificate();
    server.timeout = 20s;
    return server;
  }
  // The connections are over after this.
  void stop() {
    ::shutdown(m_listener.get(), SHUT_RDWR);
    if (const int open = m_open; open >= 0) ::shutdown(open, SHUT_RDWR);
    if (m_thread.joinable()) m_thread.join();
  }
  // After stop().
  const std::vector<std::string>& commands() const { return m_commands; }
  const std::string& content() const { return m_content; }
  bool was_encrypted() const { return m_was_encrypted; }

 private:
  template <auto Free>
  struct Deleter {
    template <typename T>
    void operator()(T* object) const {
      Free(object);
    }
  };
  using Session = std::unique_ptr<SSL, Deleter<SSL_free>>;

  void serve() {
    while (true) {
      FileDescriptor connection(::accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!connection) return;
      m_open = connection.get();
      talk(connection.get());
      m_open = -1;
      m_session.reset();
    }
  }
  bool start_tls(int descriptor) {
    m_session.reset(SSL_new(m_tls.get()));
    SSL_set_fd(m_session.get(), descriptor);
    m_was_encrypted = SSL_accept(m_session.get()) == 1;
    return m_was_encrypted;
  }
  void say(int descriptor, const std::string& line) {
    const std::string text = line + "\r\n";
    if (m_session) {
      SSL_write(m_session.get(), text.data(), static_cast<int>(text.size()));
    } else {
      (void)!::send(descriptor, text.data(), text.size(), MSG_NOSIGNAL);
    }
  }
  std::optional<std::string> line(int descriptor) {
    std::string out;
    char c;
    while ((m_session ? SSL_read(m_session.get(), &c, 1) : static_cast<int>(::recv(descriptor, &c, 1, 0))) == 1) {
      out += c;
      if (out.ends_with("\r\n")) return out.substr(0, out.size() - 2);
    }
    return std::nullopt;
  }
  std::string reply(const std::string& verb, std::string_view normal) const {
    const auto found = m_replies.find(verb);
    return found == m_replies.end() ? std::string(normal) : found->second;
  }
  void talk(int descriptor) {
    if (m_is_implicit_tls && !start_tls(descriptor)) return;
    if (reply("greeting", "220 test") == "silence") {
      (void)line(descriptor);
      return;
    }
    say(descriptor, reply("greeting", "220 test"));
    while (const auto command = line(descriptor)) {
      m_commands.push_back(*command);
      if (!answer(descriptor, *command)) return;
    }
  }
  bool answer(int descriptor, const std::string& command) {
    const std::string verb = command.substr(0, command.find(' '));
    if (verb == "QUIT") return say(descriptor, "221 bye"), false;
    if (verb == "STARTTLS") return say(descriptor, reply(verb, "220 go")), start_tls(descriptor);
    if (verb == "AUTH" && std::ranges::count(command, ' ') == 1) {  // the next line is the answer to the challenge
      say(descriptor, "334 ");
      if (const auto secret = line(descriptor)) m_commands.push_back(*secret);
    }
    static const Replies kNormal{{"EHLO", "250-test\r\n250-STARTTLS\r\n250-AUTH PLAIN\r\n250 SIZE 50000000"},
                                 {"AUTH", "235 welcome"},
                                 {"DATA", "354 go"}};
    const auto normal = kNormal.find(verb);
    const std::string said = reply(verb, normal == kNormal.end() ? "250 ok" : normal->second);
    if (said == "hang up") return false;
    say(descriptor, said);
    return verb != "DATA" || !said.starts_with("354") || receive_content(descriptor);
  }
  bool receive_content(int descriptor) {
    m_content.clear();
    while (const auto text = line(descriptor)) {
      if (*text == ".") {
        say(descriptor, reply("end", "250 queued"));
        return true;
      }
      m_content += (text->starts_with('.') ? text->substr(1) : *text) + "\r\n";
    }
    return false;
  }

  Replies m_replies;
  bool m_is_implicit_tls, m_was_encrypted = false;
  std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>> m_tls;
  Session m_session;
  FileDescriptor m_listener;
  std::uint16_t m_port = 0;
  std::atomic<int> m_open = -1;
  std::vector<std::string> m_commands;
  std::string m_content;
  std::thread m_thread;
};

MailMessage sample() {
  return {.from = "no-reply@kyso.example.vn",
          .from_name = "",
          .to = {"a@example.vn", "b@example.vn"},
          .subject = "Hồ sơ",
          .text = ".\n..hai chấm\nHết.\n",
          .html = "",
          .message_id = "1@kyso.example.vn",
          .date = {},
          .attachments = {}};
}

TEST_CASE("a mail arrives byte by byte, for all its recipients") {
  SmtpServer server;
  MailMessage message = sample();
  message.attachments = {{"a.bin", "application/octet-stream", Bytes(300'000, 0x2E)}};
  must(deliver(server.settings(), message));
  server.stop();
  CHECK(server.content() == must(compose(message)));
  const auto& commands = server.commands();
  REQUIRE(commands.size() >= 5);
  CHECK(commands[0].starts_with("EHLO "));
  CHECK(commands[1].starts_with("MAIL FROM:<no-reply@kyso.example.vn>"));
  CHECK(commands[2] == "RCPT TO:<a@example.vn>");
  CHECK(commands[3] == "RCPT TO:<b@example.vn>");
  CHECK(commands[4] == "DATA");
  CHECK(!server.was_encrypted());
}

struct Case {
  std::string stage, reply, code;
};

TEST_CASE("what the server says decides whether to try again") {
  const std::array<Case, 14> cases{{
      {"MAIL", "451 try later", "net.mail.later"},
      {"MAIL", "550 not you", "net.mail.refused"},
      {"RCPT", "450 busy", "net.mail.later"},
      {"RCPT", "550 5.1.1 no such user", "net.mail.refused"},
      {"DATA", "452 full", "net.mail.later"},
      {"DATA", "554 no", "net.mail.refused"},
      {"end", "451 greylisted", "net.mail.later"},
      {"end", "552 too large", "net.mail.refused"},
      {"greeting", "421 closing", "net.mail.later"},
      {"greeting", "554 no service", "net.mail.later"},  // says nothing about the mail
      {"EHLO", "hang up", "net.mail.unreachable"},
      {"MAIL", "hang up", "net.mail.unreachable"},
      {"DATA", "hang up", "net.mail.unreachable"},
      {"end", "350 what", "net.mail.unreachable"},
  }};
  for (const Case& each : cases) {
    SmtpServer server({{each.stage, each.reply}});
    const auto result = deliver(server.settings(), sample());
    CHECK_MESSAGE(code_of(result) == each.code, each.stage, " ", each.reply);
    if (code_of(result) == "net.mail.refused" || code_of(result) == "net.mail.later")
      CHECK(parameter(result.error(), "answer") == each.reply);
  }
}

TEST_CASE("login: by PLAIN under STARTTLS, and a refused one doesn't lose the mail") {
  SmtpServer server;
  MailServer settings = server.settings();
  settings.tls = MailServer::Tls::starttls;
  settings.user = "portal";
  settings.password = Secret("mật khẩu");
  must(deliver(settings, sample()));
  server.stop();
  CHECK(server.was_encrypted());
  CHECK(server.content() == must(compose(sample())));
  const std::string login = to_base64(as_bytes(std::string(1, '\0') + "portal" + std::string(1, '\0') + "mật khẩu"));
  bool is_there = false;
  for (const std::string& command : server.commands()) is_there |= command.ends_with(login);
  CHECK(is_there);

  SmtpServer refusing({{"AUTH", "535 5.7.8 wrong password"}});
  MailServer again = refusing.settings();
  again.user = "portal";
  again.password = Secret("x");
  const auto refused = deliver(again, sample());
  REQUIRE(code_of(refused) == "net.mail.later");
  CHECK(parameter(refused.error(), "answer") == "535 5.7.8 wrong password");
}

TEST_CASE("TLS: from the beginning, with the right certificate, and never less than was asked for") {
  SmtpServer implicit({}, true);
  MailServer settings = implicit.settings();
  settings.tls = MailServer::Tls::implicit;
  must(deliver(settings, sample()));
  implicit.stop();
  CHECK(implicit.was_encrypted());

  SmtpServer another({}, true);
  settings = another.settings();
  settings.tls = MailServer::Tls::implicit;
  settings.ca_file = KYSO_SOURCE_DIR "/tests/vectors/crypto/root.cert.pem";
  CHECK(code_of(deliver(settings, sample())) == "net.mail.unreachable");

  SmtpServer without({{"EHLO", "250 test"}});
  settings = without.settings();
  settings.tls = MailServer::Tls::starttls;
  CHECK(code_of(deliver(settings, sample())) == "net.mail.unreachable");
  without.stop();
  CHECK(without.content().empty());
  for (const std::string& command : without.commands()) CHECK(!command.starts_with("MAIL"));

  settings.host = "mail.example.vn";
  settings.tls = MailServer::Tls::none;
  settings.user = "portal";
  CHECK(code_of(deliver(settings, sample())) == "net.mail.insecure");
}

TEST_CASE("a server that speaks something else") {
  SmtpServer web({{"greeting", "HTTP/1.1 400 Bad Request"}});
  MailServer settings = web.settings();
  settings.timeout = 200ms;
  CHECK(code_of(deliver(settings, sample())) == "net.mail.unreachable");
}

TEST_CASE("a server that is silent, not there, or none") {
  SmtpServer silent({{"greeting", "silence"}});
  MailServer settings = silent.settings();
  settings.timeout = 200ms;
  const auto late = deliver(settings, sample());
  REQUIRE(code_of(late) == "net.mail.unreachable");
  CHECK(parameter(late.error(), "host") == "127.0.0.1");
  std::uint16_t port = 0;
  {
    const SmtpServer gone;
    port = gone.settings().port;
  }
  settings.port = port;
  CHECK(code_of(deliver(settings, sample())) == "net.mail.unreachable");
  for (const std::string_view host : {"", "a b", "a/b", "a@b", "a\r\nb", "file:///etc"}) {
    settings.host = host;
    CHECK_MESSAGE(code_of(deliver(settings, sample())) == "net.mail.unreachable", host);
  }
  MailMessage wrong = sample();
  wrong.to = {"nobody"};
  CHECK(code_of(deliver(settings, wrong)) == "net.mail.address");
}

}  // namespace
}  // namespace kyso::net

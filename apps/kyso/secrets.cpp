#include "kyso/secrets.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <charconv>
#include <memory>

#include "base/file.h"
#include "base/text.h"

namespace kyso::app {
namespace {

constexpr std::size_t kMaxSecret = 1024;

Secret first_line(std::string text) {
  Secret whole(std::move(text));
  const std::string_view value = whole.reveal();
  return Secret(std::string(value.substr(0, value.find_first_of("\r\n"))));
}

Result<Secret> read_line(int descriptor) {
  std::string text;
  text.reserve(kMaxSecret);  // no reallocation leaves a copy behind
  char c = 0;
  ssize_t got = 0;
  while (text.size() < kMaxSecret && (got = ::read(descriptor, &c, 1)) == 1 && c != '\n') text.push_back(c);
  if (got < 0) return fail("kyso.secret.unreadable").with("path", fmt::format("fd:{}", descriptor));
  return first_line(std::move(text));
}

// Echo off while it lives.
class QuietTerminal {
 public:
  explicit QuietTerminal(int descriptor) : m_descriptor(descriptor) {
    m_changed = tcgetattr(descriptor, &m_saved) == 0;
    if (!m_changed) return;
    termios quiet = m_saved;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(descriptor, TCSAFLUSH, &quiet);
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;
  ~QuietTerminal() {
    if (m_changed) tcsetattr(m_descriptor, TCSAFLUSH, &m_saved);
  }

 private:
  int m_descriptor;
  bool m_changed = false;
  termios m_saved{};
};

void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(descriptor, text.data(), text.size());
    if (n <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

struct Terminal {
  int descriptor;
  explicit Terminal() : descriptor(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {}
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() {
    if (descriptor >= 0) ::close(descriptor);
  }
};

Result<std::string> ask_in_clear(const std::string& question) {
  const Terminal terminal;
  if (terminal.descriptor < 0) return fail("kyso.secret.no_terminal");
  write_all(terminal.descriptor, question);
  return read_line(terminal.descriptor).transform([](Secret&& answer) { return std::string(answer.reveal()); });
}

// A token's last try is spent only when the person says so: after it the token is locked (facts: goal T4).
Result<> consent_to_last_try(const token::TokenInfo& token, const PinOptions& options, const Console& console) {
  if (options.use_last_try) return {};
  const auto answer = ask_in_clear(console.text(
      "Thiết bị {} chỉ còn MỘT lần nhập mã PIN; nhập sai thiết bị sẽ bị khóa.\nGõ CO để nhập mã PIN, phím khác để "
      "dừng: ",
      "Token {} has ONE try left; a wrong PIN will lock it.\nType YES to enter the PIN, anything else to stop: ",
      token.label));
  const std::string word = answer ? fold_accents(*answer) : "";
  if (word == "co" || word == "yes") return {};
  return fail("token.pin.final_try").with("token", token.label);
}

std::string tries_warning(const token::TokenInfo& token, const Console& console) {
  if (token.pin_state != token::PinState::count_low) return "";
  return console.text("Mã PIN của {} đã bị nhập sai trước đó; nhập sai thêm vài lần nữa thiết bị sẽ bị khóa.\n",
                      "A wrong PIN was entered for {} before; a few more will lock the token.\n", token.label);
}

}  // namespace

Result<Secret> read_secret_file(const std::string& path) {
  auto bytes = read_file(path, kMaxSecret);
  if (!bytes) return fail("kyso.secret.unreadable", "{}", bytes.error().code).with("path", path);
  Secret secret = first_line(std::string(as_chars(*bytes)));
  explicit_bzero(bytes->data(), bytes->size());
  return secret;
}

Result<Secret> read_secret_descriptor(int descriptor) {
  return read_line(descriptor);
}

Result<Secret> ask_secret(const std::string& question) {
  const Terminal terminal;
  if (terminal.descriptor < 0) return fail("kyso.secret.no_terminal");
  // Before the question: what is typed right behind it must neither show nor be flushed.
  const QuietTerminal quiet(terminal.descriptor);
  write_all(terminal.descriptor, question);
  auto secret = read_line(terminal.descriptor);
  write_all(terminal.descriptor, "\n");
  return secret;
}

Result<Secret> obtain_pin(const PinOptions& options, const std::string& question) {
  if (!options.file.empty()) return read_secret_file(options.file);
  if (options.descriptor >= 0) return read_secret_descriptor(options.descriptor);
  return ask_secret(question);
}

token::PinSource pin_source(const PinOptions& options, const Console& console) {
  // A descriptor can be read once; the token may need its PIN again after it was pulled out and put back.
  auto once = std::make_shared<std::optional<Secret>>();
  return [options, &console, once](const token::TokenInfo& token) -> Result<Secret> {
    if (token.pin_state == token::PinState::final_try) KYSO_TRY(consent_to_last_try(token, options, console));
    if (*once) return (*once)->clone();
    const std::string question =
        tries_warning(token, console) + console.text("Mã PIN của thiết bị {}: ", "PIN of token {}: ", token.label);
    Secret pin = KYSO_TRY(obtain_pin(options, question));
    *once = pin.clone();
    return pin;
  };
}

Result<std::optional<Secret>> document_password(const std::string& option, const Console& console) {
  if (option.empty()) return std::optional<Secret>();
  if (option == "prompt")
    return std::optional<Secret>(
        KYSO_TRY(ask_secret(console.pick("Mật khẩu của văn bản: ", "Password of the document: "))));
  if (option.starts_with("file:")) return std::optional<Secret>(KYSO_TRY(read_secret_file(option.substr(5))));
  if (option.starts_with("fd:")) {
    int descriptor = -1;
    const char* end = option.data() + option.size();
    if (std::from_chars(option.data() + 3, end, descriptor).ptr != end || descriptor < 0)
      return fail("kyso.secret.unreadable").with("path", option);
    return std::optional<Secret>(KYSO_TRY(read_secret_descriptor(descriptor)));
  }
  return std::optional<Secret>(Secret(option));
}

}  // namespace kyso::app

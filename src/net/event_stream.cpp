#include "net/event_stream.h"

#include <mutex>

namespace kyso::net {
namespace {

void add_line(std::string& out, std::string_view field, std::string_view value) {
  out.append(field).append(": ").append(value).append("\n");
}

// A name or id is one line.
std::string one_line(std::string_view text) {
  std::string line(text);
  std::erase_if(line, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
  return line;
}

std::string written(const Event& event) {
  std::string out;
  if (!event.name.empty()) add_line(out, "event", one_line(event.name));
  if (!event.id.empty()) add_line(out, "id", one_line(event.id));
  std::string_view rest = event.data;
  while (true) {
    const std::size_t end = rest.find_first_of("\r\n");
    add_line(out, "data", rest.substr(0, end));
    if (end == std::string_view::npos) break;
    const bool is_pair = rest.substr(end, 2) == "\r\n";
    rest.remove_prefix(end + (is_pair ? 2 : 1));
  }
  return out += '\n';
}

class Stream final : public EventStream, public PieceSource, public std::enable_shared_from_this<Stream> {
 public:
  explicit Stream(Options options) : m_options(options) {}

  bool send(const Event& event) override {
    const std::string text = written(event);
    const std::lock_guard lock(m_mutex);
    if (m_is_ending) return false;
    if (m_waiting.size() + text.size() > m_options.max_waiting) {
      m_waiting.clear();
      m_is_ending = true;
    } else {
      append(m_waiting, text);
    }
    if (m_wake) m_wake();
    return !m_is_ending;
  }
  void end() override {
    const std::lock_guard lock(m_mutex);
    m_is_ending = true;
    if (m_wake) m_wake();
  }
  bool has_ended() const override {
    const std::lock_guard lock(m_mutex);
    return m_is_ending;
  }
  ServerResponse response() override {
    ServerResponse response;
    response.content_type = "text/event-stream";
    response.events = shared_from_this();
    // X-Accel-Buffering: a proxy in front must not collect events.
    response.with("Cache-Control", "no-store").with("X-Accel-Buffering", "no");
    return response;
  }

  Taken take() override {
    const std::lock_guard lock(m_mutex);
    return {std::exchange(m_waiting, {}), m_is_ending};
  }
  void on_news(std::function<void()> wake) override {
    const std::lock_guard lock(m_mutex);
    if (!wake) m_is_ending = true;
    m_wake = std::move(wake);
  }
  void finish() override { end(); }
  std::chrono::milliseconds heartbeat_every() const override { return m_options.heartbeat; }
  std::string_view heartbeat() const override { return ":\n\n"; }

 private:
  const Options m_options;
  mutable std::mutex m_mutex;
  Bytes m_waiting;
  bool m_is_ending = false;
  std::function<void()> m_wake;
};

}  // namespace

std::shared_ptr<EventStream> EventStream::create(Options options) {
  return std::make_shared<Stream>(options);
}

}  // namespace kyso::net

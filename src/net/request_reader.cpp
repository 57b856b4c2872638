// The one translation unit that sees Beast's HTTP: it costs several seconds and half a gigabyte to compile.
#include "net/request_reader.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <cstring>

namespace kyso::net {
namespace {

namespace http = boost::beast::http;
using ErrorCode = boost::beast::error_code;
using Text = boost::beast::string_view;

std::string_view as_view(Text text) {
  return {text.data(), text.size()};
}

// Hands Beast's grammar over to our own values. Fields that come after the head are trailers and dropped.
class Grammar final : public http::basic_parser<true> {
 public:
  Grammar(RequestHead& head, Bytes& body, std::size_t& limit) : m_head(head), m_body(body), m_limit(limit) {
    header_limit(kMaxHead);
    body_limit(boost::none);
    eager(false);
  }
  bool has_too_many_fields() const { return m_too_many; }
  bool is_body_too_large() const { return m_too_large; }

 private:
  void on_request_impl(http::verb, Text method, Text target, int version, ErrorCode&) override {
    m_head.method = as_view(method);
    m_head.target = as_view(target);
    m_head.is_http_11 = version == 11;
  }
  void on_response_impl(int, Text, int, ErrorCode&) override {}
  void on_field_impl(http::field, Text name, Text value, ErrorCode& error) override {
    if (m_head_done) return;
    if (m_head.fields.size() == kMaxFields) {
      m_too_many = true;
      error = http::error::header_limit;
      return;
    }
    m_head.fields.emplace_back(to_lower_ascii(as_view(name)), as_view(value));
  }
  void on_header_impl(ErrorCode&) override { m_head_done = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}
  std::size_t on_body_impl(Text body, ErrorCode& error) override { return take(body, error); }
  void on_chunk_header_impl(std::uint64_t, Text, ErrorCode&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text body, ErrorCode& error) override { return take(body, error); }
  void on_finish_impl(ErrorCode&) override {}

  std::size_t take(Text piece, ErrorCode& error) {
    if (piece.size() > m_limit - m_body.size()) {
      m_too_large = true;
      error = http::error::body_limit;
      return 0;
    }
    append(m_body, as_view(piece));
    return piece.size();
  }

  RequestHead& m_head;
  Bytes& m_body;
  std::size_t& m_limit;
  bool m_head_done = false, m_too_many = false, m_too_large = false;
};

}  // namespace

struct RequestReader::Impl {
  explicit Impl(const std::vector<std::string>& hosts) : allowed_hosts(hosts) {}

  Step refuse(Refusal why) {
    refusal = why;
    return Step::refused;
  }
  Step scan(std::string_view input);
  Step parse(std::string_view block);

  const std::vector<std::string>& allowed_hosts;
  RequestHead head;
  Bytes body;
  Refusal refusal;
  std::optional<Grammar> grammar;
  std::size_t scanned = 0;  // bytes of the head looked at
  std::size_t line = 0;     // where the present line begins
  std::size_t skipped = 0;  // an empty line before the request
  std::size_t used = 0;
  std::size_t limit = 0;
};

// Finds the end of the head, line by line, each byte once. The parser joins folded fields and forgives nothing else
// that matters, so folds are found here, on the raw bytes (RFC 9112 section 5.2).
RequestReader::Step RequestReader::Impl::scan(std::string_view input) {
  const std::size_t end = std::min(input.size(), kMaxHead + skipped);
  while (scanned < end) {
    const void* found = std::memchr(input.data() + scanned, '\n', end - scanned);
    if (found == nullptr) {
      scanned = end;
      break;
    }
    const auto feed = static_cast<std::size_t>(static_cast<const char*>(found) - input.data());
    if (feed == line || input[feed - 1] != '\r') return refuse({400, "net.request.malformed", "bare LF"});
    const bool is_empty = feed == line + 1;
    const bool is_fold = line > skipped && (input[line] == ' ' || input[line] == '\t');
    if (is_fold) return refuse({400, "net.request.malformed", "folded field"});
    scanned = feed + 1;
    if (is_empty && line == 0) {
      skipped = line = scanned;  // RFC 9112 section 2.2: one empty line before a request is ignored
      continue;
    }
    line = scanned;
    if (is_empty) {
      used = scanned;
      return Step::done;
    }
  }
  if (input.size() < kMaxHead + skipped) return Step::more;
  const bool in_request_line = line == skipped;
  return in_request_line ? refuse({414, "net.request.target_too_long", "request line"})
                         : refuse({431, "net.request.head_too_large", "head"});
}

RequestReader::Step RequestReader::Impl::parse(std::string_view block) {
  grammar.emplace(head, body, limit);
  ErrorCode error;
  const std::size_t taken = grammar->put(boost::asio::buffer(block.data(), block.size()), error);
  if (grammar->has_too_many_fields()) return refuse({431, "net.request.head_too_large", "number of fields"});
  if (error == http::error::bad_version) return refuse({505, "net.request.version", "HTTP version"});
  if (error == http::error::bad_transfer_encoding || error == http::error::bad_content_length)
    return refuse({400, "net.request.malformed", "framing fields"});
  if (error) return refuse({400, "net.request.malformed", "grammar of the head"});
  if (!grammar->is_header_done() || taken != block.size())
    return refuse({400, "net.request.malformed", "end of the head"});
  if (const auto why = check_head(head, allowed_hosts)) return refuse(*why);
  return Step::done;
}

RequestReader::RequestReader(const std::vector<std::string>& allowed_hosts)
    : m_impl(std::make_unique<Impl>(allowed_hosts)) {}
RequestReader::~RequestReader() = default;

RequestReader::Step RequestReader::read_head(std::string_view input) {
  const Step step = m_impl->scan(input);
  if (step != Step::done) return step;
  return m_impl->parse(input.substr(m_impl->skipped, m_impl->used - m_impl->skipped));
}

RequestReader::Step RequestReader::read_body(std::string_view input, std::size_t limit) {
  Impl& self = *m_impl;
  self.limit = limit;
  self.used = 0;
  if (self.head.content_length.value_or(0) > limit) return self.refuse({413, "net.request.too_large", "body"});
  while (!self.grammar->is_done()) {
    const std::string_view rest = input.substr(self.used);
    // No chunked body ends with less; Beast's assertions want a last chunk together.
    constexpr std::size_t kLastChunk = std::string_view("0\r\n\r\n").size();
    if (rest.empty() || (self.head.is_chunked && rest.size() < kLastChunk)) return Step::more;
    ErrorCode error;
    const std::size_t taken = self.grammar->put(boost::asio::buffer(rest.data(), rest.size()), error);
    self.used += taken;
    if (self.grammar->is_body_too_large()) return self.refuse({413, "net.request.too_large", "body"});
    if (error == http::error::need_more) {
      if (rest.size() - taken > kMaxChunkFraming)
        return self.refuse({400, "net.request.malformed", "chunk extensions or trailers"});
      return Step::more;
    }
    if (error) return self.refuse({400, "net.request.malformed", "chunks"});
  }
  return Step::done;
}

std::size_t RequestReader::used() const {
  return m_impl->used;
}
RequestHead& RequestReader::head() {
  return m_impl->head;
}
const RequestHead& RequestReader::head() const {
  return m_impl->head;
}
Bytes& RequestReader::body() {
  return m_impl->body;
}
const Refusal& RequestReader::refusal() const {
  return m_impl->refusal;
}

void RequestReader::next() {
  m_impl->head = {};
  m_impl->body = {};
  m_impl->grammar.reset();
  m_impl->scanned = m_impl->line = m_impl->skipped = m_impl->used = 0;
}

}  // namespace kyso::net

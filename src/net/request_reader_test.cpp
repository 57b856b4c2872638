#include "net/request_reader.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

#include "base/test_support.h"

namespace kyso::net {
namespace {

using namespace std::string_view_literals;
using Step = RequestReader::Step;

struct Outcome {
  int status = 0;  // 0: a whole request; -1: more is needed
  std::string method, path, body, left;
};

// Feeds the bytes in pieces of that size.
Outcome read(std::string_view bytes, std::size_t piece, const std::vector<std::string>& hosts = {},
             std::size_t limit = 1000) {
  RequestReader reader(hosts);
  std::string input;
  bool has_head = false;
  Step step = Step::more;
  while (step == Step::more && !bytes.empty()) {
    input += bytes.substr(0, piece);
    bytes.remove_prefix(std::min(piece, bytes.size()));
    if (!has_head) {
      step = reader.read_head(input);
      if (step != Step::done) continue;
      has_head = true;
      input.erase(0, reader.used());
      if (!reader.head().has_body()) break;
    }
    step = reader.read_body(input, limit);
    input.erase(0, reader.used());
  }
  if (step == Step::refused) return {reader.refusal().status, reader.head().method, {}, {}, {}};
  if (step == Step::more) return {-1, {}, {}, {}, {}};
  return {0, reader.head().method, reader.head().path, std::string(as_chars(reader.body())),
          input + std::string(bytes)};
}

struct Case {
  std::string_view what, bytes;
  int status;
};

std::string many_fields(int count) {
  std::string fields;
  for (int i = 0; i < count; ++i) fields += fmt::format("X-{}: y\r\n", i);
  return fields;
}

// What Beast's parser accepts and a server must not, and what it refuses by itself.
const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"plain", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0},
      {"HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\n\r\n", 0},
      {"one empty line before", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 0},
      {"two empty lines before", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"no Host in 1.0", "GET / HTTP/1.0\r\n\r\n", 400},
      {"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
      {"empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {"Host with a path", "GET / HTTP/1.1\r\nHost: a/b c\r\n\r\n", 400},
      {"Host with a user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
      {"Host list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
      {"Host with port", "GET / HTTP/1.1\r\nHost: a.b:8080\r\n\r\n", 0},
      {"Host with empty port", "GET / HTTP/1.1\r\nHost: a:\r\n\r\n", 0},
      {"Host with bad port", "GET / HTTP/1.1\r\nHost: a:8x\r\n\r\n", 400},
      {"Host with large port", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", 400},
      {"Host with two ports", "GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n", 400},
      {"Host IPv6", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 0},
      {"Host IPv6 unclosed", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
      {"Host IPv6 and more", "GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n", 400},
      {"xchunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 501},
      {"identity", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", 501},
      {"gzip", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
      {"gzip, chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
      {"quoted chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n", 501},
      {"chunked, identity", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n", 501},
      {"chunked, chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 501},
      {"chunked twice",
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"chunked;q=1", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n", 501},
      {"empty Transfer-Encoding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n", 501},
      {"empty Transfer-Encoding beside a length",
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\nContent-Length: 0\r\n\r\n", 501},
      {"chunked in 1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"chunked, written otherwise", "POST / HTTP/1.1\r\nHost: a\r\ntransfer-ENCODING: Chunked\r\n\r\n0\r\n\r\n", 0},
      {"length after chunked",
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400},
      {"length before chunked",
       "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"the same length twice", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400},
      {"two lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", 400},
      {"list of lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nhello", 400},
      {"leading zeros", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0005\r\n\r\nhello", 400},
      {"length +5", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello", 400},
      {"length -1", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
      {"length 0x5", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\nhello", 400},
      {"empty length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 400},
      {"overflowing length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551616\r\n\r\n", 400},
      {"length beyond the limit", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\nx", 413},
      {"chunks beyond the limit", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\nx", -1},
      {"obs-fold", "GET / HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n", 400},
      {"obs-fold by tab", "GET / HTTP/1.1\r\nHost: a\r\nX-A: b\r\n\tc\r\n\r\n", 400},
      {"folded Host", "GET / HTTP/1.1\r\nHost:\r\n a\r\n\r\n", 400},
      {"folded Transfer-Encoding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
       400},
      {"blank before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
      {"blank before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
      {"field without name", "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", 400},
      {"field without colon", "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400},
      {"name that is no token", "GET / HTTP/1.1\r\nHost: a\r\nX(: b\r\n\r\n", 400},
      {"NUL", "GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n"sv, 400},
      {"control", "GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n", 400},
      {"DEL", "GET / HTTP/1.1\r\nHost: a\r\nX: \x7F\r\n\r\n", 400},
      {"byte above 7F in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: \xC3\xA9\r\n\r\n", 400},
      {"bare CR", "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400},
      {"bare LF", "GET / HTTP/1.1\nHost: a\n\n", 400},
      {"one bare LF", "GET / HTTP/1.1\r\nHost: a\r\nX: a\nY: b\r\n\r\n", 400},
      {"LF at once", "\n", 400},
      {"two blanks", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"tab", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"no version", "GET /\r\nHost: a\r\n\r\n", 400},
      {"HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
      {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
      {"http/1.1", "GET / http/1.1\r\nHost: a\r\n\r\n", 505},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"raw UTF-8", "GET /\xC3\xA9 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"<", "GET /< HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {">", "GET /> HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"quotation mark", "GET /\" HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"backslash", "GET /a\\b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"no slash", "GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"asterisk", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"absolute form", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"lower-case method", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"body on GET", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", 400},
      {"chunked GET", "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"body on DELETE", "DELETE / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", 400},
      {"empty body on GET", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 0},
      {"bad escape", "GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"bad escape digit", "GET /%4g HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"escaped NUL", "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"escaped line break", "GET /%0d%0a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"escaped ill-formed UTF-8", "GET /%C3 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"escape in the query", "GET /?a=%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"dot dot", "GET /a/../b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"dot dot at the end", "GET /a/.. HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"escaped dot dot", "GET /%2e%2E/b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"dot dot by escaped slash", "GET /a%2F..%2Fb HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"three dots", "GET /.../b HTTP/1.1\r\nHost: a\r\n\r\n", 0},
      {"Expect otherwise", "POST / HTTP/1.1\r\nHost: a\r\nExpect: a\r\nContent-Length: 1\r\n\r\nx", 417},
      {"Expect in 1.0", "POST / HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx", 417},
      {"Connection names Content-Length",
       "POST / HTTP/1.1\r\nHost: a\r\nConnection: close, Content-Length\r\nContent-Length: 1\r\n\r\nx", 400},
      {"bad Connection", "GET / HTTP/1.1\r\nHost: a\r\nConnection: (\r\n\r\n", 400},
      {"bad chunk size", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n0\r\n\r\n", 400},
      {"overflowing chunk size",
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n11111111111111111\r\n", 400},
      {"chunk with bare LF", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n", 400},
      {"chunk longer than its size",
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxyz\r\n0\r\n\r\n", 400},
      {"LF in an extension", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a\nb\r\nx\r\n0\r\n\r\n",
       400},
  };
  return all;
}

TEST_CASE("what is refused, in one piece and byte by byte") {
  for (const Case& one : cases()) {
    CAPTURE(one.what);
    for (const std::size_t piece : {one.bytes.size(), std::size_t{1}, std::size_t{7}}) {
      const Outcome outcome = read(one.bytes, piece);
      CHECK(outcome.status == one.status);
    }
  }
  CHECK(cases().size() > 100);
}

TEST_CASE("sizes: 100 fields, 16 KiB of head, a target of 8 KiB") {
  const auto with = [](const std::string& target, const std::string& fields) {
    return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
  };
  for (const std::size_t piece : {std::size_t{100'000}, std::size_t{1}, std::size_t{1000}}) {
    CHECK(read(with("/", many_fields(99)), piece).status == 0);
    CHECK(read(with("/", many_fields(100)), piece).status == 431);
    CHECK(read(with("/", "X: " + std::string(16'000, 'y') + "\r\n"), piece).status == 0);
    CHECK(read(with("/", "X: " + std::string(17'000, 'y') + "\r\n"), piece).status == 431);
    CHECK(read(with("/" + std::string(8'000, 'y'), ""), piece).status == 0);
    CHECK(read(with("/" + std::string(9'000, 'y'), ""), piece).status == 414);
    CHECK(read(with("/" + std::string(17'000, 'y'), ""), piece).status == 414);
  }
}

TEST_CASE("bodies: by length and by chunks; what follows is left") {
  const std::string next = "GET /next HTTP/1.1\r\n";
  const std::string by_length = "POST /a%20b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" + next;
  const std::string by_chunks =
      "POST /a%20b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "2;name=\"v\"\r\nhe\r\n003\r\nllo\r\n0\r\nHost: other\r\nContent-Type: x\r\n\r\n" +
      next;
  for (const std::string& bytes : {by_length, by_chunks}) {
    for (const std::size_t piece : {bytes.size(), std::size_t{1}, std::size_t{13}}) {
      const Outcome outcome = read(bytes, piece);
      CHECK(outcome.status == 0);
      CHECK(outcome.path == "/a b");
      CHECK(outcome.body == "hello");
      CHECK(outcome.left == next);
    }
  }
}

TEST_CASE("trailers are dropped, whatever they say") {
  const std::vector<std::string> any_host;
  RequestReader reader(any_host);
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  REQUIRE(reader.read_head(head) == Step::done);
  REQUIRE(reader.read_body("0\r\nHost: b\r\nX-Role: admin\r\n\r\n", 10) == Step::done);
  CHECK(reader.head().fields.size() == 2);
  CHECK(reader.head().field("host") == "a");
}

TEST_CASE("framing of chunks is bounded") {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  CHECK(read(head + "1;" + std::string(100'000, 'x'), 4000).status == 400);
  CHECK(read(head + "0\r\nX: " + std::string(100'000, 'x'), 4000).status == 400);
  CHECK(read(head + "3e8\r\n" + std::string(1000, 'x') + "\r\n1\r\nx\r\n0\r\n\r\n", 4000).status == 413);
}

TEST_CASE("hosts that are allowed") {
  const std::vector<std::string> hosts{"ca.example", "[::1]", "10.0.0.1"};
  const auto status = [&](std::string_view host) {
    return read(fmt::format("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", host), 1000, hosts).status;
  };
  CHECK(status("ca.example") == 0);
  CHECK(status("CA.Example:8080") == 0);
  CHECK(status("[::1]:80") == 0);
  CHECK(status("10.0.0.1") == 0);
  CHECK(status("ca.example.evil") == 400);
  CHECK(status("a.ca.example") == 400);
  CHECK(status("localhost") == 400);
}

TEST_CASE("query, keep-alive, continue") {
  const std::vector<std::string> any_host;
  RequestReader reader(any_host);
  REQUIRE(reader.read_head("POST /p?a=1&b=%C3%A1+x&a=2&&c HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n"
                           "Connection: close\r\nContent-Length: 1\r\n\r\n") == Step::done);
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  CHECK(reader.head().query == Pairs{{"a", "1"}, {"b", "á x"}, {"a", "2"}, {"c", ""}});
  CHECK(reader.head().raw_path == "/p");
  CHECK(reader.head().expects_continue);
  CHECK_FALSE(reader.head().keeps_alive);
  reader.next();
  REQUIRE(reader.read_head("GET / HTTP/1.0\r\nHost: a\r\nConnection: Keep-Alive\r\n\r\n") == Step::done);
  CHECK(reader.head().keeps_alive);
}

TEST_CASE("who asks, behind proxies") {
  const auto client = [](std::vector<std::string> told, const std::string& peer) {
    RequestHead head;
    for (auto& value : told) head.fields.emplace_back("x-forwarded-for", value);
    return client_address(head, peer, {"10.0.0.1", "::1"});
  };
  CHECK(client({"1.2.3.4"}, "9.9.9.9") == "9.9.9.9");
  CHECK(client({"1.2.3.4"}, "10.0.0.1") == "1.2.3.4");
  CHECK(client({"6.6.6.6, 1.2.3.4"}, "10.0.0.1") == "1.2.3.4");
  CHECK(client({"6.6.6.6, 1.2.3.4, ::1"}, "10.0.0.1") == "1.2.3.4");
  CHECK(client({"6.6.6.6", "2001:db8::1"}, "10.0.0.1") == "2001:db8::1");
  CHECK(client({"nonsense"}, "10.0.0.1") == "10.0.0.1");
  CHECK(client({}, "10.0.0.1") == "10.0.0.1");
}

TEST_CASE("escapes") {
  CHECK(percent_decode("a%2Fb+c") == "a/b+c");
  CHECK(percent_decode("a+b", true) == "a b");
  CHECK_FALSE(percent_decode("%"));
  CHECK_FALSE(percent_decode("%1"));
  rc::check("what is escaped decodes to itself", [](const std::string& text) {
    std::string escaped;
    for (const char c : text) escaped += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    RC_ASSERT(percent_decode(escaped) == text);
  });
}

TEST_CASE("any bytes in any pieces give the same") {
  rc::check("pieces do not matter", [] {
    const auto& one = cases()[*rc::gen::inRange<std::size_t>(0, cases().size())];
    std::string bytes(one.bytes);
    const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
    bytes[at] = *rc::gen::arbitrary<char>();
    const Outcome whole = read(bytes, bytes.size()), pieces = read(bytes, *rc::gen::inRange<std::size_t>(1, 20));
    RC_ASSERT(whole.status == pieces.status);
    RC_ASSERT(whole.path == pieces.path);
    RC_ASSERT(whole.body == pieces.body);
    RC_ASSERT(whole.left == pieces.left);
  });
}

}  // namespace
}  // namespace kyso::net

#include <doctest/doctest.h>

#include "base/file.h"
#include "base/test_support.h"
#include "crypto/der.h"
#include "verify/evidence/exchange.h"
#include "verify/evidence/fetch_address.h"

namespace kyso::verify {
namespace {

using namespace std::chrono_literals;

const std::string kVectors = KYSO_SOURCE_DIR "/tests/vectors/crypto/";
const Instant kNow = Instant(std::chrono::seconds(1'800'000'000));

// A network that answers what the test wrote down, and remembers what it was asked.
struct FakeNetwork {
  std::map<std::string, FetchReply> replies;
  std::vector<FetchRequest> asked;
  Fetch fetch = [this](const FetchRequest& request) -> Result<FetchReply> {
    asked.push_back(request);
    const auto found = replies.find(request.url);
    if (found == replies.end()) return fail("net.unreachable").with("host", "?");
    return found->second;
  };
};

std::vector<std::string> codes(Exchange&& exchange) {
  std::vector<std::string> all;
  for (const Finding& finding : std::move(exchange).findings()) all.push_back(finding.code);
  return all;
}

Exchange::Request get(const std::string& url, std::size_t max_size = 1000) {
  return {.url = url, .content_type = {}, .accept = {}, .body = {}, .max_size = max_size};
}

TEST_CASE("only plain addresses of the web are asked") {
  for (const char* good : {"http://ca.example/crl", "HTTP://CA.EXAMPLE", "https://ca.example:8443/a?b=c",
                           "http://10.0.0.1/", "http://[::1]:80/crl", "http://127.0.0.1:1/x@y"})
    CHECK_MESSAGE(is_fetchable(good), good);
  for (const char* bad :
       {"", "http://", "http:///crl", "http://:80/", "ca.example/crl", "ldap://ca.example/cn=CRL", "file:///etc/passwd",
        "ftp://ca.example/", "gopher://ca.example/", "http://user:pw@ca.example/", "http://user@ca.example/",
        "http://ca.example/a b", "http://ca.example/\r\nHost: x", "http:\\\\ca.example\\", "http://ca.exämple/"})
    CHECK_FALSE_MESSAGE(is_fetchable(bad), bad);
  CHECK_FALSE(is_fetchable("http://ca.example/" + std::string(3000, 'a')));
  CHECK_FALSE(is_fetchable(std::string("http://ca.example/\0x", 20)));
}

TEST_CASE("redirections are followed a little, and nowhere else than to the web") {
  FakeNetwork network;
  network.replies["http://a/"] = {.status = 302, .body = {}, .expires = {}, .location = "http://b/"};
  network.replies["http://b/"] = {.status = 200, .body = to_bytes("yes"), .expires = {}, .location = {}};
  network.replies["http://round/"] = {.status = 301, .body = {}, .expires = {}, .location = "http://round/"};
  network.replies["http://file/"] = {.status = 302, .body = {}, .expires = {}, .location = "file:///etc/passwd"};
  network.replies["http://gone/"] = {.status = 404, .body = to_bytes("no"), .expires = {}, .location = {}};
  Exchange exchange(network.fetch, {});
  const auto answer = exchange.ask(get("http://a/"));
  REQUIRE(answer);
  CHECK(answer->body == to_bytes("yes"));
  const std::size_t before = network.asked.size();
  CHECK_FALSE(exchange.ask(get("http://round/")));
  CHECK(network.asked.size() == before + 4);
  CHECK_FALSE(exchange.ask(get("http://file/")));
  CHECK_FALSE(exchange.ask(get("http://gone/")));
  CHECK_FALSE(exchange.ask(get("http://nowhere/")));
  CHECK_FALSE(exchange.ask(get("http://nowhere/")));  // told once
  CHECK(codes(std::move(exchange)) == std::vector<std::string>{"verify.fetch.refused", "verify.fetch.address",
                                                               "verify.fetch.refused", "verify.fetch.unreachable"});
  for (const auto& request : network.asked) CHECK(request.url.starts_with("http://"));
}

TEST_CASE("a document costs so many requests, bytes and seconds, and no more") {
  FakeNetwork network;
  network.replies["http://a/"] = {.status = 200, .body = Bytes(100), .expires = {}, .location = {}};
  std::size_t told = 0;
  CollectorOptions options;
  options.max_requests = 2;
  options.progress = [&](std::size_t done, std::size_t of, const std::string&) { told += done < of ? 1U : 0U; };
  Exchange few(network.fetch, options);
  CHECK(few.ask(get("http://a/")));
  CHECK_FALSE(few.ask(get("http://a/", 99)));
  CHECK_FALSE(few.ask(get("http://a/")));
  CHECK(few.is_spent());
  CHECK(told == 2);
  CHECK(codes(std::move(few)) == std::vector<std::string>{"verify.fetch.too_large", "verify.fetch.limit"});

  options = {};
  options.total_timeout = 0ms;
  Exchange late(network.fetch, options);
  CHECK_FALSE(late.ask(get("http://a/")));
  CHECK(codes(std::move(late)) == std::vector<std::string>{"verify.fetch.limit"});

  options.total_timeout = 5s;
  options.timeout = 10s;
  Exchange exchange(network.fetch, options);
  CHECK(exchange.ask(get("http://a/")));
  CHECK(network.asked.back().timeout <= 5s);
  CHECK(network.asked.back().timeout > 1s);
}

TEST_CASE("answers are kept for as long as they may be, under the question without what differs") {
  const TestFolder folder;
  const AnswerCache cache(folder / "cache");
  CHECK_FALSE(cache.find("http://a/", {}, kNow));
  cache.keep("http://a/", {}, to_bytes("list\nwith lines"), kNow, kNow + 60s);
  cache.keep("http://a/", to_bytes("question"), to_bytes("answer"), kNow, kNow + 60s);
  const auto list = cache.find("http://a/", {}, kNow + 59s);
  REQUIRE(list);
  CHECK(list->body == to_bytes("list\nwith lines"));
  CHECK(list->fetched == kNow);
  CHECK(cache.find("http://a/", to_bytes("question"), kNow)->body == to_bytes("answer"));
  CHECK_FALSE(cache.find("http://a/", {}, kNow + 60s));
  CHECK_FALSE(cache.find("http://a/", {}, kNow - 1s));  // the clock was set back
  CHECK_FALSE(cache.find("http://b/", {}, kNow));
  cache.keep("http://a/", {}, to_bytes("newer"), kNow + 10s, kNow + 60s);
  CHECK(cache.find("http://a/", {}, kNow + 20s)->body == to_bytes("newer"));
  cache.keep("http://c/", {}, to_bytes("expired already"), kNow, kNow);
  CHECK_FALSE(cache.find("http://c/", {}, kNow));
  // Whatever stands in the files: nothing, not a crash.
  for (const auto& entry : std::filesystem::directory_iterator(folder / "cache"))
    folder.write("cache" / entry.path().filename(), "{\"version\":1,\"url\":\"http://a/\",\"fetched\":");
  CHECK_FALSE(cache.find("http://a/", {}, kNow + 20s));
}

TEST_CASE("a cache that can't be written is none") {
  const AnswerCache nowhere{std::filesystem::path()};
  nowhere.keep("http://a/", {}, to_bytes("x"), kNow, kNow + 60s);
  CHECK_FALSE(nowhere.find("http://a/", {}, kNow));
  const TestFolder folder;
  const AnswerCache blocked(folder.write("file", "no folder"));
  blocked.keep("http://a/", {}, to_bytes("x"), kNow, kNow + 60s);
  CHECK_FALSE(blocked.find("http://a/", {}, kNow));
}

TEST_CASE("a saved judgement is read back as it was, and another file is refused") {
  const Bytes pem = must(read_file(kVectors + "root.cert.pem"));
  const auto certificate = must(crypto::Certificate::from_pem(as_chars(pem))).front();
  SavedJudgement saved;
  saved.time = kNow;
  saved.policy = must(Policy::load("strict", KYSO_SOURCE_DIR "/share/policies"));
  saved.trust.add({.certificate = pki::ParsedCertificate(certificate),
                   .name = "Gốc mẫu",
                   .group = "government",
                   .reason = "thử",
                   .added = kNow,
                   .trusted_from = {},
                   .trusted_until = kNow + 24h,
                   .revocation = pki::RevocationDuty::if_published});
  saved.trust.add_intermediate(pki::ParsedCertificate(certificate));
  saved.evidence.items.push_back({EvidenceItem::Kind::crl, to_bytes("list"), "http://ca.example/crl", kNow});
  saved.evidence.items.push_back({EvidenceItem::Kind::ocsp, to_bytes("answer"), "file.ocsp", std::nullopt});
  saved.facts.size = 1234;
  const std::string text = saved.to_json();
  const SavedJudgement again = must(SavedJudgement::from_json(text));
  CHECK(again.to_json() == text);
  CHECK(again.time == kNow);
  CHECK(again.policy.id == "strict");
  CHECK(again.evidence.items.at(1).kind == EvidenceItem::Kind::ocsp);
  CHECK(again.trust.anchors()[0].trusted_until == kNow + 24h);
  CHECK(again.trust.anchors()[0].revocation == pki::RevocationDuty::if_published);
  CHECK(again.trust.intermediates().size() == 1);

  for (const auto& [what, by] : {std::pair<std::string, std::string>{"\"version\": 1", "\"version\": 2"},
                                 {"\"kind\": \"crl\"", "\"kind\": \"x\""},
                                 {"if_published", "never"},
                                 {"\"certificate\": \"MII", "\"certificate\": \"@@@"},
                                 {"\"time\"", "\"when\""}}) {
    CAPTURE(what);
    std::string changed = text;
    const std::size_t place = changed.find(what);
    REQUIRE(place != std::string::npos);
    changed.replace(place, what.size(), by);
    CHECK(code_of(SavedJudgement::from_json(changed)) == "verify.evidence.malformed");
  }
  for (const char* none : {"", "[]", "{}", "{\"version\":1}"})
    CHECK(code_of(SavedJudgement::from_json(none)) == "verify.evidence.malformed");
}

}  // namespace
}  // namespace kyso::verify

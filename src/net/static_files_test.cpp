#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>

#include "net/http_date.h"
#include "net/http_server.h"
#include "net/server_test_support.h"

namespace kyso::net {
namespace {

using namespace std::chrono_literals;

struct Site {
  Site() {
    std::filesystem::create_directories(folder / "public/sub/.git");
    folder.write("secret", "secret");
    folder.write("public/list.crl", "0123456789");
    folder.write("public/index.html", "<p>trang chủ</p>");
    folder.write("public/.htpasswd", "secret");
    folder.write("public/sub/.git/config", "secret");
    folder.write("public/sub/a b.txt", "blank");
    folder.write("public/app.js", "plain");
    folder.write("public/app.js.gz", "gz");
    folder.write("public/app.js.br", "br");
    folder.write("public/old.js", "plain");
    folder.write("public/old.js.gz", "gz");
    folder.write("public/large.bin", std::string(1'000'000, 'x') + "end");
    folder.write("public/empty.txt", "");
    std::filesystem::last_write_time(folder / "public/old.js.gz",
                                     std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
    std::filesystem::create_symlink(folder / "secret", folder / "public/link");
    std::filesystem::create_directory_symlink(folder.path(), folder / "public/up");
    ::mkfifo((folder / "public/fifo").c_str(), 0600);
    server = start_server({static_files("/files/", folder / "public", 60s)});
  }
  RawAnswer get(std::string_view target, std::string_view fields = {}) const {
    return RawClient(server->port()).get(target, fields);
  }
  TestFolder folder;
  std::unique_ptr<HttpServer> server;
};

TEST_CASE("a file with its validators") {
  const Site site;
  const RawAnswer answer = site.get("/files/list.crl");
  CHECK(answer.status == 200);
  CHECK(answer.body == "0123456789");
  CHECK(answer.has("Content-Type: application/pkix-crl"));
  CHECK(answer.has("Cache-Control: public, max-age=60"));
  const std::string tag = answer.field("ETag"), modified = answer.field("Last-Modified");
  REQUIRE(parse_http_date(modified));
  const auto status = [&](const std::string& fields) { return site.get("/files/list.crl", fields).status; };
  CHECK(status("If-None-Match: " + tag + "\r\n") == 304);
  CHECK(status("If-None-Match: \"x\", W/" + tag + "\r\n") == 304);
  CHECK(status("If-None-Match: *\r\n") == 304);
  CHECK(status("If-None-Match: \"x\"\r\n") == 200);
  CHECK(status("If-Modified-Since: " + modified + "\r\n") == 304);
  CHECK(status("If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n") == 200);
  CHECK(status("If-Modified-Since: nonsense\r\n") == 200);
  // The tag decides when both are there (RFC 9110 section 13.2.2).
  CHECK(status("If-None-Match: \"x\"\r\nIf-Modified-Since: " + modified + "\r\n") == 200);
  const RawAnswer unchanged = site.get("/files/list.crl", "If-None-Match: " + tag + "\r\n");
  CHECK(unchanged.field("ETag") == tag);
  CHECK(unchanged.field("Content-Length").empty());
  // A file that is replaced has another tag, even in the same second and with the same size.
  site.folder.write("public/new", "9876543210");
  std::filesystem::rename(site.folder / "public/new", site.folder / "public/list.crl");
  CHECK(site.get("/files/list.crl", "If-None-Match: " + tag + "\r\n").body == "9876543210");
}

TEST_CASE("HEAD, folders, types, names with blanks") {
  const Site site;
  RawClient client(site.server->port());
  const RawAnswer head = client.ask("HEAD /files/list.crl HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(head.has("Content-Length: 10"));
  CHECK(client.get("/files/list.crl").body == "0123456789");
  CHECK(site.get("/files/").body == "<p>trang chủ</p>");
  CHECK(site.get("/files/").has("Content-Type: text/html; charset=utf-8"));
  CHECK(site.get("/files/sub/a%20b.txt").body == "blank");
  CHECK(site.get("/files/empty.txt").status == 200);
  const RawAnswer large = site.get("/files/large.bin");
  CHECK(large.body.size() == 1'000'003);
  CHECK(large.has("Content-Length: 1000003"));
  CHECK(large.has("Content-Type: application/octet-stream"));
}

TEST_CASE("single ranges") {
  const Site site;
  const auto range = [&](std::string_view value, std::string_view more = {}) {
    return site.get("/files/list.crl", fmt::format("Range: {}\r\n{}", value, more));
  };
  const RawAnswer part = range("bytes=2-4");
  CHECK(part.status == 206);
  CHECK(part.body == "234");
  CHECK(part.has("Content-Range: bytes 2-4/10"));
  CHECK(range("bytes=8-").body == "89");
  CHECK(range("bytes=-3").body == "789");
  CHECK(range("bytes=-30").body == "0123456789");
  CHECK(range("bytes=5-99").body == "56789");
  const RawAnswer beyond = range("bytes=10-");
  CHECK(beyond.status == 416);
  CHECK(beyond.has("Content-Range: bytes */10"));
  CHECK(range("bytes=-0").status == 416);
  for (const char* ignored : {"bytes=0-1,3-4", "bytes=4-2", "bytes=", "bytes=-", "bytes=a-b", "lines=0-1", "bytes=1",
                              "bytes=0-99999999999999999999"})
    CHECK_MESSAGE(range(ignored).body == "0123456789", ignored);
  const std::string tag = part.field("ETag");
  CHECK(range("bytes=0-0", "If-Range: " + tag + "\r\n").status == 206);
  CHECK(range("bytes=0-0", "If-Range: \"x\"\r\n").status == 200);
  CHECK(range("bytes=0-0", "If-Range: " + part.field("Last-Modified") + "\r\n").status == 206);
  CHECK(site.get("/files/large.bin", "Range: bytes=500000-1000002\r\n").body.size() == 500'003);
  CHECK(site.get("/files/large.bin", "Range: bytes=-3\r\n").body == "end");
}

TEST_CASE("what was compressed before is sent to who accepts it") {
  const Site site;
  const auto body = [&](std::string_view encodings) {
    return site.get("/files/app.js", fmt::format("Accept-Encoding: {}\r\n", encodings)).body;
  };
  CHECK(site.get("/files/app.js").body == "plain");
  CHECK(body("gzip") == "gz");
  CHECK(body("gzip, deflate, br") == "br");
  CHECK(body("br;q=0, GZIP;q=0.5") == "gz");
  CHECK(body("br; q=0.0, identity") == "plain");
  CHECK(body("deflate") == "plain");
  const RawAnswer compressed = site.get("/files/app.js", "Accept-Encoding: br\r\n");
  CHECK(compressed.has("Content-Encoding: br"));
  CHECK(compressed.has("Vary: Accept-Encoding"));
  CHECK(compressed.has("Content-Type: text/javascript; charset=utf-8"));
  CHECK(compressed.field("ETag") != site.get("/files/app.js").field("ETag"));
  CHECK(site.get("/files/old.js", "Accept-Encoding: gzip\r\n").body == "plain");
}

TEST_CASE("nothing outside of the folder, no links, no dotfiles, no pipes") {
  const Site site;
  for (const char* target :
       {"/files/link", "/files/up/secret", "/files/.htpasswd", "/files/sub/.git/config", "/files/%2e%68tpasswd",
        "/files/fifo", "/files/sub", "/files/sub/", "/files/none", "/files//list.crl", "/files/sub%2Fa%20b.txt",
        "/files/sub%2fa%20b.txt", "/files/..%5csecret", "/files", "/list.crl"}) {
    CAPTURE(target);
    const RawAnswer answer = site.get(target);
    CHECK(answer.status == 404);
    CHECK(answer.body.find("secret") == std::string::npos);
  }
  for (const char* target : {"/files/../secret", "/files/%2e%2e/secret", "/files/..%2fsecret", "/files/list.crl%00.js",
                             "/files/%2e%2e%2fsecret"}) {
    CAPTURE(target);
    CHECK(site.get(target).status == 400);
  }
}

}  // namespace
}  // namespace kyso::net

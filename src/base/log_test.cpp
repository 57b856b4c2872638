#include "base/log.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <thread>

#include "base/file.h"
#include "base/test_support.h"

namespace kyso {
namespace {

std::string content_of(const std::filesystem::path& path) {
  return std::string(as_chars(read_file(path).value()));
}

TEST_CASE("log lines") {
  const TestFolder folder;
  const auto path = folder.path() / "kyso.log";
  REQUIRE(log::open_file(path.string()));
  log::set_level(log::Level::info);

  SUBCASE("a line is one JSON object; what is below the level is left out") {
    log::write(log::Level::debug, "not.wanted");
    log::write(log::Level::warning, "tsa.failover", {{"url", "http://a\"b\\\n\x01"}, {"bytes", "\xFF"}});
    const std::string text = content_of(path);
    CHECK(text.starts_with("{\"time\":\"20"));
    CHECK(
        text.ends_with("+07:00\",\"level\":\"warning\",\"event\":\"tsa.failover\",\"url\":\"http://"
                       "a\\\"b\\\\\\u000a\\u0001\",\"bytes\":\"\uFFFD\"}\n"));
  }
  SUBCASE("secrets are masked by name") {
    log::write(log::Level::error, "e",
               {{"PIN", "1234"},
                {"user_pin", "5678"},
                {"key-Password", "abc"},
                {"pinned", "yes"},
                {"pass.phrase", "no"},
                {"client.secret", "s"}});
    const std::string text = content_of(path);
    for (const char* leaked : {"1234", "5678", "abc", "\"s\""}) CHECK(text.find(leaked) == std::string::npos);
    CHECK(text.find("\"pinned\":\"yes\"") != std::string::npos);
  }
  SUBCASE("an error gives its code, detail, place and parameters") {
    log::write(log::Level::error, "read.failed",
               Error("base.internal", "why").with("path", "a.pdf").with("pin", "99887766"));
    const std::string text = content_of(path);
    CHECK(text.find(R"("code":"base.internal","detail":"why","where":"base/log_test.cpp:)") != std::string::npos);
    CHECK(text.find(R"("path":"a.pdf")") != std::string::npos);
    CHECK(text.find("99887766") == std::string::npos);
  }
  SUBCASE("lines of several threads stay whole") {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([] {
        for (int line = 0; line < 200; ++line) log::write(log::Level::info, "x", {{"filler", std::string(300, 'y')}});
      });
    }
    for (auto& thread : threads) thread.join();
    const std::string text = content_of(path);
    std::string_view rest = text;
    int lines = 0;
    for (std::size_t end = 0; (end = rest.find('\n')) != std::string_view::npos; rest.remove_prefix(end + 1), ++lines) {
      CHECK(rest.substr(0, 9) == "{\"time\":\"");
      CHECK(rest.substr(end - 3, 3) == "y\"}");
    }
    CHECK(lines == 800);
  }
  SUBCASE("a file that cannot be opened") {
    CHECK(log::open_file((folder.path() / "none" / "x.log").string()).error().code == "base.file.unwritable");
  }
  log::set_level(log::Level::off);
}

TEST_CASE("a logger that is off writes nothing") {
  const TestFolder folder;
  REQUIRE(log::open_file((folder.path() / "l").string()));
  log::set_level(log::Level::off);
  log::write(log::Level::error, "x");
  log::write(log::Level::off, "x");
  CHECK(content_of(folder.path() / "l").empty());
}

}  // namespace
}  // namespace kyso

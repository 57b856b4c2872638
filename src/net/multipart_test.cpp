#include "net/multipart.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "base/test_support.h"

namespace kyso::net {
namespace {

constexpr std::string_view kType = "multipart/form-data; boundary=XX";

std::string code(std::string_view body, std::string_view type = kType, MultipartLimits limits = {}) {
  return code_of(read_multipart(type, as_bytes(body), limits));
}
std::string one_part(std::string_view fields, std::string_view content = "v") {
  return fmt::format("--XX\r\n{}\r\n\r\n{}\r\n--XX--\r\n", fields, content);
}
std::string with_name(std::string_view parameters) {
  return fmt::format("Content-Disposition: form-data; name=\"f\"; {}", parameters);
}

TEST_CASE("a form with text and a file") {
  const std::string body =
      "--XX\r\nContent-Disposition: form-data; name=\"họ tên\"\r\n\r\nNguyễn Văn A\r\n"
      "--XX\r\nContent-Disposition: form-data; name=\"f\"; filename=\"C:\\hồ sơ\\a%22b.pdf\"\r\n"
      "Content-Type: application/pdf\r\n\r\n\r\n--X\r\n-\r\n"
      "--XX\r\ncontent-disposition: FORM-DATA; NAME=e; filename=\"\"\r\n\r\n\r\n--XX--\r\n";
  const auto parts = must(read_multipart(kType, as_bytes(body)));
  REQUIRE(parts.size() == 3);
  CHECK(parts[0].head.name == "họ tên");
  CHECK(as_chars(parts[0].content) == "Nguyễn Văn A");
  CHECK_FALSE(parts[0].head.file_name);
  CHECK(parts[1].head.file_name == "a\"b.pdf");
  CHECK(parts[1].head.content_type == "application/pdf");
  CHECK(as_chars(parts[1].content) == "\r\n--X\r\n-");
  CHECK(parts[2].head.file_name == "");
  CHECK(parts[2].content.empty());
}

TEST_CASE("file names") {
  const auto name = [](std::string_view parameters) -> std::string {
    const auto parts = read_multipart(kType, as_bytes(one_part(with_name(parameters))));
    return parts ? parts->front().head.file_name.value_or("none") : std::string(parts.error().code);
  };
  CHECK(name("filename=a.pdf") == "a.pdf");
  CHECK(name("filename=\"../../etc/passwd\"") == "passwd");
  CHECK(name("filename=\"a\\\"b\"") == "a\"b");
  CHECK(name("filename*=UTF-8''c%C3%B4ng%20v%C4%83n.pdf; filename=\"x\"") == "công văn.pdf");
  CHECK(name("filename*=utf-8'vi'a%2Fb.pdf") == "b.pdf");
  CHECK(name("filename=\"co\xCC\x82ng.pdf\"") == "công.pdf");  // NFC
  for (const char* bad : {"filename=\"..\"", "filename=\"a/\"", "filename=\"a%0Ab\"", "filename=\"\xC3\"",
                          "filename*=UTF-8''%00", "filename*=iso-8859-1''%A3", "filename*=a", "filename=\"a",
                          "filename=a; filename=b", "filename=a b", "filename"}) {
    CAPTURE(bad);
    CHECK(name(bad) == "net.multipart.malformed");
  }
}

TEST_CASE("what is malformed") {
  for (const char* type : {"multipart/form-data", "multipart/mixed; boundary=XX", "multipart/form-data; boundary=",
                           "multipart/form-data; boundary=\"a \"", "multipart/form-data; boundary=\"a@b\"", "",
                           "multipart/form-data; boundary=XX; boundary=YY"})
    CHECK_MESSAGE(code(one_part("Content-Disposition: form-data; name=a"), type) == "net.multipart.malformed", type);
  const std::string good = one_part("Content-Disposition: form-data; name=a");
  CHECK(code(good) == "ok");
  for (std::size_t end = 0; end + 2 < good.size(); ++end) CHECK(code(good.substr(0, end)) != "ok");
  for (const std::string& body :
       {"preamble\r\n" + good, "\r\n" + good, good + "epilogue", good + "\r\n", std::string("--XX--\r\n"),
        one_part("X: y"), one_part("Content-Disposition: form-data"),
        one_part("Content-Disposition: form-data; name=\"\""), one_part("Content-Disposition: attachment; name=a"),
        one_part("Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b"),
        one_part("Content-Disposition: form-data;\r\n name=a"),
        one_part("Content-Disposition: form-data; name=a\r\nContent-Type: multipart/mixed; boundary=y"),
        one_part("Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64"),
        one_part("Content-Disposition: form-data; name=a\r\nno colon"),
        one_part("Content-Disposition: form-data; name=a; filename=\"\"", "content of no file"),
        std::string("--XX\nContent-Disposition: form-data; name=a\n\nv\n--XX--\n"),
        std::string("--XX \r\nContent-Disposition: form-data; name=a\r\n\r\nv\r\n--XX--\r\n")}) {
    CAPTURE(body);
    CHECK(code(body) == "net.multipart.malformed");
  }
}

TEST_CASE("limits") {
  const std::string text = one_part("Content-Disposition: form-data; name=a", std::string(100, 'x'));
  const std::string file = one_part(with_name("filename=x"), std::string(100, 'x'));
  CHECK(code(text, kType, {.max_field = 100}) == "ok");
  CHECK(code(text, kType, {.max_field = 99}) == "net.multipart.limit");
  CHECK(code(file, kType, {.max_field = 9, .max_file = 100}) == "ok");
  CHECK(code(file, kType, {.max_file = 99}) == "net.multipart.limit");
  CHECK(code(one_part("Content-Disposition: form-data; name=" + std::string(5000, 'a'))) == "net.multipart.limit");
  std::string many;
  for (int i = 0; i < 65; ++i) many += "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n";
  CHECK(code(many + "--XX--") == "net.multipart.limit");
}

TEST_CASE("any content comes back, in any pieces") {
  rc::check("round trip", [](const std::vector<std::string>& contents, std::size_t seed) {
    std::string body;
    for (const auto& content : contents) {
      RC_PRE(content.find("\r\n--XX") == std::string::npos);
      body += "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n" + content + "\r\n";
    }
    RC_PRE(!contents.empty() && contents.size() <= MultipartLimits().max_parts);
    body += "--XX--";
    std::vector<std::string> seen;
    MultipartReader::Sink sink;
    sink.begin = [&](const PartHead&) -> Result<> {
      seen.emplace_back();
      return {};
    };
    sink.data = [&](ByteView bytes) -> Result<> {
      seen.back() += as_chars(bytes);
      return {};
    };
    sink.end = []() -> Result<> { return {}; };
    MultipartReader reader = *MultipartReader::create(kType, sink);
    const std::size_t piece = seed % 11 + 1;
    for (std::size_t at = 0; at < body.size(); at += piece)
      RC_ASSERT(reader.feed(as_bytes(std::string_view(body).substr(at, piece))).has_value());
    RC_ASSERT(reader.finish().has_value());
    RC_ASSERT(seen == contents);
  });
}

TEST_CASE("a sink's error ends the reading") {
  MultipartReader::Sink sink;
  sink.begin = [](const PartHead&) -> Result<> { return fail("net.request.too_large"); };
  sink.data = [](ByteView) -> Result<> { return {}; };
  sink.end = []() -> Result<> { return {}; };
  MultipartReader reader = must(MultipartReader::create(kType, sink));
  CHECK(code_of(reader.feed(as_bytes(one_part("Content-Disposition: form-data; name=a")))) == "net.request.too_large");
  CHECK(code_of(reader.feed(as_bytes("x"))) == "net.multipart.malformed");
  CHECK(code_of(reader.finish()) == "net.multipart.malformed");
}

}  // namespace
}  // namespace kyso::net

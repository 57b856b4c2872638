#include "net/mail.h"

#include <rapidcheck.h>

#include <array>

#include "base/test_support.h"
#include "base/text.h"
#include "json/json.h"
#include "net/mail_encoding.h"

namespace kyso::net {
namespace {

MailMessage sample() {
  return {.from = "no-reply@kyso.example.vn",
          .from_name = "Cổng đăng ký chữ ký số",
          .to = {"a@example.vn"},
          .subject = "Hồ sơ đã được tiếp nhận",
          .text = "Kính gửi ông Nguyễn Văn A,\n\nHồ sơ đã được tiếp nhận.\n",
          .html = "<p>Kính gửi ông <b>Nguyễn Văn A</b>,</p>",
          .message_id = "0b9c2a@kyso.example.vn",
          .date = must(parse_time("2026-11-20T20:05:09+07:00")),
          .attachments = {}};
}

// What Python's email package makes of it.
json::Value read_by_python(const std::string& mail) {
  const TestFolder folder;
  const auto path = folder.write("mail.eml", mail);
  return must(json::parse(output_of(fmt::format("PYTHONDONTWRITEBYTECODE=1 python3 {} < {}",
                                                KYSO_SOURCE_DIR "/tests/interop/read_mail.py", path.string()))));
}

std::string text(const json::Value& object, std::string_view member) {
  return must(json::require_string(object, member));
}

void check_form(const json::Value& read) {
  CHECK(read.find("defects")->as_array()->empty());
  CHECK(read.find("is_ascii")->as_bool() == true);
  CHECK(read.find("has_bare_line_ends")->as_bool() == false);
  CHECK(must(json::require_integer(read, "longest_line")) <= 80);
}

TEST_CASE("another program reads what was written: Vietnamese names, subject, both texts") {
  const json::Value read = read_by_python(must(compose(sample())));
  check_form(read);
  CHECK(text(read, "from") == "no-reply@kyso.example.vn");
  CHECK(text(read, "from_name") == "Cổng đăng ký chữ ký số");
  CHECK(text(read, "subject") == "Hồ sơ đã được tiếp nhận");
  CHECK(text(read, "date") == "2026-11-20T20:05:09+07:00");
  CHECK(text(read, "message_id") == "<0b9c2a@kyso.example.vn>");
  CHECK(text(read, "type") == "multipart/alternative");
  CHECK(text(read, "text") == sample().text);
  CHECK(text(read, "html") == sample().html + "\n");
}

TEST_CASE("another program reads what was written: attachments with long and odd names") {
  MailMessage message = sample();
  const std::string long_name =
      "Công văn đề nghị cấp, thu hồi chứng thư chữ ký số cho cán bộ, công chức của Ủy ban nhân dân xã mẫu số 1.pdf";
  message.attachments = {{long_name, "application/pdf", Bytes(1000, 0xA7)},
                         {"bang ke.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", {1, 2}},
                         {"a\"b;c'%41.txt", "text/plain", {}},
                         {"../../etc\\passwd", "application/octet-stream", {0}},
                         {"", "application/octet-stream", {0}}};
  const json::Value read = read_by_python(must(compose(message)));
  check_form(read);
  CHECK(text(read, "type") == "multipart/mixed");
  CHECK(text(read, "text") == message.text);
  CHECK(text(read, "html") == message.html + "\n");
  const auto& parts = *read.find("attachments")->as_array();
  REQUIRE(parts.size() == 5);
  const std::array<std::string, 5> names{long_name, "bang ke.xlsx", "a\"b;c'%41.txt", ".._.._etc_passwd", "attachment"};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    CHECK(text(parts[i], "name") == names[i]);
    CHECK(text(parts[i], "type") == message.attachments[i].content_type);
    CHECK(text(parts[i], "content") == to_base64(message.attachments[i].content));
  }
}

TEST_CASE("another program reads what was written: one text, long lines, lone dots, blanks at the ends") {
  MailMessage message = sample();
  message.from_name = "Kyso \"portal\" \\ 1";
  message.to = {"a@example.vn", "b.c+d@x-y.example.vn", std::string(64, 'x') + "@" + std::string(63, 'y') + ".vn"};
  message.html.clear();
  message.subject = std::string(300, 'W') + " " + std::string(20, 'x');
  message.text = ".\r\n..\nFrom here\nblank at the end \ttab\t\n=C3=A1 \n" + std::string(1000, 'a') + "\n" +
                 std::string(76, 'b') + "\n" + std::string(75, 'c') + "ạ\n\n";
  const json::Value read = read_by_python(must(compose(message)));
  CHECK(read.find("defects")->as_array()->empty());
  CHECK(text(read, "from_name") == message.from_name);
  CHECK(text(read, "subject") == message.subject);
  CHECK(text(read, "type") == "text/plain");
  std::string expected = message.text;
  expected.erase(expected.find('\r'), 1);
  CHECK(text(read, "text") == expected);
  const auto& to = *read.find("to")->as_array();
  REQUIRE(to.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(to[i].as_string() == message.to[i]);
}

TEST_CASE("another program reads any subject, name and text") {
  for (const std::string& odd : {std::string("=?UTF-8?B?AAAA?="), std::string(" blank before and after "),
                                 to_nfc(std::string(200, 'e') + "\u0323"),
                                 std::string("👩🏽‍💻 ") + std::string(30, 'x') +
                                     "ệệệệệệệệệệệệệệệệệệệệệệệệệệệệệệệệệệệệệệệệệệệệệệệệệệệệệệệệ",
                                 std::string("a, b; <c@d>")}) {
    MailMessage message = sample();
    message.subject = message.from_name = odd;
    message.text = message.html = odd;
    const json::Value read = read_by_python(must(compose(message)));
    INFO(odd);
    check_form(read);
    CHECK(text(read, "subject") == odd);
    CHECK(text(read, "from_name") == odd);
    CHECK(text(read, "text") == odd + "\n");
    CHECK(text(read, "from") == message.from);
  }
}

TEST_CASE("the same message gives the same bytes") {
  CHECK(must(compose(sample())) == must(compose(sample())));
}

TEST_CASE("nobody brings in a header of his own") {
  const auto code_with = [](auto change) {
    MailMessage message = sample();
    change(message);
    return code_of(compose(message));
  };
  for (const std::string& tail :
       {std::string("\r\nBcc: x@example.com"), std::string("\nBcc: x@example.com"), std::string("\r"),
        std::string(1, 0), std::string("\x7F"), std::string("\xC2\x85"), std::string("\xE2\x80\xA8")}) {
    const std::string text = "Hồ sơ" + tail;
    CHECK(code_with([&](MailMessage& each) { each.subject = text; }) == "net.mail.field");
    CHECK(code_with([&](MailMessage& each) { each.from_name = text; }) == "net.mail.field");
    CHECK(code_with([&](MailMessage& each) { each.message_id += tail; }) == "net.mail.field");
    CHECK(code_with([&](MailMessage& each) { each.from += tail; }) == "net.mail.address");
    CHECK(code_with([&](MailMessage& each) { each.to.push_back("a@example.vn" + tail); }) == "net.mail.address");
    CHECK(code_with([&](MailMessage& each) { each.attachments = {{text, "text/plain", {}}}; }) == "net.mail.field");
    CHECK(code_with([&](MailMessage& each) { each.attachments = {{"a", "text/plain" + tail, {}}}; }) ==
          "net.mail.field");
  }
  CHECK(code_with([](MailMessage& each) { each.to.clear(); }) == "net.mail.address");
  CHECK(code_with([](MailMessage& each) { each.message_id = ""; }) == "net.mail.field");
  CHECK(code_with([](MailMessage& each) { each.message_id = "<a@b>"; }) == "net.mail.field");
  CHECK(code_with([](MailMessage& each) { each.to.assign(101, "a@example.vn"); }) == "net.mail.field");
  CHECK(code_with([](MailMessage& each) { each.text.assign(31U << 20U, 'a'); }) == "net.mail.too_large");
  // Text and HTML may hold anything.
  CHECK(code_with([](MailMessage& each) { each.text = each.html = std::string("\0\r\n.\r\n\xFF", 7); }) == "ok");
}

TEST_CASE("addresses") {
  for (const std::string_view good :
       {"a@b", "a@example.vn", "nguyen.van-a+ky_so@sub.example.gov.vn", "1@2.vn", "!#$%&'*+/=?^_`{|}~@example.vn"})
    CHECK_MESSAGE(is_mail_address(good), good);
  CHECK(is_mail_address(std::string(64, 'a') + "@example.vn"));
  for (const std::string_view bad : {"",
                                     "@",
                                     "a",
                                     "a@",
                                     "@b",
                                     "a@b@c",
                                     ".a@b",
                                     "a.@b",
                                     "a..b@c",
                                     "a b@c",
                                     "a@b c",
                                     "a@-b",
                                     "a@b-",
                                     "a@b..c",
                                     "a@.b",
                                     "a@b.",
                                     "a@[127.0.0.1]",
                                     "\"a\"@b",
                                     "<a@b>",
                                     "a@b,c@d",
                                     "ế@example.vn",
                                     "a@ví-dụ.vn",
                                     "a@b\n",
                                     " a@b"})
    CHECK_MESSAGE(!is_mail_address(bad), bad);
  CHECK(!is_mail_address(std::string(65, 'a') + "@example.vn"));
  CHECK(!is_mail_address("a@" + std::string(64, 'b')));
  std::string long_domain = "a@";
  for (int i = 0; i < 30; ++i) long_domain += "abcdefgh.";
  CHECK(!is_mail_address(long_domain + "vn"));
}

std::string decoded_words(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find("\r\n "), text.size());
    const std::string_view word = text.substr(0, end);
    RC_ASSERT(word.size() <= 75);
    RC_ASSERT(word.starts_with("=?UTF-8?B?"));
    RC_ASSERT(word.ends_with("?="));
    const Bytes part = from_base64(word.substr(10, word.size() - 12)).value();
    RC_ASSERT(is_valid_utf8(as_chars(part)));  // RFC 2047 section 5: each word is whole characters
    out += as_chars(part);
    text.remove_prefix(std::min(end + 3, text.size()));
  }
  return out;
}

TEST_CASE("encodings give back what went in, in short lines") {
  rc::check("encoded words", [](const std::vector<std::uint16_t>& code_points) {
    std::u32string text;
    for (const std::uint16_t each : code_points)
      if (each < 0xD800 || each > 0xDFFF) text.push_back(each);
    const std::string utf8 = to_utf8(text);
    RC_ASSERT(decoded_words(encoded_words(utf8, 9)) == utf8);
  });
  rc::check("quoted-printable", [](const std::vector<std::uint8_t>& bytes) {
    const std::string encoded = quoted_printable(as_chars(bytes));
    std::string line;
    for (const char c : encoded) {
      RC_ASSERT((c >= ' ' && c <= '~') || c == '\r' || c == '\n' || c == '\t');
      if (c == '\r') {
        RC_ASSERT(line.size() <= 76);
        RC_ASSERT(!line.ends_with(' '));
        RC_ASSERT(!line.ends_with('\t'));
        line.clear();
      } else if (c != '\n') {
        line += c;
      }
    }
    RC_ASSERT(line.empty());
  });
}

}  // namespace
}  // namespace kyso::net

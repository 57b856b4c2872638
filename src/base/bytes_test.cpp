#include "base/bytes.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace kyso {
namespace {

void check_property(const char* name, auto property) {
  CHECK_MESSAGE(rc::check(name, property), name);
}

TEST_CASE("hexadecimal") {
  CHECK(to_hex(Bytes{0x00, 0x7F, 0xFF}) == "007fff");
  CHECK(from_hex("007FfF").value() == Bytes{0x00, 0x7F, 0xFF});
  CHECK(from_hex("").value().empty());
  for (const char* bad : {"0", "0g", "g0", "0x", " 00", "00 ", "0\xC3\xA9"}) {
    CHECK_MESSAGE(from_hex(bad).error().code == "base.hex.invalid", bad);
  }
  check_property("hexadecimal round trip",
                 [](const Bytes& bytes) { RC_ASSERT(from_hex(to_hex(bytes)).value() == bytes); });
}

TEST_CASE("base64: the vectors of RFC 4648 section 10") {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    CHECK(to_base64(as_bytes(plain)) == encoded);
    CHECK(from_base64(encoded).value() == to_bytes(plain));
  }
  CHECK(to_base64(Bytes{0xFB, 0xEF, 0xFF}) == "++//");
}

TEST_CASE("base64 is strict") {
  for (const char* bad : {"Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zm9v=", "Zm9v====", "Zg==Zg==", "Z=g=", "Zm 9v",
                          "Zm9v\n", "Zh==", "Zm9=", "Zm-_", "\xC3\xA9==", "Zm9\x80"}) {
    CHECK_MESSAGE(from_base64(bad).error().code == "base.base64.invalid", bad);
  }
}

TEST_CASE("base64 properties") {
  check_property("base64 round trip",
                 [](const Bytes& bytes) { RC_ASSERT(from_base64(to_base64(bytes)).value() == bytes); });
  check_property("what base64 accepts is canonical", [](const Bytes& bytes) {
    std::string text = to_base64(bytes) + "AAAA";
    text[*rc::gen::inRange<std::size_t>(0, text.size())] = *rc::gen::element('A', 'Q', 'g', 'w', '/', '=', '\n');
    const auto decoded = from_base64(text);
    const bool canonical = !decoded || to_base64(*decoded) == text;
    RC_ASSERT(canonical);
  });
}

}  // namespace
}  // namespace kyso

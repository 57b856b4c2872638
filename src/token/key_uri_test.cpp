#include "token/key_uri.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>

#include "token/known_modules.h"
#include "token/slots.h"
#include "token/token_test_support.h"

using namespace kyso;
using namespace kyso::token;

namespace {

std::string percent_encoded(ByteView bytes) {
  std::string text;
  for (const auto byte : bytes) text += fmt::format("%{:02X}", byte);
  return text;
}

}  // namespace

TEST_CASE("the parts of an RFC 7512 URI") {
  const auto uri = KeyUri::parse(
      "pkcs11:token=The%20Software%20PKCS%2311%20Softtoken;id=%69%95%3E%5C%F4%BD;object=my%20key;type=private"
      "?module-path=/usr/lib/libx.so&pin-source=file:/etc/token_pin");
  REQUIRE(uri);
  CHECK(uri->label() == "my key");
  CHECK(uri->id() == Bytes{0x69, 0x95, 0x3e, 0x5c, 0xf4, 0xbd});
  CHECK(uri->module() == "/usr/lib/libx.so");
  CHECK(uri->pin_file() == "/etc/token_pin");
  CK_TOKEN_INFO token{};
  std::fill(std::begin(token.label), std::end(token.label), static_cast<unsigned char>(' '));
  CHECK_FALSE(uri->matches(token));
  const std::string_view label = "The Software PKCS#11 Softtoken";
  std::copy(label.begin(), label.end(), token.label);
  CHECK(uri->matches(token));

  const auto bare = KeyUri::parse("pkcs11:");
  REQUIRE(bare);
  CHECK_FALSE(bare->label());
  CHECK_FALSE(bare->id());
  CHECK(bare->module().empty());
  CHECK_FALSE(bare->pin_file());
  CHECK(KeyUri::parse("pkcs11:?module-name=opensc")->module() == "opensc");
  CHECK(KeyUri::parse("pkcs11:slot-id=3")->matches(3, CK_SLOT_INFO{}));
  CHECK_FALSE(KeyUri::parse("pkcs11:slot-id=3")->matches(4, CK_SLOT_INFO{}));
}

TEST_CASE("pin-source takes files with absolute paths and nothing else") {
  for (const auto* good : {"file:/run/pin", "/run/pin", "file:///run/pin", "file:%2Frun%2Fpin"}) {
    CAPTURE(good);
    const auto uri = KeyUri::parse(std::string("pkcs11:?pin-source=") + good);
    REQUIRE(uri);
    CHECK(uri->pin_file() == "/run/pin");
  }
  for (const auto* bad :
       {"|/usr/lib/pinomatic", "prompt", "file:pin", "pin", "file://host/run/pin", "http:/x", "file:"}) {
    CAPTURE(bad);
    CHECK(code_of(KeyUri::parse(std::string("pkcs11:?pin-source=") + bad)) == "token.uri.invalid");
  }
}

TEST_CASE("what is no URI of a private key is refused, and never repeated") {
  for (const std::string bad :
       {"", "pkcs11", "http://example.invalid/", "pkcs11:token=%", "pkcs11:token=%zz", "pkcs11:token", "pkcs11:id=%0",
        "pkcs11:type=secret-key", "pkcs11:type=data", "pkcs11:type=nonsense", "pkcs11:unknown=1", "pkcs11:slot-id=x",
        "pkcs11:library-version=1.2.3.4", "pkcs11:?module-name=../evil"}) {
    CAPTURE(bad);
    const auto uri = KeyUri::parse(bad);
    CHECK(code_of(uri) == "token.uri.invalid");
  }
  CHECK(code_of(KeyUri::parse(std::string("pkcs11:token=a\0b", 16))) == "token.uri.invalid");
  CHECK(code_of(KeyUri::parse("pkcs11:token=" + std::string(10000, 'a'))) == "token.uri.invalid");
  for (const std::string with_pin : {"pkcs11:token=a?pin-value=271828", "pkcs11:?pin-value=271828&module-path=/x",
                                     "pkcs11:unknown=1?pin-value=271828"}) {
    const auto uri = KeyUri::parse(with_pin);
    REQUIRE(code_of(uri) == "token.uri.pin");
    CHECK(uri.error().detail.find("271828") == std::string::npos);
    CHECK(uri.error().params.empty());
  }
}

TEST_CASE("labels and ids of any bytes come through the URI unchanged") {
  CHECK(rc::check([](const std::vector<std::uint8_t>& id, std::string label) {
    std::erase(label, '\0');
    RC_PRE(id.size() < 500 && label.size() < 500);
    const auto uri = KeyUri::parse("pkcs11:id=" + percent_encoded(id) + ";object=" + percent_encoded(as_bytes(label)));
    RC_ASSERT(bool(uri));
    RC_ASSERT(uri->id() == id);
    RC_ASSERT(uri->label() == label);
  }));
}

TEST_CASE("any text is either a URI or an error") {
  CHECK(rc::check([](const std::string& text) {
    const auto uri = KeyUri::parse("pkcs11:" + text);
    const bool answered = uri || uri.error().code == "token.uri.invalid" || uri.error().code == "token.uri.pin";
    RC_ASSERT(answered);
  }));
}

TEST_CASE("a module is an absolute path or a known name") {
  CHECK(resolve_module("softhsm2").value() == test::softhsm_path());
  CHECK(resolve_module(test::softhsm_path()).value() == test::softhsm_path());
  CHECK(code_of(resolve_module("/nowhere/libx.so")) == "token.module.missing");
  CHECK(code_of(resolve_module("/usr/lib")) == "token.module.missing");
  for (const auto* bad : {"libsofthsm2.so", "./libsofthsm2.so", "../libsofthsm2.so", "", "SoftHSM2"})
    CHECK(code_of(resolve_module(bad)) == "token.module.path");
  CHECK(code_of(resolve_module(std::string_view("/usr/lib/softhsm/libsofthsm2.so\0x", 33))) == "token.module.path");
  for (const auto& module : known_modules()) CHECK(module.path.starts_with('/'));
  CHECK(code_of(list_tokens("/bin/true")) == "token.module.unusable");
  CHECK(code_of(list_tokens(KYSO_SOURCE_DIR "/CMakeLists.txt")) == "token.module.unusable");
  CHECK(code_of(open_pkcs11("pkcs11:token=a", {})) == "token.module.unnamed");
}

TEST_CASE("the flags of a token, the most pressing first") {
  CHECK(pin_state_of(0) == PinState::normal);
  CHECK(pin_state_of(CKF_USER_PIN_TO_BE_CHANGED) == PinState::to_be_changed);
  CHECK(pin_state_of(CKF_USER_PIN_TO_BE_CHANGED | CKF_USER_PIN_COUNT_LOW) == PinState::count_low);
  CHECK(pin_state_of(CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_COUNT_LOW) == PinState::final_try);
  CHECK(pin_state_of(CKF_USER_PIN_LOCKED | CKF_USER_PIN_FINAL_TRY) == PinState::locked);
  CHECK(pin_state_of(CKF_SO_PIN_LOCKED | CKF_SO_PIN_FINAL_TRY) == PinState::normal);
}

TEST_CASE("names in a token are blank-padded, NUL-ended or broken") {
  CK_TOKEN_INFO raw{};
  std::fill(std::begin(raw.label), std::end(raw.label), static_cast<unsigned char>(' '));
  std::copy_n("Ky so  ", 7, raw.label);
  std::copy_n("abc\0def", 7, raw.model);
  std::fill(std::begin(raw.serialNumber), std::end(raw.serialNumber), static_cast<unsigned char>('7'));
  raw.manufacturerID[0] = 0xff;
  raw.flags = CKF_PROTECTED_AUTHENTICATION_PATH;
  const auto info = describe_token("/m", raw);
  CHECK(info.label == "Ky so");
  CHECK(info.model == "abc");
  CHECK(info.serial == "7777777777777777");
  CHECK(info.manufacturer == "\uFFFD");
  CHECK(info.protected_authentication_path);
  CHECK_FALSE(info.login_required);
}

#include "token/token_setup.h"

#include "token/key_generation.h"
#include "token/token_test_support.h"

namespace kyso::token {
namespace {

using namespace test;

NewToken sample(const std::string& label = "Thẻ mẫu") {
  return {label, Secret("so-pin-1234"), Secret("87654321")};
}

PinSource pin(std::string value) {
  return [value = std::move(value)](const TokenInfo&) { return Result<Secret>(Secret(value)); };
}

std::string uri_of(const TokenInfo& token) {
  return "pkcs11:serial=" + token.serial + "?module-path=" + softhsm_path();
}

// The public key's content encrypted by the openssl program.
Bytes oaep(const crypto::PublicKey& key, const std::string& text) {
  TestFolder folder;
  std::ofstream(folder / "key.der", std::ios::binary) << as_chars(key.spki());
  std::ofstream(folder / "in") << text;
  run({"openssl", "pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", (folder / "key.der").string(),
       "-pkeyopt", "rsa_padding_mode:oaep", "-in", (folder / "in").string(), "-out", (folder / "out").string()});
  return must(read_file(folder / "out"));
}

}  // namespace

TEST_CASE("a blank token is initialised, used, unlocked and made anew") {
  const Authority authority;
  const TokenInfo made = must(initialize_token(softhsm_path(), std::nullopt, sample()));
  CHECK(made.label == "Thẻ mẫu");
  CHECK_FALSE(made.serial.empty());
  {
    auto editor = must(TokenEditor::open(uri_of(made), pin("87654321")));
    CHECK(must(editor.generate(NewKey::ec_p256, "signing")).label == "signing");
  }
  CHECK(code_of(unlock_token(softhsm_path(), made.serial, Secret("wrong-so"), Secret("11112222"))) ==
        "token.pin.incorrect");
  CHECK(code_of(unlock_token(softhsm_path(), "0000", Secret("so-pin-1234"), Secret("11112222"))) == "token.not_found");
  CHECK(code_of(unlock_token(softhsm_path(), made.serial, Secret("so-pin-1234"), Secret("11112222"))) == "ok");
  CHECK(code_of(TokenEditor::open(uri_of(made), pin("87654321"))) == "token.pin.incorrect");
  {
    auto editor = must(TokenEditor::open(uri_of(made), pin("11112222")));
    CHECK(must(editor.keys()).size() == 1);  // unlocking loses nothing
  }
  NewToken again = sample("Thẻ khác");
  again.so_pin = Secret("not the one");
  CHECK(code_of(initialize_token(softhsm_path(), made.serial, again)) == "token.pin.incorrect");
  const TokenInfo anew = must(initialize_token(softhsm_path(), made.serial, sample("Thẻ khác")));
  auto editor = must(TokenEditor::open(uri_of(anew), pin("87654321")));
  CHECK(must(editor.keys()).empty());
}

TEST_CASE("labels and tokens that don't fit are refused before anything is lost") {
  const Authority authority;
  for (const char* label : {"", "a label that is longer than thirty-two octets", "line\nend"})
    CHECK(code_of(initialize_token(softhsm_path(), std::nullopt, sample(label))) == "token.label");
  CHECK(code_of(initialize_token(softhsm_path(), "0000", sample())) == "token.not_found");
}

TEST_CASE("a certificate is written beside its key without anybody's PIN") {
  const Authority authority;
  for (const NewKey kind : {NewKey::ec_p256, NewKey::rsa_2048}) {
    const TokenInfo made = must(initialize_token(softhsm_path(), std::nullopt, sample()));
    std::optional<KeyInToken> key;
    {
      auto editor = must(TokenEditor::open(uri_of(made), pin("87654321")));
      key = must(editor.generate(kind, "signing"));
    }
    const auto certificate = bare_certificate(key->public_key);
    const PinSource nobody = [](const TokenInfo&) -> Result<Secret> { return fail("token.pin.missing"); };
    CHECK(code_of(write_certificate(softhsm_path(), made.serial, certificate, nobody)) == "ok");
    CHECK(code_of(write_certificate(softhsm_path(), made.serial, certificate, nobody)) == "ok");  // once only
    const auto holder = must(open_pkcs11(key->uri, pin("87654321")));
    CHECK(std::ranges::equal(holder->certificate().der(), certificate.der()));
    const auto other = must(crypto::Certificate::from_pem(read_text(authority.path("leader.cert.pem"))));
    CHECK(code_of(write_certificate(softhsm_path(), made.serial, other.front(), nobody)) == "token.key.not_found");
  }
}

TEST_CASE("a key for decrypting opens what was encrypted for it, and nothing else does") {
  const Authority authority;
  const TokenInfo made = must(initialize_token(softhsm_path(), std::nullopt, sample()));
  std::optional<KeyInToken> escrow, signing;
  {
    auto editor = must(TokenEditor::open(uri_of(made), pin("87654321")));
    escrow = must(editor.generate(NewKey::rsa_2048, "escrow", KeyUse::sign_and_decrypt));
    signing = must(editor.generate(NewKey::rsa_2048, "signing"));
    CHECK(code_of(editor.generate(NewKey::ec_p256, "curve", KeyUse::sign_and_decrypt)) == "token.mechanism");
  }
  Options options;
  options.certificate = bare_certificate(escrow->public_key);
  const auto holder = must(open_pkcs11(escrow->uri, pin("87654321"), options));
  const std::string text = "so-pin 12345678";
  CHECK(must(decrypt_oaep(*holder, oaep(escrow->public_key, text))).reveal() == text);
  for (const Bytes& bad : {oaep(signing->public_key, text), Bytes(256), Bytes(10, 1), Bytes{}, Bytes(3000, 1)})
    CHECK(code_of(decrypt_oaep(*holder, bad)) == "token.decrypt");
  // It still works after that, and a key for signing decrypts nothing.
  CHECK(must(decrypt_oaep(*holder, oaep(escrow->public_key, text))).reveal() == text);
  options.certificate = bare_certificate(signing->public_key);
  const auto signer = must(open_pkcs11(signing->uri, pin("87654321"), options));
  CHECK(code_of(decrypt_oaep(*signer, oaep(signing->public_key, text))) == "token.decrypt");
}

}  // namespace kyso::token

#include "token/key_generation.h"

#include <atomic>
#include <thread>

#include "token/token_test_support.h"

using namespace kyso;
using namespace kyso::token;
using namespace kyso::token::test;

namespace {

std::string token_uri() {
  return "pkcs11:token=Kyso%20demo?module-path=" + softhsm_path();
}

TokenEditor open_editor(const Authority& authority) {
  return must(TokenEditor::open(token_uri(), CountedPin{authority.pin()}));
}

Options with(const crypto::PublicKey& key) {
  return {.certificate = bare_certificate(key)};
}

crypto::Certificate certificate_for(const Authority& authority, const KeyInToken& key, const std::string& days) {
  std::ofstream(authority.path("new.spki"), std::ios::binary) << as_chars(key.public_key.spki());
  std::ofstream(authority.path("new.ext")) << "subjectKeyIdentifier=hash\n";
  run({"openssl", "x509", "-new", "-extfile", authority.path("new.ext").string(), "-force_pubkey",
       authority.path("new.spki").string(), "-subj", "/CN=Khoa moi", "-CA", authority.path("issuing.pem").string(),
       "-CAkey", authority.path("issuing.key.pem").string(), "-days", days, "-out",
       authority.path("new.pem").string()});
  return crypto::Certificate::from_pem(read_text(authority.path("new.pem"))).value().front();
}

}  // namespace

TEST_CASE("a key that is born in the token signs and cannot leave it") {
  const Authority authority;
  for (const auto kind : {NewKey::rsa_2048, NewKey::rsa_3072, NewKey::rsa_4096, NewKey::ec_p256, NewKey::ec_p384}) {
    CAPTURE(name_of(kind));
    CHECK(new_key_by_name(name_of(kind)) == kind);
    auto editor = open_editor(authority);
    const std::string label = "Khóa " + std::string(name_of(kind));
    const auto key = must(editor.generate(kind, label));
    CHECK(key.label == label);
    CHECK(key.id.size() == 20);
    CHECK(key.public_key.bits() == (kind == NewKey::rsa_2048   ? 2048
                                    : kind == NewKey::rsa_3072 ? 3072
                                    : kind == NewKey::rsa_4096 ? 4096
                                    : kind == NewKey::ec_p256  ? 256
                                                               : 384));
    CHECK(std::ranges::equal(must(editor.find(label)).public_key.spki(), key.public_key.spki()));
    CHECK(code_of(editor.generate(kind, label)) == "token.key.exists");

    const auto holder = must(open_pkcs11(key.uri, CountedPin{authority.pin()}, with(key.public_key)));
    CHECK(code_of(sign_and_verify(*holder)) == "ok");
    CHECK(code_of(open_pkcs11(key.uri, CountedPin{authority.pin()})) == "token.certificate.not_found");

    // What others see of it.
    const auto shown =
        output_of("pkcs11-tool --module " + softhsm_path() + " --token-label 'Kyso demo' --login --pin " +
                  authority.pin() + " --list-objects --type privkey --id " + to_hex(key.id) + " 2>&1");
    CHECK(shown.find("sensitive, always sensitive, never extractable, local") != std::string::npos);
    CHECK(shown.find("Usage:      sign") != std::string::npos);
    CHECK(shown.find("decrypt") == std::string::npos);
    CHECK(shown.find("unwrap") == std::string::npos);
  }
  CHECK(must(open_editor(authority).keys()).size() == 5 + 3);
}

TEST_CASE("the id of a new key is what its certificate will call it") {
  const Authority authority;
  auto editor = open_editor(authority);
  const auto key = must(editor.generate(NewKey::ec_p256, "issuing"));
  const auto certificate = certificate_for(authority, key, "30");
  CHECK(std::ranges::equal(certificate.subject_key_id(), key.id));
}

TEST_CASE("a certificate is kept beside its key, the newest only") {
  const Authority authority;
  auto editor = open_editor(authority);
  const auto key = must(editor.generate(NewKey::ec_p256, "issuing"));
  const auto other = must(editor.generate(NewKey::ec_p256, "other"));
  const auto first = certificate_for(authority, key, "30");
  const auto second = certificate_for(authority, key, "20");
  CHECK(code_of(editor.store_certificate(other, first)) == "token.key.mismatch");
  REQUIRE(code_of(editor.store_certificate(key, first)) == "ok");
  REQUIRE(code_of(editor.store_certificate(key, second)) == "ok");
  const auto holder = must(open_pkcs11(key.uri, CountedPin{authority.pin()}));
  CHECK(holder->certificate().sha256() == second.sha256());
  CHECK(holder->issuers().size() == 2);
  const auto root = crypto::Certificate::from_pem(read_text(authority.path("root.pem"))).value().front();
  CHECK(code_of(editor.store_issuer("goc", root)) == "ok");
  CHECK(code_of(sign_and_verify(*holder)) == "ok");
}

TEST_CASE("a token keeps octets for the next time, and shows them to its user only") {
  const Authority authority;
  auto editor = open_editor(authority);
  CHECK(must(editor.find_data("goc.crl")).empty());
  REQUIRE(code_of(editor.store_data("goc.crl", as_bytes("first"))) == "ok");
  REQUIRE(code_of(editor.store_data("other.crl", as_bytes("other"))) == "ok");
  // The second takes the place of the first, also for who opens the token later.
  const Bytes second(3000, 7);
  REQUIRE(code_of(editor.store_data("goc.crl", second)) == "ok");
  CHECK(must(open_editor(authority).find_data("goc.crl")) == std::vector<Bytes>{second});
  CHECK(code_of(editor.store_data("", second)) == "token.label");
  const auto shown = output_of("pkcs11-tool --module " + softhsm_path() +
                               " --token-label 'Kyso demo' --list-objects --type data 2>&1");
  CHECK(shown.find("goc.crl") == std::string::npos);
}

TEST_CASE("a destroyed key is gone, and only that one") {
  const Authority authority;
  auto editor = open_editor(authority);
  const auto key = must(editor.generate(NewKey::ec_p384, "old"));
  const auto kept = must(editor.generate(NewKey::ec_p384, "kept"));
  REQUIRE(code_of(editor.store_certificate(key, certificate_for(authority, key, "30"))) == "ok");
  REQUIRE(code_of(editor.destroy(key)) == "ok");
  CHECK(code_of(editor.destroy(key)) == "token.key.not_found");
  CHECK(code_of(editor.find("old")) == "token.key.not_found");
  CHECK(code_of(open_pkcs11(key.uri, CountedPin{authority.pin()}, with(key.public_key))) == "token.key.not_found");
  CHECK(code_of(sign_and_verify(*must(open_pkcs11(kept.uri, CountedPin{authority.pin()}, with(kept.public_key))))) ==
        "ok");
  // The name is free again.
  CHECK(code_of(editor.generate(NewKey::ec_p256, "old")) == "ok");
}

TEST_CASE("a holder tells whether its key can be reached, without signing") {
  const Authority authority;
  const CountedPin pin{authority.pin()};
  const auto holder = must(open_pkcs11(Authority::uri(), pin));
  CHECK(code_of(check_reachable(*holder)) == "ok");
  REQUIRE(Outsider(softhsm_path())->C_Finalize(nullptr) == CKR_OK);
  CHECK(code_of(check_reachable(*holder)) == "ok");
  authority.delete_tokens();
  CHECK(code_of(check_reachable(*holder)) == "token.not_found");
  authority.make_token();
  authority.import_key("leader");
  CHECK(code_of(check_reachable(*holder)) == "ok");
  CHECK(code_of(sign_and_verify(*holder)) == "ok");
}

TEST_CASE("labels that mislead are refused; the PIN is asked for once") {
  const Authority authority;
  const CountedPin pin{authority.pin()};
  auto editor = must(TokenEditor::open(token_uri(), pin));
  CHECK(pin.asked->size() == 1);
  for (const auto& label : {std::string(), std::string("a\nb"), std::string(65, 'x'), std::string("\xff")})
    CHECK(code_of(editor.generate(NewKey::ec_p256, label)) == "token.label");
  CHECK(code_of(TokenEditor::open("pkcs11:token=Nobody?module-path=" + softhsm_path(), pin)) == "token.not_found");
  CHECK(code_of(TokenEditor::open("pkcs11:token=Nobody", pin)) == "token.module.unnamed");
}

TEST_CASE("a given certificate must be the key's own") {
  const Authority authority;
  auto editor = open_editor(authority);
  const auto key = must(editor.generate(NewKey::ec_p256, "a"));
  const auto other = must(editor.generate(NewKey::ec_p256, "b"));
  const CountedPin pin{authority.pin()};
  CHECK(code_of(open_pkcs11(key.uri, pin, with(other.public_key))) == "token.key.mismatch");
  // What lies beside the key means nothing then.
  REQUIRE(code_of(editor.store_certificate(key, certificate_for(authority, key, "30"))) == "ok");
  const auto holder = must(open_pkcs11(key.uri, pin, with(key.public_key)));
  CHECK(holder->certificate().sha256() == bare_certificate(key.public_key).sha256());
}

TEST_CASE("holders that may, restart the library under each other when a token comes back") {
  const Authority authority;
  const CountedPin pin{authority.pin()};
  const auto options_for = [&](const std::string& signer) {
    return Options{
        .certificate = crypto::Certificate::from_pem(read_text(authority.path(signer + ".cert.pem"))).value().front(),
        .may_restart_shared_library = true};
  };
  const auto leader = must(open_pkcs11(Authority::uri("leader"), pin, options_for("leader")));
  const auto clerk = must(open_pkcs11(Authority::uri("clerk"), pin, options_for("clerk")));
  REQUIRE(code_of(sign_and_verify(*leader)) == "ok");
  REQUIRE(code_of(sign_and_verify(*clerk)) == "ok");
  const auto away = authority.path("away");
  fs::rename(authority.path("softhsm/tokens"), away);
  fs::create_directory(authority.path("softhsm/tokens"));
  std::atomic<bool> is_back = false;
  std::atomic<int> wrong = 0;
  std::vector<std::jthread> threads;
  for (const auto* holder : {&leader, &clerk, &leader, &clerk})
    threads.emplace_back([&, holder] {
      const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
      while (!is_back) static_cast<void>(sign_and_verify(**holder));
      while (code_of(sign_and_verify(**holder)) != "ok" && std::chrono::steady_clock::now() < until) {
      }
      for (int i = 0; i < 20; ++i) wrong += code_of(sign_and_verify(**holder)) == "ok" ? 0 : 1;
    });
  while (sign_and_verify(*leader)) {
  }  // until the loss is noticed
  fs::remove(authority.path("softhsm/tokens"));
  fs::rename(away, authority.path("softhsm/tokens"));
  is_back = true;
  threads.clear();
  CHECK(wrong == 0);
  CHECK(code_of(sign_and_verify(*leader)) == "ok");
  CHECK(code_of(sign_and_verify(*clerk)) == "ok");
}

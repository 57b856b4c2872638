// Against a real PKCS#11 module: SoftHSM2.
#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "token/token_test_support.h"

using namespace kyso;
using namespace kyso::token;
using namespace kyso::token::test;

namespace {

std::unique_ptr<crypto::KeyHolder> open_or_fail(const std::string& uri, PinSource source, const Options& options = {}) {
  auto holder = open_pkcs11(uri, std::move(source), options);
  INFO((holder ? "" : holder.error().detail));
  REQUIRE(code_of(holder) == "ok");
  return *std::move(holder);
}

crypto::Certificate certificate_in(const fs::path& pem) {
  return crypto::Certificate::from_pem(read_text(pem)).value().front();
}

bool same(const crypto::Certificate& a, const crypto::Certificate& b) {
  return a.sha256() == b.sha256();
}

}  // namespace

TEST_CASE("every kind of key signs, with its certificate and issuers") {
  for (const std::string kind : {"rsa:2048", "ec:p256", "ec:p384", "ed25519"}) {
    CAPTURE(kind);
    const Authority authority(kind);
    const CountedPin pin{authority.pin()};
    const auto holder = open_or_fail(Authority::uri(), pin);
    CHECK(pin.asked->size() == 1);
    CHECK(pin.asked->front().label == "Kyso demo");
    CHECK(same(holder->certificate(), certificate_in(authority.path("leader.cert.pem"))));
    REQUIRE(holder->issuers().size() == 2);
    CHECK(same(holder->issuers()[0], certificate_in(authority.path("issuing.pem"))));
    CHECK(same(holder->issuers()[1], certificate_in(authority.path("root.pem"))));
    CHECK(code_of(sign_and_verify(*holder)) == "ok");
    int schemes = 0;
    for (const auto padding : {crypto::Padding::none, crypto::Padding::pkcs1_v15, crypto::Padding::pss}) {
      for (const auto digest : {crypto::DigestAlgorithm::sha1, crypto::DigestAlgorithm::sha256,
                                crypto::DigestAlgorithm::sha384, crypto::DigestAlgorithm::sha512}) {
        const crypto::SignatureScheme scheme{holder->certificate().public_key().type(), padding, digest};
        const auto outcome = code_of(sign_and_verify(*holder, scheme));
        CHECK(outcome == (holder->supports(scheme) ? "ok" : "token.scheme.unsupported"));
        schemes += holder->supports(scheme) ? 1 : 0;
      }
    }
    CHECK(schemes == (kind.starts_with("rsa") ? 6 : kind.starts_with("ec") ? 3 : 1));
    CHECK(pin.asked->size() == 1);
  }
}

TEST_CASE("a wrong PIN is asked for and sent once") {
  const Authority authority;
  const CountedPin pin{"wrong-pin"};
  const auto holder = open_pkcs11(Authority::uri(), pin);
  REQUIRE(code_of(holder) == "token.pin.incorrect");
  CHECK(pin.asked->size() == 1);
  CHECK(parameter(holder.error(), "state") == "count_low");
  CHECK(holder.error().detail.find("wrong-pin") == std::string::npos);
  CHECK(code_of(open_pkcs11(Authority::uri(), {})) == "token.pin.missing");
  const auto refused = [](const TokenInfo&) -> Result<Secret> { return fail("test.cancelled"); };
  CHECK(code_of(open_pkcs11(Authority::uri(), refused)) == "test.cancelled");
}

TEST_CASE("what the URI names is found, or the answer says why not") {
  const Authority authority;
  const CountedPin pin{authority.pin()};
  const auto module = "?module-path=" + softhsm_path();
  const auto tokens = list_tokens(softhsm_path());
  REQUIRE(tokens);
  REQUIRE(tokens->size() == 1);
  CHECK(tokens->front().label == "Kyso demo");
  CHECK(tokens->front().login_required);

  CHECK(code_of(open_pkcs11("pkcs11:token=Nobody;object=leader" + module, pin)) == "token.not_found");
  CHECK(pin.asked->empty());
  CHECK(code_of(open_pkcs11(Authority::uri("nobody"), pin)) == "token.key.not_found");
  const auto any = open_pkcs11("pkcs11:token=Kyso%20demo" + module, pin);
  REQUIRE(code_of(any) == "token.key.several");
  CHECK(parameter(any.error(), "count") == "3");
  CHECK(open_or_fail("pkcs11:id=%02;type=private" + module, pin)->certificate().common_name() == "Trần Thị B");
  CHECK(open_or_fail("pkcs11:serial=" + tokens->front().serial + ";object=organisation;type=cert" + module, pin)
            ->certificate()
            .common_name() == "Cơ quan mẫu");
  CHECK(open_or_fail("pkcs11:object=leader", pin, {.default_module = softhsm_path()})->issuers().size() == 2);
  CHECK(open_or_fail("pkcs11:object=leader?module-name=softhsm2", pin)->issuers().size() == 2);
}

TEST_CASE("a key without its certificate is no signer") {
  const Authority authority;
  authority.import_key("tsa", "bare", "07");
  CHECK(code_of(open_pkcs11(Authority::uri("bare"), CountedPin{authority.pin()})) == "token.certificate.not_found");
}

TEST_CASE("a certificate of another key is passed over, whatever its id says") {
  const Authority authority;
  authority.delete_tokens();
  authority.make_token();
  authority.import_key("leader");
  authority.import_certificate("leader");
  authority.import_certificate("tsa");  // ends three years later, but is another key's
  const auto holder = open_or_fail(Authority::uri(), CountedPin{authority.pin()});
  CHECK(holder->certificate().common_name() == "Nguyễn Văn A");
  CHECK(code_of(sign_and_verify(*holder)) == "ok");
}

TEST_CASE("the PIN may come from a file, never from the URI") {
  const Authority authority;
  const auto source = "&pin-source=file:" + authority.path("pin.txt").string();
  const CountedPin unasked{"wrong-pin"};
  CHECK(code_of(sign_and_verify(*open_or_fail(Authority::uri() + source, unasked))) == "ok");
  CHECK(unasked.asked->empty());
  std::ofstream(authority.path("pin.crlf")) << authority.pin() << "\r\n";
  open_or_fail(Authority::uri() + "&pin-source=" + authority.path("pin.crlf").string(), {});
  CHECK(code_of(open_pkcs11(Authority::uri() + "&pin-source=file:" + authority.path("none").string(), {})) ==
        "base.file.missing");
  const auto refused = open_pkcs11(Authority::uri() + "&pin-value=" + authority.pin(), unasked);
  REQUIRE(code_of(refused) == "token.uri.pin");
  CHECK(refused.error().detail.find(authority.pin()) == std::string::npos);
}

TEST_CASE("tokens of the same name are told apart or refused") {
  const Authority authority;
  const CountedPin pin{authority.pin()};
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(authority.path("softhsm/tokens"))) folders.push_back(entry.path());
  REQUIRE(folders.size() == 1);
  SUBCASE("only one shows the object") {
    authority.make_token();
    REQUIRE(list_tokens(softhsm_path()).value().size() == 2);
    CHECK(code_of(open_pkcs11(Authority::uri(), pin)) == "ok");
  }
  SUBCASE("both do") {
    const auto hidden = authority.path("hidden");
    fs::rename(folders.front(), hidden);
    authority.make_token();
    authority.import_key("leader");
    authority.import_certificate("leader");
    fs::rename(hidden, folders.front());
    const auto tokens = list_tokens(softhsm_path()).value();
    REQUIRE(tokens.size() == 2);
    const auto holder = open_pkcs11(Authority::uri(), pin);
    REQUIRE(code_of(holder) == "token.several");
    CHECK(parameter(holder.error(), "count") == "2");
    CHECK(pin.asked->empty());
    for (const auto& token : tokens)
      CHECK(code_of(open_pkcs11(Authority::uri("leader", ";serial=" + token.serial), pin)) == "ok");
  }
  SUBCASE("a twin that came later does not confuse who has been in already") {
    const auto holder = open_or_fail(Authority::uri(), pin);
    const auto hidden = authority.path("hidden");
    fs::rename(folders.front(), hidden);
    authority.make_token();
    authority.import_key("clerk");
    authority.import_certificate("clerk");
    fs::rename(hidden, folders.front());
    REQUIRE(Outsider(softhsm_path())->C_Finalize(nullptr) == CKR_OK);
    CHECK(code_of(sign_and_verify(*holder)) == "ok");
    CHECK(code_of(open_pkcs11(Authority::uri(), pin)) == "token.several");
  }
}

TEST_CASE("a token that was deleted and made again under an open holder signs on") {
  const Authority authority;
  const CountedPin pin{authority.pin()};
  const auto holder = open_or_fail(Authority::uri(), pin);
  REQUIRE(code_of(sign_and_verify(*holder)) == "ok");
  authority.delete_tokens();
  const auto gone = sign_and_verify(*holder);
  CHECK(code_of(gone) == "token.not_found");
  CHECK(code_of(sign_and_verify(*holder)) == "token.not_found");
  authority.make_token();
  authority.import_key("leader");
  authority.import_certificate("leader");
  CHECK(code_of(sign_and_verify(*holder)) == "ok");
  CHECK(code_of(sign_and_verify(*holder)) == "ok");
  CHECK(pin.asked->size() == 1);
}

TEST_CASE("another key under the same URI is refused") {
  const Authority authority;
  const CountedPin pin{authority.pin()};
  const auto holder = open_or_fail(Authority::uri(), pin);
  REQUIRE(code_of(sign_and_verify(*holder)) == "ok");
  authority.delete_tokens();
  authority.make_token();
  SUBCASE("with its own certificate") {
    authority.import_key("clerk");
    authority.import_certificate("clerk");
  }
  SUBCASE("without certificate") {
    authority.import_key("clerk");
  }
  SUBCASE("with the certificate of the key that was there") {
    authority.import_key("clerk");
    authority.import_certificate("leader");
  }
  CHECK(code_of(sign_and_verify(*holder)) == "token.key.changed");
  CHECK(code_of(sign_and_verify(*holder)) == "token.key.changed");
  authority.delete_tokens();
  authority.make_token();
  authority.import_key("leader");
  authority.import_certificate("leader");
  CHECK(code_of(sign_and_verify(*holder)) == "ok");
}

TEST_CASE("sessions that somebody else closed are opened again") {
  const Authority authority;
  const CountedPin pin{authority.pin()};
  const auto holder = open_or_fail(Authority::uri(), pin);
  const Outsider outsider(softhsm_path());
  REQUIRE(code_of(sign_and_verify(*holder)) == "ok");
  for (int i = 0; i < 3; ++i) {
    CK_SLOT_ID slots[8];
    CK_ULONG count = 8;
    REQUIRE(outsider->C_GetSlotList(CK_TRUE, slots, &count) == CKR_OK);
    for (CK_ULONG s = 0; s < count; ++s) REQUIRE(outsider->C_CloseAllSessions(slots[s]) == CKR_OK);
    CHECK(code_of(sign_and_verify(*holder)) == "ok");
    REQUIRE(outsider->C_Finalize(nullptr) == CKR_OK);
    CHECK(code_of(sign_and_verify(*holder)) == "ok");
  }
  CHECK(pin.asked->size() == 1);
}

TEST_CASE("two keys of one token share its login, and survive each other") {
  const Authority authority;
  const CountedPin first{authority.pin()};
  const CountedPin second{authority.pin()};
  auto leader = open_or_fail(Authority::uri("leader"), first);
  const auto clerk = open_or_fail(Authority::uri("clerk"), second);
  CHECK(second.asked->empty());
  CHECK(code_of(sign_and_verify(*leader)) == "ok");
  leader.reset();
  CHECK(code_of(sign_and_verify(*clerk)) == "ok");
  REQUIRE(Outsider(softhsm_path())->C_Finalize(nullptr) == CKR_OK);
  CHECK(code_of(sign_and_verify(*clerk)) == "ok");
  CHECK(second.asked->size() == 1);
}

TEST_CASE("after somebody else finalised the module each holder signs with its own key") {
  const Authority authority("ec:p256");
  const CountedPin pin{authority.pin()};
  const auto leader = open_or_fail(Authority::uri("leader"), pin);
  const auto clerk = open_or_fail(Authority::uri("clerk"), pin);
  const auto seal = open_or_fail(Authority::uri("organisation"), pin);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(Outsider(softhsm_path())->C_Finalize(nullptr) == CKR_OK);
    for (const auto* holder : {&clerk, &leader, &seal, &leader, &clerk})
      CHECK(code_of(sign_and_verify(**holder)) == "ok");
  }
}

TEST_CASE("eight threads sign through two sessions") {
  const Authority authority;
  const CountedPin pin{authority.pin()};
  const auto holder = open_or_fail(Authority::uri(), pin, {.default_module = {}, .max_sessions = 2});
  std::atomic<int> good = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i)
        good += sign_and_verify(*holder, scheme_of(*holder), fmt::format("{}/{}", t, i)) ? 1 : 0;
    });
  }
  threads.clear();
  CHECK(good == 200);
  CHECK(pin.asked->size() == 1);
}

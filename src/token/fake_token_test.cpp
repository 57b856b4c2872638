// Against a module that does what SoftHSM2 never does: tests/fake-pkcs11/fake_pkcs11.cpp.
#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "token/token_test_support.h"

using namespace kyso;
using namespace kyso::token;
using namespace kyso::token::test;

namespace {

std::string fake_path() {
  if (const char* path = std::getenv("KYSO_FAKE_PKCS11")) return path;
  return fs::read_symlink("/proc/self/exe").parent_path() / "../../lib/libkyso_fake_pkcs11.so";
}

// The fake token with its knobs, at rest; one P-256 key and the leader's certificate.
class FakeToken {
 public:
  FakeToken() : m_outsider(fs::canonical(fake_path())) {
    const auto authority = authority_template("ec:p256");
    const auto load = m_outsider.function<int(const char*, const char*)>("kyso_fake_load");
    REQUIRE(load((authority / "leader.key.pem").c_str(), (authority / "leader.cert.pem").c_str()) == 1);
  }
  void set(const char* knob, long value) const {
    REQUIRE(m_outsider.function<int(const char*, long)>("kyso_fake_set")(knob, value) == 1);
  }
  long get(const char* knob) const {
    const long value = m_outsider.function<long(const char*)>("kyso_fake_get")(knob);
    REQUIRE(value >= 0);
    return value;
  }
  std::string pin() const { return m_outsider.function<const char*()>("kyso_fake_pin")(); }
  void finalise() const { REQUIRE(m_outsider->C_Finalize(nullptr) == CKR_OK); }
  void pull_out() const { set("inserted", 0); }
  void put_in() const { set("inserted", 1); }

  static std::string uri(const std::string& more = "") {
    return "pkcs11:token=Th%E1%BA%BB%20th%E1%BB%AD?module-path=" + fs::canonical(fake_path()).string() + more;
  }
  std::unique_ptr<crypto::KeyHolder> open(PinSource source, std::size_t sessions = 4) const {
    auto holder = open_pkcs11(uri(), std::move(source), {.default_module = {}, .max_sessions = sessions});
    REQUIRE(code_of(holder) == "ok");
    return *std::move(holder);
  }

 private:
  Outsider m_outsider;
};

std::string sign(crypto::KeyHolder& holder) {
  return code_of(sign_and_verify(holder));
}

}  // namespace

TEST_CASE("raw r || s and Ecdsa-Sig-Value of a token both become what X.509 carries") {
  const FakeToken token;
  const CountedPin pin{token.pin()};
  SUBCASE("raw") {}
  SUBCASE("DER already") {
    token.set("der_values", 1);
  }
  SUBCASE("a token that hashes itself") {
    token.set("hashes_only", 1);
  }
  const auto holder = token.open(pin);
  for (int i = 0; i < 50; ++i) REQUIRE(sign(*holder) == "ok");
  // No wider digest where the token wants to hash with SHA-256 itself; truncated to the curve where it does not.
  const crypto::SignatureScheme wide{crypto::KeyType::ec_p256, crypto::Padding::none, crypto::DigestAlgorithm::sha512};
  const bool hashes = token.get("hashes_only") != 0;
  CHECK(holder->supports(wide) == !hashes);
  CHECK(code_of(sign_and_verify(*holder, wide)) == (hashes ? "token.scheme.unsupported" : "ok"));
}

TEST_CASE("the state of the PIN is told before a try, and the last try needs consent") {
  const FakeToken token;
  const CountedPin wrong{"0000"};
  const auto first = open_pkcs11(FakeToken::uri(), wrong);
  REQUIRE(code_of(first) == "token.pin.incorrect");
  CHECK(wrong.asked->back().pin_state == PinState::normal);
  CHECK(parameter(first.error(), "state") == "count_low");
  const auto second = open_pkcs11(FakeToken::uri(), wrong);
  CHECK(wrong.asked->back().pin_state == PinState::count_low);
  CHECK(parameter(second.error(), "state") == "final_try");
  CHECK(list_tokens(fs::canonical(fake_path()))->front().pin_state == PinState::final_try);
  CHECK(token.get("logins") == 2);

  SUBCASE("no consent: nothing is sent") {
    const auto refuse = [](const TokenInfo& info) -> Result<Secret> {
      CHECK(info.pin_state == PinState::final_try);
      return fail("token.pin.final_try");
    };
    CHECK(code_of(open_pkcs11(FakeToken::uri(), refuse)) == "token.pin.final_try");
    CHECK(code_of(open_pkcs11(FakeToken::uri(), {})) == "token.pin.final_try");
    CHECK(token.get("logins") == 2);
  }
  SUBCASE("a file cannot consent") {
    const TestFolder dir;
    std::ofstream(dir.path() / "pin") << token.pin();
    const auto source = "&pin-source=file:" + (dir.path() / "pin").string();
    CHECK(code_of(open_pkcs11(FakeToken::uri(source), wrong)) == "token.pin.final_try");
    CHECK(token.get("logins") == 2);
  }
  SUBCASE("consent and the right PIN: all tries are back") {
    const CountedPin right{token.pin()};
    CHECK(sign(*token.open(right)) == "ok");
    CHECK(right.asked->back().pin_state == PinState::final_try);
    CHECK(token.get("tries_left") == 3);
  }
  SUBCASE("consent and a wrong PIN: locked, and no further PIN is asked for") {
    CHECK(code_of(open_pkcs11(FakeToken::uri(), wrong)) == "token.pin.locked");
    CHECK(wrong.asked->size() == 3);
    CHECK(code_of(open_pkcs11(FakeToken::uri(), wrong)) == "token.pin.locked");
    CHECK(wrong.asked->size() == 3);
    CHECK(token.get("logins") == 3);
  }
}

TEST_CASE("a token whose flags tell nothing is believed when it says locked") {
  const FakeToken token;
  token.set("hidden_flags", 1);
  token.set("tries_left", 0);
  CHECK(code_of(open_pkcs11(FakeToken::uri(), CountedPin{token.pin()})) == "token.pin.locked");
}

TEST_CASE("a driver that calls a wrong PIN a general error is seen through by its flags") {
  const FakeToken token;
  token.set("vague_pin_errors", 1);
  const auto holder = open_pkcs11(FakeToken::uri(), CountedPin{"0000"});
  REQUIRE(code_of(holder) == "token.pin.incorrect");
  CHECK(parameter(holder.error(), "state") == "count_low");
  CHECK(token.get("logins") == 1);
}

TEST_CASE("a token pulled out in mid-sign and put back signs on with one login") {
  const FakeToken token;
  const CountedPin pin{token.pin()};
  SUBCASE("seen at once") {}
  SUBCASE("seen by a restarted library only") {
    token.set("wakes_on_restart", 1);
  }
  const auto holder = token.open(pin);
  for (int i = 1; i <= 3; ++i) {
    token.set("remove_at_sign", 2);
    CHECK(sign(*holder) == "ok");
    CHECK(sign(*holder) == "ok");
    CHECK(token.get("logins") == 1 + i);
  }
  CHECK(pin.asked->size() == 1);
  CHECK(token.get("signs") == 6);
  CHECK(token.get("sessions") == 1);
  CHECK(token.get("initialises") == (token.get("wakes_on_restart") != 0 ? 4 : 1));
}

TEST_CASE("the library is not restarted while another holder uses it") {
  const FakeToken token;
  const CountedPin pin{token.pin()};
  const auto holder = token.open(pin);
  auto other = token.open(pin);
  token.set("wakes_on_restart", 1);
  token.set("remove_at_sign", 1);
  CHECK(sign(*holder) == "token.not_found");
  CHECK(token.get("initialises") == 1);
  other.reset();
  CHECK(sign(*holder) == "ok");
  CHECK(token.get("initialises") == 2);
}

TEST_CASE("a token that stays out is an answer, not a hang, and coming back mends it") {
  const FakeToken token;
  const CountedPin pin{token.pin()};
  const auto holder = token.open(pin);
  token.pull_out();
  for (int i = 0; i < 3; ++i) CHECK(sign(*holder) == "token.not_found");
  CHECK(token.get("logins") == 1);
  token.put_in();
  CHECK(sign(*holder) == "ok");
  CHECK(token.get("logins") == 2);
}

TEST_CASE("a PIN that was refused after re-insertion is never sent again") {
  const FakeToken token;
  const CountedPin pin{token.pin()};
  const auto holder = token.open(pin);
  token.pull_out();
  token.put_in();
  token.set("refuse_all", 1);
  CHECK(sign(*holder) == "token.pin.incorrect");
  CHECK(token.get("logins") == 2);
  for (int i = 0; i < 5; ++i) CHECK(sign(*holder) == "token.pin.incorrect");
  CHECK(token.get("logins") == 2);
  CHECK(pin.asked->size() == 6);  // the person is asked, but may only answer with another PIN
  token.set("refuse_all", 0);
  CHECK(sign(*holder) == "token.pin.incorrect");
  CHECK(token.get("logins") == 2);
}

TEST_CASE("the kept PIN is not spent on a last try without consent") {
  const FakeToken token;
  const auto consent = std::make_shared<bool>(false);
  const auto source = [consent, &token](const TokenInfo& info) -> Result<Secret> {
    if (info.pin_state == PinState::final_try && !*consent) return fail("token.pin.final_try");
    return Secret(token.pin());
  };
  const auto holder = token.open(source);
  token.pull_out();
  token.put_in();
  token.set("tries_left", 1);
  CHECK(sign(*holder) == "token.pin.final_try");
  CHECK(token.get("logins") == 1);
  *consent = true;
  CHECK(sign(*holder) == "ok");
  CHECK(token.get("logins") == 2);
}

TEST_CASE("a login that fails without a reason is not repeated with the same PIN") {
  const FakeToken token;
  const CountedPin pin{token.pin()};
  const auto holder = token.open(pin);
  token.pull_out();
  token.put_in();
  token.set("login_fails", 1);
  for (int i = 0; i < 4; ++i) CHECK(sign(*holder) == "token.device.lost");
  CHECK(token.get("logins") == 2);
}

TEST_CASE("a key that wants the PIN for each use gets it") {
  const FakeToken token;
  token.set("always_authenticate", 1);
  const CountedPin pin{token.pin()};
  const auto holder = token.open(pin);
  for (int i = 0; i < 3; ++i) CHECK(sign(*holder) == "ok");
  CHECK(token.get("context_logins") == 3);
  CHECK(token.get("logins") == 1);
  CHECK(pin.asked->size() == 1);

  // Refused once: never sent again, and the session is usable again after that.
  token.set("refuse_all", 1);
  CHECK(sign(*holder) == "token.pin.incorrect");
  CHECK(sign(*holder) == "token.pin.incorrect");
  CHECK(token.get("context_logins") == 4);
  CHECK(token.get("tries_left") == 2);
}

TEST_CASE("with a PIN pad no PIN is sent, the person is told") {
  const FakeToken token;
  token.set("pin_pad", 1);
  const CountedPin pin{"shown nowhere"};
  CHECK(sign(*token.open(pin)) == "ok");
  REQUIRE(pin.asked->size() == 1);
  CHECK(pin.asked->front().protected_authentication_path);
  CHECK(pin.asked->front().label == "Thẻ thử");
}

TEST_CASE("threads keep to the limit of sessions, their own and the token's") {
  const FakeToken token;
  const CountedPin pin{token.pin()};
  long limit = 2;
  std::size_t wanted = 2;
  SUBCASE("own") {}
  SUBCASE("the token has one session only") {
    token.set("max_sessions", 1);
    limit = 1;
    wanted = 8;
  }
  SUBCASE("a library that cannot lock") {
    token.set("cannot_lock", 1);
  }
  const auto holder = token.open(pin, wanted);
  const bool serial = token.get("cannot_lock") != 0;
  std::atomic<int> begun = 0;
  std::atomic<int> good = 0;
  // Signatures are held until every thread has begun one and all sessions are in use.
  token.set("hold_signs", serial ? 0 : 1);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&] {
        ++begun;
        for (int i = 0; i < 40; ++i) good += sign_and_verify(*holder) ? 1 : 0;
      });
    }
    while (begun < 8 || (!serial && token.get("held") < limit)) std::this_thread::yield();
    for (int i = 0; i < 1000; ++i) std::this_thread::yield();  // time for one session too many
    if (!serial) token.set("hold_signs", 0);                   // our own call would count as an overlap
  }
  CHECK(good == 320);
  CHECK(token.get("most_sessions") <= limit);
  if (serial) CHECK(token.get("overlaps") == 0);
}

TEST_CASE("handles of a finalised library are not closed: they may be another holder's now") {
  const FakeToken token;
  const CountedPin pin{token.pin()};
  const auto first = token.open(pin);
  const auto second = token.open(pin);
  CHECK(token.get("logins") == 1);
  for (int i = 1; i <= 3; ++i) {
    token.finalise();
    // The later session is healed first and so gets the number that the other holder still remembers.
    const auto& later = i % 2 == 1 ? second : first;
    const auto& earlier = i % 2 == 1 ? first : second;
    for (const auto* holder : {&later, &earlier, &later, &earlier}) CHECK(sign(**holder) == "ok");
    CHECK(token.get("logins") == 1 + i);
    CHECK(token.get("sessions") == 2);
  }
}

TEST_CASE("eight threads that lose the token together mend it once") {
  const FakeToken token;
  const CountedPin pin{token.pin()};
  const auto holder = token.open(pin, 3);
  std::atomic<int> good = 0;
  token.set("remove_at_sign", 100);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 40; ++i) good += sign_and_verify(*holder) ? 1 : 0;
      });
    }
  }
  CHECK(good == 320);
  CHECK(token.get("most_sessions") <= 3);
  CHECK(token.get("logins") == 2);
  CHECK(pin.asked->size() == 1);
}

TEST_CASE("nothing stays open when the holder goes") {
  const FakeToken token;
  {
    CHECK(sign(*token.open(CountedPin{token.pin()})) == "ok");
  }
  CHECK(token.get("sessions") == 0);
}

// The vault with keys in SoftHSM2: the token goes and comes under load, goes away, and another one holds the same key.
#include "vault/server/softhsm_test_support.h"

using namespace kyso;
using namespace kyso::vault;
using namespace kyso::vault::test;

namespace {

// The issuing and the time-stamping key lie in the token.
struct HsmWorld {
  HsmWorld() {
    auto editor = hsm.editor();
    for (const auto* label : {"CPCA_G1", "tsa-1"}) keys.push_back(must(editor.generate(token::NewKey::ec_p256, label)));
    world = std::make_unique<World>(with_token_keys());
  }
  // Root and log stay in memory; what is in the token is certified by the root.
  const TestAuthority& with_token_keys() {
    const auto open = [&](const token::KeyInToken& key) {
      return std::shared_ptr<crypto::KeyHolder>(
          must(token::open_pkcs11(key.uri, hsm.pin(), {.certificate = token::bare_certificate(key.public_key)})));
    };
    made = TestAuthority::with_keys(open(keys[0]), open(keys[1]));
    for (auto [key, which] : {std::pair{&made->issuing, 0}, {&made->stamping, 1}})
      key->override_source = hsm.source(keys[static_cast<std::size_t>(which)].uri, key->certificates.front());
    // Only the vault's own holders remain: nobody else keeps the library from starting anew.
    made->issuing.holder.reset();
    made->stamping.holder.reset();
    return *made;
  }
  SoftHsm hsm;
  std::vector<token::KeyInToken> keys;
  std::optional<TestAuthority> made;
  std::unique_ptr<World> world;
};

// A broken device.
struct Wrong final : crypto::KeyHolder {
  explicit Wrong(const crypto::Certificate& own) : m_certificate(own) {}
  const crypto::Certificate& certificate() const override { return m_certificate; }
  std::span<const crypto::Certificate> issuers() const override { return {}; }
  bool supports(crypto::SignatureScheme) const override { return true; }
  Result<Bytes> sign(const crypto::SignRequest&) override {
    ++asked;
    return Bytes(70, 1);
  }
  crypto::Certificate m_certificate;
  static inline int asked = 0;
};

}  // namespace

TEST_CASE("the token goes and comes under load: every certificate and time-stamp comes, and is right") {
  HsmWorld hsm_world;
  World& world = *hsm_world.world;
  const auto tsa = world.signer("tsa-1");
  CHECK(tsa.is_available);
  std::atomic<bool> is_over = false;
  std::atomic<int> stamps = 0;
  std::atomic<int> refused = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&] {
      while (!is_over) {
        const auto input = stamp_input(tsa, world.clock.now());
        const auto values = world.core->sign_time_stamps("tsa-1", {input, input});
        if (!values)
          ++refused;
        else if (verifies(tsa, input.signed_attributes, values->front()))
          ++stamps;
      }
    });
  for (int i = 0; i < 5; ++i) {
    const int before = stamps;
    hsm_world.hsm.unplug();
    hsm_world.hsm.plug();
    const auto prepared = must(std::move(world.core->prepare({approved_issue(3)}).front()));
    std::vector<std::string> ids;
    for (const auto& one : prepared) ids.push_back(one.intent);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    for (const auto& id : ids) {
      auto certificate = world.core->sign_prepared({id}).front();
      while (!certificate && std::chrono::steady_clock::now() < until) {  // as kysod does
        CHECK(code_of(certificate) == "vault.key.unavailable");
        world.core->tend();
        certificate = world.core->sign_prepared({id}).front();
      }
      CHECK(must(std::move(certificate)).is_issued_by(world.authority.issuing.certificates.front()));
    }
    while (stamps == before && std::chrono::steady_clock::now() < until) world.core->tend();
    CHECK(stamps > before);
  }
  is_over = true;
  threads.clear();
  MESSAGE(stamps.load(), " time-stamp calls, ", refused.load(), " told to try again");
}

TEST_CASE("a token that is gone for a while: refused meanwhile, healed by itself") {
  HsmWorld hsm_world;
  World& world = *hsm_world.world;
  const auto tsa = world.signer("tsa-1");
  const auto stamp = [&] {
    return code_of(world.core->sign_time_stamps("tsa-1", {stamp_input(tsa, world.clock.now())}));
  };
  CHECK(stamp() == "ok");
  hsm_world.hsm.unplug();
  CHECK(stamp() == "vault.key.unavailable");
  CHECK(stamp() == "vault.key.unavailable");
  CHECK(!world.signer("tsa-1").is_available);
  const auto prepared = must(std::move(world.core->prepare({approved_issue()}).front()));
  CHECK(code_of(world.core->sign_prepared({prepared.front().intent}).front()) == "vault.key.unavailable");
  // A vault that starts meanwhile starts, and waits for its keys.
  world.start();
  CHECK(must(world.core->state()).signers.size() >= 2);
  hsm_world.hsm.plug();
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (stamp() != "ok" && std::chrono::steady_clock::now() < until) world.core->tend();
  CHECK(stamp() == "ok");
  while (!world.signer("CPCA_G1").is_available && std::chrono::steady_clock::now() < until) world.core->tend();
  // What was prepared before is signed now.
  CHECK(code_of(world.core->sign_prepared({prepared.front().intent}).front()) == "ok");
}

TEST_CASE("a second token with the same key takes over within the call") {
  const auto& authority = shared_authority();
  // Two "tokens": the first can be switched off.
  struct Switched final : crypto::KeyHolder {
    Switched(std::shared_ptr<crypto::KeyHolder> of, std::atomic<bool>& on) : m_holder(std::move(of)), m_on(on) {}
    const crypto::Certificate& certificate() const override { return m_holder->certificate(); }
    std::span<const crypto::Certificate> issuers() const override { return {}; }
    bool supports(crypto::SignatureScheme scheme) const override { return m_holder->supports(scheme); }
    Result<Bytes> sign(const crypto::SignRequest& request) override {
      if (!m_on) return fail("token.device.lost").with("call", "C_Sign").with("rv", "CKR_DEVICE_REMOVED");
      return m_holder->sign(request);
    }
    std::shared_ptr<crypto::KeyHolder> m_holder;
    std::atomic<bool>& m_on;
  };
  static std::atomic<bool> first_on, second_on;
  first_on = second_on = true;
  const auto holder = authority.stamping.holder;
  const auto source = [&](const char* name, std::atomic<bool>& on) {
    return KeySource{.name = name,
                     .open = [holder, &on]() -> Result<std::unique_ptr<crypto::KeyHolder>> {
                       return std::make_unique<Switched>(holder, on);
                     },
                     .check = [&on](crypto::KeyHolder&) -> Result<> {
                       if (on) return {};
                       return fail("token.not_found").with("uri", "pkcs11:");
                     }};
  };
  const auto& certificate = authority.stamping.certificates.front();
  Key key("tsa-1", certificate.public_key(), certificate, {source("a", first_on), source("b", second_on)});
  const auto scheme = crypto::default_scheme(certificate.public_key().type());
  const auto sign = [&] { return code_of(key.sign(scheme, Bytes{1, 2, 3}, Key::Verify::yes)); };
  CHECK(sign() == "vault.key.unavailable");  // nothing is open yet
  key.tend();
  CHECK(sign() == "ok");
  first_on = false;
  CHECK(sign() == "ok");
  second_on = false;
  CHECK(sign() == "vault.key.unavailable");
  CHECK(!key.is_available());
  first_on = true;
  key.tend();
  CHECK(sign() == "ok");
  CHECK(key.is_available());
}

TEST_CASE("a source that signs wrongly, or holds another key, is never asked again") {
  const auto& authority = shared_authority();
  const auto& certificate = authority.stamping.certificates.front();
  const auto scheme = crypto::default_scheme(certificate.public_key().type());
  const KeySource wrong{
      .name = "wrong",
      .open = [&]() -> Result<std::unique_ptr<crypto::KeyHolder>> { return std::make_unique<Wrong>(certificate); },
      .check = {}};
  const KeySource other{.name = "other", .open = authority.log.source().open, .check = {}};
  Key key("tsa-1", certificate.public_key(), certificate, {wrong, other, authority.stamping.source()});
  key.tend();
  for (int i = 0; i < 3; ++i) {
    const auto value = must(key.sign(scheme, Bytes{1}, Key::Verify::yes));
    CHECK(certificate.public_key().verify(scheme, crypto::digest(scheme.digest, Bytes{1}), Bytes{1}, value));
    key.tend();
  }
  CHECK(Wrong::asked == 1);
}

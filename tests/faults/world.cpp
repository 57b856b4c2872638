#include "world.h"

#include "vault/server/core_test_support.h"
#include "vault/server/memory_key.h"

namespace kyso::faults {
namespace {

// A key in a token that can be pulled out.
class Pluggable final : public crypto::KeyHolder {
 public:
  explicit Pluggable(std::unique_ptr<crypto::KeyHolder> inner) : m_inner(std::move(inner)) {}
  const crypto::Certificate& certificate() const override { return m_inner->certificate(); }
  std::span<const crypto::Certificate> issuers() const override { return m_inner->issuers(); }
  bool supports(crypto::SignatureScheme scheme) const override { return m_inner->supports(scheme); }
  Result<Bytes> sign(const crypto::SignRequest& request) override {
    while (board().token == TokenState::hangs) ::usleep(500);
    if (board().token == TokenState::fails) return fail("token.device.lost");
    return m_inner->sign(request);
  }

 private:
  const std::unique_ptr<crypto::KeyHolder> m_inner;
};

Result<std::unique_ptr<crypto::KeyHolder>> open_token() {
  if (board().token != TokenState::present) return fail("token.device.lost");
  return std::make_unique<Pluggable>(authority::test::test_issuer().open());
}

}  // namespace

void make_people() {
  authority::test::test_issuer();
  static_cast<void>(authority::test::real_policy());
  log_key();
}

const crypto::Certificate& issuer_certificate() {
  static const auto certificate =
      must(crypto::Certificate::from_pem(authority::test::file_text(authority::test::test_issuer().folder / "ca.crt")))
          .front();
  return certificate;
}

crypto::KeyHolder& log_key() {
  return *vault::test::credential("log").holder;
}

Result<OpenVault> open_vault(const World& world) {
  static const auto policy = authority::test::real_policy();
  OpenVault out;
  out.database = KYSO_TRY(db::Database::open({.url = "sqlite:" + world.vault_database().string(), .connections = 2}));
  vault::CoreOptions options;
  options.version = "test";
  options.instance = kInstance;
  options.initial_policy = policy;
  options.threads = 2;
  vault::KeySetting issuer;
  issuer.name = issuer.issuer = kIssuer;
  issuer.purpose = vault::KeyPurpose::issue;
  issuer.sources.push_back({"token", open_token, [](crypto::KeyHolder&) -> Result<> {
                              if (board().token != TokenState::present) return fail("token.device.lost");
                              return {};
                            }});
  issuer.certificates = {issuer_certificate()};
  issuer.ocsp_urls = {"http://ocsp.example.vn/ocsp"};
  issuer.ca_issuer_urls = {"http://pub.example.vn/ca/CPCA_G1.crt"};
  issuer.crl_urls = {"http://pub.example.vn/crl/CPCA_G1-{shard}.crl"};
  issuer.crl_shards = 2;
  options.keys.push_back(std::move(issuer));
  out.core = KYSO_TRY(vault::Core::create(std::move(options), *out.database, system_clock()));
  return out;
}

Result<std::unique_ptr<db::Database>> open_database(const World& world) {
  return db::Database::open({.url = world.database_url, .connections = 6});
}

Result<> make_databases(const World& world) {
  const auto own = KYSO_TRY(db::Database::open({.url = "sqlite:" + world.vault_database().string()}));
  KYSO_TRY(db::migrate(*own, KYSO_SOURCE_DIR "/db/migrations/vault", system_clock()));
  const auto database = KYSO_TRY(open_database(world));
  KYSO_TRY(db::migrate(*database, KYSO_SOURCE_DIR "/db/migrations/platform", system_clock()));
  return {};
}

Bytes new_request_of_key() {
  const auto key = must(vault::make_memory_key("ec:p256"));
  return vault::test::make_csr(*key);
}

}  // namespace kyso::faults

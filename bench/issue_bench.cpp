// Issuing one certificate in process, step by step and as a whole, beside the bare signing rate of the issuer's key.
#include <benchmark/benchmark.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstdlib>
#include <memory>

#include "crypto/algorithm_identifier.h"
#include "crypto/der.h"
#include "pki/issue/issue.h"
#include "pki/key_weakness.h"

namespace {

using namespace kyso;
using namespace kyso::pki::issue;
namespace der = crypto::der;

template <typename T>
T require(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s %s\n", std::string(result.error().code).c_str(), result.error().detail.c_str());
    std::abort();
  }
  return *std::move(result);
}

// A key of OpenSSL's as a holder, its certificate made up: only the key in it counts.
class Holder final : public crypto::KeyHolder {
 public:
  explicit Holder(EVP_PKEY* key)
      : m_key(key, EVP_PKEY_free), m_spki(encode(key)), m_public(require(crypto::PublicKey::from_spki(m_spki))) {}
  const crypto::Certificate& certificate() const override { std::abort(); }
  std::span<const crypto::Certificate> issuers() const override { return {}; }
  bool supports(crypto::SignatureScheme) const override { return true; }
  Result<Bytes> sign(const crypto::SignRequest& request) override {
    Bytes out(512);
    std::size_t size = out.size();
    EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(m_key.get(), nullptr);
    if (EVP_PKEY_sign_init(context) != 1 || EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) != 1 ||
        EVP_PKEY_sign(context, out.data(), &size, request.digest.data(), request.digest.size()) != 1)
      std::abort();
    EVP_PKEY_CTX_free(context);
    out.resize(size);
    return out;
  }
  const crypto::PublicKey& key() const { return m_public; }
  ByteView spki() const { return m_spki; }

 private:
  static Bytes encode(EVP_PKEY* key) {
    unsigned char* spki = nullptr;
    const int size = i2d_PUBKEY(key, &spki);
    Bytes out(spki, spki + size);
    OPENSSL_free(spki);
    return out;
  }
  std::shared_ptr<EVP_PKEY> m_key;
  Bytes m_spki;
  crypto::PublicKey m_public;
};

crypto::SignatureScheme scheme_of(const Holder& holder) {
  auto scheme = crypto::default_scheme(holder.key().type());
  scheme.digest = crypto::DigestAlgorithm::sha256;
  return scheme;
}

Bytes make_csr(Holder& holder) {
  const Bytes name = der::sequence(
      der::encode(der::kSet, der::sequence(der::encode_oid("2.5.4.3"), der::encode(der::kUtf8String, as_bytes("a")))));
  const Bytes info = der::sequence(der::encode_integer(0), name, holder.spki(), der::encode(der::context(0), {}));
  const Bytes digest = crypto::digest(crypto::DigestAlgorithm::sha256, info);
  const auto scheme = scheme_of(holder);
  const Bytes signature = require(holder.sign({.scheme = scheme, .digest = digest, .message = info, .shown_text = {}}));
  return der::sequence(info, crypto::encode_x509_signature_algorithm(scheme),
                       der::encode(der::kBitString, der::concat(Bytes{0}, signature)));
}

const std::map<std::string, CertificateProfile>& profiles() {
  static const auto all = require(load_profiles(KYSO_SOURCE_DIR "/share/profiles"));
  return all;
}

struct World {
  Instant now = system_clock().now();
  Holder issuer, subject;
  IssuerSettings settings;
  CertificateRequest request;
  const CertificateProfile& profile = profiles().at("PERSON_5Y");

  World(EVP_PKEY* issuer_key, EVP_PKEY* subject_key)
      : issuer(issuer_key),
        subject(subject_key),
        settings(make_settings()),
        request{.reference = "1", .profile = "PERSON_5Y"} {
    request.subject = {{"CN", "Nguyễn Văn A"},
                       {"OU", "Trung tâm Công nghệ thông tin"},
                       {"OU", "Sở Khoa học và Công nghệ"},
                       {"O", "Tỉnh Mẫu"},
                       {"L", "Tỉnh Mẫu"},
                       {"UID", "CCCD:012345678910"}};
    request.alternative_names = {{pki::GeneralName::Kind::rfc822, to_bytes("nguyenvana@mau.gov.vn")}};
    request.pkcs10 = make_csr(subject);
  }
  IssuerSettings make_settings() {
    const CertificateProfile& root = profiles().at("ROOT");
    CertificateRequest self{.reference = "root", .profile = "ROOT"};
    self.subject = {{"O", "Cơ quan mẫu"}, {"CN", "Chứng thực gốc mẫu"}};
    self.pkcs10 = make_csr(issuer);
    auto content = require(ToBeSigned::build_self_signed(root, self, scheme_of(issuer), draw_serial(1), now));
    auto linted = require(Linted::lint(std::move(content), root, nullptr));
    return {.name = "MAU_G1",
            .certificate = pki::ParsedCertificate(require(sign(std::move(linted), issuer, issuer.key()))),
            .scheme = scheme_of(issuer),
            .ocsp_urls = {"http://ocsp.mau.gov.vn"},
            .ca_issuer_urls = {"http://ca.mau.gov.vn/ca/mau-g1.crt"},
            .crl_urls = {"http://crl.mau.gov.vn/crl/mau-g1-{shard}.crl"},
            .crl_shards = 16};
  }
};

World& world_of(bool rsa) {
  static World ec(EVP_EC_gen("P-256"), EVP_EC_gen("P-256"));
  static World rsa_world(EVP_RSA_gen(3072), EVP_RSA_gen(2048));
  return rsa ? rsa_world : ec;
}

void raw_signing(benchmark::State& state, bool rsa) {
  World& world = world_of(rsa);
  const Bytes digest(32, 7);
  for (auto _ : state)
    benchmark::DoNotOptimize(require(
        world.issuer.sign({.scheme = world.settings.scheme, .digest = digest, .message = {}, .shown_text = {}})));
}
void read_request(benchmark::State& state, bool rsa) {
  World& world = world_of(rsa);
  for (auto _ : state) benchmark::DoNotOptimize(require(CertificationRequest::from_bytes(world.request.pkcs10)));
}
void check_the_key(benchmark::State& state, bool rsa) {
  World& world = world_of(rsa);
  for (auto _ : state) benchmark::DoNotOptimize(pki::weakness_of(world.subject.key()));
}
// With reading the request and its proof of possession.
void build(benchmark::State& state, bool rsa) {
  World& world = world_of(rsa);
  for (auto _ : state)
    benchmark::DoNotOptimize(
        require(ToBeSigned::build(world.profile, world.settings, world.request, draw_serial(1), world.now)));
}
void lint_it(benchmark::State& state, bool rsa) {
  World& world = world_of(rsa);
  const auto content =
      require(ToBeSigned::build(world.profile, world.settings, world.request, draw_serial(1), world.now));
  for (auto _ : state)
    benchmark::DoNotOptimize(require(Linted::lint(content, world.profile, &world.settings.certificate)));
}
void lint_alone(benchmark::State& state, bool rsa) {
  World& world = world_of(rsa);
  auto content = require(ToBeSigned::build(world.profile, world.settings, world.request, draw_serial(1), world.now));
  const auto linted = require(Linted::lint(std::move(content), world.profile, &world.settings.certificate));
  for (auto _ : state)
    benchmark::DoNotOptimize(pki::lint::check(linted.certificate(), {.issuer = &world.settings.certificate}));
}
void whole(benchmark::State& state, bool rsa) {
  World& world = world_of(rsa);
  for (auto _ : state) {
    auto content = require(ToBeSigned::build(world.profile, world.settings, world.request, draw_serial(1), world.now));
    auto linted = require(Linted::lint(std::move(content), world.profile, &world.settings.certificate));
    benchmark::DoNotOptimize(require(sign(std::move(linted), world.issuer, world.issuer.key())));
  }
}

#define BOTH(f)                      \
  BENCHMARK_CAPTURE(f, p256, false); \
  BENCHMARK_CAPTURE(f, rsa3072, true)
BOTH(raw_signing);
BOTH(read_request);
BOTH(check_the_key);
BOTH(build);
BOTH(lint_it);
BOTH(lint_alone);
BOTH(whole);

}  // namespace

BENCHMARK_MAIN();

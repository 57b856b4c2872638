#include <benchmark/benchmark.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>

#include "authority/tsa/query.h"
#include "authority/tsa/service.h"
#include "authority/tsa/token.h"
#include "crypto/key_holder.h"
#include "db/migration.h"
#include "pki/time_stamp.h"
#include "vault/refusing_vault.h"

// Time-stamp tokens beside the bare signature and OpenSSL's own (TS_RESP_create_response), each in this process; then
// the whole authority with its records on a disk, from many threads.
namespace {

using namespace kyso;
using namespace kyso::authority;
using crypto::DigestAlgorithm;

template <typename T>
T need(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s: %s\n", std::string(result.error().code).c_str(), result.error().detail.c_str());
    std::abort();
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}
template <typename T>
T* need(T* pointer) {
  if (pointer == nullptr) std::abort();
  return pointer;
}

std::string pem_of(const std::function<int(BIO*)>& write) {
  BIO* memory = need(BIO_new(BIO_s_mem()));
  if (write(memory) != 1) std::abort();
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory, &text);
  std::string out(text, static_cast<std::size_t>(size));
  BIO_free(memory);
  return out;
}

// A key with a certificate of its own for time-stamping.
struct Identity {
  EVP_PKEY* key;
  X509* certificate;
  std::shared_ptr<crypto::KeyHolder> holder;

  explicit Identity(EVP_PKEY* made) : key(need(made)), certificate(need(X509_new())) {
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 86'400);
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("TSA mau"), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_set_pubkey(certificate, key);
    for (const auto& [id, text] : {std::pair(NID_key_usage, "critical,digitalSignature"),
                                   std::pair(NID_ext_key_usage, "critical,timeStamping")}) {
      X509_EXTENSION* extension = need(X509V3_EXT_conf_nid(nullptr, nullptr, id, text));
      X509_add_ext(certificate, extension, -1);
      X509_EXTENSION_free(extension);
    }
    if (X509_sign(certificate, key, EVP_sha256()) == 0) std::abort();
    holder =
        need(crypto::open_pem(pem_of([&](BIO* out) {
                                return PEM_write_bio_PKCS8PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
                              }),
                              pem_of([&](BIO* out) { return PEM_write_bio_X509(out, certificate); }), Secret()));
  }
  crypto::SignatureScheme scheme() const { return crypto::default_scheme(holder->certificate().public_key().type()); }
  Bytes sign(ByteView message) const {
    return need(holder->sign({.scheme = scheme(),
                              .digest = crypto::digest(scheme().digest, message),
                              .message = message,
                              .shown_text = {}}));
  }
};
const Identity& p256() {
  static const Identity made(EVP_EC_gen("P-256"));
  return made;
}
const Identity& rsa2048() {
  static const Identity made(EVP_RSA_gen(2048));
  return made;
}

Bytes query() {
  static const Bytes encoded = pki::encode_request({.algorithm = DigestAlgorithm::sha256,
                                                    .imprint = Bytes(32, 0x5a),
                                                    .nonce = Bytes(8, 0x7b),
                                                    .policy = {},
                                                    .want_certificates = true});
  return encoded;
}

void raw_signature(benchmark::State& state, const Identity& identity) {
  const Bytes message(136, 1);
  for (auto _ : state) benchmark::DoNotOptimize(identity.sign(message));
  state.SetItemsProcessed(state.iterations());
}

ASN1_INTEGER* next_serial(TS_RESP_CTX*, void*) {
  static std::atomic<std::int64_t> number = 1;
  ASN1_INTEGER* serial = ASN1_INTEGER_new();
  ASN1_INTEGER_set_int64(serial, (std::int64_t{7} << 56) + ++number);
  return serial;
}

void openssl_token(benchmark::State& state, const Identity& identity) {
  TS_RESP_CTX* context = need(TS_RESP_CTX_new());
  TS_RESP_CTX_set_signer_cert(context, identity.certificate);
  TS_RESP_CTX_set_signer_key(context, identity.key);
  TS_RESP_CTX_set_signer_digest(context, EVP_sha256());
  TS_RESP_CTX_set_ess_cert_id_digest(context, EVP_sha256());
  ASN1_OBJECT* policy = OBJ_txt2obj("1.3.6.1.4.1.32473.1.1", 1);
  TS_RESP_CTX_set_def_policy(context, policy);
  TS_RESP_CTX_add_md(context, EVP_sha256());
  TS_RESP_CTX_set_accuracy(context, 1, 0, 0);
  TS_RESP_CTX_add_flags(context, TS_TSA_NAME);
  TS_RESP_CTX_set_serial_cb(context, next_serial, nullptr);
  const Bytes request = query();
  for (auto _ : state) {
    BIO* in = BIO_new_mem_buf(request.data(), static_cast<int>(request.size()));
    TS_RESP* response = TS_RESP_create_response(context, in);
    unsigned char* encoded = nullptr;
    if (i2d_TS_RESP(response, &encoded) < 500) std::abort();
    OPENSSL_free(encoded);
    TS_RESP_free(response);
    BIO_free(in);
  }
  ASN1_OBJECT_free(policy);
  TS_RESP_CTX_free(context);
  state.SetItemsProcessed(state.iterations());
}

void our_token(benchmark::State& state, const Identity& identity) {
  const tsa::TokenWriter writer(identity.holder->certificate(), {}, identity.scheme(), true);
  Bytes serial(9, 7);
  std::int64_t time = 1'788'685'302'000'000;
  for (auto _ : state) {
    const auto read = need(tsa::read_query(query()));
    const Bytes info = writer.info({.policy = "1.3.6.1.4.1.32473.1.1",
                                    .imprint_algorithm = read.imprint_algorithm,
                                    .imprint = read.imprint,
                                    .serial = serial,
                                    .time_us = ++time,
                                    .accuracy_us = 1'000'000,
                                    .nonce = read.nonce});
    const Bytes attributes = writer.signed_attributes(info);
    benchmark::DoNotOptimize(
        tsa::encode_granted(writer.token(info, attributes, identity.sign(attributes), read.wants_certificates)));
  }
  state.SetItemsProcessed(state.iterations());
}

// The vault without its process: what it costs to bring requests there is measured with the vault.
class NearVault final : public vault::RefusingVault {
 public:
  explicit NearVault(const Identity& identity) : m_identity(identity) {}
  Result<State> state() override {
    State state;
    state.instance = 7;
    state.signers.push_back({.name = "tsa",
                             .purpose = vault::KeyPurpose::time_stamp,
                             .issuer = "X",
                             .certificate = m_identity.holder->certificate(),
                             .chain = {},
                             .scheme = m_identity.scheme()});
    return state;
  }
  Result<std::vector<Bytes>> sign_time_stamps(const std::string&, const std::vector<TimeStampInput>& inputs) override {
    std::vector<Bytes> signatures;
    for (const TimeStampInput& input : inputs) signatures.push_back(m_identity.sign(input.signed_attributes));
    return signatures;
  }

 private:
  const Identity& m_identity;
};

class GoodClock final : public tsa::ClockStatusSource {
 public:
  std::optional<tsa::ClockStatus> status() const override {
    tsa::ClockStatus status;
    status.state = tsa::ClockState::trusted;
    status.measured = tsa::machine_clock().read();
    status.expires = status.measured.steady + tsa::kSecond;
    return status;
  }
};

// One authority for all threads of a benchmark. $KYSO_BENCH_FOLDER is where the database lies; it decides how fast a
// commit is.
struct House {
  explicit House(const Identity& identity, bool is_ordered) : vault(identity) {
    const char* given = std::getenv("KYSO_BENCH_FOLDER");
    folder =
        std::filesystem::path(given != nullptr ? given : "/var/tmp") / ("kyso-tsa-bench-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    db::DatabaseOptions options;
    options.url = "sqlite:" + (folder / "bench.db").string();
    database = need(db::Database::open(options));
    need(db::migrate(*database, KYSO_SOURCE_DIR "/db/migrations/platform", system_clock()));
    tsa::TsaOptions how;
    how.policies = {{.oid = "1.3.6.1.4.1.32473.1.1",
                     .name = "bench",
                     .is_ordered = is_ordered,
                     .digests = {DigestAlgorithm::sha256}}};
    authority = tsa::TimeStampAuthority::start(
        how, {.vault = vault, .database = *database, .clock = tsa::machine_clock(), .status = clock});
  }
  ~House() {
    authority.reset();
    database.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  std::filesystem::path folder;
  NearVault vault;
  GoodClock clock;
  std::unique_ptr<db::Database> database;
  std::unique_ptr<tsa::TimeStampAuthority> authority;
};

void whole_authority(benchmark::State& state, const Identity& identity, bool is_ordered) {
  static std::unique_ptr<House> house;
  if (state.thread_index() == 0) house = std::make_unique<House>(identity, is_ordered);
  for (auto _ : state)
    if (house->authority->answer(query()).size() < 300) state.SkipWithError("refused");
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() == 0) {
    const auto statistics = house->authority->statistics();
    state.counters["per_batch"] =
        static_cast<double>(statistics.granted) / static_cast<double>(std::max<std::uint64_t>(statistics.batches, 1));
    house.reset();
  }
}

BENCHMARK_CAPTURE(raw_signature, p256, p256());
BENCHMARK_CAPTURE(openssl_token, p256, p256());
BENCHMARK_CAPTURE(our_token, p256, p256());
BENCHMARK_CAPTURE(raw_signature, rsa2048, rsa2048());
BENCHMARK_CAPTURE(openssl_token, rsa2048, rsa2048());
BENCHMARK_CAPTURE(our_token, rsa2048, rsa2048());
BENCHMARK_CAPTURE(openssl_token, p256_threads, p256())->Threads(2)->UseRealTime();
BENCHMARK_CAPTURE(whole_authority, p256, p256(), false)
    ->Threads(1)
    ->Threads(8)
    ->Threads(64)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK_CAPTURE(whole_authority, p256_ordered, p256(), true)->Threads(64)->MeasureProcessCPUTime()->UseRealTime();
BENCHMARK_CAPTURE(whole_authority, rsa2048, rsa2048(), false)->Threads(64)->MeasureProcessCPUTime()->UseRealTime();

}  // namespace

BENCHMARK_MAIN();

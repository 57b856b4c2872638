// OCSP in process: what one answer costs beside the bare signature and beside libcrypto's OCSP_basic_sign, all on
// P-256; what a prepared answer costs; how long a million certificates take to load.
//   kyso_ocsp_bench                  the rates
//   kyso_ocsp_bench rsa              the rates with a key of RSA-2048
//   kyso_ocsp_bench load [COUNT]     reading certificates from SQLite at start
//   kyso_ocsp_bench serve            prints a port and the path of a GET, and serves until standard input ends
//   kyso_ocsp_bench serve-quick      the same, answered on the connection's thread
#include <openssl/ec.h>
#include <openssl/ocsp.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "authority/status/status_service.h"
#include "crypto/der.h"
#include "db/migration.h"
#include "vault/refusing_vault.h"

namespace {

using namespace kyso;
namespace der = crypto::der;

[[noreturn]] void give_up(std::string_view what) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(what.size()), what.data());
  std::exit(1);
}
template <typename T>
T must(Result<T> result) {
  if (!result) give_up(fmt::format("{} {}", result.error().code, result.error().detail));
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Microseconds of CPU for each call, the best of five rounds.
template <typename F>
double cost(int count, const F& work) {
  double best = 1e9;
  for (int round = 0; round < 5; ++round) {
    const double began = cpu_seconds();
    for (int i = 0; i < count; ++i) work();
    best = std::min(best, (cpu_seconds() - began) / count * 1e6);
  }
  return best;
}

bool g_is_rsa = false;

struct Party {
  EVP_PKEY* key = g_is_rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
  X509* x509 = X509_new();
  Party(const char* name, const Party* issuer) {
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 2);
    X509_gmtime_adj(X509_getm_notBefore(x509), -86'400);
    X509_gmtime_adj(X509_getm_notAfter(x509), 30 * 86'400);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    X509_set_issuer_name(x509, X509_get_subject_name(issuer ? issuer->x509 : x509));
    X509_set_pubkey(x509, key);
    X509_EXTENSION* usage = X509V3_EXT_conf_nid(nullptr, nullptr, issuer ? NID_ext_key_usage : NID_basic_constraints,
                                                issuer ? "OCSPSigning" : "critical,CA:TRUE");
    X509_add_ext(x509, usage, -1);
    if (X509_sign(x509, issuer ? issuer->key : key, EVP_sha256()) <= 0) give_up("X509_sign");
  }
  crypto::Certificate certificate() const {
    unsigned char* out = nullptr;
    const int size = i2d_X509(x509, &out);
    return must(crypto::Certificate::from_der({out, static_cast<std::size_t>(size)}));
  }
  Bytes sign(ByteView message) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    Bytes value(256);
    std::size_t size = value.size();
    if (EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key) != 1 ||
        EVP_DigestSign(context, value.data(), &size, message.data(), message.size()) != 1)
      give_up("EVP_DigestSign");
    EVP_MD_CTX_free(context);
    value.resize(size);
    return value;
  }
};

class BenchVault final : public vault::RefusingVault {
 public:
  Party authority{"CPCA_G1", nullptr}, responder{"CPCA_G1 OCSP", &authority};

  Result<State> state() override {
    const crypto::SignatureScheme scheme = crypto::default_scheme(authority.certificate().public_key().type());
    State out;
    out.issuers.push_back({.name = "CPCA_G1",
                           .certificate = pki::ParsedCertificate(authority.certificate()),
                           .scheme = scheme,
                           .ocsp_urls = {},
                           .ca_issuer_urls = {},
                           .crl_urls = {},
                           .crl_shards = 1});
    out.signers.push_back({"ocsp", vault::KeyPurpose::ocsp, "CPCA_G1", responder.certificate(), {}, scheme, true});
    return out;
  }
  Result<std::vector<Bytes>> sign_ocsp(const std::string&, const std::vector<Bytes>& data) override {
    std::vector<Bytes> out;
    for (const Bytes& one : data) out.push_back(responder.sign(one));
    return out;
  }

 private:
};

Bytes serial_at(std::uint64_t index) {
  Bytes out(17, 1);
  const std::uint64_t mixed = index * 0x9e3779b97f4a7c15U;
  std::memcpy(out.data() + 1, &mixed, 8);
  std::memcpy(out.data() + 9, &index, 8);
  return out;
}

// As `openssl ocsp` asks.
Bytes query(const BenchVault& vault, bool with_nonce) {
  OCSP_REQUEST* request = OCSP_REQUEST_new();
  X509* subject = X509_new();
  X509_set_issuer_name(subject, X509_get_subject_name(vault.authority.x509));
  const Bytes serial = serial_at(1);
  BIGNUM* number = BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(subject));
  OCSP_request_add0_id(request, OCSP_cert_to_id(EVP_sha1(), subject, vault.authority.x509));
  if (with_nonce) OCSP_request_add1_nonce(request, nullptr, 16);
  unsigned char* out = nullptr;
  const int size = i2d_OCSP_REQUEST(request, &out);
  return {out, out + size};
}

// The responder of a program that uses libcrypto: read, build, sign, write.
std::size_t answer_by_libcrypto(const BenchVault& vault, const Bytes& asked) {
  const unsigned char* data = asked.data();
  OCSP_REQUEST* request = d2i_OCSP_REQUEST(nullptr, &data, static_cast<long>(asked.size()));
  OCSP_BASICRESP* basic = OCSP_BASICRESP_new();
  OCSP_CERTID* id = OCSP_onereq_get0_id(OCSP_request_onereq_get0(request, 0));
  ASN1_TIME* now = X509_gmtime_adj(nullptr, 0);
  ASN1_TIME* next = X509_gmtime_adj(nullptr, 3'600);
  OCSP_basic_add1_status(basic, id, V_OCSP_CERTSTATUS_GOOD, 0, nullptr, now, next);
  OCSP_copy_nonce(basic, request);
  if (OCSP_basic_sign(basic, vault.responder.x509, vault.responder.key, EVP_sha256(), nullptr, OCSP_RESPID_KEY) != 1)
    give_up("OCSP_basic_sign");
  OCSP_RESPONSE* response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
  unsigned char* out = nullptr;
  const int size = i2d_OCSP_RESPONSE(response, &out);
  OPENSSL_free(out);
  OCSP_RESPONSE_free(response);
  OCSP_BASICRESP_free(basic);
  OCSP_REQUEST_free(request);
  ASN1_TIME_free(now);
  ASN1_TIME_free(next);
  return static_cast<std::size_t>(size);
}

void insert(db::Database& database, std::uint64_t from, std::uint64_t count) {
  std::vector<db::Values> rows;
  const Instant now = system_clock().now();
  for (std::uint64_t i = from; i < from + count; ++i)
    rows.push_back({"CPCA_G1", serial_at(i), fmt::format("i{}", i), "r", "", "PERSON_5Y", "good", "Nguyễn Văn A",
                    "nguyen van a", Bytes(32, 1), now, now + std::chrono::hours(8'760), 0, now, Bytes(900, 1),
                    Bytes(900, 2)});
  must(database.write([&](db::Transaction& transaction) {
    return transaction.execute_many(
        "INSERT INTO certificate (issuer, serial, intent, request_id, reference, profile, state, subject, search, "
        "key_sha256, not_before, not_after, shard, recorded, linting, der) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
        "?, ?, "
        "?, "
        "?)",
        rows);
  }));
}

std::unique_ptr<db::Database> open(const std::string& url) {
  db::DatabaseOptions options;
  options.url = url;
  auto database = must(db::Database::open(options));
  must(db::migrate(*database, KYSO_SOURCE_DIR "/db/migrations/platform", system_clock()));
  return database;
}

void load(std::uint64_t count) {
  char folder[] = "/tmp/kyso-bench-XXXXXX";
  if (::mkdtemp(folder) == nullptr) give_up("mkdtemp");
  const auto database = open(std::string("sqlite:") + folder + "/bench.db");
  constexpr std::uint64_t kTogether = 20'000;
  for (std::uint64_t i = 0; i < count; i += kTogether) insert(*database, i, std::min(kTogether, count - i));
  authority::status::StatusDirectory directory(*database, {});
  const double cpu = cpu_seconds();
  timespec began{}, ended{};
  ::clock_gettime(CLOCK_MONOTONIC, &began);
  must(directory.load());
  ::clock_gettime(CLOCK_MONOTONIC, &ended);
  const double seconds =
      static_cast<double>(ended.tv_sec - began.tv_sec) + static_cast<double>(ended.tv_nsec - began.tv_nsec) * 1e-9;
  std::printf("%zu certificates loaded in %.2f s (%.2f CPU s), %.1f octets each\n", directory.index().size(), seconds,
              cpu_seconds() - cpu,
              static_cast<double>(directory.index().memory()) / static_cast<double>(directory.index().size()));
  std::filesystem::remove_all(folder);
}

void rates() {
  BenchVault vault;
  const auto database = open("sqlite::memory:");
  insert(*database, 0, 10);
  authority::status::StatusDirectory directory(*database, {});
  authority::status::OcspService service(vault, directory, system_clock(), {});
  must(directory.load());
  must(service.refresh());
  const Bytes asked = query(vault, true), plain = query(vault, false), message(250, 1);
  const auto answer = service.answer(plain);
  if (answer->entity_tag.empty()) give_up("no answer");
  std::printf("an answer has %zu octets\n", answer->body->size());
  const int rounds = g_is_rsa ? 400 : 2'000;
  const double bare = cost(rounds, [&] { vault.responder.sign(message); });
  const double theirs = cost(rounds, [&] { answer_by_libcrypto(vault, asked); });
  const double ours = cost(rounds, [&] {
    must(directory.poll());
    if (service.answer(asked)->entity_tag.empty()) give_up("no answer");
  });
  int calls = 0;
  const double ours_alone = cost(rounds, [&] {
    if (calls++ % 100 == 0) must(directory.poll());  // what nobody looked at for a while is not trusted
    if (service.answer(asked)->entity_tag.empty()) give_up("no answer");
  });
  const double prepared = cost(100'000, [&] {
    if (!service.quick(plain)) give_up("not prepared");
  });
  const double reading = cost(100'000, [&] { must(pki::status::read_query(asked)); });
  std::printf("%s signature alone %*s%8.2f us\n", g_is_rsa ? "RSA-2048" : "P-256", g_is_rsa ? 11 : 14, "", bare);
  std::printf("libcrypto, answer with nonce     %8.2f us  %.2f of the bare rate\n", theirs, bare / theirs);
  std::printf("Kyso, answer with nonce          %8.2f us  %.2f of the bare rate, %.2f x libcrypto\n", ours_alone,
              bare / ours_alone, theirs / ours_alone);
  std::printf("Kyso, with a poll for each       %8.2f us\n", ours);
  std::printf("Kyso, prepared answer            %8.2f us\n", prepared);
  std::printf("Kyso, reading the request        %8.2f us\n", reading);
}

void serve(bool quickly) {
  BenchVault vault;
  const auto database = open("sqlite::memory:");
  insert(*database, 0, 10);
  authority::status::StatusOptions options;
  options.publishes_lists = false;
  authority::status::StatusService service(*database, vault, system_clock(), options);
  service.start();
  const Bytes plain = query(vault, false);
  std::string text;
  for (const char c : to_base64(plain))
    text += c == '+' ? "%2B" : c == '/' ? "%2F" : c == '=' ? "%3D" : std::string(1, c);
  auto routes = service.routes();
  // Prepared before it is asked for: the handler never waits here.
  service.ocsp().answer(plain);
  for (net::Route& route : routes) route.is_quick |= quickly;
  net::ServerOptions server_options;
  server_options.access_log = false;
  const auto server = must(net::HttpServer::start(server_options, std::move(routes)));
  std::printf("%d /ocsp/%s\n", server->port(), text.c_str());
  std::fflush(stdout);
  char ignored;
  while (::read(STDIN_FILENO, &ignored, 1) > 0) {
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "load") {
    load(argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000'000);
  } else if (what == "serve" || what == "serve-quick") {
    serve(what == "serve-quick");
  } else {
    g_is_rsa = what == "rsa";
    rates();
  }
  return 0;
}

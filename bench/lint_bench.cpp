#include <benchmark/benchmark.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "crypto/der.h"
#include "pki/lint/lint.h"

// The linter: certificates of each kind, and the worst that 64 KiB can hold.
namespace {

using namespace kyso;
namespace der = crypto::der;

std::string read_file(const std::string& name) {
  std::ifstream file(std::string(KYSO_SOURCE_DIR) + "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void lint_one(benchmark::State& state, const std::string& vector) {
  const auto certificates = crypto::Certificate::from_pem(read_file("tests/vectors/crypto/" + vector + ".cert.pem"));
  if (!certificates) return state.SkipWithError("no certificate");
  const ByteView bytes = certificates->front().der();
  for (auto _ : state) benchmark::DoNotOptimize(pki::lint::check(bytes, {.lightest = pki::lint::Weight::notice}));
}
void lint_rsa2048(benchmark::State& state) {
  lint_one(state, "rsa2048");
}
void lint_rsa3072(benchmark::State& state) {
  lint_one(state, "rsa3072");
}
void lint_rsa4096(benchmark::State& state) {
  lint_one(state, "rsa4096");
}
void lint_p256(benchmark::State& state) {
  lint_one(state, "p256");
}
void lint_ed25519(benchmark::State& state) {
  lint_one(state, "ed25519");
}

// All certificates that zlint is tested with; the time is that of one.
void lint_zlint_certificates(benchmark::State& state) {
  const std::string archive = read_file("tests/vectors/lint/zlint-certificates.der");
  std::vector<ByteView> certificates;
  der::Reader reader(as_bytes(archive));
  while (const auto element = reader.next()) certificates.push_back(element->whole);
  if (certificates.empty()) return state.SkipWithError("no certificates");
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(pki::lint::check(certificates[next]));
    next = (next + 1) % certificates.size();
  }
}

// A certificate with 64 KiB of one thing: dNSNames, attributes, extensions, policies, a modulus.
Bytes stuffed(int which) {
  Bytes names, subject, extensions,
      key = der::sequence(der::sequence(der::encode_oid("1.3.101.112")), der::encode(der::kBitString, Bytes(33)));
  const auto fill = [](Bytes& out, const Bytes& piece) {
    while (out.size() + piece.size() < 64000) append(out, ByteView(piece));
  };
  const auto extension = [](std::string_view oid, const Bytes& content) {
    return der::sequence(der::encode_oid(oid), der::encode(der::kOctetString, der::encode(der::kSequence, content)));
  };
  if (which == 0) fill(names, der::encode(0x82, as_bytes("a"))), extensions = extension("2.5.29.17", names);
  if (which == 1)
    fill(subject, der::encode(der::kSet,
                              der::sequence(der::encode_oid("2.5.4.3"), der::encode(der::kUtf8String, as_bytes("ễ")))));
  if (which == 2) fill(extensions, der::sequence(der::encode_oid("1.2.3"), der::encode(der::kOctetString, Bytes())));
  if (which == 3) fill(names, der::sequence(der::encode_oid("1.2.3"))), extensions = extension("2.5.29.32", names);
  if (which == 4) {
    Bytes modulus(63000, 0xa7);
    key = der::sequence(der::sequence(der::encode_oid("1.2.840.113549.1.1.1"), der::encode(der::kNull, Bytes())),
                        der::encode(der::kBitString, der::concat(Bytes{0}, der::sequence(der::encode_unsigned(modulus),
                                                                                         der::encode_integer(65537)))));
  }
  if (which == 5)
    fill(names, der::encode(0x82, as_bytes("xn--nguyn-hoa.example.vn"))), extensions = extension("2.5.29.17", names);
  if (which == 6)
    fill(names, der::encode(0x81, as_bytes("a.b.c@example.vn"))), extensions = extension("2.5.29.17", names);
  const Bytes algorithm = der::sequence(der::encode_oid("1.3.101.112"));
  const Bytes time = der::encode(der::kUtcTime, as_bytes("260101000000Z"));
  const Bytes issuer = der::sequence(
      der::encode(der::kSet, der::sequence(der::encode_oid("2.5.4.3"), der::encode(der::kUtf8String, as_bytes("a")))));
  const Bytes tbs = der::sequence(der::encode(der::context(0), der::encode_integer(2)), der::encode_integer(5),
                                  algorithm, issuer, der::sequence(time, time), der::encode(der::kSequence, subject),
                                  key, der::encode(der::context(3), der::encode(der::kSequence, extensions)));
  return der::sequence(tbs, algorithm, der::encode(der::kBitString, Bytes(65)));
}
void lint_stuffed(benchmark::State& state) {
  const Bytes bytes = stuffed(static_cast<int>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(pki::lint::check(bytes, {.lightest = pki::lint::Weight::notice}));
}

BENCHMARK(lint_rsa2048);
BENCHMARK(lint_rsa3072);
BENCHMARK(lint_rsa4096);
BENCHMARK(lint_p256);
BENCHMARK(lint_ed25519);
BENCHMARK(lint_zlint_certificates);
BENCHMARK(lint_stuffed)->DenseRange(0, 6)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();

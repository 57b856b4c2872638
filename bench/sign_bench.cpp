// In-process rates: what is left of the raw speed of an RSA-2048 key when it signs PDF documents.
// Usage: kyso_bench --authority=DIR --document=FILE [benchmark options]
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>

#include "base/file.h"
#include "sign/prepare.h"

namespace {

using namespace kyso;

std::string g_authority, g_document;

template <typename T>
T must(Result<T>&& result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "%s %s\n", std::string(result.error().code).c_str(), result.error().detail.c_str());
  std::exit(1);
}

std::unique_ptr<crypto::KeyHolder> open_leader() {
  const Bytes key = must(read_file(g_authority + "/leader.key.pem"));
  const Bytes certificate = must(read_file(g_authority + "/leader.cert.pem"));
  return must(crypto::open_pem(as_chars(key), as_chars(certificate), Secret()));
}

void raw_signature(benchmark::State& state) {
  const auto holder = open_leader();
  const crypto::SignatureScheme scheme = crypto::default_scheme(holder->certificate().public_key().type());
  const Bytes message(100, 1);
  const Bytes digest = crypto::digest(scheme.digest, message);
  for (auto _ : state) benchmark::DoNotOptimize(must(holder->sign({scheme, digest, message, {}})));
}
BENCHMARK(raw_signature);

// Everything that `kyso sign` does for an invisible B-B signature, without process start and reading the key. The
// output goes to memory where there is such a file system: this is about the program, not the disk.
void sign_document(benchmark::State& state) {
  const auto holder = open_leader();
  const crypto::SignatureScheme scheme = crypto::default_scheme(holder->certificate().public_key().type());
  const std::filesystem::path memory = "/dev/shm";
  const auto folder = std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
  const auto output = folder / "kyso-bench-output.pdf";
  for (auto _ : state) {
    const auto document = must(pdf::Document::open(must(pdf::Source::open(g_document))));
    const sign::Plan plan{.field = document.form().unused_name("Signature")};
    const sign::Signer signer{holder->certificate(), {}, scheme};
    OutputFile out = must(OutputFile::create(output));
    benchmark::DoNotOptimize(
        must(sign::sign(document, plan, signer, *holder, {.now = system_clock().now()}, nullptr, out)));
  }
}
BENCHMARK(sign_document);

void take_argument(int& argc, char** argv, const char* name, std::string& value) {
  const std::string prefix = std::string("--") + name + "=";
  for (int i = 1; i < argc; ++i) {
    if (!std::string_view(argv[i]).starts_with(prefix)) continue;
    value = argv[i] + prefix.size();
    std::copy(argv + i + 1, argv + argc, argv + i);
    --argc;
    return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  take_argument(argc, argv, "authority", g_authority);
  take_argument(argc, argv, "document", g_document);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}

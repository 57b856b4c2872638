// Certification paths of one level: Kyso's find_path() beside the issuer key's bare verification rate and beside
// X509_verify_cert() of OpenSSL. The signature is verified each time; the certificates are parsed before, but for the
// rows called "...from_bytes", which read both of them as well, as a program does that meets them for the first time.
#include <benchmark/benchmark.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <memory>

#include "pki/path_validation.h"

namespace {

using namespace kyso;

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, Deleter<X509_free>>;

void require(bool good) {
  if (!good) std::abort();
}

void add_extension(X509* certificate, int nid, const char* value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
  require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

X509Ptr issue(const char* subject, EVP_PKEY* key, const char* issuer, EVP_PKEY* issuer_key, bool is_authority) {
  X509Ptr out(X509_new());
  X509_set_version(out.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(out.get()), 4711);
  X509_gmtime_adj(X509_getm_notBefore(out.get()), -86'400);
  X509_gmtime_adj(X509_getm_notAfter(out.get()), 86'400);
  const auto name = [](X509_NAME* target, const char* common) {
    for (const auto& [field, text] : {std::pair{"C", "VN"}, {"O", "Co quan chung thuc mau"}, {"CN", common}})
      X509_NAME_add_entry_by_txt(target, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(text), -1, -1, 0);
  };
  name(X509_get_subject_name(out.get()), subject);
  name(X509_get_issuer_name(out.get()), issuer);
  X509_set_pubkey(out.get(), key);
  add_extension(out.get(), NID_basic_constraints, is_authority ? "critical,CA:TRUE" : "CA:FALSE");
  add_extension(out.get(), NID_key_usage,
                is_authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature,nonRepudiation");
  require(X509_sign(out.get(), issuer_key, EVP_sha256()) > 0);
  return out;
}

pki::ParsedCertificate parse(X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  require(size > 0);
  auto parsed = crypto::Certificate::from_der({der, static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  require(parsed.has_value());
  return pki::ParsedCertificate(*std::move(parsed));
}

struct World {
  explicit World(Key authority_key)
      : key(std::move(authority_key)),
        root(issue("Goc mau", key.get(), "Goc mau", key.get(), true)),
        leaf(issue("Nguyen Van A", key.get(), "Goc mau", key.get(), false)),
        target(parse(leaf.get())) {
    trust.add({.certificate = parse(root.get())});
  }
  Key key;
  X509Ptr root, leaf;
  pki::ParsedCertificate target;
  pki::TrustStore trust;
  pki::CertificatePool pool;
};

const World& world_of(bool rsa) {
  static const World rsa_world(Key(EVP_RSA_gen(3072)));
  static const World ec_world(Key(EVP_EC_gen("P-256")));
  return rsa ? rsa_world : ec_world;
}

void raw_verification(benchmark::State& state, bool rsa) {
  const World& world = world_of(rsa);
  const Bytes digest = crypto::digest(crypto::DigestAlgorithm::sha256, world.target.certificate().tbs());
  const ByteView signature = world.target.certificate().signature();
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(world.key.get(), nullptr);
  require(EVP_PKEY_verify_init(context) == 1 && EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1);
  for (auto _ : state)
    require(EVP_PKEY_verify(context, signature.data(), signature.size(), digest.data(), digest.size()) == 1);
  EVP_PKEY_CTX_free(context);
}

void kyso_path(benchmark::State& state, bool rsa) {
  const World& world = world_of(rsa);
  const pki::PathRequest request{.time = system_clock().now(), .purpose = pki::Purpose::document_signing};
  for (auto _ : state) require(pki::find_path(world.target, world.pool, world.trust, request).path.has_value());
}

void openssl_path(benchmark::State& state, bool rsa) {
  const World& world = world_of(rsa);
  X509_STORE* store = X509_STORE_new();
  X509_STORE_add_cert(store, world.root.get());
  for (auto _ : state) {
    X509_STORE_CTX* context = X509_STORE_CTX_new();
    require(X509_STORE_CTX_init(context, store, world.leaf.get(), nullptr) == 1 && X509_verify_cert(context) == 1);
    X509_STORE_CTX_free(context);
  }
  X509_STORE_free(store);
}

void kyso_path_from_bytes(benchmark::State& state, bool rsa) {
  const World& world = world_of(rsa);
  const pki::PathRequest request{.time = system_clock().now(), .purpose = pki::Purpose::document_signing};
  for (auto _ : state) {
    const auto read = [](const pki::ParsedCertificate& certificate) {
      return pki::ParsedCertificate(*crypto::Certificate::from_der(certificate.certificate().der()));
    };
    pki::TrustStore trust;
    trust.add({.certificate = read(world.trust.anchors().front().certificate)});
    require(pki::find_path(read(world.target), world.pool, trust, request).path.has_value());
  }
}

void openssl_path_from_bytes(benchmark::State& state, bool rsa) {
  const World& world = world_of(rsa);
  for (auto _ : state) {
    const auto read = [](const pki::ParsedCertificate& certificate) {
      const ByteView bytes = certificate.certificate().der();
      const unsigned char* position = bytes.data();
      return X509Ptr(d2i_X509(nullptr, &position, static_cast<long>(bytes.size())));
    };
    const X509Ptr root = read(world.trust.anchors().front().certificate);
    const X509Ptr leaf = read(world.target);
    X509_STORE* store = X509_STORE_new();
    X509_STORE_add_cert(store, root.get());
    X509_STORE_CTX* context = X509_STORE_CTX_new();
    require(X509_STORE_CTX_init(context, store, leaf.get(), nullptr) == 1 && X509_verify_cert(context) == 1);
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
  }
}

BENCHMARK_CAPTURE(raw_verification, rsa3072, true);
BENCHMARK_CAPTURE(kyso_path, rsa3072, true);
BENCHMARK_CAPTURE(openssl_path, rsa3072, true);
BENCHMARK_CAPTURE(kyso_path_from_bytes, rsa3072, true);
BENCHMARK_CAPTURE(openssl_path_from_bytes, rsa3072, true);
BENCHMARK_CAPTURE(raw_verification, p256, false);
BENCHMARK_CAPTURE(kyso_path, p256, false);
BENCHMARK_CAPTURE(openssl_path, p256, false);
BENCHMARK_CAPTURE(kyso_path_from_bytes, p256, false);
BENCHMARK_CAPTURE(openssl_path_from_bytes, p256, false);

}  // namespace

BENCHMARK_MAIN();

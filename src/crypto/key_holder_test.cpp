#include "crypto/key_holder.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <atomic>
#include <thread>

#include "base/test_support.h"
#include "crypto/crypto_vectors.h"

namespace kyso::crypto {
namespace {

using vectors::bytes;
using vectors::text;

constexpr std::string_view kVietnamesePassword = "mật khẩu Ký số 1";

Secret secret(std::string_view value) {
  return Secret(std::string(value));
}

void check_signs(KeyHolder& holder, SignatureScheme scheme) {
  const std::string message = "Nội dung cần ký";
  const Bytes hash = digest(scheme.digest, as_bytes(message));
  REQUIRE_MESSAGE(holder.supports(scheme), name_of(scheme));
  const auto signature = holder.sign({scheme, hash, as_bytes(message), {}});
  REQUIRE_MESSAGE(signature, name_of(scheme));
  const PublicKey& key = holder.certificate().public_key();
  CHECK(signature->size() <= key.max_signature_size());
  CHECK(key.verify(scheme, hash, as_bytes(message), *signature));
  Bytes wrong = *signature;
  wrong.back() ^= 1;
  CHECK_FALSE(key.verify(scheme, hash, as_bytes(message), wrong));
  const Bytes other = digest(scheme.digest, as_bytes("khác"));
  CHECK_FALSE(key.verify(scheme, other, as_bytes("khác"), *signature));
}

}  // namespace

TEST_CASE("every key signs in every way that fits it") {
  const std::vector<std::pair<std::string, std::vector<std::string>>> table{
      {"rsa2048",
       {"rsa-pkcs1-sha256", "rsa-pkcs1-sha384", "rsa-pkcs1-sha512", "rsa-pss-sha256", "rsa-pss-sha384",
        "rsa-pss-sha512"}},
      {"rsa3072", {"rsa-pkcs1-sha256", "rsa-pss-sha256"}},
      {"rsa4096", {"rsa-pkcs1-sha512", "rsa-pss-sha512"}},
      {"pssonly", {"rsa-pss-sha256"}},
      {"p256", {"ecdsa-p256-sha256", "ecdsa-p256-sha384", "ecdsa-p256-sha512"}},
      {"p384", {"ecdsa-p384-sha256", "ecdsa-p384-sha384", "ecdsa-p384-sha512"}},
      {"ed25519", {"ed25519"}}};
  for (const auto& [name, schemes] : table) {
    const auto holder = vectors::holder(name);
    for (const std::string& scheme : schemes) check_signs(*holder, *scheme_by_name(scheme));
    CHECK(holder->supports(default_scheme(holder->certificate().public_key().type())) == (name != "pssonly"));
    CHECK_FALSE(holder->supports(*scheme_by_name("rsa-pkcs1-sha1")));
  }
}

TEST_CASE("a holder refuses what doesn't fit") {
  const auto holder = vectors::holder("p256");
  const Bytes hash(32);
  CHECK(holder->sign({*scheme_by_name("rsa-pkcs1-sha256"), hash, {}, {}}).error().code ==
        "crypto.algorithm.unsupported");
  CHECK(holder->sign({*scheme_by_name("ecdsa-p256-sha1"), Bytes(20), {}, {}}).error().code ==
        "crypto.algorithm.unsupported");
  CHECK(holder->sign({*scheme_by_name("ecdsa-p256-sha256"), Bytes(31), {}, {}}).error().code == "crypto.sign.failed");
}

TEST_CASE("several threads sign with one holder") {
  const auto holder = vectors::holder("rsa2048");
  std::vector<std::jthread> threads;
  std::vector<int> good(4);
  for (int& mine : good)
    threads.emplace_back([&holder, &mine] {
      for (int i = 0; i < 20; ++i) {
        const Bytes hash = random_bytes(32);
        const SignatureScheme scheme = default_scheme(KeyType::rsa);
        const auto signature = holder->sign({scheme, hash, {}, {}});
        if (signature && holder->certificate().public_key().verify(scheme, hash, {}, *signature)) ++mine;
      }
    });
  threads.clear();
  CHECK(good == std::vector<int>(4, 20));
}

// A key, a signature that it made, and its two ways of being written.
struct CurveKey {
  static Bytes spki_of(EVP_PKEY* key, const char* form) {
    EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, form);
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key, &der);
    Bytes out(der, der + size);
    OPENSSL_free(der);
    return out;
  }
  explicit CurveKey(ByteView hash) {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(key, nullptr);
    signature.resize(80);
    std::size_t size = signature.size();
    REQUIRE(EVP_PKEY_sign_init(context) == 1);
    REQUIRE(EVP_PKEY_sign(context, signature.data(), &size, hash.data(), hash.size()) == 1);
    signature.resize(size);
    plain = must(PublicKey::from_spki(spki_of(key, "uncompressed")));
    compressed = must(PublicKey::from_spki(spki_of(key, "compressed")));
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(key);
  }
  std::optional<PublicKey> plain, compressed;
  Bytes signature;
};

TEST_CASE("keys of a curve share what verifies, in turns and in threads, and are never mixed up") {
  const SignatureScheme scheme = *scheme_by_name("ecdsa-p256-sha256");
  const Bytes hash = digest(scheme.digest, as_bytes("Nội dung"));
  std::vector<CurveKey> keys;
  for (int i = 0; i < 5; ++i) keys.emplace_back(hash);
  Bytes off_curve(keys[0].plain->spki().begin(), keys[0].plain->spki().end());
  off_curve.back() ^= 1;
  const auto no_key = must(PublicKey::from_spki(off_curve));
  std::atomic<int> wrong = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int round = 0; round < 20; ++round)
        for (std::size_t i = 0; i < keys.size(); ++i) {
          for (std::size_t j = 0; j < keys.size(); ++j) {
            if (keys[i].plain->verify(scheme, hash, {}, keys[j].signature) != (i == j)) ++wrong;
            if (keys[i].compressed->verify(scheme, hash, {}, keys[j].signature) != (i == j)) ++wrong;
          }
          if (no_key.verify(scheme, hash, {}, keys[i].signature)) ++wrong;
        }
    });
  threads.clear();
  CHECK(wrong == 0);
}

TEST_CASE("PKCS#12 files, new and old") {
  const std::vector<std::tuple<std::string, std::string_view, std::string, std::size_t>> files{
      {"modern.p12", kVietnamesePassword, "rsa2048", 2},
      {"legacy-rc2.p12", kVietnamesePassword, "rsa2048", 2},
      {"legacy-3des.p12", "1234", "rsa2048", 2},
      {"modern-p256.p12", "1234", "p256", 2},
      {"modern-p384.p12", "1234", "p384", 0},
      {"modern-ed25519.p12", "1234", "ed25519", 0},
      {"no-mac.p12", "1234", "rsa2048", 0},
      {"empty-password.p12", "", "rsa2048", 0},
      {"password-nfd.p12", kVietnamesePassword, "p256", 0}};
  for (const auto& [file, password, key, issuers] : files) {
    const auto holder = open_pkcs12(bytes(file), secret(password));
    REQUIRE_MESSAGE(holder, file);
    CHECK((*holder)->certificate().der().size() == vectors::certificate(key).der().size());
    CHECK((*holder)->certificate().sha256() == vectors::certificate(key).sha256());
    REQUIRE_MESSAGE((*holder)->issuers().size() == issuers, file);
    if (issuers == 2) {
      CHECK((*holder)->issuers()[0].sha256() == vectors::certificate("issuing").sha256());
      CHECK((*holder)->issuers()[1].sha256() == vectors::certificate("root").sha256());
    }
    check_signs(**holder, default_scheme((*holder)->certificate().public_key().type()));
  }
}

TEST_CASE("what can be wrong with a PKCS#12 file") {
  for (const char* file : {"modern.p12", "legacy-rc2.p12", "legacy-3des.p12", "no-mac.p12", "empty-password.p12"})
    CHECK_MESSAGE(code_of(open_pkcs12(bytes(file), secret("sai"))) == "crypto.pkcs12.password", file);
  CHECK(code_of(open_pkcs12(bytes("modern.p12"), Secret())) == "crypto.pkcs12.password");
  CHECK(code_of(open_pkcs12(bytes("weak.p12"), secret("1234"))) == "crypto.key.weak");
  CHECK(code_of(open_pkcs12(bytes("p521.p12"), secret("1234"))) == "crypto.key.unsupported");
  CHECK(code_of(open_pkcs12(bytes("no-key.p12"), secret("1234"))) == "crypto.pkcs12.empty");
  CHECK(code_of(open_pkcs12({}, secret("1234"))) == "crypto.pkcs12.malformed");
  CHECK(code_of(open_pkcs12(bytes("rsa2048.key.pem"), secret("1234"))) == "crypto.pkcs12.malformed");
}

TEST_CASE("a cut PKCS#12 file is refused") {
  const Bytes file = bytes("modern-p256.p12");
  for (std::size_t size = 0; size < file.size(); size += 7)
    CHECK_FALSE(open_pkcs12(ByteView(file).first(size), secret("1234")));
}

TEST_CASE("PEM keys in every wrapping") {
  const std::vector<std::tuple<std::string, std::string_view, std::string>> files{
      {"encrypted-pkcs8.key.pem", kVietnamesePassword, "rsa2048"},
      {"encrypted-pkcs8-rc2.key.pem", "1234", "rsa2048"},
      {"traditional-rsa.key.pem", "", "rsa2048"},
      {"traditional-rsa-encrypted.key.pem", "1234", "rsa2048"},
      {"traditional-ec.key.pem", "", "p256"},
      {"traditional-ec-no-public.key.pem", "", "p384"}};
  for (const auto& [file, passphrase, key] : files) {
    const auto holder = open_pem(text(file), text("chain.pem") + text(key + ".cert.pem"), secret(passphrase));
    REQUIRE_MESSAGE(holder, file);
    CHECK((*holder)->issuers().size() == 2);
    check_signs(**holder, default_scheme((*holder)->certificate().public_key().type()));
  }
}

TEST_CASE("what can be wrong with a PEM key") {
  const std::string certificate = text("rsa2048.cert.pem");
  CHECK(code_of(open_pem(text("p256.key.pem"), certificate, Secret())) == "crypto.key.mismatch");
  CHECK(code_of(open_pem(text("rsa3072.key.pem"), certificate, Secret())) == "crypto.key.mismatch");
  CHECK(code_of(open_pem("", certificate, Secret())) == "crypto.key.malformed");
  CHECK(code_of(open_pem(certificate, certificate, Secret())) == "crypto.key.malformed");
  CHECK(code_of(open_pem(text("rsa2048.key.pem"), "", Secret())) == "crypto.certificate.malformed");
  CHECK(code_of(open_pem(text("p521.key.pem"), certificate, Secret())) == "crypto.key.unsupported");
  for (const char* file : {"encrypted-pkcs8.key.pem", "traditional-rsa-encrypted.key.pem"}) {
    CHECK(code_of(open_pem(text(file), certificate, Secret())) == "crypto.key.password");
    CHECK(code_of(open_pem(text(file), certificate, secret("sai"))) == "crypto.key.password");
  }
  CHECK(code_of(open_pem(text("rsa1024.key.pem"), text("rsa1024.cert.pem"), Secret())) == "crypto.key.weak");
  CHECK(code_of(open_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", certificate, Secret())) ==
        "crypto.key.malformed");
}

TEST_CASE("chains are put in order") {
  const std::vector<Certificate> known{vectors::certificate("root"), vectors::certificate("p256"),
                                       vectors::certificate("root-p384"), vectors::certificate("issuing")};
  const auto chain = order_chain(vectors::certificate("p256"), known);
  REQUIRE(chain.size() == 2);
  CHECK(chain[0].common_name() == "Cấp chứng thư mẫu");
  CHECK(chain[1].common_name() == "Gốc mẫu");
  CHECK(order_chain(vectors::certificate("root"), known).empty());
}

}  // namespace kyso::crypto

#include "crypto/signing_bridge.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/rsa.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <tuple>

#include "crypto/crypto_vectors.h"

namespace kyso::crypto {
namespace {

template <typename T, void (*Free)(T*)>
struct Owner {
  struct Deleter {
    void operator()(T* object) const { Free(object); }
  };
  using Ptr = std::unique_ptr<T, Deleter>;
};
using X509Ptr = Owner<X509, X509_free>::Ptr;
using RequestPtr = Owner<X509_REQ, X509_REQ_free>::Ptr;
using CrlPtr = Owner<X509_CRL, X509_CRL_free>::Ptr;
using KeyPtr = Owner<EVP_PKEY, EVP_PKEY_free>::Ptr;
using MdCtxPtr = Owner<EVP_MD_CTX, EVP_MD_CTX_free>::Ptr;
using OcspPtr = Owner<OCSP_BASICRESP, OCSP_BASICRESP_free>::Ptr;
using CmsPtr = Owner<CMS_ContentInfo, CMS_ContentInfo_free>::Ptr;
using BioPtr = Owner<BIO, BIO_free_all>::Ptr;

struct Subject {
  std::string name;
  std::string scheme;
};
const std::vector<Subject> kSubjects{{"rsa2048", "rsa-pkcs1-sha256"}, {"rsa2048", "rsa-pss-sha256"},
                                     {"rsa3072", "rsa-pss-sha384"},   {"pssonly", "rsa-pss-sha256"},
                                     {"p256", "ecdsa-p256-sha256"},   {"p384", "ecdsa-p384-sha384"},
                                     {"ed25519", "ed25519"}};

std::string errors() {
  std::string out;
  while (const unsigned long code = ERR_get_error()) {
    char text[256];
    ERR_error_string_n(code, text, sizeof text);
    out += text;
    out += '\n';
  }
  return out;
}

X509Ptr x509(const Certificate& certificate) {
  const unsigned char* position = certificate.der().data();
  return X509Ptr(d2i_X509(nullptr, &position, static_cast<long>(certificate.der().size())));
}

// The public half in the default provider, with no way back to the bridge.
KeyPtr plain_key(const KeyHolder& holder) {
  const ByteView spki = holder.certificate().public_key().spki();
  const unsigned char* position = spki.data();
  KeyPtr key(d2i_PUBKEY(nullptr, &position, static_cast<long>(spki.size())));
  REQUIRE(key);
  return key;
}

const EVP_MD* md_of(SignatureScheme scheme) {
  if (scheme.key == KeyType::ed25519) return nullptr;
  return scheme.digest == DigestAlgorithm::sha384 ? EVP_sha384() : EVP_sha256();
}

// A signing context as the caller of X509_sign_ctx and the like prepares it.
MdCtxPtr signing_context(const SigningBridge& bridge, SignatureScheme scheme, OSSL_LIB_CTX* library) {
  MdCtxPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* key_context = nullptr;
  const EVP_MD* md = md_of(scheme);
  REQUIRE_MESSAGE(EVP_DigestSignInit_ex(context.get(), &key_context, md == nullptr ? nullptr : EVP_MD_get0_name(md),
                                        library, nullptr, bridge.key(), nullptr) == 1,
                  errors());
  if (scheme.padding == Padding::pss) {
    REQUIRE_MESSAGE(EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING) == 1, errors());
    REQUIRE_MESSAGE(EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_DIGEST) == 1, errors());
  }
  return context;
}

X509Ptr new_certificate(EVP_PKEY* key) {
  X509Ptr certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 7);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 86'400);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>("Nguyễn Văn A"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
  REQUIRE_MESSAGE(X509_set_pubkey(certificate.get(), key) == 1, errors());
  return certificate;
}

struct Fixture {
  explicit Fixture(const Subject& subject)
      : scheme(*scheme_by_name(subject.scheme)), holder(vectors::holder(subject.name)) {
    auto created = SigningBridge::create(*holder);
    REQUIRE_MESSAGE(created, subject.name);
    bridge = *std::move(created);
    plain = plain_key(*holder);
    ERR_clear_error();
  }
  bool is_pss() const { return scheme.padding == Padding::pss; }

  SignatureScheme scheme;
  std::unique_ptr<KeyHolder> holder;
  std::unique_ptr<SigningBridge> bridge;
  KeyPtr plain;
};

// A holder whose key is out of reach.
class BrokenHolder final : public KeyHolder {
 public:
  explicit BrokenHolder(KeyHolder& model) : m_model(model) {}
  const Certificate& certificate() const override { return m_model.certificate(); }
  std::span<const Certificate> issuers() const override { return {}; }
  bool supports(SignatureScheme) const override { return true; }
  Result<Bytes> sign(const SignRequest& request) override {
    if (works) return m_model.sign(request);
    return fail("crypto.sign.failed", "the token was pulled out");
  }
  bool works = false;

 private:
  KeyHolder& m_model;
};

}  // namespace

TEST_CASE("X509_sign with a bridged key of every kind") {
  for (const Subject& subject : kSubjects) {
    const Fixture f(subject);
    for (OSSL_LIB_CTX* library : {static_cast<OSSL_LIB_CTX*>(nullptr), f.bridge->library()}) {
      const X509Ptr certificate = new_certificate(f.bridge->key());
      const int size = f.is_pss()
                           ? X509_sign_ctx(certificate.get(), signing_context(*f.bridge, f.scheme, library).get())
                           : X509_sign(certificate.get(), f.bridge->key(), md_of(f.scheme));
      REQUIRE_MESSAGE(size > 0, subject.scheme, errors());
      CHECK_MESSAGE(X509_verify(certificate.get(), f.plain.get()) == 1, subject.scheme, errors());
      CHECK_MESSAGE(X509_verify(certificate.get(), f.bridge->key()) == 1, subject.scheme, errors());
      unsigned char* der = nullptr;
      const int der_size = i2d_X509(certificate.get(), &der);
      REQUIRE(der_size > 0);
      const auto parsed = Certificate::from_der(ByteView(der, static_cast<std::size_t>(der_size)));
      OPENSSL_free(der);
      REQUIRE(parsed);
      CHECK(parsed->is_issued_by(*parsed));
      CHECK(parsed->public_key().bits() == f.holder->certificate().public_key().bits());
    }
  }
}

TEST_CASE("X509_REQ_sign and X509_CRL_sign with a bridged key of every kind") {
  for (const Subject& subject : kSubjects) {
    const Fixture f(subject);
    const RequestPtr request(X509_REQ_new());
    REQUIRE(X509_REQ_set_pubkey(request.get(), f.bridge->key()) == 1);
    const CrlPtr crl(X509_CRL_new());
    const X509Ptr issuer = x509(f.holder->certificate());
    X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(issuer.get()));
    const Owner<ASN1_TIME, ASN1_TIME_free>::Ptr now(X509_gmtime_adj(nullptr, 0));
    X509_CRL_set1_lastUpdate(crl.get(), now.get());
    if (f.is_pss()) {
      CHECK(X509_REQ_sign_ctx(request.get(), signing_context(*f.bridge, f.scheme, nullptr).get()) > 0);
      CHECK(X509_CRL_sign_ctx(crl.get(), signing_context(*f.bridge, f.scheme, nullptr).get()) > 0);
    } else {
      CHECK(X509_REQ_sign(request.get(), f.bridge->key(), md_of(f.scheme)) > 0);
      CHECK(X509_CRL_sign(crl.get(), f.bridge->key(), md_of(f.scheme)) > 0);
    }
    CHECK_MESSAGE(X509_REQ_verify(request.get(), f.plain.get()) == 1, subject.scheme, errors());
    CHECK_MESSAGE(X509_CRL_verify(crl.get(), f.plain.get()) == 1, subject.scheme, errors());
  }
}

TEST_CASE("OCSP_basic_sign with a bridged key of every kind") {
  for (const Subject& subject : kSubjects) {
    const Fixture f(subject);
    const X509Ptr signer = x509(f.holder->certificate());
    const X509Ptr issuer = x509(vectors::certificate("issuing"));
    const OcspPtr response(OCSP_BASICRESP_new());
    const Owner<OCSP_CERTID, OCSP_CERTID_free>::Ptr id(OCSP_cert_to_id(EVP_sha1(), signer.get(), issuer.get()));
    const Owner<ASN1_TIME, ASN1_TIME_free>::Ptr now(X509_gmtime_adj(nullptr, 0));
    REQUIRE(OCSP_basic_add1_status(response.get(), id.get(), V_OCSP_CERTSTATUS_GOOD, 0, nullptr, now.get(), nullptr));
    const int good =
        f.is_pss()
            ? OCSP_basic_sign_ctx(response.get(), signer.get(), signing_context(*f.bridge, f.scheme, nullptr).get(),
                                  nullptr, OCSP_NOCERTS)
            : OCSP_basic_sign(response.get(), signer.get(), f.bridge->key(), md_of(f.scheme), nullptr, OCSP_NOCERTS);
    REQUIRE_MESSAGE(good == 1, subject.scheme, errors());
    STACK_OF(X509)* signers = sk_X509_new_null();
    sk_X509_push(signers, signer.get());
    CHECK_MESSAGE(OCSP_basic_verify(response.get(), signers, nullptr, OCSP_TRUSTOTHER | OCSP_NOVERIFY) == 1,
                  subject.scheme, errors());
    sk_X509_free(signers);
  }
}

TEST_CASE("CMS_sign with a bridged key") {
  for (const Subject& subject : kSubjects) {
    if (subject.scheme == "ed25519") continue;  // OpenSSL 3.0 has no Ed25519 in CMS; Kyso's own CMS has
    const Fixture f(subject);
    const X509Ptr signer = x509(f.holder->certificate());
    const BioPtr content(BIO_new_mem_buf("nội dung", -1));
    const CmsPtr cms(CMS_sign(nullptr, nullptr, nullptr, content.get(), CMS_PARTIAL | CMS_DETACHED | CMS_BINARY));
    REQUIRE(cms);
    CMS_SignerInfo* info = CMS_add1_signer(cms.get(), signer.get(), f.bridge->key(), md_of(f.scheme),
                                           CMS_BINARY | (f.is_pss() ? CMS_KEY_PARAM : 0));
    REQUIRE_MESSAGE(info != nullptr, subject.scheme, errors());
    if (f.is_pss()) {
      EVP_PKEY_CTX* context = CMS_SignerInfo_get0_pkey_ctx(info);
      REQUIRE(context != nullptr);
      REQUIRE(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1);
      REQUIRE(EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1);
    }
    REQUIRE_MESSAGE(CMS_final(cms.get(), content.get(), nullptr, CMS_DETACHED | CMS_BINARY) == 1, subject.scheme,
                    errors());
    const BioPtr again(BIO_new_mem_buf("nội dung", -1));
    CHECK_MESSAGE(
        CMS_verify(cms.get(), nullptr, nullptr, again.get(), nullptr, CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY) == 1,
        subject.scheme, errors());
  }
}

TEST_CASE("TS_RESP_create_response with a bridged key") {
  for (const Subject& subject : kSubjects) {
    // OpenSSL 3.0 makes time-stamps as PKCS#7: neither PSS nor Ed25519.
    if (subject.scheme == "ed25519" || scheme_by_name(subject.scheme)->padding == Padding::pss) continue;
    const Fixture f(subject);
    const X509Ptr signer = new_certificate(f.bridge->key());
    X509V3_CTX v3;
    X509V3_set_ctx_nodb(&v3);
    X509V3_set_ctx(&v3, signer.get(), signer.get(), nullptr, nullptr, 0);
    X509_EXTENSION* usage = X509V3_EXT_conf_nid(nullptr, &v3, NID_ext_key_usage, "critical,timeStamping");
    X509_add_ext(signer.get(), usage, -1);
    X509_EXTENSION_free(usage);
    REQUIRE(X509_sign(signer.get(), f.bridge->key(), md_of(f.scheme)) > 0);

    const Owner<TS_REQ, TS_REQ_free>::Ptr request(TS_REQ_new());
    const Owner<TS_MSG_IMPRINT, TS_MSG_IMPRINT_free>::Ptr imprint(TS_MSG_IMPRINT_new());
    const Owner<X509_ALGOR, X509_ALGOR_free>::Ptr algorithm(X509_ALGOR_new());
    X509_ALGOR_set_md(algorithm.get(), EVP_sha256());
    Bytes hash = digest(DigestAlgorithm::sha256, as_bytes("nội dung"));
    TS_REQ_set_version(request.get(), 1);
    TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm.get());
    TS_MSG_IMPRINT_set_msg(imprint.get(), hash.data(), static_cast<int>(hash.size()));
    TS_REQ_set_msg_imprint(request.get(), imprint.get());
    TS_REQ_set_cert_req(request.get(), 1);
    const BioPtr query(BIO_new(BIO_s_mem()));
    i2d_TS_REQ_bio(query.get(), request.get());

    const Owner<TS_RESP_CTX, TS_RESP_CTX_free>::Ptr context(TS_RESP_CTX_new());
    REQUIRE_MESSAGE(TS_RESP_CTX_set_signer_cert(context.get(), signer.get()) == 1, errors());
    REQUIRE(TS_RESP_CTX_set_signer_key(context.get(), f.bridge->key()) == 1);
    TS_RESP_CTX_set_signer_digest(context.get(), md_of(f.scheme));
    TS_RESP_CTX_set_ess_cert_id_digest(context.get(), EVP_sha256());
    const Owner<ASN1_OBJECT, ASN1_OBJECT_free>::Ptr policy(OBJ_txt2obj("1.2.3.4", 1));
    TS_RESP_CTX_set_def_policy(context.get(), policy.get());
    TS_RESP_CTX_add_md(context.get(), EVP_sha256());
    const Owner<TS_RESP, TS_RESP_free>::Ptr response(TS_RESP_create_response(context.get(), query.get()));
    REQUIRE(response);
    CHECK_MESSAGE(ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(response.get()))) == 0,
                  subject.scheme, errors());
    // Signed with SHA-256 or SHA-384 over the attributes; the certificate inside is the bridge's own.
    const Owner<X509_STORE, X509_STORE_free>::Ptr store(X509_STORE_new());
    X509_STORE_add_cert(store.get(), signer.get());
    const Owner<TS_VERIFY_CTX, TS_VERIFY_CTX_free>::Ptr verify(TS_REQ_to_TS_VERIFY_CTX(request.get(), nullptr));
    TS_VERIFY_CTX_set_store(verify.get(), store.get());
    X509_STORE_up_ref(store.get());
    TS_VERIFY_CTX_add_flags(verify.get(), TS_VFY_SIGNATURE);
    CHECK_MESSAGE(TS_RESP_verify_response(verify.get(), response.get()) == 1, subject.scheme, errors());
  }
}

TEST_CASE("verification with the bridged key is that of the public half") {
  for (const Subject& subject : kSubjects) {
    const Fixture f(subject);
    const std::string message = "nội dung";
    const Bytes hash = digest(f.scheme.digest, as_bytes(message));
    Bytes signature = f.holder->sign({f.scheme, hash, as_bytes(message), {}}).value();
    const auto verify = [&] {
      const MdCtxPtr context(EVP_MD_CTX_new());
      EVP_PKEY_CTX* key_context = nullptr;
      const EVP_MD* md = md_of(f.scheme);
      REQUIRE(EVP_DigestVerifyInit_ex(context.get(), &key_context, md == nullptr ? nullptr : EVP_MD_get0_name(md),
                                      f.bridge->library(), nullptr, f.bridge->key(), nullptr) == 1);
      if (f.is_pss()) REQUIRE(EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING) == 1);
      return EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                              reinterpret_cast<const unsigned char*>(message.data()), message.size());
    };
    CHECK_MESSAGE(verify() == 1, subject.scheme, errors());
    signature.back() ^= 1;
    CHECK(verify() != 1);
    ERR_clear_error();
    CHECK(EVP_PKEY_eq(f.bridge->key(), f.plain.get()) == 1);
    CHECK(EVP_PKEY_eq(f.plain.get(), f.bridge->key()) == 1);
    CHECK(EVP_PKEY_get_size(f.bridge->key()) >= static_cast<int>(signature.size()));
  }
}

TEST_CASE("raw signatures over a digest, and what is no signature of ours") {
  const Fixture f({"p256", "ecdsa-p256-sha256"});
  using KeyCtxPtr = Owner<EVP_PKEY_CTX, EVP_PKEY_CTX_free>::Ptr;
  const KeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(f.bridge->library(), f.bridge->key(), nullptr));
  REQUIRE(EVP_PKEY_sign_init(context.get()) == 1);
  const Bytes hash = digest(DigestAlgorithm::sha256, as_bytes("x"));
  Bytes signature(72);
  std::size_t size = signature.size();
  REQUIRE_MESSAGE(EVP_PKEY_sign(context.get(), signature.data(), &size, hash.data(), hash.size()) == 1, errors());
  CHECK(f.holder->certificate().public_key().verify(f.scheme, hash, {}, ByteView(signature).first(size)));
  CHECK(EVP_PKEY_sign(context.get(), signature.data(), &size, hash.data(), 20) != 1);
  CHECK(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PSS_PADDING) != 1);
  REQUIRE(EVP_PKEY_verify_init(context.get()) == 1);
  size = f.holder->certificate().public_key().max_signature_size();
  ERR_clear_error();

  const Fixture rsa({"rsa2048", "rsa-pss-sha256"});
  EVP_PKEY_CTX* key_context = nullptr;
  const MdCtxPtr md(EVP_MD_CTX_new());
  REQUIRE(EVP_DigestSignInit_ex(md.get(), &key_context, "SHA256", nullptr, nullptr, rsa.bridge->key(), nullptr) == 1);
  REQUIRE(EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING) == 1);
  CHECK(EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, 7) != 1);
  CHECK(EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_NO_PADDING) != 1);
  ERR_clear_error();
}

TEST_CASE("the private half never leaves, the public half does") {
  for (const Subject& subject : kSubjects) {
    const Fixture f(subject);
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(f.bridge->key(), &der);
    REQUIRE_MESSAGE(size > 0, errors());
    const ByteView encoded(der, static_cast<std::size_t>(size));
    CHECK_MESSAGE(std::ranges::equal(encoded, f.holder->certificate().public_key().spki()), subject.name);
    OPENSSL_free(der);
    der = nullptr;
    CHECK(i2d_PrivateKey(f.bridge->key(), &der) <= 0);
    ERR_clear_error();
  }
}

TEST_CASE("what a holder says when it fails is kept") {
  const auto model = vectors::holder("p256");
  BrokenHolder holder(*model);
  auto bridge = SigningBridge::create(holder);
  REQUIRE(bridge);
  CHECK((*bridge)->last_error() == nullptr);
  const X509Ptr certificate = new_certificate((*bridge)->key());
  CHECK(X509_sign(certificate.get(), (*bridge)->key(), EVP_sha256()) <= 0);
  REQUIRE((*bridge)->last_error() != nullptr);
  CHECK((*bridge)->last_error()->detail == "the token was pulled out");
  holder.works = true;
  CHECK(X509_sign(certificate.get(), (*bridge)->key(), EVP_sha256()) > 0);
  CHECK((*bridge)->last_error() == nullptr);
  ERR_clear_error();
}

TEST_CASE("ordinary keys go on working beside a bridge") {
  const Fixture f({"rsa2048", "rsa-pkcs1-sha256"});
  const KeyPtr fresh(EVP_PKEY_Q_keygen(f.bridge->library(), nullptr, "EC", "P-256"));
  REQUIRE_MESSAGE(fresh, errors());
  const X509Ptr certificate = new_certificate(fresh.get());
  CHECK(X509_sign(certificate.get(), fresh.get(), EVP_sha256()) > 0);
  CHECK(X509_verify(certificate.get(), fresh.get()) == 1);
}

}  // namespace kyso::crypto

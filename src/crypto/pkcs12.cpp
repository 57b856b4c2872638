#include <openssl/err.h>
#include <openssl/pkcs12.h>

#include <array>
#include <limits>

#include "base/text.h"
#include "crypto/der.h"
#include "crypto/file_key_holder.h"
#include "crypto/key_decryption.h"

namespace kyso::crypto {
namespace {

using openssl::Deleter;
using BagsPtr = std::unique_ptr<STACK_OF(PKCS12_SAFEBAG), Deleter<[](STACK_OF(PKCS12_SAFEBAG) * bags) {
                                  sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
                                }>>;
using SafesPtr =
    std::unique_ptr<STACK_OF(PKCS7), Deleter<[](STACK_OF(PKCS7) * safes) { sk_PKCS7_pop_free(safes, PKCS7_free); }>>;
using X509Ptr = std::unique_ptr<X509, Deleter<X509_free>>;

constexpr std::size_t kMaxBags = 200;
constexpr int kMaxDepth = 4;

Error malformed(std::string_view what) {
  return fail("crypto.pkcs12.malformed", "{}: {}", what, openssl::drain_errors());
}

class Pkcs12Reader {
 public:
  Pkcs12Reader(PKCS12* file, const Secret& password) : m_file(file), m_decryption(password) {}

  Result<> read() {
    KYSO_TRY(check_mac());
    const SafesPtr safes(PKCS12_unpack_authsafes(m_file));
    if (!safes) return malformed("authenticated safe");
    for (int i = 0; i < sk_PKCS7_num(safes.get()); ++i) KYSO_TRY(read_safe(sk_PKCS7_value(safes.get(), i)));
    return {};
  }

  std::vector<SoftwareKey> keys;
  std::vector<Certificate> certificates;
  std::optional<Error> unusable_key;

 private:
  Result<> check_mac();
  Result<> read_safe(PKCS7* safe);
  Result<BagsPtr> decrypt_safe(PKCS7* safe);
  Result<> read_bags(const STACK_OF(PKCS12_SAFEBAG) * bags, int depth);
  Result<> read_bag(const PKCS12_SAFEBAG* bag, int depth);
  void keep_key(const PKCS8_PRIV_KEY_INFO* info);
  void keep_certificate(const PKCS12_SAFEBAG* bag);

  PKCS12* m_file;
  KeyDecryption m_decryption;
  std::size_t m_bags = 0;
};

Result<> Pkcs12Reader::check_mac() {
  if (PKCS12_mac_present(m_file) != 1) return {};
  const ASN1_INTEGER* iterations = nullptr;
  PKCS12_get0_mac(nullptr, nullptr, nullptr, &iterations, m_file);
  if (iterations != nullptr && ASN1_INTEGER_get(iterations) > KeyDecryption::kMaxIterations)
    return malformed("too many iterations");
  const bool good = m_decryption.find_password(
      [this](const char* password, int size) { return PKCS12_verify_mac(m_file, password, size) == 1; });
  if (!good) return fail("crypto.pkcs12.password", "{}", openssl::drain_errors());
  return {};
}

Result<BagsPtr> Pkcs12Reader::decrypt_safe(PKCS7* safe) {
  const PKCS7_ENCRYPT* encrypted = safe->d.encrypted;
  if (encrypted == nullptr || encrypted->enc_data == nullptr || encrypted->enc_data->enc_data == nullptr)
    return malformed("encrypted safe");
  const PKCS7_ENC_CONTENT& content = *encrypted->enc_data;
  BagsPtr bags;
  OSSL_LIB_CTX* const library = KYSO_TRY(m_decryption.library_for(content.algorithm));
  const bool good = m_decryption.find_password([&](const char* password, int size) {
    bags.reset(static_cast<STACK_OF(PKCS12_SAFEBAG)*>(PKCS12_item_decrypt_d2i_ex(
        content.algorithm, ASN1_ITEM_rptr(PKCS12_SAFEBAGS), password, size, content.enc_data, 1, library, nullptr)));
    return bags != nullptr;
  });
  if (!good) return fail("crypto.pkcs12.password", "{}", openssl::drain_errors());
  return bags;
}

Result<> Pkcs12Reader::read_safe(PKCS7* safe) {
  BagsPtr bags;
  switch (OBJ_obj2nid(safe->type)) {
    case NID_pkcs7_data:
      bags.reset(PKCS12_unpack_p7data(safe));
      break;
    case NID_pkcs7_encrypted:
      bags = KYSO_TRY(decrypt_safe(safe));
      break;
    default:
      return {};  // enveloped for a public key: not ours
  }
  if (!bags) return malformed("safe contents");
  return read_bags(bags.get(), 0);
}

Result<> Pkcs12Reader::read_bags(const STACK_OF(PKCS12_SAFEBAG) * bags, int depth) {
  if (depth > kMaxDepth) return malformed("safe contents nested too deeply");
  for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); ++i) {
    if (++m_bags > kMaxBags) return malformed("too many bags");
    KYSO_TRY(read_bag(sk_PKCS12_SAFEBAG_value(bags, i), depth));
  }
  return {};
}

Result<> Pkcs12Reader::read_bag(const PKCS12_SAFEBAG* bag, int depth) {
  switch (PKCS12_SAFEBAG_get_nid(bag)) {
    case NID_keyBag:
      keep_key(PKCS12_SAFEBAG_get0_p8inf(bag));
      break;
    case NID_pkcs8ShroudedKeyBag: {
      const X509_SIG* shrouded = PKCS12_SAFEBAG_get0_pkcs8(bag);
      if (shrouded == nullptr) return malformed("shrouded key");
      auto info = m_decryption.decrypt_key(shrouded);
      if (!info && info.error().code == "crypto.key.password") return fail("crypto.pkcs12.password");
      if (!info) return info.error();
      keep_key(info->get());
      break;
    }
    case NID_certBag:
      keep_certificate(bag);
      break;
    case NID_safeContentsBag:
      if (PKCS12_SAFEBAG_get0_safes(bag) != nullptr) return read_bags(PKCS12_SAFEBAG_get0_safes(bag), depth + 1);
      break;
    default:
      break;
  }
  return {};
}

void Pkcs12Reader::keep_key(const PKCS8_PRIV_KEY_INFO* info) {
  if (info == nullptr) return;
  auto key = SoftwareKey::from_pkcs8(encode_key(info));
  if (key) {
    keys.push_back(*std::move(key));
  } else {
    unusable_key = std::move(key).error();
  }
}

// A certificate of an unknown kind is no reason to refuse the others.
void Pkcs12Reader::keep_certificate(const PKCS12_SAFEBAG* bag) {
  if (PKCS12_SAFEBAG_get_bag_nid(bag) != NID_x509Certificate) return;
  const X509Ptr x509(PKCS12_SAFEBAG_get1_cert(bag));
  unsigned char* der = nullptr;
  const int size = x509 ? i2d_X509(x509.get(), &der) : -1;
  if (size <= 0) return;
  if (auto certificate = Certificate::from_der(ByteView(der, static_cast<std::size_t>(size))))
    certificates.push_back(*std::move(certificate));
  OPENSSL_free(der);
}

}  // namespace

Result<std::unique_ptr<KeyHolder>> open_pkcs12(ByteView file, const Secret& password) {
  openssl::initialise();
  ERR_clear_error();
  if (file.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) return malformed("too large");
  const unsigned char* position = file.data();
  const openssl::Pkcs12Ptr parsed(d2i_PKCS12(nullptr, &position, static_cast<long>(file.size())));
  if (!parsed) return malformed("not a PFX");
  Pkcs12Reader reader(parsed.get(), password);
  const Result<> read = reader.read();
  ERR_clear_error();
  if (!read) return read.error();
  auto holder = KYSO_TRY(make_file_key_holder(std::move(reader.keys), std::move(reader.certificates)));
  if (!holder && reader.unusable_key) return *std::move(reader.unusable_key);
  if (!holder) return fail("crypto.pkcs12.empty");
  return holder;
}

}  // namespace kyso::crypto

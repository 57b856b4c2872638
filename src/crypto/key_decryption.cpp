#include "crypto/key_decryption.h"

#include <openssl/err.h>

#include <algorithm>

#include "base/text.h"
#include "crypto/der.h"

namespace kyso::crypto {
namespace {

constexpr std::string_view kPbes2 = "1.2.840.113549.1.5.13";
constexpr std::string_view kPbkdf2 = "1.2.840.113549.1.5.12";

// OpenSSL before 1.1.0 took the password's UTF-8 octets for characters.
std::string octets_as_characters(std::string_view text) {
  std::string out;
  for (const char c : text) append_utf8(out, static_cast<std::uint8_t>(c));
  return out;
}

// PBES2-params (RFC 8018 appendix A.4): the iteration count of PBKDF2, 0 for another derivation.
Result<std::int64_t> pbes2_iterations(der::Reader parameters) {
  der::Reader fields(KYSO_TRY(parameters.expect(der::kSequence)).content);
  der::Reader derivation(KYSO_TRY(fields.expect(der::kSequence)).content);
  if (KYSO_TRY(der::read_oid(KYSO_TRY(derivation.expect(der::kOid)).content)) != kPbkdf2) return 0;
  der::Reader pbkdf2(KYSO_TRY(derivation.expect(der::kSequence)).content);
  KYSO_TRY(pbkdf2.next());  // salt
  return der::read_integer(KYSO_TRY(pbkdf2.expect(der::kInteger)).content);
}

// The other schemes (RFC 7292 appendix C, RFC 8018 appendix A.3): SEQUENCE { salt, iterations }.
Result<std::int64_t> iterations_of(ByteView algorithm) {
  der::Reader outer(algorithm);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  const std::string oid = KYSO_TRY(der::read_oid(KYSO_TRY(fields.expect(der::kOid)).content));
  if (oid == kPbes2) return pbes2_iterations(fields);
  der::Reader parameters(KYSO_TRY(fields.expect(der::kSequence)).content);
  KYSO_TRY(parameters.next());
  return der::read_integer(KYSO_TRY(parameters.expect(der::kInteger)).content);
}

bool is_in_default_provider(int nid) {
  return nid == NID_pbes2 || nid == NID_pbe_WithSHA1And3_Key_TripleDES_CBC ||
         nid == NID_pbe_WithSHA1And2_Key_TripleDES_CBC;
}

Bytes encode_algorithm(const X509_ALGOR* algorithm) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_ALGOR(algorithm, &der);
  if (size <= 0) return {};
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

}  // namespace

WipedBytes encode_key(const PKCS8_PRIV_KEY_INFO* info) {
  unsigned char* der = nullptr;
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
  if (size <= 0) return WipedBytes({});
  Bytes out(der, der + size);
  OPENSSL_clear_free(der, static_cast<std::size_t>(size));
  return WipedBytes(std::move(out));
}

KeyDecryption::KeyDecryption(const Secret& password) {
  const std::string_view typed = password.reveal();
  m_candidates.push_back(password.clone());
  const auto add = [this](std::string text) {
    Secret candidate(std::move(text));
    const bool known =
        std::ranges::any_of(m_candidates, [&](const Secret& each) { return each.reveal() == candidate.reveal(); });
    if (!known) m_candidates.push_back(std::move(candidate));
  };
  if (!is_valid_utf8(typed)) return;
  add(to_nfc(typed));
  add(to_nfd(typed));
  add(octets_as_characters(typed));
}

bool KeyDecryption::find_password(const std::function<bool(const char*, int)>& fits) {
  for (std::size_t i = 0; i < m_candidates.size(); ++i) {
    const std::string_view text = m_candidates[i].reveal();
    const bool good = fits(text.data(), static_cast<int>(text.size())) ||
                      // Without a password some programs write none, others an empty one (RFC 7292 appendix B.1).
                      (text.empty() && fits(nullptr, 0));
    if (!good) continue;
    if (i > 0) std::swap(m_candidates[0], m_candidates[i]);
    ERR_clear_error();
    return true;
  }
  return false;
}

Result<OSSL_LIB_CTX*> KeyDecryption::library_for(const X509_ALGOR* algorithm) {
  const Bytes encoded = encode_algorithm(algorithm);
  const auto iterations = iterations_of(encoded);
  if (!iterations || *iterations < 0 || *iterations > kMaxIterations)
    return fail("crypto.key.malformed", "parameters of the password-based encryption");
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
  if (is_in_default_provider(OBJ_obj2nid(object))) return static_cast<OSSL_LIB_CTX*>(nullptr);
  if (!m_legacy) {
    Legacy legacy;
    legacy.library.reset(openssl::require(OSSL_LIB_CTX_new()));
    legacy.base.reset(OSSL_PROVIDER_load(legacy.library.get(), "default"));
    legacy.old.reset(OSSL_PROVIDER_load(legacy.library.get(), "legacy"));
    if (!legacy.base || !legacy.old) return fail("crypto.pkcs12.legacy", "{}", openssl::drain_errors());
    m_legacy = std::move(legacy);
  }
  return m_legacy->library.get();
}

Result<Pkcs8Ptr> KeyDecryption::decrypt_key(const X509_SIG* encrypted) {
  const X509_ALGOR* algorithm = nullptr;
  X509_SIG_get0(encrypted, &algorithm, nullptr);
  OSSL_LIB_CTX* const library = KYSO_TRY(library_for(algorithm));
  Pkcs8Ptr info;
  const bool good = find_password([&](const char* password, int size) {
    info.reset(PKCS8_decrypt_ex(encrypted, password, size, library, nullptr));
    return info != nullptr;
  });
  if (!good) return fail("crypto.key.password", "{}", openssl::drain_errors());
  return info;
}

}  // namespace kyso::crypto

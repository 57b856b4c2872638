#include "token/objects.h"

#include <algorithm>
#include <cstring>

#include "crypto/der.h"
#include "token/return_value.h"

namespace kyso::token {
namespace {

constexpr std::size_t kMaxObjects = 256;
constexpr std::size_t kMaxAttribute = 64U * 1024U;

CK_ATTRIBUTE attribute(CK_ATTRIBUTE_TYPE type, const void* value, std::size_t size) {
  return {type, const_cast<void*>(value), size};  // Cryptoki declares pValue without const, also for input
}

// The public half's object tells what EC private keys do not.
Result<Bytes> ec_point(const Session& session, const TokenKey& key) {
  auto point = KYSO_TRY(read_attribute(session, key.handle, CKA_EC_POINT));
  if (point.empty() && !key.id.empty()) {
    const auto publics = KYSO_TRY(find_objects(session, CKO_PUBLIC_KEY, std::nullopt, key.id, 1));
    if (!publics.empty()) point = KYSO_TRY(read_attribute(session, publics.front(), CKA_EC_POINT));
  }
  // PKCS#11 v2.40 section 2.3.3: the point in a DER OCTET STRING; some tokens leave the wrapping away.
  crypto::der::Reader reader(point);
  if (auto wrapped = reader.expect(crypto::der::kOctetString); wrapped && reader.at_end())
    point = Bytes(wrapped->content.begin(), wrapped->content.end());
  if (!point.empty() && point.size() % 2 == 1 && point.front() == 0x04) point.erase(point.begin());
  return point;
}

}  // namespace

Result<std::vector<CK_OBJECT_HANDLE>> find_objects(const Session& session, std::optional<CK_OBJECT_CLASS> type,
                                                   const std::optional<std::string>& label,
                                                   const std::optional<Bytes>& id, std::size_t limit) {
  const CK_BBOOL on_token = CK_TRUE;
  std::vector<CK_ATTRIBUTE> wanted{attribute(CKA_TOKEN, &on_token, sizeof on_token)};
  if (type) wanted.push_back(attribute(CKA_CLASS, &*type, sizeof *type));
  if (label) wanted.push_back(attribute(CKA_LABEL, label->data(), label->size()));
  if (id) wanted.push_back(attribute(CKA_ID, id->data(), id->size()));

  Module& module = session.module();
  const auto handle = session.handle();
  KYSO_TRY(check("C_FindObjectsInit",
                 module.call([&](auto& f) { return f.C_FindObjectsInit(handle, wanted.data(), wanted.size()); })));
  std::vector<CK_OBJECT_HANDLE> found(limit);
  CK_ULONG count = 0;
  CK_ULONG total = 0;
  CK_RV rv = CKR_OK;
  while (total < limit) {  // some tokens give one object at a time
    rv = module.call(
        [&](auto& f) { return f.C_FindObjects(handle, found.data() + total, found.size() - total, &count); });
    if (rv != CKR_OK || count == 0) break;
    total += std::min<CK_ULONG>(count, limit - total);
  }
  module.call([&](auto& f) { return f.C_FindObjectsFinal(handle); });
  KYSO_TRY(check("C_FindObjects", rv));
  found.resize(total);
  return found;
}

Result<Bytes> read_attribute(const Session& session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
  Bytes value;
  CK_ATTRIBUTE wanted{type, nullptr, 0};
  for (int pass = 0; pass < 2; ++pass) {
    const CK_RV rv =
        session.module().call([&](auto& f) { return f.C_GetAttributeValue(session.handle(), object, &wanted, 1); });
    if (rv == CKR_ATTRIBUTE_TYPE_INVALID || rv == CKR_ATTRIBUTE_SENSITIVE) return Bytes{};
    KYSO_TRY(check("C_GetAttributeValue", rv));
    if (wanted.ulValueLen == CK_UNAVAILABLE_INFORMATION || wanted.ulValueLen > kMaxAttribute) return Bytes{};
    if (pass == 1) break;
    value.resize(wanted.ulValueLen);
    if (value.empty()) break;
    wanted.pValue = value.data();
  }
  value.resize(std::min<std::size_t>(value.size(), wanted.ulValueLen));
  return value;
}

Result<std::optional<CK_ULONG>> read_number(const Session& session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
  const auto value = KYSO_TRY(read_attribute(session, object, type));
  CK_ULONG number = 0;
  if (value.size() != sizeof number) return std::optional<CK_ULONG>{};
  std::memcpy(&number, value.data(), sizeof number);
  return std::optional<CK_ULONG>(number);
}

Result<bool> read_bool(const Session& session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, bool otherwise) {
  const auto value = KYSO_TRY(read_attribute(session, object, type));
  return value.size() == sizeof(CK_BBOOL) ? value.front() != CK_FALSE : otherwise;
}

Result<std::vector<TokenCertificate>> read_certificates(const Session& session) {
  std::vector<TokenCertificate> certificates;
  const auto handles = KYSO_TRY(find_objects(session, CKO_CERTIFICATE, std::nullopt, std::nullopt, kMaxObjects));
  for (const auto handle : handles) {
    auto certificate = crypto::Certificate::from_der(KYSO_TRY(read_attribute(session, handle, CKA_VALUE)));
    if (!certificate) continue;
    auto id = KYSO_TRY(read_attribute(session, handle, CKA_ID));
    auto label = std::string(as_chars(KYSO_TRY(read_attribute(session, handle, CKA_LABEL))));
    certificates.push_back({std::move(id), std::move(label), *std::move(certificate)});
  }
  return certificates;
}

Result<TokenKey> read_key(const Session& session, CK_OBJECT_HANDLE handle) {
  TokenKey key;
  key.handle = handle;
  key.id = KYSO_TRY(read_attribute(session, handle, CKA_ID));
  key.label = std::string(as_chars(KYSO_TRY(read_attribute(session, handle, CKA_LABEL))));
  key.type = KYSO_TRY(read_number(session, handle, CKA_KEY_TYPE));
  key.always_authenticate = KYSO_TRY(read_bool(session, handle, CKA_ALWAYS_AUTHENTICATE, false));
  if (key.type == CKK_RSA) {
    key.public_part = KYSO_TRY(read_attribute(session, handle, CKA_MODULUS));
    const auto first = std::ranges::find_if(key.public_part, [](auto byte) { return byte != 0; });
    key.public_part.erase(key.public_part.begin(), first);
  } else {
    key.public_part = KYSO_TRY(ec_point(session, key));
  }
  return key;
}

Result<TokenKey> find_key(const Session& session, const std::optional<std::string>& label,
                          const std::optional<Bytes>& id, const std::string& uri) {
  std::vector<TokenKey> keys;
  for (const auto handle : KYSO_TRY(find_objects(session, CKO_PRIVATE_KEY, label, id, kMaxObjects))) {
    if (KYSO_TRY(read_bool(session, handle, CKA_SIGN, true))) keys.push_back(KYSO_TRY(read_key(session, handle)));
  }
  if (keys.empty()) return fail("token.key.not_found").with("uri", uri);
  if (keys.size() > 1) return fail("token.key.several").with("uri", uri).with("count", keys.size());
  return std::move(keys.front());
}

bool may_be_of(const TokenKey& key, const crypto::Certificate& certificate) {
  const auto type = certificate.public_key().type();
  if (!crypto::is_for_signing(type)) return false;
  if (key.type) {
    const bool rsa = type == crypto::KeyType::rsa;
    const bool edwards = type == crypto::KeyType::ed25519;
    if ((*key.type == CKK_RSA) != rsa || (*key.type == CKK_EC_EDWARDS) != edwards) return false;
  }
  if (key.public_part.empty()) return true;
  const ByteView spki = certificate.public_key().spki();
  return !std::ranges::search(spki, key.public_part).empty();
}

std::optional<crypto::Certificate> certificate_of(const TokenKey& key, std::span<const TokenCertificate> certificates) {
  const auto best = [&](auto&& is_candidate) {
    std::optional<crypto::Certificate> chosen;
    for (const auto& candidate : certificates) {
      if (!is_candidate(candidate) || !may_be_of(key, candidate.certificate)) continue;
      if (!chosen || candidate.certificate.not_after() > chosen->not_after()) chosen = candidate.certificate;
    }
    return chosen;
  };
  if (!key.id.empty()) {
    if (auto found = best([&](const auto& c) { return c.id == key.id; })) return found;
  }
  if (!key.label.empty()) {
    if (auto found = best([&](const auto& c) { return c.label == key.label; })) return found;
  }
  if (key.public_part.empty()) return std::nullopt;
  return best([](const auto&) { return true; });
}

}  // namespace kyso::token

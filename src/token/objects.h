#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "crypto/certificate.h"
#include "token/session_pool.h"

namespace kyso::token {

// At most `limit` token objects of that class, label and id; each may be left open.
Result<std::vector<CK_OBJECT_HANDLE>> find_objects(const Session& session, std::optional<CK_OBJECT_CLASS> type,
                                                   const std::optional<std::string>& label,
                                                   const std::optional<Bytes>& id, std::size_t limit);

// Empty when the object has no such attribute or does not show it.
Result<Bytes> read_attribute(const Session& session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);
Result<std::optional<CK_ULONG>> read_number(const Session& session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);
Result<bool> read_bool(const Session& session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, bool otherwise);

struct TokenCertificate {
  Bytes id;
  std::string label;
  crypto::Certificate certificate;
};
// Every X.509 certificate that the session shows; what cannot be parsed is passed over.
Result<std::vector<TokenCertificate>> read_certificates(const Session& session);

// A private key object, and what says which certificate is its own.
struct TokenKey {
  CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
  Bytes id;
  std::string label;
  std::optional<CK_ULONG> type;  // CKK_…
  Bytes public_part;             // RSA: modulus; EC: the point's coordinates; empty when the token does not tell
  bool always_authenticate = false;
};

Result<TokenKey> read_key(const Session& session, CK_OBJECT_HANDLE handle);
// The one signing key of that label and id. token.key.not_found {uri}, token.key.several {uri} {count}.
Result<TokenKey> find_key(const Session& session, const std::optional<std::string>& label,
                          const std::optional<Bytes>& id, const std::string& uri);

// Whether nothing that the token shows of the key speaks against this certificate being its own.
bool may_be_of(const TokenKey& key, const crypto::Certificate& certificate);

// The certificate of a key: by CKA_ID, else by label, else by the public key alone. Never one of another public key,
// where the token shows the key's public part. Of several (renewals) the one that ends last.
std::optional<crypto::Certificate> certificate_of(const TokenKey& key, std::span<const TokenCertificate> certificates);

}  // namespace kyso::token

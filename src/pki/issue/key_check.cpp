#include "pki/issue/key_check.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/der.h"
#include "pki/key_weakness.h"

namespace kyso::pki::issue {
namespace {

using crypto::KeyType;

constexpr std::size_t kMaxBlockedKeys = 10'000'000;

Error weak(std::string_view reason) {
  return fail("issue.key.weak", "{}", reason).with("reason", reason);
}
Error wrong_kind(const crypto::PublicKey& key) {
  return fail("issue.key.kind", "{}", key.algorithm()).with("kind", key.algorithm());
}

bool is_pss_only(const crypto::PublicKey& key) {
  static const Bytes oid = crypto::der::encode_oid("1.2.840.113549.1.1.10");
  return key.type() == KeyType::rsa && !std::ranges::search(key.spki().first(32), oid).empty();
}

}  // namespace

Result<> check_usable(const crypto::PublicKey& key) {
  // How crypto::PublicKey names numbers that it refuses.
  if (key.algorithm() == "RSA exponent") return weak("exponent");
  if (key.algorithm() == "RSA modulus") return weak("small-factor");
  if (key.algorithm() == "elliptic curve point") return weak("encoding");
  if (key.type() == KeyType::other || key.type() == KeyType::dsa || key.type() == KeyType::ec_p521)
    return wrong_kind(key);
  if (is_pss_only(key)) return fail("issue.key.kind").with("kind", "RSASSA-PSS");
  return {};
}

Result<> check_key(const crypto::PublicKey& key, const BlockedKeys* blocked) {
  KYSO_TRY(check_usable(key));
  if (const auto reason = weakness_of(key)) return weak(*reason);
  if (blocked != nullptr && blocked->contains(key)) return fail("issue.key.blocked");
  return {};
}

Result<BlockedKeys> BlockedKeys::load(std::string_view text) {
  BlockedKeys out;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view entry = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    entry = trim(entry.substr(0, entry.find('#')));
    if (entry.empty()) continue;
    Result<Bytes> hash = from_hex(entry);
    if (!hash || hash->size() != crypto::digest_size(crypto::DigestAlgorithm::sha256) ||
        out.m_sha256.size() == kMaxBlockedKeys)
      return fail("issue.key.list", "line {}", line).with("line", line);
    out.m_sha256.push_back(*std::move(hash));
  }
  std::ranges::sort(out.m_sha256);
  return out;
}

bool BlockedKeys::contains(const crypto::PublicKey& key) const {
  if (m_sha256.empty()) return false;
  return std::ranges::binary_search(m_sha256, crypto::digest(crypto::DigestAlgorithm::sha256, key.spki()));
}

}  // namespace kyso::pki::issue

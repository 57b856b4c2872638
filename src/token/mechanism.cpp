#include "token/mechanism.h"

#include <algorithm>

#include "crypto/der.h"
#include "token/return_value.h"

namespace kyso::token {
namespace {

using crypto::DigestAlgorithm;
using crypto::KeyType;
using crypto::Padding;

struct DigestMechanisms {
  DigestAlgorithm digest;
  CK_MECHANISM_TYPE hash, rsa, pss, ecdsa;
  CK_ULONG mgf;
  std::string_view oid;
};

constexpr DigestMechanisms kDigests[] = {
    {DigestAlgorithm::sha256, CKM_SHA256, CKM_SHA256_RSA_PKCS, CKM_SHA256_RSA_PKCS_PSS, CKM_ECDSA_SHA256,
     CKG_MGF1_SHA256, "2.16.840.1.101.3.4.2.1"},
    {DigestAlgorithm::sha384, CKM_SHA384, CKM_SHA384_RSA_PKCS, CKM_SHA384_RSA_PKCS_PSS, CKM_ECDSA_SHA384,
     CKG_MGF1_SHA384, "2.16.840.1.101.3.4.2.2"},
    {DigestAlgorithm::sha512, CKM_SHA512, CKM_SHA512_RSA_PKCS, CKM_SHA512_RSA_PKCS_PSS, CKM_ECDSA_SHA512,
     CKG_MGF1_SHA512, "2.16.840.1.101.3.4.2.3"},
};

const DigestMechanisms* row_of(DigestAlgorithm digest) {
  const auto* row = std::ranges::find(kDigests, digest, &DigestMechanisms::digest);
  return row != std::end(kDigests) ? row : nullptr;
}

std::size_t coordinate_size(KeyType type) {
  switch (type) {
    case KeyType::ec_p256:
      return 32;
    case KeyType::ec_p384:
      return 48;
    case KeyType::rsa:
    case KeyType::ed25519:
    case KeyType::ec_p521:
    case KeyType::dsa:
    case KeyType::other:
      break;
  }
  return 0;
}

bool is_ecdsa_value(ByteView bytes, std::size_t coordinate) {
  crypto::der::Reader outer(bytes);
  const auto sequence = outer.expect(crypto::der::kSequence);
  if (!sequence || !outer.at_end()) return false;
  crypto::der::Reader inner(sequence->content);
  for (int i = 0; i < 2; ++i) {
    const auto integer = inner.expect(crypto::der::kInteger);
    if (!integer || integer->content.empty() || integer->content.size() > coordinate + 1) return false;
  }
  return inner.at_end();
}

}  // namespace

std::vector<Mechanism> mechanisms_for(crypto::SignatureScheme scheme) {
  const auto* row = row_of(scheme.digest);
  if (row == nullptr) return {};
  switch (scheme.key) {
    case KeyType::rsa:
      if (scheme.padding == Padding::pkcs1_v15)
        return {{CKM_RSA_PKCS, SignInput::digest_info}, {row->rsa, SignInput::message}};
      if (scheme.padding == Padding::pss)
        return {{CKM_RSA_PKCS_PSS, SignInput::digest}, {row->pss, SignInput::message}};
      return {};
    case KeyType::ec_p256:
    case KeyType::ec_p384:
      if (scheme.padding != Padding::none) return {};
      return {{CKM_ECDSA, SignInput::digest}, {row->ecdsa, SignInput::message}};
    case KeyType::ed25519:
      if (scheme.padding != Padding::none) return {};
      return {{CKM_EDDSA, SignInput::message}};
    case KeyType::ec_p521:
    case KeyType::dsa:
    case KeyType::other:
      break;
  }
  return {};
}

std::optional<Mechanism> choose_mechanism(Module& module, CK_SLOT_ID slot, crypto::SignatureScheme scheme) {
  for (const auto& mechanism : mechanisms_for(scheme)) {
    CK_MECHANISM_INFO info{};
    const CK_RV rv = module.call([&](auto& f) { return f.C_GetMechanismInfo(slot, mechanism.type, &info); });
    if (rv == CKR_OK && (info.flags & CKF_SIGN) != 0) return mechanism;
  }
  return std::nullopt;
}

MechanismCall::MechanismCall(Mechanism mechanism, crypto::SignatureScheme scheme) {
  m_mechanism.mechanism = mechanism.type;
  if (scheme.padding != Padding::pss) return;
  const auto* row = row_of(scheme.digest);
  m_pss = {row->hash, row->mgf, crypto::digest_size(scheme.digest)};
  m_mechanism.pParameter = &m_pss;
  m_mechanism.ulParameterLen = sizeof m_pss;
}

Bytes digest_info(DigestAlgorithm algorithm, ByteView digest) {
  namespace der = crypto::der;
  const auto* row = row_of(algorithm);
  const auto identifier = der::sequence(der::encode_oid(row->oid), der::encode(der::kNull, {}));
  return der::sequence(identifier, der::encode(der::kOctetString, digest));
}

Result<Bytes> sign_input(Mechanism mechanism, const crypto::SignRequest& request) {
  const auto& scheme = request.scheme;
  if (mechanism.input != SignInput::message && request.digest.size() != crypto::digest_size(scheme.digest))
    return fail("base.internal", "a digest of {} bytes", request.digest.size());
  switch (mechanism.input) {
    case SignInput::digest_info:
      return digest_info(scheme.digest, request.digest);
    case SignInput::message:
      if (request.message.empty())
        return fail("token.scheme.unsupported", "the token wants the message itself")
            .with("scheme", crypto::name_of(scheme));
      return Bytes(request.message.begin(), request.message.end());
    case SignInput::digest:
      break;
  }
  auto input = request.digest;
  // FIPS 186-4 section 6.4: only the leftmost bits count; some tokens refuse a digest longer than the curve's order.
  if (const auto coordinate = coordinate_size(scheme.key); coordinate != 0 && input.size() > coordinate)
    input = input.first(coordinate);
  return Bytes(input.begin(), input.end());
}

Result<Bytes> ecdsa_value(ByteView raw, std::size_t coordinate) {
  namespace der = crypto::der;
  if (raw.size() != 2 * coordinate && is_ecdsa_value(raw, coordinate)) return Bytes(raw.begin(), raw.end());
  if (raw.empty() || raw.size() % 2 != 0 || raw.size() > 2 * coordinate)
    return fail("token.signature.malformed", "ECDSA value of {} bytes", raw.size());
  const auto half = raw.size() / 2;
  return der::sequence(der::encode_unsigned(raw.first(half)), der::encode_unsigned(raw.subspan(half)));
}

Result<Bytes> signature_value(const crypto::PublicKey& key, Bytes raw) {
  switch (key.type()) {
    case KeyType::ec_p256:
    case KeyType::ec_p384:
      return ecdsa_value(raw, coordinate_size(key.type()));
    case KeyType::rsa:
      if (raw.size() != key.max_signature_size())
        return fail("token.signature.malformed", "RSA value of {} bytes", raw.size());
      return raw;
    case KeyType::ed25519:
      if (raw.size() != 64) return fail("token.signature.malformed", "Ed25519 value of {} bytes", raw.size());
      return raw;
    case KeyType::ec_p521:
    case KeyType::dsa:
    case KeyType::other:
      break;
  }
  return fail("base.internal", "key type");
}

}  // namespace kyso::token

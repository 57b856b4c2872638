#pragma once
#include <p11-kit/pkcs11.h>

#include <optional>
#include <vector>

#include "crypto/key_holder.h"
#include "token/module.h"

namespace kyso::token {

// What goes into C_Sign.
enum class SignInput { digest_info, digest, message };

// One way to make a signature of a scheme with PKCS#11.
struct Mechanism {
  CK_MECHANISM_TYPE type = 0;
  SignInput input = SignInput::digest;
};

// The ways for a scheme, best first. The digest is made by us wherever it can be: every token knows CKM_RSA_PKCS, and
// the message stays here. Empty for SHA-1 and for impossible combinations.
std::vector<Mechanism> mechanisms_for(crypto::SignatureScheme scheme);

// The first of them that the token in the slot offers for signing.
std::optional<Mechanism> choose_mechanism(Module& module, CK_SLOT_ID slot, crypto::SignatureScheme scheme);

// CK_MECHANISM with the parameters that it points to.
class MechanismCall {
 public:
  MechanismCall(Mechanism mechanism, crypto::SignatureScheme scheme);
  MechanismCall(const MechanismCall&) = delete;
  MechanismCall& operator=(const MechanismCall&) = delete;
  CK_MECHANISM* get() { return &m_mechanism; }

 private:
  CK_RSA_PKCS_PSS_PARAMS m_pss{};
  CK_MECHANISM m_mechanism{};
};

// The bytes for C_Sign. base.internal when the request's digest has not the length of its algorithm.
Result<Bytes> sign_input(Mechanism mechanism, const crypto::SignRequest& request);

// RFC 8017 section 9.2: DigestInfo in DER.
Bytes digest_info(crypto::DigestAlgorithm algorithm, ByteView digest);

// The value as X.509 carries it: from raw r || s (or an Ecdsa-Sig-Value, as some tokens answer) of a curve with
// `coordinate` bytes. token.signature.malformed.
Result<Bytes> ecdsa_value(ByteView raw, std::size_t coordinate);
Result<Bytes> signature_value(const crypto::PublicKey& key, Bytes raw);

}  // namespace kyso::token

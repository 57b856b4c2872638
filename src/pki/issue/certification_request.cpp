#include <algorithm>

#include "crypto/algorithm_identifier.h"
#include "crypto/der.h"
#include "crypto/name.h"
#include "crypto/pem.h"
#include "pki/extension_ids.h"
#include "pki/issue/key_check.h"
#include "pki/issue/subject.h"
#include "pki/revocation_reader.h"

namespace kyso::pki::issue {
namespace {

namespace der = crypto::der;

constexpr std::size_t kMaxSize = 64U << 10U;
constexpr std::string_view kExtensionRequest = "1.2.840.113549.1.9.14";  // RFC 2985 section 5.4.2
constexpr std::size_t kMaxAttributes = 64;

Error malformed(std::string_view reason) {
  return fail("issue.csr.malformed", "{}", reason).with("reason", reason);
}

// What a reader of DER complains of is a fault of this request.
template <typename T>
Result<T> as_malformed(Result<T> result) {
  if (result || result.error().code == "crypto.algorithm.unsupported" ||
      !std::string_view(result.error().code).starts_with("crypto."))
    return result;
  return malformed(result.error().detail);
}

Result<Bytes> take_der(ByteView der_or_pem) {
  if (der_or_pem.size() > kMaxSize) return malformed("larger than 64 KiB");
  if (!der_or_pem.empty() && der_or_pem[0] == der::kSequence) return Bytes(der_or_pem.begin(), der_or_pem.end());
  std::vector<crypto::PemBlock> blocks = crypto::read_pem(as_chars(der_or_pem));
  std::erase_if(blocks, [](const crypto::PemBlock& block) {
    return block.label != "CERTIFICATE REQUEST" && block.label != "NEW CERTIFICATE REQUEST";
  });
  if (blocks.empty()) return malformed("neither DER nor PEM of a CERTIFICATE REQUEST");
  if (blocks.size() > 1) return malformed("more than one request");
  return std::move(blocks.front().content);
}

// Extensions: of all that could stand there only the names are taken over.
Result<std::vector<GeneralName>> read_requested_names(ByteView extensions) {
  der::Reader outer(extensions);
  const ByteView content = KYSO_TRY(outer.expect(der::kSequence)).content;
  KYSO_TRY(outer.finish());
  std::vector<GeneralName> names;
  for (const ExtensionView& extension : KYSO_TRY(read_extension_views(content))) {
    if (extension.oid != kSubjectAlternativeName) continue;
    der::Reader value(extension.value);
    names = KYSO_TRY(read_general_name_list(KYSO_TRY(value.expect(der::kSequence)).content));
    KYSO_TRY(value.finish());
  }
  return names;
}

// Attributes, [0] IMPLICIT SET OF (RFC 2986 section 4.1).
Result<std::vector<GeneralName>> read_attributes(ByteView content) {
  der::Reader attributes(content);
  std::vector<GeneralName> names;
  bool has_extension_request = false;
  for (std::size_t count = 0; !attributes.at_end(); ++count) {
    if (count == kMaxAttributes) return malformed("too many attributes");
    der::Reader attribute(KYSO_TRY(attributes.expect(der::kSequence)).content);
    const std::string oid = KYSO_TRY(der::read_oid(KYSO_TRY(attribute.expect(der::kOid)).content));
    der::Reader values(KYSO_TRY(attribute.expect(der::kSet)).content);
    KYSO_TRY(attribute.finish());
    if (values.at_end()) return malformed("attribute without value");
    const ByteView first = KYSO_TRY(values.next()).whole;
    if (oid != kExtensionRequest) {
      while (!values.at_end()) KYSO_TRY(values.next());
      continue;
    }
    KYSO_TRY(values.finish());
    if (std::exchange(has_extension_request, true)) return malformed("extensionRequest stands twice");
    names = KYSO_TRY(read_requested_names(first));
  }
  return names;
}

struct Parts {
  SignedBlock block;
  ByteView subject, spki;
  std::vector<GeneralName> names;
};
Result<Parts> read_parts(ByteView request) {
  der::Reader outer(request);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(outer.finish());
  Parts out;
  out.block = KYSO_TRY(read_signed_block(fields));
  KYSO_TRY(fields.finish());
  der::Reader whole(out.block.tbs);
  der::Reader info(KYSO_TRY(whole.expect(der::kSequence)).content);
  if (KYSO_TRY(der::read_integer(KYSO_TRY(info.expect(der::kInteger)).content)) != 0) return malformed("version");
  out.subject = KYSO_TRY(info.expect(der::kSequence)).whole;
  KYSO_TRY(read_subject(out.subject));
  out.spki = KYSO_TRY(info.expect(der::kSequence)).whole;
  // Without attributes the [0] is mandatory and empty, but some tokens leave it out: nothing else can be meant.
  if (!info.at_end()) out.names = KYSO_TRY(read_attributes(KYSO_TRY(info.expect(der::context(0))).content));
  KYSO_TRY(info.finish());
  return out;
}

bool is_sound(crypto::DigestAlgorithm digest) {
  return digest != crypto::DigestAlgorithm::sha1 && digest != crypto::DigestAlgorithm::sha224;
}

// RFC 2986 section 4.2: only who has the private key can have signed. A key that is none can't have signed either, and
// then that is the news.
Result<> check_possession(const SignedBlock& block, const crypto::PublicKey& key) {
  KYSO_TRY(check_usable(key));
  const auto scheme = KYSO_TRY(crypto::read_signature_algorithm(block.algorithm, key.type(), std::nullopt));
  if (!is_sound(scheme.digest))
    return fail("crypto.algorithm.unsupported").with("algorithm", crypto::name_of(scheme.digest));
  if (key.verify(scheme, crypto::digest(scheme.digest, block.tbs), block.tbs, block.signature)) return {};
  KYSO_TRY(check_key(key));
  return fail("issue.csr.signature");
}

}  // namespace

Result<CertificationRequest> CertificationRequest::from_bytes(ByteView der_or_pem) {
  Bytes request = KYSO_TRY(take_der(der_or_pem));
  Parts parts = KYSO_TRY(as_malformed(read_parts(request)));
  CertificationRequest out(KYSO_TRY(as_malformed(crypto::PublicKey::from_spki(parts.spki))));
  KYSO_TRY(check_possession(parts.block, out.m_key));
  out.m_subject.assign(parts.subject.begin(), parts.subject.end());
  out.m_alternative_names = std::move(parts.names);
  out.m_der = std::move(request);
  return out;
}

Result<Bytes> make_certification_request(const crypto::PublicKey& key, crypto::SignatureScheme scheme,
                                         crypto::KeyHolder& holder) {
  const Bytes info =
      der::sequence(der::encode_integer(0), der::sequence(), key.spki(), der::encode(der::context(0), {}));
  const Bytes digest = crypto::digest(scheme.digest, info);
  const Bytes signature =
      KYSO_TRY(holder.sign({.scheme = scheme, .digest = digest, .message = info, .shown_text = {}}));
  return der::sequence(info, crypto::encode_x509_signature_algorithm(scheme),
                       der::encode(der::kBitString, der::concat(Bytes{0}, signature)));
}

std::vector<SubjectAttribute> CertificationRequest::subject() const {
  return read_subject(m_subject).value_or(std::vector<SubjectAttribute>());
}

}  // namespace kyso::pki::issue

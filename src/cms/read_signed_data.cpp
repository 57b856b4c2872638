#include <algorithm>

#include "cms/object_ids.h"
#include "cms/signed_data.h"
#include "crypto/der.h"
#include "crypto/signed_data_reader.h"

namespace kyso::cms {
namespace {

namespace der = crypto::der;

// The reader's own codes become this module's; an unknown algorithm stays what it is.
Error translate(const Error& error) {
  if (error.code == "crypto.algorithm.unsupported") return error;
  return fail("cms.malformed", "{}", error.detail);
}

Result<ByteView> require_value(const crypto::ParsedSignedData& data, std::string_view oid, std::uint8_t tag) {
  const auto value = crypto::find_single_value(data.signed_attributes, oid);
  if (!value) return translate(value.error());
  if (!*value) return fail("cms.malformed", "attribute {} missing", oid);
  der::Reader reader(**value);
  const auto element = reader.expect(tag);
  if (!element) return translate(element.error());
  return element->content;
}

// RFC 5652 section 11: contentType and messageDigest must stand among the signed attributes, once, with one value.
Result<> read_attributes(const crypto::ParsedSignedData& data, SignedDataView& view) {
  const auto type = der::read_oid(KYSO_TRY(require_value(data, kContentType, der::kOid)));
  if (!type || *type != data.content_type) return fail("cms.malformed", "contentType differs from eContentType");
  const ByteView message_digest = KYSO_TRY(require_value(data, kMessageDigest, der::kOctetString));
  view.message_digest.assign(message_digest.begin(), message_digest.end());
  const auto time = crypto::find_single_value(data.signed_attributes, kSigningTime);
  if (!time) return translate(time.error());
  if (*time) {
    der::Reader reader(**time);
    const auto instant = der::read_time(KYSO_TRY(reader.next()));
    if (!instant) return translate(instant.error());
    view.signing_time = *instant;
  }
  if (!view.signer) return {};
  const auto binding = crypto::check_ess(data.signed_attributes, *view.signer);
  if (!binding) return translate(binding.error());
  view.ess = *binding;
  return {};
}

}  // namespace

Result<SignedDataView> parse_signed_data(ByteView der) {
  auto data = crypto::read_signed_data(der);
  if (!data) return translate(data.error());
  SignedDataView view;
  view.scheme = data->scheme;
  view.digest_algorithm = data->digest_algorithm;
  view.is_detached = !data->content;
  view.certificates = std::move(data->certificates);
  view.signer = data->signer;
  view.encoded_size = data->encoded_size;
  view.signed_attributes = data->signed_attributes_der;
  view.signature = data->signature;
  if (!view.signed_attributes.empty()) KYSO_TRY(read_attributes(*data, view));
  const auto token = crypto::find_single_value(data->unsigned_attributes, kSignatureTimeStampToken);
  if (!token) return translate(token.error());
  if (*token) view.time_stamp = Bytes((*token)->begin(), (*token)->end());
  return view;
}

Result<> check_integrity(const SignedDataView& view, ByteView content_digest) {
  if (!view.signer) return fail("cms.signer.missing");
  if (content_digest.size() != crypto::digest_size(view.digest_algorithm)) return fail("cms.digest.mismatch");
  const crypto::PublicKey& key = view.signer->public_key();
  if (view.signed_attributes.empty()) {
    if (view.scheme.key == crypto::KeyType::ed25519)  // signs the content itself, which isn't here
      return fail("crypto.algorithm.unsupported", "Ed25519 without signed attributes").with("algorithm", "Ed25519");
    if (!key.verify(view.scheme, content_digest, {}, view.signature)) return fail("cms.signature.mismatch");
    return {};
  }
  if (!std::ranges::equal(view.message_digest, content_digest)) return fail("cms.digest.mismatch");
  const Bytes digest = crypto::digest(view.scheme.digest, view.signed_attributes);
  if (!key.verify(view.scheme, digest, view.signed_attributes, view.signature)) return fail("cms.signature.mismatch");
  if (view.ess == crypto::EssBinding::differs) return fail("cms.certificate.mismatch");
  return {};
}

}  // namespace kyso::cms

#include <algorithm>

#include "cms/object_ids.h"
#include "cms/signed_data.h"
#include "crypto/der.h"
#include "crypto/signed_data_reader.h"

namespace kyso::cms {
namespace {

namespace der = crypto::der;

constexpr std::size_t kMostTimeStamps = 64;  // each costs a path; nobody has more than a few

// The reader's own codes become this module's; an unknown algorithm stays what it is.
Error translate(const Error& error) {
  if (error.code == "crypto.algorithm.unsupported") return error;
  return fail("cms.malformed", "{}", error.detail);
}

// Nobody signed these: what can't be read is as if absent.
bool read_time_stamps(const crypto::ParsedSignedData& data, SignedDataView& view) {
  bool well_formed = true;
  for (const crypto::CmsAttribute& attribute : data.unsigned_attributes) {
    if (attribute.oid != kSignatureTimeStampToken) continue;
    der::Reader reader(attribute.values);
    while (!reader.at_end()) {
      const auto value = reader.next();
      if (!value || view.time_stamps.size() >= kMostTimeStamps) {
        well_formed = false;
        break;
      }
      view.time_stamps.emplace_back(value->whole.begin(), value->whole.end());
    }
  }
  if (!view.time_stamps.empty()) view.time_stamp = view.time_stamps.front();
  return well_formed;
}

SignedDataView take_view(crypto::ParsedSignedData& data) {
  SignedDataView view;
  view.scheme = data.scheme;
  view.digest_algorithm = data.digest_algorithm;
  view.is_detached = !data.content;
  view.certificates = std::move(data.certificates);
  view.signer = data.signer;
  view.encoded_size = data.encoded_size;
  view.signed_attributes = data.signed_attributes_der;
  view.signature = data.signature;
  return view;
}

bool has_attribute(const crypto::ParsedSignedData& data, std::string_view oid) {
  return std::ranges::any_of(data.signed_attributes, [&](const auto& each) { return each.oid == oid; });
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
  SignedDataView view = take_view(*data);
  if (!view.signed_attributes.empty()) KYSO_TRY(read_attributes(*data, view));
  const auto token = crypto::find_single_value(data->unsigned_attributes, kSignatureTimeStampToken);
  if (!token) return translate(token.error());
  read_time_stamps(*data, view);
  return view;
}

SignedDataExamination examine_signed_data(ByteView der, std::span<const crypto::Certificate> others) {
  SignedDataExamination out;
  auto data = crypto::read_signed_data(der, crypto::SignedDataReading::tell, others);
  if (!data) {
    out.format_problems.push_back(data.error().detail);
    return out;
  }
  SignedDataView& view = out.view.emplace(take_view(*data));
  out.unsupported_algorithm = data->unsupported_algorithm;
  out.digests_differ = data->digests_differ;
  out.pss_contradicts = data->pss_contradicts;
  out.is_ber = data->is_ber;
  out.attributes_are_ordered = data->attributes_are_ordered;
  out.is_by_key_id = !data->signer_key_id.empty();
  out.signer_issuer = data->signer_issuer;
  out.signer_serial = data->signer_serial;
  out.unsigned_malformed = data->unsigned_malformed;
  if (!read_time_stamps(*data, view)) out.unsigned_malformed = true;
  if (view.signed_attributes.empty()) return out;
  std::vector<std::string_view> oids;
  for (const crypto::CmsAttribute& attribute : data->signed_attributes) oids.push_back(attribute.oid);
  std::ranges::sort(oids);
  if (const auto twice = std::ranges::adjacent_find(oids); twice != oids.end())
    out.format_problems.push_back(fmt::format("attribute {} stands twice", *twice));
  else if (const auto read = read_attributes(*data, view); !read && read.error().code == "cms.malformed")
    out.format_problems.push_back(read.error().detail);
  else if (!read)
    out.unsupported_algorithm = "signing-certificate";
  out.ess_uses_sha1 = has_attribute(*data, kSigningCertificate);
  if (out.format_problems.empty() && out.unsupported_algorithm.empty() &&
      view.message_digest.size() != crypto::digest_size(view.digest_algorithm))
    out.digests_differ = true;
  return out;
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

#include "sign/document_time_stamp.h"
#include "sign/prepare.h"
#include "sign/slot.h"

namespace kyso::sign {
namespace {

Result<Bytes> slot_contents(const pdf::Source& source, const pdf::SignatureSlot& slot) {
  std::string hex(2 * slot.capacity, '\0');
  const std::span<std::uint8_t> buffer(reinterpret_cast<std::uint8_t*>(hex.data()), hex.size());
  const std::size_t read = KYSO_TRY(source.read(slot.contents_offset + 1, buffer));
  if (read != hex.size()) return fail("sign.prepared.other_file", "file ends in the slot");
  auto bytes = from_hex(hex);
  if (!bytes) return fail("sign.prepared.other_file", "slot is not hexadecimal");
  return bytes;
}

Result<std::string> digest_of_source(const pdf::Source& source) {
  crypto::Digester digester(crypto::DigestAlgorithm::sha256);
  KYSO_TRY(source.digest_into(digester, {0, source.size()}));
  return to_hex(digester.finish());
}

// The file must be the prepared one, byte for byte, and what is parked in it must be what the state speaks of:
// otherwise a signature could be moved to another document or another person's certificate (facts: hash substitution).
Result<PreparedUpdate> load_parked(const PreparedSignature& state, const pdf::Source& source) {
  if (source.size() != state.slot.file_size) return fail("sign.prepared.other_file", "{} bytes", source.size());
  if (KYSO_TRY(digest_of_source(source)) != state.file_sha256)
    return fail("sign.prepared.other_file", "digest differs");
  Parked parked = KYSO_TRY(decode_parked(KYSO_TRY(slot_contents(source, state.slot))));
  if (to_hex(parked.certificates.front().sha256()) != state.certificate_sha256)
    return fail("sign.prepared.other_file", "certificate differs");
  if (crypto::digest(state.scheme.digest, parked.signed_attributes) != state.attributes_digest)
    return fail("sign.prepared.other_file", "attributes differ");

  PreparedUpdate update;
  update.state = state;
  update.signed_attributes = std::move(parked.signed_attributes);
  update.signer.scheme = state.scheme;
  update.signer.certificate = parked.certificates.front();
  update.signer.issuers.assign(parked.certificates.begin() + 1, parked.certificates.end());
  update.signer.profile = state.profile == Profile::legacy ? cms::Profile::legacy : cms::Profile::pades;
  return update;
}

// The attributes must speak of this document and this certificate: prepare made them so; a file made elsewhere might
// not.
Result<> check_document_digest(const PreparedUpdate& update, const pdf::Source& source) {
  const auto range = update.state.slot.byte_range();
  crypto::Digester digester(update.state.scheme.digest);
  KYSO_TRY(source.digest_into(digester, {range[0], range[1]}));
  KYSO_TRY(source.digest_into(digester, {range[2], range[3]}));
  const Bytes digest = digester.finish();
  const bool same_document = digest == update.state.document_digest;
  const auto expected = cms::message_digest_of(update.signed_attributes);
  if (!same_document || !expected || *expected != digest)
    return fail("sign.prepared.other_file", "document digest differs");
  return {};
}

}  // namespace

Result<Completed> complete(const PreparedUpdate& update, ByteView signature, pki::TimeStampClient* tsa,
                           OutputFile& out) {
  // The value is verified here, before an authority is bothered with it; build_signed_data does it again only when a
  // time-stamp makes a second container necessary.
  auto without_token = cms::build_signed_data(update.signer, update.signed_attributes, signature);
  if (!without_token && without_token.error().code == "cms.signature.mismatch") return fail("sign.signature.mismatch");
  Bytes cms = KYSO_TRY(std::move(without_token));
  Completed completed;
  bool token_fits = true;
  std::size_t token_size = 0;
  if (update.state.profile == Profile::b_t) {
    if (tsa == nullptr) return fail("sign.tsa.missing");
    const pki::TimeStampToken token = KYSO_TRY(tsa->stamp(signature));
    completed.time_stamp = token.time;
    token_size = token.der.size();
    Bytes with_token =
        KYSO_TRY(cms::build_signed_data(update.signer, update.signed_attributes, signature, ByteView(token.der)));
    // A token larger than the space that was reserved: the signature is never made a second time. It stays B-B inside
    // its slot, and a document time-stamp over the whole file proves the same time (EN 319 142-1 section 6.3, B-T).
    token_fits = with_token.size() <= update.state.slot.capacity;
    if (token_fits) cms = std::move(with_token);
  }
  KYSO_TRY(fill_slot(update.state.slot, cms, out));
  completed.cms_size = cms.size();
  if (!token_fits) {
    completed.time_stamp = KYSO_TRY(append_document_time_stamp(*tsa, token_size, update.password, out));
    completed.used_document_time_stamp = true;
  }
  return completed;
}

Result<PreparedSignature> park(const PreparedUpdate& update, OutputFile& out) {
  KYSO_TRY(fill_slot(update.state.slot, encode_parked(update), out));
  PreparedSignature state = update.state;
  state.file_sha256 = KYSO_TRY(digest_of_file(out));
  return state;
}

Result<Completed> complete_parked(const PreparedSignature& state, const std::filesystem::path& prepared,
                                  ByteView signature, pki::TimeStampClient* tsa, Instant now, OutputFile& out,
                                  const Secret* password) {
  if (now > state.expires) return fail("sign.prepared.expired").with("expires", display_vietnam(state.expires));
  const pdf::Source source = KYSO_TRY(pdf::Source::open(prepared));
  PreparedUpdate update = KYSO_TRY(load_parked(state, source));
  update.password = password;
  KYSO_TRY(check_document_digest(update, source));
  KYSO_TRY(out.append_from(source.descriptor(), 0, source.size()));
  return complete(update, signature, tsa, out);
}

}  // namespace kyso::sign

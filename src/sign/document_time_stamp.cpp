#include "sign/document_time_stamp.h"

#include "pdf/update/form_writer.h"
#include "sign/slot.h"

namespace kyso::sign {
namespace {

constexpr int kAttempts = 3;  // a token that outgrows 115 % of its predecessor three times is no token

Result<pdf::Document> reopen(const OutputFile& file, const Secret* password) {
  // The output has no name before commit(): it is reached through its descriptor.
  const pdf::Source source = KYSO_TRY(pdf::Source::open(fmt::format("/proc/self/fd/{}", file.descriptor())));
  return pdf::Document::open(source, {.password = password});
}

Result<pdf::IncrementalWriter::Appendix> time_stamp_update(const pdf::Document& document, std::size_t capacity) {
  pdf::IncrementalWriter writer(document.view());
  pdf::FormWriter form(document, writer);
  const pdf::ObjectId field = KYSO_TRY(form.add_time_stamp_field(document.form().unused_name("DocTimeStamp")));
  const pdf::ObjectId value = writer.reserve();
  KYSO_TRY(form.bind_signature(field, value, {}));
  writer.set_signature(value,
                       {{"Type", pdf::Name{"DocTimeStamp"}},
                        {"Filter", pdf::Name{"Adobe.PPKLite"}},
                        {"SubFilter", pdf::Name{"ETSI.RFC3161"}}},
                       capacity);
  return writer.finish(crypto::random_bytes(16));
}

// The bytes that the time-stamp covers: all of the file so far and the appendix, without the slot.
Result<Bytes> digest_of_covered_bytes(const pdf::Source& before, const pdf::IncrementalWriter::Appendix& appendix) {
  crypto::Digester digester(crypto::DigestAlgorithm::sha256);
  KYSO_TRY(before.digest_into(digester, {0, before.size()}));
  const std::size_t slot_begin = appendix.slot->contents_offset - before.size();
  const ByteView bytes(appendix.bytes);
  digester.update(bytes.first(slot_begin));
  digester.update(bytes.subspan(slot_begin + appendix.slot->contents_length));
  return digester.finish();
}

}  // namespace

Result<Instant> append_document_time_stamp(pki::TimeStampClient& tsa, std::size_t expected_size, const Secret* password,
                                           OutputFile& file) {
  const pdf::Document document = KYSO_TRY(reopen(file, password));
  std::size_t capacity = expected_size + expected_size / 7;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto appendix = KYSO_TRY(time_stamp_update(document, capacity));
    const Bytes digest = KYSO_TRY(digest_of_covered_bytes(document.graph().source(), appendix));
    const pki::TimeStampToken token = KYSO_TRY(tsa.stamp_digest(crypto::DigestAlgorithm::sha256, digest));
    if (token.der.size() > capacity) {
      capacity = token.der.size() + token.der.size() / 7;
      continue;
    }
    KYSO_TRY(file.write(appendix.bytes));
    KYSO_TRY(fill_slot(*appendix.slot, token.der, file));
    return token.time;
  }
  return fail("sign.contents.too_large").with("size", capacity).with("limit", capacity);
}

}  // namespace kyso::sign

#include "sign/slot.h"

#include <algorithm>

#include "crypto/der.h"

namespace kyso::sign {

namespace der = crypto::der;

namespace {
constexpr std::size_t kParkedOverhead = 32;  // version, tags and lengths
constexpr std::size_t kReadSize = 256U << 10U;

Bytes certificates_of(const cms::SignerParameters& signer) {
  Bytes all(signer.certificate.der().begin(), signer.certificate.der().end());
  for (const auto& issuer : signer.issuers) append(all, issuer.der());
  return all;
}

Result<Parked> read_parked(ByteView slot) {
  der::Reader outer(slot);
  const der::Element sequence = KYSO_TRY(outer.expect(der::kSequence));
  der::Reader inner(sequence.content);
  const auto version = KYSO_TRY(inner.expect(der::kInteger));
  if (KYSO_TRY(der::read_integer(version.content)) != 1) return fail("sign.prepared.other_file", "parked version");
  const auto attributes = KYSO_TRY(inner.expect(der::kSet));
  const auto certificates = KYSO_TRY(inner.expect(der::kSequence));
  Parked parked{{attributes.whole.begin(), attributes.whole.end()}, {}};
  der::Reader list(certificates.content);
  while (!list.at_end()) {
    const auto certificate = KYSO_TRY(list.next());
    parked.certificates.push_back(KYSO_TRY(crypto::Certificate::from_der(certificate.whole)));
  }
  if (parked.certificates.empty()) return fail("sign.prepared.other_file", "no certificate in the slot");
  return parked;
}
}  // namespace

std::size_t parked_size(const cms::SignerParameters& signer) {
  const Bytes no_digest(crypto::digest_size(signer.scheme.digest));
  return certificates_of(signer).size() + cms::build_signed_attributes(signer, no_digest).size() + kParkedOverhead;
}

Bytes encode_parked(const PreparedUpdate& update) {
  return der::sequence(der::encode_integer(1), update.signed_attributes,
                       der::encode(der::kSequence, certificates_of(update.signer)));
}

Result<Parked> decode_parked(ByteView slot) {
  auto parked = read_parked(slot);
  if (!parked) return fail("sign.prepared.other_file", "slot: {} {}", parked.error().code, parked.error().detail);
  return parked;
}

Result<> fill_slot(const pdf::SignatureSlot& slot, ByteView content, OutputFile& out) {
  if (content.size() > slot.capacity)
    return fail("sign.contents.too_large").with("size", content.size()).with("limit", slot.capacity);
  std::string hex = to_hex(content);
  hex.resize(2 * slot.capacity, '0');
  return out.write_at(slot.contents_offset + 1, as_bytes(hex));
}

Result<std::string> digest_of_file(const OutputFile& file) {
  crypto::Digester digester(crypto::DigestAlgorithm::sha256);
  for (std::uint64_t offset = 0; offset < file.size(); offset += kReadSize) {
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(kReadSize, file.size() - offset));
    digester.update(KYSO_TRY(file.read_at(offset, length)));
  }
  return to_hex(digester.finish());
}

}  // namespace kyso::sign

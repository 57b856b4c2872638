#include <algorithm>

#include "cms/archive.h"
#include "verify/extend_target.h"

// CAdES (ETSI EN 319 122-1 section 6): attributes and values inside the CMS.
namespace kyso::verify {
namespace {

constexpr auto kAlgorithm = crypto::DigestAlgorithm::sha256;

}  // namespace

// Of what stands in m_signature; PEM is read once and DER from then on.
Result<DocumentFacts> CadesTarget::facts() {
  DocumentFacts facts = KYSO_TRY(extract_cades_facts(m_signature, m_content));
  m_signature = facts.signatures.front().cms;
  return facts;
}

// Section 5.3: signature-time-stamp, over the signature value.
Result<Instant> CadesTarget::add_time_stamp(pki::TimeStampClient& tsa) {
  const cms::SignedDataParts parts = KYSO_TRY(cms::take_apart(m_signature));
  const pki::TimeStampToken token = KYSO_TRY(tsa.stamp_digest(kAlgorithm, crypto::digest(kAlgorithm, parts.signature)));
  cms::SignedDataAdditions more;
  more.signature_time_stamps.push_back(token.der);
  m_signature = KYSO_TRY(cms::add_to_signed_data(m_signature, more));
  return token.time;
}

// Section 5.5.3: archive-time-stamp-v3. The index goes into the token as an unsigned attribute: the authority didn't
// see it, its message imprint did.
Result<Instant> CadesTarget::add_archive_time_stamp(pki::TimeStampClient& tsa) {
  cms::SignedDataAdditions more;
  more.digest_algorithm = kAlgorithm;
  const cms::SignedDataParts parts = KYSO_TRY(cms::take_apart(m_signature));
  crypto::Digester content(kAlgorithm);
  KYSO_TRY(m_content.digest_into(content, {0, m_content.size()}));
  cms::SignedDataAdditions index;
  index.hash_index = cms::build_hash_index(parts, kAlgorithm);
  const Bytes imprint =
      crypto::digest(kAlgorithm, cms::archive_imprint_input(parts, content.finish(), *index.hash_index));
  const pki::TimeStampToken token = KYSO_TRY(tsa.stamp_digest(kAlgorithm, imprint));
  more.archive_time_stamps.push_back(KYSO_TRY(cms::add_to_signed_data(token.der, index)));
  m_signature = KYSO_TRY(cms::add_to_signed_data(m_signature, more));
  return token.time;
}

// Section 5.4: into SignedData.certificates and SignedData.crls.
Result<bool> CadesTarget::add_data(LongTermData data, const DocumentFacts& facts) {
  const auto is_stored = [&](const Bytes& der) {
    return std::ranges::any_of(facts.stored, [&](const StoredItem& item) { return item.der == der; });
  };
  cms::SignedDataAdditions more;
  more.certificates = std::move(data.data.certificates);
  more.crls = std::move(data.data.crls);
  more.ocsp_responses = std::move(data.data.ocsp_responses);
  std::erase_if(more.crls, is_stored);
  std::erase_if(more.ocsp_responses, is_stored);
  Bytes extended = KYSO_TRY(cms::add_to_signed_data(m_signature, more));
  if (extended == m_signature) return false;
  m_signature = std::move(extended);
  return true;
}

}  // namespace kyso::verify

#include <algorithm>

#include "cms/anatomy.h"
#include "cms/archive.h"
#include "cms/object_ids.h"
#include "crypto/algorithm_identifier.h"

namespace kyso::cms {
namespace {

namespace der = crypto::der;

class Addition {
 public:
  Addition(const Anatomy& old, const SignedDataAdditions& more) : m_old(old), m_more(more) {}

  Result<Bytes> run() {
    KYSO_TRY(check_seals());
    const std::vector<Bytes> lists = revocation_infos();
    const Bytes signer = der::encode(der::kSequence, der::concat(m_old.signer_fields, KYSO_TRY(unsigned_attributes())));
    const Bytes data = der::sequence(der::encode_integer(version(lists)), digest_algorithms(), m_old.encapsulated,
                                     set(der::context(0), merged(m_old.certificates, m_more.certificates)),
                                     set(der::context(1), lists), der::encode(der::kSet, signer));
    return der::sequence(der::encode_oid(kSignedData), der::encode(der::context(0), data));
  }

 private:
  // What an addition would break: older archive time-stamps are over the sets as they stand, and an index is over the
  // octets of each part, which are rewritten when they are BER.
  Result<> check_seals() const {
    for (const ByteView each : m_old.unsigned_attributes) {
      const auto attribute = read_attribute(each);
      if (!attribute) return fail("cms.malformed", "unsigned attribute: {}", attribute.error().detail);
      const std::string& oid = attribute->oid;
      if (oid == kArchiveTimeStamp || oid == kArchiveTimeStampV2 || oid == kLongTermValidation)
        return fail("cms.extend.sealed").with("reason", oid);
      if (oid == kArchiveTimeStampV3 && !m_old.is_der()) return fail("cms.extend.sealed").with("reason", "BER");
    }
    const auto is_rewritten = [&](ByteView part) { return m_old.is_rewritten(part); };
    if (std::ranges::any_of(m_old.certificates, is_rewritten) ||
        std::ranges::any_of(m_old.revocation_infos, is_rewritten) || is_rewritten(m_old.signer_fields))
      return fail("cms.extend.sealed").with("reason", "BER");
    return {};
  }

  // Those that stand there, in their order, then the new ones.
  static std::vector<Bytes> merged(const std::vector<ByteView>& old, std::vector<Bytes> more) {
    std::vector<Bytes> out;
    for (const ByteView each : old) out.emplace_back(each.begin(), each.end());
    std::vector<Bytes> known = out;
    std::ranges::sort(known);
    std::ranges::sort(more);
    more.erase(std::ranges::unique(more).begin(), more.end());
    for (Bytes& each : more)
      if (!std::ranges::binary_search(known, each)) out.push_back(std::move(each));
    return out;
  }

  static Bytes set(std::uint8_t tag, const std::vector<Bytes>& elements) {
    if (elements.empty()) return {};
    Bytes content;
    for (const Bytes& each : elements) append(content, ByteView(each));
    return der::encode(tag, content);
  }

  // EN 319 122-1 section 5.4.2: lists as they are, responses as OtherRevocationInfoFormat (RFC 5940 section 2.1).
  std::vector<Bytes> revocation_infos() const {
    std::vector<Bytes> more = m_more.crls;
    for (const Bytes& response : m_more.ocsp_responses)
      more.push_back(der::encode(der::context(1), der::concat(der::encode_oid(kOcspResponse), response)));
    return merged(m_old.revocation_infos, std::move(more));
  }

  // RFC 5652 section 5.1: 5 where other revocation information stands.
  std::int64_t version(const std::vector<Bytes>& lists) const {
    const bool has_other = std::ranges::any_of(lists, [](const Bytes& each) { return each[0] == der::context(1); });
    return has_other ? std::max<std::int64_t>(5, m_old.version) : m_old.version;
  }

  // EN 319 122-1 section 5.5.3: the algorithm of the archive time-stamp should be named here.
  Bytes digest_algorithms() const {
    Bytes content(m_old.digest_algorithms.begin(), m_old.digest_algorithms.end());
    der::Reader reader(m_old.digest_algorithms);
    bool is_known = !m_more.digest_algorithm;
    while (!is_known && !reader.at_end()) {
      const auto element = reader.next();
      if (!element) break;
      const auto algorithm = crypto::read_digest_algorithm(element->whole);
      is_known = algorithm && *algorithm == *m_more.digest_algorithm;
    }
    if (!is_known) append(content, ByteView(crypto::encode_digest_algorithm(*m_more.digest_algorithm)));
    return der::encode(der::kSet, content);
  }

  static Result<Bytes> attribute(std::string_view oid, const Bytes& value) {
    der::Reader reader(value);
    if (!reader.expect(der::kSequence) || !reader.at_end()) return fail("cms.malformed", "value of {}", oid);
    return der::sequence(der::encode_oid(oid), der::encode(der::kSet, value));
  }

  Result<Bytes> unsigned_attributes() const {
    std::vector<Bytes> all;
    for (const ByteView each : m_old.unsigned_attributes) all.emplace_back(each.begin(), each.end());
    for (const Bytes& token : m_more.signature_time_stamps)
      all.push_back(KYSO_TRY(attribute(kSignatureTimeStampToken, token)));
    for (const Bytes& token : m_more.archive_time_stamps)
      all.push_back(KYSO_TRY(attribute(kArchiveTimeStampV3, token)));
    if (m_more.hash_index) all.push_back(KYSO_TRY(attribute(kHashIndexV3, *m_more.hash_index)));
    if (all.empty()) return Bytes();
    return der::encode_set_of(std::move(all), der::context(1));
  }

  const Anatomy& m_old;
  const SignedDataAdditions& m_more;
};

}  // namespace

Result<Bytes> add_to_signed_data(ByteView signed_data, const SignedDataAdditions& additions) {
  const Anatomy anatomy = KYSO_TRY(dissect(signed_data));
  return Addition(anatomy, additions).run();
}

}  // namespace kyso::cms

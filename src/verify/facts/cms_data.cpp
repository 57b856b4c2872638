#include "verify/facts/cms_data.h"

#include <algorithm>
#include <tuple>

#include "crypto/algorithm_identifier.h"
#include "crypto/ber.h"
#include "crypto/der.h"
#include "crypto/signed_data_reader.h"

namespace kyso::verify {

namespace {

namespace der = crypto::der;

constexpr std::string_view kSignedData = "1.2.840.113549.1.7.2";
constexpr std::string_view kRevocationArchival = "1.2.840.113583.1.1.8";       // adbe-revocationInfoArchival
constexpr std::string_view kCertificateValues = "1.2.840.113549.1.9.16.2.23";  // id-aa-ets-certValues
constexpr std::string_view kRevocationValues = "1.2.840.113549.1.9.16.2.24";   // id-aa-ets-revocationValues
constexpr std::string_view kTimeStampToken = "1.2.840.113549.1.9.16.2.14";
constexpr std::string_view kArchiveTimeStamp = "0.4.0.1733.2.4";  // id-aa-ets-archiveTimestampV3
constexpr std::string_view kBasicOcspResponse = "1.3.6.1.5.5.7.48.1.1";
constexpr std::string_view kOcspResponse = "1.3.6.1.5.5.7.16.2";  // id-ri-ocsp-response (RFC 5940)

// RFC 3161 section 2.4.2: TSTInfo.messageImprint.hashAlgorithm.
Result<crypto::DigestAlgorithm> imprint_algorithm(ByteView tst_info) {
  der::Reader outer(tst_info);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(fields.expect(der::kInteger));
  KYSO_TRY(fields.expect(der::kOid));
  der::Reader imprint(KYSO_TRY(fields.expect(der::kSequence)).content);
  return crypto::read_digest_algorithm(KYSO_TRY(imprint.expect(der::kSequence)).whole);
}

// How many octets belong to the ContentInfo; the rest of the slot is padding.
std::size_t encoded_size_of(ByteView bytes) {
  const auto normal = crypto::normalise_ber(bytes);
  if (normal) return normal->consumed;
  std::size_t size = bytes.size();
  while (size > 0 && bytes[size - 1] == 0) --size;
  return size;
}

class Collector {
 public:
  Collector(StoredData& data, std::size_t signature, std::uint64_t offset)
      : m_data(data), m_signature(signature), m_offset(offset) {}

  // CAdES: the archive time-stamp that covers what is added from now on.
  void set_revision(std::optional<std::size_t> revision) { m_revision = revision; }

  // The lists stand elsewhere (their coverage may differ).
  void collect_signed_attributes(ByteView cms) {
    const auto data = crypto::read_signed_data(cms);
    if (!data) return;
    for (const auto& attribute : data->signed_attributes) collect_attribute(attribute, 0);
  }
  void collect_value(const std::string& oid, ByteView value) {
    collect_attribute({oid, Bytes(value.begin(), value.end())}, 0);
  }

  void collect(ByteView cms, int depth) {
    const auto normal = crypto::normalise_ber(cms);
    if (!normal) return;
    (void)collect_crls(normal->der);
    const auto data = crypto::read_signed_data(cms);
    if (!data) return;
    for (const auto& attribute : data->signed_attributes) collect_attribute(attribute, depth);
    for (const auto& attribute : data->unsigned_attributes) collect_attribute(attribute, depth);
  }

  // RevocationInfoChoice: a list, or OtherRevocationInfoFormat with a response (RFC 5940); others write only the
  // BasicOCSPResponse into it.
  Result<> collect_revocation_info(const der::Element& choice) {
    if (choice.tag == der::kSequence) add(StoredItem::Kind::crl, choice.whole);
    if (choice.tag != der::context(1)) return {};
    der::Reader other(choice.content);
    const std::string format = KYSO_TRY(der::read_oid(KYSO_TRY(other.expect(der::kOid)).content));
    const der::Element value = KYSO_TRY(other.next());
    if (format == kOcspResponse) add(StoredItem::Kind::ocsp, value.whole);
    if (format == kBasicOcspResponse) add(StoredItem::Kind::ocsp, whole_response(value.whole));
    return {};
  }

 private:
  // OCSPResponse (RFC 6960 section 4.2.1): successful, with this inside.
  static Bytes whole_response(ByteView basic) {
    const Bytes status{0x0a, 1, 0};
    const Bytes bytes = der::sequence(der::encode_oid(kBasicOcspResponse), der::encode(der::kOctetString, basic));
    return der::sequence(status, der::encode(der::context(0), bytes));
  }

  void add(StoredItem::Kind kind, ByteView whole) {
    StoredItem item;
    item.kind = kind;
    item.der.assign(whole.begin(), whole.end());
    item.signature = m_signature;
    item.offset = m_offset;
    item.revision = m_revision;
    (void)m_data.add(std::move(item));
  }

  void collect_attribute(const crypto::CmsAttribute& attribute, int depth) {
    if (attribute.oid == kRevocationArchival || attribute.oid == kRevocationValues) {
      (void)collect_revocation(attribute.values);
    } else if (attribute.oid == kCertificateValues) {
      der::Reader values(attribute.values);
      if (const auto list = values.expect(der::kSequence)) add_all(StoredItem::Kind::certificate, list->content);
    } else if ((attribute.oid == kTimeStampToken || attribute.oid == kArchiveTimeStamp) && depth < 1) {
      collect(attribute.values, depth + 1);
    }
  }

  void add_all(StoredItem::Kind kind, ByteView list) {
    der::Reader reader(list);
    while (!reader.at_end()) {
      const auto element = reader.next();
      if (!element) return;
      if (element->tag == der::kSequence) add(kind, element->whole);
    }
  }

  // Both attributes: crls in [0], OCSP responses in [1], each an explicitly tagged SEQUENCE OF.
  Result<> collect_revocation(ByteView values) {
    der::Reader outer(values);
    der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
    while (!fields.at_end()) {
      const der::Element part = KYSO_TRY(fields.next());
      if (part.tag != der::context(0) && part.tag != der::context(1)) continue;
      der::Reader inner(part.content);
      const auto list = KYSO_TRY(inner.expect(der::kSequence));
      add_all(part.tag == der::context(0) ? StoredItem::Kind::crl : StoredItem::Kind::ocsp, list.content);
    }
    return {};
  }

  // SignedData.crls (RFC 5652 section 10.2.1).
  Result<> collect_crls(ByteView content_info) {
    der::Reader outer(content_info);
    der::Reader info(KYSO_TRY(outer.expect(der::kSequence)).content);
    KYSO_TRY(info.expect(der::kOid));
    der::Reader content(KYSO_TRY(info.expect(der::context(0))).content);
    der::Reader fields(KYSO_TRY(content.expect(der::kSequence)).content);
    KYSO_TRY(fields.expect(der::kInteger));
    KYSO_TRY(fields.expect(der::kSet));
    KYSO_TRY(fields.expect(der::kSequence));
    KYSO_TRY(fields.maybe(der::context(0)));
    const auto crls = KYSO_TRY(fields.maybe(der::context(1)));
    if (!crls) return {};
    der::Reader choices(crls->content);
    while (!choices.at_end()) KYSO_TRY(collect_revocation_info(KYSO_TRY(choices.next())));
    return {};
  }

  StoredData& m_data;
  std::size_t m_signature;
  std::uint64_t m_offset;
  std::optional<std::size_t> m_revision;
};

}  // namespace

void examine_cms(SignatureFacts& facts, std::optional<pdf::Extent> slot) {
  const std::uint64_t where = slot ? slot->offset : facts.offset;
  const auto add = [&](std::string_view code, Severity severity, std::uint64_t offset, std::uint64_t length) {
    Finding finding(code, severity);
    finding.at(offset, length);
    if (facts.object != 0) finding.object = facts.object;
    facts.findings.push_back(std::move(finding));
  };
  const std::uint64_t slot_length = slot ? slot->length : 0;
  const bool is_zero = std::ranges::all_of(facts.cms, [](std::uint8_t byte) { return byte == 0; });
  const bool is_told = std::ranges::any_of(facts.findings, [](const Finding& finding) {
    return finding.code == "contents.type" || finding.code == "contents.gap-mismatch";
  });
  if (is_zero) {
    // A few zeros are no prepared slot but no value at all.
    constexpr std::size_t kLeastSlot = 16;
    if (facts.cms.size() >= kLeastSlot) {
      add("contents.placeholder", Severity::indeterminate, where, slot_length);
    } else if (!is_told || slot) {
      add("contents.type", Severity::failure, where, slot_length);
    }
    facts.cms.clear();
    return;
  }
  const std::size_t size = std::min(encoded_size_of(facts.cms), facts.cms.size());
  const auto rest = ByteView(facts.cms).subspan(size);
  const auto last = std::find_if(rest.rbegin(), rest.rend(), [](std::uint8_t byte) { return byte != 0; });
  if (last != rest.rend()) {
    const bool is_dense = slot && slot->length == 2 * facts.cms.size() + 2;
    const std::uint64_t offset = is_dense ? slot->offset + 1 + 2 * size : where;
    const auto length = static_cast<std::uint64_t>(rest.rend() - last);
    add("contents.trailing", Severity::failure, offset, is_dense ? 2 * length : slot_length);
  }
  facts.cms.resize(size);
  const auto data = crypto::read_signed_data(facts.cms);
  if (facts.sub_filter == "adbe.pkcs7.sha1") {
    facts.digest_algorithm = crypto::DigestAlgorithm::sha1;
  } else if (data && facts.kind == SignatureKind::document_time_stamp && data->content) {
    if (const auto algorithm = imprint_algorithm(*data->content)) facts.digest_algorithm = *algorithm;
  } else if (data) {
    facts.digest_algorithm = data->digest_algorithm;
  }
}

bool is_signed_data(ByteView cms) {
  const auto normal = crypto::normalise_ber(cms);
  if (!normal) return false;
  der::Reader outer(normal->der);
  const auto info = outer.expect(der::kSequence);
  if (!info) return false;
  der::Reader fields(info->content);
  const auto type = fields.expect(der::kOid);
  const auto oid = type ? der::read_oid(type->content) : Result<std::string>(std::string());
  return oid && *oid == kSignedData;
}

void collect_from_cms(const SignatureFacts& facts, std::size_t signature, StoredData& data) {
  Collector(data, signature, facts.offset).collect(facts.cms, 0);
}

void collect_from_cades(const DocumentFacts& facts, const cms::SignedDataParts& parts,
                        const cms::ArchiveTimeStamps& archive, const std::vector<std::size_t>& stamps,
                        StoredData& data) {
  // Of two copies of an item the one that is covered first counts.
  struct Part {
    std::optional<std::size_t> revision;
    bool is_list = false;
    std::size_t index = 0;
  };
  std::vector<Part> all;
  for (std::size_t i = 0; i < parts.revocation_infos.size(); ++i) all.push_back({archive.revocation_infos[i], true, i});
  for (std::size_t i = 0; i < parts.unsigned_values.size(); ++i) all.push_back({archive.unsigned_values[i], false, i});
  std::ranges::sort(
      all, {}, [](const Part& part) { return std::tuple(part.revision.value_or(SIZE_MAX), part.is_list, part.index); });
  Collector collector(data, 0, 0);
  if (archive.generations > 0) collector.set_revision(0);
  collector.collect_signed_attributes(facts.signatures.front().cms);
  for (const Part& part : all) {
    if (part.is_list) {
      collector.set_revision(part.revision);
      der::Reader reader(parts.revocation_infos[part.index]);
      if (const auto choice = reader.next()) (void)collector.collect_revocation_info(*choice);
      continue;
    }
    const auto& value = parts.unsigned_values[part.index];
    const auto stamp = std::ranges::find(stamps, part.index);
    const std::size_t signature = stamp == stamps.end() ? 0 : static_cast<std::size_t>(stamp - stamps.begin()) + 1;
    Collector of_value(data, signature, value.offset);
    of_value.set_revision(part.revision);
    of_value.collect_value(value.oid, value.value);
  }
}

}  // namespace kyso::verify

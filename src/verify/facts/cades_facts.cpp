#include <algorithm>
#include <map>

#include "cms/archive.h"
#include "verify/facts/cms_data.h"

// Detached CAdES signatures (ETSI EN 319 122-1). An archive time-stamp is told as a time-stamp of the document: its
// `revision` is how many archive time-stamps lie inside it, those that cover the same counted once, and its digest is
// that of what its message imprint must be over.
namespace kyso::verify {

namespace {

Error malformed(std::string_view why) {
  return fail("verify.cades.malformed", "{}", why);
}

// RFC 7468; whatever stands before and after the block is left out.
Result<std::optional<Bytes>> from_pem(std::string_view text) {
  constexpr std::size_t kFurthestBegin = 4096;
  const std::size_t begin = text.find("-----BEGIN ");
  if (begin == std::string_view::npos || begin >= kFurthestBegin) return std::optional<Bytes>();
  const std::size_t body = text.find('\n', begin);
  const std::size_t end = body == std::string_view::npos ? body : text.find("-----END ", body);
  if (end == std::string_view::npos) return malformed("PEM");
  std::string base64;
  for (const char c : text.substr(body, end - body)) {
    if (c != '\r' && c != '\n' && c != ' ' && c != '\t') base64 += c;
  }
  auto decoded = from_base64(base64);
  if (!decoded) return malformed("PEM");
  return std::optional(*std::move(decoded));
}

class CadesExtraction {
 public:
  CadesExtraction(Bytes cms, const pdf::Source& content) : m_content(content) {
    m_facts.format = DocumentFacts::Format::cades;
    m_facts.size = content.size();
    SignatureFacts one;
    one.cms = std::move(cms);
    one.covers_whole_document = true;
    examine_cms(one, std::nullopt);
    m_facts.signatures.push_back(std::move(one));
  }

  Result<DocumentFacts> run() {
    if (!is_signed_data(m_facts.signatures.front().cms)) return malformed("no SignedData");
    SignatureFacts& signature = m_facts.signatures.front();
    if (signature.digest_algorithm) signature.digest = KYSO_TRY(digest_of_content(*signature.digest_algorithm));
    StoredData stored;
    if (const auto parts = cms::take_apart(signature.cms)) {
      const cms::ArchiveTimeStamps archive = cms::find_archive_time_stamps(*parts);
      KYSO_TRY(add_archive_time_stamps(*parts, archive));
      collect_from_cades(m_facts, *parts, archive, m_stamps, stored);
    } else {
      collect_from_cms(signature, 0, stored);
    }
    m_facts.stored = std::move(stored.items);
    if (stored.limit_exceeded) {
      m_facts.findings.push_back(Finding("resource.limit", Severity::failure).with("limit", "stored"));
    }
    return std::move(m_facts);
  }

 private:
  Result<Bytes> digest_of_content(crypto::DigestAlgorithm algorithm) {
    const auto known = m_digests.find(algorithm);
    if (known != m_digests.end()) return known->second;
    crypto::Digester digester(algorithm);
    KYSO_TRY(m_content.digest_into(digester, {0, m_content.size()}));
    return m_digests.emplace(algorithm, digester.finish()).first->second;
  }

  Result<> add_archive_time_stamps(const cms::SignedDataParts& parts, const cms::ArchiveTimeStamps& archive) {
    std::vector<std::size_t> order(archive.all.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    const auto place = [&](std::size_t i) { return std::pair(archive.all[i].generation.value_or(SIZE_MAX), i); };
    std::ranges::sort(order, {}, place);
    for (const std::size_t each : order) {
      if (m_stamps.size() >= cms::kMostArchiveTimeStamps) {
        m_facts.findings.push_back(Finding("resource.limit", Severity::failure).with("limit", "archive time-stamps"));
        break;
      }
      KYSO_TRY(add_archive_time_stamp(parts, archive.all[each]));
    }
    return {};
  }

  Result<> add_archive_time_stamp(const cms::SignedDataParts& parts, const cms::ArchiveTimeStamp& stamp) {
    SignatureFacts one;
    one.kind = SignatureKind::document_time_stamp;
    one.field = fmt::format("archive-time-stamp-{}", m_stamps.size() + 1);
    one.offset = parts.unsigned_values[stamp.value].offset;
    one.cms = parts.unsigned_values[stamp.value].value;
    one.covers_whole_document = true;
    one.revision = stamp.generation;
    one.first_revision = stamp.generation ? *stamp.generation + 1 : 0;
    examine_cms(one, std::nullopt);
    std::string problem = stamp.problem;
    // EN 319 122-1 section 5.5.2: the algorithm of the index is that of the message imprint.
    if (problem.empty() && one.digest_algorithm != stamp.algorithm)
      problem = "the hash index uses another algorithm than the message imprint";
    if (problem.empty()) {
      const Bytes content = KYSO_TRY(digest_of_content(*stamp.algorithm));
      one.digest = crypto::digest(*stamp.algorithm, cms::archive_imprint_input(parts, content, stamp.hash_index));
    } else {
      // Without a digest the judge takes its imprint for wrong.
      one.revision.reset();
      one.first_revision = 0;
      Finding finding("timestamp.hash-index", Severity::failure);
      finding.at(one.offset).with("detail", problem);
      one.findings.push_back(std::move(finding));
    }
    m_stamps.push_back(stamp.value);
    m_facts.signatures.push_back(std::move(one));
    return {};
  }

  const pdf::Source& m_content;
  DocumentFacts m_facts;
  std::map<crypto::DigestAlgorithm, Bytes> m_digests;
  std::vector<std::size_t> m_stamps;  // which unsigned value each signature after the first is
};

}  // namespace

Result<DocumentFacts> extract_cades_facts(ByteView signature, const pdf::Source& content) {
  auto decoded = KYSO_TRY(from_pem(as_chars(signature)));
  Bytes cms = decoded ? *std::move(decoded) : Bytes(signature.begin(), signature.end());
  if (cms.size() < 2 || cms[0] != 0x30) return malformed("no SEQUENCE");
  return CadesExtraction(std::move(cms), content).run();
}

}  // namespace kyso::verify

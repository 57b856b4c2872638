#include <algorithm>
#include <map>

#include "cms/signed_data.h"
#include "verify/report/etsi_objects.h"
#include "verify/report/markup.h"
#include "verify/report/report.h"
#include "verify/report/wording.h"

// ETSI TS 119 102-2 v1.4.1: the signature validation report. Clause numbers below are of that specification.
namespace kyso::verify {
namespace {

constexpr std::size_t kMaxText = 2'000;

std::string main_indication(Indication indication) {
  switch (indication) {
    case Indication::total_passed:
      return "urn:etsi:019102:mainindication:total-passed";
    case Indication::total_failed:
      return "urn:etsi:019102:mainindication:total-failed";
    case Indication::indeterminate:
      break;
  }
  return "urn:etsi:019102:mainindication:indeterminate";
}

// Report: the whole document; validation objects are collected while signatures refer to them and written after them.
class Report {
 public:
  Report(const DocumentFacts& facts, const Verdict& verdict) : m_facts(facts), m_verdict(verdict) {}

  std::string write() {
    m_out.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    {
      const auto root = m_out.open("ValidationReport", {{"xmlns", "http://uri.etsi.org/19102/v1.4.1#"},
                                                        {"xmlns:ds", "http://www.w3.org/2000/09/xmldsig#"},
                                                        {"xmlns:xades", "http://uri.etsi.org/01903/v1.3.2#"},
                                                        {"xmlns:tsl", "http://uri.etsi.org/02231/v2#"}});
      write_signatures();
      write_objects();
      write_validator();
    }
    m_out.new_line();
    return m_out.take();
  }

 private:
  void write_signatures();
  void write_objects();
  void write_validator();
  void write_signature(const SignatureFacts& signature, const SignatureVerdict& verdict);
  void write_body(const SignatureFacts& signature, const SignatureVerdict& verdict);
  void write_identifier(const SignatureFacts& signature, const std::string& id,
                        const std::optional<cms::SignedDataView>& view);
  void write_policy();
  void write_time_info(const SignatureVerdict& verdict);
  void write_document(const SignatureFacts& signature);
  void write_attributes(const SignatureFacts& signature, const SignatureVerdict& verdict,
                        const std::optional<cms::SignedDataView>& view);
  void write_stamp_attributes(const SignatureVerdict& verdict, const std::optional<cms::SignedDataView>& view);
  void write_stored(const SignatureFacts& signature);
  void write_status(const SignatureVerdict& verdict);
  void write_chain(const std::vector<CertificateVerdict>& chain, bool has_anchor);
  void write_revocation(const SignatureVerdict& verdict);
  void write_findings(const std::vector<Finding>& findings, const std::string& reason);
  void write_document_status();
  void digest(crypto::DigestAlgorithm algorithm, ByteView value) { write_digest(m_out, algorithm, value); }
  void reference(std::string_view name, const std::string& id) { m_out.empty(name, {{"VOReference", id}}); }
  std::string certificate(const crypto::Certificate& item) {
    return m_objects.add(EtsiObjects::Kind::certificate, item.der());
  }

  const DocumentFacts& m_facts;
  const Verdict& m_verdict;
  EtsiObjects m_objects;
  bool m_dss_written = false;  // listed with the first signature; it is the same for all
  Markup m_out;
};

void Report::write_signatures() {
  std::size_t written = 0;
  for (const SignatureVerdict& item : m_verdict.signatures) {
    const SignatureFacts* signature = facts_of(m_facts, item);
    if (signature == nullptr) continue;
    const auto element = m_out.open("SignatureValidationReport");
    write_body(*signature, item);
    ++written;
  }
  if (written > 0) return;
  // One report at least is required: of a document without signatures, its own status.
  const auto element = m_out.open("SignatureValidationReport");
  const auto status = m_out.open("SignatureValidationStatus");
  write_document_status();
}

void Report::write_document_status() {
  m_out.leaf("MainIndication", main_indication(m_verdict.indication));
  if (m_verdict.sub_indication != SubIndication::none) {
    m_out.leaf("SubIndication", "urn:etsi:019102:subindication:" + std::string(name_of(m_verdict.sub_indication)));
  }
  const auto data = m_out.open("AssociatedValidationReportData");
  write_findings(m_verdict.findings, m_verdict.reason);
}

void Report::write_body(const SignatureFacts& signature, const SignatureVerdict& verdict) {
  std::optional<cms::SignedDataView> view;
  if (auto parsed = cms::parse_signed_data(signature.cms)) view = *std::move(parsed);
  write_identifier(signature, fmt::format("S-{}", verdict.signature + 1), view);
  write_policy();
  write_time_info(verdict);
  write_document(signature);
  write_attributes(signature, verdict, view);
  if (verdict.signer) {
    const auto element = m_out.open("SignerInformation");
    reference("SignerCertificate", certificate(*verdict.signer));
    m_out.leaf("Signer", safe_text(verdict.signer->subject_text(), kMaxText));
  }
  {
    const auto element = m_out.open("SignatureValidationProcess");
    m_out.leaf("SignatureValidationProcessID", "urn:etsi:019102:validationprocess:LTA");
  }
  write_status(verdict);
}

// Clause 4.2.3: the digest of the signature value, and the value.
void Report::write_identifier(const SignatureFacts& signature, const std::string& id,
                              const std::optional<cms::SignedDataView>& view) {
  const auto element = m_out.open("SignatureIdentifier", {{"id", id}});
  const ByteView value = view ? ByteView(view->signature) : ByteView(signature.cms);
  {
    const auto digested = m_out.open("DigestAlgAndValue");
    digest(crypto::DigestAlgorithm::sha256, crypto::digest(crypto::DigestAlgorithm::sha256, value));
  }
  if (view) m_out.leaf("ds:SignatureValue", to_base64(view->signature));
  m_out.leaf("HashOnly", "false");
  m_out.leaf("DocHashOnly", "false");
  if (!signature.field.empty()) m_out.leaf("DAIdentifier", safe_text(signature.field, kMaxText));
}

void Report::write_policy() {
  const auto report = m_out.open("ValidationConstraintsEvaluationReport");
  const auto policy = m_out.open("SignatureValidationPolicy");
  {
    const auto identifier = m_out.open("SignaturePolicyIdentifier");
    m_out.empty("xades:SignaturePolicyImplied");
  }
  m_out.leaf("PolicyName", safe_text(m_verdict.policy, kMaxText));
}

// Clause 4.2.5. Without any proof, what is proven is that the signature exists now.
void Report::write_time_info(const SignatureVerdict& verdict) {
  const auto element = m_out.open("ValidationTimeInfo");
  m_out.leaf("ValidationTime", utc_text(m_verdict.time));
  const auto poe = m_out.open("BestSignatureTime");
  m_out.leaf("POETime", utc_text(verdict.best_time.value_or(m_verdict.time)));
  m_out.leaf("TypeOfProof", "urn:etsi:019102:poetype:validation");
}

void Report::write_document(const SignatureFacts& signature) {
  if (!signature.digest_algorithm || signature.digest.empty()) return;
  const std::string id = m_objects.add_digest(*signature.digest_algorithm, signature.digest);
  const auto element = m_out.open("SignersDocument");
  {
    const auto digested = m_out.open("DigestAlgAndValue");
    digest(*signature.digest_algorithm, signature.digest);
  }
  reference("SignersDocumentRef", id);
}

void Report::write_attributes(const SignatureFacts& signature, const SignatureVerdict& verdict,
                              const std::optional<cms::SignedDataView>& view) {
  const auto element = m_out.open("SignatureAttributes");
  if (verdict.claimed_time) {
    const auto attribute = m_out.open("SigningTime", {{"Signed", "true"}});
    m_out.leaf("Time", utc_text(*verdict.claimed_time));
  }
  if (view && view->ess != crypto::EssBinding::absent && verdict.signer) {
    const auto attribute = m_out.open("SigningCertificate", {{"Signed", "true"}});
    reference("AttributeObject", certificate(*verdict.signer));
    const auto id = m_out.open("CertID");
    digest(crypto::DigestAlgorithm::sha256, verdict.signer->sha256());
  }
  if (!signature.location.empty()) {
    const auto attribute = m_out.open("SignatureProductionPlace", {{"Signed", "true"}});
    m_out.leaf("AddressString", safe_text(signature.location, kMaxText));
  }
  write_stamp_attributes(verdict, view);
  if (view && !view->message_digest.empty()) {
    const auto attribute = m_out.open("MessageDigest", {{"Signed", "true"}});
    m_out.leaf("Digest", to_base64(view->message_digest));
  }
  write_stored(signature);
  const auto text_attribute = [&](std::string_view name, std::string_view inner, const std::string& value) {
    if (value.empty()) return;
    const auto attribute = m_out.open(name, {{"Signed", "true"}});
    m_out.leaf(inner, safe_text(value, kMaxText));
  };
  text_attribute("Reason", "ReasonElement", signature.reason);
  text_attribute("Name", "NameElement", signature.name);
  text_attribute("SubFilter", "SubFilterElement", signature.sub_filter);
  if (!signature.byte_range.empty()) {
    std::string numbers;
    for (const std::int64_t number : signature.byte_range)
      numbers += fmt::format("{}{}", numbers.empty() ? "" : " ", number);
    m_out.leaf("ByteRange", numbers);
  }
  if (!signature.filter.empty()) {
    const auto attribute = m_out.open("Filter");
    m_out.leaf("Filter", safe_text(signature.filter, kMaxText));
  }
}

// Signature time-stamps by their tokens. A token whose time the judge could not read has no attribute.
void Report::write_stamp_attributes(const SignatureVerdict& verdict, const std::optional<cms::SignedDataView>& view) {
  if (!view) return;
  for (std::size_t i = 0; i < std::min(verdict.time_stamps.size(), view->time_stamps.size()); ++i) {
    const TimeStampVerdict& stamp = verdict.time_stamps[i];
    if (!stamp.time) continue;
    const std::string id = m_objects.add(EtsiObjects::Kind::time_stamp, view->time_stamps[i]);
    const auto attribute = m_out.open("SignatureTimeStamp", {{"Signed", "false"}});
    reference("AttributeObject", id);
    m_out.leaf("TimeStampValue", utc_text(*stamp.time));
  }
}

// The DSS as an attribute, and document time-stamps as objects.
void Report::write_stored(const SignatureFacts& signature) {
  if (m_dss_written || signature.kind != SignatureKind::signature) return;
  m_dss_written = true;
  std::string certificates, lists, answers;
  for (const StoredItem& item : m_facts.stored) {
    if (!item.revision) continue;
    const auto [kind, ids] = item.kind == StoredItem::Kind::certificate
                                 ? std::pair{EtsiObjects::Kind::certificate, &certificates}
                             : item.kind == StoredItem::Kind::crl ? std::pair{EtsiObjects::Kind::crl, &lists}
                                                                  : std::pair{EtsiObjects::Kind::ocsp, &answers};
    *ids += (ids->empty() ? "" : " ") + m_objects.add(kind, item.der);
  }
  if (certificates.empty() && lists.empty() && answers.empty()) return;
  const auto attribute = m_out.open("DSS", {{"Signed", "false"}});
  if (!certificates.empty()) reference("Certs", certificates);
  if (!lists.empty()) reference("CRLs", lists);
  if (!answers.empty()) reference("OCSPs", answers);
}

void Report::write_status(const SignatureVerdict& verdict) {
  const auto element = m_out.open("SignatureValidationStatus");
  m_out.leaf("MainIndication", main_indication(verdict.indication));
  if (verdict.sub_indication != SubIndication::none) {
    m_out.leaf("SubIndication", "urn:etsi:019102:subindication:" + std::string(name_of(verdict.sub_indication)));
  }
  const auto data = m_out.open("AssociatedValidationReportData");
  if (ends_with_anchor(verdict)) reference("TrustAnchor", certificate(verdict.chain.back().certificate));
  write_chain(verdict.chain, ends_with_anchor(verdict));
  write_revocation(verdict);
  write_findings(verdict.findings, verdict.reason);
}

void Report::write_chain(const std::vector<CertificateVerdict>& chain, bool has_anchor) {
  if (chain.empty()) return;
  const auto element = m_out.open("CertificateChain");
  reference("SigningCertificate", certificate(chain.front().certificate));
  const std::size_t end = has_anchor && chain.size() > 1 ? chain.size() - 1 : chain.size();
  for (std::size_t i = 1; i < end; ++i) reference("IntermediateCertificate", certificate(chain[i].certificate));
  if (has_anchor) reference("TrustAnchor", certificate(chain.back().certificate));
}

void Report::write_revocation(const SignatureVerdict& verdict) {
  const auto revoked = std::ranges::find_if(verdict.chain, [](const CertificateVerdict& item) {
    return item.status == pki::CertificateStatus::revoked && item.answer && item.answer->revoked_at;
  });
  if (revoked == verdict.chain.end()) return;
  const auto element = m_out.open("RevocationStatusInformation");
  reference("ValidationObjectId", certificate(revoked->certificate));
  m_out.leaf("RevocationTime", utc_text(*revoked->answer->revoked_at));
  if (revoked->answer->reason) m_out.leaf("RevocationReason", fmt::format("{}", *revoked->answer->reason));
}

// Clause 4.2.9.8 leaves room for more: the stable codes of the findings, the deciding one first.
void Report::write_findings(const std::vector<Finding>& findings, const std::string& reason) {
  if (findings.empty() && reason.empty()) return;
  const auto element = m_out.open("AdditionalValidationReportData");
  const auto report = [&](std::string_view type, const std::string& value) {
    const auto data = m_out.open("ReportData");
    m_out.leaf("Type", type);
    m_out.leaf("Value", value);
  };
  if (!reason.empty()) report("urn:kyso:verify:reason", safe_text(reason, kMaxText));
  for (const Finding& finding : findings) {
    std::string value = safe_text(finding.code, kMaxText);
    if (finding.offset) value += fmt::format(" offset={}", *finding.offset);
    if (finding.object) value += fmt::format(" object={}", *finding.object);
    if (finding.revision) value += fmt::format(" revision={}", *finding.revision);
    report("urn:kyso:verify:finding", value);
  }
}

void Report::write_objects() {
  // Tokens of document time-stamps are objects too.
  for (const SignatureFacts& signature : m_facts.signatures) {
    if (signature.kind == SignatureKind::document_time_stamp && !signature.cms.empty()) {
      m_objects.add(EtsiObjects::Kind::time_stamp, signature.cms);
    }
  }
  m_objects.write(m_out, m_verdict.time);
}

// The validator signs nothing here, so it names itself only (clause 4.4).
void Report::write_validator() {
  const auto element = m_out.open("SignatureValidator");
  const auto id = m_out.open("DigitalId");
  m_out.leaf("tsl:X509SubjectName", "CN=Kyso");
}

}  // namespace

std::string to_etsi_xml(const DocumentFacts& facts, const Verdict& verdict) {
  return Report(facts, verdict).write();
}

}  // namespace kyso::verify

#include "verify/judge/examine.h"

#include <algorithm>

#include "cms/archive.h"
#include "crypto/signed_data_reader.h"

namespace kyso::verify {
namespace {

using enum Severity;

bool has_code(std::span<const Finding> findings, std::string_view code) {
  return std::ranges::any_of(findings, [&](const Finding& each) { return each.code == code; });
}

// A field that lost its signature in a later revision is judged as of its own; the document pays for it.
bool is_of_the_document(const Finding& finding) {
  return finding.code == "signature.removed";
}

class Examiner {
 public:
  Examiner(const SignatureFacts& facts, DocumentFacts::Format format, const Weigher& weigher)
      : m_facts(facts), m_format(format), m_weigher(weigher) {}

  SignatureExamination run(std::span<const crypto::Certificate> others) {
    for (const Finding& finding : m_facts.findings) {
      if (is_of_the_document(finding)) continue;
      add(finding);
      if (m_out.findings.back().finding.severity >= indeterminate) m_out.is_broken = true;
    }
    // What can't be read as CMS at all is told by the facts; saying it twice would hide why.
    const bool can_be_read = !has_code(m_facts.findings, "subfilter.unknown") &&
                             !has_code(m_facts.findings, "contents.placeholder") &&
                             (!m_facts.cms.empty() || m_facts.findings.empty());
    if (can_be_read && m_facts.kind == SignatureKind::document_time_stamp) examine_time_stamp();
    if (can_be_read && m_facts.kind == SignatureKind::signature) examine_cms(others);
    check_whole();
    return std::move(m_out);
  }

 private:
  void add(Finding finding, SubIndication sub = SubIndication::none) {
    m_out.findings.push_back(m_weigher.weigh(std::move(finding), sub));
  }
  // A finding about the CMS, at the place of /Contents.
  Finding here(std::string_view code) const {
    Finding finding = make_finding(code);
    if (m_facts.gap.length > 0) finding.at(m_facts.gap.offset, m_facts.gap.length);
    return finding;
  }
  void add_here(std::string_view code) { add(here(code)); }
  void add_format_problem(std::string_view detail) {
    if (!has_code(m_facts.findings, "cms.format")) add(here("cms.format").with("detail", detail));
    m_out.is_broken = true;
  }

  // Nothing passes that wasn't verified, whatever the facts leave out and a policy makes light of.
  void check_whole() {
    const bool has_reason = std::ranges::any_of(
        m_out.findings, [](const WeightedFinding& each) { return each.finding.severity >= indeterminate; });
    if (has_reason) return;
    const bool has_end = m_facts.revision || m_format == DocumentFacts::Format::cades;
    if (m_out.is_intact && has_end) return;
    m_out.findings.push_back(
        {here(m_out.is_intact ? "byterange.tail" : "signature.digest-missing"), SubIndication::format_failure});
    m_out.findings.back().finding.severity = failure;
    m_out.is_broken = true;
  }

  void examine_time_stamp() {
    const auto imprint = [this](crypto::DigestAlgorithm algorithm) {
      return m_facts.digest_algorithm == algorithm ? m_facts.digest : Bytes();
    };
    TokenExamination token = examine_token(m_facts.cms, imprint, m_weigher);
    if (token.problem) {
      add_problem_of_token(*token.problem);
      m_out.is_broken = true;
    }
    m_out.is_intact = !token.problem && !m_out.is_broken;
    if (token.token) m_out.signer = token.token->authority;
    m_out.tokens.push_back(std::move(token));
  }

  // What is a warning about the time-stamp in a signature fails a time-stamp that stands for itself.
  void add_problem_of_token(const WeightedFinding& problem) {
    Finding finding = problem.finding;
    finding.severity = problem.sub_indication == SubIndication::none ||
                               indication_of(problem.sub_indication) == Indication::total_failed
                           ? failure
                           : indeterminate;
    if (m_facts.gap.length > 0) finding.at(m_facts.gap.offset, m_facts.gap.length);
    m_out.findings.push_back({std::move(finding), problem.sub_indication});
  }

  void examine_cms(std::span<const crypto::Certificate> others) {
    m_out.cms = cms::examine_signed_data(m_facts.cms, others);
    for (const std::string& problem : m_out.cms.format_problems) add_format_problem(problem);
    if (!m_out.cms.view) return;
    const cms::SignedDataView& view = *m_out.cms.view;
    m_out.signer = view.signer;
    m_out.signing_time = view.signing_time;
    if (!view.is_detached) add_format_problem("eContent is present");
    check_attributes(view);
    check_signer(view);
    check_integrity(view);
    add_remarks(view);
    for (const Bytes& token : view.time_stamps) {
      m_out.tokens.push_back(examine_token(
          token, [&](crypto::DigestAlgorithm algorithm) { return crypto::digest(algorithm, view.signature); },
          m_weigher));
      m_out.tokens.back().covered_from = m_facts.first_revision;
    }
    if (m_format == DocumentFacts::Format::cades) find_coverage(view);
  }

  // EN 319 122-1 section 5.5.2: unsigned attributes are protected only as far as the hash index names them. Whoever has
  // the file may add others.
  void find_coverage(const cms::SignedDataView& view) {
    for (TokenExamination& token : m_out.tokens) token.covered_from.reset();
    const auto parts = cms::take_apart(m_facts.cms);
    if (!parts) return;
    const cms::ArchiveTimeStamps archive = cms::find_archive_time_stamps(*parts);
    std::size_t next = 0;
    for (std::size_t i = 0; i < m_out.tokens.size(); ++i) {
      const auto is_it = [&](const auto& value) { return value.value == view.time_stamps[i]; };
      const auto from = parts->unsigned_values.begin() + static_cast<std::ptrdiff_t>(next);
      const auto found = std::find_if(from, parts->unsigned_values.end(), is_it);
      if (found == parts->unsigned_values.end()) continue;
      const auto place = static_cast<std::size_t>(found - parts->unsigned_values.begin());
      m_out.tokens[i].covered_from = archive.unsigned_values[place];
      next = place + 1;  // both are in the order of the file
    }
  }

  bool is_cades() const { return m_facts.sub_filter == "ETSI.CAdES.detached"; }

  void check_attributes(const cms::SignedDataView& view) {
    if (!view.signed_attributes.empty()) return;
    // EN 319 122-1 section 5.1: contentType, messageDigest and the signing certificate must be signed.
    if (is_cades())
      add_format_problem("no signed attributes");
    else
      add_here("cms.no-signed-attributes");
  }

  void check_signer(const cms::SignedDataView& view) {
    if (!view.signer) {
      Finding finding = here("cms.signer-missing");
      if (!m_out.cms.signer_serial.empty()) finding.with("serial", to_hex(m_out.cms.signer_serial));
      return add(std::move(finding));
    }
    if (view.ess == crypto::EssBinding::differs) add_here("cms.ess-mismatch");
    if (view.ess == crypto::EssBinding::absent && is_cades() && !view.signed_attributes.empty() &&
        m_out.cms.format_problems.empty())
      add_here("cms.ess-missing");
  }

  void check_integrity(const cms::SignedDataView& view) {
    const cms::SignedDataExamination& exam = m_out.cms;
    if (exam.pss_contradicts) return add(here("cms.signature").with("detail", "contradicting RSASSA-PSS parameters"));
    if (!exam.unsupported_algorithm.empty())
      return add(here("cms.algorithm-unknown").with("algorithm", exam.unsupported_algorithm));
    if (exam.digests_differ) add_here("cms.digest-mismatch-algorithm");
    if (m_facts.digest.empty()) {
      if (!m_out.is_broken && !exam.digests_differ) add_here("signature.digest-missing");
      return;
    }
    const bool is_over_content = is_digest_right(view);
    if (!is_over_content && !exam.digests_differ && !view.signed_attributes.empty()) add_here("cms.digest");
    if (!view.signer) return;
    const bool is_value_right = is_signature_right(view);
    if (!is_value_right) {
      Finding finding = here("cms.signature");
      if (!exam.attributes_are_ordered) finding.with("detail", "signed attributes are not in the order of DER");
      add(std::move(finding));
    }
    m_out.is_intact = is_over_content && is_value_right && !exam.digests_differ;
  }

  bool is_digest_right(const cms::SignedDataView& view) const {
    if (m_facts.digest_algorithm != view.digest_algorithm) return false;
    return view.signed_attributes.empty() || view.message_digest == m_facts.digest;
  }

  bool is_signature_right(const cms::SignedDataView& view) const {
    const crypto::PublicKey& key = view.signer->public_key();
    if (!view.signed_attributes.empty())
      return key.verify(view.scheme, crypto::digest(view.scheme.digest, view.signed_attributes), view.signed_attributes,
                        view.signature);
    // Ed25519 signs the content itself, which isn't here.
    return view.scheme.key != crypto::KeyType::ed25519 && key.verify(view.scheme, m_facts.digest, {}, view.signature);
  }

  void add_remarks(const cms::SignedDataView& view) {
    if (m_out.cms.is_ber) add_here("cms.ber");
    if (m_out.cms.ess_uses_sha1) add_here("cms.ess-sha1");
    if (m_out.cms.unsigned_malformed) add_here("cms.unsigned-attributes");
    // EN 319 142-1 section 6.3: the claimed time of a PAdES signature is /M.
    if (view.signing_time && is_cades() && m_format == DocumentFacts::Format::pdf) add_here("cms.signing-time");
  }

  const SignatureFacts& m_facts;
  const DocumentFacts::Format m_format;
  const Weigher& m_weigher;
  SignatureExamination m_out;
};

WeightedFinding problem_of(const Error& error, const Weigher& weigher) {
  const auto finding = [&](std::string_view code, SubIndication sub) {
    WeightedFinding out = weigher.weigh(make_finding(code).with("detail", error.detail));
    out.sub_indication = sub;
    return out;
  };
  if (error.code == "pki.tsp.signature") return finding("timestamp.signature", SubIndication::sig_crypto_failure);
  if (error.code == "pki.tsp.certificate")
    return finding("timestamp.certificate", SubIndication::chain_constraints_failure);
  if (error.code == "crypto.algorithm.unsupported")
    return finding("timestamp.weak", SubIndication::crypto_constraints_failure);
  return finding("timestamp.format", SubIndication::format_failure);
}

}  // namespace

TokenExamination examine_token(ByteView der, const ImprintOf& imprint, const Weigher& weigher) {
  TokenExamination out;
  if (const auto data = crypto::read_signed_data(der, crypto::SignedDataReading::tell)) {
    out.certificates = data->certificates;
    if (data->signer && data->unsupported_algorithm.empty()) {
      out.scheme = data->scheme;
      out.key_bits = data->signer->public_key().bits();
    }
  }
  auto token = pki::parse_token(der);
  if (!token) {
    out.problem = problem_of(token.error(), weigher);
    return out;
  }
  out.time = token->time;
  if (token->imprint != imprint(token->algorithm)) {
    out.problem = weigher.weigh(make_finding("timestamp.imprint"));
    out.problem->sub_indication = SubIndication::hash_failure;
  }
  out.token = *std::move(token);
  return out;
}

SignatureExamination examine_signature(const SignatureFacts& facts, DocumentFacts::Format format,
                                       const Weigher& weigher, std::span<const crypto::Certificate> others) {
  return Examiner(facts, format, weigher).run(others);
}

}  // namespace kyso::verify

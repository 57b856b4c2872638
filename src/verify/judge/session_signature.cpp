#include <algorithm>

#include "verify/judge/session.h"

// One signature: EN 319 102-1 sections 5.3 (basic), 5.5 (with time and long-term data).
namespace kyso::verify {
namespace {

using S = SubIndication;

constexpr std::size_t kMaxFailedStamps = 4;  // document time-stamps named at one signature

// What a failed time-stamp is called among the findings of the signature that it should have proven.
std::string_view warning_about(SubIndication sub) {
  switch (sub) {
    case S::format_failure:
      return "timestamp.format";
    case S::hash_failure:
      return "timestamp.imprint";
    case S::sig_crypto_failure:
      return "timestamp.signature";
    case S::chain_constraints_failure:
      return "timestamp.certificate";
    case S::crypto_constraints_failure:
    case S::crypto_constraints_failure_no_poe:
      return "timestamp.weak";
    case S::expired:
    case S::not_yet_valid:
    case S::out_of_bounds_no_poe:
    case S::out_of_bounds_not_revoked:
      return "timestamp.expired";
    case S::revoked:
    case S::revoked_no_poe:
    case S::revoked_ca_no_poe:
      return "timestamp.revoked";
    case S::try_later:
    case S::revocation_out_of_bounds_no_poe:
      return "timestamp.unchecked";
    case S::no_certificate_chain_found:
    case S::no_certificate_chain_found_no_poe:
    case S::certificate_chain_general_failure:
      return "timestamp.untrusted";
    default:
      return "timestamp.damaged";
  }
}

}  // namespace

Session::Result Session::judge_signature(std::size_t index) {
  Result out;
  const SignatureExamination& examination = examination_of(index);
  out.verdict.signature = index;
  out.verdict.signer = examination.signer;
  out.verdict.is_intact = examination.is_intact;
  out.findings = examination.findings;
  out.own = out.findings.size();
  add_best_time(index, out);
  if (m_facts.signatures[index].kind == SignatureKind::document_time_stamp) {
    judge_document_time_stamp(index, out);
    return out;
  }
  out.verdict.claimed_time = claimed_time(index);
  if (examination.signer) add_signer(index, out);
  add_time_stamps(index, out);
  add_order(index, out);
  add_times(index, out);
  add_person(index, out);
  add_checklist(index, out);
  return out;
}

void Session::add_best_time(std::size_t index, Result& out) {
  out.verdict.best_time = m_time;
  const std::optional<Proof> best = best_proof(index);
  if (!best) return;
  out.verdict.best_time = best->time;
  const bool is_own = best->stamp->signature == index && m_facts.signatures[index].kind == SignatureKind::signature;
  out.verdict.best_time_proof =
      is_own ? "signature-time-stamp" : "document-time-stamp:" + m_facts.signatures[best->stamp->signature].field;
}

void Session::judge_document_time_stamp(std::size_t index, Result& out) {
  if (m_stamps[index].empty()) return;
  const Stamp& stamp = m_stamps[index].front();
  out.verdict.signer_kind = SubjectKind::service;
  out.verdict.time_stamps.push_back(stamp.verdict);
  out.verdict.time_stamp_time = stamp.verdict.time;
  if (stamp.chain != nullptr) {
    out.verdict.chain = stamp.chain->certificates;
    out.verdict.anchor = stamp.chain->anchor;
    out.verdict.try_again = stamp.chain->try_again;
  }
  // What is wrong with the token itself is among the findings already.
  const std::size_t told = examination_of(index).tokens.front().problem ? 1 : 0;
  out.findings.insert(out.findings.end(), stamp.findings.begin() + static_cast<std::ptrdiff_t>(told),
                      stamp.findings.end());
}

void Session::add_signer(std::size_t index, Result& out) {
  const crypto::Certificate& signer = *examination_of(index).signer;
  out.verdict.signer_kind = kind_of_subject(signer);
  const ChainRequest request = chain_request(index, signer);
  const ChainResult& chain = m_chains.judge(request);
  out.verdict.chain = chain.certificates;
  out.verdict.anchor = chain.anchor;
  out.verdict.try_again = chain.try_again;
  out.findings.insert(out.findings.end(), chain.findings.begin(), chain.findings.end());
  add_strength(index, request, out);
}

// Of the digest of the document and of the signature value; EN 319 102-1 section 5.2.8.
void Session::add_strength(std::size_t index, const ChainRequest& request, Result& out) {
  const cms::SignedDataExamination& cms = examination_of(index).cms;
  if (!cms.unsupported_algorithm.empty()) return;
  const cms::SignedDataView& view = *cms.view;
  const auto take = [&](std::optional<WeightedFinding> weak) {
    if (weak) out.findings.push_back(*std::move(weak));
  };
  take(m_chains.check_strength(m_policy.algorithms, "crypto.weak", view.digest_algorithm, request.at,
                               request.is_proven));
  take(m_chains.check_strength(m_policy.algorithms, "crypto.weak", view.scheme, view.signer->public_key().bits(),
                               request.at, request.is_proven));
}

void Session::add_time_stamps(std::size_t index, Result& out) {
  bool has_any = false, has_proof = false;
  for (const Stamp& stamp : m_stamps[index]) {
    has_any = true;
    out.verdict.time_stamps.push_back(stamp.verdict);
    if (stamp.verdict.is_proof) {
      has_proof = true;
      continue;
    }
    Finding finding = make_finding(warning_about(stamp.verdict.sub_indication));
    finding.with("reason", stamp.verdict.reason).with("authority", stamp.verdict.authority);
    if (stamp.verdict.time) finding.with("time", iso8601_vietnam(*stamp.verdict.time));
    add(out, std::move(finding));
  }
  if (const Stamp* own = own_time_stamp(index)) out.verdict.time_stamp_time = own->verdict.time;
  has_proof = has_proof || best_proof(index).has_value();
  // An archive time-stamp of CAdES is part of the signature, not a revision that has a verdict of its own.
  const bool is_cades = m_facts.format == DocumentFacts::Format::cades;
  if ((!has_proof || is_cades) && add_failed_document_time_stamps(index, out)) has_any = true;
  using enum Policy::TimeStamp;
  if (has_proof || (has_any && m_policy.time_stamp != required)) return;
  Finding finding = make_finding("timestamp.missing");
  finding.severity = m_policy.time_stamp == required   ? Severity::indeterminate
                     : m_policy.time_stamp == expected ? Severity::warning
                                                       : Severity::note;
  add(out, std::move(finding));
}

// Of those that would have proven this signature; whether there are any.
bool Session::add_failed_document_time_stamps(std::size_t index, Result& out) {
  std::size_t told = 0;
  for (auto stamp = m_document_stamps.rbegin(); stamp != m_document_stamps.rend() && told < kMaxFailedStamps; ++stamp) {
    const SignatureFacts& facts = m_facts.signatures[*stamp];
    if (*stamp == index || facts.revision.value_or(facts.first_revision) < m_facts.signatures[index].first_revision)
      continue;
    const TimeStampVerdict& verdict = m_stamps[*stamp].front().verdict;
    if (verdict.is_proof) continue;
    const bool is_broken = verdict.indication == Indication::total_passed;  // by its own bytes
    Finding finding = make_finding(is_broken ? "timestamp.damaged" : warning_about(verdict.sub_indication));
    finding.with("reason", verdict.reason).with("authority", verdict.authority).with("field", facts.field);
    if (verdict.time) finding.with("time", iso8601_vietnam(*verdict.time));
    add(out, std::move(finding));
    ++told;
  }
  return told > 0;
}

// The earliest time-stamp in the signature's own CMS that counts.
const Session::Stamp* Session::own_time_stamp(std::size_t index) const {
  const Stamp* earliest = nullptr;
  for (const Stamp& stamp : m_stamps[index])
    if (stamp.verdict.is_proof && (earliest == nullptr || *stamp.verdict.time < *earliest->verdict.time))
      earliest = &stamp;
  return earliest;
}

// EN 319 102-1 section 5.5.4: time-stamps inside the signed bytes come before the signature's, those over it after it.
void Session::add_order(std::size_t index, Result& out) {
  const Stamp* stamp = own_time_stamp(index);
  const std::optional<Instant> own = stamp != nullptr ? stamp->verdict.time : std::nullopt;
  const std::optional<std::size_t> from =
      stamp != nullptr ? stamp->covered_from : std::optional(m_facts.signatures[index].first_revision);
  const std::optional<Proof> over = from ? document_proof(*from) : std::nullopt;
  const std::optional<Instant> inside = made_after(index);
  const std::optional<Instant> first = own ? own : over ? std::optional(over->time) : std::nullopt;
  const auto is_after = [&](Instant a, Instant b) { return a > b + m_policy.clock_tolerance; };
  std::optional<std::pair<Instant, Instant>> wrong;
  if (own && over && is_after(*own, over->time)) wrong = {*own, over->time};
  if (inside && first && is_after(*inside, *first)) wrong = {*inside, *first};
  if (!wrong) return;
  add(out, make_finding("timestamp.order")
               .with("time", iso8601_vietnam(wrong->first))
               .with("other", iso8601_vietnam(wrong->second)));
}

void Session::add_times(std::size_t index, Result& out) {
  const std::string& written = m_facts.signatures[index].claimed_time;
  if (!written.empty() && !parse_pdf_date(written))
    add(out, make_finding("time.claimed-malformed").with("claimed", written));
  Times times{claimed_time(index), examination_of(index).signing_time, {}, {}, m_time};
  if (const Stamp* own = own_time_stamp(index)) times.time_stamp = own->verdict.time;
  if (const std::optional<Proof> best = best_proof(index)) times.proven = best->time;
  add_time_findings(times, m_policy, m_weigher, out.findings);
}

void Session::add_person(std::size_t index, Result& out) {
  if (!m_policy.require_organisation_for_seal || m_facts.signatures[index].ink != "red") return;
  if (out.verdict.signer_kind != SubjectKind::person) return;
  add(out, make_finding("signer.person-for-seal").with("signer", out.verdict.signer->common_name()));
}

// What only some policies want to be told.
void Session::add_checklist(std::size_t index, Result& out) {
  const SignatureExamination& examination = examination_of(index);
  if (!examination.signer) return;
  const cms::SignedDataView& view = *examination.cms.view;
  // Circular 15/2025/TT-BKHCN: RSASSA-PSS.
  if (m_weigher.names("tt15.padding") && examination.cms.unsupported_algorithm.empty() &&
      view.scheme.padding == crypto::Padding::pkcs1_v15)
    add(out, make_finding("tt15.padding").with("algorithm", name_of(view.scheme)));
  const bool says_usage =
      examination.signer->key_usage() && (examination.signer->allows(crypto::KeyUsage::digital_signature) ||
                                          examination.signer->allows(crypto::KeyUsage::non_repudiation));
  if (m_weigher.names("tt15.key-usage") && !says_usage) add(out, make_finding("tt15.key-usage"));
}

}  // namespace kyso::verify

#pragma once
#include "base/file.h"
#include "base/test_support.h"
#include "pdf/drawing/test_fonts.h"  // lets the PDF reports find the shipped fonts
#include "verify/report/report.h"

// Facts and verdicts made up for the tests of reports.
namespace kyso::verify::test {

inline crypto::Certificate certificate(const std::string& name) {
  const Bytes pem = must(read_file(KYSO_SOURCE_DIR "/tests/vectors/crypto/" + name + ".cert.pem"));
  return must(crypto::Certificate::from_pem(as_chars(pem))).front();
}

inline Instant at(std::string_view iso) {
  return must(parse_time(iso));
}

struct Sample {
  DocumentFacts facts;
  Verdict verdict;
  std::vector<PagePicture> pictures;

  ReportInput input(Language language = Language::vietnamese) const { return {facts, verdict, language, pictures}; }
  SignatureVerdict& first() { return verdict.signatures.front(); }
  const SignatureVerdict& first() const { return verdict.signatures.front(); }
  SignatureFacts& first_facts() { return facts.signatures.front(); }
};

inline CertificateVerdict checked(const std::string& name) {
  CertificateVerdict item{certificate(name), pki::CertificateStatus::good, true, {}, {}};
  pki::RevocationAnswer answer;
  answer.status = pki::CertificateStatus::good;
  answer.source = pki::RevocationAnswer::Source::ocsp;
  answer.this_update = answer.produced_at = at("2026-12-02T08:00:00+07:00");
  item.answer = answer;
  return item;
}

inline std::vector<CertificateVerdict> good_chain(const std::string& leaf) {
  return {checked(leaf), checked("issuing"), {certificate("root"), pki::CertificateStatus::unknown, false, {}, {}}};
}

inline SignatureVerdict good_verdict(std::size_t index, const std::string& leaf) {
  SignatureVerdict verdict;
  verdict.signature = index;
  verdict.indication = Indication::total_passed;
  verdict.signer = certificate(leaf);
  verdict.signer_kind = SubjectKind::person;
  verdict.chain = good_chain(leaf);
  verdict.anchor = "Gốc mẫu";
  verdict.claimed_time = at("2026-12-01T09:00:00+07:00");
  verdict.is_intact = verdict.is_unchanged = true;
  verdict.level = Level::b_b;
  return verdict;
}

inline void stamp(SignatureVerdict& verdict, Instant time) {
  TimeStampVerdict item;
  item.indication = Indication::total_passed;
  item.time = time;
  item.authority = "Máy chủ cấp dấu thời gian mẫu";
  item.chain = good_chain("tsa");
  item.is_proof = true;
  verdict.time_stamps.push_back(item);
  verdict.time_stamp_time = verdict.best_time = time;
  verdict.best_time_proof = "signature-time-stamp";
  verdict.level = Level::b_lt;
}

inline SignatureFacts signature_facts(const std::string& field, std::size_t revision, const pdf::Rect& rect) {
  SignatureFacts facts;
  facts.field = field;
  facts.object = 20;
  facts.offset = 4000;
  facts.first_revision = revision;
  facts.revision = revision;
  facts.filter = "Adobe.PPKLite";
  facts.sub_filter = "ETSI.CAdES.detached";
  facts.name = "Nguyễn Văn A";
  facts.reason = "Ký ban hành";
  facts.location = "Hà Nội";
  facts.byte_range = {0, 4100, 20100, 900};
  facts.widgets = {{0, rect}};
  facts.digest_algorithm = crypto::DigestAlgorithm::sha256;
  facts.digest = crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(field));
  return facts;
}

// Two valid signatures with time-stamps, and a document time-stamp.
inline Sample valid_sample() {
  Sample sample;
  sample.facts.name = "cong-van.pdf";
  sample.facts.title = "Về việc kiểm tra chữ ký số";
  sample.facts.size = 123'456;
  sample.facts.pdf_version = "1.7";
  sample.facts.pages = 2;
  sample.facts.revisions = {{21'000, 20'900, "table", 20}, {60'000, 59'900, "table", 6}, {90'000, 89'900, "table", 5}};
  sample.facts.signatures = {signature_facts("LanhDao", 0, {330, 120, 480, 190}),
                             signature_facts("CoQuan", 1, {280, 110, 385, 215}), signature_facts("", 2, {})};
  sample.facts.signatures[2].kind = SignatureKind::document_time_stamp;
  sample.facts.signatures[2].field = "DauThoiGian";
  sample.facts.signatures[2].widgets.clear();
  sample.facts.signatures[2].covers_whole_document = true;
  Change signing;
  signing.revision = 1;
  signing.kind = ChangeKind::signature_filled;
  signing.code = "change.signature";
  signing.field = "CoQuan";
  signing.page = 0;
  signing.rect = {280, 110, 385, 215};
  signing.is_visible = true;
  Change stamping;
  stamping.revision = 2;
  stamping.kind = ChangeKind::document_time_stamp;
  stamping.code = "change.lta";
  sample.facts.changes = {signing, stamping};

  sample.verdict.indication = Indication::total_passed;
  sample.verdict.policy = "strict";
  sample.verdict.time = at("2027-01-15T10:30:00+07:00");
  sample.verdict.signatures = {good_verdict(0, "rsa2048"), good_verdict(1, "name-organisation"),
                               good_verdict(2, "tsa")};
  sample.first().changes = {0, 1};
  sample.verdict.signatures[1].changes = {1};
  sample.verdict.signatures[1].signer_kind = SubjectKind::organisation;
  stamp(sample.verdict.signatures[0], at("2026-12-01T09:00:12+07:00"));
  stamp(sample.verdict.signatures[1], at("2026-12-01T10:20:00+07:00"));
  stamp(sample.verdict.signatures[2], at("2026-12-02T08:00:00+07:00"));
  return sample;
}

// The first signature of the valid sample, after which somebody changed a page and laid a note over it.
inline Sample changed_sample() {
  Sample sample = valid_sample();
  Change content;
  content.revision = 2;
  content.kind = ChangeKind::content;
  content.code = "change.page-content";
  content.object = 4;
  content.offset = 61'000;
  content.path = "Root/Pages/Kids[0]/Contents";
  content.page = 0;
  Change note = content;
  note.kind = ChangeKind::annotation_added;
  note.code = "change.overlay";
  note.object = 31;
  note.rect = {90, 560, 330, 600};
  note.is_visible = true;
  note.covering = Covering::hides;
  note.subtype = "FreeText";
  note.new_value = "Số tiền: 900.000.000 đồng";
  sample.facts.changes.push_back(content);
  sample.facts.changes.push_back(note);
  for (SignatureVerdict* item : {&sample.verdict.signatures[0], &sample.verdict.signatures[1]}) {
    item->indication = Indication::total_failed;
    item->sub_indication = SubIndication::format_failure;
    item->reason = "change.page-content";
    item->offset = 61'000;
    item->is_unchanged = false;
    Finding reason("change.page-content", Severity::failure);
    reason.at(61'000).object = 4;
    Finding overlay("change.overlay", Severity::failure);
    overlay.page = 1;
    item->findings = {reason, overlay};
    item->changes.push_back(2);
    item->changes.push_back(3);
  }
  sample.verdict.indication = Indication::total_failed;
  sample.verdict.sub_indication = SubIndication::format_failure;
  sample.verdict.reason = "change.page-content";
  sample.verdict.offset = 61'000;
  return sample;
}

// One signature without time-stamp whose certificate's status is not known.
inline Sample unchecked_sample() {
  Sample sample = valid_sample();
  sample.facts.signatures.resize(1);
  sample.facts.changes.clear();
  sample.verdict.signatures = {good_verdict(0, "rsa2048")};
  SignatureVerdict& item = sample.first();
  item.chain[0].is_checked = item.chain[1].is_checked = false;
  item.chain[0].answer.reset();
  item.chain[1].answer.reset();
  item.chain[0].status = item.chain[1].status = pki::CertificateStatus::unknown;
  item.indication = sample.verdict.indication = Indication::indeterminate;
  item.sub_indication = sample.verdict.sub_indication = SubIndication::try_later;
  item.reason = sample.verdict.reason = "pki.revocation.missing";
  item.findings = {Finding("pki.revocation.missing", Severity::indeterminate).with("subject", "Nguyễn Văn A")};
  item.try_again = at("2027-01-16T00:00:00+07:00");
  return sample;
}

}  // namespace kyso::verify::test

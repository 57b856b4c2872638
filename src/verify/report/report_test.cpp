#include <algorithm>

#include "verify/report/report_sample.h"

namespace kyso::verify {
namespace {

using namespace test;

std::string line_value(const std::vector<DetailLine>& lines, std::string_view id) {
  const auto found = std::ranges::find(lines, id, &DetailLine::id);
  return found == lines.end() ? "(none)" : found->value;
}

DetailLine::State line_state(const std::vector<DetailLine>& lines, std::string_view id) {
  const auto found = std::ranges::find(lines, id, &DetailLine::id);
  return found == lines.end() ? DetailLine::State::plain : found->state;
}

std::string vietnamese(const Sample& sample, std::size_t index = 0) {
  return summarise(sample.facts, sample.verdict.signatures[index], Language::vietnamese).what;
}
std::string english(const Sample& sample, std::size_t index = 0) {
  return summarise(sample.facts, sample.verdict.signatures[index], Language::english).what;
}

TEST_CASE("a valid signature: who, when, and who says so") {
  const Sample sample = valid_sample();
  CHECK(vietnamese(sample, 1) ==
        "Chữ ký hợp lệ, của Ủy ban nhân dân tỉnh Mẫu, ký lúc 01/12/2026 10:20:00 +07:00 (thời gian do máy chủ cấp dấu "
        "thời "
        "gian mẫu xác nhận).");
  CHECK(
      english(sample, 1) ==
      "Valid signature of Ủy ban nhân dân tỉnh Mẫu, signed at 01/12/2026 10:20:00 +07:00 (confirmed by the time-stamp "
      "server “Máy chủ cấp dấu thời gian mẫu”).");
  CHECK(vietnamese(sample, 0).ends_with("sau đó tài liệu được ký thêm."));
  CHECK(vietnamese(sample, 2).starts_with("Dấu thời gian của tài liệu hợp lệ: tài liệu đã có lúc 02/12/2026 08:00:00"));
  CHECK(summarise(sample.facts, sample.verdict, Language::vietnamese).what ==
        "Cả 2 chữ ký trên tài liệu đều hợp lệ; nội dung đã ký chưa bị thay đổi.");
}

TEST_CASE("the claimed time is never said to be confirmed") {
  Sample sample = valid_sample();
  SignatureVerdict& item = sample.first();
  item.time_stamps.clear();
  item.time_stamp_time.reset();
  item.best_time.reset();
  item.best_time_proof.clear();
  item.changes.clear();
  CHECK(vietnamese(sample) ==
        "Chữ ký hợp lệ, của Nguyễn Văn A, ký lúc 01/12/2026 09:00:00 +07:00 theo đồng hồ của máy ký, chưa có dấu thời "
        "gian "
        "xác nhận.");
  item.best_time = at("2026-12-02T08:00:00+07:00");
  item.best_time_proof = "document-time-stamp:DauThoiGian";
  CHECK(vietnamese(sample).find("theo đồng hồ của máy ký; dấu thời gian của tài liệu chứng minh chữ ký đã có trước "
                                "02/12/2026 08:00:00") != std::string::npos);
  item.claimed_time.reset();
  CHECK(english(sample).find("with no signing time stated") != std::string::npos);
}

TEST_CASE("what was not checked is never shown as good") {
  Sample sample = valid_sample();
  SignatureVerdict& item = sample.first();
  item.chain[0].is_checked = false;
  item.chain[0].status = pki::CertificateStatus::good;  // whatever a careless caller left there
  CHECK(vietnamese(sample).find("; tổ chức cấp không công bố trạng thái thu hồi nên chưa kiểm tra được.") !=
        std::string::npos);
  CHECK(summarise(sample.facts, sample.first(), Language::vietnamese).next_step.empty());
  // One whose authority could be asked: so it should be.
  const Bytes state_agencies = must(read_file(KYSO_SOURCE_DIR "/share/trust/vgca-state-agencies-g1.crt"));
  Sample askable = sample;
  askable.first().chain[0].certificate = state_agencies.front() == '-'
                                             ? must(crypto::Certificate::from_pem(as_chars(state_agencies))).front()
                                             : must(crypto::Certificate::from_der(state_agencies));
  CHECK(vietnamese(askable).find("; trạng thái thu hồi của chứng thư số chưa kiểm tra được.") != std::string::npos);
  CHECK(summarise(askable.facts, askable.first(), Language::vietnamese).next_step.find("--online") !=
        std::string::npos);
  CHECK(summarise(sample.facts, sample.verdict, Language::vietnamese).what.find("chưa kiểm tra được hết") !=
        std::string::npos);
  const auto lines = details(sample.facts, item, sample.verdict, Language::vietnamese);
  CHECK(line_state(lines, "certificate_status") == DetailLine::State::unknown);
  CHECK(line_value(lines, "certificate_status") == "chưa kiểm tra được: tổ chức cấp không công bố trạng thái thu hồi");
  const auto checklist = circular_checklist(sample.facts, sample.verdict, Language::vietnamese);
  CHECK(line_state(checklist, "tt15.1") == DetailLine::State::unknown);
  CHECK(line_state(checklist, "tt15.2") == DetailLine::State::unknown);
  const json::Value value = to_json(sample.facts, sample.verdict, Language::vietnamese);
  const json::Value& chain = *value.find("signatures")->as_array()->front().find("chain");
  CHECK(chain.as_array()->front().find("status")->as_string() == "not_checked");
  CHECK(chain.as_array()->front().find("checked")->as_bool() == false);
}

TEST_CASE("a document changed after signing says what, where and what to do") {
  const Sample sample = changed_sample();
  CHECK(vietnamese(sample) ==
        "Tài liệu đã bị thay đổi sau khi ký: nội dung trang 1 đã bị thay đổi. Chữ ký của Nguyễn Văn A không bảo đảm "
        "cho nội "
        "dung đang hiển thị.");
  CHECK(summarise(sample.facts, sample.first(), Language::vietnamese).next_step.find("kyso extract") !=
        std::string::npos);
  CHECK(summarise(sample.facts, sample.verdict, Language::english).what ==
        "The document was changed after signing (both signatures not valid): the content of page 1 was changed.");
  const auto lines = details(sample.facts, sample.first(), sample.verdict, Language::vietnamese);
  CHECK(line_value(lines, "integrity") == "Tài liệu đã bị thay đổi.");
  CHECK(line_state(lines, "integrity") == DetailLine::State::bad);
  CHECK(line_value(lines, "changes").find("Thêm ghi chú (trang 1)") != std::string::npos);
}

TEST_CASE("other failures, open verdicts, and documents without signatures") {
  Sample sample = unchecked_sample();
  CHECK(
      vietnamese(sample) ==
      "Chưa kết luận được chữ ký của Nguyễn Văn A: chưa kiểm tra được chứng thư số của Nguyễn Văn A có bị thu hồi hay "
      "không: không có thông tin thu hồi.");
  CHECK(
      summarise(sample.facts, sample.first(), Language::english).next_step.starts_with("Check again after 16/01/2027"));
  sample.first().indication = Indication::total_failed;
  sample.first().sub_indication = SubIndication::hash_failure;
  sample.first().reason = "cms.digest";
  CHECK(vietnamese(sample).starts_with(
      "Tài liệu đã bị thay đổi sau khi ký: nội dung hiện tại không phải là nội dung đã được"));
  sample.first().sub_indication = SubIndication::sig_crypto_failure;
  sample.first().reason = "cms.signature";
  CHECK(vietnamese(sample) ==
        "Chữ ký của Nguyễn Văn A không hợp lệ: giá trị chữ ký không khớp với chứng thư số của người ký.");
  sample.first().reason = "byterange.hole";
  CHECK(
      english(sample).starts_with("The signature of Nguyễn Văn A is not valid: the signature leaves a part unsigned"));
  sample.first().signer.reset();
  CHECK(vietnamese(sample).find("người tự xưng là “Nguyễn Văn A”") != std::string::npos);
  sample.facts.signatures.clear();
  sample.verdict.signatures.clear();
  sample.verdict.indication = Indication::indeterminate;
  CHECK(summarise(sample.facts, sample.verdict, Language::vietnamese).what == "Tài liệu chưa được ký số.");
}

TEST_CASE("a reason of the document stands in its sentence when every signature passed") {
  Sample sample = valid_sample();
  sample.verdict.indication = Indication::total_failed;
  sample.verdict.sub_indication = SubIndication::format_failure;
  sample.verdict.reason = "signature.removed";
  Finding removed("signature.removed", Severity::failure);
  removed.revision = 3;
  sample.verdict.findings = {removed};
  CHECK(summarise(sample.facts, sample.verdict, Language::vietnamese).what ==
        "Tài liệu đã bị thay đổi sau khi ký: chữ ký có trong bản trước đã bị gỡ khỏi tài liệu ở bản thứ 3.");
}

TEST_CASE("a detached signature has no revisions, pages or fields") {
  Sample sample = unchecked_sample();
  sample.facts.format = DocumentFacts::Format::cades;
  sample.facts.revisions.clear();
  sample.first_facts().field.clear();
  sample.first_facts().widgets.clear();
  sample.first_facts().revision.reset();
  const auto lines = details(sample.facts, sample.first(), sample.verdict, Language::vietnamese);
  for (const char* id : {"coverage", "field", "pages"}) CHECK(line_value(lines, id) == "(none)");
  const auto checklist = circular_checklist(sample.facts, sample.verdict, Language::english);
  CHECK(line_value(checklist, "tt15.7").find("--revision") == std::string::npos);
  const json::Value value = to_json(sample.facts, sample.verdict, Language::english);
  CHECK(value.find("format")->as_string() == "cades");
  CHECK(value.find("signatures")->as_array()->front().find("field")->is_null());
}

TEST_CASE("an empty or absurd verdict still gives all reports") {
  for (const Indication indication : {Indication::total_passed, Indication::indeterminate, Indication::total_failed}) {
    const DocumentFacts facts;
    Verdict verdict;
    verdict.indication = indication;
    verdict.signatures.resize(2);
    verdict.signatures[0].signature = 99;  // leads nowhere
    verdict.signatures[0].changes = {7, 8};
    CHECK_FALSE(summarise(facts, verdict, Language::vietnamese).what.empty());
    CHECK_FALSE(summarise(facts, verdict.signatures[0], Language::english).what.empty());
    CHECK_FALSE(details(facts, verdict.signatures[0], verdict, Language::english).empty());
    CHECK(to_json(facts, verdict, Language::english).find("signatures")->as_array()->size() == 2);
    CHECK(to_etsi_xml(facts, verdict).find("<SignatureValidationStatus>") != std::string::npos);
    CHECK(to_html({facts, verdict, Language::english, {}}).ends_with("</html>\n"));
    CHECK(to_pdf({facts, verdict, Language::english, {}}));
  }
}

TEST_CASE("details are those of the dialog that people know") {
  const Sample sample = valid_sample();
  const auto lines = details(sample.facts, sample.first(), sample.verdict, Language::vietnamese);
  CHECK(line_value(lines, "signer").starts_with("Nguyễn Văn A"));
  CHECK(line_value(lines, "organisation") == "Văn phòng Sở, Sở Nội vụ tỉnh Mẫu");
  CHECK(line_value(lines, "signing_time") == "01/12/2026 09:00:00 +07:00");
  CHECK(line_value(lines, "time_stamp") == "Dấu thời gian trên chữ ký hợp lệ: 01/12/2026 09:00:12 +07:00");
  CHECK(line_value(lines, "time_stamp_authority") == "Máy chủ cấp dấu thời gian mẫu");
  CHECK(line_value(lines, "integrity") == "Tài liệu chưa bị thay đổi.");
  CHECK(line_value(lines, "certificate") == "Chứng thư số ký hợp lệ.");
  CHECK(line_value(lines, "certificate_status").starts_with("không bị thu hồi (OCSP, lập lúc 02/12/2026"));
  CHECK(line_value(lines, "level") == "B-LT");
  CHECK(line_value(lines, "checked_at") == "15/01/2027 10:30:00 +07:00 (không kết nối mạng)");
  CHECK(line_value(lines, "coverage").starts_with("1 / 3"));
  for (const DetailLine& line : lines) CHECK_FALSE(line.value.empty());
}

TEST_CASE("details warn of a late clock, a missing time-stamp, and a person under a seal") {
  Sample sample = valid_sample();
  sample.first().claimed_time = at("2026-12-01T09:16:00+07:00");
  sample.first_facts().ink = "red";
  auto lines = details(sample.facts, sample.first(), sample.verdict, Language::vietnamese);
  CHECK(line_state(lines, "signing_time") == DetailLine::State::warning);
  CHECK(line_value(lines, "signing_time").starts_with("01/12/2026 09:16:00 +07:00 (muộn hơn"));
  CHECK(line_state(lines, "signer_kind") == DetailLine::State::warning);
  sample.first().time_stamps.clear();
  lines = details(sample.facts, sample.first(), sample.verdict, Language::vietnamese);
  CHECK(line_value(lines, "time_stamp") == "Chữ ký không gắn dấu thời gian.");
  CHECK(line_state(lines, "time_stamp") == DetailLine::State::warning);
}

TEST_CASE("the Circular's list has its seven points") {
  const Sample sample = valid_sample();
  const auto lines = circular_checklist(sample.facts, sample.verdict, Language::vietnamese);
  REQUIRE(lines.size() == 7);
  for (std::size_t i = 0; i < 7; ++i) {
    CHECK(lines[i].id == fmt::format("tt15.{}", i + 1));
    CHECK(lines[i].state == DetailLine::State::good);
  }
  CHECK(line_state(circular_checklist(changed_sample().facts, unchecked_sample().verdict, Language::english),
                   "tt15.6") == DetailLine::State::warning);
  Sample revoked = valid_sample();
  revoked.first().sub_indication = SubIndication::revoked;
  revoked.first().indication = Indication::total_failed;
  CHECK(line_state(circular_checklist(revoked.facts, revoked.verdict, Language::english), "tt15.1") ==
        DetailLine::State::bad);
}

TEST_CASE("JSON: the members that programs rely on") {
  const Sample sample = changed_sample();
  const json::Value value = to_json(sample.facts, sample.verdict, Language::vietnamese);
  CHECK(value.find("verdict")->as_string() == "invalid");
  CHECK(value.find("indication")->as_string() == "TOTAL_FAILED");
  CHECK(value.find("subindication")->as_string() == "FORMAT_FAILURE");
  CHECK(value.find("reason")->as_string() == "change.page-content");
  CHECK(value.find("offset")->as_integer() == 61'000);
  CHECK(value.find("time")->as_string() == "2027-01-15T10:30:00+07:00");
  const auto& signatures = *value.find("signatures")->as_array();
  REQUIRE(signatures.size() == 3);
  const json::Value& first = signatures[0];
  for (const char* name : {"field",
                           "kind",
                           "signer",
                           "signer_subject",
                           "issuer",
                           "serial",
                           "signer_kind",
                           "indication",
                           "subindication",
                           "reason",
                           "offset",
                           "explanation",
                           "claimed_time",
                           "timestamp_time",
                           "best_time",
                           "level",
                           "byte_range",
                           "revision",
                           "certification",
                           "covers_whole_document",
                           "widgets",
                           "time_stamps",
                           "chain",
                           "modifications",
                           "modification_level",
                           "modifications_allowed",
                           "findings",
                           "try_again"}) {
    CAPTURE(name);
    CHECK(first.find(name) != nullptr);
  }
  CHECK(first.find("signer")->as_string() == "Nguyễn Văn A");
  CHECK(first.find("timestamp_time")->as_string() == "2026-12-01T09:00:12+07:00");
  CHECK(first.find("revision")->as_integer() == 1);
  CHECK(first.find("certification")->is_null());
  CHECK(first.find("modification_level")->as_string() == "other");
  CHECK(first.find("modifications_allowed")->as_bool() == false);
  const auto& changes = *first.find("modifications")->as_array();
  REQUIRE(changes.size() == 4);
  CHECK(changes[3].find("class")->as_string() == "annotation_added");
  CHECK(changes[3].find("page")->as_integer() == 1);
  CHECK(changes[3].find("covering")->as_string() == "hides");
  CHECK(changes[3].find("rect")->as_array()->size() == 4);
  CHECK(changes[2].find("rect")->is_null());
  CHECK(signatures[2].find("kind")->as_string() == "document_time_stamp");
  CHECK(signatures[2].find("modifications")->as_array()->empty());
  CHECK(signatures[2].find("subindication")->is_null());
  CHECK(signatures[2].find("modification_level")->as_string() == "none");
  CHECK(json::parse(json::serialize(value)));
  CHECK(json::serialize(value) == json::serialize(to_json(sample.facts, sample.verdict, Language::vietnamese)));
}

TEST_CASE("JSON stays bounded when 2,000 signatures each have 2,000 later changes") {
  Sample sample = changed_sample();
  const Change change = sample.facts.changes.back();
  sample.facts.changes.assign(2'000, change);
  SignatureVerdict item = sample.first();
  item.changes.resize(2'000);
  for (std::size_t i = 0; i < 2'000; ++i) item.changes[i] = i;
  sample.verdict.signatures.assign(2'000, item);
  const json::Value value = to_json(sample.facts, sample.verdict, Language::english);
  const auto& signatures = *value.find("signatures")->as_array();
  CHECK(signatures.front().find("modifications")->as_array()->size() == 1'000);
  CHECK(signatures.back().find("modifications")->as_array()->empty());
  CHECK(signatures.back().find("modification_count")->as_integer() == 2'000);
}

}  // namespace
}  // namespace kyso::verify

#include <doctest/doctest.h>

#include "base/text.h"
#include "decree30/test_support.h"
#include "registry/dossier/dossier_test_support.h"

namespace kyso::registry {
namespace {

using test::has_code;
using test::kNow;

struct Letter {
  Dossier dossier;
  std::vector<Line> lines;
  CheckedLetter letter;
  LetterRules rules;
  std::vector<SubscriberCertificate> known;
  LetterRole role = LetterRole::request;

  Letter() {
    dossier.id = "d1";
    dossier.form = test::whole_form(2);
    dossier.line_count = 2;
    for (int i = 0; i < 2; ++i) {
      lines.emplace_back();
      lines.back().form = test::person(i);
      lines.back().organisation_chain = {"Ủy ban nhân dân tỉnh Mẫu", "Sở Giáo dục và Đào tạo"};
    }
    letter.verdict.is_valid = true;
    letter.verdict.signers = {{"Nguyễn Văn A", "Sở", "nva@mau.gov.vn", "AA01", false, kNow},
                              {"Sở Giáo dục và Đào tạo", "", "so@mau.gov.vn", "AA02", true, kNow}};
    letter.content = {"d1", rows_sha256(lines), 1, 2, "12/SGDĐT-VP", "2026-09-14"};
    rules.organisations = {"o1"};
    rules.names = {fold_accents("Sở Giáo dục và Đào tạo")};
  }
  LetterJudgement judge() const { return judge_letter({role, dossier, rows_sha256(lines), letter, rules, known}); }
};

TEST_CASE("a letter signed and sealed as it must be is accepted in the portal's words") {
  const LetterJudgement out = Letter().judge();
  CHECK(out.problems.empty());
  CHECK(out.is_valid);
  CHECK(out.text == "Văn bản/Hồ sơ ký số hợp lệ Ký bởi: Nguyễn Văn A; Sở Giáo dục và Đào tạo");
}

TEST_CASE("what is wrong with signatures is named") {
  const auto judged = [](auto&& change) {
    Letter letter;
    change(letter);
    return letter.judge();
  };
  const auto refuses = [&](std::string_view code, auto&& change) {
    const LetterJudgement out = judged(change);
    INFO(code);
    CHECK(has_code(out.problems, code));
    CHECK(!out.is_signed_well);
    CHECK(!out.is_valid);
    CHECK(out.text == "Văn bản/Hồ sơ ký số không hợp lệ");
  };
  refuses("registry.letter.unsigned", [](Letter& l) { l.letter.verdict = {}; });
  refuses("registry.letter.invalid", [](Letter& l) { l.letter.verdict.is_valid = false; });
  refuses("registry.letter.signature", [](Letter& l) {
    l.letter.verdict.problems = {{"x", "Văn bản đã bị thay đổi sau khi ký."}};
    l.letter.verdict.is_valid = false;
  });
  refuses("registry.letter.no_seal", [](Letter& l) { l.letter.verdict.signers.pop_back(); });
  // A clerk's personal certificate in place of the organisation's (portal guide, fault 6).
  refuses("registry.letter.no_seal", [](Letter& l) { l.letter.verdict.signers[1].is_organisation = false; });
  refuses("registry.letter.no_head",
          [](Letter& l) { l.letter.verdict.signers.erase(l.letter.verdict.signers.begin()); });
  refuses("registry.letter.other_head", [](Letter& l) { l.letter.verdict.signers[0].name = "Trần Thị B"; });
  refuses("registry.letter.other_seal", [](Letter& l) { l.letter.verdict.signers[1].name = "Sở Y tế"; });
  refuses("registry.letter.no_time_stamp", [](Letter& l) { l.letter.verdict.signers[0].time_stamp.reset(); });
  // The record knows better than names: such a seal is another organisation's.
  refuses("registry.letter.other_seal",
          [](Letter& l) { l.known = {test::certificate("AA02", "o9", "Sở Giáo dục và Đào tạo")}; });
  refuses("registry.letter.other_head", [](Letter& l) { l.known = {test::certificate("AA01", "o9", "Nguyễn Văn A")}; });
}

TEST_CASE("a letter must fit the dossier as it is now") {
  const auto judged = [](auto&& change) {
    Letter letter;
    change(letter);
    return letter.judge();
  };
  const auto refuses = [&](std::string_view code, auto&& change) {
    const LetterJudgement out = judged(change);
    INFO(code);
    CHECK(has_code(out.problems, code));
    CHECK(out.is_signed_well);  // the signatures are good all the same
    CHECK(!out.is_valid);
  };
  refuses("registry.letter.number", [](Letter& l) { l.dossier.form.letter_number = "13/SGDĐT-VP"; });
  refuses("registry.letter.date", [](Letter& l) { l.dossier.form.letter_date = "2026-09-13"; });
  refuses("registry.letter.rows", [](Letter& l) { l.lines[0].form.position = "Giám đốc"; });
  refuses("registry.letter.rows", [](Letter& l) { std::swap(l.lines[0], l.lines[1]); });
  refuses("registry.letter.other_dossier", [](Letter& l) { l.letter.content.dossier = "d2"; });
  refuses("registry.letter.count", [](Letter& l) { l.dossier.line_count = 1; });
  refuses("registry.letter.count_more", [](Letter& l) { l.dossier.line_count = 3; });
  CHECK(judged([](Letter& l) { l.letter.content.number = "012/sgdđt-vp"; }).is_valid);
  // Written by hand: it can't be compared, and somebody has to say that it was.
  const LetterJudgement by_hand = judged([](Letter& l) { l.letter.content = {"", "", {}, {}, "", ""}; });
  CHECK(by_hand.is_valid);
  CHECK(has_code(by_hand.problems, "registry.letter.unmarked"));
  CHECK(has_code(by_hand.problems, "registry.letter.number_unread"));
}

TEST_CASE("what was verified is kept as it was") {
  Letter letter;
  letter.letter.verdict.problems = {{"a", "b"}};
  letter.letter.verdict.problems_en = {{"a", "c"}};
  letter.letter.verified = kNow;
  const CheckedLetter back = must(checked_letter_from_json(to_json(letter.letter)));
  CHECK(json::serialize(to_json(back)) == json::serialize(to_json(letter.letter)));
  CHECK(back.verdict.signers.size() == 2);
  CHECK(back.verdict.signers[0].time_stamp == kNow);
  CHECK(back.content.rows_sha256 == letter.letter.content.rows_sha256);
}

TEST_CASE("the exported letter bears its marks, its number and date, and the words of its form") {
  setenv("KYSO_SHARE", KYSO_SOURCE_DIR "/share", 1);
  for (const DossierKind kind : kDossierKinds) {
    INFO(code_of(kind));
    Letter letter;
    letter.dossier.kind = kind;
    letter.dossier.lines_revision = 7;
    letter.dossier.form.letter_subject.clear();
    letter.dossier.form.coordinator.name = "Nguyễn Văn A";
    letter.dossier.updated = kNow;
    const decree30::Letter made =
        compose_letter(letter.dossier, letter.lines, {"Ủy ban nhân dân tỉnh Mẫu", "Sở Giáo dục và Đào tạo"});
    CHECK(made.subject == legal_subject(kind, false));
    const Bytes pdf = must(decree30::letter_to_pdf(made, letter_options(letter.dossier, letter.lines)));
    const LetterContent content = must(read_letter(pdf));
    CHECK(content.dossier == "d1");
    CHECK(content.revision == 7);
    CHECK(content.count == 2);
    CHECK(content.rows_sha256 == rows_sha256(letter.lines));
    CHECK(content.number == "12/SGDĐT-VP");
    CHECK(content.date == "2026-09-14");
    const Bytes docx = must(decree30::letter_to_docx(made, letter_options(letter.dossier, letter.lines)));
    CHECK(as_chars(docx).starts_with("PK"));
  }
  CHECK(legal_subject(DossierKind::person, true) ==
        "V/v đề nghị cấp chứng thư chữ ký số chuyên dùng công vụ cho cá nhân sử dụng giải pháp ký số tập trung");
  CHECK(code_of(read_letter(to_bytes("%PDF-1.7 nothing"))) == "registry.letter.unreadable");
}

TEST_CASE("number and date that the clerk fills in when sealing are read from the signed letter") {
  namespace d30 = decree30::test;
  for (const char* entered : {"", "/SGDĐT-VP"}) {
    INFO(entered);
    Letter letter;
    letter.dossier.form.letter_number = entered;
    letter.dossier.form.letter_date.clear();
    const decree30::Letter made =
        compose_letter(letter.dossier, letter.lines, {"Ủy ban nhân dân tỉnh Mẫu", "Sở Giáo dục và Đào tạo"});
    const pdf::Document draft = must(pdf::Document::open(
        pdf::Source::from_bytes(must(decree30::letter_to_pdf(made, letter_options(letter.dossier, letter.lines))))));
    const decree30::RoleRequest leader = d30::request_for(decree30::Role::leader);
    const pdf::Document once = d30::signed_with(draft, must(plan_role(draft, leader)), leader.certificate);
    decree30::RoleRequest clerk = d30::request_for(decree30::Role::organisation);
    clerk.number = "5/SGDĐT-VP";
    clerk.date = *parse_time("2027-02-04");
    const pdf::Document issued = d30::signed_with(once, must(plan_role(once, clerk)), clerk.certificate);
    const pdf::Source& source = issued.graph().source();
    Bytes bytes(source.size());
    must(source.read(0, bytes));
    const LetterContent content = must(read_letter(bytes));
    CHECK(content.number == "05/SGDĐT-VP");
    CHECK(content.date == "2027-02-04");
    CHECK(content.count == 2);
  }
}

TEST_CASE("a letter that waits for its number has none") {
  setenv("KYSO_SHARE", KYSO_SOURCE_DIR "/share", 1);
  Letter letter;
  letter.dossier.form.letter_number.clear();
  letter.dossier.form.letter_date.clear();
  const decree30::Letter made = compose_letter(letter.dossier, letter.lines, {"Tỉnh", "Sở"});
  const LetterContent content =
      must(read_letter(must(decree30::letter_to_pdf(made, letter_options(letter.dossier, letter.lines)))));
  CHECK(content.number.empty());
  CHECK(content.date.empty());
}

}  // namespace
}  // namespace kyso::registry

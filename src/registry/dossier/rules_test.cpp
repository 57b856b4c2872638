#include "registry/dossier/rules.h"

#include <doctest/doctest.h>

#include "base/error_text.h"
#include "registry/dossier/dossier_test_support.h"

namespace kyso::registry {
namespace {

using test::has_code;
using test::kNow;

const RuleSettings kSettings;

Organisation school() {
  Organisation out;
  out.id = "o1";
  out.name = "Sở Giáo dục và Đào tạo";
  out.province = "20";
  out.mail_domains = {"mau.gov.vn"};
  out.sector = "education";
  return out;
}

struct Case {
  Organisation organisation = school();
  LineContext context;
  explicit Case(DossierKind kind) {
    context.kind = kind;
    context.today = vietnam_day(kNow);
    context.now = kNow;
    context.settings = &kSettings;
    context.organisation = &organisation;
  }
  std::vector<DossierFinding> check(LineForm form) {
    last = std::move(form);
    return check_line(last, context);
  }
  LineForm last;
};

bool blocks(const std::vector<DossierFinding>& findings) {
  return worst_of(findings) == Level::block;
}

TEST_CASE("a person's line that is right has nothing to be said about it") {
  Case at(DossierKind::person);
  CHECK(at.check(test::person()).empty());
  CHECK(at.last.province == "20");
  CHECK(at.last.device == Device::token);
}

TEST_CASE("every required column of a person is missed by its name") {
  Case at(DossierKind::person);
  at.context.organisation = nullptr;
  const auto findings = at.check({});
  for (const char* field :
       {"name", "date_of_birth", "identity", "identity_date", "identity_place", "email", "organisation", "province"})
    CHECK_MESSAGE(has_code(findings, "registry.line.required", field), field);
  CHECK(!has_code(findings, "registry.line.required", "position"));
  const ErrorText words = describe(findings.front().error(), Language::vietnamese);
  CHECK(words.message.ends_with("là trường bắt buộc."));
}

TEST_CASE("what people enter is put into its usual form") {
  Case at(DossierKind::person);
  LineForm form = test::person();
  form.date_of_birth = "12/07/1987";
  form.identity = "0200 8700 0001";
  form.phone = "0912 345 670";
  form.email = "NVA0@MAU.GOV.VN";
  CHECK(!blocks(at.check(form)));
  CHECK(at.last.date_of_birth == "1987-07-12");
  CHECK(at.last.identity == "020087000001");
  CHECK(at.last.phone == "84912345670");
  CHECK(at.last.email == "nva0@mau.gov.vn");
}

TEST_CASE("what a certificate or a statement bears must be seen as it is") {
  const std::string hidden = "Văn \u202Ephòng";
  const auto at_place = [&](DossierKind kind, std::string LineForm::* member, std::string_view field) {
    Case at(kind);
    std::vector<SubscriberCertificate> known = {test::certificate("31C106", "o1")};
    if (is_about_certificate(kind)) at.context.certificates = known;
    at.context.is_own = [](const SubscriberCertificate&) { return true; };
    LineForm form = test::person();
    form.subject_kind = "service";
    form.serial = "31C106";
    form.action = kind == DossierKind::revocation ? "revoke" : kind == DossierKind::change ? "change" : "";
    form.reason = 0;
    form.reason_text = "Nghỉ hưu";
    CHECK(!has_code(at.check(form), "registry.check.text.hidden"));
    form.*member = hidden;
    const auto findings = at.check(form);
    CHECK_MESSAGE(has_code(findings, "registry.check.text.hidden", field), code_of(kind), " ", field);
    CHECK(blocks(findings));
  };
  at_place(DossierKind::person, &LineForm::name, "name");
  at_place(DossierKind::person, &LineForm::position, "position");
  at_place(DossierKind::organisation, &LineForm::name, "name");
  at_place(DossierKind::device, &LineForm::name, "name");
  at_place(DossierKind::change, &LineForm::name, "name");
  at_place(DossierKind::change, &LineForm::position, "position");
  at_place(DossierKind::revocation, &LineForm::reason_text, "reason_text");
}

TEST_CASE("private mail boxes block, but an officer may let them pass") {
  Case at(DossierKind::person);
  LineForm form = test::person();
  form.email = "nva@gmail.com";
  const auto findings = at.check(form);
  REQUIRE(blocks(findings));
  CHECK(std::ranges::all_of(findings, [](const auto& one) { return may_be_overridden(one); }));
}

TEST_CASE("central signing is for people of education and health, and only with everything it needs") {
  Case at(DossierKind::person);
  at.context.central_signing = true;
  LineForm form = test::person();
  form.device = Device::central;
  form.phone = "0912345670";
  form.is_authorised_person = false;
  form.does_finance = false;
  form.owns_number = true;
  form.phone_os = "iOS";
  form.phone_os_version = "16.2";
  form.computer_os_version = "Windows 10";
  CHECK(at.check(form).empty());
  const auto with = [&](auto&& change) {
    LineForm changed = form;
    change(changed);
    return at.check(changed);
  };
  CHECK(has_code(with([](LineForm& f) { f.is_authorised_person = true; }), "registry.central.authorised"));
  CHECK(has_code(with([](LineForm& f) { f.is_authorised_person.reset(); }), "registry.central.authorised"));
  CHECK(has_code(with([](LineForm& f) { f.does_finance = true; }), "registry.central.finance"));
  CHECK(has_code(with([](LineForm& f) { f.owns_number.reset(); }), "registry.central.number"));
  CHECK(has_code(with([](LineForm& f) { f.phone_os_version = "13.7"; }), "registry.central.version"));
  CHECK(has_code(with([](LineForm& f) { f.phone_os = "Android", f.phone_os_version = "8"; }),
                 "registry.central.version"));
  CHECK(!blocks(with([](LineForm& f) { f.phone_os = "Android", f.phone_os_version = "9.0"; })));
  CHECK(has_code(with([](LineForm& f) { f.computer_os_version = "7"; }), "registry.central.version"));
  CHECK(has_code(with([](LineForm& f) { f.phone_os = "symbian"; }), "registry.central.phone"));
  CHECK(has_code(with([](LineForm& f) { f.phone.clear(); }), "registry.line.required", "phone"));
  CHECK(has_code(with([](LineForm& f) { f.device = Device::token; }), "registry.central.device"));
  at.organisation.sector = "finance";
  CHECK(has_code(at.check(form), "registry.central.sector"));
  at.organisation.sector = "health";
  CHECK(at.check(form).empty());
  at.context.central_signing = false;
  CHECK(has_code(at.check(form), "registry.central.dossier"));
  at.context.kind = DossierKind::organisation;
  CHECK(has_code(at.check(form), "registry.central.person"));
}

TEST_CASE("SIM PKI: three operators, a number, and people only") {
  Case at(DossierKind::person);
  LineForm form = test::person();
  form.sim_operator = "viettel";
  form.sim_keep_number = true;
  form.phone = "0962345670";
  CHECK(!blocks(at.check(form)));
  CHECK(at.last.device == Device::sim_pki);
  CHECK(at.last.sim_operator == "Viettel");
  CHECK(at.last.sim_keep_number);
  form.sim_operator = "Vietnamobile";
  CHECK(blocks(at.check(form)));
  form.sim_operator = "Viettel";
  form.phone.clear();
  CHECK(has_code(at.check(form), "registry.line.required", "phone"));
  form.device = Device::token;
  CHECK(has_code(at.check(form), "registry.line.sim_device"));
  Case of(DossierKind::organisation);
  form = {};
  form.device = Device::sim_pki;
  CHECK(has_code(of.check(form), "registry.line.sim_person"));
}

TEST_CASE("kinds 04 to 06 need a certificate that exists, is theirs and is active") {
  Case at(DossierKind::change);
  LineForm form;
  form.serial = "0031c106";
  form.action = "renew";
  CHECK(has_code(at.check(form), "registry.line.certificate"));
  at.context.certificates = {test::certificate("31C106", "o1")};
  CHECK(at.check(form).empty());
  CHECK(at.last.issuer == "CPCA_G1");
  CHECK(at.last.serial == "31C106");
  SubscriberCertificate& one = at.context.certificates.front();
  one.state = "revoked";
  CHECK(has_code(at.check(form), "registry.line.certificate_state"));
  one.state = "good";
  one.not_after = kNow;
  CHECK(has_code(at.check(form), "registry.line.certificate_state"));
  one.not_after = kNow + std::chrono::days(1);
  form.action = "change";
  CHECK(has_code(at.check(form), "registry.line.no_change"));
  form.email = "moi@mau.gov.vn";
  CHECK(at.check(form).empty());
  // Of another organisation: only the same person's.
  at.context.is_own = [](const SubscriberCertificate&) { return false; };
  CHECK(has_code(at.check(form), "registry.line.certificate_foreign"));
  one.identity = form.identity = "020087000001";
  const auto findings = at.check(form);
  CHECK(!blocks(findings));
  CHECK(has_code(findings, "registry.line.certificate_outside"));
  at.context.certificates.push_back(test::certificate("31C106", "o1"));
  CHECK(has_code(at.check(form), "registry.line.issuer"));
}

TEST_CASE("revocation: reasons, suspension and release") {
  Case at(DossierKind::revocation);
  at.context.certificates = {test::certificate("31C106", "o1")};
  LineForm form;
  form.serial = "31C106";
  CHECK(has_code(at.check(form), "registry.line.required", "reason"));
  form.reason = 5;
  CHECK(at.check(form).empty());
  form.reason = 6;  // certificateHold is a suspension
  CHECK(has_code(at.check(form), "registry.line.choice"));
  form.reason.reset();
  form.action = "suspend";
  CHECK(at.check(form).empty());
  form.action = "release";
  CHECK(has_code(at.check(form), "registry.line.certificate_state"));
  at.context.certificates.front().state = "suspended";
  CHECK(at.check(form).empty());
  form.action = "revoke";
  form.reason = 1;
  CHECK(at.check(form).empty());
}

TEST_CASE("recovery is of tokens") {
  Case at(DossierKind::recovery);
  at.context.certificates = {test::certificate("31C106", "o1")};
  LineForm form;
  form.serial = "31C106";
  CHECK(at.check(form).empty());
  CHECK(at.last.token_serial == "T31C106");
  form.token_serial = "other";
  CHECK(has_code(at.check(form), "registry.line.token"));
  at.context.certificates.front().device = Device::central;
  CHECK(has_code(at.check(form), "registry.line.recovery_device"));
}

TEST_CASE("organisations and devices") {
  Case at(DossierKind::organisation);
  LineForm form;
  form.address = "Số 1 đường Mẫu";
  form.email = "so@mau.gov.vn";
  form.tax_code = "0100109106";
  CHECK(at.check(form).empty());
  CHECK(at.last.name == "Sở Giáo dục và Đào tạo");
  form.tax_code = "0100109107";
  CHECK(blocks(at.check(form)));
  form.tax_code.clear();
  CHECK(has_code(at.check(form), "registry.line.no_code"));
  Case of(DossierKind::device);
  form = {};
  form.name = "Cổng dịch vụ công";
  form.subject_kind = "service";
  form.manager = "Nguyễn Văn A";
  form.email = "cong@mau.gov.vn";
  form.dns_names = {"Dichvu.mau.gov.vn", "*.mau.gov.vn"};
  CHECK(of.check(form).empty());
  for (const char* name : {"mau", "a..b.vn", "-a.vn", "a-.vn", "a b.vn", "*.*.vn", "a.vn.", "a_b.vn"}) {
    form.dns_names = {name};
    CHECK_MESSAGE(has_code(of.check(form), "registry.line.dns"), name);
  }
}

TEST_CASE("one number twice in a list is told of") {
  LineForm one = test::person(1), two = test::person(2), three = test::person(1);
  one.organisation = two.organisation = three.organisation = "o1";
  const auto findings = check_list({one, two, three});
  REQUIRE(findings.size() == 3);
  CHECK(findings[1].empty());
  CHECK(!findings[2].empty());
  CHECK(findings[2].front().level == Level::block);
  CHECK(findings[2].front().field == "identity");
}

TEST_CASE("the form as it must be submitted") {
  Dossier dossier;
  CHECK(check_form(dossier, vietnam_day(kNow)).size() == 10);
  dossier.form = test::whole_form(1);
  CHECK(check_form(dossier, vietnam_day(kNow)).empty());
  dossier.form.letter_date = "2026-09-15";
  CHECK(has_code(check_form(dossier, vietnam_day(kNow)), "registry.dossier.letter_date"));
  dossier.form = test::whole_form(1);
  dossier.kind = DossierKind::recovery;
  CHECK(has_code(check_form(dossier, vietnam_day(kNow)), "registry.line.required", "coordinator/name"));
  dossier.kind = DossierKind::revocation;
  dossier.form.receiver = {};
  CHECK(check_form(dossier, vietnam_day(kNow)).empty());
}

TEST_CASE("serial numbers are numbers") {
  CHECK(normal_serial("0031c106") == "31C106");
  CHECK(normal_serial("000") == "");
  CHECK(normal_serial("31C1G6") == "");
  CHECK(normal_serial(std::string(41, '1')) == "");
}

}  // namespace
}  // namespace kyso::registry

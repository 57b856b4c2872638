#pragma once
#include "base/text.h"
#include "crypto/password.h"
#include "db/db_test_support.h"
#include "registry/account/account_test_support.h"
#include "registry/dossier/view.h"
#include "registry/organisation/test_tree.h"

// For tests of dossiers: a tree with mail domains, clerks, a verifier and a population database that say what they are
// told to say.
namespace kyso::registry::test {

class SaidVerifier final : public LetterVerifier {
 public:
  LetterVerdict says;
  int asked = 0;
  Result<LetterVerdict> verify(ByteView, Instant) override {
    ++asked;
    return says;
  }
  Result<Report> report(ByteView, std::string_view, Instant) override { return Report{"{}", "", "valid"}; }
};

class SaidPopulation final : public PopulationDatabase {
 public:
  std::map<std::string, Answer> answers;  // by identity number; others match
  bool is_down = false;
  int asked = 0;
  Result<Answer> check(const PersonQuery& person) override {
    ++asked;
    if (is_down) return fail("net.unreachable").with("host", "dancu.example.vn");
    const auto found = answers.find(person.identity_number);
    return found == answers.end() ? Answer::matches : found->second;
  }
};

class HandClock final : public Clock {
 public:
  Instant time = test::kNow;
  Instant now() const override { return time; }
};

// Tỉnh Mẫu › Sở Mẫu › Trung tâm Mẫu, and Tỉnh Khác beside it.
struct World {
  explicit World(db::Database& db) : database(db) {
    OrganisationForm top = form("Ủy ban nhân dân tỉnh Mẫu");
    top.province = "20";
    top.mail_domains = std::vector<std::string>{"mau.gov.vn"};
    top.kind = "province";
    province = add(database, top);
    OrganisationForm school = form("Sở Giáo dục và Đào tạo", province);
    school.sector = "education";
    department = add(database, school);
    centre = add(database, "Trung tâm Mẫu", department);
    OrganisationForm far = form("Ủy ban nhân dân tỉnh Khác");
    far.province = "22";
    far.mail_domains = std::vector<std::string>{"khac.gov.vn"};
    other = add(database, far);
    clerk = make_account(database, kNow, department, {Role::clerk}).caller();
    above = make_account(database, kNow, province, {Role::clerk, Role::head}).caller();
    below = make_account(database, kNow, centre, {Role::clerk}).caller();
    stranger = make_account(database, kNow, other, {Role::clerk, Role::head}).caller();
    officer = make_account(database, kNow, other, {Role::receiving}, "Trần Thị B").caller();
  }
  Dossiers dossiers(DossierSettings settings = {}) {
    return Dossiers({database, verifier, clock, std::move(settings), &population});
  }
  // Signed by the head and sealed by the department, with everything that is needed.
  LetterVerdict good_verdict() const {
    LetterVerdict out;
    out.is_valid = true;
    out.signers = {{"Nguyễn Văn A", "Sở Giáo dục và Đào tạo", "nva@mau.gov.vn", "AA01", false, kNow},
                   {"Sở Giáo dục và Đào tạo", "", "so@mau.gov.vn", "AA02", true, kNow}};
    return out;
  }

  db::Database& database;
  HandClock clock;
  SaidVerifier verifier;
  SaidPopulation population;
  std::string province, department, centre, other;
  Caller clerk, above, below, stranger, officer;
};

inline LineForm person(int number = 0) {
  LineForm out;
  out.name = "Nguyễn Văn A";
  out.date_of_birth = "1987-07-12";
  out.identity = fmt::format("020087{:06}", number + 1);  // Lạng Sơn, male, born 1987
  out.identity_date = "2021-04-06";
  out.identity_place = "Cục Cảnh sát quản lý hành chính về trật tự xã hội";
  out.email = fmt::format("nva{}@mau.gov.vn", number);
  out.organisation_names = {"Ủy ban nhân dân tỉnh Mẫu", "Sở Giáo dục và Đào tạo"};
  out.province = "Lạng Sơn";
  out.position = "Chuyên viên";
  return out;
}

inline DossierForm whole_form(std::int64_t count) {
  DossierForm out;
  out.stated_count = count;
  out.receiver = {"Nguyễn Văn A",   "020087000099",   "2021-04-06", "Cục Cảnh sát", "Trợ lý", "0912345678",
                  "nva@mau.gov.vn", "Số 1 đường Mẫu", "20"};
  out.letter_number = "12/SGDĐT-VP";
  out.letter_subject = legal_subject(DossierKind::person, false);
  out.letter_date = "2026-09-14";
  out.signer_name = "Nguyễn Văn A";
  out.signer_position = "Giám đốc";
  out.place = "Lạng Sơn";
  return out;
}

inline SubscriberCertificate certificate(const std::string& serial, const std::string& organisation,
                                         const std::string& name = "Đặng Bảo Ngọc") {
  SubscriberCertificate out;
  out.issuer = "CPCA_G1";
  out.serial = serial;
  out.name = name;
  out.email = fmt::format("s{}@mau.gov.vn", fold_case(serial));
  out.device_serial = "T" + serial;
  out.organisation = organisation;
  out.organisation_chain = {"Ủy ban nhân dân tỉnh Mẫu"};
  out.not_before = kNow - std::chrono::days(300);
  out.not_after = kNow + std::chrono::days(400);
  out.recorded = kNow;
  out.der = to_bytes("der");
  return out;
}

inline bool has_code(const std::vector<DossierFinding>& findings, std::string_view code, std::string_view field = {}) {
  return std::ranges::any_of(
      findings, [&](const DossierFinding& one) { return one.code == code && (field.empty() || one.field == field); });
}

}  // namespace kyso::registry::test

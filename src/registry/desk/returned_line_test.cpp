#include <doctest/doctest.h>

#include "registry/desk/desk_test_support.h"
#include "registry/dossier/dossiers.h"
#include "registry/dossier/rules.h"

namespace kyso::registry {
namespace {

using namespace test;

class NoLetters final : public LetterVerifier {
 public:
  Result<LetterVerdict> verify(ByteView, Instant) override { return fail("base.internal"); }
  Result<Report> report(ByteView, std::string_view, Instant) override { return fail("base.internal"); }
};

// A dossier of one person that was returned after its token had been personalised, and the clerk who completes it.
struct ReturnedDossier {
  DeskWorld& world;
  NoLetters letters;
  Dossiers dossiers{{world.database,
                     letters,
                     world.clock,
                     {},
                     nullptr,
                     [](db::Transaction& transaction, const Line& line, const Caller& caller, Instant now) {
                       return token_store::let_go(transaction, line.id, caller.account, now);
                     }}};
  Caller clerk{"clerk", "clerk@coquanmau.example.vn", "Nguyễn Văn A", world.office, {Role::clerk}, {}, "s"};
  std::string id;

  explicit ReturnedDossier(DeskWorld& the_world, const std::string& token = "ab12cd34") : world(the_world) {
    Line line = world.line(1, "Nguyễn Văn A", Device::token);
    line.form.organisation = world.office;
    line.form.date_of_birth = "1987-07-12";
    line.form.identity = "001087000001";
    line.form.identity_date = "2021-04-06";
    line.form.identity_place = "Cục Cảnh sát";
    line.form.province = "01";
    id = world.submitted(DossierKind::person, {line});
    world.prepare(id);
    must(world.desk.station_key_made("receiver", line_now().id,
                                     {certification_request(), Bytes(64, 0x5A), token, "Kyso", "Mẫu A"}));
    must(world.desk.give_back(world.receiver, id, world.revision(id), "Sai chức vụ"));
  }
  Line line_now() { return world.lines(id)[0]; }
  void edit(const std::function<void(LineForm&)>& change) {
    const Line line = line_now();
    LineForm form = line.form;
    change(form);
    const auto outcome = must(dossiers.change_line(clerk, id, line.id, line.revision, form));
    REQUIRE(outcome.refused.empty());
  }
  Token token(const std::string& serial = "ab12cd34") {
    return *must(
        world.database.read([&](db::Transaction& transaction) { return token_store::find(transaction, serial); }));
  }
};

TEST_CASE("whose key it is: persons by their number, organisations, devices and certificates by what they are") {
  Line before, after;
  const auto keeps = [&](DossierKind kind) { return keeps_key(kind, before, after); };
  before.form.name = "Nguyễn Văn A";
  before.form.identity = "001087000001";
  before.form.device = Device::token;
  before.form.subject_kind = "device";
  before.form.issuer = "CPCA_G1";
  before.form.serial = "31C106";
  before.organisation = "office";
  after = before;
  for (const DossierKind kind : kDossierKinds) CHECK(keeps(kind));
  after.form.email = "khac@coquanmau.example.vn";
  after.form.position = "Trưởng phòng";
  for (const DossierKind kind : kDossierKinds) CHECK(keeps(kind));
  after.form.name = "Nguyễn Văn Á";  // a spelling
  for (const DossierKind kind : kDossierKinds) CHECK(keeps(kind));
  after.form.name = "Trần Thị B";
  CHECK(keeps(DossierKind::person));  // corrected: the number is the same
  CHECK_FALSE(keeps(DossierKind::device));
  after.form.identity.clear();
  CHECK_FALSE(keeps(DossierKind::person));
  after = before;
  after.form.identity = "001087000002";
  CHECK_FALSE(keeps(DossierKind::person));
  after = before;
  after.organisation = "other";
  CHECK(keeps(DossierKind::person));  // moved
  CHECK_FALSE(keeps(DossierKind::organisation));
  CHECK_FALSE(keeps(DossierKind::device));
  after = before;
  after.form.serial = "31c106";
  CHECK(keeps(DossierKind::change));
  after.form.serial = "31C107";
  CHECK_FALSE(keeps(DossierKind::change));
  after = before;
  after.form.device = Device::pkcs10;
  for (const DossierKind kind : kDossierKinds) CHECK_FALSE(keeps(kind));
}

TEST_CASE("a corrected line keeps its token; another person's or another device's gets a new one") {
  db::on_each_engine([](db::Database& database) {
    DeskWorld world(database);
    ReturnedDossier returned(world);
    REQUIRE(returned.token().state == TokenState::personalised);
    const std::string key = returned.line_now().key_sha256;
    returned.edit([](LineForm& form) { form.position = "Trưởng phòng"; });
    returned.edit([](LineForm& form) { form.name = "Nguyễn Văn An"; });
    CHECK(returned.line_now().key_sha256 == key);
    CHECK(returned.line_now().token_serial == "ab12cd34");
    CHECK(returned.token().line == returned.line_now().id);
    CHECK(world.told(returned.id, "line.key_dropped") == 0);

    returned.edit([](LineForm& form) {
      form.name = "Trần Thị B";
      form.identity = "001187000002";
    });
    const Line line = returned.line_now();
    CHECK_FALSE(line.has_key());
    CHECK(line.token_serial.empty());
    CHECK(world.told(returned.id, "line.key_dropped") == 1);
    CHECK(returned.token().state == TokenState::returned);
    CHECK(returned.token().line.empty());
    CHECK(returned.token().holder.empty());

    // Submitted again: the station makes another key, on the same token if it is at hand.
    must(database.write([&](db::Transaction& transaction) -> Result<> {
      Dossier dossier = *KYSO_TRY(dossier_store::find(transaction, returned.id));
      dossier.state = DossierState::submitted;
      return dossier_store::update(transaction, dossier, world.clock.now());
    }));
    must(world.desk.receive(world.receiver, returned.id, world.revision(returned.id)));
    // Blocked by its address, which the officer lets pass.
    must(world.desk.decide(world.receiver, returned.id, world.revision(returned.id),
                           {{"*", true, "Đơn vị chưa có thư công vụ", {}, {}}}));
    const auto jobs = must(world.desk.station_jobs());
    REQUIRE(jobs.size() == 1);
    CHECK(jobs[0].kind == Desk::StationJob::Kind::personalise);
    CHECK(jobs[0].name == "Trần Thị B");
    must(world.desk.station_key_made("receiver", line.id,
                                     {certification_request(), Bytes(64, 0x5B), "ab12cd34", "Kyso", "Mẫu A"}));
    for (const Caller& officer : {world.receiver, world.checker, world.approver})
      must(world.sign(officer, returned.id));
    CHECK(returned.token().certificate_serial == returned.line_now().certificate_serial);
    CHECK(returned.token().holder == "Trần Thị B");
  });
}

TEST_CASE("a token is free when its line changes its device or is removed, a key is uploaded, the dossier refused") {
  db::on_each_engine([](db::Database& database) {
    DeskWorld world(database);
    ReturnedDossier other_device(world, "11");
    other_device.edit([](LineForm& form) { form.device = Device::pkcs10; });
    CHECK_FALSE(other_device.line_now().has_key());
    CHECK(other_device.token("11").state == TokenState::returned);

    ReturnedDossier removed(world, "22");
    must(removed.dossiers.remove_line(removed.clerk, removed.id, removed.line_now().id));
    CHECK(removed.token("22").state == TokenState::returned);

    ReturnedDossier uploaded(world, "33");
    const Line line = uploaded.line_now();
    must(uploaded.dossiers.attach_pkcs10(uploaded.clerk, uploaded.id, line.id, line.revision, certification_request()));
    CHECK(uploaded.line_now().has_key());
    CHECK(uploaded.line_now().key_sha256 != line.key_sha256);
    CHECK(uploaded.line_now().token_serial.empty());
    CHECK(uploaded.token("33").state == TokenState::returned);
    uploaded.edit([](LineForm& form) { form.email = "nva9@coquanmau.example.vn"; });
    CHECK(uploaded.line_now().has_key());  // still the person's own

    ReturnedDossier broken(world, "44");
    must(world.desk.change_token(world.receiver, "44", TokenState::faulty, "Hỏng"));
    broken.edit([](LineForm& form) { form.identity = "001087000009"; });
    CHECK(broken.token("44").state == TokenState::faulty);
    CHECK(broken.token("44").line.empty());

    ReturnedDossier refused(world, "55");
    must(database.write([&](db::Transaction& transaction) -> Result<> {
      Dossier dossier = *KYSO_TRY(dossier_store::find(transaction, refused.id));
      dossier.state = DossierState::submitted;
      return dossier_store::update(transaction, dossier, world.clock.now());
    }));
    must(world.desk.reject(world.receiver, refused.id, world.revision(refused.id), "Không thuộc thẩm quyền"));
    CHECK(refused.token("55").state == TokenState::returned);
    CHECK(refused.token("55").line.empty());
  });
}

TEST_CASE("reasons: a clerk's for all lines counts for the officer, and falls with the value that it was about") {
  db::on_each_engine([](db::Database& database) {
    DeskWorld world(database);
    std::vector<Line> lines;
    for (int number = 1; number <= 3; ++number) {
      Line line = world.line(number, "Nguyễn Văn A");
      line.findings = {{"registry.check.mail.public", Level::block, line.id, "email", {}}};
      if (number == 3) line.findings.push_back({"registry.line.population", Level::block, line.id, "identity", {}});
      lines.push_back(std::move(line));
    }
    const std::string id = world.submitted(DossierKind::person, lines);
    must(database.write([&](db::Transaction& transaction) {
      return dossier_store::set_override(
          transaction, id,
          {"*/registry.check.mail.public/email", "Đơn vị chưa có thư công vụ", "clerk", "Nguyễn Văn A", {}});
    }));
    must(world.desk.receive(world.receiver, id, world.revision(id)));
    const auto decide = [&](std::size_t line, std::string reason) {
      return code_of(world.desk.decide(world.receiver, id, world.revision(id),
                                       {{world.lines(id)[line].id, true, std::move(reason), {}, {}}}));
    };
    CHECK(decide(0, {}) == "ok");
    CHECK(decide(2, {}) == "registry.desk.reason");  // nobody has said why this one may pass
    CHECK(decide(2, "Đã đối chiếu bản giấy") == "ok");
    CHECK(decide(2, {}) == "ok");  // approved again, with another profile say
  });
  db::on_each_engine([](db::Database& database) {
    DeskWorld world(database);
    ReturnedDossier returned(world);
    const std::string line = returned.line_now().id;
    const std::string about_mail = line + "/registry.check.mail.public/email",
                      about_identity = line + "/registry.check.identity.place/identity";
    must(database.write([&](db::Transaction& transaction) -> Result<> {
      for (const std::string& finding : {about_mail, about_identity})
        KYSO_TRY(dossier_store::set_override(transaction, returned.id, {finding, "Đúng", "officer", "Trần Thị B", {}}));
      return {};
    }));
    const auto kept = [&] {
      return must(database.read(
          [&](db::Transaction& transaction) { return dossier_store::overrides(transaction, returned.id); }));
    };
    returned.edit([](LineForm& form) { form.position = "Trưởng phòng"; });
    CHECK(kept().size() == 2);
    returned.edit([](LineForm& form) { form.email = "nva9@coquanmau.example.vn"; });
    CHECK(kept().size() == 1);
    CHECK(kept().contains(about_identity));
  });
}

}  // namespace
}  // namespace kyso::registry

#include "registry/desk/desk.h"

#include <algorithm>

#include "registry/account/store.h"
#include "registry/desk/desk_test_support.h"
#include "registry/desk/queues.h"
#include "registry/desk/store.h"
#include "registry/dossier/certificate_store.h"

namespace kyso::registry {
namespace {

using namespace test;
using namespace std::chrono_literals;

Instant at(std::string_view text) {
  return must(parse_time(text));
}

std::optional<SubscriberCertificate> certificate(DeskWorld& world, const std::string& serial,
                                                 const std::string& issuer = "CPCA_G1") {
  return must(world.database.read(
      [&](db::Transaction& transaction) { return certificate_store::find(transaction, issuer, serial); }));
}

std::int64_t mails(DeskWorld& world, const std::string& kind) {
  return must(world.database.read([&](db::Transaction& transaction) -> Result<std::int64_t> {
    return KYSO_TRY(transaction.one("SELECT COUNT(*) FROM outbox WHERE kind = ?", {kind})).get<std::int64_t>(0);
  }));
}

// How often browsers were told that certificates of this organisation changed.
std::int64_t told_of_certificates(DeskWorld& world, const std::string& organisation) {
  return must(world.database.read([&](db::Transaction& transaction) -> Result<std::int64_t> {
    return KYSO_TRY(
               transaction.one("SELECT COUNT(*) FROM portal_event WHERE topic = 'certificate' AND organisation = ?",
                               {organisation}))
        .get<std::int64_t>(0);
  }));
}

TEST_CASE("deadlines: working days for most, hours for revocations; Tết and weekends don't count") {
  const auto calendar =
      must(WorkingCalendar::load(std::filesystem::path(KYSO_SOURCE_DIR) / "share/calendar/holidays.toml"));
  const DeskOptions options;
  const auto due = [&](DossierKind kind, std::string_view received) {
    return iso8601_vietnam(deadline(options, calendar, kind, at(received)));
  };
  CHECK(due(DossierKind::person, "2026-11-16T08:00:00+07:00") ==
        "2026-11-20T00:00:00+07:00");  // Monday: to Thursday's end
  CHECK(due(DossierKind::person, "2026-11-16T23:59:59+07:00") == "2026-11-20T00:00:00+07:00");
  CHECK(due(DossierKind::person, "2026-11-17T00:00:00+07:00") == "2026-11-21T00:00:00+07:00");
  CHECK(due(DossierKind::person, "2026-11-20T16:00:00+07:00") == "2026-11-27T00:00:00+07:00");  // Friday, and 24/11
  CHECK(due(DossierKind::revocation, "2026-11-20T16:00:00+07:00") == "2026-11-21T04:00:00+07:00");
  CHECK(at(due(DossierKind::person, "2026-02-12T10:00:00+07:00")) > at("2026-02-23T00:00:00+07:00"));  // over Tết
  CHECK(display_due(at("2026-11-27T00:00:00+07:00")) == "24:00 26/11/2026");
  CHECK(display_due(at("2027-01-01T00:00:00+07:00")) == "24:00 31/12/2026");
  CHECK(display_due(at("2026-11-21T04:05:59+07:00")) == "04:05 21/11/2026");
}

TEST_CASE("who has an account is told in its language, everybody else in Vietnamese") {
  db::on_each_engine([](db::Database& database) {
    DeskWorld world(database);
    const auto reads_english = [&](const std::string& email) {
      Account account;
      account.id = crypto::random_uuid();
      account.email = email;
      account.organisation = world.office;
      account.language = "en";
      REQUIRE(must(database.write(
          [&](db::Transaction& transaction) { return account_store::insert(transaction, account, std::nullopt); })));
    };
    reads_english("clerk@coquanmau.example.vn");
    reads_english("nva1@coquanmau.example.vn");
    world.issue(world.submitted(DossierKind::person, {world.line(1, "Nguyễn Văn A"), world.line(2, "Trần Thị B")}));
    std::set<std::string> told;
    for (const db::Row& row : must(database.read([](db::Transaction& transaction) {
           return transaction.query("SELECT kind, recipient, language FROM outbox");
         })))
      told.insert(fmt::format("{} {} {}", must(row.get<std::string>(0)), must(row.get<std::string>(1)),
                              must(row.get<std::string>(2))));
    CHECK(told.contains("dossier.received clerk@coquanmau.example.vn en"));
    CHECK(told.contains("dossier.completed clerk@coquanmau.example.vn en"));
    CHECK(told.contains("certificate.issued nva1@coquanmau.example.vn en"));
    CHECK(told.contains("certificate.issued nva2@coquanmau.example.vn vi"));
  });
}

TEST_CASE("from a submitted dossier to certificates, by three officers' passkeys") {
  db::on_each_engine([](db::Database& database) {
    DeskWorld world(database);
    const std::string id =
        world.submitted(DossierKind::person, {world.line(1, "Nguyễn Văn A"), world.line(2, "Trần Thị B")});
    must(world.desk.receive(world.receiver, id, world.revision(id)));
    CHECK(world.dossier(id).state == DossierState::processing);
    CHECK(world.dossier(id).step == Step::lines);
    CHECK(world.dossier(id).handler == world.receiver.account);
    CHECK(must(world.desk.statement(world.receiver, id)).blockers.front().code == "registry.desk.undecided");

    must(world.desk.decide(world.receiver, id, world.revision(id), {{"*", true, {}, {}, {}}}));
    CHECK(world.dossier(id).step == Step::statement);
    // A checking officer sees that it waits for the request, and has nothing to sign yet.
    CHECK(must(world.desk.statement(world.checker, id)).state == "to_request");
    CHECK(must(world.desk.statement(world.checker, id)).type.empty());
    // Looking twice shows the same text.
    const auto first = must(world.desk.statement(world.receiver, id));
    CHECK(first.payload == must(world.desk.statement(world.receiver, id)).payload);
    const auto asked = must(vault::parse_request(first.payload));
    REQUIRE(asked.certificates.size() == 2);
    CHECK(asked.certificates[0].profile == "PERSON_5Y");
    CHECK(asked.certificates[0].reference == world.dossier(id).code + "/1");
    const auto letter_day = parse_day(world.dossier(id).form.letter_date);
    REQUIRE(letter_day);
    CHECK(asked.purpose.ends_with(" ngày " + display_day(*letter_day)));

    must(world.sign(world.receiver, id));
    CHECK(world.dossier(id).step == Step::approval);
    CHECK(must(world.desk.statement(world.receiver, id)).type.empty());  // nobody approves his own
    must(world.sign(world.checker, id));
    CHECK(code_of(world.sign(world.checker, id)) == "test.nothing.to.sign");
    CHECK(world.authority.certificates() == 0);
    must(world.sign(world.approver, id));

    CHECK(world.authority.certificates() == 2);
    CHECK(world.dossier(id).state == DossierState::completed);  // own keys: nothing to hand over
    CHECK(world.dossier(id).lines_issued == 2);
    const auto made = certificate(world, world.lines(id).at(0).certificate_serial);
    REQUIRE(made);
    CHECK(made->name == "Nguyễn Văn A");
    CHECK(made->organisation == world.office);
    CHECK(made->state == "good");
    CHECK(mails(world, "certificate.issued") == 2);
    CHECK(told_of_certificates(world, world.office) == 1);
    CHECK(mails(world, "dossier.received") == 1);
    CHECK(mails(world, "dossier.completed") == 1);
    // Settling again changes nothing.
    must(world.desk.look_after());
    CHECK(mails(world, "certificate.issued") == 2);
    CHECK(told_of_certificates(world, world.office) == 1);
  });
}

TEST_CASE("one's own passkey, and exactly what was proposed") {
  db::on_each_engine([](db::Database& database) {
    DeskWorld world(database);
    const std::string id = world.submitted(DossierKind::person, {world.line(1, "Nguyễn Văn A")});
    world.prepare(id);
    CHECK(code_of(world.sign(world.receiver, id, true, "checker-key")) == "registry.desk.person");
    // A payload that the desk did not propose, properly signed.
    auto view = must(world.desk.statement(world.receiver, id));
    vault::Request other = must(vault::parse_request(view.payload));
    other.certificates[0].subject.back().value = "Lê Văn C";
    vault::PasskeyStatement statement{std::string(vault::kRequestType), serialize(other), {}};
    statement.assertion = vault::test::passkey("receiver-key")
                              .authenticator->assert_for(vault::passkey_challenge(statement.type, statement.payload));
    CHECK(code_of(world.desk.sign(world.receiver, id, statement)) == "registry.desk.proposal");
    // A decision after the proposal makes it void.
    statement.payload = view.payload;
    statement.assertion = vault::test::passkey("receiver-key")
                              .authenticator->assert_for(vault::passkey_challenge(statement.type, statement.payload));
    must(world.desk.decide(world.receiver, id, world.revision(id),
                           {{world.lines(id)[0].id, true, {}, {}, "2027-01-31"}}));
    CHECK(code_of(world.desk.sign(world.receiver, id, statement)) == "registry.desk.proposal");
    must(world.sign(world.receiver, id));
    // An officer without passkey learns why he can't sign.
    const Caller without = DeskWorld::officer("without", Role::approving);
    CHECK(must(world.desk.statement(without, id)).blockers.front().code == "registry.desk.passkey");
    must(world.sign(world.checker, id));
    must(world.sign(world.approver, id));
    CHECK(iso8601_vietnam(certificate(world, world.lines(id)[0].certificate_serial)->not_after) ==
          "2027-02-01T00:00:00+07:00");
  });
}

TEST_CASE("a rejected request gives its lines back, a refusing vault marks them") {
  db::on_each_engine([](db::Database& database) {
    DeskWorld world(database);
    const std::string id = world.submitted(DossierKind::person, {world.line(1, "Nguyễn Văn A")});
    world.prepare(id);
    must(world.sign(world.receiver, id));
    CHECK(code_of(world.desk.reject(world.receiver, id, world.revision(id), "x")) == "registry.desk.busy");
    must(world.sign(world.checker, id, false));
    CHECK(world.dossier(id).step == Step::statement);
    CHECK(world.lines(id)[0].state == LineState::approved);
    world.authority.fails_with = "issue.lint";
    world.clock.at += 1min;
    must(world.sign(world.receiver, id));
    must(world.sign(world.checker, id));
    must(world.sign(world.approver, id));
    CHECK(world.lines(id)[0].state == LineState::failed);
    CHECK(world.lines(id)[0].failure == "issue.lint");
    CHECK(world.dossier(id).step == Step::lines);
    CHECK(must(world.desk.statement(world.receiver, id)).failure == "issue.lint");
  });
}

TEST_CASE("what the authority does later is found later") {
  db::on_each_engine([](db::Database& database) {
    DeskWorld world(database);
    const std::string id = world.submitted(DossierKind::person, {world.line(1, "Nguyễn Văn A")});
    world.prepare(id);
    must(world.sign(world.receiver, id));
    world.authority.is_away = true;
    must(world.sign(world.checker, id));
    must(world.sign(world.approver, id));
    CHECK(world.dossier(id).step == Step::issuing);
    world.authority.is_away = false;
    must(world.desk.look_after());
    CHECK(world.dossier(id).state == DossierState::completed);
  });
}

TEST_CASE("looking at a statement writes nothing, but what is proposed for the first time or again") {
  db::on_each_engine([](db::Database& database) {
    DeskWorld world(database);
    const std::string id = world.submitted(DossierKind::person, {world.line(1, "Nguyễn Văn A")});
    const auto writes = [&](const Caller& caller) {
      const auto before = database.statistics().commits;
      must(world.desk.statement(caller, id));
      return database.statistics().commits - before;
    };
    must(world.desk.receive(world.receiver, id, world.revision(id)));
    CHECK(writes(world.receiver) == 0);  // lines to be decided
    must(world.desk.decide(world.receiver, id, world.revision(id), {{"*", true, {}, {}, {}}}));
    CHECK(writes(world.checker) == 0);
    CHECK(writes(world.receiver) == 1);
    const std::string proposed = must(world.desk.statement(world.receiver, id)).payload;
    CHECK(writes(world.receiver) == 0);
    world.clock.at += 31min;
    CHECK(writes(world.receiver) == 1);
    CHECK(must(world.desk.statement(world.receiver, id)).payload != proposed);
    must(world.sign(world.receiver, id));
    CHECK(writes(world.receiver) == 0);
    CHECK(writes(world.approver) == 0);
  });
}

TEST_CASE("a signed request is on record here and at the authority, or nowhere") {
  db::on_each_engine([](db::Database& database) {
    DeskWorld world(database);
    const auto prepared = [&] {
      const std::string id = world.submitted(DossierKind::person, {world.line(1, "Nguyễn Văn A")});
      world.prepare(id);
      return id;
    };
    const auto stands = [&](const std::string& id, Step step, LineState line, std::int64_t told) {
      CHECK(world.dossier(id).step == step);
      CHECK(world.lines(id)[0].state == line);
      CHECK(world.told(id, "requested") == told);
    };

    // The authority refuses: as before, and the same can be signed again.
    const std::string id = prepared();
    const auto statement = must(world.signed_offer(world.receiver, id));
    world.authority.refuses_with = "vault.unreachable";
    CHECK(code_of(world.desk.sign(world.receiver, id, statement)) == "vault.unreachable");
    stands(id, Step::statement, LineState::approved, 0);
    world.authority.refuses_with.clear();

    // The dossier is given back between look and signature, or while the authority is at it: nobody waits for anything.
    for (const bool is_late : {false, true}) {
      const std::string other = prepared();
      const auto signed_there = must(world.signed_offer(world.receiver, other));
      const auto give_back = [&] {
        must(world.desk.give_back(world.receiver, other, world.revision(other), "Thiếu chức vụ"));
      };
      if (is_late)
        world.authority.meanwhile = give_back;
      else
        give_back();
      CHECK(code_of(world.desk.sign(world.receiver, other, signed_there)) == "registry.desk.proposal");
      CHECK(world.dossier(other).state == DossierState::returned);
      CHECK(world.lines(other)[0].state == LineState::approved);
      CHECK(world.authority.requests() == 0);
    }

    // It is on record at both and nobody hears of it: whoever looks sees it, and sending it again changes nothing.
    world.authority.loses_answers = true;
    CHECK(code_of(world.desk.sign(world.receiver, id, statement)) == "db.commit.unknown");
    CHECK(world.authority.requests() == 1);
    stands(id, Step::approval, LineState::requested, 1);
    CHECK(code_of(world.desk.give_back(world.receiver, id, world.revision(id), "Thiếu")) == "registry.desk.busy");
    world.authority.loses_answers = false;
    must(world.desk.sign(world.receiver, id, statement));
    must(world.desk.look_after());
    CHECK(world.authority.requests() == 1);
    stands(id, Step::approval, LineState::requested, 1);

    // The same for an approval.
    const auto approval = must(world.signed_offer(world.checker, id));
    world.authority.loses_answers = true;
    CHECK(code_of(world.desk.sign(world.checker, id, approval)) == "db.commit.unknown");
    world.authority.loses_answers = false;
    must(world.desk.sign(world.checker, id, approval));
    CHECK(world.told(id, "approved") == 1);
    must(world.sign(world.approver, id));
    CHECK(world.dossier(id).state == DossierState::completed);
  });
}

TEST_CASE("of two signed requests of one dossier one is under way at a time") {
  db::on_each_engine([](db::Database& database) {
    DeskWorld world(database);
    const std::string first =
        world.submitted(DossierKind::person, {world.line(1, "Nguyễn Văn A"), world.line(2, "Trần Thị B")});
    world.issue(first);
    const std::string id = world.submitted(DossierKind::revocation, {world.about(1, world.lines(first)[0], "revoke"),
                                                                     world.about(2, world.lines(first)[1], "suspend")});
    world.prepare(id);
    const auto first_one = must(world.signed_offer(world.receiver, id));
    vault::PasskeyStatement other_one{std::string(vault::kRequestType), {}, {}};
    for (const DeskRequest& request :
         must(database.read([&](db::Transaction& transaction) { return desk_store::of_dossier(transaction, id); })))
      if (request.payload != first_one.payload) other_one.payload = request.payload;
    other_one.assertion = vault::test::passkey("receiver-key")
                              .authenticator->assert_for(vault::passkey_challenge(other_one.type, other_one.payload));
    must(world.desk.sign(world.receiver, id, first_one));
    CHECK(code_of(world.desk.sign(world.receiver, id, other_one)) == "registry.desk.busy");
    must(world.sign(world.approver, id));
    must(world.desk.sign(world.receiver, id, other_one));
    must(world.sign(world.approver, id));
    CHECK(world.dossier(id).state == DossierState::completed);
  });
}

TEST_CASE("a request that the authority has lost can be made again") {
  db::on_each_engine([](db::Database& database) {
    DeskWorld world(database);
    const std::string id = world.submitted(DossierKind::person, {world.line(1, "Nguyễn Văn A")});
    world.prepare(id);
    must(world.sign(world.receiver, id));
    world.authority.forget(world.dossier(id).request_id);
    must(world.desk.look_after());
    CHECK(world.dossier(id).step == Step::statement);
    CHECK(world.lines(id)[0].state == LineState::approved);
    for (const Caller& officer : {world.receiver, world.checker, world.approver}) must(world.sign(officer, id));
    CHECK(world.dossier(id).state == DossierState::completed);
  });
}

TEST_CASE("each certificate is revoked and replaced at its own issuer, and new ones come from today's") {
  db::on_each_engine([](db::Database& database) {
    DeskWorld world(database);
    const std::string first =
        world.submitted(DossierKind::person, {world.line(1, "Nguyễn Văn A"), world.line(2, "Lê Văn C")});
    world.issue(first);
    Desk next = world.with_issuer("CPCA_G2");
    world.at_work = &next;
    const std::string second = world.submitted(DossierKind::person, {world.line(1, "Trần Thị B")});
    world.issue(second);
    const Line old = world.lines(first)[0], former = world.lines(first)[1], today = world.lines(second)[0];
    CHECK(old.certificate_issuer == "CPCA_G1");
    CHECK(today.certificate_issuer == "CPCA_G2");
    REQUIRE(old.certificate_serial == today.certificate_serial);  // issuers number by themselves

    // One dossier about both: two requests, for each issuer's key and list.
    const std::string id =
        world.submitted(DossierKind::revocation, {world.about(1, old, "revoke"), world.about(2, today, "revoke")});
    world.prepare(id);
    std::vector<std::string> issuers;
    while (world.dossier(id).state == DossierState::processing) {
      const std::string proposed = must(next.statement(world.receiver, id)).payload;
      CHECK(must(next.statement(world.receiver, id)).payload == proposed);
      issuers.push_back(must(vault::parse_request(proposed)).issuer);
      must(world.sign(world.receiver, id));
      must(world.sign(world.approver, id));
    }
    std::ranges::sort(issuers);  // in whatever order
    CHECK(issuers == std::vector<std::string>{"CPCA_G1", "CPCA_G2"});
    CHECK(certificate(world, old.certificate_serial, "CPCA_G1")->state == "revoked");
    CHECK(certificate(world, old.certificate_serial, "CPCA_G2")->state == "revoked");

    // A change of what the former issuer signed.
    const std::string change = world.submitted(DossierKind::change, {world.about(1, former, "change")});
    world.prepare(change);
    const auto asked = must(vault::parse_request(must(next.statement(world.receiver, change)).payload));
    CHECK(asked.issuer == "CPCA_G2");
    CHECK(asked.certificates.at(0).replaces_issuer == "CPCA_G1");
    for (const Caller& officer : {world.receiver, world.checker, world.approver}) must(world.sign(officer, change));
    const auto before = certificate(world, former.certificate_serial, "CPCA_G1");
    const auto after = certificate(world, world.lines(change)[0].certificate_serial, "CPCA_G2");
    REQUIRE((before && after));
    CHECK(before->state == "revoked");
    CHECK(before->replaced_by == after->serial);
    CHECK(before->replaced_by_issuer == "CPCA_G2");
    CHECK(after->replaces == before->serial);
    CHECK(after->replaces_issuer == "CPCA_G1");
    CHECK(must(world.authority.certificate("CPCA_G1", before->serial)).state == "revoked");
  });
}

TEST_CASE("a line about a certificate that is not on record hinders the request") {
  db::on_each_engine([](db::Database& database) {
    DeskWorld world(database);
    Line line = world.line(1, "Nguyễn Văn A");
    line.form.serial = "31C106";
    line.form.action = "revoke";
    for (const DossierKind kind : {DossierKind::change, DossierKind::revocation, DossierKind::recovery}) {
      line.id = crypto::random_uuid();
      line.key_sha256 = to_hex(crypto::random_bytes(32));
      const std::string id = world.submitted(kind, {line});
      world.prepare(id);
      const auto view = must(world.desk.statement(world.receiver, id));
      REQUIRE(view.blockers.size() == 1);
      CHECK(view.blockers[0].code == "registry.desk.certificate");
      CHECK(view.type.empty());
    }
  });
}

TEST_CASE("line by line: reasons where they are needed, counts, tokens wait for their keys") {
  db::on_each_engine([](db::Database& database) {
    DeskWorld world(database);
    Line odd = world.line(1, "Nguyễn Văn A");
    odd.findings = {{"registry.check.email.private", Level::block, odd.id, "email", {}}};
    const std::string id = world.submitted(DossierKind::person,
                                           {odd, world.line(2, "Trần Thị B"), world.line(3, "Lê Văn C", Device::token),
                                            world.line(4, "Phạm Thị D", Device::central)});
    must(world.desk.receive(world.receiver, id, world.revision(id)));
    const auto lines = world.lines(id);
    const auto decide = [&](std::size_t line, bool approves, std::string reason) {
      return code_of(world.desk.decide(world.receiver, id, world.revision(id),
                                       {{lines[line].id, approves, std::move(reason), {}, {}}}));
    };
    CHECK(decide(0, true, {}) == "registry.desk.reason");
    CHECK(decide(0, true, "Đơn vị chưa có thư công vụ") == "ok");
    CHECK(decide(1, false, {}) == "registry.desk.reason");
    CHECK(decide(1, false, "Trùng") == "ok");
    CHECK(code_of(world.desk.decide(world.receiver, id, world.revision(id) - 1, {{"*", true, {}, {}, {}}})) ==
          "registry.dossier.changed");
    CHECK(code_of(world.desk.decide(world.receiver, id, world.revision(id), {{"nobody", true, {}, {}, {}}})) ==
          "registry.line.missing");
    CHECK(decide(2, true, {}) == "ok");
    CHECK(decide(3, true, {}) == "ok");
    CHECK(world.dossier(id).lines_approved == 3);
    CHECK(world.dossier(id).lines_returned == 1);
    CHECK(world.dossier(id).step == Step::keys);
    std::vector<std::string> codes;
    for (const auto& blocker : must(world.desk.statement(world.receiver, id)).blockers) codes.push_back(blocker.code);
    CHECK(codes == std::vector<std::string>{"registry.desk.key", "registry.desk.device"});
  });
}

TEST_CASE("revoking, suspending and releasing are requests of their own; changes from elsewhere are followed") {
  db::on_each_engine([](db::Database& database) {
    DeskWorld world(database);
    const std::string first = world.submitted(
        DossierKind::person, {world.line(1, "Nguyễn Văn A"), world.line(2, "Trần Thị B"), world.line(3, "Lê Văn C")});
    world.issue(first);
    const auto issued = world.lines(first);
    const std::string id = world.submitted(DossierKind::revocation,
                                           {world.about(1, issued[0], "revoke"), world.about(2, issued[1], "suspend")});
    world.prepare(id);
    CHECK(world.dossier(id).due == world.clock.now() + 12h);
    // Two acts: two requests, one after the other.
    must(world.sign(world.receiver, id));
    must(world.sign(world.approver, id));
    CHECK(world.dossier(id).step == Step::statement);
    must(world.sign(world.receiver, id));
    must(world.sign(world.approver, id));
    CHECK(world.dossier(id).state == DossierState::completed);
    CHECK(certificate(world, issued[0].certificate_serial)->state == "revoked");
    CHECK(certificate(world, issued[1].certificate_serial)->state == "suspended");
    CHECK(mails(world, "certificate.revoked") == 1);
    CHECK(mails(world, "certificate.suspended") == 1);

    const std::int64_t told = told_of_certificates(world, world.office);
    world.authority.revoke(issued[2].certificate_serial, 1);
    must(world.desk.look_after());
    CHECK(certificate(world, issued[2].certificate_serial)->state == "revoked");
    CHECK(told_of_certificates(world, world.office) == told + 1);
  });
}

TEST_CASE("a renewal replaces, and the old one is told as renewed") {
  db::on_each_engine([](db::Database& database) {
    DeskWorld world(database);
    const std::string first = world.submitted(DossierKind::person, {world.line(1, "Nguyễn Văn A")});
    world.issue(first);
    const std::string old = world.lines(first)[0].certificate_serial;
    Line line = world.about(1, world.lines(first)[0], "change");
    line.form.position = "Trưởng phòng";
    const std::string id = world.submitted(DossierKind::change, {line});
    world.issue(id);
    const auto renewed = certificate(world, world.lines(id)[0].certificate_serial);
    REQUIRE(renewed);
    CHECK(renewed->replaces == old);
    CHECK(renewed->not_after == certificate(world, old)->not_after);  // a change of names is no renewal
    CHECK(certificate(world, old)->was_renewed);
    CHECK(certificate(world, old)->replaced_by == renewed->serial);
    must(world.desk.look_after());
    CHECK(certificate(world, old)->was_renewed);
  });
}

TEST_CASE("given back, completed again, refused") {
  db::on_each_engine([](db::Database& database) {
    DeskWorld world(database);
    const std::string id = world.submitted(DossierKind::person, {world.line(1, "Nguyễn Văn A")});
    must(world.desk.receive(world.receiver, id, world.revision(id)));
    must(world.desk.give_back(world.receiver, id, world.revision(id), "Thiếu chức vụ"));
    CHECK(world.dossier(id).state == DossierState::returned);
    CHECK_FALSE(world.dossier(id).due);
    CHECK(code_of(world.desk.receive(world.receiver, id, world.revision(id))) == "registry.dossier.state");
    CHECK(mails(world, "dossier.given_back") == 1);
    CHECK(world.told(id, "given_back") == 1);
    const std::string other = world.submitted(DossierKind::person, {world.line(1, "Nguyễn Văn A")});
    must(world.desk.reject(world.receiver, other, world.revision(other), "Không thuộc thẩm quyền"));
    CHECK(world.dossier(other).state == DossierState::rejected);
    CHECK(world.dossier(other).reason == "Không thuộc thẩm quyền");
    // What officers write may name people: the history has it, the audit log not.
    const auto log = must(database.read([&](db::Transaction& transaction) {
      return transaction.query(
          "SELECT details FROM audit_event WHERE kind IN ('dossier.given_back', 'dossier.rejected')");
    }));
    REQUIRE(log.size() == 2);
    for (const db::Row& row : log) {
      const auto details = must(row.get<std::string>(0));
      CHECK(details.find("code") != std::string::npos);
      CHECK(details.find("chức vụ") == std::string::npos);
      CHECK(details.find("thẩm quyền") == std::string::npos);
    }
    for (const HistoryEvent& event : must(database.read(
             [&](db::Transaction& transaction) { return dossier_store::events(transaction, other, true); })))
      if (event.kind == "rejected") CHECK(event.params.at(0).second == "Không thuộc thẩm quyền");
    CHECK(code_of(world.desk.receive(world.receiver, "nobody", 1)) == "registry.dossier.missing");
  });
}

TEST_CASE("names beyond what a certificate may hold are found before anybody signs") {
  db::on_each_engine([](db::Database& database) {
    DeskWorld world(database);
    Line line = world.line(1, "Nguyễn Văn A");
    line.form.position = std::string(65, 'a');
    const std::string id = world.submitted(DossierKind::person, {line});
    world.prepare(id);
    const auto view = must(world.desk.statement(world.receiver, id));
    REQUIRE(view.blockers.size() == 1);
    CHECK(view.blockers[0].code == "registry.desk.name.long");
    CHECK(view.type.empty());
  });
}

TEST_CASE("queues and their numbers") {
  db::on_each_engine([](db::Database& database) {
    DeskWorld world(database);
    world.submitted(DossierKind::person, {world.line(1, "Nguyễn Văn A")});
    const std::string id = world.submitted(DossierKind::person, {world.line(1, "Nguyễn Văn A")});
    must(world.desk.receive(world.receiver, id, world.revision(id)));
    const auto numbers = [&] {
      return must(database.read([&](db::Transaction& transaction) {
        return count_queues(transaction, world.desk.options(), world.receiver, world.clock.now());
      }));
    };
    const auto queue = [&](std::string_view name) {
      for (const QueueCount& count : numbers())
        if (count.name == name) return count;
      return QueueCount();
    };
    CHECK(queue("waiting").count == 1);
    CHECK(queue("processing").count == 1);
    CHECK(queue("mine").count == 1);
    CHECK(queue("lines").count == 1);
    CHECK(queue("overdue").count == 0);
    world.clock.at += std::chrono::days(20);
    CHECK(queue("overdue").count == 1);
    CHECK(queue("mine").overdue == 1);
    CHECK_FALSE(queue_by_name("nothing", world.receiver, world.clock.now()));
    const auto cursor = parse_queue_cursor(queue_cursor(world.dossier(id)));
    REQUIRE(cursor);
    CHECK(cursor->second == world.dossier(id).number);
    for (const char* wrong : {"", ".", "1", "1.", ".1", "1.2.3", "a.1"}) CHECK_FALSE(parse_queue_cursor(wrong));
  });
}

}  // namespace
}  // namespace kyso::registry

#include "registry/dossier/dossiers.h"

#include <doctest/doctest.h>

#include "base/error_text.h"
#include "registry/account/accounts.h"
#include "registry/account/sessions.h"
#include "registry/dossier/dossier_test_support.h"
#include "registry/web/events.h"

namespace kyso::registry {
namespace {

using test::has_code;
using test::kNow;
using test::World;

struct Shares {
  Shares() { setenv("KYSO_SHARE", KYSO_SOURCE_DIR "/share", 1); }
} const kShares;

std::int64_t rows_in(db::Database& database, const std::string& sql) {
  return must(database.read([&](db::Transaction& transaction) -> Result<std::int64_t> {
    return KYSO_TRY(transaction.one(sql)).get<std::int64_t>(0);
  }));
}

// A dossier that could be submitted.
Dossier ready(World& world, Dossiers& dossiers, int people = 2) {
  const Dossier made = must(dossiers.create(world.clerk, {}));
  std::vector<LineForm> forms;
  for (int i = 0; i < people; ++i) forms.push_back(test::person(i));
  const auto added = must(dossiers.add_lines(world.clerk, made.id, forms));
  REQUIRE(added.refused.empty());
  must(dossiers.save(world.clerk, made.id, added.revision, test::whole_form(people)));
  const Bytes letter = must(dossiers.export_letter(world.clerk, made.id, Dossiers::LetterFormat::pdf));
  world.verifier.says = world.good_verdict();
  const auto judged = must(dossiers.attach_letter(world.clerk, made.id, LetterRole::request, "12.pdf", letter));
  REQUIRE(judged.judgement.is_valid);
  return must(dossiers.find(world.clerk, made.id));
}

TEST_CASE("from a draft to its submission") {
  db::on_each_engine([](db::Database& database) {
    World world(database);
    Dossiers dossiers = world.dossiers();
    const Dossier dossier = ready(world, dossiers);
    CHECK(dossier.code == world.department + "-260914-0001");
    CHECK(must(dossiers.submission(world.clerk, dossier.id)).is_ready);
    const auto done = must(dossiers.submit(world.clerk, dossier.id, dossier.revision, {}));
    REQUIRE(done.dossier);
    CHECK(done.dossier->state == DossierState::submitted);
    CHECK(done.dossier->submitted == kNow);
    // Sent again: the same answer, nothing happens twice.
    const auto again = must(dossiers.submit(world.clerk, dossier.id, dossier.revision, {}));
    REQUIRE(again.dossier);
    CHECK(again.dossier->revision == done.dossier->revision);
    CHECK(rows_in(database, "SELECT COUNT(*) FROM dossier_event WHERE kind = 'submitted'") == 1);
    CHECK(rows_in(database, "SELECT COUNT(*) FROM audit_event WHERE kind = 'dossier.submitted'") == 1);
    CHECK(rows_in(database, "SELECT COUNT(*) FROM outbox WHERE kind = 'dossier.submitted' AND language = 'vi'") == 1);
    // Nobody edits it now.
    CHECK(code_of(dossiers.save(world.clerk, dossier.id, done.dossier->revision, {})) == "registry.dossier.state");
    CHECK(code_of(dossiers.add_lines(world.clerk, dossier.id, {test::person(7)})) == "registry.dossier.state");
    CHECK(code_of(dossiers.remove(world.clerk, dossier.id)) == "registry.dossier.state");
    CHECK(code_of(dossiers.remove_letter(world.clerk, dossier.id, LetterRole::request)) == "registry.dossier.state");
    const auto known = must(database.read(
        [&](db::Transaction& transaction) { return dossier_store::receivers(transaction, world.department, 10); }));
    REQUIRE(known.size() == 1);
    CHECK(known[0].phone == "84912345678");
    // No identity number is in the audit log.
    CHECK(rows_in(database, "SELECT COUNT(*) FROM audit_event WHERE details LIKE '%02008700%'") == 0);
  });
}

TEST_CASE("a letter that is not well signed is refused in the portal's own words") {
  db::on_each_engine([](db::Database& database) {
    World world(database);
    Dossiers dossiers = world.dossiers();
    Dossier dossier = ready(world, dossiers);
    world.verifier.says.signers.pop_back();  // no seal
    const Bytes letter = must(dossiers.export_letter(world.clerk, dossier.id, Dossiers::LetterFormat::pdf));
    const auto judged = must(dossiers.attach_letter(world.clerk, dossier.id, LetterRole::request, "12.pdf", letter));
    CHECK(judged.judgement.text == "Văn bản/Hồ sơ ký số không hợp lệ");
    dossier = must(dossiers.find(world.clerk, dossier.id));
    const auto refused = must(dossiers.submit(world.clerk, dossier.id, dossier.revision, {}));
    REQUIRE(!refused.dossier);
    REQUIRE(refused.check.refusal);
    const ErrorText words = describe(*refused.check.refusal, Language::vietnamese);
    CHECK(words.message == "Không nộp được hồ sơ do văn bản chưa được ký số hoặc chữ ký số không hợp lệ.");
    CHECK(has_code(refused.check.findings, "registry.letter.no_seal"));
    CHECK(must(dossiers.find(world.clerk, dossier.id)).state == DossierState::draft);
  });
}

TEST_CASE("a list that changed after the export, and a count that is too small") {
  db::on_each_engine([](db::Database& database) {
    World world(database);
    Dossiers dossiers = world.dossiers();
    Dossier dossier = ready(world, dossiers, 3);
    const auto lines = must(
        database.read([&](db::Transaction& transaction) { return dossier_store::all_lines(transaction, dossier.id); }));
    LineForm changed = lines[0].form;
    changed.organisation = lines[0].organisation;
    changed.position = "Giám đốc";
    REQUIRE(
        must(dossiers.change_line(world.clerk, dossier.id, lines[0].id, lines[0].revision, changed)).refused.empty());
    auto check = must(dossiers.submission(world.clerk, dossier.id));
    CHECK(!check.is_ready);
    CHECK(has_code(check.findings, "registry.letter.rows"));
    must(dossiers.remove_line(world.clerk, dossier.id, lines[2].id));
    check = must(dossiers.submission(world.clerk, dossier.id));
    CHECK(has_code(check.findings, "registry.letter.count"));
    CHECK(has_code(check.findings, "registry.dossier.count"));
    REQUIRE(check.refusal);
    CHECK(describe(*check.refusal, Language::vietnamese).message ==
          "Bạn nhập số lượng yêu cầu chưa đủ so với trên văn bản.");
  });
}

TEST_CASE("blocking findings refuse lines, and people whom the population database knows otherwise") {
  db::on_each_engine([](db::Database& database) {
    World world(database);
    Dossiers dossiers = world.dossiers();
    const Dossier dossier = must(dossiers.create(world.clerk, {}));
    LineForm wrong = test::person(1);
    wrong.name.clear();
    const auto refused = must(dossiers.add_lines(world.clerk, dossier.id, {test::person(0), wrong}));
    REQUIRE(refused.refused.size() == 1);
    CHECK(refused.refused[0].line == "1");
    CHECK(refused.refused[0].field == "name");
    CHECK(must(dossiers.find(world.clerk, dossier.id)).line_count == 0);
    world.population.answers["020087000003"] = PopulationDatabase::Answer::differs;
    const auto unknown = must(dossiers.add_lines(world.clerk, dossier.id, {test::person(2)}));
    REQUIRE(unknown.refused.size() == 1);
    CHECK(describe(unknown.refused[0].error(), Language::vietnamese).message ==
          "Thông tin cá nhân không phù hợp với DLQGvDC không thể thêm mới.");
    // Nobody answers: the line is kept, the check is made up for.
    world.population.is_down = true;
    const auto waiting = must(dossiers.add_lines(world.clerk, dossier.id, {test::person(3), test::person(4)}));
    REQUIRE(waiting.added.size() == 2);
    CHECK(waiting.added[0].population == Population::waiting);
    CHECK(has_code(waiting.added[0].findings, "registry.line.population_waiting"));
    CHECK(must(dossiers.check_waiting(10)) == 0);
    world.population.is_down = false;
    CHECK(must(dossiers.check_waiting(10)) == 2);
    const auto lines = must(
        database.read([&](db::Transaction& transaction) { return dossier_store::all_lines(transaction, dossier.id); }));
    CHECK(lines[0].population == Population::matches);
    CHECK(lines[0].findings.empty());
    // The same person twice.
    const auto doubled = must(dossiers.add_lines(world.clerk, dossier.id, {test::person(3)}));
    CHECK(!doubled.refused.empty());
    // An organisation that is not below this one.
    LineForm far = test::person(5);
    far.organisation_names = {"Ủy ban nhân dân tỉnh Khác"};
    const auto foreign = must(dossiers.add_lines(world.clerk, dossier.id, {far}));
    CHECK(has_code(foreign.refused, "registry.line.organisation_foreign"));
  });
}

TEST_CASE("warnings and private mail boxes need a reason before submitting") {
  db::on_each_engine([](db::Database& database) {
    World world(database);
    Dossiers dossiers = world.dossiers();
    Dossier dossier = must(dossiers.create(world.clerk, {}));
    LineForm form = test::person();
    form.email = "nva@gmail.com";
    REQUIRE(must(dossiers.add_lines(world.clerk, dossier.id, {form})).refused.empty());
    dossier = must(dossiers.find(world.clerk, dossier.id));
    must(dossiers.save(world.clerk, dossier.id, dossier.revision, test::whole_form(1)));
    world.verifier.says = world.good_verdict();
    must(dossiers.attach_letter(world.clerk, dossier.id, LetterRole::request, "12.pdf",
                                must(dossiers.export_letter(world.clerk, dossier.id, Dossiers::LetterFormat::pdf))));
    dossier = must(dossiers.find(world.clerk, dossier.id));
    const auto first = must(dossiers.submit(world.clerk, dossier.id, dossier.revision, {}));
    REQUIRE(!first.dossier);
    REQUIRE(!first.check.findings.empty());
    std::map<std::string, std::string> reasons;
    for (const DossierFinding& finding : first.check.findings)
      reasons[finding.id()] = "Cơ quan chưa có hộp thư công vụ";
    const auto second = must(dossiers.submit(world.clerk, dossier.id, dossier.revision, reasons));
    CHECK(second.dossier);
    const auto kept = must(
        database.read([&](db::Transaction& transaction) { return dossier_store::overrides(transaction, dossier.id); }));
    REQUIRE(kept.size() == reasons.size());
    CHECK(kept.begin()->second.by_name == world.clerk.name);
  });
}

TEST_CASE("who may see and change what") {
  db::on_each_engine([](db::Database& database) {
    World world(database);
    Dossiers dossiers = world.dossiers();
    const Dossier dossier = must(dossiers.create(world.clerk, {}));
    CHECK(dossiers.find(world.clerk, dossier.id).has_value());
    CHECK(dossiers.find(world.above, dossier.id).has_value());
    CHECK(code_of(dossiers.find(world.officer, dossier.id)) == "registry.dossier.missing");  // not submitted yet
    CHECK(code_of(dossiers.find(world.below, dossier.id)) == "registry.dossier.missing");
    CHECK(code_of(dossiers.find(world.stranger, dossier.id)) == "registry.dossier.missing");
    Caller administrator = world.officer;
    administrator.roles = {Role::administrator};
    CHECK(code_of(dossiers.find(administrator, dossier.id)) == "registry.dossier.missing");
    // Those above read; nobody but its clerks changes it.
    const auto changes = [&](const Caller& caller, const std::string& id) {
      return std::set{code_of(dossiers.save(caller, id, 1, {})), code_of(dossiers.remove(caller, id)),
                      code_of(dossiers.add_lines(caller, id, {test::person()})),
                      code_of(dossiers.submit(caller, id, 1, {}))};
    };
    CHECK(changes(world.above, dossier.id) == std::set<std::string>{"registry.access.forbidden"});
    CHECK(changes(world.officer, dossier.id) == std::set<std::string>{"registry.dossier.missing"});
    CHECK(code_of(dossiers.submit(world.stranger, dossier.id, 1, {})) == "registry.dossier.missing");
    CHECK(code_of(dossiers.export_letter(world.stranger, dossier.id, Dossiers::LetterFormat::pdf)) ==
          "registry.dossier.missing");
    CHECK(code_of(dossiers.add_note(world.clerk, dossier.id, "riêng", true)) == "registry.access.forbidden");
    CHECK(code_of(dossiers.add_note(world.officer, dossier.id, "chung", false)) == "registry.dossier.missing");
    // Submitted: officers read and write notes, and change nothing of it.
    const Dossier filed = ready(world, dossiers);
    REQUIRE(must(dossiers.submit(world.clerk, filed.id, filed.revision, {})).dossier);
    CHECK(dossiers.find(world.officer, filed.id).has_value());
    CHECK(changes(world.officer, filed.id) == std::set<std::string>{"registry.access.forbidden"});
    must(dossiers.add_note(world.officer, filed.id, "riêng", true));
    must(dossiers.add_note(world.officer, filed.id, "chung", false));
    const auto notes = [&](bool internal) {
      return must(database.read(
          [&](db::Transaction& transaction) { return dossier_store::notes(transaction, filed.id, internal); }));
    };
    CHECK(notes(false).size() == 1);
    CHECK(notes(true).size() == 2);
    must(dossiers.remove(world.clerk, dossier.id));
    CHECK(code_of(dossiers.find(world.clerk, dossier.id)) == "registry.dossier.missing");
  });
}

TEST_CASE("what happens to a draft is told to its organisation alone") {
  db::on_each_engine([](db::Database& database) {
    World world(database);
    Dossiers dossiers = world.dossiers();
    AccountSessions sessions(database);
    EventHub hub(database, sessions);
    must(hub.poll(kNow));
    const net::ServerRequest http;
    const auto listen = [&](const Caller& caller) {
      return must(hub.routes().at(0).handler({http, caller, kNow})).events;
    };
    const auto clerk = listen(world.clerk), above = listen(world.above), officer = listen(world.officer);
    const auto heard = [&](const std::shared_ptr<net::PieceSource>& stream) { return !stream->take().piece.empty(); };
    const Dossier made = must(dossiers.create(world.clerk, {}));
    must(dossiers.add_note(world.clerk, made.id, "nháp", false));
    must(hub.poll(kNow));
    CHECK(heard(clerk));
    CHECK(heard(above));
    CHECK_FALSE(heard(officer));
    must(dossiers.remove(world.clerk, made.id));
    const Dossier filed = ready(world, dossiers);
    must(hub.poll(kNow));
    CHECK_FALSE(heard(officer));
    REQUIRE(must(dossiers.submit(world.clerk, filed.id, filed.revision, {})).dossier);
    must(hub.poll(kNow));
    CHECK(heard(officer));
  });
}

TEST_CASE("notes have a limit for each who writes them") {
  db::on_each_engine([](db::Database& database) {
    World world(database);
    DossierSettings settings;
    settings.max_notes = 2;
    Dossiers dossiers = world.dossiers(settings);
    const Dossier dossier = must(dossiers.create(world.clerk, {}));
    const auto note = [&](const Caller& caller) { return code_of(dossiers.add_note(caller, dossier.id, "x", false)); };
    CHECK(note(world.clerk) == "ok");
    CHECK(note(world.clerk) == "ok");
    CHECK(note(world.clerk) == "registry.dossier.notes");
    CHECK(note(world.above) == "ok");
  });
}

TEST_CASE("people of finished dossiers are not asked about") {
  db::on_each_engine([](db::Database& database) {
    World world(database);
    Dossiers dossiers = world.dossiers();
    world.population.is_down = true;
    const Dossier open = must(dossiers.create(world.clerk, {})), over = must(dossiers.create(world.clerk, {}));
    const auto asked = must(dossiers.add_lines(world.clerk, open.id, {test::person(0)})).added.at(0);
    must(dossiers.add_lines(world.clerk, over.id, {test::person(1)}));
    must(database.write([&](db::Transaction& transaction) {
      return transaction.execute("UPDATE dossier SET state = 'rejected' WHERE id = ?", {over.id});
    }));
    const auto waiting = must(database.read(
        [](db::Transaction& transaction) { return dossier_store::waiting_for_population(transaction, 10); }));
    CHECK(waiting == std::vector<std::pair<std::string, std::string>>{{open.id, asked.id}});
  });
}

TEST_CASE("who reads English is told of the dossier in English") {
  db::on_each_engine([](db::Database& database) {
    World world(database);
    Dossiers dossiers = world.dossiers();
    must(database.write([&](db::Transaction& transaction) {
      return transaction.execute("UPDATE account SET language = 'en' WHERE id = ?", {world.clerk.account});
    }));
    const Dossier dossier = ready(world, dossiers);
    REQUIRE(must(dossiers.submit(world.clerk, dossier.id, dossier.revision, {})).dossier);
    CHECK(rows_in(database, "SELECT COUNT(*) FROM outbox WHERE kind = 'dossier.submitted' AND language = 'en'") == 1);
  });
}

TEST_CASE("a delegated dossier is made for the other organisation, and only with its delegation") {
  db::on_each_engine([](db::Database& database) {
    World world(database);
    Dossiers dossiers = world.dossiers();
    Dossiers::NewDossier wanted{DossierKind::person, world.other, false};
    CHECK(code_of(dossiers.create(world.clerk, wanted)) == "registry.dossier.delegation");
    Accounts accounts(database, {});
    const auto delegation = must(accounts.delegate(
        world.stranger, {world.clerk.email, "QĐ 1/QĐ-UBND", start_of(vietnam_day(kNow)), start_of(vietnam_day(kNow))},
        kNow));
    const Dossier made = must(dossiers.create(world.clerk, wanted));
    CHECK(made.principal() == world.other);
    CHECK(made.delegation == delegation.id);
    CHECK(made.code.starts_with(world.department));
    // Both organisations see it; the one that files it changes it.
    CHECK(dossiers.find(world.stranger, made.id).has_value());
    CHECK(code_of(dossiers.save(world.stranger, made.id, 1, {})) == "registry.access.forbidden");
    // Its people are those of the delegating organisation.
    LineForm own = test::person(0);
    CHECK(
        has_code(must(dossiers.add_lines(world.clerk, made.id, {own})).refused, "registry.line.organisation_foreign"));
    own.organisation_names = {"Ủy ban nhân dân tỉnh Khác"};
    own.email = "nva@khac.gov.vn";
    CHECK(must(dossiers.add_lines(world.clerk, made.id, {own})).refused.empty());
    world.clock.time += std::chrono::days(2);
    CHECK(has_code(must(dossiers.submission(world.clerk, made.id)).findings, "registry.dossier.delegation_over"));
  });
}

TEST_CASE("keys are checked, and serve once") {
  db::on_each_engine([](db::Database& database) {
    World world(database);
    Dossiers dossiers = world.dossiers();
    const Dossier dossier = must(dossiers.create(world.clerk, {}));
    const auto added = must(dossiers.add_lines(world.clerk, dossier.id, {test::person(0), test::person(1)}));
    const TestFolder folder;
    const std::string request =
        output_of(fmt::format("openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {}/k -subj "
                              "/CN=x 2>/dev/null",
                              folder.path().string()));
    const auto attach = [&](const std::string& line, std::int64_t revision, std::string_view file) {
      return dossiers.attach_pkcs10(world.clerk, dossier.id, line, revision, as_bytes(file));
    };
    const Line line = must(attach(added.added[0].id, 1, request));
    CHECK(line.has_key());
    CHECK(line.revision == 2);
    CHECK(code_of(attach(added.added[0].id, 1, request)) == "registry.dossier.changed");
    CHECK(code_of(attach(added.added[1].id, 1, request)) == "registry.line.key_used");
    CHECK(code_of(attach(added.added[1].id, 1, "nothing")) == "issue.csr.malformed");
    CHECK(code_of(attach("none", 1, request)) == "registry.line.missing");
    const auto stored = must(database.read(
        [&](db::Transaction& transaction) { return dossier_store::find_line(transaction, dossier.id, line.id); }));
    CHECK(stored->pkcs10 == line.pkcs10);
  });
}

TEST_CASE("of two who edit one line the slower is told; two lines do not hinder each other") {
  db::on_each_engine([](db::Database& database) {
    World world(database);
    Dossiers dossiers = world.dossiers();
    const Caller colleague = make_account(database, kNow, world.department, {Role::clerk}).caller();
    const Dossier dossier = must(dossiers.create(world.clerk, {}));
    const auto added = must(dossiers.add_lines(world.clerk, dossier.id, {test::person(0), test::person(1)})).added;
    const auto change = [&](const Caller& caller, const Line& line, std::int64_t revision,
                            const std::string& position) {
      LineForm form = line.form;
      form.organisation = line.organisation;
      form.position = position;
      return dossiers.change_line(caller, dossier.id, line.id, revision, form);
    };
    const auto first = must(change(world.clerk, added[0], 1, "Trưởng phòng"));
    REQUIRE(first.added.size() == 1);
    CHECK(first.added[0].revision == 2);
    const int asked = world.population.asked;
    CHECK(code_of(change(colleague, added[0], 1, "Phó phòng")) == "registry.dossier.changed");
    CHECK(world.population.asked == asked);  // nobody is asked about for nothing
    CHECK(must(change(colleague, added[1], 1, "Phó phòng")).refused.empty());
    CHECK(must(change(colleague, added[0], 2, "Phó phòng")).added.at(0).revision == 3);
    CHECK(code_of(change(colleague, {.id = "none"}, 1, "x")) == "registry.line.missing");
    // The answer of the population database changes nothing of what people see and edit.
    must(dossiers.check_person(dossier.id, added[0].id));
    const auto stored = must(
        database.read([&](db::Transaction& transaction) { return dossier_store::all_lines(transaction, dossier.id); }));
    CHECK(stored[0].revision == 3);
    CHECK(stored[0].form.position == "Phó phòng");
  });
}

TEST_CASE("an old verdict is made anew before submitting") {
  db::on_each_engine([](db::Database& database) {
    World world(database);
    Dossiers dossiers = world.dossiers();
    const Dossier dossier = ready(world, dossiers);
    world.verifier.says.is_valid = false;
    world.verifier.says.problems = {{"pki.revoked", "Chứng thư số của người ký đã bị thu hồi."}};
    world.clock.time += std::chrono::hours(25);
    const auto refused = must(dossiers.submit(world.clerk, dossier.id, dossier.revision, {}));
    REQUIRE(!refused.dossier);
    CHECK(has_code(refused.check.findings, "registry.letter.signature"));
  });
}

TEST_CASE("a verdict that was made while an authority was away is asked for again soon") {
  db::on_each_engine([](db::Database& database) {
    World world(database);
    Dossiers dossiers = world.dossiers();
    const Dossier dossier = ready(world, dossiers);
    world.verifier.says.is_valid = world.verifier.says.is_final = false;
    world.verifier.says.problems = {{"REVOCATION_STATUS_UNKNOWN", "Chưa kiểm tra được."}};
    const Bytes letter = must(dossiers.export_letter(world.clerk, dossier.id, Dossiers::LetterFormat::pdf));
    must(dossiers.attach_letter(world.clerk, dossier.id, LetterRole::request, "12.pdf", letter));
    world.verifier.says = world.good_verdict();
    CHECK_FALSE(must(dossiers.submission(world.clerk, dossier.id)).is_ready);
    world.clock.time += std::chrono::seconds(11);
    CHECK(must(dossiers.submission(world.clerk, dossier.id)).is_ready);
    const int asked = world.verifier.asked;
    world.clock.time += std::chrono::seconds(11);
    CHECK(must(dossiers.submission(world.clerk, dossier.id)).is_ready);
    CHECK(world.verifier.asked == asked);
  });
}

TEST_CASE("dossiers and certificates follow the tree") {
  db::on_each_engine([](db::Database& database) {
    World world(database);
    Dossiers dossiers = world.dossiers();
    const Dossier dossier = must(dossiers.create(world.clerk, {}));
    must(database.write([&](db::Transaction& transaction) -> Result<bool> {
      SubscriberCertificate one = test::certificate("31C106", world.department);
      one.organisation_chain = {"Ủy ban nhân dân tỉnh Mẫu", "Sở Giáo dục và Đào tạo"};
      return certificate_store::insert(transaction, one, {world.department, world.province});
    }));
    while (must(dossiers.follow_changes(100)) > 0) {
    }
    CHECK(rows_in(database, "SELECT COUNT(*) FROM subscriber_certificate WHERE is_stale = 1") == 0);
    const std::string moved = world.department;
    must(database.write([&](db::Transaction& transaction) {
      return move_organisations(transaction, {{moved}, world.other, "NQ 1", kNow}, test::by());
    }));
    CHECK(must(dossiers.follow_changes(100)) > 0);
    CHECK(code_of(dossiers.find(world.above, dossier.id)) == "registry.dossier.missing");
    CHECK(dossiers.find(world.stranger, dossier.id).has_value());
    CHECK(rows_in(database, "SELECT COUNT(*) FROM subscriber_certificate WHERE is_stale = 1") == 1);
    CHECK(rows_in(database, "SELECT COUNT(*) FROM portal_event WHERE topic = 'certificate'") == 1);
  });
}

// ---- over HTTP ------------------------------------------------------------------------------------------------------

struct Portal {
  World& world;
  Dossiers dossiers;
  DossierView view;
  std::vector<PortalRoute> routes;
  explicit Portal(World& of) : world(of), dossiers(of.dossiers()), view(dossiers) {
    routes = dossier_routes(dossiers, view);
    for (PortalRoute& route : certificate_routes(dossiers)) routes.push_back(std::move(route));
  }
  struct Answer {
    int status = 0;
    json::Value body;
  };
  Answer ask(const Caller& caller, std::string_view method, std::string_view where,
             std::vector<std::pair<std::string, std::string>> captures, const std::string& body = "{}",
             std::vector<std::pair<std::string, std::string>> query = {}) const {
    for (const PortalRoute& route : routes) {
      if (route.method != method || route.where != where) continue;
      net::ServerRequest http;
      http.method = method;
      http.captures = std::move(captures);
      http.query = std::move(query);
      http.body = to_bytes(body);
      const bool is_allowed = route.access.kind != Access::Kind::roles || caller.has_any(route.access.roles);
      if (!is_allowed) return {403, {}};
      const auto response = route.handler({http, caller, world.clock.now()});
      if (!response) return {portal_status_of(response.error()), json::Value(response.error().code)};
      const auto parsed = response->body ? json::parse(as_chars(*response->body)) : Result<json::Value>(json::Value());
      return {response->status, parsed ? *parsed : json::Value()};
    }
    FAIL("no route ", std::string(method), " ", std::string(where));
    return {};
  }
};

std::string text_at(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value == nullptr ? std::string() : std::string(value->as_string().value_or(""));
}

TEST_CASE("every route of a dossier is closed to other organisations") {
  db::on_each_engine([](db::Database& database) {
    World world(database);
    Portal portal(world);
    const Dossier dossier = must(portal.dossiers.create(world.clerk, {}));
    std::size_t asked = 0;
    for (const PortalRoute& route : portal.routes) {
      if (route.where.find("/dossiers/{id}") == std::string::npos) continue;
      if (!route.access.roles.contains(Role::clerk)) continue;
      const bool takes_file = route.content_types == std::vector<std::string>{"multipart/form-data"};
      if (takes_file) continue;  // below
      INFO(route.method, " ", route.where);
      const auto answer = portal.ask(world.stranger, route.method, route.where,
                                     {{"id", dossier.id}, {"line", "x"}, {"import", "x"}, {"role", "request"}},
                                     R"({"revision":1,"text":"x","lines":[{"name":"x"}]})");
      CHECK(answer.status == 404);
      ++asked;
    }
    CHECK(asked >= 18);
    const auto file = to_bytes("%PDF-1.7");
    CHECK(code_of(portal.dossiers.attach_letter(world.stranger, dossier.id, LetterRole::request, "a.pdf", file)) ==
          "registry.dossier.missing");
    CHECK(code_of(portal.dossiers.import(world.stranger, dossier.id, "a.csv", file)) == "registry.dossier.missing");
    // Officers never change what clerks write.
    Caller officer = world.officer;
    CHECK(portal.ask(officer, "PUT", "/api/v1/dossiers/{id}", {{"id", dossier.id}}).status == 403);
    CHECK(portal.ask(officer, "GET", "/api/v1/dossiers/{id}", {{"id", dossier.id}}).status == 404);
  });
}

TEST_CASE("the interface: a draft, its lines, and what refuses them") {
  db::on_each_engine([](db::Database& database) {
    World world(database);
    Portal portal(world);
    const auto made = portal.ask(world.clerk, "POST", "/api/v1/dossiers", {}, R"({"kind":"01"})");
    REQUIRE(made.status == 201);
    const std::string id = text_at(made.body, "id");
    CHECK(text_at(made.body, "state") == "draft");
    CHECK(text_at(*made.body.find("form"), "letter_subject") == legal_subject(DossierKind::person, false));
    CHECK(text_at(*made.body.find("organisation"), "name") == "Sở Giáo dục và Đào tạo");
    CHECK(portal.ask(world.clerk, "POST", "/api/v1/dossiers", {}, R"({"kind":"07"})").status == 400);
    json::Value line = to_json(test::person());
    line.set("identity", "123");
    json::Value body = json::Value::object();
    body.set("lines", json::Value::array().push_back(line));
    const auto refused =
        portal.ask(world.clerk, "POST", "/api/v1/dossiers/{id}/lines", {{"id", id}}, json::serialize(body));
    CHECK(refused.status == 422);
    CHECK(text_at(refused.body.find("fields")->as_array()->front(), "field") == "lines/0/identity");
    body.set("lines", json::Value::array().push_back(to_json(test::person())));
    const auto added =
        portal.ask(world.clerk, "POST", "/api/v1/dossiers/{id}/lines", {{"id", id}}, json::serialize(body));
    REQUIRE(added.status == 201);
    CHECK(added.body.find("line_count")->as_integer() == 1);
    const auto lines = portal.ask(world.clerk, "GET", "/api/v1/dossiers/{id}/lines", {{"id", id}});
    CHECK(text_at(lines.body.find("items")->as_array()->front(), "state") == "pending");
    // An old revision.
    CHECK(portal.ask(world.clerk, "PUT", "/api/v1/dossiers/{id}", {{"id", id}}, R"({"revision":1})").status == 409);
    const auto submitted =
        portal.ask(world.clerk, "POST", "/api/v1/dossiers/{id}/submission", {{"id", id}}, R"({"revision":2})");
    CHECK(submitted.status == 422);
    CHECK(text_at(submitted.body, "code") == "registry.dossier.letter");
    CHECK(submitted.body.find("fields")->as_array()->size() > 3);
    CHECK(text_at(submitted.body, "detail").find("Chưa đính kèm văn bản đề nghị đã ký số.") == 0);
    const auto list = portal.ask(world.clerk, "GET", "/api/v1/dossiers", {}, "", {{"box", "draft"}});
    CHECK(list.body.find("items")->as_array()->size() == 1);
    CHECK(portal.ask(world.stranger, "GET", "/api/v1/dossiers", {}).body.find("items")->as_array()->empty());
    // Looking into another organisation by its id gives nothing.
    CHECK(portal.ask(world.stranger, "GET", "/api/v1/dossiers", {}, "", {{"organisation", world.department}})
              .body.find("items")
              ->as_array()
              ->empty());
    const auto history = portal.ask(world.clerk, "GET", "/api/v1/dossiers/{id}/history", {{"id", id}});
    CHECK(text_at(history.body.find("items")->as_array()->front(), "text") == "Tạo hồ sơ");
  });
}

TEST_CASE("certificates: inside by words, outside by an exact key and with few fields") {
  db::on_each_engine([](db::Database& database) {
    World world(database);
    Portal portal(world);
    must(database.write([&](db::Transaction& transaction) -> Result<bool> {
      SubscriberCertificate one = test::certificate("31C106", world.department);
      one.identity = "020087000001";
      one.state = "revoked";
      one.was_renewed = true;
      return certificate_store::insert(transaction, one, {world.department, world.province});
    }));
    const auto found = [&](const Caller& caller, std::vector<std::pair<std::string, std::string>> query) {
      return portal.ask(caller, "GET", "/api/v1/certificates", {}, "", std::move(query));
    };
    const auto inside = found(world.clerk, {{"name", "dang ngoc"}});
    REQUIRE(inside.body.find("items")->as_array()->size() == 1);
    const json::Value& one = inside.body.find("items")->as_array()->front();
    CHECK(text_at(one, "state_text") == "Đã thu hồi(GHTĐTT)");
    CHECK(text_at(one, "email") == "s31c106@mau.gov.vn");
    CHECK(one.find("identity") == nullptr);
    CHECK(found(world.stranger, {{"name", "dang ngoc"}}).body.find("items")->as_array()->empty());
    CHECK(found(world.stranger, {{"name", "dang ngoc"}, {"outside", "true"}}).status == 400);
    const auto outside = found(world.stranger, {{"serial", "31c106"}, {"outside", "true"}});
    REQUIRE(outside.body.find("items")->as_array()->size() == 1);
    CHECK(outside.body.find("items")->as_array()->front().find("email") == nullptr);
    CHECK(found(world.stranger, {{"serial", "xyz"}, {"outside", "true"}}).body.find("items")->as_array()->empty());
    const auto detail = [&](const Caller& caller) {
      return portal
          .ask(caller, "GET", "/api/v1/certificates/{issuer}/{serial}", {{"issuer", "CPCA_G1"}, {"serial", "31C106"}})
          .status;
    };
    CHECK(detail(world.clerk) == 200);
    CHECK(detail(world.above) == 200);
    CHECK(detail(world.officer) == 200);
    CHECK(detail(world.below) == 404);
    CHECK(detail(world.stranger) == 404);
  });
}

}  // namespace
}  // namespace kyso::registry

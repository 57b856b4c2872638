#include <doctest/doctest.h>

#include <algorithm>

#include "registry/desk/desk_test_support.h"
#include "registry/dossier/certificate_store.h"

namespace kyso::registry {
namespace {

using namespace test;

Token token_of(db::Database& database, const std::string& serial) {
  const auto found =
      must(database.read([&](db::Transaction& transaction) { return token_store::find(transaction, serial); }));
  REQUIRE(found);
  return *found;
}

// A dossier with one certificate on the token of stock "AB12CD34", issued and not yet written.
std::string issued_on_token(DeskWorld& world) {
  Token stock;
  stock.serial = "AB12CD34";
  stock.model = "Mẫu A";
  REQUIRE(must(world.desk.add_tokens(world.receiver, {stock})).empty());
  const std::string id = world.submitted(DossierKind::person, {world.line(1, "Nguyễn Văn A", Device::token)});
  world.prepare(id);
  must(world.desk.station_key_made("receiver", world.lines(id)[0].id,
                                   {certification_request(), Bytes(64, 0x5A), "ab12cd34", "Kyso", ""}));
  must(world.sign(world.receiver, id));
  must(world.sign(world.checker, id));
  must(world.sign(world.approver, id));
  REQUIRE(world.dossier(id).step == Step::delivery);
  return id;
}

TEST_CASE("a token keeps its SO-PIN in escrow however the station spells its number, and is written before it goes") {
  db::on_each_engine([](db::Database& database) {
    DeskWorld world(database);
    const std::string id = issued_on_token(world);
    const Token token = token_of(database, "AB12CD34");
    CHECK(token.serial == "ab12cd34");  // what stands in the escrow too
    CHECK(token.state == TokenState::personalised);
    CHECK(token.escrow == Bytes(64, 0x5A));
    CHECK(token.certificate_serial == world.lines(id)[0].certificate_serial);
    CHECK(world.lines(id)[0].token_serial == "ab12cd34");
    CHECK(must(database.read([](db::Transaction& transaction) { return token_store::list(transaction, {}); })).size() ==
          1);

    const Desk::HandOver form{"Nguyễn Văn A", {}, "in_person", {}};
    CHECK(code_of(world.desk.hand_over(world.receiver, id, world.revision(id), form)) == "registry.desk.unwritten");
    CHECK(world.dossier(id).state == DossierState::processing);
    must(world.desk.station_written("receiver", world.lines(id)[0].id));
    must(world.desk.hand_over(world.receiver, id, world.revision(id), form));
    CHECK(world.dossier(id).state == DossierState::completed);
    CHECK(token_of(database, "ab12cd34").state == TokenState::delivered);
  });
}

TEST_CASE("a token that broke does not hold its dossier up, and stays broken") {
  db::on_each_engine([](db::Database& database) {
    DeskWorld world(database);
    const std::string id = issued_on_token(world);
    must(world.desk.change_token(world.receiver, "AB12CD34", TokenState::faulty, "Hỏng cổng cắm"));
    must(world.desk.hand_over(world.receiver, id, world.revision(id), {"Nguyễn Văn A", {}, "in_person", {}}));
    CHECK(token_of(database, "AB12CD34").state == TokenState::faulty);
  });
}

TEST_CASE("only the token that holds the certificate is recovered, with the key that was made for it") {
  db::on_each_engine([](db::Database& database) {
    DeskWorld world(database);
    const Line issued = world.lines(issued_on_token(world))[0];
    Token other;
    other.serial = "EE56FF78";
    other.escrow = Bytes(64, 0x7B);
    REQUIRE(
        must(database.write([&](db::Transaction& transaction) { return token_store::insert(transaction, other); })));
    const auto recovery = [&](const std::string& token) {
      Line line = world.about(1, issued, "recover", Device::token);
      line.form.token_serial = token;
      const std::string id = world.submitted(DossierKind::recovery, {line});
      world.prepare(id);
      return id;
    };
    const auto blocker = [&](const std::string& id) {
      const auto view = must(world.desk.statement(world.receiver, id));
      return view.blockers.empty() ? std::string("none") : view.blockers.front().code;
    };
    const std::string foreign = recovery("EE56FF78");
    must(world.desk.station_wants_so_pin("receiver", world.lines(foreign)[0].id, Bytes(91, 0x01)));
    CHECK(blocker(foreign) == "registry.desk.token.other");

    const std::string own = recovery("AB12CD34");
    CHECK(blocker(own) == "registry.desk.station");
    const std::string line = world.lines(own)[0].id;
    // A station's key for another token does not serve.
    must(database.write([&](db::Transaction& transaction) {
      return token_store::set_station_key(transaction, line, "EE56FF78", Bytes(91, 0x01));
    }));
    CHECK(blocker(own) == "registry.desk.station");
    must(world.desk.station_wants_so_pin("receiver", line, Bytes(91, 0x02)));
    CHECK(blocker(own) == "none");
    const auto jobs = must(world.desk.station_jobs());
    CHECK(
        std::ranges::any_of(jobs, [&](const auto& job) { return job.line == line && job.token_serial == "ab12cd34"; }));
  });
}

}  // namespace
}  // namespace kyso::registry

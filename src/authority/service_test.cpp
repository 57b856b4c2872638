#include "authority/service.h"

#include <doctest/doctest.h>

#include <thread>

#include "audit/audit.h"
#include "authority/authority_test_support.h"
#include "base/text.h"

namespace kyso::authority {
namespace {

using namespace test;
using vault::Act;

// A vault that can be away, before a call or after it was carried out.
class ShakyVault final : public vault::Vault {
 public:
  explicit ShakyVault(TestVault& inner) : m_inner(inner) {}
  enum class Fault : std::uint8_t { none, before, after };
  std::map<std::string, Fault> faults;  // by name of the call
  std::function<void()> meanwhile;      // once, before the next call that can be away
  int calls = 0;

  Result<State> state() override { return m_inner->state(); }
  Result<std::vector<vault::PolicyFile>> policy_files() override { return m_inner->policy_files(); }
  std::vector<Result<std::vector<vault::PreparedCertificate>>> prepare(
      const std::vector<vault::SignedRequest>& requests) override {
    using Answer = std::vector<Result<std::vector<vault::PreparedCertificate>>>;
    return shake<Answer>("prepare", Answer(requests.size(), fail("vault.timeout")),
                         [&] { return m_inner->prepare(requests); });
  }
  std::vector<Result<crypto::Certificate>> sign_prepared(const std::vector<std::string>& intents) override {
    using Answer = std::vector<Result<crypto::Certificate>>;
    return shake<Answer>("sign", Answer(intents.size(), fail("vault.timeout")),
                         [&] { return m_inner->sign_prepared(intents); });
  }
  Result<> void_intent(const std::string& intent) override { return m_inner->void_intent(intent); }
  Result<std::vector<vault::Intent>> intents(const std::vector<std::string>& ids) override {
    return m_inner->intents(ids);
  }
  Result<std::vector<vault::JournalEntry>> journal(std::int64_t after, std::size_t limit) override {
    return m_inner->journal(after, limit);
  }
  Result<State> adopt_policy(const vault::SignedRequest& request) override {
    return shake<Result<State>>("adopt", fail("vault.timeout"), [&] { return m_inner->adopt_policy(request); });
  }
  Result<Bytes> sign_crl(const std::string& issuer, int file, std::size_t size) override {
    return m_inner->sign_crl(issuer, file, size);
  }
  Result<std::vector<Bytes>> sign_ocsp(const std::string& signer, const std::vector<Bytes>& data) override {
    return m_inner->sign_ocsp(signer, data);
  }
  Result<std::vector<Bytes>> sign_time_stamps(const std::string& signer,
                                              const std::vector<TimeStampInput>& inputs) override {
    return m_inner->sign_time_stamps(signer, inputs);
  }
  Result<Bytes> sign_checkpoint(const std::string& text) override { return m_inner->sign_checkpoint(text); }
  Result<std::vector<vault::ReleasedPin>> release_so_pins(const vault::SignedRequest& request) override {
    using Answer = Result<std::vector<vault::ReleasedPin>>;
    return shake<Answer>("release", fail("vault.timeout"), [&] { return m_inner->release_so_pins(request); });
  }

 private:
  template <typename T, typename F>
  T shake(const std::string& name, T error, F&& call) {
    ++calls;
    if (const auto other = std::exchange(meanwhile, nullptr)) other();
    const Fault fault = faults[name];
    if (fault == Fault::before) return error;
    T answer = call();
    return fault == Fault::after ? error : answer;
  }
  TestVault& m_inner;
};

struct Desk {
  explicit Desk(db::Database& data, bool has_escrow = false, bool has_second_issuer = false)
      : clock(officers::now()),
        core(clock, has_escrow, has_second_issuer),
        shaky(core),
        database(data),
        authority(data, shaky, clock, options()) {}
  static AuthorityOptions options() {
    AuthorityOptions out;
    out.policy_memory = std::chrono::seconds(0);
    return out;
  }
  RequestView send(const vault::Request& request, const std::string& requester,
                   const std::vector<std::string>& approvers) {
    RequestView view = must(authority.submit(officers::sign_request(request, requester)), "submit");
    for (const std::string& who : approvers)
      view = must(authority.decide(request.id, approval(request, who, clock.now())), "approve by " + who);
    return view;
  }
  RequestView issue(std::vector<pki::issue::CertificateRequest> lines, const std::string& issuer = "CPCA_G1") {
    vault::Request request = new_request(Act::issue, clock.now());
    request.issuer = issuer;
    request.certificates = std::move(lines);
    return send(request, "reg", {"check", "lead1"});
  }
  RequestView change(Act act, const CertificateRow& row, int reason) {
    vault::Request request = new_request(act, clock.now());
    request.issuer = row.issuer;
    request.revocations.push_back({.serial = to_upper(to_hex(row.serial)), .reason = reason, .comment = "mẫu"});
    return send(request, "reg", {"lead1"});
  }
  CertificateRow row(const CertificateRow& of) { return must(authority.certificate(of.issuer, of.serial)); }
  std::int64_t count(std::string_view sql) {
    return must(
        must(database.read([&](db::Transaction& transaction) { return transaction.one(sql); })).get<std::int64_t>(0));
  }

  MovingClock clock;
  TestVault core;
  ShakyVault shaky;
  db::Database& database;
  Authority authority;
};

}  // namespace

TEST_CASE("from a request over two approvals to a certificate that openssl accepts") {
  db::on_each_engine([](db::Database& database) {
    Desk desk(database);
    vault::Request request = new_request(Act::issue, desk.clock.now());
    request.certificates = {person_line("1", "Nguyễn Văn A"), person_line("2", "Trần Thị B")};
    RequestView view = must(desk.authority.submit(officers::sign_request(request, "reg")));
    CHECK(view.row.state == RequestState::waiting);
    REQUIRE(view.standing);
    CHECK(view.standing->missing.size() == 2);
    view = must(desk.authority.decide(request.id, approval(request, "check", desk.clock.now())));
    CHECK(view.row.state == RequestState::waiting);
    CHECK(desk.shaky.calls == 0);  // nothing is asked of the vault before all have approved
    view = must(desk.authority.decide(request.id, approval(request, "lead1", desk.clock.now())));
    CHECK(view.row.state == RequestState::done);
    REQUIRE(view.certificates.size() == 2);

    const TestFolder folder;
    for (const CertificateRow& row : view.certificates) {
      CHECK(row.state == CertificateState::good);
      CHECK(row.serial.size() == 17);
      CHECK(row.serial.front() == 7);
      REQUIRE(row.der);
      folder.write("c.pem", crypto::to_pem("CERTIFICATE", *row.der));
      output_of(fmt::format("openssl verify -no_check_time -x509_strict -CAfile {} {} 2>&1",
                            (test_issuer().folder / "ca.crt").string(), (folder / "c.pem").string()));
    }
    // Found without diacritics, by parts of the name, and by the serial number.
    CHECK(must(desk.authority.certificates({.text = "tran thi"})).size() == 1);
    CHECK(must(desk.authority.certificates({.text = "co quan mau"})).size() == 2);
    CHECK(must(desk.authority.certificates({.text = to_hex(view.certificates[0].serial).substr(0, 12)})).size() == 1);
    CHECK(must(desk.authority.certificates({.text = "100%"})).empty());
    // Each step is on record.
    CHECK(desk.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'certificate.prepared'") == 2);
    CHECK(desk.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'certificate.issued'") == 2);
    CHECK(desk.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'request.approved'") == 2);
  });
}

TEST_CASE("nobody approves alone, for themselves, twice, or something else") {
  db::on_each_engine([](db::Database& database) {
    Desk desk(database);
    vault::Request request = new_request(Act::issue, desk.clock.now());
    request.certificates = {person_line("1")};
    must(desk.authority.submit(officers::sign_request(request, "reg")));
    const auto decide = [&](const std::string& who, const vault::Request& what) {
      return code_of(desk.authority.decide(request.id, approval(what, who, desk.clock.now())));
    };
    CHECK(decide("reg", request) == "vault.statement.own");
    CHECK(decide("reg-second", request) == "vault.statement.own");
    CHECK(decide("auditor", request) == "vault.statement.role");
    vault::Request edited = request;
    edited.certificates[0].subject[2].value = "Nguyễn Văn C";
    CHECK(decide("check", edited) == "vault.statement.mismatch");
    CHECK(decide("check", request) == "ok");
    CHECK(decide("check-second", request) == "vault.statement.twice");
    CHECK(must(desk.authority.request(request.id)).row.state == RequestState::waiting);
    CHECK(desk.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'officer.refused'") == 5);
    CHECK(desk.count("SELECT COUNT(*) FROM certificate") == 0);
    CHECK(code_of(desk.authority.decide(new_id(), approval(request, "lead1", desk.clock.now()))) ==
          "authority.request.missing");
  });
}

TEST_CASE("one rejection ends a request; statements that are sent again change nothing") {
  db::on_each_engine([](db::Database& database) {
    Desk desk(database);
    vault::Request request = new_request(Act::issue, desk.clock.now());
    request.certificates = {person_line("1")};
    const std::string jws = officers::sign_request(request, "reg");
    must(desk.authority.submit(jws));
    CHECK(must(desk.authority.submit(jws)).row.state == RequestState::waiting);
    vault::Request other = request;
    other.purpose = "khác";
    CHECK(code_of(desk.authority.submit(officers::sign_request(other, "reg"))) == "authority.request.duplicate");
    const std::string yes = approval(request, "check", desk.clock.now());
    must(desk.authority.decide(request.id, yes));
    CHECK(must(desk.authority.decide(request.id, yes)).approvals.size() == 1);
    const RequestView view =
        must(desk.authority.decide(request.id, approval(request, "lead1", desk.clock.now(), vault::Decision::reject)));
    CHECK(view.row.state == RequestState::rejected);
    CHECK(code_of(desk.authority.decide(request.id, approval(request, "lead2-p384", desk.clock.now()))) ==
          "authority.request.state");
    CHECK(desk.count("SELECT COUNT(*) FROM certificate") == 0);
  });
}

TEST_CASE("what cannot be issued is refused before anybody approves it") {
  db::on_each_engine([](db::Database& database) {
    Desk desk(database);
    const auto submit = [&](pki::issue::CertificateRequest line) {
      vault::Request request = new_request(Act::issue, desk.clock.now());
      request.certificates = {std::move(line)};
      const auto result = desk.authority.submit(officers::sign_request(request, "reg"));
      if (result) return std::string("ok");
      const std::string inner = parameter(result.error(), "code");
      return inner.empty() ? std::string(result.error().code) : inner;
    };
    auto line = person_line("1");
    line.profile = "NOBODY_5Y";
    CHECK(submit(line) == "vault.policy.profile");
    line = person_line("1", "Nguyễn Văn A", new_csr("rsa:1024"));
    CHECK(submit(line) == "issue.key.weak");
    line = person_line("1");
    line.pkcs10.back() ^= 1U;
    CHECK(submit(line) == "issue.csr.signature");
    line = person_line("1");
    line.subject.pop_back();
    CHECK(submit(line) == "issue.subject.missing");
    line = person_line("1");
    line.replaces_serial = "0A";
    CHECK(submit(line) == "authority.certificate.missing");
    vault::Request elsewhere = new_request(Act::issue, desk.clock.now());
    elsewhere.issuer = "CPCA_G9";
    elsewhere.certificates = {person_line("1")};
    CHECK(code_of(desk.authority.submit(officers::sign_request(elsewhere, "reg"))) == "authority.issuer.unknown");
    // A key that is in a certificate already, or twice in one request.
    const Bytes csr = new_csr();
    CHECK(submit(person_line("1", "Nguyễn Văn A", csr)) == "ok");
    desk.issue({person_line("1", "Nguyễn Văn A", csr)});
    CHECK(submit(person_line("1", "Trần Thị B", csr)) == "authority.key.reused");
    vault::Request twice = new_request(Act::issue, desk.clock.now());
    const Bytes fresh = new_csr();
    twice.certificates = {person_line("1", "Nguyễn Văn A", fresh), person_line("2", "Nguyễn Văn A", fresh)};
    CHECK(code_of(desk.authority.submit(officers::sign_request(twice, "reg"))) == "authority.request.line");
  });
}

TEST_CASE("suspension, release and revocation, each told by its event") {
  db::on_each_engine([](db::Database& database) {
    Desk desk(database);
    int told = 0;
    desk.authority.on_status_change([&] { ++told; });
    const CertificateRow row = desk.issue({person_line("1")}).certificates.at(0);
    CHECK(desk.change(Act::suspend, row, 6).row.state == RequestState::done);
    CHECK(desk.row(row).state == CertificateState::suspended);
    desk.clock.pass(std::chrono::seconds(10));
    CHECK(desk.change(Act::release, row, 8).row.state == RequestState::done);
    CHECK(desk.row(row).state == CertificateState::good);
    CHECK(!desk.row(row).reason);
    CHECK(desk.change(Act::revoke, row, 1).row.state == RequestState::done);
    CHECK(desk.row(row).state == CertificateState::revoked);
    CHECK(desk.row(row).reason == 1);
    CHECK(told == 3);
    vault::Request again = new_request(Act::revoke, desk.clock.now());
    again.revocations.push_back({.serial = to_upper(to_hex(row.serial)), .reason = 4, .comment = ""});
    CHECK(code_of(desk.authority.submit(officers::sign_request(again, "reg"))) == "authority.state");
    CHECK(desk.count("SELECT COUNT(*) FROM status_event") == 3);
    CHECK(desk.count("SELECT MAX(sequence) FROM status_event") == 3);
    // The compromised key is never certified again.
    CHECK(desk.count("SELECT COUNT(*) FROM status_event WHERE state = 'revoked' AND reason = 1") == 1);
  });
}

TEST_CASE("of several orders all are carried out or none") {
  db::on_each_engine([](db::Database& database) {
    Desk desk(database);
    const auto rows = desk.issue({person_line("1"), person_line("2")}).certificates;
    vault::Request both = new_request(Act::revoke, desk.clock.now());
    for (const CertificateRow& row : rows)
      both.revocations.push_back({.serial = to_upper(to_hex(row.serial)), .reason = 4, .comment = ""});
    must(desk.authority.submit(officers::sign_request(both, "reg")));
    desk.change(Act::revoke, rows[0], 1);  // meanwhile
    const RequestView view = must(desk.authority.decide(both.id, approval(both, "lead1", desk.clock.now())));
    CHECK(view.row.state == RequestState::failed);
    CHECK(view.row.failure == "authority.state");
    CHECK(desk.row(rows[1]).state == CertificateState::good);
  });
}

TEST_CASE("renewal: the new certificate supersedes the old one in the same transaction") {
  db::on_each_engine([](db::Database& database) {
    Desk desk(database);
    const CertificateRow old = desk.issue({person_line("1")}).certificates.at(0);
    auto line = person_line("1");
    line.replaces_serial = to_upper(to_hex(old.serial));
    const RequestView view = desk.issue({line});
    CHECK(view.certificates.at(0).state == CertificateState::good);
    CHECK(desk.row(old).state == CertificateState::revoked);
    CHECK(desk.row(old).reason == 4);
  });
}

TEST_CASE("several issuers: each has its certificates, and one may replace what another one issued") {
  db::on_each_engine([](db::Database& database) {
    Desk desk(database, false, true);
    const Bytes csr = new_csr();
    const CertificateRow old = desk.issue({person_line("1", "Nguyễn Văn A", csr)}).certificates.at(0);
    auto line = person_line("1", "Nguyễn Văn A", csr);  // the same key: it must be told what is replaced
    line.replaces_serial = to_upper(to_hex(old.serial));
    vault::Request wrong = new_request(Act::issue, desk.clock.now());
    wrong.issuer = "CPCA_G2";
    wrong.certificates = {line};
    CHECK(code_of(desk.authority.submit(officers::sign_request(wrong, "reg"))) == "authority.request.line");
    line.replaces_issuer = "CPCA_G1";
    const CertificateRow made = desk.issue({line}, "CPCA_G2").certificates.at(0);
    CHECK(made.issuer == "CPCA_G2");
    CHECK(desk.row(made).replaces_issuer == "CPCA_G1");
    CHECK(desk.row(old).state == CertificateState::revoked);
    CHECK(desk.row(old).reason == 4);
    // Its status changes at its own issuer alone.
    desk.change(Act::suspend, made, 6);
    CHECK(desk.row(made).state == CertificateState::suspended);
    vault::Request foreign = new_request(Act::revoke, desk.clock.now());
    foreign.revocations.push_back({.serial = to_upper(to_hex(made.serial)), .reason = 1, .comment = ""});
    CHECK(code_of(desk.authority.submit(officers::sign_request(foreign, "reg"))) == "authority.certificate.missing");
  });
}

TEST_CASE("what a caller puts on record with a statement is there with it or not at all") {
  db::on_each_engine([](db::Database& database) {
    Desk desk(database);
    vault::Request request = new_request(Act::issue, desk.clock.now());
    request.certificates = {person_line("1")};
    const std::string statement = officers::sign_request(request, "reg");
    const auto note = [](const std::string& text) {
      return [text](db::Transaction& transaction) {
        return audit::append_many(transaction, {{"test." + text, "test", "test", json::Value::object()}}, Instant{});
      };
    };
    const auto told = [&](const std::string& text) {
      return desk.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'test." + text + "'");
    };
    const auto refuses = [](db::Transaction&) -> Result<> { return fail("test.refused"); };
    CHECK(code_of(desk.authority.submit(statement, refuses)) == "test.refused");
    CHECK(code_of(desk.authority.request(request.id)) == "authority.request.missing");
    // What cannot be issued tells nobody.
    vault::Request wrong = new_request(Act::issue, desk.clock.now());
    wrong.certificates = {person_line("1")};
    wrong.certificates[0].pkcs10 = {0x30, 0x00};
    CHECK_FALSE(desk.authority.submit(officers::sign_request(wrong, "reg"), note("wrong")));
    CHECK(told("wrong") == 0);
    must(desk.authority.submit(statement, note("submitted")));
    must(desk.authority.submit(statement, note("submitted")));  // known already
    CHECK(told("submitted") == 1);

    const std::string yes = approval(request, "check", desk.clock.now());
    CHECK(code_of(desk.authority.decide(request.id, yes, refuses)) == "test.refused");
    CHECK(must(desk.authority.request(request.id)).approvals.empty());
    must(desk.authority.decide(request.id, yes, note("approved")));
    must(desk.authority.decide(request.id, yes, note("approved")));
    CHECK(told("approved") == 1);
  });
}

TEST_CASE("a vault that is away before or after each step loses nothing and issues once") {
  using Fault = ShakyVault::Fault;
  db::on_each_engine([](db::Database& database) {
    for (const char* call : {"prepare", "sign"})
      for (const Fault fault : {Fault::before, Fault::after}) {
        Desk desk(database);
        desk.shaky.faults[call] = fault;
        const RequestView waiting = desk.issue({person_line("1"), person_line("2")});
        CHECK(waiting.row.state == RequestState::authorised);
        for (const CertificateRow& row : waiting.certificates) CHECK(row.state == CertificateState::waiting);
        desk.shaky.faults.clear();
        desk.clock.pass(std::chrono::seconds(60));
        must(desk.authority.look_after());
        const RequestView done = must(desk.authority.request(waiting.row.id));
        CHECK(done.row.state == RequestState::done);
        REQUIRE(done.certificates.size() == 2);
        for (const CertificateRow& row : done.certificates) CHECK(row.state == CertificateState::good);
        // Exactly what the vault signed is on record.
        std::size_t signed_there = 0;
        for (const auto& entry : must(desk.core->journal(0, 1'000)))
          if (entry.kind == "intent.signed")
            signed_there += must(json::parse(entry.body)).find("certificates")->as_array()->size();
        CHECK(signed_there == 2);
      }
  });
}

TEST_CASE("an approved recovery keeps what the vault released for the station, whenever the vault was away") {
  using Fault = ShakyVault::Fault;
  db::on_each_engine([](db::Database& database) {
    for (const Fault fault : {Fault::none, Fault::before, Fault::after}) {
      Desk desk(database, true);
      const vault::StationKey station = vault::StationKey::generate();
      vault::Request request = new_request(Act::recover_token, desk.clock.now());
      for (const std::string serial : {"4a9c0b7d00000001", "4a9c0b7d00000002"})
        request.recoveries.push_back({.reference = "line " + serial,
                                      .token_serial = serial,
                                      .escrow = must(vault::encrypt_to_escrow(test_escrow().certificate().public_key(),
                                                                              {serial, Secret("so-" + serial)})),
                                      .station_key = station.public_key(),
                                      .comment = ""});
      desk.shaky.faults["release"] = fault;
      CHECK(must(desk.authority.submit(officers::sign_request(request, "reg"))).released.empty());
      CHECK(must(desk.authority.decide(request.id, approval(request, "check", desk.clock.now()))).released.empty());
      RequestView view = must(desk.authority.decide(request.id, approval(request, "lead1", desk.clock.now())));
      if (fault != Fault::none) {
        CHECK(view.row.state == RequestState::authorised);
        CHECK(view.released.empty());
        desk.shaky.faults.clear();
        desk.clock.pass(std::chrono::seconds(60));
        must(desk.authority.look_after());
        view = must(desk.authority.request(request.id));
      }
      CHECK(view.row.state == RequestState::done);
      REQUIRE(view.released.size() == 2);
      for (std::size_t i = 0; i < 2; ++i) {
        CHECK(view.released[i].reference == request.recoveries[i].reference);
        CHECK(must(station.open(view.released[i].ciphertext)).so_pin.reveal() ==
              "so-" + request.recoveries[i].token_serial);
      }
      CHECK(must(desk.authority.request(request.id)).released == view.released);
      CHECK(desk.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'token.recovered' AND subject = "
                       "'4a9c0b7d00000001'") == 1 + static_cast<int>(fault));
    }
    // What the vault refuses ends the request; what no key can open isn't asked for.
    Desk desk(database, true);
    vault::Request request = new_request(Act::recover_token, desk.clock.now());
    request.recoveries.push_back({.reference = "1",
                                  .token_serial = "1234",
                                  .escrow = Bytes(384, 1),
                                  .station_key = vault::StationKey::generate().public_key(),
                                  .comment = ""});
    const RequestView failed = desk.send(request, "reg", {"check", "lead1"});
    CHECK(failed.row.state == RequestState::failed);
    CHECK(failed.row.failure == "vault.escrow.line");
    request.id = new_id();
    request.issuer = "CPCA_G2";
    CHECK(code_of(desk.authority.submit(officers::sign_request(request, "reg"))) == "vault.escrow.none");
  });
}

TEST_CASE("two processes that carry out one request issue once, and neither calls it failed") {
  db::on_each_engine([](db::Database& database) {
    for (const char* call : {"prepare", "sign"}) {
      Desk desk(database);
      Authority other(database, *desk.core, desk.clock, Desk::options());
      desk.shaky.faults["prepare"] = ShakyVault::Fault::before;
      const std::string id = desk.issue({person_line("1"), person_line("2")}).row.id;
      desk.shaky.faults.clear();
      const auto overtake = [&] { must(other.carry_out({id})); };
      if (std::string_view(call) == "prepare") desk.shaky.meanwhile = overtake;
      // In the other case the vault answers the preparation, and only then the other process is quicker.
      if (std::string_view(call) == "sign") desk.shaky.meanwhile = [&] { desk.shaky.meanwhile = overtake; };
      const std::int64_t issued = desk.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'certificate.issued'");
      must(desk.authority.carry_out({id}));
      const RequestView view = must(desk.authority.request(id));
      CHECK(view.row.state == RequestState::done);
      REQUIRE(view.certificates.size() == 2);
      for (const CertificateRow& row : view.certificates) CHECK(row.state == CertificateState::good);
      CHECK(desk.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'certificate.issued'") == issued + 2);
      CHECK(desk.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'request.failed'") == 0);
    }
  });
}

TEST_CASE("a new process carries out at once what another one left behind") {
  db::on_each_engine([](db::Database& database) {
    Desk desk(database);
    desk.shaky.faults["prepare"] = ShakyVault::Fault::before;
    const std::string id = desk.issue({person_line("1")}).row.id;
    CHECK(code_of(desk.authority.look_after()) == "vault.timeout");  // the first process holds the lease
    Authority next(database, *desk.core, desk.clock, Desk::options());
    must(next.look_after());
    CHECK(must(next.request(id)).row.state == RequestState::done);
  });
}

TEST_CASE("a request that is sent again after it was carried out stands as it is") {
  db::on_each_engine([](db::Database& database) {
    Desk desk(database);
    vault::Request request = new_request(Act::issue, desk.clock.now());
    request.certificates = {person_line("1")};
    CHECK(desk.send(request, "reg", {"check", "lead1"}).row.state == RequestState::done);
    const RequestView again = must(desk.authority.submit(officers::sign_request(request, "reg")));
    CHECK(again.row.state == RequestState::done);
    CHECK(again.certificates.size() == 1);
    CHECK(desk.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'request.submitted'") == 1);
  });
}

TEST_CASE("what the vault gave up is on record as void") {
  db::on_each_engine([](db::Database& database) {
    Desk desk(database);
    desk.shaky.faults["sign"] = ShakyVault::Fault::before;
    const CertificateRow row = desk.issue({person_line("1")}).certificates.at(0);
    must(desk.core->void_intent(row.intent));
    must(desk.authority.reconcile());
    CHECK(desk.row(row).state == CertificateState::void_);
    CHECK(must(desk.authority.request(row.request_id)).row.state == RequestState::failed);
    CHECK(desk.count("SELECT COUNT(*) FROM status_event WHERE state = 'void'") == 1);
    must(desk.authority.reconcile());
    CHECK(desk.count("SELECT COUNT(*) FROM status_event") == 1);
  });
}

TEST_CASE("what the vault signed is put on record even when the database forgot it") {
  db::on_each_engine([](db::Database& database) {
    Desk desk(database);
    const CertificateRow row = desk.issue({person_line("1")}).certificates.at(0);
    must(desk.authority.reconcile());
    must(database.write([&](db::Transaction& transaction) -> Result<> {
      KYSO_TRY(transaction.execute("DELETE FROM certificate"));
      KYSO_TRY(transaction.execute("DELETE FROM vault_journal"));
      return {};
    }));
    CHECK(must(desk.authority.reconcile()) == 1);
    const CertificateRow found = desk.row(row);
    CHECK(found.state == CertificateState::good);
    CHECK(found.der == row.der);
    CHECK(found.shard == row.shard);
    CHECK(must(desk.authority.reconcile()) == 0);
    CHECK(desk.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'certificate.recovered'") == 1);
  });
}

TEST_CASE("two processes on one database and one vault issue each request once") {
  db::on_each_engine([](db::Database& database) {
    Desk desk(database);
    Authority second(database, *desk.core, desk.clock, Desk::options());
    std::vector<vault::Request> requests;
    for (int i = 0; i < 12; ++i) {
      vault::Request request = new_request(Act::issue, desk.clock.now());
      request.certificates = {person_line("1", "Nguyễn Văn A")};
      must(desk.authority.submit(officers::sign_request(request, "reg")));
      must(desk.authority.decide(request.id, approval(request, "check", desk.clock.now())));
      requests.push_back(std::move(request));
    }
    std::vector<std::string> last;
    for (const auto& request : requests) last.push_back(approval(request, "lead1", desk.clock.now()));
    std::atomic<int> errors = 0;
    {
      std::vector<std::jthread> threads;
      for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
          Authority& mine = t % 2 == 0 ? desk.authority : second;
          for (std::size_t i = 0; i < requests.size(); ++i)
            if (!mine.decide(requests[i].id, last[i])) ++errors;
        });
    }
    desk.clock.pass(std::chrono::seconds(60));
    must(desk.authority.look_after());
    CHECK(errors == 0);
    CHECK(desk.count("SELECT COUNT(*) FROM certificate WHERE state = 'good'") == 12);
    CHECK(desk.count("SELECT COUNT(DISTINCT serial) FROM certificate") == 12);
    CHECK(desk.count("SELECT COUNT(*) FROM request WHERE state = 'done'") == 12);
  });
}

TEST_CASE("requests expire, and warnings are given once for each number of days") {
  db::on_each_engine([](db::Database& database) {
    Desk desk(database);
    vault::Request request = new_request(Act::issue, desk.clock.now());
    request.certificates = {person_line("1")};
    must(desk.authority.submit(officers::sign_request(request, "reg")));
    const CertificateRow row = desk.issue({person_line("2")}).certificates.at(0);
    desk.clock.pass(std::chrono::hours(7));
    must(desk.authority.look_after());
    CHECK(must(desk.authority.request(request.id)).row.state == RequestState::expired);
    const auto warnings = [&] { return desk.count("SELECT COUNT(*) FROM expiry_warning"); };
    CHECK(warnings() == 0);
    const auto to = [&](int days) {
      desk.clock.pass(row.not_after - std::chrono::days(days) - desk.clock.now());
      must(desk.authority.look_after());
      must(desk.authority.look_after());
    };
    to(59);
    CHECK(warnings() == 1);
    to(29);
    CHECK(warnings() == 2);
    to(6);
    CHECK(warnings() == 3);
    CHECK(desk.count("SELECT MIN(days) FROM expiry_warning") == 7);
  });
}

TEST_CASE("a change of the policy is approved by two administrators and holds at once") {
  db::on_each_engine([](db::Database& database) {
    Desk desk(database);
    vault::Request request = new_request(Act::change_policy, desk.clock.now());
    request.policy_version = 1;
    request.policy_files = real_policy();
    std::erase_if(request.policy_files,
                  [](const vault::PolicyFile& file) { return file.name == "profiles/SERVER_1Y.toml"; });
    CHECK(desk.send(request, "admin1", {"admin2"}).row.state == RequestState::waiting);
    const RequestView view = must(desk.authority.decide(request.id, approval(request, "admin3", desk.clock.now())));
    CHECK(view.row.state == RequestState::done);
    const auto policy = must(desk.authority.policy());
    CHECK(policy->version() == 2);
    CHECK(!policy->profiles().contains("SERVER_1Y"));
  });
}

}  // namespace kyso::authority

// The vault in process: approvals, issuing, repeats, restarts, the policy.
#include "vault/server/core_test_support.h"

using namespace kyso;
using namespace kyso::vault;
using namespace kyso::vault::test;

namespace {

std::vector<PreparedCertificate> prepare_one(World& world, const SignedRequest& request) {
  return must(std::move(world.core->prepare({request}).front()));
}

std::string refusal(World& world, const SignedRequest& request) {
  return code_of(world.core->prepare({request}).front());
}

crypto::Certificate sign_one(World& world, const std::string& intent) {
  return must(std::move(world.core->sign_prepared({intent}).front()));
}

}  // namespace

TEST_CASE("an approved request becomes a certificate, written before and after") {
  World world;
  const auto request = issue_request(2);
  const auto prepared = prepare_one(world, approved(request));
  REQUIRE(prepared.size() == 2);
  CHECK(world.count("intent.prepared") == 2);  // with the vault's own OCSP certificate
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(prepared[i].request_id == request.id);
    CHECK(prepared[i].issuer == "CPCA_G1");
    CHECK(prepared[i].reference == fmt::format("12/2026-{}", i + 1));
    CHECK(prepared[i].serial.size() == 17);
    CHECK(prepared[i].serial.front() == 0x2a);
    const auto before = must(world.core->intents({prepared[i].intent}));
    REQUIRE(before.size() == 1);
    CHECK(before.front().state == IntentState::prepared);

    const auto certificate = sign_one(world, prepared[i].intent);
    const auto linted = must(crypto::Certificate::from_der(prepared[i].linting_certificate));
    CHECK(std::ranges::equal(certificate.tbs(), linted.tbs()));
    CHECK(certificate.is_issued_by(world.authority.issuing.certificates.front()));
    CHECK(!linted.is_issued_by(world.authority.issuing.certificates.front()));
    CHECK(std::ranges::equal(certificate.serial(), prepared[i].serial));
    const auto after = must(world.core->intents({prepared[i].intent}));
    CHECK(after.front().state == IntentState::signed_);
    CHECK(std::ranges::equal(after.front().certificate, certificate.der()));
    // Again: the same certificate, not another signature.
    CHECK(std::ranges::equal(sign_one(world, prepared[i].intent).der(), certificate.der()));
  }
  CHECK(world.count("intent.signed") == 3);
  // openssl builds the path.
  const auto pem = [](const crypto::Certificate& certificate) {
    return "-----BEGIN CERTIFICATE-----\n" + to_base64(certificate.der()) + "\n-----END CERTIFICATE-----\n";
  };
  const auto leaf = world.folder.write("leaf.pem", pem(sign_one(world, prepared[0].intent)));
  const auto issuing = world.folder.write("issuing.pem", pem(world.authority.issuing.certificates[0]));
  const auto root = world.folder.write("root.pem", pem(world.authority.root.certificates[0]));
  const auto said = output_of(fmt::format("openssl verify -x509_strict -attime {} -CAfile {} -untrusted {} {} 2>&1",
                                          world.clock.now().time_since_epoch().count() + 60, root.string(),
                                          issuing.string(), leaf.string()));
  CHECK(said.ends_with(": OK\n"));
}

TEST_CASE("a request is good for once") {
  World world;
  const auto request = approved_issue(3);
  const auto first = prepare_one(world, request);
  const auto second = prepare_one(world, request);
  REQUIRE(second.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(first[i].intent == second[i].intent);
  world.start();  // also after a restart
  CHECK(prepare_one(world, request)[2].linting_certificate == first[2].linting_certificate);
  sign_one(world, first[1].intent);
  CHECK(refusal(world, request) == "vault.request.used");
  world.start();
  CHECK(refusal(world, request) == "vault.request.used");
  // Its id is used up too, whatever else it asks for then.
  auto other = issue_request();
  other.id = must(parse_request(must(jose::Jws::parse(request.request, kRequestType)).payload())).id;
  CHECK(refusal(world, approved(other)) == "vault.request.used");
  // Twice in one call.
  const auto twin = approved_issue();
  const auto both = world.core->prepare({twin, twin});
  REQUIRE(code_of(both[0]) == "ok");
  REQUIRE(code_of(both[1]) == "ok");
  CHECK(both[0]->front().intent == both[1]->front().intent);
}

TEST_CASE("without two other officers' word nothing is prepared") {
  World world;
  const auto request = issue_request();
  CHECK(refusal(world, signed_by(request, "reg", {})) == "vault.quorum");
  CHECK(refusal(world, signed_by(request, "reg", {"check"})) == "vault.quorum");
  CHECK(refusal(world, signed_by(request, "reg", {"reg-second", "check"})) == "vault.statement.own");
  CHECK(refusal(world, signed_by(request, "reg", {"check", "check-second"})) != "ok");
  CHECK(refusal(world, signed_by(request, "nobody", {"check", "lead1"})) == "vault.statement.signer");
  CHECK(refusal(world, signed_by(request, "reg", {"check", "nobody"})) == "vault.statement.signer");
  // Approvals of another request, and a request that was changed afterwards.
  auto mixed = approved(request);
  mixed.approvals = approved(issue_request()).approvals;
  CHECK(refusal(world, mixed) == "vault.statement.mismatch");
  auto changed = approved(request);
  auto richer = request;
  richer.certificates.front().subject.back().value = "Trần Thị B";
  changed.request = sign_request(richer, "reg");
  CHECK(refusal(world, changed) == "vault.statement.mismatch");
  auto broken = approved(request);
  broken.approvals.back()[broken.approvals.back().size() - 5] ^= 1;
  CHECK(refusal(world, broken) != "ok");
  CHECK(refusal(world, {"", {}}) != "ok");
  // Requests for something else issue nothing.
  auto revoke = sample_request(Act::revoke);
  revoke.id = fresh_id();
  CHECK(refusal(world, signed_by(revoke, "reg", {"lead1"})) == "vault.request.act");
  CHECK(world.count("intent.signed") == 1);  // the vault's own
  CHECK(world.count("intent.prepared") == 1);
  world.core.reset();  // what was refused is told when it ends, at the latest
  world.start();
  CHECK(world.count("request.refused") >= 5);
  CHECK(refusal(world, approved(request)) == "ok");
}

TEST_CASE("one bad line stops the whole request, and only that one") {
  World world;
  auto bad = issue_request(3);
  bad.certificates[1].profile = "NO_SUCH_PROFILE";
  auto incomplete = issue_request(2);
  incomplete.certificates[1].subject.pop_back();
  auto stranger = issue_request();
  stranger.issuer = "OTHER_CA";
  const auto answers = world.core->prepare({approved(bad), approved_issue(), approved(incomplete), approved(stranger)});
  CHECK(code_of(answers[0]) == "vault.policy.profile");
  CHECK(code_of(answers[1]) == "ok");
  CHECK(code_of(answers[2]) == "issue.subject.missing");
  CHECK(parameter(answers[2].error(), "reference") == "12/2026-2");
  CHECK(code_of(answers[3]) == "vault.issuer.unknown");
  CHECK(world.count("intent.prepared") == 2);
}

TEST_CASE("a voided intent is never signed, a signed one never voided") {
  World world;
  const auto prepared = prepare_one(world, approved_issue(2));
  CHECK(code_of(world.core->void_intent(prepared[0].intent)) == "ok");
  CHECK(code_of(world.core->void_intent(prepared[0].intent)) == "ok");
  CHECK(code_of(world.core->sign_prepared({prepared[0].intent}).front()) == "vault.intent.void");
  sign_one(world, prepared[1].intent);
  CHECK(code_of(world.core->void_intent(prepared[1].intent)) == "vault.intent.signed");
  CHECK(code_of(world.core->void_intent("CPCA_G1:00")) == "vault.intent.unknown");
  CHECK(code_of(world.core->sign_prepared({"CPCA_G1:00"}).front()) == "vault.intent.unknown");
  world.start();
  CHECK(code_of(world.core->sign_prepared({prepared[0].intent}).front()) == "vault.intent.void");
}

TEST_CASE("intents outlive a restart; forgotten ones are voided") {
  World world;
  const auto prepared = prepare_one(world, approved_issue(2));
  world.start();
  CHECK(must(world.core->intents({prepared[0].intent})).front().state == IntentState::prepared);
  sign_one(world, prepared[0].intent);
  world.clock.advance(std::chrono::hours(25));
  world.start();
  CHECK(must(world.core->intents({prepared[1].intent})).front().state == IntentState::void_);
  CHECK(must(world.core->intents({prepared[0].intent})).front().state == IntentState::signed_);
}

TEST_CASE("many threads sign the same intents once") {
  World world;
  const auto prepared = prepare_one(world, approved_issue(20));
  std::vector<std::string> ids;
  for (const auto& one : prepared) ids.push_back(one.intent);
  std::vector<std::vector<Bytes>> seen(6);
  std::vector<std::jthread> threads;
  for (auto& mine : seen)
    threads.emplace_back([&] {
      for (const auto& certificate : world.core->sign_prepared(ids))
        mine.push_back(certificate ? Bytes(certificate->der().begin(), certificate->der().end()) : Bytes());
    });
  threads.clear();
  for (const auto& mine : seen) {
    CHECK(mine == seen.front());
    CHECK(std::ranges::find(mine, Bytes()) == mine.end());
  }
}

TEST_CASE("the policy changes only by an approved act, and intents keep theirs") {
  World world;
  CHECK(must(world.core->state()).policy_version == 1);
  const auto prepared = prepare_one(world, approved_issue());
  auto change = sample_request(Act::change_policy);
  change.id = fresh_id();
  change.policy_files = shipped_policy();
  std::erase_if(change.policy_files, [](const auto& file) { return file.name == "profiles/PERSON_5Y.toml"; });
  CHECK(code_of(world.core->adopt_policy(signed_by(change, "admin1", {"admin2"}))) == "vault.quorum");
  CHECK(code_of(world.core->adopt_policy(signed_by(change, "reg", {"admin2", "admin3"}))) == "vault.statement.role");
  CHECK(code_of(world.core->adopt_policy(approved_issue())) == "vault.request.act");
  auto stale = change;
  stale.policy_version = 7;
  stale.id = fresh_id();
  CHECK(code_of(world.core->adopt_policy(signed_by(stale, "admin1", {"admin2", "admin3"}))) == "vault.policy.version");
  auto lonely = change;
  lonely.id = fresh_id();
  for (auto& file : lonely.policy_files)
    if (file.name == "approval.toml") file.content = "";
  CHECK(code_of(world.core->adopt_policy(signed_by(lonely, "admin1", {"admin2", "admin3"}))) != "ok");
  CHECK(must(world.core->state()).policy_version == 1);

  const auto good = signed_by(change, "admin1", {"admin2", "admin3"});
  CHECK(must(world.core->adopt_policy(good)).policy_version == 2);
  CHECK(must(world.core->adopt_policy(good)).policy_version == 2);  // again: nothing more happens
  CHECK(world.count("policy.adopted") == 2);
  CHECK(refusal(world, approved_issue()) == "vault.policy.profile");
  world.start();
  CHECK(must(world.core->state()).policy_version == 2);
  CHECK(must(world.core->policy_files()).size() == change.policy_files.size());
  sign_one(world, prepared.front().intent);  // prepared under version 1
}

TEST_CASE("the journal is a chain, and a change in it is found") {
  World world;
  prepare_one(world, approved_issue());
  const auto entries = world.all_entries();
  Bytes chain;
  for (const auto& entry : entries) {
    chain = chain_of(chain, entry.sequence, entry.time, entry.kind, entry.body);
    CHECK(chain == entry.chain);
  }
  const auto state = must(world.core->state());
  CHECK(state.journal_chain == chain);
  CHECK(state.journal_sequence == static_cast<std::int64_t>(entries.size()));
  world.core.reset();
  const auto meddle = [&](const std::string& sql) {
    must(world.database->write([&](db::Transaction& transaction) { return transaction.execute(sql); }));
  };
  SUBCASE("a body") {
    meddle("UPDATE journal SET body = '{}' WHERE sequence = 2");
  }
  SUBCASE("a missing entry") {
    meddle("DELETE FROM journal WHERE sequence = 2");
  }
  SUBCASE("another time") {
    meddle("UPDATE journal SET time = time + 1 WHERE sequence = 2");
  }
  CHECK(code_of(Core::create(world.options, *world.database, world.clock)) == "vault.journal.broken");
}

TEST_CASE("settings that would mix purposes are refused") {
  World world;
  const auto outcome = [&](auto&& change) {
    auto options = world.options;
    change(options.keys);
    world.core.reset();
    return code_of(Core::create(options, *world.database, world.clock));
  };
  CHECK(outcome([](auto&) {}) == "ok");
  CHECK(outcome([](auto& keys) { keys[2].name = "CPCA_G1"; }) == "vault.key.setting");
  CHECK(outcome([](auto& keys) {  // one key for two things
          keys[3].certificates = keys[2].certificates;
          keys[3].sources = keys[2].sources;
        }) == "vault.key.setting");
  CHECK(outcome([](auto& keys) { keys[2].sources.clear(); }) == "vault.key.setting");
  CHECK(outcome([](auto& keys) { keys[1].issuer = "nobody"; }) == "vault.key.setting");
  CHECK(outcome([](auto& keys) { keys[1].profile.clear(); }) == "vault.key.setting");
}

#include "vault/server/core_test_support.h"

namespace kyso::vault {
namespace {

using namespace test;

// A key whose decrypting the openssl program does.
struct EscrowKey {
  TestFolder folder;
  TestKey key;
  int decrypted = 0;
  bool is_away = false;
  EscrowKey() {
    const std::string base = (folder / "k").string();
    output_of(
        fmt::format("openssl req -x509 -newkey rsa:3072 -nodes -keyout {0}.key -out {0}.crt -subj /CN=x 2>&1", base));
    const auto text = [](const std::string& path) { return std::string(as_chars(must(read_file(path)))); };
    key = shared_authority().make("ESCROW", "Gui giu mau", &shared_authority().issuing,
                                  must(crypto::open_pem(text(base + ".key"), text(base + ".crt"), Secret())));
  }
  Result<Secret> decrypt(ByteView ciphertext) {
    ++decrypted;
    if (is_away) return fail("token.device.lost").with("call", "C_Decrypt").with("rv", "CKR_DEVICE_REMOVED");
    const std::string base = (folder / "k").string();
    std::ofstream(base + ".in", std::ios::binary) << as_chars(ciphertext);
    const std::string plain = output_of(fmt::format(
        "openssl pkeyutl -decrypt -inkey {0}.key -pkeyopt rsa_padding_mode:oaep -in {0}.in 2>/dev/null || true", base));
    if (plain.empty()) return fail("token.decrypt");
    return Secret(plain);
  }
  KeySetting setting() {
    KeySetting out;
    out.name = "escrow-1";
    out.purpose = KeyPurpose::escrow;
    out.issuer = "CPCA_G1";
    out.certificates = key.certificates;
    out.sources = {key.source()};
    out.sources.front().decrypt = [this](crypto::KeyHolder&, ByteView input) { return decrypt(input); };
    return out;
  }
};

struct EscrowWorld {
  EscrowKey escrow;
  World world;
  EscrowWorld() {
    world.options.keys.push_back(escrow.setting());
    world.start();
  }
  Bytes kept(const std::string& serial, const std::string& pin = "Xk3-9fQz77Lm") {
    return must(encrypt_to_escrow(world.signer("escrow-1").certificate.public_key(), {serial, Secret(pin)}));
  }
  Request request(const StationKey& station, std::size_t lines = 1) {
    Request out = sample_request(Act::recover_token);
    out.id = fresh_id();
    out.recoveries.clear();
    for (std::size_t i = 0; i < lines; ++i) {
      const std::string serial = fmt::format("4a9c0b7d0000{:04}", i);
      out.recoveries.push_back({fmt::format("12/2026-{}", i + 1), serial, kept(serial, fmt::format("so-pin-{:04}", i)),
                                station.public_key(), ""});
    }
    return out;
  }
};

}  // namespace

TEST_CASE("an approved recovery releases SO-PINs to its station, once") {
  EscrowWorld w;
  const StationKey station = StationKey::generate();
  const Request request = w.request(station, 3);
  const SignedRequest statements = approved(request);
  const auto released = must(w.world.core->release_so_pins(statements));
  REQUIRE(released.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(released[i].reference == request.recoveries[i].reference);
    CHECK(released[i].token_serial == request.recoveries[i].token_serial);
    const EscrowedPin pin = must(station.open(released[i].ciphertext));
    CHECK(pin.so_pin.reveal() == fmt::format("so-pin-{:04}", i));
    CHECK(pin.token_serial == request.recoveries[i].token_serial);
    CHECK(code_of(StationKey::generate().open(released[i].ciphertext)) == "vault.escrow.content");
  }
  CHECK(w.world.count("pin.released") == 1);
  CHECK(w.escrow.decrypted == 3);
  // Again, also after a crash: the same, and nothing is opened a second time.
  CHECK(must(w.world.core->release_so_pins(statements)) == released);
  w.world.start();
  CHECK(must(w.world.core->release_so_pins(statements)) == released);
  CHECK(w.escrow.decrypted == 3);
  CHECK(w.world.count("pin.released") == 1);
  // The same id for something else.
  Request other = w.request(station);
  other.id = request.id;
  CHECK(code_of(w.world.core->release_so_pins(approved(other))) == "vault.request.used");
  // What is on record tells neither SO-PIN nor ciphertext.
  for (const JournalEntry& entry : w.world.all_entries()) {
    CHECK_FALSE(entry.body.contains("so-pin-0000"));
    CHECK_FALSE(entry.body.contains(to_base64(released[0].ciphertext)));
  }
  const auto entries = w.world.all_entries();
  const auto entry = std::ranges::find(entries, "pin.released", &JournalEntry::kind);
  for (const char* said : {"4a9c0b7d00000002", "lead1", "check", "reg"})
    CHECK_MESSAGE(entry->body.contains(said), said);
}

TEST_CASE("nothing is released without the approvals of a recovery") {
  EscrowWorld w;
  const StationKey station = StationKey::generate();
  const Request request = w.request(station);
  const auto code = [&](const SignedRequest& statements) { return code_of(w.world.core->release_so_pins(statements)); };
  CHECK(code(signed_by(request, "reg", {})) == "vault.quorum");
  CHECK(code(signed_by(request, "reg", {"check"})) == "vault.quorum");
  CHECK(code(signed_by(request, "reg", {"lead1"})) == "vault.quorum");
  CHECK(code(signed_by(request, "reg", {"check", "check-second"})) == "vault.statement.twice");
  CHECK(code(signed_by(request, "auditor", {"check", "lead1"})) == "vault.statement.role");
  CHECK(code(approved_issue()) == "vault.request.act");
  // Approvals of a recovery to one station are none of a recovery to another.
  SignedRequest moved = approved(request);
  Request elsewhere = request;
  elsewhere.recoveries[0].station_key = StationKey::generate().public_key();
  moved.request = sign_request(elsewhere, "reg");
  CHECK(code(moved) == "vault.statement.mismatch");
  w.world.clock.advance(std::chrono::hours(48));
  CHECK(code(approved(request)) == "vault.statement.expired");
  CHECK(w.escrow.decrypted == 0);
  CHECK(w.world.count("pin.released") == 0);
  // A request for another act does nothing here, and this one nothing elsewhere.
  w.world.clock.advance(std::chrono::hours(-48));
  CHECK(code_of(w.world.core->prepare({approved(request)}).front()) == "vault.request.act");
  CHECK(code_of(w.world.core->adopt_policy(approved(request))) == "vault.request.act");
  CHECK(code(approved(request)) == "ok");
}

TEST_CASE("an escrow of another token, or of no token, is refused whole") {
  EscrowWorld w;
  const StationKey station = StationKey::generate();
  // The escrow of a token that the thief wants, under the serial number of one that he may have unlocked.
  Request request = w.request(station, 2);
  request.recoveries[1].escrow = w.kept("ffffffffffffffff");
  auto refused = w.world.core->release_so_pins(approved(request));
  REQUIRE(code_of(refused) == "vault.escrow.token");
  CHECK(parameter(refused.error(), "reference") == "12/2026-2");
  request = w.request(station, 2);
  request.recoveries[0].escrow.back() ^= 1;
  refused = w.world.core->release_so_pins(approved(request));
  REQUIRE(code_of(refused) == "vault.escrow.line");
  CHECK(parameter(refused.error(), "reference") == "12/2026-1");
  request = w.request(station);
  request.issuer = "CPCA_G2";
  CHECK(code_of(w.world.core->release_so_pins(approved(request))) == "vault.escrow.none");
  CHECK(w.world.count("pin.released") == 0);
  // A device that is away is no refusal: the same request goes through when it is back.
  request = w.request(station);
  w.escrow.is_away = true;
  CHECK(code_of(w.world.core->release_so_pins(approved(request))) == "vault.key.unavailable");
  w.escrow.is_away = false;
  w.world.core->tend();
  CHECK(code_of(w.world.core->release_so_pins(approved(request))) == "ok");
}

TEST_CASE("an escrow key is told to others, signs nothing, and must be strong") {
  EscrowWorld w;
  CHECK(w.world.signer("escrow-1").purpose == KeyPurpose::escrow);
  CHECK(w.world.signer("escrow-1").issuer == "CPCA_G1");
  CHECK(code_of(w.world.core->sign_ocsp("escrow-1", {Bytes(3)})) == "vault.key.purpose");
  CHECK(code_of(w.world.core->sign_time_stamps("escrow-1", {})) == "vault.key.purpose");
  World weak;
  KeySetting setting = w.escrow.setting();
  setting.certificates = shared_authority().log.certificates;
  weak.options.keys.push_back(setting);
  weak.core.reset();
  CHECK(code_of(Core::create(weak.options, *weak.database, weak.clock)) == "vault.key.setting");
  setting.certificates.clear();
  setting.profile = "ESCROW";
  weak.options.keys.back() = setting;
  CHECK(code_of(Core::create(weak.options, *weak.database, weak.clock)) == "vault.key.setting");
}

}  // namespace kyso::vault

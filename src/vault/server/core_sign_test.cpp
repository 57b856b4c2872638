// What each key signs, and what none does.
#include "vault/server/core_test_support.h"

using namespace kyso;
using namespace kyso::vault;
using namespace kyso::vault::test;

namespace {

using Status = pki::status::SingleAnswer::Status;

std::string sign_ocsp(World& world, const Bytes& data) {
  return code_of(world.core->sign_ocsp("CPCA_G1-ocsp", {data}));
}
std::string sign_stamp(World& world, const Vault::TimeStampInput& input) {
  return code_of(world.core->sign_time_stamps("tsa-1", {input}));
}

// One octet at a time is made another: nothing that reads strictly may crash, and what is signed must still be what it
// claims.
template <typename F>
void with_each_octet_changed(const Bytes& good, F&& f) {
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes changed = good;
    changed[i] = static_cast<std::uint8_t>(changed[i] ^ (1U << (i % 8)));
    f(changed);
    f(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(i)));
  }
}

}  // namespace

TEST_CASE("CRLs: signed, verified, their numbers rise for good") {
  World world;
  const auto issuer = world.signer("CPCA_G1");
  const Instant now = world.clock.now();
  const auto number = [&](std::int64_t n) { return list_description(issuer, now, n); };
  const auto first = list_of(number(5), 1'000);
  const auto value = must(sign_list(*world.core, first));
  CHECK(verifies(issuer, first, value));
  // openssl reads what comes out.
  const auto whole = pki::status::envelope(first.size(), issuer.scheme, value);
  Bytes list = whole.before;
  append(list, first);
  append(list, whole.after);
  const auto path = world.folder.write("list.crl", as_chars(list));
  const auto ca = world.folder.write("ca.pem", "-----BEGIN CERTIFICATE-----\n" + to_base64(issuer.certificate.der()) +
                                                   "\n-----END CERTIFICATE-----\n");
  CHECK(output_of("openssl crl -inform DER -noout -CAfile " + ca.string() + " -in " + path.string() + " 2>&1") ==
        "verify OK\n");

  CHECK(code_of(sign_list(*world.core, first)) == "ok");  // the same again
  const auto same_number = sign_list(*world.core, list_of(number(5)));
  REQUIRE(code_of(same_number) == "vault.crl.number");
  CHECK(parameter(same_number.error(), "last") == "5");
  CHECK(code_of(sign_list(*world.core, list_of(number(4)))) == "vault.crl.number");
  CHECK(code_of(sign_list(*world.core, list_of(number(6), 0))) == "ok");  // empty is a list too
  // Another scope counts by itself; a delta shares the numbers of its scope.
  auto shard = number(1);
  shard.distribution_urls = {"http://crl.example.vn/CPCA_G1-0.crl"};
  CHECK(code_of(sign_list(*world.core, list_of(shard))) == "ok");
  auto delta = number(6);
  delta.delta_base = 5;
  CHECK(code_of(sign_list(*world.core, list_of(delta))) == "ok");
  delta.number = 5;
  delta.delta_base = 4;
  CHECK(code_of(sign_list(*world.core, list_of(delta))) == "vault.crl.number");
  world.start();
  CHECK(code_of(sign_list(*world.core, list_of(number(6)))) == "vault.crl.number");
  CHECK(code_of(sign_list(*world.core, list_of(shard))) == "vault.crl.number");
  shard.number = 2;
  CHECK(code_of(sign_list(*world.core, list_of(shard))) == "ok");
  CHECK(code_of(sign_list(*world.core, list_of(number(7)))) == "ok");
}

TEST_CASE("CRLs of others, of other times, or that aren't: refused") {
  World world;
  const auto issuer = world.signer("CPCA_G1");
  const Instant now = world.clock.now();
  const auto outcome = [&](auto&& change) {
    auto description = list_description(issuer, now, 1);
    change(description);
    const auto result = sign_list(*world.core, list_of(description));
    return result ? std::string("ok") : std::string(result.error().code) + " " + parameter(result.error(), "reason");
  };
  const auto other = world.signer("log-1").certificate;
  CHECK(outcome([&](auto& d) { d.issuer_name.assign(other.subject_der().begin(), other.subject_der().end()); }) ==
        "vault.crl.content issuer");
  CHECK(outcome([&](auto& d) { d.issuer_key_id = Bytes(20, 7); }) == "vault.crl.content authorityKeyIdentifier");
  CHECK(outcome([&](auto& d) {
          d.scheme = {crypto::KeyType::ec_p384, crypto::Padding::none, DigestAlgorithm::sha384};
        }) == "vault.crl.content signature");
  CHECK(outcome([&](auto& d) { d.this_update = now + std::chrono::hours(1); }) == "vault.crl.content thisUpdate");
  CHECK(outcome([&](auto& d) { d.this_update = now - std::chrono::hours(1); }) == "vault.crl.content thisUpdate");
  CHECK(outcome([&](auto& d) { d.next_update = now + std::chrono::hours(24 * 1'000); }) ==
        "vault.crl.content nextUpdate");
  CHECK(outcome([&](auto& d) { d.delta_base = 1; }) == "vault.crl.content deltaCRLIndicator");
  CHECK(outcome([](auto&) {}) == "ok");
}

TEST_CASE("memory files that somebody could still change are refused") {
  World world;
  const auto list = list_of(list_description(world.signer("CPCA_G1"), world.clock.now(), 1));
  const auto reason = [&](int file, std::size_t size) {
    const auto result = world.core->sign_crl("CPCA_G1", file, size);
    return result ? std::string("ok") : std::string(result.error().code) + " " + parameter(result.error(), "reason");
  };
  for (const int seals :
       {0, F_SEAL_WRITE, F_SEAL_SHRINK | F_SEAL_GROW, F_SEAL_WRITE | F_SEAL_GROW, F_SEAL_WRITE | F_SEAL_SHRINK}) {
    CAPTURE(seals);
    CHECK(reason(memory_file(list, seals).get(), list.size()) == "vault.crl.file seals");
  }
  const auto good = memory_file(list);
  CHECK(reason(good.get(), list.size() - 1) == "vault.crl.file size");
  CHECK(reason(good.get(), list.size() + 1) == "vault.crl.file size");
  CHECK(reason(good.get(), 0) == "vault.crl.file size");
  CHECK(reason(-1, list.size()) == "vault.crl.file memfd");
  const auto path = world.folder.write("list", as_chars(list));
  const FileDescriptor ordinary(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  CHECK(reason(ordinary.get(), list.size()) == "vault.crl.file memfd");
  CHECK(reason(good.get(), list.size()) == "ok");
}

TEST_CASE("OCSP: certified by the vault itself, answers for its own authority only") {
  World world;
  const auto signer = world.signer("CPCA_G1-ocsp");
  const auto& issuer = world.authority.issuing.certificates.front();
  CHECK(signer.certificate.is_issued_by(issuer));
  CHECK(signer.certificate.extended_key_usage() == std::vector<std::string>{"1.3.6.1.5.5.7.3.9"});
  CHECK(pki::ParsedCertificate(signer.certificate).extensions().ocsp_no_check);
  REQUIRE(signer.chain.size() == 2);
  const Instant now = world.clock.now();
  std::vector<Bytes> batch;
  for (int i = 0; i < 50; ++i)
    batch.push_back(ocsp_data(signer, now, issuer, i % 2 == 0 ? Status::good : Status::revoked));
  const auto values = must(world.core->sign_ocsp("CPCA_G1-ocsp", batch));
  REQUIRE(values.size() == batch.size());
  for (std::size_t i = 0; i < batch.size(); ++i) CHECK(verifies(signer, batch[i], values[i]));

  const auto& stranger = world.authority.root.certificates.front();
  CHECK(sign_ocsp(world, ocsp_data(signer, now, stranger, Status::good)) == "vault.ocsp.content");
  CHECK(sign_ocsp(world, ocsp_data(signer, now, stranger, Status::revoked)) == "vault.ocsp.content");
  CHECK(sign_ocsp(world, ocsp_data(signer, now, stranger, Status::unknown)) == "ok");
  CHECK(sign_ocsp(world, ocsp_data(signer, now + std::chrono::minutes(5), issuer)) == "vault.ocsp.content");
  CHECK(sign_ocsp(world, ocsp_data(signer, now - std::chrono::minutes(5), issuer)) == "vault.ocsp.content");
  CHECK(sign_ocsp(world, ocsp_data(world.signer("log-1"), now, issuer)) == "vault.ocsp.content");
  CHECK(sign_ocsp(world, {}) == "vault.ocsp.content");
  // One wrong answer in a batch spoils it.
  batch[33] = ocsp_data(signer, now, stranger);
  CHECK(code_of(world.core->sign_ocsp("CPCA_G1-ocsp", batch)) == "vault.ocsp.content");
}

TEST_CASE("OCSP keys renew themselves, and the one before still signs for a while") {
  World world;
  const auto before = world.signer("CPCA_G1-ocsp");
  CHECK(before.certificate.not_after() == world.clock.now() + std::chrono::hours(24 * 7));
  world.clock.advance(std::chrono::hours(24 * 4));
  world.start();  // a key in memory dies with its process
  const auto fresh = world.signer("CPCA_G1-ocsp");
  CHECK(fresh.certificate.serial_hex() != before.certificate.serial_hex());
  const auto& issuer = world.authority.issuing.certificates.front();
  CHECK(sign_ocsp(world, ocsp_data(before, world.clock.now(), issuer)) == "vault.ocsp.content");
}

TEST_CASE("time-stamps: only what is one, at this moment, naming this signer") {
  World world;
  const auto signer = world.signer("tsa-1");
  const Instant now = world.clock.now();
  const auto good = stamp_input(signer, now);
  const auto value = must(world.core->sign_time_stamps("tsa-1", {good}));
  CHECK(verifies(signer, good.signed_attributes, value.front()));
  CHECK(sign_stamp(world, stamp_input(signer, now + std::chrono::seconds(5))) == "ok");
  CHECK(sign_stamp(world, stamp_input(signer, now + std::chrono::seconds(6))) == "vault.tsa.content");
  CHECK(sign_stamp(world, stamp_input(signer, now - std::chrono::seconds(6))) == "vault.tsa.content");
  CHECK(sign_stamp(world, {tst_info(now), good.signed_attributes}) == "vault.tsa.content");  // another's attributes
  CHECK(sign_stamp(world, stamp_input(world.signer("log-1"), now)) == "vault.tsa.content");  // ESSCertIDv2
  for (std::size_t left_out = 0; left_out < 3; ++left_out) {
    auto attributes = stamp_attributes(signer, good.tst_info);
    attributes.erase(attributes.begin() + static_cast<std::ptrdiff_t>(left_out));
    CHECK(sign_stamp(world, {good.tst_info, der::encode_set_of(attributes)}) == "vault.tsa.content");
  }
  auto twice = stamp_attributes(signer, good.tst_info);
  twice.push_back(twice.front());
  CHECK(sign_stamp(world, {good.tst_info, der::encode_set_of(twice)}) == "vault.tsa.content");
  auto foreign = stamp_attributes(signer, good.tst_info);
  foreign.push_back(attribute("1.2.3.4", der::encode(der::kNull, {})));
  CHECK(sign_stamp(world, {good.tst_info, der::encode_set_of(foreign)}) == "vault.tsa.content");
  // A document's signature instead of a time-stamp's.
  auto document = stamp_attributes(signer, good.tst_info);
  document[0] = attribute("1.2.840.113549.1.9.3", der::encode_oid("1.2.840.113549.1.7.1"));
  CHECK(sign_stamp(world, {good.tst_info, der::encode_set_of(document)}) == "vault.tsa.content");
}

TEST_CASE("checkpoints: of our log, never smaller, never another of the same size") {
  World world;
  const auto signer = world.signer("log-1");
  const auto sign = [&](const std::string& text) { return code_of(world.core->sign_checkpoint(text)); };
  const auto text = checkpoint(10, 1);
  CHECK(verifies(signer, as_bytes(text), must(world.core->sign_checkpoint(text))));
  CHECK(sign(text) == "ok");
  CHECK(sign(checkpoint(10, 2)) == "vault.checkpoint.size");
  CHECK(sign(checkpoint(9, 1)) == "vault.checkpoint.size");
  world.start();
  CHECK(sign(checkpoint(9, 1)) == "vault.checkpoint.size");
  CHECK(sign(checkpoint(11, 3)) == "ok");
  for (const std::string& bad :
       {std::string(), std::string("\n"), std::string("other.example/log\n12\n") + to_base64(Bytes(32, 1)) + "\n",
        std::string("kyso.example.vn/audit\n012\n") + to_base64(Bytes(32, 1)) + "\n",
        std::string("kyso.example.vn/audit\n12\nAAAA\n"), checkpoint(12, 1) + "\n", checkpoint(12, 1) + "x",
        checkpoint(-1, 1)})
    CHECK(sign(bad) == "vault.checkpoint.content");
}

TEST_CASE("no key signs a certificate's content, nor anything made for another key") {
  World world;
  const auto issuer = world.signer("CPCA_G1");
  const auto ocsp = world.signer("CPCA_G1-ocsp");
  const auto tsa = world.signer("tsa-1");
  const Instant now = world.clock.now();
  const auto& leaf = ocsp.certificate;
  const Bytes tbs(leaf.tbs().begin(), leaf.tbs().end());
  const auto list = list_of(list_description(issuer, now, 1));
  const auto answer = ocsp_data(ocsp, now, issuer.certificate);
  const auto stamp = stamp_input(tsa, now);
  const auto note = to_bytes(checkpoint(1, 1));
  // A v1 certificate begins as a list does: INTEGER 1, an algorithm, a name.
  der::Reader outer(tbs);
  der::Reader fields(outer.next()->content);
  Bytes v1 = der::encode_integer(1);
  static_cast<void>(fields.next());  // version
  static_cast<void>(fields.next());  // serial
  append(v1, fields.rest());
  v1 = der::sequence(v1);

  for (const auto& content : {tbs, v1, answer, stamp.tst_info, stamp.signed_attributes, note})
    CHECK(code_of(sign_list(*world.core, content)) == "vault.crl.content");
  for (const auto& content : {tbs, v1, list, stamp.tst_info, stamp.signed_attributes, note})
    CHECK(sign_ocsp(world, content) == "vault.ocsp.content");
  for (const auto& content : {tbs, v1, list, answer, stamp.tst_info, note})
    CHECK(sign_stamp(world, {stamp.tst_info, content}) == "vault.tsa.content");
  for (const auto& content : {tbs, v1, list, answer, note})
    CHECK(sign_stamp(world, {content, stamp.signed_attributes}) == "vault.tsa.content");
  for (const auto& content : {tbs, v1, list, answer, stamp.tst_info, stamp.signed_attributes})
    CHECK(code_of(world.core->sign_checkpoint(std::string(as_chars(content)))) == "vault.checkpoint.content");
  // Keys of other purposes, by name.
  const auto file = memory_file(list);
  for (const auto* name : {"CPCA_G1-ocsp", "tsa-1", "log-1"})
    CHECK(code_of(world.core->sign_crl(name, file.get(), list.size())) == "vault.key.purpose");
  for (const auto* name : {"CPCA_G1", "tsa-1", "log-1"})
    CHECK(code_of(world.core->sign_ocsp(name, {answer})) == "vault.key.purpose");
  for (const auto* name : {"CPCA_G1", "CPCA_G1-ocsp", "log-1"})
    CHECK(code_of(world.core->sign_time_stamps(name, {stamp})) == "vault.key.purpose");
  CHECK(code_of(world.core->sign_ocsp("nobody", {answer})) == "vault.key.unknown");
}

TEST_CASE("content with any octet changed or cut off never crashes its reader") {
  World world;
  const auto issuer = world.signer("CPCA_G1");
  const auto ocsp = world.signer("CPCA_G1-ocsp");
  const auto tsa = world.signer("tsa-1");
  const Instant now = world.clock.now();
  const CrlRules crl{.issuer = issuer.certificate.subject_der(),
                     .issuer_key_id = issuer.certificate.subject_key_id(),
                     .scheme = issuer.scheme,
                     .now = now};
  int accepted = 0;
  with_each_octet_changed(list_of(list_description(issuer, now, 1)),
                          [&](const Bytes& octets) { accepted += check_crl(octets, crl) ? 1 : 0; });
  CHECK(accepted < 120);  // serials, dates and reasons of entries, the number: other lists, but lists
  const AuthorityHashes hashes(issuer.certificate);
  const auto key_hash = sha1_of_key(ocsp.certificate);
  const OcspRules rules{.key_hash = key_hash,
                        .issuer_key_sha1 = hashes.key_sha1,
                        .issuer_key_sha256 = hashes.key_sha256,
                        .issuer_name_sha1 = hashes.name_sha1,
                        .issuer_name_sha256 = hashes.name_sha256,
                        .now = now};
  accepted = 0;
  with_each_octet_changed(ocsp_data(ocsp, now, issuer.certificate),
                          [&](const Bytes& octets) { accepted += check_response_data(octets, rules) ? 1 : 0; });
  CHECK(accepted < 20);  // another serial, another second
  const auto print = tsa.certificate.sha256();
  const TimeStampRules stamps{.certificate_sha256 = print, .policies = {}, .now = now};
  const auto stamp = stamp_input(tsa, now);
  accepted = 0;
  with_each_octet_changed(stamp.signed_attributes, [&](const Bytes& octets) {
    accepted += check_time_stamp(stamp.tst_info, octets, stamps) ? 1 : 0;
  });
  CHECK(accepted == 0);
}

TEST_CASE("every use of a key is counted, over restarts") {
  World world;
  const auto tsa = world.signer("tsa-1");
  const auto uses = [&] {
    return must(Journal(*world.database, world.clock)
                    .uses("tsa-1", crypto::digest(DigestAlgorithm::sha256, tsa.certificate.public_key().spki())));
  };
  for (int i = 0; i < 3; ++i)
    must(world.core->sign_time_stamps("tsa-1", std::vector(5, stamp_input(tsa, world.clock.now()))));
  CHECK(uses() >= 15);  // reserved before
  world.core.reset();
  CHECK(uses() == 15);
  world.start();
  must(world.core->sign_time_stamps("tsa-1", {stamp_input(tsa, world.clock.now())}));
  world.core.reset();
  CHECK(uses() == 16);
  world.start();
  std::int64_t told = 0;
  for (const auto& entry : world.all_entries()) {
    if (entry.kind != "key.used") continue;
    const auto body = must(json::parse(entry.body));
    if (must(json::require_string(body, "key")) == "tsa-1") told += must(json::require_integer(body, "uses"));
  }
  CHECK(told == 16);
}

#include "vault/protocol.h"

#include <rapidcheck.h>

#include "vault/server/core_test_support.h"

using namespace kyso;
using namespace kyso::vault;

namespace {

Bytes any_octets() {
  return *rc::gen::arbitrary<std::vector<std::uint8_t>>();
}
std::string any_text() {
  return *rc::gen::arbitrary<std::string>();
}

Call any_call() {
  switch (*rc::gen::inRange(0, 13)) {
    case 0:
      return StateCall{};
    case 1:
      return PolicyFilesCall{};
    case 2:
      return PrepareCall{{{any_text(), {any_text(), any_text()}}, {any_text(), {}}}};
    case 3:
      return SignPreparedCall{{any_text(), any_text()}};
    case 4:
      return VoidIntentCall{any_text()};
    case 5:
      return IntentsCall{{any_text()}};
    case 6:
      return JournalCall{*rc::gen::arbitrary<std::int64_t>(), *rc::gen::arbitrary<std::uint32_t>()};
    case 7:
      return AdoptPolicyCall{{any_text(), {any_text()}}};
    case 8:
      return SignCrlCall{any_text(), *rc::gen::arbitrary<std::uint64_t>()};
    case 9:
      return SignOcspCall{any_text(), {any_octets(), any_octets()}};
    case 10:
      return SignTimeStampsCall{any_text(), {{any_octets(), any_octets()}}};
    case 11:
      return ReleaseSoPinsCall{{any_text(), {any_text()}}};
    default:
      return SignCheckpointCall{any_text()};
  }
}

}  // namespace

TEST_CASE("a call comes out as it went in") {
  CHECK(rc::check("calls", [] {
    const auto call = any_call();
    const auto octets = encode(call);
    const auto read = decode_call(type_of(call), octets);
    RC_ASSERT(read.has_value());
    RC_ASSERT(type_of(*read) == type_of(call));
    RC_ASSERT(encode(*read) == octets);
  }));
}

TEST_CASE("a call that is cut off, or goes on, is refused") {
  CHECK(rc::check("cut calls", [] {
    const auto call = any_call();
    auto octets = encode(call);
    const auto refused = [&](const Bytes& body) {
      const auto read = decode_call(type_of(call), body);
      return !read && read.error().code == "vault.protocol";
    };
    if (!octets.empty()) {
      const auto end = *rc::gen::inRange<std::ptrdiff_t>(0, static_cast<std::ptrdiff_t>(octets.size()));
      RC_ASSERT(refused(Bytes(octets.begin(), octets.begin() + end)));
    }
    octets.push_back(0);
    RC_ASSERT(refused(octets));
  }));
}

TEST_CASE("any octets are read without harm") {
  CHECK(rc::check("garbage", [] {
    const auto octets = any_octets();
    for (int type = 0; type < 256; ++type) static_cast<void>(decode_call(static_cast<MessageType>(type), octets));
    static_cast<void>(decode_answer<StateCall>(octets));
    static_cast<void>(decode_answer<PrepareCall>(octets));
    static_cast<void>(decode_answer<JournalCall>(octets));
    static_cast<void>(decode_answer<ReleaseSoPinsCall>(octets));
  }));
}

TEST_CASE("a list longer than its message is refused before memory is taken for it") {
  const Bytes huge{0xff, 0xff, 0xff, 0xff};
  CHECK(code_of(decode_call(MessageType::sign_prepared, huge)) == "vault.protocol");
  CHECK(code_of(decode_call(MessageType::prepare, huge)) == "vault.protocol");
  SignPreparedCall many;
  many.intents.resize(kMaxItems + 1);
  CHECK(code_of(decode_call(MessageType::sign_prepared, encode(many))) == "vault.protocol");
  many.intents.pop_back();
  CHECK(code_of(decode_call(MessageType::sign_prepared, encode(many))) == "ok");
}

TEST_CASE("headers") {
  const FrameHeader header{
      .body_size = 77, .type = MessageType::sign_ocsp, .is_answer = true, .id = 0x0102030405060708U, .timeout_ms = 99};
  auto octets = encode_header(header);
  CHECK(must(decode_header(octets)) == header);
  const auto outcome = [&](std::size_t at, std::uint8_t value) {
    auto changed = octets;
    changed[at] = value;
    return code_of(decode_header(changed));
  };
  CHECK(outcome(0, 0xff) == "vault.protocol");  // size
  CHECK(outcome(4, 2) == "vault.protocol");     // version
  CHECK(outcome(5, 0) == "vault.protocol");     // type
  CHECK(outcome(5, 14) == "vault.protocol");
  CHECK(outcome(6, 1) == "vault.protocol");  // reserved bits
  CHECK(outcome(7, 2) == "vault.protocol");
  CHECK(code_of(decode_header(ByteView(octets).first(19))) == "vault.protocol");
}

TEST_CASE("answers carry values, errors with their words, and failures of the whole call") {
  test::World world;
  const auto state = must(world.core->state());
  const auto again = must(must(decode_answer<StateCall>(encode_answer<StateCall>(state))));
  CHECK(again.version == state.version);
  CHECK(again.policy_sha256 == state.policy_sha256);
  CHECK(again.journal_chain == state.journal_chain);
  REQUIRE(again.signers.size() == 4);
  CHECK(again.signers[1].certificate.sha256() == state.signers[1].certificate.sha256());
  CHECK(again.signers[1].chain.size() == 2);
  CHECK(again.signers[2].purpose == KeyPurpose::time_stamp);
  CHECK(again.signers[0].scheme == state.signers[0].scheme);
  REQUIRE(again.issuers.size() == 1);
  CHECK(again.issuers[0].crl_shards == 4);
  CHECK(again.issuers[0].crl_urls == state.issuers[0].crl_urls);

  PrepareCall::Answer answer;
  answer.emplace_back(std::vector<PreparedCertificate>{{.intent = "a", .serial = {1, 2}}});
  answer.emplace_back(fail("vault.request.used", "detail").with("request", "x"));
  const auto read = must(decode_answer<PrepareCall>(encode_answer<PrepareCall>(answer)));
  REQUIRE(read.size() == 2);
  CHECK(read[0]->front().serial == Bytes{1, 2});
  CHECK(code_of(read[1]) == "vault.request.used");
  CHECK(parameter(read[1].error(), "request") == "x");
  CHECK(read[1].error().detail == "detail");
  CHECK(code_of(decode_answer<PrepareCall>(encode_failure(fail("vault.busy")))) == "vault.busy");
  CHECK(code_of(decode_answer<PrepareCall>(encode_failure(fail("no.such.code")))) == "vault.protocol");
}

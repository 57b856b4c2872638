#include <doctest/doctest.h>

#include <filesystem>

#include "base/test_support.h"
#include "base/text.h"
#include "cms/signed_data.h"
#include "sign/prepare.h"
#include "sign/slot.h"

namespace kyso::sign {
namespace {

namespace fs = std::filesystem;

const std::string kData = KYSO_SOURCE_DIR "/tests/data/pdf/";
const std::string kKeys = KYSO_SOURCE_DIR "/tests/vectors/crypto/";

std::unique_ptr<crypto::KeyHolder> holder(const std::string& name = "rsa2048") {
  const Bytes key = must(read_file(kKeys + name + ".key.pem"));
  const Bytes certificate = must(read_file(kKeys + name + ".cert.pem"));
  return must(crypto::open_pem(as_chars(key), as_chars(certificate), Secret()));
}

Signer signer_of(const crypto::KeyHolder& key) {
  return {key.certificate(), {}, crypto::default_scheme(key.certificate().public_key().type())};
}

// A time at which the test certificate is valid, whatever today is.
Instant now_for(const crypto::KeyHolder& key) {
  return key.certificate().not_before() + std::chrono::hours(24);
}

pdf::Document open_document(const fs::path& path) {
  return must(pdf::Document::open(must(pdf::Source::open(path))));
}

PrepareOptions options_for(const crypto::KeyHolder& key) {
  return {.now = now_for(key), .random_id = Bytes(16, 7), .title = "vn-cong-van.pdf"};
}

struct Prepared {
  PreparedUpdate update;
  PreparedSignature state;
  fs::path file;
};

Prepared prepare_file(const TestFolder& folder, const crypto::KeyHolder& key,
                      const std::string& input = "vn-cong-van.pdf") {
  const auto document = open_document(kData + input);
  Prepared prepared{.file = folder / "prepared.pdf"};
  OutputFile out = must(OutputFile::create(prepared.file));
  prepared.update = must(prepare(document, {.field = "Signature1"}, signer_of(key), options_for(key), out));
  prepared.state = must(park(prepared.update, out));
  must(out.commit());
  return prepared;
}

Bytes signature_for(crypto::KeyHolder& key, const Prepared& prepared) {
  return must(
      key.sign({prepared.state.scheme, prepared.state.attributes_digest, prepared.update.signed_attributes, {}}));
}

Result<Completed> complete_into(const fs::path& target, const PreparedSignature& state, const fs::path& file,
                                ByteView signature, Instant now, pki::TimeStampClient* tsa = nullptr) {
  OutputFile out = must(OutputFile::create(target));
  auto completed = complete_parked(state, file, signature, tsa, now, out);
  if (completed) must(out.commit());
  return completed;
}

void check_signed_file(const fs::path& file, const fs::path& original) {
  const Bytes before = must(read_file(original));
  const Bytes after = must(read_file(file));
  REQUIRE(after.size() > before.size());
  CHECK(std::equal(before.begin(), before.end(), after.begin()));
  const auto document = open_document(file);
  REQUIRE_FALSE(document.form().signatures().empty());
  const auto& signature = document.form().signatures().back();
  REQUIRE(signature.byte_range.size() == 4);
  const auto at = [&](std::size_t i) { return static_cast<std::size_t>(signature.byte_range[i]); };
  CHECK(at(0) == 0);
  CHECK(at(2) + at(3) == after.size());
  const auto cms = must(cms::parse_signed_data(as_bytes(signature.contents)));
  crypto::Digester digester(cms.scheme.digest);
  digester.update(ByteView(after).subspan(at(0), at(1)));
  digester.update(ByteView(after).subspan(at(2), at(3)));
  CHECK(code_of(cms::check_integrity(cms, digester.finish())) == "ok");
}

}  // namespace

TEST_CASE("a prepared signature is finished from its file and at most 2 kB of state") {
  const TestFolder folder;
  for (const char* name : {"rsa2048", "rsa3072", "rsa4096", "p256", "p384", "ed25519"}) {
    CAPTURE(name);
    auto key = holder(name);
    const Prepared prepared = prepare_file(folder, *key);
    const std::string json = prepared.state.to_json();
    CHECK(json.size() <= 2048);
    const auto state = must(PreparedSignature::from_json(json));
    const Bytes signature = signature_for(*key, prepared);
    must(complete_into(folder / "signed.pdf", state, prepared.file, signature, now_for(*key)));
    check_signed_file(folder / "signed.pdf", kData + "vn-cong-van.pdf");
    must(complete_into(folder / "again.pdf", state, prepared.file, signature, now_for(*key)));
    CHECK(must(read_file(folder / "signed.pdf")) == must(read_file(folder / "again.pdf")));
  }
}

TEST_CASE("the state survives JSON unchanged and stays small with a long title") {
  PreparedSignature state;
  state.file_sha256 = std::string(64, 'a');
  state.slot = {.contents_offset = 9'999'999'999'999,
                .contents_length = 32'770,
                .capacity = 16'384,
                .file_size = 10'000'000'100'000};
  state.document_digest = state.attributes_digest = Bytes(64, 0xff);
  state.certificate_sha256 = std::string(64, 'b');
  state.field = "LanhDao";
  for (int i = 0; i < 200; ++i) state.title += "Quyết định về việc ";
  state.created = state.expires = Instant(std::chrono::seconds(1'800'000'000));
  const std::string json = state.to_json();
  CHECK(json.size() <= 2048);
  const auto read = must(PreparedSignature::from_json(json));
  CHECK(read.to_json() == json);
  CHECK(read.slot.contents_length == state.slot.contents_length);
  CHECK(is_valid_utf8(read.title));
}

TEST_CASE("completion refuses what was not prepared") {
  const TestFolder folder;
  auto key = holder();
  const Prepared prepared = prepare_file(folder, *key);
  const Bytes signature = signature_for(*key, prepared);
  const fs::path target = folder / "signed.pdf";
  const Instant now = now_for(*key);
  const auto attempt = [&](const PreparedSignature& state, const fs::path& file, ByteView value, Instant when) {
    const auto result = complete_into(target, state, file, value, when);
    CHECK_FALSE(fs::exists(target));
    return code_of(result);
  };

  SUBCASE("a signature over another digest") {
    const Bytes other = crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes("something else"));
    const Bytes value = must(key->sign({prepared.state.scheme, other, as_bytes("something else"), {}}));
    CHECK(attempt(prepared.state, prepared.file, value, now) == "sign.signature.mismatch");
  }
  SUBCASE("another person's key") {
    auto other = holder("p256");
    const Bytes value = must(other->sign({crypto::default_scheme(crypto::KeyType::ec_p256),
                                          prepared.state.attributes_digest,
                                          prepared.update.signed_attributes,
                                          {}}));
    CHECK(attempt(prepared.state, prepared.file, value, now) == "sign.signature.mismatch");
  }
  SUBCASE("a damaged or empty value") {
    Bytes value = signature;
    value[10] ^= 1;
    CHECK(attempt(prepared.state, prepared.file, value, now) == "sign.signature.mismatch");
    CHECK(attempt(prepared.state, prepared.file, {}, now) == "sign.signature.mismatch");
  }
  SUBCASE("a file that was changed by one byte") {
    Bytes file = must(read_file(prepared.file));
    file[file.size() / 3] ^= 1;
    OutputFile changed = must(OutputFile::create(folder / "changed.pdf"));
    must(changed.write(file));
    must(changed.commit());
    CHECK(attempt(prepared.state, folder / "changed.pdf", signature, now) == "sign.prepared.other_file");
  }
  SUBCASE("another file, and one without a slot") {
    CHECK(attempt(prepared.state, kData + "vn-quyet-dinh.pdf", signature, now) == "sign.prepared.other_file");
    PreparedSignature state = prepared.state;
    const Bytes original = must(read_file(kData + "vn-cong-van.pdf"));
    state.slot.file_size = original.size();
    state.file_sha256 = to_hex(crypto::digest(crypto::DigestAlgorithm::sha256, original));
    state.slot.contents_offset = 100;
    CHECK(attempt(state, kData + "vn-cong-van.pdf", signature, now) == "sign.prepared.other_file");
  }
  SUBCASE("a state that names another digest or certificate") {
    PreparedSignature state = prepared.state;
    state.document_digest[0] ^= 1;
    CHECK(attempt(state, prepared.file, signature, now) == "sign.prepared.other_file");
    state = prepared.state;
    state.attributes_digest[0] ^= 1;
    CHECK(attempt(state, prepared.file, signature, now) == "sign.prepared.other_file");
    state = prepared.state;
    state.certificate_sha256[0] = state.certificate_sha256[0] == '0' ? '1' : '0';
    CHECK(attempt(state, prepared.file, signature, now) == "sign.prepared.other_file");
  }
  SUBCASE("after its time") {
    CHECK(attempt(prepared.state, prepared.file, signature, prepared.state.expires + std::chrono::seconds(1)) ==
          "sign.prepared.expired");
  }
}

TEST_CASE("a state that is not one is refused with one answer") {
  for (const char* text : {"", "{", "[]", "{}", R"({"version":2})", R"({"version":1,"file_sha256":3})"}) {
    CAPTURE(text);
    CHECK(code_of(PreparedSignature::from_json(text)) == "sign.prepared.malformed");
  }
  const TestFolder folder;
  auto key = holder();
  std::string json = prepare_file(folder, *key).state.to_json();
  const std::size_t at = json.find("\"offset\": ") + 10;
  json.insert(at, "9");
  CHECK(code_of(PreparedSignature::from_json(json)) == "sign.prepared.malformed");
}

TEST_CASE("fifty signatures follow each other and each covers the whole file of its time") {
  const TestFolder folder;
  auto key = holder("p256");
  fs::path current = kData + "vn-cong-van.pdf";
  for (int i = 0; i < 50; ++i) {
    const auto document = open_document(current);
    const fs::path next = folder / fmt::format("{}.pdf", i);
    OutputFile out = must(OutputFile::create(next));
    const Plan plan{.field = document.form().unused_name("Signature")};
    must(sign(document, plan, signer_of(*key), *key, {.now = now_for(*key)}, nullptr, out));
    must(out.commit());
    check_signed_file(next, current);
    current = next;
  }
  CHECK(open_document(current).form().signatures().size() == 50);
}

TEST_CASE("the certificate is judged before anything is written") {
  auto key = holder();
  const auto& certificate = key->certificate();
  CHECK(code_of(check_certificate(certificate, certificate.not_before())) == "ok");
  CHECK(code_of(check_certificate(certificate, certificate.not_after() + std::chrono::seconds(1))) ==
        "sign.certificate.expired");
  CHECK(code_of(check_certificate(certificate, certificate.not_before() - std::chrono::seconds(1))) ==
        "sign.certificate.not_yet_valid");
  const auto tsa = must(crypto::Certificate::from_pem(as_chars(must(read_file(kKeys + "tsa.cert.pem")))));
  CHECK(code_of(check_certificate(tsa.front(), tsa.front().not_before())) == "sign.certificate.not_for_signing");
  const auto ca = must(crypto::Certificate::from_pem(as_chars(must(read_file(kKeys + "issuing.cert.pem")))));
  CHECK(code_of(check_certificate(ca.front(), ca.front().not_before())) == "sign.certificate.not_for_signing");
}

TEST_CASE("an encrypted document is signed and its earlier signature left alone") {
  const TestFolder folder;
  auto key = holder();
  for (const char* input : {"own/vn-cong-van-aes256.pdf", "own/signed-aes256.pdf"}) {
    CAPTURE(input);
    const auto document = open_document(kData + input);
    OutputFile out = must(OutputFile::create(folder / "out.pdf"));
    const Plan plan{.field = document.form().unused_name("Signature"), .reason = "Phê duyệt văn bản"};
    must(sign(document, plan, signer_of(*key), *key, options_for(*key), nullptr, out));
    must(out.commit());
    check_signed_file(folder / "out.pdf", kData + input);
    CHECK(open_document(folder / "out.pdf").form().signatures().back().reason == "Phê duyệt văn bản");
  }
}

TEST_CASE("the same input, clock and random source give the same bytes") {
  const TestFolder folder;
  auto key = holder();
  Bytes first;
  for (const char* name : {"a.pdf", "b.pdf"}) {
    const auto document = open_document(kData + "vn-quyet-dinh.pdf");
    OutputFile out = must(OutputFile::create(folder / name));
    must(sign(document, {.field = "S"}, signer_of(*key), *key, options_for(*key), nullptr, out));
    must(out.commit());
    const Bytes bytes = must(read_file(folder / name));
    CHECK((first.empty() || first == bytes));
    first = bytes;
  }
}

}  // namespace kyso::sign

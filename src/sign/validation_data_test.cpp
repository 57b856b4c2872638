#include "sign/validation_data.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/test_support.h"

namespace kyso::sign {
namespace {

namespace fs = std::filesystem;

const fs::path kData = KYSO_SOURCE_DIR "/tests/data/pdf";

pdf::Document open_document(const fs::path& path, const Secret* password = nullptr) {
  return must(pdf::Document::open(must(pdf::Source::open(path)), {.password = password}));
}

bool add(const fs::path& from, const ValidationData& data, const fs::path& to, const Secret* password = nullptr) {
  OutputFile out = must(OutputFile::create(to));
  const bool changed = must(append_validation_data(open_document(from, password), data, Bytes(16, 7), out));
  must(out.commit());
  return changed;
}

pdf::Dictionary store_of(const pdf::Document& document) {
  const auto store = must(document.view().dictionary_at(must(document.view().catalog()), "DSS"));
  REQUIRE(store);
  return *store;
}

std::vector<Bytes> streams(const pdf::Document& document, const pdf::Dictionary& owner, std::string_view key) {
  const pdf::Object list = must(document.view().resolve(owner, key));
  std::vector<Bytes> all;
  if (list.as_array() == nullptr) return all;
  for (const pdf::Object& item : *list.as_array()) {
    CHECK(item.as_reference());  // streams are always objects of their own
    const pdf::Object stream = must(document.view().resolve(item));
    REQUIRE(stream.as_stream() != nullptr);
    all.push_back(must(document.view().decode(*stream.as_stream())));
  }
  return all;
}

// Nothing is written where nothing is wrong: qpdf reads every object of the file.
void check_sound(const fs::path& path, const std::string& password = "") {
  const auto checked = run_command(fmt::format("qpdf --password='{}' --check '{}' 2>&1", password, path.string()));
  CHECK_MESSAGE(checked.status == 0, checked.output);
}

void check_begins_with(const fs::path& longer, const fs::path& shorter) {
  const Bytes before = must(read_file(shorter)), after = must(read_file(longer));
  REQUIRE(after.size() >= before.size());
  CHECK(std::equal(before.begin(), before.end(), after.begin()));
}

const Bytes kCertificate = to_bytes("certificate one"), kOther = to_bytes("certificate two");
const Bytes kResponse = to_bytes("response"), kList(5000, 0x30);

TEST_CASE("the first data make a store, in every kind of file") {
  const TestFolder folder;
  for (const char* name : {"vn-cong-van.pdf", "pyhanko/minimal-xref.pdf"}) {
    CAPTURE(name);
    const fs::path out = folder / "out.pdf";
    CHECK(add(kData / name, {{kCertificate, kOther, kCertificate}, {kResponse}, {kList}, {}}, out));
    check_begins_with(out, kData / name);
    check_sound(out);
    const auto document = open_document(out);
    const pdf::Dictionary store = store_of(document);
    CHECK(streams(document, store, "Certs") == std::vector<Bytes>{kCertificate, kOther});
    CHECK(streams(document, store, "OCSPs") == std::vector<Bytes>{kResponse});
    CHECK(streams(document, store, "CRLs") == std::vector<Bytes>{kList});
    CHECK_FALSE(store.has("VRI"));
  }
}

TEST_CASE("a store written by others, its lists objects of their own, gets what is new") {
  const TestFolder folder;
  const fs::path source = kData / "pyhanko/pades-lta-dss-indirect-arrs-test.pdf", out = folder / "out.pdf";
  const auto before = open_document(source);
  const std::vector<Bytes> old = streams(before, store_of(before), "Certs");
  REQUIRE_FALSE(old.empty());
  CHECK_FALSE(add(source, {old, {}, {}, {}}, out));
  CHECK(add(source, {{old.front(), kCertificate}, {}, {}, {}}, out));
  check_begins_with(out, source);
  check_sound(out);
  const auto document = open_document(out);
  std::vector<Bytes> expected = old;
  expected.push_back(kCertificate);
  CHECK(streams(document, store_of(document), "Certs") == expected);
  CHECK(store_of(document).get("Certs") == store_of(before).get("Certs"));
}

TEST_CASE("what is there already is kept and shared") {
  const TestFolder folder;
  const fs::path one = folder / "1.pdf", two = folder / "2.pdf", three = folder / "3.pdf";
  CHECK(add(kData / "vn-cong-van.pdf", {{kCertificate}, {}, {kList}, {}}, one));
  CHECK_FALSE(add(one, {{kCertificate}, {}, {kList}, {}}, two));
  CHECK(must(read_file(two)) == must(read_file(one)));
  CHECK(add(one, {{kOther, kCertificate}, {kResponse}, {kList}, {}}, three));
  // The list of 5000 bytes was not written again.
  CHECK(fs::file_size(three) < fs::file_size(one) + 4000);
  check_begins_with(three, one);
  check_sound(three);
  const auto document = open_document(three);
  CHECK(streams(document, store_of(document), "Certs") == std::vector<Bytes>{kCertificate, kOther});
  CHECK(streams(document, store_of(document), "CRLs") == std::vector<Bytes>{kList});
}

TEST_CASE("entries for signatures are named by the digest of their contents and never changed") {
  const TestFolder folder;
  const fs::path one = folder / "1.pdf", two = folder / "2.pdf";
  const ValidationData data{{kCertificate, kOther}, {kResponse}, {kList}, {{"abc", {1}, {0}, {}}}};
  CHECK(add(kData / "vn-cong-van.pdf", data, one));
  check_sound(one);
  const auto first = open_document(one);
  const auto vri = must(first.view().dictionary_at(store_of(first), "VRI"));
  REQUIRE(vri);
  // SHA-1 of "abc" (FIPS 180-4).
  const auto entry = must(first.view().dictionary_at(*vri, "A9993E364706816ABA3E25717850C26C9CD0D89D"));
  REQUIRE(entry);
  CHECK(streams(first, *entry, "Cert") == std::vector<Bytes>{kOther});
  CHECK(streams(first, *entry, "OCSP") == std::vector<Bytes>{kResponse});
  CHECK_FALSE(entry->has("CRL"));

  CHECK(add(one, {{kCertificate}, {}, {}, {{"abc", {0}, {}, {}}, {"def", {0}, {}, {}}}}, two));
  const auto second = open_document(two);
  const auto later = must(second.view().dictionary_at(store_of(second), "VRI"));
  REQUIRE(later);
  CHECK(later->size() == 2);
  CHECK(later->get("A9993E364706816ABA3E25717850C26C9CD0D89D") == vri->get("A9993E364706816ABA3E25717850C26C9CD0D89D"));
}

TEST_CASE("entries of the store that Kyso doesn't know are kept, wherever the store and its lists stand") {
  const TestFolder folder;
  const std::string objects =
      "1 0 obj\n<< /Type /Catalog /Pages 2 0 R /DSS << /Certs 4 0 R /Own (kept) >> >>\nendobj\n"
      "2 0 obj\n<< /Type /Pages /Count 1 /Kids [3 0 R] >>\nendobj\n"
      "3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] >>\nendobj\n"
      "4 0 obj\n[5 0 R]\nendobj\n"
      "5 0 obj\n<< /Length 15 >>\nstream\ncertificate one\nendstream\nendobj\n";
  std::string file = "%PDF-1.7\n" + objects, table = "xref\n0 6\n0000000000 65535 f \n";
  for (int i = 1; i <= 5; ++i) table += fmt::format("{:010} 00000 n \n", file.find(fmt::format("{} 0 obj", i)));
  table += fmt::format("trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{}\n%%EOF\n", file.size());
  const fs::path source = folder.write("in.pdf", file + table), out = folder / "out.pdf";
  CHECK_FALSE(add(source, {{kCertificate}, {}, {}, {}}, out));
  CHECK(add(source, {{kCertificate, kOther}, {}, {}, {}}, out));
  check_sound(out);
  const auto document = open_document(out);
  const pdf::Dictionary store = store_of(document);
  CHECK(store.get("Own") == pdf::Object(pdf::String{"kept", false}));
  CHECK(store.get("Certs").as_reference() == pdf::ObjectId{4, 0});
  CHECK(streams(document, store, "Certs") == std::vector<Bytes>{kCertificate, kOther});
  const auto extensions = must(document.view().dictionary_at(must(document.view().catalog()), "Extensions"));
  REQUIRE(extensions);
  CHECK(must(document.view().dictionary_at(*extensions, "ESIC")).has_value());
}

TEST_CASE("an encrypted file gets encrypted data") {
  const TestFolder folder;
  const Secret password("usersecret");
  const fs::path source = kData / "pyhanko/minimal-with-field-aes256.pdf", out = folder / "out.pdf";
  CHECK(add(source, {{kCertificate}, {}, {kList}, {}}, out, &password));
  check_sound(out, "usersecret");
  const Bytes bytes = must(read_file(out));
  CHECK(as_chars(bytes).find("certificate one") == std::string_view::npos);
  const auto document = open_document(out, &password);
  CHECK(streams(document, store_of(document), "Certs") == std::vector<Bytes>{kCertificate});
  CHECK_FALSE(add(out, {{kCertificate}, {}, {kList}, {}}, folder / "again.pdf", &password));
}

}  // namespace
}  // namespace kyso::sign

#include "pdf/file/object_view.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "pdf/file/test_qpdf.h"

namespace kyso::pdf {
namespace {

const std::filesystem::path kData = KYSO_SOURCE_DIR "/tests/data/pdf";

std::vector<std::filesystem::path> sample_files() {
  std::vector<std::filesystem::path> files;
  for (const auto& file : std::filesystem::recursive_directory_iterator(kData)) {
    if (file.path().extension() == ".pdf") files.push_back(file.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// The passwords of tests/data/pdf/README.md; files without one open with the empty password.
std::string password_of(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  if (name == "minimal-with-field-aes256.pdf" || name == "minimal-with-field-rc4.pdf") return "usersecret";
  if (name == "enc-r6-user-view-owner-master.pdf") return "view";
  if (name == "20-pages.pdf") return "user";
  return {};
}

Result<std::shared_ptr<const RevisionGraph>> graph_of(const std::filesystem::path& file) {
  return Source::open(file)
      .and_then([](Source source) { return RevisionGraph::open(std::move(source)); })
      .transform([](RevisionGraph graph) { return std::make_shared<const RevisionGraph>(std::move(graph)); });
}

Result<ObjectView> open_view(const std::filesystem::path& file, const std::string& password) {
  auto graph = KYSO_TRY(graph_of(file));
  const Secret secret{password};
  return ObjectView::open(std::move(graph), std::nullopt, &secret);
}

std::string describe(const Error& error) {
  return std::string(error.code) + ": " + error.detail;
}

}  // namespace

TEST_CASE("every object and stream of every sample is what qpdf reads there") {
  for (const auto& file : sample_files()) {
    CAPTURE(file.filename().string());
    const auto view = open_view(file, password_of(file));
    REQUIRE_MESSAGE(view, describe(view.error()));
    const auto theirs = test::objects_by_qpdf(file, password_of(file));
    REQUIRE(!theirs.empty());
    std::size_t wrong = 0;
    for (const auto& [id, other] : theirs) {
      // Parts of the file's structure itself; one sample's own entry for its stream is wrong.
      const Dictionary* other_dictionary = other.value.as_dictionary();
      const Object other_type = other_dictionary != nullptr ? other_dictionary->get("Type") : Object();
      if (other_type.is_name("ObjStm") || other_type.is_name("XRef")) continue;
      CAPTURE(id.number);
      const auto ours = view->get(id);
      REQUIRE_MESSAGE(ours, describe(ours.error()));
      if (const XrefEntry* entry = view->entry(id.number); entry != nullptr && entry->generation != id.generation) {
        CHECK(ours->is_null());  // replaced by another generation: qpdf shows it all the same
        continue;
      }
      const bool is_stream = ours->as_stream() != nullptr;
      const std::vector<std::string_view> ignored =
          is_stream ? std::vector<std::string_view>{"Length", "Filter", "DecodeParms"}
                    : std::vector<std::string_view>{};
      const bool is_same = test::is_same(*ours, other.value, ignored);
      CHECK_MESSAGE(is_same, serialize(*ours) << "\n" << serialize(other.value));
      wrong += is_same ? 0 : 1;
      if (!is_stream || !other.data) continue;
      const auto data = view->decode(*ours->as_stream());
      const bool is_image = !data && data.error().code == "pdf.filter.unsupported";
      CHECK_MESSAGE((is_image || (data && *data == *other.data)), (data ? "other data" : describe(data.error())));
    }
    CHECK(wrong == 0);
    // And nothing is there that qpdf does not know, but the parts of the file's structure itself.
    for (std::uint32_t number = 1; number < view->size(); ++number) {
      const XrefEntry* entry = view->entry(number);
      if (entry == nullptr || entry->kind == XrefEntry::Kind::free) continue;
      const auto object = view->get({number, entry->generation});
      if (!object || object->is_null() || theirs.contains({number, entry->generation})) continue;
      const Dictionary* dictionary = object->as_dictionary();
      CHECK_MESSAGE(
          (dictionary != nullptr &&
           (dictionary->get("Type").is_name("ObjStm") || dictionary->get("Type").is_name("XRef") ||
            dictionary->has("Linearized") || dictionary->get("Filter").is_name("Standard") || dictionary->has("S"))),
          number << " " << serialize(*object));
    }
  }
}

TEST_CASE("passwords: user, owner, wrong, missing") {
  struct Case {
    std::string file, user, owner;
    EncryptionInfo::Method method;
    int revision;
  };
  const std::vector<Case> cases = {
      {"pyhanko/minimal-with-field-aes256.pdf", "usersecret", "ownersecret", EncryptionInfo::Method::aes256, 6},
      {"pyhanko/minimal-with-field-rc4.pdf", "usersecret", "ownersecret", EncryptionInfo::Method::rc4, 3},
      {"qpdf/enc-r6-user-view-owner-master.pdf", "view", "master", EncryptionInfo::Method::aes256, 6},
      {"own/vn-cong-van-aes256.pdf", "", "kyso-owner", EncryptionInfo::Method::aes256, 6},
      {"qpdf/V4-aes.pdf", "", "", EncryptionInfo::Method::aes128, 4},
  };
  for (const Case& c : cases) {
    CAPTURE(c.file);
    const auto as_user = open_view(kData / c.file, c.user);
    REQUIRE_MESSAGE(as_user, describe(as_user.error()));
    REQUIRE(as_user->encryption());
    CHECK(as_user->encryption()->method == c.method);
    CHECK(as_user->encryption()->revision == c.revision);
    CHECK(as_user->encryptor() != nullptr);
    const auto as_owner = open_view(kData / c.file, c.owner);
    REQUIRE_MESSAGE(as_owner, describe(as_owner.error()));
    CHECK(as_owner->encryption()->opened_as_owner);
    CHECK(as_owner->encryption()->may_modify);
    if (c.user.empty()) continue;
    CHECK(!as_user->encryption()->opened_as_owner);
    const auto wrong = open_view(kData / c.file, "Sai mật khẩu");
    REQUIRE(!wrong);
    CHECK(wrong.error().code == "pdf.encrypted.password_wrong");
    const auto missing = open_view(kData / c.file, "");
    REQUIRE(!missing);
    CHECK(missing.error().code == "pdf.encrypted.password_needed");
  }
}

TEST_CASE("what is encrypted for a file can be decrypted again, and qpdf's decryption agrees on Vietnamese passwords") {
  const TestFolder folder;
  const std::string plain = (kData / "pyhanko/minimal.pdf").string();
  struct Case {
    std::string arguments, password;
  };
  const std::vector<Case> cases = {
      {"--encrypt mật-khẩu chủ 256 --", "mật-khẩu"},
      {"--encrypt mật-khẩu chủ 256 --", "chủ"},
      {"--allow-weak-crypto --encrypt user owner 40 --", "owner"},
      {"--allow-weak-crypto --encrypt user owner 128 --use-aes=n --", "user"},
      {"--allow-weak-crypto --encrypt user owner 128 --use-aes=y --cleartext-metadata --", "owner"},
      {"--allow-weak-crypto --encrypt user owner 256 --force-R5 --", "user"},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    CAPTURE(cases[i].arguments);
    const auto file = folder / ("e" + std::to_string(i) + ".pdf");
    (void)run_command("qpdf " + cases[i].arguments + " '" + plain + "' '" + file.string() + "' 2>&1");
    const auto view = open_view(file, cases[i].password);
    REQUIRE_MESSAGE(view, describe(view.error()));
    const auto catalog = view->catalog();
    REQUIRE(catalog);
    const auto theirs = test::objects_by_qpdf(file, cases[i].password);
    REQUIRE(theirs.size() >= 4);
    for (const auto& [id, other] : theirs) {
      const auto ours = view->get(id);
      REQUIRE(ours);
      if (!other.data) continue;
      const auto data = view->decode(*ours->as_stream());
      REQUIRE(data);
      CHECK(*data == *other.data);
    }
    const Encryptor* encryptor = view->encryptor();
    REQUIRE(encryptor != nullptr);
    CHECK(encryptor->encrypt_string({7, 0}, as_bytes("Nguyễn Văn A")) != to_bytes("Nguyễn Văn A"));
  }
}

TEST_CASE("/Contents of a signature in an encrypted file stays as it is, its other strings are decrypted") {
  const auto view = open_view(kData / "own/signed-aes256.pdf", "");
  REQUIRE(view);
  std::size_t signatures = 0;
  for (std::uint32_t number = 1; number < view->size(); ++number) {
    const auto object = view->get({number, 0});
    REQUIRE(object);
    const Dictionary* dictionary = object->as_dictionary();
    if (dictionary == nullptr || !dictionary->has("ByteRange")) continue;
    ++signatures;
    REQUIRE(dictionary->get("Contents").as_string() != nullptr);
    CHECK(dictionary->get("Contents").as_string()->bytes.starts_with("\x30\x82"));  // DER
    REQUIRE(dictionary->get("M").as_string() != nullptr);
    CHECK(dictionary->get("M").as_string()->bytes.starts_with("D:20"));
  }
  CHECK(signatures == 1);
}

TEST_CASE("an object is seen as its revision has it") {
  const auto graph = graph_of(kData / "qpdf/incremental-1.pdf");
  REQUIRE(graph);
  REQUIRE((*graph)->revisions().size() == 3);
  const auto newest = ObjectView::open(*graph);
  const auto first = ObjectView::open(*graph, 0);
  REQUIRE(newest);
  REQUIRE(first);
  const auto old_number = first->get({4, 0}), gone = newest->get({4, 0}), reused = newest->get({4, 1});
  REQUIRE(old_number);
  REQUIRE(gone);
  REQUIRE(reused);
  CHECK(!old_number->is_null());
  CHECK(gone->is_null());  // number 4 has generation 1 now
  CHECK(!reused->is_null());
}

}  // namespace kyso::pdf

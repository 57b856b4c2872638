#include <filesystem>
#include <fstream>
#include <set>

#include "pdf/drawing/test_fonts.h"
#include "pdf/update/form_writer.h"
#include "verify/changes/test_revisions.h"

// What honest programs write: Kyso's own updates over every sample file, and signed files of other programs. A false
// alarm here would make people distrust good documents.
namespace kyso::verify::test {
namespace {

const std::filesystem::path kData = KYSO_SOURCE_DIR "/tests/data/pdf";

std::string password_of(const std::string& name) {
  if (name.starts_with("minimal-with-field-aes256") || name.starts_with("minimal-with-field-rc4")) return "usersecret";
  if (name.starts_with("enc-r6-user-view")) return "master";
  return name.starts_with("20-pages") ? "user" : "";
}

// The file with one update made by `edit`; nullopt when the document doesn't take it.
template <typename Edit>
std::optional<Bytes> updated(const Bytes& bytes, const Secret& password, Edit edit) {
  pdf::Document::Options options;
  if (!password.empty()) options.password = &password;
  auto document = pdf::Document::open(pdf::Source::from_bytes(bytes), options);
  if (!document) return std::nullopt;
  pdf::IncrementalWriter writer(document->view());
  pdf::FormWriter form(*document, writer);
  if (const Result<> done = edit(form, writer); !done) return std::nullopt;
  Bytes out = bytes;
  append(out, must(writer.finish(to_bytes("0123456789abcdef"))).bytes);
  return out;
}

Result<> sign(pdf::FormWriter& form, pdf::IncrementalWriter& writer, pdf::ObjectId field) {
  const pdf::ObjectId value = writer.reserve();
  pdf::Dictionary dictionary{{"Type", pdf::Name{"Sig"}},
                             {"Filter", pdf::Name{"Adobe.PPKLite"}},
                             {"SubFilter", pdf::Name{"ETSI.CAdES.detached"}}};
  const pdf::Object references = KYSO_TRY(form.bind_signature(field, value, {}));
  if (!references.is_null()) dictionary.set("Reference", references);
  writer.set_signature(value, std::move(dictionary), 64);
  return form.declare_extension("ESIC", "1.7", 5);
}

ChangeReport compare(const Bytes& bytes, std::size_t back, const Secret& password) {
  auto graph =
      std::make_shared<const pdf::RevisionGraph>(must(pdf::RevisionGraph::open(pdf::Source::from_bytes(bytes))));
  return find_changes(graph, graph->revisions().size() - 1 - back, password.empty() ? nullptr : &password);
}

pdf::ObjectId picture(pdf::IncrementalWriter& writer, double width, double height) {
  return writer.add_stream({{"Type", pdf::Name{"XObject"}},
                            {"Subtype", pdf::Name{"Form"}},
                            {"BBox", to_object(pdf::Rect{0, 0, width, height})}},
                           to_bytes("1 0 0 RG 1 1 20 20 re S"));
}

TEST_CASE("a round of Kyso's own updates is understood in every sample file") {
  std::size_t rounds = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kData)) {
    if (entry.path().extension() != ".pdf") continue;
    const std::string name = entry.path().filename().string();
    CAPTURE(name);
    const Secret password(password_of(name));
    std::ifstream in(entry.path(), std::ios::binary);
    const Bytes original{std::istreambuf_iterator<char>(in), {}};
    const pdf::TextRun run{"", pdf::FontStyle::regular, 12, {}};
    const auto first =
        updated(original, password, [&](pdf::FormWriter& form, pdf::IncrementalWriter& writer) -> Result<> {
          (void)KYSO_TRY(form.add_signature_field("CoQuanKyso", {0, {290, 78, 395, 183}, {}},
                                                  pdf::FieldLock{pdf::LockAction::include, {"SoKyso"}, {}}));
          (void)KYSO_TRY(
              form.add_text_field({"SoKyso", "", {0, {10, 20, 150, 40}, {}}, run, pdf::Drawing::Align::left, false}));
          (void)KYSO_TRY(form.add_button_field("DauKyso", {{0, {5, 5, 20, 15}, {}}}));
          return sign(form, writer,
                      KYSO_TRY(form.add_signature_field("LanhDaoKyso", {0, {345, 95, 495, 165}, {}}, std::nullopt)));
        });
    if (!first) continue;  // certified, or signed already
    const auto second =
        updated(*first, password, [&](pdf::FormWriter& form, pdf::IncrementalWriter& writer) -> Result<> {
          KYSO_TRY(form.fill_text_field("SoKyso", "Số 12/QĐ-UBND"));
          KYSO_TRY(form.set_button_appearances("DauKyso", {picture(writer, 15, 10)}));
          return sign(form, writer, KYSO_TRY(form.use_signature_field("CoQuanKyso", picture(writer, 105, 105))));
        });
    REQUIRE(second);
    const auto third =
        updated(*second, password, [&](pdf::FormWriter& form, pdf::IncrementalWriter& writer) -> Result<> {
          return sign(form, writer,
                      KYSO_TRY(form.add_signature_field("BanSaoKyso", {0, {5, 50, 15, 60}, picture(writer, 10, 10)},
                                                        std::nullopt)));
        });
    REQUIRE(third);
    std::multiset<std::string> found;
    for (const Change& change : compare(*third, 2, password).changes) {
      found.insert(fmt::format("{} {}", name_of(change.kind), change.field));
      CHECK(change.code != "form.unverified-font");
    }
    found.erase("none ");
    found.erase("validation_data ");
    CHECK(found == std::multiset<std::string>{"form_filled SoKyso", "form_filled DauKyso.1",
                                              "signature_filled CoQuanKyso", "signature_added BanSaoKyso"});
    ++rounds;
  }
  CHECK(rounds >= 40);
}

TEST_CASE("signed files of other programs: what came after the first signature") {
  const auto kinds = [](const std::string& file, std::size_t first) {
    auto graph = std::make_shared<const pdf::RevisionGraph>(
        must(pdf::RevisionGraph::open(must(pdf::Source::open(kData / file)))));
    std::vector<std::string> out;
    for (const Change& change : find_changes(graph, first, nullptr).changes) {
      if (change.kind != ChangeKind::none) out.push_back(fmt::format("{}:{}", change.revision, name_of(change.kind)));
    }
    return out;
  };
  using Lines = std::vector<std::string>;
  CHECK(kinds("own/signed-certified-p2-then-approval.pdf", 2) ==
        Lines{"3:validation_data", "3:metadata", "3:signature_filled"});
  CHECK(kinds("pyhanko/minimal-two-fields-signed-twice.pdf", 0) ==
        Lines{"1:metadata", "1:metadata", "1:signature_filled"});
  CHECK(kinds("pyhanko/minimal-signed-twice-both-created.pdf", 0) ==
        Lines{"1:metadata", "1:metadata", "1:signature_added"});
  CHECK(kinds("pyhanko/pades-lta-dss-indirect-arrs-test.pdf", 2) ==
        Lines{"3:validation_data", "3:document_time_stamp", "4:validation_data"});
}

}  // namespace
}  // namespace kyso::verify::test

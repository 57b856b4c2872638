#include "pdf/drawing/tagged_pages.h"

#include "pdf/drawing/new_file.h"
#include "pdf/text/page_text.h"
#include "pdf/update/update_test_support.h"

namespace kyso::pdf {
namespace {

using namespace test;

const bool kShareIsSet = setenv("KYSO_SHARE", KYSO_SOURCE_DIR "/share", 1) == 0;

const TaggedPages::Information kInformation{"Tên văn bản", "vi-VN", Instant{}, {{"KysoRows", "bốn mươi"}}};

Bytes two_pages() {
  TaggedPages pages = must(TaggedPages::create());
  const auto heading = pages.element(TaggedPages::kDocument, "H1");
  const auto paragraph = pages.element(TaggedPages::kDocument, "P");
  pages.add_page(595.276, 841.89);
  pages.belong_to(heading);
  pages.text(FontStyle::bold, 14, U"Đề nghị", 100, 700);
  pages.belong_to(paragraph);
  pages.text(FontStyle::regular, 14, U"Một hai ba", 100, 650, 5);
  pages.lines({{100, 600, 200, 600}}, 0.5);
  pages.add_page(841.89, 595.276);
  pages.belong_to(paragraph);
  pages.text(FontStyle::regular, 14, U"bốn", 100, 500);
  pages.use_page(0);
  pages.belong_to(TaggedPages::kArtifact);
  pages.text(FontStyle::regular, 10, U"1", 300, 820);
  return must(pages.finish(kInformation));
}

TEST_CASE("tagged pages: text, structure and information as other programs read them") {
  const TestFolder folder;
  const auto path = folder / "two.pdf";
  save(path, two_pages());
  CHECK(qpdf_check(path, "").status == 0);
  const std::string structure = run("pdfinfo -struct-text '" + path.string() + "'").output;
  CHECK(structure.find("H1 (block)\n    \"Đề nghị\"") != std::string::npos);
  CHECK(structure.find("P (block)\n    \"Một hai ba\"") != std::string::npos);
  CHECK(structure.find("\"bốn\"") != std::string::npos);
  CHECK(structure.find("\"1\"") == std::string::npos);  // an artifact
  CHECK(run("pdfinfo -custom '" + path.string() + "'").output.find("KysoRows:") != std::string::npos);
  const Document document = open(path);
  CHECK(document.conformance().is_tagged);
  CHECK(document.title() == "Tên văn bản");
  CHECK(document.graph().revisions().size() == 1);
  CHECK(document.pages().count() == 2);
}

TEST_CASE("wider blanks move the words that follow") {
  const Document document = must(Document::open(Source::from_bytes(two_pages())));
  const PageText text = must(read_page_text(document, 0));
  const auto words = find_text(text, 0, "ba");
  REQUIRE(words.size() == 1);
  const Typeface face = must(Typeface::shipped(FontStyle::regular));
  CHECK(words.front().box.x0 == doctest::Approx(100 + face.width(U"Một hai ", 14) + 10).epsilon(0.001));
}

TEST_CASE("every marked content leads to its element") {
  const Document document = must(Document::open(Source::from_bytes(two_pages())));
  const ObjectView& view = document.view();
  const Dictionary catalog = must(view.catalog());
  const auto root = must(view.dictionary_at(catalog, "StructTreeRoot"));
  const auto tree = must(view.dictionary_at(*root, "ParentTree"));
  const Object numbers = must(view.resolve(*tree, "Nums"));
  REQUIRE(numbers.as_array()->size() == 4);
  const std::vector<std::vector<std::string>> expected{{"H1", "P"}, {"P"}};
  for (std::size_t page = 0; page < 2; ++page) {
    const Object elements = must(view.resolve((*numbers.as_array())[2 * page + 1]));
    std::vector<std::string> roles;
    for (const Object& element : *elements.as_array()) {
      roles.push_back(*must(view.resolve(element)).as_dictionary()->get("S").as_name());
    }
    CHECK(roles == expected[page]);
  }
}

TEST_CASE("a typeface replaces what it cannot show and codes each letter once") {
  Typeface face = must(Typeface::shipped(FontStyle::regular));
  CHECK(face.drawable("Đỗ Ẵm") == U"Đỗ Ẵm");
  CHECK(face.drawable("e\xCC\x81") == U"é");
  CHECK(face.drawable("a\tb") == U"a b");
  const std::u32string replaced = face.drawable("中\xFF");
  CHECK(replaced.size() == 2);
  CHECK(replaced.find(U'中') == std::u32string::npos);
  const std::uint16_t code = face.code(U'Ẵ');
  CHECK(face.code(U'Ẵ') == code);
  CHECK(face.code(U'a') != code);
  CHECK(face.letters() == U"Ẵa");
}

TEST_CASE("a new file holds thousands of objects in object streams") {
  NewFile file;
  const ObjectId catalog = file.reserve(), pages = file.reserve(), info = file.add(Dictionary{});
  Array kids;
  for (int i = 0; i < 1000; ++i) {
    kids.emplace_back(file.add(Dictionary{{"Type", Name{"Page"}},
                                          {"Parent", pages},
                                          {"MediaBox", Array{Object(0), Object(0), Object(100), Object(100)}}}));
  }
  file.add_stream({}, Bytes(100'000, 'x'));
  file.set(pages, Dictionary{{"Type", Name{"Pages"}}, {"Kids", kids}, {"Count", 1000}});
  file.set(catalog, Dictionary{{"Type", Name{"Catalog"}}, {"Pages", pages}});
  const Bytes bytes = file.finish(catalog, info);
  CHECK(bytes.size() < 30'000);
  const TestFolder folder;
  save(folder / "new.pdf", bytes);
  CHECK_MESSAGE(qpdf_check(folder / "new.pdf", "").status == 0, qpdf_check(folder / "new.pdf", "").output);
  CHECK(open(folder / "new.pdf").pages().count() == 1000);
}

}  // namespace
}  // namespace kyso::pdf

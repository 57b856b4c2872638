#include "pdf/document/form_test_support.h"

using namespace kyso;
using namespace kyso::pdf;
static std::vector<std::string> two_pages(const std::string& acroform, const std::string& annots1,
                                          const std::string& annots2) {
  return {"<< /Type /Catalog /Pages 2 0 R " + acroform + " >>",
          "<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 /MediaBox [0 0 300 200] >>",
          "<< /Type /Page /Parent 2 0 R " + annots1 + " >>",
          "<< /Type /Page /Parent 2 0 R " + annots2 + " >>",
          "[6 0 R]",
          "<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents (ghi ch\\372) >>",
          "<< /Fields 8 0 R /DR << >> >>",
          "[9 0 R]",
          "<< /FT /Tx /T (cu) /V (gi\\341 tr\\352) /DA (/Helv 9 Tf 1 0 0 rg) /Kids [10 0 R] >>",
          "<< /Type /Annot /Subtype /Widget /Parent 9 0 R /Rect [50 50 150 70] /P 4 0 R >>"};
}

TEST_CASE("fields and annotations in every place that the standard allows") {
  const TestFolder folder;
  const test::OpensslSigner signer;
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases{
      {"no form", two_pages("", "", "")},
      {"direct form", two_pages("/AcroForm << /Fields [9 0 R] >>", "/Annots [6 0 R]", "/Annots [10 0 R]")},
      {"indirect form", two_pages("/AcroForm 7 0 R", "/Annots 5 0 R", "/Annots [10 0 R]")},
      {"indirect fields in a direct form", two_pages("/AcroForm << /Fields 8 0 R /SigFlags 1 >>", "/Annots null", "")},
      {"form without fields", two_pages("/AcroForm << >>", "", "/Annots [10 0 R]")},
      {"shared annotations", two_pages("/AcroForm 7 0 R", "/Annots 5 0 R", "/Annots 5 0 R")}};
  std::string files;
  for (const auto& [name, objects] : cases) {
    CAPTURE(name);
    const auto path = folder / (name + ".pdf");
    test::save(path, test::make_pdf(objects));
    const Document before = test::open(path);
    const std::size_t fields = before.form().fields().size();
    test::sign(path, signer, {.field = "Ký 1", .widget = {0, {10, 10, 60, 40}, {}}});
    test::sign(path, signer, {.field = "Ký 2"});
    const Document after = test::open(path);
    CHECK(after.form().fields().size() == fields + 2);
    const Field* field = after.form().find("Ký 1");
    REQUIRE(field != nullptr);
    CHECK(field->widgets.at(0).page == 0);
    CHECK(field->widgets.at(0).rect == Rect{10, 10, 60, 40});
    // On the first page only.
    const auto count = [&](std::size_t index) {
      const Page page = must(after.pages().page(index));
      const Object annotations = must(after.view().resolve(page.dictionary, "Annots"));
      return annotations.as_array() == nullptr ? 0 : std::ranges::count(*annotations.as_array(), Object(*field->id));
    };
    CHECK(count(0) == 1);
    CHECK(count(1) == 0);
    const Object form = must(after.view().resolve(must(after.view().catalog()), "AcroForm"));
    CHECK((form.as_dictionary()->get("SigFlags").as_integer().value_or(0) & 3) == 3);
    const auto checked = test::qpdf_check(path, "");
    CHECK_MESSAGE(checked.status == 0, checked.output);
    files += test::quoted(path);
  }
  test::judge("places", files);
}

TEST_CASE("text fields of other programs are filled in their own font, size and colour") {
  const TestFolder folder;
  const auto path = folder / "x.pdf";
  test::save(path, test::make_pdf(two_pages("/AcroForm 7 0 R", "", "/Annots [10 0 R]")));
  const Document before = test::open(path);
  CHECK(before.form().find("cu")->value == "giá trê");
  IncrementalWriter writer(before.view());
  FormWriter form(before, writer);
  must(form.fill_text_field("cu", "Nguye\u0302\u0303n Va\u0306n A"));
  CHECK(code_of(form.fill_text_field("khong co", "x")) == "pdf.field.missing");
  CHECK(code_of(form.use_signature_field("cu", std::nullopt)) == "pdf.field.not_signature");
  CHECK(code_of(form.set_button_appearances("cu", {{6, 0}})) == "pdf.field.not_button");
  CHECK(code_of(form.fill_text_field("cu", std::string(400, 'W'))) == "pdf.text.does_not_fit");
  IncrementalWriter fresh(before.view());
  must(FormWriter(before, fresh).fill_text_field("cu", "Nguye\u0302\u0303n Va\u0306n A"));
  const auto appendix = must(fresh.finish(test::random_id()));
  CHECK(as_chars(appendix.bytes).find("\n7 0 obj") == std::string_view::npos);  // the form is not touched
  test::save(path, test::whole(before, appendix.bytes));
  const Document after = test::open(path);
  CHECK(after.form().find("cu")->value == "Nguyễn Văn A");
  CHECK(after.form().find("cu")->widgets.at(0).page == 1);
  const auto text = test::run("pdftotext" + test::quoted(path) + " -");
  CHECK_MESSAGE(text.output.find("Nguyễn Văn A") != std::string::npos, text.output);
  CHECK(test::qpdf_check(path, "").status == 0);
}

TEST_CASE("names of fields") {
  const Document document = test::open(test::data("own/two-empty-fields.pdf"));
  IncrementalWriter writer(document.view());
  FormWriter form(document, writer);
  CHECK(code_of(form.add_signature_field("LanhDao", {}, {})) == "pdf.field.exists");
  CHECK(code_of(form.add_signature_field("", {}, {})) == "pdf.field.name_invalid");
  CHECK(code_of(form.add_signature_field("a.b", {}, {})) == "pdf.field.name_invalid");
  CHECK(code_of(form.add_signature_field("x", {7, {}, {}}, {})) == "pdf.page.missing");
  must(form.add_signature_field("Phê duyệt", {}, {}));
  CHECK(code_of(form.add_signature_field("Phe\u0302 duye\u0323\u0302t", {}, {})) == "pdf.field.exists");
  CHECK(document.form().unused_name("LanhDao") == "LanhDao1");
  CHECK(code_of(form.add_widget({3, 0}, {})) == "pdf.field.missing");
}

TEST_CASE("an encrypted file permits what its owner permits") {
  const TestFolder folder;
  const auto encrypted = [&](const std::string& modify) {
    const auto path = folder / (modify + ".pdf");
    const auto made = test::run("qpdf --encrypt '' owner 256 --modify=" + modify + " --" +
                                test::quoted(test::data("own/two-empty-fields.pdf")) + test::quoted(path));
    REQUIRE_MESSAGE(made.status == 0, made.output);
    return path;
  };
  const auto outcome = [](const std::filesystem::path& path, const std::string& password, auto&& change) {
    const Document document = test::open(path, password);
    IncrementalWriter writer(document.view());
    FormWriter form(document, writer);
    return code_of(change(form));
  };
  const auto create = [](FormWriter& form) { return form.add_signature_field("A", {}, {}); };
  const auto use = [](FormWriter& form) { return form.use_signature_field("CoQuan", {}); };
  const auto stamp = [](FormWriter& form) { return form.add_stamp({0, {0, 0, 9, 9}, {}}, "x"); };
  const auto none = encrypted("none"), fill = encrypted("form"), annotate = encrypted("annotate"),
             all = encrypted("all");
  CHECK(outcome(none, "", create) == "pdf.encrypted.forbids");
  CHECK(outcome(none, "", use) == "pdf.encrypted.forbids");
  CHECK(outcome(none, "owner", create) == "ok");
  CHECK(outcome(none, "owner", use) == "ok");
  CHECK(outcome(fill, "", use) == "ok");
  CHECK(outcome(fill, "", create) == "pdf.encrypted.forbids");
  CHECK(outcome(fill, "", stamp) == "pdf.encrypted.forbids");
  CHECK(outcome(annotate, "", stamp) == "ok");
  CHECK(outcome(annotate, "", create) == "pdf.encrypted.forbids");
  CHECK(outcome(all, "", create) == "ok");
}

TEST_CASE("a new field of a tagged document stands in its structure") {
  const TestFolder folder;
  const test::OpensslSigner signer;
  for (const std::string name :
       {"vn-quyet-dinh.pdf", "pyhanko/minimal-two-fields-tagged.pdf", "pyhanko/minimal-pdf-ua-and-a.pdf"}) {
    CAPTURE(name);
    const auto path = folder / test::data(name).filename();
    std::filesystem::copy_file(test::data(name), path);
    const Document before = test::open(path);
    CHECK(before.conformance().is_tagged);
    test::sign(path, signer, {.field = "A", .widget = {0, {10, 10, 60, 40}, {}}});
    test::sign(path, signer, {.field = "B"});
    const Document after = test::open(path);
    const auto key = after.form().find("A")->dictionary.get("StructParent").as_integer();
    REQUIRE(key);
    CHECK_FALSE(after.form().find("B")->dictionary.has("StructParent"));  // the document was signed by then
    const Dictionary catalog = must(after.view().catalog());
    const Dictionary root = *must(after.view().dictionary_at(catalog, "StructTreeRoot"));
    CHECK(root.get("ParentTreeNextKey").as_integer() == *key + 1);
    // The number tree leads from the key to the element, the element to the widget.
    std::optional<ObjectId> element;
    std::vector<Dictionary> nodes{*must(after.view().dictionary_at(root, "ParentTree"))};
    while (!nodes.empty()) {
      const Dictionary node = nodes.back();
      nodes.pop_back();
      const Object numbers = must(after.view().resolve(node, "Nums"));
      for (std::size_t i = 0; numbers.as_array() != nullptr && i + 1 < numbers.as_array()->size(); i += 2) {
        if ((*numbers.as_array())[i].as_integer() == key) element = (*numbers.as_array())[i + 1].as_reference();
      }
      const Object kids = must(after.view().resolve(node, "Kids"));
      for (std::size_t i = 0; kids.as_array() != nullptr && i < kids.as_array()->size(); ++i) {
        nodes.push_back(*must(after.view().resolve((*kids.as_array())[i])).as_dictionary());
      }
    }
    REQUIRE(element);
    const Object found = must(after.view().get(*element));
    CHECK(found.as_dictionary()->get("S").is_name("Form"));
    CHECK(found.as_dictionary()->get("K").as_dictionary()->get("Obj").as_reference() == after.form().find("A")->id);
    test::judge(name, test::quoted(path));
  }
}

TEST_CASE("developer extensions are declared once and where they are needed") {
  const auto extensions_after = [](const std::string& version, const std::string& catalog, auto&& declare) {
    const Document document = test::open(test::make_pdf(
        {"<< /Type /Catalog /Pages 2 0 R " + catalog + " >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
         "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"},
        "", version));
    IncrementalWriter writer(document.view());
    FormWriter form(document, writer);
    declare(form);
    const Object now = must(writer.get({1, 0}));
    return serialize(now.as_dictionary()->get("Extensions"));
  };
  const auto esic = [](FormWriter& form) {
    must(form.declare_extension("ESIC", "1.7", 1));
    must(form.declare_extension("ESIC", "1.7", 1));
  };
  const std::string declared = extensions_after("1.4", "", esic);
  CHECK(declared.find("/ESIC") != std::string::npos);
  CHECK(declared.find("/ExtensionLevel 1") != std::string::npos);
  CHECK(declared.find("ESIC", declared.find("ESIC") + 1) == std::string::npos);
  CHECK(extensions_after("2.0", "", esic) == "null");
  const std::string higher = "/Extensions << /ESIC << /BaseVersion /1.7 /ExtensionLevel 5 >> >>";
  CHECK(extensions_after("1.7", higher, esic).find("/ExtensionLevel 5") != std::string::npos);
  const auto iso = [](FormWriter& form) {
    must(form.declare_extension("ISO_", "2.0", 32001));
    must(form.declare_extension("ISO_", "2.0", 32002));
    must(form.declare_extension("ISO_", "2.0", 32001));
  };
  const std::string both = extensions_after("2.0", "", iso);
  CHECK(both.find("32001") != std::string::npos);
  CHECK(both.find("32002") != std::string::npos);
  CHECK(both.find("32001", both.find("32001") + 1) == std::string::npos);
}

#include "pdf/document/form_test_support.h"

using namespace kyso;
using namespace kyso::pdf;

// Why pyHanko cannot judge a sample whatever is done to it.
enum class Judge { strict, lenient, none };
static Judge judge_for(const std::string& name) {
  // Hybrid files are refused by its strict mode, and so are references to objects that do not exist.
  for (const char* lenient : {"hybrid-update.pdf", "minimal-hybrid-xref.pdf", "minimal-hybrid-xref-mswordstyle.pdf",
                              "gen1.pdf", "incremental-1.pdf"}) {
    if (name == lenient) return Judge::lenient;
  }
  // It reads no file whose header isn't at byte 0 and no metadata packet of 2003, stumbles over a direct object of one
  // sample, and the signature in another is false.
  for (const char* none : {"pdf20-offset-start.pdf", "leading-junk.pdf", "V4-aes.pdf", "hybrid-xref.pdf",
                           "pdfa-2b-docmdp-6-1-12-t02-pass-a.pdf"}) {
    if (name == none) return Judge::none;
  }
  return Judge::strict;
}

TEST_CASE("two signatures in every sample satisfy pyHanko") {
  const TestFolder folder;
  const test::OpensslSigner signer;
  std::string strict, lenient = "--lenient";
  for (const test::Sample& sample : test::all_samples()) {
    const std::string name = sample.path.filename().string();
    CAPTURE(name);
    const Document document = test::open(sample.path, sample.password);
    if (document.form().permissions().level() == 1) continue;
    const Judge kind = judge_for(name);
    if (kind == Judge::none) continue;
    const auto path = folder / name;
    std::filesystem::copy_file(sample.path, path);
    test::sign(path, signer, {.field = "Moi1"}, sample.password);
    test::sign(path, signer, {.field = "Moi2"}, sample.password);
    if (!sample.password.empty()) {
      test::judge(name, "--password " + sample.password + test::quoted(path));
    } else {
      (kind == Judge::strict ? strict : lenient) += test::quoted(path);
    }
  }
  test::judge("strict", strict);
  test::judge("lenient", lenient);
}

TEST_CASE("pdfsig finds the signatures where pyHanko cannot look") {
  const TestFolder folder;
  const test::OpensslSigner signer;
  for (const std::string name :
       {"own/pdf20-offset-start.pdf", "qpdf/leading-junk.pdf", "qpdf/V4-aes.pdf", "qpdf/hybrid-xref.pdf"}) {
    CAPTURE(name);
    const auto path = folder / "x.pdf";
    std::filesystem::copy_file(test::data(name), path, std::filesystem::copy_options::overwrite_existing);
    test::sign(path, signer, {.field = "Moi1"});
    test::sign(path, signer, {.field = "Moi2"});
    const auto report = test::run("pdfsig -nocert" + test::quoted(path));
    std::size_t valid = 0;
    for (std::size_t at = 0; (at = report.output.find("Signature is Valid", at)) != std::string::npos; ++at) ++valid;
    CHECK_MESSAGE(valid == 2, report.output);
  }
}

static TextRun run(std::string text, double size = 12) {
  return {std::move(text), FontStyle::regular, size, {}};
}

// The fields of a signing round, made before anybody signs.
static void prepare_round(FormWriter& form) {
  must(form.add_signature_field("LanhDao", {0, {345, 95, 495, 165}, {}}, std::nullopt));
  must(form.add_signature_field("CoQuan", {0, {290, 78, 395, 183}, {}},
                                FieldLock{LockAction::include, {"So", "NgayThang"}, {}}));
  must(form.add_text_field({"So", "Số của văn bản", {0, {10, 20, 150, 40}, {}}, run(""), Drawing::Align::left, false}));
  must(form.add_text_field(
      {"NgayThang", "", {0, {10, 60, 290, 80}, {}}, {"", FontStyle::italic, 13, {}}, Drawing::Align::centre, false}));
  must(form.add_button_field("GiapLai", {{0, {560, 300, 590, 400}, {}}}));
}

TEST_CASE("a signing round: leader certifies, clerk fills in, organisation signs and locks") {
  const TestFolder folder;
  const test::OpensslSigner signer;
  std::string files;
  for (const std::string name :
       {"vn-cong-van.pdf", "vn-quyet-dinh.pdf", "vn-to-trinh.pdf", "own/vn-cong-van-aes256.pdf",
        "own/vn-to-trinh-linearized.pdf", "pyhanko/minimal-xref.pdf", "pyhanko/minimal-two-fields-tagged.pdf",
        "pyhanko/simple-acroform-states.pdf", "verapdf/pdfa-4-form-6-4-1-t01-pass-b.pdf",
        "verapdf/pdfa-1b-form-6-5-3-t01-pass-a.pdf"}) {
    CAPTURE(name);
    const auto path = folder / test::data(name).filename();
    std::filesystem::copy_file(test::data(name), path);
    test::sign(path, signer,
               {.field = "LanhDao",
                .references = {2, std::nullopt},
                .existing = true,
                .before = [](FormWriter& form, IncrementalWriter&) { prepare_round(form); }});
    {
      const Document document = test::open(path);
      CHECK(document.form().permissions().level() == 2);
      REQUIRE(document.form().find("So") != nullptr);
      CHECK(document.form().find("So")->kind == FieldKind::text);
      CHECK(document.form().find("So")->widgets.at(0).rect == Rect{10, 20, 150, 40});
      CHECK(document.form().find("GiapLai.1")->kind == FieldKind::button);
      IncrementalWriter writer(document.view());
      FormWriter form(document, writer);
      CHECK(code_of(form.add_signature_field("Khac", {0, {0, 0, 9, 9}, {}}, std::nullopt)) ==
            "pdf.certified.new_visible_field");
      CHECK(code_of(form.add_text_field({"Khac", "", {0, {0, 0, 9, 9}, {}}, run(""), Drawing::Align::left, false})) ==
            "pdf.signed.forbids");
      CHECK(code_of(form.use_signature_field("LanhDao", std::nullopt)) == "pdf.field.signed");
      CHECK(code_of(form.bind_signature({1, 0}, {2, 0}, {1, std::nullopt})) == "pdf.certify.not_first");
      CHECK(writer.is_empty());
    }
    test::sign(path, signer,
               {.field = "CoQuan", .existing = true, .before = [](FormWriter& form, IncrementalWriter& writer) {
                  must(form.fill_text_field("So", "123/QĐ-UBND"));
                  must(form.fill_text_field("NgayThang", "Hà Nội, ngày 20 tháng 11 năm 2026"));
                  must(form.set_button_appearances("GiapLai", {test::red_box(writer)}));
                }});
    const Document document = test::open(path);
    CHECK(document.form().find("So")->value == "123/QĐ-UBND");
    CHECK(document.form().permissions().is_field_locked("So"));
    CHECK(document.form().permissions().is_field_locked("NgayThang"));
    CHECK_FALSE(document.form().permissions().is_field_locked("LanhDao"));
    IncrementalWriter writer(document.view());
    FormWriter form(document, writer);
    CHECK(code_of(form.fill_text_field("So", "124")) == "pdf.field.locked");
    CHECK(writer.is_empty());
    const auto text = test::run("pdftotext -layout" + test::quoted(path) + " -");
    CHECK_MESSAGE(text.output.find("123/QĐ-UBND") != std::string::npos, text.output);
    CHECK_MESSAGE(text.output.find("ngày 20 tháng 11 năm 2026") != std::string::npos, text.output);
    const auto checked = test::qpdf_check(path, "");
    CHECK_MESSAGE(checked.status == 0, checked.output);
    files += test::quoted(path);
  }
  test::judge("rounds", files);
}

TEST_CASE("permissions of earlier signatures are kept") {
  const TestFolder folder;
  const test::OpensslSigner signer;
  const auto path = folder / "x.pdf";
  std::filesystem::copy_file(test::data("own/signed-certified-p1.pdf"), path);
  {
    const Document document = test::open(path);
    IncrementalWriter writer(document.view());
    FormWriter form(document, writer);
    CHECK(code_of(form.add_signature_field("A", {}, std::nullopt)) == "pdf.certified.forbids");
    CHECK(code_of(form.add_stamp({0, {0, 0, 9, 9}, {}}, "x")) == "pdf.certified.forbids");
    CHECK(code_of(form.bind_signature({1, 0}, {2, 0}, {})) == "pdf.certified.forbids");
  }
  // A lock of everything: nothing may be signed any more, not even in a new field.
  std::filesystem::copy_file(test::data("own/two-empty-fields.pdf"), path,
                             std::filesystem::copy_options::overwrite_existing);
  test::sign(path, signer,
             {.field = "LanhDao", .references = {{}, FieldLock{LockAction::all, {}, {}}}, .existing = true});
  const Document document = test::open(path);
  CHECK_FALSE(document.form().permissions().level().has_value());
  IncrementalWriter writer(document.view());
  FormWriter form(document, writer);
  CHECK(code_of(form.use_signature_field("CoQuan", std::nullopt)) == "pdf.field.locked");
  CHECK(code_of(form.add_signature_field("Moi", {}, std::nullopt)) == "pdf.field.locked");
  CHECK(code_of(form.paint_on_page(0, {1, 0}, {})) == "pdf.signed.forbids");
  CHECK(writer.is_empty());
}

TEST_CASE("the lock of a field and that of the signer are put together") {
  const TestFolder folder;
  const test::OpensslSigner signer;
  const auto path = folder / "x.pdf";
  const auto locked_after = [&](std::optional<FieldLock> own, std::optional<FieldLock> wanted) {
    std::filesystem::copy_file(test::data("vn-cong-van.pdf"), path, std::filesystem::copy_options::overwrite_existing);
    test::sign(path, signer, {.field = "A", .new_lock = own, .references = {{}, wanted}});
    std::string locked;
    const Document document = test::open(path);
    for (const std::string name : {"a", "b", "c", "b.d"}) {
      if (document.form().permissions().is_field_locked(name)) locked += name + " ";
    }
    const Field* field = document.form().find("A");
    CHECK(must(Form::lock_of(document.view(), *field)).has_value() == own.has_value());
    return locked;
  };
  const auto include = [](std::vector<std::string> f) { return FieldLock{LockAction::include, std::move(f), {}}; };
  const auto exclude = [](std::vector<std::string> f) { return FieldLock{LockAction::exclude, std::move(f), {}}; };
  CHECK(locked_after(include({"a"}), std::nullopt) == "a ");
  CHECK(locked_after(std::nullopt, include({"b"})) == "b b.d ");
  CHECK(locked_after(include({"a"}), include({"b"})) == "a b b.d ");
  CHECK(locked_after(exclude({"a", "b"}), include({"b"})) == "b c b.d ");
  CHECK(locked_after(exclude({"a", "b"}), exclude({"b", "c"})) == "a c ");
  CHECK(locked_after(include({"a"}), FieldLock{LockAction::all, {}, {}}) == "a b c b.d ");
  test::judge("lock", test::quoted(path));
}

TEST_CASE("a lock with a level binds those who come later") {
  const TestFolder folder;
  const test::OpensslSigner signer;
  const auto path = folder / "x.pdf";
  std::filesystem::copy_file(test::data("vn-cong-van.pdf"), path);
  test::sign(path, signer, {.field = "A", .new_lock = FieldLock{LockAction::include, {"x"}, 1}});
  test::judge("level", test::quoted(path));
  const Document document = test::open(path);
  CHECK(document.form().permissions().level() == 1);
  IncrementalWriter writer(document.view());
  CHECK(code_of(FormWriter(document, writer).add_signature_field("B", {}, {})) == "pdf.certified.forbids");
}

TEST_CASE("one signature seen on several pages") {
  const TestFolder folder;
  const test::OpensslSigner signer;
  for (const std::string name : {"vn-to-trinh.pdf", "qpdf/c-linearized.pdf"}) {
    CAPTURE(name);
    const auto path = folder / test::data(name).filename();
    std::filesystem::copy_file(test::data(name), path);
    const Document before = test::open(path);
    IncrementalWriter writer(before.view());
    FormWriter form(before, writer);
    const ObjectId field = must(form.add_signature_field("Dau", {0, {500, 300, 520, 400}, test::red_box(writer)}, {}));
    for (std::size_t page = 1; page < 4; ++page) {
      must(form.add_widget(field, {page, {500, 300, 520, 400}, test::red_box(writer)}));
    }
    const ObjectId signature = writer.reserve();
    must(form.bind_signature(field, signature, {}));
    writer.set_signature(
        signature,
        {{"Type", Name{"Sig"}}, {"Filter", Name{"Adobe.PPKLite"}}, {"SubFilter", Name{"ETSI.CAdES.detached"}}}, 2000);
    const auto appendix = must(writer.finish(test::random_id()));
    test::save(path, test::whole(before, appendix.bytes));
    signer.sign(path, *appendix.slot);
    test::sign(path, signer, {.field = "Sau"});
    const Document after = test::open(path);
    const Field* read = after.form().find("Dau");
    REQUIRE(read != nullptr);
    CHECK(read->is_signed);
    REQUIRE(read->widgets.size() == 4);
    for (std::size_t page = 0; page < 4; ++page) CHECK(read->widgets[page].page == page);
    CHECK(test::qpdf_check(path, "").status == 0);
    test::judge(name, test::quoted(path));
  }
}

TEST_CASE("stamps and painted content, before a signature") {
  const TestFolder folder;
  const test::OpensslSigner signer;
  std::string files;
  for (const std::string name : {"vn-to-trinh.pdf", "qpdf/boxes.pdf", "pyhanko/minimal.pdf"}) {
    CAPTURE(name);
    const auto path = folder / test::data(name).filename();
    std::filesystem::copy_file(test::data(name), path);
    test::sign(path, signer, {.before = [](FormWriter& form, IncrementalWriter& writer) {
                 must(form.add_stamp({0, {100, 100, 130, 200}, test::red_box(writer)}, "Dấu giáp lai"));
                 const ObjectId box = test::red_box(writer);
                 must(form.paint_on_page(0, box, {1, 0, 0, 1, 200, 200}));
                 must(form.paint_on_page(0, box, {1, 0, 0, 1, 300, 200}));
               }});
    const Document after = test::open(path);
    const Page page = must(after.pages().page(0));
    const Object objects = must(after.view().resolve(page.resources, "XObject"));
    REQUIRE(objects.as_dictionary() != nullptr);
    CHECK(objects.as_dictionary()->has("Kyso1"));
    CHECK(objects.as_dictionary()->has("Kyso2"));
    const auto checked = test::qpdf_check(path, "");
    CHECK_MESSAGE(checked.status == 0, checked.output);
    // Seen by another renderer: three red bars of 30 x 100 points.
    const auto image = test::run("pdftoppm -r 72 -f 1 -l 1" + test::quoted(path) + test::quoted(folder / "page"));
    CHECK(image.status == 0);
    std::size_t red = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder / "")) {
      if (entry.path().extension() != ".ppm") continue;
      const Bytes pixels = test::file_bytes(entry.path());
      for (std::size_t i = 15; i + 2 < pixels.size(); i += 3) {
        red += pixels[i] > 250 && pixels[i + 1] < 5 && pixels[i + 2] < 5 ? 1 : 0;
      }
      std::filesystem::remove(entry.path());
    }
    CHECK(red > 0);
    files += test::quoted(path);
  }
  test::judge("stamps", files);
}

TEST_CASE("a document time-stamp is allowed by every certification and lock") {
  const TestFolder folder;
  const test::OpensslSigner signer;
  const auto certified = folder / "certified.pdf", locked = folder / "locked.pdf";
  std::filesystem::copy_file(test::data("own/signed-certified-p1.pdf"), certified);
  std::filesystem::copy_file(test::data("own/two-empty-fields.pdf"), locked);
  test::sign(locked, signer,
             {.field = "LanhDao", .references = {{}, FieldLock{LockAction::all, {}, {}}}, .existing = true});
  for (const auto& path : {certified, locked}) {
    const Document document = test::open(path);
    IncrementalWriter writer(document.view());
    FormWriter form(document, writer);
    const ObjectId field = must(form.add_time_stamp_field("DauThoiGian"));
    const ObjectId value = writer.reserve();
    CHECK(must(form.bind_signature(field, value, {})).is_null());
    writer.set_signature(
        value, {{"Type", Name{"DocTimeStamp"}}, {"Filter", Name{"Adobe.PPKLite"}}, {"SubFilter", Name{"ETSI.RFC3161"}}},
        3000);
    const auto appendix = must(writer.finish(test::random_id()));
    test::save(path, test::whole(document, appendix.bytes));
    signer.stamp(path, *appendix.slot);
    const Document after = test::open(path);
    REQUIRE(after.form().signatures().size() == 2);
    CHECK(after.form().signatures()[1].is_time_stamp);
    CHECK(test::qpdf_check(path, "").status == 0);
  }
  test::judge("time-stamps", test::quoted(certified) + test::quoted(locked));
}

#include "pdf/document/form.h"

#include "pdf/document/xmp.h"
#include "pdf/update/update_test_support.h"

using namespace kyso;
using namespace kyso::pdf;

namespace {

// A one-page document; object 4 is the form, 5 and up are `more`.
Document with_form(const std::string& form, const std::vector<std::string>& more, const std::string& annots = "") {
  std::vector<std::string> objects{"<< /Type /Catalog /Pages 2 0 R /AcroForm 4 0 R >>",
                                   "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
                                   "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] " + annots + " >>", form};
  objects.insert(objects.end(), more.begin(), more.end());
  return test::open(test::make_pdf(objects));
}

std::string names(const Form& form) {
  std::string all;
  for (const Field& field : form.fields()) all += field.name + " ";
  return all;
}

}  // namespace

TEST_CASE("the hierarchy gives fields their names and what they inherit") {
  const Document document = with_form(
      "<< /Fields [5 0 R 8 0 R 12 0 R 13 0 R (nonsense) 7 null] /DA (/Helv 11 Tf) /Q 1 >>",
      {"<< /T (form) /Kids [6 0 R 7 0 R] /FT /Tx /Ff 1 >>",                              // 5
       "<< /T <FEFF006E0067006100301> /Kids [9 0 R 10 0 R] /Parent 5 0 R /V (a) >>",     // 6: name with a lone nibble
       "<< /T (person) /Parent 5 0 R /Kids [11 0 R] /Ff 0 /MaxLen 9 >>",                 // 7
       "<< /T (one) /FT /Btn /Subtype /Widget /Rect [10 10 0 0] /P 3 0 R >>",            // 8
       "<< /Subtype /Widget /Rect [1 2 3 4] /Parent 6 0 R /P 3 0 R >>",                  // 9
       "<< /Subtype /Widget /Rect [5 6 7 8] /Parent 6 0 R >>",                           // 10
       "<< /T (name) /Parent 7 0 R /V (b) /Subtype /Widget /Rect [0 0 1 1] >>",          // 11
       "<< /T (chon) /FT /Ch /V [(x) (y)] >>",                                           // 12
       "<< /T (ky) /FT /Sig /Lock 14 0 R /SV 15 0 R >>",                                 // 13
       "<< /Type /SigFieldLock /Action /Include /Fields [(form.person) (one)] /P 2 >>",  // 14
       "<< /Ff 66 /SubFilter [/ETSI.CAdES.detached] /DigestMethod [(SHA256)] /Reasons [(r)] /MDP << /P 0 >> /Filter /X "
       ">>"},
      "/Annots [8 0 R 9 0 R 10 0 R]");
  const Form& form = document.form();
  REQUIRE(form.fields().size() == 5);
  CHECK(form.fields()[0].name.starts_with("form.nga"));
  const Field& two = form.fields()[0];
  CHECK(two.kind == FieldKind::text);
  CHECK(two.value == "a");
  CHECK(two.is_read_only);
  CHECK(two.dictionary.get("DA").as_string()->bytes == "/Helv 11 Tf");
  REQUIRE(two.widgets.size() == 2);
  CHECK(two.widgets[0].rect == Rect{1, 2, 3, 4});
  CHECK(two.widgets[1].page == 0);
  const Field* nested = form.find("form.person.name");
  REQUIRE(nested != nullptr);
  CHECK(nested->value == "b");
  CHECK_FALSE(nested->is_read_only);
  CHECK(nested->dictionary.get("MaxLen").as_integer() == 9);
  CHECK(nested->widgets.at(0).page == kNoPage);
  CHECK(form.find("one")->widgets.at(0).rect == Rect{0, 0, 10, 10});
  CHECK(form.find("chon")->value == "x, y");
  CHECK(form.find("nothing") == nullptr);
  const Field& signature = *form.find("ky");
  const auto lock = must(Form::lock_of(document.view(), signature));
  REQUIRE(lock);
  CHECK(lock->permissions == 2);
  CHECK(lock->locks("form.person.name"));
  CHECK(lock->locks("form.person"));
  CHECK_FALSE(lock->locks("form.personal"));
  CHECK_FALSE(lock->locks("form"));
  const auto seed = must(Form::seed_value_of(document.view(), signature));
  REQUIRE(seed);
  CHECK(seed->sub_filter_required);
  CHECK(seed->digest_required);
  CHECK_FALSE(seed->reasons_required);
  CHECK_FALSE(seed->filter_required);
  CHECK(seed->certification == 0);
  CHECK(seed->digest_methods == std::vector<std::string>{"SHA256"});
  CHECK(form.unused_name("on") == "on1");
}

TEST_CASE("widgets that the form does not list are found on the page") {
  const Document document =
      with_form("<< /Fields [] >>",
                {"<< /FT /Sig /T (le) /Subtype /Widget /Rect [0 0 5 5] >>",   // 5: merged
                 "<< /FT /Tx /T (cha) /V (v) >>",                             // 6: parent of two
                 "<< /Parent 6 0 R /Subtype /Widget /Rect [0 0 6 6] >>",      // 7
                 "<< /Parent 6 0 R /Subtype /Widget /Rect [0 0 7 7] >>",      // 8
                 "<< /Subtype /Widget /Rect [0 0 8 8] >>",                    // 9: of no field
                 "<< /Subtype /Widget /Parent 10 0 R /T (vong) /FT /Tx >>"},  // 10: its own parent
                "/Annots [5 0 R 7 0 R 8 0 R 9 0 R 10 0 R 5 0 R]");
  CHECK(names(document.form()) == "le cha vong ");
  CHECK(document.form().find("cha")->widgets.size() == 2);
  CHECK(document.form().find("cha")->value == "v");
  CHECK(document.form().find("cha")->id == ObjectId{6, 0});
  CHECK(document.form().find("le")->widgets.at(0).page == 0);
}

TEST_CASE("hostile forms end") {
  SUBCASE("rings") {
    const Document document = with_form("<< /Fields [5 0 R 5 0 R 6 0 R] >>",
                                        {"<< /T (a) /Kids [6 0 R 5 0 R] >>", "<< /T (b) /FT /Tx /Kids [5 0 R] >>"});
    CHECK(document.form().fields().size() <= 1);
  }
  SUBCASE("a tower") {
    std::vector<std::string> more;
    for (int i = 5; i < 3000; ++i) more.push_back(fmt::format("<< /T (x) /Kids [{} 0 R] >>", i + 1));
    more.push_back("<< /T (x) /FT /Tx >>");
    std::vector<std::string> objects{"<< /Type /Catalog /Pages 2 0 R /AcroForm 4 0 R >>",
                                     "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", "<< /Type /Page >>",
                                     "<< /Fields [5 0 R] >>"};
    objects.insert(objects.end(), more.begin(), more.end());
    CHECK(code_of(Document::open(Source::from_bytes(test::make_pdf(objects)))) == "pdf.limit");
  }
  SUBCASE("a form that is none") {
    CHECK(with_form("[1 2 3]", {}).form().fields().empty());
    CHECK(with_form("<< /Fields (x) >>", {}).form().fields().empty());
    CHECK(with_form("null", {}).form().fields().empty());
  }
  SUBCASE("signature dictionaries full of nonsense") {
    const Document document = with_form(
        "<< /Fields [5 0 R 6 0 R 7 0 R 8 0 R] >>",
        {"<< /T (a) /FT /Sig /V << /ByteRange [0 -1 9223372036854775807 9223372036854775807] /Contents /x >> >>",
         "<< /T (b) /FT /Sig /V << /ByteRange (x) /Reference [<< /TransformMethod /DocMDP /TransformParams "
         "<< /P 7 >> >> 5 (x)] >> >>",
         "<< /T (c) /FT /Sig /V (x) >>", "<< /T (d) /FT /Sig /V << /ByteRange [0 1 2] /Contents () >> >>"});
    CHECK(document.form().signatures().size() == 3);
    CHECK(document.form().find("c")->is_signed == false);
    CHECK(document.form().permissions().certification == 1);  // a level that does not exist allows nothing
    for (const SignatureInfo& info : document.form().signatures()) {
      CHECK(info.covered_revision == static_cast<std::size_t>(-1));
    }
  }
}

TEST_CASE("signatures of real files, in the order of what they cover") {
  const Document twice = test::open(test::data("own/signed-certified-p2-then-approval.pdf"));
  REQUIRE(twice.form().signatures().size() == 2);
  const SignatureInfo& leader = twice.form().signatures()[0];
  const SignatureInfo& organisation = twice.form().signatures()[1];
  CHECK(leader.field == "LanhDao");
  CHECK(leader.certification == 2);
  CHECK(leader.is_in_permissions);
  CHECK(organisation.field == "CoQuan");
  CHECK_FALSE(organisation.certification.has_value());
  CHECK(leader.covered_revision + 1 == organisation.covered_revision);
  CHECK(organisation.covered_revision + 1 == twice.graph().revisions().size());
  CHECK(leader.contents.starts_with("\x30\x82"));
  CHECK(twice.form().permissions().level() == 2);
  CHECK(test::open(test::data("own/signed-certified-p1.pdf")).form().permissions().level() == 1);

  const Document archive = test::open(test::data("pyhanko/pades-lta-dss-indirect-arrs-test.pdf"));
  REQUIRE(archive.form().signatures().size() == 2);
  CHECK_FALSE(archive.form().signatures()[0].is_time_stamp);
  CHECK(archive.form().signatures()[1].is_time_stamp);

  // The value of an encrypted file's signature is not encrypted.
  const Document encrypted = test::open(test::data("own/signed-aes256.pdf"));
  REQUIRE(encrypted.form().signatures().size() == 1);
  CHECK(encrypted.form().signatures()[0].contents.starts_with("\x30\x82"));

  const Document empty = test::open(test::data("own/two-empty-fields.pdf"));
  CHECK(names(empty.form()) == "LanhDao CoQuan ");
  CHECK(empty.form().find("LanhDao")->widgets.at(0).rect == Rect{345, 95, 495, 165});
  CHECK_FALSE(empty.form().permissions().is_signed);
  CHECK(test::open(test::data("pyhanko/minimal.pdf")).form().fields().empty());
}

TEST_CASE("what documents declare") {
  const Document first = test::open(test::data("vn-to-trinh.pdf"));
  CHECK(first.conformance().pdfa_part == 1);
  CHECK(first.conformance().pdfa_level == "A");
  CHECK(first.conformance().is_tagged);
  CHECK_FALSE(first.conformance().allows_transparency());
  CHECK(first.conformance().max_string_bytes() == 65535);
  CHECK(first.version() == 14);
  const Document second = test::open(test::data("vn-quyet-dinh.pdf"));
  CHECK(second.conformance().pdfa_part == 2);
  CHECK(second.conformance().pdfa_level == "B");
  CHECK(second.conformance().has_rgb_output_intent);
  CHECK(test::open(test::data("verapdf/pdfa-4-form-6-4-1-t01-pass-b.pdf")).conformance().pdfa_part == 4);
  CHECK(test::open(test::data("verapdf/pdfa-3b-attachment-6-8-t02-pass-b.pdf")).conformance().pdfa_part == 3);
  CHECK(test::open(test::data("pyhanko/minimal-pdf-ua-and-a.pdf")).conformance().pdf_ua);
  const Document plain = test::open(test::data("pyhanko/minimal.pdf"));
  CHECK(plain.conformance().pdfa_part == 0);
  CHECK_FALSE(plain.conformance().is_tagged);
  CHECK(plain.title().empty());
  CHECK(test::open(test::data("own/pdf20-incremental.pdf")).version() == 20);
}

TEST_CASE("titles, from the information dictionary or the metadata packet") {
  const std::vector<std::string> objects{
      "<< /Type /Catalog /Pages 2 0 R /Metadata 5 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      "<< /Type /Page /Parent 2 0 R >>", "<< /Title <FEFF1ED41EDF> >>",
      "<< /Type /Metadata /Subtype /XML /Length 252 >>\nstream\n<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF "
      "xmlns:rdf='r' xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title><rdf:Alt><rdf:li xml:lang='x-default'>"
      "T\xE1\xBB\x9D tr\xC3\xACnh &amp; d\xE1\xBB\xB1 to\xC3\xA1n &#x111;</rdf:li></rdf:Alt></dc:title></rdf:RDF>"
      "</x:xmpmeta>          \nendstream"};
  CHECK(test::open(test::make_pdf(objects, "/Info 4 0 R")).title() == "Ổở");
  CHECK(test::open(test::make_pdf(objects)).title() == "Tờ trình & dự toán đ");
}

TEST_CASE("properties of metadata packets in all their spellings") {
  const std::string uri = "http://www.aiim.org/pdfa/ns/id/";
  const auto part = [&](const std::string& text) { return xmp_property(text, uri, "part").value_or("none"); };
  CHECK(part("<d xmlns:pdfaid='" + uri + "' pdfaid:part='2'/>") == "2");
  CHECK(part("<d xmlns:a=\"" + uri + "\"\n a:part = \"3\"/>") == "3");
  CHECK(part("<d xmlns:a=\"" + uri + "\"><a:part>1</a:part></d>") == "1");
  CHECK(part("<d xmlns:a=\"" + uri + "\"><a:part > 4 </a:part></d>") == "4");
  CHECK(part("<d xmlns:a=\"" + uri + "\"><a:partial>1</a:partial></d>") == "none");
  CHECK(part("<d xmlns:a=\"" + uri + "x\"><a:part>1</a:part></d>") == "none");
  CHECK(part("<d xmlns:a=\"other\" a:part='1'/>") == "none");
  CHECK(part("") == "none");
  CHECK(part("<d xmlns:a=\"" + uri + "\"><a:part") == "none");
  CHECK(part("<d xmlns:a=\"" + uri + "\"><a:part>1") == "none");
  std::string hostile = "<d xmlns:a=\"" + uri + "\">";
  for (int i = 0; i < 500'000; ++i) hostile += "<a:part ";
  CHECK(part(hostile) == "none");
  const std::string utf16 = "\xFE\xFF" + std::string(as_chars(to_bytes(std::string_view("\0a\0b", 4))));
  CHECK(xmp_as_utf8(utf16) == "ab");
}

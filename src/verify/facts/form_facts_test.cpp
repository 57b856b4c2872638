// Signatures of every revision, fields, certification, stored data, ink: the numbered cases 13 to 16, 28, 29 and 31 of
// docs/verify.md.
#include "verify/facts/test_signed_pdf.h"

namespace kyso::verify {
namespace {

using namespace test;

// The catalog of an update with other fields.
SignedPdf with_fields(std::string_view fields) {
  SignedPdf pdf = SignedPdf::signed_once();
  pdf.fields = fields;
  pdf.catalog().table();
  return pdf;
}

std::string reference(std::string_view parameters, std::string_view method = "/DocMDP") {
  return fmt::format("/Reference [<< /Type /SigRef /TransformMethod {} /TransformParams {} >>]", method, parameters);
}
constexpr std::string_view kPerms = "/Perms << /DocMDP 7 0 R >>";

DocumentFacts certified(std::string_view reference_text, std::string_view perms = kPerms) {
  return facts_of(SignedPdf::signed_once(reference_text, {}, perms).text);
}

}  // namespace

TEST_CASE("13b: a later revision says something else about the signature") {
  const auto redefine = [](std::string_view from, std::string_view to) {
    SignedPdf pdf = SignedPdf::signed_once("/Reason (One)");
    const std::size_t begin = pdf.text.find("<< /Type /Sig");
    std::string copy = pdf.text.substr(begin, pdf.text.find("endobj", begin) - begin);
    copy.replace(copy.find(from), from.size(), to);
    pdf.object(7, copy).table();
    return facts_of(pdf.text);
  };
  const DocumentFacts changed = redefine("(One)", "(Two)");
  REQUIRE(changed.signatures.size() == 1);
  CHECK(signature_codes(changed) == "sigdict.redefined");
  CHECK(changed.signatures[0].reason == "One");  // as it was signed
  CHECK(changed.signatures[0].findings[0].revision == 2);
  const DocumentFacts rewritten = redefine("/Reason (One)", "  /Reason  (One)");  // equal, but at another place (7c)
  REQUIRE(rewritten.signatures.size() == 1);
  CHECK(signature_codes(rewritten) == "contents.gap-mismatch");
}

TEST_CASE("14: a signature that a later revision removed is found") {
  std::vector<SignedPdf> files;
  files.push_back(SignedPdf::signed_once());
  files.back().object(6, "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Sig1) /Rect [0 0 0 0] /P 3 0 R >>").table();
  files.push_back(with_fields(""));  // dropped from /Fields; the page still shows its widget
  files.push_back(SignedPdf::signed_once());
  files.back().object(6, "<< /Subtype /Widget /FT /Sig /T (Sig1) /V null /Rect [0 0 0 0] >>").table();
  files.push_back(SignedPdf::signed_once());
  files.back().object(1, "<< /Type /Catalog /Pages 2 0 R >>").table();
  files.push_back(SignedPdf::signed_once());
  const std::size_t start = files.back().text.size();
  files.back().text += fmt::format("xref\n7 1\n0000000000 00001 f \ntrailer\n<< /Root 1 0 R /Size 100 /Prev {} >>\n",
                                   files.back().last_xref);
  files.back().end(start);
  for (std::size_t i = 0; i < files.size(); ++i) {
    CAPTURE(i);
    const DocumentFacts facts = facts_of(files[i].text);
    REQUIRE(facts.signatures.size() == 1);
    CHECK(facts.signatures[0].removed_in == 1);
    CHECK(facts.signatures[0].revision == 0);
    CHECK(!facts.signatures[0].digest.empty());
    const Finding* removed = find(facts.findings, "signature.removed");
    REQUIRE(removed != nullptr);
    CHECK(removed->revision == 2);
  }
  const DocumentFacts kept = facts_of(with_fields("6 0 R").text);
  CHECK(!kept.signatures.at(0).removed_in);
  CHECK(find(kept.findings, "signature.removed") == nullptr);
}

TEST_CASE("14: removed and added again by the next revision") {
  SignedPdf pdf = with_fields("");
  pdf.fields = "6 0 R";
  pdf.catalog().table();
  const DocumentFacts facts = facts_of(pdf.text);
  REQUIRE(facts.signatures.size() == 1);
  CHECK(!facts.signatures[0].removed_in);
}

TEST_CASE("15: two fields with one signature, one field with several widgets") {
  SignedPdf pdf = SignedPdf::signed_once();
  pdf.fields = "6 0 R 8 0 R";
  pdf.catalog().field(8, 7, "Sig2").table();
  const DocumentFacts shared = facts_of(pdf.text);
  REQUIRE(shared.signatures.size() == 1);
  CHECK(shared.signatures[0].field == "Sig1");
  CHECK(shared.signatures[0].shared_fields == std::vector<std::string>{"Sig2"});
  CHECK(signature_codes(shared) == "signature.shared-by-fields");
  CHECK(shared.signatures[0].findings[0].severity == Severity::warning);

  SignedPdf certified_pdf = SignedPdf::signed_once(reference("<< /P 2 >>"), {}, kPerms);
  certified_pdf.fields = "6 0 R 8 0 R";
  certified_pdf.catalog().field(8, 7, "Sig2").table();
  const DocumentFacts failing = facts_of(certified_pdf.text);
  CHECK(find(failing.signatures.at(0).findings, "signature.shared-by-fields")->severity == Severity::failure);

  SignedPdf many;
  many.base();
  many.object(6, "<< /FT /Sig /T (Sig1) /V 7 0 R /Kids [8 0 R 9 0 R] >>");
  many.object(8, "<< /Subtype /Widget /Parent 6 0 R /Rect [0 0 10 10] /P 3 0 R >>");
  many.object(9, "<< /Subtype /Widget /Parent 6 0 R /Rect [20 0 30 10] /P 3 0 R >>");
  many.object(7, SignedPdf::dictionary()).table();
  many.finish();
  const DocumentFacts widgets = facts_of(many.text);
  CHECK(signature_codes(widgets) == "field.many-widgets");
  REQUIRE(widgets.signatures.at(0).widgets.size() == 2);
  CHECK(widgets.signatures[0].widgets[1].rect == pdf::Rect{20, 0, 30, 10});
}

TEST_CASE("16: equal partial names are fine, equal full names are not") {
  const auto make = [](std::string_view second_parent) {
    SignedPdf pdf;
    pdf.fields = "20 0 R 21 0 R";
    pdf.base();
    pdf.object(20, "<< /T (a) /Kids [6 0 R] >>");
    pdf.object(21, fmt::format("<< /T ({}) /Kids [8 0 R] >>", second_parent));
    pdf.field(6, 7, "sig", "/Parent 20 0 R").field(8, 9, "sig", "/Parent 21 0 R");
    pdf.object(7, SignedPdf::dictionary());
    pdf.object(9, "<< /Type /Sig /SubFilter /ETSI.CAdES.detached >>").table();
    pdf.finish();
    return facts_of(pdf.text);
  };
  const DocumentFacts fine = make("b");
  REQUIRE(fine.signatures.size() == 2);
  CHECK(find(fine.signatures[0].findings, "field.duplicate-name") == nullptr);
  CHECK(fine.signatures[0].field == "a.sig");
  CHECK(fine.signatures[1].field == "b.sig");
  const DocumentFacts twice = make("a");
  CHECK(find(twice.signatures.at(0).findings, "field.duplicate-name") != nullptr);
}

TEST_CASE("28: certification") {
  DocumentFacts facts = certified(reference("<< /P 1 >>"));
  CHECK(signature_codes(facts).empty());
  CHECK(facts.signatures[0].certification == 1);
  facts = certified(reference("<< >>"));  // h: P missing means 2
  CHECK(signature_codes(facts).empty());
  CHECK(facts.signatures[0].certification == 2);
  for (const std::string_view level : {"0", "4", "2.0", "(2)"}) {
    CAPTURE(level);
    facts = certified(reference(fmt::format("<< /P {} >>", level)));
    CHECK(signature_codes(facts) == "certification.level");
    CHECK(facts.signatures[0].certification == 1);
  }
  CHECK(signature_codes(certified(reference("<< /P 2 /P 3 >>"))) == "certification.duplicate");
  CHECK(signature_codes(certified("/Reference [<< /TransformMethod /DocMDP >> << /TransformMethod /DocMDP >>]")) ==
        "certification.duplicate");
  CHECK(signature_codes(certified(reference("<< >>", "/Other"))).starts_with("certification.method-unknown"));
  facts = certified(reference("<< /P 2 >>"), "");  // j
  CHECK(signature_codes(facts) == "certification.no-perms");
  CHECK(!facts.signatures[0].certification);
  CHECK(facts.signatures[0].findings[0].severity == Severity::warning);
  for (const std::string_view perms : {"/Perms << /DocMDP 5 0 R >>", "/Perms << /DocMDP null >>"}) {
    CHECK(signature_codes(certified(reference("<< /P 2 >>"), perms)) == "certification.perms-mismatch");
  }
}

TEST_CASE("28: a certification that is not the first, and a second one") {
  SignedPdf pdf = SignedPdf::signed_once();
  pdf.catalog_extra = "/Perms << /DocMDP 9 0 R >>";
  const std::size_t from = pdf.text.size();
  pdf.fields = "6 0 R 8 0 R";
  pdf.catalog().field(8, 9, "Sig2").object(9, SignedPdf::dictionary(reference("<< /P 2 >>"))).table();
  pdf.finish(from);
  CHECK(signature_codes(facts_of(pdf.text), 1) == "certification.not-first");

  SignedPdf two = SignedPdf::signed_once(reference("<< /P 3 >>"), {}, kPerms);
  two.catalog_extra = "/Perms << /DocMDP 9 0 R >>";
  const std::size_t second = two.text.size();
  two.fields = "6 0 R 8 0 R";
  two.catalog().field(8, 9, "Sig2").object(9, SignedPdf::dictionary(reference("<< /P 2 >>"))).table();
  two.finish(second);
  CHECK(signature_codes(facts_of(two.text), 0).empty());
  CHECK(signature_codes(facts_of(two.text), 1) == "certification.several");
}

TEST_CASE("28: parameters in an object of their own") {
  const auto make = [](std::string_view later) {
    SignedPdf pdf;
    pdf.catalog_extra = kPerms;
    pdf.base().field(6, 7).object(20, "<< /Type /TransformParams /P 2 /V /1.2 >>");
    pdf.object(7, SignedPdf::dictionary(reference("20 0 R"))).table();
    pdf.finish();
    if (!later.empty()) pdf.object(20, later).table();
    return facts_of(pdf.text);
  };
  CHECK(signature_codes(make("")) == "certification.indirect");
  CHECK(signature_codes(make("<< /P 2 /Type /TransformParams /V /1.2 >>")) == "certification.indirect");
  const DocumentFacts raised = make("<< /Type /TransformParams /P 3 /V /1.2 >>");
  CHECK(signature_codes(raised) == "certification.indirect certification.redefined");
  CHECK(raised.signatures[0].certification == 2);
}

TEST_CASE("29: a lock of fields") {
  const DocumentFacts facts =
      facts_of(SignedPdf::signed_once(reference("<< /Action /Include /Fields [(form.person)] >>", "/FieldMDP")).text);
  REQUIRE(facts.signatures.at(0).field_lock);
  CHECK(facts.signatures[0].field_lock->locks("form.person.name"));
  CHECK(!facts.signatures[0].field_lock->locks("form.personal"));
  CHECK(signature_codes(facts).empty());
  CHECK(signature_codes(facts_of(SignedPdf::signed_once(reference("<< /Action /Foo >>", "/FieldMDP")).text)) ==
        "certification.lock");
}

TEST_CASE("29: /P of the field's own /Lock") {
  const std::string lock = "/Lock << /Type /SigFieldLock /Action /All /P 1 >>";
  // Which fields are locked says the reference alone.
  const DocumentFacts alone = facts_of(SignedPdf::signed_once({}, lock).text);
  REQUIRE(alone.signatures.at(0).field_lock);
  CHECK(alone.signatures[0].field_lock->permissions == 1);
  CHECK(!alone.signatures[0].field_lock->locks("form"));
  const auto both = [&](std::string_view field_extra, std::string_view level) {
    const std::string parameters = fmt::format("<< /Action /Include /Fields [(form)] {} >>", level);
    return facts_of(SignedPdf::signed_once(reference(parameters, "/FieldMDP"), field_extra).text)
        .signatures.at(0)
        .field_lock;
  };
  REQUIRE(both(lock, "/P 3"));
  CHECK(both(lock, "/P 3")->permissions == 1);
  CHECK(both(lock, "/P 3")->locks("form"));
  CHECK(both("/Lock << /Action /All /P 3 >>", "/P 2")->permissions == 2);
  CHECK(both("/Lock << /Action /All /P 7 >>", "")->permissions == std::nullopt);
  CHECK(both("/Lock << /Action /All >>", "")->permissions == std::nullopt);
  CHECK(!facts_of(SignedPdf::signed_once({}, "/Lock << /Action /All >>").text).signatures.at(0).field_lock);
  // A lock that comes later binds nobody.
  SignedPdf later = SignedPdf::signed_once();
  later.field(6, 7, "Sig1", lock).table();
  CHECK(!facts_of(later.text).signatures.at(0).field_lock);
}

TEST_CASE("signatures that stand directly in their field") {
  SignedPdf pdf;
  pdf.base();
  pdf.object(6,
             fmt::format("<< /Subtype /Widget /FT /Sig /T (Sig1) /Rect [0 0 0 0] /V {} >>", SignedPdf::dictionary()));
  pdf.table();
  pdf.finish();
  const DocumentFacts facts = facts_of(pdf.text);
  REQUIRE(facts.signatures.size() == 1);
  CHECK(signature_codes(facts).empty());
  CHECK(facts.signatures[0].object == 0);
  CHECK(facts.signatures[0].offset == pdf.text.find("<< /Type /Sig"));
  // Twin: the field written again with the same value.
  const std::size_t begin = pdf.text.find("<< /Subtype /Widget /FT");
  SignedPdf again = pdf;
  again.object(6, pdf.text.substr(begin, pdf.text.find("endobj", begin) - begin)).table();
  REQUIRE(facts_of(again.text).signatures.size() == 1);
  CHECK(!facts_of(again.text).signatures[0].removed_in);
}

TEST_CASE("a signature field that only the page names") {
  SignedPdf pdf;
  pdf.fields = "";
  pdf.base().field(6, 7).object(7, SignedPdf::dictionary()).table();
  pdf.finish();
  const DocumentFacts facts = facts_of(pdf.text);
  REQUIRE(facts.signatures.size() == 1);
  CHECK(signature_codes(facts) == "field.unlisted");
}

TEST_CASE("the document security store, item by item") {
  SignedPdf pdf = SignedPdf::signed_once();
  const auto with_store = [&](std::string_view store) {
    pdf.catalog_extra = fmt::format("/DSS << {} >>", store);
    pdf.catalog().table();
  };
  pdf.stream(20, "", "certificate one").stream(21, "", "certificate two").stream(22, "", "list");
  with_store("/Certs [20 0 R 21 0 R 20 0 R] /CRLs [22 0 R] /VRI << /ABCD << /Cert [21 0 R] >> >>");
  pdf.stream(23, "", "certificate one");  // the same bytes again
  with_store("/Certs [20 0 R 23 0 R]");
  const DocumentFacts facts = facts_of(pdf.text);
  REQUIRE(facts.stored.size() == 3);
  CHECK(facts.stored[0].der == to_bytes("certificate one"));
  CHECK(facts.stored[0].revision == 1);
  CHECK(!facts.stored[0].dropped_in);
  CHECK(facts.stored[1].der == to_bytes("certificate two"));
  CHECK(facts.stored[1].dropped_in == 2);
  CHECK(facts.stored[2].kind == StoredItem::Kind::crl);
  CHECK(facts.stored[2].dropped_in == 2);
  REQUIRE(facts.vri.size() == 1);
  CHECK(facts.vri[0].key == "ABCD");
  CHECK(facts.vri[0].items == std::vector<std::size_t>{1});
}

TEST_CASE("stored data and time-stamps of files that others made") {
  const DocumentFacts facts = facts_of(sample("pyhanko/pades-lta-dss-indirect-arrs-test.pdf"));
  REQUIRE(facts.signatures.size() == 2);
  CHECK(facts.signatures[0].kind == SignatureKind::signature);
  CHECK(facts.signatures[1].kind == SignatureKind::document_time_stamp);
  CHECK(facts.signatures[1].digest_algorithm == crypto::DigestAlgorithm::sha256);
  CHECK(facts.signatures[1].digest.size() == 32);
  CHECK(facts.stored.size() == 7);
}

TEST_CASE("the ink of visible signatures") {
  const DocumentFacts facts = facts_of(sample("own/signed-certified-p2-then-approval.pdf"));
  REQUIRE(facts.signatures.size() == 2);
  CHECK(facts.signatures[0].ink == "blue");
  CHECK(facts.signatures[1].ink == "red");
  const auto with_fill = [](std::string_view content) {
    SignedPdf pdf;
    pdf.base();
    pdf.object(6,
               "<< /Subtype /Widget /FT /Sig /T (Sig1) /Rect [10 10 60 60] /V 7 0 R /AP << /N 20 0 R >> /P 3 0 R >>");
    pdf.stream(20, "/Type /XObject /Subtype /Form /BBox [0 0 50 50]", content);
    pdf.object(7, SignedPdf::dictionary()).table();
    pdf.finish();
    return facts_of(pdf.text).signatures.at(0).ink;
  };
  CHECK(with_fill("0.85 0.1 0.1 rg 0 0 50 50 re f") == "red");
  CHECK(with_fill("0 0.1 0.7 RG 0 0 50 50 re S") == "blue");
  CHECK(with_fill("0 0 0 rg 0 0 50 50 re f") == "");
  CHECK(with_fill("0 1 1 0 k 0 0 50 50 re f") == "red");
}

}  // namespace kyso::verify

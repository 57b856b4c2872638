#include "verify/changes/test_revisions.h"

// Content, catalog, metadata: cases 14, 18, 21 of the list of verification cases and their harmless twins.
namespace kyso::verify::test {
namespace {

TEST_CASE("names of kinds of changes lead back to them") {
  for (int i = 0; i <= static_cast<int>(ChangeKind::unknown); ++i) {
    const auto kind = static_cast<ChangeKind>(i);
    CHECK(change_kind_by_name(name_of(kind)) == kind);
  }
  CHECK_FALSE(change_kind_by_name("something"));
}

TEST_CASE("an object written again with an equal value is no change") {
  CHECK(judged({{4, signed_document().at(4)}}) == "none change.none");
  CHECK(judged({{2, "<< /Count 1 /Kids [ 3 0 R ] /Type /Pages >>"}}) == "none change.none");
  CHECK(judged({{2, "<< /Count 1 /Kids [ 3 0 R ] /Type /Pages /Lang null >>"}}) == "none change.none");
  // The same data under another filter.
  std::string hex;
  for (const char c : std::string("BT /F1 14 Tf 50 100 Td (Hello signed world) Tj ET")) hex += fmt::format("{:02x}", c);
  CHECK(judged({{4, stream_object(hex + ">", "/Filter/ASCIIHexDecode")}}) == "none change.none");
  CHECK(judged({}) == "");
}

TEST_CASE("a new object that nothing leads to is no change, unless something signed does") {
  CHECK(judged({{90, "<</Type/Catalog/Pages 2 0 R>>"}}) == "");
  // A reference that led nowhere when the document was signed: hide and replace.
  Objects base = signed_document();
  base[6] = "<</Font<</F1 5 0 R>>/XObject<</X1 7 0 R/X2 91 0 R>>>>";
  CHECK(label(RevisedPdf(base).update({{91, form_object("0 g 0 0 300 200 re f", "0 0 300 200")}}).changes()) ==
        "content change.xobject");
}

TEST_CASE("changed content is named by what changed") {
  struct Case {
    Objects update;
    std::string code;
  };
  const std::vector<Case> cases{
      {{{4, stream_object("BT /F1 14 Tf 50 100 Td (Hello forged world) Tj ET")}}, "change.content-stream"},
      {{{3, replaced(3, "/Contents 4 0 R", "/Contents 90 0 R")}, {90, stream_object("")}}, "change.page-content"},
      {{{3, replaced(3, "/Contents 4 0 R", "/Contents[4 0 R 90 0 R]")}, {90, stream_object("")}},
       "change.page-content"},
      {{{7, form_object("1 g 0 0 300 200 re f", "0 0 300 200")}}, "change.xobject"},
      {{{6, "<</Font<</F1 90 0 R>>>>"}, {90, "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>"}}, "change.resources"},
      {{{3, replaced(3, "/Resources 6 0 R", "/Resources<<>>")}}, "change.resources"},
      {{{3, replaced(3, "[0 0 300 200]", "[0 0 300 150]")}}, "change.page-box"},
      {{{3, extended(3, "/CropBox[0 0 100 100]")}}, "change.page-box"},
      {{{3, extended(3, "/Rotate 90")}}, "change.page-box"},
      {{{3, extended(3, "/UserUnit 2")}}, "change.page-box"},
      {{{3, extended(3, "/AA<</O<</S/JavaScript/JS(x)>>>>")}}, "change.action"},
      {{{2, "<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2>>"}}, "change.page-tree"},
      {{{2, "<</Type/Pages/Kids[3 0 R]/Count 1/Rotate 90>>"}}, "change.page-tree"},
      {{{1, replaced(1, "/Pages 2 0 R", "/Pages 90 0 R")}, {90, "<</Type/Pages/Kids[3 0 R]/Count 1>>"}},
       "change.page-tree"},
      {{{1, extended(1, "/OpenAction<</S/JavaScript/JS(x)>>")}}, "change.action"},
      {{{1, extended(1, "/AA<<>>")}}, "change.action"},
      {{{13, "<</OCGs[15 0 R]/D<</OFF[15 0 R]>>>>"}}, "change.optional-content"},
      {{{1, replaced(1, "/OCProperties 13 0 R", "")}}, "change.optional-content"},
      {{{15, "<</Type/OCG/Name(Other)>>"}}, "change.optional-content"},
      {{{11, "<</Dests 14 0 R/JavaScript 90 0 R>>"}, {90, "<</Names[]>>"}}, "change.names"},
      {{{14, "<</Names[(a)[3 0 R/Fit]]>>"}}, "change.names"},
      {{{12, "<</Type/Outlines/Count 1>>"}}, "change.outline"},
      {{{1, extended(1, "/OutputIntents[90 0 R]")}, {90, "<<>>"}}, "change.output-intent"},
      {{{1, extended(1, "/StructTreeRoot 90 0 R")}, {90, "<</Type/StructTreeRoot>>"}}, "change.structure"},
      {{{1, extended(1, "/AF[90 0 R]")}, {90, "<</Type/Filespec>>"}}, "change.embedded-file"},
      {{{1, extended(1, "/ViewerPreferences<</HideToolbar true>>")}}, "change.viewer-preferences"},
      {{{1, extended(1, "/Lang(vi)")}}, "change.catalog"},
      {{{1, extended(1, "/Surprise 1")}}, "change.catalog"},
      {{{1, extended(1, "/Perms<</DocMDP 30 0 R>>")}}, "change.permissions"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.code);
    CHECK(judged(c.update) == "content " + c.code);
  }
}

TEST_CASE("what has several roles is judged by all of them") {
  // The font of the page draws the form's fields too.
  const std::string both = judged({{5, "<</Type/Font/Subtype/Type1/BaseFont/ZapfDingbats>>"}});
  CHECK(both.find("content change.font") != std::string::npos);
  CHECK(both.find("form_undefined form.undefined-change") != std::string::npos);
  CHECK(both.find("form_mismatch") != std::string::npos);
}

TEST_CASE("another catalog is another document") {
  const ChangeReport report = RevisedPdf().update({{90, signed_document().at(1)}}, "/Root 90 0 R").changes();
  REQUIRE_FALSE(report.changes.empty());
  CHECK(report.changes.front().code == "change.root");
}

TEST_CASE("a freed page content or annotation array is noticed") {
  CHECK(judged({{4, ""}}) == "content change.content-stream");
  CHECK(judged({{2, ""}}) == "content change.page-tree");
}

TEST_CASE("validation data and extensions are told from other entries of the catalog") {
  CHECK(judged({{1, extended(1, "/DSS<</Certs[90 0 R]>>")}, {90, stream_object("x")}}) == "validation_data change.lta");
  CHECK(judged({{1, extended(1, "/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 5>>>>/Version/2.0")}}) ==
        "validation_data change.lta");
  CHECK(judged({{1, extended(1, "/Extensions<</EVIL<</BaseVersion/1.7/ExtensionLevel 5>>>>")}}) ==
        "content change.catalog");
  CHECK(judged({{1, extended(1, "/Version/1.4")}}) == "content change.catalog");
  // The store of an earlier revision grows.
  Objects base = signed_document();
  base[1] = extended(1, "/DSS 80 0 R");
  base[80] = "<</Certs[81 0 R]/VRI<<>>>>";
  base[81] = stream_object("a");
  CHECK(label(RevisedPdf(base).update({{80, "<</Certs[81 0 R 82 0 R]>>"}, {82, stream_object("b")}}).changes()) ==
        "validation_data change.lta");
  // A stream of the store that draws on a page as well is content.
  base[6] = "<</Font<</F1 5 0 R>>/XObject<</X1 81 0 R>>>>";
  CHECK(label(RevisedPdf(base).update({{81, stream_object("0 g 0 0 9 9 re f")}}).changes()) ==
        "validation_data change.lta; content change.xobject");
}

TEST_CASE("dates and the program's name may be renewed in the information, nothing else") {
  const Change date = only_change({{16, "<</Title(Old)/ModDate(D:20260202000000Z)>>"}});
  CHECK(date.kind == ChangeKind::metadata);
  CHECK(date.path == "Info/ModDate");
  CHECK(judged({{16, "<</Title(Old)/ModDate(D:20260101000000Z)/Producer(signer)>>"}}) == "metadata change.metadata");
  const Change title = only_change({{16, "<</Title(New)/ModDate(D:20260101000000Z)>>"}});
  CHECK(title.kind == ChangeKind::content);
  CHECK(title.code == "change.document-info");
  CHECK(title.path == "Info/Title");
  CHECK(title.old_value == "Old");
  CHECK(title.new_value == "New");
  CHECK(judged({{16, "<</ModDate(D:20260101000000Z)>>"}}) == "content change.document-info");
  CHECK(judged({{16, "<</Title(Old)/ModDate(D:20260101000000Z)/Author(X)>>"}}) == "content change.document-info");
  // The same title in another encoding, and behind a reference.
  CHECK(judged({{16, "<</Title<FEFF004F006C0064>/ModDate(D:20260101000000Z)/X null>>"}}) == "");
  CHECK(judged({{16, "<</Title 90 0 R/ModDate(D:20260101000000Z)>>"}, {90, "(Old)"}}) == "");
  // A value that is an object of its own, with a smaller number and a larger one.
  for (const int number : {9, 90}) {
    Objects base = signed_document();
    base[16] = fmt::format("<</Title {} 0 R>>", number);
    base[number] = "(Old)";
    CHECK(label(RevisedPdf(base).update({{number, "(New)"}}).changes()) == "content change.document-info");
  }
  const auto other = RevisedPdf().update({{90, "<</Title(New)>>"}}, "/Root 1 0 R/Info 90 0 R").changes();
  CHECK(label(other) == "content change.document-info; metadata change.metadata");
}

TEST_CASE("XMP may be written anew with other dates") {
  Objects base = signed_document();
  base[1] = extended(1, "/Metadata 80 0 R");
  const auto xmp = [](std::string_view date, std::string_view title) {
    return stream_object(
        fmt::format("<?xpacket begin=''?><x:xmpmeta xmlns:x='adobe:ns:meta/'><r:RDF "
                    "xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><r:Description r:about='' "
                    "xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/' "
                    "xmp:ModifyDate='{}' dc:title='{}'/></r:RDF></x:xmpmeta>  <?xpacket end='w'?>",
                    date, title),
        "/Type/Metadata/Subtype/XML");
  };
  base[80] = xmp("2026-01-01", "Old");
  const auto compared = [&](const Objects& update) { return RevisedPdf(base).update(update).changes(); };
  CHECK(label(compared({{80, xmp("2026-02-02", "Old")}})) == "metadata change.metadata");
  const ChangeReport title = compared({{80, xmp("2026-01-01", "New")}});
  REQUIRE(label(title) == "content change.xmp");
  CHECK(title.changes.front().old_value == "title: Old");
  CHECK(title.changes.front().new_value == "title: New");
  CHECK(label(compared({{80, stream_object("<x:xmpmeta/>")}})) == "content change.xmp");
  CHECK(label(compared({{80, "<<>>"}})) == "content change.xmp");
  CHECK(label(compared({{1, signed_document().at(1)}})) == "content change.xmp");
  CHECK(label(compared({{1, extended(1, "/Metadata 81 0 R")}, {81, xmp("2026-02-02", "New")}})) ==
        "content change.xmp");
  CHECK(label(compared({{1, extended(1, "/Metadata 81 0 R")}, {81, xmp("2026-02-02", "Old")}})) ==
        "metadata change.metadata");
}

TEST_CASE("encryption that begins after a signature is a change of its own") {
  const auto report = RevisedPdf().update({{90, "<</Filter/Standard/V 1>>"}}, "/Root 1 0 R/Encrypt 90 0 R").changes();
  CHECK(label(report).find("encryption change.encryption") != std::string::npos);
}

TEST_CASE("an object stream that is replaced changes what it holds") {
  // Object 4 of the second file is the page's resources in an object stream 8.
  std::string pdf = "%PDF-1.7\n";
  std::map<int, std::size_t> at;
  const auto object = [&](int number, std::string_view body) {
    at[number] = pdf.size();
    pdf += fmt::format("{} 0 obj\n{}\nendobj\n", number, body);
  };
  object(1, "<</Type/Catalog/Pages 2 0 R>>");
  object(2, "<</Type/Pages/Kids[3 0 R]/Count 1>>");
  object(3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources 4 0 R>>");
  object(8, stream_object("4 0 <</A 1>>", "/Type/ObjStm/N 1/First 4"));
  const auto row = [](int type, std::size_t a, int b) { return fmt::format("{:02x}{:06x}{:02x}", type, a, b); };
  const std::size_t first = pdf.size();
  const std::string rows = row(0, 0, 0) + row(1, at[1], 0) + row(1, at[2], 0) + row(1, at[3], 0) + row(2, 8, 0) +
                           row(0, 0, 0) + row(0, 0, 0) + row(0, 0, 0) + row(1, at[8], 0) + row(1, first, 0);
  pdf += fmt::format("9 0 obj\n{}\nendobj\nstartxref\n{}\n%%EOF\n",
                     stream_object(rows + ">", "/Type/XRef/W[1 3 1]/Size 10/Root 1 0 R/Filter/ASCIIHexDecode"), first);
  object(8, stream_object("4 0 <</A 2>>", "/Type/ObjStm/N 1/First 4"));
  const std::size_t second = pdf.size();
  pdf += fmt::format(
      "9 0 obj\n{}\nendobj\nstartxref\n{}\n%%EOF\n",
      stream_object(
          row(1, at[8], 0) + row(1, second, 0) + ">",
          fmt::format("/Type/XRef/W[1 3 1]/Index[8 2]/Size 10/Root 1 0 R/Prev {}/Filter/ASCIIHexDecode", first)),
      second);
  auto graph = must(pdf::RevisionGraph::open(pdf::Source::from_bytes(to_bytes(pdf))));
  const auto report = find_changes(std::make_shared<const pdf::RevisionGraph>(std::move(graph)), 0, nullptr);
  CHECK(label(report) == "content change.resources");
}

TEST_CASE("hostile numbers of changes end at a limit, in time") {
  RevisedPdf pdf;
  Objects many;
  for (int i = 0; i < 3000; ++i) many[100 + i] = "<</Type/Annot/Subtype/Text/Rect[0 0 1 1]>>";
  std::string list;
  for (int i = 0; i < 3000; ++i) list += fmt::format("{} 0 R ", 100 + i);
  many[3] = with_annotation(list);
  pdf.update(many);
  ChangeLimits limits;
  limits.changes = 100;
  const ChangeReport report = pdf.changes(0, limits);
  CHECK(report.limit_exceeded);
  CHECK(report.limit == "changes");
  CHECK(report.changes.size() == 100);
  CHECK(pdf.changes().changes.size() == 3000);
}

TEST_CASE("many revisions that alternate a large array stay within the budget") {
  // Each revision costs twenty bytes and makes the reader compare a long list again.
  Objects base = signed_document();
  std::string list;
  for (int i = 0; i < 20'000; ++i) list += "25 0 R ";
  base[3] = replaced(3, "/Annots[20 0 R 21 0 R 22 0 R 23 0 R 24 0 R 26 0 R 25 0 R 31 0 R]", "/Annots 80 0 R");
  base[80] = fmt::format("[{}]", list);
  RevisedPdf pdf(base);
  const std::size_t one = pdf.offset_of(80);
  pdf.update({{80, fmt::format("[{}26 0 R]", list)}});
  const std::size_t other = pdf.offset_of(80);
  for (int i = 0; i < 2000; ++i) pdf.repoint(80, i % 2 == 0 ? one : other);
  const ChangeReport report = pdf.changes();
  CHECK(report.limit_exceeded);
  CHECK((report.limit == "values" || report.limit == "work"));
}

}  // namespace
}  // namespace kyso::verify::test

#include <algorithm>

#include "verify/changes/test_revisions.h"

// Shadow attacks: what was prepared before signing and is changed after it in a place that isn't the page itself.
namespace kyso::verify::test {
namespace {

bool is_allowed(const Change& change) {
  switch (change.kind) {
    case ChangeKind::none:
    case ChangeKind::validation_data:
    case ChangeKind::document_time_stamp:
    case ChangeKind::metadata:
    case ChangeKind::signature_filled:
    case ChangeKind::signature_added:
    case ChangeKind::signature_field_added:
    case ChangeKind::form_filled:
      return change.covering == Covering::nothing;
    default:
      return false;
  }
}
bool passes(const ChangeReport& report) {
  return !report.limit_exceeded && std::ranges::all_of(report.changes, is_allowed);
}
// The signed document with further objects; the update must not pass.
void refuses(const char* what, const Objects& prepared, const Objects& update) {
  Objects base = signed_document();
  for (const auto& [number, body] : prepared) base[number] = body;
  const ChangeReport report = RevisedPdf(base).update(update).changes();
  CHECK_MESSAGE(!passes(report), what, ": ", label(report));
}
std::string page_with(std::string_view entries) {
  return extended(3, entries);
}
std::string resources_with(std::string_view entries) {
  return extended(6, entries);
}
std::string catalog_with(std::string_view entries) {
  return extended(1, entries);
}

TEST_CASE("what pages are drawn with") {
  refuses("an indirect /Length",
          {{4, "<</Length 80 0 R>>\nstream\nBT /F1 14 Tf 50 100 Td (Hello) Tj ET %\nendstream"}, {80, "37"}},
          {{80, "10"}});
  refuses("the array of /Contents", {{3, replaced(3, "/Contents 4 0 R", "/Contents 80 0 R")}, {80, "[4 0 R]"}},
          {{80, "[]"}});
  refuses("an external file", {}, {{4, "<</Length 0/F(a.txt)>>\nstream\n\nendstream"}});
  refuses("a parameter of a filter",
          {{4, stream_object("3c>", "/Filter/ASCIIHexDecode/DecodeParms 80 0 R")}, {80, "<<>>"}}, {{80, "<</K 1>>"}});
  refuses("resources that pages inherit",
          {{2, "<</Type/Pages/Kids[3 0 R]/Count 1/Resources 80 0 R>>"},
           {80, "<</Font<</F1 81 0 R>>>>"},
           {81, "<</Type/Font/Subtype/Type1/BaseFont/Courier>>"}},
          {{81, "<</Type/Font/Subtype/Type1/BaseFont/ZapfDingbats>>"}});
  refuses("a box that pages inherit",
          {{2, "<</Type/Pages/Kids[3 0 R]/Count 1/CropBox 80 0 R>>"}, {80, "[0 0 300 200]"}}, {{80, "[0 0 300 90]"}});
  refuses("a glyph of a Type 3 font",
          {{5, "<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/CharProcs<</a 80 0 R>>>>"}, {80, stream_object("1 0 d0")}},
          {{80, stream_object("9 0 d0 0 0 9 9 re f")}});
  refuses("resources of a Type 3 font",
          {{5, "<</Type/Font/Subtype/Type3/Resources<</XObject<</A 80 0 R>>>>>>"}, {80, form_object("", "0 0 1 1")}},
          {{80, form_object("0 0 1 1 re f", "0 0 1 1")}});
  refuses("a font program",
          {{5, "<</Type/Font/Subtype/TrueType/FontDescriptor 80 0 R>>"},
           {80, "<</Type/FontDescriptor/FontFile2 81 0 R>>"},
           {81, stream_object("a")}},
          {{81, stream_object("b")}});
  refuses("ToUnicode",
          {{5, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 80 0 R>>"}, {80, stream_object("a")}},
          {{80, stream_object("b")}});
  refuses("an encoding",
          {{5, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding 80 0 R>>"}, {80, "<</Differences[65/A]>>"}},
          {{80, "<</Differences[65/B]>>"}});
  const std::string outer = form_object("/B Do", "0 0 9 9", "/Resources<</XObject<</B 81 0 R>>>>");
  refuses("a form within a form", {{7, outer}, {81, form_object("", "0 0 9 9")}},
          {{81, form_object("0 0 9 9 re f", "0 0 9 9")}});
  refuses("a pattern", {{6, resources_with("/Pattern<</P 80 0 R>>")}, {80, stream_object("", "/PatternType 1")}},
          {{80, stream_object("0 0 9 9 re f", "/PatternType 1")}});
  refuses("a shading's function",
          {{6, resources_with("/Shading<</S<</ShadingType 2/Function 80 0 R>>>>")}, {80, "<</FunctionType 2/N 1>>"}},
          {{80, "<</FunctionType 2/N 9>>"}});
  refuses("a soft mask",
          {{6, resources_with("/ExtGState<</G<</SMask<</S/Alpha/G 80 0 R>>>>>>")}, {80, form_object("", "0 0 9 9")}},
          {{80, form_object("0 0 9 9 re f", "0 0 9 9")}});
  refuses("transparency", {{6, resources_with("/ExtGState<</G 80 0 R>>")}, {80, "<</ca 1>>"}}, {{80, "<</ca 0>>"}});
  refuses("a colour profile", {{6, resources_with("/ColorSpace<</C[/ICCBased 80 0 R]>>")}, {80, stream_object("a")}},
          {{80, stream_object("b")}});
  refuses("a colour space", {{6, resources_with("/ColorSpace<</C 80 0 R>>")}, {80, "/DeviceGray"}},
          {{80, "[/Separation/None/DeviceGray 81 0 R]"}});
  refuses("an image's mask",
          {{6, resources_with("/XObject<</I 80 0 R>>")}, {80, image_object("/SMask 81 0 R")}, {81, stream_object("a")}},
          {{81, stream_object("b")}});
  refuses("a reference to nothing that is filled later",
          {{4, stream_object("/Late Do")}, {6, "<</Font<</F1 5 0 R>>/XObject<</Late 88 0 R>>>>"}},
          {{88, form_object("0 0 9 9 re f", "0 0 9 9")}});
  refuses("the same under the name of validation data", {{6, "<</Font<</F1 5 0 R>>/XObject<</Late 88 0 R>>>>"}},
          {{1, catalog_with("/DSS<</Certs[88 0 R]>>")}, {88, form_object("0 0 9 9 re f", "0 0 9 9")}});
  refuses("the layer of marked content", {{6, resources_with("/Properties<</L 15 0 R>>")}},
          {{15, "<</Type/OCG/Name(Layer)/Usage<</View<</ViewState/OFF>>>>>>"}});
  refuses("another layer of marked content",
          {{6, resources_with("/Properties<</L 80 0 R>>")}, {80, "<</Type/OCMD/OCGs 15 0 R/P/AllOn>>"}},
          {{80, "<</Type/OCMD/OCGs 15 0 R/P/AllOff>>"}});
}

TEST_CASE("what pages say of themselves") {
  for (const char* entry : {"/Metadata 80 0 R", "/PieceInfo 80 0 R", "/StructParents 80 0 R", "/Group 80 0 R",
                            "/Dur 80 0 R", "/Trans 80 0 R", "/B 80 0 R", "/VP 80 0 R", "/SeparationInfo 80 0 R",
                            "/PresSteps 80 0 R", "/Thumb 80 0 R", "/AF 80 0 R", "/AA 80 0 R", "/UserUnit 80 0 R"}) {
    refuses(entry, {{3, page_with(entry)}, {80, "1"}}, {{80, "2"}});
    refuses(entry, {}, {{3, page_with(entry)}, {80, "1"}});
    refuses(entry, {{3, page_with(entry)}, {80, "1"}}, {{3, signed_document().at(3)}});
  }
  const Objects two{{2, "<</Type/Pages/Kids 80 0 R/Count 2>>"},
                    {80, "[3 0 R 81 0 R]"},
                    {81, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>"}};
  refuses("the order of pages", two, {{80, "[81 0 R 3 0 R]"}});
  refuses("a page twice", two, {{80, "[3 0 R 81 0 R 3 0 R]"}});
  refuses("a page less", two, {{80, "[3 0 R]"}});
  refuses("the number of pages", two, {{2, "<</Type/Pages/Kids 80 0 R/Count 1>>"}});
  refuses("a page that becomes a node", two, {{81, "<</Type/Pages/Parent 2 0 R/Kids[3 0 R]/Count 1>>"}});
  refuses("a page's parent", two,
          {{81, "<</Type/Page/Parent 82 0 R/MediaBox[0 0 300 200]>>"},
           {82, "<</Type/Pages/Rotate 90/Kids[81 0 R]/Count 1>>"}});
}

TEST_CASE("what the catalog leads to") {
  for (const char* entry : {"/PageLabels 80 0 R",
                            "/Dests 80 0 R",
                            "/ViewerPreferences 80 0 R",
                            "/OpenAction 80 0 R",
                            "/AA 80 0 R",
                            "/URI 80 0 R",
                            "/Lang 80 0 R",
                            "/Threads 80 0 R",
                            "/SpiderInfo 80 0 R",
                            "/PieceInfo 80 0 R",
                            "/Legal 80 0 R",
                            "/Requirements 80 0 R",
                            "/Collection 80 0 R",
                            "/NeedsRendering 80 0 R",
                            "/OutputIntents 80 0 R",
                            "/AF 80 0 R",
                            "/PageLayout 80 0 R",
                            "/PageMode 80 0 R",
                            "/DPartRoot 80 0 R",
                            "/Foo 80 0 R"}) {
    refuses(entry, {{1, catalog_with(entry)}, {80, "<</A 1>>"}}, {{80, "<</A 2>>"}});
    refuses(entry, {}, {{1, catalog_with(entry)}, {80, "<</A 1>>"}});
    refuses(entry, {{1, catalog_with(entry)}, {80, "<</A 1>>"}}, {{1, signed_document().at(1)}});
  }
  refuses("usage rights", {}, {{1, catalog_with("/Perms<</UR3 80 0 R>>")}, {80, "<</Type/Sig>>"}});
  refuses("permissions removed", {{1, catalog_with("/Perms<</DocMDP 30 0 R>>")}}, {{1, signed_document().at(1)}});
  refuses("permissions moved", {{1, catalog_with("/Perms 80 0 R")}, {80, "<</DocMDP 30 0 R>>"}},
          {{80, "<</DocMDP 32 0 R>>"}});
  refuses("an embedded file",
          {{11, "<</Dests 14 0 R/EmbeddedFiles 80 0 R>>"},
           {80, "<</Names[(a)81 0 R]>>"},
           {81, "<</EF<</F 82 0 R>>>>"},
           {82, stream_object("a")}},
          {{82, stream_object("b")}});
  refuses("a script by name", {{11, "<</JavaScript 80 0 R>>"}, {80, "<</Names[]>>"}},
          {{80, "<</Names[(a)<</S/JavaScript/JS(1)>>]>>"}});
  refuses("a layer's state", {{13, "<</OCGs[15 0 R]/D 80 0 R>>"}, {80, "<</ON[15 0 R]>>"}}, {{80, "<</OFF[15 0 R]>>"}});
  // The store of validation data may hold what it likes, as long as it is nothing else.
  CHECK(judged({{1, catalog_with("/DSS<</Certs[88 0 R]/Foo<</Bar 89 0 R>>/Type/Sig>>")},
                {88, stream_object("a")},
                {89, stream_object("b")}}) == "validation_data change.lta");
  refuses("validation data that is an action",
          {{1, catalog_with("/DSS 80 0 R/OpenAction 80 0 R")}, {80, "<</Certs[]>>"}},
          {{80, "<</Certs[]/S/JavaScript/JS(1)>>"}});
  refuses("validation data that is the form", {{1, replaced(1, "/AcroForm 10 0 R", "/AcroForm 10 0 R/DSS 10 0 R")}},
          {{10, extended(10, "/NeedAppearances true")}});
}

TEST_CASE("what fields are drawn with") {
  const Objects own_font{{10, replaced(10, "/Helv 5 0 R", "/Helv 80 0 R")},
                         {80, "<</Type/Font/Subtype/TrueType/FontDescriptor 81 0 R>>"},
                         {81, "<</Type/FontDescriptor/FontFile2 82 0 R>>"},
                         {82, stream_object("a")}};
  refuses("the font of the form", own_font, {{80, "<</Type/Font/Subtype/Type1/BaseFont/ZapfDingbats>>"}});
  refuses("its descriptor", own_font, {{81, "<</Type/FontDescriptor>>"}});
  refuses("its program", own_font, {{82, stream_object("b")}});
  refuses("another font under its name", own_font, {{10, signed_document().at(10)}});
  refuses("the resources themselves",
          {{10, replaced(10, "/DR<</Font<</Helv 5 0 R>>>>", "/DR 83 0 R")}, {83, "<</Font<</Helv 5 0 R>>>>"}},
          {{83, "<</Font<</Helv 84 0 R>>>>"}, {84, "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>"}});
  refuses("a form of data", {}, {{10, extended(10, "/XFA[(template)80 0 R]")}, {80, stream_object("<a/>")}});
  refuses("its data", {{10, extended(10, "/XFA[(template)80 0 R]")}, {80, stream_object("<a/>")}},
          {{80, stream_object("<b/>")}});
  refuses("the order of calculation", {}, {{10, extended(10, "/CO[22 0 R]")}});
  refuses("a picture's picture", {}, {{47, image_object("/SMask 90 0 R")}, {90, stream_object("a")}});
  refuses("a signed field's indirect rectangle",
          {{31, replaced(31, "/Rect[200 130 260 170]", "/Rect 80 0 R")}, {80, "[200 130 260 170]"}},
          {{80, "[50 100 260 170]"}});
  refuses("an empty field's indirect rectangle",
          {{21, replaced(21, "/Rect[150 20 250 60]", "/Rect 80 0 R")}, {80, "[150 20 250 60]"}},
          {{80, "[50 90 250 120]"}});
  const std::string value = "/V(Viet)/AP<</N 93 0 R/R 94 0 R>>";
  refuses("what a field shows below the pointer", {},
          {{22, replaced(22, "/AP<</N 40 0 R>>", value)}, {93, text_form("Viet")}, {94, text_form("Nam")}});
  refuses("what a pressed field shows", {},
          {{22, replaced(22, "/AP<</N 40 0 R>>", "/V(Viet)/AP<</N 93 0 R/D 94 0 R>>")},
           {93, text_form("Viet")},
           {94, text_form("Nam")}});
  refuses("rich text", {},
          {{22, replaced(22, "/AP<</N 40 0 R>>", "/V(Viet)/RV(<p>Nam</p>)/AP<</N 93 0 R>>")}, {93, text_form("Viet")}});
  refuses("a field's name", {{22, extended(22, "/TU 80 0 R")}, {80, "(Name)"}}, {{80, "(Other)"}});
  refuses("a widget's look", {{21, extended(21, "/MK 80 0 R")}, {80, "<</BG[1]>>"}}, {{80, "<</BG[0]>>"}});
}

TEST_CASE("an object stream is read otherwise when what its dictionary refers to changes") {
  // Object 4 is the page's resources in the object stream 8, whose entry refers to object 5.
  const auto changes = [](std::string_view entries, int value, int later) {
    std::string pdf = "%PDF-1.7\n";
    std::map<int, std::size_t> at;
    const auto object = [&](int number, std::string_view body) {
      at[number] = pdf.size();
      pdf += fmt::format("{} 0 obj\n{}\nendobj\n", number, body);
    };
    object(1, "<</Type/Catalog/Pages 2 0 R>>");
    object(2, "<</Type/Pages/Kids[3 0 R]/Count 1>>");
    object(3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources 4 0 R>>");
    object(5, fmt::format("{}", value));
    const std::string_view data = "4 0 <</A 1>><</A 2>>";
    const bool has_length = entries.find("Length") != std::string_view::npos;
    object(8, fmt::format("<</Type/ObjStm/N 1{}{}>>\nstream\n{}\nendstream", entries,
                          has_length ? "" : fmt::format("/Length {}", data.size()), data));
    const auto row = [](int type, std::size_t a, int b) { return fmt::format("{:02x}{:06x}{:02x}", type, a, b); };
    const std::size_t first = pdf.size();
    const std::string rows = row(0, 0, 0) + row(1, at[1], 0) + row(1, at[2], 0) + row(1, at[3], 0) + row(2, 8, 0) +
                             row(1, at[5], 0) + row(0, 0, 0) + row(0, 0, 0) + row(1, at[8], 0) + row(1, first, 0);
    pdf +=
        fmt::format("9 0 obj\n{}\nendobj\nstartxref\n{}\n%%EOF\n",
                    stream_object(rows + ">", "/Type/XRef/W[1 3 1]/Size 10/Root 1 0 R/Filter/ASCIIHexDecode"), first);
    object(5, fmt::format("{}", later));
    const std::size_t second = pdf.size();
    pdf += fmt::format(
        "9 0 obj\n{}\nendobj\nstartxref\n{}\n%%EOF\n",
        stream_object(
            row(1, at[5], 0) + row(1, second, 0) + ">",
            fmt::format("/Type/XRef/W[1 3 1]/Index[5 1 9 1]/Size 10/Root 1 0 R/Prev {}/Filter/ASCIIHexDecode", first)),
        second);
    auto graph = must(pdf::RevisionGraph::open(pdf::Source::from_bytes(to_bytes(pdf))));
    return label(find_changes(std::make_shared<const pdf::RevisionGraph>(std::move(graph)), 0, nullptr));
  };
  CHECK(changes("/First 5 0 R", 4, 12) == "unknown change.unknown");
  CHECK(changes("/First 5 0 R", 4, 4) == "none change.none");
  CHECK(changes("/First 4/Length 5 0 R", 20, 5) == "unknown change.unknown");
}

}  // namespace
}  // namespace kyso::verify::test

#include "verify/changes/test_revisions.h"

// Form fields and signature fields: cases 13 to 16, 19, 20, 29 of the list of verification cases, and the
// certification attacks 12 to 22, each beside an honest twin.
namespace kyso::verify::test {
namespace {

const std::string kSignature =
    "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 7 8 9]/Contents<02>>>";

// The empty field 21 signed by dictionary 90 with appearance 91.
Objects signing(const std::string& appearance, std::string_view entries = {}) {
  return {{21, replaced(21, "/P 3 0 R", fmt::format("/P 3 0 R/V 90 0 R/AP<</N 91 0 R>>{}", entries))},
          {90, kSignature},
          {91, appearance}};
}
std::string picture(std::string_view box = "0 0 100 40", std::string_view more = {}) {
  return form_object("q 100 0 0 40 0 0 cm /Im Do Q", box, fmt::format("/Resources<</XObject<</Im 92 0 R>>>>{}", more));
}
Objects merged(Objects a, const Objects& b) {
  a.insert(b.begin(), b.end());
  return a;
}
// A new signature field 95 with dictionary 90.
Objects new_field(std::string_view rect, std::string_view entries, const Objects& parts = {}) {
  return merged(
      {{10, with_field("95 0 R")},
       {3, with_annotation("95 0 R")},
       {95, fmt::format("<</Type/Annot/Subtype/Widget/FT/Sig/T(New)/Rect[{}]/F 132/P 3 0 R{}>>", rect, entries)},
       {90, kSignature}},
      parts);
}
Objects filled(std::string_view value, const std::string& appearance, std::string_view entries = {}) {
  return {{22, replaced(22, "/AP<</N 40 0 R>>", fmt::format("/V({})/AP<</N 93 0 R>>{}", value, entries))},
          {93, appearance}};
}

TEST_CASE("an empty field is signed where it stands") {
  const Change change = only_change(merged(signing(picture()), {{92, image_object()}}));
  CHECK(change.kind == ChangeKind::signature_filled);
  CHECK(change.code == "change.signature");
  CHECK(change.field == "Empty");
  CHECK(change.page == 0);
  CHECK(change.is_visible);
  CHECK(change.rect == pdf::Rect{150, 20, 250, 60});
  CHECK(change.covering == Covering::nothing);
  CHECK(change.object == 21);
  // Without a picture, and with the flag that locks it.
  CHECK(judged({{21, replaced(21, "/F 4", "/F 132/V 90 0 R")}, {90, kSignature}}) ==
        "signature_filled change.signature");
}

TEST_CASE("an empty field that moves while it is signed has moved") {
  CHECK(judged(merged(signing(picture()), {{92, image_object()}})) == "signature_filled change.signature");
  Objects update = merged(signing(picture()), {{92, image_object()}});
  update[21] =
      "<</Type/Annot/Subtype/Widget/FT/Sig/T(Empty)/Rect[50 90 250 120]/F 4/P 3 0 R/V 90 0 R/AP<</N 91 0 R>>>>";
  const ChangeReport report = RevisedPdf().update(update).changes();
  CHECK(label(report) == "signature_field_moved change.signature-field; signature_filled change.signature");
  CHECK(report.changes.back().covering == Covering::hides);
}

TEST_CASE("a box that careless viewers would paint beside the rectangle counts as hiding") {
  for (const std::string_view box : {"0 0 0 0", "0 0 10000 4000", "0 0 0.5 0.5"}) {
    const Change change = only_change(merged(signing(picture(box)), {{92, image_object()}}));
    CAPTURE(box);
    CHECK(change.kind == ChangeKind::signature_filled);
    CHECK(change.covering == Covering::hides);
    CHECK(change.code == "change.overlay");
  }
  const Change flat =
      only_change(merged(signing(picture("0 0 100 40", "/Matrix[1 0 0 0 0 0]")), {{92, image_object()}}));
  CHECK(flat.covering == Covering::hides);
  // Twin: a picture drawn at another size, and turned.
  CHECK(only_change(merged(signing(picture("0 0 200 80")), {{92, image_object()}})).covering == Covering::nothing);
  CHECK(only_change(merged(signing(picture("0 0 100 40", "/Matrix[0 1 -1 0 0 0]")), {{92, image_object()}})).covering ==
        Covering::nothing);
}

TEST_CASE("an empty field is not drawn, renamed, widened or given a lock by the way") {
  CHECK(judged({{21, replaced(21, "/P 3 0 R", "/P 3 0 R/AP<</N 91 0 R>>")}, {91, form_object("1 g", "0 0 9 9")}}) ==
        "form_mismatch form.value-appearance-mismatch");
  CHECK(judged({{21, replaced(21, "(Empty)", "(Other)")}}) == "form_undefined form.undefined-change");
  CHECK(judged({{21, replaced(21, "150 20", "100 20")}}) == "signature_field_moved change.signature-field");
  CHECK(judged({{21, extended(21, "/Lock<</Action/All>>")}}) == "lock_changed lock.violated");
  CHECK(judged({{21, extended(21, "/SV<</Ff 1>>")}}) == "lock_changed lock.violated");
  CHECK(judged({{21, extended(21, "/AA<</E<</S/JavaScript/JS(x)>>>>")}}) == "content change.action");
  CHECK(judged({{21, extended(21, "/OC 15 0 R")}}) == "content change.optional-content");
}

TEST_CASE("new signature fields: invisible, visible, over text, unsigned") {
  const Change invisible = only_change(new_field("0 0 0 0", "/V 90 0 R"));
  CHECK(invisible.kind == ChangeKind::signature_added);
  CHECK_FALSE(invisible.is_visible);
  const Change visible = only_change(new_field("10 80 40 95", "/V 90 0 R/AP<</N 91 0 R>>",
                                               {{91, form_object("1 0 0 rg 0 0 30 15 re f", "0 0 30 15")}}));
  CHECK(visible.kind == ChangeKind::signature_added);
  CHECK(visible.is_visible);
  CHECK(visible.covering == Covering::nothing);
  const auto over = [](const std::string& form, const Objects& more = {}) {
    return only_change(new_field("50 95 150 115", "/V 90 0 R/AP<</N 91 0 R>>", merged({{91, form}}, more)));
  };
  CHECK(over(form_object("1 g 0 0 100 20 re f", "0 0 100 20")).covering == Covering::hides);  // white paint too
  CHECK(over(form_object("1 g 0 0 12 20 re f", "0 0 100 20")).covering == Covering::hides);   // one letter of it
  CHECK(
      over(form_object("/Im Do", "0 0 1 1", "/Resources<</XObject<</Im 92 0 R>>>>"), {{92, image_object()}}).covering ==
      Covering::hides);
  CHECK(over(text_form("9,999,999")).covering == Covering::hides);
  // Twins: thin lines, transparent paint, multiplied yellow, a transparent picture, nothing.
  CHECK(over(form_object("0.4 w 0 0 m 100 20 l S", "0 0 100 20")).covering == Covering::see_through);
  CHECK(over(form_object("/G gs 1 0 0 rg 0 0 100 20 re f", "0 0 100 20", "/Resources<</ExtGState<</G<</ca 0.4>>>>>>"))
            .covering == Covering::see_through);
  CHECK(over(form_object("/G gs 1 1 0 rg 0 0 100 20 re f", "0 0 100 20",
                         "/Resources<</ExtGState<</G<</BM/Multiply>>>>>>"))
            .covering == Covering::see_through);
  CHECK(over(form_object("/G gs 0 0 0 rg 0 0 100 20 re f", "0 0 100 20",
                         "/Resources<</ExtGState<</G<</BM/Multiply>>>>>>"))
            .covering == Covering::hides);
  std::string mask;
  for (int i = 0; i < 256; ++i) mask += i % 16 == 3 ? "ff" : "00";
  const Objects transparent{{92, image_object("/SMask 94 0 R")},
                            {94, stream_object(mask + ">",
                                               "/Type/XObject/Subtype/Image/Width 16/Height 16/BitsPerComponent "
                                               "8/ColorSpace/DeviceGray/Filter/ASCIIHexDecode")}};
  CHECK(over(form_object("100 0 0 20 0 0 cm /Im Do", "0 0 100 20", "/Resources<</XObject<</Im 92 0 R>>>>"), transparent)
            .covering != Covering::nothing);
  CHECK(over(form_object("", "0 0 100 20")).covering == Covering::nothing);

  const Change unsigned_field = only_change(
      new_field("50 95 150 115", "/AP<</N 91 0 R>>", {{91, form_object("1 g 0 0 100 20 re f", "0 0 100 20")}}));
  CHECK(unsigned_field.kind == ChangeKind::signature_field_added);
  CHECK(unsigned_field.covering == Covering::hides);
}

TEST_CASE("a seal may stand over an earlier signature's picture") {
  const Change seal = only_change(new_field("190 120 240 160", "/V 90 0 R/AP<</N 91 0 R>>",
                                            {{91, form_object("1 0 0 rg 0 0 50 40 re f", "0 0 50 40")}}));
  CHECK(seal.covering == Covering::nothing);
}

TEST_CASE("a document time-stamp is told from a signature") {
  CHECK(judged(
            {{10, with_field("95 0 R")},
             {3, with_annotation("95 0 R")},
             {95, "<</Type/Annot/Subtype/Widget/FT/Sig/T(TS)/Rect[0 0 0 0]/F 132/P 3 0 R/V 90 0 R>>"},
             {90,
              "<</Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161/ByteRange[0 7 8 9]/Contents<02>>>"}}) ==
        "document_time_stamp change.lta");
}

TEST_CASE("a picture that another signature has is an imitation") {
  const Objects copied = merged(signing(picture()), {{92, image_object()}});
  const Change change = only_change(copied);
  CHECK(change.imitates_signature);
  CHECK(change.old_value == "Shown");
  Objects other = copied;
  other[92] = replaced(47, "ff0000ff0000", "0000ff0000ff");
  CHECK_FALSE(only_change(other).imitates_signature);
  // The same XObject, not a copy.
  Objects reused =
      signing(form_object("q 100 0 0 40 0 0 cm /Im Do Q", "0 0 100 40", "/Resources<</XObject<</Im 47 0 R>>>>"));
  CHECK(only_change(reused).imitates_signature);
}

TEST_CASE("a drawing or words that another signature has are an imitation") {
  const std::string drawing = "2 w 0 0 0.8 RG 5 5 m 40 40 l 60 10 l 85 38 l S";
  const std::string words = " BT /Helv 8 Tf 5 2 Td (Signed: Nguyen Van A 2026-01-01 10:00:00) Tj ET";
  const std::string_view fonts = "/Resources<</Font<</Helv 5 0 R>>>>";
  Objects base = signed_document();
  base[46] = form_object(drawing + words, "0 0 90 45", fonts);
  const auto imitation = [&](const std::string& content, std::string_view box) {
    const Objects update = signing(form_object(content, box, fonts));
    const ChangeReport report = RevisedPdf(base).update(update).changes();
    REQUIRE(report.changes.size() == 1);
    const Change& change = report.changes.front();
    CHECK(change.old_value == (change.imitates_signature ? "Shown" : ""));
    return std::pair(change.imitates_signature, change.new_value);
  };
  const std::pair<bool, std::string> drawn{true, ""}, worded{true, "signed:nguyenvana"}, none{false, ""};
  CHECK(imitation(drawing + words, "0 0 90 45") == drawn);
  CHECK(imitation(drawing, "0 0 90 45") == drawn);
  // Twice as large, moved, thicker, a little shaken, with a frame, another colour, other words.
  CHECK(imitation("q 2 0 0 2 20 10 cm " + drawing + " Q", "0 0 220 110") == drawn);
  CHECK(imitation("3 w 1 0 0 RG 5.3 5 m 40 39.7 l 60 10.2 l 85 38 l S 0 0 90 45 re S", "0 0 90 45") == drawn);
  CHECK(imitation("5 5 m 16 17 28 29 40 40 c 47 30 53 20 60 10 c 68 19 76 28 85 38 c S", "0 0 90 45") == drawn);
  CHECK(imitation(drawing + " BT /Helv 8 Tf 5 2 Td (Signed: Tran Thi B) Tj ET", "0 0 90 45") == drawn);
  CHECK(imitation("BT /Helv 9 Tf 1 20 Td (Signed: Nguyen) Tj 0 -9 Td (Van A 2026-06-06 09:09:09) Tj ET", "0 0 90 45") ==
        worded);
  // Own drawings, ticks, frames and words.
  CHECK(imitation("5 40 m 20 5 l 30 40 l 50 5 l 85 5 l S", "0 0 90 45") == none);
  CHECK(imitation("5 5 m 85 38 l S", "0 0 90 45") == none);
  CHECK(imitation("0 0 90 45 re S", "0 0 90 45") == none);
  CHECK(imitation("1 g 5 5 m 40 40 l 60 10 l 85 38 l f", "0 0 90 45") == none);
  CHECK(imitation("BT /Helv 8 Tf 5 2 Td (Signed: Tran Thi B) Tj ET", "0 0 90 45") == none);
}

TEST_CASE("one signature with several widgets is added as one field") {
  Objects update{{10, with_field("95 0 R")},
                 {3, with_annotation("96 0 R 97 0 R")},
                 {95, "<</FT/Sig/T(New)/V 90 0 R/Kids[96 0 R 97 0 R]>>"},
                 {96, "<</Type/Annot/Subtype/Widget/Parent 95 0 R/Rect[10 80 40 95]/F 132/P 3 0 R>>"},
                 {97, "<</Type/Annot/Subtype/Widget/Parent 95 0 R/Rect[260 80 270 95]/F 132/P 3 0 R>>"},
                 {90, kSignature}};
  RevisedPdf pdf;
  pdf.update(update);
  CHECK(label(pdf.changes()) == "signature_added change.signature; signature_added change.signature");
  for (const Change& change : pdf.changes().changes) CHECK(change.field == "New");
  // A further widget later is not.
  pdf.update({{95, "<</FT/Sig/T(New)/V 90 0 R/Kids[96 0 R 97 0 R 98 0 R]>>"},
              {98, "<</Type/Annot/Subtype/Widget/Parent 95 0 R/Rect[50 95 150 115]/F 132/P 3 0 R>>"}});
  CHECK(label(pdf.changes(1)) == "signature_widget_added change.signature-field");
}

TEST_CASE("the dictionary and the field of a signature stay as they were signed") {
  CHECK(judged({{30, replaced(30, "D:20260101", "D:20250101")}}) == "signature_redefined sigdict.redefined");
  CHECK(judged({{20, replaced(20, "/V 30 0 R", "/V 90 0 R")}, {90, kSignature}}) ==
        "signature_redefined sigdict.redefined");
  CHECK(judged({{31, replaced(31, "200 130", "100 90")}}) == "signature_redefined sigdict.redefined");
  CHECK(judged({{31, replaced(31, "(Shown)", "(Other)")}}) == "signature_redefined sigdict.redefined");
  CHECK(judged({{31, replaced(31, "/N 46 0 R", "/N 7 0 R")}}) == "signature_redefined sigdict.redefined");
  CHECK(judged({{46, form_object("0 0 60 40 re f", "0 0 60 40")}}) == "signature_redefined sigdict.redefined");
  CHECK(judged({{47, replaced(47, "ff0000ff0000", "0000ff0000ff")}}) == "signature_redefined sigdict.redefined");
  // Twin: written again with the same values.
  CHECK(judged({{30, signed_document().at(30) + " "}}) == "none change.none");
}

TEST_CASE("the permissions of a certification stay") {
  Objects base = signed_document();
  base[30] = extended(30, "/Reference[80 0 R]");
  base[80] = "<</TransformMethod/DocMDP/TransformParams 81 0 R/Data 1 0 R>>";
  base[81] = "<</P 2/V/1.2>>";
  CHECK(label(RevisedPdf(base).update({{81, "<</P 3/V/1.2>>"}}).changes()) == "signature_redefined sigdict.redefined");
}

TEST_CASE("a signature that is removed is reported, however it is done") {
  CHECK(judged({{20, replaced(20, "/V 30 0 R", "")}}) == "signature_removed signature.removed");
  CHECK(judged({{20, replaced(20, "/V 30 0 R", "/V null")}}) == "signature_removed signature.removed");
  CHECK(judged({{10, replaced(10, "20 0 R ", "")}}) == "signature_removed signature.removed");
  CHECK(judged({{20, ""}}).find("signature_removed signature.removed") != std::string::npos);
  CHECK(judged({{30, ""}}) == "signature_removed signature.removed");
  const std::string emptied = judged({{10, "<</Fields[]>>"}});
  CHECK(emptied.find("signature_removed") != std::string::npos);
  CHECK(judged({{1, replaced(1, "/AcroForm 10 0 R", "")}}).find("signature_removed") != std::string::npos);
}

TEST_CASE("a second field for the same signature signs nothing") {
  CHECK(only_change({{10, with_field("95 0 R")}, {95, "<</FT/Sig/T(Sig2)/V 30 0 R>>"}}).kind ==
        ChangeKind::signature_field_added);
}

TEST_CASE("a text field is filled with what it shows") {
  const Change change = only_change(filled("Nguyen Van A", text_form("Nguyen Van A")));
  CHECK(change.kind == ChangeKind::form_filled);
  CHECK(change.code == "form.filled");
  CHECK(change.field == "Name");
  CHECK(change.old_value == "");
  CHECK(change.new_value == "Nguyen Van A");
  CHECK(change.is_visible);
  // Frame, comb lines and a background belong to the field.
  CHECK(judged(filled("12", form_object("0.9 g 0 0 100 20 re f 0 G 0 0 100 20 re S 50 0 m 50 20 l S BT 0 g /Helv 12 Tf "
                                        "2 5 Td (1) Tj 50 0 Td (2) Tj ET",
                                        "0 0 100 20", "/Resources<</Font<</Helv 5 0 R>>>>"))) ==
        "form_filled form.filled");
}

TEST_CASE("value and appearance of a text field that differ are told") {
  const std::string mismatch = "form_mismatch form.value-appearance-mismatch";
  CHECK(judged(filled("1000", text_form("9000"))) == mismatch);
  CHECK(judged({{22, extended(22, "/V(1000)")}}) == mismatch);  // appearance left as it was
  CHECK(judged({{40, text_form("9000")}}) == mismatch);         // only the appearance, in place
  CHECK(judged({{22, replaced(22, "/N 40 0 R", "/N 93 0 R")}, {93, text_form("9000")}}) == mismatch);
  const auto drawn = [](std::string_view content, std::string_view resources = "/Font<</Helv 5 0 R>>") {
    return form_object(content, "0 0 100 20", fmt::format("/Resources<<{}>>", resources));
  };
  const std::string text = "BT /Helv 12 Tf 2 5 Td (1000) Tj ET ";
  CHECK(judged(filled("1000", drawn(text))) == "form_filled form.filled");
  CHECK(judged(filled("1000", drawn("BT 3 Tr /Helv 12 Tf 2 5 Td (1000) Tj ET "))) == mismatch);  // not painted
  CHECK(judged(filled("1000", drawn("1 g " + text))) == mismatch);                               // white
  CHECK(judged(filled("1000", drawn(text + "1 g 0 0 100 20 re f"))) == mismatch);                // painted over
  CHECK(judged(filled("1000", drawn(text + "40 5 2 10 re f"))) == mismatch);                     // a drawn 1
  CHECK(judged(filled("1000", drawn(text + "20 0 0 20 0 0 cm /Im Do", "/Font<</Helv 5 0 R>>/XObject<</Im 47 0 R>>"))) ==
        mismatch);
  CHECK(judged(filled("1000", drawn("/Span<</ActualText(1000)>>BDC BT /Helv 12 Tf 2 5 Td (9000) Tj ET EMC"))) ==
        mismatch);
  // A font whose mapping to Unicode lies.
  Objects lying = filled("A", text_form("B", "0 0 100 20", "98 0 R"));
  lying[98] = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 99 0 R>>";
  lying[99] = stream_object("1 begincodespacerange <00> <ff> endcodespacerange 1 beginbfchar <42> <0041> endbfchar");
  CHECK(judged(lying) == mismatch);
  Objects honest = filled("B", text_form("B", "0 0 100 20", "98 0 R"));
  honest[98] = "<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>";
  CHECK(judged(honest) == "form_filled form.filled");
}

TEST_CASE("an appearance prepared before the signature does not become true by a later value") {
  Objects base = signed_document();
  base[22] = replaced(22, "/AP<</N 40 0 R>>", "/V(1000)/AP<</N 40 0 R>>");
  base[40] = text_form("9000");
  CHECK(label(RevisedPdf(base).update({{40, text_form("1000")}}).changes()) ==
        "form_mismatch form.value-appearance-mismatch");
  base[40] = text_form("1000");  // twin: drawn again, saying the same
  CHECK(label(RevisedPdf(base)
                  .update({{40, form_object("BT /Helv 11 Tf 3 5 Td (1000) Tj ET", "0 0 100 20",
                                            "/Resources<</Font<</Helv 5 0 R>>>>")}})
                  .changes()) == "form_filled form.filled");
}

TEST_CASE("an appearance that something else uses too is judged by both") {
  Objects base = signed_document();
  base[6] = "<</Font<</F1 5 0 R>>/XObject<</X1 40 0 R>>>>";
  Objects update{{22, extended(22, "/V(x)")}, {40, text_form("x")}};
  const std::string both = label(RevisedPdf(base).update(update).changes());
  CHECK(both.find("content change.xobject") != std::string::npos);
  CHECK(judged(update) == "form_filled form.filled");
}

TEST_CASE("password, choice and multi-line fields are compared as they are shown") {
  Objects base = signed_document();
  base[22] = extended(22, "/Ff 8192");
  const auto secret = [&](std::string_view shown) {
    return label(
        RevisedPdf(base)
            .update({{22, replaced(22, "/AP<</N 40 0 R>>", "/Ff 8192/V(abc)/AP<</N 93 0 R>>")}, {93, text_form(shown)}})
            .changes());
  };
  CHECK(secret("***") == "form_filled form.filled");
  CHECK(secret("abc") == "form_mismatch form.value-appearance-mismatch");
  const auto city = [&](std::string_view value, std::string_view shown) {
    return judged({{24, replaced(24, "/V(Hue)", fmt::format("/V({})", value))}, {43, text_form(shown)}});
  };
  CHECK(city("HN", "Ha Noi") == "form_filled form.filled");
  CHECK(city("HN", "Ha Noi City") == "form_mismatch form.value-appearance-mismatch");
  CHECK(judged(filled("one two", form_object("BT /Helv 8 Tf 2 12 Td (one) Tj 0 -9 Td (two) Tj ET", "0 0 100 20",
                                             "/Resources<</Font<</Helv 5 0 R>>>>"))) == "form_filled form.filled");
}

TEST_CASE("check boxes show the state that the value names") {
  CHECK(judged({{23, replaced(23, "/V/Off/AS/Off", "/V/Yes/AS/Yes")}}) == "form_filled form.filled");
  const std::string mismatch = "form_mismatch form.value-appearance-mismatch";
  CHECK(judged({{23, replaced(23, "/V/Off/AS/Off", "/V/Yes/AS/Off")}}) == mismatch);
  CHECK(judged({{23, replaced(23, "/V/Off/AS/Off", "/V/Off/AS/Yes")}}) == mismatch);
  CHECK(judged({{23, replaced(23, "/V/Off/AS/Off", "/V/Maybe/AS/Maybe")}}) == mismatch);
  CHECK(judged({{41, form_object("", "0 0 12 12")}}) == mismatch);
  CHECK(judged({{23, replaced(23, "/Off 42 0 R", "/Off 41 0 R")}}) == mismatch);
}

TEST_CASE("the picture of a prepared push-button may be set, not over text") {
  CHECK(judged({{26, replaced(26, "/N 45 0 R", "/N 93 0 R")},
                {93, form_object("1 0 0 rg 0 0 40 40 re f", "0 0 40 40")}}) == "form_filled form.filled");
  Objects base = signed_document();
  base[26] = replaced(26, "[250 80 290 120]", "[50 95 150 115]");
  std::string body = base[26];
  body.replace(body.find("45 0 R"), 6, "93 0 R");
  CHECK(label(RevisedPdf(base).update({{26, body}, {93, form_object("1 g 0 0 40 40 re f", "0 0 40 40")}}).changes()) ==
        "form_mismatch change.overlay");
}

TEST_CASE("how fields look and behave stays as it was signed") {
  const std::string undefined = "form_undefined form.undefined-change";
  for (const std::string_view entry :
       {"/MK<</BG[1]>>", "/Q 1", "/MaxLen 3", "/Ff 1", "/Opt[(a)]", "/DV(x)", "/TU(x)", "/BS<</W 9>>"}) {
    CAPTURE(entry);
    CHECK(judged({{22, extended(22, entry)}}) == undefined);
  }
  CHECK(judged({{22, replaced(22, "/Helv 12 Tf", "/Helv 1 Tf")}}) == undefined);
  CHECK(judged({{22, replaced(22, "/F 4", "/F 6")}}) == undefined);
  CHECK(judged({{22, replaced(22, "20 20 120 40", "20 20 220 140")}}) == undefined);
  CHECK(judged({{24, replaced(24, "(Ha Noi)", "(Hue)")}}) == undefined);
  CHECK(judged({{10, extended(10, "/NeedAppearances true")}}) == undefined);
  CHECK(judged({{10, extended(10, "/NeedAppearances false")}}) == "");
  CHECK(judged({{10, extended(10, "/XFA[]")}}) == undefined);
  CHECK(judged({{10, extended(10, "/SigFlags 3")}}) == undefined);  // twice
  CHECK(judged({{10, replaced(10, "/Helv 0 Tf 0 g", "/Helv 0 Tf 1 g")}}) == undefined);
  CHECK(judged({{10, replaced(10, "/Helv 5 0 R", "/Helv 90 0 R")},
                {90, "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>"}}) == undefined);
  CHECK(judged({{10, replaced(10, "/Helv 5 0 R", "/Helv 5 0 R/Kyso 90 0 R")},
                {90, "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>"}}) == "");
  CHECK(judged({{22, extended(22, "/A<</S/JavaScript/JS(x)>>")}}) == "content change.action");
  CHECK(judged({{22, extended(22, "/OC 15 0 R")}}) == "content change.optional-content");
}

TEST_CASE("fields are not added or removed, and widgets neither") {
  const Change added = only_change(
      {{10, with_field("95 0 R")},
       {3, with_annotation("95 0 R")},
       {95, "<</Type/Annot/Subtype/Widget/FT/Tx/T(Price)/V(9)/Rect[50 95 150 115]/F 4/P 3 0 R/AP<</N 96 0 R>>>>"},
       {96, form_object("1 g 0 0 100 20 re f", "0 0 100 20")}});
  CHECK(added.kind == ChangeKind::field_added);
  CHECK(added.field == "Price");
  CHECK(added.covering == Covering::hides);
  CHECK(judged({{10, replaced(10, "22 0 R ", "")}}) == "field_removed form.undefined-change");
  CHECK(judged({{3, replaced(3, "22 0 R ", "")}}) == "form_undefined form.undefined-change");
  CHECK(judged({{3, replaced(3, "31 0 R", "")}}) == "signature_redefined sigdict.redefined");
  // An orphan: only the page leads to it.
  CHECK(judged({{3, with_annotation("95 0 R")},
                {95, "<</Type/Annot/Subtype/Widget/FT/Tx/T(Price)/Rect[0 0 9 9]/P 3 0 R>>"}}) ==
        "field_added form.undefined-change");
}

TEST_CASE("nested fields have full names, and a field added below a parent is found") {
  Objects base = signed_document();
  base[10] = with_field("60 0 R");
  base[60] = "<</T(person)/Kids[61 0 R]>>";
  base[61] =
      "<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/Parent 60 0 R/Rect[20 180 120 195]/F 4/P 3 0 R/AP<</N 62 0 R>>>>";
  base[62] = form_object("", "0 0 100 15");
  base[3] = with_annotation("61 0 R");
  const auto report =
      RevisedPdf(base)
          .update({{60, "<</T(person)/Kids[61 0 R 63 0 R]>>"}, {63, "<</FT/Tx/T(age)/Parent 60 0 R/V(7)>>"}})
          .changes();
  REQUIRE(label(report) == "field_added form.undefined-change");
  CHECK(report.changes[0].field == "person.age");
  std::string named = base[61];
  named.replace(named.find("/AP"), 3, "/V(An)/AP");
  const auto fill = RevisedPdf(base).update({{61, named}, {62, text_form("An", "0 0 100 15")}}).changes();
  REQUIRE(label(fill) == "form_filled form.filled");
  CHECK(fill.changes[0].field == "person.name");
  CHECK(label(RevisedPdf(base).update({{60, "<</T(people)/Kids[61 0 R]>>"}}).changes()) ==
        "form_undefined form.undefined-change");
  CHECK(label(RevisedPdf(base).update({{60, "<</T(person)/Kids[]>>"}}).changes()).find("field_removed") !=
        std::string::npos);
}

TEST_CASE("a field that a signature locks may become read-only with it") {
  const auto signing_with = [](std::string_view lock) {
    return judged({{21, replaced(21, "/P 3 0 R", "/P 3 0 R/V 90 0 R")},
                   {22, extended(22, "/Ff 1")},
                   {90, fmt::format("<</Type/Sig/ByteRange[0 7 8 9]/Contents<02>/Reference[<</TransformMethod/FieldMDP"
                                    "/TransformParams<<{}>>>>]>>",
                                    lock)}});
  };
  CHECK(signing_with("/Action/Include/Fields[(Name)]") == "signature_filled change.signature");
  CHECK(signing_with("/Action/All") == "signature_filled change.signature");
  CHECK(signing_with("/Action/Include/Fields[(Other)]") ==
        "signature_filled change.signature; form_undefined form.undefined-change");
}

TEST_CASE("reals that were rounded when an object was written again are equal") {
  Objects base = signed_document();
  base[3] = replaced(3, "[0 0 300 200]", "[0 0 595.303937007874 841.889763779528]");
  const auto rewritten = [&](std::string_view box) {
    std::string page = base[3];
    page.replace(page.find("[0 0 595"), std::string_view("[0 0 595.303937007874 841.889763779528]").size(), box);
    return label(RevisedPdf(base).update({{3, page}}).changes());
  };
  CHECK(rewritten("[0 0 595.30394 841.88976]") == "none change.none");
  CHECK(rewritten("[0 0 595.31 841.88976]") == "content change.page-box");
}

TEST_CASE("a lock that stands in an object of its own is watched") {
  Objects base = signed_document();
  base[21] = extended(21, "/Lock 80 0 R");
  base[80] = "<</Type/SigFieldLock/Action/All>>";
  const auto report = RevisedPdf(base).update({{80, "<</Type/SigFieldLock/Action/Include/Fields[]>>"}}).changes();
  REQUIRE(label(report) == "lock_changed lock.violated");
  CHECK(report.changes[0].field == "Empty");
}

}  // namespace
}  // namespace kyso::verify::test

#include "verify/changes/test_revisions.h"

// Annotations: case 19 of the list of verification cases and the certification attacks 1 to 11.
namespace kyso::verify::test {
namespace {

Change added(std::string_view entries, const Objects& parts = {}) {
  Objects update{{3, with_annotation("95 0 R")}, {95, fmt::format("<</Type/Annot/P 3 0 R{}>>", entries)}};
  update.insert(parts.begin(), parts.end());
  return only_change(update);
}
const std::string kOver = "/Rect[50 95 150 115]", kBeside = "/Rect[10 80 40 95]";
const Objects kOpaque{{96, form_object("1 g 0 0 100 20 re f", "0 0 100 20")}};

TEST_CASE("kinds that may carry other content are never harmless") {
  for (const std::string_view kind : {"FreeText", "Stamp", "Redact", "Watermark", "FileAttachment", "Sound", "3D",
                                      "RichMedia", "Screen", "Movie", "Freetext", "Txet", "PrinterMark"}) {
    CAPTURE(kind);
    const Change beside = added(fmt::format("/Subtype/{}{}", kind, kBeside));
    CHECK(beside.kind == ChangeKind::annotation_added);
    CHECK_FALSE(beside.is_harmless_kind);
    CHECK(beside.subtype == kind);
    CHECK(beside.page == 0);
    const Change over = added(fmt::format("/Subtype/{}{}/AP<</N 96 0 R>>", kind, kOver), kOpaque);
    CHECK(over.covering == Covering::hides);
    CHECK(over.code == "change.overlay");
    CHECK(added(fmt::format("/Subtype/{}{}", kind, kOver)).covering == Covering::hides);  // drawn by the viewer
  }
  CHECK_FALSE(added(kBeside).is_harmless_kind);  // no /Subtype at all
}

TEST_CASE("shapes are harmless unless they are filled or thick") {
  for (const std::string_view kind : {"Square", "Circle", "Polygon", "PolyLine", "Line", "Ink"}) {
    CAPTURE(kind);
    CHECK(added(fmt::format("/Subtype/{}{}", kind, kOver)).is_harmless_kind);
    CHECK(added(fmt::format("/Subtype/{}{}", kind, kOver)).covering == Covering::nothing);
    CHECK_FALSE(added(fmt::format("/Subtype/{}{}/IC[1 1 1]", kind, kOver)).is_harmless_kind);
    CHECK(added(fmt::format("/Subtype/{}{}/IC[1 1 1]", kind, kOver)).covering == Covering::hides);
    CHECK_FALSE(added(fmt::format("/Subtype/{}{}/BS<</W 20>>", kind, kOver)).is_harmless_kind);
  }
}

TEST_CASE("notes, popups and marks are harmless, with an opaque appearance not") {
  for (const std::string_view kind : {"Text", "Highlight", "Underline", "Squiggly", "StrikeOut"}) {
    CAPTURE(kind);
    const Change plain = added(fmt::format("/Subtype/{}{}", kind, kOver));
    CHECK(plain.is_harmless_kind);
    CHECK(plain.covering == Covering::nothing);
    CHECK(plain.code == "change.annotation");
    const Change opaque = added(fmt::format("/Subtype/{}{}/AP<</N 96 0 R>>", kind, kOver), kOpaque);
    CHECK_FALSE(opaque.is_harmless_kind);
    CHECK(opaque.covering == Covering::hides);
  }
  CHECK(added("/Subtype/Popup" + kOver).is_harmless_kind);
  const Objects yellow{{96, form_object("/G gs 1 1 0 rg 0 0 100 20 re f", "0 0 100 20",
                                        "/Resources<</ExtGState<</G<</BM/Multiply>>>>>>")}};
  const Change marked = added("/Subtype/Highlight" + kOver + "/AP<</N 96 0 R>>", yellow);
  CHECK(marked.is_harmless_kind);
  CHECK(marked.covering == Covering::nothing);
}

TEST_CASE("flags that keep an annotation out of sight change nothing about it") {
  for (const int flags : {2, 32, 1, 64 + 128}) {
    const Change change = added(fmt::format("/Subtype/FreeText{}/F {}/AP<</N 96 0 R>>", kOver, flags), kOpaque);
    CHECK(change.covering == Covering::hides);
    CHECK_FALSE(change.is_harmless_kind);
  }
}

TEST_CASE("links that act and scripts are told") {
  const Change uri = added("/Subtype/Link" + kOver + "/A<</S/URI/URI(http://example.org)>>");
  CHECK(uri.has_action);
  CHECK(uri.code == "change.annotation");
  CHECK_FALSE(added("/Subtype/Link" + kOver + "/Dest[3 0 R/Fit]").has_action);
  CHECK_FALSE(added("/Subtype/Link" + kOver + "/A<</S/GoTo/D[3 0 R/Fit]>>").has_action);
  for (const std::string_view script :
       {"/A<</S/JavaScript/JS(x)>>", "/A<</S/GoTo/Next[<</S/URI/Next<</S/JavaScript/JS(x)>>>>]>>",
        "/AA<</E<</S/JavaScript/JS(x)>>>>", "/PA<</S/JavaScript/JS(x)>>", "/A 97 0 R"}) {
    CAPTURE(script);
    const Change change = added(fmt::format("/Subtype/Text{}{}", kBeside, script),
                                {{97, "<</S/URI/Next 98 0 R>>"}, {98, "<</S/JavaScript/JS 99 0 R>>"}});
    CHECK(change.has_action);
    CHECK(change.code == "change.action");
    CHECK_FALSE(change.is_harmless_kind);
  }
}

TEST_CASE("existing annotations that move, change or vanish") {
  const Change moved = only_change({{25, replaced(25, "280 180 298 198", "50 95 150 115")}});
  CHECK(moved.kind == ChangeKind::annotation_changed);
  CHECK(moved.is_harmless_kind);
  const Change text = only_change({{25, replaced(25, "(note)", "(other)")}});
  CHECK(text.old_value == "note");
  CHECK(text.new_value == "other");
  CHECK(only_change({{25, replaced(25, "/Subtype/Text", "/Subtype/FreeText")}}).is_harmless_kind == false);
  CHECK(judged({{3, replaced(3, "25 0 R ", "")}}) == "annotation_removed change.annotation");
  CHECK(judged({{25, ""}}) == "annotation_removed change.annotation");
  CHECK(judged({{25, extended(25, "/OC 15 0 R")}}) == "content change.optional-content");
  CHECK(judged({{3, replaced(3, "26 0 R 25 0 R", "25 0 R 26 0 R")}}) == "unknown change.unknown");
  Objects base = signed_document();
  base[25] = extended(25, "/AP<</N 80 0 R>>");
  base[80] = form_object("", "0 0 18 18");
  const auto redrawn = RevisedPdf(base).update({{80, form_object("1 g 0 0 18 18 re f", "0 0 18 18")}}).changes();
  CHECK(label(redrawn) == "annotation_changed change.annotation");
}

TEST_CASE("annotations written into the page's array without numbers are seen") {
  const Change change = only_change({{3, with_annotation("<</Type/Annot/Subtype/FreeText/Rect[50 95 150 115]>>")}});
  CHECK(change.kind == ChangeKind::annotation_added);
  CHECK(change.covering == Covering::hides);
  CHECK(change.object == 0);
}

TEST_CASE("a stamp with the picture of a signature imitates it") {
  CHECK(added("/Subtype/Stamp" + kBeside + "/AP<</N 46 0 R>>").imitates_signature);
}

TEST_CASE("what is painted is measured as it is shown") {
  // Turned by the matrix and mapped onto the rectangle (ISO 32000-2 section 12.5.5).
  const Objects half{{96, form_object("1 g 0 0 50 20 re f", "0 0 100 20")}};
  CHECK(added("/Subtype/Stamp" + kOver + "/AP<</N 96 0 R>>", half).covering == Covering::hides);
  // The left half of [0 95 90 115] ends at 45, before the text begins at 50.
  CHECK(added("/Subtype/Stamp/Rect[0 95 90 115]/AP<</N 96 0 R>>", half).covering == Covering::nothing);
  // Its box cuts off what is painted outside.
  const Objects clipped{{96, form_object("1 g 0 0 300 200 re f", "0 0 10 10")}};
  CHECK(added("/Subtype/Stamp" + kBeside + "/AP<</N 96 0 R>>", clipped).covering == Covering::nothing);
  // A ring is not a disc.
  const Objects ring{{96, form_object("1 0 0 rg 0 0 100 20 re 5 3 90 14 re f*", "0 0 100 20")}};
  CHECK(added("/Subtype/Stamp/Rect[40 85 190 125]/AP<</N 96 0 R>>", ring).covering == Covering::nothing);
}

}  // namespace
}  // namespace kyso::verify::test

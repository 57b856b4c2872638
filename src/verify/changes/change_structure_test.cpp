#include "verify/changes/test_revisions.h"

// Tagged documents: the structure tree may learn of a new widget, and of nothing else.
namespace kyso::verify::test {
namespace {

Objects tagged_document() {
  Objects o = signed_document();
  o[1] = extended(1, "/MarkInfo<</Marked true>>/StructTreeRoot 70 0 R");
  o[70] = "<</Type/StructTreeRoot/K 71 0 R/ParentTree 72 0 R/ParentTreeNextKey 1>>";
  o[71] = "<</Type/StructElem/S/Document/P 70 0 R/K[73 0 R]>>";
  o[72] = "<</Nums[0[73 0 R]]>>";
  o[73] = "<</Type/StructElem/S/P/P 71 0 R/Pg 3 0 R/K 0>>";
  return o;
}
Objects registration(std::string_view element, std::string_view kids = "73 0 R 74 0 R") {
  Objects update;
  update[10] = with_field("95 0 R");
  update[3] = with_annotation("95 0 R");
  update[95] = "<</Type/Annot/Subtype/Widget/FT/Sig/T(New)/Rect[0 0 0 0]/F 132/P 3 0 R/V 90 0 R/StructParent 1>>";
  update[90] = "<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange[0 7 8 9]/Contents<02>>>";
  update[70] = "<</Type/StructTreeRoot/K 71 0 R/ParentTree 72 0 R/ParentTreeNextKey 2>>";
  update[71] = fmt::format("<</Type/StructElem/S/Document/P 70 0 R/K[{}]>>", kids);
  update[72] = "<</Nums[0[73 0 R]1 74 0 R]>>";
  update[74] = std::string(element);
  return update;
}
std::string outcome(const Objects& update) {
  return label(RevisedPdf(tagged_document()).update(update).changes());
}

TEST_CASE("an element for a new widget belongs to the signature") {
  const std::string form = "<</Type/StructElem/S/Form/P 71 0 R/Pg 3 0 R/K<</Type/OBJR/Obj 95 0 R/Pg 3 0 R>>/Alt(New)>>";
  CHECK(outcome(registration(form)) == "signature_added change.signature");
}

TEST_CASE("other changes of the structure are content") {
  const auto has_structure = [](const std::string& text) {
    return text.find("content change.structure") != std::string::npos;
  };
  const std::string form = "<</Type/StructElem/S/Form/P 71 0 R/Pg 3 0 R/K<</Type/OBJR/Obj 95 0 R/Pg 3 0 R>>>>";
  CHECK(has_structure(
      outcome(registration("<</Type/StructElem/S/P/P 71 0 R/K<</Type/OBJR/Obj 95 0 R>>/ActualText(forged)>>"))));
  CHECK(has_structure(outcome(registration("<</Type/StructElem/S/Form/P 71 0 R/K<</Type/OBJR/Obj 25 0 R>>>>"))));
  CHECK(has_structure(outcome(registration(form, "74 0 R 73 0 R"))));
  CHECK(has_structure(outcome(registration(form, "74 0 R"))));
  CHECK(outcome({{73, "<</Type/StructElem/S/P/P 71 0 R/Pg 3 0 R/K 0/ActualText(forged)>>"}}) ==
        "content change.structure");
  CHECK(outcome({{72, "<</Nums[0[71 0 R]]>>"}}) == "content change.structure");
  CHECK(outcome({{1, signed_document().at(1)}}).find("change.structure") != std::string::npos);
}

}  // namespace
}  // namespace kyso::verify::test

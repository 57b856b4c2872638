// What verification needs beyond reading: prefixes, chains of sections that are cut, placed objects.
#include <doctest/doctest.h>

#include "pdf/file/revision_graph.h"
#include "pdf/file/test_pdf.h"

namespace kyso::pdf {

using Repair = RevisionGraph::Repair;
using test::PdfText;

TEST_CASE("a prefix is the file as if it ended there") {
  const Source source = Source::from_bytes(to_bytes("0123456789"));
  const Source prefix = source.prefix(4);
  CHECK(prefix.size() == 4);
  CHECK(as_chars(prefix.view(2, 100)) == "23");
  CHECK(prefix.whole()->size() == 4);
  Bytes buffer(8);
  CHECK(*prefix.read(3, buffer) == 1);
  CHECK(source.prefix(99).size() == 10);
}

TEST_CASE("a chain of sections in a circle is cut, and what was read counts") {
  PdfText pdf;
  pdf.basics().table("/Prev 0000000000", false);
  const std::size_t number = pdf.text.find("0000000000", pdf.text.find("/Prev"));
  pdf.object(9, "<< >>").table();
  pdf.text.replace(number, 10, fmt::format("{:010}", pdf.last_xref));
  CHECK(RevisionGraph::open(pdf.source()).error().code == "pdf.xref.loop");
  const auto graph = RevisionGraph::open(pdf.source(), Repair::cut);
  REQUIRE(graph);
  CHECK(graph->revisions().size() == 2);
  CHECK(graph->notes().back().code == "xref.chain.cut");
}

TEST_CASE("the end of the newest revision is the first mark that names its section") {
  PdfText pdf;
  pdf.basics().table();
  const std::size_t end = pdf.text.size();
  pdf.text += fmt::format("startxref\n{}\n%%EOF\n", pdf.last_xref);
  const auto graph = RevisionGraph::open(pdf.source());
  REQUIRE(graph);
  CHECK(graph->revisions().back().end == end);
}

TEST_CASE("the inventory names objects where they stand and entries that lead elsewhere") {
  PdfText pdf;
  pdf.basics().object(9, "<< >>");
  const std::size_t nine = pdf.offsets[9];
  pdf.offsets[10] = pdf.offsets[1];
  pdf.table();
  const std::size_t end = pdf.text.size();
  pdf.object(11, "<< >>").table();
  const auto graph = RevisionGraph::open(pdf.source());
  REQUIRE(graph);
  const auto all = graph->inventory();
  REQUIRE(all);
  CHECK(all->objects.size() == 5);
  CHECK(all->objects[3].number == 9);
  CHECK(all->objects[3].extent.offset == nine);
  REQUIRE(all->misplaced.size() == 1);
  CHECK(all->misplaced[0].number == 10);
  CHECK(all->misplaced[0].found == "1 0");
  CHECK(all->leftovers.empty());
  const auto late = graph->inventory(end);
  REQUIRE(late);
  CHECK(late->objects.size() == 1);
}

}  // namespace kyso::pdf

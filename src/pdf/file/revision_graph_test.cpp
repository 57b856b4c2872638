#include "pdf/file/revision_graph.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "base/test_support.h"
#include "pdf/file/object_view.h"
#include "pdf/file/test_pdf.h"

namespace kyso::pdf {
namespace {

using Repair = RevisionGraph::Repair;
const std::filesystem::path kData = KYSO_SOURCE_DIR "/tests/data/pdf";

Result<RevisionGraph> open_file(std::string_view name, Repair repair = Repair::minor) {
  return Source::open(kData / name).and_then([&](Source source) {
    return RevisionGraph::open(std::move(source), repair);
  });
}

std::vector<std::string> notes_of(const RevisionGraph& graph) {
  std::vector<std::string> notes;
  for (const StructureNote& note : graph.notes()) notes.push_back(note.code);
  return notes;
}

std::string text_at(const RevisionGraph& graph, Extent extent) {
  return std::string(as_chars(graph.source().view(extent.offset, extent.length)));
}

}  // namespace

TEST_CASE("sections and revisions of the structural variants") {
  struct Case {
    std::string_view file;
    std::size_t revisions, sections;
    XrefKind newest;
    std::vector<std::string> notes;
  };
  const std::vector<Case> cases = {
      {"pyhanko/minimal.pdf", 1, 1, XrefKind::table, {}},
      {"pyhanko/minimal-xref.pdf", 1, 1, XrefKind::stream, {}},
      {"pyhanko/minimal-hybrid-xref.pdf", 2, 2, XrefKind::hybrid, {}},
      {"pyhanko/minimal-hybrid-xref-mswordstyle.pdf", 2, 2, XrefKind::hybrid, {}},
      {"own/hybrid-update.pdf", 2, 2, XrefKind::table, {}},
      {"own/vn-to-trinh-linearized.pdf", 1, 2, XrefKind::table, {}},
      {"qpdf/c-linearized.pdf", 1, 2, XrefKind::stream, {}},
      {"own/pdf20-offset-start.pdf", 1, 1, XrefKind::table, {"header.junk"}},
      {"own/pdf20-incremental.pdf", 2, 2, XrefKind::table, {}},
      {"pyhanko/minimal-two-fields-signed-twice.pdf", 2, 3, XrefKind::stream, {}},
      {"own/signed-certified-p2-then-approval.pdf", 4, 4, XrefKind::table, {}},
      {"qpdf/incremental-1.pdf", 3, 3, XrefKind::table, {}},
      {"qpdf/leading-junk.pdf", 1, 2, XrefKind::table, {"header.junk"}},
      {"pyhanko/minimal-badxref.pdf", 1, 1, XrefKind::table, {"xref.table.entry_width"}},
      {"pyhanko/malformed-xref-space-padded.pdf", 1, 1, XrefKind::table, {"xref.table.entry_width"}},
      {"pyhanko/minimal-startxref-obo1.pdf", 1, 1, XrefKind::table, {"startxref.offset"}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.file);
    const auto graph = open_file(c.file);
    REQUIRE(graph);
    CHECK(graph->revisions().size() == c.revisions);
    CHECK(graph->sections().size() == c.sections);
    CHECK(notes_of(*graph) == c.notes);
    const bool is_first_page = graph->sections().front().is_linearized_first_page;
    CHECK((is_first_page || graph->sections().front().kind == c.newest));
    CHECK(graph->revisions().back().sections.size() == c.sections);
    for (const Revision& revision : graph->revisions()) {
      CHECK(text_at(*graph, {revision.startxref_offset, 9}) == "startxref");
      std::string end = text_at(*graph, {revision.end - 8, 8});
      end.erase(end.find_last_not_of("\r\n") + 1);
      CHECK(end.ends_with("%%EOF"));
    }
    const auto strict = open_file(c.file, Repair::refuse);
    if (graph->was_repaired()) {
      REQUIRE(!strict);
      CHECK(strict.error().code == "pdf.xref.broken");
      CHECK(parameter(strict.error(), "repairable") == "yes");
    } else {
      CHECK(strict);
    }
    // A cautious repair does not touch what is whole.
    const auto full = open_file(c.file, Repair::full);
    REQUIRE(full);
    CHECK(!full->was_rebuilt());
  }
}

TEST_CASE("the end of a signed revision is where its ByteRange ends") {
  for (const std::string_view file :
       {"own/signed-certified-p1.pdf", "own/signed-certified-p2-then-approval.pdf", "own/signed-aes256.pdf",
        "pyhanko/minimal-two-fields-signed-twice.pdf", "pyhanko/minimal-signed-twice-both-created.pdf",
        "pyhanko/pades-lta-dss-indirect-arrs-test.pdf", "qpdf/digitally-signed.pdf"}) {
    CAPTURE(file);
    auto graph = open_file(file);
    REQUIRE(graph);
    const auto shared = std::make_shared<const RevisionGraph>(*std::move(graph));
    const auto view = ObjectView::open(shared);
    REQUIRE(view);
    std::size_t signatures = 0;
    for (std::uint32_t number = 1; number < view->size(); ++number) {
      const auto object = view->get({number, 0});
      const Dictionary* dictionary = object ? object->as_dictionary() : nullptr;
      const Array* range = dictionary != nullptr ? dictionary->get("ByteRange").as_array() : nullptr;
      if (range == nullptr) continue;
      ++signatures;
      const auto end = static_cast<std::uint64_t>(*(*range)[2].as_integer() + *(*range)[3].as_integer());
      CHECK(std::ranges::find(shared->revisions(), end, &Revision::end) != shared->revisions().end());
    }
    CHECK(signatures > 0);
  }
}

TEST_CASE("leftovers are what nothing owns") {
  for (const std::string_view file : {"own/signed-certified-p2-then-approval.pdf", "qpdf/c-linearized.pdf",
                                      "own/hybrid-update.pdf", "own/vn-to-trinh-linearized.pdf", "vn-cong-van.pdf",
                                      "pyhanko/minimal-two-fields-signed-twice.pdf", "own/signed-aes256.pdf"}) {
    CAPTURE(file);
    const auto graph = open_file(file);
    REQUIRE(graph);
    const auto leftovers = graph->leftovers();
    REQUIRE(leftovers);
    for (const Extent& extent : *leftovers) MESSAGE(extent.offset << " " << text_at(*graph, extent).substr(0, 60));
    CHECK(leftovers->empty());
  }
  test::PdfText pdf;
  pdf.basics().table();
  pdf.text += "\n% a remark\n7 0 obj\n(unreachable)\nendobj\n  ";
  const auto graph = RevisionGraph::open(pdf.source());
  REQUIRE(graph);
  const auto leftovers = graph->leftovers();
  REQUIRE(leftovers);
  REQUIRE(leftovers->size() == 1);
  CHECK(text_at(*graph, leftovers->front()) == "% a remark\n7 0 obj\n(unreachable)\nendobj");
  const auto junk = open_file("own/pdf20-offset-start.pdf");
  REQUIRE(junk);
  REQUIRE(junk->leftovers());
  CHECK(junk->leftovers()->size() == 1);  // what stands before the header
  CHECK(junk->leftovers()->front().offset == 0);
}

TEST_CASE("hybrid sections: table, then stream, then what is older; hidden objects are found") {
  const auto graph = open_file("own/hybrid-update.pdf");
  REQUIRE(graph);
  CHECK(graph->sections()[0].kind == XrefKind::table);
  CHECK(graph->sections()[1].kind == XrefKind::hybrid);
  CHECK(graph->sections()[1].hybrid_stream);
  const auto view = ObjectView::open(std::make_shared<const RevisionGraph>(*graph));
  REQUIRE(view);
  for (const std::uint32_t number : {6U, 7U}) {
    REQUIRE(view->entry(number) != nullptr);
    CHECK(view->entry(number)->kind == XrefEntry::Kind::compressed);
    const auto object = view->get({number, 0});
    REQUIRE(object);
    CHECK(!object->is_null());
  }
  for (const bool hides : {true, false}) {  // the table frees object 5, or defines it elsewhere
    CAPTURE(hides);
    test::PdfText pdf;
    pdf.basics();
    pdf.object(5, "(from the table)");
    const std::size_t plain = pdf.offsets[5];
    pdf.object(6, "null");
    const std::size_t other = pdf.text.size();
    pdf.text += "5 0 obj\n(from the stream)\nendobj\n";
    const std::size_t stream = pdf.text.size();
    pdf.stream(9, "/Type /XRef /W [1 4 1] /Index [5 1] /Size 10",
               test::big_endian(1, 1) + test::big_endian(other, 4) + test::big_endian(0, 1));
    pdf.offsets.erase(9);
    pdf.table(fmt::format("/XRefStm {}", stream));
    if (hides) {
      const std::string entry = fmt::format("{:010} 00000 n", plain);
      pdf.text.replace(pdf.text.find(entry), entry.size(), "0000000000 65535 f");
    }
    const auto opened = RevisionGraph::open(pdf.source());
    REQUIRE(opened);
    CHECK(notes_of(*opened) == (hides ? std::vector<std::string>{} : std::vector<std::string>{"xref.hybrid.conflict"}));
    const auto seen = ObjectView::open(std::make_shared<const RevisionGraph>(*opened))->get({5, 0});
    REQUIRE(seen);
    CHECK(*seen == Object(String{hides ? "from the stream" : "from the table", false}));
  }
}

TEST_CASE("a table that starts at object 1 with the entry of object 0, and offsets that ignore the header") {
  test::PdfText pdf;
  pdf.basics();
  const std::size_t start = pdf.text.size();
  pdf.text += "xref\n1 4\n0000000000 65535 f \n";
  for (const auto& [number, offset] : pdf.offsets) pdf.text += fmt::format("{:010} 00000 n \n", offset);
  pdf.text += "trailer\n<< /Root 1 0 R /Size 4 >>\n";
  pdf.end(start);
  const auto graph = RevisionGraph::open(pdf.source());
  REQUIRE(graph);
  CHECK(notes_of(*graph) == std::vector<std::string>{"xref.table.first_entry"});
  CHECK(graph->was_repaired());
  CHECK(!RevisionGraph::open(pdf.source(), Repair::refuse));

  test::PdfText shifted;
  shifted.text = "Received by fax\n" + shifted.text;
  shifted.basics().table();  // offsets from byte 0
  const auto from_zero = RevisionGraph::open(shifted.source());
  REQUIRE(from_zero);
  CHECK(notes_of(*from_zero) == std::vector<std::string>{"header.junk", "header.offset_ignored"});
  CHECK(from_zero->header_offset() == 0);
  CHECK(from_zero->header_position() == 16);
}

TEST_CASE("a table that announces entries for numbers that no document has") {
  const auto notes = [](std::string_view subsection) {
    test::PdfText pdf;
    pdf.basics().table();
    const std::size_t start = pdf.text.size();
    pdf.text += fmt::format("xref\n{}trailer\n<< /Root 1 0 R /Size 4 /Prev {} >>\n", subsection, pdf.last_xref);
    const auto graph = RevisionGraph::open(pdf.end(start).source());
    REQUIRE(graph);
    return notes_of(*graph);
  };
  CHECK(notes("0 2000000000\n0000000000 65535 f \n") ==
        std::vector<std::string>{"xref.number_range", "xref.table.count"});
  CHECK(notes("4294967295 9223372036854775807\n") == std::vector<std::string>{"xref.number_range", "xref.table.count"});
  CHECK(notes("4294967295 0\n").empty());
  CHECK(notes("0 1\n0000000000 65535 f \n").empty());
}

TEST_CASE("damaged files: refused with the reason, opened by a scan") {
  test::PdfText good;
  good.basics().object(4, "(first)").table();
  good.object(4, "(second)").table();
  const auto expect = [](const std::string& text, std::string_view code) {
    const Source source = Source::from_bytes(to_bytes(text));
    const auto minor = RevisionGraph::open(source);
    REQUIRE(!minor);
    CHECK(minor.error().code == code);
    CHECK(parameter(minor.error(), "repairable") == "yes");
    auto full = RevisionGraph::open(source, Repair::full);
    REQUIRE(full);
    CHECK(full->was_rebuilt());
    const auto view = ObjectView::open(std::make_shared<const RevisionGraph>(*std::move(full)));
    REQUIRE(view);
    const auto object = view->get({4, 0});
    REQUIRE(object);
    CHECK(*object == Object(String{"second", false}));
  };
  std::string text = good.text;
  SUBCASE("startxref far off") {
    text.replace(text.rfind("startxref") + 10, 3, "200");
    expect(text, "pdf.xref.broken");
  }
  SUBCASE("startxref missing") {
    while (text.find("startxref") != std::string::npos) text.replace(text.find("startxref"), 9, "startxxxx");
    expect(text, "pdf.truncated");
  }
  SUBCASE("objects moved") {
    text.insert(text.find("1 0 obj"), std::string(100, ' '));
    expect(text, "pdf.xref.broken");
  }
  SUBCASE("no root") {
    for (std::size_t at = 0; (at = text.find("/Root 1", at)) != std::string::npos;) text.replace(at, 7, "/Ruut 1");
    expect(text, "pdf.trailer.broken");
  }
  SUBCASE("loop") {
    const std::size_t prev = text.rfind("/Prev ") + 6;
    const std::size_t old = std::stoul(text.substr(prev));
    const std::size_t first_trailer = text.find("trailer\n<< ") + 11;
    const std::string back = fmt::format("/Prev {} ", old);
    text.insert(first_trailer, back);
    const std::size_t grown = text.rfind("startxref") + 10;
    text.replace(grown, text.find('\n', grown) - grown, std::to_string(std::stoul(text.substr(grown)) + back.size()));
    expect(text, "pdf.xref.loop");
  }
}

TEST_CASE("not a PDF, empty of objects, cut off") {
  const auto code = [](std::string_view text, Repair repair = Repair::minor) {
    const auto graph = RevisionGraph::open(Source::from_bytes(to_bytes(text)), repair);
    return graph ? std::string_view("ok") : graph.error().code;
  };
  CHECK(code("") == "pdf.not_pdf");
  CHECK(code("PK\x03\x04 a zip file") == "pdf.not_pdf");
  CHECK(code("%PDF-1.4\nnothing") == "pdf.unrepairable");
  CHECK(code("%PDF-1.4\nnothing", Repair::full) == "pdf.unrepairable");
  const auto whole = Source::open(kData / "own/signed-certified-p2-then-approval.pdf");
  REQUIRE(whole);
  for (const std::uint64_t length : {std::uint64_t{900}, whole->size() / 2, whole->size() - 1000, whole->size() - 8}) {
    const ByteView part = whole->view(0, length);
    CAPTURE(length);
    const auto opened = RevisionGraph::open(Source::from_bytes(Bytes(part.begin(), part.end())), Repair::full);
    CHECK((opened || opened.error().code == "pdf.unrepairable"));
  }
}

TEST_CASE("every sample survives the loss of its cross-reference") {
  for (const std::string_view file :
       {"pyhanko/minimal-xref.pdf", "qpdf/c-linearized.pdf", "vn-cong-van.pdf", "qpdf/digitally-signed.pdf",
        "own/vn-cong-van-aes256.pdf", "qpdf/V4-aes.pdf", "pyhanko/uncompressed-objstream-sample.pdf",
        "qpdf/big-ostream.pdf", "qpdf/enc-r6-user-view-owner-master.pdf"}) {
    CAPTURE(file);
    const Secret password{"view"};  // of the only one that needs one; it is encrypted with object streams
    const auto source = Source::open(kData / file);
    REQUIRE(source);
    std::string text(as_chars(source->view(0, source->size())));
    const auto whole =
        ObjectView::open(std::make_shared<const RevisionGraph>(*RevisionGraph::open(*source)), std::nullopt, &password);
    REQUIRE(whole);
    for (std::size_t at = 0; (at = text.find("startxref", at)) != std::string::npos;) text.replace(at, 9, "lostlost!");
    auto graph = RevisionGraph::open(Source::from_bytes(to_bytes(text)), Repair::full);
    REQUIRE(graph);
    CHECK(graph->was_rebuilt());
    const auto rebuilt =
        ObjectView::open(std::make_shared<const RevisionGraph>(*std::move(graph)), std::nullopt, &password);
    REQUIRE(rebuilt);
    for (std::uint32_t number = 1; number < whole->size(); ++number) {
      const XrefEntry* entry = whole->entry(number);
      if (entry == nullptr || entry->kind == XrefEntry::Kind::free) continue;
      const auto before = whole->get({number, entry->generation}), after = rebuilt->get({number, entry->generation});
      CAPTURE(number);
      REQUIRE(before);
      REQUIRE(after);
      CHECK(*before == *after);
    }
  }
}

}  // namespace kyso::pdf

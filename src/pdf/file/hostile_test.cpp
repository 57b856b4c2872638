// Structure that is made to mislead or to exhaust a reader. None may crash, hang or cost more than its limits.
#include <doctest/doctest.h>
#include <zlib.h>

#include "pdf/file/object_view.h"
#include "pdf/file/test_pdf.h"

namespace kyso::pdf {
namespace {

using Repair = RevisionGraph::Repair;
using test::PdfText;

std::string code_of(const PdfText& pdf, Repair repair = Repair::minor) {
  const auto graph = RevisionGraph::open(pdf.source(), repair);
  return graph ? "ok" : std::string(graph.error().code);
}

ObjectView view_of(const PdfText& pdf, const Limits& limits = {}) {
  auto graph = RevisionGraph::open(pdf.source(), Repair::minor, limits);
  REQUIRE_MESSAGE(graph, (graph ? "" : std::string(graph.error().code) + ": " + graph.error().detail));
  auto view = ObjectView::open(std::make_shared<const RevisionGraph>(*std::move(graph)));
  REQUIRE(view);
  return *view;
}

std::string object_code(const ObjectView& view, std::uint32_t number) {
  const auto object = view.get({number, 0});
  if (!object) return std::string(object.error().code);
  return object->is_null() ? "null" : "ok";
}

std::string deflate(std::string_view plain) {
  std::string out(compressBound(plain.size()), '\0');
  uLongf length = out.size();
  REQUIRE(compress2(reinterpret_cast<Bytef*>(out.data()), &length, reinterpret_cast<const Bytef*>(plain.data()),
                    plain.size(), 9) == Z_OK);
  out.resize(length);
  return out;
}

// A cross-reference stream with rows of widths 1, 4, 2 over everything so far and the compressed objects named.
void add_xref_stream(PdfText& pdf, const std::vector<std::array<std::uint32_t, 3>>& compressed, unsigned own = 50) {
  std::string index, rows;
  for (const auto& [number, offset] : pdf.offsets) {
    index += fmt::format("{} 1 ", number);
    rows += test::big_endian(1, 1) + test::big_endian(offset, 4) + test::big_endian(0, 2);
  }
  for (const auto& [number, container, position] : compressed) {
    index += fmt::format("{} 1 ", number);
    rows += test::big_endian(2, 1) + test::big_endian(container, 4) + test::big_endian(position, 2);
  }
  const std::size_t start = pdf.text.size();
  pdf.stream(own, fmt::format("/Type /XRef /Size 100 /Root 1 0 R /W [1 4 2] /Index [{}]", index), rows);
  pdf.end(start);
}

}  // namespace

TEST_CASE("22: /Prev and /XRefStm in circles or to nowhere") {
  const auto with_prev = [](std::string_view prev) {
    PdfText pdf;
    pdf.basics();
    pdf.table(fmt::format("/Prev {}", prev));
    return pdf;
  };
  const PdfText probe = with_prev("000000");
  CHECK(code_of(with_prev(fmt::format("{:06}", probe.last_xref))) == "pdf.xref.loop");
  CHECK(code_of(with_prev("-00001")) == "pdf.xref.broken");
  CHECK(code_of(with_prev("999999")) == "pdf.xref.broken");
  CHECK(code_of(with_prev("000020")) == "pdf.xref.broken");
  CHECK(code_of(with_prev("9223372036854775807")) == "pdf.xref.broken");
  CHECK(code_of(with_prev("(text)")) == "pdf.xref.broken");
  CHECK(code_of(with_prev("1 0 R")) == "pdf.xref.broken");
  CHECK(code_of(with_prev("0")) == "ok");
  for (const Repair repair : {Repair::full}) CHECK(code_of(with_prev("999999"), repair) == "ok");

  PdfText stream_loop;
  stream_loop.basics();
  stream_loop.table(fmt::format("/XRefStm {:06}", probe.last_xref));
  CHECK(code_of(stream_loop, Repair::refuse) == "pdf.xref.loop");

  PdfText two;
  two.basics().table("/Prev 999999");
  const std::size_t first = two.last_xref;
  two.table();
  two.text.replace(two.text.find("/Prev 999999"), 12, fmt::format("/Prev {:06}", two.last_xref));
  CHECK(first < two.last_xref);
  CHECK(code_of(two) == "pdf.xref.loop");
}

TEST_CASE("22: very many sections") {
  PdfText pdf;
  pdf.basics().table();
  while (pdf.text.size() < 1'000'000) {
    const std::size_t start = pdf.text.size();
    pdf.text += fmt::format("xref\n0 0\ntrailer\n<</Prev {}>>\n", pdf.last_xref);
    pdf.end(start);
  }
  const auto graph = RevisionGraph::open(pdf.source());
  REQUIRE(graph);
  CHECK(graph->sections().size() > 12'000);
  CHECK(graph->revisions().size() == graph->sections().size());
  CHECK(graph->leftovers()->empty());
  Limits few;
  few.xref_sections = 100;
  CHECK(RevisionGraph::open(pdf.source(), Repair::minor, few).error().code == "pdf.limit");
}

TEST_CASE("22: sections inside the trailers of others") {
  PdfText pdf;
  pdf.basics().table();
  std::size_t previous = pdf.last_xref;
  std::vector<std::size_t> starts;
  std::string nested;
  for (int i = 0; i < 8000; ++i) {  // each trailer holds a string in which the next section begins
    starts.push_back(pdf.text.size());
    pdf.text += fmt::format("xref 0 0 trailer<</Prev {:07}/A(", i == 0 ? previous : starts[starts.size() - 2]);
  }
  pdf.text += std::string(100'000, ' ') + std::string(8000, ')');
  for (int i = 0; i < 8000; ++i) pdf.text += ">>";
  pdf.end(starts.back());
  CHECK(code_of(pdf) != "ok");
}

TEST_CASE("24: object streams that lie") {
  struct Case {
    std::string entries, data, expected;
  };
  const std::vector<Case> cases = {
      {"/Type /ObjStm /N 1 /First 5", "10 0 (value)", "ok"},
      {"/Type /ObjStm /N 1000000 /First 5", "10 0 (value)", "ok"},
      {"/Type /ObjStm /N -1 /First 5", "10 0 (value)", "pdf.object.broken"},
      {"/Type /ObjStm /N 1 /First 500", "10 0 (value)", "pdf.object.broken"},
      {"/Type /ObjStm /N 1 /First -5", "10 0 (value)", "pdf.object.broken"},
      {"/Type /ObjStm /N 1 /First 9", "10 99999 (value)", "pdf.object.broken"},
      {"/Type /ObjStm /N 2 /First 10", "11 0 10 3 1  (value)", "ok"},  // another position than the entry says
      {"/Type /ObjStm /N 1 /First 5", "11 0 (value)", "pdf.object.broken"},
      {"/Type /ObjStm /N 1 /First 5 /Extends 9 0 R", "10 0 (value)", "ok"},
      {"/Type /ObjStm /N 10 0 R /First 5", "10 0 (value)", "pdf.object.broken"},
      {"/Type /ObjStm /N 1 /First 5 /Filter [10 0 R]", "10 0 (value)", "pdf.object.loop"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.entries);
    PdfText pdf;
    pdf.basics().stream(9, c.entries, c.data);
    add_xref_stream(pdf, {{10, 9, 0}});
    const ObjectView view = view_of(pdf);
    const std::string code = object_code(view, 10);
    CHECK((code == c.expected || (c.expected == "pdf.object.broken" && code == "pdf.object.loop")));
    CHECK(object_code(view, 10) == code);
  }
}

TEST_CASE("24: object streams inside object streams, and in themselves") {
  PdfText pdf;
  pdf.basics().stream(9, "/Type /ObjStm /N 1 /First 5", "10 0 (value)");
  add_xref_stream(pdf, {{10, 11, 0}, {11, 12, 0}, {12, 11, 0}, {13, 13, 0}, {14, 2, 0}, {15, 4000000000U, 0}});
  const ObjectView view = view_of(pdf);
  for (const std::uint32_t number : {10U, 11U, 12U, 13U, 14U, 15U})
    CHECK(object_code(view, number) == "pdf.object.broken");
}

TEST_CASE("24: a stream whose length is inside the object stream that it is") {
  PdfText pdf;
  pdf.basics();
  pdf.object(9, "<< /Type /ObjStm /N 1 /First 5 /Length 10 0 R >>\nstream\n10 0 12\nendstream");
  add_xref_stream(pdf, {{10, 9, 0}});
  const ObjectView view = view_of(pdf);
  const auto length = view.get({10, 0});
  REQUIRE(length);
  CHECK(*length == Object(12));
}

TEST_CASE("25: entries that lead elsewhere") {
  PdfText pdf;
  pdf.basics();
  pdf.object(4, "(4 text with 5 0 obj inside)");
  pdf.object(6, "(six)");
  pdf.object(8, "(generation two)", 2);
  pdf.object(9, "9 0 R");
  pdf.object(10, "11 0 R");
  pdf.object(11, "10 0 R");
  pdf.offsets[5] = pdf.text.find("5 0 obj inside");
  pdf.offsets[7] = pdf.offsets[6];
  pdf.offsets[12] = 900'000;
  pdf.table();
  const ObjectView view = view_of(pdf);
  CHECK(object_code(view, 4) == "ok");
  CHECK(object_code(view, 5) == "pdf.object.broken");
  CHECK(object_code(view, 7) == "pdf.object.broken");
  CHECK(object_code(view, 8) == "pdf.object.broken");  // the entry says generation 0
  CHECK(object_code(view, 12) == "pdf.object.broken");
  CHECK(object_code(view, 0) == "null");
  CHECK(object_code(view, 99) == "null");
  CHECK(object_code(view, 4'000'000'000U) == "null");
  CHECK(view.get({6, 1})->is_null());
  CHECK(view.resolve(Object(ObjectId{9, 0})).error().code == "pdf.object.loop");
  CHECK(view.resolve(Object(ObjectId{10, 0})).error().code == "pdf.object.loop");
  CHECK(view.size() == 100);  // numbers below /Size are not given away
  CHECK(view.extent_of({6, 0})->length == std::string_view("6 0 obj\n(six)\nendobj").size());
}

TEST_CASE("26: a second header later is not the header") {
  PdfText pdf;
  pdf.basics().table();
  pdf.text += "%PDF-2.0\n";
  const auto graph = RevisionGraph::open(pdf.source());
  REQUIRE(graph);
  CHECK(graph->header_version() == "1.7");
  CHECK(graph->leftovers()->size() == 1);
}

TEST_CASE("33: cross-reference streams with absurd sizes") {
  const auto code = [](std::string_view entries, std::string_view rows) {
    PdfText pdf;
    pdf.basics();
    const std::size_t start = pdf.text.size();
    pdf.stream(50, fmt::format("/Type /XRef /Root 1 0 R {}", entries), rows);
    pdf.end(start);
    return code_of(pdf);
  };
  const std::string row = std::string(24, '\xFF');
  CHECK(code("/W [8 8 8] /Size 2147483648", row) != "ok");
  CHECK(code("/W [0 0 0] /Size 2147483648", row) != "ok");
  CHECK(code("/W [9 0 0] /Size 1", row) != "ok");
  CHECK(code("/W [-1 2 1] /Size 1", row) != "ok");
  CHECK(code("/W [1 2 1] /Size 99999999999999999999", row) != "ok");
  CHECK(code("/W [1 2 1] /Index [4294967295 5] /Size 5", row) != "ok");
  CHECK(code("/W [1 1 1] /Size 8000000 /Filter /FlateDecode", deflate(std::string(24'000'000, '\0'))) == "pdf.limit");
  std::string filters;
  for (int i = 0; i < 1000; ++i) filters += "/FlateDecode ";
  CHECK(code("/W [1 2 1] /Size 5 /Filter [" + filters + "]", row) == "pdf.limit");
}

TEST_CASE("33: bombs in streams and object streams") {
  PdfText pdf;
  pdf.basics();
  const std::string zeros = deflate(std::string(5U << 20U, '\0'));
  pdf.stream(5, "/Filter /FlateDecode", zeros);
  pdf.stream(6, "/Filter [/FlateDecode /FlateDecode]", deflate(zeros));
  std::string values = "20 0 21 0 22 0 ";
  values += "[" + std::string(3U << 20U, '0');
  for (std::size_t i = 17; i < values.size(); i += 2) values[i] = ' ';
  values += "]";
  pdf.stream(7, "/Type /ObjStm /N 3 /First 15 /Filter /FlateDecode", deflate(values));
  add_xref_stream(pdf, {{20, 7, 0}, {21, 7, 1}, {22, 7, 2}, {23, 5, 0}});
  Limits limits;
  limits.decoded_stream = 4U << 20U;
  const ObjectView view = view_of(pdf, limits);
  for (const std::uint32_t number : {5U, 6U}) {
    const auto object = view.get({number, 0});
    REQUIRE(object);
    CHECK(view.decode(*object->as_stream()).error().code == "pdf.limit");
  }
  for (const std::uint32_t number : {20U, 21U, 22U, 23U}) CHECK(object_code(view, number) == "pdf.limit");
}

TEST_CASE("33: object streams with more members than any writer puts into one") {
  const auto code_with = [](std::size_t count) {
    std::string data;
    for (std::size_t i = 0; i + 1 < count; ++i) data += "7 0 ";
    data += "20 0 ";
    const std::size_t first = data.size();
    PdfText pdf;
    pdf.basics().stream(9, fmt::format("/Type /ObjStm /N {} /First {} /Filter /FlateDecode", count, first),
                        deflate(data + "(value)"));
    add_xref_stream(pdf, {{20, 9, 0}});
    return object_code(view_of(pdf), 20);
  };
  CHECK(code_with(100'000) == "ok");
  CHECK(code_with(1'000'001) == "pdf.limit");
}

TEST_CASE("33: a million brackets, and objects inside the strings of others") {
  PdfText deep;
  deep.basics().object(4, std::string(900'000, '[')).object(5, std::string(90'000, '<')).table();
  const ObjectView view = view_of(deep);
  CHECK(object_code(view, 4) == "pdf.limit");
  CHECK(object_code(view, 5) != "ok");

  PdfText nested;
  nested.basics();
  constexpr unsigned kCount = 20'000;
  for (unsigned i = 10; i < kCount; ++i) {
    nested.offsets[i] = nested.text.size();
    nested.text += fmt::format("{} 0 obj (", i);
  }
  nested.text += std::string(kCount, ')') + "\nendobj\n";
  nested.table();
  const ObjectView overlapping = view_of(nested);
  std::size_t read = 0;
  for (unsigned i = 10; i < kCount; ++i) read += object_code(overlapping, i) == "ok" ? 1 : 0;
  CHECK(read > 0);
  CHECK(read < 100);  // then the work limit ends it
  CHECK(code_of(nested, Repair::full) == "ok");
}

TEST_CASE("a wrong /Length, an indirect one, and lengths in a row") {
  PdfText pdf;
  pdf.basics();
  pdf.object(4, "<< /Length 3 >>\nstream\nlonger than three\nendstream");
  pdf.object(5, "<< /Length 6 0 R >>\nstream\nhas endstream inside\nendstream");
  pdf.object(6, "20");
  pdf.object(7, "<< /Length 8 0 R >>\nstream\r\nlength refers to a stream\r\nendstream");
  pdf.object(8, "<< /Length 7 0 R >>\nstream\nand back\nendstream");
  pdf.object(9, "<< /Length 999999999999 >>\nstream\nfar too long\nendstream");
  pdf.table();
  const ObjectView view = view_of(pdf);
  const auto data = [&](std::uint32_t number) {
    const auto object = view.get({number, 0});
    REQUIRE(object);
    REQUIRE(object->as_stream() != nullptr);
    const auto bytes = view.decode(*object->as_stream());
    REQUIRE(bytes);
    return std::string(bytes->begin(), bytes->end());
  };
  CHECK(data(4) == "longer than three");
  CHECK(data(5) == "has endstream inside");
  CHECK(data(7) == "length refers to a stream");
  CHECK(data(8) == "and back");
  CHECK(data(9) == "far too long");
}

}  // namespace kyso::pdf

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "base/test_support.h"
#include "pdf/file/object_view.h"

namespace kyso::pdf {
namespace {

// Every object that any revision names, as text; streams with their decoded bytes.
std::string all_objects(const ObjectView& view) {
  std::string out = serialize(Object(view.trailer()));
  for (std::uint32_t number = 1; number < std::min<std::uint32_t>(view.size(), 2000); ++number) {
    const XrefEntry* entry = view.entry(number);
    if (entry == nullptr) continue;
    const auto object = view.get({number, entry->generation});
    out += fmt::format("\n{}: ", number);
    if (!object) {
      out += object.error().code;
    } else if (const Stream* stream = object->as_stream()) {
      out += serialize(Object(*stream->dictionary));
      if (const auto bytes = view.raw(*stream)) out += std::string(as_chars(*bytes));
    } else {
      serialize(*object, out);
    }
  }
  return out;
}

TEST_CASE("a view that advances reads each revision as one that was opened there") {
  std::size_t compared = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(KYSO_SOURCE_DIR "/tests/data/pdf")) {
    if (file.path().extension() != ".pdf") continue;
    auto source = Source::open(file.path());
    if (!source) continue;
    auto graph = RevisionGraph::open(*std::move(source));
    if (!graph || graph->revisions().size() < 2) continue;
    const auto shared = std::make_shared<const RevisionGraph>(*std::move(graph));
    auto view = ObjectView::open(shared, 0);
    if (!view) continue;
    CAPTURE(file.path().string());
    (void)all_objects(*view);  // so that there is something to forget
    for (std::size_t i = 1; i < shared->revisions().size(); ++i) {
      REQUIRE(view->advance());
      CHECK(view->revision() == i);
      const auto fresh = must(ObjectView::open(shared, i));
      CHECK(all_objects(*view) == all_objects(fresh));
      ++compared;
    }
    CHECK_FALSE(view->advance());
    auto follower = must(ObjectView::open(shared, 0)), leader = must(ObjectView::open(shared, 0));
    while (leader.advance()) {
      (void)all_objects(leader);
      REQUIRE(follower.advance(&leader));
      CHECK(all_objects(follower) == all_objects(leader));
    }
  }
  CHECK(compared >= 10);
}

TEST_CASE("an indirect /Length that a revision changes changes the stream") {
  std::string pdf = "%PDF-1.4\n";
  std::vector<std::size_t> at;
  const auto object = [&](std::string_view body) {
    at.push_back(pdf.size());
    pdf += fmt::format("{} 0 obj\n{}\nendobj\n", at.size(), body);
  };
  object("<</Type/Catalog/Pages 2 0 R>>");
  object("<</Type/Pages/Kids[]/Count 0>>");
  object("<</Length 4 0 R>>\nstream\nAAAA\nendstream BB\nendstream");
  object("4");
  const std::size_t first = pdf.size();
  pdf += "xref\n0 5\n0000000000 65535 f \n";
  for (const std::size_t offset : at) pdf += fmt::format("{:010} 00000 n \n", offset);
  pdf += fmt::format("trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n{}\n%%EOF\n", first);
  const std::size_t changed = pdf.size();
  pdf += "4 0 obj\n17\nendobj\n";
  const std::size_t second = pdf.size();
  pdf += fmt::format("xref\n4 1\n{:010} 00000 n \ntrailer\n<</Size 5/Root 1 0 R/Prev {}>>\nstartxref\n{}\n%%EOF\n",
                     changed, first, second);
  const auto graph =
      std::make_shared<const RevisionGraph>(must(RevisionGraph::open(Source::from_bytes(to_bytes(pdf)))));
  ObjectView view = must(ObjectView::open(graph, 0));
  const auto length = [&] {
    const Object stream = must(view.get({3, 0}));
    return std::get<Extent>(stream.as_stream()->data).length;
  };
  CHECK(length() == 4);
  REQUIRE(view.advance());
  CHECK(length() == 17);
}

}  // namespace
}  // namespace kyso::pdf

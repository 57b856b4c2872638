#include "pdf/revision_graph.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "pdf/object_view.h"

namespace kyso::pdf {
namespace {

const std::filesystem::path kData = KYSO_SOURCE_DIR "/tests/data/pdf";

Result<RevisionGraph> open_file(std::string_view name, RevisionGraph::Repair repair = RevisionGraph::Repair::minor) {
  return Source::open(kData / name).and_then([&](Source source) {
    return RevisionGraph::open(std::move(source), repair);
  });
}

}  // namespace

TEST_CASE("every sample file opens and every object parses") {
  for (const auto& file : std::filesystem::recursive_directory_iterator(kData)) {
    if (file.path().extension() != ".pdf") continue;
    CAPTURE(file.path().string());
    auto graph = open_file(std::filesystem::relative(file.path(), kData).string());
    CHECK_MESSAGE(graph, (graph ? "" : std::string(graph.error().code) + graph.error().detail));
    if (!graph) continue;
    std::string notes;
    for (const auto& note : graph->notes()) notes += note.code + " ";
    auto shared = std::make_shared<const RevisionGraph>(*std::move(graph));
    MESSAGE(file.path().filename().string() << " revisions " << shared->revisions().size() << " sections "
                                            << shared->sections().size() << " " << notes);
    std::optional<ObjectView> view;
    for (const char* password : {"", "usersecret", "view", "user"}) {
      const Secret secret{password};
      auto opened = ObjectView::open(shared, std::nullopt, &secret);
      if (opened) {
        view = *opened;
        break;
      }
    }
    CHECK(view);
    if (!view) continue;
    for (std::uint32_t n = 0; n < view->size(); ++n) {
      const XrefEntry* entry = view->entry(n);
      if (!entry || entry->kind == XrefEntry::Kind::free) continue;
      auto object = view->get({n, entry->generation});
      CHECK_MESSAGE(object, n << (object ? "" : object.error().detail));
      if (object && object->as_stream()) {
        auto data = view->decode(*object->as_stream());
        CHECK_MESSAGE((data || data.error().code == "pdf.filter.unsupported"), n << (data ? "" : data.error().detail));
      }
    }
  }
}

}  // namespace kyso::pdf

#include "pdf/file/source.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/test_support.h"
#include "pdf/file/object_view.h"
#include "pdf/file/test_pdf.h"

namespace kyso::pdf {
namespace {

struct TemporaryFile {
  TestFolder folder;
  std::filesystem::path path;
  explicit TemporaryFile(std::string_view content) : path(folder.write("file", content)) {}
};

std::size_t resident_kilobytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stoul(line.substr(6));
  }
  return 0;
}

}  // namespace

TEST_CASE("views, reads and digests give the bytes of the file") {
  std::string content;
  for (int i = 0; i < 20'000; ++i) content += std::to_string(i * 7919) + "\n";
  const TemporaryFile file(content);
  const auto source = Source::open(file.path);
  REQUIRE(source);
  CHECK(source->size() == content.size());
  const Source memory = Source::from_bytes(to_bytes(content));
  for (const Source& tested : {*source, memory}) {
    for (const std::uint64_t offset : {0ULL, 1ULL, 16383ULL, 16384ULL, 50000ULL, content.size() - 3ULL}) {
      CHECK(as_chars(tested.view(offset, 40'000)) == std::string_view(content).substr(offset, 40'000));
    }
    CHECK(tested.view(content.size(), 10).empty());
    CHECK(tested.view(UINT64_MAX, 10).empty());
    Bytes buffer(10);
    CHECK(*tested.read(content.size() - 4, buffer) == 4);
    crypto::Digester digester(crypto::DigestAlgorithm::sha256);
    REQUIRE(tested.digest_into(digester, {10, content.size() - 20}));
    CHECK(digester.finish() ==
          crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(content).subspan(10, content.size() - 20)));
    CHECK(tested.digest_into(digester, {10, content.size()}).error().code == "pdf.file.changed");
  }
}

TEST_CASE("missing, empty, folder") {
  CHECK(Source::open("/nonexistent/file.pdf").error().code == "base.file.missing");
  CHECK(Source::open("/tmp").error().code == "base.file.unreadable");
  const TemporaryFile empty("");
  CHECK(Source::open(empty.path).error().code == "pdf.file.empty");
}

TEST_CASE("a file that is cut short or written to meanwhile is an error, not a crash") {
  const TemporaryFile file(std::string(2'000'000, 'x'));
  const auto source = Source::open(file.path);
  REQUIRE(source);
  CHECK(source->view(0, 10)[0] == 'x');
  std::filesystem::resize_file(file.path, 1000);
  CHECK(source->view(0, 10)[0] == 'x');
  CHECK(source->view(1'500'000, 10).size() == 10);
  CHECK(source->view(1'500'000, 10)[0] == 0);
  Bytes buffer(100);
  CHECK(source->read(1'500'000, buffer).error().code == "pdf.file.changed");
  crypto::Digester digester(crypto::DigestAlgorithm::sha256);
  CHECK(source->digest_into(digester, {0, 2'000'000}).error().code == "pdf.file.changed");

  // A small file was read whole: what was parsed stays, but it is no longer what has that name.
  const TemporaryFile letter(std::string(50'000, 'x'));
  const auto small = Source::open(letter.path);
  REQUIRE(small);
  std::filesystem::resize_file(letter.path, 1000);
  CHECK(small->view(40'000, 10)[0] == 'x');
  CHECK(small->digest_into(digester, {0, 50'000}).error().code == "pdf.file.changed");

  const TemporaryFile other(std::string(1000, 'x'));
  const auto second = Source::open(other.path);
  REQUIRE(second);
  std::ofstream(other.path, std::ios::in | std::ios::binary) << "y";
  std::filesystem::last_write_time(other.path, std::filesystem::file_time_type::clock::now() + std::chrono::hours(1));
  CHECK(second->digest_into(digester, {0, 1000}).error().code == "pdf.file.changed");
}

TEST_CASE("a 10 GB file opens at the cost of what is looked at") {
  const std::uint64_t start = 10'000'000'000;
  const TemporaryFile file("%PDF-1.7\n");
  const std::string first = "1 0 obj\n<< /Type /Catalog /Note (far away) >>\nendobj\n";
  std::string tail =
      first + "xref\n0 2\n0000000000 65535 f \n" + fmt::format("{:010} 00000 n \n", std::uint64_t{start});
  tail = tail.replace(tail.find("10000000000"), 11, "9999999999");  // ten digits are what a table holds
  const std::uint64_t object = 9'999'999'999;
  const std::uint64_t xref = object + first.size();
  tail += fmt::format("trailer\n<< /Root 1 0 R /Size 2 >>\nstartxref\n{}\n%%EOF\n", xref);
  std::filesystem::resize_file(file.path, object);
  std::ofstream(file.path, std::ios::app | std::ios::binary) << tail;
  const std::size_t before = resident_kilobytes();
  const auto graph =
      Source::open(file.path).and_then([](Source source) { return RevisionGraph::open(std::move(source)); });
  REQUIRE(graph);
  const auto view = ObjectView::open(std::make_shared<const RevisionGraph>(*graph));
  REQUIRE(view);
  CHECK(view->catalog()->get("Note") == Object(String{"far away", false}));
  CHECK(resident_kilobytes() - before < 8 * 1024);
}

}  // namespace kyso::pdf

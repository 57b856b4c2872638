#include "pdf/update/incremental_writer.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <algorithm>

#include "pdf/update/update_test_support.h"

using namespace kyso;
using namespace kyso::pdf;

namespace {

constexpr std::size_t kCapacity = 700;

Dictionary signature_dictionary() {
  return {{"Type", Name{"Sig"}},
          {"Filter", Name{"Adobe.PPKLite"}},
          {"SubFilter", Name{"ETSI.CAdES.detached"}},
          {"M", String{"D:20261120110000+07'00'", false}},
          {"Reason", text_string("Ký ban hành (thử nghiệm) \\ >>")}};
}

// An update with a new invisible signature field, its value still empty.
IncrementalWriter::Appendix sign_update(const Document& document, const std::string& field) {
  IncrementalWriter writer(document.view());
  FormWriter form(document, writer);
  const ObjectId signature = writer.reserve();
  const ObjectId id = must(form.add_signature_field(field, {}, std::nullopt), "add_signature_field");
  must(form.bind_signature(id, signature, {}), "bind_signature");
  writer.set_signature(signature, signature_dictionary(), kCapacity);
  return must(writer.finish(test::random_id()), "finish");
}

// The update as a file beside its source: what every update has to keep.
Document check_update(const Document& before, const IncrementalWriter::Appendix& appendix, const std::string& field,
                      const std::filesystem::path& path, const std::string& password) {
  const Bytes source = test::whole(before, {});
  const Bytes all = test::whole(before, appendix.bytes);
  test::save(path, all);
  REQUIRE(appendix.slot);
  const SignatureSlot& slot = *appendix.slot;
  CHECK(slot.file_size == all.size());
  CHECK(slot.contents_length == 2 * kCapacity + 2);
  CHECK(all[slot.contents_offset] == '<');
  CHECK(all[slot.contents_offset + slot.contents_length - 1] == '>');
  CHECK(std::all_of(all.begin() + static_cast<std::ptrdiff_t>(slot.contents_offset + 1),
                    all.begin() + static_cast<std::ptrdiff_t>(slot.contents_offset + slot.contents_length - 1),
                    [](std::uint8_t byte) { return byte == '0'; }));

  const Document after = test::open(path, password);
  CHECK(after.graph().revisions().size() >= 1);
  const auto& signatures = after.form().signatures();
  REQUIRE(!signatures.empty());
  const auto found = std::ranges::find_if(signatures, [&](const SignatureInfo& info) { return info.field == field; });
  REQUIRE(found != signatures.end());
  const auto range = slot.byte_range();
  CHECK(found->byte_range == std::vector<std::int64_t>(range.begin(), range.end()));
  CHECK(range[2] + range[3] == all.size());
  CHECK(found->covered_revision == after.graph().revisions().size() - 1);
  CHECK(found->reason == "Ký ban hành (thử nghiệm) \\ >>");
  CHECK(found->sub_filter == "ETSI.CAdES.detached");
  CHECK(found->contents == std::string(kCapacity, '\0'));
  CHECK(after.pages().count() == before.pages().count());
  return after;
}

bool is_certified_against(const Document& document) {
  return document.form().permissions().level() == 1;
}

std::string header_of(const Document& document) {
  const auto& section = document.graph().sections().front();
  return std::string(as_chars(document.graph().source().view(section.extent.offset, 4)));
}

}  // namespace

TEST_CASE("every sample takes a signature update, and a second one, that other readers accept") {
  const TestFolder folder;
  for (const test::Sample& sample : test::all_samples()) {
    const std::string name = std::filesystem::relative(sample.path, test::data("")).string();
    CAPTURE(name);
    const Document before = test::open(sample.path, sample.password);
    if (is_certified_against(before)) continue;
    const auto first = sign_update(before, "Thu nghiem 1");
    const std::string flat = sample.path.filename().string();
    const Document middle = check_update(before, first, "Thu nghiem 1", folder / flat, sample.password);
    CHECK_FALSE(middle.graph().was_repaired());
    const auto checked = test::qpdf_check(folder / flat, sample.password);
    CHECK_MESSAGE(checked.status == 0, checked.output);

    const auto second = sign_update(middle, "Thu nghiem 2");
    const Document last = check_update(middle, second, "Thu nghiem 2", folder / ("2-" + flat), sample.password);
    const auto checked_again = test::qpdf_check(folder / ("2-" + flat), sample.password);
    CHECK_MESSAGE(checked_again.status == 0, checked_again.output);
    CHECK(last.graph().revisions().size() == middle.graph().revisions().size() + 1);
    CHECK(last.form().signatures().size() == before.form().signatures().size() + 2);
  }
}

TEST_CASE("the cross-reference is of the kind that the file has") {
  const std::vector<std::pair<std::string, std::string>> cases{{"pyhanko/minimal.pdf", "xref"},
                                                               {"pyhanko/minimal-hybrid-xref.pdf", "xref"},
                                                               {"qpdf/hybrid-xref.pdf", "xref"},
                                                               {"own/hybrid-update.pdf", "xref"},
                                                               {"own/vn-to-trinh-linearized.pdf", "xref"}};
  const TestFolder folder;
  for (const auto& [name, expected] : cases) {
    CAPTURE(name);
    const Document before = test::open(test::data(name));
    const Document after = check_update(before, sign_update(before, "A"), "A", folder / std::string("x.pdf"), "");
    CHECK(header_of(after) == expected);
    CHECK_FALSE(after.graph().sections().front().trailer.has("XRefStm"));
    CHECK(after.graph().sections().front().kind == XrefKind::table);
  }
  for (const std::string name : {"pyhanko/minimal-xref.pdf", "qpdf/c-linearized.pdf", "qpdf/big-ostream.pdf"}) {
    CAPTURE(name);
    const Document before = test::open(test::data(name));
    const Document after = check_update(before, sign_update(before, "A"), "A", folder / std::string("x.pdf"), "");
    CHECK(after.graph().sections().front().kind == XrefKind::stream);
    CHECK(after.view().trailer().get("Type").is_name("XRef"));
  }
}

TEST_CASE("the trailer keeps what names the document") {
  const Document before = test::open(test::data("vn-cong-van.pdf"));
  const TestFolder folder;
  const Document after = check_update(before, sign_update(before, "A"), "A", folder / std::string("x.pdf"), "");
  const Dictionary& old_trailer = before.view().trailer();
  const Dictionary& trailer = after.graph().sections().front().trailer;
  CHECK(trailer.get("Root") == old_trailer.get("Root"));
  CHECK(trailer.get("Info") == old_trailer.get("Info"));
  REQUIRE(trailer.get("ID").as_array() != nullptr);
  CHECK(trailer.get("ID").as_array()->at(0) == old_trailer.get("ID").as_array()->at(0));
  CHECK(trailer.get("ID").as_array()->at(1).as_string()->bytes == "0123456789abcdef");
  CHECK(trailer.get("Size").as_integer() == after.view().size());
  CHECK_FALSE(trailer.has("DocChecksum"));
}

TEST_CASE("damage in the cross-reference is mended by a section that stands alone") {
  const TestFolder folder;
  for (const std::string name : {"pyhanko/minimal-badxref.pdf", "pyhanko/malformed-xref-space-padded.pdf"}) {
    CAPTURE(name);
    const Document before = test::open(test::data(name));
    CHECK(before.graph().was_repaired());
    const Document after = check_update(before, sign_update(before, "A"), "A", folder / std::string("x.pdf"), "");
    CHECK_FALSE(after.graph().was_repaired());
    CHECK_FALSE(after.graph().sections().front().trailer.has("Prev"));
  }
  // Only startxref misses: what it should have named is named by /Prev, and the chain stays.
  const Document before = test::open(test::data("pyhanko/minimal-startxref-obo1.pdf"));
  const Document after = check_update(before, sign_update(before, "A"), "A", folder / std::string("x.pdf"), "");
  CHECK(after.graph().sections().size() == 2);
  CHECK_FALSE(after.graph().was_repaired());
}

TEST_CASE("a rebuilt file with object streams gets a cross-reference stream over everything") {
  Bytes bytes = test::file_bytes(test::data("qpdf/big-ostream.pdf"));
  const std::string_view text = as_chars(bytes);
  const std::size_t at = text.rfind("startxref");
  REQUIRE(at != std::string_view::npos);
  bytes.resize(at);
  append(bytes, "startxref\n1\n%%EOF\n");
  const TestFolder folder;
  test::save(folder / "broken.pdf", bytes);
  const Document before = test::open(folder / "broken.pdf", "", RevisionGraph::Repair::full);
  CHECK(before.graph().was_rebuilt());
  const Document after = check_update(before, sign_update(before, "A"), "A", folder / "mended.pdf", "");
  CHECK_FALSE(after.graph().was_repaired());
  CHECK(after.graph().sections().size() == 1);
  const auto checked = test::qpdf_check(folder / "mended.pdf", "");
  CHECK_MESSAGE(checked.status == 0, checked.output);
}

TEST_CASE("files without identifier or without end of line") {
  const std::vector<std::string> objects{"<< /Type /Catalog /Pages 2 0 R >>",
                                         "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
                                         "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"};
  Bytes bytes = test::make_pdf(objects);
  bytes.pop_back();
  REQUIRE(bytes.back() == 'F');
  const Document before = test::open(bytes);
  const TestFolder folder;
  const auto appendix = sign_update(before, "A");
  CHECK(appendix.bytes.front() == '\n');
  const Document after = check_update(before, appendix, "A", folder / "x.pdf", "");
  const Array* id = after.graph().sections().front().trailer.get("ID").as_array();
  REQUIRE(id != nullptr);
  CHECK(id->at(0) == id->at(1));
  CHECK(test::qpdf_check(folder / "x.pdf", "").status == 0);
}

TEST_CASE("only what changes is written") {
  const Document document = test::open(test::data("vn-cong-van.pdf"));
  IncrementalWriter writer(document.view());
  CHECK(writer.is_empty());
  const ObjectId catalog = *document.view().catalog_id();
  const Object before = must(writer.get(catalog));
  writer.set(catalog, before);
  CHECK(writer.is_empty());
  must(writer.update_entry(catalog, "Lang", String{"x", false}));
  CHECK_FALSE(writer.is_empty());
  writer.set(catalog, before);
  CHECK(writer.is_empty());
  CHECK(code_of(writer.update_entry({99999, 0}, "A", 1)) == "pdf.object.not_dictionary");
  const ObjectId a = writer.add(1), b = writer.reserve();
  CHECK(a.number >= document.view().size());
  CHECK(b.number == a.number + 1);
  CHECK(must(writer.resolve(Object(a))).as_integer() == 1);
}

TEST_CASE("streams are compressed when that helps, and read back") {
  const Document document = test::open(test::data("own/vn-cong-van-aes256.pdf"));
  IncrementalWriter writer(document.view());
  const Bytes zeros(10000, 0), tiny = to_bytes("q");
  const ObjectId large = writer.add_stream({{"Note", text_string("bí mật")}}, zeros);
  const ObjectId small = writer.add_stream({}, tiny);
  CHECK(must(writer.get(large)).as_dictionary()->get("Filter").is_name("FlateDecode"));
  CHECK_FALSE(must(writer.get(small)).as_dictionary()->has("Filter"));
  const auto appendix = must(writer.finish(test::random_id()));
  const std::string_view text = as_chars(appendix.bytes);
  CHECK(text.find("b\xC3\xAD") == std::string_view::npos);
  const Document after = test::open(test::whole(document, appendix.bytes));
  for (const auto& [id, plain] : {std::pair(large, zeros), std::pair(small, tiny)}) {
    const Object stream = must(after.view().get(id));
    REQUIRE(stream.as_stream() != nullptr);
    CHECK(must(after.view().decode(*stream.as_stream())) == plain);
  }
  CHECK(text_of(*must(after.view().get(large)).as_dictionary()->get("Note").as_string()) == "bí mật");
}

TEST_CASE("a stream that only its dictionary changes keeps its bytes, also in an encrypted file") {
  for (const std::string name : {"qpdf/V4-aes.pdf", "vn-cong-van.pdf", "pyhanko/minimal-with-field-rc4.pdf"}) {
    CAPTURE(name);
    const Document document = test::open(test::data(name), test::password_of(test::data(name).filename()));
    const Page page = must(document.pages().page(0));
    Object contents = page.dictionary.get("Contents");
    if (contents.as_array() != nullptr) contents = contents.as_array()->front();
    const ObjectId id = *contents.as_reference();
    const Object stream = must(document.view().get(id));
    const Bytes plain = must(document.view().decode(*stream.as_stream()));
    IncrementalWriter writer(document.view());
    must(writer.update_entry(id, "Kyso", text_string("đổi")));
    const ObjectId copy = writer.add(stream);  // under another number: encrypted anew
    const auto appendix = must(writer.finish(test::random_id()));
    const TestFolder folder;
    test::save(folder / "x.pdf", test::whole(document, appendix.bytes));
    const Document after = test::open(folder / "x.pdf", test::password_of(test::data(name).filename()));
    for (const ObjectId one : {id, copy}) {
      const Object again = must(after.view().get(one));
      REQUIRE(again.as_stream() != nullptr);
      CHECK(must(after.view().decode(*again.as_stream())) == plain);
    }
    CHECK(text_of(*must(after.view().get(id)).as_dictionary()->get("Kyso").as_string()) == "đổi");
  }
}

TEST_CASE("a tenth signature is as good as the first") {
  const TestFolder folder;
  for (const std::string name : {"pyhanko/minimal.pdf", "pyhanko/minimal-xref.pdf", "own/pdf20-offset-start.pdf"}) {
    CAPTURE(name);
    Document document = test::open(test::data(name));
    const std::size_t revisions = document.graph().revisions().size();
    for (int i = 1; i <= 10; ++i) {
      const std::string field = fmt::format("Chữ ký {}", i);
      document = check_update(document, sign_update(document, field), field, folder / "x.pdf", "");
    }
    CHECK(document.graph().revisions().size() == revisions + 10);
    CHECK(document.form().signatures().size() == 10);
    for (std::size_t i = 0; i < 10; ++i) {
      CHECK(document.form().signatures()[i].covered_revision == revisions + i);
    }
    const auto checked = test::qpdf_check(folder / "x.pdf", "");
    CHECK_MESSAGE(checked.status == 0, checked.output);
  }
}

TEST_CASE("offsets above ten digits go into a cross-reference stream") {
  // A sparse file: a small document, ten gigabytes of nothing, a table that names its objects.
  const TestFolder folder;
  const std::string head =
      "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 "
      ">>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>\nendobj\n";
  const std::uint64_t at = 10'000'000'100;
  std::string tail = "\nxref\n0 4\n0000000000 65535 f \n";
  for (const char* object : {"1 0 obj", "2 0 obj", "3 0 obj"})
    tail += fmt::format("{:010} 00000 n \n", head.find(object));
  tail += fmt::format("trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n{}\n%%EOF\n", at + 1);
  test::save(folder / "big.pdf", as_bytes(head));
  {
    const int file = ::open((folder / "big.pdf").c_str(), O_WRONLY | O_CLOEXEC);
    REQUIRE(file >= 0);
    REQUIRE(pwrite(file, tail.data(), tail.size(), static_cast<off_t>(at)) == static_cast<ssize_t>(tail.size()));
    close(file);
  }
  const Document before = test::open(folder / "big.pdf");
  const auto appendix = sign_update(before, "A");
  REQUIRE(appendix.slot);
  CHECK(appendix.slot->contents_offset > 10'000'000'000);
  {
    const int file = ::open((folder / "big.pdf").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    REQUIRE(write(file, appendix.bytes.data(), appendix.bytes.size()) == static_cast<ssize_t>(appendix.bytes.size()));
    close(file);
  }
  const Document after = test::open(folder / "big.pdf");
  CHECK(after.graph().sections().front().kind == XrefKind::stream);
  CHECK(must(after.view().catalog()).get("Version").is_name("1.5"));
  REQUIRE(after.form().signatures().size() == 1);
  const auto range = appendix.slot->byte_range();
  CHECK(after.form().signatures()[0].byte_range == std::vector<std::int64_t>(range.begin(), range.end()));
  CHECK(after.form().signatures()[0].covered_revision == 1);
}

TEST_CASE("source, appendix and digest go out in one pass") {
  const TestFolder folder;
  const Document document = test::open(test::data("qpdf/image-streams.pdf"));
  const auto appendix = sign_update(document, "A");
  auto out = must(OutputFile::create(folder / "out.pdf"));
  const Bytes digest =
      must(write_signed_revision(document.graph().source(), appendix, crypto::DigestAlgorithm::sha256, out));
  must(out.commit());
  const Bytes all = test::whole(document, appendix.bytes);
  CHECK(test::file_bytes(folder / "out.pdf") == all);
  Bytes covered(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(appendix.slot->contents_offset));
  append(covered, ByteView(all).subspan(appendix.slot->byte_range()[2]));
  CHECK(digest == crypto::digest(crypto::DigestAlgorithm::sha256, covered));

  auto plain = must(OutputFile::create(folder / "plain.pdf"));
  must(write_revision(document.graph().source(), appendix, plain));
  must(plain.commit());
  CHECK(test::file_bytes(folder / "plain.pdf") == all);
  auto memory = must(OutputFile::create(folder / "memory.pdf"));
  must(write_revision(Source::from_bytes(to_bytes("abc")), {to_bytes("def"), std::nullopt}, memory));
  must(memory.commit());
  CHECK(test::file_bytes(folder / "memory.pdf") == to_bytes("abcdef"));
}

TEST_CASE("a damaged file is refused, or takes an update that can be read again") {
  std::size_t updated = 0, refused = 0;
  std::uint32_t seed = 20261120;
  const auto random = [&](std::uint32_t below) {
    seed = seed * 1664525U + 1013904223U;
    return static_cast<std::uint32_t>((std::uint64_t{seed} * below) >> 32U);
  };
  for (const std::string name :
       {"pyhanko/minimal.pdf", "pyhanko/minimal-xref.pdf", "pyhanko/minimal-hybrid-xref.pdf",
        "pyhanko/minimal-badxref.pdf", "pyhanko/simple-acroform-states.pdf", "pyhanko/minimal-two-fields-tagged.pdf",
        "own/two-empty-fields.pdf", "pyhanko/uncompressed-objstream-sample.pdf"}) {
    const Bytes original = test::file_bytes(test::data(name));
    for (int round = 0; round < 150; ++round) {
      Bytes bytes = original;
      for (std::uint32_t changes = 1 + random(4); changes > 0; --changes) {
        const std::uint32_t at = random(static_cast<std::uint32_t>(bytes.size()));
        switch (random(3)) {
          case 0:
            bytes[at] = static_cast<std::uint8_t>("0123456789 /<>[]()Rnf\n"[random(22)]);
            break;
          case 1:
            bytes.erase(bytes.begin() + at);
            break;
          default:
            bytes.insert(bytes.begin() + at, static_cast<std::uint8_t>(random(256)));
        }
      }
      CAPTURE(name);
      CAPTURE(round);
      Document::Options options;
      options.repair = random(2) == 0 ? RevisionGraph::Repair::minor : RevisionGraph::Repair::full;
      auto document = Document::open(Source::from_bytes(bytes), options);
      if (!document) {
        ++refused;
        continue;
      }
      IncrementalWriter writer(document->view());
      FormWriter form(*document, writer);
      const ObjectId signature = writer.reserve();
      auto field = form.add_signature_field("Thu", {}, std::nullopt);
      if (!field || !form.bind_signature(*field, signature, {})) {
        ++refused;
        continue;
      }
      writer.set_signature(signature, signature_dictionary(), kCapacity);
      auto appendix = writer.finish(test::random_id());
      if (!appendix) {
        ++refused;
        continue;
      }
      append(bytes, appendix->bytes);
      auto after = Document::open(Source::from_bytes(bytes), options);
      REQUIRE_MESSAGE(after.has_value(), code_of(after));
      const Field* found = after->form().find("Thu");
      REQUIRE(found != nullptr);
      CHECK(found->is_signed);
      CHECK(after->form().signatures().size() == document->form().signatures().size() + 1);
      ++updated;
    }
  }
  CHECK(updated > 300);
  CHECK(refused > 50);
}

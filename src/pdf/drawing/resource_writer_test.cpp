#include <doctest/doctest.h>

#include <functional>

#include "pdf/drawing/test_drawing.h"

// What a second signature shares with the first, and what it must never take from a file that somebody prepared.
namespace kyso::pdf {
namespace {

using namespace test;

TEST_CASE("a seal with two fonts costs at most 40 kB the first time and 8 kB each further time") {
  const TestFolder folder;
  const Bytes original = file("pyhanko/minimal.pdf");
  Bytes bytes = original;
  std::vector<std::size_t> growth;
  for (const std::string_view date :
       {"06/09/2026 16:01:42 +07:00", "17/10/2027 23:58:39 +07:00", "28.12.2031, 08:45"}) {
    Update update(bytes);
    update.add_field(signature_box(picture("sample-seal-red-37mm.png"), "Nguyễn Văn A", std::string(date)), 20,
                     20 + 120.0 * static_cast<double>(growth.size()));
    const Bytes next = update.finish();
    growth.push_back(next.size() - bytes.size());
    bytes = next;
  }
  MESSAGE("growth " << growth[0] << ", " << growth[1] << ", " << growth[2]);
  CHECK(growth[0] < 34'000);  // the signature's CMS comes on top, within 40 kB
  CHECK(growth[1] < 2'000);
  CHECK(growth[2] < 2'000);
  const std::string path = folder / "three.pdf";
  save(bytes, path);
  check_file(path);
  CHECK(good_fonts(path) == 2);
  CHECK(objects_with(open(bytes).view(), "SMask").size() == 1);  // one seal for three signatures
}

TEST_CASE("a new letter makes a new subset; the old one stays in use for what it has") {
  Update first(blank(300, 300));
  REQUIRE(first.resources().encode(FontStyle::bold, "Nguyễn"));
  const ObjectId font = first.resources().font(FontStyle::bold);
  Drawing drawing(100, 20);
  drawing.text({"Nguyễn", FontStyle::bold, 10, {}}, 0, 5);
  first.add_field(drawing, 10, 10);
  Update second(first.finish());
  const auto old_letters = second.resources().encode(FontStyle::bold, "yễn 2026");
  REQUIRE(old_letters);
  CHECK(second.resources().font(FontStyle::bold) == font);
  REQUIRE(second.resources().encode(FontStyle::bold, "Trần"));
  CHECK(second.resources().font(FontStyle::bold) != font);
  CHECK(*second.resources().encode(FontStyle::bold, "yễn 2026") == *old_letters);
  CHECK(second.resources().font(FontStyle::bold) == font);
  REQUIRE(second.resources().encode(FontStyle::regular, "yễn"));
  CHECK(second.resources().font(FontStyle::regular) != font);
}

TEST_CASE("a planted font or image that looks like ours is never used") {
  Update honest(blank(300, 300));
  const Image seal = picture("sample-seal-red-37mm.png");
  Drawing drawing(200, 100);
  drawing.text({"Nguyễn", FontStyle::regular, 10, {}}, 0, 5);
  drawing.image(seal, {100, 0, 200, 100});
  honest.add_field(drawing, 10, 10);
  const Bytes bytes = honest.finish();
  const auto reuse = [&](const std::function<void(IncrementalWriter&, const ObjectView&)>& change) {
    Update forged(bytes);
    change(forged.writer(), forged.document().view());
    Update next(forged.finish());
    const std::uint32_t known = next.document().view().size();
    REQUIRE(next.resources().encode(FontStyle::regular, "Nguyễn"));
    const bool font = next.resources().font(FontStyle::regular).number < known;
    return std::pair(font, next.resources().image(seal)->id.number < known);
  };
  const auto only = [](const ObjectView& view, std::string_view key) {
    const auto ids = objects_with(view, key);
    REQUIRE(ids.size() == 1);
    return ids.front();
  };
  const auto stream = [](Dictionary dictionary, std::string_view data) {
    return Object(Stream{
        std::make_shared<const Dictionary>(std::move(dictionary)), std::make_shared<const Bytes>(to_bytes(data)), {}});
  };
  CHECK(reuse([](auto&, auto&) {}) == std::pair(true, true));
  // Letters exchanged in the map to glyphs: "Nguyễn" would be shown as something else.
  CHECK(reuse([&](IncrementalWriter& writer, const ObjectView& view) {
          const ObjectId font = only(view, "CIDToGIDMap");
          const auto map = *view.get(font)->as_dictionary()->get("CIDToGIDMap").as_reference();
          Bytes gids = *view.decode(*view.get(map)->as_stream());
          std::swap(gids[gids.size() - 1], gids[gids.size() - 3]);
          writer.set(map, stream({}, as_chars(gids)));
        }) == std::pair(false, true));
  CHECK(reuse([&](IncrementalWriter& writer, const ObjectView& view) {
          const ObjectId font = only(view, "ToUnicode");
          const auto map = *view.get(font)->as_dictionary()->get("ToUnicode").as_reference();
          Bytes cmap = *view.decode(*view.get(map)->as_stream());
          std::swap(cmap[cmap.size() / 2], cmap[cmap.size() / 2 + 5]);
          writer.set(map, stream({}, as_chars(cmap)));
        }) == std::pair(false, true));
  // Another font program beside ours, other widths, another look of the same samples.
  CHECK(reuse([&](IncrementalWriter& writer, const ObjectView& view) {
          REQUIRE(writer.update_entry(only(view, "FontFile2"), "FontFile3", Object(ObjectId{1, 0})));
        }) == std::pair(false, true));
  CHECK(reuse([&](IncrementalWriter& writer, const ObjectView& view) {
          REQUIRE(writer.update_entry(only(view, "W"), "W", Array{Object(1), Object(Array{Object(1)})}));
        }) == std::pair(false, true));
  CHECK(reuse([&](IncrementalWriter& writer, const ObjectView& view) {
          const auto mask = *view.get(only(view, "SMask"))->as_dictionary()->get("SMask").as_reference();
          REQUIRE(writer.update_entry(mask, "Decode", Array{Object(1), Object(0)}));
        }) == std::pair(true, false));
  CHECK(reuse([&](IncrementalWriter& writer, const ObjectView& view) {
          REQUIRE(writer.update_entry(only(view, "SMask"), "Intent", Name{"Perceptual"}));
        }) == std::pair(true, false));
}

TEST_CASE("an empty text needs no font") {
  Update update(blank(100, 100));
  CHECK(*update.resources().encode(FontStyle::regular, "") == "<>");
  Drawing drawing(50, 10);
  drawing.text({"", FontStyle::regular, 10, {}}, 0, 0);
  drawing.paragraph({}, {0, 0, 50, 10}, Drawing::Align::left);
  update.add_field(drawing, 10, 10);
  CHECK(objects_with(open(update.finish()).view(), "FontFile2").empty());
}

}  // namespace
}  // namespace kyso::pdf

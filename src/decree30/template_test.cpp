#include <rapidcheck.h>

#include "decree30/template_keys.h"
#include "decree30/test_support.h"

namespace kyso::decree30 {
namespace {

using namespace test;

Template parse(std::string_view text) {
  return must(parse_template(text, "t.toml"));
}

template <typename E, std::size_t N>
E any_of(const WordTable<E, N>& table) {
  return table.rows[*rc::gen::inRange<std::size_t>(0, N)].first;
}

double tenth(int low, int high) {
  return *rc::gen::inRange(low * 10, high * 10) / 10.0;
}

std::string any_text() {
  static const std::vector<std::string> kParts{"Nguyễn", "Ánh", "\"", "\\", "#", "'", " ",
                                               "=",      "[",   "\n", "đ",  "A", "1"};
  std::string out = "x";
  for (const int i : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, static_cast<int>(kParts.size()))))
    out += kParts[static_cast<std::size_t>(i)];
  return out;
}

Template any_template() {
  Template t;
  t.name = any_text();
  t.role = any_of(kRoles);
  t.show = any_of(kShows);
  t.image = *rc::gen::element(std::string(), std::string("/tmp/chữ ký.png"));
  t.width = tenth(5, 2000);
  t.height = tenth(5, 2000);
  t.gap = tenth(0, 500);
  t.offset = tenth(-1000, 1000);
  t.seal_diameter_mm = tenth(10, 100);
  t.seal_overlap_percent = *rc::gen::inRange(0, 1000) / 30.0;
  t.show_labels = *rc::gen::arbitrary<bool>();
  t.show_email = *rc::gen::arbitrary<bool>();
  t.label_time = any_text();
  t.font_style = any_of(kStyles);
  t.font_size = tenth(4, 72);
  t.text_colour = {*rc::gen::inRange(0, 256) / 255.0, *rc::gen::inRange(0, 256) / 255.0, 0};
  t.page = any_of(kPages);
  if (t.page == Template::PageChoice::number) t.page_number = *rc::gen::inRange<std::size_t>(1, 1'000'000);
  t.corner = any_of(kCorners);
  t.signer_name = any_text();
  t.agency = any_text();
  t.copy_kind = any_of(kCopyKinds);
  t.time_format = any_of(kTimeFormats);
  t.initials_place = any_of(kInitialsPlaces);
  if (*rc::gen::arbitrary<bool>()) t.certify = *rc::gen::inRange(1, 4);
  t.prepare_round = *rc::gen::arbitrary<bool>();
  t.number_field = "So Văn bản";
  t.edge_seal = any_of(kEdgeSeals);
  t.edge_seal_sheets = *rc::gen::inRange(2, 6);
  return t;
}

TEST_CASE("a template written as TOML reads as the same template") {
  CHECK(rc::check([] {
    const Template t = any_template();
    const std::string toml = to_toml(t);
    const Template back = parse(toml);
    RC_ASSERT(to_toml(back) == toml);
    RC_ASSERT(back.name == to_nfc(t.name));
    RC_ASSERT(back.role == t.role);
    RC_ASSERT(back.width == t.width);
    RC_ASSERT(back.seal_overlap_percent == t.seal_overlap_percent);
    RC_ASSERT(back.certify == t.certify);
    RC_ASSERT(back.page_number == t.page_number);
  }));
}

TEST_CASE("every role has a shipped template of its own, and all are sound") {
  const TemplateStore store("/nonexistent", KYSO_SOURCE_DIR "/share/templates");
  CHECK(store.problems().empty());
  CHECK(store.list().size() == kRoles.rows.size());
  for (const auto& [role, name] : kRoles.rows) {
    const Template t = must(store.for_role(role));
    CHECK(t.name == name);
    CHECK(t.role == role);
    CHECK(t.image.empty());  // a person's own picture is needed
  }
  const Template leader = must(store.find("leader"));
  CHECK(leader.width == 150);
  CHECK(leader.height == 70);
  CHECK(must(store.find("incoming")).width == doctest::Approx(50 * 72 / 25.4));
}

TEST_CASE("a mistake in a template is told with file, line and problem") {
  struct Row {
    const char* text;
    const char* line;
    const char* problem;
  };
  for (const Row& row :
       {Row{"role = \"leader\"\nwidht = 3\n", "2", "widht"}, Row{"role = \"boss\"\n", "1", "boss"},
        Row{"role = \"leader\"\n[image]\nwidth = 100000\n", "3", "width"},
        Row{"role = \"leader\"\n[image]\nwidth = \"wide\"\n", "3", "width"},
        Row{"role = \"leader\"\n[text]\ncolour = \"blue\"\n", "3", "colour"},
        Row{"role = \"leader\"\n[round]\nnumber_field = \"a.b\"\n", "3", "number_field"},
        Row{"role = \"copy\"\n[wording]\ncopy_line = \"{kind} {nobody}\"\n", "3", "nobody"},
        Row{"role = \"leader\"\n[edge_seal]\nsheets = 6\n", "3", "sheets"},
        Row{"role = \"leader\"\n[place]\npage = \"0\"\n", "3", "page"}, Row{"role = \"leader\"\nrole =\n", "2", ""}}) {
    CAPTURE(std::string(row.text));
    const auto loaded = parse_template(row.text, "t.toml");
    REQUIRE(!loaded);
    CHECK(loaded.error().code == "decree30.template.invalid");
    CHECK(parameter(loaded.error(), "path") == "t.toml");
    CHECK(parameter(loaded.error(), "line") == row.line);
    CHECK(parameter(loaded.error(), "problem").find(row.problem) != std::string::npos);
  }
  CHECK(parse_template("name = \"x\"\n", "t.toml").error().code == "decree30.template.invalid");  // no role
}

TEST_CASE("the user's templates come before the shipped ones and keep their picture beside them") {
  const TestFolder folder;
  const TemplateStore store(folder / "mine", KYSO_SOURCE_DIR "/share/templates");
  Template t = must(store.for_role(Role::leader));
  t.width = 120;
  const auto made = must(store.create("Chữ ký của tôi", t, kData + "sample-signature-blue.png"));
  CHECK(std::filesystem::exists(made));
  const Template mine = must(store.for_role(Role::leader));
  CHECK(mine.name == "Chữ ký của tôi");
  CHECK(mine.width == 120);
  CHECK(mine.image == folder / "mine" / "Chữ ký của tôi.png");
  CHECK(std::filesystem::file_size(mine.image) == std::filesystem::file_size(kData + "sample-signature-blue.png"));
  CHECK(store.create("Chữ ký của tôi", t, std::nullopt).error().code == "decree30.template.exists");
  CHECK(store.create("../x", t, std::nullopt).error().code == "decree30.template.name");
  CHECK(store.find("../leader").error().code == "decree30.template.missing");
  CHECK(store.find("nothing").error().code == "decree30.template.missing");

  // Two of a role and none called default: the shipped one; the default wins.
  must(store.create("second", t, std::nullopt));
  CHECK(must(store.for_role(Role::leader)).name == "leader");
  must(store.create("default-leader", t, std::nullopt));
  CHECK(must(store.for_role(Role::leader)).name == "default-leader");

  // A broken one is told of, and does not disturb the others.
  auto broken = must(OutputFile::create(folder / "mine" / "broken.toml"));
  must(broken.write(as_bytes("role = 7\n")));
  must(broken.commit());
  CHECK(store.problems().size() == 1);
  CHECK(must(store.for_role(Role::leader)).name == "default-leader");
  CHECK(store.find("broken").error().code == "decree30.template.invalid");
}

TEST_CASE("a picture that is none is refused when the template is made") {
  const TestFolder folder;
  const TemplateStore store(folder.path(), KYSO_SOURCE_DIR "/share/templates");
  const auto made = store.create("x", Template{}, kData + "vn-cong-van.pdf");
  REQUIRE(!made);
  CHECK(made.error().code.starts_with("pdf.image."));
  CHECK(!std::filesystem::exists(folder / "x.toml"));
}

TEST_CASE("times are written in the formats of the decree and of the usual tools") {
  CHECK(format_time(kNow, TimeFormat::iso8601) == "2027-03-05T09:30:15+07:00");
  CHECK(format_time(kNow, TimeFormat::vietnamese) == "05/03/2027 09:30:15");
  CHECK(format_time(kNow, TimeFormat::dotted) == "05.03.2027 09:30:15 +07:00");
}

}  // namespace
}  // namespace kyso::decree30

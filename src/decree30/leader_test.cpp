#include "decree30/letter_boxes.h"
#include "decree30/name_place.h"
#include "decree30/test_support.h"

namespace kyso::decree30 {
namespace {

using namespace test;
using pdf::FontStyle;

pdf::Rect centre_of(const std::string& name, std::size_t page, const pdf::Document& document) {
  SheetReader reader(document);
  return must(find_name(reader, name, page, Wanted::signature_place)).name;
}

double middle_x(const pdf::Rect& r) {
  return (r.x0 + r.x1) / 2;
}
double middle_y(const pdf::Rect& r) {
  return (r.y0 + r.y1) / 2;
}

TEST_CASE("the leader's box stands centred between title and name on the sample letters") {
  struct Row {
    const char* file;
    double title_bottom, name_top;  // points from the upper edge, as pdftotext -bbox sees them
  };
  for (const Row& row : {Row{"vn-cong-van.pdf", 654.8, 749.3}, Row{"vn-quyet-dinh.pdf", 649.5, 744.0},
                         Row{"vn-to-trinh.pdf", 619.5, 714.0}}) {
    CAPTURE(std::string(row.file));
    const pdf::Document document = sample(row.file);
    FoundPlace found;
    const sign::Plan plan = must(plan_role(document, request_for(Role::leader), &found));
    CHECK(found.by == "name");
    CHECK(found.page == 0);
    const pdf::Rect box = visible(document, 0, plan.rect);
    CHECK(box.width() == doctest::Approx(150).epsilon(0.001));
    CHECK(box.height() == doctest::Approx(70).epsilon(0.001));
    CHECK(std::abs(middle_x(box) - 422.5) < 2);
    const double page_height = 841.89;
    CHECK(box.y1 < page_height - row.title_bottom + 1.5);
    CHECK(box.y0 > page_height - row.name_top - 1.5);
    CHECK(std::abs(middle_y(box) - (page_height - (row.title_bottom + row.name_top) / 2)) < 3);
    CHECK(!covers_words(document, 0, plan.rect));
    CHECK(plan.appearance);
  }
}

TEST_CASE("a name is found decomposed and without accents") {
  const pdf::Document document = sample("vn-cong-van.pdf");
  const sign::Plan exact = must(plan_role(document, request_for(Role::leader)));
  RoleRequest request = request_for(Role::leader);
  request.certificate = certificate(kDecomposedPem);
  const sign::Plan decomposed = must(plan_role(document, request));
  CHECK(decomposed.rect == exact.rect);
  CHECK(!has_note(decomposed, "decree30.name.folded"));
  request.certificate = certificate(kUnaccentedPem);
  const sign::Plan folded = must(plan_role(document, request));
  CHECK(folded.rect == exact.rect);
  CHECK(has_note(folded, "decree30.name.folded"));
}

TEST_CASE("the name comes from --near, then the template, then the certificate") {
  const pdf::Document document = sample("vn-cong-van.pdf");
  RoleRequest request = request_for(Role::leader);
  request.certificate = certificate(kOtherPem);
  const auto missing = plan_role(document, request);
  REQUIRE(!missing);
  CHECK(missing.error().code == "decree30.name.not_found");
  CHECK(describe(missing.error(), Language::vietnamese).message.find("Trần Thị Bưởi") != std::string::npos);
  request.tmpl.signer_name = "Nguyễn Văn A";
  CHECK(plan_role(document, request));
  request.tmpl.signer_name = "Không Có Ai";
  request.placement.near = "Nguyễn Văn A";
  CHECK(plan_role(document, request));
}

TEST_CASE("a name in running text or among the recipients is not the place") {
  const std::vector<TestText> texts{{"Giao ông Nguyễn Văn A chủ trì, phối hợp với các đơn vị thực hiện", 300, 600},
                                    {"- Nguyễn Văn A;", 130, 180},
                                    {"KT. GIÁM ĐỐC", 420, 300, 14, FontStyle::bold},
                                    {"PHÓ GIÁM ĐỐC", 420, 284, 14, FontStyle::bold},
                                    {"Nguyễn Văn A", 420, 180, 14, FontStyle::bold}};
  const pdf::Document document = letter(texts);
  const sign::Plan plan = must(plan_role(document, request_for(Role::leader)));
  CHECK(std::abs(middle_x(plan.rect) - 420) < 2);
  CHECK(plan.rect.y0 > 185);
  CHECK(plan.rect.y1 < 284);
  // Only mentions: not found, unless the user says that this is the text.
  const pdf::Document mentions = letter({texts[0], texts[1]});
  CHECK(plan_role(mentions, request_for(Role::leader)).error().code == "decree30.name.not_found");
  RoleRequest request = request_for(Role::leader);
  request.placement.near = "chủ trì";
  const sign::Plan near = must(plan_role(mentions, request));
  CHECK(near.rect.y0 > 600);
}

TEST_CASE("two equal places on one page are for a person to decide") {
  const pdf::Document document = letter({{"ĐẠI DIỆN BÊN A", 150, 300, 14, FontStyle::bold},
                                         {"ĐẠI DIỆN BÊN B", 450, 300, 14, FontStyle::bold},
                                         {"Nguyễn Văn A", 150, 180, 14, FontStyle::bold},
                                         {"Nguyễn Văn A", 450, 180, 14, FontStyle::bold}});
  const auto plan = plan_role(document, request_for(Role::leader));
  REQUIRE(!plan);
  CHECK(plan.error().code == "decree30.name.ambiguous");
  const std::string message = describe(plan.error(), Language::english).message;
  CHECK(message.find("1 (") != std::string::npos);
  CHECK(message.find("; 1 (") != std::string::npos);
}

TEST_CASE("a low block shrinks the picture in proportion, and none at all is told") {
  const auto with_gap = [](double gap) {
    return letter({{"GIÁM ĐỐC", 420, 200 + gap, 14, FontStyle::bold}, {"Nguyễn Văn A", 420, 180, 14, FontStyle::bold}});
  };
  const sign::Plan plan = must(plan_role(with_gap(40), request_for(Role::leader)));
  CHECK(has_note(plan, "decree30.place.shrunk"));
  CHECK(plan.rect.height() < 60);
  CHECK(plan.rect.width() / plan.rect.height() == doctest::Approx(150.0 / 70));
  CHECK(!covers_words(with_gap(40), 0, plan.rect));
  CHECK(plan_role(with_gap(10), request_for(Role::leader)).error().code == "decree30.place.no_room");
}

TEST_CASE("the place is the same for the reader on turned, cropped and scaled pages") {
  const std::vector<TestText> texts{{"GIÁM ĐỐC", 300, 300, 14, FontStyle::bold},
                                    {"Nguyễn Văn A", 300, 180, 14, FontStyle::bold}};
  const pdf::Document upright = letter(texts);
  const pdf::Rect expected = visible(upright, 0, must(plan_role(upright, request_for(Role::leader))).rect);
  for (const int rotate : {0, 90, 180, 270}) {
    for (const double unit : {1.0, 1.5}) {
      CAPTURE(rotate);
      CAPTURE(unit);
      const TestPage page{{-10, -20, 830, 900}, pdf::Rect{15, 25, 800, 880}, rotate, unit};
      // The drawing of the test is scaled by the user unit, as the page is.
      const pdf::Document document = letter(texts, page);
      FoundPlace found;
      const sign::Plan plan = must(plan_role(document, request_for(Role::leader), &found));
      const pdf::Rect seen = visible(document, 0, plan.rect);
      CHECK(seen.x0 == doctest::Approx(expected.x0).epsilon(0.01));
      CHECK(seen.y0 == doctest::Approx(expected.y0).epsilon(0.01));
      CHECK(seen.width() == doctest::Approx(150).epsilon(0.01));
      const bool turned = rotate == 90 || rotate == 270;
      CHECK(plan.rect.width() == doctest::Approx((turned ? 70 : 150) / unit).epsilon(0.01));
    }
  }
}

TEST_CASE("--rect is what the reader sees, on every kind of page") {
  const pdf::Document document = sample("qpdf/boxes.pdf");
  for (std::size_t i = 0; i < document.pages().count(); ++i) {
    CAPTURE(i);
    RoleRequest request = request_for(Role::leader);
    request.tmpl.prepare_round = false;
    request.placement.page = i;
    request.placement.rect = pdf::Rect{50, 60, 200, 130};
    FoundPlace found;
    const sign::Plan plan = must(plan_role(document, request, &found));
    CHECK(found.by == "rect");
    CHECK(plan.page == i);
    const pdf::Rect seen = visible(document, i, plan.rect);
    CHECK(seen.x0 == doctest::Approx(50));
    CHECK(seen.y0 == doctest::Approx(60));
    CHECK(seen.x1 == doctest::Approx(200));
    CHECK(seen.y1 == doctest::Approx(130));
    const pdf::Page page = must(document.pages().page(i));
    CHECK(page.crop_box.contains(plan.rect, 0.1));
    request.placement.rect = pdf::Rect{50, 60, page.visible_width() + 20, 130};
    CHECK(plan_role(document, request).error().code == "pdf.rect.outside");
  }
  RoleRequest request = request_for(Role::leader);
  request.placement.page = 99;
  request.placement.rect = pdf::Rect{0, 0, 10, 10};
  CHECK(plan_role(document, request).error().code == "pdf.page.missing");
  request.placement.near = "x";
  CHECK(plan_role(document, request).error().code == "decree30.place.conflict");
}

TEST_CASE("a page that cannot be read gets the usual place, and says so") {
  const pdf::Document document = letter({});
  FoundPlace found;
  const sign::Plan plan = must(plan_role(document, request_for(Role::leader), &found));
  CHECK(found.by == "priors");
  CHECK(has_note(plan, "decree30.place.priors"));
  CHECK(middle_x(plan.rect) / 595 > 0.52);
  CHECK(middle_x(plan.rect) / 595 < 0.93);
  CHECK(1 - middle_y(plan.rect) / 842 > 0.68);
  CHECK(1 - middle_y(plan.rect) / 842 < 0.91);
}

TEST_CASE("pictures that the decree does not want are told of") {
  const pdf::Document document = sample("vn-cong-van.pdf");
  RoleRequest request = request_for(Role::leader);
  CHECK(!has_note(must(plan_role(document, request)), "decree30.image.not_blue"));
  request.image = seal_picture();
  CHECK(has_note(must(plan_role(document, request)), "decree30.image.not_blue"));
  request.image.reset();
  const auto none = plan_role(document, request);
  REQUIRE(!none);
  CHECK(none.error().code == "decree30.image.missing");
}

TEST_CASE("the first signature prepares number, date and seal, between the printed words") {
  for (const char* file : {"vn-cong-van.pdf", "vn-quyet-dinh.pdf", "vn-to-trinh.pdf"}) {
    CAPTURE(std::string(file));
    const pdf::Document document = sample(file);
    const RoleRequest request = request_for(Role::leader);
    const sign::Plan plan = must(plan_role(document, request));
    CHECK(has_note(plan, "decree30.round.prepared"));
    CHECK(!plan.certify);
    CHECK(!plan.field_mdp);
    const pdf::Document after = signed_with(document, plan, request.certificate);
    for (const char* name : {"SoVanBan", "NgayVanBan_Ngay", "NgayVanBan_Thang"}) {
      CAPTURE(std::string(name));
      const pdf::Field* field = after.form().find(name);
      REQUIRE(field != nullptr);
      CHECK(field->kind == pdf::FieldKind::text);
      CHECK(field->value.empty());
      REQUIRE(field->widgets.size() == 1);
      CHECK(field->widgets[0].rect.width() > 12);
      CHECK(field->widgets[0].rect.height() > 10);
      CHECK(!covers_words(document, 0, field->widgets[0].rect));
    }
    CHECK(after.form().find("NgayVanBan_Nam") == nullptr);  // the year is printed
    const pdf::Field* leader = after.form().find("LanhDao");
    REQUIRE(leader != nullptr);
    CHECK(leader->is_signed);

    // x = sig_x + sig_w / 3 - D, centres equal, D = 37 mm.
    const pdf::Field* seal = after.form().find("CoQuan");
    REQUIRE(seal != nullptr);
    CHECK(!seal->is_signed);
    const pdf::Rect s = seal->widgets[0].rect, l = leader->widgets[0].rect;
    CHECK(s.width() == doctest::Approx(37 * 72 / 25.4).epsilon(0.001));
    CHECK(s.height() == doctest::Approx(s.width()));
    CHECK((s.x1 - l.x0) / l.width() > 0.28);
    CHECK((s.x1 - l.x0) / l.width() < 0.38);
    CHECK(middle_y(s) == doctest::Approx(middle_y(l)).epsilon(0.001));
    const auto lock = must(pdf::Form::lock_of(after.view(), *seal));
    REQUIRE(lock);
    CHECK(lock->locks("SoVanBan"));
    CHECK(lock->locks("NgayVanBan_Ngay"));
    CHECK(!lock->locks("DauDen"));
  }
}

TEST_CASE("certifying is on request, only first, and P = 1 prepares nothing") {
  const pdf::Document document = sample("vn-cong-van.pdf");
  RoleRequest request = request_for(Role::leader);
  request.certify = 2;
  const sign::Plan plan = must(plan_role(document, request));
  CHECK(plan.certify == 2);
  CHECK(!plan.changes.empty());
  request.certify = 1;
  const sign::Plan closed = must(plan_role(document, request));
  CHECK(closed.changes.empty());
  CHECK(has_note(closed, "decree30.round.forbidden"));
  request.certify = 4;
  CHECK(plan_role(document, request).error().code == "decree30.certify.level");

  RoleRequest second = request_for(Role::plain);
  const pdf::Document after =
      signed_with(document, plan_role(document, request_for(Role::leader)).value(), request.certificate);
  second.tmpl.show = Template::Show::nothing;
  second.certify = 2;
  CHECK(plan_role(after, second).error().code == "decree30.certify.not_first");
  second.certify.reset();
  second.tmpl.certify = 2;
  const sign::Plan skipped = must(plan_role(after, second));
  CHECK(!skipped.certify);
  CHECK(has_note(skipped, "decree30.certify.skipped"));
}

TEST_CASE("a prepared field is used with its own rectangle") {
  const pdf::Document document = sample("own/two-empty-fields.pdf");
  FoundPlace found;
  const sign::Plan plan = must(plan_role(document, request_for(Role::leader), &found));
  CHECK(plan.field == "LanhDao");
  CHECK(found.by == "field");
  CHECK(found.rect == pdf::Rect{345, 95, 495, 165});
  CHECK(has_note(plan, "decree30.place.prepared_field"));
}

TEST_CASE("what earlier signatures forbid is refused before anything is done") {
  CHECK(plan_role(sample("own/signed-certified-p1.pdf"), request_for(Role::leader)).error().code ==
        "decree30.permission.none");
  const pdf::Document certified = sample("own/signed-certified-p2.pdf");
  RoleRequest visible_plain = request_for(Role::plain);
  visible_plain.tmpl.show = Template::Show::image_and_text;
  const auto refused = plan_role(certified, visible_plain);
  REQUIRE(!refused);
  CHECK(refused.error().code == "decree30.permission.certified");
  CHECK(describe(refused.error(), Language::vietnamese).message.find("CoQuan") != std::string::npos);
  visible_plain.tmpl.show = Template::Show::nothing;  // a new invisible signature is permitted
  CHECK(plan_role(certified, visible_plain));
  RoleRequest by_field = request_for(Role::plain);
  by_field.placement.field = "CoQuan";
  CHECK(must(plan_role(certified, by_field)).field == "CoQuan");
  by_field.placement.field = "LanhDao";
  CHECK(plan_role(certified, by_field).error().code == "pdf.field.signed");
  by_field.placement.field = "Nobody";
  CHECK(plan_role(certified, by_field).error().code == "pdf.field.missing");
}

TEST_CASE("--lock closes the form for everybody") {
  const pdf::Document document = sample("vn-cong-van.pdf");
  RoleRequest request = request_for(Role::leader);
  request.lock = true;
  request.tmpl.prepare_round = false;
  const sign::Plan plan = must(plan_role(document, request));
  REQUIRE(plan.field_mdp);
  CHECK(plan.field_mdp->action == pdf::LockAction::all);
  const pdf::Document after = signed_with(document, plan, request.certificate);
  CHECK(plan_role(after, request_for(Role::incoming)).error().code == "decree30.permission.locked_all");
}

TEST_CASE("titles are known by capacity, rank or bold capitals") {
  const auto segment = [](const std::string& text, bool bold) {
    Segment out;
    std::string word;
    for (const char c : text + " ") {
      if (c != ' ') {
        word += c;
      } else {
        out.words.push_back({word, {0, 0, 10, 10}, 14, bold, false, false});
        word.clear();
      }
    }
    return out;
  };
  for (const char* text : {"KT. GIÁM ĐỐC", "TM. ỦY BAN NHÂN DÂN", "TL. BỘ TRƯỞNG", "TUQ. CHỦ TỊCH", "Q. GIÁM ĐỐC",
                           "GIÁM ĐỐC", "CHÁNH VĂN PHÒNG", "PHÓ CHỦ TỊCH"})
    CHECK(is_title_line(segment(text, false)));
  CHECK(is_title_line(segment("NGƯỜI ĐẠI DIỆN", true)));
  for (const char* text : {"Nguyễn Văn A", "QUYẾT ĐỊNH:", "ĐIỀU 5", "- GIÁM ĐỐC"})
    CHECK(!is_title_line(segment(text, true)));
  CHECK(!is_title_line(segment("CƠ SỞ DỮ LIỆU", false)));
}

TEST_CASE("the last page with a title and the name wins") {
  const pdf::Document document = sample("vn-to-trinh.pdf");
  CHECK(centre_of("Nguyễn Văn A", 0, document).width() > 50);
  FoundPlace found;
  must(plan_role(document, request_for(Role::leader), &found));
  CHECK(found.page == 0);  // not the last page: the appendix follows
}

}  // namespace
}  // namespace kyso::decree30

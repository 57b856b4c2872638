#include "decree30/role_plans.h"
#include "decree30/test_support.h"

namespace kyso::decree30 {
namespace {

using namespace test;
using pdf::FontStyle;

pdf::Document leader_signed(const std::string& file, bool prepare = true) {
  RoleRequest request = request_for(Role::leader);
  request.tmpl.prepare_round = prepare;
  const pdf::Document document = sample(file);
  return signed_with(document, must(plan_role(document, request)), request.certificate);
}

RoleRequest seal_request(const std::string& number = {}) {
  RoleRequest request = request_for(Role::organisation);
  request.number = number;
  request.date = *parse_time("2026-11-05");
  return request;
}

std::string value_of(const pdf::Document& document, const std::string& field) {
  const pdf::Field* found = document.form().find(field);
  return found == nullptr ? "(none)" : found->value;
}

TEST_CASE("the clerk's work in one update: number, date, seal in its real size, and the lock") {
  for (const auto& [file, sign] : {std::pair{"vn-cong-van.pdf", "CQM-VP"}, std::pair{"vn-quyet-dinh.pdf", "QĐ-CQM"},
                                   std::pair{"vn-to-trinh.pdf", "TTr-CQM"}}) {
    CAPTURE(std::string(file));
    const pdf::Document leader = leader_signed(file);
    FoundPlace found;
    const RoleRequest request = seal_request(std::string("5/") + sign);
    const sign::Plan plan = must(plan_role(leader, request, &found));
    CHECK(plan.field == "CoQuan");
    CHECK(found.by == "field");
    CHECK(plan.rect == leader.form().find("CoQuan")->widgets[0].rect);
    CHECK(has_note(plan, "decree30.number.fields"));
    CHECK(!has_note(plan, "decree30.organisation.no_leader"));
    CHECK(!has_note(plan, "decree30.organisation.personal_certificate"));
    REQUIRE(plan.field_mdp);
    CHECK(plan.field_mdp->locks("SoVanBan"));
    CHECK(plan.field_mdp->locks("NgayVanBan_Thang"));
    CHECK(!plan.field_mdp->locks("YKien"));

    const pdf::Document sealed = signed_with(leader, plan, request.certificate);
    CHECK(value_of(sealed, "SoVanBan") == "05");
    CHECK(value_of(sealed, "NgayVanBan_Ngay") == "05");
    CHECK(value_of(sealed, "NgayVanBan_Thang") == "11");
    CHECK(sealed.form().permissions().is_field_locked("SoVanBan"));
    // Afterwards the number is final.
    CHECK(plan_number(sealed, seal_request("6")).error().code == "decree30.permission.locked");
    // On the page the line reads as one: "Số: 05/CQM-VP", "ngày 05 tháng 11 năm 2026".
    SheetReader reader(sealed);
    const auto number = find_number_box(*must(reader.sheet(0)));
    REQUIRE(number);
    CHECK(number->printed == "05");
    CHECK(number->suffix == sign);
    const auto date = find_date_box(*must(reader.sheet(0)));
    REQUIRE(date);
    CHECK(date->printed_day == "05");
    CHECK(date->printed_month == "11");
    CHECK(date->printed_year == "2026");
  }
}

TEST_CASE("without a prepared field the seal follows the leader's signature") {
  const pdf::Document leader = leader_signed("vn-cong-van.pdf", false);
  const sign::Plan plan = must(plan_role(leader, seal_request()));
  CHECK(has_note(plan, "decree30.signature.new_field"));
  const pdf::Rect l = leader.form().find("LanhDao")->widgets[0].rect;
  CHECK(plan.rect.width() / (72 / 25.4) == doctest::Approx(37).epsilon(0.001));
  CHECK((plan.rect.x1 - l.x0) / l.width() == doctest::Approx(1.0 / 3).epsilon(0.001));
  CHECK((plan.rect.y0 + plan.rect.y1) == doctest::Approx(l.y0 + l.y1));

  // Signed elsewhere, under another field name: the visible signature by a title.
  RoleRequest request = seal_request();
  request.tmpl.leader_field = "Khác";
  CHECK(must(plan_role(leader, request)).rect == plan.rect);

  // Signed with a picture and information, as other programs do: its own text does not hide the title.
  RoleRequest informed = request_for(Role::plain);
  informed.image = signature_picture();
  informed.tmpl.show = Template::Show::image_and_text;
  informed.placement.near = "Nguyễn Văn A";
  const pdf::Document unsigned_letter = sample("vn-cong-van.pdf");
  const pdf::Document other =
      signed_with(unsigned_letter, must(plan_role(unsigned_letter, informed)), informed.certificate);
  FoundPlace found;
  const sign::Plan beside = must(plan_role(other, seal_request(), &found));
  const pdf::Rect o =
      other.form().signatures().front().field == "ChuKy" ? other.form().find("ChuKy")->widgets[0].rect : pdf::Rect{};
  CHECK(found.by == "field");
  CHECK((beside.rect.x1 - o.x0) / o.width() == doctest::Approx(1.0 / 3).epsilon(0.001));

  // Nobody has signed: the place by the layout, with a warning.
  const sign::Plan early = must(plan_role(sample("vn-cong-van.pdf"), seal_request()));
  CHECK(early.rect.x0 == doctest::Approx(plan.rect.x0).epsilon(0.001));
  CHECK(has_note(early, "decree30.organisation.no_leader"));
}

TEST_CASE("overlap and diameter are settings") {
  const pdf::Document leader = leader_signed("vn-cong-van.pdf", false);
  RoleRequest request = seal_request();
  request.tmpl.seal_diameter_mm = 40;
  request.tmpl.seal_overlap_percent = 50;
  const sign::Plan plan = must(plan_role(leader, request));
  const pdf::Rect l = leader.form().find("LanhDao")->widgets[0].rect;
  CHECK(plan.rect.width() / (72 / 25.4) == doctest::Approx(40).epsilon(0.001));
  CHECK((plan.rect.x1 - l.x0) / l.width() == doctest::Approx(0.5).epsilon(0.001));
}

TEST_CASE("a personal certificate for the organisation is told of") {
  RoleRequest request = seal_request();
  request.certificate = certificate(kPersonPem);
  CHECK(has_note(must(plan_role(leader_signed("vn-cong-van.pdf"), request)),
                 "decree30.organisation.personal_certificate"));
}

TEST_CASE("a signed document without fields is numbered by a signature of its own") {
  const pdf::Document leader = leader_signed("vn-cong-van.pdf", false);
  CHECK(plan_role(leader, seal_request("12")).error().code == "decree30.number.separate");
  CHECK(plan_number(leader, seal_request("12")).error().code == "decree30.number.separate");

  RoleRequest request = request_for(Role::number);
  request.number = "12/CQM-VP";
  request.date = *parse_time("2026-11-05");
  const sign::Plan plan = must(plan_role(leader, request));
  CHECK(has_note(plan, "decree30.number.signature"));
  CHECK(plan.changes.empty());
  const pdf::Document numbered = signed_with(leader, plan, request.certificate);
  SheetReader reader(numbered);
  const auto number = find_number_box(*must(reader.sheet(0)));
  REQUIRE(number);
  CHECK(number->printed == "12");
  const auto date = find_date_box(*must(reader.sheet(0)));
  REQUIRE(date);
  CHECK(date->printed_day == "05");
  CHECK(date->printed_month == "11");
  // Then the seal goes on as usual.
  CHECK(plan_role(numbered, seal_request()));
}

TEST_CASE("an unsigned document gets fields with the number in them") {
  const pdf::Document document = sample("vn-quyet-dinh.pdf");
  RoleRequest request = seal_request("30/QĐ-CQM");
  const NumberPlan plan = must(plan_number(document, request));
  CHECK(plan.notes == std::vector<std::string>{"decree30.number.added"});
  const pdf::Document numbered =
      updated(document, [&](auto& form, auto& writer, auto& resources) { must(plan.change(form, writer, resources)); });
  CHECK(value_of(numbered, "SoVanBan") == "30");
  CHECK(value_of(numbered, "NgayVanBan_Ngay") == "05");
  // Filled again: replaced, and said so.
  const NumberPlan again = must(plan_number(numbered, seal_request("31")));
  CHECK(std::ranges::find(again.notes, "decree30.number.replaced") != again.notes.end());
  request.number = "30/TB-CQM";
  CHECK(plan_number(document, request).error().code == "decree30.number.mismatch");
  request.number = "30";
  request.date = *parse_time("2027-01-05");
  CHECK(plan_number(document, request).error().code == "decree30.date.mismatch");
  request.number = "";
  CHECK(plan_number(document, request).error().code == "decree30.number.missing");
}

TEST_CASE("plan_number needs no certificate") {
  RoleRequest request = seal_request("7");
  request.certificate = {};
  CHECK(plan_number(sample("vn-cong-van.pdf"), request));
}

TEST_CASE("number signed into an unsigned document: the fields show it, the signature is invisible") {
  RoleRequest request = request_for(Role::number);
  request.number = "8";
  request.date = *parse_time("2026-02-03");
  const pdf::Document document = sample("vn-to-trinh.pdf");
  const sign::Plan plan = must(plan_role(document, request));
  CHECK(plan.rect.area() == 0);
  const pdf::Document after = signed_with(document, plan, request.certificate);
  CHECK(value_of(after, "SoVanBan") == "08");
  CHECK(value_of(after, "NgayVanBan_Ngay") == "03");
  CHECK(value_of(after, "NgayVanBan_Thang") == "02");
}

TEST_CASE("certified documents take a number only in prepared fields") {
  const pdf::Document certified = sample("own/signed-certified-p2.pdf");
  CHECK(plan_role(certified, seal_request("12")).error().code == "decree30.permission.number");
  RoleRequest request = request_for(Role::number);
  request.number = "12";
  CHECK(plan_role(certified, request).error().code == "decree30.permission.number");
  const sign::Plan seal = must(plan_role(certified, seal_request()));
  CHECK(seal.field == "CoQuan");
  CHECK(seal.rect == pdf::Rect{290, 78, 395, 183});

  RoleRequest leader = request_for(Role::leader);
  leader.certify = 2;
  const pdf::Document document = sample("vn-cong-van.pdf");
  const pdf::Document prepared = signed_with(document, must(plan_role(document, leader)), leader.certificate);
  const RoleRequest seal_with_number = seal_request("12/CQM-VP");
  const pdf::Document sealed =
      signed_with(prepared, must(plan_role(prepared, seal_with_number)), seal_with_number.certificate);
  CHECK(value_of(sealed, "SoVanBan") == "12");
}

TEST_CASE("initials prepare the places of leader, number and organisation") {
  const pdf::Document document = sample("vn-cong-van.pdf");
  RoleRequest initials = request_for(Role::initials);
  initials.certificate = certificate(kOtherPem);
  FoundPlace found;
  const sign::Plan plan = must(plan_role(document, initials, &found));
  CHECK(!covers_words(document, 0, plan.rect));
  // Right of the last line of the text ("… giải quyết./."), which ends near 616 pt from the upper edge.
  CHECK(std::abs(841.89 - (plan.rect.y0 + plan.rect.y1) / 2 - 607) < 12);
  const pdf::Document first = signed_with(document, plan, initials.certificate);
  for (const char* name : {"LanhDao", "CoQuan"}) {
    REQUIRE(first.form().find(name) != nullptr);
    CHECK(!first.form().find(name)->is_signed);
  }
  const sign::Plan direct = must(plan_role(document, request_for(Role::leader)));
  CHECK(first.form().find("LanhDao")->widgets[0].rect.x0 == doctest::Approx(direct.rect.x0).epsilon(0.001));

  const RoleRequest leader = request_for(Role::leader);
  const sign::Plan second = must(plan_role(first, leader));
  CHECK(second.field == "LanhDao");
  const pdf::Document both = signed_with(first, second, leader.certificate);
  const RoleRequest seal = seal_request("9");
  const pdf::Document sealed = signed_with(both, must(plan_role(both, seal)), seal.certificate);
  CHECK(sealed.form().signatures().size() == 3);
  CHECK(value_of(sealed, "SoVanBan") == "09");

  // The other place.
  RoleRequest beside = initials;
  beside.tmpl.initials_place = Template::InitialsPlace::recipients;
  const sign::Plan recipients = must(plan_role(document, beside));
  CHECK(recipients.rect.x0 > 136);
  CHECK(recipients.rect.x0 < 160);
  CHECK(!covers_words(document, 0, recipients.rect));
}

TEST_CASE("the page-edge seal: prepared by the leader, put by the organisation, locked") {
  const pdf::Document document = sample("qpdf/deterministic-id-in.pdf");
  const std::size_t pages = document.pages().count();
  RoleRequest leader = request_for(Role::leader);
  leader.edge_seal = Template::EdgeSeal::by_the_book;
  leader.placement.page = 0;
  leader.placement.rect = pdf::Rect{300, 100, 450, 170};
  const pdf::Document first = signed_with(document, must(plan_role(document, leader)), leader.certificate);
  const auto strip_of = [&](const pdf::Document& in, std::size_t page) {
    const pdf::Field* field = in.form().find(fmt::format("DauGiapLai.{}", page + 1));
    REQUIRE(field != nullptr);
    CHECK(field->kind == pdf::FieldKind::button);
    REQUIRE(field->widgets.size() == 1);
    CHECK(field->widgets[0].page == page);
    return field->widgets[0].rect;
  };
  CHECK(first.form().find(fmt::format("DauGiapLai.{}", pages + 1)) == nullptr);
  for (std::size_t i = 0; i < pages; ++i) {
    const pdf::Page page = must(document.pages().page(i));
    const pdf::Rect box = visible(first, i, strip_of(first, i));
    CHECK(box.x1 == doctest::Approx(page.visible_width()));
    CHECK(box.height() == doctest::Approx(37 * 72 / 25.4).epsilon(0.001));
    CHECK((box.y0 + box.y1) / 2 == doctest::Approx(page.visible_height() / 2));
    CHECK(box.width() >= 5 * 72 / 25.4);
    CHECK(box.width() <= 37 * 72 / 25.4 / 4 + 0.1);  // groups of four or five
  }
  RoleRequest seal = seal_request();
  seal.edge_seal = Template::EdgeSeal::by_the_book;
  const sign::Plan plan = must(plan_role(first, seal));
  CHECK(has_note(plan, "decree30.edge_seal.fields"));
  REQUIRE(plan.field_mdp);
  CHECK(plan.field_mdp->locks("DauGiapLai"));
  const pdf::Document sealed = signed_with(first, plan, seal.certificate);
  SheetReader reader(sealed);
  for (const std::size_t page : {std::size_t{0}, pages / 2, pages - 1}) {
    const pdf::PageText& text = *must(reader.text(page));
    const pdf::Rect strip = strip_of(sealed, page);
    CHECK(std::ranges::any_of(text.marks, [&](const pdf::Mark& mark) {
      return mark.kind == pdf::Mark::Kind::image && mark.box.intersection(strip).area() > 0.5 * strip.area();
    }));
  }
}

TEST_CASE("a page-edge seal with the first signature, and none when it comes too late") {
  const pdf::Document document = sample("vn-to-trinh.pdf");
  RoleRequest seal = seal_request();
  seal.edge_seal = Template::EdgeSeal::by_the_book;
  const sign::Plan plan = must(plan_role(document, seal));
  CHECK(has_note(plan, "decree30.edge_seal.first"));
  const pdf::Document sealed = signed_with(document, plan, seal.certificate);
  for (std::size_t i = 0; i < 4; ++i) {
    const pdf::Page page = must(sealed.pages().page(i));
    const pdf::Object annotations = must(sealed.view().resolve(page.dictionary, "Annots"));
    REQUIRE(annotations.as_array() != nullptr);
    bool stamped = false;
    for (const pdf::Object& item : *annotations.as_array()) {
      const pdf::Object annotation = must(sealed.view().resolve(item));
      if (!annotation.as_dictionary()->get("Subtype").is_name("Stamp")) continue;
      const pdf::Rect box = *pdf::rect_of(annotation.as_dictionary()->get("Rect"));
      CHECK(box.width() * 4 == doctest::Approx(37 * 72 / 25.4).epsilon(0.001));
      CHECK(box.x1 == doctest::Approx(page.crop_box.x1).epsilon(0.001));
      stamped = true;
    }
    CHECK(stamped);
  }
  CHECK(plan_role(leader_signed("vn-to-trinh.pdf"), seal).error().code == "decree30.edge_seal.not_prepared");
  CHECK(has_note(must(plan_role(leader_signed("vn-cong-van.pdf"), seal)), "decree30.edge_seal.one_page"));
}

}  // namespace
}  // namespace kyso::decree30

#include "decree30/notes.h"
#include "decree30/role_plans.h"
#include "decree30/test_support.h"

namespace kyso::decree30 {
namespace {

using namespace test;

constexpr std::array kLetters{"vn-cong-van.pdf", "vn-quyet-dinh.pdf", "vn-to-trinh.pdf"};
constexpr double kMm = 72 / 25.4;

RoleRequest complete_request(Role role) {
  RoleRequest request = request_for(role);
  request.number = "12";
  request.comment = "Giao Văn phòng chủ trì, báo cáo trước ngày 15.";
  return request;
}

// The first page's text, in one line, when the plan is carried out.
std::string text_after(const pdf::Document& document, const sign::Plan& plan, const RoleRequest& request) {
  const pdf::Document after = signed_with(document, plan, request.certificate);
  SheetReader reader(after);
  std::string all;
  for (const pdf::Line& line : must(reader.text(0))->lines) all += line.text() + " ";
  return all;
}

TEST_CASE("copies and appendices are signed in the top right corner, clear of the text") {
  for (const char* file : kLetters) {
    for (const Role role : {Role::copy, Role::appendix}) {
      CAPTURE(std::string(file));
      CAPTURE(name_of(role));
      const pdf::Document document = sample(file);
      const RoleRequest request = complete_request(role);
      FoundPlace found;
      const sign::Plan plan = must(plan_role(document, request, &found));
      CHECK(plan.page == 0);
      CHECK(found.by == "corner");
      CHECK(plan.rect.x1 > 595 - 25);
      CHECK(plan.rect.y1 > 842 - 60);
      CHECK(plan.rect.x0 > 595 / 2.0 - 40);
      CHECK(!covers_words(document, 0, plan.rect));
      const pdf::Document after = signed_with(document, plan, request.certificate);
      SheetReader reader(after);
      const pdf::PageText& text = *must(reader.text(0));
      const std::string expected = role == Role::copy ? "SAO Y; Cơ quan chủ quản mẫu; 2027-03-05T09:30:15+07:00"
                                                      : "12; 2027-03-05T09:30:15+07:00";
      const auto matches = pdf::find_text(text, 0, expected, pdf::MatchMode::exact);
      REQUIRE(matches.size() == 1);
      for (const pdf::Line& line : text.lines)
        for (const pdf::Word& word : line.words)
          if (word.box.intersection(matches[0].box).area() > 0) {
            CHECK(word.font_size == doctest::Approx(10));
            CHECK(!word.bold);
            CHECK(!word.italic);
          }
    }
  }
}

TEST_CASE("a second copy line does not cover the first") {
  pdf::Document document = sample("vn-cong-van.pdf");
  const RoleRequest request = complete_request(Role::copy);
  pdf::Rect before;
  for (int i = 0; i < 4; ++i) {
    const sign::Plan plan = must(plan_role(document, request));
    CHECK(!covers_words(document, 0, plan.rect));
    CHECK(plan.rect.intersection(before).area() <= 0);
    document = signed_with(document, plan, request.certificate);
    before = plan.rect;
  }
  CHECK(document.form().signatures().size() == 4);
}

TEST_CASE("a long agency name is wrapped or made smaller, never cut") {
  RoleRequest request = complete_request(Role::copy);
  request.agency =
      "Trung tâm Phục vụ hành chính công và Kiểm soát thủ tục hành chính thuộc Văn phòng Ủy ban nhân dân mẫu";
  const pdf::Document document = sample("vn-quyet-dinh.pdf");
  const sign::Plan plan = must(plan_role(document, request));
  CHECK(!covers_words(document, 0, plan.rect));
  const std::string all = text_after(document, plan, request);
  CHECK(all.find("Ủy ban nhân dân mẫu;") != std::string::npos);
  CHECK(all.find("SAO Y; Trung tâm Phục vụ") != std::string::npos);
}

TEST_CASE("an appendix needs its number when its line has one") {
  RoleRequest request = request_for(Role::appendix);
  CHECK(plan_role(sample("vn-cong-van.pdf"), request).error().code == "decree30.number.missing");
  request.tmpl.appendix_line = "{agency}; {time}";
  CHECK(plan_role(sample("vn-cong-van.pdf"), request));
}

TEST_CASE("the incoming stamp is 35×50 mm and covers nothing") {
  for (const char* file : kLetters) {
    CAPTURE(std::string(file));
    const pdf::Document document = sample(file);
    RoleRequest request = complete_request(Role::incoming);
    request.incoming_forward = "Phòng Tổng hợp";
    request.incoming_file_code = "01.VP";
    const sign::Plan plan = must(plan_role(document, request));
    CHECK(plan.rect.width() / kMm == doctest::Approx(50).epsilon(0.001));
    CHECK(plan.rect.height() / kMm == doctest::Approx(35).epsilon(0.001));
    CHECK(!has_note(plan, "decree30.incoming.smaller"));
    CHECK(!covers_words(document, 0, plan.rect));
    const pdf::Document after = signed_with(document, plan, request.certificate);
    SheetReader reader(after);
    const pdf::PageText& text = *must(reader.text(0));
    for (const char* expected : {"CƠ QUAN CHỦ QUẢN MẪU", "ĐẾN", "Số: 12", "Ngày: 05/03/2027", "Chuyển: Phòng Tổng hợp",
                                 "Số và ký hiệu HS: 01.VP"}) {
      CAPTURE(std::string(expected));
      const auto matches = pdf::find_text(text, 0, expected, pdf::MatchMode::exact);
      CHECK(std::ranges::any_of(matches, [&](const pdf::TextMatch& m) { return plan.rect.contains(m.box, 1); }));
    }
  }
}

TEST_CASE("a signed letter is received: neither its text nor its signatures are covered") {
  const pdf::Document document = sample("vn-cong-van.pdf");
  const RoleRequest leader = request_for(Role::leader);
  const pdf::Document after = signed_with(document, must(plan_role(document, leader)), leader.certificate);
  const sign::Plan stamp = must(plan_role(after, complete_request(Role::incoming)));
  CHECK(has_note(stamp, "decree30.signature.new_field"));
  for (const pdf::Field& field : after.form().fields())
    for (const pdf::Widget& widget : field.widgets) CHECK(widget.rect.intersection(stamp.rect).area() <= 0);
}

TEST_CASE("a full page gets a smaller stamp, a page without any room an answer") {
  std::vector<TestText> lines;
  const auto full = [&](double right) {
    lines.clear();
    for (double y = 830; y > 5; y -= 18)
      lines.push_back(
          {"Các đơn vị phản ánh về Văn phòng để kịp thời giải quyết theo quy định hiện hành của cơ quan", right, y});
    return letter(lines);
  };
  const sign::Plan smaller = must(plan_role(full(400), complete_request(Role::incoming)));
  CHECK(has_note(smaller, "decree30.incoming.smaller"));
  CHECK(smaller.rect.width() / smaller.rect.height() == doctest::Approx(50.0 / 35));
  CHECK(plan_role(full(297), complete_request(Role::incoming)).error().code == "decree30.place.no_room");
}

TEST_CASE("a comment goes where nothing is, or where the user wants it") {
  for (const char* file : kLetters) {
    const pdf::Document document = sample(file);
    const RoleRequest request = complete_request(Role::comment);
    const sign::Plan plan = must(plan_role(document, request));
    CHECK(!covers_words(document, 0, plan.rect));
    const std::string all = text_after(document, plan, request);
    CHECK(all.find("trước ngày 15.") != std::string::npos);
  }
  RoleRequest request = complete_request(Role::comment);
  request.placement.rect = pdf::Rect{20, 20, 150, 120};
  CHECK(must(plan_role(sample("vn-cong-van.pdf"), request)).rect.x0 == doctest::Approx(20).epsilon(0.01));
  request.placement.rect = pdf::Rect{20, 20, 40, 30};
  CHECK(plan_role(sample("vn-cong-van.pdf"), request).error().code == "decree30.text.no_room");
  request.comment = " ";
  CHECK(plan_role(sample("vn-cong-van.pdf"), request).error().code == "decree30.comment.missing");
}

TEST_CASE("a plain signature shows what its template says, or nothing") {
  const pdf::Document document = sample("vn-cong-van.pdf");
  RoleRequest request = request_for(Role::plain);
  CHECK(must(plan_role(document, request)).rect.area() == 0);  // as shipped
  request.tmpl.show = Template::Show::image_and_text;
  const sign::Plan plan = must(plan_role(document, request));
  CHECK(!covers_words(document, 0, plan.rect));
  const std::string all = text_after(document, plan, request);
  for (const char* expected : {"Người ký: Nguyễn Văn A", "Email: nva@example.vn", "Cơ quan: Cơ quan mẫu",
                               "Thời gian ký: 05.03.2027 09:30:15 +07:00"}) {
    CAPTURE(std::string(expected));
    CHECK(all.find(expected) != std::string::npos);
  }
  request.tmpl.show = Template::Show::nothing;
  CHECK(must(plan_role(document, request)).rect.area() == 0);
  request.tmpl.show = Template::Show::image;
  CHECK(!must(plan_role(document, request)).appearance);

  request.image = signature_picture();
  request.tmpl.page = Template::PageChoice::first;
  request.tmpl.corner = Template::Corner::top_left;
  const sign::Plan corner = must(plan_role(sample("vn-to-trinh.pdf"), request));
  CHECK(corner.page == 0);
  request.tmpl.page = Template::PageChoice::number;
  request.tmpl.page_number = 3;
  CHECK(must(plan_role(sample("vn-to-trinh.pdf"), request)).page == 2);
  request.tmpl.page_number = 9;
  CHECK(plan_role(sample("vn-to-trinh.pdf"), request).error().code == "pdf.page.missing");
}

TEST_CASE("every role on every file that can be read gives a plan that can be carried out, or a known error") {
  std::size_t plans = 0, refusals = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kData)) {
    if (entry.path().extension() != ".pdf") continue;
    const auto document = pdf::Document::open(must(pdf::Source::open(entry.path())));
    if (!document) continue;
    for (const Role role : {Role::initials, Role::leader, Role::comment, Role::number, Role::organisation,
                            Role::appendix, Role::copy, Role::incoming, Role::plain}) {
      CAPTURE(entry.path().filename().string());
      CAPTURE(name_of(role));
      const RoleRequest request = complete_request(role);
      const auto plan = plan_role(*document, request);
      if (!plan) {
        CAPTURE(plan.error().code);
        REQUIRE(find_error_row(plan.error().code) != nullptr);
        CHECK(plan.error().code != "base.internal");
        ++refusals;
        continue;
      }
      ++plans;
      for (const std::string& note : plan->notes) CHECK(find_note(note) != nullptr);
      if (plan->rect.area() > 0) {
        const pdf::Page page = must(document->pages().page(plan->page));
        const bool existing = document->form().find(plan->field) != nullptr;
        CHECK((existing || page.crop_box.contains(plan->rect, 0.6)));
      }
      pdf::IncrementalWriter writer(document->view());
      pdf::ResourceWriter resources(*document, writer);
      pdf::FormWriter form(*document, writer, &resources);
      for (const auto& change : plan->changes) {
        const auto done = change(form, writer, resources);
        if (!done) {
          CAPTURE(done.error().code);
          CHECK(done.error().code == "pdf.encrypted.forbids");
          break;
        }
      }
      if (plan->appearance) CHECK(plan->appearance->write(writer, resources, 0));
    }
  }
  CHECK(plans > 200);
  CHECK(refusals > 10);
}

TEST_CASE("every note has its sentences in both languages") {
  for (const NoteRow& row : note_table()) {
    CHECK((row.id.starts_with("decree30.") || row.id.starts_with("sign.")));
    CHECK(!row.vietnamese.empty());
    CHECK(note_text(row.id, Language::english) == row.english);
    CHECK(to_nfc(row.vietnamese) == row.vietnamese);
  }
  CHECK(note_text("decree30.unknown", Language::english) == "decree30.unknown");
}

}  // namespace
}  // namespace kyso::decree30

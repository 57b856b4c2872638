#include "pdf/document/page.h"

#include <rapidcheck.h>
#include <cmath>

#include "pdf/update/update_test_support.h"

using namespace kyso;
using namespace kyso::pdf;

namespace {

bool near(double a, double b) {
  return std::abs(a - b) < 1e-6 * std::max({1.0, std::abs(a), std::abs(b)});
}

Page random_page() {
  const auto coordinate = [] { return *rc::gen::inRange(-20000, 20000) / 10.0; };
  const auto extent = [] { return *rc::gen::inRange(1, 20000) / 10.0; };
  Page page;
  const double x = coordinate(), y = coordinate();
  page.crop_box = {x, y, x + extent(), y + extent()};
  page.rotate = 90 * *rc::gen::inRange(0, 4);
  page.user_unit = *rc::gen::inRange(1, 40) / 10.0;
  return page;
}

}  // namespace

TEST_CASE("what a person sees and user space are the same place, for every rotation, box and unit") {
  CHECK(rc::check("there and back", [] {
    const Page page = random_page();
    const double x = *rc::gen::inRange(-10000, 10000) / 7.0, y = *rc::gen::inRange(-10000, 10000) / 7.0;
    const auto [vx, vy] = page.user_to_visible().apply(x, y);
    const auto [ux, uy] = page.visible_to_user().apply(vx, vy);
    RC_ASSERT(near(ux, x));
    RC_ASSERT(near(uy, y));
  }));
  CHECK(rc::check("the crop box becomes the visible page", [] {
    const Page page = random_page();
    const Rect seen = page.user_to_visible().apply(page.crop_box);
    RC_ASSERT(near(seen.x0, 0));
    RC_ASSERT(near(seen.y0, 0));
    RC_ASSERT(near(seen.x1, page.visible_width()));
    RC_ASSERT(near(seen.y1, page.visible_height()));
  }));
  CHECK(rc::check("turning keeps the handedness and scales by the user unit", [] {
    const Page page = random_page();
    const Matrix m = page.user_to_visible();
    RC_ASSERT(near(m.a * m.d - m.b * m.c, page.user_unit * page.user_unit));
  }));
}

TEST_CASE("Rotate turns clockwise") {
  Page page;
  page.crop_box = {10, 20, 110, 320};  // the corner 10 320 is the upper left of the unturned page
  const auto upper_left_seen = [&](int rotate) {
    page.rotate = rotate;
    return page.user_to_visible().apply(10, 320);
  };
  CHECK(upper_left_seen(0) == std::pair(0.0, 300.0));
  CHECK(upper_left_seen(90) == std::pair(300.0, 100.0));
  CHECK(upper_left_seen(180) == std::pair(100.0, 0.0));
  CHECK(upper_left_seen(270) == std::pair(0.0, 0.0));
  CHECK(page.visible_width() == 300);
}

TEST_CASE("matrices") {
  CHECK(rc::check("inverse", [] {
    const auto number = [] { return *rc::gen::inRange(-1000, 1000) / 13.0; };
    const Matrix m{number(), number(), number(), number(), number(), number()};
    const auto inverse = m.inverse();
    RC_PRE(std::abs(m.a * m.d - m.b * m.c) > 0.01);
    RC_ASSERT(inverse.has_value());
    const auto [x, y] = m.then(*inverse).apply(3, -7);
    RC_ASSERT(std::abs(x - 3) < 1e-4);
    RC_ASSERT(std::abs(y + 7) < 1e-4);
  }));
  CHECK_FALSE(Matrix{1, 2, 2, 4, 0, 0}.inverse().has_value());
}

TEST_CASE("boxes, rotation and units of real files") {
  const Document boxes = test::open(test::data("qpdf/boxes.pdf"));
  REQUIRE(boxes.pages().count() == 8);
  bool has_turned = false, has_cropped = false, has_shifted = false;
  for (std::size_t i = 0; i < boxes.pages().count(); ++i) {
    const Page page = must(boxes.pages().page(i));
    has_turned = has_turned || page.rotate != 0;
    has_cropped = has_cropped || page.crop_box != page.media_box;
    has_shifted = has_shifted || page.media_box == Rect{-10, -20, 642, 832};
    CHECK(page.media_box.contains(page.crop_box));
  }
  CHECK(has_turned);
  CHECK(has_cropped);
  CHECK(has_shifted);
  const Document units = test::open(test::data("qpdf/fxo-blue.pdf"));
  bool has_unit = false;
  for (std::size_t i = 0; i < units.pages().count(); ++i) {
    has_unit = has_unit || must(units.pages().page(i)).user_unit == 1.5;
  }
  CHECK(has_unit);
  CHECK(code_of(units.pages().page(16)) == "pdf.page.missing");
}

TEST_CASE("attributes are inherited, replaced and defaulted") {
  const Document document = test::open(test::make_pdf(
      {"<< /Type /Catalog /Pages 2 0 R >>",
       "<< /Type /Pages /Kids [3 0 R 6 0 R 7 0 R] /Count 99 /MediaBox [0 0 300 200] /Rotate 90 >>",
       "<< /Type /Pages /Parent 2 0 R /Kids [4 0 R 5 0 R] /Rotate -90 /Resources << /Font << >> >> >>",
       "<< /Type /Page /Parent 3 0 R >>",
       "<< /Type /Page /Parent 3 0 R /MediaBox [400 300 0 0] /CropBox [-50 10 200 9999] /Rotate 45 /UserUnit 2 >>",
       "<< /Type /Page /Parent 2 0 R /CropBox [900 900 950 950] >>",
       "<< /Type /Page /Parent 2 0 R /MediaBox [1 1 1 1] /Rotate 720 /UserUnit -1 >>"}));
  REQUIRE(document.pages().count() == 4);
  const Page first = must(document.pages().page(0));
  CHECK(first.rotate == 270);
  CHECK(first.media_box == Rect{0, 0, 300, 200});
  CHECK(first.resources.has("Font"));
  const Page second = must(document.pages().page(1));
  CHECK(second.media_box == Rect{0, 0, 400, 300});
  CHECK(second.crop_box == Rect{0, 10, 200, 300});
  CHECK(second.rotate == 0);
  CHECK(second.visible_width() == 400);
  const Page third = must(document.pages().page(2));
  CHECK(third.crop_box == third.media_box);  // a crop box beside the page is none
  CHECK(third.rotate == 90);
  const Page fourth = must(document.pages().page(3));
  CHECK(fourth.media_box == Rect{0, 0, 612, 792});
  CHECK(fourth.rotate == 0);
  CHECK(fourth.user_unit == 1);
  CHECK(document.pages().index_of({5, 0}) == 1);
  CHECK(document.pages().index_of({2, 0}) == kNoPage);
}

TEST_CASE("hostile page trees end") {
  SUBCASE("rings and lost kids") {
    const Document document = test::open(
        test::make_pdf({"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [2 0 R 3 0 R 99 0 R null 4 0 R] >>",
                        "<< /Type /Pages /Kids [2 0 R 3 0 R 4 0 R] >>", "<< /Type /Page /MediaBox [0 0 9 9] >>"}));
    CHECK(document.pages().count() == 2);
    CHECK(document.pages().index_of({4, 0}) == 0);
  }
  SUBCASE("no page at all") {
    const auto result = Document::open(
        Source::from_bytes(test::make_pdf({"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [2 0 R] >>"})));
    CHECK(code_of(result) == "pdf.pages.broken");
  }
  SUBCASE("a tower of nodes") {
    std::vector<std::string> objects{"<< /Type /Catalog /Pages 2 0 R >>"};
    for (int i = 2; i < 5000; ++i) objects.push_back(fmt::format("<< /Type /Pages /Kids [{} 0 R] >>", i + 1));
    objects.push_back("<< /Type /Page >>");
    const auto result = Document::open(Source::from_bytes(test::make_pdf(objects)));
    CHECK(code_of(result) == "pdf.limit");
  }
  SUBCASE("very many kids that are the same page") {
    const auto open_with = [](int count) {
      std::string kids;
      for (int i = 0; i < count; ++i) kids += "3 0 R ";
      return Document::open(Source::from_bytes(test::make_pdf(
          {"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [" + kids + "] >>", "<< /Type /Page >>"})));
    };
    const Document document = must(open_with(100'000));
    CHECK(document.pages().count() == 100'000);
    CHECK(document.pages().index_of({3, 0}) == 0);
    CHECK(code_of(open_with(2'000'000)) == "pdf.limit");
  }
}

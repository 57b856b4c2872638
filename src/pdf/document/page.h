#pragma once
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "pdf/file/object_view.h"

namespace kyso::pdf {

struct Rect {  // default user space, normalised: x0 <= x1, y0 <= y1
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  double width() const { return x1 - x0; }
  double height() const { return y1 - y0; }
  bool contains(const Rect& other, double tolerance = 0.01) const;
  Rect intersection(const Rect& other) const;  // may be empty (width or height <= 0)
  double area() const { return width() > 0 && height() > 0 ? width() * height() : 0; }
  friend bool operator==(const Rect&, const Rect&) = default;
};
std::optional<Rect> rect_of(const Object& resolved_array);
Object to_object(const Rect& rect);

struct Matrix {  // [a b c d e f], row vectors as in ISO 32000
  double a = 1, b = 0, c = 0, d = 1, e = 0, f = 0;
  Matrix then(const Matrix& next) const;
  std::pair<double, double> apply(double x, double y) const;
  Rect apply(const Rect& rect) const;  // bounding box
  std::optional<Matrix> inverse() const;
};

// A page with its inherited attributes. Where an attribute is missing or senseless: US Letter for the MediaBox
// (required, but readers agree on this), the media box for the CropBox, no rotation, a user unit of 1.
struct Page {
  std::size_t index = 0;  // 0 for the first
  ObjectId id;
  Dictionary dictionary;
  Dictionary resources;
  Rect media_box;
  Rect crop_box;   // clipped to the media box
  int rotate = 0;  // 0, 90, 180, 270, clockwise
  double user_unit = 1;

  // What a person sees: the crop box turned by `rotate`, in points (user_unit applied), origin at the lower left.
  double visible_width() const;
  double visible_height() const;
  // Between what a person sees and default user space.
  Matrix visible_to_user() const;
  Matrix user_to_visible() const;
};

std::size_t constexpr kNoPage = static_cast<std::size_t>(-1);

// The page tree, walked once with a visited set. pdf.pages.broken, pdf.limit.
class PageTree {
 public:
  static Result<PageTree> open(const ObjectView& view);
  std::size_t count() const { return m_pages.size(); }
  Result<Page> page(std::size_t index) const;    // pdf.page.missing {page} {pages}; page counts from 1 in the sentence
  std::size_t index_of(ObjectId page_id) const;  // kNoPage when it is none; the first when it is hung up twice

 private:
  struct Leaf {
    ObjectId id;
    std::shared_ptr<const std::array<Object, 4>> inherited;  // Resources, MediaBox, CropBox, Rotate of its ancestors
  };
  ObjectView m_view;
  std::vector<Leaf> m_pages;
  std::vector<std::pair<ObjectId, std::size_t>> m_by_id;  // sorted
  explicit PageTree(ObjectView view) : m_view(std::move(view)) {}
};

}  // namespace kyso::pdf

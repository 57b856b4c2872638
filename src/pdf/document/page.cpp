#include "pdf/document/page.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace kyso::pdf {

namespace {

// ISO 32000-2 table 31 requires a MediaBox; readers agree on US Letter when there is none.
constexpr Rect kDefaultMediaBox{0, 0, 612, 792};
constexpr std::array<std::string_view, 4> kInheritable{"Resources", "MediaBox", "CropBox", "Rotate"};

std::optional<Rect> box_of(const ObjectView& view, const Object& value) {
  auto resolved = view.resolve(value);
  const Array* array = resolved ? resolved->as_array() : nullptr;
  if (array == nullptr || array->size() < 4) return std::nullopt;
  Array numbers;
  for (std::size_t i = 0; i < 4; ++i) {
    auto number = view.resolve((*array)[i]);
    if (!number) return std::nullopt;
    numbers.push_back(*std::move(number));
  }
  auto box = rect_of(Object(std::move(numbers)));
  if (!box || box->area() <= 0) return std::nullopt;
  return box;
}

int rotation_of(const ObjectView& view, const Object& value) {
  auto resolved = view.resolve(value);
  const auto number = resolved ? resolved->as_number() : std::nullopt;
  if (!number || std::abs(*number) > 1e9 || std::fmod(*number, 90) != 0) return 0;
  const auto turns = static_cast<std::int64_t>(*number) / 90;
  return static_cast<int>(((turns % 4) + 4) % 4) * 90;
}

double user_unit_of(const ObjectView& view, const Dictionary& page) {
  auto resolved = view.resolve(page, "UserUnit");
  const auto number = resolved ? resolved->as_number() : std::nullopt;
  return number && *number > 0 && std::isfinite(*number) && *number <= 1e6 ? *number : 1.0;
}

}  // namespace

bool Rect::contains(const Rect& other, double tolerance) const {
  return other.x0 >= x0 - tolerance && other.y0 >= y0 - tolerance && other.x1 <= x1 + tolerance &&
         other.y1 <= y1 + tolerance;
}

Rect Rect::intersection(const Rect& other) const {
  return {std::max(x0, other.x0), std::max(y0, other.y0), std::min(x1, other.x1), std::min(y1, other.y1)};
}

std::optional<Rect> rect_of(const Object& resolved_array) {
  const Array* array = resolved_array.as_array();
  if (array == nullptr || array->size() < 4) return std::nullopt;
  std::array<double, 4> v{};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto number = (*array)[i].as_number();
    if (!number || !std::isfinite(*number)) return std::nullopt;
    v[i] = *number;
  }
  return Rect{std::min(v[0], v[2]), std::min(v[1], v[3]), std::max(v[0], v[2]), std::max(v[1], v[3])};
}

Object to_object(const Rect& rect) {
  // A hundred-thousandth of a point is far below what any device shows; whole numbers are written as such.
  const auto number = [](double value) {
    value = std::round(value * 1e5) / 1e5;
    if (std::abs(value) < 1e9 && value == std::floor(value)) return Object(static_cast<std::int64_t>(value));
    return Object(value);
  };
  return Array{number(rect.x0), number(rect.y0), number(rect.x1), number(rect.y1)};
}

Matrix Matrix::then(const Matrix& next) const {
  return {a * next.a + b * next.c, a * next.b + b * next.d,          c * next.a + d * next.c,
          c * next.b + d * next.d, e * next.a + f * next.c + next.e, e * next.b + f * next.d + next.f};
}

std::pair<double, double> Matrix::apply(double x, double y) const {
  return {a * x + c * y + e, b * x + d * y + f};
}

Rect Matrix::apply(const Rect& rect) const {
  Rect box{INFINITY, INFINITY, -INFINITY, -INFINITY};
  for (const auto [x, y] :
       {apply(rect.x0, rect.y0), apply(rect.x1, rect.y0), apply(rect.x0, rect.y1), apply(rect.x1, rect.y1)}) {
    box = {std::min(box.x0, x), std::min(box.y0, y), std::max(box.x1, x), std::max(box.y1, y)};
  }
  return box;
}

std::optional<Matrix> Matrix::inverse() const {
  const double determinant = a * d - b * c;
  if (determinant == 0 || !std::isfinite(1 / determinant)) return std::nullopt;
  const double ia = d / determinant, ib = -b / determinant, ic = -c / determinant, id = a / determinant;
  return Matrix{ia, ib, ic, id, -(e * ia + f * ic), -(e * ib + f * id)};
}

double Page::visible_width() const {
  return (rotate % 180 == 0 ? crop_box.width() : crop_box.height()) * user_unit;
}

double Page::visible_height() const {
  return (rotate % 180 == 0 ? crop_box.height() : crop_box.width()) * user_unit;
}

// Rotate turns the page clockwise: at 90 its upper left corner is seen at the upper right.
Matrix Page::user_to_visible() const {
  const double w = crop_box.width(), h = crop_box.height();
  const Matrix to_origin{1, 0, 0, 1, -crop_box.x0, -crop_box.y0};
  Matrix turn;
  if (rotate == 90) turn = {0, -1, 1, 0, 0, w};
  if (rotate == 180) turn = {-1, 0, 0, -1, w, h};
  if (rotate == 270) turn = {0, 1, -1, 0, h, 0};
  return to_origin.then(turn).then({user_unit, 0, 0, user_unit, 0, 0});
}

Matrix Page::visible_to_user() const {
  return user_to_visible().inverse().value_or(Matrix{});  // a turn and a positive scale always have an inverse
}

namespace {

// A node of the page tree that waits for its turn: kids are taken in order, without recursion.
struct Node {
  Array kids;
  std::size_t next = 0;
  std::shared_ptr<const std::array<Object, 4>> inherited;
};

std::shared_ptr<const std::array<Object, 4>> inherit(const Dictionary& node,
                                                     const std::shared_ptr<const std::array<Object, 4>>& from) {
  std::array<Object, 4> values = from ? *from : std::array<Object, 4>{};
  bool changed = !from;
  for (std::size_t i = 0; i < kInheritable.size(); ++i) {
    if (node.get(kInheritable[i]).is_null()) continue;
    values[i] = node.get(kInheritable[i]);
    changed = true;
  }
  return changed ? std::make_shared<const std::array<Object, 4>>(std::move(values)) : from;
}

bool is_leaf(const ObjectView& view, const Dictionary& node) {
  if (node.get("Kids").is_null()) return true;
  auto type = view.resolve(node, "Type");
  return type && type->is_name("Page");
}

}  // namespace

Result<PageTree> PageTree::open(const ObjectView& view) {
  const Limits& limits = view.graph().limits();
  const Dictionary catalog = KYSO_TRY(view.catalog());
  PageTree tree(view);
  std::vector<Node> path;
  std::set<ObjectId> visited;
  path.push_back({{catalog.get("Pages")}, 0, nullptr});
  // /Count is a hint that hostile files lie about; the tree itself is counted.
  while (!path.empty()) {
    if (path.back().next == path.back().kids.size()) {
      path.pop_back();
      continue;
    }
    const Object kid = path.back().kids[path.back().next++];
    const auto inherited = path.back().inherited;
    const auto id = kid.as_reference();
    auto value = view.resolve(kid);
    if (!value && path.size() == 1) return std::move(value).error();
    const Dictionary* node = value ? value->as_dictionary() : nullptr;
    if (node == nullptr) continue;  // a missing page: other readers leave it out too
    if (!id) return fail("pdf.pages.broken", "a direct object in the page tree");
    if (is_leaf(view, *node)) {
      if (node->get("Type").is_name("Pages")) continue;  // an empty node
      if (tree.m_pages.size() >= limits.pages) return fail("pdf.limit").with("limit", "pages");
      tree.m_pages.push_back({*id, inherited});
      continue;
    }
    if (!visited.insert(*id).second) continue;  // a ring, or a subtree hung up twice
    if (path.size() > limits.tree_depth) return fail("pdf.limit").with("limit", "tree_depth");
    auto kids = view.resolve(*node, "Kids");
    if (!kids || kids->as_array() == nullptr) continue;
    path.push_back({*kids->as_array(), 0, inherit(*node, inherited)});
  }
  if (tree.m_pages.empty()) return fail("pdf.pages.broken", "no page");
  for (std::size_t i = 0; i < tree.m_pages.size(); ++i) tree.m_by_id.emplace_back(tree.m_pages[i].id, i);
  std::sort(tree.m_by_id.begin(), tree.m_by_id.end());
  return tree;
}

Result<Page> PageTree::page(std::size_t index) const {
  if (index >= m_pages.size()) {
    return fail("pdf.page.missing").with("page", index + 1).with("pages", m_pages.size());
  }
  const Leaf& leaf = m_pages[index];
  Page page;
  page.index = index;
  page.id = leaf.id;
  const Object object = KYSO_TRY(m_view.resolve(Object(leaf.id)));
  if (object.as_dictionary() == nullptr) return fail("pdf.pages.broken", "page {} is no dictionary", leaf.id.number);
  page.dictionary = *object.as_dictionary();
  const auto attributes = inherit(page.dictionary, leaf.inherited);
  auto resources = m_view.resolve((*attributes)[0]);
  if (resources && resources->as_dictionary() != nullptr) page.resources = *resources->as_dictionary();
  page.media_box = box_of(m_view, (*attributes)[1]).value_or(kDefaultMediaBox);
  page.crop_box = page.media_box.intersection(box_of(m_view, (*attributes)[2]).value_or(page.media_box));
  if (page.crop_box.area() <= 0) page.crop_box = page.media_box;
  page.rotate = rotation_of(m_view, (*attributes)[3]);
  page.user_unit = user_unit_of(m_view, page.dictionary);
  return page;
}

std::size_t PageTree::index_of(ObjectId page_id) const {
  const auto found = std::lower_bound(m_by_id.begin(), m_by_id.end(), std::pair{page_id, std::size_t{0}});
  return found != m_by_id.end() && found->first == page_id ? found->second : kNoPage;
}

}  // namespace kyso::pdf

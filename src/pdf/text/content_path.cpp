#include <algorithm>
#include <array>
#include <cmath>

#include "pdf/text/content_interpreter.h"
#include "pdf/text/content_operator.h"

// Paths, colours and marks (ISO 32000-2 sections 8.5 and 8.6).
namespace kyso::pdf {
namespace {

constexpr double kStraight = 0.05;  // points; a line that strays less is horizontal or vertical
constexpr double kHairline = 0.25;  // points; half of the least that a stroke shows

Rect around(double x0, double y0, double x1, double y1) {
  return {std::min(x0, x1), std::min(y0, y1), std::max(x0, x1), std::max(y0, y1)};
}

void unite(Rect& box, const Rect& more) {
  box = {std::min(box.x0, more.x0), std::min(box.y0, more.y0), std::max(box.x1, more.x1), std::max(box.y1, more.y1)};
}

Rect grown(const Rect& box, double by) {
  return {box.x0 - by, box.y0 - by, box.x1 + by, box.y1 + by};
}

std::size_t components_of(ColourKind space) {
  switch (space) {
    case ColourKind::gray:
    case ColourKind::tint:
      return 1;
    case ColourKind::rgb:
      return 3;
    default:
      return 4;
  }
}

// Paper white: nothing that a person would see.
bool is_white(ColourKind space, const double* v, std::size_t count) {
  constexpr double kNear = 0.004;
  const std::span<const double> values(v, count);
  switch (space) {
    case ColourKind::gray:
    case ColourKind::rgb:
      return std::ranges::all_of(values, [](double x) { return x >= 1 - kNear; });
    case ColourKind::cmyk:
    case ColourKind::tint:
      return std::ranges::all_of(values, [](double x) { return x <= kNear; });
    case ColourKind::other:
      return false;
  }
  return false;
}

// 0 black … 1 white.
double lightness(ColourKind space, const double* v) {
  switch (space) {
    case ColourKind::gray:
      return std::clamp(v[0], 0.0, 1.0);
    case ColourKind::rgb:
      return std::clamp(0.30 * v[0] + 0.59 * v[1] + 0.11 * v[2], 0.0, 1.0);
    case ColourKind::cmyk:
      return std::clamp(1 - 0.30 * v[0] - 0.59 * v[1] - 0.11 * v[2] - v[3], 0.0, 1.0);
    default:
      return 0;
  }
}

}  // namespace

void PathBuilder::move_to(double x, double y) {
  m_x = m_start_x = x;
  m_y = m_start_y = y;
  m_is_open = false;
}

// The line that grows; begun at the current point when there is none.
std::vector<PaintPoint>& PathBuilder::current_line() {
  if (!m_is_open || m_points.lines.empty()) m_points.lines.push_back({{m_x, m_y}});
  return m_points.lines.back();
}

void PathBuilder::add_stroke(const Rect& box, bool is_straight) {
  const bool starts_subpath = !m_is_open;
  if (starts_subpath) {
    m_subpaths.push_back(box);
    m_is_open = true;
  } else {
    unite(m_subpaths.back(), box);
  }
  if (!is_straight && m_run_is_loose && !starts_subpath) {
    unite(m_strokes.back(), box);
  } else {
    m_strokes.push_back(box);
  }
  m_run_is_loose = !is_straight;
}

void PathBuilder::line_to(double x, double y) {
  if (m_keeps_points) current_line().push_back({x, y});
  const bool is_straight = std::fabs(x - m_x) < kStraight || std::fabs(y - m_y) < kStraight;
  add_stroke(around(m_x, m_y, x, y), is_straight);
  m_x = x;
  m_y = y;
}

void PathBuilder::curve_to(const double* xy, std::size_t points, bool from_current) {
  if (m_keeps_points) {
    constexpr int kPieces = 8;
    const PaintPoint p0{m_x, m_y}, p3{xy[2 * points - 2], xy[2 * points - 1]};
    const PaintPoint p1 = from_current ? p0 : PaintPoint{xy[0], xy[1]};
    const PaintPoint p2 = points == 3 ? PaintPoint{xy[2], xy[3]} : from_current ? PaintPoint{xy[0], xy[1]} : p3;
    auto& line = current_line();
    for (int i = 1; i <= kPieces; ++i) {
      const double t = static_cast<double>(i) / kPieces, u = 1 - t;
      const double b0 = u * u * u, b1 = 3 * u * u * t, b2 = 3 * u * t * t, b3 = t * t * t;
      line.push_back({b0 * p0.x + b1 * p1.x + b2 * p2.x + b3 * p3.x, b0 * p0.y + b1 * p1.y + b2 * p2.y + b3 * p3.y});
    }
    m_points.has_curves = true;
  }
  Rect box = from_current ? Rect{m_x, m_y, m_x, m_y} : around(xy[0], xy[1], xy[0], xy[1]);
  unite(box, {m_x, m_y, m_x, m_y});
  for (std::size_t i = 0; i < points; ++i) unite(box, {xy[2 * i], xy[2 * i + 1], xy[2 * i], xy[2 * i + 1]});
  add_stroke(box, false);
  m_x = xy[2 * points - 2];
  m_y = xy[2 * points - 1];
}

void PathBuilder::close() {
  if (m_is_open && (m_x != m_start_x || m_y != m_start_y)) line_to(m_start_x, m_start_y);
  m_x = m_start_x;
  m_y = m_start_y;
  m_is_open = false;
}

void PathBuilder::clear() {
  m_subpaths.clear();
  m_strokes.clear();
  m_points.lines.clear();
  m_points.has_curves = false;
  m_is_open = m_run_is_loose = false;
}

bool ContentInterpreter::execute_path(std::uint32_t op) {
  double v[4];
  switch (op) {
    case operator_code("m"):
    case operator_code("l"):
      if (m_operands.numbers(v, 2)) {
        const auto [x, y] = m_state.ctm.apply(v[0], v[1]);
        op == operator_code("m") ? m_path.move_to(x, y) : m_path.line_to(x, y);
      }
      break;
    case operator_code("c"):
    case operator_code("v"):
    case operator_code("y"):
      path_curve(op);
      break;
    case operator_code("re"):
      if (m_operands.numbers(v, 4)) path_rectangle(v);
      break;
    case operator_code("h"):
      m_path.close();
      break;
    case operator_code("S"):
    case operator_code("s"):
      if (op == operator_code("s")) m_path.close();
      paint(false, true);
      break;
    case operator_code("f"):
    case operator_code("F"):
    case operator_code("f*"):
      paint(true, false, op == operator_code("f*"));
      break;
    case operator_code("B"):
    case operator_code("B*"):
    case operator_code("b"):
    case operator_code("b*"):
      if (op == operator_code("b") || op == operator_code("b*")) m_path.close();
      paint(true, true, op == operator_code("B*") || op == operator_code("b*"));
      break;
    case operator_code("n"):
      end_path();
      break;
    case operator_code("W"):
    case operator_code("W*"):
      m_clip_pending = true;
      break;
    default:
      return false;
  }
  if (m_path.strokes().size() > m_limits.marks) exceed("marks");
  return true;
}

void ContentInterpreter::path_curve(std::uint32_t op) {
  const std::size_t points = op == operator_code("c") ? 3 : 2;
  std::array<double, 6> v{};
  if (!m_operands.numbers(v.data(), 2 * points)) return;
  for (std::size_t i = 0; i < points; ++i) {
    std::tie(v[2 * i], v[2 * i + 1]) = m_state.ctm.apply(v[2 * i], v[2 * i + 1]);
  }
  m_path.curve_to(v.data(), points, op == operator_code("v"));
}

void ContentInterpreter::path_rectangle(const double* v) {
  const std::array<std::pair<double, double>, 4> corners = {
      {{v[0], v[1]}, {v[0] + v[2], v[1]}, {v[0] + v[2], v[1] + v[3]}, {v[0], v[1] + v[3]}}};
  for (std::size_t i = 0; i < corners.size(); ++i) {
    const auto [x, y] = m_state.ctm.apply(corners[i].first, corners[i].second);
    i == 0 ? m_path.move_to(x, y) : m_path.line_to(x, y);
  }
  m_path.close();
}

void ContentInterpreter::paint(bool fill, bool stroke, bool fill_is_even_odd) {
  const double scale = std::sqrt(std::fabs(m_state.ctm.a * m_state.ctm.d - m_state.ctm.b * m_state.ctm.c));
  const double half = std::max(kHairline, m_state.line_width * scale / 2);
  const bool shows_stroke = stroke && m_state.stroke.is_visible();
  if (m_sink && fill) m_sink->fill(m_path.points(), fill_is_even_odd, style_of(m_state.fill), m_state.clip);
  if (m_sink && stroke) m_sink->stroke(m_path.points(), 2 * half, style_of(m_state.stroke), m_state.clip);
  if (fill && m_state.fill.is_visible()) {
    for (const Rect& box : m_path.subpaths()) add_mark(Mark::Kind::path, shows_stroke ? grown(box, half) : box);
  } else if (shows_stroke) {
    for (const Rect& box : m_path.strokes()) add_mark(Mark::Kind::path, grown(box, half));
  }
  end_path();
}

// Clipping is kept as a box: enough to know that what lies outside is not seen.
void ContentInterpreter::end_path() {
  if (m_clip_pending && !m_path.empty()) {
    Rect box = m_path.subpaths().front();
    for (const Rect& more : m_path.subpaths()) unite(box, more);
    m_state.clip = m_state.clip.intersection(box);
  }
  m_clip_pending = false;
  m_path.clear();
}

void ContentInterpreter::add_mark(Mark::Kind kind, const Rect& box) {
  const Rect seen = box.intersection(m_state.clip);
  if (!(seen.width() >= 0 && seen.height() >= 0)) return;  // NaN too
  if (m_marks.size() >= m_limits.marks) return exceed("marks");
  m_marks.push_back({kind, seen});
}

bool ContentInterpreter::execute_colour(std::uint32_t op) {
  switch (op) {
    case operator_code("g"):
      set_device_colour(m_state.fill, ColourKind::gray, 1);
      return true;
    case operator_code("G"):
      set_device_colour(m_state.stroke, ColourKind::gray, 1);
      return true;
    case operator_code("rg"):
      set_device_colour(m_state.fill, ColourKind::rgb, 3);
      return true;
    case operator_code("RG"):
      set_device_colour(m_state.stroke, ColourKind::rgb, 3);
      return true;
    case operator_code("k"):
      set_device_colour(m_state.fill, ColourKind::cmyk, 4);
      return true;
    case operator_code("K"):
      set_device_colour(m_state.stroke, ColourKind::cmyk, 4);
      return true;
    case operator_code("cs"):
      set_colour_space(m_state.fill);
      return true;
    case operator_code("CS"):
      set_colour_space(m_state.stroke);
      return true;
    case operator_code("sc"):
    case operator_code("scn"):
      set_colour(m_state.fill);
      return true;
    case operator_code("SC"):
    case operator_code("SCN"):
      set_colour(m_state.stroke);
      return true;
    default:
      return false;
  }
}

// The first colour of every space is black or full ink (section 8.6.5.1 and following).
void ContentInterpreter::set_colour_space(Paint& paint) {
  const Operand* name = m_operands.last(Operand::Kind::name);
  if (!name) return;
  paint.space = m_resources->colour_space(name->text);
  paint.is_white = false;
  paint.lightness = 0;
}

void ContentInterpreter::set_colour(Paint& paint) {
  std::array<double, Operands::kMaximum> values{};
  const std::size_t expected = components_of(paint.space);
  const std::size_t count = paint.space == ColourKind::tint ? std::max<std::size_t>(1, m_operands.size()) : expected;
  const bool has_numbers = m_operands.numbers(values.data(), count);
  paint.is_white = has_numbers && is_white(paint.space, values.data(), count);
  paint.lightness = has_numbers ? lightness(paint.space, values.data()) : 0;
}

void ContentInterpreter::set_device_colour(Paint& paint, ColourKind space, std::size_t components) {
  std::array<double, 4> values{};
  if (!m_operands.numbers(values.data(), components)) return;
  paint.space = space;
  paint.is_white = is_white(space, values.data(), components);
  paint.lightness = lightness(space, values.data());
}

}  // namespace kyso::pdf

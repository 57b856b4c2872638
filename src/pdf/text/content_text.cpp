#include <algorithm>
#include <cmath>

#include "pdf/text/content_interpreter.h"
#include "pdf/text/content_operator.h"

// Text objects (ISO 32000-2 clause 9).
namespace kyso::pdf {
namespace {

Matrix translation(double x, double y) {
  return {1, 0, 0, 1, x, y};
}

constexpr double kSlant = 0.15;  // tangent; letters leaning more are italic

}  // namespace

bool ContentInterpreter::execute_text(std::uint32_t op) {
  TextState& text = m_state.text;
  double v[6];
  switch (op) {
    case operator_code("BT"):
      m_text_matrix = m_line_matrix = Matrix{};
      return true;
    case operator_code("Tf"):
      set_font();
      return true;
    case operator_code("Td"):
    case operator_code("TD"):
      if (!m_operands.numbers(v, 2)) return true;
      if (op == operator_code("TD")) text.leading = -v[1];
      text_position(v[0], v[1]);
      return true;
    case operator_code("Tm"):
      if (m_operands.numbers(v, 6)) m_text_matrix = m_line_matrix = Matrix{v[0], v[1], v[2], v[3], v[4], v[5]};
      return true;
    case operator_code("T*"):
      text_position(0, -text.leading);
      return true;
    case operator_code("Tj"):
    case operator_code("'"):
    case operator_code("\""):
      if (op == operator_code("\"") && m_operands.size() >= 3) {
        text.word_spacing = m_operands.at(m_operands.size() - 3).number;
        text.char_spacing = m_operands.at(m_operands.size() - 2).number;
      }
      if (op != operator_code("Tj")) text_position(0, -text.leading);
      if (const Operand* string = m_operands.last(Operand::Kind::string)) show(string->text);
      return true;
    case operator_code("TJ"):
      show_array();
      return true;
    default:
      return execute_text_state(op);
  }
}

// Section 9.3: parameters of one number.
bool ContentInterpreter::execute_text_state(std::uint32_t op) {
  TextState& text = m_state.text;
  double v[1];
  switch (op) {
    case operator_code("Tc"):
      if (m_operands.numbers(v, 1)) text.char_spacing = v[0];
      return true;
    case operator_code("Tw"):
      if (m_operands.numbers(v, 1)) text.word_spacing = v[0];
      return true;
    case operator_code("Tz"):
      if (m_operands.numbers(v, 1)) text.scale = v[0] / 100;
      return true;
    case operator_code("TL"):
      if (m_operands.numbers(v, 1)) text.leading = v[0];
      return true;
    case operator_code("Ts"):
      if (m_operands.numbers(v, 1)) text.rise = v[0];
      return true;
    case operator_code("Tr"):
      if (m_operands.numbers(v, 1)) text.mode = v[0] >= 0 && v[0] <= 7 ? static_cast<int>(v[0]) : 0;
      return true;
    default:
      return false;
  }
}

void ContentInterpreter::text_position(double x, double y) {
  m_line_matrix = translation(x, y).then(m_line_matrix);
  m_text_matrix = m_line_matrix;
}

void ContentInterpreter::set_font() {
  const Operand* name = m_operands.last(Operand::Kind::name, 1);
  const Operand* size = m_operands.last(Operand::Kind::number);
  if (!name || !size) return;
  m_state.text.font = m_resources->font(name->text);
  m_state.text.size = size->number;
}

void ContentInterpreter::show_array() {
  const Operand* array = m_operands.last(Operand::Kind::text_array);
  if (!array) return;
  for (std::size_t i = 0; i < array->item_count; ++i) {
    const Operand::TextItem& item = array->items[i];
    item.is_string ? show(item.text) : move_pen(item.number);
  }
}

void ContentInterpreter::move_pen(double thousandths) {
  const TextState& text = m_state.text;
  const double distance = -thousandths / 1000 * text.size;
  const bool is_vertical = text.font && text.font->is_vertical();
  m_text_matrix = (is_vertical ? translation(0, distance) : translation(distance * text.scale, 0)).then(m_text_matrix);
}

// Sections 9.3 and 9.4.4.
void ContentInterpreter::show(std::string_view string) {
  const TextState& text = m_state.text;
  if (!text.font) return;
  const FontStyle& style = text.font->style();
  const bool is_vertical = text.font->is_vertical();
  const Matrix matrix = m_text_matrix.then(m_state.ctm);
  const Vector x{matrix.a, matrix.b}, y{matrix.c, matrix.d};
  const Vector along = is_vertical ? y : x, up = is_vertical ? x : y;
  const double scale = is_vertical ? 1 : text.scale;
  const double em = style.em * text.size;

  PlacedGlyph placed;
  placed.rise = {up.x * em, up.y * em};
  placed.size = std::hypot(placed.rise.x, placed.rise.y);
  placed.ascent = is_vertical ? 0.5 : style.ascent / style.em;
  placed.descent = is_vertical ? -0.5 : style.descent / style.em;
  const double lengths = std::hypot(x.x, x.y) * std::hypot(y.x, y.y);
  placed.italic = style.italic || (lengths > 0 && (x.x * y.x + x.y * y.y) / lengths > kSlant);
  // Filled and stroked letters are how programs make bold ones of a font that has none.
  placed.bold = style.bold || ((text.mode == 2 || text.mode == 6) && m_state.stroke.is_visible());

  double pen = 0;  // along the writing direction, in text space
  const Vector start{matrix.e + text.rise * y.x, matrix.f + text.rise * y.y};
  while (!string.empty() && !m_exceeded) {
    const FontGlyph& glyph = text.font->take(string);
    const double width = glyph.width * text.size * scale;
    const double spacing = text.char_spacing + (glyph.is_word_space ? text.word_spacing : 0);
    placed.origin = {start.x + pen * along.x, start.y + pen * along.y};
    placed.advance = {width * along.x, width * along.y};
    pen += width + spacing * scale;
    placed.pen = {start.x + pen * along.x, start.y + pen * along.y};
    placed.text = glyph.text;
    m_text.add(placed);
    if (m_sink) tell_glyph(placed, glyph.is_word_space);
    if (m_text.glyphs() >= m_limits.glyphs) exceed("glyphs");
  }
  m_text_matrix = (is_vertical ? translation(0, pen) : translation(pen, 0)).then(m_text_matrix);
}

void ContentInterpreter::tell_glyph(const PlacedGlyph& placed, bool is_blank) {
  PaintGlyph glyph;
  const auto corner = [&](double advance, double rise) {
    return PaintPoint{placed.origin.x + advance * placed.advance.x + rise * placed.rise.x,
                      placed.origin.y + advance * placed.advance.y + rise * placed.rise.y};
  };
  glyph.corners[0] = corner(0, placed.descent);
  glyph.corners[1] = corner(1, placed.descent);
  glyph.corners[2] = corner(1, placed.ascent);
  glyph.corners[3] = corner(0, placed.ascent);
  glyph.text = placed.text;
  glyph.is_blank = is_blank || (!placed.text.empty() && std::ranges::all_of(placed.text, [](char32_t c) {
                     return c <= 0x20 || c == 0xA0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200B);
                   }));
  const int mode = m_state.text.mode;
  glyph.is_drawn = mode != 3 && mode != 7;
  glyph.is_described = m_state.text.font->is_described();
  const bool is_stroked = mode == 1 || mode == 5;
  m_sink->glyph(glyph, style_of(is_stroked ? m_state.stroke : m_state.fill), m_state.clip);
}

}  // namespace kyso::pdf

#include "pdf/text/content_interpreter.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "pdf/text/content_operator.h"
#include "pdf/text/inline_image.h"

namespace kyso::pdf {
namespace {

constexpr std::size_t kMarkedDepth = 1024;

double sane(double value) {
  return std::isfinite(value) && std::fabs(value) < 1e9 ? value : 0;
}

}  // namespace

ContentInterpreter::ContentInterpreter(ResourceCache& cache, const Page& page, const ContentLimits& limits)
    : m_cache(cache), m_limits(limits), m_page_resources(page.resources) {
  m_state.clip = page.crop_box;
}

void ContentInterpreter::set_sink(PaintSink* sink) {
  m_sink = sink;
  if (sink) m_path.keep_points();
}

bool ContentInterpreter::run_page(ByteView content) {
  const GraphicsState initial = m_state;
  run(content, m_cache.resources(m_page_resources));
  m_state = initial;
  return m_exceeded == nullptr;
}

bool ContentInterpreter::run_form(const FormContent& form, const Matrix& matrix) {
  const GraphicsState initial = m_state;
  m_state.ctm = matrix.then(m_state.ctm);
  draw_form(form);
  m_state = initial;
  return m_exceeded == nullptr;
}

void ContentInterpreter::run(ByteView content, ContentResources* resources) {
  m_bytes += content.size();
  if (m_bytes + m_cache.decoded() > m_limits.content_bytes) return exceed("content_bytes");
  ContentResources* const outer = std::exchange(m_resources, resources);
  const std::size_t outer_base = std::exchange(m_saved_base, m_saved.size());
  const std::size_t outer_unsaved = std::exchange(m_unsaved, 0);
  const std::size_t outer_marked = std::exchange(m_marked_base, m_marked.size());
  const std::size_t outer_beyond = std::exchange(m_marked_beyond, 0);
  m_operands.clear();
  m_path.clear();
  m_clip_pending = false;
  Lexer lexer(content);
  for (Token token = lexer.next(); token.kind != Token::Kind::end && !m_exceeded; token = lexer.next()) {
    if (collect(lexer, token)) continue;
    if (++m_operators > m_limits.operators) exceed("operators");
    execute(token.text, lexer);
    m_operands.clear();
  }
  m_marked_beyond = 0;
  while (m_marked.size() > m_marked_base) end_marked_content();
  m_saved.resize(m_saved_base);
  m_path.clear();
  m_resources = outer;
  m_saved_base = outer_base;
  m_unsaved = outer_unsaved;
  m_marked_base = outer_marked;
  m_marked_beyond = outer_beyond;
}

// True when the token was (the start of) an operand or nothing that matters.
bool ContentInterpreter::collect(Lexer& lexer, Token& token) {
  switch (token.kind) {
    case Token::Kind::integer:
      m_operands.push(Operand::Kind::number).number = static_cast<double>(token.integer);
      return true;
    case Token::Kind::real:
      m_operands.push(Operand::Kind::number).number = sane(token.real);
      return true;
    case Token::Kind::name:
      m_operands.push(Operand::Kind::name).text = std::move(token.text);
      return true;
    case Token::Kind::string:
    case Token::Kind::hex_string:
      m_operands.push(Operand::Kind::string).text = std::move(token.text);
      return true;
    case Token::Kind::array_begin:
      collect_array(lexer);
      return true;
    case Token::Kind::dict_begin:
      collect_dictionary(lexer, token.offset);
      return true;
    case Token::Kind::keyword:
      return false;
    default:
      return true;
  }
}

void ContentInterpreter::collect_array(Lexer& lexer) {
  Operand& operand = m_operands.push(Operand::Kind::text_array);
  int depth = 0;
  while (true) {
    const std::uint64_t before = lexer.position();
    Token token = lexer.next();
    if (token.kind == Token::Kind::end) return;
    if (token.kind == Token::Kind::array_begin) ++depth;
    if (token.kind == Token::Kind::array_end && depth-- == 0) return;
    const bool is_string = token.kind == Token::Kind::string || token.kind == Token::Kind::hex_string;
    const bool is_number = token.kind == Token::Kind::integer || token.kind == Token::Kind::real;
    if (token.kind == Token::Kind::keyword && operator_code(token.text) != 0) {  // the bracket was never closed
      lexer.seek(before);
      return;
    }
    if (depth > 0 || (!is_string && !is_number)) continue;
    if (operand.items.size() == operand.item_count) operand.items.emplace_back();
    Operand::TextItem& item = operand.items[operand.item_count++];
    item.is_string = is_string;
    item.number = token.kind == Token::Kind::integer ? static_cast<double>(token.integer) : sane(token.real);
    item.text = std::move(token.text);
  }
}

void ContentInterpreter::collect_dictionary(Lexer& lexer, std::uint64_t offset) {
  const std::uint64_t inside = lexer.position();
  lexer.seek(offset);
  auto object = parse_object(lexer);
  if (object) {
    m_operands.push(Operand::Kind::dictionary).object = *std::move(object);
  } else {  // go on after what was looked at, so that nothing is read twice
    lexer.seek(std::max(inside, lexer.position()));
  }
}

void ContentInterpreter::execute(std::string_view name, Lexer& lexer) {
  const std::uint32_t op = operator_code(name);
  if (op == 0) return;
  if (execute_text(op) || execute_path(op) || execute_state(op) || execute_colour(op)) return;
  execute_other(op, lexer);
}

bool ContentInterpreter::execute_state(std::uint32_t op) {
  double v[6];
  switch (op) {
    case operator_code("q"):
      if (m_saved.size() - m_saved_base < m_limits.state_depth) {
        m_saved.push_back(m_state);
      } else {
        ++m_unsaved;
      }
      return true;
    case operator_code("Q"):
      if (m_unsaved > 0) {
        --m_unsaved;
      } else if (m_saved.size() > m_saved_base) {
        m_state = m_saved.back();
        m_saved.pop_back();
      }
      return true;
    case operator_code("cm"):
      if (m_operands.numbers(v, 6)) m_state.ctm = Matrix{v[0], v[1], v[2], v[3], v[4], v[5]}.then(m_state.ctm);
      return true;
    case operator_code("w"):
      if (m_operands.numbers(v, 1)) m_state.line_width = std::fabs(v[0]);
      return true;
    case operator_code("gs"):
      if (const Operand* name = m_operands.last(Operand::Kind::name)) apply_parameters(name->text);
      return true;
    default:
      return false;
  }
}

void ContentInterpreter::apply_parameters(const std::string& name) {
  const GraphicsParameters parameters = m_resources->graphics_parameters(name);
  if (parameters.line_width) m_state.line_width = std::fabs(sane(*parameters.line_width));
  if (parameters.fill_alpha) m_state.fill.alpha = sane(*parameters.fill_alpha);
  if (parameters.stroke_alpha) m_state.stroke.alpha = sane(*parameters.stroke_alpha);
  if (parameters.lets_dark_shine) m_state.lets_dark_shine = *parameters.lets_dark_shine;
  if (parameters.font) {
    m_state.text.font = parameters.font;
    m_state.text.size = sane(parameters.font_size);
  }
}

void ContentInterpreter::execute_other(std::uint32_t op, Lexer& lexer) {
  switch (op) {
    case operator_code("Do"):
      if (const Operand* name = m_operands.last(Operand::Kind::name)) draw_object(name->text);
      return;
    case operator_code("BI"):
      return skip_inline_image(lexer);
    case operator_code("BDC"):
      return begin_marked_content(true);
    case operator_code("BMC"):
      return begin_marked_content(false);
    case operator_code("EMC"):
      return end_marked_content();
    case operator_code("sh"):
      if (m_sink) m_sink->shading(style_of(m_state.fill), m_state.clip);
      return add_mark(Mark::Kind::path, m_state.clip);
    default:
      return;
  }
}

void ContentInterpreter::draw_object(const std::string& name) {
  const NamedXObject object = m_resources->x_object(name);
  if (object.kind == NamedXObject::Kind::image) draw_image(false, &*object.image);
  if (object.kind == NamedXObject::Kind::stencil) draw_image(true, &*object.image);
  if (object.kind == NamedXObject::Kind::form) draw_form(*object.form);
}

// ISO 32000-2 section 8.10.1.
void ContentInterpreter::draw_form(const FormContent& form) {
  const bool is_running = std::ranges::find(m_running, form.id) != m_running.end();
  if (m_running.size() >= m_limits.form_depth || is_running) return;
  const GraphicsState outer = m_state;
  const Matrix outer_text = m_text_matrix, outer_line = m_line_matrix;
  m_state.ctm = form.matrix.then(m_state.ctm);
  if (form.box) m_state.clip = m_state.clip.intersection(m_state.ctm.apply(*form.box));
  m_running.push_back(form.id);
  run(form.content, form.resources);
  m_running.pop_back();
  m_state = outer;
  m_text_matrix = outer_text;
  m_line_matrix = outer_line;
}

void ContentInterpreter::draw_image(bool is_stencil, const Stream* stream) {
  if (m_sink) m_sink->image({m_state.ctm, stream, is_stencil}, style_of(m_state.fill), m_state.clip);
  if (m_state.fill.alpha <= 0 || (is_stencil && !m_state.fill.is_visible())) return;
  add_mark(Mark::Kind::image, m_state.ctm.apply(Rect{0, 0, 1, 1}));
}

void ContentInterpreter::skip_inline_image(Lexer& lexer) {
  const InlineImage image = read_inline_image(lexer);
  if (image.was_found) draw_image(image.is_stencil, nullptr);
}

void ContentInterpreter::begin_marked_content(bool has_properties) {
  if (m_marked.size() - m_marked_base >= kMarkedDepth) {
    ++m_marked_beyond;
    return;
  }
  std::optional<std::u32string> actual;
  Object properties;
  if (has_properties && m_believes_actual_text && m_operands.size() > 0) {
    if (const Operand* direct = m_operands.last(Operand::Kind::dictionary)) properties = direct->object;
    if (const Operand* named = m_operands.last(Operand::Kind::name))
      properties = m_resources->property_list(named->text);
  }
  if (const Dictionary* dictionary = properties.as_dictionary()) {
    auto value = m_cache.view().resolve(*dictionary, "ActualText");
    if (value && value->as_string()) actual = to_utf32(text_of(*value->as_string()));
  }
  m_marked.push_back(actual.has_value());
  if (actual) m_text.begin_actual_text(*std::move(actual));
}

void ContentInterpreter::end_marked_content() {
  if (m_marked_beyond > 0) {
    --m_marked_beyond;
  } else if (m_marked.size() > m_marked_base) {
    if (m_marked.back()) m_text.end_actual_text();
    m_marked.pop_back();
  }
}

}  // namespace kyso::pdf

#pragma once
#include <string>
#include <vector>

#include "pdf/syntax/lexer.h"
#include "pdf/text/content_operand.h"
#include "pdf/text/content_resources.h"
#include "pdf/text/painted.h"
#include "pdf/text/text_collector.h"

// Content streams as far as reading needs them: where text, images and painted paths stand (ISO 32000-2 clauses 8 and
// 9).
namespace kyso::pdf {

// What one page may cost. A page that needs more is not made to be read by people.
struct ContentLimits {
  std::size_t operators = 12'000'000;
  std::uint64_t content_bytes = 96U << 20U;  // interpreted; a form counts each time it is drawn
  std::size_t glyphs = 1'000'000;
  std::size_t marks = 1'000'000;
  std::size_t form_depth = 16;
  std::size_t state_depth = 512;  // q within q; deeper ones keep the state of the last
};

struct Paint {  // a current colour, as far as it matters
  ColourKind space = ColourKind::gray;
  bool is_white = false;
  double alpha = 1;
  double lightness = 0;  // as PaintStyle
  bool is_visible() const { return !is_white && alpha > 0; }
};

struct TextState {
  TextFont* font = nullptr;
  double size = 0, char_spacing = 0, word_spacing = 0, scale = 1, leading = 0, rise = 0;
  int mode = 0;
};

struct GraphicsState {
  Matrix ctm;
  Rect clip;
  Paint fill, stroke;
  double line_width = 1;
  bool lets_dark_shine = false;
  TextState text;
};

// The path under construction, in default user space.
class PathBuilder {
 public:
  void move_to(double x, double y);
  void line_to(double x, double y);
  void curve_to(const double* xy, std::size_t points, bool from_current);  // control points and end
  void close();
  void clear();
  bool empty() const { return m_subpaths.empty(); }
  // The lines themselves, when they are wanted.
  void keep_points() { m_keeps_points = true; }
  const PaintPath& points() const { return m_points; }
  // One box for each subpath.
  const std::vector<Rect>& subpaths() const { return m_subpaths; }
  // Boxes of the lines themselves: one for each horizontal or vertical line, one for each run of anything else. So the
  // frame around a page is four thin boxes, not the page.
  const std::vector<Rect>& strokes() const { return m_strokes; }

 private:
  void add_stroke(const Rect& box, bool is_straight);
  std::vector<PaintPoint>& current_line();
  std::vector<Rect> m_subpaths, m_strokes;
  PaintPath m_points;
  bool m_keeps_points = false;
  double m_x = 0, m_y = 0, m_start_x = 0, m_start_y = 0;
  bool m_is_open = false;       // a current point exists
  bool m_run_is_loose = false;  // the last stroke box may take in the next slanted line
};

class ContentInterpreter {
 public:
  ContentInterpreter(ResourceCache& cache, const Page& page, const ContentLimits& limits);

  // Interprets a content stream in default user space. False when a limit was met: nothing more is read.
  bool run_page(ByteView content);
  // The appearance of an annotation, drawn with `matrix` before the form's own.
  bool run_form(const FormContent& form, const Matrix& matrix);

  // Tells `sink` all that is painted, white paint too.
  void set_sink(PaintSink* sink);
  void ignore_actual_text() { m_believes_actual_text = false; }
  std::size_t operators() const { return m_operators; }

  TextCollector& text() { return m_text; }
  std::vector<Mark>& marks() { return m_marks; }
  const char* exceeded() const { return m_exceeded; }  // name of the limit

 private:
  void run(ByteView content, ContentResources* resources);
  bool collect(Lexer& lexer, Token& token);
  void collect_array(Lexer& lexer);
  void collect_dictionary(Lexer& lexer, std::uint64_t offset);
  void execute(std::string_view name, Lexer& lexer);
  bool execute_state(std::uint32_t op);
  bool execute_path(std::uint32_t op);
  bool execute_colour(std::uint32_t op);
  bool execute_text(std::uint32_t op);
  bool execute_text_state(std::uint32_t op);
  void execute_other(std::uint32_t op, Lexer& lexer);
  void exceed(const char* limit) { m_exceeded = m_exceeded ? m_exceeded : limit; }

  void draw_object(const std::string& name);
  void draw_form(const FormContent& form);
  void draw_image(bool is_stencil, const Stream* stream);
  void tell_glyph(const PlacedGlyph& glyph, bool is_blank);
  PaintStyle style_of(const Paint& paint) const { return {paint.alpha, paint.lightness, m_state.lets_dark_shine}; }
  void skip_inline_image(Lexer& lexer);
  void begin_marked_content(bool has_properties);
  void end_marked_content();
  void apply_parameters(const std::string& name);

  void path_rectangle(const double* v);
  void path_curve(std::uint32_t op);
  void paint(bool fill, bool stroke, bool fill_is_even_odd = false);
  void end_path();
  void add_mark(Mark::Kind kind, const Rect& box);
  void set_colour_space(Paint& paint);
  void set_colour(Paint& paint);
  void set_device_colour(Paint& paint, ColourKind space, std::size_t components);

  void text_position(double x, double y);
  void set_font();
  void show(std::string_view string);
  void show_array();
  void move_pen(double thousandths);

  ResourceCache& m_cache;
  const ContentLimits m_limits;
  ContentResources* m_resources = nullptr;
  Dictionary m_page_resources;
  GraphicsState m_state;
  std::vector<GraphicsState> m_saved;
  std::size_t m_unsaved = 0;     // q beyond the limit
  std::size_t m_saved_base = 0;  // of the running stream: Q does not reach below
  Matrix m_text_matrix, m_line_matrix;
  PathBuilder m_path;
  bool m_clip_pending = false;
  std::vector<bool> m_marked;  // open marked content: has it actual text?
  std::size_t m_marked_base = 0, m_marked_beyond = 0;
  std::vector<ObjectId> m_running;  // forms
  Operands m_operands;
  TextCollector m_text;
  std::vector<Mark> m_marks;
  PaintSink* m_sink = nullptr;
  bool m_believes_actual_text = true;
  std::size_t m_operators = 0;
  std::uint64_t m_bytes = 0;
  const char* m_exceeded = nullptr;
};

}  // namespace kyso::pdf

#include "pdf/text/page_text.h"

#include <algorithm>
#include <cmath>

#include "pdf/text/content_interpreter.h"
#include "pdf/text/painted.h"
#include "pdf/text/text_font_parts.h"

namespace kyso::pdf {
namespace {

constexpr std::int64_t kHidden = 1 << 1, kNoView = 1 << 5;  // annotation flags, ISO 32000-2 table 167
constexpr std::size_t kMaxAnnotations = 100'000;

// The streams of /Contents as one; they may be cut between any two tokens (section 7.8.2).
Bytes content_of(const ObjectView& view, const Page& page) {
  const Object contents = resolved(view, page.dictionary, "Contents");
  if (const Stream* stream = contents.as_stream()) return view.decode(*stream).value_or(Bytes{});
  Bytes all;
  const Array* parts = contents.as_array();
  for (std::size_t i = 0; parts && i < parts->size() && all.size() <= view.graph().limits().decoded_stream; ++i) {
    auto part = view.resolve((*parts)[i]);
    if (!part || !part->as_stream()) continue;
    if (auto bytes = view.decode(*part->as_stream())) {
      append(all, *bytes);
      all.push_back('\n');
    }
  }
  return all;
}

// Algorithm of section 12.5.5: the transformed appearance box is moved and scaled onto the annotation's rectangle.
std::optional<Matrix> placement(const FormContent& form, const Rect& rect) {
  if (!form.box) return std::nullopt;
  const Rect box = form.matrix.apply(*form.box);
  if (!(box.width() > 1e-9) || !(box.height() > 1e-9)) return std::nullopt;
  const double x = rect.width() / box.width(), y = rect.height() / box.height();
  return Matrix{x, 0, 0, y, rect.x0 - box.x0 * x, rect.y0 - box.y0 * y};
}

bool read_annotation(ContentInterpreter& interpreter, ResourceCache& cache, ContentResources* fallback,
                     const Dictionary& annotation) {
  const ObjectView& view = cache.view();
  const auto flags = resolved(view, annotation, "F").as_integer().value_or(0);
  if ((flags & (kHidden | kNoView)) != 0 || resolved_name(view, annotation, "Subtype") == "Popup") return true;
  const auto rect = rect_of(resolved(view, annotation, "Rect"));
  const Object appearance = normal_appearance(view, annotation);
  if (!rect || !appearance.as_stream()) return true;
  const FormContent* form = cache.form(*appearance.as_stream(), fallback);
  if (!form) return true;
  const auto matrix = placement(*form, *rect);
  return !matrix || interpreter.run_form(*form, *matrix);
}

void read_annotations(ContentInterpreter& interpreter, ResourceCache& cache, const Page& page) {
  const Object list = resolved(cache.view(), page.dictionary, "Annots");
  if (!list.as_array()) return;
  ContentResources* fallback = cache.resources(page.resources);
  const std::size_t count = std::min(list.as_array()->size(), kMaxAnnotations);
  for (std::size_t i = 0; i < count; ++i) {
    auto annotation = cache.view().resolve((*list.as_array())[i]);
    if (!annotation || !annotation->as_dictionary()) continue;
    if (!read_annotation(interpreter, cache, fallback, *annotation->as_dictionary())) return;
  }
}

}  // namespace

Result<PageText> read_page_content(const ObjectView& view, const Page& page, std::size_t& operators) {
  ResourceCache cache(view);
  ContentLimits limits;
  limits.operators = std::min(limits.operators, operators);
  ContentInterpreter interpreter(cache, page, limits);
  interpreter.run_page(content_of(view, page));
  operators -= std::min(operators, interpreter.operators());
  if (interpreter.exceeded()) return fail("pdf.limit").with("limit", interpreter.exceeded());
  PageText out;
  out.has_unreadable_text = interpreter.text().has_unreadable();
  out.marks = std::move(interpreter.marks());
  out.lines = interpreter.text().lines(page);
  return out;
}

Result<PageText> read_page_text(const Document& document, std::size_t page_index) {
  const Page page = KYSO_TRY(document.pages().page(page_index));
  ResourceCache cache(document.view());
  ContentInterpreter interpreter(cache, page, ContentLimits{});
  if (interpreter.run_page(content_of(cache.view(), page))) read_annotations(interpreter, cache, page);
  if (interpreter.exceeded()) return fail("pdf.limit").with("limit", interpreter.exceeded());
  PageText out;
  out.has_unreadable_text = interpreter.text().has_unreadable();
  out.marks = std::move(interpreter.marks());
  out.lines = interpreter.text().lines(page);
  return out;
}

}  // namespace kyso::pdf

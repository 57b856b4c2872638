#include "pdf/text/painted.h"

#include <algorithm>
#include <cmath>

#include "pdf/text/content_interpreter.h"
#include "pdf/text/text_font_parts.h"

namespace kyso::pdf {
namespace {

constexpr std::int64_t kMaxImageSide = 20'000, kMaxImagePixels = 16'000'000;

std::optional<std::array<double, 6>> numbers_of(const ObjectView& view, const Object& object) {
  const Array* array = object.as_array();
  if (!array || array->size() != 6) return std::nullopt;
  std::array<double, 6> v{};
  for (std::size_t i = 0; i < 6; ++i) {
    const auto value = view.resolve((*array)[i]);
    const auto number = value ? value->as_number() : std::nullopt;
    if (!number || !std::isfinite(*number)) return std::nullopt;
    v[i] = *number;
  }
  return v;
}

// A picture of one component, with the meaning of its values: 1 paints.
struct Mask {
  Bytes samples;
  std::size_t width = 0, height = 0, bits = 0, row = 0;
  bool is_inverted = false;

  double at(std::size_t x, std::size_t y) const {
    const std::size_t bit = x * bits;
    const std::size_t index = y * row + bit / 8;
    if (index >= samples.size()) return 1;
    double value = 0;
    if (bits == 16) {
      value = samples[index] / 255.0;
    } else {
      const unsigned shift = static_cast<unsigned>(8 - bits - bit % 8);
      const unsigned most = (1U << bits) - 1;
      value = static_cast<double>((static_cast<unsigned>(samples[index]) >> shift) & most) / most;
    }
    return is_inverted ? 1 - value : value;
  }
};

std::optional<Mask> read_mask(const ObjectView& view, const Stream& stream, bool is_stencil) {
  const Dictionary& dictionary = *stream.dictionary;
  const auto width = resolved(view, dictionary, "Width").as_integer();
  const auto height = resolved(view, dictionary, "Height").as_integer();
  const auto bits = is_stencil ? 1 : resolved(view, dictionary, "BitsPerComponent").as_integer().value_or(0);
  const bool is_sane = width && height && *width > 0 && *height > 0 && *width <= kMaxImageSide &&
                       *height <= kMaxImageSide && *width * *height <= kMaxImagePixels;
  if (!is_sane || (bits != 1 && bits != 2 && bits != 4 && bits != 8 && bits != 16)) return std::nullopt;
  auto bytes = view.decode(stream);
  if (!bytes) return std::nullopt;
  Mask mask;
  mask.samples = *std::move(bytes);
  mask.width = static_cast<std::size_t>(*width);
  mask.height = static_cast<std::size_t>(*height);
  mask.bits = static_cast<std::size_t>(bits);
  mask.row = (mask.width * mask.bits + 7) / 8;
  const Object decode = resolved(view, dictionary, "Decode");
  const bool is_swapped =
      decode.as_array() && !decode.as_array()->empty() && decode.as_array()->front().as_number().value_or(0) > 0.5;
  // A stencil paints where its samples are 0 (ISO 32000-2 section 8.9.6.2); a soft mask is opaque at its highest.
  mask.is_inverted = is_stencil != is_swapped;
  return mask;
}

}  // namespace

Matrix form_matrix(const ObjectView& view, const Stream& form) {
  const auto v = numbers_of(view, resolved(view, *form.dictionary, "Matrix"));
  return v ? Matrix{(*v)[0], (*v)[1], (*v)[2], (*v)[3], (*v)[4], (*v)[5]} : Matrix{};
}

std::optional<Rect> form_box(const ObjectView& view, const Stream& form) {
  return rect_of(resolved(view, *form.dictionary, "BBox"));
}

std::optional<Matrix> appearance_placement(const ObjectView& view, const Stream& form, const Rect& rect) {
  const auto bounds = form_box(view, form);
  if (!bounds) return std::nullopt;
  const Rect box = form_matrix(view, form).apply(*bounds);
  if (!(box.width() > 1e-9) || !(box.height() > 1e-9)) return std::nullopt;
  const double x = rect.width() / box.width(), y = rect.height() / box.height();
  return Matrix{x, 0, 0, y, rect.x0 - box.x0 * x, rect.y0 - box.y0 * y};
}

Object normal_appearance(const ObjectView& view, const Dictionary& annotation) {
  const Dictionary appearances = resolved_dictionary(view, annotation, "AP");
  Object normal = resolved(view, appearances, "N");
  if (normal.as_stream() || !normal.as_dictionary()) return normal;
  const std::string state = resolved_name(view, annotation, "AS");
  return state.empty() ? Object() : resolved(view, *normal.as_dictionary(), state);
}

Result<AppearanceText> paint_appearance(const ObjectView& view, const Page& page, const Stream& form,
                                        const Matrix& matrix, PaintSink* sink, std::size_t& operators) {
  ResourceCache cache(view);
  ContentLimits limits;
  limits.operators = std::min(limits.operators, operators);
  ContentInterpreter interpreter(cache, page, limits);
  interpreter.set_sink(sink);
  interpreter.ignore_actual_text();
  if (const FormContent* content = cache.form(form, cache.resources(page.resources))) {
    interpreter.run_form(*content, matrix);
  }
  operators -= std::min(operators, interpreter.operators() + 16);
  if (interpreter.exceeded()) return fail("pdf.limit").with("limit", interpreter.exceeded());
  AppearanceText out;
  out.lines = interpreter.text().lines(page);
  out.fonts = cache.fonts();
  out.has_direct_font = cache.has_direct_fonts();
  return out;
}

std::vector<double> image_opacity(const ObjectView& view, const Stream& image, std::size_t columns, std::size_t rows) {
  std::vector<double> grid(columns * rows, 1.0);
  const bool is_stencil = resolved(view, *image.dictionary, "ImageMask").as_bool().value_or(false);
  const Object soft = resolved(view, *image.dictionary, "SMask");
  const Object hard = resolved(view, *image.dictionary, "Mask");
  std::optional<Mask> mask;
  if (is_stencil) {
    mask = read_mask(view, image, true);
  } else if (const Stream* stream = soft.as_stream()) {
    mask = read_mask(view, *stream, false);
  } else if (const Stream* hard_stream = hard.as_stream()) {
    mask = read_mask(view, *hard_stream, true);
  }
  if (!mask || columns == 0 || rows == 0) return grid;
  // Samples of each cell: enough to tell ink from paper.
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      constexpr std::size_t kSamples = 4;
      double sum = 0;
      for (std::size_t i = 0; i < kSamples * kSamples; ++i) {
        const auto x = (c * kSamples + i % kSamples) * mask->width / (columns * kSamples);
        const auto y = (r * kSamples + i / kSamples) * mask->height / (rows * kSamples);
        sum += mask->at(x, y);
      }
      grid[r * columns + c] = sum / (kSamples * kSamples);
    }
  }
  return grid;
}

}  // namespace kyso::pdf

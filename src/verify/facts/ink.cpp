#include "verify/facts/ink.h"

#include <algorithm>

#include "pdf/syntax/lexer.h"

namespace kyso::verify {

namespace {

using pdf::Dictionary;
using pdf::Object;

constexpr std::size_t kMaxPixels = 8'000'000;
constexpr std::size_t kSampled = 100'000;
constexpr std::size_t kMaxXObjects = 64;
constexpr std::size_t kMaxLooked = 20'000;
constexpr std::size_t kMaxContent = 1U << 20U;
constexpr int kMaxDepth = 5;

Object resolved(const pdf::ObjectView& view, const Dictionary& dictionary, std::string_view key) {
  return view.resolve(dictionary, key).value_or(Object());
}

// Components of a device or ICC colour space; 0: another one.
int components_of(const pdf::ObjectView& view, const Object& space) {
  if (space.is_name("DeviceRGB") || space.is_name("CalRGB")) return 3;
  if (space.is_name("DeviceGray")) return 1;
  if (space.is_name("DeviceCMYK")) return 4;
  const pdf::Array* array = space.as_array();
  if (array == nullptr || array->empty()) return 0;
  if ((*array)[0].is_name("CalRGB")) return 3;
  if (!(*array)[0].is_name("ICCBased") || array->size() < 2) return 0;
  const auto profile = view.resolve((*array)[1]);
  const Dictionary* dictionary = profile ? profile->as_dictionary() : nullptr;
  return dictionary != nullptr ? static_cast<int>(dictionary->get("N").as_integer().value_or(0)) : 0;
}

std::array<double, 3> to_rgb(const std::vector<double>& c) {
  if (c.size() == 1) return {c[0], c[0], c[0]};
  if (c.size() == 3) return {c[0], c[1], c[2]};
  if (c.size() == 4) return {(1 - c[0]) * (1 - c[3]), (1 - c[1]) * (1 - c[3]), (1 - c[2]) * (1 - c[3])};
  return {0, 0, 0};
}

}  // namespace

InkReader::Votes& InkReader::Votes::operator+=(const Votes& more) {
  red += more.red;
  blue += more.blue;
  other += more.other;
  return *this;
}

// Grey, black and white say nothing.
void InkReader::vote(Votes& votes, double r, double g, double b, std::uint64_t weight) {
  const double high = std::max({r, g, b}), low = std::min({r, g, b});
  if (high - low < 0.2 || (high - low) / high < 0.25) return;
  double hue = 0;
  if (high == r) {
    hue = 60 * (g - b) / (high - low);
  } else if (high == g) {
    hue = 120 + 60 * (b - r) / (high - low);
  } else {
    hue = 240 + 60 * (r - g) / (high - low);
  }
  if (hue < 0) hue += 360;
  if (hue >= 335 || hue <= 25) {
    votes.red += weight;
  } else if (hue >= 190 && hue <= 275) {
    votes.blue += weight;
  } else {
    votes.other += weight;
  }
}

std::string InkReader::ink_of(const pdf::ObjectView& view, const Dictionary& widget) {
  const Object appearances = resolved(view, widget, "AP");
  if (appearances.as_dictionary() == nullptr) return {};
  const Object normal = resolved(view, *appearances.as_dictionary(), "N");
  if (normal.as_stream() == nullptr) return {};
  const Votes votes = votes_of_form(view, *normal.as_stream(), 0);
  const std::uint64_t all = votes.red + votes.blue + votes.other;
  if (all == 0) return {};
  if (2 * votes.red > all) return "red";
  return 2 * votes.blue > all ? "blue" : "";
}

// Pictures first; the fills of a form without coloured pictures.
InkReader::Votes InkReader::votes_of_form(const pdf::ObjectView& view, const pdf::Stream& form, int depth) {
  Votes votes;
  if (depth > kMaxDepth || ++m_looked > kMaxLooked) return votes;
  const Object resources = resolved(view, *form.dictionary, "Resources");
  const Object objects =
      resources.as_dictionary() != nullptr ? resolved(view, *resources.as_dictionary(), "XObject") : Object();
  std::size_t count = 0;
  if (objects.as_dictionary() != nullptr) {
    for (const auto& [name, value] : *objects.as_dictionary()) {
      if (++count > kMaxXObjects) break;
      const auto object = view.resolve(value);
      const pdf::Stream* stream = object ? object->as_stream() : nullptr;
      if (stream == nullptr) continue;
      const Object subtype = resolved(view, *stream->dictionary, "Subtype");
      if (subtype.is_name("Image")) votes += votes_of_image(view, *stream);
      if (subtype.is_name("Form")) votes += votes_of_form(view, *stream, depth + 1);
    }
  }
  if (votes.red + votes.blue + votes.other == 0) votes = votes_of_fills(view, form);
  return votes;
}

InkReader::Votes InkReader::votes_of_image(const pdf::ObjectView& view, const pdf::Stream& image) {
  const auto* extent = std::get_if<pdf::Extent>(&image.data);
  if (extent == nullptr) return {};
  const auto known = m_images.find(extent->offset);
  if (known != m_images.end()) return known->second;
  const Votes votes = votes_of_pixels(view, image);
  m_images.emplace(extent->offset, votes);
  return votes;
}

InkReader::Votes InkReader::votes_of_pixels(const pdf::ObjectView& view, const pdf::Stream& image) {
  Votes votes;
  const Dictionary& dictionary = *image.dictionary;
  const std::int64_t width = resolved(view, dictionary, "Width").as_integer().value_or(0);
  const std::int64_t height = resolved(view, dictionary, "Height").as_integer().value_or(0);
  const Object space = resolved(view, dictionary, "ColorSpace");
  const int components = components_of(view, space);
  const bool is_plain = components > 0 && resolved(view, dictionary, "BitsPerComponent").as_integer() == 8;
  if (!is_plain || width <= 0 || height <= 0 || width > 100'000 || height > 100'000) return votes;
  const auto pixels = static_cast<std::size_t>(width * height);
  const std::size_t size = pixels * static_cast<std::size_t>(components);
  if (pixels > kMaxPixels || size > m_bytes_left) return votes;
  m_bytes_left -= size;
  const auto data = view.decode(image);
  if (!data || data->size() < size) return votes;
  // The alpha of a picture of more than one pixel decides which pixels are seen.
  Bytes alpha;
  const Object mask = resolved(view, dictionary, "SMask");
  if (pixels > 1 && mask.as_stream() != nullptr && pixels <= m_bytes_left) {
    const Dictionary& about = *mask.as_stream()->dictionary;
    const bool fits = resolved(view, about, "Width").as_integer() == width &&
                      resolved(view, about, "Height").as_integer() == height &&
                      resolved(view, about, "BitsPerComponent").as_integer() == 8;
    m_bytes_left -= pixels;
    if (auto decoded = fits ? view.decode(*mask.as_stream()) : Result<Bytes>(Bytes())) alpha = *std::move(decoded);
  }
  const std::size_t step = std::max<std::size_t>(1, pixels / kSampled);
  for (std::size_t i = 0; i < pixels; i += step) {
    if (i < alpha.size() && alpha[i] < 64) continue;
    std::vector<double> colour;
    for (std::size_t k = 0; k < static_cast<std::size_t>(components); ++k) {
      colour.push_back((*data)[i * static_cast<std::size_t>(components) + k] / 255.0);
    }
    const auto [r, g, b] = to_rgb(colour);
    vote(votes, r, g, b, pixels == 1 ? 1000 : 1);
  }
  return votes;
}

// "r g b rg" and the like.
InkReader::Votes InkReader::votes_of_fills(const pdf::ObjectView& view, const pdf::Stream& form) {
  Votes votes;
  const auto* extent = std::get_if<pdf::Extent>(&form.data);
  if (extent != nullptr && extent->length > kMaxContent) return votes;
  const auto content = view.decode(form);
  if (!content || content->size() > kMaxContent || content->size() > m_bytes_left) return votes;
  m_bytes_left -= content->size();
  pdf::Lexer lexer(*content);
  std::vector<double> numbers;
  for (pdf::Token token = lexer.next(); token.kind != pdf::Token::Kind::end; token = lexer.next()) {
    if (token.kind == pdf::Token::Kind::integer || token.kind == pdf::Token::Kind::real) {
      numbers.push_back(token.real);
      continue;
    }
    const bool is_colour = token.kind == pdf::Token::Kind::keyword &&
                           (token.text == "rg" || token.text == "RG" || token.text == "k" || token.text == "K");
    const std::size_t wanted = token.text == "k" || token.text == "K" ? 4 : 3;
    if (is_colour && numbers.size() >= wanted) {
      const auto [r, g, b] = to_rgb({numbers.end() - static_cast<std::ptrdiff_t>(wanted), numbers.end()});
      vote(votes, r, g, b, 1);
    }
    numbers.clear();
  }
  return votes;
}

}  // namespace kyso::verify

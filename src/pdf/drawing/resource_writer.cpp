#include <algorithm>

#include "crypto/algorithm.h"
#include "pdf/drawing/content.h"
#include "pdf/drawing/earlier_resources.h"
#include "pdf/drawing/font_embedding.h"

namespace kyso::pdf {
namespace {

// A hostile file may hold many fonts that look like ours until they are compared.
constexpr int kMaxRecognised = 16;

using Codes = std::map<char32_t, std::uint16_t>;

// sRGB's primaries and white (IEC 61966-2-1) with its usual gamma: device-independent without an ICC profile.
Array calibrated_rgb() {
  const Array white{Object(0.9505), Object(1), Object(1.089)};
  const Array gamma{Object(2.2), Object(2.2), Object(2.2)};
  const Array matrix{Object(0.4124), Object(0.2126), Object(0.0193), Object(0.3576), Object(0.7152),
                     Object(0.1192), Object(0.1805), Object(0.0722), Object(0.9505)};
  return {Object(Name{"CalRGB"}), Object(Dictionary{{"WhitePoint", white}, {"Gamma", gamma}, {"Matrix", matrix}})};
}

bool has_output_intent(const ObjectView& view) {
  const auto catalog = view.catalog();
  if (!catalog) return false;
  const auto intents = view.resolve(*catalog, "OutputIntents");
  return intents && intents->as_array() != nullptr && !intents->as_array()->empty();
}

std::optional<std::string> encode_with(const Codes& codes, std::u32string_view text) {
  std::string out = "<";
  for (const char32_t letter : text) {
    const auto found = codes.find(letter);
    if (found == codes.end()) return std::nullopt;
    out += fmt::format("{:04x}", found->second);
  }
  return out + ">";
}

Codes codes_of(std::u32string_view letters) {
  Codes codes;
  for (std::size_t i = 0; i < letters.size(); ++i) codes.try_emplace(letters[i], static_cast<std::uint16_t>(i + 1));
  return codes;
}

Bytes fingerprint(const Image& image) {
  crypto::Digester digester(crypto::DigestAlgorithm::sha256);
  digester.update(as_bytes(fmt::format("{} {} {} {} {} {} ", image.width(), image.height(), image.rgb().size(),
                                       image.ink().r, image.ink().g, image.ink().b)));
  digester.update(image.rgb());
  digester.update(image.alpha());
  return digester.finish();
}

}  // namespace

struct ResourceWriter::State {
  struct EarlierFont {
    ObjectId id;
    Codes codes;
  };
  struct StyleFonts {
    std::shared_ptr<const FontFace> face;
    std::vector<EarlierFont> earlier;
    std::optional<ObjectId> fresh;  // of the subset that finish() writes
    std::u32string letters;         // in it, in CID order
    Codes codes;
    ObjectId last;
  };

  State(const Document& d, IncrementalWriter& w) : document(d), writer(w) {
    const Conformance& declared = d.conformance();
    device_colours = declared.pdfa_part == 0 || declared.has_rgb_output_intent;
    rules.soft_masks = declared.pdfa_part == 0 || (declared.allows_transparency() && has_output_intent(d.view()));
    rules.rgb_space = device_colours ? Object(Name{"DeviceRGB"}) : Object(calibrated_rgb());
  }

  const EarlierResources& earlier() {
    if (!m_earlier) m_earlier = find_earlier_resources(document);
    return *m_earlier;
  }
  Result<StyleFonts*> fonts(FontStyle style);
  ObjectId write_image(const ImageParts& parts);
  std::string colour(Colour colour, Dictionary& resources, bool stroke) const;

  const Document& document;
  IncrementalWriter& writer;
  bool device_colours = true;
  ImageRules rules;
  std::map<FontStyle, StyleFonts> styles;
  std::vector<std::pair<Bytes, PlacedImage>> images;

 private:
  std::optional<EarlierResources> m_earlier;
};

Result<ResourceWriter::State::StyleFonts*> ResourceWriter::State::fonts(FontStyle style) {
  StyleFonts& fonts = styles[style];
  if (fonts.face != nullptr) return &fonts;
  fonts.face = KYSO_TRY(FontFace::shipped(style));
  int tried = 0;
  for (const ObjectId id : earlier().fonts) {
    if (tried >= kMaxRecognised) break;
    if (const auto letters = recognise_font(document.view(), id, *fonts.face)) {
      fonts.earlier.push_back({id, codes_of(*letters)});
      ++tried;
    }
  }
  return &fonts;
}

ObjectId ResourceWriter::State::write_image(const ImageParts& parts) {
  Stream base = encode_image(parts.base);
  if (!parts.mask) return writer.add(std::move(base));
  Dictionary dictionary = *base.dictionary;
  dictionary.set(parts.is_soft_mask ? "SMask" : "Mask", writer.add(encode_image(*parts.mask)));
  base.dictionary = std::make_shared<const Dictionary>(std::move(dictionary));
  return writer.add(std::move(base));
}

std::string ResourceWriter::State::colour(Colour colour, Dictionary& resources, bool stroke) const {
  const double r = std::clamp(colour.r, 0.0, 1.0), g = std::clamp(colour.g, 0.0, 1.0),
               b = std::clamp(colour.b, 0.0, 1.0);
  if (device_colours) {
    if (r == g && g == b) return number(r) + (stroke ? " G" : " g");
    return numbers(r, g, b) + (stroke ? " RG" : " rg");
  }
  const Dictionary* present = resources.get("ColorSpace").as_dictionary();
  Dictionary spaces = present == nullptr ? Dictionary{} : *present;
  spaces.set("C", rules.rgb_space);
  resources.set("ColorSpace", std::move(spaces));
  return (stroke ? "/C CS " : "/C cs ") + numbers(r, g, b) + (stroke ? " SC" : " sc");
}

ResourceWriter::ResourceWriter(const Document& document, IncrementalWriter& writer)
    : m_state(std::make_unique<State>(document, writer)) {}
ResourceWriter::~ResourceWriter() = default;

Result<ResourceWriter::PlacedImage> ResourceWriter::image(const Image& image) {
  Bytes print = fingerprint(image);
  for (const auto& [known, placed] : m_state->images) {
    if (known == print) return placed;
  }
  const ImageParts parts = plan_image(image, m_state->rules);
  PlacedImage placed{{}, parts.is_stencil, image.ink()};
  const auto& earlier = m_state->earlier().images;
  const auto same =
      std::ranges::find_if(earlier, [&](ObjectId id) { return is_same_image(m_state->document.view(), id, parts); });
  placed.id = same != earlier.end() ? *same : m_state->write_image(parts);
  m_state->images.emplace_back(std::move(print), placed);
  return placed;
}

Result<std::string> ResourceWriter::encode(FontStyle style, std::string_view text) {
  State::StyleFonts& fonts = *KYSO_TRY(m_state->fonts(style));
  const std::u32string letters = KYSO_TRY(fonts.face->drawable(text));
  if (letters.empty()) return std::string("<>");
  for (const auto& [id, codes] : fonts.earlier) {
    if (auto encoded = encode_with(codes, letters)) {
      fonts.last = id;
      return *std::move(encoded);
    }
  }
  if (!fonts.fresh) {
    fonts.fresh = m_state->writer.reserve();
    fonts.letters = kAlwaysEmbedded;
    fonts.codes = codes_of(fonts.letters);
  }
  fonts.last = *fonts.fresh;
  for (const char32_t letter : letters) {
    const auto code = static_cast<std::uint16_t>(fonts.letters.size() + 1);
    if (code == 0xffff) return fail("pdf.limit", "letters in one font").with("limit", "letters");
    if (fonts.codes.try_emplace(letter, code).second) fonts.letters += letter;
  }
  return *encode_with(fonts.codes, letters);
}

ObjectId ResourceWriter::font(FontStyle style) {
  return m_state->styles[style].last;
}

std::string ResourceWriter::fill_colour(Colour colour, Dictionary& resources) {
  return m_state->colour(colour, resources, false);
}

std::string ResourceWriter::stroke_colour(Colour colour, Dictionary& resources) {
  return m_state->colour(colour, resources, true);
}

Result<> ResourceWriter::finish() {
  const bool cid_set = m_state->document.conformance().pdfa_part == 1;
  for (auto& [style, fonts] : m_state->styles) {
    if (!fonts.fresh) continue;
    const FontParts parts = KYSO_TRY(make_font_parts(*fonts.face, fonts.letters));
    write_font(m_state->writer, *fonts.fresh, *fonts.face, parts, cid_set);
  }
  return {};
}

}  // namespace kyso::pdf

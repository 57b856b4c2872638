#include "pdf/text/content_resources.h"

#include <cmath>

#include "pdf/text/text_font_parts.h"

namespace kyso::pdf {
namespace {

// A page has no use for more different names; hostile content that invents them is answered without being remembered.
constexpr std::size_t kRememberedNames = 16'384;
constexpr std::size_t kMaxFonts = 4'096;

std::optional<Matrix> matrix_of(const Object& object) {
  const Array* array = object.as_array();
  if (!array || array->size() != 6) return std::nullopt;
  std::array<double, 6> v{};
  for (std::size_t i = 0; i < 6; ++i) {
    const auto number = (*array)[i].as_number();
    if (!number || !std::isfinite(*number)) return std::nullopt;
    v[i] = *number;
  }
  return Matrix{v[0], v[1], v[2], v[3], v[4], v[5]};
}

template <typename Value, typename Load>
Value remembered(std::unordered_map<std::string, Value>& map, const std::string& name, Load load) {
  if (auto found = map.find(name); found != map.end()) return found->second;
  if (map.size() >= kRememberedNames) map.clear();
  Value value = load();
  return map.emplace(name, std::move(value)).first->second;
}

}  // namespace

ResourceCache::ResourceCache(ObjectView view) : m_view(std::move(view)) {}
ResourceCache::~ResourceCache() = default;

ContentResources* ResourceCache::resources(Dictionary dictionary) {
  return m_resources.emplace_back(std::make_unique<ContentResources>(*this, std::move(dictionary))).get();
}

TextFont* ResourceCache::font(const Object& object) {
  const auto reference = object.as_reference();
  if (reference) {
    if (auto found = m_fonts.find(*reference); found != m_fonts.end()) return found->second.get();
  }
  if (m_fonts.size() + m_direct_fonts.size() >= kMaxFonts) return nullptr;
  auto value = m_view.resolve(object);
  std::unique_ptr<TextFont> loaded;
  if (value && value->as_dictionary()) loaded = TextFont::load(m_view, *value->as_dictionary());
  TextFont* font = loaded.get();
  if (reference) {
    m_fonts.emplace(*reference, std::move(loaded));
  } else if (loaded) {
    m_direct_fonts.push_back(std::move(loaded));
  }
  return font;
}

std::vector<ObjectId> ResourceCache::fonts() const {
  std::vector<ObjectId> ids;
  for (const auto& [id, font] : m_fonts) ids.push_back(id);
  return ids;
}

const FormContent* ResourceCache::form(const Stream& stream, ContentResources* parent) {
  if (auto found = m_forms.find(stream.id); found != m_forms.end()) return found->second.get();
  std::unique_ptr<FormContent> form;
  if (auto bytes = m_view.decode(stream)) {
    form = std::make_unique<FormContent>();
    form->content = *std::move(bytes);
    m_decoded += form->content.size();
    form->matrix = matrix_of(resolved(m_view, *stream.dictionary, "Matrix")).value_or(Matrix{});
    form->box = rect_of(resolved(m_view, *stream.dictionary, "BBox"));
    const Object own = resolved(m_view, *stream.dictionary, "Resources");
    form->resources = own.as_dictionary() ? resources(*own.as_dictionary()) : parent;
    form->id = stream.id;
  }
  return m_forms.emplace(stream.id, std::move(form)).first->second.get();
}

Object ContentResources::entry(std::string_view category, const std::string& name) {
  auto found = m_categories.find(category);
  if (found == m_categories.end()) {
    auto dictionary = resolved_dictionary(m_cache.view(), m_dictionary, category);
    found = m_categories.emplace(std::string(category), std::move(dictionary)).first;
  }
  return found->second.get(name);
}

TextFont* ContentResources::font(const std::string& name) {
  return remembered(m_fonts, name, [&] {
    const Object object = entry("Font", name);
    return object.is_null() ? nullptr : m_cache.font(object);
  });
}

NamedXObject ContentResources::x_object(const std::string& name) {
  return remembered(m_x_objects, name, [&] { return load_x_object(name); });
}

NamedXObject ContentResources::load_x_object(const std::string& name) {
  NamedXObject out;
  auto value = m_cache.view().resolve(entry("XObject", name));
  const Stream* stream = value ? value->as_stream() : nullptr;
  if (!stream) return out;
  const std::string subtype = resolved_name(m_cache.view(), *stream->dictionary, "Subtype");
  if (subtype == "Image") {
    const bool is_mask = resolved(m_cache.view(), *stream->dictionary, "ImageMask").as_bool().value_or(false);
    out.image = *stream;
    out.kind = is_mask ? NamedXObject::Kind::stencil : NamedXObject::Kind::image;
  } else if (subtype == "Form") {
    out.form = m_cache.form(*stream, this);
    if (out.form) out.kind = NamedXObject::Kind::form;
  }
  return out;
}

GraphicsParameters ContentResources::graphics_parameters(const std::string& name) {
  return remembered(m_parameters, name, [&] { return load_graphics_parameters(name); });
}

GraphicsParameters ContentResources::load_graphics_parameters(const std::string& name) {
  GraphicsParameters out;
  const ObjectView& view = m_cache.view();
  auto value = view.resolve(entry("ExtGState", name));
  const Dictionary* dictionary = value ? value->as_dictionary() : nullptr;
  if (!dictionary) return out;
  out.line_width = resolved(view, *dictionary, "LW").as_number();
  out.fill_alpha = resolved(view, *dictionary, "ca").as_number();
  out.stroke_alpha = resolved(view, *dictionary, "CA").as_number();
  Object blend = resolved(view, *dictionary, "BM");
  if (blend.as_array() && !blend.as_array()->empty()) blend = blend.as_array()->front();
  if (blend.as_name()) out.lets_dark_shine = blend.is_name("Multiply") || blend.is_name("Darken");
  const Object font = resolved(view, *dictionary, "Font");
  if (font.as_array() && font.as_array()->size() == 2) {
    out.font = m_cache.font(font.as_array()->front());
    out.font_size = font.as_array()->back().as_number().value_or(0);
  }
  return out;
}

ColourKind ContentResources::colour_space(const std::string& name) {
  return remembered(m_colour_spaces, name, [&] {
    const ColourKind device = load_colour_space(Object(Name{name}), 0);
    return device != ColourKind::other ? device : load_colour_space(entry("ColorSpace", name), 0);
  });
}

ColourKind ContentResources::load_colour_space(const Object& object, int depth) {
  auto value = m_cache.view().resolve(object);
  if (!value || depth > 4) return ColourKind::other;
  if (value->is_name("DeviceGray") || value->is_name("G")) return ColourKind::gray;
  if (value->is_name("DeviceRGB") || value->is_name("RGB")) return ColourKind::rgb;
  if (value->is_name("DeviceCMYK") || value->is_name("CMYK")) return ColourKind::cmyk;
  const Array* array = value->as_array();
  if (!array || array->empty()) return ColourKind::other;
  const Object& family = array->front();
  if (family.is_name("CalGray")) return ColourKind::gray;
  if (family.is_name("CalRGB")) return ColourKind::rgb;
  if (family.is_name("Separation") || family.is_name("DeviceN")) return ColourKind::tint;
  if (array->size() == 1) return load_colour_space(family, depth + 1);
  if (!family.is_name("ICCBased")) return ColourKind::other;
  auto profile = m_cache.view().resolve((*array)[1]);
  if (!profile || !profile->as_dictionary()) return ColourKind::other;
  const auto components = resolved(m_cache.view(), *profile->as_dictionary(), "N").as_integer();
  if (components == 1) return ColourKind::gray;
  if (components == 3) return ColourKind::rgb;
  return components == 4 ? ColourKind::cmyk : ColourKind::other;
}

Object ContentResources::property_list(const std::string& name) {
  auto value = m_cache.view().resolve(entry("Properties", name));
  return value ? *std::move(value) : Object();
}

}  // namespace kyso::pdf

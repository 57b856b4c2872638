#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>

#include "pdf/text/text_font.h"

// Named resources of content streams, each resolved and decoded once per page (ISO 32000-2 section 7.8.3).
namespace kyso::pdf {

enum class ColourKind { gray, rgb, cmyk, tint, other };

class ContentResources;

struct FormContent {
  Bytes content;
  Matrix matrix;
  std::optional<Rect> box;
  ContentResources* resources = nullptr;
  ObjectId id;
};

struct NamedXObject {
  enum class Kind { none, image, stencil, form };  // stencil: an image mask, painted in the current colour
  Kind kind = Kind::none;
  const FormContent* form = nullptr;
  std::optional<Stream> image;
};

struct GraphicsParameters {  // of an ExtGState, as far as they matter
  std::optional<double> line_width, fill_alpha, stroke_alpha;
  TextFont* font = nullptr;
  double font_size = 0;
  std::optional<bool> lets_dark_shine;  // blend mode
};

// Fonts and forms of a page by object number, shared by all its content streams; owns whatever they refer to.
class ResourceCache {
 public:
  explicit ResourceCache(ObjectView view);
  ~ResourceCache();
  const ObjectView& view() const { return m_view; }
  ContentResources* resources(Dictionary dictionary);
  TextFont* font(const Object& object);  // a reference or a dictionary; nullptr when it is neither
  // nullptr when it cannot be decoded. `parent`: for forms without resources of their own.
  const FormContent* form(const Stream& stream, ContentResources* parent);
  std::vector<ObjectId> fonts() const;  // loaded so far
  bool has_direct_fonts() const { return !m_direct_fonts.empty(); }
  std::uint64_t decoded() const { return m_decoded; }  // bytes of forms

 private:
  ObjectView m_view;
  std::map<ObjectId, std::unique_ptr<TextFont>> m_fonts;
  std::vector<std::unique_ptr<TextFont>> m_direct_fonts;
  std::map<ObjectId, std::unique_ptr<const FormContent>> m_forms;
  std::vector<std::unique_ptr<ContentResources>> m_resources;
  std::uint64_t m_decoded = 0;
};

class ContentResources {
 public:
  ContentResources(ResourceCache& cache, Dictionary dictionary) : m_cache(cache), m_dictionary(std::move(dictionary)) {}
  TextFont* font(const std::string& name);
  NamedXObject x_object(const std::string& name);
  GraphicsParameters graphics_parameters(const std::string& name);
  ColourKind colour_space(const std::string& name);
  Object property_list(const std::string& name);

 private:
  Object entry(std::string_view category, const std::string& name);  // unresolved
  NamedXObject load_x_object(const std::string& name);
  GraphicsParameters load_graphics_parameters(const std::string& name);
  ColourKind load_colour_space(const Object& object, int depth);

  ResourceCache& m_cache;
  Dictionary m_dictionary;
  std::map<std::string, Dictionary, std::less<>> m_categories;
  std::unordered_map<std::string, TextFont*> m_fonts;
  std::unordered_map<std::string, NamedXObject> m_x_objects;
  std::unordered_map<std::string, GraphicsParameters> m_parameters;
  std::unordered_map<std::string, ColourKind> m_colour_spaces;
};

}  // namespace kyso::pdf

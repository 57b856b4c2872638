#pragma once
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "decree30/template.h"

// The words of template files, in both directions.
namespace kyso::decree30 {

template <typename E, std::size_t N>
struct WordTable {
  std::array<std::pair<E, std::string_view>, N> rows;
  constexpr std::string_view name(E value) const {
    const auto it = std::ranges::find(rows, value, &std::pair<E, std::string_view>::first);
    return it == rows.end() ? std::string_view{} : it->second;
  }
  constexpr std::optional<E> value(std::string_view name) const {
    const auto it = std::ranges::find(rows, name, &std::pair<E, std::string_view>::second);
    return it == rows.end() ? std::nullopt : std::optional<E>(it->first);
  }
  std::string all() const {
    std::string out;
    for (const auto& row : rows) out += (out.empty() ? "" : ", ") + std::string(row.second);
    return out;
  }
};

inline constexpr WordTable<Role, 9> kRoles{{{{Role::initials, "initials"},
                                             {Role::leader, "leader"},
                                             {Role::comment, "comment"},
                                             {Role::number, "number"},
                                             {Role::organisation, "organisation"},
                                             {Role::appendix, "appendix"},
                                             {Role::copy, "copy"},
                                             {Role::incoming, "incoming"},
                                             {Role::plain, "plain"}}}};
inline constexpr WordTable<Template::Show, 4> kShows{{{{Template::Show::image, "image"},
                                                       {Template::Show::image_and_text, "image-and-text"},
                                                       {Template::Show::text, "text"},
                                                       {Template::Show::nothing, "nothing"}}}};
inline constexpr WordTable<Template::PageChoice, 4> kPages{{{{Template::PageChoice::automatic, "automatic"},
                                                             {Template::PageChoice::first, "first"},
                                                             {Template::PageChoice::last, "last"},
                                                             {Template::PageChoice::number, "number"}}}};
inline constexpr WordTable<Template::Corner, 5> kCorners{{{{Template::Corner::automatic, "automatic"},
                                                           {Template::Corner::top_left, "top-left"},
                                                           {Template::Corner::top_right, "top-right"},
                                                           {Template::Corner::bottom_left, "bottom-left"},
                                                           {Template::Corner::bottom_right, "bottom-right"}}}};
inline constexpr WordTable<pdf::FontStyle, 4> kStyles{{{{pdf::FontStyle::regular, "regular"},
                                                        {pdf::FontStyle::bold, "bold"},
                                                        {pdf::FontStyle::italic, "italic"},
                                                        {pdf::FontStyle::bold_italic, "bold-italic"}}}};
inline constexpr WordTable<TimeFormat, 3> kTimeFormats{
    {{{TimeFormat::iso8601, "iso8601"}, {TimeFormat::vietnamese, "vietnamese"}, {TimeFormat::dotted, "dotted"}}}};
inline constexpr WordTable<CopyKind, 3> kCopyKinds{
    {{{CopyKind::sao_y, "sao-y"}, {CopyKind::sao_luc, "sao-luc"}, {CopyKind::trich_sao, "trich-sao"}}}};
inline constexpr WordTable<Template::InitialsPlace, 2> kInitialsPlaces{
    {{{Template::InitialsPlace::after_text, "after-text"}, {Template::InitialsPlace::recipients, "recipients"}}}};
inline constexpr WordTable<Template::EdgeSeal, 3> kEdgeSeals{{{{Template::EdgeSeal::off, "off"},
                                                               {Template::EdgeSeal::by_the_book, "by-the-book"},
                                                               {Template::EdgeSeal::many_widgets, "many-widgets"}}}};

}  // namespace kyso::decree30

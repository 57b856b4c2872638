#pragma once
#include <optional>
#include <string>
#include <string_view>

// Private to the module: the few properties of an XMP packet (ISO 16684-1) that an update depends on.
namespace kyso::pdf {

// A property's text, whether it is written as attribute, element or first item of an alternative; entities decoded.
// `packet` is UTF-8. nullopt when there is none.
std::optional<std::string> xmp_property(std::string_view packet, std::string_view namespace_uri, std::string_view name);

// The packet as UTF-8; XMP in PDF may also be UTF-16.
std::string xmp_as_utf8(std::string_view packet);

}  // namespace kyso::pdf

#pragma once
#include <filesystem>

#include "net/http_server.h"

namespace kyso::registry {

// The web front end from a folder that Vite has made: "/assets/…" (named by content, kept by browsers for a year),
// other files, and index.html for every other address that a person may open, since the pages know their own addresses.
// Every answer carries a Content-Security-Policy without any inline script or style, and forbids frames of others.
std::vector<net::Route> page_routes(const std::filesystem::path& folder, std::string_view public_url);

}  // namespace kyso::registry

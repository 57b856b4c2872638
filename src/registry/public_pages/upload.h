#pragma once
#include <algorithm>

#include "net/multipart.h"
#include "registry/web/route.h"

namespace kyso::registry {

// The one file of a form. registry.content.file: none, several, or no form; registry.content.large {limit} (MiB).
inline Result<net::Part> uploaded_file(const net::ServerRequest& request, std::size_t max_file) {
  net::MultipartLimits limits;
  limits.max_parts = 8;
  limits.max_file = max_file;
  Result<std::vector<net::Part>> read = net::read_multipart(request.header("content-type"), request.body, limits);
  if (!read && read.error().code == "net.multipart.limit")
    return fail("registry.content.large").with("limit", max_file >> 20U);
  if (!read) return fail("registry.content.file", "{}", read.error().code);
  std::vector<net::Part> parts = *std::move(read);
  std::erase_if(parts, [](const net::Part& part) { return !part.head.file_name || part.head.file_name->empty(); });
  if (parts.size() != 1 || parts.front().head.name != "file") return fail("registry.content.file");
  return std::move(parts.front());
}

}  // namespace kyso::registry

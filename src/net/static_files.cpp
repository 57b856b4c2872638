#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/file_descriptor.h"
#include "base/log.h"
#include "net/http_date.h"
#include "net/http_server.h"
#include "net/request_head.h"

namespace kyso::net {
namespace {

constexpr std::size_t kPiece = 256U << 10U;
constexpr std::size_t kSentWhole = 64U << 10U;

struct OpenFile {
  FileDescriptor descriptor;
  std::uint64_t size = 0;
  timespec modified{};
  ino_t inode = 0;
};

// Segment by segment without following symbolic links, so that nothing outside of the folder can be reached whatever
// somebody puts into it. Names that begin with a dot are not published.
std::optional<OpenFile> open_beneath(const std::filesystem::path& folder, std::string_view path) {
  FileDescriptor at(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  while (at) {
    const std::string segment(path.substr(0, path.find('/')));
    const bool is_last = segment.size() == path.size();
    if (segment.empty() || segment[0] == '.' || segment.find_first_of(std::string_view("\\\0", 2)) != std::string::npos)
      return std::nullopt;
    // O_NONBLOCK: a FIFO would make open() wait for a writer.
    const int flags = is_last ? O_RDONLY | O_NONBLOCK : O_PATH | O_DIRECTORY;
    at = FileDescriptor(::openat(at.get(), segment.c_str(), flags | O_NOFOLLOW | O_CLOEXEC));
    if (is_last) break;
    path.remove_prefix(segment.size() + 1);
  }
  struct stat status{};
  if (!at || ::fstat(at.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return OpenFile{std::move(at), static_cast<std::uint64_t>(status.st_size), status.st_mtim, status.st_ino};
}

std::string_view type_of(std::string_view path) {
  struct Type {
    std::string_view extension, type;
  };
  static constexpr auto kTypes = std::to_array<Type>({{"html", "text/html; charset=utf-8"},
                                                      {"css", "text/css; charset=utf-8"},
                                                      {"js", "text/javascript; charset=utf-8"},
                                                      {"mjs", "text/javascript; charset=utf-8"},
                                                      {"json", "application/json"},
                                                      {"webmanifest", "application/manifest+json"},
                                                      {"map", "application/json"},
                                                      {"xml", "application/xml"},
                                                      {"txt", "text/plain; charset=utf-8"},
                                                      {"csv", "text/csv; charset=utf-8"},
                                                      {"svg", "image/svg+xml"},
                                                      {"png", "image/png"},
                                                      {"jpg", "image/jpeg"},
                                                      {"webp", "image/webp"},
                                                      {"ico", "image/x-icon"},
                                                      {"woff2", "font/woff2"},
                                                      {"wasm", "application/wasm"},
                                                      {"pdf", "application/pdf"},
                                                      {"crl", "application/pkix-crl"},  // RFC 2585
                                                      {"crt", "application/pkix-cert"},
                                                      {"cer", "application/pkix-cert"},
                                                      {"p7c", "application/pkcs7-mime"},
                                                      {"p7b", "application/x-pkcs7-certificates"},
                                                      {"pem", "application/x-pem-file"}});
  const std::size_t dot = path.rfind('.');
  if (dot == std::string_view::npos || path.find('/', dot) != std::string_view::npos) return "application/octet-stream";
  const std::string extension = to_lower_ascii(path.substr(dot + 1));
  const auto* const found = std::ranges::find(kTypes, std::string_view(extension), &Type::extension);
  return found == kTypes.end() ? "application/octet-stream" : found->type;
}

// RFC 9110 section 12.5.3, of what is needed here: named and not with weight 0.
bool accepts(std::string_view accept_encoding, std::string_view coding) {
  for (const std::string_view element : list_elements(accept_encoding)) {
    const std::size_t semicolon = element.find(';');
    std::string_view name = element.substr(0, semicolon);
    while (name.ends_with(' ')) name.remove_suffix(1);
    if (!equals_ignoring_case(name, coding)) continue;
    if (semicolon == std::string_view::npos) return true;
    std::string weight(element.substr(semicolon + 1));
    std::erase_if(weight, [](char c) { return c == ' ' || c == '\t'; });
    return !(weight.starts_with("q=0") && weight.find_first_not_of("0.", 2) == std::string::npos);
  }
  return false;
}

std::string etag_of(const OpenFile& file, std::string_view coding) {
  return fmt::format("\"{:x}-{:x}.{:x}-{:x}{}{}\"", static_cast<std::uint64_t>(file.inode),
                     static_cast<std::uint64_t>(file.modified.tv_sec),
                     static_cast<std::uint64_t>(file.modified.tv_nsec), file.size, coding.empty() ? "" : "-", coding);
}

// RFC 9110 section 13.1.2: weak comparison.
bool names_tag(std::string_view if_none_match, std::string_view tag) {
  if (if_none_match == "*") return true;
  return std::ranges::any_of(list_elements(if_none_match), [&](std::string_view element) {
    if (element.starts_with("W/")) element.remove_prefix(2);
    return element == tag;
  });
}

bool is_unchanged(const ServerRequest& request, std::string_view tag, Instant modified) {
  const std::string_view tags = request.header("if-none-match");
  if (!tags.empty()) return names_tag(tags, tag);
  const auto since = parse_http_date(request.header("if-modified-since"));
  return since && modified <= *since;
}

struct Range {
  std::uint64_t first = 0, length = 0;
  bool is_satisfiable = true;
};

std::optional<std::uint64_t> decimal(std::string_view digits) {
  std::uint64_t value = 0;
  if (digits.empty() || digits.size() > 18 || digits.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

// RFC 9110 section 14.2; what is malformed, or several ranges, is as if it were not there.
std::optional<Range> read_range(std::string_view value, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!value.starts_with(kUnit) || value.find(',') != std::string_view::npos) return std::nullopt;
  value.remove_prefix(kUnit.size());
  const std::size_t dash = value.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = decimal(value.substr(0, dash)), last = decimal(value.substr(dash + 1));
  if (dash == 0) {
    if (!last) return std::nullopt;
    const std::uint64_t length = std::min(*last, size);
    return Range{size - length, length, length > 0};
  }
  if (!first || (!last && dash + 1 != value.size()) || (last && *last < *first)) return std::nullopt;
  if (*first >= size) return Range{0, 0, false};
  return Range{*first, std::min(last.value_or(size - 1), size - 1) - *first + 1, true};
}

bool range_still_holds(const ServerRequest& request, std::string_view tag, Instant modified) {
  const std::string_view condition = request.header("if-range");
  return condition.empty() || condition == tag || parse_http_date(condition) == modified;
}

Result<Bytes> read_piece(int descriptor, std::uint64_t offset, std::size_t size) {
  Bytes piece(size);
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t got = ::pread(descriptor, piece.data() + filled, size - filled, static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return fail("net.handler", "a published file became shorter or unreadable");
    filled += static_cast<std::size_t>(got);
  }
  return piece;
}

void attach(ServerResponse& response, OpenFile file, std::uint64_t first, std::uint64_t length) {
  response.stream_length = length;
  response.next_piece = [file = std::make_shared<OpenFile>(std::move(file)), offset = first,
                         end = first + length]() mutable -> Result<Bytes> {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(end - offset, kPiece));
    if (size == 0) return Bytes();
    auto piece = read_piece(file->descriptor.get(), offset, size);
    offset += size;
    return piece;
  };
}

ServerResponse not_found(const ServerRequest& request) {
  return ServerResponse::problem(fail("net.path.unknown"), 404, request);
}

struct Folder {
  std::filesystem::path path;
  std::string cache_control;

  ServerResponse serve(const ServerRequest& request) const;
  ServerResponse send(const ServerRequest& request, OpenFile file, std::string_view type,
                      std::string_view coding) const;
};

ServerResponse Folder::serve(const ServerRequest& request) const {
  std::string name = request.parameter("file").value_or(std::string());
  // An encoded slash is no separator for whoever linked to it; a proxy may have judged another path.
  if (to_lower_ascii(request.raw_path).find("%2f") != std::string::npos) return not_found(request);
  if (name.empty() || name.ends_with('/')) name += "index.html";
  auto file = open_beneath(path, name);
  if (!file) return not_found(request);
  struct Variant {
    std::string_view coding, suffix;
  };
  if (request.header("range").empty()) {
    for (const Variant variant : {Variant{"br", ".br"}, Variant{"gzip", ".gz"}}) {
      if (!accepts(request.header("accept-encoding"), variant.coding)) continue;
      auto smaller = open_beneath(path, name + std::string(variant.suffix));
      // One that is older than its file was forgotten when the file changed.
      if (smaller && std::pair(smaller->modified.tv_sec, smaller->modified.tv_nsec) >=
                         std::pair(file->modified.tv_sec, file->modified.tv_nsec))
        return send(request, std::move(*smaller), type_of(name), variant.coding);
    }
  }
  return send(request, std::move(*file), type_of(name), {});
}

ServerResponse Folder::send(const ServerRequest& request, OpenFile file, std::string_view type,
                            std::string_view coding) const {
  const std::string tag = etag_of(file, coding);
  const Instant modified{std::chrono::seconds(file.modified.tv_sec)};
  ServerResponse response;
  response.with("ETag", tag).with("Last-Modified", http_date(modified)).with("Cache-Control", cache_control);
  response.with("Vary", "Accept-Encoding").with("Accept-Ranges", "bytes");
  if (is_unchanged(request, tag, modified)) {
    response.status = 304;
    return response;
  }
  response.content_type = type;
  if (!coding.empty()) response.with("Content-Encoding", std::string(coding));
  Range range{0, file.size, true};
  const bool asks_for_range = request.method == "GET" && range_still_holds(request, tag, modified);
  if (const auto wanted = asks_for_range ? read_range(request.header("range"), file.size) : std::nullopt) {
    range = *wanted;
    if (!range.is_satisfiable) {
      ServerResponse refusal = ServerResponse::problem(fail("net.range"), 416, request);
      return std::move(refusal).with("Content-Range", fmt::format("bytes */{}", file.size));
    }
    response.status = 206;
    response.with("Content-Range",
                  fmt::format("bytes {}-{}/{}", range.first, range.first + range.length - 1, file.size));
  }
  if (range.length > kSentWhole || request.method == "HEAD") {
    attach(response, std::move(file), range.first, range.length);
    return response;
  }
  auto content = read_piece(file.descriptor.get(), range.first, static_cast<std::size_t>(range.length));
  if (!content) {
    log::write(log::Level::error, "http.file.unreadable", content.error());
    return ServerResponse::problem(content.error(), 500, request);
  }
  response.body = std::make_shared<const Bytes>(std::move(*content));
  return response;
}

}  // namespace

Route static_files(std::string prefix, std::filesystem::path folder, std::chrono::seconds max_age) {
  while (prefix.ends_with('/')) prefix.pop_back();
  Route route;
  route.method = "GET";
  route.where = prefix + "/{file...}";
  route.handler = [files = Folder{std::move(folder), fmt::format("public, max-age={}", max_age.count())}](
                      const ServerRequest& request) { return files.serve(request); };
  return route;
}

}  // namespace kyso::net

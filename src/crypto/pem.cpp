#include "crypto/pem.h"

#include <optional>

#include "base/text.h"

namespace kyso::crypto {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kDashes = "-----";

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return trim(line);
}

// "Proc-Type: 4,ENCRYPTED": headers end with an empty line; base64 never has a colon.
void read_headers(std::string_view& body, PemBlock& block) {
  std::string_view rest = body;
  while (!rest.empty()) {
    const std::string_view line = take_line(rest);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
      if (!block.headers.empty() && line.empty()) body = rest;
      return;
    }
    block.headers.emplace_back(trim(line.substr(0, colon)), trim(line.substr(colon + 1)));
    body = rest;
  }
}

std::optional<Bytes> decode(std::string_view body) {
  std::string base64;
  for (const char c : body)
    if (c != '\n' && c != '\r' && c != ' ' && c != '\t') base64 += c;
  auto bytes = from_base64(base64);
  if (!bytes) return std::nullopt;
  return *std::move(bytes);
}

}  // namespace

std::vector<PemBlock> read_pem(std::string_view text) {
  std::vector<PemBlock> out;
  while (true) {
    const std::size_t begin = text.find(kBegin);
    if (begin == std::string_view::npos) return out;
    text.remove_prefix(begin + kBegin.size());
    const std::size_t line_end = text.find('\n');
    const std::size_t label_end = text.substr(0, line_end).find(kDashes);
    if (line_end == std::string_view::npos || label_end == std::string_view::npos) continue;
    PemBlock block;
    block.label = text.substr(0, label_end);
    text.remove_prefix(line_end + 1);
    const std::size_t end = text.find(kDashes);
    if (end == std::string_view::npos) return out;
    std::string_view body = text.substr(0, end);
    const bool closed = text.substr(end).starts_with("-----END " + block.label + "-----");
    if (!closed) continue;
    text.remove_prefix(end + kDashes.size());
    read_headers(body, block);
    auto content = decode(body);
    if (!content) continue;
    block.content = *std::move(content);
    out.push_back(std::move(block));
  }
}

std::string to_pem(std::string_view label, ByteView content) {
  constexpr std::size_t kLine = 64;
  const std::string base64 = to_base64(content);
  std::string out = "-----BEGIN " + std::string(label) + "-----\n";
  for (std::size_t at = 0; at < base64.size(); at += kLine) out += base64.substr(at, kLine) + "\n";
  return out + "-----END " + std::string(label) + "-----\n";
}

}  // namespace kyso::crypto

#include "net/multipart.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "net/request_head.h"

namespace kyso::net {
namespace {

Error malformed(std::string_view reason) {
  return fail("net.multipart.malformed", "{}", reason);
}

using Parameters = std::vector<std::pair<std::string, std::string>>;

void skip_blanks(std::string_view& rest) {
  while (!rest.empty() && (rest[0] == ' ' || rest[0] == '\t')) rest.remove_prefix(1);
}

// A backslash escapes a quotation mark or a backslash; before anything else it is itself, for file names with a path of
// Windows are sent so.
std::optional<std::string> read_quoted(std::string_view& rest) {
  std::string text;
  rest.remove_prefix(1);
  while (!rest.empty()) {
    if (rest[0] == '"') {
      rest.remove_prefix(1);
      return text;
    }
    const bool is_escape = rest[0] == '\\' && rest.size() > 1 && (rest[1] == '"' || rest[1] == '\\');
    if (is_escape) rest.remove_prefix(1);
    text += rest[0];
    rest.remove_prefix(1);
  }
  return std::nullopt;
}

// `value; name=token; name="quoted"`: the value and its parameters, each name once, names in lower case.
std::optional<std::pair<std::string, Parameters>> read_parameters(std::string_view text) {
  const std::size_t end = text.find(';');
  std::pair<std::string, Parameters> result(to_lower_ascii(trim(text.substr(0, end))), {});
  std::string_view rest = end == std::string_view::npos ? std::string_view() : text.substr(end);
  while (true) {
    skip_blanks(rest);
    if (rest.empty()) return result;
    if (rest[0] != ';') return std::nullopt;
    rest.remove_prefix(1);
    skip_blanks(rest);
    const std::size_t equals = rest.find('=');
    if (equals == std::string_view::npos || !is_token(rest.substr(0, equals))) return std::nullopt;
    std::string name = to_lower_ascii(rest.substr(0, equals));
    rest.remove_prefix(equals + 1);
    std::optional<std::string> value;
    if (rest.starts_with('"')) {
      value = read_quoted(rest);
    } else {
      const std::string_view token = rest.substr(0, rest.find_first_of("; \t"));
      if (is_token(token)) value = std::string(token);
      rest.remove_prefix(token.size());
    }
    const bool is_known = std::ranges::any_of(result.second, [&](const auto& pair) { return pair.first == name; });
    if (!value || is_known) return std::nullopt;
    result.second.emplace_back(std::move(name), std::move(*value));
  }
}

const std::string* find(const Parameters& parameters, std::string_view name) {
  const auto found = std::ranges::find(parameters, name, &Parameters::value_type::first);
  return found == parameters.end() ? nullptr : &found->second;
}

// What browsers escape in names (WHATWG HTML, multipart/form-data encoding): nothing else is an escape there.
std::string unescape_browser(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::string_view escape = text.substr(0, 3);
    const char c = escape == "%22" ? '"' : escape == "%0D" ? '\r' : escape == "%0A" ? '\n' : '\0';
    out += c == '\0' ? text[0] : c;
    text.remove_prefix(c == '\0' ? 1 : 3);
  }
  return out;
}

bool is_plain_text(std::string_view text) {
  return is_valid_utf8(text) &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

// RFC 5987: charset'language'percent-encoded; UTF-8 only.
std::optional<std::string> read_extended(std::string_view value) {
  const std::size_t first = value.find('\'');
  const std::size_t second = first == std::string_view::npos ? first : value.find('\'', first + 1);
  if (second == std::string_view::npos || !equals_ignoring_case(value.substr(0, first), "utf-8")) return std::nullopt;
  return percent_decode(value.substr(second + 1));
}

// The last part of a path of any system.
Result<std::string> safe_file_name(std::string_view sent) {
  const std::size_t slash = sent.find_last_of("/\\");
  const std::string_view base = slash == std::string_view::npos ? sent : sent.substr(slash + 1);
  if (!is_plain_text(base)) return malformed("characters of a file name");
  std::string name = to_nfc(trim(base));
  constexpr std::size_t kMaxName = 255;
  if (name.empty() || name == "." || name == ".." || name.size() > kMaxName) return malformed("file name");
  return name;
}

std::optional<std::string> read_boundary(std::string_view content_type) {
  const auto parsed = read_parameters(content_type);
  if (!parsed || parsed->first != "multipart/form-data") return std::nullopt;
  const std::string* boundary = find(parsed->second, "boundary");
  if (boundary == nullptr || boundary->empty() || boundary->size() > 70 || boundary->ends_with(' '))
    return std::nullopt;
  constexpr std::string_view kCharacters =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'()+_,-./:=? ";
  if (boundary->find_first_not_of(kCharacters) != std::string::npos) return std::nullopt;
  return *boundary;
}

Result<> read_disposition(std::string_view value, PartHead& head) {
  const auto parsed = read_parameters(value);
  if (!parsed || parsed->first != "form-data") return malformed("Content-Disposition");
  const std::string* name = find(parsed->second, "name");
  if (name == nullptr) return malformed("a part without name");
  head.name = to_nfc(unescape_browser(*name));
  if (head.name.empty() || !is_plain_text(head.name)) return malformed("name of a part");
  const std::string* plain = find(parsed->second, "filename");
  const std::string* extended = find(parsed->second, "filename*");
  if (extended != nullptr) {
    const auto decoded = read_extended(*extended);
    if (!decoded) return malformed("filename*");
    head.file_name = KYSO_TRY(safe_file_name(*decoded));
  } else if (plain != nullptr && plain->empty()) {
    head.file_name = "";  // what browsers send when no file was chosen; the part must be empty
  } else if (plain != nullptr) {
    head.file_name = KYSO_TRY(safe_file_name(unescape_browser(*plain)));
  }
  return {};
}

Result<> read_part_field(std::string_view line, PartHead& head, bool& has_disposition) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return malformed("field of a part");
  const std::string name = to_lower_ascii(line.substr(0, colon));
  const std::string_view value = trim(line.substr(colon + 1));
  if (!is_plain_text(value)) return malformed("value of a part's field");
  if (name == "content-disposition") {
    if (std::exchange(has_disposition, true)) return malformed("Content-Disposition twice");
    return read_disposition(value, head);
  }
  if (name == "content-type") {
    if (!head.content_type.empty()) return malformed("Content-Type twice");
    if (to_lower_ascii(value).starts_with("multipart/")) return malformed("nested multipart");
    head.content_type = value;
  } else if (name == "content-transfer-encoding") {
    const std::string coding = to_lower_ascii(value);
    if (coding != "7bit" && coding != "8bit" && coding != "binary") return malformed("Content-Transfer-Encoding");
  }
  return {};
}

Result<PartHead> read_part_head(std::string_view block) {
  PartHead head;
  bool has_disposition = false;
  while (!block.empty()) {
    const std::size_t end = block.find("\r\n");
    const std::string_view line = block.substr(0, end);
    block.remove_prefix(end == std::string_view::npos ? block.size() : end + 2);
    KYSO_TRY(read_part_field(line, head, has_disposition));
  }
  if (!has_disposition) return malformed("a part without Content-Disposition");
  return head;
}

}  // namespace

struct MultipartReader::State {
  enum class At { start, after_delimiter, head, data, end };

  Result<bool> step();  // false: needs more
  Result<bool> read_start();
  Result<bool> read_after_delimiter();
  Result<bool> read_head();
  Result<bool> read_data();
  Result<> give(ByteView bytes);

  std::string delimiter;  // CRLF "--" boundary
  Sink sink;
  MultipartLimits limits;
  At at = At::start;
  std::string pending;
  std::size_t taken = 0;  // of pending
  std::size_t parts = 0, size = 0;
  PartHead head;
  bool has_failed = false;

  std::string_view rest() const { return std::string_view(pending).substr(taken); }
};

Result<bool> MultipartReader::State::read_start() {
  const std::string_view opening = std::string_view(delimiter).substr(2);
  const std::string_view seen = rest().substr(0, opening.size());
  if (!opening.starts_with(seen)) return malformed("something before the first part");
  if (seen.size() < opening.size()) return false;
  taken += opening.size();
  at = At::after_delimiter;
  return true;
}

Result<bool> MultipartReader::State::read_after_delimiter() {
  if (rest().size() < 2) return false;
  const std::string_view two = rest().substr(0, 2);
  taken += 2;
  if (two == "--") {
    if (parts == 0) return malformed("no part");
    at = At::end;
    return true;
  }
  if (two != "\r\n") return malformed("something after a delimiter");
  if (++parts > limits.max_parts) return fail("net.multipart.limit", "parts").with("limit", limits.max_parts);
  at = At::head;
  return true;
}

Result<bool> MultipartReader::State::read_head() {
  const std::size_t end = rest().substr(0, limits.max_head).find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (rest().size() >= limits.max_head)
      return fail("net.multipart.limit", "head of a part").with("limit", limits.max_head);
    return false;
  }
  head = KYSO_TRY(read_part_head(rest().substr(0, end)));
  KYSO_TRY(sink.begin(head));
  size = 0;
  taken += end + 4;
  at = At::data;
  return true;
}

Result<> MultipartReader::State::give(ByteView bytes) {
  if (bytes.empty()) return {};
  const std::size_t limit = head.file_name ? limits.max_file : limits.max_field;
  size += bytes.size();
  if (size > limit) return fail("net.multipart.limit", "content of a part").with("limit", limit);
  if (head.file_name && head.file_name->empty()) return malformed("a file without name");
  return sink.data(bytes);
}

// What may be the beginning of a delimiter waits for more.
Result<bool> MultipartReader::State::read_data() {
  const std::string_view content = rest();
  const std::size_t end = content.find(delimiter);
  if (end == std::string_view::npos) {
    if (content.size() < delimiter.size()) return false;
    const std::size_t certain = content.size() - delimiter.size() + 1;
    KYSO_TRY(give(as_bytes(content.substr(0, certain))));
    taken += certain;
    return false;
  }
  KYSO_TRY(give(as_bytes(content.substr(0, end))));
  KYSO_TRY(sink.end());
  taken += end + delimiter.size();
  at = At::after_delimiter;
  return true;
}

Result<bool> MultipartReader::State::step() {
  switch (at) {
    case At::start:
      return read_start();
    case At::after_delimiter:
      return read_after_delimiter();
    case At::head:
      return read_head();
    case At::data:
      return read_data();
    case At::end:
      break;
  }
  // RFC 2046 allows an epilogue; a line break is all that programs send.
  if (!std::string_view("\r\n").starts_with(rest())) return malformed("something after the last part");
  return false;
}

MultipartReader::MultipartReader(std::unique_ptr<State> state) : m_state(std::move(state)) {}
MultipartReader::MultipartReader(MultipartReader&&) noexcept = default;
MultipartReader& MultipartReader::operator=(MultipartReader&&) noexcept = default;
MultipartReader::~MultipartReader() = default;

Result<MultipartReader> MultipartReader::create(std::string_view content_type, Sink sink, MultipartLimits limits) {
  const auto boundary = read_boundary(content_type);
  if (!boundary) return malformed("Content-Type");
  auto state = std::make_unique<State>();
  state->delimiter = "\r\n--" + *boundary;
  state->sink = std::move(sink);
  state->limits = limits;
  return MultipartReader(std::move(state));
}

Result<> MultipartReader::feed(ByteView bytes) {
  State& state = *m_state;
  if (state.has_failed) return malformed("after an error");
  state.pending.append(as_chars(bytes));
  while (true) {
    const auto goes_on = state.step();
    if (!goes_on) {
      state.has_failed = true;
      return goes_on.error();
    }
    if (!*goes_on) break;
  }
  state.pending.erase(0, std::exchange(state.taken, 0));
  return {};
}

Result<> MultipartReader::finish() {
  if (m_state->has_failed || m_state->at != State::At::end) return malformed("cut short");
  if (!m_state->pending.empty() && m_state->pending != "\r\n") return malformed("something after the last part");
  return {};
}

Result<std::vector<Part>> read_multipart(std::string_view content_type, ByteView body, MultipartLimits limits) {
  std::vector<Part> parts;
  MultipartReader::Sink sink;
  sink.begin = [&](const PartHead& head) -> Result<> {
    parts.push_back({head, {}});
    return {};
  };
  sink.data = [&](ByteView bytes) -> Result<> {
    append(parts.back().content, bytes);
    return {};
  };
  sink.end = []() -> Result<> { return {}; };
  MultipartReader reader = KYSO_TRY(MultipartReader::create(content_type, std::move(sink), limits));
  KYSO_TRY(reader.feed(body));
  KYSO_TRY(reader.finish());
  return parts;
}

}  // namespace kyso::net

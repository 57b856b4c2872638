#include "pdf/file/file_object.h"

#include <algorithm>

namespace kyso::pdf {

namespace {

constexpr std::string_view kEndStream = "endstream";

bool is_eol_or_blank(std::uint8_t c) {
  return c == '\r' || c == '\n' || c == ' ' || c == '\t' || c == 0 || c == '\f';
}

// Where "endstream" stands when only white space is between `offset` and it.
std::optional<std::uint64_t> end_stream_at(const Source& source, std::uint64_t offset) {
  const ByteView bytes = source.view(offset, 64);
  std::size_t i = 0;
  while (i < bytes.size() && is_eol_or_blank(bytes[i])) ++i;
  if (!as_chars(bytes.subspan(i)).starts_with(kEndStream)) return std::nullopt;
  return offset + i;
}

// Searches without keeping what it reads: streams may be large.
Result<std::optional<std::uint64_t>> find_end_stream(const Source& source, std::uint64_t offset, WorkBudget& budget) {
  Bytes buffer(64U << 10U);
  std::size_t kept = 0;  // bytes of the previous piece at the beginning of the buffer
  for (std::uint64_t position = offset;;) {
    const std::size_t got = KYSO_TRY(source.read(position, std::span(buffer).subspan(kept)));
    if (got == 0) return std::optional<std::uint64_t>();
    KYSO_TRY(budget.spend(got));
    const std::string_view text = as_chars(ByteView(buffer).first(kept + got));
    const std::size_t found = text.find(kEndStream);
    if (found != std::string_view::npos) return std::optional(position - kept + found);
    const std::size_t keep = std::min(text.size(), kEndStream.size() - 1);
    std::copy(buffer.begin() + static_cast<std::ptrdiff_t>(text.size() - keep),
              buffer.begin() + static_cast<std::ptrdiff_t>(text.size()), buffer.begin());
    position += got;
    kept = keep;
  }
}

// The end-of-line before "endstream" is not part of the data (ISO 32000-2 section 7.3.8.1).
std::uint64_t without_eol(const Source& source, std::uint64_t begin, std::uint64_t end) {
  const std::uint64_t from = end - std::min<std::uint64_t>(2, end - begin);
  const ByteView tail = source.view(from, end - from);
  if (tail.size() == 2 && tail[0] == '\r' && tail[1] == '\n') return end - 2;
  if (!tail.empty() && (tail.back() == '\n' || tail.back() == '\r')) return end - 1;
  return end;
}

struct Head {  // an indirect object up to and including "endobj" or "stream"
  ObjectId id;
  Object object;
  std::uint64_t begin = 0, end = 0;  // relative to where it was looked for
  bool is_stream = false;
  bool is_closed = false;
};

std::optional<ObjectId> parse_header(Lexer& lexer) {
  const Token number = lexer.next();
  if (number.kind != Token::Kind::integer || number.integer < 0 || number.integer > UINT32_MAX) return std::nullopt;
  const Token generation = lexer.next();
  if (generation.kind != Token::Kind::integer || generation.integer < 0 || generation.integer > UINT16_MAX) {
    return std::nullopt;
  }
  if (const Token keyword = lexer.next(); keyword.kind != Token::Kind::keyword || keyword.text != "obj") {
    return std::nullopt;
  }
  return ObjectId{static_cast<std::uint32_t>(number.integer), static_cast<std::uint16_t>(generation.integer)};
}

// The data of a stream begins after "stream" and CR LF or LF (a lone CR, which is not allowed, is taken too).
std::uint64_t after_stream_keyword(const ByteView bytes, std::uint64_t position) {
  while (position < bytes.size() && (bytes[position] == ' ' || bytes[position] == '\t')) ++position;
  if (position < bytes.size() && bytes[position] == '\r') ++position;
  if (position < bytes.size() && bytes[position] == '\n') ++position;
  return position;
}

Result<Head> parse_head(Lexer& lexer, const Limits& limits, std::size_t& values) {
  Head head;
  lexer.skip_white_space();
  head.begin = lexer.position();
  const auto id = parse_header(lexer);
  if (!id) return fail("pdf.object.broken", "no object header").with("number", 0);
  head.id = *id;
  head.end = lexer.position();
  Token after = lexer.peek();
  if (after.kind != Token::Kind::keyword || after.text != "endobj") {  // an empty object is read as null
    head.object = KYSO_TRY(parse_object(lexer, limits, values));
    head.end = lexer.position();
    after = lexer.peek();
  }
  if (after.kind != Token::Kind::keyword) return head;
  if (after.text == "endobj") {
    head.is_closed = true;
    head.end = after.end;
  } else if (after.text == "stream" && head.object.as_dictionary() != nullptr) {
    head.is_stream = true;
    (void)lexer.next();
    head.end = after_stream_keyword(lexer.bytes(), after.end);
    if (head.end + 2 > lexer.bytes().size()) (void)lexer.next();  // marks that the end was reached
  }
  return head;
}

// Fills in the data of a stream whose dictionary was read.
Result<> read_stream(const Source& source, std::uint64_t data, WorkBudget& budget, const LengthOf& length_of,
                     FileObject& result) {
  const auto dictionary = std::make_shared<const Dictionary>(*result.object.as_dictionary());
  const Object& length = dictionary->get("Length");
  std::optional<std::int64_t> count = length.as_integer();
  if (const auto reference = length.as_reference(); reference && length_of) count = length_of(*reference);
  std::uint64_t end = 0;
  std::optional<std::uint64_t> keyword;
  if (count && *count >= 0 && static_cast<std::uint64_t>(*count) <= source.size() - data) {
    end = data + static_cast<std::uint64_t>(*count);
    keyword = end_stream_at(source, end);
  }
  if (!keyword) {
    keyword = KYSO_TRY(find_end_stream(source, data, budget));
    if (!keyword) return fail("pdf.object.broken", "no endstream").with("number", result.id.number);
    end = without_eol(source, data, *keyword);
  }
  result.object = Object(Stream{dictionary, Extent{data, end - data}, result.id});
  const std::uint64_t after = *keyword + kEndStream.size();
  Lexer lexer(source.view(after, 256));
  const Token token = lexer.next();
  result.is_closed = token.kind == Token::Kind::keyword && token.text == "endobj";
  result.extent.length = after + (result.is_closed ? token.end : 0) - result.extent.offset;
  return {};
}

}  // namespace

WorkBudget WorkBudget::of(const Source& source) {
  // Values: a few dozen bytes of memory each; files seen have far fewer than one for each byte, compression included.
  return {4 * source.size() + (4U << 20U), static_cast<std::size_t>(1'500'000 + source.size())};
}

Result<> WorkBudget::spend(std::uint64_t count) {
  if (count > bytes) {
    bytes = 0;
    return fail("pdf.limit", "bytes read again and again").with("limit", "work");
  }
  bytes -= count;
  return {};
}

Result<FileObject> read_file_object(const Source& source, std::uint64_t offset, const Limits& limits,
                                    WorkBudget& budget, const LengthOf& length_of) {
  std::size_t used = 0;
  const auto parse = [&](Lexer& lexer) {
    const std::size_t allowed = std::min(limits.values, budget.values);
    std::size_t values = allowed;
    auto head = parse_head(lexer, limits, values);
    used = allowed - values;
    return head;
  };
  const Head head = KYSO_TRY(parse_growing(source, offset, limits, budget, parse));
  budget.values -= used;
  FileObject result{head.id, head.object, {offset + head.begin, head.end - head.begin}, head.is_closed};
  if (head.is_stream) KYSO_TRY(read_stream(source, offset + head.end, budget, length_of, result));
  return result;
}

std::optional<ObjectHeader> object_header_at(const Source& source, std::uint64_t offset) {
  const ByteView bytes = source.view(offset, 128);
  Lexer lexer(bytes);
  lexer.skip_white_space();
  const std::uint64_t begin = lexer.position();
  if (begin >= bytes.size() || bytes[begin] < '0' || bytes[begin] > '9') return std::nullopt;
  const auto id = parse_header(lexer);
  if (!id) return std::nullopt;
  return ObjectHeader{*id, offset + begin};
}

}  // namespace kyso::pdf

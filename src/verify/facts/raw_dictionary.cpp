#include "verify/facts/raw_dictionary.h"

#include <algorithm>

namespace kyso::verify {

namespace {

using pdf::Lexer;
using pdf::Token;

constexpr std::uint64_t kFirstWindow = 64U << 10U;
constexpr std::size_t kMaxEntries = 200'000;

// Skips what follows the first token of a value, up to its last byte. False: it is not complete.
bool skip_value(Lexer& lexer, const Token& first, RawEntry& entry) {
  if (first.kind == Token::Kind::integer) {
    entry.is_reference = lexer.try_reference(first.integer).has_value();
    return true;
  }
  std::size_t depth = first.kind == Token::Kind::array_begin || first.kind == Token::Kind::dict_begin ? 1 : 0;
  while (depth > 0) {
    switch (lexer.next().kind) {
      case Token::Kind::array_begin:
      case Token::Kind::dict_begin:
        ++depth;
        break;
      case Token::Kind::array_end:
      case Token::Kind::dict_end:
        --depth;
        break;
      case Token::Kind::end:
      case Token::Kind::invalid:
        return false;
      default:
        break;
    }
  }
  return first.kind != Token::Kind::end && first.kind != Token::Kind::invalid;
}

std::optional<RawDictionary> parse(Lexer& lexer, std::uint64_t base) {
  RawDictionary result;
  const Token open = lexer.next();
  if (open.kind != Token::Kind::dict_begin) return std::nullopt;
  while (result.entries.size() < kMaxEntries) {
    const Token key = lexer.next();
    if (key.kind == Token::Kind::dict_end) {
      result.extent = {base + open.offset, key.end - open.offset};
      return result;
    }
    if (key.kind != Token::Kind::name) return std::nullopt;
    RawEntry entry{key.text, base + key.offset, {}, {}, false};
    const Token value = lexer.peek();
    entry.kind = value.kind;
    entry.value = {base + value.offset, 0};
    if (value.kind != Token::Kind::dict_end) {  // a key without value is taken as null
      (void)lexer.next();
      if (!skip_value(lexer, value, entry)) return std::nullopt;
      entry.value.length = lexer.position() - value.offset;
    }
    result.entries.push_back(std::move(entry));
  }
  return std::nullopt;
}

}  // namespace

const RawEntry* RawDictionary::find(std::string_view key) const {
  const auto found = std::find_if(entries.rbegin(), entries.rend(), [&](const RawEntry& e) { return e.key == key; });
  return found != entries.rend() ? &*found : nullptr;
}

std::optional<RawDictionary> read_raw_dictionary(const pdf::Source& source, std::uint64_t offset,
                                                 const pdf::Limits& limits) {
  for (std::uint64_t window = kFirstWindow;; window *= 4) {
    const ByteView bytes = source.view(offset, window);
    Lexer lexer(bytes);
    auto result = parse(lexer, offset);
    const bool is_whole = bytes.size() < window || offset + bytes.size() >= source.size();
    if (result || is_whole || !lexer.reached_end() || window >= limits.object_syntax) return result;
  }
}

std::optional<std::uint64_t> value_of_object_at(const pdf::Source& source, std::uint64_t offset) {
  Lexer lexer(source.view(offset, 256));
  const Token number = lexer.next(), generation = lexer.next(), keyword = lexer.next();
  if (number.kind != Token::Kind::integer || generation.kind != Token::Kind::integer ||
      keyword.kind != Token::Kind::keyword || keyword.text != "obj") {
    return std::nullopt;
  }
  return offset + keyword.end;
}

RawNumbers read_raw_numbers(const pdf::Source& source, pdf::Extent value, std::size_t most) {
  RawNumbers numbers;
  Lexer lexer(source.view(value.offset, value.length));
  if (lexer.next().kind != Token::Kind::array_begin) return numbers;
  for (;;) {
    const Token token = lexer.next();
    if (token.kind == Token::Kind::array_end || token.kind == Token::Kind::end || token.kind == Token::Kind::invalid) {
      return numbers;
    }
    RawNumber number;
    if (token.kind == Token::Kind::integer) {
      number.is_reference = lexer.try_reference(token.integer).has_value();
      if (!number.is_reference) number.integer = token.integer;
    }
    ++numbers.count;
    if (numbers.first.size() < most) numbers.first.push_back(number);
  }
}

}  // namespace kyso::verify

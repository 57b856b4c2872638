#include "audit/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "audit/merkle.h"

namespace kyso::audit {
namespace {

constexpr std::string_view kDash = "\xe2\x80\x94 ";  // em dash and a blank
constexpr std::size_t kHintSize = 4;
constexpr std::size_t kMaxNote = 64U << 10U;

Error malformed(std::string_view reason) {
  return fail("audit.checkpoint.malformed").with("reason", reason);
}

Bytes hint_of(const crypto::PublicKey& key) {
  Bytes hash = crypto::digest(crypto::DigestAlgorithm::sha256, key.spki());
  hash.resize(kHintSize);
  return hash;
}

std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

}  // namespace

std::string checkpoint_text(const Checkpoint& checkpoint) {
  return fmt::format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.size, to_base64(checkpoint.root));
}

Result<Checkpoint> parse_checkpoint_text(std::string_view text) {
  Checkpoint out;
  const auto origin = take_line(text), size = take_line(text), root = take_line(text);
  if (!root || !text.empty()) return malformed("lines");
  if (origin->empty() || origin->find_first_of(" +") != std::string_view::npos) return malformed("origin");
  out.origin = *origin;
  const auto [end, error] = std::from_chars(size->data(), size->data() + size->size(), out.size);
  if (error != std::errc() || end != size->data() + size->size() || (size->size() > 1 && size->front() == '0'))
    return malformed("size");
  const Result<Bytes> hash = from_base64(*root);
  if (!hash || hash->size() != kHashSize) return malformed("root");
  out.root = *hash;
  return out;
}

std::string make_note(const Checkpoint& checkpoint, const crypto::PublicKey& key, ByteView signature) {
  Bytes value = hint_of(key);
  append(value, signature);
  return fmt::format("{}\n{}{} {}\n", checkpoint_text(checkpoint), kDash, checkpoint.origin, to_base64(value));
}

Result<Checkpoint> open_note(std::string_view note, const crypto::PublicKey& key) {
  if (note.size() > kMaxNote) return malformed("length");
  const std::size_t middle = note.find("\n\n");
  if (middle == std::string_view::npos) return malformed("lines");
  const std::string_view text = note.substr(0, middle + 1);
  std::string_view lines = note.substr(middle + 2);
  if (!lines.ends_with('\n')) return malformed("lines");
  const Checkpoint checkpoint = KYSO_TRY(parse_checkpoint_text(text));
  const Bytes hint = hint_of(key);
  const auto scheme =
      crypto::SignatureScheme{crypto::KeyType::ec_p256, crypto::Padding::none, crypto::DigestAlgorithm::sha256};
  if (key.type() != crypto::KeyType::ec_p256) return fail("audit.checkpoint.signature");
  while (const auto line = take_line(lines)) {
    const std::string before = fmt::format("{}{} ", kDash, checkpoint.origin);
    if (!line->starts_with(before)) return malformed("signature");
    const Result<Bytes> value = from_base64(line->substr(before.size()));
    if (!value || value->size() <= kHintSize) return malformed("signature");
    if (!std::ranges::equal(ByteView(*value).first(kHintSize), hint)) continue;
    const Bytes digest = crypto::digest(scheme.digest, as_bytes(text));
    if (key.verify(scheme, digest, as_bytes(text), ByteView(*value).subspan(kHintSize))) return checkpoint;
  }
  return fail("audit.checkpoint.signature");
}

}  // namespace kyso::audit

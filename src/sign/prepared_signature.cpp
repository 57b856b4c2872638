#include "json/json.h"
#include "sign/prepare.h"

namespace kyso::sign {
namespace {

constexpr std::size_t kMaxStateSize = 2048;
constexpr std::size_t kMaxTitleBytes = 160;

std::string_view name_of(Profile profile) {
  switch (profile) {
    case Profile::b_b:
      return "b-b";
    case Profile::b_t:
      return "b-t";
    case Profile::legacy:
      return "legacy";
  }
  return "b-b";
}

Result<Profile> profile_by_name(std::string_view name) {
  if (name == "b-b") return Profile::b_b;
  if (name == "b-t") return Profile::b_t;
  if (name == "legacy") return Profile::legacy;
  return fail("sign.prepared.malformed", "profile {}", name);
}

// Cut at a letter, so that the state stays within its size whatever the title.
std::string shortened(const std::string& text) {
  if (text.size() <= kMaxTitleBytes) return text;
  std::size_t end = kMaxTitleBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

Result<std::uint64_t> unsigned_member(const json::Value& object, std::string_view key) {
  const std::int64_t value = KYSO_TRY(json::require_integer(object, key));
  if (value < 0) return fail("sign.prepared.malformed", "{} is negative", key);
  return static_cast<std::uint64_t>(value);
}

Result<pdf::SignatureSlot> read_slot(const json::Value& state) {
  const json::Value* object = state.find("slot");
  if (object == nullptr) return fail("sign.prepared.malformed", "no slot");
  pdf::SignatureSlot slot;
  slot.contents_offset = KYSO_TRY(unsigned_member(*object, "offset"));
  slot.capacity = KYSO_TRY(unsigned_member(*object, "capacity"));
  slot.contents_length = 2 * slot.capacity + 2;
  slot.file_size = KYSO_TRY(unsigned_member(*object, "file_size"));
  constexpr std::uint64_t kSaneCapacity = 1U << 24U;
  if (slot.capacity > kSaneCapacity || slot.contents_offset > slot.file_size ||
      slot.contents_length > slot.file_size - slot.contents_offset)
    return fail("sign.prepared.malformed", "slot outside the file");
  return slot;
}

Result<PreparedSignature> read_state(const json::Value& value) {
  PreparedSignature state;
  state.version = static_cast<int>(KYSO_TRY(json::require_integer(value, "version")));
  if (state.version != 1) return fail("sign.prepared.malformed", "version {}", state.version);
  state.file_sha256 = KYSO_TRY(json::require_string(value, "file_sha256"));
  state.slot = KYSO_TRY(read_slot(value));
  state.document_digest = KYSO_TRY(from_base64(KYSO_TRY(json::require_string(value, "document_digest"))));
  state.attributes_digest = KYSO_TRY(from_base64(KYSO_TRY(json::require_string(value, "digest_to_sign"))));
  const std::string scheme = KYSO_TRY(json::require_string(value, "scheme"));
  const auto known = crypto::scheme_by_name(scheme);
  if (!known) return fail("sign.prepared.malformed", "scheme {}", scheme);
  state.scheme = *known;
  state.certificate_sha256 = KYSO_TRY(json::require_string(value, "certificate_sha256"));
  state.profile = KYSO_TRY(profile_by_name(KYSO_TRY(json::require_string(value, "profile"))));
  state.field = KYSO_TRY(json::require_string(value, "field"));
  state.title = KYSO_TRY(json::require_string(value, "title"));
  state.pages = static_cast<std::size_t>(KYSO_TRY(unsigned_member(value, "pages")));
  state.created = KYSO_TRY(parse_time(KYSO_TRY(json::require_string(value, "created"))));
  state.expires = KYSO_TRY(parse_time(KYSO_TRY(json::require_string(value, "expires"))));
  return state;
}

}  // namespace

std::string PreparedSignature::to_json() const {
  json::Value object = json::Value::object();
  json::Value place = json::Value::object();
  place.set("offset", static_cast<std::int64_t>(slot.contents_offset))
      .set("capacity", static_cast<std::int64_t>(slot.capacity))
      .set("file_size", static_cast<std::int64_t>(slot.file_size));
  object.set("version", version)
      .set("file_sha256", file_sha256)
      .set("slot", place)
      .set("scheme", crypto::name_of(scheme))
      .set("digest_to_sign", to_base64(attributes_digest))
      .set("document_digest", to_base64(document_digest))
      .set("certificate_sha256", certificate_sha256)
      .set("profile", name_of(profile))
      .set("field", shortened(field))
      .set("title", shortened(title))
      .set("pages", pages)
      .set("created", iso8601_vietnam(created))
      .set("expires", iso8601_vietnam(expires));
  return json::serialize(object, json::Style::indented) + "\n";
}

Result<PreparedSignature> PreparedSignature::from_json(std::string_view text) {
  if (text.size() > kMaxStateSize) return fail("sign.prepared.malformed", "{} bytes", text.size());
  auto value = json::parse(text);
  if (!value) return fail("sign.prepared.malformed", "{}", value.error().detail);
  auto state = read_state(*value);
  // Whatever is wrong inside, the person's answer is one: this is not a prepared signature.
  if (!state && !state.error().code.starts_with("sign."))
    return fail("sign.prepared.malformed", "{}: {}", state.error().code, state.error().detail);
  return state;
}

}  // namespace kyso::sign

#include "token/key_uri.h"

#include <p11-kit/uri.h>

#include <cstring>
#include <string_view>

#include "token/pkcs11.h"

namespace kyso::token {
namespace {

constexpr std::size_t kMaxLength = 8192;

Error invalid(std::string_view reason, std::source_location where = std::source_location::current()) {
  return Error("token.uri.invalid", std::string(reason), where).with("reason", reason);
}

ByteView value_of(const CK_ATTRIBUTE* attribute) {
  return {static_cast<const std::uint8_t*>(attribute->pValue), attribute->ulValueLen};
}

// RFC 7512 section 2.4: pin-source is a URI or "|command". Running a command that a URI names is no business of ours.
Result<std::string> pin_file_of(std::string_view source) {
  if (source.starts_with("file:")) source.remove_prefix(5);
  if (source.starts_with("///")) source.remove_prefix(2);
  if (!source.starts_with('/') || source.starts_with("//"))
    return invalid("pin-source is not file: with an absolute path");
  return std::string(source);
}

}  // namespace

Result<KeyUri> KeyUri::parse(const std::string& text) {
  if (text.size() > kMaxLength) return invalid("too long");
  if (text.find('\0') != std::string::npos) return invalid("NUL character");
  KeyUri uri;
  uri.m_text = text;
  uri.m_uri.reset(p11_kit_uri_new(), p11_kit_uri_free);
  const int outcome = p11_kit_uri_parse(text.c_str(), P11_KIT_URI_FOR_ANY, uri.m_uri.get());
  if (outcome != P11_KIT_URI_OK) return invalid(p11_kit_uri_message(outcome));
  if (p11_kit_uri_get_pin_value(uri.m_uri.get()) != nullptr) return fail("token.uri.pin");
  if (p11_kit_uri_any_unrecognized(uri.m_uri.get()) != 0) return invalid("unknown attribute");
  KYSO_TRY(uri.read_attributes());
  KYSO_TRY(uri.read_query());
  return uri;
}

Result<> KeyUri::read_attributes() {
  if (const auto* type = p11_kit_uri_get_attribute(m_uri.get(), CKA_CLASS)) {
    CK_OBJECT_CLASS value = 0;
    if (type->ulValueLen != sizeof value) return invalid("type");
    std::memcpy(&value, type->pValue, sizeof value);
    // The URI of the certificate or public key is as good: tools print those, and the private key shares label and id.
    if (value != CKO_PRIVATE_KEY && value != CKO_CERTIFICATE && value != CKO_PUBLIC_KEY)
      return invalid("type is not private");
  }
  if (const auto* label = p11_kit_uri_get_attribute(m_uri.get(), CKA_LABEL))
    m_label = std::string(as_chars(value_of(label)));
  if (const auto* id = p11_kit_uri_get_attribute(m_uri.get(), CKA_ID)) {
    const auto value = value_of(id);
    m_id = Bytes(value.begin(), value.end());
  }
  return {};
}

Result<> KeyUri::read_query() {
  const char* path = p11_kit_uri_get_module_path(m_uri.get());
  const char* name = p11_kit_uri_get_module_name(m_uri.get());
  if (name != nullptr && std::string_view(name).find('/') != std::string_view::npos) return invalid("module-name");
  if (path != nullptr)
    m_module = path;
  else if (name != nullptr)
    m_module = name;
  if (const char* source = p11_kit_uri_get_pin_source(m_uri.get())) m_pin_file = KYSO_TRY(pin_file_of(source));
  return {};
}

bool KeyUri::matches(const CK_INFO& module) const {
  return p11_kit_uri_match_module_info(m_uri.get(), &module) != 0;
}

bool KeyUri::matches(CK_SLOT_ID id, const CK_SLOT_INFO& slot) const {
  const CK_SLOT_ID wanted = p11_kit_uri_get_slot_id(m_uri.get());
  if (wanted != static_cast<CK_SLOT_ID>(-1) && wanted != id) return false;
  return p11_kit_uri_match_slot_info(m_uri.get(), &slot) != 0;
}

bool KeyUri::matches(const CK_TOKEN_INFO& token) const {
  return p11_kit_uri_match_token_info(m_uri.get(), &token) != 0;
}

// RFC 7512 section 2.3: what needs no escape in a path attribute, at its narrowest.
std::string uri_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                          c == '.' || c == '_' || c == '~';
    if (is_plain)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace kyso::token

#pragma once
#include <p11-kit/pkcs11.h>

#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"

struct p11_kit_uri;

namespace kyso::token {

// KeyUri: an RFC 7512 URI that names a private key, parsed and checked.
//
// Errors of parse: token.uri.invalid {reason}; token.uri.pin when a PIN stands in it. They never repeat the URI.
class KeyUri {
 public:
  static Result<KeyUri> parse(const std::string& text);

  const std::string& text() const { return m_text; }
  const std::optional<std::string>& label() const { return m_label; }  // object=
  const std::optional<Bytes>& id() const { return m_id; }              // id=
  // module-path=, or module-name=; empty when there is neither.
  const std::string& module() const { return m_module; }
  // The absolute path of pin-source=file:…
  const std::optional<std::string>& pin_file() const { return m_pin_file; }

  bool matches(const CK_INFO& module) const;
  bool matches(CK_SLOT_ID id, const CK_SLOT_INFO& slot) const;
  bool matches(const CK_TOKEN_INFO& token) const;

 private:
  KeyUri() = default;
  Result<> read_attributes();
  Result<> read_query();

  std::string m_text;
  std::shared_ptr<p11_kit_uri> m_uri;
  std::optional<std::string> m_label;
  std::optional<Bytes> m_id;
  std::string m_module;
  std::optional<std::string> m_pin_file;
};

}  // namespace kyso::token

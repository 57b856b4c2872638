#include "kyso/authority_passkeys.h"

#include "base/file.h"
#include "jose/base64url.h"
#include "json/json.h"
#include "shared/console.h"
#include "vault/policy_edit.h"

namespace kyso::app {
namespace {

constexpr std::size_t kMaxFile = 64U << 10U;

Error bad_file(const std::string& path, std::string_view problem) {
  return fail("kyso.passkey.file").with("path", shown(path)).with("problem", shown(problem));
}

// Options beside the file win, but never over whose passkey it is.
Result<> read_passkey_file(PasskeySpec& spec) {
  const auto value = json::parse(as_chars(KYSO_TRY(read_file(spec.file, kMaxFile))));
  if (!value || value->as_object() == nullptr) return bad_file(spec.file, "JSON");
  const auto take = [&](const char* member, std::string& into) -> Result<> {
    const json::Value* found = value->find(member);
    if (found == nullptr || !found->as_string()) return bad_file(spec.file, member);
    if (into.empty()) into = *found->as_string();
    return {};
  };
  std::string person;
  KYSO_TRY(take("person", person));
  if (person != spec.person)
    return fail("kyso.passkey.person").with("person", shown(person)).with("path", shown(spec.file));
  KYSO_TRY(take("credential", spec.credential));
  KYSO_TRY(take("public_key", spec.public_key));
  return take("label", spec.label);
}

Result<Bytes> octets_of(const std::string& text, const char* option) {
  const auto octets = jose::from_base64url(text);
  if (!octets || octets->empty()) return bad_file(option, "base64url");
  return to_bytes(*octets);
}

}  // namespace

Result<std::vector<vault::PolicyFile>> files_with_passkey(const vault::Policy& present, PasskeySpec spec, Instant now) {
  if (!spec.file.empty()) KYSO_TRY(read_passkey_file(spec));
  if (spec.credential.empty() || spec.public_key.empty() || spec.label.empty()) return fail("kyso.passkey.missing");
  const vault::Passkey passkey{KYSO_TRY(octets_of(spec.credential, "--credential")),
                               KYSO_TRY(octets_of(spec.public_key, "--public-key")), spec.label,
                               iso8601_vietnam(now).substr(0, 10)};
  std::vector<vault::PolicyFile> files = present.files();
  for (vault::PolicyFile& file : files)
    if (file.name == "officers.toml") file.content = KYSO_TRY(vault::with_passkey(file.content, spec.person, passkey));
  return files;
}

}  // namespace kyso::app

#include "token/known_modules.h"

#include <filesystem>
#include <system_error>

namespace kyso::token {
namespace {

// Several rows with one name are tried in this order.
constexpr KnownModule kKnownModules[] = {
    {"softhsm2", "SoftHSM2", "/usr/lib/softhsm/libsofthsm2.so"},
    {"softhsm2", "SoftHSM2", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"},
    {"softhsm2", "SoftHSM2", "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"},
    {"softhsm2", "SoftHSM2", "/usr/lib64/pkcs11/libsofthsm2.so"},
    {"softhsm2", "SoftHSM2", "/usr/local/lib/softhsm/libsofthsm2.so"},
    {"opensc", "OpenSC", "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"},
    {"opensc", "OpenSC", "/usr/lib/aarch64-linux-gnu/opensc-pkcs11.so"},
    {"opensc", "OpenSC", "/usr/lib64/opensc-pkcs11.so"},
    {"bit4id", "Bit4id TokenME", "/usr/lib/bit4id/libbit4xpki.so"},
    {"bit4id", "Bit4id TokenME", "/usr/lib/libbit4xpki.so"},
    {"safenet", "SafeNet eToken", "/usr/lib/libeTPkcs11.so"},
    {"safenet", "SafeNet eToken", "/usr/lib/libeToken.so"},
    {"safenet", "SafeNet eToken", "/lib/libeTokenHID.so.9"},
    {"idprime", "SafeNet IDPrime", "/usr/lib/libIDPrimePKCS11.so"},
    {"epass2003", "Feitian ePass2003", "/usr/lib/libcastle.so"},
};

bool is_regular(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

}  // namespace

std::span<const KnownModule> known_modules() {
  return kKnownModules;
}

Result<std::string> resolve_module(std::string_view path_or_name) {
  if (path_or_name.find('\0') != std::string_view::npos)
    return fail("token.module.path", "NUL in the path").with("path", path_or_name.substr(0, path_or_name.find('\0')));
  if (path_or_name.starts_with('/')) {
    if (!is_regular(path_or_name)) return fail("token.module.missing").with("path", path_or_name);
    return std::string(path_or_name);
  }
  bool known = false;
  for (const auto& module : kKnownModules) {
    if (module.name != path_or_name) continue;
    known = true;
    if (is_regular(module.path)) return std::string(module.path);
  }
  if (known) return fail("token.module.missing", "known name, no file").with("path", path_or_name);
  return fail("token.module.path", "neither absolute nor known").with("path", path_or_name);
}

}  // namespace kyso::token

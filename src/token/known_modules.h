#pragma once
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace kyso::token {

// Where the PKCS#11 library of a token family usually lies.
struct KnownModule {
  std::string_view name;    // what a person may write for module-path instead of a path
  std::string_view family;  // what the token is sold as
  std::string_view path;
};

std::span<const KnownModule> known_modules();

// resolve_module: the absolute path of a module that exists, from an absolute path or a known name ("softhsm2",
// "bit4id"). A relative path would let the working directory choose the code that runs: token.module.path {path}. Not
// there: token.module.missing {path}.
Result<std::string> resolve_module(std::string_view path_or_name);

}  // namespace kyso::token

#pragma once
#include <string_view>

namespace kyso {

// TOML 1.0: the forms of values that stand without quotation marks and brackets (not whether such a day exists).
bool is_toml_scalar(std::string_view text);

}  // namespace kyso

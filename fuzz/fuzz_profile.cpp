#include <cstdlib>

#include "pki/issue/profile.h"

// A profile as an administrator may have written it. What is read must keep its promises to the encoder.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kyso;
  const auto profile = pki::issue::parse_profile(as_chars(ByteView(data, size)), "fuzz.toml");
  if (!profile) return 0;
  const bool signs_certificates = (profile->key_usage & 1U << 5U) != 0;
  if (profile->name.empty() || profile->keys.empty() || profile->key_usage == 0 || profile->validity.count() <= 0 ||
      signs_certificates != profile->is_ca || profile->min_alternative_names > profile->max_alternative_names)
    std::abort();
  for (const pki::issue::AttributeRule& rule : profile->subject)
    if (rule.min > rule.max || (!rule.pattern.empty() && !rule.compiled)) std::abort();
  return 0;
}

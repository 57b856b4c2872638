#include "pdf/drawing/harfbuzz.h"

#include <dlfcn.h>

namespace kyso::pdf {
namespace {

struct Loaded {
  HarfBuzz functions;
  const char* missing = nullptr;  // library or function
};

template <typename Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

Loaded load() {
  Loaded result;
  HarfBuzz& f = result.functions;
  void* core = dlopen("libharfbuzz.so.0", RTLD_LAZY | RTLD_LOCAL);
  if (core == nullptr) return {{}, "libharfbuzz.so.0"};
  void* subset = dlopen("libharfbuzz-subset.so.0", RTLD_LAZY | RTLD_LOCAL);
  if (subset == nullptr) return {{}, "libharfbuzz-subset.so.0"};
#define KYSO_FIND(name) \
  if (!find(core, #name, f.name)) return {{}, #name};
  KYSO_HARFBUZZ_FUNCTIONS(KYSO_FIND)
#undef KYSO_FIND
#define KYSO_FIND(name) \
  if (!find(subset, #name, f.name)) return {{}, #name};
  KYSO_HARFBUZZ_SUBSET_FUNCTIONS(KYSO_FIND)
#undef KYSO_FIND
  return result;
}

}  // namespace

Result<const HarfBuzz*> harfbuzz() {
  static const Loaded loaded = load();
  if (loaded.missing != nullptr) {
    return fail("pdf.font.library_missing", "cannot load {}", loaded.missing).with("library", loaded.missing);
  }
  return &loaded.functions;
}

}  // namespace kyso::pdf

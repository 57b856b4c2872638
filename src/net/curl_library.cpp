#include "net/curl_library.h"

#include <dlfcn.h>

namespace kyso::net {
namespace {

struct Loaded {
  CurlLibrary functions{};
  std::string problem;  // empty: usable

  Loaded() {
    // RTLD_DEEPBIND is not wanted: libcurl must use the same libcrypto as the program.
    m_handle = ::dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (m_handle == nullptr) {
      const char* reason = ::dlerror();
      problem = reason == nullptr ? "dlopen failed" : reason;
      return;
    }
    find_all();
    if (problem.empty() && functions.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) problem = "curl_global_init failed";
  }

 private:
  template <typename Function>
  void find(Function& function, const char* name) {
    function = reinterpret_cast<Function>(::dlsym(m_handle, name));
    if (function == nullptr) problem = fmt::format("libcurl.so.4 has no {}", name);
  }
  void find_all() {
    find(functions.global_init, "curl_global_init");
    find(functions.easy_init, "curl_easy_init");
    find(functions.easy_reset, "curl_easy_reset");
    find(functions.easy_cleanup, "curl_easy_cleanup");
    find(functions.easy_setopt, "curl_easy_setopt");
    find(functions.easy_getinfo, "curl_easy_getinfo");
    find(functions.easy_perform, "curl_easy_perform");
    find(functions.easy_strerror, "curl_easy_strerror");
    find(functions.slist_append, "curl_slist_append");
    find(functions.slist_free_all, "curl_slist_free_all");
    find(functions.url, "curl_url");
    find(functions.url_set, "curl_url_set");
    find(functions.url_get, "curl_url_get");
    find(functions.url_cleanup, "curl_url_cleanup");
    find(functions.free, "curl_free");
  }

  void* m_handle = nullptr;
};

}  // namespace

Result<const CurlLibrary*> curl_library() {
  static const Loaded loaded;
  if (!loaded.problem.empty()) return fail("net.library.missing", "{}", loaded.problem);
  return &loaded.functions;
}

}  // namespace kyso::net

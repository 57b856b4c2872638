#pragma once
#define CURL_DISABLE_TYPECHECK  // its macros would wrap the functions whose addresses are looked up
#include <curl/curl.h>

#include "base/result.h"

namespace kyso::net {

// The functions of libcurl that are used here. Looked up at run time: libcurl brings some thirty libraries with it, and
// most runs of a program never open a connection.
struct CurlLibrary {
  decltype(&::curl_global_init) global_init;
  decltype(&::curl_easy_init) easy_init;
  decltype(&::curl_easy_reset) easy_reset;
  decltype(&::curl_easy_cleanup) easy_cleanup;
  decltype(&::curl_easy_setopt) easy_setopt;
  decltype(&::curl_easy_getinfo) easy_getinfo;
  decltype(&::curl_easy_perform) easy_perform;
  decltype(&::curl_easy_strerror) easy_strerror;
  decltype(&::curl_slist_append) slist_append;
  decltype(&::curl_slist_free_all) slist_free_all;
  decltype(&::curl_url) url;
  decltype(&::curl_url_set) url_set;
  decltype(&::curl_url_get) url_get;
  decltype(&::curl_url_cleanup) url_cleanup;
  decltype(&::curl_free) free;
};

// Loaded and initialised once, never unloaded. Thread-safe. net.library.missing.
Result<const CurlLibrary*> curl_library();

}  // namespace kyso::net

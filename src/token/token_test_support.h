#pragma once
#include <dlfcn.h>
#include <doctest/doctest.h>
#include <p11-kit/pkcs11.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/test_support.h"
#include "token/pkcs11.h"

// For the tests of this module: throw-away authorities with SoftHSM2 tokens, and the outside world's hands on a module.
namespace kyso::token::test {

namespace fs = std::filesystem;

inline std::string read_text(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::string quoted(const std::string& argument) {
  return "'" + argument + "'";
}

// Runs a program; its words are shown only when it fails.
inline void run(const std::vector<std::string>& words) {
  std::string line;
  for (const auto& word : words) line += quoted(word) + " ";
  TestFolder dir;
  const auto log = dir.path() / "log";
  const int status = std::system((line + ">" + quoted(log) + " 2>&1").c_str());
  INFO(line, read_text(log));
  REQUIRE(status == 0);
}

inline std::string softhsm_path() {
  for (const auto* path : {"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
                           "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"})
    if (fs::exists(path)) return path;
  FAIL("SoftHSM2 is not installed");
  return {};
}

// The folder that tools/demo-authority makes for a kind of key; made once in a run, and only copied.
inline const fs::path& authority_template(const std::string& key) {
  static const TestFolder dir;
  static std::map<std::string, fs::path> made;
  auto& path = made[key];
  if (path.empty()) {
    run({KYSO_SOURCE_DIR "/tools/demo-authority", (dir.path() / key).string(), "--key", key});
    path = dir.path() / key;
  }
  return path;
}

// Authority: a throw-away authority of its own; its token is the one that this process sees from now on.
class Authority {
 public:
  explicit Authority(const std::string& key = "ec:p256") {
    fs::copy(authority_template(key), path(""), fs::copy_options::recursive);
    std::ofstream(path("softhsm2.conf")) << "directories.tokendir = " << path("softhsm/tokens").string()
                                         << "\nobjectstore.backend = file\nlog.level = ERROR\n";
    use();
  }
  void use() const { setenv("SOFTHSM2_CONF", path("softhsm2.conf").c_str(), 1); }
  fs::path path(const std::string& name) const { return m_dir.path() / "a" / name; }
  std::string pin() const { return read_text(path("pin.txt")); }
  static std::string uri(const std::string& object = "leader", const std::string& more = "") {
    return "pkcs11:token=Kyso%20demo;object=" + object + more + "?module-path=" + softhsm_path();
  }

  void delete_tokens() const {
    for (const auto& entry : fs::directory_iterator(path("softhsm/tokens"))) fs::remove_all(entry.path());
  }
  void make_token(const std::string& label = "Kyso demo") const {
    run({"softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", pin(), "--pin", pin()});
  }
  // Puts a signer's key into the token under a label.
  void import_key(const std::string& signer, const std::string& label = "leader", const std::string& id = "01") const {
    run({"softhsm2-util", "--import", path(signer + ".key.pem"), "--token", "Kyso demo", "--label", label, "--id", id,
         "--pin", pin(), "--force"});
  }
  void import_certificate(const std::string& signer, const std::string& label = "leader",
                          const std::string& id = "01") const {
    const auto der = path("import.der").string();
    run({"openssl", "x509", "-in", path(signer + ".cert.pem"), "-outform", "DER", "-out", der});
    run({"pkcs11-tool", "--module", softhsm_path(), "--token-label", "Kyso demo", "--login", "--pin", pin(),
         "--write-object", der, "--type", "cert", "--label", label, "--id", id});
  }

 private:
  TestFolder m_dir;
};

// A source that gives one PIN and counts how often it was asked.
struct CountedPin {
  std::string pin;
  std::shared_ptr<std::vector<TokenInfo>> asked = std::make_shared<std::vector<TokenInfo>>();
  Result<Secret> operator()(const TokenInfo& token) const {
    asked->push_back(token);
    return Secret(pin);
  }
};

// Somebody else in this process who calls the same library.
class Outsider {
 public:
  explicit Outsider(const std::string& path) : m_library(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    REQUIRE_MESSAGE(m_library != nullptr, path);
    auto* get = function<CK_RV(CK_FUNCTION_LIST**)>("C_GetFunctionList");
    REQUIRE(get(&m_functions) == CKR_OK);
  }
  Outsider(const Outsider&) = delete;
  Outsider& operator=(const Outsider&) = delete;
  CK_FUNCTION_LIST* operator->() const { return m_functions; }
  template <typename F>
  F* function(const char* name) const {
    auto* found = reinterpret_cast<F*>(dlsym(m_library, name));
    const bool is_there = found != nullptr;
    REQUIRE_MESSAGE(is_there, name);
    return found;
  }

 private:
  void* m_library;
  CK_FUNCTION_LIST* m_functions = nullptr;
};

inline crypto::SignatureScheme scheme_of(const crypto::KeyHolder& holder) {
  return crypto::default_scheme(holder.certificate().public_key().type());
}

// Signs a message and checks the value with the holder's certificate.
inline Result<> sign_and_verify(crypto::KeyHolder& holder, crypto::SignatureScheme scheme,
                                const std::string& text = "Quyết định số 01/QĐ-CQM") {
  const auto digest = crypto::digest(scheme.digest, as_bytes(text));
  auto value = KYSO_TRY(holder.sign({scheme, digest, as_bytes(text), ""}));
  if (!holder.certificate().public_key().verify(scheme, digest, as_bytes(text), value)) return fail("test.invalid");
  return {};
}
inline Result<> sign_and_verify(crypto::KeyHolder& holder) {
  return sign_and_verify(holder, scheme_of(holder));
}

}  // namespace kyso::token::test

#pragma once
#include "token/key_generation.h"
#include "vault/server/core_test_support.h"

// For tests and measurements of the vault: a SoftHSM2 token of its own, which this process sees from then on.
namespace kyso::vault::test {

struct SoftHsm {
  SoftHsm() {
    std::filesystem::create_directory(folder / "tokens");
    const auto configuration = folder.write("softhsm2.conf", "directories.tokendir = " + (folder / "tokens").string() +
                                                                 "\nobjectstore.backend = file\nlog.level = ERROR\n");
    ::setenv("SOFTHSM2_CONF", configuration.c_str(), 1);
    output_of("softhsm2-util --init-token --free --label Kyso --so-pin 12345678 --pin 12345678 2>&1");
  }
  static std::string module() {
    for (const auto* path : {"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
                             "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"})
      if (std::filesystem::exists(path)) return path;
    FAIL("SoftHSM2 is not installed");
    return {};
  }
  static token::PinSource pin() {
    return [](const token::TokenInfo&) -> Result<Secret> { return Secret("12345678"); };
  }
  token::TokenEditor editor() const {
    return must(token::TokenEditor::open("pkcs11:token=Kyso?module-path=" + module(), pin()));
  }
  KeySource source(const std::string& uri, const crypto::Certificate& certificate) const {
    const token::Options options{.max_sessions = 8, .certificate = certificate, .may_restart_shared_library = true};
    return {.name = "hsm",
            .open = [=] { return token::open_pkcs11(uri, pin(), options); },
            .check = [](crypto::KeyHolder& holder) { return token::check_reachable(holder); }};
  }
  // As if the device was pulled out, and put back.
  void unplug() const {
    std::filesystem::rename(folder / "tokens", folder / "away");
    std::filesystem::create_directory(folder / "tokens");
  }
  void plug() const {
    std::filesystem::remove(folder / "tokens");
    std::filesystem::rename(folder / "away", folder / "tokens");
  }
  TestFolder folder;
};

}  // namespace kyso::vault::test

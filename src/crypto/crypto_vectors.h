#pragma once
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "crypto/key_holder.h"

// For tests: the files of tests/vectors/crypto.
namespace kyso::crypto::vectors {

inline std::string text(const std::string& name) {
  std::ifstream file(std::string(KYSO_SOURCE_DIR "/tests/vectors/crypto/") + name, std::ios::binary);
  REQUIRE_MESSAGE(file, name);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline Bytes bytes(const std::string& name) {
  return to_bytes(text(name));
}

inline Certificate certificate(const std::string& name) {
  auto all = Certificate::from_pem(text(name + ".cert.pem"));
  REQUIRE_MESSAGE(all, name);
  return all->front();
}

// "rsa2048" -> its key and certificate, with the chain to the root.
inline std::unique_ptr<KeyHolder> holder(const std::string& name) {
  auto opened = open_pem(text(name + ".key.pem"), text(name + ".cert.pem") + text("chain.pem"), Secret());
  REQUIRE_MESSAGE(opened, name);
  return *std::move(opened);
}

}  // namespace kyso::crypto::vectors

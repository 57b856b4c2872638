#pragma once
#include <map>

#include "vault/ceremony/run.h"

// Private to the ceremony: the files that come out of it.
namespace kyso::vault::ceremony {

struct Product {
  std::string name;  // relative to the folder
  Bytes content;
};
// Certificates (NAME.crt, PEM, with the issuers behind it), lists (NAME.crl, DER), the vault's configuration
// (vault.toml; of a later ceremony the parts that are new) and its first policy. `certificates`: earlier roots', too.
std::vector<Product> products_of(const Plan& plan, const std::map<std::string, crypto::Certificate>& certificates,
                                 const std::map<std::string, Bytes>& lists);

}  // namespace kyso::vault::ceremony

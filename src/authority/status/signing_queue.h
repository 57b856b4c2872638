#pragma once
#include <condition_variable>
#include <deque>
#include <mutex>

#include "vault/vault.h"

namespace kyso::authority::status {

// SigningQueue: ResponseData of many threads travels to the vault together. Who comes first goes at once; what arrives
// while he is away goes with the next. Nobody waits for others to come.
class SigningQueue {
 public:
  explicit SigningQueue(vault::Vault& vault, std::size_t together = 64, std::size_t at_once = 2)
      : m_vault(vault), m_together(together), m_at_once(at_once) {}
  // The signature value. Errors of Vault::sign_ocsp.
  Result<Bytes> sign(const std::string& signer, Bytes response_data);

 private:
  struct Item {
    const std::string* signer;
    Bytes data;
    std::optional<Result<Bytes>> result;
    bool leads = false;
    std::condition_variable changed;
  };
  std::vector<Item*> take_batch(const Item& leader);
  void carry(std::unique_lock<std::mutex>& lock, const Item& leader);

  vault::Vault& m_vault;
  const std::size_t m_together, m_at_once;
  std::mutex m_mutex;
  std::deque<Item*> m_waiting;
  std::size_t m_leaders = 0;
};

}  // namespace kyso::authority::status

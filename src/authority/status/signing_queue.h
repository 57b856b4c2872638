#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "vault/vault.h"

namespace kyso::authority::status {

// SigningQueue: ResponseData of many requests travels to the vault together. What arrives while all its threads are
// away goes with the next. Nobody waits for others to come.
class SigningQueue {
 public:
  using Taker = std::move_only_function<void(Result<Bytes>)>;
  explicit SigningQueue(vault::Vault& vault, std::size_t together = 64, std::size_t threads = 2);
  ~SigningQueue();  // what waits is signed still
  // `taker` gets the signature value, or the errors of Vault::sign_ocsp, once, from another thread or from help(), for
  // which a caller says that he will help until he has it.
  void sign(std::string signer, Bytes response_data, Taker taker, bool will_help = false);
  // Carries some of what waits in this thread; false: nothing waits.
  bool help();

 private:
  struct Item {
    std::string signer;
    Bytes data;
    Taker taker;
  };
  std::vector<Item> take_batch();
  void carry(std::vector<Item> batch);
  void work(const std::stop_token& stop);

  vault::Vault& m_vault;
  const std::size_t m_together;
  std::mutex m_mutex;
  std::condition_variable_any m_something;
  std::deque<Item> m_waiting;
  std::size_t m_idle = 0;  // threads
  std::vector<std::jthread> m_threads;
};

}  // namespace kyso::authority::status

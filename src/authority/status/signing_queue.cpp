#include "authority/status/signing_queue.h"

#include "base/log.h"

namespace kyso::authority::status {

SigningQueue::SigningQueue(vault::Vault& vault, std::size_t together, std::size_t threads)
    : m_vault(vault), m_together(together) {
  for (std::size_t i = 0; i < threads; ++i) m_threads.emplace_back([this](const std::stop_token& stop) { work(stop); });
}

SigningQueue::~SigningQueue() {
  m_threads.clear();
}

void SigningQueue::sign(std::string signer, Bytes response_data, Taker taker, bool will_help) {
  bool wakes = false;
  {
    const std::lock_guard lock(m_mutex);
    m_waiting.push_back({std::move(signer), std::move(response_data), std::move(taker)});
    wakes = m_idle > 0 && !will_help;
  }
  if (wakes) m_something.notify_one();
}

bool SigningQueue::help() {
  std::vector<Item> batch;
  {
    const std::lock_guard lock(m_mutex);
    if (m_waiting.empty()) return false;
    batch = take_batch();
  }
  carry(std::move(batch));
  return true;
}

void SigningQueue::work(const std::stop_token& stop) {
  while (true) {
    std::vector<Item> batch;
    {
      std::unique_lock lock(m_mutex);
      ++m_idle;
      m_something.wait(lock, stop, [this] { return !m_waiting.empty(); });
      --m_idle;
      if (m_waiting.empty()) return;
      batch = take_batch();
    }
    carry(std::move(batch));
  }
}

// The oldest, and those behind it with the same signer.
std::vector<SigningQueue::Item> SigningQueue::take_batch() {
  std::vector<Item> batch;
  for (auto place = m_waiting.begin(); place != m_waiting.end() && batch.size() < m_together;) {
    if (!batch.empty() && place->signer != batch.front().signer) {
      ++place;
      continue;
    }
    batch.push_back(std::move(*place));
    place = m_waiting.erase(place);
  }
  return batch;
}

void SigningQueue::carry(std::vector<Item> batch) {
  try {
    std::vector<Bytes> data;
    data.reserve(batch.size());
    for (Item& item : batch) data.push_back(std::move(item.data));
    Result<std::vector<Bytes>> values = m_vault.sign_ocsp(batch.front().signer, data);
    if (values && values->size() != batch.size()) values = fail("vault.protocol", "number of signatures");
    for (std::size_t i = 0; i < batch.size(); ++i) {
      Taker taker = std::exchange(batch[i].taker, nullptr);
      taker(values ? Result<Bytes>(std::move((*values)[i])) : Result<Bytes>(values.error()));
    }
  } catch (const std::exception& exception) {  // memory exhausted: nobody may wait for ever
    for (Item& item : batch)
      if (item.taker) item.taker(fail("base.internal", "{}", exception.what()));
  }
}

}  // namespace kyso::authority::status

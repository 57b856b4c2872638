#include "authority/status/signing_queue.h"

#include "base/metrics.h"

namespace kyso::authority::status {

Result<Bytes> SigningQueue::sign(const std::string& signer, Bytes response_data) {
  Item item{&signer, std::move(response_data), {}, false, {}};
  std::unique_lock lock(m_mutex);
  m_waiting.push_back(&item);
  if (m_leaders < m_at_once) {
    ++m_leaders;
    item.leads = true;
  }
  while (!item.result) {
    if (item.leads) {
      carry(lock, item);
    } else {
      item.changed.wait(lock, [&item] { return item.leads || item.result; });
    }
  }
  // Whoever led and has his answer hands the lead to one who waits still.
  if (item.leads) {
    if (m_waiting.empty()) {
      --m_leaders;
    } else {
      m_waiting.front()->leads = true;
      m_waiting.front()->changed.notify_one();
    }
  }
  return *std::move(item.result);
}

// The oldest, and those behind it with the same signer. Who should have led and is taken along leads no more.
std::vector<SigningQueue::Item*> SigningQueue::take_batch(const Item& leader) {
  std::vector<Item*> batch;
  const std::string& signer = *m_waiting.front()->signer;
  for (auto place = m_waiting.begin(); place != m_waiting.end() && batch.size() < m_together;) {
    Item* const item = *place;
    if (*item->signer != signer) {
      ++place;
      continue;
    }
    if (item->leads && item != &leader) {
      item->leads = false;
      --m_leaders;
    }
    batch.push_back(item);
    place = m_waiting.erase(place);
  }
  return batch;
}

// A leader without a result waits in the queue himself: it isn't empty.
void SigningQueue::carry(std::unique_lock<std::mutex>& lock, const Item& leader) {
  const std::vector<Item*> batch = take_batch(leader);
  std::vector<Bytes> data;
  data.reserve(batch.size());
  for (Item* item : batch) data.push_back(std::move(item->data));
  const std::string signer = *batch.front()->signer;
  lock.unlock();
  Result<std::vector<Bytes>> values = m_vault.sign_ocsp(signer, data);
  if (values && values->size() != batch.size()) values = fail("vault.protocol", "number of signatures");
  lock.lock();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (values) {
      batch[i]->result = std::move((*values)[i]);
    } else {
      batch[i]->result = values.error();
    }
    batch[i]->changed.notify_one();
  }
}

}  // namespace kyso::authority::status

#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <thread>

namespace kyso::authority::status {

// ReaderGate: readers pass without a lock and without waiting; a writer that has taken something out of their reach
// waits until all who may still see it have left, and then frees it.
class ReaderGate {
 public:
  class Pass {
   public:
    explicit Pass(ReaderGate& gate) : m_count(gate.enter()) {}
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    ~Pass() { m_count.fetch_sub(1, std::memory_order_release); }

   private:
    std::atomic<std::uint32_t>& m_count;
  };

  // One writer at a time. Who enters after this call has begun sees what was published before it.
  void wait_for_readers() {
    const std::uint32_t old = m_epoch.fetch_add(1) & 1U;
    for (const Cell& cell : m_cells)
      while (cell.counts[old].load() != 0) std::this_thread::yield();
  }

 private:
  // A cache line for each few threads.
  struct alignas(64) Cell {
    std::array<std::atomic<std::uint32_t>, 2> counts{};
  };

  std::atomic<std::uint32_t>& enter() {
    static std::atomic<std::uint32_t> threads{0};
    thread_local const std::uint32_t thread = threads.fetch_add(1);
    Cell& cell = m_cells[thread % m_cells.size()];
    while (true) {
      const std::uint32_t epoch = m_epoch.load();
      std::atomic<std::uint32_t>& count = cell.counts[epoch & 1U];
      count.fetch_add(1);
      // The writer turned the page in between: it may not have seen this reader.
      if (m_epoch.load() == epoch) return count;
      count.fetch_sub(1);
    }
  }

  std::array<Cell, 16> m_cells{};
  std::atomic<std::uint32_t> m_epoch{0};
};

}  // namespace kyso::authority::status

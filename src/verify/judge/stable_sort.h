#pragma once
#include <algorithm>
#include <numeric>
#include <vector>

// Private to the folder. std::stable_sort needs a function of the library that C++17 deprecated.
namespace kyso::verify {

template <typename T, typename Less>
void sort_stably(std::vector<T>& items, const Less& less) {
  std::vector<std::size_t> order(items.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    if (less(items[a], items[b])) return true;
    if (less(items[b], items[a])) return false;
    return a < b;
  });
  std::vector<T> sorted;
  sorted.reserve(items.size());
  for (const std::size_t i : order) sorted.push_back(std::move(items[i]));
  items = std::move(sorted);
}

}  // namespace kyso::verify

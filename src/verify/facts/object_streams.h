#pragma once
#include <unordered_set>

#include "base/finding.h"
#include "pdf/file/object_view.h"

// What is wrong with a file's object streams (case 24). Private to the module.
namespace kyso::verify {

struct ObjectStreamInput {
  const pdf::ObjectView& newest;
  const pdf::FileInventory& inventory;
  const std::unordered_set<std::uint32_t>& reached;       // that the newest revision leads to
  const std::unordered_set<std::uint32_t>& reached_free;  // of these: whose entry is free
  const std::unordered_set<std::uint32_t>& unreadable;    // told already
};
// At most `most` of each kind.
std::vector<Finding> examine_object_streams(const ObjectStreamInput& input, std::size_t most);

}  // namespace kyso::verify

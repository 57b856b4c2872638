#pragma once
#include "world.h"

namespace kyso::faults {

// What the director tells a worker, and what it hears: one letter each.
constexpr char kGo = 'g';     // begin to work
constexpr char kProbe = 'p';  // issue a certificate, tell when it is done
constexpr char kReady = 'r';  // recovered and idle; after kProbe: issued
constexpr char kCannotOpen = 'x';

enum class VaultPlace : std::uint8_t { same_process, other_process };

struct WorkerPlan {
  VaultPlace vault = VaultPlace::same_process;
  bool publishes_lists = false;
  unsigned seed = 0;
  int commands = -1, reports = -1;  // ends of pipes
};

// kysod without its HTTP: recovers by itself, reports, works with several threads until it is killed.
[[noreturn]] void run_worker(const World& world, const WorkerPlan& plan);
// kyso-vault without its configuration; writes kReady when its socket listens.
[[noreturn]] void run_vault(const World& world, int reports);

}  // namespace kyso::faults

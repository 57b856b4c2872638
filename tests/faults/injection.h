#pragma once
#include <atomic>
#include <cstdint>

// Faults of the operating system, injected below SQLite, libpq and the vault's socket: the program's own definitions of
// pwrite64, ftruncate64, fdatasync, send and sendmsg take the place of the C library's.
namespace kyso::faults {

enum class Role : std::uint8_t { authority, vault };
enum class How : std::uint8_t { before, torn, after };  // torn: half of the octets were written
enum class TokenState : std::uint8_t { present, fails, hangs };

// What one process does to itself. A step is one call of the functions above.
struct Trap {
  std::atomic<std::int64_t> steps{0}, kill_at{-1};
  std::atomic<How> how{How::before};
};

// Shared by the director of the tests and the processes that it starts.
struct Board {
  Trap traps[2];
  std::atomic<bool> is_armed{false};
  std::atomic<bool> is_full[2]{false, false};  // the disk below the database of this role
  std::atomic<TokenState> token{TokenState::present};
  std::atomic<std::uint64_t> refused_writes{0};
};

Board& board();  // made at the first call; children of the process share it
// From now on this process counts its steps. Its trap is that of this role.
void enter(Role role);
// Of the process itself: not counted, never refused.
long plain_write(int file, const void* octets, std::size_t size);

}  // namespace kyso::faults

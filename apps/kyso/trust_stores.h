#pragma once
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "pki/trust_store.h"

// The certification authorities that the user trusts (Circular 15/2025/TT-BKHCN: the user can add and remove them):
// those that come with Kyso, without those that the user removed, and the user's own.
namespace kyso::app {

std::filesystem::path user_trust_folder();
std::filesystem::path shipped_trust_folder();
Result<pki::TrustStore> load_trust_stores();

// While it lives, no other run of the program changes whom the user trusts.
class TrustFolderLock {
 public:
  static Result<TrustFolderLock> take();  // base.file.unwritable
  TrustFolderLock(TrustFolderLock&& other) noexcept : m_descriptor(std::exchange(other.m_descriptor, -1)) {}
  TrustFolderLock& operator=(TrustFolderLock&&) = delete;
  ~TrustFolderLock();

 private:
  explicit TrustFolderLock(int descriptor) : m_descriptor(descriptor) {}
  int m_descriptor;
};

// An authority that the user no longer trusts, shipped or their own.
struct RemovedAuthority {
  std::string sha256, name, reason, removed;
};
Result<std::vector<RemovedAuthority>> load_removed();
Result<> save_removed(const std::vector<RemovedAuthority>& list);

// An authority of the user's own; times as ISO 8601, empty when there is none.
struct OwnAuthority {
  std::string file, role, name, reason, added, trusted_from, trusted_until, revocation;
};
// Where the certificate with this fingerprint (hexadecimal) is kept.
std::string own_file_of(const std::string& sha256);
Result<std::vector<OwnAuthority>> load_own();
Result<> save_own(const std::vector<OwnAuthority>& list);
Result<> save_certificate(const std::string& file, ByteView der);

}  // namespace kyso::app

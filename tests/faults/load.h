#pragma once
#include <mutex>
#include <random>

#include "world.h"

namespace kyso::faults {

// What was answered, line by line in a file that outlives the process:
//   S request               submitted          A request person           approved
//   I request serial sha256 issued             W serial                   a change of this one's state was asked for
//   X serial state reason   its state now      U code detail              an error that no fault explains
class Acknowledgements {
 public:
  explicit Acknowledgements(const std::filesystem::path& path);
  void add(const std::string& line);

 private:
  FileDescriptor m_file;
  std::mutex m_mutex;
};

// One officers' desk, used by one thread: requests, approvals, and the same again when an answer is lost.
class Desk {
 public:
  Desk(authority::Authority& authority, Acknowledgements& acknowledgements, unsigned seed)
      : m_authority(authority), m_acknowledgements(acknowledgements), m_random(seed) {}
  // One action at random; at most `patience` for all of its attempts. False when it was not done in this time.
  bool act(std::chrono::milliseconds patience);
  // A certificate for a new person.
  bool issue(std::size_t lines, std::chrono::milliseconds patience);
  void adopt(const authority::CertificateRow& row) { m_mine.push_back(row); }

 private:
  using Lines = std::vector<pki::issue::CertificateRequest>;
  std::optional<authority::RequestView> carry(const vault::Request& request, const std::string& requester,
                                              const std::vector<std::string>& approvers,
                                              std::chrono::milliseconds patience);
  template <typename F>
  std::optional<authority::RequestView> insist(std::chrono::steady_clock::time_point until, F&& call);
  bool renew(std::chrono::milliseconds patience);
  bool change(std::chrono::milliseconds patience);
  void acknowledge_issued(const authority::RequestView& view);

  authority::Authority& m_authority;
  Acknowledgements& m_acknowledgements;
  std::mt19937 m_random;
  std::vector<authority::CertificateRow> m_mine;
};

}  // namespace kyso::faults

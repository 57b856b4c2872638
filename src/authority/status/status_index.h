#pragma once
#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "authority/model.h"
#include "authority/status/reader_gate.h"

namespace kyso::authority::status {

// What the responders tell about one certificate. Never `waiting`: that is told as not issued.
struct Standing {
  CertificateState state = CertificateState::good;
  std::optional<int> reason;  // CRLReason
  Instant changed{};          // revocation time
  Instant not_after{};
  friend bool operator==(const Standing&, const Standing&) = default;
};

// StatusIndex: serial → standing for the certificates of all issuers, in memory: 40 octets each, in tables that are
// half to four fifths full. Readers take no lock; what one call of find() gives was true at one moment. Writers work
// one after the other.
class StatusIndex {
 public:
  using Issuer = std::uint32_t;
  static constexpr std::size_t kMaxSerial = 20;  // longer ones are not kept: nobody issues them

  StatusIndex();
  ~StatusIndex();
  // The number that stands for an issuer's name here. Takes a lock.
  Issuer issuer(std::string_view name);
  std::optional<Standing> find(Issuer issuer, ByteView serial) const;
  void set(Issuer issuer, ByteView serial, const Standing& standing);
  // Only when it is absent: what came by an event is newer than what was looked up.
  void add(Issuer issuer, ByteView serial, const Standing& standing);
  void reserve(std::size_t certificates);
  void clear();
  std::size_t size() const;
  std::size_t memory() const;

 private:
  struct Slot;
  struct Table;
  // By the first bits of the hash: one that grows is small, and the others aren't touched.
  struct Segment {
    std::atomic<Table*> table{nullptr};
  };
  void write(Issuer issuer, ByteView serial, const Standing& standing, bool replaces);
  void replace(Segment& segment, std::unique_ptr<Table> fresh);
  static constexpr std::size_t kSegments = 64;

  mutable ReaderGate m_gate;
  std::array<Segment, kSegments> m_segments;
  mutable std::mutex m_mutex;  // of writers
  std::map<std::string, Issuer, std::less<>> m_issuers;
  std::atomic<std::size_t> m_size{0};
};

}  // namespace kyso::authority::status

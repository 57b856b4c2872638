#pragma once
#include <map>
#include <set>

#include "world.h"

namespace kyso::faults {

struct Tally {
  std::size_t submitted = 0, approved = 0, issued = 0, changed = 0;  // acknowledged
  std::size_t signed_by_vault = 0, prepared = 0, voided = 0, status_events = 0, lists = 0;
};

// Compares what was acknowledged, what the vault's journal says and what is on record. The authority has recovered and
// rests. It remembers what it saw: nothing may go backwards.
class Checker {
 public:
  explicit Checker(const World& world) : m_world(world) {}
  // What is wrong; empty: nothing.
  std::vector<std::string> check();
  // The independent check of the whole audit log, beside the database.
  std::vector<std::string> check_log();
  const Tally& tally() const { return m_tally; }

 private:
  struct Stored {
    std::string request, reference, state, reason;
    Bytes der;
    bool is_signed = false;
  };
  struct Intent {
    std::string request, reference;
    std::int64_t state = 0;
    Bytes linting, certificate;
  };
  struct Acknowledged {
    std::string request, sha256, state = "good", reason = "-";
    bool may_change = false;  // a change was asked for since
  };
  void read_acknowledgements();
  Result<> read_vault();
  Result<> read_database();
  void compare();
  void compare_signed(const std::string& serial, const Intent& intent);
  void compare_acknowledged();
  void check_certificate(const std::string& serial, const Intent& intent);
  void wrong(std::string text) { m_wrong.push_back(std::move(text)); }

  const World& m_world;
  std::vector<std::string> m_wrong;
  Tally m_tally;
  std::streamoff m_read = 0;
  std::set<std::string> m_submitted;
  std::set<std::pair<std::string, std::string>> m_approved;
  std::map<std::string, Acknowledged> m_acknowledged;  // by serial

  std::map<std::string, Intent> m_intents;  // by serial
  std::map<std::string, Stored> m_stored;
  std::map<std::string, std::string> m_requests;  // id: state
  std::set<std::pair<std::string, std::string>> m_approvals;
  std::map<std::string, std::string> m_events;  // serial: state of the last event
  std::set<std::string> m_seen_signed, m_seen_void;
  std::map<std::string, std::int64_t> m_numbers;
};

}  // namespace kyso::faults

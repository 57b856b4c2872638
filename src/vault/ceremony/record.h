#pragma once
#include "vault/ceremony/run.h"

// Checking afterwards that everything is as the transcript says.
namespace kyso::vault::ceremony {

struct RecordOptions {
  std::filesystem::path folder;
  std::optional<token::PinSource> pins;  // absent: tokens aren't looked at
  std::string default_module;
};

enum class Check : std::uint8_t {
  transcript,   // whole, and of this plan
  approvals,    // as many as the plan demands, good when the ceremony began
  order,        // every step announced before, none missing, none twice
  certificate,  // says what was linted, by the key that was generated, under its issuer
  list,         // a root's list of revoked certificates, by its key
  lint,         // today's rules
  file,         // there, with the recorded digest
  key,          // in its token, the same
};
struct Observation {
  Check check = Check::transcript;
  enum class Outcome : std::uint8_t { good, bad, absent } outcome = Outcome::good;
  std::string subject;  // key, file or person
  std::string detail;   // of what is bad: technical English
};
std::string_view word_of(Check check);

struct RecordResult {
  std::vector<Observation> observations;
  Bytes transcript_sha256;
  // What came out, as far as it could be read: earlier roots' certificates, too.
  std::map<std::string, crypto::Certificate> certificates;
  std::map<std::string, Bytes> lists;
  bool is_good() const;  // nothing bad; a token that isn't there is no fault
};
// base.file.missing without a transcript; everything else is an observation.
Result<RecordResult> check_record(const Plan& plan, const RecordOptions& options);

}  // namespace kyso::vault::ceremony

#pragma once
#include <map>
#include <optional>

#include "audit/verify.h"

// Private to the verifier.
namespace kyso::audit {

constexpr std::size_t kMaxProblems = 1'000;

// What the log says of one certificate in the end.
struct LoggedCertificate {
  std::string state;   // as the certificate table would have it
  std::string sha256;  // of its DER, once issued
};

struct VerifyState {
  const VerifyOptions& options;
  VerifyReport report;
  std::map<std::string, LoggedCertificate> certificates;  // by "issuer/serial"
  std::map<std::string, std::string> recorded;            // SHA-256 of the certificate on record, by intent

  void problem(std::string_view code, std::string place, std::string detail = {}) {
    if (report.problems.size() < kMaxProblems)
      report.problems.push_back({std::string(code), std::move(place), std::move(detail)});
    else
      report.is_complete = false;
  }
};

// What an event does to the certificate that it is about.
void follow(VerifyState& state, const std::string& leaf, std::uint64_t index);
Result<std::vector<std::string>> read_entries(const std::filesystem::path& folder, std::uint64_t number,
                                              std::size_t width);
Result<> verify_files(VerifyState& state);
Result<> verify_database(VerifyState& state);

}  // namespace kyso::audit

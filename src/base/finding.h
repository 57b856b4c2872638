#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kyso {

// How much a finding weighs. `note` tells a state (no time-stamp, status not published) and never decides; the others
// are ordered by weight.
enum class Severity : std::uint8_t { note, info, warning, indeterminate, failure };

// Finding: something that was observed or concluded about a document, a certificate, a time-stamp.
//
// Verification collects findings and never fails. The code is a stable dotted id ("byterange.hole",
// "pki.certificate.expired"); sentences for people are made from it at the edge (verify/report/explain.h). The places
// are those in the file, where there is one.
struct Finding {
  std::string code;
  Severity severity = Severity::info;
  std::optional<std::uint64_t> offset, length;  // bytes of the file
  std::optional<std::uint32_t> object;          // object number
  std::optional<std::size_t> revision;          // counts from 1, as people do
  std::optional<std::size_t> page;              // counts from 1
  std::vector<std::pair<std::string, std::string>> parameters;

  Finding() = default;
  explicit Finding(std::string_view id, Severity weight = Severity::info) : code(id), severity(weight) {}
  Finding& with(std::string_view name, std::string_view value) {
    parameters.emplace_back(name, value);
    return *this;
  }
  Finding& at(std::uint64_t byte_offset, std::optional<std::uint64_t> byte_length = std::nullopt) {
    offset = byte_offset;
    length = byte_length;
    return *this;
  }
  friend bool operator==(const Finding&, const Finding&) = default;
};

}  // namespace kyso

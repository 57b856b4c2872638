#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/time.h"

// Private to the module: answers of services, kept between runs.
namespace kyso::verify {

// AnswerCache: one file per request in a folder: a line of JSON (version, url, fetched, expires), then the answer.
//
// Files appear complete or not at all, so that several programs may share the folder. What can't be read or written is
// as if it were not there: a cache never fails a verification. Nothing in it is trusted: answers are checked like
// those that come over the network.
class AnswerCache {
 public:
  // An empty folder: nothing is kept.
  explicit AnswerCache(std::filesystem::path folder) : m_folder(std::move(folder)) {}

  struct Answer {
    Bytes body;
    Instant fetched{};
  };
  // `request`: the body that was sent, without what differs each time. Nothing when it expired.
  std::optional<Answer> find(const std::string& url, ByteView request, Instant now) const;
  void keep(const std::string& url, ByteView request, ByteView body, Instant fetched, Instant expires) const;

 private:
  std::filesystem::path file_of(const std::string& url, ByteView request) const;
  std::filesystem::path m_folder;
};

}  // namespace kyso::verify

#pragma once
/// Answers that are still good.

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "milterd/resolver.hpp"

namespace milterd {

/// libunbound has a cache of its own, but an answer out of it goes through two threads. This one
/// holds the records of the names that were asked for last, for as long as DNS says. Thread-safe.
class AnswerCache {
 public:
  using Clock = std::chrono::steady_clock;

  /// `most_bytes` bounds names and records together.
  explicit AnswerCache(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  /// `key` is the name in lower case, without a dot at the end. Null where nothing is known, or no
  /// longer.
  std::shared_ptr<const TxtAnswer> find(std::string_view key, Clock::time_point now);
  /// Keeps `answer` for `ttl`, at most an hour.
  void keep(std::string_view key, std::shared_ptr<const TxtAnswer> answer, std::chrono::seconds ttl,
            Clock::time_point now);

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const TxtAnswer> answer;
    Clock::time_point until;
    std::size_t bytes;
  };
  using Entries = std::list<Entry>;  ///< The one used last is in front.

  void remove(Entries::iterator entry);

  const std::size_t most_bytes_;
  std::mutex mutex_;
  Entries entries_;
  std::unordered_map<std::string_view, Entries::iterator> places_;
  std::size_t bytes_ = 0;
};

}  // namespace milterd

#pragma once
/// The questions that libunbound is working on, and the answers that it gave.

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "milterd/dns/answer_cache.hpp"
#include "milterd/dns/pending_txt.hpp"

namespace milterd {

/// Each name is asked for once at a time, whoever wants to know. libunbound cannot be made to drop
/// a question, so one that nobody waits for any more keeps its place until its answer comes.
/// Thread-safe.
///
/// Names whose nameservers are dead hold their places longest. So that they cannot take them all,
/// no domain gets more than a share of them once half are taken. A domain is the last two labels.
class QuestionTable {
 public:
  static constexpr std::size_t most_cached_bytes = 4 * 1024 * 1024;

  struct Question {
    QuestionTable& table;
    const std::string name;
    const std::shared_ptr<PendingTxt> pending;
  };
  struct Place {
    std::shared_ptr<const TxtAnswer> known = {};  ///< If nobody needs to be asked.
    std::shared_ptr<PendingTxt> pending = {};     ///< If somebody is asked.
    Question* added = nullptr;                    ///< If that has to be begun; end() is due then.
    std::string refusal = {};                     ///< If the name was refused: why.
  };

  explicit QuestionTable(std::size_t most)
      : known_(most_cached_bytes), most_(most), share_(share_of(most)) {}

  /// `name` is a domain name; letter case and a dot at the end do not matter.
  Place find_or_add(std::string_view name);
  /// Tells all who wait. Its place is free, and `answer` is known for `ttl`.
  void end(const Question& question, TxtAnswer answer, std::chrono::seconds ttl);
  /// Tells all who wait for anything; the questions stay.
  void answer_all(TxtAnswer answer);

  std::size_t size() const;
  /// The most places for one domain once half are taken.
  static std::size_t share_of(std::size_t most);

 private:
  std::unique_ptr<Question> take(const Question& question);

  AnswerCache known_;
  const std::size_t most_;
  const std::size_t share_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string_view, std::unique_ptr<Question>> questions_;
  std::map<std::string, std::size_t, std::less<>> domains_;  ///< How many places each has.
};

}  // namespace milterd

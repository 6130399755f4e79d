#pragma once
/// The process's resolver: one libunbound context with its cache, two threads (libunbound's own and
/// the one that hands out its answers), any number of callers.

#include <chrono>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "milterd/config/config.hpp"
#include "milterd/dns/answer_thread.hpp"
#include "milterd/dns/pending_txt.hpp"
#include "milterd/dns/unbound_context.hpp"
#include "milterd/resolver.hpp"
#include "milterd/result.hpp"

struct ub_result;

namespace milterd {

class UnboundResolver final : public Resolver {
 public:
  /// Starts the threads, with all signals blocked, and asks nobody anything. Error: a nameserver
  /// that is none, an unreadable /etc/resolv.conf, or no more descriptors or threads.
  static Result<std::unique_ptr<UnboundResolver>> create(const DnsSettings& settings);
  UnboundResolver(UnboundContext context, std::chrono::milliseconds timeout);
  /// Ends at once, whatever is under way. Look-ups that are still waited for answer `temporary`;
  /// they may outlive the resolver.
  ~UnboundResolver();
  UnboundResolver(const UnboundResolver&) = delete;
  UnboundResolver(UnboundResolver&&) = delete;
  UnboundResolver& operator=(const UnboundResolver&) = delete;
  UnboundResolver& operator=(UnboundResolver&&) = delete;

  /// What cannot be a domain name is answered `none`; a look-up too many at once, `temporary`.
  std::unique_ptr<TxtLookup> lookup_txt(std::string_view name) override;

 private:
  struct Question;
  static void on_answer(void* question, int error, ub_result* result);

  Result<> start();
  /// Null where there are too many.
  Question* add_question(std::shared_ptr<PendingTxt> pending);
  std::unique_ptr<Question> take_question(const Question* question);

  const std::chrono::milliseconds timeout_;
  std::mutex mutex_;  ///< Guards questions_.
  std::unordered_map<const Question*, std::unique_ptr<Question>> questions_;
  UnboundContext context_;
  std::unique_ptr<AnswerThread> answer_thread_;
};

}  // namespace milterd

#pragma once
/// The process's resolver: one libunbound context with its cache and a smaller one in front, two
/// threads (libunbound's own and the one that hands out its answers), any number of callers.

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "milterd/config/config.hpp"
#include "milterd/dns/answer_thread.hpp"
#include "milterd/dns/question_table.hpp"
#include "milterd/dns/unbound_context.hpp"
#include "milterd/resolver.hpp"
#include "milterd/result.hpp"

struct ub_result;

namespace milterd {

class UnboundResolver final : public Resolver {
 public:
  /// Starts the threads, with all signals blocked, and asks nobody anything. Error: a nameserver
  /// that is none, an unreadable /etc/resolv.conf, a trust anchor file without a key, or no more
  /// descriptors or threads.
  static Result<std::unique_ptr<UnboundResolver>> create(const DnsSettings& settings);
  UnboundResolver(UnboundContext context, const DnsSettings& settings);
  /// Ends at once, whatever is under way. Look-ups that are still waited for answer `temporary`;
  /// they may outlive the resolver.
  ~UnboundResolver();
  UnboundResolver(const UnboundResolver&) = delete;
  UnboundResolver(UnboundResolver&&) = delete;
  UnboundResolver& operator=(const UnboundResolver&) = delete;
  UnboundResolver& operator=(UnboundResolver&&) = delete;

  /// What cannot be a domain name is answered `none`; a look-up too many at once, `temporary`.
  std::unique_ptr<TxtLookup> lookup_txt(std::string_view name) override;
  /// Names that libunbound is asking for, whether or not anybody still waits.
  std::size_t under_way() const { return questions_.size(); }

 private:
  static void on_answer(void* question, int error, ub_result* result);

  Result<> start();
  bool validating() const { return !trust_anchor_file_.empty(); }
  std::unique_ptr<TxtLookup> known(TxtAnswer answer) const;
  std::unique_ptr<TxtLookup> known(std::shared_ptr<const TxtAnswer> answer) const;

  const std::chrono::milliseconds timeout_;
  const std::string trust_anchor_file_;
  QuestionTable questions_;
  UnboundContext context_;
  std::unique_ptr<AnswerThread> answer_thread_;
};

}  // namespace milterd

#include "milterd/dns/unbound_resolver.hpp"

#include <algorithm>
#include <cerrno>
#include <signal.h>
#include <string>
#include <sys/eventfd.h>
#include <system_error>
#include <unbound.h>
#include <utility>

#include "milterd/dns/domain_name.hpp"
#include "milterd/dns/txt_answer.hpp"
#include "milterd/util/unique_fd.hpp"

namespace milterd {
namespace {

constexpr int type_txt = 16;
constexpr int class_internet = 1;

struct ResultDeleter {
  void operator()(ub_result* result) const { ub_resolve_free(result); }
};
using UnboundResult = std::unique_ptr<ub_result, ResultDeleter>;

TxtAnswer copy_of(const TxtAnswer& answer, bool validating) {
  TxtAnswer copy = answer;
  copy.validating = validating;
  return copy;
}

/// Waits for a question that others may wait for too, each for as long as he likes.
class WaitingLookup final : public TxtLookup {
 public:
  WaitingLookup(std::shared_ptr<PendingTxt> pending, std::chrono::milliseconds timeout,
                bool validating)
      : pending_(std::move(pending)),
        timeout_(timeout),
        give_up_(std::chrono::steady_clock::now() + timeout),
        validating_(validating) {}

  TxtAnswer wait(std::chrono::steady_clock::time_point deadline) override {
    const auto answer = pending_->wait(std::min(deadline, give_up_));
    return copy_of(answer ? *answer : none_in_time(deadline), validating_);
  }

 private:
  TxtAnswer none_in_time(std::chrono::steady_clock::time_point deadline) const {
    return no_records(TxtAnswer::Status::temporary,
                      deadline < give_up_ ? "the nameservers gave no answer before the deadline"
                                          : "the nameservers gave no answer within " +
                                                std::to_string(timeout_.count()) + " ms");
  }

  const std::shared_ptr<PendingTxt> pending_;
  const std::chrono::milliseconds timeout_;
  const std::chrono::steady_clock::time_point give_up_;
  const bool validating_;
};

class KnownLookup final : public TxtLookup {
 public:
  KnownLookup(std::shared_ptr<const TxtAnswer> answer, bool validating)
      : answer_(std::move(answer)), validating_(validating) {}

  TxtAnswer wait(std::chrono::steady_clock::time_point /*deadline*/) override {
    return copy_of(*answer_, validating_);
  }

 private:
  const std::shared_ptr<const TxtAnswer> answer_;
  const bool validating_;
};

/// For the calling thread, and so for the threads it starts meanwhile.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals(BlockedSignals&&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;
  BlockedSignals& operator=(BlockedSignals&&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

Result<std::unique_ptr<UnboundResolver>> UnboundResolver::create(const DnsSettings& settings) {
  Result<UnboundContext> context = make_unbound_context(settings);
  if (!context) {
    return std::unexpected(context.error());
  }
  auto resolver = std::make_unique<UnboundResolver>(*std::move(context), settings);
  if (Result<> started = resolver->start(); !started) {
    return std::unexpected(started.error());
  }
  return resolver;
}

UnboundResolver::UnboundResolver(UnboundContext context, const DnsSettings& settings)
    : timeout_(settings.timeout),
      trust_anchor_file_(settings.trust_anchor_file),
      questions_(most_lookups()),
      context_(std::move(context)) {}

UnboundResolver::~UnboundResolver() {
  answer_thread_.reset();
  context_.reset();
  questions_.answer_all(no_records(TxtAnswer::Status::temporary, "the resolver has been stopped"));
}

Result<> UnboundResolver::start() {
  UniqueFd stop(eventfd(0, EFD_CLOEXEC));
  if (!stop) {
    return fail("cannot make an eventfd for the resolver: " +
                std::generic_category().message(errno));
  }
  const BlockedSignals blocked;
  try {
    answer_thread_ = std::make_unique<AnswerThread>(*context_, std::move(stop));
  } catch (const std::system_error& error) {
    return fail(std::string("cannot start the resolver's thread: ") + error.what());
  }
  // libunbound checks its settings and starts its thread with the first question.
  const int error = ub_resolve_async(
      context_.get(), internal_name, type_txt, class_internet, nullptr,
      [](void*, int, ub_result* result) { UnboundResult(result).reset(); }, nullptr);
  if (error != 0) {
    const std::string cause =
        trust_anchor_file_.empty()
            ? ""
            : "; is one of the keys in trust_anchor_file '" + trust_anchor_file_ + "' broken?";
    return fail(std::string("cannot start libunbound: ") + ub_strerror(error) + cause);
  }
  return {};
}

void UnboundResolver::on_answer(void* argument, int error, ub_result* result) {
  const UnboundResult owned(result);
  const auto& question = *static_cast<QuestionTable::Question*>(argument);
  const int ttl = result == nullptr ? 0 : result->ttl;
  question.table.end(question, txt_answer(error, result), std::chrono::seconds(ttl));
}

std::unique_ptr<TxtLookup> UnboundResolver::known(TxtAnswer answer) const {
  return known(std::make_shared<const TxtAnswer>(std::move(answer)));
}

std::unique_ptr<TxtLookup> UnboundResolver::known(std::shared_ptr<const TxtAnswer> answer) const {
  return std::make_unique<KnownLookup>(std::move(answer), validating());
}

std::unique_ptr<TxtLookup> UnboundResolver::lookup_txt(std::string_view name) {
  if (!is_domain_name(name)) {
    return known(no_records(TxtAnswer::Status::none, "this is not a domain name"));
  }
  if (!answer_thread_->alive()) {
    return known(
        no_records(TxtAnswer::Status::temporary, "libunbound has broken down; restart milterd"));
  }
  QuestionTable::Place place = questions_.find_or_add(name);
  if (place.known != nullptr) {
    return known(std::move(place.known));
  }
  if (place.pending == nullptr) {
    return known(no_records(TxtAnswer::Status::temporary, std::move(place.refusal)));
  }
  if (place.added != nullptr) {
    const int error = ub_resolve_async(context_.get(), std::string(name).c_str(), type_txt,
                                       class_internet, place.added, on_answer, nullptr);
    if (error != 0) {
      questions_.end(*place.added, txt_answer(error, nullptr), std::chrono::seconds(0));
    }
  }
  return std::make_unique<WaitingLookup>(std::move(place.pending), timeout_, validating());
}

}  // namespace milterd

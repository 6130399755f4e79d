#include "milterd/dns/unbound_resolver.hpp"

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

class Lookup final : public TxtLookup {
 public:
  explicit Lookup(std::shared_ptr<PendingTxt> pending) : pending_(std::move(pending)) {}
  TxtAnswer wait(std::chrono::steady_clock::time_point deadline) override {
    return pending_->wait(deadline);
  }

 private:
  const std::shared_ptr<PendingTxt> pending_;
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

struct UnboundResolver::Question {
  UnboundResolver& resolver;
  std::shared_ptr<PendingTxt> pending;
};

Result<std::unique_ptr<UnboundResolver>> UnboundResolver::create(const DnsSettings& settings) {
  Result<UnboundContext> context = make_unbound_context(settings);
  if (!context) {
    return std::unexpected(context.error());
  }
  auto resolver = std::make_unique<UnboundResolver>(*std::move(context), settings.timeout);
  if (Result<> started = resolver->start(); !started) {
    return std::unexpected(started.error());
  }
  return resolver;
}

UnboundResolver::UnboundResolver(UnboundContext context, std::chrono::milliseconds timeout)
    : timeout_(timeout), context_(std::move(context)) {}

UnboundResolver::~UnboundResolver() {
  answer_thread_.reset();
  context_.reset();
  for (const auto& [key, question] : questions_) {
    question->pending->set(
        no_records(TxtAnswer::Status::temporary, "the resolver has been stopped"));
  }
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
    return fail(std::string("cannot start libunbound: ") + ub_strerror(error));
  }
  return {};
}

UnboundResolver::Question* UnboundResolver::add_question(std::shared_ptr<PendingTxt> pending) {
  auto question = std::make_unique<Question>(*this, std::move(pending));
  Question* const key = question.get();
  const std::lock_guard lock(mutex_);
  if (questions_.size() >= most_lookups) {
    return nullptr;
  }
  questions_.emplace(key, std::move(question));
  return key;
}

std::unique_ptr<UnboundResolver::Question> UnboundResolver::take_question(
    const Question* question) {
  const std::lock_guard lock(mutex_);
  return std::move(questions_.extract(question).mapped());
}

void UnboundResolver::on_answer(void* argument, int error, ub_result* result) {
  const UnboundResult owned(result);
  const auto* const asked = static_cast<Question*>(argument);
  const std::unique_ptr<Question> question = asked->resolver.take_question(asked);
  question->pending->set(txt_answer(error, result));
}

std::unique_ptr<TxtLookup> UnboundResolver::lookup_txt(std::string_view name) {
  auto pending = std::make_shared<PendingTxt>(timeout_);
  auto lookup = std::make_unique<Lookup>(pending);
  if (!is_domain_name(name)) {
    pending->set(no_records(TxtAnswer::Status::none, "this is not a domain name"));
    return lookup;
  }
  if (!answer_thread_->alive()) {
    pending->set(
        no_records(TxtAnswer::Status::temporary, "libunbound has broken down; restart milterd"));
    return lookup;
  }
  Question* const question = add_question(pending);
  if (question == nullptr) {
    pending->set(no_records(
        TxtAnswer::Status::temporary,
        "more than " + std::to_string(most_lookups) + " look-ups are under way already"));
    return lookup;
  }
  const int error = ub_resolve_async(context_.get(), std::string(name).c_str(), type_txt,
                                     class_internet, question, on_answer, nullptr);
  if (error != 0) {
    take_question(question);
    pending->set(txt_answer(error, nullptr));
  }
  return lookup;
}

}  // namespace milterd

#include "milterd/dns/question_table.hpp"

#include <algorithm>
#include <utility>

#include "milterd/ascii.hpp"

namespace milterd {
namespace {

constexpr std::size_t shares = 32;

/// A view of the last two labels of `name`, which has no dot at its end.
std::string_view domain_of(std::string_view name) {
  const std::size_t last = name.rfind('.');
  if (last == std::string_view::npos || last == 0) {
    return name;
  }
  const std::size_t before = name.rfind('.', last - 1);
  return before == std::string_view::npos ? name : name.substr(before + 1);
}

}  // namespace

std::size_t QuestionTable::share_of(std::size_t most) {
  return std::max<std::size_t>(most / shares, 1);
}

QuestionTable::Place QuestionTable::find_or_add(std::string_view name) {
  if (name.ends_with('.')) {
    name.remove_suffix(1);
  }
  std::string key = to_lower(name);
  if (auto known = known_.find(key, AnswerCache::Clock::now())) {
    return {.known = std::move(known)};
  }
  const std::string domain(domain_of(key));
  const std::lock_guard lock(mutex_);
  if (const auto found = questions_.find(key); found != questions_.end()) {
    return {.pending = found->second->pending};
  }
  if (questions_.size() >= most_) {
    return {.refusal = "more than " + std::to_string(most_) + " look-ups are under way already"};
  }
  const auto count = domains_.find(domain);
  if (questions_.size() >= most_ / 2 && count != domains_.end() && count->second >= share_) {
    return {.refusal = "the nameservers are slow, and more than " + std::to_string(share_) +
                       " look-ups in " + domain + " wait already"};
  }
  auto pending = std::make_shared<PendingTxt>();
  auto question = std::make_unique<Question>(*this, std::move(key), pending);
  Question* const added = question.get();
  questions_.emplace(added->name, std::move(question));
  ++domains_[domain];
  return {.pending = std::move(pending), .added = added};
}

std::unique_ptr<QuestionTable::Question> QuestionTable::take(const Question& question) {
  const std::lock_guard lock(mutex_);
  const auto count = domains_.find(domain_of(question.name));
  if (--count->second == 0) {
    domains_.erase(count);
  }
  return std::move(questions_.extract(question.name).mapped());
}

void QuestionTable::end(const Question& question, TxtAnswer answer, std::chrono::seconds ttl) {
  const auto ended = take(question);
  const auto shared = std::make_shared<const TxtAnswer>(std::move(answer));
  if (shared->status == TxtAnswer::Status::found || shared->status == TxtAnswer::Status::none) {
    known_.keep(ended->name, shared, ttl, AnswerCache::Clock::now());
  }
  ended->pending->set(shared);
}

void QuestionTable::answer_all(TxtAnswer answer) {
  const auto shared = std::make_shared<const TxtAnswer>(std::move(answer));
  const std::lock_guard lock(mutex_);
  for (const auto& [name, question] : questions_) {
    question->pending->set(shared);
  }
}

std::size_t QuestionTable::size() const {
  const std::lock_guard lock(mutex_);
  return questions_.size();
}

}  // namespace milterd

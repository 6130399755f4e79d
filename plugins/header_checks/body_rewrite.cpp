#include "plugins/header_checks/body_rewrite.hpp"

#include <utility>

namespace milterd::header_checks {
namespace {

/// More than a sane rule adds to a message, and little enough to hold for every message in hand.
constexpr std::size_t most_growth = 16UL * 1024 * 1024;

}  // namespace

Result<> BodyRewrite::replace(std::size_t begin, std::size_t end, std::string_view text) {
  if (!changed_) {
    result_.reserve(body_.size());
    changed_ = true;
  }
  result_.append(body_.substr(done_, begin - done_)).append(text);
  done_ = end;
  if (result_.size() > done_ + most_growth) {
    return fail("the rules' texts would make the body grow by more than " +
                std::to_string(most_growth) + " bytes");
  }
  return {};
}

std::string BodyRewrite::finish() {
  result_.append(body_.substr(done_));
  return std::move(result_);
}

}  // namespace milterd::header_checks

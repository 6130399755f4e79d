#pragma once
/// DNS as the test says it is.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "milterd/resolver.hpp"

namespace milterd::test {

class FakeResolver final : public Resolver {
 public:
  std::unique_ptr<TxtLookup> lookup_txt(std::string_view name) override {
    asked.emplace_back(name);
    TxtAnswer answer;
    answer.status = TxtAnswer::Status::none;
    if (const auto found = answers.find(name); found != answers.end()) {
      answer = found->second;
    }
    return std::make_unique<Lookup>(std::move(answer));
  }

  void set_records(const std::string& name, std::vector<std::string> records) {
    answers[name] = {TxtAnswer::Status::found, false, std::move(records), {}};
  }

  std::map<std::string, TxtAnswer, std::less<>> answers;
  std::vector<std::string> asked;

 private:
  class Lookup final : public TxtLookup {
   public:
    explicit Lookup(TxtAnswer answer) : answer_(std::move(answer)) {}
    TxtAnswer wait(std::chrono::steady_clock::time_point /*deadline*/) override { return answer_; }

   private:
    TxtAnswer answer_;
  };
};

}  // namespace milterd::test

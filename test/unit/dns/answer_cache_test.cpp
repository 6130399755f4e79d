#include "milterd/dns/answer_cache.hpp"

#include <chrono>
#include <cstddef>
#include <doctest/doctest.h>
#include <memory>
#include <string>

using milterd::AnswerCache;
using milterd::TxtAnswer;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<const TxtAnswer> record(std::string text) {
  TxtAnswer answer;
  answer.status = TxtAnswer::Status::found;
  answer.records.push_back(std::move(text));
  return std::make_shared<const TxtAnswer>(std::move(answer));
}

constexpr AnswerCache::Clock::time_point start{};

}  // namespace

TEST_CASE("an answer is found until its time is over") {
  AnswerCache cache(10'000);
  const auto answer = record("v=DKIM1");
  cache.keep("a.example", answer, 60s, start);
  CHECK(cache.find("a.example", start) == answer);
  CHECK(cache.find("a.example", start + 59s) == answer);
  CHECK(cache.find("b.example", start) == nullptr);
  CHECK(cache.find("a.example", start + 60s) == nullptr);
  CHECK(cache.find("a.example", start) == nullptr);
}

TEST_CASE("no answer is kept for more than an hour, and none without a time") {
  AnswerCache cache(10'000);
  cache.keep("a.example", record("x"), 24h, start);
  CHECK(cache.find("a.example", start + 3599s) != nullptr);
  CHECK(cache.find("a.example", start + 1h) == nullptr);
  cache.keep("b.example", record("x"), 0s, start);
  CHECK(cache.find("b.example", start) == nullptr);
}

TEST_CASE("a newer answer takes the place of an older one") {
  AnswerCache cache(10'000);
  const auto newer = record("new");
  cache.keep("a.example", record("old"), 60s, start);
  cache.keep("a.example", newer, 60s, start);
  CHECK(cache.find("a.example", start) == newer);
  cache.keep("a.example", record("gone"), 0s, start);
  CHECK(cache.find("a.example", start) == nullptr);
}

TEST_CASE("when it is full, what was not asked for the longest time goes") {
  constexpr std::size_t room_for_three = 3 * 1500;
  AnswerCache cache(room_for_three);
  const std::string text(1000, 'x');
  for (const char* name : {"a.example", "b.example", "c.example"}) {
    cache.keep(name, record(text), 60s, start);
  }
  CHECK(cache.find("a.example", start) != nullptr);
  cache.keep("d.example", record(text), 60s, start);
  CHECK(cache.find("b.example", start) == nullptr);
  for (const char* name : {"a.example", "c.example", "d.example"}) {
    CHECK(cache.find(name, start) != nullptr);
  }
  cache.keep("huge.example", record(std::string(10'000, 'x')), 60s, start);
  CHECK(cache.find("huge.example", start) == nullptr);
  CHECK(cache.find("d.example", start) != nullptr);
}

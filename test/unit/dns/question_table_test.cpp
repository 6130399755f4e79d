#include "milterd/dns/question_table.hpp"

#include <chrono>
#include <cstddef>
#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "milterd/dns/txt_answer.hpp"

using milterd::QuestionTable;
using milterd::TxtAnswer;
using namespace std::chrono_literals;

namespace {

/// Names under `domain`, each another, until one is refused or `count` have been added.
std::size_t fill(QuestionTable& table, const std::string& domain, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (table.find_or_add("n" + std::to_string(i) + "._domainkey." + domain).added == nullptr) {
      return i;
    }
  }
  return count;
}

}  // namespace

TEST_CASE("a name is asked for once, however it is spelled, and all who wait share the answer") {
  QuestionTable table(8);
  const auto first = table.find_or_add("S1._domainkey.Example.org");
  const auto second = table.find_or_add("s1._domainkey.example.ORG.");
  REQUIRE(first.added != nullptr);
  CHECK(first.added->name == "s1._domainkey.example.org");
  CHECK(second.added == nullptr);
  CHECK(second.pending == first.pending);
  CHECK(table.size() == 1);
  table.end(*first.added, milterd::no_records(TxtAnswer::Status::none, ""), 0s);
  CHECK(second.pending->wait(std::chrono::steady_clock::now())->status == TxtAnswer::Status::none);
  CHECK(table.size() == 0);
  CHECK(table.find_or_add("s1._domainkey.example.org").added != nullptr);
}

TEST_CASE("a full table refuses new names, and joins those that are asked already") {
  QuestionTable table(4);
  for (const char* name : {"a.one.test", "a.two.test", "a.three.test", "a.four.test"}) {
    REQUIRE(table.find_or_add(name).added != nullptr);
  }
  const auto refused = table.find_or_add("a.five.test");
  CHECK(refused.pending == nullptr);
  CHECK(refused.added == nullptr);
  CHECK(refused.refusal == "more than 4 look-ups are under way already");
  CHECK(table.find_or_add("a.one.test").pending != nullptr);
}

TEST_CASE("once half of the places are taken, no domain gets more than its share") {
  constexpr std::size_t most = 1024;
  constexpr std::size_t share = 32;
  REQUIRE(QuestionTable::share_of(most) == share);
  QuestionTable table(most);
  CHECK(fill(table, "dead.example", most) == most / 2);
  const auto refused = table.find_or_add("more._domainkey.sub.dead.example");
  CHECK(refused.refusal ==
        "the nameservers are slow, and more than 32 look-ups in dead.example wait already");
  CHECK(fill(table, "other.example", most) == share);
  CHECK(table.find_or_add("s1._domainkey.good.example").added != nullptr);
  CHECK(table.find_or_add("example").added != nullptr);
}

TEST_CASE("a domain whose questions have been answered may ask again") {
  QuestionTable table(64);
  std::vector<QuestionTable::Question*> questions;
  for (std::size_t i = 0; i < 32; ++i) {
    questions.push_back(table.find_or_add("n" + std::to_string(i) + ".dead.example").added);
  }
  REQUIRE(table.find_or_add("more.dead.example").added == nullptr);
  for (const auto* question : questions) {
    table.end(*question, milterd::no_records(TxtAnswer::Status::temporary, "slow"), 60s);
  }
  CHECK(table.find_or_add("more.dead.example").added != nullptr);
}

TEST_CASE("an answer is known as long as its time to live, a failure is not") {
  using Status = TxtAnswer::Status;
  struct Case {
    Status status;
    std::chrono::seconds ttl;
    bool is_kept;
  };
  for (const Case& c : {Case{Status::found, 60s, true}, Case{Status::none, 60s, true},
                        Case{Status::found, 0s, false}, Case{Status::temporary, 60s, false},
                        Case{Status::bogus, 60s, false}}) {
    QuestionTable table(8);
    table.end(*table.find_or_add("s1.example").added, milterd::no_records(c.status, ""), c.ttl);
    const auto place = table.find_or_add("S1.example.");
    CHECK((place.known != nullptr) == c.is_kept);
    CHECK((place.added != nullptr) != c.is_kept);
  }
}
